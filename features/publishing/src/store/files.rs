//! Which files there are, which of them are here, and who may have them.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    files::FileHash,
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::reading::Modality;

row_struct! {
    /// A file as it is served.
    #[derive(Clone, Debug)]
    pub(crate) struct FileRow {
        pub media_type: String,
        pub arrived_at: Option<Timestamp>,
    }
    /// A file that is still on its way.
    pub(crate) struct WantedRow {
        pub hash: String,
        pub modality: String,
        pub bytes: u64,
    }
}

/// Notes a file that is here.
pub(crate) async fn put_here(
    tx: &mut Tx,
    hash: FileHash,
    modality: Modality,
    bytes: u64,
) -> Result<(), DbError> {
    let now = tx.now();
    put(tx, &hash.hex(), modality, bytes, Some(now)).await
}

/// Notes a file that a received version names; one that is here stays here.
pub(crate) async fn put_expected(
    tx: &mut Tx,
    hash: &str,
    modality: Modality,
    bytes: u64,
) -> Result<(), DbError> {
    put(tx, hash, modality, bytes, None).await
}

async fn put(
    tx: &mut Tx,
    hash: &str,
    modality: Modality,
    bytes: u64,
    arrived_at: Option<Timestamp>,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into publishing_files (hash, media_type, bytes, arrived_at) values ($1, $2, $3, $4) \
              on conflict (hash) do update set arrived_at = coalesce(publishing_files.arrived_at, excluded.arrived_at)"),
        &[hash.into(), modality.media_type().into(), bytes.into(), arrived_at.into()],
    )
    .await?;
    Ok(())
}

/// Notes that a file has come whole; gives what kind of file it is, none when nobody asked for it.
pub(crate) async fn put_arrived(tx: &mut Tx, hash: &str) -> Result<Option<String>, DbError> {
    let now = tx.now();
    tx.maybe(
        sql!("update publishing_files set arrived_at = coalesce(arrived_at, $2) where hash = $1 returning media_type as value"),
        &[hash.into(), now.into()],
    )
    .await
}

/// A file by its address.
pub(crate) async fn find(tx: &mut Tx, hash: &str) -> Result<Option<FileRow>, DbError> {
    tx.maybe(
        sql!("select media_type, arrived_at from publishing_files where hash = $1"),
        &[hash.into()],
    )
    .await
}

/// True when anything of this house names the file.
pub(crate) async fn names(tx: &mut Tx, hash: &str) -> Result<bool, DbError> {
    let found: Option<String> = tx
        .maybe(
            sql!(
                "select hash as value from publishing_files where hash = $1 \
                  union select hash as value from publishing_renditions where hash = $1 \
                  union select original as value from publishing_sounds where original = $1 \
                  union select file as value from publishing_texts where file = $1"
            ),
            &[hash.into()],
        )
        .await?;
    Ok(found.is_some())
}

/// True when a version that readers see names the file.
pub(crate) async fn is_public(tx: &mut Tx, hash: &str) -> Result<bool, DbError> {
    let today = tx.now().day();
    let found: Option<i64> = tx
        .maybe(
            sql!("select p.public_version as value from publishing_renditions r \
                  join publishing_publications p on p.id = r.publication and p.public_version = r.version \
                  join publishing_versions v on v.publication = r.publication and v.version = r.version \
                  where r.hash = $1 and p.public_version > p.withdrawn_version and v.expires_on > $2 limit 1"),
            &[hash.into(), today.into()],
        )
        .await?;
    Ok(found.is_some())
}

/// The homes of all publications that name the file, public or not.
pub(crate) async fn homes(tx: &mut Tx, hash: &str) -> Result<Vec<ScopePath>, DbError> {
    let homes: Vec<String> = tx
        .all(
            sql!(
                "select distinct p.home as value from publishing_renditions r \
                  join publishing_publications p on p.id = r.publication where r.hash = $1"
            ),
            &[hash.into()],
        )
        .await?;
    Ok(homes.iter().filter_map(|home| ScopePath::parse(home)).collect())
}

/// Files that public versions name and that are not here: texts first, then sound, smallest first,
/// then pictures; newer publications before older ones.
pub(crate) async fn wanted(tx: &mut Tx) -> Result<Vec<WantedRow>, DbError> {
    let today = tx.now().day();
    tx.all(
        sql!("select f.hash, min(r.modality) as modality, min(f.bytes) as bytes from publishing_files f \
              join publishing_renditions r on r.hash = f.hash \
              join publishing_publications p on p.id = r.publication and p.public_version = r.version \
              join publishing_versions v on v.publication = r.publication and v.version = r.version \
              where f.arrived_at is null and p.public_version > p.withdrawn_version and v.expires_on > $1 \
              group by f.hash \
              order by min(case r.modality when 'text' then 0 when 'audio' then 1 else 2 end), min(r.rank), \
              max(v.priority) desc, max(v.published_at) desc nulls last, f.hash limit 1000"),
        &[today.into()],
    )
    .await
}

/// What nothing names, of a statement about `publishing_files` whose first value is the day before which a
/// version must have been replaced: no draft, no version that readers see, none that was replaced lately.
macro_rules! loose {
    ($head:literal, $tail:literal) => {
        sql!(concat!(
            $head,
            " (arrived_at is null or arrived_at < $1) \
              and not exists (select 1 from publishing_renditions r \
              join publishing_publications p on p.id = r.publication \
              left join publishing_versions v on v.publication = p.id and v.version = p.public_version \
              where r.hash = publishing_files.hash and (r.version >= p.public_version or v.published_at > $1)) \
              and not exists (select 1 from publishing_sounds s \
              join publishing_publications p on p.id = s.publication \
              left join publishing_versions v on v.publication = p.id and v.version = p.public_version \
              where s.original = publishing_files.hash and (s.version >= p.public_version or v.published_at > $1)) \
              and not exists (select 1 from publishing_texts t \
              join publishing_publications p on p.id = t.publication \
              left join publishing_versions v on v.publication = p.id and v.version = p.public_version \
              where t.file = publishing_files.hash and (t.version >= p.public_version or v.published_at > $1)) ",
            $tail
        ))
    };
}

/// Files that nothing has named for some time, a few hundred at once.
pub(crate) async fn loose(tx: &mut Tx, before: Timestamp) -> Result<Vec<String>, DbError> {
    tx.all(
        loose!("select hash as value from publishing_files where", "order by hash limit 500"),
        &[before.into()],
    )
    .await
}

/// Notes that a file is not here any more, if nothing has named it meanwhile.
pub(crate) async fn mark_gone(tx: &mut Tx, hash: &str, before: Timestamp) -> Result<bool, DbError> {
    let touched = tx
        .run(
            loose!("update publishing_files set arrived_at = null where hash = $2 and", ""),
            &[before.into(), hash.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// Forgets a file that is gone, if nothing has named it meanwhile.
pub(crate) async fn forget(tx: &mut Tx, hash: &str, before: Timestamp) -> Result<(), DbError> {
    tx.run(
        loose!("delete from publishing_files where arrived_at is null and hash = $2 and", ""),
        &[before.into(), hash.into()],
    )
    .await?;
    Ok(())
}
