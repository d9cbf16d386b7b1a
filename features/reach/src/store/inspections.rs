//! Records of independent inspections.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::inspection::InspectionId;

row_struct! {
    /// An inspection's record. The inspector and the remarks are known only where it was written.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct InspectionRow {
        pub id: InspectionId,
        pub publication: String,
        pub version: u32,
        pub audience: String,
        pub unit: String,
        pub path: ScopePath,
        pub asked_on: Day,
        pub asked: i64,
        pub knew: i64,
        pub method: String,
        pub team: String,
        pub inspector: Option<String>,
        pub note: Option<String>,
        pub origin: String,
        pub recorded_at: Timestamp,
        pub voided_at: Option<Timestamp>,
        pub void_why: Option<String>,
    }
}

/// Writes an inspection down; false when it is known already.
pub async fn insert(tx: &mut Tx, row: &InspectionRow) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into reach_inspections (id, publication, version, audience, unit, path, asked_on, asked, knew, \
                  method, team, inspector, note, origin, recorded_at) \
                  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (id) do nothing"),
            &[
                (&row.id).into(),
                (&row.publication).into(),
                row.version.into(),
                (&row.audience).into(),
                (&row.unit).into(),
                (&row.path).into(),
                row.asked_on.into(),
                row.asked.into(),
                row.knew.into(),
                (&row.method).into(),
                (&row.team).into(),
                row.inspector.clone().into(),
                row.note.clone().into(),
                (&row.origin).into(),
                row.recorded_at.into(),
            ],
        )
        .await?;
    Ok(fresh == 1)
}

/// Marks a record as withdrawn; false when it was already.
pub async fn void(tx: &mut Tx, id: &InspectionId, why: &str) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("update reach_inspections set voided_at = $2, void_why = $3 where id = $1 and voided_at is null"),
            &[id.into(), tx.now().into(), why.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// One record.
pub async fn find(tx: &mut Tx, id: &InspectionId) -> Result<Option<InspectionRow>, DbError> {
    tx.maybe(
        sql!("select id, publication, version, audience, unit, path, asked_on, asked, knew, method, team, inspector, \
              note, origin, recorded_at, voided_at, void_why from reach_inspections where id = $1"),
        &[id.into()],
    )
    .await
}

/// The newest records under a path, newest first.
pub async fn list(
    tx: &mut Tx,
    scope: &ScopePath,
    limit: usize,
) -> Result<Vec<InspectionRow>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select id, publication, version, audience, unit, path, asked_on, asked, knew, method, team, inspector, \
              note, origin, recorded_at, voided_at, void_why from reach_inspections \
              where path >= $1 and path < $2 order by asked_on desc, id desc limit $3"),
        &[low.into(), high.into(), limit.into()],
    )
    .await
}

/// The records about one version that stand, newest first.
pub async fn standing(
    tx: &mut Tx,
    publication: &str,
    version: u32,
) -> Result<Vec<InspectionRow>, DbError> {
    tx.all(
        sql!("select id, publication, version, audience, unit, path, asked_on, asked, knew, method, team, inspector, \
              note, origin, recorded_at, voided_at, void_why from reach_inspections \
              where publication = $1 and version = $2 and voided_at is null order by asked_on desc, id desc"),
        &[publication.into(), version.into()],
    )
    .await
}
