//! All SQL of areas: reading units by id, code, path and place. Searching is in `search`, what the
//! shipped data and communes write is in `write`, whole trees are in `frames`. Dates follow
//! `valid_from <= day < valid_to`.

/// The columns of an [`Area`].
macro_rules! facts {
    ($rest:literal) => {
        sql!(concat!(
            "select f.unit, u.level, f.code, f.name, f.full_name, f.area_type, f.parent, f.path, \
             f.valid_from, f.valid_to, f.instrument, f.event \
             from areas_facts f join areas_units u on u.id = f.unit where f.superseded_at is null ",
            $rest
        ))
    };
}

mod below;
pub mod classes;
pub mod decree;
pub mod flows;
pub mod frames;
pub mod kept;
pub mod questions;
mod search;
pub mod units;
pub mod village_imports;
pub mod villages;
pub mod write;

use std::collections::{HashMap, HashSet};

use kernel::{
    clock::Day,
    db::{DbError, FromRow, Row, Tx, Value},
    scope::ScopePath,
    sql,
};

pub use below::{below, populations_under};
pub use frames::{frames, tree};
pub use search::{Searched, search, search_or_mend};
pub use {classes::classes_on, villages::rollup};

use crate::model::{Area, AreaEvent, AreaId, Fact, Life, Population, Succession, Weight};

/// The area by its facts of today, or by its last facts when it has ended; `None` when there is none.
pub async fn find(tx: &mut Tx, id: &AreaId) -> Result<Option<Area>, DbError> {
    let today = tx.now().day();
    Ok(best_of(history(tx, id).await?.into_iter().map(|fact| fact.area), today))
}

/// The area by its facts of a day; `None` when it did not exist on that day.
pub async fn find_at(tx: &mut Tx, id: &AreaId, day: Day) -> Result<Option<Area>, DbError> {
    tx.maybe(
        facts!("and f.unit = $1 and f.valid_from <= $2 and f.valid_to > $2"),
        &[id.into(), day.into()],
    )
    .await
}

/// The same for many. Those that did not exist on their day are left out.
pub async fn find_many_at(
    tx: &mut Tx,
    wanted: &[(&AreaId, Day)],
) -> Result<HashMap<(AreaId, Day), Area>, DbError> {
    let facts = facts_of(tx, wanted.iter().map(|(id, _)| *id)).await?;
    let found = wanted.iter().filter_map(|(id, day)| {
        let mut of_unit = facts.get(*id)?.iter().map(|fact| &fact.area);
        let area = of_unit.find(|area| area.holds_on(*day))?;
        Some((((*id).clone(), *day), area.clone()))
    });
    Ok(found.collect())
}

/// Several areas at once, each as [`find`] gives it. Unknown ids are left out.
pub async fn find_many(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = &AreaId>,
) -> Result<HashMap<AreaId, Area>, DbError> {
    let today = tx.now().day();
    let every = facts_of(tx, ids).await?;
    let best = every.into_iter().filter_map(|(id, facts)| {
        Some((id, best_of(facts.into_iter().map(|fact| fact.area), today)?))
    });
    Ok(best.collect())
}

/// The facts of today of several units, each with the instrument that brought them. Units that have ended
/// are left out.
async fn facts_of_today(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = &AreaId>,
) -> Result<Vec<Fact>, DbError> {
    let today = tx.now().day();
    let every = facts_of(tx, ids).await?.into_values().flatten();
    Ok(every.filter(|fact| fact.area.holds_on(today)).collect())
}

/// The fact of today; else the last that has begun; else the first to come.
fn best_of(facts: impl IntoIterator<Item = Area>, today: Day) -> Option<Area> {
    facts.into_iter().max_by_key(|area| {
        let begun = area.from <= today;
        let nearness = area.from.days_since(today);
        (area.holds_on(today), begun, if begun { nearness } else { -nearness })
    })
}

fn best_at(facts: &[Fact], day: Day) -> Option<Area> {
    best_of(facts.iter().map(|fact| fact.area.clone()), day)
}

/// Ids asked for in one statement.
pub(crate) const BATCH: usize = 24;

/// Values for a fixed list of placeholders: what is missing is filled with nothing, which equals
/// nothing. Not with one of the values again: SQLite plans as if each brought as many rows more.
pub(crate) fn padded(values: &[Value], width: usize) -> impl Iterator<Item = Value> {
    values.iter().cloned().chain(std::iter::repeat(Value::Text(None))).take(width)
}

/// Every fact in force of several units.
async fn facts_of(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = &AreaId>,
) -> Result<HashMap<AreaId, Vec<Fact>>, DbError> {
    let distinct: HashSet<&AreaId> = ids.into_iter().collect();
    let values: Vec<Value> = distinct.into_iter().map(Value::from).collect();
    let mut found: HashMap<AreaId, Vec<Fact>> = HashMap::new();
    for chunk in values.chunks(BATCH) {
        let values: Vec<Value> = padded(chunk, BATCH).collect();
        let facts: Vec<Fact> = tx
            .all(
                facts!(
                    "and f.unit in ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,\
                     $19,$20,$21,$22,$23,$24)"
                ),
                &values,
            )
            .await?;
        for fact in facts {
            found.entry(fact.area.id.clone()).or_default().push(fact);
        }
    }
    Ok(found)
}

/// The area that bore a code on a day. Codes pass from one territory to another; never keep them as ids.
pub async fn by_code(tx: &mut Tx, code: &str, day: Day) -> Result<Option<Area>, DbError> {
    tx.maybe(
        facts!(
            "and f.code = $1 and f.valid_from <= $2 and f.valid_to > $2 order by f.unit limit 1"
        ),
        &[code.into(), day.into()],
    )
    .await
}

/// The area that hangs (or last hung) at a path.
pub async fn by_path(tx: &mut Tx, path: &ScopePath) -> Result<Option<Area>, DbError> {
    let today = tx.now().day();
    let facts: Vec<Area> = tx.all(facts!("and f.path = $1"), &[path.into()]).await?;
    Ok(best_of(facts, today))
}

/// The units directly below an area on a day, in dictionary order.
pub async fn children(tx: &mut Tx, id: &AreaId, day: Day) -> Result<Vec<Area>, DbError> {
    tx.all(
        facts!(
            "and f.parent = $1 and f.valid_from <= $2 and f.valid_to > $2 order by f.name_sort, f.unit"
        ),
        &[id.into(), day.into()],
    )
    .await
}

/// The villages of a commune today, in dictionary order.
pub async fn villages_of(tx: &mut Tx, commune: &AreaId) -> Result<Vec<Area>, DbError> {
    let today = tx.now().day();
    tx.all(
        facts!(
            "and u.level = 'village' and f.parent = $1 and f.valid_from <= $2 and f.valid_to > $2 \
             order by f.name_sort, f.unit"
        ),
        &[commune.into(), today.into()],
    )
    .await
}

/// Everything above an area, the country first, as it was while the area's fact held.
pub async fn ancestors(tx: &mut Tx, area: &Area) -> Result<Vec<Area>, DbError> {
    let day = area.seen_on(tx.now().day());
    let above = ids_above(area);
    let facts = facts_of(tx, &above).await?;
    Ok(above.iter().filter_map(|id| best_at(facts.get(id)?, day)).collect())
}

fn ids_above(area: &Area) -> Vec<AreaId> {
    let steps = area.path.as_str().trim_matches('/').split('/').filter_map(AreaId::parse);
    steps.filter(|id| *id != area.id).collect()
}

/// Where each area lies, nearest first and without the country: `huyện Bạch Thông, tỉnh Bắc Kạn`.
pub async fn within(tx: &mut Tx, areas: &[&Area]) -> Result<Vec<String>, DbError> {
    let today = tx.now().day();
    let above: Vec<Vec<AreaId>> = areas.iter().map(|area| ids_above(area)).collect();
    let facts = facts_of(tx, above.iter().flatten().filter(|id| **id != AreaId::country())).await?;
    let places = areas.iter().zip(&above).map(|(area, above)| {
        let day = area.seen_on(today);
        let named = above.iter().rev().filter_map(|id| best_at(facts.get(id)?, day));
        named.map(|area| area.full_name).collect::<Vec<_>>().join(", ")
    });
    Ok(places.collect())
}

/// Every validity of an area, oldest first, with its instrument. Empty when there is no such area.
pub async fn history(tx: &mut Tx, id: &AreaId) -> Result<Vec<Fact>, DbError> {
    tx.all(facts!("and f.unit = $1 order by f.valid_from"), &[id.into()]).await
}

/// When a territory began and ended.
pub async fn life(tx: &mut Tx, id: &AreaId) -> Result<Option<Life>, DbError> {
    tx.maybe(
        sql!("select born_on, ended_on, born_event, ended_event from areas_units where id = $1"),
        &[id.into()],
    )
    .await
}

/// What became of an area: empty while it lives, and also where no successor is known.
pub async fn successors(tx: &mut Tx, id: &AreaId) -> Result<Vec<Succession>, DbError> {
    let links = tx
        .all(
            sql!("select t.from_unit, t.to_unit as other, t.whole, t.weight_num, t.weight_den, t.basis, t.source, \
                  e.id, e.kind, e.instrument, e.decided_on, e.effective_on, e.status \
                  from areas_transfers t join areas_events e on e.id = t.event \
                  where t.from_unit = $1 and e.status <> 'undone' order by t.to_unit"),
            &[id.into()],
        )
        .await?;
    with_areas(tx, links).await
}

/// What an area was made of: empty for units of the first frames.
pub async fn predecessors(tx: &mut Tx, id: &AreaId) -> Result<Vec<Succession>, DbError> {
    let links = tx
        .all(
            sql!("select t.from_unit, t.from_unit as other, t.whole, t.weight_num, t.weight_den, t.basis, t.source, \
                  e.id, e.kind, e.instrument, e.decided_on, e.effective_on, e.status \
                  from areas_transfers t join areas_events e on e.id = t.event \
                  where t.to_unit = $1 and e.status <> 'undone' order by t.from_unit"),
            &[id.into()],
        )
        .await?;
    with_areas(tx, links).await
}

/// What became of several areas, by the old unit's id.
pub async fn successors_of_many(
    tx: &mut Tx,
    ids: &[AreaId],
) -> Result<HashMap<AreaId, Vec<Succession>>, DbError> {
    let values: Vec<Value> = ids.iter().map(Value::from).collect();
    let mut links: Vec<Link> = Vec::new();
    for chunk in values.chunks(BATCH) {
        let values: Vec<Value> = padded(chunk, BATCH).collect();
        links.extend(
            tx.all::<Link>(
                sql!("select t.from_unit, t.to_unit as other, t.whole, t.weight_num, t.weight_den, t.basis, t.source, \
                      e.id, e.kind, e.instrument, e.decided_on, e.effective_on, e.status \
                      from areas_transfers t join areas_events e on e.id = t.event \
                      where t.from_unit in ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,\
                      $19,$20,$21,$22,$23,$24) and e.status <> 'undone'"),
                &values,
            )
            .await?,
        );
    }
    let from: Vec<AreaId> = links.iter().map(|link| link.from.clone()).collect();
    let mut found: HashMap<AreaId, Vec<Succession>> = HashMap::new();
    for (from, step) in from.into_iter().zip(with_areas_in_order(tx, links).await?) {
        found.entry(from).or_default().extend(step);
    }
    Ok(found)
}

/// A transfer with its event, before the unit at its other end is looked up.
struct Link {
    from: AreaId,
    other: AreaId,
    whole: bool,
    weight: Option<Weight>,
    basis: Option<String>,
    source: String,
    event: AreaEvent,
}

impl FromRow for Link {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            from: row.get("from_unit")?,
            other: row.get("other")?,
            whole: row.get("whole")?,
            weight: weight_of(row)?,
            basis: row.get("basis")?,
            source: row.get("source")?,
            event: AreaEvent::from_row(row)?,
        })
    }
}

impl FromRow for AreaEvent {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let status: String = row.get("status")?;
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("kind")?,
            instrument: row.get("instrument")?,
            decided_on: row.get("decided_on")?,
            effective_on: row.get("effective_on")?,
            confirmed: status == "confirmed",
        })
    }
}

/// The exact share of a transfer; none while it is unknown.
fn weight_of(row: &Row) -> Result<Option<Weight>, DbError> {
    let num: Option<i64> = row.get("weight_num")?;
    let den: Option<i64> = row.get("weight_den")?;
    Ok(num.zip(den).map(|(num, den)| Weight { num, den }))
}

/// Looks up the other ends; in dictionary order of their names.
async fn with_areas(tx: &mut Tx, links: Vec<Link>) -> Result<Vec<Succession>, DbError> {
    let mut steps: Vec<_> = with_areas_in_order(tx, links).await?.into_iter().flatten().collect();
    steps
        .sort_by_cached_key(|step| (kernel::text::sort_key(&step.area.name), step.area.id.clone()));
    Ok(steps)
}

async fn with_areas_in_order(
    tx: &mut Tx,
    links: Vec<Link>,
) -> Result<Vec<Option<Succession>>, DbError> {
    let areas = find_many(tx, links.iter().map(|link| &link.other)).await?;
    let steps = links.into_iter().map(|link| {
        let area = areas.get(&link.other)?.clone();
        let Link { whole, weight, basis, source, event, .. } = link;
        Some(Succession { area, whole, weight, basis, source, event })
    });
    Ok(steps.collect())
}

/// The latest head count on or before a day; a later record for the same day corrects an earlier one.
pub async fn population(tx: &mut Tx, id: &AreaId, day: Day) -> Result<Option<Population>, DbError> {
    tx.maybe(
        sql!("select people, households, on_day, source from areas_populations \
              where unit = $1 and on_day <= $2 order by on_day desc, recorded_at desc, id desc limit 1"),
        &[id.into(), day.into()],
    )
    .await
}

/// Every head count of a unit, newest first.
pub(crate) async fn populations(tx: &mut Tx, id: &AreaId) -> Result<Vec<Population>, DbError> {
    tx.all(
        sql!(
            "select people, households, on_day, source from areas_populations \
              where unit = $1 order by on_day desc, recorded_at desc, id desc limit 100"
        ),
        &[id.into()],
    )
    .await
}

/// The latest head counts of everything directly below an area, by unit.
pub(crate) async fn populations_below(
    tx: &mut Tx,
    parent: &AreaId,
) -> Result<HashMap<AreaId, Population>, DbError> {
    let rows: Vec<Counted> = tx
        .all(
            sql!("select unit, people, households, on_day, source from ( \
                  select p.unit, p.people, p.households, p.on_day, p.source, row_number() over ( \
                  partition by p.unit order by p.on_day desc, p.recorded_at desc, p.id desc) as place \
                  from areas_populations p where p.unit in ( \
                  select f.unit from areas_facts f where f.parent = $1 and f.superseded_at is null)) latest \
                  where place = 1"),
            &[parent.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|Counted(unit, population)| (unit, population)).collect())
}

struct Counted(AreaId, Population);

impl FromRow for Counted {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self(row.get("unit")?, Population::from_row(row)?))
    }
}
