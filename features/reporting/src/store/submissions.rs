//! Reports: where each stands, its steps, and the unchanging copies of what was sent and approved.

use std::collections::HashMap;

use areas::AreaId;
use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{Capacity, DatasetId, Life, SubmissionId, submission::State};

row_struct! {
    struct HandedIn {
        id: SubmissionId,
    }
    struct Row {
        id: SubmissionId,
        dataset: DatasetId,
        form_version: u32,
        area: AreaId,
        path: ScopePath,
        period: String,
        life: i64,
        tier: String,
        state: String,
        revision: i64,
        nil: bool,
        nil_reason: Option<String>,
        late_reason: Option<String>,
        origin: String,
        certified_by: Option<String>,
        certified_at: Option<Timestamp>,
        certified_as: Option<String>,
        submitted_by: Option<String>,
        submitted_at: Option<Timestamp>,
        accepted_by: Option<String>,
        accepted_at: Option<Timestamp>,
        approved_by: Option<String>,
        approved_at: Option<Timestamp>,
        created_at: Timestamp,
        changed_at: Timestamp,
        saved_at: Option<Timestamp>,
        behalf_paper: Option<String>,
        behalf_by: Option<String>,
    }
    /// A step that was taken.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct StepRow {
        pub no: i64,
        pub step: String,
        pub revision: i64,
        pub by_account: String,
        pub by_name: String,
        pub at: Timestamp,
        pub note: String,
        /// Of a signature, the marks of what was doubtful then, which its note explains; none where nobody noted them.
        pub doubts: Option<String>,
    }
    /// An unchanging copy.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Snapshot {
        pub revision: i64,
        pub occasion: String,
        pub hash: Vec<u8>,
        pub body: Vec<u8>,
        pub at: Timestamp,
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Their name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// In which capacity; that of the head for everything but the leader's signature.
    pub capacity: Capacity,
}

impl Signed {
    /// Somebody did something in their own right.
    pub fn new(by: String, at: Timestamp) -> Self {
        Self { by, at, capacity: Capacity::Head }
    }

    /// The same in another capacity.
    pub fn acting(self, capacity: Capacity) -> Self {
        Self { capacity, ..self }
    }
}

/// The report of one area for one period of one data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// What it reports.
    pub dataset: DatasetId,
    /// With which version of the form.
    pub form_version: u32,
    /// Whose report it is.
    pub area: AreaId,
    /// Where that lies.
    pub path: ScopePath,
    /// For which period.
    pub period: String,
    /// Which life of the figures.
    pub life: Life,
    /// `commune`, `province` or `ministry`.
    pub tier: String,
    /// Where it stands.
    pub state: State,
    /// Counted from 1.
    pub revision: i64,
    /// True when nothing occurred at all.
    pub nil: bool,
    /// Why not.
    pub nil_reason: String,
    /// Why it is late.
    pub late_reason: String,
    /// The node that writes it; empty when it is this one.
    pub origin: String,
    /// The leader's signature.
    pub certified: Option<Signed>,
    /// Handing in.
    pub submitted: Option<Signed>,
    /// Taken as checked.
    pub accepted: Option<Signed>,
    /// Approved.
    pub approved: Option<Signed>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// When figures, words, rows or files were last saved into it or taken out; none before. Steps of its life save
    /// nothing.
    pub saved_at: Option<Timestamp>,
    /// The number of the paper it is typed in from and by whom, when the tier above types it in for the unit.
    pub behalf: Option<(String, String)>,
}

fn signed(by: Option<String>, at: Option<Timestamp>) -> Option<Signed> {
    Some(Signed::new(by?, at?))
}

impl From<Row> for Submission {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            dataset: row.dataset,
            form_version: row.form_version,
            area: row.area,
            path: row.path,
            period: row.period,
            life: Life::from_code(row.life),
            tier: row.tier,
            state: State::from_code(&row.state).unwrap_or(State::Draft),
            revision: row.revision,
            nil: row.nil,
            nil_reason: row.nil_reason.unwrap_or_default(),
            late_reason: row.late_reason.unwrap_or_default(),
            origin: row.origin,
            certified: signed(row.certified_by, row.certified_at)
                .map(|one| one.acting(Capacity::parse(&row.certified_as.unwrap_or_default()))),
            submitted: signed(row.submitted_by, row.submitted_at),
            accepted: signed(row.accepted_by, row.accepted_at),
            approved: signed(row.approved_by, row.approved_at),
            created_at: row.created_at,
            changed_at: row.changed_at,
            saved_at: row.saved_at,
            behalf: row.behalf_paper.zip(row.behalf_by),
        }
    }
}

/// One report.
pub async fn find(tx: &mut Tx, id: &SubmissionId) -> Result<Option<Submission>, DbError> {
    let row: Option<Row> = tx
        .maybe(
            sql!("select id, dataset, form_version, area, path, period, life, tier, state, revision, nil, nil_reason, \
                  late_reason, origin, certified_by, certified_at, submitted_by, submitted_at, accepted_by, accepted_at, \
                  approved_by, approved_at, created_at, changed_at, saved_at, behalf_paper, behalf_by, certified_as from reporting_submissions where id = $1"),
            &[id.into()],
        )
        .await?;
    Ok(row.map(Into::into))
}

/// Those of these reports that were begun.
pub async fn find_many(
    tx: &mut Tx,
    ids: &[SubmissionId],
) -> Result<HashMap<SubmissionId, Submission>, DbError> {
    let list: Vec<Value> = ids.iter().map(Value::from).collect();
    let rows: Vec<Row> = tx
        .all_in(
            "select id, dataset, form_version, area, path, period, life, tier, state, revision, nil, nil_reason, \
             late_reason, origin, certified_by, certified_at, submitted_by, submitted_at, accepted_by, accepted_at, \
             approved_by, approved_at, created_at, changed_at, saved_at, behalf_paper, behalf_by, certified_as from reporting_submissions where id in",
            &[],
            &list,
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row.into())).collect())
}

/// The reports of a data set and period under a path, by place.
pub async fn under(
    tx: &mut Tx,
    scope: &ScopePath,
    dataset: &str,
    period: &str,
    life: Life,
) -> Result<Vec<Submission>, DbError> {
    let (low, high) = scope.range();
    let rows: Vec<Row> = tx
        .all(
            sql!("select id, dataset, form_version, area, path, period, life, tier, state, revision, nil, nil_reason, \
                  late_reason, origin, certified_by, certified_at, submitted_by, submitted_at, accepted_by, accepted_at, \
                  approved_by, approved_at, created_at, changed_at, saved_at, behalf_paper, behalf_by, certified_as from reporting_submissions \
                  where path >= $1 and path < $2 and dataset = $3 and period = $4 and life = $5 order by path, id"),
            &[low.into(), high.into(), dataset.into(), period.into(), life.code().into()],
        )
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The communes' reports under a path that have been handed in, the latest first.
pub async fn handed_in_under(tx: &mut Tx, scope: &ScopePath) -> Result<Vec<SubmissionId>, DbError> {
    let (low, high) = scope.range();
    let all: Vec<HandedIn> = tx
    .all(
        sql!("select id from reporting_submissions where path >= $1 and path < $2 and tier = 'commune' \
              and state in ('submitted', 'returned', 'accepted', 'approved') order by changed_at desc, id"),
        &[low.into(), high.into()],
    )
    .await?;
    Ok(all.into_iter().map(|one| one.id).collect())
}

/// Every report of one area, newest first.
pub async fn of_area(tx: &mut Tx, area: &AreaId) -> Result<Vec<Submission>, DbError> {
    let rows: Vec<Row> = tx
        .all(
            sql!("select id, dataset, form_version, area, path, period, life, tier, state, revision, nil, nil_reason, \
                  late_reason, origin, certified_by, certified_at, submitted_by, submitted_at, accepted_by, accepted_at, \
                  approved_by, approved_at, created_at, changed_at, saved_at, behalf_paper, behalf_by, certified_as from reporting_submissions \
                  where area = $1 order by changed_at desc, id limit 500"),
            &[area.into()],
        )
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

macro_rules! insert {
    () => {
        "insert into reporting_submissions (id, dataset, form_version, area, path, period, life, tier, state, revision, \
         nil, nil_reason, late_reason, origin, certified_by, certified_at, submitted_by, submitted_at, accepted_by, \
         accepted_at, approved_by, approved_at, created_at, changed_at, saved_at, behalf_paper, behalf_by, certified_as) values"
    };
}
macro_rules! over_what_stands {
    () => {
        "on conflict (id) do update set form_version = excluded.form_version, path = excluded.path, state = excluded.state, origin = excluded.origin, \
         revision = excluded.revision, nil = excluded.nil, nil_reason = excluded.nil_reason, late_reason = excluded.late_reason, \
         certified_by = excluded.certified_by, certified_at = excluded.certified_at, submitted_by = excluded.submitted_by, \
         submitted_at = excluded.submitted_at, accepted_by = excluded.accepted_by, accepted_at = excluded.accepted_at, \
         approved_by = excluded.approved_by, approved_at = excluded.approved_at, changed_at = excluded.changed_at, saved_at = excluded.saved_at, \
         behalf_paper = excluded.behalf_paper, behalf_by = excluded.behalf_by, certified_as = excluded.certified_as"
    };
}

/// Writes a report, new or changed.
pub async fn put(tx: &mut Tx, one: &Submission) -> Result<(), DbError> {
    tx.run(
        sql!(concat!(
            insert!(),
            " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, \
             $25, $26, $27, $28) ",
            over_what_stands!()
        )),
        &columns(one),
    )
    .await?;
    Ok(())
}

/// Writes many reports, each once.
pub async fn put_many(tx: &mut Tx, all: &[Submission]) -> Result<(), DbError> {
    let rows: Vec<Vec<Value>> = all.iter().map(columns).collect();
    let Some(last) = rows.last() else { return Ok(()) };
    tx.insert_often(insert!(), over_what_stands!(), &rows, last).await
}

fn columns(one: &Submission) -> Vec<Value> {
    let by = |signed: &Option<Signed>| signed.as_ref().map(|signed| signed.by.clone());
    let at = |signed: &Option<Signed>| signed.as_ref().map(|signed| signed.at);
    let said = |words: &str| Some(words.to_owned()).filter(|words| !words.is_empty());
    vec![
        (&one.id).into(),
        (&one.dataset).into(),
        one.form_version.into(),
        (&one.area).into(),
        (&one.path).into(),
        (&one.period).into(),
        one.life.code().into(),
        (&one.tier).into(),
        one.state.code().into(),
        one.revision.into(),
        one.nil.into(),
        said(&one.nil_reason).into(),
        said(&one.late_reason).into(),
        (&one.origin).into(),
        by(&one.certified).into(),
        at(&one.certified).into(),
        by(&one.submitted).into(),
        at(&one.submitted).into(),
        by(&one.accepted).into(),
        at(&one.accepted).into(),
        by(&one.approved).into(),
        at(&one.approved).into(),
        one.created_at.into(),
        one.changed_at.into(),
        one.saved_at.into(),
        one.behalf.as_ref().map(|(paper, _)| paper.clone()).into(),
        one.behalf.as_ref().map(|(_, by)| by.clone()).into(),
        one.certified.as_ref().and_then(|one| said(&one.capacity.text())).into(),
    ]
}

/// Notes a step; the same step of the same moment is noted once.
pub async fn note_step(tx: &mut Tx, id: &SubmissionId, step: &StepRow) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_steps (submission, no, step, revision, by_account, by_name, at, note, doubts) \
              select $1, cast(coalesce(max(no), 0) as bigint) + 1, $2, $3, $4, $5, $6, $7, $8 from reporting_steps where submission = $1 \
              having not exists (select 1 from reporting_steps where submission = $1 and step = $2 and revision = $3 and at = $6)"),
        &[
            id.into(),
            (&step.step).into(),
            step.revision.into(),
            (&step.by_account).into(),
            (&step.by_name).into(),
            step.at.into(),
            (&step.note).into(),
            step.doubts.clone().into(),
        ],
    )
    .await?;
    Ok(())
}

/// The steps of a report, oldest first.
pub async fn steps(tx: &mut Tx, id: &SubmissionId) -> Result<Vec<StepRow>, DbError> {
    tx.all(
        sql!("select no, step, revision, by_account, by_name, at, note, doubts from reporting_steps where submission = $1 order by no"),
        &[id.into()],
    )
    .await
}

/// Keeps an unchanging copy; one that is there stays.
pub async fn keep_snapshot(
    tx: &mut Tx,
    id: &SubmissionId,
    snapshot: &Snapshot,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_snapshots (submission, revision, occasion, hash, body, at) values ($1, $2, $3, $4, $5, $6) \
              on conflict (submission, revision, occasion) do nothing"),
        &[
            id.into(),
            snapshot.revision.into(),
            (&snapshot.occasion).into(),
            snapshot.hash.as_slice().into(),
            snapshot.body.as_slice().into(),
            snapshot.at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The copies of a report, newest first.
pub async fn snapshots(tx: &mut Tx, id: &SubmissionId) -> Result<Vec<Snapshot>, DbError> {
    tx.all(
        sql!("select revision, occasion, hash, body, at from reporting_snapshots where submission = $1 \
              order by revision desc, occasion"),
        &[id.into()],
    )
    .await
}
