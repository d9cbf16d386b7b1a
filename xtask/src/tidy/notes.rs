//! Notes left behind: a to-do has an owner and a date, and no file mentions the folders of one
//! person's machine.

use super::rust_source::{RustSource, is_word, places_of};
use super::tree::line_at;
use super::{Report, Tree};

/// First folders of paths that exist on one machine only.
const MACHINE_FOLDERS: [&str; 4] = ["root", "work", "home", "Users"];

/// Words that open a to-do note; written apart so that this file does not find itself.
const OPENINGS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    for (path, text) in tree.texts() {
        report.count();
        check_machine_paths(report, path, text);
        if path.ends_with(".rs") {
            for comment in RustSource::read(text).comments {
                check_note(report, path, line_at(text, comment.offset), &comment.text);
            }
        } else if [".sql", ".html", ".ftl", ".toml", ".js", ".css", ".sh"]
            .iter()
            .any(|ending| path.ends_with(ending))
        {
            for (index, line) in text.lines().enumerate() {
                check_note(report, path, index + 1, line);
            }
        }
    }
}

fn check_note(report: &mut Report, path: &str, line: usize, text: &str) {
    for opening in OPENINGS {
        for at in places_of(text, opening) {
            if !has_name_and_date(&text[at + opening.len()..]) {
                report.fail(
                    path,
                    Some(line),
                    format!("{opening} without a name and a date"),
                    format!("write `{opening}(mai, 2026-11-22): …`, or better, do it now"),
                );
            }
        }
    }
}

/// `(mai, 2026-11-22)`
fn has_name_and_date(after: &str) -> bool {
    let inside = after.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let Some((name, date)) = inside.and_then(|(inside, _)| inside.split_once(',')) else {
        return false;
    };
    let date = date.trim();
    let digits_at = |range: std::ops::Range<usize>| {
        date.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_date = date.len() == 10 && digits_at(0..4) && digits_at(5..7) && digits_at(8..10);
    !name.trim().is_empty() && is_date
}

fn check_machine_paths(report: &mut Report, path: &str, text: &str) {
    // Data files quote the world; a path in them is somebody else's text.
    if path.ends_with(".csv") || path.ends_with(".lock") {
        return;
    }
    for folder in MACHINE_FOLDERS {
        let needle = format!("/{folder}/");
        for (at, _) in text.match_indices(&needle) {
            let before = text[..at].bytes().next_back();
            // `features/x/work/` and `https://host/home/` go on from something; a root does not.
            let goes_on = before.is_some_and(|b| is_word(b) || b"./-}>)".contains(&b) || b >= 0x80);
            if !goes_on {
                report.fail(
                    path,
                    Some(line_at(text, at)),
                    format!("a path of one machine: {needle}…"),
                    "write it relative to the repository, or take it from an option",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(path: &str, text: &str) -> usize {
        let mut report = Report::default();
        check(&Tree::of(&[(path, text)]), &mut report);
        report.failures.len()
    }

    #[test]
    fn a_note_has_a_name_and_a_date() {
        for opening in OPENINGS {
            let good = format!("// {opening}(mai, 2026-11-22): measure again\n");
            assert_eq!(failures("a.rs", &good), 0, "{good}");
            for tail in [": later", "", "(mai): x", "(mai, soon): x", "(, 2026-11-22)"] {
                assert_eq!(failures("a.rs", &format!("// {opening}{tail}\n")), 1, "{tail}");
            }
            assert_eq!(failures("a.rs", &format!("let s = \"{opening}\";\n")), 0);
            assert_eq!(failures("a.sql", &format!("-- {opening}\n")), 1);
        }
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(failures("a.md", &format!("see `/{folder}/me/x`")), 1);
            assert_eq!(failures("a.md", &format!("https://example.org/{folder}/x")), 0);
            assert_eq!(failures("a.md", &format!("features/{folder}/x")), 0);
        }
    }
}
