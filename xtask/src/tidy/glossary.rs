//! Every noun that leaves its house is a noun of the glossary: what other crates, and newcomers, meet.

use super::rooms::room_of;
use super::rust_source::{RustSource, places_of, skip_space, word_at};
use super::tree::{feature_of, line_at};
use super::{Report, Tree};

const GLOSSARY: &str = "GLOSSARY.md";

/// The rule: every `pub struct` and `pub enum` of a model that the front door shows (`pub use`) stands
/// in the glossary in backticks. The id of a noun (`VillageId`) needs no line of its own.
pub fn check(tree: &Tree, report: &mut Report) {
    let glossary = tree.text(GLOSSARY).unwrap_or_default();
    let listed = |name: &str| glossary.contains(&format!("`{name}`"));
    for feature in tree.features() {
        let door = tree.text(&format!("features/{feature}/src/lib.rs")).unwrap_or_default();
        let shown = shown_names(&RustSource::read(door).code);
        for (path, text) in tree.texts_ending(".rs") {
            let Some((_, inside)) = feature_of(path).filter(|(owner, _)| *owner == feature) else {
                continue;
            };
            if room_of(inside) != Some("model") {
                continue;
            }
            let source = RustSource::read(text);
            for (offset, name) in nouns(&source.code) {
                report.count();
                let noun = name.strip_suffix("Id").filter(|noun| !noun.is_empty());
                let known = listed(name) || noun.is_some_and(listed);
                if shown.iter().any(|shown| shown == name) && !known {
                    report.fail(
                        path,
                        Some(line_at(&source.code, offset)),
                        format!("{name} is not in {GLOSSARY}"),
                        format!(
                            "add a line: Vietnamese words, `{name}`, one sentence; or take it out of \
                             the front door if nobody outside needs the word"
                        ),
                    );
                }
            }
        }
    }
}

/// Every word in the `pub use …;` of a front door.
fn shown_names(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for start in places_of(code, "pub") {
        let next = skip_space(code, start + "pub".len());
        if word_at(code, next) == "use" {
            let rest = &code[next..];
            let statement = rest.split_once(';').map_or(rest, |(statement, _)| statement);
            let words = statement.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            names.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    names
}

/// Every name declared by `pub struct` or `pub enum`, with its place.
fn nouns(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for start in places_of(code, "pub") {
        let kind_at = skip_space(code, start + "pub".len());
        let kind = word_at(code, kind_at);
        if kind == "struct" || kind == "enum" {
            let name_at = skip_space(code, kind_at + kind.len());
            let name = word_at(code, name_at);
            // `pub struct $name` inside a macro names nothing yet.
            if !name.is_empty() {
                found.push((start, name));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noun_that_leaves_its_house_without_a_line_in_the_glossary_is_found() {
        let model = "pub struct Village; pub struct VillageId(u8); pub struct Inner; pub struct $name;\n\
                     pub enum Hamlet {}\n// pub struct Ghost;";
        let tree = Tree::of(&[
            ("GLOSSARY.md", "| thôn, bản | `Village` | A settlement. |"),
            (
                "features/areas/src/lib.rs",
                "pub use model::{Village, VillageId,\n village::Hamlet};\nuse model::Inner;",
            ),
            ("features/areas/src/model/village.rs", model),
            ("features/areas/src/actions.rs", "pub struct Hamlet;"),
        ]);
        let mut report = Report::default();
        report.begin("glossary");
        check(&tree, &mut report);
        let said: Vec<&str> = report.failures.iter().map(|found| found.what.as_str()).collect();
        assert_eq!(said, ["Hamlet is not in GLOSSARY.md"]);
        assert_eq!(report.failures[0].line, Some(2));
        assert_eq!(report.checked, [("glossary", 4)]);
    }
}
