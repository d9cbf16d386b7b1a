//! Figures: what stands in the cells of a place, a period and a life; what stood there before.

use std::collections::HashMap;

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct, sql,
};

use super::numbers::is_signer;
use crate::model::{CellKey, CellState, Coords, ElementId, Life};

/// Where figures are: node-local numbers of the period and the place, and the life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    /// The period's number.
    pub period: i64,
    /// The place's number.
    pub place: i64,
    /// Which of the two lives.
    pub life: Life,
}

/// A figure with its provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its cell's number.
    pub cell: i64,
    /// Its cell.
    pub key: CellKey,
    /// What stands there.
    pub state: CellState,
    /// Counted from 1.
    pub version: i64,
    /// The number of the data set that owns it.
    pub owner: i64,
    /// Who wrote it; who signed it, when it came with a report of another node.
    pub author: String,
    /// True when it came with a report of another node.
    pub came_signed: bool,
    /// When it was written, or signed.
    pub at: Timestamp,
    /// What was approved last.
    pub approved: Option<i64>,
}

row_struct! {
    struct ValueRow {
        place: i64,
        cell: i64,
        element: ElementId,
        coords: String,
        state: i64,
        amount: Option<i64>,
        reason: Option<String>,
        version: i64,
        owner: i64,
        author_account: String,
        author_name: String,
        at: Timestamp,
        approved: Option<i64>,
    }
    /// What stood in a cell before.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Past {
        pub version: i64,
        pub state: i64,
        pub amount: Option<i64>,
        pub reason: Option<String>,
        pub author_account: String,
        pub author_name: String,
        pub at: Timestamp,
    }
}

impl Past {
    /// True when it came with a report of another node: the author signed it.
    pub fn came_signed(&self) -> bool {
        is_signer(&self.author_account)
    }

    /// What stood there; none when the cell was emptied.
    pub fn state(&self) -> Option<CellState> {
        (self.state >= 0).then(|| CellState::stored(self.state, self.amount, self.reason.clone()))
    }
}

/// Every figure of a spot.
pub async fn of_spot(tx: &mut Tx, spot: Spot) -> Result<HashMap<CellKey, Held>, DbError> {
    let mut all = of_places(tx, (spot.period, spot.life), &[spot.place]).await?;
    Ok(all.remove(&spot.place).unwrap_or_default())
}

/// Every figure of a period and a life at some places, by place.
pub async fn of_places(
    tx: &mut Tx,
    (period, life): (i64, Life),
    places: &[i64],
) -> Result<HashMap<i64, HashMap<CellKey, Held>>, DbError> {
    let list: Vec<Value> = places.iter().map(|no| Value::from(*no)).collect();
    let rows: Vec<ValueRow> = tx
        .all_in(
            "select v.place, v.cell, c.element, c.coords, v.state, v.amount, v.reason, v.version, v.owner, \
             a.account as author_account, a.name as author_name, v.at, v.approved \
             from reporting_values v join reporting_cells c on c.no = v.cell \
             join reporting_authors a on a.no = v.author \
             where v.period = $1 and v.life = $2 and v.place in",
            &[period.into(), life.code().into()],
            &list,
        )
        .await?;
    let mut all: HashMap<i64, HashMap<CellKey, Held>> = HashMap::new();
    for row in rows {
        let Some(key) = named(&row.element, &row.coords) else { continue };
        let held = Held {
            cell: row.cell,
            key: key.clone(),
            state: CellState::stored(row.state, row.amount, row.reason),
            version: row.version,
            owner: row.owner,
            came_signed: is_signer(&row.author_account),
            author: row.author_name,
            at: row.at,
            approved: row.approved,
        };
        all.entry(row.place).or_default().insert(key, held);
    }
    Ok(all)
}

/// A figure to be written.
#[derive(Clone, Debug)]
pub struct Put {
    /// Its cell's number.
    pub cell: i64,
    /// What stands there.
    pub state: CellState,
    /// Its version from now on.
    pub version: i64,
    /// The number of the data set that owns it.
    pub owner: i64,
    /// The number of who writes it.
    pub author: i64,
    /// When it was typed.
    pub at: Timestamp,
}

/// Figures whose rows are in memory at the same time.
const PUT_AT_ONCE: usize = 4_096;

/// Writes figures over what stands there, at one spot or several.
pub async fn put(tx: &mut Tx, puts: &[(Spot, Put)]) -> Result<(), DbError> {
    for some in puts.chunks(PUT_AT_ONCE) {
        let rows: Vec<Vec<Value>> = some.iter().map(|(spot, one)| row(*spot, one)).collect();
        let Some(last) = rows.last() else { return Ok(()) };
        tx.insert_often(
            "insert into reporting_values (period, place, cell, life, state, amount, reason, version, owner, author, at) values",
            "on conflict (period, place, cell, life) do update set state = excluded.state, amount = excluded.amount, \
             reason = excluded.reason, version = excluded.version, author = excluded.author, at = excluded.at",
            &rows,
            last,
        )
        .await?;
    }
    Ok(())
}

fn row(spot: Spot, one: &Put) -> Vec<Value> {
    let (amount, reason) = columns(&one.state);
    vec![
        spot.period.into(),
        spot.place.into(),
        one.cell.into(),
        spot.life.code().into(),
        one.state.code().into(),
        amount,
        reason,
        one.version.into(),
        one.owner.into(),
        one.author.into(),
        one.at.into(),
    ]
}

/// The columns of a state.
fn columns(state: &CellState) -> (Value, Value) {
    let amount = match state {
        CellState::Value(amount) => Some(*amount),
        _ => None,
    };
    (amount.into(), Some(state.reason()).filter(|why| !why.is_empty()).into())
}

/// Empties a cell: it was not reported after all. The history keeps that it was emptied, under a version of its
/// own, so that whoever types over the old figure meets a conflict.
pub async fn remove(tx: &mut Tx, spot: Spot, put: &Put) -> Result<(), DbError> {
    let cell = put.cell;
    tx.run(
        sql!(
            "insert into reporting_history (period, place, cell, life, version, state, author, at) \
              values ($1, $2, $3, $4, $5, -1, $6, $7) on conflict do nothing"
        ),
        &[
            spot.period.into(),
            spot.place.into(),
            cell.into(),
            spot.life.code().into(),
            put.version.into(),
            put.author.into(),
            put.at.into(),
        ],
    )
    .await?;
    tx.run(
        sql!("delete from reporting_values where period = $1 and place = $2 and cell = $3 and life = $4"),
        &[spot.period.into(), spot.place.into(), cell.into(), spot.life.code().into()],
    )
    .await?;
    Ok(())
}

/// Moves what stands in these cells to the history.
pub async fn remember(tx: &mut Tx, spot: Spot, cells: &[i64]) -> Result<(), DbError> {
    let list: Vec<Value> = cells.iter().map(|cell| Value::from(*cell)).collect();
    tx.run_in(
        "insert into reporting_history (period, place, cell, life, version, state, amount, reason, author, at) \
         select v.period, v.place, v.cell, v.life, v.version, v.state, v.amount, v.reason, v.author, v.at \
         from reporting_values v where v.period = $1 and v.place = $2 and v.life = $3 and not exists ( \
         select 1 from reporting_history h where h.period = v.period and h.place = v.place \
         and h.cell = v.cell and h.life = v.life and h.version = v.version) and v.cell in",
        &[spot.period.into(), spot.place.into(), spot.life.code().into()],
        &list,
    )
    .await?;
    Ok(())
}

/// What stood in a cell before, newest first.
pub async fn past(tx: &mut Tx, spot: Spot, cell: i64) -> Result<Vec<Past>, DbError> {
    tx.all(
        sql!("select h.version, h.state, h.amount, h.reason, a.account as author_account, a.name as author_name, h.at from reporting_history h \
              join reporting_authors a on a.no = h.author \
              where h.period = $1 and h.place = $2 and h.cell = $3 and h.life = $4 order by h.version desc limit 100"),
        &[spot.period.into(), spot.place.into(), cell.into(), spot.life.code().into()],
    )
    .await
}

row_struct! {
    struct LastVersion {
        place: i64,
        cell: i64,
        version: i64,
    }
}

/// The highest version in the history of every cell of a spot that has one.
pub async fn last_versions(tx: &mut Tx, spot: Spot) -> Result<HashMap<i64, i64>, DbError> {
    let mut all = last_versions_at(tx, (spot.period, spot.life), &[spot.place]).await?;
    Ok(all.remove(&spot.place).unwrap_or_default())
}

/// The same of a period and a life at some places, by place.
pub async fn last_versions_at(
    tx: &mut Tx,
    (period, life): (i64, Life),
    places: &[i64],
) -> Result<HashMap<i64, HashMap<i64, i64>>, DbError> {
    let list: Vec<Value> = places.iter().map(|no| Value::from(*no)).collect();
    let rows: Vec<LastVersion> = tx
        .all_in_then(
            "select place, cell, cast(max(version) as bigint) as version from reporting_history \
             where period = $1 and life = $2 and place in",
            "group by place, cell",
            &[period.into(), life.code().into()],
            &list,
        )
        .await?;
    let mut all: HashMap<i64, HashMap<i64, i64>> = HashMap::new();
    for row in rows {
        all.entry(row.place).or_default().insert(row.cell, row.version);
    }
    Ok(all)
}

/// Approves what stands in some cells of a spot.
pub async fn approve(tx: &mut Tx, spot: Spot, cells: &[i64]) -> Result<u64, DbError> {
    let list: Vec<Value> = cells.iter().map(|cell| Value::from(*cell)).collect();
    tx.run_in(
        "update reporting_values set approved = case state when 0 then amount when 1 then 0 end \
         where period = $1 and place = $2 and life = $3 and cell in",
        &[spot.period.into(), spot.place.into(), spot.life.code().into()],
        &list,
    )
    .await
}

row_struct! {
    /// A figure as it is counted.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CountedAt {
        pub place: i64,
        pub cell: i64,
        pub life: i64,
        pub state: i64,
        pub amount: Option<i64>,
        pub approved: Option<i64>,
    }
}

/// The figures of some places in a period, of both lives.
pub async fn at_places(
    tx: &mut Tx,
    period: i64,
    places: &[i64],
) -> Result<Vec<CountedAt>, DbError> {
    let list: Vec<Value> = places.iter().map(|no| Value::from(*no)).collect();
    tx.all_in(
        "select place, cell, life, state, amount, approved from reporting_values where period = $1 and place in",
        &[period.into()],
        &list,
    )
    .await
}

row_struct! {
    /// The last version of a cell that was changed or emptied.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PastVersion {
        pub element: ElementId,
        pub coords: String,
        pub version: i64,
    }
    /// What stood in a cell in one version.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Version {
        pub element: ElementId,
        pub coords: String,
        pub version: i64,
        pub state: i64,
        pub amount: Option<i64>,
        pub reason: Option<String>,
    }
}

fn named(element: &ElementId, coords: &str) -> Option<CellKey> {
    Some(CellKey { element: element.clone(), coords: Coords::parse(coords)? })
}

/// The highest version in the history of every cell of a spot that has one, by cell.
pub async fn past_versions(tx: &mut Tx, spot: Spot) -> Result<HashMap<CellKey, i64>, DbError> {
    let rows: Vec<PastVersion> = tx
        .all(
            sql!(
                "select c.element, c.coords, cast(max(h.version) as bigint) as version \
                  from reporting_history h join reporting_cells c on c.no = h.cell \
                  where h.period = $1 and h.place = $2 and h.life = $3 group by c.element, c.coords"
            ),
            &[spot.period.into(), spot.place.into(), spot.life.code().into()],
        )
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((named(&row.element, &row.coords)?, row.version)))
        .collect())
}

/// Everything that stood at a spot before, by cell and version; the newest, when there is very much.
pub async fn versions_of(
    tx: &mut Tx,
    spot: Spot,
) -> Result<HashMap<(CellKey, i64), CellState>, DbError> {
    let rows: Vec<Version> = tx
        .all(
            sql!("select c.element, c.coords, h.version, h.state, h.amount, h.reason from reporting_history h \
                  join reporting_cells c on c.no = h.cell \
                  where h.period = $1 and h.place = $2 and h.life = $3 and h.state >= 0 order by h.version desc limit 20000"),
            &[spot.period.into(), spot.place.into(), spot.life.code().into()],
        )
        .await?;
    let read = |row: Version| {
        let key = named(&row.element, &row.coords)?;
        Some(((key, row.version), CellState::stored(row.state, row.amount, row.reason)))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}
