//! How many owe each figure, written beside what was reported. Who owes it: `gather.rs`.

use std::collections::HashMap;

use areas::AreaId;

use super::{
    by_unit::{ByUnit, Units},
    gather::{Owing, Owners, Rates},
};
use crate::{
    actions::catalogue::Catalogue,
    model::{CellKey, Period},
    store::rollups::Rate,
};

/// What is known of who owes what.
pub struct Expecting<'b> {
    /// The forms.
    pub catalogue: &'b Catalogue,
    /// Which of them ask for what.
    pub owners: &'b Owners,
    /// The units of the answer.
    pub units: &'b Units,
    /// Communes that owe.
    pub owing: &'b Owing,
    /// How many owe, by province or by commune.
    pub rates: &'b Rates,
}

impl Expecting<'_> {
    /// Writes beside the figures of a cell for a period how many owe them, where that is known. Of several data sets
    /// that ask for the same figure, the one that most owe counts; who owes it is known once it is known of each.
    pub fn write(&self, key: &CellKey, part: &Period, facts: &mut ByUnit) {
        let (mut known, mut unknown) = (0, 0);
        for dataset in self.owners.datasets(&key.element, part) {
            let place = (dataset.clone(), part.id().to_owned());
            let owing = self.owing.get(&place);
            let rates = self.rates.get(&place).filter(|_| owing.is_none());
            if owing.is_some() {
                facts.expect_who_reported();
            }
            for area in owing.into_iter().flatten().filter(|area| self.units.known(area).is_some())
            {
                facts.entry(self.units, area).expected = 1;
            }
            for (area, rate) in rates.into_iter().flatten() {
                let fact = facts.entry(self.units, area);
                fact.expected = fact.expected.max(rate.expected);
            }
            if owing.is_some() || rates.is_some_and(is_known) {
                known += 1;
            } else if self.catalogue.datasets.get(dataset).is_some_and(|one| one.asks_in(part)) {
                unknown += 1;
            }
        }
        facts.is_owed_known = known > 0 && unknown == 0;
    }
}

/// True when anybody is known to owe, or to have been excused: then who is not among them owes nothing.
pub fn is_known(rates: &HashMap<AreaId, Rate>) -> bool {
    rates.values().any(|rate| rate.expected + rate.excused > 0)
}
