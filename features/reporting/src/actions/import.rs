//! Many figures at once, for many places: what an exchange with another system or a whole year's file brings.
//! The same rules as for one cell hold; only the reading of numbers is done once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::AreaId;
use kernel::{db::Tx, problem::Outcome, scope::ScopePath};

use super::{
    figures::{self, Became, Edit, Ground, Pen},
    map,
};
use crate::{
    model::{CellKey, CellState, Life, Period},
    store::{
        numbers::{self, PlaceRow},
        values::Spot,
    },
};

/// Reads short numbers once and writes many places with them. Lives as long as its transaction.
pub struct Importer {
    pen: Pen,
    periods: HashMap<String, i64>,
    places: HashMap<AreaId, PlaceRow>,
    cells: HashMap<CellKey, i64>,
}

impl Importer {
    /// Begins to write figures of a data set in somebody's name.
    pub async fn begin(
        tx: &mut Tx,
        dataset: &str,
        (account, name): (&str, &str),
        places: &[(AreaId, ScopePath)],
    ) -> Outcome<Self> {
        let author = numbers::author_no(tx, account, name).await?;
        let owner = numbers::owner_no(tx, dataset).await?;
        Ok(Self {
            pen: Pen { owner, author, at: tx.now() },
            periods: HashMap::new(),
            places: map::places(tx, places).await?,
            cells: HashMap::new(),
        })
    }

    /// Writes the figures of one place and period over what stands there; those that stand there already
    /// change nothing. Gives how many were written, and how many another data set owns.
    pub async fn write(
        &mut self,
        tx: &mut Tx,
        area: &AreaId,
        period: &Period,
        life: Life,
        figures: &BTreeMap<CellKey, CellState>,
    ) -> Outcome<(usize, usize)> {
        let Some(place) = self.places.get(area).cloned() else { return Ok((0, 0)) };
        let period_no = if let Some(no) = self.periods.get(period.id()) {
            *no
        } else {
            let no = numbers::period_no(tx, period).await?;
            self.periods.insert(period.id().to_owned(), no);
            no
        };
        let unknown: BTreeSet<CellKey> =
            figures.keys().filter(|key| !self.cells.contains_key(*key)).cloned().collect();
        if !unknown.is_empty() {
            self.cells.extend(numbers::cell_nos(tx, &unknown).await?);
        }
        let spot = Spot { period: period_no, place: place.no, life };
        let ground = Ground::read(tx, spot, period.last_day()).await?;
        let edits: Vec<Edit> = figures
            .iter()
            .map(|(key, state)| {
                let cell = self.cells.get(key).copied().unwrap_or(0);
                Edit {
                    key: key.clone(),
                    base: ground.version(cell, key),
                    state: Some(state.clone()),
                }
            })
            .collect();
        let became = figures::apply_numbered(tx, &ground, self.pen, &edits, &self.cells).await?;
        let owned = became.iter().filter(|one| matches!(one, Became::Owned(_))).count();
        Ok((became.len() - owned, owned))
    }
}
