//! Live counts: moved by delta in the transaction that moves a figure or a report; rebuilt only to prove that
//! they are right.

use std::collections::BTreeMap;

use kernel::{
    clock::Day,
    db::{DbError, Tx, Value},
    row_struct, sql,
};

use super::obligations::Obligation;
use crate::model::{CellState, Life};

row_struct! {
    /// The live count of a cell in a province.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Rollup {
        pub cell: i64,
        pub period: i64,
        pub province: i64,
        pub sum: i64,
        pub count: i64,
        pub no_data: i64,
        pub approved_sum: i64,
        pub approved_count: i64,
    }
    /// Reporting rates of a data set in a province.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct Rate {
        pub period: String,
        pub province: i64,
        pub expected: i64,
        pub reported: i64,
        pub on_time: i64,
        pub approved: i64,
        /// Owed by nobody because it was excused and nothing was handed in.
        pub excused: i64,
    }
}

/// What one figure adds to its roll-up, as it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// To the sum.
    pub sum: i64,
    /// To the places counted.
    pub count: i64,
    /// To the places without data.
    pub no_data: i64,
    /// To the approved sum.
    pub approved_sum: i64,
    /// To the places approved.
    pub approved_count: i64,
}

impl Delta {
    /// From one state of a cell to another.
    pub fn between(before: Option<&CellState>, after: Option<&CellState>) -> Self {
        let part = |state: Option<&CellState>| match state.map(CellState::amount) {
            Some(Some(amount)) => (amount, 1, 0),
            Some(None) => (0, 0, 1),
            None => (0, 0, 0),
        };
        let ((sum0, count0, none0), (sum1, count1, none1)) = (part(before), part(after));
        Self { sum: sum1 - sum0, count: count1 - count0, no_data: none1 - none0, ..Self::default() }
    }

    /// From one approved amount to another.
    pub fn approving(before: Option<i64>, after: Option<i64>) -> Self {
        let count = |amount: Option<i64>| i64::from(amount.is_some());
        Self {
            approved_sum: after.unwrap_or(0) - before.unwrap_or(0),
            approved_count: count(after) - count(before),
            ..Self::default()
        }
    }

    /// The same taken away.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            sum: -self.sum,
            count: -self.count,
            no_data: -self.no_data,
            approved_sum: -self.approved_sum,
            approved_count: -self.approved_count,
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            count: self.count + other.count,
            no_data: self.no_data + other.no_data,
            approved_sum: self.approved_sum + other.approved_sum,
            approved_count: self.approved_count + other.approved_count,
        }
    }
}

/// What is counted together: a cell, in a period and a life, in a province. In the order in which counts are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    /// The cell's number.
    pub cell: i64,
    /// The period's number.
    pub period: i64,
    /// The life.
    pub life: Life,
    /// The number of the province's place.
    pub province: i64,
}

/// Moves the counts of a province in a period.
pub async fn move_by(
    tx: &mut Tx,
    (period, life): (i64, Life),
    province: i64,
    deltas: &BTreeMap<i64, Delta>,
) -> Result<(), DbError> {
    let counted = |cell: &i64| Counted { cell: *cell, period, life, province };
    let deltas = deltas.iter().map(|(cell, delta)| (counted(cell), *delta)).collect();
    move_all(tx, &deltas).await
}

/// Moves counts. They are written in their order, so that two writers never wait for each other in a circle.
pub async fn move_all(tx: &mut Tx, deltas: &BTreeMap<Counted, Delta>) -> Result<(), DbError> {
    let row = |at: &Counted, delta: &Delta| {
        vec![
            at.cell.into(),
            at.period.into(),
            at.life.code().into(),
            at.province.into(),
            delta.sum.into(),
            delta.count.into(),
            delta.no_data.into(),
            delta.approved_sum.into(),
            delta.approved_count.into(),
        ]
    };
    let mut moved = deltas.iter().filter(|(_, delta)| **delta != Delta::default());
    let rows: Vec<Vec<Value>> = moved.clone().map(|(at, delta)| row(at, delta)).collect();
    let Some((last, _)) = moved.next_back() else { return Ok(()) };
    tx.insert_often(
        "insert into reporting_rollups (cell, period, life, province, sum, count, no_data, approved_sum, approved_count) values",
        "on conflict (cell, period, life, province) do update set sum = reporting_rollups.sum + excluded.sum, \
         count = reporting_rollups.count + excluded.count, no_data = reporting_rollups.no_data + excluded.no_data, \
         approved_sum = reporting_rollups.approved_sum + excluded.approved_sum, \
         approved_count = reporting_rollups.approved_count + excluded.approved_count",
        &rows,
        &row(last, &Delta::default()),
    )
    .await
}

/// The counts of a cell in every province, over periods by number.
pub async fn of_cell(
    tx: &mut Tx,
    cell: i64,
    life: Life,
    periods: &[i64],
) -> Result<Vec<Rollup>, DbError> {
    let list: Vec<Value> = periods.iter().map(|no| Value::from(*no)).collect();
    tx.all_in(
        "select cell, period, province, sum, count, no_data, approved_sum, approved_count from reporting_rollups \
         where cell = $1 and life = $2 and period in",
        &[cell.into(), life.code().into()],
        &list,
    )
    .await
}

row_struct! {
    /// A roll-up of one cell as its table has it, for comparing.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Line {
        pub period: i64,
        pub life: i64,
        pub province: i64,
        pub sum: i64,
        pub count: i64,
        pub no_data: i64,
        pub approved_sum: i64,
        pub approved_count: i64,
    }
    /// The sum of a cell in a province for a period.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Grouped {
        pub period: i64,
        pub province: i64,
        pub sum: i64,
    }
}

/// Every cell that has figures or had them, by number.
pub async fn cells(tx: &mut Tx) -> Result<Vec<i64>, DbError> {
    tx.all(sql!("select no as value from reporting_cells order by no"), &[]).await
}

/// The live counts of a cell that count anything, in order.
pub async fn lines(tx: &mut Tx, cell: i64) -> Result<Vec<Line>, DbError> {
    tx.all(
        sql!("select period, life, province, sum, count, no_data, approved_sum, approved_count from reporting_rollups \
              where cell = $1 and (count <> 0 or no_data <> 0 or sum <> 0 or approved_count <> 0 or approved_sum <> 0) \
              order by period, life, province"),
        &[cell.into()],
    )
    .await
}

/// The same, counted anew from the figures.
pub async fn lines_anew(tx: &mut Tx, cell: i64) -> Result<Vec<Line>, DbError> {
    tx.all(
        sql!("select v.period, v.life, s.province, \
              cast(coalesce(sum(case when v.state = 0 then v.amount else 0 end), 0) as bigint) as sum, \
              cast(sum(case when v.state = 2 then 0 else 1 end) as bigint) as count, \
              cast(sum(case when v.state = 2 then 1 else 0 end) as bigint) as no_data, \
              cast(coalesce(sum(v.approved), 0) as bigint) as approved_sum, \
              cast(count(v.approved) as bigint) as approved_count \
              from reporting_values v join reporting_periods p on p.no = v.period join reporting_seats s on s.place = v.place \
              and s.from_day < p.until_day and s.until_day >= p.until_day \
              where v.cell = $1 group by v.period, v.life, s.province order by v.period, v.life, s.province"),
        &[cell.into()],
    )
    .await
}

/// Throws the live counts away.
pub async fn clear(tx: &mut Tx) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_rollups"), &[]).await?;
    Ok(())
}

/// Counts a cell anew; gives the number of rows. Cell by cell, so that an engine sorts some ten thousand figures
/// at a time and not thirty-six million.
pub async fn rebuild(tx: &mut Tx, cell: i64) -> Result<u64, DbError> {
    tx.run(
        sql!("insert into reporting_rollups (cell, period, life, province, sum, count, no_data, approved_sum, approved_count) \
              select v.cell, v.period, v.life, s.province, \
              cast(coalesce(sum(case when v.state = 0 then v.amount else 0 end), 0) as bigint), \
              cast(sum(case when v.state = 2 then 0 else 1 end) as bigint), \
              cast(sum(case when v.state = 2 then 1 else 0 end) as bigint), \
              cast(coalesce(sum(v.approved), 0) as bigint), cast(count(v.approved) as bigint) \
              from reporting_values v join reporting_periods p on p.no = v.period join reporting_seats s on s.place = v.place \
              and s.from_day < p.until_day and s.until_day >= p.until_day \
              where v.cell = $1 group by v.cell, v.period, v.life, s.province"),
        &[cell.into()],
    )
    .await
}

/// How many figures the live counts speak of.
pub async fn figures(tx: &mut Tx) -> Result<u64, DbError> {
    let count: i64 = tx
        .one(
            sql!("select cast(coalesce(sum(count + no_data), 0) as bigint) as value from reporting_rollups"),
            &[],
        )
        .await?;
    Ok(count.unsigned_abs())
}

/// The sums of a cell from the figures themselves, for the periods between two days.
pub async fn grouped(
    tx: &mut Tx,
    cell: i64,
    from: Day,
    until: Day,
) -> Result<Vec<Grouped>, DbError> {
    tx.all(
        sql!(
            "select v.period, s.province, cast(coalesce(sum(v.amount), 0) as bigint) as sum \
              from reporting_periods p cross join reporting_values v join reporting_seats s on s.place = v.place \
              and s.from_day < p.until_day and s.until_day >= p.until_day \
              where p.no = v.period and v.cell = $1 and v.life = 0 and p.from_day >= $2 and p.until_day <= $3 \
              group by v.period, s.province"
        ),
        &[cell.into(), from.into(), until.into()],
    )
    .await
}

/// What a report adds to the rates of its province.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateDelta {
    /// Reports owed.
    pub expected: i64,
    /// Handed in.
    pub reported: i64,
    /// Handed in in time.
    pub on_time: i64,
    /// Approved.
    pub approved: i64,
    /// Excused, and nothing was handed in.
    pub excused: i64,
}

impl RateDelta {
    /// What an obligation adds to the rates. [`rate_lines_anew`] counts the same.
    pub fn of(one: &Obligation) -> Self {
        let met = one.met_at.is_some();
        Self {
            expected: i64::from(one.is_owed()),
            reported: i64::from(met),
            on_time: i64::from(met && (one.on_time || one.excused)),
            approved: i64::from(met && one.approved),
            excused: i64::from(!one.is_owed()),
        }
    }

    /// The same taken away.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::default().less(self)
    }

    /// This without another.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self {
            expected: self.expected - other.expected,
            reported: self.reported - other.reported,
            on_time: self.on_time - other.on_time,
            approved: self.approved - other.approved,
            excused: self.excused - other.excused,
        }
    }
}

impl Rate {
    /// Moves it.
    pub fn add(&mut self, delta: RateDelta) {
        self.expected += delta.expected;
        self.reported += delta.reported;
        self.on_time += delta.on_time;
        self.approved += delta.approved;
        self.excused += delta.excused;
    }
}

/// Moves the rates of a data set in a province.
pub async fn move_rate(
    tx: &mut Tx,
    (dataset, period, life): (&str, &str, Life),
    province: i64,
    delta: RateDelta,
) -> Result<(), DbError> {
    if delta == RateDelta::default() {
        return Ok(());
    }
    tx.run(
        sql!("insert into reporting_rates (dataset, period, life, province, expected, reported, on_time, approved, excused) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (dataset, period, life, province) do update set \
              expected = reporting_rates.expected + excluded.expected, reported = reporting_rates.reported + excluded.reported, \
              on_time = reporting_rates.on_time + excluded.on_time, approved = reporting_rates.approved + excluded.approved, excused = reporting_rates.excused + excluded.excused"),
        &[
            dataset.into(),
            period.into(),
            life.code().into(),
            province.into(),
            delta.expected.into(),
            delta.reported.into(),
            delta.on_time.into(),
            delta.approved.into(),
            delta.excused.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The rates of a data set over periods, per province.
pub async fn rates(
    tx: &mut Tx,
    dataset: &str,
    life: Life,
    periods: &[String],
) -> Result<Vec<Rate>, DbError> {
    let list: Vec<Value> = periods.iter().map(Value::from).collect();
    tx.all_in(
        "select period, province, expected, reported, on_time, approved, excused from reporting_rates \
         where dataset = $1 and life = $2 and period in",
        &[dataset.into(), life.code().into()],
        &list,
    )
    .await
}

row_struct! {
    /// Rates as their table has them, for comparing.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RateLine {
        pub dataset: String,
        pub period: String,
        pub life: i64,
        pub province: i64,
        pub expected: i64,
        pub reported: i64,
        pub on_time: i64,
        pub approved: i64,
        pub excused: i64,
    }
}

/// The live rates.
pub async fn rate_lines(tx: &mut Tx) -> Result<Vec<RateLine>, DbError> {
    tx.all(
        sql!("select dataset, period, life, province, expected, reported, on_time, approved, excused from reporting_rates \
              where expected <> 0 or reported <> 0 or on_time <> 0 or approved <> 0 or excused <> 0 \
              order by dataset, period, life, province"),
        &[],
    )
    .await
}

/// The same, counted anew from the obligations: what is owed as [`Obligation::is_owed`] has it.
pub async fn rate_lines_anew(tx: &mut Tx) -> Result<Vec<RateLine>, DbError> {
    tx.all(
        sql!("select dataset, period, life, province, \
              cast(sum(case when met_at is not null or not excused then 1 else 0 end) as bigint) as expected, \
              cast(count(met_at) as bigint) as reported, \
              cast(sum(case when met_at is not null and (on_time or excused) then 1 else 0 end) as bigint) as on_time, \
              cast(sum(case when met_at is not null and approved then 1 else 0 end) as bigint) as approved, \
              cast(sum(case when excused and met_at is null then 1 else 0 end) as bigint) as excused \
              from reporting_obligations group by dataset, period, life, province order by dataset, period, life, province"),
        &[],
    )
    .await
}
