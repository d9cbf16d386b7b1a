//! A data set as a dataflow: its dimensions, and where a figure stands in them.

use std::collections::BTreeSet;

use super::Observation;
use crate::{
    actions::exchange::World,
    model::{Dataset, DatasetId, ElementId, Life, Period},
};

/// SDMX's code for "all of them" along a dimension.
pub const TOTAL: &str = "_T";

/// A dataflow.
pub struct Flow<'w> {
    /// The data set.
    pub dataset: &'w Dataset,
    /// Its title, from its form.
    pub title: String,
    /// Dimensions before time, in the order of keys.
    pub dimensions: Vec<String>,
    /// Our codes of those that divide figures.
    pub divisions: Vec<String>,
    /// What it counts.
    pub elements: Vec<ElementId>,
}

impl<'w> Flow<'w> {
    /// A data set's, when it has figures.
    pub fn of(world: &'w World, code: &DatasetId) -> Option<Self> {
        let dataset = world.catalogue.datasets.get(code)?;
        let form = world.catalogue.form(code).ok()?;
        let mut divisions: BTreeSet<String> = BTreeSet::new();
        for (_, table) in form.tables() {
            divisions.extend(table.details.iter().cloned());
            for placed in table.cells() {
                divisions
                    .extend(placed.key.coords.iter().map(|(dimension, _)| dimension.to_owned()));
            }
        }
        let elements: Vec<ElementId> = form.elements().into_iter().cloned().collect();
        let divisions: Vec<String> = divisions.into_iter().collect();
        let mut dimensions = vec!["REF_AREA".to_owned(), "INDICATOR".to_owned()];
        dimensions.extend(divisions.iter().map(|code| code.to_ascii_uppercase()));
        dimensions.push("LIFE".to_owned());
        let title = form.title.clone();
        (!elements.is_empty()).then_some(Self { dataset, title, dimensions, divisions, elements })
    }

    /// Where a figure stands, in the order of the dimensions.
    pub fn place(&self, one: &Observation) -> Vec<String> {
        let own = self
            .divisions
            .iter()
            .map(|code| one.key.coords.option(code).unwrap_or(TOTAL).to_owned());
        let mut place = vec![one.area.clone(), code(one.key.element.as_str())];
        place.extend(own);
        place.push(if one.life == Life::Estimate { "E" } else { "F" }.to_owned());
        place
    }

    /// What a key wants of each dimension, nothing for all; `None` for a key of another length.
    pub fn wanted(&self, key: &str) -> Option<Vec<Vec<String>>> {
        if key.is_empty() || key == "all" {
            return Some(vec![Vec::new(); self.dimensions.len()]);
        }
        let parts: Vec<Vec<String>> = key
            .split('.')
            .map(|part| {
                part.split(['+', ' ']).filter(|code| !code.is_empty()).map(str::to_owned).collect()
            })
            .collect();
        (parts.len() == self.dimensions.len()).then_some(parts)
    }
}

/// A code as SDMX allows it: keys are put together with dots, so codes have none.
pub fn code(own: &str) -> String {
    own.replace('.', "_")
}

/// A period as SDMX writes it: `2026`, `2026-S1`, `2026-Q4`, `2026-03`, `2026-W05`, a day; the others by start
/// and duration.
pub fn time(period: &Period) -> String {
    let id = period.id();
    let scheme = period.scheme.code();
    let place = id.strip_prefix(&*scheme).and_then(|rest| rest.strip_prefix('-')).unwrap_or(id);
    let marked = |mark: &str| place.replacen('-', &format!("-{mark}"), 1);
    match &*scheme {
        "y" | "budget" | "m" | "day" => place.to_owned(),
        "h" => marked("S"),
        "q" => marked("Q"),
        "week" => marked("W"),
        _ => period.interval(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_written_as_sdmx_has_them() {
        for (id, written) in [
            ("y-2026", "2026"),
            ("q-2026-4", "2026-Q4"),
            ("h-2026-1", "2026-S1"),
            ("m-2026-03", "2026-03"),
            ("nd09q-2026-4", "2026-09-15/P3M"),
        ] {
            assert_eq!(time(&Period::parse(id).expect("a period")), written);
        }
    }
}
