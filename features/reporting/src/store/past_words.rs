//! What stood in narratives and in rows of growing tables before somebody replaced it or took it out.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct, sql, typed_ids,
};

use super::words::{GrowingRow, Narrative};
use crate::model::SubmissionId;

typed_ids! {
    /// An earlier text.
    PastWordsId
}

row_struct! {
    /// What stood there.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PastWords {
        pub section: String,
        /// The row it was; empty for a narrative.
        pub row_id: String,
        pub version: i64,
        /// The words; of a row its cells as a JSON object by column code.
        pub body: String,
        pub by_name: String,
        pub at: Timestamp,
        /// True when it was taken out and nothing put in its place.
        pub removed: bool,
        pub replaced_by: String,
        pub replaced_at: Timestamp,
    }
}

/// Something that is kept when other words take its place, or none do.
pub(super) trait Kept {
    /// As it stood, with who took it from its place.
    fn kept(self, removed: bool, by: &str, at: Timestamp) -> PastWords;
}

impl Kept for Narrative {
    fn kept(self, removed: bool, by: &str, at: Timestamp) -> PastWords {
        PastWords {
            section: self.section,
            row_id: String::new(),
            version: self.version,
            body: self.words,
            by_name: self.by_name,
            at: self.at,
            removed,
            replaced_by: by.to_owned(),
            replaced_at: at,
        }
    }
}

impl Kept for GrowingRow {
    fn kept(self, removed: bool, by: &str, at: Timestamp) -> PastWords {
        PastWords {
            section: self.section,
            row_id: self.id.to_string(),
            version: self.version,
            body: self.body,
            by_name: self.by_name,
            at: self.at,
            removed,
            replaced_by: by.to_owned(),
            replaced_at: at,
        }
    }
}

/// Keeps what somebody replaced with other words at some time.
pub(super) async fn replaced(
    tx: &mut Tx,
    submission: &SubmissionId,
    old: impl Kept,
    (by, at): (&str, Timestamp),
) -> Result<(), DbError> {
    keep(tx, submission, &old.kept(false, by, at)).await
}

/// Keeps what somebody takes out now.
pub(super) async fn removed(
    tx: &mut Tx,
    submission: &SubmissionId,
    old: impl Kept,
    by: &str,
) -> Result<(), DbError> {
    let now = tx.now();
    keep(tx, submission, &old.kept(true, by, now)).await
}

async fn keep(tx: &mut Tx, submission: &SubmissionId, one: &PastWords) -> Result<(), DbError> {
    let id: PastWordsId = tx.new_id();
    tx.run(
        sql!("insert into reporting_past_words (id, submission, section, row_id, version, body, by_name, at, removed, \
              replaced_by, replaced_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"),
        &[
            (&id).into(),
            submission.into(),
            (&one.section).into(),
            (&one.row_id).into(),
            one.version.into(),
            (&one.body).into(),
            (&one.by_name).into(),
            one.at.into(),
            one.removed.into(),
            (&one.replaced_by).into(),
            one.replaced_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// What stood in a report, what was replaced last first; the last few hundred.
pub async fn of(tx: &mut Tx, submission: &SubmissionId) -> Result<Vec<PastWords>, DbError> {
    tx.all(
        sql!("select section, row_id, version, body, by_name, at, removed, replaced_by, replaced_at \
              from reporting_past_words where submission = $1 order by replaced_at desc, version desc, id desc limit 500"),
        &[submission.into()],
    )
    .await
}
