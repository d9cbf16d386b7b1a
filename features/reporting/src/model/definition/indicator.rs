//! Indicators: formulas that can be read, that name what exists, whose units fit, that do not go in circles.

use std::collections::{BTreeMap, BTreeSet};

use kernel::problem::FormProblems;

use super::Defined;
use crate::model::{
    Indicator, IndicatorId,
    amount::unit,
    analysis::{Measures, measure},
    formula::{Cycle, Formula, Input, Kind, ParseProblem, Units, in_words, order},
};

/// Numerator over denominator as one formula; none when a part cannot be read.
pub fn formula(indicator: &Indicator) -> Option<Formula> {
    if indicator.denominator.trim().is_empty() {
        return Formula::parse(&indicator.numerator).ok();
    }
    Formula::parse(&format!("({}) / ({})", indicator.numerator, indicator.denominator)).ok()
}

/// What is wrong with an indicator.
pub fn check(indicator: &Indicator, defined: &Defined<'_>) -> FormProblems {
    let mut problems = FormProblems::new();
    super::name(&indicator.name, &mut problems);
    super::sheet(&indicator.sheet, &mut problems);
    super::mark(indicator.mark, &mut problems);
    let component = indicator.component.as_ref();
    super::measured((&indicator.unit, indicator.decimals), component, defined, &mut problems);
    let above = part(&indicator.numerator, "tu-so", indicator, defined, &mut problems);
    let below = match indicator.denominator.trim() {
        "" => None,
        text => Some(part(text, "mau-so", indicator, defined, &mut problems)),
    };
    if above.is_some() && !matches!(below, Some(None)) {
        whole(indicator, defined, &mut problems);
        round(indicator, defined, &mut problems);
    }
    problems
}

/// One of the two formulas, read and looked at by itself.
fn part(
    text: &str,
    field: &'static str,
    indicator: &Indicator,
    defined: &Defined<'_>,
    problems: &mut FormProblems,
) -> Option<Formula> {
    let formula = match Formula::parse(text) {
        Ok(formula) => formula,
        Err(wrong) => {
            let at = vec![("at", wrong.at.to_string())];
            problems.add_with(field, wrong.problem.words(), at);
            return None;
        }
    };
    if formula.kind() != Kind::Number {
        let at = vec![("at", "1".to_owned())];
        problems.add_with(field, ParseProblem::NeedsNumber.words(), at);
        return None;
    }
    let strange: Vec<String> = formula
        .inputs()
        .into_iter()
        .filter(|input| !names_something(input, indicator, defined))
        .map(ToString::to_string)
        .collect();
    if !strange.is_empty() {
        let names = vec![("names", strange.join(", "))];
        problems.add_with(field, "reporting-definition-unknown-name", names);
        return None;
    }
    if let Some(zero) = formula.zero_below() {
        let told = vec![("below", zero.to_string())];
        problems.add_with(field, "reporting-definition-zero-below", told);
        return None;
    }
    match formula.with_units(&Measures::of(defined.elements, defined.indicators)) {
        Ok(_) => Some(formula),
        Err(wrong) => {
            problems.add_with(field, wrong.words(), wrong.args());
            None
        }
    }
}

fn names_something(input: &Input, indicator: &Indicator, defined: &Defined<'_>) -> bool {
    match input {
        Input::Cell(key) | Input::Previous(key) => {
            let divided = defined
                .elements
                .get(&key.element)
                .is_some_and(|element| element.cell(key.coords.clone()).is_some());
            divided
                && key.coords.iter().all(|(dimension, option)| {
                    defined.dimensions.get(dimension).is_some_and(|it| it.option(option).is_some())
                })
        }
        // That it names itself is told as a circle.
        Input::Indicator(id) | Input::Target(id) => {
            *id == indicator.code || defined.indicators.contains_key(id)
        }
    }
}

/// Figures below a line, which may be zero somewhere: there the indicator has no number.
pub fn below_lines(indicator: &Indicator) -> Vec<String> {
    let Some(whole) = formula(indicator) else { return Vec::new() };
    let lines = whole.below_lines().into_iter().filter(|node| !node.inputs().is_empty());
    let told: BTreeSet<String> = lines.map(ToString::to_string).collect();
    told.into_iter().collect()
}

/// Both parts together: what the result is measured in.
fn whole(indicator: &Indicator, defined: &Defined<'_>, problems: &mut FormProblems) {
    let Some(formula) = formula(indicator) else { return };
    if formula.inputs().is_empty() {
        problems.add("tu-so", "reporting-definition-no-figure");
        return;
    }
    let (known, Some(wanted)) =
        (Measures::of(defined.elements, defined.indicators), measure(&indicator.unit))
    else {
        return;
    };
    let Err(wrong) = formula.in_unit(&known, &wanted) else { return };
    let own = formula.with_units(&known).ok().and_then(|(_, measure)| measure);
    match own {
        // *Lần*, how many times as much, and a plain *số* are pure numbers.
        Some(own) if own.is_pure() && ["lan", "so"].contains(&indicator.unit.as_str()) => {}
        Some(own) => {
            let args = vec![
                ("result", in_words(&own.to_string())),
                ("unit", unit(&indicator.unit).map_or("", |unit| &unit.name).to_owned()),
            ];
            problems.add_with("don-vi", "reporting-definition-unit-result", args);
        }
        None => {
            problems.add_with("don-vi", wrong.words(), wrong.args());
        }
    }
}

/// Indicators that are computed from each other.
fn round(indicator: &Indicator, defined: &Defined<'_>, problems: &mut FormProblems) {
    let uses = |one: &Indicator| -> BTreeSet<IndicatorId> {
        let formula = formula(one);
        formula.iter().flat_map(|formula| formula.indicators()).cloned().collect()
    };
    let mut all: BTreeMap<IndicatorId, BTreeSet<IndicatorId>> =
        defined.indicators.iter().map(|(id, one)| (id.clone(), uses(one))).collect();
    all.insert(indicator.code.clone(), uses(indicator));
    if let Err(Cycle(path)) = order(&all) {
        let path: Vec<&str> = path.iter().map(IndicatorId::as_str).collect();
        problems.add_with("tu-so", "reporting-formula-cycle", vec![("path", path.join(" → "))]);
    }
}

/// Whether everything an indicator names is still measured in fitting units; for changes of what it names.
pub(super) fn still_fits(indicator: &Indicator, defined: &Defined<'_>) -> bool {
    let mut problems = FormProblems::new();
    let known = Measures::of(defined.elements, defined.indicators);
    let named = formula(indicator).is_some_and(|formula| {
        formula.inputs().into_iter().all(|input| names_something(input, indicator, defined))
            && formula.inputs().iter().all(|input| match input {
                Input::Cell(key) | Input::Previous(key) => known.element(&key.element).is_some(),
                Input::Indicator(_) | Input::Target(_) => true,
            })
            && formula.with_units(&known).is_ok()
    });
    whole(indicator, defined, &mut problems);
    named && problems.is_empty()
}
