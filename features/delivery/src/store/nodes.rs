//! Points as the hub knows them, and their sessions.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    records::NodeId,
    row_struct,
    scope::ScopePath,
    sql,
};
use sync::{
    keys::PublicKeys,
    session::{Contact, Session, SessionId},
    vector::StateVector,
};

use crate::model::{NodeState, read_contact, write_contact};

row_struct! {
    /// A point.
    #[derive(Clone)]
    pub struct NodeRow {
        pub id: String,
        pub keys: Vec<u8>,
        pub area: areas::AreaId,
        pub path: ScopePath,
        pub commune: String,
        pub state: String,
        pub enrolled_at: Timestamp,
        pub last_seen_at: Option<Timestamp>,
        pub clock_ahead_ms: Option<i64>,
        pub vector: Vec<u8>,
        pub used_session: String,
        pub unused_sessions: String,
        pub challenge: String,
        pub forgotten: bool,
        pub trouble: Option<String>,
        pub former: String,
        pub moved_at: Option<Timestamp>,
    }
    struct SessionRow {
        secret: Vec<u8>,
        node: String,
    }
}

impl NodeRow {
    /// Its pinned keys.
    pub fn public_keys(&self) -> Option<PublicKeys> {
        let bytes = self.keys.clone().try_into().ok()?;
        PublicKeys::from_bytes(&bytes).ok()
    }

    /// Where it lay before the map changed, the path it joined with first.
    pub fn former(&self) -> Vec<ScopePath> {
        kernel::records::read_targets(&self.former)
    }

    /// What it may do.
    pub fn state(&self) -> NodeState {
        NodeState::from_stored(&self.state)
    }

    /// How far it has read, as it last said.
    pub fn state_vector(&self) -> StateVector {
        StateVector::from_bytes(&self.vector).unwrap_or_default()
    }

    /// What we remember of our contacts with it.
    pub fn contact(&self) -> Contact {
        read_contact(&self.used_session, &self.unused_sessions, &self.challenge, self.forgotten)
    }
}

/// Pins a point's keys; a point that joins again keeps its row and becomes active anew.
pub async fn upsert(
    tx: &mut Tx,
    node: NodeId,
    keys: &PublicKeys,
    area: &areas::Area,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into delivery_nodes (id, keys, area, path, commune, state, enrolled_at, vector, used_session, unused_sessions, challenge, forgotten) \
              values ($1, $2, $3, $4, $5, 'active', $6, $7, '', '', '', false) \
              on conflict (id) do update set area = excluded.area, path = excluded.path, commune = excluded.commune, \
              state = 'active', used_session = '', unused_sessions = '', challenge = '', forgotten = false, trouble = null"),
        &[
            node.to_string().into(),
            keys.to_bytes().as_slice().into(),
            (&area.id).into(),
            (&area.path).into(),
            area.full_name.as_str().into(),
            now.into(),
            StateVector::default().to_bytes().into(),
        ],
    )
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, node: NodeId) -> Result<Option<NodeRow>, DbError> {
    tx.maybe(
        sql!("select id, keys, area, path, commune, state, enrolled_at, last_seen_at, clock_ahead_ms, vector, \
              used_session, unused_sessions, challenge, forgotten, trouble, former, moved_at from delivery_nodes where id = $1"),
        &[node.to_string().into()],
    )
    .await
}

/// Points in a subtree, by name.
pub async fn within(tx: &mut Tx, scope: &ScopePath) -> Result<Vec<NodeRow>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select id, keys, area, path, commune, state, enrolled_at, last_seen_at, clock_ahead_ms, vector, \
              used_session, unused_sessions, challenge, forgotten, trouble, former, moved_at from delivery_nodes \
              where path >= $1 and path < $2 order by path, id"),
        &[low.into(), high.into()],
    )
    .await
}

/// The nodes of these places.
pub async fn of_places(tx: &mut Tx, places: &[ScopePath]) -> Result<Vec<NodeRow>, DbError> {
    let list: Vec<Value> = places.iter().map(Value::from).collect();
    tx.all_in(
        "select id, keys, area, path, commune, state, enrolled_at, last_seen_at, clock_ahead_ms, vector, \
         used_session, unused_sessions, challenge, forgotten, trouble, former, moved_at from delivery_nodes where path in",
        &[],
        &list,
    )
    .await
}

pub async fn save_contact(tx: &mut Tx, node: NodeId, contact: &Contact) -> Result<(), DbError> {
    let (used, unused, challenge) = write_contact(contact);
    tx.run(
        sql!("update delivery_nodes set used_session = $2, unused_sessions = $3, challenge = $4, forgotten = $5 where id = $1"),
        &[node.to_string().into(), used.into(), unused.into(), challenge.into(), contact.forgotten.into()],
    )
    .await?;
    Ok(())
}

/// Notes that it was here, how far it has read, and how wrong its clock is.
pub async fn note_seen(
    tx: &mut Tx,
    node: NodeId,
    vector: Option<&StateVector>,
    clock_ahead_ms: Option<i64>,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!(
            "update delivery_nodes set last_seen_at = $2, vector = coalesce($3, vector), \
              clock_ahead_ms = coalesce($4, clock_ahead_ms) where id = $1"
        ),
        &[
            node.to_string().into(),
            now.into(),
            vector.map(StateVector::to_bytes).into(),
            clock_ahead_ms.into(),
        ],
    )
    .await?;
    Ok(())
}

pub async fn set_state(
    tx: &mut Tx,
    node: NodeId,
    state: NodeState,
    why: &str,
) -> Result<u64, DbError> {
    tx.run(
        sql!("update delivery_nodes set state = $2, trouble = $3 where id = $1"),
        &[node.to_string().into(), state.as_str().into(), why.into()],
    )
    .await
}

/// Keeps a session's secret, so that the next request may reach another process of the hub; drops
/// sessions older than the newest few.
pub async fn open_session(tx: &mut Tx, node: NodeId, session: &Session) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into delivery_sessions (id, node, secret, opened_at) values ($1, $2, $3, $4)"),
        &[
            kernel::chance::hex(&session.id().0).into(),
            node.to_string().into(),
            session.secret().as_slice().into(),
            now.into(),
        ],
    )
    .await?;
    tx.run(
        sql!("delete from delivery_sessions where node = $1 and id not in \
              (select id from delivery_sessions where node = $1 order by opened_at desc, id desc limit 12)"),
        &[node.to_string().into()],
    )
    .await?;
    Ok(())
}

pub async fn session(tx: &mut Tx, id: SessionId) -> Result<Option<(Session, NodeId)>, DbError> {
    let row: Option<SessionRow> = tx
        .maybe(
            sql!("select secret, node from delivery_sessions where id = $1"),
            &[kernel::chance::hex(&id.0).into()],
        )
        .await?;
    Ok(row.and_then(|row| {
        let secret = row.secret.try_into().ok()?;
        Some((Session::new(id, secret), row.node.parse().ok()?))
    }))
}

pub async fn close_sessions(tx: &mut Tx, node: NodeId) -> Result<(), DbError> {
    tx.run(sql!("delete from delivery_sessions where node = $1"), &[node.to_string().into()])
        .await?;
    Ok(())
}

/// After this hub was restored from a backup, every point may remember sessions that we do not.
pub async fn forget_contacts(tx: &mut Tx) -> Result<(), DbError> {
    tx.run(sql!("update delivery_nodes set forgotten = true, used_session = '', unused_sessions = '', challenge = ''"), &[]).await?;
    tx.run(sql!("delete from delivery_sessions"), &[]).await?;
    Ok(())
}
