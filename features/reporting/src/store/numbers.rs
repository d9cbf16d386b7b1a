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

use super::seats;
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
    /// A place that has figures. Where it lay on a day stands in [`super::seats`].
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PlaceRow {
        pub no: i64,
        pub area: AreaId,
        /// Who has authority over it today.
        pub path: ScopePath,
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

/// Every period that has figures.
pub async fn all_periods(tx: &mut Tx) -> Result<Vec<PeriodRow>, DbError> {
    tx.all(
        sql!("select no, id, scheme, from_day, until_day from reporting_periods order by no"),
        &[],
    )
    .await
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

/// The number of a place, given out at its first use. Until somebody says where it lay on other days, it is taken
/// to have lain at `path` all the time.
pub async fn place_no(tx: &mut Tx, area: &AreaId, path: &ScopePath) -> Result<PlaceRow, DbError> {
    if let Some(row) = known_place(tx, area).await? {
        return Ok(row);
    }
    let no = take(tx, "places", 1).await?;
    tx.run(
        sql!("insert into reporting_places (no, area, path) values ($1, $2, $3) on conflict (area) do nothing"),
        &[no.into(), area.into(), path.into()],
    )
    .await?;
    let row = known_place(tx, area).await?.ok_or(DbError::NoRow)?;
    let province = Box::pin(province_no(tx, &row, path)).await?;
    seats::begin(tx, &[(row.no, path.clone(), province)]).await?;
    Ok(row)
}

/// The number of the province above a path: the unit one step below the country, or the place itself when nothing
/// lies between it and the country.
pub async fn province_no(tx: &mut Tx, place: &PlaceRow, path: &ScopePath) -> Result<i64, DbError> {
    let above = province_path(path);
    match above.last().and_then(AreaId::parse) {
        Some(id) if id != place.area => Ok(place_no(tx, &id, &above).await?.no),
        _ => Ok(place.no),
    }
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
    let first = take(tx, "places", fresh.len()).await?;
    let rows: Vec<Vec<Value>> = fresh
        .iter()
        .zip(first..)
        .map(|((area, path), no)| vec![no.into(), area.into(), path.into()])
        .collect();
    tx.insert_many(
        "insert into reporting_places (no, area, path) values",
        "on conflict (area) do nothing",
        &rows,
    )
    .await?;
    let made = by_area(tx).await?;
    let mut provinces: HashMap<ScopePath, i64> = HashMap::new();
    let mut seats: Vec<(i64, ScopePath, i64)> = Vec::with_capacity(fresh.len());
    for (area, path) in fresh {
        let Some(place) = made.get(area) else { continue };
        let above = province_path(path);
        let province = if above.last() == Some(area.as_str()) {
            place.no
        } else if let Some(no) = provinces.get(&above) {
            *no
        } else {
            let no = province_no(tx, place, path).await?;
            provinces.insert(above, no);
            no
        };
        seats.push((place.no, path.clone(), province));
    }
    seats::begin(tx, &seats).await?;
    Ok(made)
}

/// The path of the province above a place, or of the place itself when nothing lies between it and the country.
pub fn province_path(path: &ScopePath) -> ScopePath {
    path.ancestors().into_iter().nth(2).unwrap_or_else(|| path.clone())
}

async fn by_area(tx: &mut Tx) -> Result<HashMap<AreaId, PlaceRow>, DbError> {
    Ok(places(tx).await?.into_values().map(|row| (row.area.clone(), row)).collect())
}

/// A place that has figures already.
pub async fn known_place(tx: &mut Tx, area: &AreaId) -> Result<Option<PlaceRow>, DbError> {
    tx.maybe(sql!("select no, area, path from reporting_places where area = $1"), &[area.into()])
        .await
}

/// Every place that has figures, by number.
pub async fn places(tx: &mut Tx) -> Result<HashMap<i64, PlaceRow>, DbError> {
    let all: Vec<PlaceRow> =
        tx.all(sql!("select no, area, path from reporting_places order by no"), &[]).await?;
    Ok(all.into_iter().map(|row| (row.no, row)).collect())
}

/// Every province that has figures, by number.
pub async fn provinces(tx: &mut Tx) -> Result<HashMap<i64, PlaceRow>, DbError> {
    let all: Vec<PlaceRow> = tx
        .all(
            sql!(
                "select no, area, path from reporting_places \
                  where no in (select province from reporting_seats) order by no"
            ),
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

/// Takes the next number of some work that is asked for more than once.
pub async fn turn(tx: &mut Tx, work: &'static str) -> Result<i64, DbError> {
    take(tx, work, 1).await
}

/// The last number that was taken; 0 before the first.
pub async fn last_turn(tx: &mut Tx, work: &'static str) -> Result<i64, DbError> {
    let last: Option<i64> = tx
        .maybe(sql!("select last as value from reporting_counters where name = $1"), &[work.into()])
        .await?;
    Ok(last.unwrap_or(0))
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
