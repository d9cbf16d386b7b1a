//! What may be defined: the rules that a programme, a dimension, a data element, an indicator or a target keeps,
//! whoever writes it. Problems name the field and the words to tell; storing and asking who may is not here.

mod dimension;
mod element;
mod indicator;
mod node;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::problem::FormProblems;
use serde::{Deserialize, Serialize};

use super::{
    DataElement, Dimension, ElementId, Indicator, IndicatorId, ProgrammeNodeId,
    amount::unit,
    element::{Mark, Sheet},
    programme::ProgrammeNode,
};

pub use dimension::{check as check_dimension, code_of, read_options};
pub use element::{Use, check as check_element};
pub use indicator::{below_lines, check as check_indicator, formula as indicator_formula};
pub use node::{check as check_node, descendants, kinds_below};
pub use target::check as check_target;

/// Longest name of something that is defined.
pub const NAME_MAX: usize = 400;
/// Longest text of a sheet.
pub const TEXT_MAX: usize = 4_000;
/// Longest reason of a change.
pub const REASON_MAX: usize = 500;
/// Most decimals that are kept.
pub const DECIMALS_MAX: u32 = 6;

/// What is defined already.
#[derive(Clone, Copy)]
pub struct Defined<'c> {
    /// Nodes of programmes.
    pub programme: &'c BTreeMap<ProgrammeNodeId, ProgrammeNode>,
    /// Dimensions.
    pub dimensions: &'c BTreeMap<String, Dimension>,
    /// Data elements.
    pub elements: &'c BTreeMap<ElementId, DataElement>,
    /// Indicators.
    pub indicators: &'c BTreeMap<IndicatorId, Indicator>,
}

/// What a person says about a change; it stands in the definition's body and travels with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who changed it, as colleagues know them.
    #[serde(default)]
    pub by: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// A definition with what was said about its change.
#[derive(Serialize)]
pub struct Changed<'a, T> {
    /// The definition.
    #[serde(flatten)]
    pub what: &'a T,
    /// What was said.
    pub change: &'a Change,
}

/// What was said about a change, out of a stored body; nothing for shipped ones.
pub fn change_of(body: &str) -> Change {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        change: Change,
    }
    serde_json::from_str::<Said>(body).map_or_else(|_| Change::default(), |said| said.change)
}

/// Names: there, and not endless.
fn name(name: &str, problems: &mut FormProblems) {
    problems.require(!name.trim().is_empty(), "ten", "reporting-definition-no-name");
    problems.require(name.chars().count() <= NAME_MAX, "ten", "reporting-definition-long");
}

/// The parts of a sheet.
fn sheet(sheet: &Sheet, problems: &mut FormProblems) {
    for (field, text) in [
        ("khai-niem", &sheet.concept),
        ("phuong-phap", &sheet.method),
        ("ky-cong-bo", &sheet.periodicity),
        ("nguon", &sheet.source),
        ("co-quan", &sheet.owner),
    ] {
        problems.require(text.chars().count() <= TEXT_MAX, field, "reporting-definition-long");
    }
}

/// Unit, decimals, component: what elements and indicators share.
fn measured(
    (code, decimals): (&str, u32),
    component: Option<&ProgrammeNodeId>,
    defined: &Defined<'_>,
    problems: &mut FormProblems,
) {
    problems.require(unit(code).is_some(), "don-vi", "reporting-definition-no-unit");
    problems.require(decimals <= DECIMALS_MAX, "thap-phan", "reporting-definition-decimals");
    let known = component.is_none_or(|node| defined.programme.contains_key(node));
    problems.require(known, "hop-phan", "reporting-definition-no-node");
}

/// What people write is never given out as counted by the platform.
fn mark(mark: Mark, problems: &mut FormProblems) {
    problems.require(mark != Mark::Computed, "can-cu", "reporting-definition-mark");
}
