//! The pages of areas: finding a place by an old or new name, an area's own page, the country as a tree, as a
//! map and on two days side by side, and the two forms with which a commune keeps its villages.

pub mod area;
pub mod biography;
pub mod classes;
pub mod compare;
pub mod convert;
pub mod decree;
pub mod finder;
pub mod map;
pub mod place_field;
pub mod population;
pub mod questions;
pub mod samples;
mod samples_villages;
pub mod tree;
pub mod village_edit;
pub mod village_import;
mod village_sheet;
pub mod villages;

use kernel::{
    clock::Day,
    db::Tx,
    minijinja::{self, value::Serde},
    problem::Outcome,
    text::thousands,
    web::Visit,
};
use serde::Serialize;

use crate::{
    model::{Area, AreaLevel, Population, plan::succession_known_from, village_change::Rollup},
    store,
};

/// What is wrong with a form, as the form macros want it.
pub type Errors = minijinja::Value;

fn told<E: Serialize>(errors: Vec<E>) -> Errors {
    errors.into_iter().map(|error| minijinja::Value::from(Serde(error))).collect()
}

/// One step of the way to a page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Crumb {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
}

impl Crumb {
    fn link(label: String, href: impl Into<String>) -> Self {
        Self { label, href: Some(href.into()) }
    }

    fn here(label: String) -> Self {
        Self { label, href: None }
    }
}

/// The address of an area's page.
fn href(area: &Area) -> String {
    format!("/dia-ban/{}", area.id)
}

/// The way down to an area; the last step is the area itself, to be linked or not.
async fn crumbs(visit: &Visit, tx: &mut Tx, area: &Area) -> Outcome<Vec<Crumb>> {
    let mut way = vec![
        Crumb::link(visit.say("kernel-home", &[]), "/"),
        Crumb::link(visit.say("areas-nav", &[]), "/dia-ban"),
    ];
    for above in store::ancestors(tx, area).await? {
        if above.level != AreaLevel::Country {
            way.push(Crumb::link(above.title(), href(&above)));
        }
    }
    way.push(Crumb::link(area.title(), href(area)));
    Ok(way)
}

/// A head count as pages show it.
#[derive(Clone, Debug, Serialize)]
pub struct Counted {
    people: i64,
    households: i64,
    on: Day,
    source: String,
}

impl From<Population> for Counted {
    fn from(Population { people, households, on, source }: Population) -> Self {
        Self { people, households, on, source }
    }
}

/// Head counts of villages added up, as pages show them. Villages without a count are said, not taken for
/// empty.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sum {
    people: String,
    households: String,
    counted: i64,
    villages: i64,
    whole: bool,
}

impl From<Rollup> for Sum {
    fn from(sum: Rollup) -> Self {
        Self {
            people: thousands(sum.people),
            households: thousands(sum.households),
            counted: sum.counted,
            villages: sum.villages,
            whole: sum.is_whole(),
        }
    }
}

/// The day itself, unless it is the open end.
fn known(day: Day) -> Option<Day> {
    (day != Day::FOREVER).then_some(day)
}

/// False for the first day of a frame that nothing leads to: what it shows is older than that day, and
/// pages say "recorded since" instead of "since".
fn is_birth(day: Day) -> bool {
    day != succession_known_from() && Day::new(2021, 1, 1) != Some(day)
}
