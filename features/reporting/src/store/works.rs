//! Works as reports told them, and what people decided where two tell of the same one.

use areas::AreaId;
use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::{
    model::{DatasetId, Life, SubmissionId},
    store::words::RowId,
};

row_struct! {
    /// A row that names a work.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct WorkRow {
        pub submission: SubmissionId,
        pub section: String,
        pub row_id: RowId,
        /// The work's id as it is compared.
        pub work: String,
        /// As it was written.
        pub shown: String,
        pub dataset: DatasetId,
        pub period: String,
        pub life: i64,
        pub tier: String,
        pub area: AreaId,
        pub path: ScopePath,
        pub revision: i64,
        pub position: i64,
        /// Cells as a JSON object by column code.
        pub body: String,
        pub at: Timestamp,
    }
    /// What a person decided about a work.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Decision {
        pub work: String,
        pub mode: String,
        pub submission: String,
        pub basis: String,
        pub why: String,
        pub by_account: String,
        pub by_name: String,
        pub at: Timestamp,
    }
    struct Body {
        body: String,
    }
}

/// A form in one version, as JSON.
pub async fn form(tx: &mut Tx, dataset: &str, version: u32) -> Result<Option<String>, DbError> {
    let found: Option<Body> = tx
        .maybe(
            sql!("select body from reporting_definitions where kind = 'form' and code = $1 and version = $2"),
            &[dataset.into(), version.into()],
        )
        .await?;
    Ok(found.map(|row| row.body))
}

/// Replaces what a report says about works.
pub async fn replace(
    tx: &mut Tx,
    submission: &SubmissionId,
    rows: &[WorkRow],
) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_works where submission = $1"), &[submission.into()]).await?;
    let values: Vec<Vec<Value>> = rows
        .iter()
        .map(|one| {
            vec![
                (&one.submission).into(),
                (&one.section).into(),
                (&one.row_id).into(),
                (&one.work).into(),
                (&one.shown).into(),
                (&one.dataset).into(),
                (&one.period).into(),
                one.life.into(),
                (&one.tier).into(),
                (&one.area).into(),
                (&one.path).into(),
                one.revision.into(),
                one.position.into(),
                (&one.body).into(),
                one.at.into(),
            ]
        })
        .collect();
    tx.insert_many(
        "insert into reporting_works (submission, section, row_id, work, shown, dataset, period, life, tier, area, path, \
         revision, position, body, at) values",
        "on conflict (submission, section, row_id) do nothing",
        &values,
    )
    .await?;
    Ok(())
}

/// Everything that is told about works which some report under a path names; reports of other places about
/// the same works are among it. Only what the tier above has in its hands counts.
pub async fn under(
    tx: &mut Tx,
    scope: &ScopePath,
    period: &str,
    life: Life,
) -> Result<Vec<WorkRow>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select w.submission, w.section, w.row_id, w.work, w.shown, w.dataset, w.period, w.life, w.tier, w.area, w.path, \
              w.revision, w.position, w.body, w.at from reporting_works w join reporting_submissions s on s.id = w.submission \
              where s.state in ('submitted', 'accepted', 'approved') and w.period = $3 and w.life = $4 and w.work in (select i.work from reporting_works i \
              where i.period = $3 and i.life = $4 and i.path >= $1 and i.path < $2) \
              order by w.work, w.path, w.submission, w.section, w.position, w.row_id"),
        &[low.into(), high.into(), period.into(), life.code().into()],
    )
    .await
}

/// Everything that is told about one work.
pub async fn of_work(
    tx: &mut Tx,
    period: &str,
    life: Life,
    work: &str,
) -> Result<Vec<WorkRow>, DbError> {
    tx.all(
        sql!("select w.submission, w.section, w.row_id, w.work, w.shown, w.dataset, w.period, w.life, w.tier, w.area, w.path, \
              w.revision, w.position, w.body, w.at from reporting_works w join reporting_submissions s on s.id = w.submission \
              where s.state in ('submitted', 'accepted', 'approved') and w.period = $1 and w.life = $2 and w.work = $3 \
              order by w.path, w.submission, w.section, w.position, w.row_id"),
        &[period.into(), life.code().into(), work.into()],
    )
    .await
}

row_struct! {
    /// A period in which works were told of.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct WorkPeriod {
        pub period: String,
        pub life: i64,
    }
}

/// The periods in which works under a path were told of.
pub async fn periods(tx: &mut Tx, scope: &ScopePath) -> Result<Vec<WorkPeriod>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!(
            "select period, life from reporting_works where path >= $1 and path < $2 \
              group by period, life order by period desc, life"
        ),
        &[low.into(), high.into()],
    )
    .await
}

/// What was decided about works of a period.
pub async fn decisions(tx: &mut Tx, period: &str, life: Life) -> Result<Vec<Decision>, DbError> {
    tx.all(
        sql!("select work, mode, submission, basis, why, by_account, by_name, at from reporting_work_decisions \
              where period = $1 and life = $2 order by work"),
        &[period.into(), life.code().into()],
    )
    .await
}

/// Keeps a decision over the one before.
pub async fn decide(tx: &mut Tx, period: &str, life: Life, one: &Decision) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_work_decisions (period, life, work, mode, submission, basis, why, by_account, by_name, at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (period, life, work) do update set \
              mode = excluded.mode, submission = excluded.submission, basis = excluded.basis, why = excluded.why, \
              by_account = excluded.by_account, by_name = excluded.by_name, at = excluded.at"),
        &[
            period.into(),
            life.code().into(),
            (&one.work).into(),
            (&one.mode).into(),
            (&one.submission).into(),
            (&one.basis).into(),
            (&one.why).into(),
            (&one.by_account).into(),
            (&one.by_name).into(),
            one.at.into(),
        ],
    )
    .await?;
    Ok(())
}
