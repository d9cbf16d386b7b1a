//! Remarks on reports and on their cells.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct, sql,
};

use crate::model::{RemarkId, SubmissionId};

row_struct! {
    /// A remark.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Remark {
        pub id: RemarkId,
        pub submission: SubmissionId,
        pub revision: i64,
        /// The cell as text; empty for the whole report.
        pub cell: String,
        /// True when the report was given back because of it.
        pub is_return: bool,
        pub words: String,
        pub by_account: String,
        pub by_name: String,
        pub at: Timestamp,
        pub resolved_at: Option<Timestamp>,
        pub answer: Option<String>,
    }
}

impl Remark {
    /// True when the report was given back with it and nobody answered yet. A note waits for nobody.
    pub fn waits(&self) -> bool {
        self.is_return && self.resolved_at.is_none()
    }

    /// The same for a remark on a cell.
    pub fn waits_at_a_cell(&self) -> bool {
        !self.cell.is_empty() && self.waits()
    }

    /// True for a note that was written at this node: of what came from another one, no account is known here.
    pub fn is_own_note(&self) -> bool {
        !self.is_return && !self.by_account.is_empty()
    }
}

row_struct! {
    /// A note on a cell.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CellNote {
        pub id: RemarkId,
        pub submission: SubmissionId,
        pub cell: String,
        pub words: String,
        pub at: Timestamp,
    }
}

/// Writes a remark; one that is known stays, unless the report was given back with that note since.
pub async fn put(tx: &mut Tx, one: &Remark) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_remarks (id, submission, revision, cell, is_return, words, by_account, by_name, at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
              on conflict (id) do update set is_return = excluded.is_return, at = excluded.at \
              where excluded.is_return and not reporting_remarks.is_return"),
        &[
            (&one.id).into(),
            (&one.submission).into(),
            one.revision.into(),
            (&one.cell).into(),
            one.is_return.into(),
            (&one.words).into(),
            (&one.by_account).into(),
            (&one.by_name).into(),
            one.at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes that a report was given back with a remark that stood beside it.
pub async fn becomes_return(tx: &mut Tx, id: &RemarkId) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update reporting_remarks set is_return = $2, at = $3 where id = $1"),
        &[id.into(), true.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// The remarks of a report, oldest first.
pub async fn of(tx: &mut Tx, submission: &SubmissionId) -> Result<Vec<Remark>, DbError> {
    tx.all(
        sql!("select id, submission, revision, cell, is_return, words, by_account, by_name, at, resolved_at, answer \
              from reporting_remarks where submission = $1 order by at, id"),
        &[submission.into()],
    )
    .await
}

/// The notes on cells of these reports, oldest first.
pub async fn notes_on_cells(
    tx: &mut Tx,
    submissions: &[SubmissionId],
) -> Result<Vec<CellNote>, DbError> {
    let list: Vec<Value> = submissions.iter().map(Value::from).collect();
    let mut all: Vec<CellNote> = tx
        .all_in(
            "select id, submission, cell, words, at from reporting_remarks \
             where is_return = $1 and cell <> '' and submission in",
            &[false.into()],
            &list,
        )
        .await?;
    all.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    Ok(all)
}

/// Marks what waits for an answer as answered, with words or without.
pub async fn resolve(
    tx: &mut Tx,
    submission: &SubmissionId,
    cell: &str,
    answer: &str,
) -> Result<u64, DbError> {
    tx.run(
        sql!(
            "update reporting_remarks set resolved_at = $3, answer = $4 \
              where submission = $1 and cell = $2 and is_return = $5 and resolved_at is null"
        ),
        &[
            submission.into(),
            cell.into(),
            tx.now().into(),
            Some(answer).filter(|a| !a.is_empty()).into(),
            true.into(),
        ],
    )
    .await
}

/// A remark was answered at the node that writes the report; an answer that is known stays.
pub async fn answered(
    tx: &mut Tx,
    submission: &SubmissionId,
    remark: &str,
    answer: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.run(
        sql!(
            "update reporting_remarks set resolved_at = $3, answer = $4 \
              where submission = $1 and id = $2 and resolved_at is null"
        ),
        &[
            submission.into(),
            remark.into(),
            at.into(),
            Some(answer).filter(|answer| !answer.is_empty()).into(),
        ],
    )
    .await?;
    Ok(())
}
