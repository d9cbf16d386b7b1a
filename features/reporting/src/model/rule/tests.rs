//! Checks as the person who types meets them.

use serde_json::json;

use super::*;
use crate::model::{formula::Measure, ids::IndicatorId};

struct NoUnits;

impl Units for NoUnits {
    fn element(&self, id: &ElementId) -> Option<Measure> {
        Some(Measure::of(if id.as_str() == "9.9" { "money" } else { "person" }, Rational::ONE))
    }

    fn indicator(&self, _: &IndicatorId) -> Option<Measure> {
        None
    }
}

fn element(code: &str, dimensions: &[&str]) -> (ElementId, DataElement) {
    let it: DataElement = serde_json::from_value(json!({
        "code": code, "name": format!("Số {code}"), "unit": "nguoi", "law": Law::Additive.code(),
        "dimensions": dimensions, "mark": "derived",
    }))
    .unwrap();
    (it.code.clone(), it)
}

fn dimension(code: &str, partition: bool, options: &[&str]) -> (String, Dimension) {
    let options: Vec<_> = options.iter().map(|code| json!({"code": code, "name": code})).collect();
    let it = json!({"code": code, "name": code, "sensitive": false, "partition": partition, "options": options});
    (code.to_owned(), serde_json::from_value(it).unwrap())
}

fn key(text: &str) -> CellKey {
    CellKey::parse(text).unwrap()
}

/// Rule and words of what does not hold. The form asks for 1.1 with nam, nu and for 1.2; nn may be added.
fn told(
    now: &[(&str, CellState)],
    before: &[(&str, i64)],
    rules: &[&str],
) -> Vec<(String, Vec<String>)> {
    let rules: Vec<_> = rules
        .iter()
        .enumerate()
        .map(|(at, check)| json!({"code": format!("r{at}"), "check": check, "message": "sai", "severity": "error"}))
        .collect();
    let form: Form = serde_json::from_value(json!({
        "dataset": "bm-01", "version": 1, "title": "Biểu", "rules": rules,
        "sections": [{"code": "a", "title": "Phần A", "body": {
            "kind": "table", "details": ["nn"],
            "columns": [{"title": "Tổng"}, {"title": "Nam", "coords": "gt=nam"}, {"title": "Nữ", "coords": "gt=nu"}],
            "rows": [{"element": "1.1"}, {"element": "1.2", "without": [1, 2], "required": true}],
        }}],
    }))
    .unwrap();
    let elements = BTreeMap::from([element("1.1", &["gt", "nn"]), element("1.2", &[])]);
    let dimensions = BTreeMap::from([
        dimension("gt", true, &["nam", "nu"]),
        dimension("nn", false, &["tay", "viet"]),
    ]);
    let now: BTreeMap<CellKey, CellState> =
        now.iter().map(|(at, state)| (key(at), state.clone())).collect();
    let before = before.iter().map(|(at, amount)| (key(at), CellState::Value(*amount))).collect();
    let usual = Typical {
        low: 0,
        high: 500,
        middle_twice: 200,
        basis: super::super::outlier::Basis::Recent(4),
    };
    let basis = Basis {
        form: &form,
        elements: &elements,
        dimensions: &dimensions,
        units: &NoUnits,
        typical: &BTreeMap::from([(key("1.2"), usual)]),
        jump: Jump::default(),
    };
    let checks = Checks::of(&basis, &now.keys().cloned().collect());
    let figures = Figures { elements: &elements, now: &now, before: &before };
    let broken = checks.broken.iter().map(|(code, why)| (format!("{code} {why:?}"), Vec::new()));
    let verdicts = checks.judge(&figures).into_iter().map(|one| {
        (
            one.rule,
            one.cells
                .iter()
                .map(CellKey::text)
                .chain(one.args.into_iter().map(|(_, told)| told))
                .collect(),
        )
    });
    broken.chain(verdicts).collect()
}

fn value(amount: i64) -> CellState {
    CellState::Value(amount)
}

fn names(told: &[(String, Vec<String>)]) -> Vec<&str> {
    told.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_sound_report_hears_nothing() {
    let now = [
        ("1.1", value(30)),
        ("1.1:gt=nam", value(10)),
        ("1.1:gt=nu", value(20)),
        ("1.2", value(7)),
    ];
    assert_eq!(told(&now, &[("1.1", 25), ("1.2", 5)], &["[1.2] <= [1.1]"]), []);
}

#[test]
fn men_and_women_make_the_total_when_both_are_filled_in() {
    let both = [
        ("1.1", value(1_030)),
        ("1.1:gt=nam", value(1_010)),
        ("1.1:gt=nu", value(10)),
        ("1.2", value(1)),
    ];
    let found = told(&both, &[], &[]);
    let expected = ["1.1", "1.1:gt=nam", "1.1:gt=nu", "Số 1.1", "gt", "1.020", "1.030"];
    assert_eq!(found, [("parts".to_owned(), expected.map(str::to_owned).to_vec())]);
    let one = [("1.1", value(30)), ("1.1:gt=nam", value(10)), ("1.2", value(1))];
    assert_eq!(told(&one, &[], &[]), [], "women are still to come");
    let unknown = [
        ("1.1", value(30)),
        ("1.1:gt=nam", value(31)),
        ("1.1:gt=nu", CellState::NoData("?".into())),
        ("1.2", value(1)),
    ];
    assert_eq!(names(&told(&unknown, &[], &[])), ["parts"]);
    let nil = [
        ("1.1", value(30)),
        ("1.1:gt=nam", value(30)),
        ("1.1:gt=nu", CellState::Nil("không".into())),
        ("1.2", value(1)),
    ];
    assert_eq!(told(&nil, &[], &[]), [], "nil counts as zero");
}

#[test]
fn options_that_overlap_are_each_at_most_the_total() {
    let now = [
        ("1.1", value(30)),
        ("1.1:nn=tay", value(30)),
        ("1.1:nn=viet", value(31)),
        ("1.2", value(1)),
    ];
    let found = told(&now, &[], &[]);
    assert_eq!(names(&found), ["parts"]);
    assert_eq!(found[0].1[..2], ["1.1:nn=viet", "1.1"]);
}

#[test]
fn empty_rows_negatives_jumps_and_the_unusual_are_told_in_one_order() {
    assert_eq!(names(&told(&[("1.1", value(-1))], &[], &[])), ["required", "negative"]);
    assert_eq!(
        told(&[("1.2", CellState::NoData("mất sổ".into()))], &[], &[]),
        [],
        "a reason is an answer"
    );
    let now = [("1.1", value(100)), ("1.2", value(501))];
    let found = told(&now, &[("1.1", 33), ("1.2", 501)], &[]);
    assert_eq!(names(&found), ["jump", "typical"]);
    assert_eq!(found[0].1, ["1.1", "Số 1.1", "100", "33"]);
    assert_eq!(
        names(&told(&[("1.1", value(9)), ("1.2", value(1))], &[("1.1", 0)], &[])),
        [] as [&str; 0]
    );
    assert_eq!(
        names(&told(&[("1.1", value(0)), ("1.2", value(1))], &[("1.1", 40)], &[])),
        ["jump"]
    );
}

#[test]
fn a_check_names_the_part_that_it_is_about() {
    let now = [("1.1", value(100)), ("1.1:gt=nu", value(60)), ("1.2", value(1))];
    let found = told(&now, &[("1.1", 33), ("1.1:gt=nu", 12)], &[]);
    let named: Vec<&str> = found.iter().map(|(_, told)| told[1].as_str()).collect();
    assert_eq!(named, ["Số 1.1", "Số 1.1 – nu"]);
    let negative = told(&[("1.1:gt=nu,nn=tay", value(-1)), ("1.2", value(1))], &[], &[]);
    assert_eq!(negative[0].1[1], "Số 1.1 – nu · tay");
}

#[test]
fn what_was_the_same_figure_every_time_is_not_told_as_a_range() {
    let words = kernel::locale::Words::load(crate::module().locales).unwrap();
    let say = |low: i64, high: i64| {
        let basis = super::super::outlier::Basis::Recent(4);
        let usual = Typical { low, high, middle_twice: low + high, basis };
        let args = [
            ("low", low.to_string()),
            ("high", high.to_string()),
            ("span", usual.span().to_owned()),
            ("now", "5".to_owned()),
            ("count", usual.count().to_string()),
        ];
        words.say(kernel::locale::Lang::Vi, here(usual.words()), &args).into_owned()
    };
    assert_eq!(say(0, 0), "Trong 4 kỳ trước thường là 0, kỳ này là 5.");
    assert_eq!(say(0, 3), "Trong 4 kỳ trước thường từ 0 đến 3, kỳ này là 5.");
}

#[test]
fn what_asks_for_an_explanation_does_so_only_until_it_is_given() {
    let words = kernel::locale::Words::load(crate::module().locales).unwrap();
    for asking in ["reporting-check-jump", "reporting-typical-season", "reporting-typical-recent"] {
        let args = ["element", "now", "before", "low", "high", "span", "count"]
            .map(|name| (name, name.to_owned()));
        let say = |key| words.say(kernel::locale::Lang::Vi, key, &args).into_owned();
        assert!(say(asking).ends_with("Nếu đúng, đề nghị giải trình."));
        assert!(say(explained(asking)).ends_with("Đã giải trình."));
        let here = say(here(asking));
        assert!(!here.contains("giải trình") && !here.contains("element"), "{here}");
    }
    assert_eq!(explained("reporting-check-parts"), "reporting-check-parts");
}

#[test]
fn rules_of_the_form_are_judged_or_told_to_be_broken() {
    let now = [("1.1", value(3)), ("1.2", value(5))];
    assert_eq!(
        names(&told(&now, &[], &["[1.2] <= [1.1]", "[1.2] / ([1.1] - 3) > 1"])),
        ["r0", "r1"]
    );
    let broken = told(&now, &[], &["[1.2] <=", "[1.2] + 1", "[1.2] < [9.9]"]);
    for (name, why) in names(&broken).into_iter().zip(["Text", "NoTruth", "Units"]) {
        assert!(name.contains(why), "{name}");
    }
}
