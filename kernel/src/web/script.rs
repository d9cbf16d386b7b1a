//! Scripts as they travel: without comments and indentation, which are a third of them on the wire. What a script does
//! stands with its feature.

/// A script without its comments and indentation. It relies on how ours are written: `/**` opens comments only, `//` at
/// the start of a line too, and no text runs over several lines.
pub fn bare_script(script: &str) -> String {
    let mut code = String::with_capacity(script.len());
    let mut rest = script;
    while let Some((before, after)) = rest.split_once("/**") {
        code.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, behind)| behind);
    }
    code.push_str(rest);
    let lines =
        code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(String::new(), |all, line| all + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_stay_at_home() {
        let script = "/** What. */\nconst a = /** @type {any} */ (1);\n\n// Why.\n  go(\"//x\");\n";
        assert_eq!(bare_script(script), "const a =  (1);\ngo(\"//x\");\n");
        let ours = bare_script(include_str!("../../assets/nhipcau.js"));
        assert!(
            !ours.contains("/*") && ours.lines().all(|line| line.matches('`').count() % 2 == 0)
        );
    }
}
