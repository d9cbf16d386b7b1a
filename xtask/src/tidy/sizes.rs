//! How long a file may be. Functions are measured in `functions.rs`.

use super::{Report, Tree};

/// A file is comfortable up to here (lines).
const COMFORTABLE_LINES: usize = 300;
/// A file is never longer than this (lines).
const MAX_LINES: usize = 500;

/// The rule, for Rust files.
pub fn check(tree: &Tree, report: &mut Report) {
    for (path, text) in tree.texts() {
        if !path.ends_with(".rs") {
            continue;
        }
        report.count();
        let lines = text.lines().count();
        let what = format!("{lines} lines");
        if lines > MAX_LINES {
            report.fail(
                path,
                None,
                what,
                format!(
                    "at most {MAX_LINES}: make it a folder of the same name, one file per noun"
                ),
            );
        } else if lines > COMFORTABLE_LINES {
            report.warn(
                path,
                None,
                what,
                format!("{COMFORTABLE_LINES} fit in one head: which noun could move out?"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_grows_from_comfortable_to_warned_to_refused() {
        for (lines, warnings, failures) in [(300, 0, 0), (301, 1, 0), (500, 1, 0), (501, 0, 1)] {
            let text = "x\n".repeat(lines);
            let mut report = Report::default();
            check(&Tree::of(&[("a.rs", &text), ("b.csv", &text)]), &mut report);
            assert_eq!((report.warnings.len(), report.failures.len()), (warnings, failures));
        }
    }
}
