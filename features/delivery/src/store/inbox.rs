//! What points sent up: every row with the running hash after it, and the evidence about copies.

use kernel::{
    db::{DbError, Tx},
    records::NodeId,
    row_struct, sql, typed_ids,
};
use sync::{
    upstream::{ChainHash, InboxState, Row},
    vector::Cursor,
};

typed_ids! {
    /// A batch kept as evidence.
    EvidenceId
}

row_struct! {
    struct HeadRow {
        epoch: u32,
        seq: u64,
        chain: Vec<u8>,
    }
}

impl HeadRow {
    fn state(self) -> Result<InboxState, DbError> {
        let hash =
            self.chain.try_into().map_err(|_| DbError::unreadable("chain", "not 16 bytes"))?;
        Ok(InboxState { acked: Cursor::new(self.epoch, self.seq), hash: ChainHash(hash) })
    }
}

/// How far one epoch of a node's log is held.
pub async fn head(tx: &mut Tx, node: NodeId, epoch: u32) -> Result<Option<InboxState>, DbError> {
    let row: Option<HeadRow> = tx
        .maybe(
            sql!(
                "select epoch, seq, chain from delivery_inbox_heads where node = $1 and epoch = $2"
            ),
            &[node.to_string().into(), epoch.into()],
        )
        .await?;
    row.map(HeadRow::state).transpose()
}

/// How far the newest epoch of a node's log is held.
pub async fn newest_head(tx: &mut Tx, node: NodeId) -> Result<Option<InboxState>, DbError> {
    let row: Option<HeadRow> = tx
        .maybe(
            sql!("select epoch, seq, chain from delivery_inbox_heads where node = $1 order by epoch desc limit 1"),
            &[node.to_string().into()],
        )
        .await?;
    row.map(HeadRow::state).transpose()
}

pub async fn save_head(tx: &mut Tx, node: NodeId, state: &InboxState) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into delivery_inbox_heads (node, epoch, seq, chain) values ($1, $2, $3, $4) \
              on conflict (node, epoch) do update set seq = excluded.seq, chain = excluded.chain"
        ),
        &[
            node.to_string().into(),
            state.acked.epoch.into(),
            state.acked.seq.into(),
            state.hash.0.as_slice().into(),
        ],
    )
    .await?;
    Ok(())
}

/// The running hash stored with a held row.
pub async fn chain_at(
    tx: &mut Tx,
    node: NodeId,
    epoch: u32,
    seq: u64,
) -> Result<Option<ChainHash>, DbError> {
    let chain: Option<Vec<u8>> = tx
        .maybe(
            sql!("select chain as value from delivery_inbox where node = $1 and epoch = $2 and seq = $3"),
            &[node.to_string().into(), epoch.into(), seq.into()],
        )
        .await?;
    Ok(chain.and_then(|chain| chain.try_into().ok()).map(ChainHash))
}

/// Keeps rows that arrived, the first of them numbered `first`.
pub async fn keep(
    tx: &mut Tx,
    node: NodeId,
    epoch: u32,
    first: u64,
    rows: &[(Row, ChainHash)],
) -> Result<(), DbError> {
    let now = tx.now();
    let node = node.to_string();
    let rows: Vec<_> = (first..)
        .zip(rows)
        .map(|(seq, (row, chain))| {
            vec![
                node.as_str().into(),
                epoch.into(),
                seq.into(),
                row.kind.into(),
                row.body.as_slice().into(),
                chain.0.as_slice().into(),
                now.into(),
            ]
        })
        .collect();
    tx.insert_many(
        "insert into delivery_inbox (node, epoch, seq, kind, body, chain, at) values",
        "",
        &rows,
    )
    .await?;
    Ok(())
}

pub async fn keep_evidence(
    tx: &mut Tx,
    node: NodeId,
    why: &str,
    batch: &[u8],
) -> Result<(), DbError> {
    let id: EvidenceId = tx.new_id();
    let now = tx.now();
    tx.run(
        sql!(
            "insert into delivery_evidence (id, node, at, why, batch) values ($1, $2, $3, $4, $5)"
        ),
        &[(&id).into(), node.to_string().into(), now.into(), why.into(), batch.into()],
    )
    .await?;
    Ok(())
}

/// How many rows of a node are held.
pub async fn count(tx: &mut Tx, node: &str) -> Result<i64, DbError> {
    tx.one(sql!("select count(*) as value from delivery_inbox where node = $1"), &[node.into()])
        .await
}
