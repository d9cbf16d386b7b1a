//! Everything under a place at once, for whoever would otherwise ask once for every commune of the country.

use std::collections::HashMap;

use kernel::{
    clock::Day,
    db::{DbError, Tx},
    scope::ScopePath,
    sql,
};

use super::Counted;
use crate::model::{Area, AreaId, AreaLevel, Population};

/// The units of one rung under a path on a day, the one that hangs there included, by path.
pub async fn below(
    tx: &mut Tx,
    scope: &ScopePath,
    level: AreaLevel,
    day: Day,
) -> Result<Vec<Area>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        facts!(
            "and u.level = $1 and f.path >= $2 and f.path < $3 and f.valid_from <= $4 and f.valid_to > $4 \
             order by f.path, f.unit"
        ),
        &[level.code().into(), low.into(), high.into(), day.into()],
    )
    .await
}

/// The latest head counts on or before a day of everything under a path, by unit; see [`population`](super::population).
pub async fn populations_under(
    tx: &mut Tx,
    scope: &ScopePath,
    day: Day,
) -> Result<HashMap<AreaId, Population>, DbError> {
    let (low, high) = scope.range();
    let rows: Vec<Counted> = tx
        .all(
            sql!("select unit, people, households, on_day, source from ( \
                  select p.unit, p.people, p.households, p.on_day, p.source, row_number() over ( \
                  partition by p.unit order by p.on_day desc, p.recorded_at desc, p.id desc) as place \
                  from areas_populations p where p.on_day <= $1 and p.unit in ( \
                  select f.unit from areas_facts f where f.path >= $2 and f.path < $3 \
                  and f.superseded_at is null)) latest where place = 1"),
            &[day.into(), low.into(), high.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|Counted(unit, population)| (unit, population)).collect())
}
