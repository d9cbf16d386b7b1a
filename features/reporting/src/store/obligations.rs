//! Who owes what by when.

use areas::AreaId;
use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{DatasetId, Life, ObligationId};

row_struct! {
    /// A report that is owed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Obligation {
        pub id: ObligationId,
        pub dataset: DatasetId,
        pub period: String,
        pub life: i64,
        pub area: AreaId,
        pub path: ScopePath,
        pub province: i64,
        /// First day of the period on which the unit existed.
        pub from_day: Day,
        /// First day on which it no longer did, or the period had ended.
        pub until_day: Day,
        pub certify_by: Option<Day>,
        pub due_on: Option<Day>,
        /// When it was handed in first.
        pub met_at: Option<Timestamp>,
        pub on_time: bool,
        pub nil: bool,
        pub late_reason: Option<String>,
        pub approved: bool,
        pub reminded: i64,
    }
}

/// Adds obligations; those that are known stay. Gives how many were new.
pub async fn add(tx: &mut Tx, obligations: &[Obligation]) -> Result<u64, DbError> {
    let rows: Vec<Vec<Value>> = obligations
        .iter()
        .map(|one| {
            vec![
                (&one.id).into(),
                (&one.dataset).into(),
                (&one.period).into(),
                one.life.into(),
                (&one.area).into(),
                (&one.path).into(),
                one.province.into(),
                one.from_day.into(),
                one.until_day.into(),
                one.certify_by.into(),
                one.due_on.into(),
                false.into(),
                false.into(),
                false.into(),
                0_i64.into(),
            ]
        })
        .collect();
    tx.insert_many(
        "insert into reporting_obligations (id, dataset, period, life, area, path, province, from_day, until_day, \
         certify_by, due_on, on_time, nil, approved, reminded) values",
        "on conflict (dataset, period, life, area) do nothing",
        &rows,
    )
    .await
}

/// The obligations of a data set and period under a path, by place.
pub async fn under(
    tx: &mut Tx,
    scope: &ScopePath,
    dataset: &str,
    period: &str,
    life: Life,
) -> Result<Vec<Obligation>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select id, dataset, period, life, area, path, province, from_day, until_day, certify_by, due_on, met_at, \
              on_time, nil, late_reason, approved, reminded from reporting_obligations \
              where path >= $1 and path < $2 and dataset = $3 and period = $4 and life = $5 order by path, id"),
        &[low.into(), high.into(), dataset.into(), period.into(), life.code().into()],
    )
    .await
}

/// One obligation.
pub async fn find(
    tx: &mut Tx,
    dataset: &str,
    period: &str,
    life: Life,
    area: &AreaId,
) -> Result<Option<Obligation>, DbError> {
    tx.maybe(
        sql!("select id, dataset, period, life, area, path, province, from_day, until_day, certify_by, due_on, met_at, \
              on_time, nil, late_reason, approved, reminded from reporting_obligations \
              where dataset = $1 and period = $2 and life = $3 and area = $4"),
        &[dataset.into(), period.into(), life.code().into(), area.into()],
    )
    .await
}

/// Notes how an obligation was met.
pub async fn update(tx: &mut Tx, one: &Obligation) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_obligations set met_at = $2, on_time = $3, nil = $4, late_reason = $5, approved = $6, \
              reminded = $7 where id = $1"),
        &[
            (&one.id).into(),
            one.met_at.into(),
            one.on_time.into(),
            one.nil.into(),
            one.late_reason.clone().into(),
            one.approved.into(),
            one.reminded.into(),
        ],
    )
    .await?;
    Ok(())
}

row_struct! {
    /// A data set's period that has obligations.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Owed {
        pub period: String,
        pub life: i64,
        pub count: i64,
    }
}

/// The periods of a data set for which something is owed under a path.
pub async fn periods(tx: &mut Tx, scope: &ScopePath, dataset: &str) -> Result<Vec<Owed>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select period, life, count(*) as count from reporting_obligations \
              where path >= $1 and path < $2 and dataset = $3 group by period, life order by min(from_day) desc, period, life"),
        &[low.into(), high.into(), dataset.into()],
    )
    .await
}

/// The areas that owe a data set for a period.
pub async fn areas_of(
    tx: &mut Tx,
    dataset: &str,
    period: &str,
    life: Life,
) -> Result<std::collections::HashSet<String>, DbError> {
    let all: Vec<String> = tx
        .all(
            sql!("select area as value from reporting_obligations where dataset = $1 and period = $2 and life = $3"),
            &[dataset.into(), period.into(), life.code().into()],
        )
        .await?;
    Ok(all.into_iter().collect())
}

/// What one unit owes, or owed, for periods that have begun, the earliest deadline first.
pub async fn of_area(
    tx: &mut Tx,
    (area, path): (&AreaId, &ScopePath),
    begun_by: Day,
    limit: usize,
) -> Result<Vec<Obligation>, DbError> {
    let (low, high) = path.range();
    tx.all(
        sql!("select id, dataset, period, life, area, path, province, from_day, until_day, certify_by, due_on, met_at, \
              on_time, nil, late_reason, approved, reminded from reporting_obligations \
              where path >= $1 and path < $2 and area = $3 and from_day <= $4 \
              order by coalesce(due_on, until_day), dataset, id limit $5"),
        &[low.into(), high.into(), area.into(), begun_by.into(), limit.into()],
    )
    .await
}
