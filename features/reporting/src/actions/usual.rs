//! What the cells of a form usually hold at a place, and what they hold now: one reading for whoever types a figure and
//! for whoever looks over thousands. The statistics are [`model::outlier`](crate::model::outlier).

use std::collections::{BTreeMap, HashMap};

use kernel::{db::Tx, problem::Outcome};

use crate::{
    model::{
        CellKey, Life, Period,
        form::{Form, Places},
        outlier::{Lookback, Typical},
    },
    store::{analysis, numbers},
};

/// The cells of a form, and the periods that say what they usually hold in one.
pub struct Usual {
    cells: Vec<CellKey>,
    /// Where each stands among `cells`, by number.
    at: HashMap<i64, usize>,
    lookback: Lookback,
    /// Those of the lookback, and the period itself in the end.
    periods: Vec<Period>,
    life: Life,
}

/// What the cells of a form held at a place.
pub struct PastAt<'a> {
    usual: &'a Usual,
    /// The periods of each cell, one cell after the other.
    amounts: Vec<Option<i64>>,
    figures: usize,
}

impl Usual {
    /// Those of a form: the cells that it asks for, also those that people add below its rows.
    pub async fn of(tx: &mut Tx, form: &Form, period: &Period, life: Life) -> Outcome<Self> {
        let elements: Vec<_> = form.elements().into_iter().cloned().collect();
        let places = Places::of(form);
        let mut known: Vec<(CellKey, i64)> = numbers::cells_of(tx, &elements)
            .await?
            .into_iter()
            .filter_map(|row| Some((row.key()?, row.no)))
            .filter(|(key, _)| places.section_of(key).is_some())
            .collect();
        known.sort();
        let at = known.iter().enumerate().map(|(at, (_, no))| (*no, at)).collect();
        let lookback = Lookback::of(period);
        let periods = [lookback.periods(), std::slice::from_ref(period)].concat();
        let cells = known.into_iter().map(|(key, _)| key).collect();
        Ok(Self { cells, at, lookback, periods, life })
    }

    /// What they held at a place.
    pub async fn past_at(&self, tx: &mut Tx, place: i64) -> Outcome<PastAt<'_>> {
        let mut amounts = vec![None; self.cells.len() * self.periods.len()];
        let mut figures = 0;
        for reported in analysis::amounts_at(tx, place, self.life, &self.periods).await? {
            let Some(when) = self.periods.iter().position(|one| one.id() == reported.period) else {
                continue;
            };
            for (cell, amount) in reported.amounts.0 {
                if let Some(cell) = self.at.get(&cell) {
                    amounts[cell * self.periods.len() + when] = Some(amount);
                    figures += 1;
                }
            }
        }
        Ok(PastAt { usual: self, amounts, figures })
    }

    /// What each of them usually holds at a place, where its past says so.
    pub async fn typical_at(&self, tx: &mut Tx, place: i64) -> Outcome<BTreeMap<CellKey, Typical>> {
        let past = self.past_at(tx, place).await?;
        let typical = past.cells().filter_map(|(cell, _, before)| {
            Some((cell.clone(), Typical::of(&self.lookback, before)?))
        });
        Ok(typical.collect())
    }
}

impl PastAt<'_> {
    /// How many figures were read.
    pub const fn figures(&self) -> usize {
        self.figures
    }

    /// The cells that hold an amount in the period itself: each with it and what is usual.
    pub fn reported(&self) -> impl Iterator<Item = (&CellKey, i64, Option<Typical>)> {
        let typical = |before| Typical::of(&self.usual.lookback, before);
        self.cells().filter_map(move |(cell, now, before)| Some((cell, now?, typical(before))))
    }

    /// Every cell with what it holds now and what it held before.
    fn cells(&self) -> impl Iterator<Item = (&CellKey, Option<i64>, &[Option<i64>])> {
        let rows = self.amounts.chunks_exact(self.usual.periods.len());
        self.usual.cells.iter().zip(rows).filter_map(|(cell, row)| {
            let (now, before) = row.split_last()?;
            Some((cell, *now, before))
        })
    }
}
