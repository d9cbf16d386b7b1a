//! Reviewing: the reports under somebody, one of them with what changed, the decision, copies to take away.
//! What these pages share with others stands here: choices, tabs, figures and shares in words.

mod copy;
mod list;
mod many;
mod one;
mod sections;

use kernel::{
    app::AppRef,
    axum::{Router, routing::get},
    minijinja::Value,
    problem::{Failure, OrMissing, Outcome},
    web::Visit,
};
use serde::Serialize;

pub(crate) use self::{
    list::{LIST, ListContext, ProvinceRow, UnitRow},
    many::{DONE, DoneContext, DoneRow},
    one::{BeforeRow, CopyRow, SHOW, ShowContext, StepLine, parts},
    sections::{CellRow, DoubtRow, RemarkRow, SectionRow, approved, approved_before},
};
use crate::{
    actions::{catalogue::Catalogue, review::Rates},
    model::{
        CellKey, CellState, DatasetId, Life, Period,
        amount::{print_amount, unit},
    },
};

/// The addresses of this page.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/duyet", get(list::list).post(many::decide_many))
        .route("/bao-cao/duyet/{submission}", get(one::show).post(one::decide))
        .route("/bao-cao/duyet/{submission}/ban-luu/{copy}", get(copy::copy))
}

/// A choice of a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is read.
    pub(crate) label: String,
}

/// A tab with its count.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Tab {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) count: Option<i64>,
    pub(crate) current: bool,
}

/// A figure in words and state, as `figure_state` of the patterns shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shown {
    /// `value`, `none` (nothing occurred), `missing` (no data), `unknown` (not reported).
    pub(crate) state: &'static str,
    /// The number.
    pub(crate) text: String,
    /// Why.
    pub(crate) reason: String,
}

impl Shown {
    /// Of a cell.
    pub(crate) fn of(state: Option<&CellState>, decimals: u32) -> Self {
        let (kind, text, reason) = match state {
            Some(CellState::Value(amount)) => ("value", print_amount(*amount, decimals), ""),
            Some(CellState::Nil(why)) => ("none", String::new(), why.as_str()),
            Some(CellState::NoData(why)) => ("no-data", String::new(), why.as_str()),
            None => ("missing", String::new(), ""),
        };
        Self { state: kind, text, reason: reason.to_owned() }
    }
}

/// The name of an element, with what its coordinates fix.
pub(crate) fn cell_name(catalogue: &Catalogue, key: &CellKey) -> String {
    let element = catalogue.elements.get(&key.element);
    let mut name = element.map_or_else(|| key.element.to_string(), |element| element.name.clone());
    for (dimension, option) in key.coords.iter() {
        let known = catalogue.dimensions.get(dimension).and_then(|one| one.option(option));
        name.push_str(" – ");
        name.push_str(known.map_or(option, |one| one.name.as_str()));
    }
    name
}

/// The name of an element's unit.
pub(crate) fn unit_name(catalogue: &Catalogue, key: &CellKey) -> String {
    let code = catalogue.elements.get(&key.element).map_or("", |element| element.unit.as_str());
    unit(code).map_or_else(|| code.to_owned(), |unit| unit.name.clone())
}

/// Decimals of a cell's element.
pub(crate) fn decimals(catalogue: &Catalogue, key: &CellKey) -> u32 {
    catalogue.elements.get(&key.element).map_or(0, |element| element.decimals)
}

/// A share of a whole, said with both numbers and never above all.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Share {
    pub(crate) label: String,
    pub(crate) percent: Option<i64>,
    pub(crate) text: String,
}

impl Share {
    /// Told as the pages of analysis tell it.
    pub(crate) fn of(visit: &Visit, key: &str, rates: Rates, part: i64) -> Self {
        let permille = rates.per_mille(part);
        let text = match permille {
            Some(permille) => visit.say(
                "reporting-review-share",
                &[
                    ("percent", print_amount(permille, 1)),
                    ("part", part.clamp(0, rates.expected).to_string()),
                    ("whole", rates.expected.to_string()),
                ],
            ),
            None => visit.say("reporting-nothing-owed", &[]),
        };
        let excused = match rates.excused {
            0 => String::new(),
            count => {
                let words = visit.say("reporting-review-excused", &[("count", count.to_string())]);
                format!(" · {words}")
            }
        };
        let text = text + &excused;
        Self { label: visit.say(key, &[]), percent: permille.map(|one| one / 10), text }
    }
}

/// What a problem says.
pub(crate) fn told(visit: &Visit, failure: &Failure) -> String {
    let problem = failure.problem();
    let code = problem.map_or("internal", |problem| problem.kind.code);
    let args: Vec<(&str, String)> = problem.map(|problem| problem.args.clone()).unwrap_or_default();
    visit.say(&format!("problem-{code}"), &args)
}

/// Errors as templates read them.
pub(crate) fn as_values<E: Serialize>(errors: &[E]) -> Vec<Value> {
    let value = |error| Value::from(kernel::minijinja::value::Serde(error));
    errors.iter().map(value).collect()
}

/// The period and life that a choice means: `nd09q-2026-4~f`.
pub(crate) fn period_value(period: &str, life: Life) -> String {
    format!("{period}~{}", if life == Life::Estimate { "e" } else { "f" })
}

pub(crate) fn read_period(value: &str) -> (String, Life) {
    let (period, life) = value.split_once('~').unwrap_or((value, "f"));
    (period.to_owned(), if life == "e" { Life::Estimate } else { Life::Final })
}

/// A period and, where its figures have two lives, which.
pub(crate) fn period_label(visit: &Visit, period: &str, life: i64, twice: bool) -> String {
    let name =
        Period::parse(period).map_or_else(|| period.to_owned(), |one| one.label(visit.lang()));
    with_life(visit, name, life, twice)
}

/// The same within a sentence.
pub(crate) fn period_within(visit: &Visit, period: &str, life: i64, twice: bool) -> String {
    let name =
        Period::parse(period).map_or_else(|| period.to_owned(), |one| one.within(visit.lang()));
    with_life(visit, name, life, twice)
}

fn with_life(visit: &Visit, name: String, life: i64, twice: bool) -> String {
    if !twice {
        return name;
    }
    let life = Life::from_code(life).slug();
    format!("{name} – {}", visit.say(&format!("reporting-review-life-{life}"), &[]))
}

/// A data set's code from an address, or 404.
pub(crate) fn dataset_of(code: &str) -> Outcome<DatasetId> {
    DatasetId::parse(code).or_missing(&crate::actions::DATASET_NOT_FOUND)
}
