//! Paths and links in the documents exist: prose that no machine reads rots. Decisions
//! (`docs/adr`) and the changelog tell of their own day and are left alone.

use super::{Report, Tree};

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    for (path, text) in tree.texts_ending(".md") {
        if path.starts_with("docs/adr/") || path.ends_with("CHANGELOG.md") {
            continue;
        }
        for (index, line) in prose(text) {
            for words in between(line, '`', '`') {
                check_path(tree, report, path, index + 1, words);
            }
            for target in links(line) {
                check_link(tree, report, path, index + 1, target);
            }
        }
    }
    check_house_readmes(tree, report);
}

/// Every line outside fenced blocks: those show commands and trees, not claims.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

fn between(line: &str, open: char, close: char) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once(open) {
        let Some((inside, next)) = after.split_once(close) else { break };
        found.push(inside);
        rest = next;
    }
    found
}

fn links(line: &str) -> Vec<&str> {
    line.match_indices("](")
        .filter_map(|(at, _)| line[at + 2..].split_once(')').map(|(target, _)| target))
        .collect()
}

fn check_path(tree: &Tree, report: &mut Report, document: &str, line: usize, words: &str) {
    let Some(candidate) = path_in(tree, document, words) else { return };
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    for path in alternatives(&candidate) {
        report.count();
        // A document may also name what stands beside it, and a page as templates name each other.
        if !tree.has(&path) && !tree.has(&joined(folder, &path)) && !is_template(tree, &path) {
            report.fail(
                document,
                Some(line),
                format!("`{words}` does not exist"),
                "correct the path, or take the sentence out; a made-up path is written with <angle brackets>",
            );
        }
    }
}

/// Whether some feature has a template of this name: `areas/show.html`.
fn is_template(tree: &Tree, name: &str) -> bool {
    let ending = format!("/templates/{name}");
    name.ends_with(".html") && tree.paths().any(|path| path.ends_with(&ending))
}

/// The path a word in backticks means, from the root, or nothing if it is no path of ours.
/// Whatever follows a placeholder (`*`, `<x>`, `NNNN`, `…`) is cut off.
fn path_in(tree: &Tree, document: &str, words: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./{},*<>…:#".contains(c);
    if words.is_empty() || !words.chars().all(plain) || words.contains("::") {
        return None;
    }
    let words = words.split(['#', ':']).next().unwrap_or(words);
    let mut kept = Vec::new();
    for part in words.trim_end_matches('/').split('/') {
        let placeholder = part.contains(['*', '<', '…'])
            || part.contains("...")
            || part.split(['_', '-', '.']).any(|word| word.len() > 1 && is_capitals(word))
                && !is_known_capitals(part);
        if placeholder {
            break;
        }
        kept.push(part);
    }
    let first = *kept.first()?;
    let path = kept.join("/");
    if first.is_empty() || first == "." || first == ".." {
        return None;
    }
    let whole = words.contains('/');
    if whole && tree.has_folder(first) {
        return Some(path);
    }
    // In a crate's own README, `src/…` means the crate's.
    let (folder, _) = document.rsplit_once('/')?;
    let rooms = ["src", "migrations", "templates", "locales", "tests"];
    (whole && rooms.contains(&first) && tree.has(&format!("{folder}/Cargo.toml")))
        .then(|| format!("{folder}/{path}"))
}

fn is_capitals(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Files that are written in capitals by custom.
fn is_known_capitals(part: &str) -> bool {
    part.ends_with(".md") || part.starts_with("LICENSE")
}

/// `{vi,en}.ftl` means two files.
fn alternatives(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let Some((inside, after)) = rest.split_once('}') else { return vec![path.to_owned()] };
    inside
        .split(',')
        .flat_map(|one| alternatives(&format!("{before}{}{after}", one.trim())))
        .collect()
}

fn check_link(tree: &Tree, report: &mut Report, document: &str, line: usize, target: &str) {
    let target = target.split(['#', ' ']).next().unwrap_or_default();
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    if target.is_empty() || elsewhere {
        return;
    }
    report.count();
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    if !tree.has(&joined(folder, target)) {
        report.fail(
            document,
            Some(line),
            format!("the link {target} leads nowhere"),
            "links are relative to the document they stand in",
        );
    }
}

fn joined(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Every house has a page that says what it is for.
fn check_house_readmes(tree: &Tree, report: &mut Report) {
    for feature in tree.features() {
        report.count();
        let page = format!("features/{feature}/README.md");
        if !tree.has(&page) {
            report.fail(
                &page,
                None,
                "the house has no README",
                "one page: purpose, words, numbered rules, pages, permissions, what syncs",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(document: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            (document, text),
            ("kernel/src/ids.rs", ""),
            ("docs/guide/start.md", ""),
            ("features/areas/README.md", ""),
            ("features/areas/Cargo.toml", ""),
            ("features/areas/src/lib.rs", ""),
            ("features/areas/locales/vi.ftl", ""),
            ("features/areas/locales/en.ftl", ""),
            ("features/areas/migrations/0001_a.sql", ""),
            ("kernel/templates/kernel/layout.html", ""),
        ]);
        let mut report = Report::default();
        check(&tree, &mut report);
        report.failures.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn paths_that_exist_and_words_that_are_no_paths_pass() {
        for words in [
            "`kernel/src/ids.rs`",
            "`kernel/src/`",
            "`features/*/src/lib.rs`",
            "`kernel/src/ids.rs:12`",
            "`features/areas/locales/{vi,en}.ftl`",
            "`features/areas/migrations/NNNN_name.sql`",
            "`text/html`",
            "`/api/v1/areas`",
            "`cargo xtask test`",
            "`kernel::db`",
            "`a/b`",
            "`features/<name>/x.rs`",
            "[start](docs/guide/start.md#top)",
            "[x](https://example.org/a)",
            "```\nkernel/none.rs `kernel/none.rs`\n```",
            "[areas](features/areas/)",
            "`kernel/layout.html`",
        ] {
            assert_eq!(failures("README.md", words), Vec::<String>::new(), "{words}");
        }
    }

    #[test]
    fn paths_that_do_not_exist_are_found() {
        for words in [
            "`kernel/src/id.rs`",
            "see `features/areas/locales/{vi,km}.ftl` there",
            "`features/reach/*`",
            "[start](docs/guide/end.md)",
        ] {
            assert_eq!(failures("ARCHITECTURE.md", words).len(), 1, "{words}");
        }
        assert_eq!(failures("docs/guide/more.md", "[x](../../kernel/none)").len(), 1);
        assert!(failures("docs/adr/0001-x.md", "`kernel/src/gone.rs`").is_empty());
    }

    #[test]
    fn a_house_page_may_speak_of_its_own_rooms() {
        let own = "features/areas/README.md";
        let tree = |text| {
            Tree::of(&[
                (own, text),
                ("features/areas/Cargo.toml", ""),
                ("features/areas/src/lib.rs", ""),
            ])
        };
        for (text, expected) in [("`src/lib.rs`", 0), ("`src/gone.rs`", 1)] {
            let mut report = Report::default();
            check(&tree(text), &mut report);
            assert_eq!(report.failures.len(), expected, "{text}");
        }
    }

    #[test]
    fn a_house_without_a_page_is_found() {
        let mut report = Report::default();
        check(&Tree::of(&[("features/reach/src/lib.rs", "")]), &mut report);
        assert_eq!(report.failures.len(), 1);
    }
}
