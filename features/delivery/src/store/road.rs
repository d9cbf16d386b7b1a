//! The point's side: the road to its hub, how far it has read, what the hub holds of its log.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    problem::Outcome,
    records::{self, Lane, NodeId},
    row_struct,
    scope::ScopePath,
    sql,
};
use sync::{
    downstream::Apply,
    keys::PublicKeys,
    session::SessionId,
    vector::{Cursor, StateVector},
};

use crate::model::{RoadStatus, Trouble, read_session};

row_struct! {
    /// The road to the hub. There is one, or none before joining.
    #[derive(Clone)]
    pub struct Road {
        pub url: String,
        pub hub_keys: Vec<u8>,
        pub path: ScopePath,
        pub commune: String,
        pub last_session: String,
        pub partial: Vec<u8>,
        pub time_floor: u64,
        pub clock_offset: i64,
        pub last_contact_at: Option<Timestamp>,
        pub trouble: Option<String>,
        pub trouble_since: Option<Timestamp>,
        pub next_try_at: Option<Timestamp>,
    }
    struct CursorRow {
        origin: String,
        lane: u8,
        epoch: u32,
        seq: u64,
    }
    struct AckedRow {
        epoch: u32,
        seq: u64,
    }
    struct Newest {
        count: u64,
        newest: Option<Timestamp>,
    }
}

impl Road {
    /// The hub's pinned keys.
    pub fn hub(&self) -> Option<PublicKeys> {
        PublicKeys::from_bytes(&self.hub_keys.clone().try_into().ok()?).ok()
    }

    /// The last session the hub gave us.
    pub fn session(&self) -> SessionId {
        read_session(&self.last_session).unwrap_or_default()
    }
}

pub async fn find(tx: &mut Tx) -> Result<Option<Road>, DbError> {
    tx.maybe(
        sql!("select url, hub_keys, path, commune, last_session, partial, time_floor, clock_offset, last_contact_at, \
              trouble, trouble_since, next_try_at from delivery_road where id = 1"),
        &[],
    )
    .await
}

pub async fn open(
    tx: &mut Tx,
    url: &str,
    hub: &PublicKeys,
    admission: &crate::model::Admission,
    own_clock: Timestamp,
) -> Result<(), DbError> {
    let now = tx.now();
    let offset = if admission.at > 0 { admission.at - own_clock.millis() } else { 0 };
    tx.run(
        sql!("insert into delivery_road (id, url, hub_keys, area, path, commune, province, joined_at, last_session, partial, time_floor, clock_offset) \
              values (1, $1, $2, $3, $4, $5, $6, $7, '', $8, $9, $10) \
              on conflict (id) do update set url = excluded.url, area = excluded.area, path = excluded.path, \
              commune = excluded.commune, province = excluded.province, last_session = '', \
              time_floor = excluded.time_floor, clock_offset = excluded.clock_offset"),
        &[
            url.into(),
            hub.to_bytes().as_slice().into(),
            admission.area.as_str().into(),
            admission.path.as_str().into(),
            admission.commune.as_str().into(),
            admission.province.as_str().into(),
            now.into(),
            Vec::<u8>::new().into(),
            admission.at.max(0).into(),
            offset.into(),
        ],
    )
    .await?;
    Ok(())
}

pub async fn vector(tx: &mut Tx) -> Result<StateVector, DbError> {
    let rows: Vec<CursorRow> = tx
        .all(
            sql!("select origin, lane, epoch, seq from delivery_cursors order by origin, lane"),
            &[],
        )
        .await?;
    let mut vector = StateVector::default();
    for row in rows {
        let known = row.origin.parse::<NodeId>().ok().zip(Lane::from_number(row.lane));
        if let Some((origin, lane)) = known {
            vector.set(origin, lane, Cursor::new(row.epoch, row.seq));
        }
    }
    Ok(vector)
}

/// Stores received records and moves the cursor. Gives which of them are new, by position.
pub async fn receive(tx: &mut Tx, apply: &Apply) -> Result<Vec<usize>, DbError> {
    let now = tx.now();
    let mut new = Vec::new();
    for (at, received) in apply.records.iter().enumerate() {
        let kind = received.record.as_ref().map_or(0, |record| record.kind);
        let inserted = tx
            .run(
                sql!(
                    "insert into delivery_received (origin, lane, epoch, seq, kind, signed, at) \
                      values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing"
                ),
                &[
                    apply.origin.to_string().into(),
                    apply.lane.number().into(),
                    apply.cursor.epoch.into(),
                    received.seq.into(),
                    kind.into(),
                    received.signed.as_bytes().into(),
                    now.into(),
                ],
            )
            .await?;
        if inserted == 1 {
            new.push(at);
        }
    }
    tx.run(
        sql!(
            "insert into delivery_cursors (origin, lane, epoch, seq) values ($1, $2, $3, $4) \
              on conflict (origin, lane) do update set epoch = excluded.epoch, seq = excluded.seq"
        ),
        &[
            apply.origin.to_string().into(),
            apply.lane.number().into(),
            apply.cursor.epoch.into(),
            apply.cursor.seq.into(),
        ],
    )
    .await?;
    if apply.drop_partial {
        save_partial(tx, &[]).await?;
    }
    Ok(new)
}

pub async fn save_partial(tx: &mut Tx, bytes: &[u8]) -> Result<(), DbError> {
    tx.run(sql!("update delivery_road set partial = $1 where id = 1"), &[bytes.into()]).await?;
    Ok(())
}

pub async fn save_session(tx: &mut Tx, session: SessionId) -> Result<(), DbError> {
    let name = kernel::chance::hex(&session.0);
    tx.run(sql!("update delivery_road set last_session = $1 where id = 1"), &[name.into()]).await?;
    Ok(())
}

/// Keeps the latest proven time, and how wrong this machine's clock was then.
pub async fn save_time(tx: &mut Tx, floor_ms: u64, offset_ms: i64) -> Result<(), DbError> {
    tx.run(
        sql!("update delivery_road set time_floor = $1, clock_offset = $2 where id = 1"),
        &[floor_ms.into(), offset_ms.into()],
    )
    .await?;
    Ok(())
}

pub async fn note_contact(tx: &mut Tx) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update delivery_road set last_contact_at = $1, trouble = null, trouble_since = null, next_try_at = null where id = 1"),
        &[now.into()],
    )
    .await?;
    Ok(())
}

pub async fn note_trouble(
    tx: &mut Tx,
    trouble: Trouble,
    next_try_at: Timestamp,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update delivery_road set trouble = $1, trouble_since = coalesce(trouble_since, $2), next_try_at = $3 where id = 1"),
        &[trouble.code().into(), now.into(), next_try_at.into()],
    )
    .await?;
    Ok(())
}

/// For each epoch of our own log: what the hub is known to hold, and what was written. Oldest first.
pub async fn own_log(tx: &mut Tx) -> Result<Vec<(u32, u64, u64)>, DbError> {
    let acked: Vec<AckedRow> =
        tx.all(sql!("select epoch, seq from delivery_acked order by epoch"), &[]).await?;
    let acked_of =
        |epoch: u32| acked.iter().find(|row| row.epoch == epoch).map_or(0, |row| row.seq);
    let ended = records::turns(tx).await?.into_iter().filter(|turn| turn.stream == "up");
    let mut log: Vec<_> =
        ended.map(|turn| (turn.old_epoch, acked_of(turn.old_epoch), turn.kept)).collect();
    if let Some((epoch, head)) = records::up_head(tx).await? {
        log.push((epoch, acked_of(epoch), head));
    }
    Ok(log)
}

pub async fn save_ack(tx: &mut Tx, ack: Cursor) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into delivery_acked (epoch, seq, at) values ($1, $2, $3) \
              on conflict (epoch) do update set seq = excluded.seq, at = excluded.at where delivery_acked.seq < excluded.seq"),
        &[ack.epoch.into(), ack.seq.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// The hub holds less than it did: only up to here of this epoch, and nothing of later ones.
pub async fn set_back(tx: &mut Tx, to: Cursor) -> Result<(), DbError> {
    tx.run(sql!("delete from delivery_acked where epoch >= $1"), &[to.epoch.into()]).await?;
    save_ack(tx, to).await
}

/// What the keeper wants to know.
pub async fn status(tx: &mut Tx) -> Outcome<Option<RoadStatus>> {
    let Some(road) = find(tx).await? else { return Ok(None) };
    let (mut waiting_up, mut oldest_up) = (0, None::<Timestamp>);
    for (epoch, acked, _) in own_log(tx).await? {
        let (count, oldest) = records::waiting_up(tx, epoch, acked).await?;
        waiting_up += count;
        oldest_up = [oldest_up, oldest].into_iter().flatten().min();
    }
    let newest: Newest = tx
        .one(sql!("select count(*) as count, max(at) as newest from delivery_received"), &[])
        .await?;
    Ok(Some(RoadStatus {
        last_contact_at: road.last_contact_at,
        trouble: road.trouble.as_deref().map(Trouble::from_code),
        trouble_since: road.trouble_since,
        next_try_at: road.next_try_at,
        waiting_up,
        oldest_up,
        received: newest.count,
        newest_at: newest.newest,
    }))
}
