//! Statements about which node takes whose place: orders at the hub, what the hub said at the two points.

use kernel::{
    db::{DbError, Tx},
    records::{NodeId, read_targets},
    row_struct,
    scope::ScopePath,
    sql,
};
use sync::keys::PublicKeys;

row_struct! {
    /// One node takes another's place.
    #[derive(Clone, Debug)]
    pub struct HeirRow {
        pub name: String,
        pub node: String,
        pub node_keys: Vec<u8>,
        pub node_commune: String,
        pub successor: String,
        pub successor_keys: Vec<u8>,
        pub successor_commune: String,
        pub scopes: String,
        pub inherited: String,
    }
}

impl HeirRow {
    /// The pinned keys of the node that gives.
    pub fn node_keys(&self) -> Option<PublicKeys> {
        read_keys(&self.node_keys)
    }

    /// The pinned keys of the node that takes.
    pub fn successor_keys(&self) -> Option<PublicKeys> {
        read_keys(&self.successor_keys)
    }

    /// Where the node that gives joined first.
    pub fn joined(&self) -> Option<ScopePath> {
        read_targets(&self.scopes).into_iter().next()
    }

    /// Where the nodes joined whose place it had taken itself.
    pub fn inherited(&self) -> Vec<ScopePath> {
        read_targets(&self.inherited)
    }
}

fn read_keys(bytes: &[u8]) -> Option<PublicKeys> {
    PublicKeys::from_bytes(bytes.try_into().ok()?).ok()
}

/// Keeps what the hub said.
pub async fn keep(tx: &mut Tx, row: &HeirRow) -> Result<(), DbError> {
    tx.run(
        sql!("insert into delivery_heirs (node, node_keys, node_commune, successor, successor_keys, successor_commune, \
              scopes, inherited, name) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (node) do update set \
              name = excluded.name, ended_at = null, \
              node_commune = excluded.node_commune, successor = excluded.successor, \
              successor_keys = excluded.successor_keys, successor_commune = excluded.successor_commune, \
              scopes = excluded.scopes, inherited = excluded.inherited"),
        &[
            (&row.node).into(),
            row.node_keys.as_slice().into(),
            (&row.node_commune).into(),
            (&row.successor).into(),
            row.successor_keys.as_slice().into(),
            (&row.successor_commune).into(),
            (&row.scopes).into(),
            (&row.inherited).into(),
            (&row.name).into(),
        ],
    )
    .await?;
    Ok(())
}

/// Who takes or took a node's place.
pub async fn of(tx: &mut Tx, node: NodeId) -> Result<Option<HeirRow>, DbError> {
    tx.maybe(
        sql!("select name, node, node_keys, node_commune, successor, successor_keys, successor_commune, scopes, inherited \
              from delivery_heirs where node = $1"),
        &[node.to_string().into()],
    )
    .await
}

/// Whose place a node takes.
pub async fn taken_by(tx: &mut Tx, successor: NodeId) -> Result<Vec<HeirRow>, DbError> {
    tx.all(
        sql!("select name, node, node_keys, node_commune, successor, successor_keys, successor_commune, scopes, inherited \
              from delivery_heirs where successor = $1 and ended_at is null order by node"),
        &[successor.to_string().into()],
    )
    .await
}

/// Who takes a node's place as long as the decree behind it stands.
pub async fn standing(tx: &mut Tx, node: NodeId) -> Result<Option<HeirRow>, DbError> {
    tx.maybe(
        sql!("select name, node, node_keys, node_commune, successor, successor_keys, successor_commune, scopes, inherited \
              from delivery_heirs where node = $1 and ended_at is null"),
        &[node.to_string().into()],
    )
    .await
}

/// The decree behind a handover was undone.
pub async fn end(tx: &mut Tx, node: &str, successor: &str) -> Result<(), DbError> {
    tx.run(
        sql!("update delivery_heirs set ended_at = $3 where node = $1 and successor = $2 and ended_at is null"),
        &[node.into(), successor.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// At the hub: the nodes that were ordered to hand over to this one.
pub async fn ordered_to(tx: &mut Tx, successor: &str) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!("select node as value from delivery_handovers where successor = $1 order by node"),
        &[successor.into()],
    )
    .await
}
