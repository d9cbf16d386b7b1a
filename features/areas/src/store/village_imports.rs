//! What a table of villages is compared with, the tables that wait to be recorded, and writing thousands of
//! villages and head counts at once.

use std::collections::HashMap;

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
    text::{fold, sort_key},
};

use crate::model::{
    Area, AreaId, AreaLevel, PopulationId,
    ethnic::GroupCount,
    plan::index_words,
    village::{Count, Village},
    village_plan::{FormerCommune, KnownCount},
};

row_struct! {
    struct Former {
        code: Option<String>,
        name: String,
        full_name: String,
        now: AreaId,
    }
    struct CountRow {
        id: PopulationId,
        unit: AreaId,
        on_day: Day,
        people: i64,
        households: i64,
    }
    struct GroupRow {
        population: PopulationId,
        ethnic: String,
        people: i64,
        households: Option<i64>,
    }
    /// A table that waits to be recorded.
    #[derive(Clone, Debug)]
    pub struct KeptTable {
        /// The place it is for.
        pub place: AreaId,
        /// The name the file had.
        pub file_name: String,
        /// The table and its terms, as JSON.
        pub body: String,
    }
}

/// Communes and villages of a place on a day, in dictionary order; the place itself among them.
pub async fn below(
    tx: &mut Tx,
    place: &ScopePath,
    level: AreaLevel,
    day: Day,
) -> Result<Vec<Area>, DbError> {
    let (from, until) = place.range();
    tx.all(
        sql!("select f.unit, u.level, f.code, f.name, f.full_name, f.area_type, f.parent, f.path, f.valid_from, f.valid_to \
              from areas_facts f join areas_units u on u.id = f.unit \
              where f.superseded_at is null and f.valid_from <= $3 and f.valid_to > $3 and u.level = $4 \
              and f.path >= $1 and f.path < $2 order by f.name_sort, f.unit"),
        &[from.into(), until.into(), day.into(), level.into()],
    )
    .await
}

/// Communes that ended and went, whole or in part, to communes of a place.
pub async fn former_communes(
    tx: &mut Tx,
    place: &ScopePath,
) -> Result<Vec<FormerCommune>, DbError> {
    let (from, until) = place.range();
    let rows: Vec<Former> = tx
        .all(
            sql!("select distinct o.code, o.name, o.full_name, t.to_unit as now from areas_transfers t \
                  join areas_events e on e.id = t.event and e.status <> 'undone' \
                  join areas_facts n on n.unit = t.to_unit and n.superseded_at is null \
                  join areas_units u on u.id = t.from_unit and u.level = 'commune' \
                  join areas_facts o on o.unit = t.from_unit and o.superseded_at is null and o.valid_to >= u.ended_on \
                  where t.from_unit <> t.to_unit and n.path >= $1 and n.path < $2 order by o.name, o.full_name, o.code, t.to_unit"),
            &[from.into(), until.into()],
        )
        .await?;
    let former = rows.into_iter().map(|Former { code, name, full_name, now }| FormerCommune {
        code: code.unwrap_or_default(),
        name,
        full_name,
        now,
    });
    Ok(former.collect())
}

/// The head count in force of every village of a place, for every day one was taken.
pub async fn counts(
    tx: &mut Tx,
    place: &ScopePath,
) -> Result<HashMap<(AreaId, Day), KnownCount>, DbError> {
    let (from, until) = place.range();
    let rows: Vec<CountRow> = tx
        .all(
            sql!("select id, unit, on_day, people, households from ( \
                  select p.id, p.unit, p.on_day, p.people, p.households, row_number() over ( \
                  partition by p.unit, p.on_day order by p.recorded_at desc, p.id desc) as place \
                  from areas_populations p join areas_units u on u.id = p.unit and u.level = 'village' \
                  where p.unit in (select f.unit from areas_facts f \
                  where f.superseded_at is null and f.path >= $1 and f.path < $2)) latest where place = 1"),
            &[from.clone().into(), until.clone().into()],
        )
        .await?;
    let groups: Vec<GroupRow> = tx
        .all(
            sql!("select g.population, g.ethnic, g.people, g.households from areas_group_counts g \
                  join areas_populations p on p.id = g.population where p.unit in ( \
                  select f.unit from areas_facts f where f.superseded_at is null and f.path >= $1 and f.path < $2) \
                  order by g.population, g.ethnic"),
            &[from.into(), until.into()],
        )
        .await?;
    let mut by_count: HashMap<PopulationId, Vec<GroupCount>> = HashMap::new();
    for GroupRow { population, ethnic, people, households } in groups {
        by_count.entry(population).or_default().push(GroupCount { ethnic, people, households });
    }
    let known = rows.into_iter().map(|row| {
        let CountRow { id, unit, on_day, people, households } = row;
        let groups = by_count.remove(&id).unwrap_or_default();
        ((unit, on_day), KnownCount { people, households, groups })
    });
    Ok(known.collect())
}

/// A village to write.
pub struct FreshVillage<'a> {
    /// Its id.
    pub id: AreaId,
    /// Its commune.
    pub commune: &'a Area,
    /// The folded names of what lies above it.
    pub context: &'a str,
    /// Its kind and name.
    pub village: Village,
}

/// Values per statement: SQLite takes more, in a time that grows with their square.
const VALUES_MAX: usize = 300;

async fn insert_all(
    tx: &mut Tx,
    head: &'static str,
    tail: &'static str,
    rows: &[Vec<Value>],
) -> Result<(), DbError> {
    let width = rows.first().map_or(1, Vec::len);
    for some in rows.chunks((VALUES_MAX / width).max(1)) {
        tx.insert_many(head, tail, some).await?;
    }
    Ok(())
}

/// Writes many villages that were added here.
pub async fn insert_villages(
    tx: &mut Tx,
    fresh: &[FreshVillage<'_>],
    by: &str,
) -> Result<(), DbError> {
    let now = tx.now();
    let (mut units, mut facts, mut words, mut here) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in fresh {
        let (id, from, until) = (&one.id, one.commune.from, Day::FOREVER);
        let folded = fold(&one.village.name);
        units.push(vec![id.into(), AreaLevel::Village.into(), from.into(), until.into()]);
        words.extend(index_words(&folded).map(|(word, whole)| {
            vec![
                word.into(),
                id.into(),
                from.into(),
                until.into(),
                whole.into(),
                AreaLevel::Village.into(),
            ]
        }));
        here.push(vec![id.into(), now.into(), by.into()]);
        facts.push(vec![
            id.into(),
            from.into(),
            until.into(),
            one.village.name.as_str().into(),
            one.village.kind.full_name(&one.village.name).into(),
            one.village.kind.into(),
            (&one.commune.id).into(),
            (&one.commune.path.child(id.as_str())).into(),
            folded.into(),
            sort_key(&one.village.name).into(),
            one.context.into(),
            "".into(),
            now.into(),
        ]);
    }
    insert_all(tx, "insert into areas_units (id, level, born_on, ended_on) values", "", &units)
        .await?;
    let head = "insert into areas_facts (unit, valid_from, valid_to, name, full_name, area_type, parent, path, \
                name_search, name_sort, context_search, instrument, recorded_at) values";
    insert_all(tx, head, "", &facts).await?;
    let head = "insert into areas_words (word, unit, valid_from, valid_to, whole, level) values";
    insert_all(tx, head, "on conflict do nothing", &words).await?;
    let head = "insert into areas_villages_here (unit, added_at, added_by) values";
    insert_all(tx, head, "on conflict do nothing", &here).await
}

/// Writes many head counts.
pub async fn insert_counts(
    tx: &mut Tx,
    counts: &[(PopulationId, AreaId, Count)],
    at: Timestamp,
    by: &str,
) -> Result<(), DbError> {
    let rows: Vec<Vec<Value>> = counts
        .iter()
        .map(|(id, unit, count)| {
            vec![
                id.into(),
                unit.into(),
                count.on.into(),
                count.people.into(),
                count.households.into(),
                count.source.as_str().into(),
                at.into(),
                by.into(),
            ]
        })
        .collect();
    let head = "insert into areas_populations (id, unit, on_day, people, households, source, recorded_at, recorded_by) values";
    insert_all(tx, head, "", &rows).await
}

/// Keeps a table until its owner says what to do. The owner's older ones, and everybody's of yesterday, go.
pub async fn keep(
    tx: &mut Tx,
    id: &str,
    place: &AreaId,
    owner: &str,
    file_name: &str,
    body: &str,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("delete from areas_village_tables where owner = $1 or kept_at < $2"),
        &[owner.into(), now.plus_seconds(-86_400).into()],
    )
    .await?;
    tx.run(
        sql!(
            "insert into areas_village_tables (id, place, owner, file_name, body, kept_at) \
              values ($1, $2, $3, $4, $5, $6)"
        ),
        &[id.into(), place.into(), owner.into(), file_name.into(), body.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// A kept table of this owner.
pub async fn kept(tx: &mut Tx, id: &str, owner: &str) -> Result<Option<KeptTable>, DbError> {
    tx.maybe(
        sql!(
            "select place, file_name, body from areas_village_tables where id = $1 and owner = $2"
        ),
        &[id.into(), owner.into()],
    )
    .await
}

/// Forgets a kept table.
pub async fn forget(tx: &mut Tx, id: &str, owner: &str) -> Result<(), DbError> {
    tx.run(
        sql!("delete from areas_village_tables where id = $1 and owner = $2"),
        &[id.into(), owner.into()],
    )
    .await?;
    Ok(())
}
