//! Texts of a version, one for each language.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct, sql,
};

use crate::model::PublicationId;

row_struct! {
    /// A text as stored.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct TextRow {
        pub language: String,
        pub title: String,
        pub summary: String,
        pub body: String,
        pub source_version: u32,
        pub source_digest: String,
        pub file: String,
        pub edited_by: String,
        pub edited_at: Timestamp,
    }
}

/// All texts of a version, the Vietnamese one first.
pub(crate) async fn all(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
) -> Result<Vec<TextRow>, DbError> {
    tx.all(
        sql!("select language, title, summary, body, source_version, source_digest, file, edited_by, edited_at \
              from publishing_texts where publication = $1 and version = $2 \
              order by case when language = 'vi' then 0 else 1 end, language"),
        &[id.into(), version.into()],
    )
    .await
}

/// Writes a text; the one that was there makes room.
pub(crate) async fn put(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
    text: &TextRow,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into publishing_texts (publication, version, language, title, summary, body, source_version, \
              source_digest, file, edited_by, edited_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
              on conflict (publication, version, language) do update set title = excluded.title, \
              summary = excluded.summary, body = excluded.body, source_version = excluded.source_version, \
              source_digest = excluded.source_digest, file = excluded.file, edited_by = excluded.edited_by, \
              edited_at = excluded.edited_at"),
        &[
            id.into(),
            version.into(),
            (&text.language).into(),
            (&text.title).into(),
            (&text.summary).into(),
            (&text.body).into(),
            text.source_version.into(),
            (&text.source_digest).into(),
            (&text.file).into(),
            (&text.edited_by).into(),
            text.edited_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Removes the text of one language.
pub(crate) async fn remove(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
    language: &str,
) -> Result<u64, DbError> {
    tx.run(
        sql!("delete from publishing_texts where publication = $1 and version = $2 and language = $3 and language <> 'vi'"),
        &[id.into(), version.into(), language.into()],
    )
    .await
}

/// Fills in texts whose file has come, and lets searching find their words.
pub(crate) async fn fill_from_file(
    tx: &mut Tx,
    hash: &str,
    summary: &str,
    body: &str,
    folded: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("update publishing_versions set folded = folded || $2 where exists (select 1 from publishing_texts t \
              where t.publication = publishing_versions.publication and t.version = publishing_versions.version \
              and t.file = $1 and t.body = '')"),
        &[hash.into(), folded.into()],
    )
    .await?;
    tx.run(
        sql!("update publishing_texts set summary = $2, body = $3 where file = $1 and body = ''"),
        &[hash.into(), summary.into(), body.into()],
    )
    .await?;
    Ok(())
}

/// Copies every text into the next version.
pub(crate) async fn copy(
    tx: &mut Tx,
    id: &PublicationId,
    from: u32,
    to: u32,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into publishing_texts (publication, version, language, title, summary, body, source_version, \
              source_digest, file, edited_by, edited_at) \
              select publication, $3, language, title, summary, body, source_version, source_digest, '', edited_by, \
              edited_at from publishing_texts where publication = $1 and version = $2"),
        &[id.into(), from.into(), to.into()],
    )
    .await?;
    Ok(())
}
