//! Reading whole trees of a day and what lies between two of them: for exports, comparison, the tree
//! browser and the map. Villages are left out unless a name says otherwise.

use std::collections::HashMap;

use kernel::{
    clock::Day,
    db::{DbError, FromRow, Row, Tx},
    sql,
};

use super::Link;
use crate::model::{
    Area, AreaId, AreaLevel, AreaType, Fact,
    frame::{KnownFrame, Onward},
};

impl FromRow for KnownFrame {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("id")?,
            label: row.get("label")?,
            as_of: row.get("as_of")?,
            source: row.get("source")?,
            communes: row.get("communes")?,
        })
    }
}

/// The frames that this node has loaded, oldest first.
pub async fn frames(tx: &mut Tx) -> Result<Vec<KnownFrame>, DbError> {
    tx.all(
        sql!("select id, label, as_of, source, communes from areas_frames order by as_of, id"),
        &[],
    )
    .await
}

/// Every unit of a day but the villages, the country first, then by level and code.
pub async fn tree(tx: &mut Tx, day: Day) -> Result<Vec<Area>, DbError> {
    let mut areas: Vec<Area> = tx
        .all(
            facts!("and u.level <> 'village' and f.valid_from <= $1 and f.valid_to > $1"),
            &[day.into()],
        )
        .await?;
    areas.sort_by(|one, other| {
        (one.level, &one.code, &one.id).cmp(&(other.level, &other.code, &other.id))
    });
    Ok(areas)
}

/// How many communes, wards, townships and special zones a day has.
pub async fn communes_on(tx: &mut Tx, day: Day) -> Result<i64, DbError> {
    tx.one(
        sql!("select cast(count(*) as bigint) as value from areas_facts f join areas_units u on u.id = f.unit \
              where f.superseded_at is null and u.level = $1 and f.valid_from <= $2 and f.valid_to > $2"),
        &[AreaLevel::Commune.into(), day.into()],
    )
    .await
}

/// How many units lie directly below each child of a unit on a day, villages included.
pub async fn counts_below(
    tx: &mut Tx,
    parent: &AreaId,
    day: Day,
) -> Result<HashMap<AreaId, i64>, DbError> {
    let rows: Vec<Tally> = tx
        .all(
            sql!("select c.parent as unit, cast(count(*) as bigint) as amount \
                  from areas_facts f join areas_facts c on c.parent = f.unit \
                  where f.parent = $1 and f.superseded_at is null and f.valid_from <= $2 and f.valid_to > $2 \
                  and c.superseded_at is null and c.valid_from <= $2 and c.valid_to > $2 group by c.parent"),
            &[parent.into(), day.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|Tally(unit, amount)| (unit, amount)).collect())
}

struct Tally(AreaId, i64);

impl FromRow for Tally {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self(row.get("unit")?, row.get("amount")?))
    }
}

/// Every step of succession whose event took effect after one day and up to another, by the old unit.
pub async fn steps_between(
    tx: &mut Tx,
    after: Day,
    until: Day,
) -> Result<HashMap<AreaId, Vec<Onward>>, DbError> {
    let links: Vec<Link> = tx
        .all(
            sql!("select t.from_unit, t.to_unit as other, t.whole, t.weight_num, t.weight_den, t.basis, t.source, \
                  e.id, e.kind, e.instrument, e.decided_on, e.effective_on, e.status \
                  from areas_transfers t join areas_events e on e.id = t.event \
                  where e.effective_on > $1 and e.effective_on <= $2 and e.status <> 'undone' \
                  order by t.from_unit, t.to_unit"),
            &[after.into(), until.into()],
        )
        .await?;
    let mut found: HashMap<AreaId, Vec<Onward>> = HashMap::new();
    for Link { from, other: to, whole, weight, event, .. } in links {
        found.entry(from).or_default().push(Onward { to, whole, weight, event });
    }
    Ok(found)
}

/// Every validity during which some territory bore a code: the territories that share it, oldest first.
pub async fn bearers(tx: &mut Tx, code: &str) -> Result<Vec<Fact>, DbError> {
    tx.all(facts!("and f.code = $1 order by f.valid_from, f.unit"), &[code.into()]).await
}

/// A unit of a day with what a count by province needs.
pub struct Counted {
    /// Where it hangs.
    pub path: kernel::scope::ScopePath,
    /// Its type.
    pub area_type: AreaType,
    /// The first day of its territory.
    pub born_on: Day,
    /// The first day it is no more.
    pub ended_on: Day,
}

impl FromRow for Counted {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            path: row.get("path")?,
            area_type: row.get("area_type")?,
            born_on: row.get("born_on")?,
            ended_on: row.get("ended_on")?,
        })
    }
}

/// Every unit of one level on a day.
pub async fn units_of(tx: &mut Tx, level: AreaLevel, day: Day) -> Result<Vec<Counted>, DbError> {
    tx.all(
        sql!("select f.path, f.area_type, u.born_on, u.ended_on \
              from areas_facts f join areas_units u on u.id = f.unit \
              where f.superseded_at is null and u.level = $1 and f.valid_from <= $2 and f.valid_to > $2"),
        &[level.into(), day.into()],
    )
    .await
}

/// The latest head count of every village of a day: where it lies, and how many people.
pub async fn people_of_villages(
    tx: &mut Tx,
    day: Day,
) -> Result<Vec<(kernel::scope::ScopePath, i64)>, DbError> {
    struct People(kernel::scope::ScopePath, i64);
    impl FromRow for People {
        fn from_row(row: &Row) -> Result<Self, DbError> {
            Ok(Self(row.get("path")?, row.get("people")?))
        }
    }
    let rows: Vec<People> = tx
        .all(
            sql!("select f.path, latest.people from ( \
                  select p.unit, p.people, row_number() over ( \
                  partition by p.unit order by p.on_day desc, p.recorded_at desc, p.id desc) as place \
                  from areas_populations p where p.on_day <= $2) latest \
                  join areas_facts f on f.unit = latest.unit join areas_units u on u.id = f.unit \
                  where latest.place = 1 and f.superseded_at is null and u.level = $1 \
                  and f.valid_from <= $2 and f.valid_to > $2"),
            &[AreaLevel::Village.into(), day.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|People(path, people)| (path, people)).collect())
}
