//! Data elements: once there are figures, what they are measured in and how they add up stays.

use std::collections::BTreeSet;

use kernel::problem::FormProblems;

use super::Defined;
use crate::model::{CellKey, DataElement, element::LAWS, formula::Input};

/// What an element is used for already.
#[derive(Clone, Debug, Default)]
pub struct Use {
    /// Its cells that hold figures.
    pub figures: BTreeSet<CellKey>,
    /// Its cells that forms ask for.
    pub asked: BTreeSet<CellKey>,
}

/// What is wrong with an element, new or changed.
pub fn check(
    element: &DataElement,
    before: Option<&DataElement>,
    used: &Use,
    defined: &Defined<'_>,
) -> FormProblems {
    let mut problems = FormProblems::new();
    super::name(&element.name, &mut problems);
    super::sheet(&element.sheet, &mut problems);
    super::mark(element.mark, &mut problems);
    let component = element.component.as_ref();
    super::measured((&element.unit, element.decimals), component, defined, &mut problems);
    problems.require(LAWS.contains(&element.law), "cong-don", "reporting-definition-law");
    let divisions = element.dimensions.iter();
    for strange in divisions.filter(|code| !defined.dimensions.contains_key(*code)) {
        let named = vec![("name", strange.clone())];
        problems.add_with("phan-to", "reporting-definition-no-dimension", named);
    }
    if let Some(before) = before {
        fixed(element, before, used, &mut problems);
        named(element, defined, &mut problems);
    }
    problems
}

/// What figures hold in place.
fn fixed(element: &DataElement, before: &DataElement, used: &Use, problems: &mut FormProblems) {
    if !used.figures.is_empty() {
        let changes = [
            ("don-vi", element.unit != before.unit),
            ("thap-phan", element.decimals != before.decimals),
            ("cong-don", element.law != before.law),
        ];
        for (field, _) in changes.into_iter().filter(|(_, changed)| *changed) {
            problems.add(field, "reporting-definition-fixed");
        }
    }
    let cells = used.figures.iter().chain(&used.asked);
    let lost = cells.filter(|key| element.cell(key.coords.clone()).is_none());
    let dimensions: BTreeSet<String> = lost
        .flat_map(|key| key.coords.iter().map(|(dimension, _)| dimension.to_owned()))
        .filter(|dimension| !element.dimensions.contains(dimension))
        .collect();
    for dimension in dimensions {
        let named = vec![("name", dimension)];
        problems.add_with("phan-to", "reporting-definition-dimension-used", named);
    }
}

/// Indicators that name the element must still be computed.
fn named(element: &DataElement, defined: &Defined<'_>, problems: &mut FormProblems) {
    let mut elements = defined.elements.clone();
    elements.insert(element.code.clone(), element.clone());
    let after = Defined { elements: &elements, ..*defined };
    let names = |one: &&crate::model::Indicator| {
        super::indicator_formula(one).is_some_and(|formula| {
            let inputs = formula.inputs();
            inputs.into_iter().filter_map(Input::cell).any(|key| key.element == element.code)
        })
    };
    let broken: Vec<&str> = defined
        .indicators
        .values()
        .filter(names)
        .filter(|one| super::indicator::still_fits(one, defined))
        .filter(|one| !super::indicator::still_fits(one, &after))
        .map(|one| one.code.as_str())
        .collect();
    if !broken.is_empty() {
        let codes = vec![("names", broken.join(", "))];
        problems.add_with("don-vi", "reporting-definition-breaks", codes);
    }
}
