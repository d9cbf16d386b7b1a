//! What is written: the shipped country in bulk, and the villages and head counts of communes.

use std::collections::HashMap;

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    scope::ScopePath,
    sql,
    text::{fold, sort_key},
};

use super::kept;
use crate::model::{
    Area, AreaId, AreaLevel, PopulationId,
    plan::{Plan, PlannedFact, index_words},
    village::{Count, Village},
};

/// The frames that are loaded, by id.
pub async fn loaded_frames(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    tx.all(sql!("select id as value from areas_frames order by id"), &[]).await
}

/// Writes a whole plan; false when another process has written it meanwhile.
pub async fn insert_plan(tx: &mut Tx, plan: &Plan) -> Result<bool, DbError> {
    let now = tx.now();
    // The frames first: whoever comes second waits here for the first to commit, and then has nothing to do.
    if insert_frames(tx, plan, now).await? == 0 {
        return Ok(false);
    }
    insert_events(tx, plan, now).await?;
    insert_units(tx, plan).await?;
    insert_facts(tx, &plan.facts, now).await?;
    insert_transfers(tx, plan).await?;
    kept::note_change(tx).await?;
    // A fresh index has no statistics: without them PostgreSQL reads whole tables for a day or so.
    tx.run(sql!("analyze areas_words"), &[]).await?;
    tx.run(sql!("analyze areas_facts"), &[]).await?;
    Ok(true)
}

/// Inserts in small statements: SQLite looks every `$n` up among all the others of its statement, so that
/// the time for one statement grows with the square of its length.
pub(super) async fn insert_all(
    tx: &mut Tx,
    head: &'static str,
    tail: &'static str,
    rows: &[Vec<Value>],
) -> Result<u64, DbError> {
    const VALUES_MAX: usize = 300;
    let width = rows.first().map_or(1, Vec::len);
    let mut touched = 0;
    for some in rows.chunks((VALUES_MAX / width).max(1)) {
        touched += tx.insert_many(head, tail, some).await?;
    }
    Ok(touched)
}

async fn insert_frames(tx: &mut Tx, plan: &Plan, now: Timestamp) -> Result<u64, DbError> {
    let rows = plan.frames.iter().map(|frame| {
        vec![
            frame.id.into(),
            frame.label.into(),
            frame.as_of.into(),
            frame.source.into(),
            frame.communes.into(),
            now.into(),
        ]
    });
    let head = "insert into areas_frames (id, label, as_of, source, communes, loaded_at) values";
    insert_all(tx, head, "on conflict do nothing", &rows.collect::<Vec<_>>()).await
}

async fn insert_events(tx: &mut Tx, plan: &Plan, now: Timestamp) -> Result<u64, DbError> {
    let rows = plan.events.iter().map(|event| {
        vec![
            (&event.id).into(),
            event.kind.code().into(),
            event.instrument.into(),
            event.decided_on.into(),
            event.effective_on.into(),
            now.into(),
            if event.confirmed { "confirmed" } else { "provisional" }.into(),
        ]
    });
    let head = "insert into areas_events (id, kind, instrument, decided_on, effective_on, recorded_at, status) values";
    insert_all(tx, head, "", &rows.collect::<Vec<_>>()).await
}

async fn insert_units(tx: &mut Tx, plan: &Plan) -> Result<u64, DbError> {
    let rows = plan.units.iter().map(|unit| {
        vec![
            (&unit.id).into(),
            unit.level.into(),
            unit.born_on.into(),
            unit.ended_on.into(),
            unit.born_event.as_ref().into(),
            unit.ended_event.as_ref().into(),
        ]
    });
    let head =
        "insert into areas_units (id, level, born_on, ended_on, born_event, ended_event) values";
    insert_all(tx, head, "", &rows.collect::<Vec<_>>()).await
}

async fn insert_facts(tx: &mut Tx, facts: &[PlannedFact], now: Timestamp) -> Result<(), DbError> {
    // Many units share a name; folding each once saves half of the work.
    let mut names: HashMap<&str, (String, String)> = HashMap::new();
    for fact in facts {
        names.entry(&fact.name).or_insert_with(|| (fold(&fact.name), sort_key(&fact.name)));
    }
    let rows = facts.iter().map(|fact| {
        let (folded, key) = &names[fact.name.as_str()];
        vec![
            (&fact.unit).into(),
            fact.from.into(),
            fact.until.into(),
            fact.code.as_deref().into(),
            fact.name.as_str().into(),
            fact.full_name().into(),
            fact.area_type.into(),
            fact.parent.as_ref().into(),
            (&fact.path).into(),
            folded.into(),
            key.into(),
            fact.context.as_str().into(),
            fact.event.as_ref().into(),
            fact.instrument.into(),
            now.into(),
        ]
    });
    let head = "insert into areas_facts (unit, valid_from, valid_to, code, name, full_name, area_type, \
                parent, path, name_search, name_sort, context_search, event, instrument, recorded_at) values";
    insert_all(tx, head, "", &rows.collect::<Vec<_>>()).await?;
    let indexed = facts.iter().filter(|fact| fact.level != AreaLevel::Country);
    let mut words: Vec<(&str, &PlannedFact, bool)> = indexed
        .flat_map(|fact| {
            index_words(&names[fact.name.as_str()].0).map(move |(word, whole)| (word, fact, whole))
        })
        .collect();
    // In the order of the index, so that its pages fill up one after the other.
    words.sort_unstable_by_key(|(word, fact, _)| (*word, &fact.unit, fact.from));
    let rows = words.into_iter().map(|(word, fact, whole)| {
        vec![
            word.into(),
            (&fact.unit).into(),
            fact.from.into(),
            fact.until.into(),
            whole.into(),
            fact.level.into(),
        ]
    });
    insert_words(tx, &rows.collect::<Vec<_>>()).await
}

pub(super) async fn insert_words(tx: &mut Tx, rows: &[Vec<Value>]) -> Result<(), DbError> {
    let head = "insert into areas_words (word, unit, valid_from, valid_to, whole, level) values";
    insert_all(tx, head, "on conflict do nothing", rows).await?;
    Ok(())
}

async fn insert_transfers(tx: &mut Tx, plan: &Plan) -> Result<u64, DbError> {
    let rows = plan.transfers.iter().map(|transfer| {
        let weight = transfer.whole.then_some(1_i64);
        vec![
            (&transfer.event).into(),
            (&transfer.from).into(),
            (&transfer.to).into(),
            transfer.whole.into(),
            weight.into(),
            weight.into(),
            "Bảng chuyển đổi mã đơn vị hành chính (Cục Thống kê)".into(),
        ]
    });
    let head = "insert into areas_transfers (event, from_unit, to_unit, whole, weight_num, weight_den, source) values";
    insert_all(tx, head, "", &rows.collect::<Vec<_>>()).await
}

/// Writes a village below its commune; false when it is already there.
pub async fn insert_village(
    tx: &mut Tx,
    id: &AreaId,
    commune: &Area,
    village: &Village,
    context: &str,
) -> Result<bool, DbError> {
    let path: ScopePath = commune.path.child(id.as_str());
    let (from, until) = (commune.from, Day::FOREVER);
    let fresh = tx
        .run(
            sql!("insert into areas_units (id, level, born_on, ended_on) values ($1, 'village', $2, $3) \
                  on conflict (id) do nothing"),
            &[id.into(), from.into(), until.into()],
        )
        .await?;
    if fresh == 0 {
        return Ok(false);
    }
    let now = tx.now();
    tx.run(
        sql!("insert into areas_facts (unit, valid_from, valid_to, name, full_name, area_type, parent, path, \
              name_search, name_sort, context_search, instrument, recorded_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12)"),
        &[
            id.into(),
            from.into(),
            until.into(),
            village.name.as_str().into(),
            village.kind.full_name(&village.name).into(),
            village.kind.into(),
            (&commune.id).into(),
            (&path).into(),
            fold(&village.name).into(),
            sort_key(&village.name).into(),
            context.into(),
            now.into(),
        ],
    )
    .await?;
    let folded = fold(&village.name);
    let words = index_words(&folded).map(|(word, whole)| {
        vec![
            word.into(),
            id.into(),
            from.into(),
            until.into(),
            whole.into(),
            AreaLevel::Village.into(),
        ]
    });
    insert_words(tx, &words.collect::<Vec<_>>()).await?;
    Ok(true)
}

/// Writes a head count; false when it is already there.
pub async fn insert_population(
    tx: &mut Tx,
    id: &PopulationId,
    area: &AreaId,
    count: &Count,
    recorded_at: Timestamp,
    recorded_by: &str,
) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into areas_populations (id, unit, on_day, people, households, source, recorded_at, recorded_by) \
                  values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing"),
            &[
                id.into(),
                area.into(),
                count.on.into(),
                count.people.into(),
                count.households.into(),
                count.source.as_str().into(),
                recorded_at.into(),
                recorded_by.into(),
            ],
        )
        .await?;
    kept::note_count(tx, area).await?;
    Ok(fresh == 1)
}
