//! Statements about places in which versions can be read because the map has changed.

use areas::AreaEventId;
use kernel::{
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::PublicationId;

row_struct! {
    /// A version and a place in which it can be read.
    pub(crate) struct ReadableAt {
        pub publication: PublicationId,
        pub version: u32,
        pub path: ScopePath,
    }
}

row_struct! {
    /// A record of ours, as it was said.
    pub(crate) struct Said {
        pub publication: PublicationId,
        pub version: u32,
        pub record: Vec<u8>,
    }
}

/// What this node has said to a path or to places below it, and still stands: the version that readers see, not
/// withdrawn, not past its day.
pub(crate) async fn standing_at(tx: &mut Tx, path: &ScopePath) -> Result<Vec<Said>, DbError> {
    let (low, high) = path.range();
    let today = tx.now().day();
    tx.all(
        sql!("select v.publication, v.version, v.record from publishing_versions v \
              join publishing_publications p on p.id = v.publication and p.public_version = v.version \
              where p.origin = '' and v.phase = 'published' and v.record is not null \
              and p.withdrawn_version < v.version and (v.expires_on = '' or v.expires_on >= $3) \
              and exists (select 1 from publishing_targets t where t.publication = v.publication \
              and t.version = v.version and t.path >= $1 and t.path < $2) order by v.published_at, v.publication"),
        &[low.into(), high.into(), today.into()],
    )
    .await
}

/// Published versions that can be read at a path or below it: by their targets or by what was carried.
pub(crate) async fn below(tx: &mut Tx, path: &ScopePath) -> Result<Vec<ReadableAt>, DbError> {
    let (low, high) = path.range();
    tx.all(
        sql!("select t.publication, t.version, t.path from publishing_targets t \
              join publishing_versions v on v.publication = t.publication and v.version = t.version \
              and v.phase = 'published' where t.path >= $1 and t.path < $2 \
              union select c.publication, c.version, c.path from publishing_carried c \
              where c.path >= $1 and c.path < $2 order by 1, 2, 3"),
        &[low.into(), high.into()],
    )
    .await
}

/// Carries to an heir everything that was meant for exactly this place, which lies above the unit that
/// ended but not above the heir.
pub(crate) async fn carry_from_above(
    tx: &mut Tx,
    above: &ScopePath,
    heir: &ScopePath,
    event: &AreaEventId,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into publishing_carried (publication, version, path, event) \
              select t.publication, t.version, cast($2 as text), cast($3 as text) from publishing_targets t \
              join publishing_versions v on v.publication = t.publication and v.version = t.version \
              and v.phase = 'published' where t.path = $1 \
              union select c.publication, c.version, cast($2 as text), cast($3 as text) from publishing_carried c where c.path = $1 \
              on conflict (publication, version, path, event) do nothing"),
        &[above.into(), heir.into(), event.into()],
    )
    .await?;
    Ok(())
}

/// Carries a version to a place.
pub(crate) async fn carry(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
    path: &ScopePath,
    event: &AreaEventId,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into publishing_carried (publication, version, path, event) values ($1, $2, $3, $4) \
              on conflict (publication, version, path, event) do nothing"),
        &[id.into(), version.into(), path.into(), event.into()],
    )
    .await?;
    Ok(())
}

/// Takes back what an event had carried.
pub(crate) async fn take_back(tx: &mut Tx, event: &AreaEventId) -> Result<(), DbError> {
    tx.run(sql!("delete from publishing_carried where event = $1"), &[event.into()]).await?;
    Ok(())
}
