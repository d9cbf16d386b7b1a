//! What reviewers keep: sections in order, and counts that lists of reports need.

use std::collections::HashMap;

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{Life, SubmissionId};

row_struct! {
    /// A section that somebody found in order.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SectionMark {
        pub section: String,
        pub revision: i64,
        /// Of the content that was found in order, in hexadecimal.
        pub hash: String,
        pub by_account: String,
        pub by_name: String,
        pub at: Timestamp,
        /// Who approved this content of the section last, with the whole report or before it.
        pub approved_by: Option<String>,
        pub approved_at: Option<Timestamp>,
    }
    struct Open {
        submission: SubmissionId,
        count: i64,
    }
}

/// The sections of a report that were ever in order, newest first.
pub async fn marks(tx: &mut Tx, id: &SubmissionId) -> Result<Vec<SectionMark>, DbError> {
    tx.all(
        sql!(
            "select section, revision, hash, by_account, by_name, at, approved_by, approved_at from reporting_sections \
              where submission = $1 order by at desc, section"
        ),
        &[id.into()],
    )
    .await
}

/// Notes that a section is in order; content that was in order before stays as it was noted.
pub async fn mark(tx: &mut Tx, id: &SubmissionId, one: &SectionMark) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_sections (submission, section, revision, hash, by_account, by_name, at) \
              values ($1, $2, $3, $4, $5, $6, $7) on conflict (submission, section, hash) do nothing"),
        &[
            id.into(),
            (&one.section).into(),
            one.revision.into(),
            (&one.hash).into(),
            (&one.by_account).into(),
            (&one.by_name).into(),
            one.at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes that a section is approved with this content: what it said when it was approved before is it no longer.
pub async fn approve(tx: &mut Tx, id: &SubmissionId, one: &SectionMark) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_sections set approved_by = null, approved_at = null where submission = $1 and section = $2"),
        &[id.into(), (&one.section).into()],
    )
    .await?;
    mark(tx, id, one).await?;
    tx.run(
        sql!(
            "update reporting_sections set approved_by = $4, approved_at = $5 \
              where submission = $1 and section = $2 and hash = $3"
        ),
        &[
            id.into(),
            (&one.section).into(),
            (&one.hash).into(),
            (&one.by_name).into(),
            one.at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes back what was noted about a section's content, unless it is approved.
pub async fn unmark(
    tx: &mut Tx,
    id: &SubmissionId,
    section: &str,
    hash: &str,
) -> Result<u64, DbError> {
    tx.run(
        sql!(
            "delete from reporting_sections where submission = $1 and section = $2 and hash = $3 \
              and approved_at is null"
        ),
        &[id.into(), section.into(), hash.into()],
    )
    .await
}

row_struct! {
    /// A report that waits for whoever reviews.
    pub struct Waiting {
        pub dataset: String,
        pub period: String,
        pub life: i64,
    }
}

/// The report below a path that was handed in last and that nobody has decided about.
pub async fn newest_waiting(tx: &mut Tx, scope: &ScopePath) -> Result<Option<Waiting>, DbError> {
    let (low, high) = scope.range();
    tx.maybe(
        sql!("select dataset, period, life from reporting_submissions \
              where path >= $1 and path < $2 and state = 'submitted' order by changed_at desc, id limit 1"),
        &[low.into(), high.into()],
    )
    .await
}

/// Remarks that wait for an answer, by report, of a data set's period under a path.
pub async fn open_remarks(
    tx: &mut Tx,
    scope: &ScopePath,
    (dataset, period, life): (&str, &str, Life),
) -> Result<HashMap<SubmissionId, i64>, DbError> {
    let (low, high) = scope.range();
    let rows: Vec<Open> = tx
        .all(
            sql!("select r.submission, count(*) as count from reporting_remarks r \
                  join reporting_submissions s on s.id = r.submission \
                  where s.path >= $1 and s.path < $2 and s.dataset = $3 and s.period = $4 and s.life = $5 \
                  and r.is_return = $6 and r.resolved_at is null group by r.submission"),
            &[
                low.into(),
                high.into(),
                dataset.into(),
                period.into(),
                life.code().into(),
                true.into(),
            ],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.submission, row.count)).collect())
}
