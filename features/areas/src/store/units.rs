//! Which units of a rung existed in a span of days, each with the days on which it did.

use std::collections::{BTreeSet, HashMap};

use kernel::{
    clock::Day,
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use super::kept;
use crate::model::{AreaEventId, AreaId, AreaLevel, Life};

row_struct! {
    /// What is said of a unit, and for which days.
    #[derive(Debug)]
    pub struct Fact {
        pub unit: AreaId,
        pub full_name: String,
        pub path: ScopePath,
        pub valid_from: Day,
        pub valid_to: Day,
    }
}

/// Everything that is said of the units of a rung, each unit's facts together in the order of their days.
pub(super) async fn facts_of(tx: &mut Tx, level: AreaLevel) -> Result<Vec<Fact>, DbError> {
    tx.all(
        sql!(
            "select f.unit, f.full_name, f.path, f.valid_from, f.valid_to from areas_facts f \
              join areas_units u on u.id = f.unit where u.level = $1 and f.superseded_at is null \
              order by f.unit, f.valid_from, f.recorded_at"
        ),
        &[level.code().into()],
    )
    .await
}

/// A unit that existed on some days of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// The territory.
    pub id: AreaId,
    /// Its full name on the last of these days.
    pub full_name: String,
    /// Where it hung on the last of these days.
    pub path: ScopePath,
    /// The first of these days.
    pub from: Day,
    /// The first day after them.
    pub until: Day,
    /// The first day on which it existed at all, wherever it hung.
    pub begins: Day,
    /// The first day after its last.
    pub ends: Day,
}

/// The units of a rung under a path that existed at all between two days (`until` excluded), by path. What
/// is told of each holds on the last day of the span on which it existed.
pub async fn units_between(
    tx: &mut Tx,
    level: AreaLevel,
    scope: &ScopePath,
    from: Day,
    until: Day,
) -> Result<Vec<Existing>, DbError> {
    let rung = kept::rung(tx, level).await?;
    let within =
        |row: &&Fact| scope.contains(&row.path) && row.valid_from < until && row.valid_to > from;
    // What is said of one unit stands together, the earliest first.
    let of_unit = |facts: &[Fact]| {
        let (first, last) = (facts.first()?, facts.last()?);
        let told = facts.iter().rfind(within)?;
        let there = || facts.iter().filter(within);
        Some(Existing {
            id: told.unit.clone(),
            full_name: told.full_name.clone(),
            path: told.path.clone(),
            from: there().map(|row| row.valid_from).min()?.max(from),
            until: there().map(|row| row.valid_to).max()?.min(until),
            begins: first.valid_from,
            ends: last.valid_to,
        })
    };
    let mut units: Vec<Existing> =
        rung.chunk_by(|one, next| one.unit == next.unit).filter_map(of_unit).collect();
    units.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(units)
}

row_struct! {
    struct LifeOf {
        id: AreaId,
        born_on: Day,
        ended_on: Day,
        born_event: Option<AreaEventId>,
        ended_event: Option<AreaEventId>,
    }
    /// Days on which a unit hung at one place of the tree.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Stretch {
        pub unit: AreaId,
        pub path: ScopePath,
        /// The first of these days.
        pub valid_from: Day,
        /// The first day after them.
        pub valid_to: Day,
    }
}

/// When each of these units began and ended. Unknown ones are left out.
pub async fn lives(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = &AreaId>,
) -> Result<HashMap<AreaId, Life>, DbError> {
    let wanted: BTreeSet<&AreaId> = ids.into_iter().collect();
    let wanted: Vec<Value> = wanted.into_iter().map(Value::from).collect();
    let rows: Vec<LifeOf> = tx
        .all_in(
            "select id, born_on, ended_on, born_event, ended_event from areas_units where id in",
            &[],
            &wanted,
        )
        .await?;
    let life = |row: LifeOf| {
        let LifeOf { id, born_on, ended_on, born_event, ended_event } = row;
        (id, Life { born_on, ended_on, born_event, ended_event })
    };
    Ok(rows.into_iter().map(life).collect())
}

/// Where each of these units hung, from its first day to its last, in the order of days. Units that the map does
/// not know (any more) are left out.
pub async fn stretches(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = &AreaId>,
) -> Result<HashMap<AreaId, Vec<Stretch>>, DbError> {
    let mut wanted: Vec<&AreaId> = ids.into_iter().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let wanted: Vec<Value> = wanted.into_iter().map(Value::from).collect();
    let rows: Vec<Stretch> = tx
        .all_in(
            "select f.unit, f.path, f.valid_from, f.valid_to from areas_facts f \
             where f.superseded_at is null and f.unit in",
            &[],
            &wanted,
        )
        .await?;
    let mut found: HashMap<AreaId, Vec<Stretch>> = HashMap::new();
    for row in rows {
        found.entry(row.unit.clone()).or_default().push(row);
    }
    for stretches in found.values_mut() {
        stretches.sort_by_key(|one| one.valid_from);
    }
    Ok(found)
}
