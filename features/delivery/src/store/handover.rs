//! Statements about logs that are handed to a successor: signed heads and orders at the hub, what has
//! come of a predecessor at the successor.

use kernel::{
    db::{DbError, Tx},
    records::NodeId,
    row_struct, sql, typed_ids,
};
use sync::{
    upstream::{ChainHash, Row},
    vector::Cursor,
};

typed_ids! {
    /// A piece of a predecessor's log that has come down.
    HandedId
}

row_struct! {
    /// How far a node has signed that its log goes.
    pub struct SignedHead {
        pub epoch: u32,
        pub seq: u64,
        pub signed: Vec<u8>,
    }
    /// An order to hand a log over, and how far that went.
    pub struct Order {
        pub successor: String,
        pub epoch: u32,
        pub seq: u64,
    }
    /// A piece that has come down.
    pub struct Handed {
        pub id: HandedId,
        pub is_head: bool,
        pub content: Vec<u8>,
    }
    struct HeldRow {
        kind: u16,
        body: Vec<u8>,
    }
    struct CursorRow {
        epoch: u32,
        seq: u64,
    }
}

/// Keeps what a node has signed about its log; the last eight are enough.
pub async fn keep_head(
    tx: &mut Tx,
    node: NodeId,
    head: Cursor,
    signed: &[u8],
) -> Result<(), DbError> {
    let node = node.to_string();
    tx.run(
        sql!("insert into delivery_signed_heads (node, epoch, seq, signed, at) values ($1, $2, $3, $4, $5) \
              on conflict (node, epoch, seq) do nothing"),
        &[
            node.as_str().into(),
            head.epoch.into(),
            head.seq.into(),
            signed.into(),
            tx.now().into(),
        ],
    )
    .await?;
    tx.run(
        sql!("delete from delivery_signed_heads where node = $1 and epoch = $2 and seq not in \
              (select seq from delivery_signed_heads where node = $1 and epoch = $2 order by seq desc limit 8)"),
        &[node.as_str().into(), head.epoch.into()],
    )
    .await?;
    Ok(())
}

/// What a node has signed about its log, oldest epoch first, the farthest of an epoch first.
pub async fn heads(tx: &mut Tx, node: NodeId) -> Result<Vec<SignedHead>, DbError> {
    tx.all(
        sql!("select epoch, seq, signed from delivery_signed_heads where node = $1 order by epoch, seq desc"),
        &[node.to_string().into()],
    )
    .await
}

/// Orders that a node's log goes to a successor; false when another was ordered before, unless that was ended
/// with the decree behind it.
pub async fn order(
    tx: &mut Tx,
    node: NodeId,
    successor: NodeId,
    by: &str,
    name: &str,
) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into delivery_handovers (node, successor, ordered_by, ordered_at, epoch, seq, name) \
                  values ($1, $2, $3, $4, 0, 0, $5) on conflict (node) do update set \
                  epoch = case when delivery_handovers.successor = excluded.successor then delivery_handovers.epoch else 0 end, \
                  seq = case when delivery_handovers.successor = excluded.successor then delivery_handovers.seq else 0 end, \
                  successor = excluded.successor, ordered_by = excluded.ordered_by, \
                  ordered_at = excluded.ordered_at, name = excluded.name, ended_at = null \
                  where delivery_handovers.ended_at is not null"),
            &[
                node.to_string().into(),
                successor.to_string().into(),
                by.into(),
                tx.now().into(),
                name.into(),
            ],
        )
        .await?;
    Ok(fresh == 1)
}

/// The decree behind a handover was undone: nothing more of the log goes over.
pub async fn end_order(tx: &mut Tx, node: NodeId) -> Result<(), DbError> {
    tx.run(
        sql!("update delivery_handovers set ended_at = $2 where node = $1 and ended_at is null"),
        &[node.to_string().into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// Where a node's log goes, as long as the decree behind it stands.
pub async fn find_order(tx: &mut Tx, node: NodeId) -> Result<Option<Order>, DbError> {
    tx.maybe(
        sql!("select successor, epoch, seq from delivery_handovers where node = $1 and ended_at is null"),
        &[node.to_string().into()],
    )
    .await
}

/// Notes how far a log was handed over.
pub async fn note_handed(tx: &mut Tx, node: NodeId, to: Cursor) -> Result<(), DbError> {
    tx.run(
        sql!("update delivery_handovers set epoch = $2, seq = $3 where node = $1"),
        &[node.to_string().into(), to.epoch.into(), to.seq.into()],
    )
    .await?;
    Ok(())
}

/// Rows of a held log, after one and through another.
pub async fn rows(
    tx: &mut Tx,
    node: NodeId,
    epoch: u32,
    after: u64,
    through: u64,
) -> Result<Vec<Row>, DbError> {
    let rows: Vec<HeldRow> = tx
        .all(
            sql!("select kind, body from delivery_inbox where node = $1 and epoch = $2 and seq > $3 and seq <= $4 \
                  order by seq limit 400"),
            &[node.to_string().into(), epoch.into(), after.into(), through.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| Row { kind: row.kind, body: row.body }).collect())
}

/// Keeps a piece that has come down, as it came.
pub async fn keep_piece(
    tx: &mut Tx,
    node: &str,
    is_head: bool,
    content: &[u8],
) -> Result<(), DbError> {
    let id: HandedId = tx.new_id();
    tx.run(
        sql!("insert into delivery_handed (id, node, is_head, content) values ($1, $2, $3, $4)"),
        &[(&id).into(), node.into(), is_head.into(), content.into()],
    )
    .await?;
    Ok(())
}

/// Every piece of a predecessor's log that still waits.
pub async fn pieces(tx: &mut Tx, node: &str) -> Result<Vec<Handed>, DbError> {
    tx.all(
        sql!("select id, is_head, content from delivery_handed where node = $1 order by id"),
        &[node.into()],
    )
    .await
}

/// A piece has been taken in.
pub async fn drop_piece(tx: &mut Tx, id: &HandedId) -> Result<(), DbError> {
    tx.run(sql!("delete from delivery_handed where id = $1"), &[id.into()]).await?;
    Ok(())
}

/// How far a predecessor's log was taken in.
pub async fn taken(tx: &mut Tx, node: &str) -> Result<Cursor, DbError> {
    let row: Option<CursorRow> = tx
        .maybe(sql!("select epoch, seq from delivery_predecessors where node = $1"), &[node.into()])
        .await?;
    Ok(row.map_or_else(Cursor::default, |row| Cursor::new(row.epoch, row.seq)))
}

/// Notes how far a predecessor's log was taken in.
pub async fn note_taken(
    tx: &mut Tx,
    node: &str,
    keys: &[u8],
    scopes: &str,
    to: Cursor,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into delivery_predecessors (node, keys, scopes, epoch, seq) values ($1, $2, $3, $4, $5) \
              on conflict (node) do update set scopes = excluded.scopes, epoch = excluded.epoch, seq = excluded.seq"),
        &[node.into(), keys.into(), scopes.into(), to.epoch.into(), to.seq.into()],
    )
    .await?;
    Ok(())
}

/// The running hash before a row.
pub async fn chain_before(
    tx: &mut Tx,
    node: NodeId,
    epoch: u32,
    first: u64,
) -> Result<Option<ChainHash>, DbError> {
    if first <= 1 {
        return Ok(Some(ChainHash::genesis(node, epoch)));
    }
    super::inbox::chain_at(tx, node, epoch, first - 1).await
}
