//! Records of village meetings.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::meeting::MeetingId;

row_struct! {
    /// A meeting's record. The witness and the officer are known only where it was written.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MeetingRow {
        pub id: MeetingId,
        pub village: String,
        pub commune: String,
        pub path: ScopePath,
        pub held_on: Day,
        pub language: String,
        pub head_count: i64,
        pub serials: String,
        pub witness: Option<String>,
        pub witness_standing: Option<String>,
        pub officer: Option<String>,
        pub note: Option<String>,
        pub origin: String,
        pub recorded_at: Timestamp,
        pub voided_at: Option<Timestamp>,
        pub void_why: Option<String>,
    }

    /// Meetings of one place.
    #[derive(Clone, Debug)]
    pub struct HeldRow {
        pub path: ScopePath,
        pub meetings: i64,
        pub heads: i64,
    }

    struct Alike {
        id: MeetingId,
    }

    /// An item told at a meeting, with its title when this node knows it.
    #[derive(Clone, Debug)]
    pub struct Item {
        pub publication: String,
        pub version: u32,
        pub title: Option<String>,
    }

    /// The head-count of one meeting for one item.
    #[derive(Clone, Debug)]
    pub struct Heads {
        pub village: String,
        pub head_count: i64,
    }
}

/// Writes a meeting down; false when it is known already.
pub async fn insert(
    tx: &mut Tx,
    row: &MeetingRow,
    items: &[(String, u32)],
) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into reach_meetings (id, village, commune, path, held_on, language, head_count, serials, \
                  witness, witness_standing, officer, note, origin, recorded_at) \
                  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (id) do nothing"),
            &[
                (&row.id).into(),
                (&row.village).into(),
                (&row.commune).into(),
                (&row.path).into(),
                row.held_on.into(),
                (&row.language).into(),
                row.head_count.into(),
                (&row.serials).into(),
                row.witness.clone().into(),
                row.witness_standing.clone().into(),
                row.officer.clone().into(),
                row.note.clone().into(),
                (&row.origin).into(),
                row.recorded_at.into(),
            ],
        )
        .await?;
    if fresh == 0 {
        return Ok(false);
    }
    for (publication, version) in items {
        tx.run(
            sql!("insert into reach_meeting_items (meeting, publication, version) values ($1, $2, $3) \
                  on conflict (meeting, publication, version) do nothing"),
            &[(&row.id).into(), publication.into(), (*version).into()],
        )
        .await?;
    }
    Ok(true)
}

/// Marks a record as withdrawn; false when it was already.
pub async fn void(tx: &mut Tx, id: &MeetingId, why: &str) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("update reach_meetings set voided_at = $2, void_why = $3 where id = $1 and voided_at is null"),
            &[id.into(), tx.now().into(), why.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// One record.
pub async fn find(tx: &mut Tx, id: &MeetingId) -> Result<Option<MeetingRow>, DbError> {
    tx.maybe(
        sql!("select id, village, commune, path, held_on, language, head_count, serials, witness, witness_standing, \
              officer, note, origin, recorded_at, voided_at, void_why from reach_meetings where id = $1"),
        &[id.into()],
    )
    .await
}

/// Records that stand and say the same of a village's day: heads and witness.
pub async fn alike(
    tx: &mut Tx,
    village: &str,
    held_on: Day,
    head_count: i64,
    witness: &str,
) -> Result<Vec<MeetingId>, DbError> {
    let rows: Vec<Alike> = tx
        .all(
            sql!(
                "select id from reach_meetings where village = $1 and held_on = $2 \
                  and head_count = $3 and witness = $4 and voided_at is null order by id"
            ),
            &[village.into(), held_on.into(), head_count.into(), witness.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The records under a path, newest first.
pub async fn list(
    tx: &mut Tx,
    scope: &ScopePath,
    limit: usize,
    offset: usize,
) -> Result<Vec<MeetingRow>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select id, village, commune, path, held_on, language, head_count, serials, witness, witness_standing, \
              officer, note, origin, recorded_at, voided_at, void_why from reach_meetings \
              where path >= $1 and path < $2 order by held_on desc, id desc limit $3 offset $4"),
        &[low.into(), high.into(), limit.into(), offset.into()],
    )
    .await
}

/// How many records stand under a path.
pub async fn count(tx: &mut Tx, scope: &ScopePath) -> Result<usize, DbError> {
    let (low, high) = scope.range();
    let count: i64 = tx
        .one(
            sql!("select count(*) as value from reach_meetings where path >= $1 and path < $2"),
            &[low.into(), high.into()],
        )
        .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// The items of a meeting.
pub async fn items(tx: &mut Tx, id: &MeetingId) -> Result<Vec<Item>, DbError> {
    tx.all(
        sql!("select i.publication, i.version, p.title from reach_meeting_items i left join reach_publications p \
              on p.id = i.publication and p.version = i.version where i.meeting = $1 order by i.publication, i.version"),
        &[id.into()],
    )
    .await
}

/// The head-counts of the meetings that told a version in one village, voided ones left out.
pub async fn heads_in(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    village: &str,
) -> Result<Vec<i64>, DbError> {
    tx.all(
        sql!("select m.head_count as value from reach_meetings m join reach_meeting_items i on i.meeting = m.id \
              where i.publication = $1 and i.version = $2 and m.village = $3 and m.voided_at is null \
              order by m.head_count desc"),
        &[publication.into(), version.into(), village.into()],
    )
    .await
}

/// The same for every village; for a rebuild.
pub async fn heads(tx: &mut Tx, publication: &str, version: u32) -> Result<Vec<Heads>, DbError> {
    tx.all(
        sql!("select m.village, m.head_count from reach_meetings m join reach_meeting_items i on i.meeting = m.id \
              where i.publication = $1 and i.version = $2 and m.voided_at is null order by m.village, m.id"),
        &[publication.into(), version.into()],
    )
    .await
}

/// Meetings held on these days by place, those taken back left out.
pub async fn held(tx: &mut Tx, from: Day, until: Day) -> Result<Vec<HeldRow>, DbError> {
    tx.all(
        sql!("select path, count(*) as meetings, cast(coalesce(sum(head_count), 0) as bigint) as heads \
              from reach_meetings where held_on >= $1 and held_on < $2 and voided_at is null group by path order by path"),
        &[from.into(), until.into()],
    )
    .await
}
