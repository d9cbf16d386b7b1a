//! What the rules found, and how it is said. The rules themselves live beside this file.

use std::fmt::Write as _;

/// One place where a rule does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that speaks.
    pub rule: &'static str,
    /// The file, relative to the root.
    pub path: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is the matter.
    pub what: String,
    /// What to do instead.
    pub instead: String,
}

/// Everything that one pass over a tree found.
#[derive(Debug, Default)]
pub struct Report {
    /// What must be put right.
    pub failures: Vec<Finding>,
    /// What should be looked at.
    pub warnings: Vec<Finding>,
    /// Per rule, how many things were looked at. A rule that looked at nothing shows as 0.
    pub checked: Vec<(&'static str, usize)>,
}

impl Report {
    /// Opens the account of the next rule.
    pub fn begin(&mut self, rule: &'static str) {
        self.checked.push((rule, 0));
    }

    /// One more thing was looked at by the current rule.
    pub fn count(&mut self) {
        if let Some((_, number)) = self.checked.last_mut() {
            *number += 1;
        }
    }

    /// Something must be put right.
    pub fn fail(
        &mut self,
        path: &str,
        line: Option<usize>,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) {
        let finding = self.finding(path, line, what.into(), instead.into());
        self.failures.push(finding);
    }

    /// Something should be looked at.
    pub fn warn(
        &mut self,
        path: &str,
        line: Option<usize>,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) {
        let finding = self.finding(path, line, what.into(), instead.into());
        self.warnings.push(finding);
    }

    fn finding(&self, path: &str, line: Option<usize>, what: String, instead: String) -> Finding {
        let rule = self.checked.last().map_or("tidy", |(rule, _)| rule);
        Finding { rule, path: path.to_owned(), line, what, instead }
    }

    /// The report as it is printed: findings by rule, then one line of totals.
    pub fn in_words(&self, with_warnings: bool) -> String {
        let mut text = String::new();
        let warnings = if with_warnings { self.warnings.as_slice() } else { &[] };
        for (word, findings) in [("warning", warnings), ("tidy", self.failures.as_slice())] {
            for finding in findings {
                let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
                let _ = writeln!(
                    text,
                    "{word}[{}] {}{line}: {}\n    {}",
                    finding.rule, finding.path, finding.what, finding.instead
                );
            }
        }
        let counts: Vec<String> =
            self.checked.iter().map(|(rule, number)| format!("{rule} {number}")).collect();
        let total: usize = self.checked.iter().map(|(_, number)| number).sum();
        let _ = writeln!(
            text,
            "tidy: {total} things checked ({}); {} to put right, {} warnings",
            counts.join(", "),
            self.failures.len(),
            self.warnings.len()
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_what_instead() {
        let mut report = Report::default();
        report.begin("headers");
        report.count();
        report.fail("kernel/src/ids.rs", Some(1), "no header", "open with //!");
        let words = report.in_words(true);
        assert!(words.contains("tidy[headers] kernel/src/ids.rs:1: no header\n    open with //!"));
        assert!(words.contains("1 things checked (headers 1); 1 to put right, 0 warnings"));
    }
}
