//! What was typed over a version that somebody else had changed meanwhile.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct, sql, typed_ids,
};

use super::values::{Put, Spot};
use crate::model::{CellKey, CellState, Coords, ElementId};

typed_ids! {
    /// A figure that waits beside another for somebody to choose.
    ConflictId
}

row_struct! {
    struct Row {
        id: ConflictId,
        cell: i64,
        element: ElementId,
        coords: String,
        base: i64,
        state: i64,
        amount: Option<i64>,
        reason: Option<String>,
        author_name: String,
        at: Timestamp,
    }
}

/// A figure that waits beside another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its id.
    pub id: ConflictId,
    /// Its cell's number.
    pub cell: i64,
    /// Its cell.
    pub key: CellKey,
    /// The version it was based on.
    pub base: i64,
    /// What was typed; none when the cell was emptied.
    pub state: Option<CellState>,
    /// By whom.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// Keeps a figure that must not overwrite another.
pub async fn keep(
    tx: &mut Tx,
    spot: Spot,
    put: &Put,
    base: i64,
    emptied: bool,
) -> Result<ConflictId, DbError> {
    let id: ConflictId = tx.new_id();
    let amount = match &put.state {
        CellState::Value(amount) if !emptied => Some(*amount),
        _ => None,
    };
    let state = if emptied { -1 } else { put.state.code() };
    tx.run(
        sql!("insert into reporting_conflicts (id, period, place, cell, life, base, state, amount, reason, author, at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"),
        &[
            (&id).into(),
            spot.period.into(),
            spot.place.into(),
            put.cell.into(),
            spot.life.code().into(),
            base.into(),
            state.into(),
            amount.into(),
            Some(put.state.reason()).filter(|why| !why.is_empty()).into(),
            put.author.into(),
            put.at.into(),
        ],
    )
    .await?;
    Ok(id)
}

/// What waits at a spot, oldest first.
pub async fn of_spot(tx: &mut Tx, spot: Spot) -> Result<Vec<Conflict>, DbError> {
    let rows: Vec<Row> = tx
        .all(
            sql!("select x.id, x.cell, c.element, c.coords, x.base, x.state, x.amount, x.reason, a.name as author_name, x.at \
                  from reporting_conflicts x join reporting_cells c on c.no = x.cell \
                  join reporting_authors a on a.no = x.author \
                  where x.period = $1 and x.place = $2 and x.life = $3 and x.settled_at is null order by x.at, x.id"),
            &[spot.period.into(), spot.place.into(), spot.life.code().into()],
        )
        .await?;
    let read = |row: Row| {
        Some(Conflict {
            id: row.id,
            cell: row.cell,
            key: CellKey { element: row.element, coords: Coords::parse(&row.coords)? },
            base: row.base,
            state: (row.state >= 0).then(|| CellState::stored(row.state, row.amount, row.reason)),
            author: row.author_name,
            at: row.at,
        })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Marks what waits on a cell as settled; gives how many there were.
pub async fn settle(tx: &mut Tx, spot: Spot, cell: i64, by: &str) -> Result<u64, DbError> {
    tx.run(
        sql!(
            "update reporting_conflicts set settled_at = $5, settled_by = $6 \
              where period = $1 and place = $2 and cell = $3 and life = $4 and settled_at is null"
        ),
        &[
            spot.period.into(),
            spot.place.into(),
            cell.into(),
            spot.life.code().into(),
            tx.now().into(),
            by.into(),
        ],
    )
    .await
}
