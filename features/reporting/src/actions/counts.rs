//! Live counts as others read them: sums per province, rates, and the proof that both are right.

use std::collections::BTreeSet;

use areas::AreaId;
use kernel::{
    db::{Db, Tx},
    problem::Outcome,
};

use crate::{
    model::{CellKey, Life},
    store::{numbers, rollups},
};

/// The live count of one cell in one province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvinceSum {
    /// The province.
    pub province: AreaId,
    /// The period's id.
    pub period: String,
    /// The sum of its places' figures.
    pub sum: i64,
    /// Places in the sum.
    pub count: i64,
    /// Places that said they have no data.
    pub no_data: i64,
    /// The sum of what was approved.
    pub approved_sum: i64,
    /// Places in the approved sum.
    pub approved_count: i64,
}

/// The live counts of a cell over periods, per province.
pub async fn sums(
    tx: &mut Tx,
    key: &CellKey,
    periods: &[String],
    life: Life,
) -> Outcome<Vec<ProvinceSum>> {
    let wanted: BTreeSet<CellKey> = [key.clone()].into();
    let cells = numbers::known_cells(tx, &wanted).await?;
    let Some(cell) = cells.get(key) else { return Ok(Vec::new()) };
    let known = numbers::periods(tx, periods).await?;
    let nos: Vec<i64> = known.iter().map(|row| row.no).collect();
    let places = numbers::provinces(tx).await?;
    let found = rollups::of_cell(tx, *cell, life, &nos).await?;
    let read = |row: rollups::Rollup| {
        Some(ProvinceSum {
            province: places.get(&row.province)?.area.clone(),
            period: known.iter().find(|known| known.no == row.period)?.id.clone(),
            sum: row.sum,
            count: row.count,
            no_data: row.no_data,
            approved_sum: row.approved_sum,
            approved_count: row.approved_count,
        })
    };
    Ok(found.into_iter().filter_map(read).collect())
}

/// True when the live counts are what counting anew gives, to the last unit.
pub async fn are_true(db: &Db) -> Outcome<bool> {
    db.view(async |tx| {
        for cell in rollups::cells(tx).await? {
            if rollups::lines(tx, cell).await? != rollups::lines_anew(tx, cell).await? {
                return Ok(false);
            }
        }
        Ok(true)
    })
    .await
}

/// True when the live rates are what counting the obligations anew gives.
pub async fn rates_are_true(db: &Db) -> Outcome<bool> {
    db.view(async |tx| Ok(rollups::rate_lines(tx).await? == rollups::rate_lines_anew(tx).await?))
        .await
}

/// Counts everything anew; gives the number of counts.
pub async fn rebuild(db: &Db) -> Outcome<u64> {
    db.change(async |tx| {
        rollups::clear(tx).await?;
        let mut lines = 0;
        for cell in rollups::cells(tx).await? {
            lines += rollups::rebuild(tx, cell).await?;
        }
        Ok(lines)
    })
    .await
}

/// Who owes, who reported, of one data set and period, per province.
pub async fn rates(
    tx: &mut Tx,
    dataset: &str,
    life: Life,
    periods: &[String],
) -> Outcome<Vec<(AreaId, rollups::Rate)>> {
    let places = numbers::provinces(tx).await?;
    let found = rollups::rates(tx, dataset, life, periods).await?;
    let read = |rate: rollups::Rate| Some((places.get(&rate.province)?.area.clone(), rate));
    Ok(found.into_iter().filter_map(read).collect())
}
