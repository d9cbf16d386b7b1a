//! Reading figures for analysis: live counts wherever they stand, single figures by index where they do not.
//! Saved dashboards too.
//!
//! The few periods of a window come first and figures are looked up in each: `cross join` keeps SQLite to that
//! order, which otherwise reads a cell's figures of all years for one month. To PostgreSQL it is a join like any.

mod packed;

use areas::AreaId;
use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use super::numbers::{PeriodRow, PlaceRow, is_signer};
use crate::model::{DashboardId, Life};

pub use packed::{Figure, amounts_at, reported, reported_everywhere};

row_struct! {
    /// The live count of a cell in a province for a period.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Counted {
        pub cell: i64,
        pub period: String,
        pub province: i64,
        pub sum: i64,
        pub count: i64,
        pub no_data: i64,
        pub approved_sum: i64,
        pub approved_count: i64,
    }
    /// What a place reported in a cell for a period.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Reported {
        pub cell: i64,
        pub period: String,
        pub place: i64,
        pub state: i64,
        pub amount: Option<i64>,
        pub approved: Option<i64>,
    }
}

/// A stretch of days, and the life of the figures.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// First day.
    pub from: Day,
    /// First day after it.
    pub until: Day,
    /// Which figures.
    pub life: Life,
}

impl Window {
    fn values(self) -> Vec<Value> {
        vec![self.from.into(), self.until.into(), self.life.code().into()]
    }
}

fn list(nos: &[i64]) -> Vec<Value> {
    nos.iter().map(|no| Value::from(*no)).collect()
}

/// The live counts of cells in every province, for all periods within a window: one statement.
pub async fn counted(tx: &mut Tx, window: Window, cells: &[i64]) -> Result<Vec<Counted>, DbError> {
    tx.all_in(
        "select r.cell, p.id as period, r.province, r.sum, r.count, r.no_data, r.approved_sum, r.approved_count \
         from reporting_periods p cross join reporting_rollups r \
         where r.period = p.no and p.from_day >= $1 and p.until_day <= $2 and r.life = $3 and r.cell in",
        &window.values(),
        &list(cells),
    )
    .await
}

row_struct! {
    /// A cell that has approved figures in a period.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ApprovedCell {
        pub cell: i64,
        pub period: String,
    }
}

/// In which periods cells have approved figures anywhere.
pub async fn approved(
    tx: &mut Tx,
    life: Life,
    cells: &[i64],
) -> Result<Vec<ApprovedCell>, DbError> {
    tx.all_in(
        "select distinct r.cell, p.id as period from reporting_rollups r join reporting_periods p on p.no = r.period \
         where r.life = $1 and r.approved_count > 0 and r.cell in",
        &[life.code().into()],
        &list(cells),
    )
    .await
}

/// The same as [`counted`] for one province.
pub async fn counted_in(
    tx: &mut Tx,
    window: Window,
    province: i64,
    cells: &[i64],
) -> Result<Vec<Counted>, DbError> {
    let mut first = window.values();
    first.push(province.into());
    tx.all_in(
        "select r.cell, p.id as period, r.province, r.sum, r.count, r.no_data, r.approved_sum, r.approved_count \
         from reporting_periods p cross join reporting_rollups r \
         where r.period = p.no and p.from_day >= $1 and p.until_day <= $2 and r.life = $3 and r.province = $4 and r.cell in",
        &first,
        &list(cells),
    )
    .await
}

impl Reported {
    /// The cell, the period, and the figure.
    pub fn figure(self) -> (i64, String, Figure) {
        let Self { cell, period, place, state, amount, approved } = self;
        (cell, period, Figure { place, state, amount, approved })
    }
}

/// What one place reported in some cells, for all periods within a window.
pub async fn reported_at(
    tx: &mut Tx,
    window: Window,
    place: i64,
    cells: &[i64],
) -> Result<Vec<Reported>, DbError> {
    let mut first = window.values();
    first.push(place.into());
    tx.all_in(
        "select v.cell, p.id as period, v.place, v.state, v.amount, v.approved \
         from reporting_periods p cross join reporting_values v \
         where v.period = p.no and p.from_day >= $1 and p.until_day <= $2 and v.life = $3 and v.place = $4 and v.cell in",
        &first,
        &list(cells),
    )
    .await
}

/// The places that have figures of a data set in a period.
pub async fn places_of_owner(
    tx: &mut Tx,
    period: i64,
    dataset: &str,
) -> Result<Vec<PlaceRow>, DbError> {
    tx.all(
        sql!(
            "select distinct l.no, l.area, l.path from reporting_values v \
              join reporting_places l on l.no = v.place join reporting_authors a on a.no = v.owner \
              where v.period = $1 and a.account = 'dataset:' and a.name = $2 order by l.no"
        ),
        &[period.into(), dataset.into()],
    )
    .await
}

/// The places with figures among these areas.
pub async fn places_of(tx: &mut Tx, areas: &[AreaId]) -> Result<Vec<PlaceRow>, DbError> {
    let wanted: Vec<Value> = areas.iter().map(Value::from).collect();
    tx.all_in("select no, area, path from reporting_places where area in", &[], &wanted).await
}

/// Every place with figures.
pub async fn places_everywhere(tx: &mut Tx) -> Result<Vec<PlaceRow>, DbError> {
    tx.all(sql!("select no, area, path from reporting_places"), &[]).await
}

/// Places by their numbers.
pub async fn places_by_no(tx: &mut Tx, nos: &[i64]) -> Result<Vec<PlaceRow>, DbError> {
    tx.all_in("select no, area, path from reporting_places where no in", &[], &list(nos)).await
}

/// The periods that have figures, the latest first.
pub async fn periods(tx: &mut Tx, limit: usize) -> Result<Vec<PeriodRow>, DbError> {
    tx.all(
        sql!(
            "select no, id, scheme, from_day, until_day from reporting_periods \
              order by until_day desc, scheme, id limit $1"
        ),
        &[limit.into()],
    )
    .await
}

row_struct! {
    /// One figure with its provenance.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Sourced {
        pub state: i64,
        pub amount: Option<i64>,
        pub reason: Option<String>,
        pub version: i64,
        pub author_account: String,
        pub author_name: String,
        pub owner_name: String,
        pub at: Timestamp,
        pub approved: Option<i64>,
    }
}

impl Sourced {
    /// True when it came with a report of another node: the author signed it.
    pub fn came_signed(&self) -> bool {
        is_signer(&self.author_account)
    }
}

/// What stands in one cell of one place, and who wrote it.
pub async fn sourced(
    tx: &mut Tx,
    (period, place, cell): (i64, i64, i64),
    life: Life,
) -> Result<Option<Sourced>, DbError> {
    tx.maybe(
        sql!("select v.state, v.amount, v.reason, v.version, a.account as author_account, a.name as author_name, o.name as owner_name, v.at, v.approved \
              from reporting_values v join reporting_authors a on a.no = v.author \
              join reporting_authors o on o.no = v.owner \
              where v.period = $1 and v.place = $2 and v.cell = $3 and v.life = $4"),
        &[period.into(), place.into(), cell.into(), life.code().into()],
    )
    .await
}

row_struct! {
    /// A saved dashboard.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Dashboard {
        pub id: DashboardId,
        pub owner: String,
        pub owner_name: String,
        /// The area it is shared in; empty for one's own.
        pub path: String,
        pub title: String,
        /// Its parts as JSON.
        pub body: String,
        pub changed_at: Timestamp,
    }
}

/// A dashboard.
pub async fn dashboard(tx: &mut Tx, id: &DashboardId) -> Result<Option<Dashboard>, DbError> {
    tx.maybe(
        sql!("select id, owner, owner_name, path, title, body, changed_at from reporting_dashboards where id = $1"),
        &[id.into()],
    )
    .await
}

/// Somebody's own dashboards.
pub async fn dashboards_of(tx: &mut Tx, owner: &str) -> Result<Vec<Dashboard>, DbError> {
    tx.all(
        sql!(
            "select id, owner, owner_name, path, title, body, changed_at from reporting_dashboards \
              where owner = $1 order by changed_at desc, id limit 200"
        ),
        &[owner.into()],
    )
    .await
}

/// Dashboards that are shared in some area.
pub async fn dashboards_shared(tx: &mut Tx) -> Result<Vec<Dashboard>, DbError> {
    tx.all(
        sql!(
            "select id, owner, owner_name, path, title, body, changed_at from reporting_dashboards \
              where path <> '' order by path, changed_at desc, id limit 500"
        ),
        &[],
    )
    .await
}

/// Keeps a dashboard.
pub async fn keep_dashboard(tx: &mut Tx, one: &Dashboard) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_dashboards (id, owner, owner_name, path, title, body, changed_at) \
              values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set path = excluded.path, \
              title = excluded.title, body = excluded.body, changed_at = excluded.changed_at"),
        &[
            (&one.id).into(),
            (&one.owner).into(),
            (&one.owner_name).into(),
            (&one.path).into(),
            (&one.title).into(),
            (&one.body).into(),
            one.changed_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes a dashboard away.
pub async fn drop_dashboard(tx: &mut Tx, id: &DashboardId) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_dashboards where id = $1"), &[id.into()]).await?;
    Ok(())
}

row_struct! {
    /// How many reports a unit owed by days within a window, and how many of them it handed in.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Owed {
        pub area: AreaId,
        pub path: ScopePath,
        pub due: i64,
        pub met: i64,
    }
}

/// Reports that were due on days within a window, by unit.
pub async fn owed(tx: &mut Tx, from: Day, until: Day) -> Result<Vec<Owed>, DbError> {
    tx.all(
        sql!("select area, path, cast(sum(case when met_at is not null or not excused then 1 else 0 end) as bigint) as due, cast(count(met_at) as bigint) as met \
              from reporting_obligations where due_on >= $1 and due_on < $2 group by area, path order by path, area"),
        &[from.into(), until.into()],
    )
    .await
}
