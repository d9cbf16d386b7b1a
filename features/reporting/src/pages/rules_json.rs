//! What the page for entry brings along for its script, as JSON in `<script type="application/json">`: the checks
//! as programs (`#rules`), and every sentence that the script may have to say (`#entry-words`).
//!
//! `#rules` is `{"rules": [{"code", "severity", "message", "cells", "program"?, "numbers"?}], "previous": {cell:
//! number}, "held": {cell: number}}`. A rule without a program asks whether anything stands in its cells. Numbers
//! in a message stand in braces; `numbers` says how each is computed and with how many decimals. Figures are
//! `"5"` or `"5/2"`, in their elements' units; `held` serves for cells that the page does not show.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::{
    CellKey, CellState, DataElement, ElementId,
    form::Severity,
    formula::Rational,
    rule::{Arg, Check, Checks},
};

/// Says the words of a key in the reader's language: `Visit::say`.
pub type Say<'a> = &'a dyn Fn(&str, &[(&str, String)]) -> String;

/// The checks of a report, for `<script type="application/json" id="rules">`. `now` and `before` are what stands in
/// the report's cells and stood in them one period earlier.
pub fn rules_json<'a>(
    checks: &Checks,
    elements: &BTreeMap<ElementId, DataElement>,
    now: impl IntoIterator<Item = (&'a CellKey, &'a CellState)>,
    before: impl IntoIterator<Item = (&'a CellKey, &'a CellState)>,
    say: Say<'_>,
) -> String {
    let rules: Vec<Value> = checks.all.iter().map(|check| rule(check, say)).collect();
    let (now, before) = (figures(now, elements), figures(before, elements));
    inert(&json!({ "rules": rules, "previous": before, "held": now }))
}

/// As programs read them; without those that nobody knows.
fn figures<'a>(
    all: impl IntoIterator<Item = (&'a CellKey, &'a CellState)>,
    elements: &BTreeMap<ElementId, DataElement>,
) -> BTreeMap<String, String> {
    let told = |(key, state): (&CellKey, &CellState)| {
        let decimals = elements.get(&key.element).map_or(0, |element| element.decimals);
        Some((key.text(), Rational::scaled(state.amount()?, decimals)?.to_string()))
    };
    all.into_iter().filter_map(told).collect()
}

fn rule(check: &Check, say: Say<'_>) -> Value {
    let mut numbers = Map::new();
    let mut args = Vec::with_capacity(check.args.len());
    for (name, arg) in &check.args {
        match arg {
            Arg::Text(text) => args.push((*name, text.clone())),
            Arg::Number(formula, decimals) => {
                let number = json!({ "program": formula.compile(), "decimals": decimals });
                numbers.insert((*name).to_owned(), number);
                args.push((*name, format!("{{{name}}}")));
            }
        }
    }
    let mut rule = json!({
        "code": check.code,
        "severity": match check.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": say(check.words, &args),
        "cells": check.cells.iter().map(CellKey::text).collect::<Vec<_>>(),
    });
    if let Some(program) = check.program() {
        rule["program"] = json!(program);
    }
    if !numbers.is_empty() {
        rule["numbers"] = Value::Object(numbers);
    }
    rule
}

/// Sentences of the script: their keys and what they take.
const WORDS: &[(&str, &[&str])] = &[
    ("reporting-amount-empty", &["text"]),
    ("reporting-amount-not-number", &["text"]),
    ("reporting-amount-ambiguous", &["text", "one", "other"]),
    ("reporting-amount-foreign", &["text", "one"]),
    ("reporting-amount-whole", &["text"]),
    ("reporting-amount-whole-or-thousands", &["text", "other"]),
    ("reporting-amount-decimals", &["text", "decimals"]),
    ("reporting-amount-decimals-or-thousands", &["text", "decimals", "other"]),
    ("reporting-amount-too-fine", &["text", "unit", "decimals"]),
    ("reporting-amount-too-large", &["text"]),
    ("reporting-amount-other-unit", &["text", "unit", "typed"]),
    ("reporting-amount-magnitude", &["text", "unit"]),
    ("reporting-amount-words", &["text", "unit"]),
    ("reporting-amount-formula", &["text"]),
    ("reporting-amount-date", &["text"]),
    ("reporting-amount-range", &["text"]),
    ("reporting-amount-nil", &["text"]),
    ("reporting-amount-no-data", &["text"]),
    ("reporting-formula-zero-below", &["below"]),
    ("reporting-formula-too-large", &[]),
    ("reporting-script-away", &["count", "since"]),
    ("reporting-script-waiting", &["count", "since"]),
    ("reporting-script-memory", &["count"]),
    ("reporting-script-saved", &["time"]),
    ("reporting-script-sign-in", &["count", "since"]),
    ("reporting-script-sign-in-link", &[]),
    ("reporting-script-other", &["count"]),
    ("reporting-script-refused", &["count", "problem"]),
    ("reporting-script-state-saved", &[]),
    ("reporting-script-state-unsent", &[]),
    ("reporting-script-state-wrong", &[]),
    ("reporting-script-state-doubt", &[]),
    ("reporting-script-state-conflict", &[]),
    ("reporting-script-conflict", &["by", "theirs", "mine"]),
    ("reporting-script-conflict-link", &[]),
    ("reporting-script-stale-by", &["by", "when"]),
    ("reporting-script-keep-own", &[]),
    ("reporting-script-take-saved", &[]),
    ("reporting-script-undecided", &["count"]),
    ("reporting-script-keep-mine", &["mine"]),
    ("reporting-script-keep-theirs", &["theirs"]),
    ("reporting-script-errors", &["count"]),
    ("reporting-script-warnings", &["count"]),
    ("reporting-script-required", &["count"]),
    ("reporting-script-more", &["count"]),
    ("reporting-script-selected", &["rows", "columns"]),
    ("reporting-script-pasted", &["count"]),
    ("reporting-script-left-over", &["count", "list"]),
    ("reporting-script-read-plain", &[]),
    ("reporting-script-undo", &["count"]),
    ("reporting-script-redo", &["count"]),
];

/// Every sentence that the script may have to say, for `<script type="application/json" id="entry-words">`; what it
/// puts in stands in braces.
pub fn words_json(say: Say<'_>) -> String {
    let words: BTreeMap<&str, String> = WORDS
        .iter()
        .map(|(key, names)| {
            let blanks: Vec<_> = names.iter().map(|name| (*name, format!("{{{name}}}"))).collect();
            (*key, say(key, &blanks))
        })
        .collect();
    inert(&json!(words))
}

/// JSON that no HTML parser takes for markup: a title may hold `</script>`.
fn inert(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use kernel::locale::{Lang, Words};

    use super::*;
    use crate::model::formula::Formula;

    #[test]
    fn every_sentence_of_the_script_has_words_with_their_blanks_in_both_languages() {
        let words = Words::load(crate::module().locales).unwrap();
        for lang in Lang::ALL {
            let told = words_json(&|key, args| words.say(lang, key, args).into_owned());
            let told: BTreeMap<String, String> = serde_json::from_str(&told).unwrap();
            for (key, names) in WORDS {
                assert!(!told[*key].contains(['⟦', '$']), "{key}: {}", told[*key]);
                let blank = |name: &&&str| told[*key].contains(&format!("{{{name}}}"));
                let amount = key.starts_with("reporting-amount-");
                assert!(amount || names.iter().all(|name| blank(&name)), "{key}: {}", told[*key]);
            }
        }
    }

    #[test]
    fn the_script_says_nothing_that_the_page_does_not_bring() {
        let sources = [include_str!("../../assets/entry.js"), include_str!("../../assets/grid.js")];
        let known =
            |key: &str| WORDS.iter().any(|(known, _)| *known == format!("reporting-script-{key}"));
        for call in sources.iter().flat_map(|source| source.split("say(\"").skip(1)) {
            let key = call.split('"').next().unwrap();
            assert!(known(key), "{key}");
        }
        let amounts = include_str!("../../assets/amount.js").split("new Wrong(\"").skip(1);
        for key in amounts.map(|call| call.split('"').next().unwrap()) {
            let key = format!("reporting-amount-{key}");
            assert!(WORDS.iter().any(|(known, _)| *known == key), "{key}");
        }
    }

    #[test]
    fn a_rule_travels_with_its_program_and_no_markup() {
        let formula = Formula::parse("[10.6{gt=nu}] <= [10.6]").unwrap();
        let key = |text: &str| CellKey::parse(text).unwrap();
        let number = Arg::Number(Formula::parse("[10.6]").unwrap(), 0);
        let check = Check {
            code: "nu".to_owned(),
            severity: Severity::Error,
            words: "x",
            args: vec![("message", Arg::Text("</script> lớn hơn".to_owned())), ("total", number)],
            cells: vec![key("10.6:gt=nu"), key("10.6")],
            formula: Some(formula),
        };
        let checks = Checks { all: vec![check], broken: Vec::new() };
        let now = HashMap::from([
            (key("10.6"), CellState::Value(198)),
            (key("10.7"), CellState::NoData("?".to_owned())),
        ]);
        let told = rules_json(&checks, &BTreeMap::new(), &now, &HashMap::new(), &|_, args| {
            args.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
        });
        assert!(!told.contains('<'));
        let told: Value = serde_json::from_str(&told).unwrap();
        let rule = &told["rules"][0];
        assert_eq!(rule["message"], "</script> lớn hơn {total}");
        assert_eq!(rule["cells"], json!(["10.6:gt=nu", "10.6"]));
        assert_eq!(
            rule["program"]["inputs"],
            json!([{ "cell": "10.6" }, { "cell": "10.6:gt=nu" }])
        );
        assert_eq!(rule["numbers"]["total"]["decimals"], 0);
        assert_eq!(told["held"], json!({ "10.6": "198" }));
    }
}
