//! What may be defined: everything that ships keeps the rules, and each rule refuses what breaks it.

use std::collections::BTreeMap;

use kernel::problem::FormProblems;

use super::*;
use crate::{
    model::{
        CellKey, TargetId,
        target::{Comparator, Goal, Target},
    },
    reference::shipped,
};

struct World {
    programme: BTreeMap<ProgrammeNodeId, ProgrammeNode>,
    dimensions: BTreeMap<String, Dimension>,
    elements: BTreeMap<ElementId, DataElement>,
    indicators: BTreeMap<IndicatorId, Indicator>,
}

impl World {
    fn shipped() -> Self {
        let all = shipped();
        Self {
            programme: all.programmes.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            dimensions: all.dimensions.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            elements: all.elements.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            indicators: all.indicators.iter().map(|one| (one.code.clone(), one.clone())).collect(),
        }
    }

    fn defined(&self) -> Defined<'_> {
        Defined {
            programme: &self.programme,
            dimensions: &self.dimensions,
            elements: &self.elements,
            indicators: &self.indicators,
        }
    }
}

/// Fields and words of problems.
fn told(problems: FormProblems) -> Vec<(String, &'static str)> {
    let Err(failure) = problems.check() else { return Vec::new() };
    let fields = failure.problem().map(|problem| problem.fields.clone()).unwrap_or_default();
    fields.into_iter().map(|field| (field.field, field.key)).collect()
}

fn indicator(numerator: &str, denominator: &str, unit: &str) -> Indicator {
    Indicator {
        code: IndicatorId::parse("THU").expect("a code"),
        name: "Chỉ tiêu thử".to_owned(),
        unit: unit.to_owned(),
        decimals: 2,
        numerator: numerator.to_owned(),
        denominator: denominator.to_owned(),
        lower_is_better: false,
        component: None,
        sheet: Sheet::default(),
        mark: Mark::Derived,
    }
}

#[test]
fn everything_that_ships_could_be_kept_by_a_person() {
    let world = World::shipped();
    for one in shipped().indicators.iter().filter(|one| one.mark != Mark::Computed) {
        assert_eq!(told(check_indicator(one, &world.defined())), [], "{}", one.code);
    }
    for one in shipped().elements.iter().filter(|one| one.mark != Mark::Computed) {
        let problems = check_element(one, Some(one), &Use::default(), &world.defined());
        assert_eq!(told(problems), [], "{}", one.code);
    }
    for one in &shipped().programmes {
        assert_eq!(told(check_node(one, &world.defined())), [], "{}", one.code);
    }
    for one in &shipped().targets {
        assert_eq!(told(check_target(one, &world.defined())), [], "{}", one.id);
    }
}

#[test]
fn a_formula_is_refused_at_the_field_where_it_is_wrong() {
    let world = World::shipped();
    let refused = |above: &str, below: &str, unit: &str| {
        told(check_indicator(&indicator(above, below, unit), &world.defined()))
    };
    let one = |field: &str, key| vec![(field.to_owned(), key)];
    assert_eq!(refused("[10.6{gt=nu}]", "[10.6]", "phan-tram"), []);
    assert_eq!(refused("[10.6", "", "luot-nguoi"), one("tu-so", "reporting-formula-unclosed"));
    assert_eq!(refused("[10.6]", "1 +", "luot-nguoi"), one("mau-so", "reporting-formula-ends"));
    assert_eq!(
        refused("[10.6] > 1", "", "luot-nguoi"),
        one("tu-so", "reporting-formula-needs-number")
    );
    for strange in ["[khong.co]", "[10.6{gt=khac}]", "[10.6{ng=ngheo}]", "#KHONG"] {
        let key = "reporting-definition-unknown-name";
        assert_eq!(refused(strange, "", "luot-nguoi"), one("tu-so", key), "{strange}");
    }
    assert_eq!(
        refused("[10.6]", "[10.6] / (1 - 1)", "so"),
        one("mau-so", "reporting-definition-zero-below")
    );
    assert_eq!(
        refused("[10.6] + [ds.ho]", "", "luot-nguoi"),
        one("tu-so", "reporting-formula-unit-mixed")
    );
    assert_eq!(refused("[10.6]", "", "ho"), one("don-vi", "reporting-definition-unit-result"));
    assert_eq!(refused("1 + 1", "", "so"), one("tu-so", "reporting-definition-no-figure"));
}

#[test]
fn indicators_that_go_in_a_circle_are_refused() {
    let mut world = World::shipped();
    let mut other = indicator("#THU", "", "phan-tram");
    other.code = IndicatorId::parse("THU2").expect("a code");
    world.indicators.insert(other.code.clone(), other);
    let circle = indicator("#THU2 + 1", "", "phan-tram");
    world.indicators.insert(circle.code.clone(), circle.clone());
    let problems = told(check_indicator(&circle, &world.defined()));
    assert_eq!(problems, [("tu-so".to_owned(), "reporting-formula-cycle")]);
    let own = indicator("#THU * 2", "", "phan-tram");
    let problems = told(check_indicator(&own, &world.defined()));
    assert_eq!(problems, [("tu-so".to_owned(), "reporting-formula-cycle")], "of itself");
}

#[test]
fn what_may_be_zero_below_a_line_is_named() {
    let ratio = indicator("[10.6{gt=nu}]", "[10.6]", "phan-tram");
    assert_eq!(below_lines(&ratio), ["[10.6]"]);
    assert!(below_lines(&indicator("[10.6] / 2", "", "luot-nguoi")).is_empty());
}

#[test]
fn figures_hold_unit_decimals_and_roll_up_in_place_but_not_the_name() {
    let world = World::shipped();
    let code = ElementId::parse("10.6").expect("a code");
    let before = world.elements.get(&code).expect("it ships").clone();
    let figure = CellKey::parse("10.6:gt=nu").expect("a cell");
    let used = Use { figures: [figure].into(), ..Use::default() };
    let named = DataElement { name: "Tên mới".to_owned(), ..before.clone() };
    assert_eq!(told(check_element(&named, Some(&before), &used, &world.defined())), []);
    let mut changed = before.clone();
    changed.decimals += 1;
    changed.law = areas::view::Law::Stock;
    changed.dimensions.retain(|one| one != "gt");
    let problems = told(check_element(&changed, Some(&before), &used, &world.defined()));
    for field in ["thap-phan", "cong-don"] {
        assert!(problems.contains(&(field.to_owned(), "reporting-definition-fixed")), "{field}");
    }
    let lost = ("phan-to".to_owned(), "reporting-definition-dimension-used");
    assert!(problems.contains(&lost), "{problems:?}");
    let free = told(check_element(
        &DataElement { decimals: before.decimals + 1, ..before.clone() },
        Some(&before),
        &Use::default(),
        &world.defined(),
    ));
    assert_eq!(free, [], "nothing was reported yet");
    let working = ElementId::parse("10.5b").expect("a code");
    let before = world.elements.get(&working).expect("it ships").clone();
    let other = DataElement { unit: "ho".to_owned(), ..before.clone() };
    let problems = told(check_element(&other, Some(&before), &Use::default(), &world.defined()));
    assert_eq!(problems, [("don-vi".to_owned(), "reporting-definition-breaks")]);
}

#[test]
fn a_node_stays_under_a_higher_kind_inside_its_years_and_never_below_itself() {
    let world = World::shipped();
    let code = |text: &str| ProgrammeNodeId::parse(text).expect("a code");
    let node = |text: &str| world.programme.get(&code(text)).expect("it ships").clone();
    let refused = |node: &ProgrammeNode| told(check_node(node, &world.defined()));
    let mut late = node("1719.da1.nd1");
    late.until_year = Some(2031);
    assert_eq!(refused(&late), [("den-nam".to_owned(), "reporting-definition-years-outside")]);
    let mut short = node("1719.gd1");
    short.until_year = Some(2023);
    assert_eq!(refused(&short), [("den-nam".to_owned(), "reporting-definition-years-below")]);
    let mut turned = node("1719.da1");
    turned.parent = Some(code("1719.da1.nd1"));
    assert_eq!(refused(&turned), [("cap-tren".to_owned(), "reporting-definition-under-itself")]);
    let mut high = node("1719.da1.nd1");
    high.kind = crate::model::programme::NodeKind::Phase;
    assert_eq!(refused(&high), [("loai".to_owned(), "reporting-definition-kind")]);
    let mut swapped = node("1719.da1.nd1");
    (swapped.from_year, swapped.until_year) = (Some(2025), Some(2021));
    assert_eq!(refused(&swapped), [("den-nam".to_owned(), "reporting-definition-years-order")]);
}

#[test]
fn a_target_says_a_number_a_range_a_fraction_or_words() {
    let world = World::shipped();
    let target = |goal: Goal| Target {
        id: TargetId::parse("x").expect("an id"),
        indicator: IndicatorId::parse("MT02").expect("a code"),
        area: String::new(),
        year: 2027,
        goal,
        approved: false,
        legal_basis: String::new(),
        since: None,
        mark: Mark::Derived,
        period: None,
        baseline: None,
        replaces: None,
        ended: false,
    };
    let refused = |goal| told(check_target(&target(goal), &world.defined()));
    let range = |low: &str, high: &str| Goal::Range { low: low.to_owned(), high: high.to_owned() };
    assert_eq!(refused(range("2.5", "3")), []);
    assert_eq!(
        refused(range("3", "3")),
        [("gia-tri-den".to_owned(), "reporting-definition-range")]
    );
    let value = "hai".to_owned();
    let compare = Goal::Compare { comparator: Comparator::AtLeast, value };
    assert_eq!(refused(compare), [("gia-tri".to_owned(), "reporting-definition-number")]);
    let fraction = Goal::Fraction { numerator: 1, denominator: 0, of: "x".to_owned() };
    assert_eq!(refused(fraction), [("gia-tri".to_owned(), "reporting-definition-fraction")]);
    let words = Goal::Qualitative { words: " ".to_owned() };
    assert_eq!(refused(words), [("loi".to_owned(), "reporting-definition-no-words")]);
    let mut other = target(range("1", "2"));
    other.period = Some("nd09q-2026-2".to_owned());
    let problems = told(check_target(&other, &world.defined()));
    assert_eq!(problems, [("ky".to_owned(), "reporting-definition-period")], "of another year");
}

#[test]
fn what_was_said_about_a_change_is_read_out_of_the_body_and_the_definition_stays_readable() {
    let one = indicator("[10.6]", "", "luot-nguoi");
    let change = Change { by: "Dung".to_owned(), reason: "Theo QĐ mới".to_owned() };
    let body = serde_json::to_string(&Changed { what: &one, change: &change }).expect("JSON");
    assert_eq!(change_of(&body), change);
    assert_eq!(serde_json::from_str::<Indicator>(&body).expect("it is read"), one);
    assert_eq!(change_of("{}"), Change::default());
}
