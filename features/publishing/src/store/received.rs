//! Versions and withdrawals that another node said, stored as they came.

use kernel::{
    clock::Day,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{PublicationId, record::Record};

row_struct! {
    /// What is known of a publication that came before.
    pub(crate) struct KnownRow {
        pub origin: String,
        pub public_version: u32,
        pub withdrawn_version: u32,
    }
}

/// What is known of a publication already.
pub(crate) async fn known(tx: &mut Tx, id: &PublicationId) -> Result<Option<KnownRow>, DbError> {
    tx.maybe(
        sql!("select origin, public_version, withdrawn_version from publishing_publications where id = $1"),
        &[id.into()],
    )
    .await
}

/// Makes room for a publication said by another node.
pub(crate) async fn begin(
    tx: &mut Tx,
    id: &PublicationId,
    origin: &str,
    home: &ScopePath,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into publishing_publications (id, home_area, home, publisher, origin, public_version, \
              withdrawn_version, withdrawn_reason, created_by, created_at) \
              values ($1, '', $2, '', $3, 0, 0, '', $3, $4) on conflict (id) do nothing"),
        &[id.into(), home.into(), origin.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Writes the version itself; false when it was here already.
pub(crate) async fn insert_version(
    tx: &mut Tx,
    record: &Record,
    origin: &str,
    card: &str,
    folded: &str,
    body: &[u8],
) -> Result<bool, DbError> {
    let now = tx.now();
    let touched = tx
        .run(
            sql!("insert into publishing_versions (publication, version, phase, revision, kind, priority, source_name, \
                  source_url, source_date, document_number, document_authority, document_issued, document_effective, \
                  document_abstract, picture_words, expires_on, created_by, edited_by, edited_by_name, edited_at, \
                  publish_at, published_at, card, folded, record) \
                  values ($1, $2, 'published', 0, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, \
                  $18, $19, $20, $21, $22) on conflict (publication, version) do nothing"),
            &[
                (&record.id).into(),
                record.version.into(),
                (&record.kind).into(),
                i64::from(record.is_urgent).into(),
                (&record.source.name).into(),
                (&record.source.url).into(),
                record.source.date.into(),
                (&record.document.number).into(),
                (&record.document.authority).into(),
                record.document.issued.into(),
                record.document.effective.into(),
                (&record.document.subject).into(),
                (&record.picture_words).into(),
                record.expires.unwrap_or(Day::FOREVER).into(),
                origin.into(),
                (&record.publisher).into(),
                now.into(),
                record.not_before.into(),
                record.published_at.into(),
                card.into(),
                folded.into(),
                body.into(),
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// Lets readers see a version unless they see a later one.
pub(crate) async fn put_public(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
    publisher: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("update publishing_publications set public_version = $2, publisher = $3 where id = $1 and public_version < $2"),
        &[id.into(), version.into(), publisher.into()],
    )
    .await?;
    Ok(())
}
