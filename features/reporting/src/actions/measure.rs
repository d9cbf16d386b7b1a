//! What only measurements ask: the same counts the long way, and what keeping the live ones costs. Nothing here
//! is used by a page.

use std::collections::{BTreeMap, BTreeSet};

use areas::AreaId;
use kernel::{
    db::{Db, Tx},
    problem::Outcome,
};

use crate::{
    model::{CellKey, Life, Period},
    store::{
        numbers,
        rollups::{self, Delta},
        seats,
    },
};

/// Moves the live counts of some cells of a place by one, as a save of these cells does. For a transaction that
/// is then given up: the counts would be wrong.
pub async fn move_counts(
    tx: &mut Tx,
    area: &AreaId,
    period: &Period,
    keys: &[CellKey],
) -> Outcome<()> {
    let place = numbers::known_place(tx, area).await?;
    let no = numbers::known_period(tx, period.id()).await?;
    let wanted: BTreeSet<CellKey> = keys.iter().cloned().collect();
    let cells = numbers::known_cells(tx, &wanted).await?;
    if let (Some(place), Some(no)) = (place, no) {
        let day = period.last_day();
        let one = Delta { sum: 1, ..Delta::default() };
        let deltas: BTreeMap<i64, Delta> = cells.values().map(|no| (*no, one)).collect();
        let province = seats::province_on(tx, place.no, day).await?;
        rollups::move_by(tx, (no, Life::Final), province, &deltas).await?;
    }
    Ok(())
}

/// The sums of a cell per province and period from the figures themselves, as any database answers with
/// `group by`. Gives how many sums there are, and their sum.
pub async fn grouped(
    tx: &mut Tx,
    key: &CellKey,
    from: &Period,
    to: &Period,
) -> Outcome<(u64, i64)> {
    let cells = numbers::known_cells(tx, &[key.clone()].into()).await?;
    let Some(cell) = cells.get(key) else { return Ok((0, 0)) };
    let rows = rollups::grouped(tx, *cell, from.from, to.until).await?;
    Ok((rows.len() as u64, rows.iter().map(|row| row.sum).sum()))
}

/// How many figures the live counts speak of.
pub async fn figures(db: &Db) -> Outcome<u64> {
    db.view(async |tx| Ok(rollups::figures(tx).await?)).await
}

/// How many cells have a number of their own: those that anybody ever reported.
pub async fn cells(db: &Db) -> Outcome<usize> {
    db.view(async |tx| Ok(rollups::cells(tx).await?.len())).await
}
