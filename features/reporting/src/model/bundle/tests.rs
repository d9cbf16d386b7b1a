//! Bundles: what ships is one, every flaw is told where it is, and no text makes the checks fall.

use proptest::prelude::*;

use super::*;
use crate::{
    model::{
        Coords,
        form::{
            Bounds, ColumnKind, FixedTable, RowColumn, Rule, Section, SectionBody, Severity,
            TableColumn, TableRow,
        },
    },
    reference::{Reference, shipped},
};

impl Known for Reference {
    fn element(&self, code: &ElementId) -> Option<&DataElement> {
        Reference::element(self, code)
    }

    fn dimension(&self, code: &str) -> Option<&Dimension> {
        Reference::dimension(self, code)
    }

    fn dataset(&self, code: &DatasetId) -> Option<&Dataset> {
        Reference::dataset(self, code)
    }

    fn component(&self, code: &ProgrammeNodeId) -> bool {
        self.programmes.iter().any(|node| node.code == *code)
    }
}

fn bundle(code: &str) -> Bundle {
    let code = DatasetId::parse(code).unwrap();
    Bundle {
        dataset: shipped().dataset(&code).unwrap().clone(),
        form: shipped().form(&code).unwrap().clone(),
        elements: Vec::new(),
        dimensions: Vec::new(),
    }
}

fn flaws(bundle: &Bundle) -> Vec<(String, &'static str)> {
    bundle.problems(shipped()).into_iter().map(|flaw| (flaw.at, flaw.what)).collect()
}

fn table(bundle: &mut Bundle) -> &mut FixedTable {
    let found = bundle.form.sections.iter_mut().find_map(|section| match &mut section.body {
        SectionBody::Table(table) => Some(table),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn whatever_ships_has_no_flaw_but_deadlines_that_nobody_has_read() {
    for dataset in &shipped().datasets {
        let mut told = flaws(&bundle(dataset.code.as_str()));
        told.retain(|(_, what)| *what != "reporting-flaw-no-deadline");
        assert_eq!(told, [], "{}", dataset.code);
    }
}

#[test]
fn a_bundle_reads_back_as_it_was_written() {
    for dataset in &shipped().datasets {
        let mut one = bundle(dataset.code.as_str());
        one.elements = shipped().elements.clone();
        one.dimensions = shipped().dimensions.clone();
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Bundle>(&text).unwrap(), one);
    }
}

#[test]
fn every_flaw_says_where_it_is() {
    type Spoil = fn(&mut Bundle);
    let section = || bundle("diem-ho-tro").form.tables().next().unwrap().0.code.clone();
    let at = |rest: &str| format!("section/{}{rest}", section());
    let cases: Vec<(Spoil, String, &str)> = vec![
        (
            |b| b.dataset.code = DatasetId::parse("Bieu.1").unwrap(),
            "dataset".into(),
            "reporting-flaw-code",
        ),
        (|b| b.dataset.scheme = "quý".into(), "dataset".into(), "reporting-flaw-scheme"),
        (|b| b.dataset.title = " ".into(), "dataset".into(), "reporting-flaw-no-words"),
        (|b| b.dataset.deadlines.clear(), "dataset".into(), "reporting-flaw-no-deadline"),
        (
            |b| b.dataset.until = b.dataset.from.plus_days(-1),
            "dataset".into(),
            "reporting-flaw-days",
        ),
        (|b| b.dataset.areas = vec!["/us/1/".into()], "dataset".into(), "reporting-flaw-area"),
        (|b| b.dataset.scheme = "m".into(), "dataset".into(), "reporting-flaw-dataset-stays"),
        (|b| b.form.title.push_str(&"ả".repeat(600)), "form".into(), "reporting-flaw-long"),
        (|b| b.form.sections.clear(), "form".into(), "reporting-flaw-no-sections"),
        (
            |b| table(b).rows[0].element = ElementId::parse("99.9"),
            at("/row/1"),
            "reporting-flaw-element",
        ),
        (|b| table(b).columns[0].title.clear(), at("/column/1"), "reporting-flaw-no-words"),
        (
            |b| {
                let row = table(b).rows[1].clone();
                table(b).rows.push(row);
            },
            String::new(),
            "reporting-flaw-asked-twice",
        ),
        (
            |b| table(b).columns[0].coords = Coords::total().with("gt", "khac"),
            at("/column/1"),
            "reporting-flaw-option",
        ),
        (
            |b| table(b).columns[0].coords = Coords::total().with("mau", "do"),
            at("/column/1"),
            "reporting-flaw-dimension",
        ),
        (|b| b.form.rules.push(rule("[10.6] <=")), "rule/moi".into(), "reporting-formula-ends"),
        (
            |b| b.form.rules.push(rule("[10.6] + 1")),
            "rule/moi".into(),
            "reporting-formula-needs-truth",
        ),
        (
            |b| b.form.rules.push(rule("[10.6] <= [10.6kp]")),
            "rule/moi".into(),
            "reporting-formula-unit-mixed",
        ),
        (
            |b| b.form.rules.push(rule("[10.6] / (2 - 2) <= 100")),
            "rule/moi".into(),
            "reporting-definition-zero-below",
        ),
        (
            |b| b.form.rules.push(rule("[10.6] <= [77.7]")),
            "rule/moi".into(),
            "reporting-flaw-element",
        ),
        (
            |b| b.form.rules.push(rule("#MT02 > 0")),
            "rule/moi".into(),
            "reporting-flaw-rule-indicator",
        ),
        (
            |b| b.form.rules.push(rule("[3.4] >= 0")),
            "rule/moi".into(),
            "reporting-flaw-rule-elsewhere",
        ),
    ];
    for (spoil, place, what) in cases {
        let mut one = bundle("diem-ho-tro");
        spoil(&mut one);
        let told = flaws(&one);
        let found = told.iter().any(|(at, key)| *key == what && (place.is_empty() || *at == place));
        assert!(found, "{place} {what}: {told:?}");
    }
}

fn rule(check: &str) -> Rule {
    Rule {
        code: "moi".into(),
        check: check.into(),
        message: "Số liệu chưa khớp".into(),
        severity: Severity::Error,
    }
}

/// The growing table of a bundle, and one of its columns.
fn grown<'b>(bundle: &'b mut Bundle, code: &str) -> &'b mut RowColumn {
    let columns = bundle.form.sections.iter_mut().find_map(|section| match &mut section.body {
        SectionBody::Rows(table) => Some(&mut table.columns),
        _ => None,
    });
    columns.unwrap().iter_mut().find(|column| column.code == code).unwrap()
}

fn adding(unit: &str, decimals: u32, element: &str) -> ColumnKind {
    ColumnKind::Number { unit: unit.into(), decimals, element: ElementId::parse(element) }
}

#[test]
fn what_a_column_adds_up_to_holds_every_amount_and_is_typed_nowhere_else() {
    let told = |kind: ColumnKind| {
        let mut one = bundle("bm-08");
        grown(&mut one, "kinhphi").kind = kind;
        let mut told = flaws(&one);
        told.retain(|(_, what)| *what != "reporting-flaw-no-deadline");
        told.into_iter().map(|(_, what)| what).collect::<Vec<_>>()
    };
    assert_eq!(told(adding("trieu-dong", 3, "bm08.kp")), Vec::<&str>::new());
    assert_eq!(told(adding("nghin-dong", 0, "bm08.kp")), Vec::<&str>::new(), "it is converted");
    assert_eq!(told(adding("ho", 0, "bm08.kp")), ["reporting-flaw-total-kind"]);
    for rounded in [adding("dong", 0, "bm08.kp"), adding("trieu-dong", 4, "bm08.kp")] {
        assert_eq!(told(rounded), ["reporting-flaw-total-decimals"]);
    }
    assert_eq!(told(adding("cuoc", 0, "bm08.cuoc")), ["reporting-flaw-total-typed"]);
    assert_eq!(told(adding("cuoc", 0, "77.7")), ["reporting-flaw-element"]);
}

#[test]
fn a_part_names_another_column_that_measures_the_same() {
    let told = |code: &str, of: &str| {
        let mut one = bundle("bm-01");
        grown(&mut one, code).bounds.part_of = Some(of.into());
        let mut told = flaws(&one);
        told.retain(|(_, what)| *what != "reporting-flaw-no-deadline");
        told.into_iter().map(|(_, what)| what).collect::<Vec<_>>()
    };
    assert_eq!(told("huongloinu", "huongloi"), Vec::<&str>::new());
    for none in ["khong", "huongloinu", "ten"] {
        assert_eq!(told("huongloinu", none), ["reporting-flaw-no-whole"], "{none}");
    }
    assert_eq!(told("huongloinu", "tongmuc"), ["reporting-flaw-whole-kind"]);
}

#[test]
fn a_column_made_before_it_could_say_what_it_may_hold_reads_and_writes_the_same() {
    let before = r#"{"code":"ngay","title":"Ngày","kind":"day","required":true}"#;
    let column: RowColumn = serde_json::from_str(before).unwrap();
    assert_eq!(column.bounds, Bounds::default());
    assert_eq!(serde_json::to_string(&column).unwrap(), before);
}

#[test]
fn units_that_do_not_fit_are_told_by_their_names() {
    let mut one = bundle("diem-ho-tro");
    one.form.rules.push(rule("[10.6] <= [10.6kp]"));
    let told = one.problems(shipped());
    let flaw = told.iter().find(|flaw| flaw.what == "reporting-formula-unit-mixed").unwrap();
    let of = |name: &str| flaw.args.iter().find(|(arg, _)| *arg == name).unwrap().1.as_str();
    assert_eq!((of("leftUnit"), of("rightUnit")), ("lượt người", "đồng"));
}

#[test]
fn every_flaw_of_a_growing_table_has_words_in_both_languages() {
    let keys = include_str!("checks/growing.rs").split('"');
    for key in keys.filter(|text| text.starts_with("reporting-")) {
        for locale in crate::module().locales {
            assert!(locale.text.contains(&format!("\n{key} = ")), "{}: {key}", locale.name);
        }
    }
}

#[test]
fn what_a_figure_means_never_changes_under_its_code() {
    let mut one = bundle("diem-ho-tro");
    let element = shipped().element(&ElementId::parse("10.6").unwrap()).unwrap();
    let renamed = DataElement { name: "Lượt người truy cập".into(), ..element.clone() };
    one.elements = vec![renamed.clone()];
    assert_eq!(flaws(&one), [], "another name is the same concept");
    for changed in [
        DataElement { unit: "ho".into(), ..renamed.clone() },
        DataElement { decimals: 2, ..renamed.clone() },
        DataElement { dimensions: Vec::new(), ..renamed.clone() },
    ] {
        one.elements = vec![changed];
        let told = flaws(&one);
        let found = told.iter().any(|(_, what)| *what == "reporting-flaw-element-stays");
        assert!(found, "{told:?}");
    }
    let mut sex = Reference::dimension(shipped(), "gt").unwrap().clone();
    sex.options.pop();
    one.elements.clear();
    one.dimensions = vec![sex];
    assert!(flaws(&one).iter().any(|(_, what)| *what == "reporting-flaw-dimension-stays"));
}

#[test]
fn a_ratio_or_a_mean_is_no_way_to_add_up_what_is_typed() {
    use areas::view::Law;
    let element = shipped().element(&ElementId::parse("10.6").unwrap()).unwrap();
    let told = |law: Law| {
        let mut one = bundle("diem-ho-tro");
        let code = ElementId::parse("moi.1").unwrap();
        one.elements = vec![DataElement { code, law, ..element.clone() }];
        flaws(&one).iter().any(|(_, what)| *what == "reporting-flaw-law")
    };
    assert!(told(Law::Ratio) && told(Law::Mean));
    for law in crate::model::element::LAWS {
        assert!(!told(law), "{law:?}");
    }
}

#[test]
fn the_difference_is_told_by_what_is_counted_and_not_by_where_it_stands() {
    let before = bundle("diem-ho-tro");
    let mut after = before.clone();
    table(&mut after).rows.reverse();
    let told = |after: &Bundle| difference(Some((&before.dataset, &before.form)), after);
    assert_eq!(told(&after), [], "rows that were only moved");
    let gone = table(&mut after).rows.pop().unwrap();
    after.dataset.title.push_str(" (mới)");
    let told = told(&after);
    let element = gone.element.unwrap();
    let dropped =
        told.iter().any(|one| matches!(one, Change::Dropped(key) if key.element == element));
    assert!(dropped && told.contains(&Change::Dataset("reporting-build-title")), "{told:?}");
    assert!(!difference(None, &before).is_empty());
}

#[test]
fn ten_thousand_rows_are_refused_at_once() {
    let mut one = bundle("diem-ho-tro");
    let row = table(&mut one).rows[1].clone();
    table(&mut one).rows = vec![row; 10_000];
    let told = flaws(&one);
    assert!(told.iter().all(|(_, what)| *what == "reporting-flaw-many"), "{told:?}");
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,40}", "[a-z0-9.]{1,12}", Just("10.6".to_owned()), Just(String::new())]
}

prop_compose! {
    fn rows()(number in words(), label in words(), element in words(), at in words(), indent in 0..9_u8, without in prop::collection::vec(0..9_usize, 0..3)) -> TableRow {
        TableRow {
            number, label,
            element: ElementId::parse(&element),
            coords: Coords::parse(&at).unwrap_or_else(|| Coords::total().with("gt", "nu")),
            indent, without, required: indent % 2 == 0,
        }
    }
}

proptest! {
    #[test]
    fn whatever_people_type_is_told_and_reads_back(
        code in words(), title in words(), check in words(),
        rows in prop::collection::vec(rows(), 0..20), columns in prop::collection::vec(words(), 0..5),
    ) {
        let mut one = bundle("diem-ho-tro");
        let columns = columns.into_iter().map(|title| TableColumn { title, coords: Coords::total() });
        let body = SectionBody::Table(FixedTable { columns: columns.collect(), rows, details: vec![code.clone()] });
        one.form.sections.push(Section { code: code.clone(), title, hint: check.clone(), body });
        one.form.rules.push(Rule { code, ..rule(&check) });
        let told = one.problems(shipped());
        prop_assert!(told.len() <= most::FLAWS);
        let text = serde_json::to_string(&one).unwrap();
        let back: Bundle = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, &one);
        prop_assert_eq!(back.problems(shipped()), told);
    }
}
