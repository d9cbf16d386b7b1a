//! Sums for the questions of other systems: a figure of a commune as it stands, of a province and of the
//! country from the live counts. What it means is the asker's business.

use std::collections::HashMap;

use kernel::{db::Tx, problem::Outcome, scope::ScopePath};

use super::World;
use crate::{
    actions::counts,
    model::{CellKey, CellState, DatasetId, Life},
    store::{numbers, obligations, values},
};

/// Amounts by unit (its place in the directory).
pub type ByUnit = HashMap<usize, i64>;

/// The amounts of a cell in a period, of every commune, province and the country.
pub async fn amounts(
    tx: &mut Tx,
    world: &World,
    key: &CellKey,
    period: &str,
    life: Life,
    with_communes: bool,
) -> Outcome<ByUnit> {
    let mut all = ByUnit::new();
    for one in counts::sums(tx, key, &[period.to_owned()], life).await? {
        if one.count == 0 {
            continue;
        }
        let Some(no) = world.areas.of_area(&one.province) else { continue };
        all.insert(no, one.sum);
        if no != 0 {
            *all.entry(0).or_default() += one.sum;
        }
    }
    let cells = numbers::known_cells(tx, &[key.clone()].into()).await?;
    let period = numbers::known_period(tx, period).await?;
    if let (true, Some(cell), Some(period)) = (with_communes, cells.get(key), period) {
        let places = numbers::places(tx).await?;
        for one in values::of_cell(tx, *cell, period, life).await? {
            let unit = places.get(&one.place).and_then(|place| world.areas.of_area(&place.area));
            let amount = CellState::stored(one.state, one.amount, None).amount();
            if let (Some(no), Some(amount)) =
                (unit.filter(|no| world.areas.units[*no].level == 3), amount)
            {
                all.insert(no, amount);
            }
        }
    }
    Ok(all)
}

/// Reports owed, handed in, handed in in time, and approved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Owed.
    pub expected: i64,
    /// Handed in.
    pub reported: i64,
    /// In time.
    pub on_time: i64,
}

impl Owed {
    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self {
            expected: self.expected + other.expected,
            reported: self.reported + other.reported,
            on_time: self.on_time + other.on_time,
        }
    }
}

/// What is owed of a data set for a period, by unit.
pub async fn owed(
    tx: &mut Tx,
    world: &World,
    dataset: &DatasetId,
    period: &str,
    with_communes: bool,
) -> Outcome<HashMap<usize, Owed>> {
    let mut all: HashMap<usize, Owed> = HashMap::new();
    for (province, rate) in
        counts::rates(tx, dataset.as_str(), Life::Final, &[period.to_owned()]).await?
    {
        let Some(no) = world.areas.of_area(&province) else { continue };
        let own = Owed { expected: rate.expected, reported: rate.reported, on_time: rate.on_time };
        all.insert(no, own);
        if no != 0 {
            let country = all.entry(0).or_default();
            *country = country.and(own);
        }
    }
    if with_communes {
        let root = ScopePath::root();
        for one in obligations::under(tx, &root, dataset.as_str(), period, Life::Final).await? {
            let unit =
                world.areas.of_area(&one.area).filter(|no| world.areas.units[*no].level == 3);
            let Some(no) = unit else { continue };
            let reported = i64::from(one.met_at.is_some());
            let on_time = i64::from(one.met_at.is_some() && one.on_time);
            all.insert(no, Owed { expected: 1, reported, on_time });
        }
    }
    Ok(all)
}
