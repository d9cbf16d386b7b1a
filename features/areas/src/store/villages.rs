//! What happens to villages after they were added: other names, ends, head counts by group, sums.

use std::collections::HashMap;

use kernel::{
    clock::Day,
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
    text::{fold, sort_key},
};

use super::{decree::turn, history};
use crate::model::{
    AreaEventId, AreaId, AreaLevel, EventKind, PopulationId,
    ethnic::GroupCount,
    plan::index_words,
    village::Village,
    village_change::{Basis, Rollup},
};

row_struct! {
    struct Summed {
        unit: AreaId,
        people: i64,
        households: i64,
        counted: i64,
        villages: i64,
    }
    struct GroupRow {
        unit: AreaId,
        on_day: Day,
        ethnic: String,
        people: i64,
        households: Option<i64>,
    }
}

/// Writes the event behind a change; false when it is already there.
pub async fn insert_event(
    tx: &mut Tx,
    id: &AreaEventId,
    kind: EventKind,
    basis: &Basis,
) -> Result<bool, DbError> {
    let now = tx.now();
    let fresh = tx
        .run(
            sql!("insert into areas_events (id, kind, instrument, decided_on, effective_on, recorded_at, status) \
                  values ($1, $2, $3, null, $4, $5, 'confirmed') on conflict (id) do nothing"),
            &[
                id.into(),
                kind.code().into(),
                basis.instrument.as_str().into(),
                basis.on.into(),
                now.into(),
            ],
        )
        .await?;
    Ok(fresh == 1)
}

/// Cuts the last fact of a unit at a day: the fact that stood there is superseded, its shorter copy stays.
/// A fact that began on that very day is superseded without a copy. Gives the turn of the rows.
async fn cut(tx: &mut Tx, unit: &AreaId, from: Day, until: Day) -> Result<i64, DbError> {
    let (turn, now) = (turn(tx).await?, tx.now());
    if until > from {
        tx.run(
            sql!("insert into areas_facts (unit, valid_from, valid_to, code, name, full_name, area_type, parent, path, \
                  name_search, name_sort, context_search, event, instrument, recorded_at, revision) \
                  select unit, valid_from, cast($3 as text), code, name, full_name, area_type, parent, path, \
                  name_search, name_sort, context_search, event, instrument, cast($4 as bigint), cast($5 as bigint) \
                  from areas_facts where unit = $1 and valid_from = $2 and superseded_at is null"),
            &[unit.into(), from.into(), until.into(), now.into(), turn.into()],
        )
        .await?;
    }
    tx.run(
        sql!(
            "update areas_facts set superseded_at = $3 \
              where unit = $1 and valid_from = $2 and revision < $4 and superseded_at is null"
        ),
        &[unit.into(), from.into(), now.into(), turn.into()],
    )
    .await?;
    Ok(turn)
}

/// Another name or kind from a day on. `from` is the first day of the village's last fact.
pub async fn rename(
    tx: &mut Tx,
    unit: &AreaId,
    from: Day,
    village: &Village,
    event: &AreaEventId,
    basis: &Basis,
) -> Result<(), DbError> {
    // The last fact, before it is cut, lends its place to the new one.
    let turn = cut(tx, unit, from, basis.on).await?;
    let now = tx.now();
    tx.run(
        sql!("insert into areas_facts (unit, valid_from, valid_to, code, name, full_name, area_type, parent, path, \
              name_search, name_sort, context_search, event, instrument, recorded_at, revision) \
              select unit, cast($3 as text), '9999-12-31', code, cast($4 as text), cast($5 as text), cast($6 as text), parent, path, \
              cast($7 as text), cast($8 as text), context_search, cast($9 as text), cast($10 as text), cast($11 as bigint), cast($12 as bigint) \
              from areas_facts where unit = $1 and valid_from = $2 order by revision desc limit 1"),
        &[
            unit.into(),
            from.into(),
            basis.on.into(),
            village.name.as_str().into(),
            village.kind.full_name(&village.name).into(),
            village.kind.into(),
            fold(&village.name).into(),
            sort_key(&village.name).into(),
            event.into(),
            basis.instrument.as_str().into(),
            now.into(),
            turn.into(),
        ],
    )
    .await?;
    index_again(tx, unit).await
}

/// The end of a village on a day, with the village that took it over.
pub async fn end(
    tx: &mut Tx,
    unit: &AreaId,
    from: Day,
    into: Option<&AreaId>,
    event: &AreaEventId,
    basis: &Basis,
) -> Result<(), DbError> {
    cut(tx, unit, from, basis.on).await?;
    tx.run(
        sql!("update areas_units set ended_on = $2, ended_event = $3 where id = $1"),
        &[unit.into(), basis.on.into(), event.into()],
    )
    .await?;
    if let Some(into) = into {
        tx.run(
            sql!("insert into areas_transfers (event, from_unit, to_unit, whole, weight_num, weight_den, source) \
                  values ($1, $2, $3, $4, 1, 1, $5)"),
            &[event.into(), unit.into(), into.into(), true.into(), basis.instrument.as_str().into()],
        )
        .await?;
    }
    index_again(tx, unit).await
}

/// Takes back a village that was entered by mistake: what was said of it stays in the book as superseded.
pub async fn remove(tx: &mut Tx, unit: &AreaId) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update areas_facts set superseded_at = $2 where unit = $1 and superseded_at is null"),
        &[unit.into(), now.into()],
    )
    .await?;
    tx.run(sql!("update areas_units set ended_on = born_on where id = $1"), &[unit.into()]).await?;
    tx.run(sql!("delete from areas_villages_here where unit = $1"), &[unit.into()]).await?;
    tx.run(sql!("delete from areas_words where unit = $1"), &[unit.into()]).await?;
    Ok(())
}

/// Writes the words of every name of a unit anew.
async fn index_again(tx: &mut Tx, unit: &AreaId) -> Result<(), DbError> {
    tx.run(sql!("delete from areas_words where unit = $1"), &[unit.into()]).await?;
    let facts = history(tx, unit).await?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for fact in &facts {
        let folded = fold(&fact.area.name);
        rows.extend(index_words(&folded).map(|(word, whole)| {
            vec![
                word.into(),
                unit.into(),
                fact.area.from.into(),
                fact.area.until.into(),
                whole.into(),
                AreaLevel::Village.into(),
            ]
        }));
    }
    let head = "insert into areas_words (word, unit, valid_from, valid_to, whole, level) values";
    tx.insert_many(head, "on conflict do nothing", &rows).await?;
    Ok(())
}

/// Notes that a village was added on this node.
pub async fn insert_here(tx: &mut Tx, unit: &AreaId, by: &str) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into areas_villages_here (unit, added_at, added_by) values ($1, $2, $3) on conflict (unit) do nothing"),
        &[unit.into(), now.into(), by.into()],
    )
    .await?;
    Ok(())
}

/// True when the village was added on this node.
pub async fn is_from_here(tx: &mut Tx, unit: &AreaId) -> Result<bool, DbError> {
    let rows: i64 = tx
        .one(
            sql!("select count(*) as value from areas_villages_here where unit = $1"),
            &[unit.into()],
        )
        .await?;
    Ok(rows > 0)
}

/// True when something in this house hangs on a village: a head count, a class, a change.
pub async fn is_used(tx: &mut Tx, unit: &AreaId) -> Result<bool, DbError> {
    let rows: i64 = tx
        .one(
            sql!("select cast((select count(*) from areas_populations where unit = $1) \
                  + (select count(*) from areas_classes where unit = $1) \
                  + (select count(*) from areas_transfers where from_unit = $1 or to_unit = $1) \
                  + (select count(*) from areas_facts where unit = $1 and event is not null) as bigint) as value"),
            &[unit.into()],
        )
        .await?;
    Ok(rows > 0)
}

/// Writes what is known of a head count by ethnic group; nothing happens where it is already there.
pub async fn insert_groups(
    tx: &mut Tx,
    counts: &[(PopulationId, Vec<GroupCount>)],
) -> Result<(), DbError> {
    let rows: Vec<Vec<Value>> = counts
        .iter()
        .flat_map(|(count, groups)| groups.iter().map(move |group| (count, group)))
        .map(|(count, group)| {
            vec![
                count.into(),
                group.ethnic.as_str().into(),
                group.people.into(),
                group.households.into(),
            ]
        })
        .collect();
    let head = "insert into areas_group_counts (population, ethnic, people, households) values";
    for some in rows.chunks(75) {
        tx.insert_many(head, "on conflict do nothing", some).await?;
    }
    Ok(())
}

/// The people and households of a head count, when it is there and of that unit.
pub async fn totals(
    tx: &mut Tx,
    count: &PopulationId,
    unit: &AreaId,
) -> Result<Option<(i64, i64)>, DbError> {
    let found: Option<Totals> = tx
        .maybe(
            sql!("select people, households from areas_populations where id = $1 and unit = $2"),
            &[count.into(), unit.into()],
        )
        .await?;
    Ok(found.map(|Totals { people, households }| (people, households)))
}

row_struct! {
    struct Totals {
        people: i64,
        households: i64,
    }
}

/// The breakdown of one unit's latest head count, with its day; none when that count has no breakdown.
pub async fn groups_of(
    tx: &mut Tx,
    unit: &AreaId,
) -> Result<Option<(Day, Vec<GroupCount>)>, DbError> {
    let rows: Vec<GroupRow> = tx
        .all(
            sql!("select p.unit, p.on_day, g.ethnic, g.people, g.households from areas_group_counts g join ( \
                  select id, unit, on_day from areas_populations where unit = $1 \
                  order by on_day desc, recorded_at desc, id desc limit 1) p on p.id = g.population order by g.ethnic"),
            &[unit.into()],
        )
        .await?;
    let day = rows.first().map(|row| row.on_day);
    Ok(day.map(|day| (day, rows.into_iter().map(GroupRow::count).collect())))
}

impl GroupRow {
    fn count(self) -> GroupCount {
        GroupCount { ethnic: self.ethnic, people: self.people, households: self.households }
    }
}

/// The breakdowns of the latest head counts of a commune's villages of a day, by village.
pub async fn groups_below(
    tx: &mut Tx,
    commune: &AreaId,
    day: Day,
) -> Result<HashMap<AreaId, Vec<GroupCount>>, DbError> {
    let rows: Vec<GroupRow> = tx
        .all(
            sql!("select p.unit, p.on_day, g.ethnic, g.people, g.households from areas_group_counts g join ( \
                  select a.id, a.unit, a.on_day, row_number() over (partition by a.unit order by a.on_day desc, a.recorded_at desc, a.id desc) as place \
                  from areas_populations a join areas_facts f on f.unit = a.unit and f.superseded_at is null \
                  and f.valid_from <= $2 and f.valid_to > $2 where f.parent = $1 and a.on_day <= $2) p \
                  on p.id = g.population and p.place = 1 order by g.ethnic"),
            &[commune.into(), day.into()],
        )
        .await?;
    let mut found: HashMap<AreaId, Vec<GroupCount>> = HashMap::new();
    for row in rows {
        found.entry(row.unit.clone()).or_default().push(row.count());
    }
    Ok(found)
}

/// The villages of a place on a day, their head counts added up, by commune. Communes without villages are
/// left out; villages without a count are counted as such, never as empty.
pub async fn rollups(
    tx: &mut Tx,
    place: &ScopePath,
    day: Day,
) -> Result<HashMap<AreaId, Rollup>, DbError> {
    let (from, until) = place.range();
    let rows: Vec<Summed> = tx
        .all(
            sql!("select f.parent as unit, cast(coalesce(sum(p.people), 0) as bigint) as people, \
                  cast(coalesce(sum(p.households), 0) as bigint) as households, \
                  cast(count(p.unit) as bigint) as counted, cast(count(*) as bigint) as villages \
                  from areas_facts f join areas_units u on u.id = f.unit left join ( \
                  select unit, people, households, row_number() over (partition by unit order by on_day desc, recorded_at desc, id desc) as place \
                  from areas_populations where on_day <= $3) p on p.unit = f.unit and p.place = 1 \
                  where u.level = 'village' and f.superseded_at is null and f.valid_from <= $3 and f.valid_to > $3 \
                  and f.path >= $1 and f.path < $2 group by f.parent"),
            &[from.into(), until.into(), day.into()],
        )
        .await?;
    let rollup = |row: Summed| {
        let Summed { unit, people, households, counted, villages } = row;
        (unit, Rollup { people, households, counted, villages })
    };
    Ok(rows.into_iter().map(rollup).collect())
}

/// The villages of a place on a day, their head counts added up.
pub async fn rollup(tx: &mut Tx, place: &ScopePath, day: Day) -> Result<Rollup, DbError> {
    let sum = |all: Rollup, one: Rollup| Rollup {
        people: all.people + one.people,
        households: all.households + one.households,
        counted: all.counted + one.counted,
        villages: all.villages + one.villages,
    };
    Ok(rollups(tx, place, day).await?.into_values().fold(Rollup::default(), sum))
}
