//! Short numbers for periods, places, cells and authors. They keep thirty-six million rows narrow; they are
//! this node's own and never travel.

use std::collections::{BTreeSet, HashMap};

use areas::AreaId;
use kernel::{
    clock::Day,
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{CellKey, Coords, ElementId, Period};

row_struct! {
    /// A period that has figures.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PeriodRow {
        pub no: i64,
        pub id: String,
        pub scheme: String,
        pub from_day: Day,
        pub until_day: Day,
    }
    /// A place that has figures.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PlaceRow {
        pub no: i64,
        pub area: AreaId,
        pub path: ScopePath,
        pub province: i64,
    }
    /// A cell that has figures.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CellRow {
        pub no: i64,
        pub element: ElementId,
        pub coords: String,
    }
    struct Last {
        last: i64,
    }
}

impl CellRow {
    /// The cell; `None` for what this program could not have written.
    pub fn key(&self) -> Option<CellKey> {
        Some(CellKey { element: self.element.clone(), coords: Coords::parse(&self.coords)? })
    }
}

/// Takes `count` numbers of a counter; gives the first. The row lock makes writers wait for each other.
async fn take(tx: &mut Tx, name: &'static str, count: usize) -> Result<i64, DbError> {
    let taken = i64::try_from(count).unwrap_or(i64::MAX);
    let last: Last = tx
        .one(
            sql!("insert into reporting_counters (name, last) values ($1, $2) \
                  on conflict (name) do update set last = reporting_counters.last + $2 returning last"),
            &[name.into(), taken.into()],
        )
        .await?;
    Ok(last.last - taken + 1)
}

/// The number of a period, given out at its first use.
pub async fn period_no(tx: &mut Tx, period: &Period) -> Result<i64, DbError> {
    if let Some(no) = known_period(tx, period.id()).await? {
        return Ok(no);
    }
    let no = take(tx, "periods", 1).await?;
    tx.run(
        sql!("insert into reporting_periods (no, id, scheme, from_day, until_day) values ($1, $2, $3, $4, $5) \
              on conflict (id) do nothing"),
        &[
            no.into(),
            period.id().into(),
            period.scheme.code().as_ref().into(),
            period.from.into(),
            period.until.into(),
        ],
    )
    .await?;
    // Another writer may have been first.
    known_period(tx, period.id()).await?.ok_or(DbError::NoRow)
}

/// The number of a period that has figures already.
pub async fn known_period(tx: &mut Tx, id: &str) -> Result<Option<i64>, DbError> {
    tx.maybe(sql!("select no as value from reporting_periods where id = $1"), &[id.into()]).await
}

/// The periods with these ids that have figures.
pub async fn periods(tx: &mut Tx, ids: &[String]) -> Result<Vec<PeriodRow>, DbError> {
    let list: Vec<Value> = ids.iter().map(Value::from).collect();
    tx.all_in(
        "select no, id, scheme, from_day, until_day from reporting_periods where id in",
        &[],
        &list,
    )
    .await
}

/// The number of a place, given out at its first use. `province` is the unit one step below the country on
/// its path, or the place itself when it is a province or the country.
pub async fn place_no(tx: &mut Tx, area: &AreaId, path: &ScopePath) -> Result<PlaceRow, DbError> {
    if let Some(row) = known_place(tx, area).await? {
        return Ok(row);
    }
    let no = take(tx, "places", 1).await?;
    let above = province_path(path);
    let province = match above.last().and_then(AreaId::parse) {
        Some(id) if id != *area => Box::pin(place_no(tx, &id, &above)).await?.no,
        _ => no,
    };
    tx.run(
        sql!("insert into reporting_places (no, area, path, province) values ($1, $2, $3, $4) on conflict (area) do nothing"),
        &[no.into(), area.into(), path.into(), province.into()],
    )
    .await?;
    known_place(tx, area).await?.ok_or(DbError::NoRow)
}

/// The numbers of many places at once; provinces among their ancestors get theirs too.
pub async fn place_nos(
    tx: &mut Tx,
    wanted: &[(AreaId, ScopePath)],
) -> Result<HashMap<AreaId, PlaceRow>, DbError> {
    let known = by_area(tx).await?;
    let fresh: Vec<&(AreaId, ScopePath)> =
        wanted.iter().filter(|(area, _)| !known.contains_key(area)).collect();
    if fresh.is_empty() {
        return Ok(known);
    }
    let mut provinces: HashMap<ScopePath, i64> = HashMap::new();
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for (area, path) in fresh {
        let above = province_path(path);
        if above.last() == Some(area.as_str()) || path.as_str() == "/vn/" {
            place_no(tx, area, path).await?;
            continue;
        }
        let province = if let Some(no) = provinces.get(&above) {
            *no
        } else {
            let Some(id) = above.last().and_then(AreaId::parse) else { continue };
            let no = place_no(tx, &id, &above).await?.no;
            provinces.insert(above, no);
            no
        };
        rows.push(vec![area.into(), path.into(), province.into()]);
    }
    let first = take(tx, "places", rows.len()).await?;
    for (row, no) in rows.iter_mut().zip(first..) {
        row.insert(0, no.into());
    }
    tx.insert_many(
        "insert into reporting_places (no, area, path, province) values",
        "on conflict (area) do nothing",
        &rows,
    )
    .await?;
    by_area(tx).await
}

/// The path of the province above a place, or of the place itself when nothing lies between it and the country.
fn province_path(path: &ScopePath) -> ScopePath {
    path.ancestors().into_iter().nth(2).unwrap_or_else(|| path.clone())
}

async fn by_area(tx: &mut Tx) -> Result<HashMap<AreaId, PlaceRow>, DbError> {
    Ok(places(tx).await?.into_values().map(|row| (row.area.clone(), row)).collect())
}

/// A place that has figures already.
pub async fn known_place(tx: &mut Tx, area: &AreaId) -> Result<Option<PlaceRow>, DbError> {
    tx.maybe(
        sql!("select no, area, path, province from reporting_places where area = $1"),
        &[area.into()],
    )
    .await
}

/// Every place that has figures, by number.
pub async fn places(tx: &mut Tx) -> Result<HashMap<i64, PlaceRow>, DbError> {
    let all: Vec<PlaceRow> = tx
        .all(sql!("select no, area, path, province from reporting_places order by no"), &[])
        .await?;
    Ok(all.into_iter().map(|row| (row.no, row)).collect())
}

/// Every province that has figures, by number.
pub async fn provinces(tx: &mut Tx) -> Result<HashMap<i64, PlaceRow>, DbError> {
    let all: Vec<PlaceRow> = tx
        .all(
            sql!("select no, area, path, province from reporting_places where province = no order by no"),
            &[],
        )
        .await?;
    Ok(all.into_iter().map(|row| (row.no, row)).collect())
}

/// The numbers of cells, given out at their first use.
pub async fn cell_nos(
    tx: &mut Tx,
    keys: &BTreeSet<CellKey>,
) -> Result<HashMap<CellKey, i64>, DbError> {
    let mut known = known_cells(tx, keys).await?;
    let fresh: Vec<&CellKey> = keys.iter().filter(|key| !known.contains_key(*key)).collect();
    if fresh.is_empty() {
        return Ok(known);
    }
    let first = take(tx, "cells", fresh.len()).await?;
    let rows: Vec<Vec<Value>> = fresh
        .iter()
        .zip(first..)
        .map(|(key, no)| vec![no.into(), (&key.element).into(), key.coords.text().into()])
        .collect();
    tx.insert_many(
        "insert into reporting_cells (no, element, coords) values",
        "on conflict (element, coords) do nothing",
        &rows,
    )
    .await?;
    known.extend(known_cells(tx, keys).await?);
    Ok(known)
}

/// The numbers of those cells that have figures.
pub async fn known_cells(
    tx: &mut Tx,
    keys: &BTreeSet<CellKey>,
) -> Result<HashMap<CellKey, i64>, DbError> {
    let elements: BTreeSet<&ElementId> = keys.iter().map(|key| &key.element).collect();
    let elements: Vec<Value> = elements.into_iter().map(Value::from).collect();
    let rows: Vec<CellRow> = tx
        .all_in("select no, element, coords from reporting_cells where element in", &[], &elements)
        .await?;
    let found = rows.into_iter().filter_map(|row| Some((row.key()?, row.no)));
    Ok(found.filter(|(key, _)| keys.contains(key)).collect())
}

/// Every cell of these elements that has figures.
pub async fn cells_of(tx: &mut Tx, elements: &[ElementId]) -> Result<Vec<CellRow>, DbError> {
    let list: Vec<Value> = elements.iter().map(Value::from).collect();
    tx.all_in("select no, element, coords from reporting_cells where element in", &[], &list).await
}

/// The number of somebody who writes figures.
pub async fn author_no(tx: &mut Tx, account: &str, name: &str) -> Result<i64, DbError> {
    if let Some(no) = known_author(tx, account, name).await? {
        return Ok(no);
    }
    let no = take(tx, "authors", 1).await?;
    tx.run(
        sql!("insert into reporting_authors (no, account, name) values ($1, $2, $3) on conflict (account, name) do nothing"),
        &[no.into(), account.into(), name.into()],
    )
    .await?;
    known_author(tx, account, name).await?.ok_or(DbError::NoRow)
}

async fn known_author(tx: &mut Tx, account: &str, name: &str) -> Result<Option<i64>, DbError> {
    tx.maybe(
        sql!("select no as value from reporting_authors where account = $1 and name = $2"),
        &[account.into(), name.into()],
    )
    .await
}

/// The number of a data set as the owner of figures.
pub async fn owner_no(tx: &mut Tx, dataset: &str) -> Result<i64, DbError> {
    // Data sets are few and their numbers live with the authors', under an account no person can have.
    author_no(tx, "dataset:", dataset).await
}

/// The data set behind an owner's number.
pub async fn owner_name(tx: &mut Tx, no: i64) -> Result<Option<String>, DbError> {
    tx.maybe(sql!("select name as value from reporting_authors where no = $1"), &[no.into()]).await
}

/// The number of a data set that owns figures already.
pub async fn owner_no_known(tx: &mut Tx, dataset: &str) -> Result<Option<i64>, DbError> {
    known_author(tx, "dataset:", dataset).await
}

/// Notes that work was planned for a day; false when it was planned for this day or a later one already.
pub async fn note_day(tx: &mut Tx, work: &'static str, day: Day) -> Result<bool, DbError> {
    let number: i64 = day.iso().replace('-', "").parse().unwrap_or(0);
    let touched = tx
        .run(
            sql!("insert into reporting_counters (name, last) values ($1, $2) \
                  on conflict (name) do update set last = excluded.last where reporting_counters.last < excluded.last"),
            &[format!("day:{work}").into(), number.into()],
        )
        .await?;
    Ok(touched == 1)
}
