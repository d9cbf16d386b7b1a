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
        /// True when the tier above said that it need not be met.
        pub excused: bool,
        /// The deadline that was set aside when it was extended; `due_on` is the one that holds.
        pub due_was: Option<Day>,
    }
}

impl Obligation {
    /// True when a unit owes it: it was not excused, or the report came all the same. `false` is the one meaning of
    /// *excused and nothing handed in*, everywhere. Statements that count or list cannot ask here and say the same
    /// rule as `met_at is not null or not excused`: [`super::rollups::rate_lines_anew`], [`owing`], `super::analysis`,
    /// `super::reminders`.
    pub fn is_owed(&self) -> bool {
        self.met_at.is_some() || !self.excused
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
                one.met_at.into(),
                one.on_time.into(),
                one.nil.into(),
                one.late_reason.clone().into(),
                one.approved.into(),
                0_i64.into(),
                one.excused.into(),
                one.due_was.into(),
            ]
        })
        .collect();
    tx.insert_many(
        "insert into reporting_obligations (id, dataset, period, life, area, path, province, from_day, until_day, \
         certify_by, due_on, met_at, on_time, nil, late_reason, approved, reminded, excused, due_was) values",
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
              on_time, nil, late_reason, approved, reminded, excused, due_was from reporting_obligations \
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
              on_time, nil, late_reason, approved, reminded, excused, due_was from reporting_obligations \
              where dataset = $1 and period = $2 and life = $3 and area = $4"),
        &[dataset.into(), period.into(), life.code().into(), area.into()],
    )
    .await
}

/// Holds an obligation until the transaction ends and reads it: whoever meets it, moves it or excuses it waits for
/// the others, so that the rates follow every one of them.
pub async fn hold(tx: &mut Tx, id: &ObligationId) -> Result<Option<Obligation>, DbError> {
    tx.run(sql!("update reporting_obligations set id = id where id = $1"), &[id.into()]).await?;
    tx.maybe(
        sql!("select id, dataset, period, life, area, path, province, from_day, until_day, certify_by, due_on, met_at, \
              on_time, nil, late_reason, approved, reminded, excused, due_was from reporting_obligations where id = $1"),
        &[id.into()],
    )
    .await
}

/// Writes what became of an obligation that is held.
pub async fn update(tx: &mut Tx, one: &Obligation) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_obligations set met_at = $2, on_time = $3, nil = $4, late_reason = $5, approved = $6, \
              reminded = $7, path = $8, province = $9, from_day = $10, until_day = $11, due_on = $12, excused = $13, \
              due_was = $14 where id = $1"),
        &[
            (&one.id).into(),
            one.met_at.into(),
            one.on_time.into(),
            one.nil.into(),
            one.late_reason.clone().into(),
            one.approved.into(),
            one.reminded.into(),
            (&one.path).into(),
            one.province.into(),
            one.from_day.into(),
            one.until_day.into(),
            one.due_on.into(),
            one.excused.into(),
            one.due_was.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes an obligation back that turned out to be nobody's.
pub async fn remove(tx: &mut Tx, id: &ObligationId) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_notices where obligation = $1"), &[id.into()]).await?;
    tx.run(sql!("delete from reporting_obligations where id = $1"), &[id.into()]).await?;
    Ok(())
}

/// The obligations of some units for a data set and period.
pub async fn of_units(
    tx: &mut Tx,
    (dataset, period, life): (&str, &str, Life),
    units: &[AreaId],
) -> Result<Vec<Obligation>, DbError> {
    let list: Vec<Value> = units.iter().map(Value::from).collect();
    tx.all_in(
        "select id, dataset, period, life, area, path, province, from_day, until_day, certify_by, due_on, met_at, \
         on_time, nil, late_reason, approved, reminded, excused, due_was from reporting_obligations \
         where dataset = $1 and period = $2 and life = $3 and area in",
        &[dataset.into(), period.into(), life.code().into()],
        &list,
    )
    .await
}

row_struct! {
    /// A unit that owes a report.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Owing {
        pub dataset: DatasetId,
        pub period: String,
        pub area: AreaId,
    }
}

/// Those of some data sets and periods for which this node knows who owes them: something is owed, or was excused.
pub async fn known(
    tx: &mut Tx,
    life: Life,
    asked: &[(&DatasetId, &str)],
) -> Result<Vec<Due>, DbError> {
    let row = |(dataset, period): &(&DatasetId, &str)| {
        vec![(*dataset).into(), (*period).into(), life.code().into()]
    };
    let rows: Vec<Vec<Value>> = asked.iter().map(row).collect();
    tx.all_of_rows(
        "with asked (dataset, period, life) as (values",
        ") select a.dataset, a.period from asked a where exists (select 1 from reporting_obligations o \
         where o.dataset = a.dataset and o.period = a.period and o.life = a.life)",
        &rows,
    )
    .await
}

/// Those of some units that owe a data set for a period, as [`Obligation::is_owed`] has it; each unit is asked after
/// for its own.
pub async fn owing(
    tx: &mut Tx,
    life: Life,
    asked: &[(&DatasetId, &str, &AreaId)],
) -> Result<Vec<Owing>, DbError> {
    let row = |(dataset, period, area): &(&DatasetId, &str, &AreaId)| {
        vec![(*dataset).into(), (*period).into(), life.code().into(), (*area).into()]
    };
    let rows: Vec<Vec<Value>> = asked.iter().map(row).collect();
    tx.all_of_rows(
        "with asked (dataset, period, life, area) as (values",
        ") select o.dataset, o.period, o.area from asked a cross join reporting_obligations o \
         where o.dataset = a.dataset and o.period = a.period and o.life = a.life and o.area = a.area \
         and (o.met_at is not null or not o.excused)",
        &rows,
    )
    .await
}

/// Every unit that owes a data set for a period, as [`Obligation::is_owed`] has it.
pub async fn owing_everywhere(
    tx: &mut Tx,
    (dataset, period, life): (&str, &str, Life),
) -> Result<Vec<Owing>, DbError> {
    tx.all(
        sql!("select dataset, period, area from reporting_obligations where dataset = $1 and period = $2 and life = $3 \
              and (met_at is not null or not excused)"),
        &[dataset.into(), period.into(), life.code().into()],
    )
    .await
}

row_struct! {
    /// A data set's period that something is owed for.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Due {
        pub dataset: DatasetId,
        pub period: String,
    }
}

/// Every data set and period that something is owed for.
pub async fn all_due(tx: &mut Tx) -> Result<Vec<Due>, DbError> {
    tx.all(
        sql!("select dataset, period from reporting_obligations group by dataset, period order by dataset, period"),
        &[],
    )
    .await
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
              on_time, nil, late_reason, approved, reminded, excused, due_was from reporting_obligations \
              where path >= $1 and path < $2 and area = $3 and from_day <= $4 \
              order by coalesce(due_on, until_day), dataset, id limit $5"),
        &[low.into(), high.into(), area.into(), begun_by.into(), limit.into()],
    )
    .await
}

/// States other days for what is owed and was not handed in; reminders begin anew where they changed. A deadline
/// that was extended for somebody stays extended.
pub async fn restate(
    tx: &mut Tx,
    (dataset, period, life): (&str, &str, Life),
    (certify_by, due_on): (Option<Day>, Option<Day>),
) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_obligations set certify_by = $4, due_on = $5, reminded = 0 \
              where dataset = $1 and period = $2 and life = $3 and met_at is null and due_was is null \
              and (coalesce(certify_by, '') <> coalesce($4, '') or coalesce(due_on, '') <> coalesce($5, ''))"),
        &[dataset.into(), period.into(), life.code().into(), certify_by.into(), due_on.into()],
    )
    .await?;
    Ok(())
}

/// What is owed of a data set and was not handed in, for every period.
pub async fn unmet(tx: &mut Tx, dataset: &str) -> Result<Vec<Obligation>, DbError> {
    tx.all(
        sql!("select id, dataset, period, life, area, path, province, from_day, until_day, certify_by, due_on, met_at, \
              on_time, nil, late_reason, approved, reminded, excused, due_was from reporting_obligations \
              where dataset = $1 and met_at is null order by period, life, path, id"),
        &[dataset.into()],
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(excused: bool, met_at: Option<Timestamp>) -> Obligation {
        Obligation {
            id: ObligationId::parse("diem-ho-tro.nd09q-2026-4.01969.2025.f").unwrap(),
            dataset: DatasetId::parse("diem-ho-tro").unwrap(),
            period: "nd09q-2026-4".to_owned(),
            life: 0,
            area: AreaId::parse("01969.2025").unwrap(),
            path: ScopePath::parse("/vn/19.2025/01969.2025/").unwrap(),
            province: 1,
            from_day: Day::new(2026, 9, 15).unwrap(),
            until_day: Day::new(2026, 12, 15).unwrap(),
            certify_by: None,
            due_on: None,
            met_at,
            on_time: false,
            nil: false,
            late_reason: None,
            approved: false,
            reminded: 0,
            excused,
            due_was: None,
        }
    }

    #[test]
    fn what_was_excused_is_owed_only_when_it_came_all_the_same() {
        let came = Some(Timestamp::from_millis(1));
        assert!(one(false, None).is_owed() && one(false, came).is_owed());
        assert!(one(true, came).is_owed());
        assert!(!one(true, None).is_owed());
    }
}
