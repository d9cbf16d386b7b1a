//! The roster and the persons behind it.

use std::collections::BTreeMap;

use kernel::{
    clock::Day,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql, text,
};

use crate::model::{
    Place,
    person::{Person, PersonId},
};

row_struct! {
    struct Kept {
        path: ScopePath,
    }

    /// A roster entry: what every node may know.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Entry {
        /// The commune's id.
        pub commune: String,
        /// The person's number in the commune.
        pub serial: u32,
        /// The village's id.
        pub village: String,
        /// The village's path.
        pub path: ScopePath,
        /// First day on the list.
        pub from_day: Day,
        /// First day no longer on it.
        pub until_day: Day,
        /// The node that keeps the entry; empty when it is this one.
        pub origin: String,
        /// How often its keeping has passed from node to node.
        pub hand: u32,
    }

    /// A person as the officer of the commune sees them.
    #[derive(Clone, Debug)]
    pub struct Known {
        pub id: PersonId,
        pub commune: String,
        pub serial: u32,
        pub village: String,
        pub path: ScopePath,
        pub name: String,
        pub gender: Option<String>,
        pub birth_year: Option<i64>,
        pub ethnic_group: Option<String>,
        pub standing: Option<String>,
        pub languages: String,
        pub reads_vietnamese: bool,
        pub phone: Option<String>,
        pub end_reason: Option<String>,
        pub from_day: Day,
        pub until_day: Day,
        pub card_number: Option<String>,
    }

    struct Summary {
        path: ScopePath,
        entries: i64,
    }
}

/// Writes an entry; an entry that another node keeps is never touched by this one, nor the reverse, unless
/// its keeping has passed on since.
pub async fn put_entry(tx: &mut Tx, entry: &Entry) -> Result<u64, DbError> {
    tx.run(
        sql!("insert into reach_roster (commune, serial, village, path, from_day, until_day, origin, hand) \
              values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (commune, serial) do update \
              set village = excluded.village, path = excluded.path, from_day = excluded.from_day, \
              until_day = excluded.until_day, origin = excluded.origin, hand = excluded.hand \
              where reach_roster.origin = excluded.origin \
                or (reach_roster.origin <> '' and excluded.hand > reach_roster.hand)"),
        &[
            (&entry.commune).into(),
            entry.serial.into(),
            (&entry.village).into(),
            (&entry.path).into(),
            entry.from_day.into(),
            entry.until_day.into(),
            (&entry.origin).into(),
            entry.hand.into(),
        ],
    )
    .await
}

/// One entry.
pub async fn entry(tx: &mut Tx, commune: &str, serial: u32) -> Result<Option<Entry>, DbError> {
    tx.maybe(
        sql!(
            "select commune, serial, village, path, from_day, until_day, origin, hand from reach_roster \
              where commune = $1 and serial = $2"
        ),
        &[commune.into(), serial.into()],
    )
    .await
}

/// Entries under a path that hold on a day.
pub async fn entries(tx: &mut Tx, scope: &ScopePath, day: Day) -> Result<Vec<Entry>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select commune, serial, village, path, from_day, until_day, origin, hand from reach_roster \
              where path >= $1 and path < $2 and from_day <= $3 and until_day > $3 order by commune, serial"),
        &[low.into(), high.into(), day.into()],
    )
    .await
}

/// Communes under a path that keep a roster at all, with how many are on it on a day.
pub async fn communes(
    tx: &mut Tx,
    scope: &ScopePath,
    day: Day,
) -> Result<Vec<(String, i64)>, DbError> {
    let (low, high) = scope.range();
    let rows: Vec<Summary> = tx
        .all(
            sql!("select path, cast(coalesce(sum(case when from_day <= $3 and until_day > $3 then 1 else 0 end), 0) as bigint) as entries \
                  from reach_roster where path >= $1 and path < $2 group by path order by path"),
            &[low.into(), high.into(), day.into()],
        )
        .await?;
    // By the commune in which they live today: the register they are numbered in may be an older one.
    let mut communes: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows {
        *communes.entry(Place::of(&row.path).commune).or_default() += row.entries;
    }
    Ok(communes.into_iter().collect())
}

/// The register in which this node itself numbers people who live under a path; never one it has taken
/// from another.
pub async fn own_register(tx: &mut Tx, scope: &ScopePath) -> Result<Option<String>, DbError> {
    let (low, high) = scope.range();
    tx.maybe(
        sql!(
            "select commune as value from reach_roster where path >= $1 and path < $2 and origin = '' \
              and commune not in (select register from reach_taken) order by commune limit 1"
        ),
        &[low.into(), high.into()],
    )
    .await
}

/// True when another node keeps the roster of people who live under a path.
pub async fn is_kept_elsewhere(tx: &mut Tx, scope: &ScopePath) -> Result<bool, DbError> {
    let (low, high) = scope.range();
    let serial: Option<i64> = tx
        .maybe(
            sql!("select serial as value from reach_roster where path >= $1 and path < $2 and origin <> '' limit 1"),
            &[low.into(), high.into()],
        )
        .await?;
    Ok(serial.is_some())
}

/// The communes under a path on whose ground a roster is kept.
pub async fn keepers(
    tx: &mut Tx,
    scope: &ScopePath,
) -> Result<std::collections::BTreeSet<String>, DbError> {
    let (low, high) = scope.range();
    let paths: Vec<ScopePath> = tx
        .all::<Kept>(
            sql!("select distinct path from reach_roster where path >= $1 and path < $2"),
            &[low.into(), high.into()],
        )
        .await?
        .into_iter()
        .map(|kept| kept.path)
        .collect();
    Ok(paths.iter().map(|path| crate::model::Place::of(path).commune).collect())
}

/// The highest serial of a commune; 0 when there is none.
pub async fn last_serial(tx: &mut Tx, commune: &str) -> Result<u32, DbError> {
    tx.one(
        sql!("select cast(coalesce(max(serial), 0) as bigint) as value from reach_roster where commune = $1"),
        &[commune.into()],
    )
    .await
    .map(|serial: i64| u32::try_from(serial).unwrap_or(u32::MAX))
}

/// Writes a new person; the entry must stand already.
pub async fn insert(
    tx: &mut Tx,
    id: &PersonId,
    entry: &Entry,
    person: &Person,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into reach_people (id, commune, serial, name, name_fold, name_sort, gender, birth_year, \
              ethnic_group, standing, languages, reads_vietnamese, phone, created_at, changed_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)"),
        &[
            id.into(),
            (&entry.commune).into(),
            entry.serial.into(),
            (&person.name).into(),
            text::fold(&person.name).into(),
            text::sort_key(&person.name).into(),
            person.gender.clone().into(),
            person.birth_year.into(),
            person.ethnic_group.clone().into(),
            person.standing.clone().into(),
            person.languages.join(" ").into(),
            person.reads_vietnamese.into(),
            person.phone.clone().into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes a person anew.
pub async fn update(tx: &mut Tx, id: &PersonId, person: &Person) -> Result<(), DbError> {
    tx.run(
        sql!("update reach_people set name = $2, name_fold = $3, name_sort = $4, gender = $5, birth_year = $6, \
              ethnic_group = $7, standing = $8, languages = $9, reads_vietnamese = $10, phone = $11, \
              changed_at = $12 where id = $1"),
        &[
            id.into(),
            (&person.name).into(),
            text::fold(&person.name).into(),
            text::sort_key(&person.name).into(),
            person.gender.clone().into(),
            person.birth_year.into(),
            person.ethnic_group.clone().into(),
            person.standing.clone().into(),
            person.languages.join(" ").into(),
            person.reads_vietnamese.into(),
            person.phone.clone().into(),
            tx.now().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes why a person left the list.
pub async fn note_end(tx: &mut Tx, id: &PersonId, reason: &str) -> Result<(), DbError> {
    tx.run(
        sql!("update reach_people set end_reason = $2, changed_at = $3 where id = $1"),
        &[id.into(), reason.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// The columns of [`Known`], once for all its statements.
macro_rules! known {
    ($rest:literal) => {
        sql!(concat!(
            "select p.id, p.commune, p.serial, r.village, r.path, p.name, p.gender, p.birth_year, ",
            "p.ethnic_group, p.standing, p.languages, p.reads_vietnamese, p.phone, p.end_reason, ",
            "r.from_day, r.until_day, (select c.number from reach_cards c where c.person = p.id ",
            "and c.revoked_at is null) as card_number from reach_people p ",
            "join reach_roster r on r.commune = p.commune and r.serial = p.serial ",
            $rest
        ))
    };
}

/// One person.
pub async fn find(tx: &mut Tx, id: &PersonId) -> Result<Option<Known>, DbError> {
    tx.maybe(known!("where p.id = $1"), &[id.into()]).await
}

/// The persons who live in a commune, by name, those on the list on `day` first.
pub async fn list(
    tx: &mut Tx,
    commune: &ScopePath,
    folded: &str,
    day: Day,
) -> Result<Vec<Known>, DbError> {
    let (low, high) = commune.range();
    tx.all(
        known!(
            "where r.path >= $1 and r.path < $4 and (p.name_fold like '%' || $2 || '%' or $2 = '') \
               order by case when r.until_day > $3 then 0 else 1 end, p.name_sort, p.id"
        ),
        &[low.into(), folded.replace(['%', '_'], " ").into(), day.into(), high.into()],
    )
    .await
}

/// True when something here hangs on a village: somebody of the roster, a meeting, a frozen denominator.
pub async fn holds_village(tx: &mut Tx, village: &areas::AreaId) -> Result<bool, DbError> {
    let rows: i64 = tx
        .one(
            sql!(
                "select cast((select count(*) from reach_roster where village = $1) \
                  + (select count(*) from reach_meetings where village = $1) \
                  + (select count(*) from reach_frozen where village = $1) as bigint) as value"
            ),
            &[village.into()],
        )
        .await?;
    Ok(rows > 0)
}
