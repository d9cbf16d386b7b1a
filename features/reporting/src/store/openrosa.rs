//! What phones and programs sent as OpenRosa submissions, and the reports they may still send.

use std::collections::HashSet;

use areas::AreaId;
use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::DatasetId;

row_struct! {
    /// An instance that came.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Instance {
        pub instance: String,
        pub root: String,
        pub replaced_by: Option<String>,
        pub dataset: DatasetId,
        pub form_version: u32,
        pub period: String,
        pub life: i64,
        pub area: AreaId,
        pub path: ScopePath,
        pub hash: Vec<u8>,
        pub xml: String,
        pub device: String,
        pub by_account: String,
        pub by_name: String,
        pub at: Timestamp,
        pub state: String,
        pub left_over: String,
        pub wrote: String,
    }
    /// A report that may be filled in.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Open {
        pub period: String,
        pub life: i64,
        pub area: AreaId,
    }
}

/// One instance.
pub async fn find(tx: &mut Tx, instance: &str) -> Result<Option<Instance>, DbError> {
    tx.maybe(
        sql!("select instance, root, replaced_by, dataset, form_version, period, life, area, path, hash, xml, device, \
              by_account, by_name, at, state, left_over, wrote from reporting_openrosa where instance = $1"),
        &[instance.into()],
    )
    .await
}

/// Those of these ids that instances have.
pub async fn known(tx: &mut Tx, instances: &[&str]) -> Result<HashSet<String>, DbError> {
    let list: Vec<Value> = instances.iter().map(|id| Value::from(*id)).collect();
    let known: Vec<String> = tx
        .all_in("select instance as value from reporting_openrosa where instance in", &[], &list)
        .await?;
    Ok(known.into_iter().collect())
}

/// The newest instance of a chain of edits.
pub async fn newest(tx: &mut Tx, root: &str) -> Result<Option<Instance>, DbError> {
    tx.maybe(
        sql!("select instance, root, replaced_by, dataset, form_version, period, life, area, path, hash, xml, device, \
              by_account, by_name, at, state, left_over, wrote from reporting_openrosa \
              where root = $1 and replaced_by is null order by at desc limit 1"),
        &[root.into()],
    )
    .await
}

/// The newest instances of every chain of a data set under a path, the latest first.
pub async fn list(
    tx: &mut Tx,
    scope: &ScopePath,
    dataset: &str,
    limit: usize,
) -> Result<Vec<Instance>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select instance, root, replaced_by, dataset, form_version, period, life, area, path, hash, xml, device, \
              by_account, by_name, at, state, left_over, wrote from reporting_openrosa \
              where path >= $1 and path < $2 and dataset = $3 and replaced_by is null \
              order by at desc, instance limit $4"),
        &[low.into(), high.into(), dataset.into(), limit.into()],
    )
    .await
}

/// Instances under a path of which something waits for a person, the oldest first.
pub async fn waiting(
    tx: &mut Tx,
    scope: &ScopePath,
    limit: usize,
) -> Result<Vec<Instance>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select instance, root, replaced_by, dataset, form_version, period, life, area, path, hash, xml, device, \
              by_account, by_name, at, state, left_over, wrote from reporting_openrosa \
              where state in ('waits', 'partly') and path >= $1 and path < $2 and replaced_by is null \
              order by at, instance limit $3"),
        &[low.into(), high.into(), limit.into()],
    )
    .await
}

/// How many there are.
pub async fn count_waiting(tx: &mut Tx, scope: &ScopePath) -> Result<i64, DbError> {
    let (low, high) = scope.range();
    tx.one(
        sql!("select count(*) as value from reporting_openrosa \
              where state in ('waits', 'partly') and path >= $1 and path < $2 and replaced_by is null"),
        &[low.into(), high.into()],
    )
    .await
}

macro_rules! insert {
    () => {
        "insert into reporting_openrosa (instance, root, dataset, form_version, period, life, area, path, hash, xml, \
         device, by_account, by_name, at, state, left_over, wrote) values"
    };
}
macro_rules! where_none_is {
    () => {
        "on conflict (instance) do nothing"
    };
}

/// Adds an instance; false when its id is known.
pub async fn add(tx: &mut Tx, one: &Instance) -> Result<bool, DbError> {
    let added = tx
        .run(
            sql!(concat!(
                insert!(),
                " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ",
                where_none_is!()
            )),
            &columns(one),
        )
        .await?;
    Ok(added == 1)
}

/// Adds many; false when the id of any is known: then the transaction must not last.
pub async fn add_many(tx: &mut Tx, all: &[&Instance]) -> Result<bool, DbError> {
    let rows: Vec<Vec<Value>> = all.iter().map(|one| columns(one)).collect();
    let added = tx.insert_many(insert!(), where_none_is!(), &rows).await?;
    Ok(added == all.len() as u64)
}

fn columns(one: &Instance) -> Vec<Value> {
    vec![
        (&one.instance).into(),
        (&one.root).into(),
        (&one.dataset).into(),
        one.form_version.into(),
        (&one.period).into(),
        one.life.into(),
        (&one.area).into(),
        (&one.path).into(),
        one.hash.clone().into(),
        (&one.xml).into(),
        (&one.device).into(),
        (&one.by_account).into(),
        (&one.by_name).into(),
        one.at.into(),
        (&one.state).into(),
        (&one.left_over).into(),
        (&one.wrote).into(),
    ]
}

/// Notes that another instance took its place; false when one already had.
pub async fn replace(tx: &mut Tx, instance: &str, by: &str) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("update reporting_openrosa set replaced_by = $2 where instance = $1 and replaced_by is null"),
            &[instance.into(), by.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// Notes what became of it.
pub async fn update(tx: &mut Tx, one: &Instance) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_openrosa set state = $2, left_over = $3, wrote = $4 where instance = $1"),
        &[
            (&one.instance).into(),
            (&one.state).into(),
            (&one.left_over).into(),
            (&one.wrote).into(),
        ],
    )
    .await?;
    Ok(())
}

/// The data sets for which something is owed under a path, for periods that began by a day and had not ended
/// before another. What was excused is not owed, unless somebody began it.
pub async fn datasets(
    tx: &mut Tx,
    scope: &ScopePath,
    (begun_by, ended_after): (Day, Day),
) -> Result<Vec<String>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!(
            "select distinct o.dataset as value from reporting_obligations o \
              where o.path >= $1 and o.path < $2 and o.from_day <= $3 and o.until_day >= $4 \
              and (not o.excused or exists (select 1 from reporting_submissions s \
              where s.id = o.id and s.state in ('draft', 'returned'))) order by value"
        ),
        &[low.into(), high.into(), begun_by.into(), ended_after.into()],
    )
    .await
}

/// The reports of a data set that are owed under a path and may still be filled in, the latest periods first: no
/// excused one, unless somebody began it.
pub async fn open_reports(
    tx: &mut Tx,
    scope: &ScopePath,
    dataset: &str,
    (begun_by, ended_after): (Day, Day),
    limit: usize,
) -> Result<Vec<Open>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select o.period as period, o.life as life, o.area as area from reporting_obligations o \
              left join reporting_submissions s on s.id = o.id \
              where o.path >= $1 and o.path < $2 and o.dataset = $3 and o.from_day <= $4 and o.until_day >= $5 \
              and ((s.state is null and not o.excused) or s.state in ('draft', 'returned')) \
              order by o.from_day desc, o.life, o.path, o.id limit $6"),
        &[
            low.into(),
            high.into(),
            dataset.into(),
            begun_by.into(),
            ended_after.into(),
            limit.into(),
        ],
    )
    .await
}
