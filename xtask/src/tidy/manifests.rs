//! What every crate's `Cargo.toml` must say. Who may import whom is the business of `floors.rs`.

use super::{Report, Tree};

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    for (path, text) in tree.texts_ending("/Cargo.toml") {
        check_versions(report, path, text);
        check_test_programs(tree, report, path, text);
    }
}

/// One version of a library for all of us: the root says which.
fn check_versions(report: &mut Report, path: &str, text: &str) {
    for Dependency { name, line, shared, .. } in dependencies(text) {
        report.count();
        if !shared {
            report.fail(
                path,
                Some(line),
                format!("{name} has a version of its own"),
                "write the version in the root Cargo.toml and `workspace = true` here",
            );
        }
    }
}

/// Cargo makes a program of every file in `tests/`. Where `main.rs` names the others they would all be
/// built, linked and run a second time.
fn check_test_programs(tree: &Tree, report: &mut Report, path: &str, manifest: &str) {
    let folder = format!("{}tests/", path.trim_end_matches("Cargo.toml"));
    let has_main = tree.has(&format!("{folder}main.rs"));
    let others = tree.paths().filter_map(|file| file.strip_prefix(&folder));
    let has_others = others.filter(|file| file.ends_with(".rs") && !file.contains('/')).count() > 1;
    if has_main && has_others {
        report.count();
        if !manifest.contains("autotests = false") {
            report.fail(
                path,
                None,
                "every file in tests/ is a program of its own, and main.rs names them again",
                "write `autotests = false` under [package] and \
                 `[[test]] name = \"main\" path = \"tests/main.rs\"`",
            );
        }
    }
}

/// One line under some `[…dependencies]`.
pub struct Dependency {
    pub name: String,
    pub line: usize,
    /// Under `[dev-dependencies]`.
    pub for_tests: bool,
    /// Its version stands in the root.
    shared: bool,
}

/// Every dependency of a manifest.
pub fn dependencies(text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut table = "";
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            table = line.trim_matches(['[', ']']);
            continue;
        }
        let of_interest = table == "dependencies" || table.ends_with("-dependencies");
        let Some((name, value)) = line.split_once('=') else { continue };
        if !of_interest || line.starts_with('#') || table.starts_with("workspace") {
            continue;
        }
        let name = name.trim().trim_matches('"');
        let (name, shared) = match name.split_once('.') {
            Some((name, "workspace")) => (name, value.trim() == "true"),
            Some((name, _)) => (name, false),
            None => (name, value.contains("workspace = true")),
        };
        let for_tests = table == "dev-dependencies";
        found.push(Dependency { name: name.to_owned(), line: index + 1, for_tests, shared });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_link_once() {
        let files = |manifest| {
            Tree::of(&[
                ("sync/Cargo.toml", manifest),
                ("sync/tests/main.rs", ""),
                ("sync/tests/a.rs", ""),
            ])
        };
        for (manifest, expected) in [("[package]\n", 1), ("[package]\nautotests = false\n", 0)] {
            let mut report = Report::default();
            check(&files(manifest), &mut report);
            assert_eq!(report.failures.len(), expected, "{manifest}");
        }
    }

    #[test]
    fn a_version_outside_the_root_is_refused() {
        let manifest =
            "[dependencies]\nserde = \"1\"\ncsv.workspace = true\nx = { workspace = true }\n";
        let mut report = Report::default();
        check(&Tree::of(&[("features/areas/Cargo.toml", manifest)]), &mut report);
        let said: Vec<&str> = report.failures.iter().map(|found| found.what.as_str()).collect();
        assert_eq!(said, ["serde has a version of its own"]);
    }
}
