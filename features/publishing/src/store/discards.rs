//! Drafts that were let go: versions like all others, on nobody's desk.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    sql,
};

use crate::model::PublicationId;

/// The draft of a publication that was let go and may be taken back: only while nothing came after it.
pub(crate) async fn newest(tx: &mut Tx, id: &PublicationId) -> Result<Option<u32>, DbError> {
    let number: Option<i64> = tx
        .maybe(
            sql!(
                "select v.version as value from publishing_versions v \
                  join publishing_publications p on p.id = v.publication \
                  where v.publication = $1 and p.origin = '' and v.discarded_at is not null and not exists ( \
                  select 1 from publishing_versions n where n.publication = v.publication and n.version > v.version)"
            ),
            &[id.into()],
        )
        .await?;
    Ok(number.and_then(|number| u32::try_from(number).ok()))
}

/// Every version of a publication that was let go, the newest first.
pub(crate) async fn all(tx: &mut Tx, id: &PublicationId) -> Result<Vec<u32>, DbError> {
    tx.all(
        sql!(
            "select version as value from publishing_versions \
              where publication = $1 and discarded_at is not null order by version desc"
        ),
        &[id.into()],
    )
    .await
    .map(|numbers: Vec<i64>| {
        numbers.into_iter().filter_map(|one| u32::try_from(one).ok()).collect()
    })
}

/// The highest number a version of the publication ever had, on the desk or not.
pub(crate) async fn last_number(tx: &mut Tx, id: &PublicationId) -> Result<u32, DbError> {
    tx.one(
        sql!(
            "select cast(coalesce(max(version), 0) as bigint) as value from publishing_versions \
              where publication = $1"
        ),
        &[id.into()],
    )
    .await
    .map(|number: i64| u32::try_from(number).unwrap_or(u32::MAX))
}

/// Takes a draft off the desk, or puts it back.
pub(crate) async fn put(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    at: Option<Timestamp>,
) -> Result<(), DbError> {
    tx.run(
        sql!("update publishing_versions set discarded_at = $3 where publication = $1 and version = $2"),
        &[id.into(), number.into(), at.into()],
    )
    .await?;
    Ok(())
}
