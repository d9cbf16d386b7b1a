//! Short numbers for periods, places, cells and authors. They keep thirty-six million rows narrow; they are
//! this node's own and never travel.

use std::{
    borrow::Borrow,
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

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
async fn take(tx: &mut Tx, name: &str, count: usize) -> Result<i64, DbError> {
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
    let remembered = Remembered::of(tx, "reporting.periods");
    if let Some(no) = remembered.one(id) {
        return Ok(Some(no));
    }
    let found = tx
        .maybe(sql!("select no as value from reporting_periods where id = $1"), &[id.into()])
        .await?;
    remembered.keep(tx, found.map(|no| (id.to_owned(), no)));
    Ok(found)
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

/// Gives areas that have no place a number each, under who has authority over them. One that another writer numbered
/// meanwhile keeps that number. Where they lay on which days is [`seats::begin`]'s to say.
///
/// [`seats::begin`]: super::seats::begin
pub async fn add_places(tx: &mut Tx, fresh: &[(AreaId, ScopePath)]) -> Result<(), DbError> {
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
    Ok(())
}

/// The path of the province above a place, or of the place itself when nothing lies between it and the country.
pub fn province_path(path: &ScopePath) -> ScopePath {
    path.ancestors().into_iter().nth(2).unwrap_or_else(|| path.clone())
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
    let remembered = Remembered::of(tx, "reporting.cells");
    let mut known = remembered.among(keys);
    let rest = keys.iter().filter(|key| !known.contains_key(*key));
    let elements: BTreeSet<&ElementId> = rest.map(|key| &key.element).collect();
    if elements.is_empty() {
        return Ok(known);
    }
    let elements: Vec<Value> = elements.into_iter().map(Value::from).collect();
    let rows: Vec<CellRow> = tx
        .all_in("select no, element, coords from reporting_cells where element in", &[], &elements)
        .await?;
    let found = rows.into_iter().filter_map(|row| Some((row.key()?, row.no)));
    let found: Vec<(CellKey, i64)> = found.filter(|(key, _)| keys.contains(key)).collect();
    known.extend(found.iter().cloned());
    remembered.keep(tx, found);
    Ok(known)
}

/// Numbers in memory: what has one keeps it for ever.
struct Remembered<K>(Arc<Mutex<HashMap<K, i64>>>);

impl<K: Clone + Eq + Hash + Send + 'static> Remembered<K> {
    /// So many at the most, some megabytes.
    const MOST: usize = 30_000;

    fn of(tx: &Tx, name: &'static str) -> Self {
        if let Some(known) = tx.kept::<Mutex<HashMap<K, i64>>>(name, "") {
            return Self(known);
        }
        let new = Arc::default();
        tx.keep(name, String::new(), Arc::clone(&new));
        Self(new)
    }

    fn one<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<i64>
    where
        K: Borrow<Q>,
    {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    fn among(&self, keys: &BTreeSet<K>) -> HashMap<K, i64>
    where
        K: Ord,
    {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().filter_map(|key| Some((key.clone(), *known.get(key)?))).collect()
    }

    /// Keeps what was found once the transaction lasts: a number that it gave out is nobody's if it does not.
    fn keep(self, tx: &mut Tx, found: impl IntoIterator<Item = (K, i64)>) {
        let found: Vec<(K, i64)> = found.into_iter().collect();
        if found.is_empty() {
            return;
        }
        tx.once_it_lasts(move || {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let room = Self::MOST.saturating_sub(known.len());
            known.extend(found.into_iter().take(room));
        });
    }
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
    let remembered = Remembered::of(tx, "reporting.authors");
    let key = (account.to_owned(), name.to_owned());
    if let Some(no) = remembered.one(&key) {
        return Ok(Some(no));
    }
    let found = tx
        .maybe(
            sql!("select no as value from reporting_authors where account = $1 and name = $2"),
            &[account.into(), name.into()],
        )
        .await?;
    remembered.keep(tx, found.map(|no| (key, no)));
    Ok(found)
}

/// The account under which signers stand whose report came from another node: no person can have it.
const OF_REPORTS: &str = "report:";

/// The number of whoever signed a report of another node. It does not say who typed its figures.
pub async fn signer_no(tx: &mut Tx, name: &str) -> Result<i64, DbError> {
    author_no(tx, OF_REPORTS, name).await
}

/// True for the account of an author who signed figures and may not have typed them.
pub fn is_signer(account: &str) -> bool {
    account == OF_REPORTS
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
pub async fn turn(tx: &mut Tx, work: &str) -> Result<i64, DbError> {
    take(tx, work, 1).await
}

/// The last number that was taken; 0 before the first.
pub async fn last_turn(tx: &mut Tx, work: &str) -> Result<i64, DbError> {
    let last: Option<i64> = tx
        .maybe(sql!("select last as value from reporting_counters where name = $1"), &[work.into()])
        .await?;
    Ok(last.unwrap_or(0))
}

/// Forgets how often some work was asked for.
pub async fn forget_turns(tx: &mut Tx, work: &str) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_counters where name = $1"), &[work.into()]).await?;
    Ok(())
}

/// Notes that work was planned for a day; false when it was planned for this day or a later one already.
pub async fn note_day(tx: &mut Tx, work: &'static str, day: Day) -> Result<bool, DbError> {
    let number: i64 = day.iso().replace('-', "").parse().unwrap_or(0);
    note(tx, &format!("day:{work}"), number).await
}

/// Notes a number under a name; false when the same or a larger one stands there already.
pub async fn note(tx: &mut Tx, name: &str, number: i64) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("insert into reporting_counters (name, last) values ($1, $2) \
                  on conflict (name) do update set last = excluded.last where reporting_counters.last < excluded.last"),
            &[name.into(), number.into()],
        )
        .await?;
    Ok(touched == 1)
}

#[cfg(test)]
mod tests {
    use kernel::problem::{BAD_REQUEST, Failure, Outcome};
    use testkit::on_both_engines;

    use super::*;

    fn cell(element: &str) -> BTreeSet<CellKey> {
        [CellKey::total(ElementId::parse(element).unwrap())].into()
    }

    async fn number(tx: &mut Tx, element: &str) -> Outcome<i64> {
        let keys = cell(element);
        let nos = cell_nos(tx, &keys).await?;
        Ok(keys.first().and_then(|key| nos.get(key)).copied().expect("a number"))
    }

    on_both_engines! {
        async fn a_number_that_did_not_last_is_forgotten(builder: KitBuilder) {
            let kit = builder.with([areas::module(), crate::module()]).start().await;
            let db = kit.db();
            let undone = db.change(async |tx| -> Outcome<()> {
                number(tx, "lost").await?;
                author_no(tx, "lost", "").await?;
                assert_eq!(number(tx, "lost").await?, number(tx, "lost").await?);
                Err(Failure::from(&BAD_REQUEST))
            }).await;
            assert!(undone.is_err());
            let (kept, author) = db.change(async |tx| {
                Ok((number(tx, "kept").await?, author_no(tx, "kept", "").await?))
            }).await.expect("lasts");
            db.change(async |tx| {
                assert_ne!(number(tx, "lost").await?, kept, "two cells under one number");
                assert_ne!(author_no(tx, "lost", "").await?, author, "two people under one number");
                assert_eq!(number(tx, "kept").await?, kept);
                // From memory now, and the same as the table says.
                let stored: Vec<CellRow> = cells_of(tx, &[ElementId::parse("kept").unwrap()]).await?;
                assert_eq!(stored.iter().map(|row| row.no).collect::<Vec<_>>(), [kept]);
                Ok(())
            }).await.expect("lasts");
        }
    }
}
