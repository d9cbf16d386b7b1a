//! Parts of a report that are not figures: narratives, rows of growing tables, attachments.

use std::collections::BTreeMap;

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct, sql, typed_ids,
};

use super::past_words;
use crate::model::{SubmissionId, past::only_added};

typed_ids! {
    /// A row of a growing table.
    RowId,
    /// An attachment.
    AttachmentId,
}

row_struct! {
    /// A narrative.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Narrative {
        pub section: String,
        pub words: String,
        pub version: i64,
        pub by_name: String,
        pub at: Timestamp,
    }
    /// A row of a growing table; its cells as a JSON object by column code.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct GrowingRow {
        pub section: String,
        pub id: RowId,
        pub position: i64,
        pub body: String,
        pub version: i64,
        pub by_name: String,
        pub at: Timestamp,
    }
    /// An attached file.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Attachment {
        pub id: AttachmentId,
        pub section: String,
        pub file: String,
        pub name: String,
        pub media_type: String,
        pub bytes: i64,
        pub caption: String,
        pub by_name: String,
        pub at: Timestamp,
    }
}

impl GrowingRow {
    /// Its cells by column code.
    pub fn cells(&self) -> BTreeMap<String, String> {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// The narratives of a report.
pub async fn narratives(tx: &mut Tx, id: &SubmissionId) -> Result<Vec<Narrative>, DbError> {
    tx.all(
        sql!("select section, words, version, by_name, at from reporting_texts where submission = $1 order by section"),
        &[id.into()],
    )
    .await
}

/// One narrative of a report.
pub async fn narrative(
    tx: &mut Tx,
    id: &SubmissionId,
    section: &str,
) -> Result<Option<Narrative>, DbError> {
    tx.maybe(
        sql!("select section, words, version, by_name, at from reporting_texts where submission = $1 and section = $2"),
        &[id.into(), section.into()],
    )
    .await
}

/// Writes a narrative over the version that was seen; false when somebody else wrote meanwhile. What it replaces is
/// kept, unless its own author only went on with it.
pub async fn put_narrative(
    tx: &mut Tx,
    id: &SubmissionId,
    one: &Narrative,
    base: i64,
) -> Result<bool, DbError> {
    let old = narrative(tx, id, &one.section).await?;
    let touched = tx
        .run(
            sql!("insert into reporting_texts (submission, section, words, version, by_name, at) values ($1, $2, $3, $4, $5, $6) \
                  on conflict (submission, section) do update set words = excluded.words, version = excluded.version, \
                  by_name = excluded.by_name, at = excluded.at where reporting_texts.version = $7"),
            &[
                id.into(),
                (&one.section).into(),
                (&one.words).into(),
                one.version.into(),
                (&one.by_name).into(),
                one.at.into(),
                base.into(),
            ],
        )
        .await?;
    let goes_on =
        |old: &Narrative| old.by_name == one.by_name && only_added(&old.words, &one.words);
    if let Some(old) = old.filter(|old| touched == 1 && !old.words.is_empty() && !goes_on(old)) {
        past_words::replaced(tx, id, old, (&one.by_name, one.at)).await?;
    }
    Ok(touched == 1)
}

/// The rows of a report's growing tables, in order.
pub async fn rows(tx: &mut Tx, id: &SubmissionId) -> Result<Vec<GrowingRow>, DbError> {
    tx.all(
        sql!("select section, id, position, body, version, by_name, at from reporting_rows where submission = $1 \
              order by section, position, id"),
        &[id.into()],
    )
    .await
}

/// One row of a growing table.
pub async fn row(
    tx: &mut Tx,
    submission: &SubmissionId,
    section: &str,
    id: &RowId,
) -> Result<Option<GrowingRow>, DbError> {
    tx.maybe(
        sql!("select section, id, position, body, version, by_name, at from reporting_rows where submission = $1 \
              and section = $2 and id = $3"),
        &[submission.into(), section.into(), id.into()],
    )
    .await
}

/// Adds a row; one that is there stays as it is.
pub async fn add_row(
    tx: &mut Tx,
    submission: &SubmissionId,
    one: &GrowingRow,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_rows (submission, section, id, position, body, version, by_name, at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (submission, section, id) do nothing"),
        &[
            submission.into(),
            (&one.section).into(),
            (&one.id).into(),
            one.position.into(),
            (&one.body).into(),
            one.version.into(),
            (&one.by_name).into(),
            one.at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes a row over the version that was seen, which is kept; false when somebody else wrote or took it out meanwhile.
pub async fn write_row(
    tx: &mut Tx,
    submission: &SubmissionId,
    one: &GrowingRow,
    base: i64,
) -> Result<bool, DbError> {
    let old = row(tx, submission, &one.section, &one.id).await?;
    let touched = tx
        .run(
            sql!("update reporting_rows set position = $4, body = $5, version = $6, by_name = $7, at = $8 \
                  where submission = $1 and section = $2 and id = $3 and version = $9"),
            &[
                submission.into(),
                (&one.section).into(),
                (&one.id).into(),
                one.position.into(),
                (&one.body).into(),
                one.version.into(),
                (&one.by_name).into(),
                one.at.into(),
                base.into(),
            ],
        )
        .await?;
    if let Some(old) = old.filter(|old| touched == 1 && old.body != one.body) {
        past_words::replaced(tx, submission, old, (&one.by_name, one.at)).await?;
    }
    Ok(touched == 1)
}

/// Takes a row out as it was seen, and keeps it; false when somebody else wrote or took it out meanwhile.
pub async fn remove_row(
    tx: &mut Tx,
    submission: &SubmissionId,
    seen: &GrowingRow,
    by: &str,
) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("delete from reporting_rows where submission = $1 and section = $2 and id = $3 and version = $4"),
            &[submission.into(), (&seen.section).into(), (&seen.id).into(), seen.version.into()],
        )
        .await?;
    if touched == 1 {
        past_words::removed(tx, submission, seen.clone(), by).await?;
    }
    Ok(touched == 1)
}

/// Takes every narrative and row out, before a whole revision is written that came from its node.
pub async fn clear(tx: &mut Tx, submission: &SubmissionId) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_texts where submission = $1"), &[submission.into()]).await?;
    tx.run(sql!("delete from reporting_rows where submission = $1"), &[submission.into()]).await?;
    Ok(())
}

/// Takes a narrative out, and keeps it.
pub async fn remove_narrative(
    tx: &mut Tx,
    submission: &SubmissionId,
    section: &str,
    by: &str,
) -> Result<(), DbError> {
    if let Some(old) = narrative(tx, submission, section).await? {
        past_words::removed(tx, submission, old, by).await?;
    }
    tx.run(
        sql!("delete from reporting_texts where submission = $1 and section = $2"),
        &[submission.into(), section.into()],
    )
    .await?;
    Ok(())
}

/// Puts the files of a section aside: they are kept, and no longer stand in the report.
pub async fn shelve(tx: &mut Tx, submission: &SubmissionId, section: &str) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_attachments set section = '~' || section where submission = $1 and section = $2"),
        &[submission.into(), section.into()],
    )
    .await?;
    Ok(())
}

/// The files of a report that were put aside.
pub async fn shelved(tx: &mut Tx, id: &SubmissionId) -> Result<Vec<Attachment>, DbError> {
    tx.all(
        sql!("select id, section, file, name, media_type, bytes, caption, by_name, at from reporting_attachments \
              where submission = $1 and substr(section, 1, 1) = '~' order by section, at, id"),
        &[id.into()],
    )
    .await
}

/// The files of a report; those that were put aside when it went over to another version of its form are not among
/// them.
pub async fn attachments(tx: &mut Tx, id: &SubmissionId) -> Result<Vec<Attachment>, DbError> {
    tx.all(
        sql!("select id, section, file, name, media_type, bytes, caption, by_name, at from reporting_attachments \
              where submission = $1 and substr(section, 1, 1) <> '~' order by section, at, id"),
        &[id.into()],
    )
    .await
}

/// Adds a file.
pub async fn attach(
    tx: &mut Tx,
    submission: &SubmissionId,
    one: &Attachment,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_attachments (id, submission, section, file, name, media_type, bytes, caption, by_name, at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing"),
        &[
            (&one.id).into(),
            submission.into(),
            (&one.section).into(),
            (&one.file).into(),
            (&one.name).into(),
            (&one.media_type).into(),
            one.bytes.into(),
            (&one.caption).into(),
            (&one.by_name).into(),
            one.at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes every file out of a report, before those of another revision are named that came from its node.
pub async fn detach_all(tx: &mut Tx, submission: &SubmissionId) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_attachments where submission = $1"), &[submission.into()])
        .await?;
    Ok(())
}

/// Takes a file out of a report; what was put aside stays.
pub async fn detach(
    tx: &mut Tx,
    submission: &SubmissionId,
    id: &AttachmentId,
) -> Result<u64, DbError> {
    tx.run(
        sql!("delete from reporting_attachments where submission = $1 and id = $2 and substr(section, 1, 1) <> '~'"),
        &[submission.into(), id.into()],
    )
    .await
}

/// True when an attachment names the file.
pub async fn names_file(tx: &mut Tx, hash: &str) -> Result<bool, DbError> {
    let found: Option<String> = tx
        .maybe(
            sql!("select file as value from reporting_attachments where file = $1 limit 1"),
            &[hash.into()],
        )
        .await?;
    Ok(found.is_some())
}
