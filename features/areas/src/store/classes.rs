//! Statements on classes and flags: writing them, and what counts on a day.

use std::collections::HashMap;

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    scope::ScopePath,
    sql,
};

use crate::model::{
    Area, AreaId, AreaLevel,
    class::{Class, ClassFact, Classing, ClassingId, Mark},
};

/// Writes a statement; false when it is already there.
pub async fn insert(
    tx: &mut Tx,
    id: &ClassingId,
    unit: &AreaId,
    said: &Classing,
    recorded_at: Timestamp,
    recorded_by: &str,
) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into areas_classes (id, unit, mark, class, valid_from, valid_to, instrument, confirmed, recorded_at, recorded_by) \
                  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing"),
            &[
                id.into(),
                unit.into(),
                said.mark.into(),
                said.class.map_or("none", Class::code).into(),
                said.from.into(),
                said.until.into(),
                said.instrument.as_str().into(),
                said.confirmed.into(),
                recorded_at.into(),
                recorded_by.into(),
            ],
        )
        .await?;
    Ok(fresh == 1)
}

/// All that was said of a place, newest first.
pub async fn statements(tx: &mut Tx, unit: &AreaId) -> Result<Vec<ClassFact>, DbError> {
    tx.all(
        sql!("select id, unit, mark, class, valid_from, valid_to, instrument, confirmed, recorded_at \
              from areas_classes where unit = $1 order by recorded_at desc, id desc"),
        &[unit.into()],
    )
    .await
}

/// The classes and flags a place bears on a day. Places of which nothing was said, and those that are
/// said to be in none, bear none.
pub async fn classes_on(tx: &mut Tx, unit: &AreaId, day: Day) -> Result<Vec<ClassFact>, DbError> {
    let mut counting = counting_on(tx, unit, day).await?;
    counting.retain(|fact| fact.said.class.is_some());
    Ok(counting)
}

/// The statement that counts for every mark on a day, "in none" among them.
pub async fn counting_on(tx: &mut Tx, unit: &AreaId, day: Day) -> Result<Vec<ClassFact>, DbError> {
    let said: Vec<ClassFact> = tx
        .all(
            sql!("select id, unit, mark, class, valid_from, valid_to, instrument, confirmed, recorded_at from ( \
                  select c.id, c.unit, c.mark, c.class, c.valid_from, c.valid_to, c.instrument, c.confirmed, c.recorded_at, \
                  row_number() over (partition by c.mark order by c.recorded_at desc, c.id desc) as place \
                  from areas_classes c where c.unit = $1 and c.valid_from <= $2 and c.valid_to > $2) latest \
                  where place = 1"),
            &[unit.into(), day.into()],
        )
        .await?;
    let mut said = said;
    said.sort_by_key(|fact| fact.said.mark);
    Ok(said)
}

/// What counts on a day for everything below a place, by unit and mark.
pub async fn counting_below(
    tx: &mut Tx,
    place: &ScopePath,
    day: Day,
) -> Result<HashMap<(AreaId, Mark), ClassFact>, DbError> {
    let (from, until) = place.range();
    let facts: Vec<ClassFact> = tx
        .all(
            sql!("select id, unit, mark, class, valid_from, valid_to, instrument, confirmed, recorded_at from ( \
                  select c.id, c.unit, c.mark, c.class, c.valid_from, c.valid_to, c.instrument, c.confirmed, c.recorded_at, \
                  row_number() over (partition by c.unit, c.mark order by c.recorded_at desc, c.id desc) as place \
                  from areas_classes c join areas_facts f on f.unit = c.unit and f.superseded_at is null \
                  and f.valid_from <= $3 and f.valid_to > $3 \
                  where f.path >= $1 and f.path < $2 and c.valid_from <= $3 and c.valid_to > $3) latest \
                  where place = 1"),
            &[from.into(), until.into(), day.into()],
        )
        .await?;
    Ok(facts.into_iter().map(|fact| ((fact.unit.clone(), fact.said.mark), fact)).collect())
}

/// The communes that bear a class on a day within a place, in dictionary order.
pub async fn communes_in_class(
    tx: &mut Tx,
    class: Class,
    day: Day,
    within: &ScopePath,
) -> Result<Vec<Area>, DbError> {
    in_class(tx, class, AreaLevel::Commune, day, within).await
}

/// The villages that bear a class on a day within a place, in dictionary order.
pub async fn villages_in_class(
    tx: &mut Tx,
    class: Class,
    day: Day,
    within: &ScopePath,
) -> Result<Vec<Area>, DbError> {
    in_class(tx, class, AreaLevel::Village, day, within).await
}

async fn in_class(
    tx: &mut Tx,
    class: Class,
    level: AreaLevel,
    day: Day,
    within: &ScopePath,
) -> Result<Vec<Area>, DbError> {
    let (from, until) = within.range();
    tx.all(
        sql!("select f.unit, u.level, f.code, f.name, f.full_name, f.area_type, f.parent, f.path, f.valid_from, f.valid_to \
              from areas_facts f join areas_units u on u.id = f.unit \
              join (select c.unit, c.class, row_number() over (partition by c.unit order by c.recorded_at desc, c.id desc) as place \
              from areas_classes c where c.mark = $5 and c.valid_from <= $3 and c.valid_to > $3) latest \
              on latest.unit = f.unit and latest.place = 1 and latest.class = $6 \
              where f.superseded_at is null and f.valid_from <= $3 and f.valid_to > $3 and u.level = $4 \
              and f.path >= $1 and f.path < $2 order by f.name_sort, f.unit"),
        &[
            from.into(),
            until.into(),
            day.into(),
            level.into(),
            class.mark().into(),
            class.code().into(),
        ],
    )
    .await
}
