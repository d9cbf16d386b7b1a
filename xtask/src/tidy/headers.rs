//! What a file is called and how it opens.

use super::{Report, Tree};

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 12] = [
    "utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "stuff",
    "shared", "other", "extra",
];

/// Every Rust file opens with `//!`.
pub fn check_headers(tree: &Tree, report: &mut Report) {
    for (path, text) in tree.texts_ending(".rs") {
        report.count();
        let sentence = text.lines().next().and_then(|line| line.strip_prefix("//!"));
        if sentence.is_none_or(|words| words.trim().is_empty()) {
            report.fail(
                path,
                Some(1),
                "the file does not open with //!",
                "say in one to five lines what lives here, and what deliberately does not",
            );
        }
    }
}

/// No file or folder has a name that says nothing, or a number for a name.
pub fn check_names(tree: &Tree, report: &mut Report) {
    for path in tree.paths() {
        report.count();
        for part in path.split('/') {
            let stem = part.split_once('.').map_or(part, |(stem, _)| stem).to_ascii_lowercase();
            let last = stem.rsplit(['_', '-']).next().unwrap_or(&stem);
            if EMPTY_NAMES.contains(&stem.as_str())
                || ["utils", "util", "helpers", "helper", "manager", "misc"].contains(&last)
            {
                report.fail(
                    path,
                    None,
                    format!("the name {part} says nothing"),
                    "name it after the noun inside; if it holds several things, put each where it is used",
                );
            }
        }
        if let Some(room) = second_room(path) {
            report.fail(
                path,
                None,
                format!("{room} is a room with a number"),
                "make the room a folder of the same name, with one file per noun",
            );
        }
    }
}

/// `store2.rs` instead of `store/songs.rs`.
fn second_room(path: &str) -> Option<&str> {
    let file = path.rsplit('/').next()?;
    let stem = file.strip_suffix(".rs")?;
    let letters = stem.trim_end_matches(|character: char| character.is_ascii_digit());
    let rooms = ["model", "store", "actions", "pages", "api", "records", "jobs"];
    (letters != stem && rooms.contains(&letters.trim_end_matches('_'))).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(rule: fn(&Tree, &mut Report), path: &str, text: &str) -> usize {
        let mut report = Report::default();
        rule(&Tree::of(&[(path, text)]), &mut report);
        report.failures.len()
    }

    #[test]
    fn a_file_opens_with_a_sentence() {
        assert_eq!(failures(check_headers, "a.rs", "//! What lives here.\n"), 0);
        for text in ["", "//!\n", "use x;\n//! Late.", "/// Not this one."] {
            assert_eq!(failures(check_headers, "a.rs", text), 1, "{text}");
        }
    }

    #[test]
    fn empty_names_are_refused_in_files_and_folders() {
        for path in
            ["a/utils.rs", "a/common/mod.rs", "a/date_helpers.rs", "a/manager.html", "a/store2.rs"]
        {
            assert_eq!(failures(check_names, path, ""), 1, "{path}");
        }
        for path in ["a/commune.rs", "a/management.rs", "features/areas/src/store.rs", "a/utf8.rs"]
        {
            assert_eq!(failures(check_names, path, ""), 0, "{path}");
        }
    }
}
