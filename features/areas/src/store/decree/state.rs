//! Comparing the map with itself at another time: its fingerprint, and what was believed on a day.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    sql,
};

use crate::model::{Area, AreaId};

/// The facts of a day as they were known at an instant: a decree recorded later changes what holds,
/// not what was believed.
pub async fn find_as_known(
    tx: &mut Tx,
    id: &AreaId,
    valid_day: Day,
    known_at: Timestamp,
) -> Result<Option<Area>, DbError> {
    tx.maybe(
        sql!("select f.unit, u.level, f.code, f.name, f.full_name, f.area_type, f.parent, f.path, f.valid_from, f.valid_to \
              from areas_facts f join areas_units u on u.id = f.unit \
              where f.unit = $1 and f.valid_from <= $2 and f.valid_to > $2 and f.recorded_at <= $3 \
              and (f.superseded_at is null or f.superseded_at > $3) order by f.revision desc limit 1"),
        &[id.into(), valid_day.into(), known_at.into()],
    )
    .await
}

/// A fingerprint of the map: what is said of every unit, their lives, what went where, the index of words.
/// Equal fingerprints mean equal answers. When and in which turn something was written is left out.
pub async fn state_hash(tx: &mut Tx) -> Result<String, DbError> {
    let mut hasher = blake3::Hasher::new();
    let facts: Vec<String> = tx
        .all(
            sql!("select unit || '|' || valid_from || '|' || valid_to || '|' || coalesce(code, '') || '|' || name || '|' || \
                  full_name || '|' || area_type || '|' || coalesce(parent, '') || '|' || path || '|' || name_search || '|' || \
                  name_sort || '|' || context_search || '|' || coalesce(event, '') || '|' || instrument as value \
                  from areas_facts where superseded_at is null order by unit, valid_from"),
            &[],
        )
        .await?;
    add(&mut hasher, "facts", &facts);
    let lives: Vec<String> = tx
        .all(
            sql!("select id || '|' || level || '|' || born_on || '|' || ended_on || '|' || coalesce(born_event, '') || '|' || \
                  coalesce(ended_event, '') as value from areas_units u where exists ( \
                  select 1 from areas_facts f where f.unit = u.id and f.superseded_at is null) order by id"),
            &[],
        )
        .await?;
    add(&mut hasher, "lives", &lives);
    let transfers: Vec<String> = tx
        .all(
            sql!("select t.event || '|' || e.kind || '|' || e.status || '|' || t.from_unit || '|' || t.to_unit || '|' || \
                  case when t.whole then 'w' else 'p' end || '|' || coalesce(cast(t.weight_num as text), '') || '/' || \
                  coalesce(cast(t.weight_den as text), '') || '|' || coalesce(t.basis, '') as value \
                  from areas_transfers t join areas_events e on e.id = t.event where e.status <> 'undone' \
                  order by t.event, t.from_unit, t.to_unit"),
            &[],
        )
        .await?;
    add(&mut hasher, "transfers", &transfers);
    let words: Vec<String> = tx
        .all(
            sql!(
                "select word || '|' || unit || '|' || valid_from || '|' || valid_to || '|' || \
                  case when whole then 'w' else 'p' end || '|' || level as value \
                  from areas_words order by word, unit, valid_from"
            ),
            &[],
        )
        .await?;
    add(&mut hasher, "words", &words);
    Ok(hasher.finalize().to_hex().to_string())
}

fn add(hasher: &mut blake3::Hasher, what: &str, rows: &[String]) {
    hasher.update(what.as_bytes());
    for row in rows {
        hasher.update(row.as_bytes());
        hasher.update(b"\n");
    }
}
