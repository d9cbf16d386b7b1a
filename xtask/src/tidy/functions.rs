//! How long a function may be: from the line of its `fn` to its closing brace.

use super::rust_source::{RustSource, places_of, skip_space, word_at};
use super::tree::line_at;
use super::{Report, Tree};

/// A function fits on a screen (lines).
const COMFORTABLE_LINES: usize = 70;
/// Beyond this a written reason is demanded (lines).
const MAX_LINES: usize = 120;
/// How the reason begins, on a line of its own above the function.
const REASON: &str = "// Long because ";

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    for (path, text) in tree.texts_ending(".rs") {
        let source = RustSource::read(text);
        for function in functions(&source.code) {
            report.count();
            if function.lines <= COMFORTABLE_LINES || has_reason(text, function.first_line) {
                continue;
            }
            let what = format!("the function {} has {} lines", function.name, function.lines);
            let line = Some(function.first_line);
            let instead = format!("split it at its steps, or write `{REASON}…` above it");
            if function.lines > MAX_LINES {
                report.fail(path, line, what, instead);
            } else {
                report.warn(path, line, what, instead);
            }
        }
    }
}

struct Function {
    name: String,
    first_line: usize,
    lines: usize,
}

fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for start in places_of(code, "fn") {
        let name = word_at(code, skip_space(code, start + 2));
        // `fn(u8) -> u8` is a type and `fn f();` has no body.
        let Some((open, close)) = body(code, start).filter(|_| !name.is_empty()) else { continue };
        let first_line = line_at(code, start);
        let last_line = first_line + code[start..close].matches('\n').count();
        debug_assert!(open < close);
        found.push(Function {
            name: name.to_owned(),
            first_line,
            lines: last_line - first_line + 1,
        });
    }
    found
}

/// Where the body of the function at `start` opens and closes.
fn body(code: &str, start: usize) -> Option<(usize, usize)> {
    let mut depth = 0_usize;
    for (offset, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.checked_sub(1)?,
            b';' if depth == 0 => return None,
            b'{' if depth == 0 => {
                return super::rust_source::closing(code, offset).map(|close| (offset, close));
            }
            _ => {}
        }
    }
    None
}

/// Whether the reason stands above the function, over its attributes and documentation.
fn has_reason(text: &str, first_line: usize) -> bool {
    let above: Vec<&str> = text.lines().take(first_line - 1).collect();
    above
        .iter()
        .rev()
        .map(|line| line.trim())
        .take_while(|line| line.starts_with("//") || line.starts_with("#["))
        .any(|line| line.starts_with(REASON))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(lines: usize, above: &str) -> (usize, usize) {
        let body = "    let brace = \"}\";\n".repeat(lines - 2);
        let text =
            format!("type F = fn(u8) -> u8;\n{above}async fn long() -> [u8; 2] {{\n{body}}}\n");
        let mut report = Report::default();
        check(&Tree::of(&[("a.rs", &text)]), &mut report);
        (report.warnings.len(), report.failures.len())
    }

    #[test]
    fn a_function_grows_from_comfortable_to_warned_to_refused() {
        assert_eq!(outcome(70, ""), (0, 0));
        assert_eq!(outcome(71, ""), (1, 0));
        assert_eq!(outcome(120, ""), (1, 0));
        assert_eq!(outcome(121, ""), (0, 1));
    }

    #[test]
    fn a_written_reason_is_accepted() {
        let reason = "// Long because the wire format is one table.\n/// Reads.\n#[inline]\n";
        assert_eq!(outcome(200, reason), (0, 0));
        assert_eq!(outcome(200, "/// Long because of nothing.\n"), (0, 1));
    }
}
