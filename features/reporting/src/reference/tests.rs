//! What must hold of the shipped reference data: everything named exists, everything fits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::model::{
    CellKey, Coords,
    dataset::{DueWhat, Tier},
    dimension::is_code,
    element::Mark,
    form::{ColumnKind, Form, RowColumn, SectionBody},
    programme::NodeKind,
    target::Goal,
};

use super::*;

/// Units that the shipped data measures in.
const UNITS: &[&str] = &[
    "ban",
    "bao-cao",
    "bo",
    "buoi",
    "cap",
    "cho",
    "clb",
    "co-quan",
    "cong-trinh",
    "cuoc",
    "noi-dung",
    "dia-chi",
    "diem",
    "diem-phan-tram",
    "doi",
    "don-vi",
    "du-an",
    "ha",
    "he-thong",
    "ho",
    "kg",
    "kien-nghi",
    "km",
    "lan",
    "le-hoi",
    "lop",
    "luot",
    "luot-nguoi",
    "m2",
    "mo-hinh",
    "nguoi",
    "phan-tram",
    "phieu",
    "phut",
    "san-pham",
    "thon",
    "thu-tuc",
    "tinh",
    "to",
    "tram",
    "trieu-dong",
    "truong",
    "ty-dong",
    "van-ban",
    "vu",
    "xa",
];

fn codes<'a>(all: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    for code in all {
        assert!(seen.insert(code), "{code} twice");
    }
    seen
}

/// The cells a formula names: `[10.6{gt=nu}]`.
fn references(formula: &str) -> Vec<CellKey> {
    let parts = formula.split('[').skip(1);
    let named = parts.map(|part| part.split_once(']').expect("a reference is closed").0);
    named
        .map(|name| {
            let (element, coords) = name.split_once('{').map_or((name, ""), |(element, rest)| {
                (element, rest.strip_suffix('}').expect("coordinates are closed"))
            });
            let coords = Coords::parse(coords).unwrap_or_else(|| panic!("{name}: coordinates"));
            CellKey { element: ElementId::parse(element).expect("a code"), coords }
        })
        .collect()
}

fn assert_exists(key: &CellKey, place: &str) {
    let all = shipped();
    let element = all.element(&key.element);
    let element = element.unwrap_or_else(|| panic!("{place}: no element {}", key.element));
    assert!(
        element.cell(key.coords.clone()).is_some(),
        "{place}: {} is not divided so",
        key.text()
    );
    for (dimension, option) in key.coords.iter() {
        let found = all.dimension(dimension).and_then(|it| it.option(option));
        assert!(found.is_some(), "{place}: {} names no option", key.text());
    }
}

fn row_columns(form: &Form) -> impl Iterator<Item = &RowColumn> {
    form.sections.iter().flat_map(|section| match &section.body {
        SectionBody::Rows(rows) => rows.columns.as_slice(),
        _ => &[],
    })
}

fn cells(form: &Form) -> Vec<CellKey> {
    let tables = form.tables().flat_map(|(_, table)| table.cells()).map(|placed| placed.key);
    let added = row_columns(form).filter_map(|column| match &column.kind {
        ColumnKind::Number { element, .. } => element.clone().map(CellKey::total),
        _ => None,
    });
    tables.chain(added).collect()
}

#[test]
fn codes_are_unique() {
    let all = shipped();
    codes(all.programmes.iter().map(|it| it.code.as_str()));
    codes(all.dimensions.iter().map(|it| it.code.as_str()));
    codes(all.elements.iter().map(|it| it.code.as_str()));
    codes(all.indicators.iter().map(|it| it.code.as_str()));
    codes(all.targets.iter().map(|it| it.id.as_str()));
    let datasets = codes(all.datasets.iter().map(|it| it.code.as_str()));
    let forms = codes(all.forms.iter().map(|it| it.dataset.as_str()));
    assert_eq!(datasets, forms, "every data set has its form");
}

#[test]
fn a_node_stands_after_the_node_above_it_and_inside_its_years() {
    let mut seen: BTreeMap<&str, &ProgrammeNode> = BTreeMap::new();
    for node in &shipped().programmes {
        assert!(!node.name.is_empty());
        assert_eq!(node.parent.is_none(), node.kind == NodeKind::Programme, "{}", node.code);
        if let Some(parent) = &node.parent {
            let parent = seen.get(parent.as_str()).unwrap_or_else(|| panic!("{}", node.code));
            assert!(node.from_year >= parent.from_year, "{}", node.code);
            assert!(node.until_year <= parent.until_year, "{}", node.code);
        }
        seen.insert(node.code.as_str(), node);
    }
}

#[test]
fn dimensions_can_stand_in_coordinates_and_only_ethnic_group_is_sensitive() {
    for dimension in &shipped().dimensions {
        let options = codes(dimension.options.iter().map(|option| option.code.as_str()));
        assert!(is_code(&dimension.code) && options.iter().all(|code| is_code(code)));
        assert_eq!(dimension.sensitive, dimension.code == "dt", "{}", dimension.code);
        codes(dimension.options.iter().map(|option| option.name.as_str()));
    }
    let groups = shipped().dimension("dt").map(|dimension| &dimension.options[..54]);
    let ends = groups.map(|all| (all[0].name.as_str(), all[53].name.as_str()));
    assert_eq!(ends, Some(("Kinh", "Rơ-măm")));
}

#[test]
fn every_element_names_units_dimensions_and_components_that_exist() {
    let all = shipped();
    let nodes = codes(all.programmes.iter().map(|it| it.code.as_str()));
    for element in &all.elements {
        assert!(UNITS.contains(&element.unit.as_str()), "{}: {}", element.code, element.unit);
        for dimension in codes(element.dimensions.iter().map(String::as_str)) {
            assert!(all.dimension(dimension).is_some(), "{}: {dimension}", element.code);
        }
        let component = element.component.as_ref();
        assert!(component.is_none_or(|it| nodes.contains(it.as_str())), "{}", element.code);
        let by_us = element.code.as_str().starts_with("td.");
        assert_eq!(element.mark == Mark::Computed, by_us, "{}", element.code);
        assert!(!by_us || !element.sheet.method.is_empty(), "{} says how", element.code);
    }
}

#[test]
fn every_indicator_is_computed_from_cells_that_exist() {
    let all = shipped();
    let nodes = codes(all.programmes.iter().map(|it| it.code.as_str()));
    for indicator in &all.indicators {
        let place = indicator.code.as_str();
        assert!(UNITS.contains(&indicator.unit.as_str()), "{place}: {}", indicator.unit);
        assert!(!references(&indicator.numerator).is_empty(), "{place}");
        let both = [&indicator.numerator, &indicator.denominator];
        let named: Vec<CellKey> = both.into_iter().flat_map(|one| references(one)).collect();
        for key in &named {
            assert_exists(key, place);
        }
        let tells = |key: &CellKey| key.element.as_str().starts_with("td.");
        assert_eq!(indicator.mark == Mark::Computed, named.iter().all(tells), "{place}");
        assert_eq!(
            indicator.unit == "phan-tram",
            !indicator.denominator.is_empty() && indicator.unit != "lan"
        );
        let component = indicator.component.as_ref();
        assert!(component.is_none_or(|it| nodes.contains(it.as_str())), "{place}");
    }
}

#[test]
fn every_target_is_of_an_indicator_and_says_a_number_or_words() {
    let all = shipped();
    let indicators = codes(all.indicators.iter().map(|it| it.code.as_str()));
    let number = |text: &str| {
        let value = text.parse::<f64>();
        assert!(value.is_ok_and(|it| it > 0.0) && !text.contains('%'), "{text}");
    };
    for target in &all.targets {
        assert!(indicators.contains(target.indicator.as_str()), "{}", target.id);
        match &target.goal {
            Goal::Compare { value, .. } => number(value),
            Goal::Range { low, high } => [low, high].into_iter().for_each(|one| number(one)),
            Goal::Fraction { numerator, denominator, .. } => assert!(numerator < denominator),
            Goal::Qualitative { words } => assert!(!words.is_empty()),
        }
        let read = target.mark == Mark::Found;
        assert!(!read || !target.legal_basis.is_empty(), "{} was read somewhere", target.id);
    }
}

#[test]
fn what_was_proposed_and_what_was_decided_on_incomes_stand_side_by_side() {
    let of = |target: &&Target| target.indicator.as_str() == "N02";
    let versions: Vec<(bool, Goal)> =
        shipped().targets.iter().filter(of).map(|it| (it.approved, it.goal.clone())).collect();
    let goal = |numerator, denominator| Goal::Fraction {
        numerator,
        denominator,
        of: "Thu nhập bình quân chung của cả nước".to_owned(),
    };
    assert_eq!(versions, [(false, goal(2, 3)), (true, goal(1, 2))]);
}

#[test]
fn every_cell_of_a_form_exists_and_is_asked_once() {
    for form in &shipped().forms {
        let place = form.dataset.as_str();
        codes(form.sections.iter().map(|section| section.code.as_str()));
        let cells = cells(form);
        for key in &cells {
            assert_exists(key, place);
        }
        let texts: Vec<String> = cells.iter().map(CellKey::text).collect();
        codes(texts.iter().map(String::as_str));
        for (section, table) in form.tables() {
            let wide = table.rows.iter().flat_map(|row| &row.without);
            assert!(wide.clone().all(|column| *column < table.columns.len()), "{place}");
            for dimension in &table.details {
                let used = table.rows.iter().filter_map(|row| row.element.as_ref()).any(|code| {
                    let element = shipped().element(code);
                    element.is_some_and(|it| it.dimensions.contains(dimension))
                });
                assert!(used, "{place}/{}: nothing is explained by {dimension}", section.code);
            }
        }
    }
}

#[test]
fn a_report_has_one_name_in_lists_on_its_page_and_on_paper() {
    for form in &shipped().forms {
        let dataset = shipped().dataset(&form.dataset).expect("checked above");
        assert_eq!(form.title, dataset.title);
    }
}

#[test]
fn owners_and_communes_list_their_works_in_one_table_that_adds_to_no_figure() {
    let of = |code: &str| {
        let form = shipped().forms.iter().find(|form| form.dataset.as_str() == code);
        row_columns(form.expect("shipped")).cloned().collect::<Vec<_>>()
    };
    let owners = of("bm-01-tinh");
    assert_eq!(owners, of("bm-01"), "the register reads both");
    assert!(owners.iter().any(|column| column.kind == ColumnKind::Work));
    // The province's own figure would stand beside those of its communes, and one work be summed twice.
    assert!(owners.iter().all(|column| column.element().is_none()));
}

#[test]
fn a_column_says_its_unit_once() {
    for form in &shipped().forms {
        for column in row_columns(form) {
            if let ColumnKind::Number { unit, .. } = &column.kind {
                let name = crate::model::amount::unit(unit).map_or("", |it| it.name.as_str());
                assert!(!column.title.contains(&format!("({name}")), "{}", column.title);
                assert!(!column.title.contains('%'), "{}", column.title);
            }
        }
    }
}

#[test]
fn ways_of_meeting_have_one_name_in_both_tables() {
    let ways = &shipped().dimension("ht").expect("shipped").options;
    let form =
        shipped().forms.iter().find(|form| form.dataset.as_str() == "bm-08").expect("shipped");
    let chosen = row_columns(form).find(|column| column.code == "hinhthuc").expect("a column");
    let ColumnKind::Choice(choices) = &chosen.kind else { panic!("a choice") };
    for way in ways {
        let choice = choices.iter().find(|one| one.code == way.code).expect("the same codes");
        assert_eq!(choice.name, way.name);
        let headed = form.tables().flat_map(|(_, table)| &table.columns);
        let mut headed = headed.filter(|column| column.coords.option("ht") == Some(&way.code));
        assert!(headed.all(|column| column.title == way.name), "{}", way.name);
    }
}

#[test]
fn hints_name_what_the_pages_offer() {
    let words = crate::module().locales[0].text.to_lowercase();
    for form in &shipped().forms {
        for section in &form.sections {
            for quoted in section.hint.split('“').skip(1) {
                let name = quoted.split('”').next().unwrap_or("").to_lowercase();
                assert!(words.contains(&format!(" = {name}\n")), "{}: {name}", form.dataset);
            }
        }
    }
}

#[test]
fn nothing_is_asked_twice_of_the_same_people_for_the_same_period() {
    let mut asked: BTreeMap<(Tier, &str, String), &str> = BTreeMap::new();
    for form in &shipped().forms {
        let dataset = shipped().dataset(&form.dataset).expect("checked above");
        for key in cells(form) {
            let who = (dataset.tier, dataset.scheme.as_str(), key.text());
            let before = asked.insert(who, form.dataset.as_str());
            assert_eq!(before, None, "{} also asks {}", form.dataset, key.text());
        }
    }
}

#[test]
fn every_element_is_asked_by_a_form_or_computed_and_no_form_asks_what_is_computed() {
    let asked: BTreeSet<ElementId> =
        shipped().forms.iter().flat_map(cells).map(|key| key.element).collect();
    for element in &shipped().elements {
        assert_eq!(
            asked.contains(&element.code),
            element.mark != Mark::Computed,
            "{}",
            element.code
        );
    }
}

#[test]
fn rules_compare_figures_of_their_own_form_in_one_unit() {
    for form in &shipped().forms {
        codes(form.rules.iter().map(|rule| rule.code.as_str()));
        codes(form.rules.iter().map(|rule| rule.check.as_str()));
        let own: BTreeSet<ElementId> = cells(form).into_iter().map(|key| key.element).collect();
        for rule in &form.rules {
            let place = format!("{}: {}", form.dataset, rule.check);
            let named = references(&rule.check);
            assert!(rule.check.contains("<=") && named.len() > 1, "{place}");
            let units: BTreeSet<&str> = named
                .iter()
                .map(|key| {
                    assert_exists(key, &place);
                    assert!(own.contains(&key.element), "{place}");
                    shipped().element(&key.element).map_or("", |it| it.unit.as_str())
                })
                .collect();
            assert_eq!(units.len(), 1, "{place}");
            assert!(!rule.message.is_empty());
        }
    }
}

#[test]
fn growing_tables_have_columns_and_units_that_exist() {
    for form in &shipped().forms {
        for section in &form.sections {
            let SectionBody::Rows(rows) = &section.body else { continue };
            codes(rows.columns.iter().map(|column| column.code.as_str()));
            assert!(rows.max_rows > 0 && rows.columns.iter().any(|column| column.required));
        }
        for column in row_columns(form) {
            if let ColumnKind::Number { unit, decimals, element } = &column.kind {
                assert!(UNITS.contains(&unit.as_str()), "{}: {unit}", column.code);
                let sum = element.as_ref().and_then(|code| shipped().element(code));
                let same = sum.is_none_or(|it| (&it.unit, it.decimals) == (unit, *decimals));
                assert!(same, "{}: the sum is kept as the rows are", column.code);
            }
        }
    }
}

#[test]
fn no_form_is_given_out_as_issued() {
    for (dataset, form) in shipped().datasets.iter().zip(&shipped().forms) {
        assert_eq!(dataset.code, form.dataset);
        assert_eq!(form.version, 1);
        assert_eq!(dataset.mark, Mark::Derived, "{}", dataset.code);
        for basis in [&dataset.basis, &form.basis] {
            assert!(basis.contains("Biểu làm việc – chưa phải biểu ban hành"), "{}", dataset.code);
        }
    }
}

#[test]
fn deadlines_are_known_for_communes_only() {
    let deadlines = shipped().datasets.iter().flat_map(|dataset| &dataset.deadlines);
    assert!(deadlines.clone().all(|deadline| deadline.tier == Tier::Commune));
    let estimated = shipped().datasets.iter().filter(|dataset| dataset.estimated);
    for dataset in estimated.filter(|dataset| dataset.tier == Tier::Commune) {
        for life in dataset.lives() {
            let due = [DueWhat::Certification, DueWhat::Submission]
                .map(|what| dataset.deadline(Tier::Commune, *life, what));
            assert!(due.iter().any(Option::is_some), "{} {life:?}", dataset.code);
        }
    }
}

/// True when everything `file` says is said by `written` too, in the same words.
fn is_said(file: &Value, written: &Value) -> bool {
    match (file, written) {
        (Value::Object(file), Value::Object(written)) => file
            .iter()
            .all(|(key, value)| written.get(key).is_some_and(|other| is_said(value, other))),
        (Value::Array(file), Value::Array(written)) => {
            file.len() == written.len() && file.iter().zip(written).all(|(a, b)| is_said(a, b))
        }
        _ => file == written,
    }
}

fn assert_stable<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(
    (name, text): (&'static str, &str),
) {
    let read: T = parse((name, text)).expect("a shipped file");
    let written = serde_json::to_string(&read).expect("it has a JSON form");
    assert_eq!(parse::<T>((name, &written)).expect("what we wrote"), read, "{name}");
    let file: Value = serde_json::from_str(text).expect("JSON");
    let written: Value = serde_json::from_str(&written).expect("JSON");
    assert!(is_said(&file, &written), "{name} says something that nobody reads");
}

#[test]
fn what_the_files_say_is_read_whole_and_written_the_same() {
    let [programmes, dimensions, elements, indicators, targets, datasets] = LISTS;
    assert_stable::<Vec<ProgrammeNode>>(programmes);
    assert_stable::<Vec<Dimension>>(dimensions);
    assert_stable::<Vec<DataElement>>(elements);
    assert_stable::<Vec<Indicator>>(indicators);
    assert_stable::<Vec<Target>>(targets);
    assert_stable::<Vec<Dataset>>(datasets);
    for form in FORMS {
        assert_stable::<Form>(form);
    }
}
