//! Writing the map: what a decree makes of it, and taking that back. Facts are only ever added; those that
//! no longer hold are marked with the turn that superseded them.

use std::collections::HashMap;

use kernel::{
    clock::Day,
    db::{DbError, FromRow, Row, Tx, Value},
    scope::ScopePath,
    sql,
    text::{fold, sort_key},
};

use crate::{
    model::{
        AreaId, AreaLevel,
        decree::{
            Decree, DecreeId,
            plan::Planned,
            world::{Changed, Piece},
        },
        plan::index_words,
    },
    store::{
        BATCH, kept, padded,
        write::{insert_all, insert_words},
    },
};

/// Writes a planned decree in a turn.
pub async fn apply(
    tx: &mut Tx,
    decree: &Decree,
    turn: i64,
    planned: &Planned,
) -> Result<(), DbError> {
    insert_events(tx, decree, planned).await?;
    let changes: Vec<Changed<'_>> = planned.world.changes().collect();
    keep_lives(tx, turn, &changes).await?;
    write_lives(tx, &changes).await?;
    let ids: Vec<&AreaId> = changes.iter().map(|change| change.id).collect();
    supersede(tx, &ids, decree.effective_on, turn).await?;
    let pieces: Vec<(&AreaId, &Piece)> = changes
        .iter()
        .flat_map(|change| change.unit.pieces.iter().map(|piece| (change.id, piece)))
        .filter(|(_, piece)| piece.until >= decree.effective_on)
        .collect();
    insert_pieces(tx, &pieces, turn, turn).await?;
    insert_transfers(tx, decree, planned).await?;
    kept::note_change(tx).await?;
    rebuild_words(tx, &ids).await
}

async fn insert_events(tx: &mut Tx, decree: &Decree, planned: &Planned) -> Result<(), DbError> {
    let now = tx.now();
    let status = if decree.confirmed { "confirmed" } else { "provisional" };
    let mut rows = Vec::with_capacity(planned.events.len());
    for event in &planned.events {
        let steps = serde_json::to_string(&event.steps);
        let steps = steps.map_err(|error| DbError::Engine(error.to_string()))?;
        rows.push(vec![
            (&event.id).into(),
            event.kind.code().into(),
            decree.instrument.as_str().into(),
            decree.decided_on.into(),
            decree.effective_on.into(),
            now.into(),
            status.into(),
            (&decree.id).into(),
            steps.into(),
        ]);
    }
    let head = "insert into areas_events (id, kind, instrument, decided_on, effective_on, recorded_at, status, decree, steps) values";
    let tail = "on conflict (id) do update set kind = excluded.kind, status = excluded.status, steps = excluded.steps";
    insert_all(tx, head, tail, &rows).await?;
    // What an earlier application of the same decree said goes with it.
    tx.run(
        sql!("delete from areas_transfers where event in (select id from areas_events where decree = $1)"),
        &[(&decree.id).into()],
    )
    .await?;
    Ok(())
}

async fn insert_transfers(tx: &mut Tx, decree: &Decree, planned: &Planned) -> Result<(), DbError> {
    let rows = planned.transfers.iter().map(|transfer| {
        vec![
            (&transfer.event).into(),
            (&transfer.from).into(),
            (&transfer.to).into(),
            transfer.whole.into(),
            transfer.weight.map(|weight| weight.num).into(),
            transfer.weight.map(|weight| weight.den).into(),
            transfer.basis.into(),
            decree.instrument.as_str().into(),
        ]
    });
    let head = "insert into areas_transfers (event, from_unit, to_unit, whole, weight_num, weight_den, basis, source) values";
    insert_all(tx, head, "", &rows.collect::<Vec<_>>()).await?;
    Ok(())
}

async fn keep_lives(tx: &mut Tx, turn: i64, changes: &[Changed<'_>]) -> Result<(), DbError> {
    let rows = changes.iter().map(|change| {
        vec![
            turn.into(),
            change.id.into(),
            change.unit.level.into(),
            change.minted.into(),
            change.before.born_on.into(),
            change.before.ended_on.into(),
            change.before.born_event.as_ref().into(),
            change.before.ended_event.as_ref().into(),
        ]
    });
    let head = "insert into areas_decree_units (turn, unit, level, minted, born_on, ended_on, born_event, ended_event) values";
    insert_all(tx, head, "", &rows.collect::<Vec<_>>()).await?;
    Ok(())
}

async fn write_lives(tx: &mut Tx, changes: &[Changed<'_>]) -> Result<(), DbError> {
    let anew = changes.iter().filter(|change| change.minted || change.before != change.unit.span);
    let rows = anew.map(|change| {
        let span = &change.unit.span;
        vec![
            change.id.into(),
            change.unit.level.into(),
            span.born_on.into(),
            span.ended_on.into(),
            span.born_event.as_ref().into(),
            span.ended_event.as_ref().into(),
        ]
    });
    let head =
        "insert into areas_units (id, level, born_on, ended_on, born_event, ended_event) values";
    let tail = "on conflict (id) do update set born_on = excluded.born_on, ended_on = excluded.ended_on, \
                born_event = excluded.born_event, ended_event = excluded.ended_event";
    insert_all(tx, head, tail, &rows.collect::<Vec<_>>()).await?;
    Ok(())
}

/// Marks what is said of units from a day on as no longer held.
async fn supersede(tx: &mut Tx, ids: &[&AreaId], day: Day, turn: i64) -> Result<(), DbError> {
    let now = tx.now();
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    for chunk in values.chunks(BATCH) {
        let head: [Value; 3] = [now.into(), turn.into(), day.into()];
        let values: Vec<Value> = head.into_iter().chain(padded(chunk, BATCH)).collect();
        tx.run(
            sql!("update areas_facts set superseded_at = $1, superseded_by = $2 \
                  where superseded_at is null and valid_to >= $3 and unit in ($4,$5,$6,$7,$8,$9,$10,$11,$12,$13,\
                  $14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27)"),
            &values,
        )
        .await?;
    }
    Ok(())
}

/// Writes facts as one turn's revision, in the name of a decree's turn.
async fn insert_pieces(
    tx: &mut Tx,
    pieces: &[(&AreaId, &Piece)],
    revision: i64,
    added_by: i64,
) -> Result<(), DbError> {
    let now = tx.now();
    let mut names: HashMap<&str, (String, String)> = HashMap::new();
    for (_, piece) in pieces {
        names.entry(&piece.name).or_insert_with(|| (fold(&piece.name), sort_key(&piece.name)));
    }
    let rows = pieces.iter().map(|(id, piece)| {
        let (folded, key) = &names[piece.name.as_str()];
        vec![
            (*id).into(),
            piece.from.into(),
            piece.until.into(),
            piece.code.as_deref().into(),
            piece.name.as_str().into(),
            piece.full_name().into(),
            piece.area_type.into(),
            piece.parent.as_ref().into(),
            (&piece.path).into(),
            folded.into(),
            key.into(),
            piece.context.as_str().into(),
            piece.event.as_ref().into(),
            piece.instrument.as_str().into(),
            now.into(),
            revision.into(),
            added_by.into(),
        ]
    });
    let head = "insert into areas_facts (unit, valid_from, valid_to, code, name, full_name, area_type, parent, path, \
                name_search, name_sort, context_search, event, instrument, recorded_at, revision, added_by) values";
    insert_all(tx, head, "", &rows.collect::<Vec<_>>()).await?;
    Ok(())
}

/// Says anew what holds of one unit from a day on, in the name of a decree's turn.
pub async fn write_pieces(
    tx: &mut Tx,
    unit: &AreaId,
    day: Day,
    pieces: &[Piece],
    (revision, added_by): (i64, i64),
) -> Result<(), DbError> {
    supersede(tx, &[unit], day, if added_by == 0 { revision } else { added_by }).await?;
    let pieces: Vec<(&AreaId, &Piece)> = pieces.iter().map(|piece| (unit, piece)).collect();
    insert_pieces(tx, &pieces, revision, added_by).await?;
    rebuild_words(tx, &[unit]).await
}

/// Takes back what a decree's turn made, in a turn of its own.
pub async fn take_back(
    tx: &mut Tx,
    id: &DecreeId,
    decree_turn: i64,
    turn: i64,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!(
            "update areas_facts set superseded_at = $1, superseded_by = $2 \
              where added_by = $3 and superseded_at is null"
        ),
        &[now.into(), turn.into(), decree_turn.into()],
    )
    .await?;
    // What held before holds again: as a new row, so that what was believed meanwhile stays on record.
    tx.run(
        sql!("insert into areas_facts (unit, valid_from, valid_to, code, name, full_name, area_type, parent, path, \
              name_search, name_sort, context_search, event, instrument, recorded_at, revision, added_by) \
              select unit, valid_from, valid_to, code, name, full_name, area_type, parent, path, name_search, \
              name_sort, context_search, event, instrument, $1, $2, added_by from areas_facts \
              where superseded_by = $3 and added_by <> $3"),
        &[now.into(), turn.into(), decree_turn.into()],
    )
    .await?;
    tx.run(
        sql!("insert into areas_units (id, level, born_on, ended_on, born_event, ended_event) \
              select unit, level, born_on, ended_on, born_event, ended_event from areas_decree_units \
              where turn = $1 on conflict (id) do update set born_on = excluded.born_on, \
              ended_on = excluded.ended_on, born_event = excluded.born_event, ended_event = excluded.ended_event"),
        &[decree_turn.into()],
    )
    .await?;
    tx.run(sql!("update areas_events set status = 'undone' where decree = $1"), &[id.into()])
        .await?;
    let touched: Vec<AreaId> = tx
        .all(
            sql!("select distinct unit as value from areas_facts where superseded_by = $1 or superseded_by = $2"),
            &[decree_turn.into(), turn.into()],
        )
        .await?
        .into_iter()
        .map(|text: String| kernel::ids::Id::from_text(text))
        .collect();
    kept::note_change(tx).await?;
    rebuild_words(tx, &touched.iter().collect::<Vec<_>>()).await
}

/// Forgets that others were told of a decree.
pub async fn forget_told(tx: &mut Tx, id: &DecreeId) -> Result<(), DbError> {
    tx.run(sql!("update areas_decrees set told_at = null where id = $1"), &[id.into()]).await?;
    Ok(())
}

/// A fact whose path no longer is that of its parent and its own id.
#[derive(Debug)]
pub struct Stray {
    /// About which unit.
    pub unit: AreaId,
    /// The fact, with the path that it should have.
    pub piece: Piece,
    /// Whose turn brought it.
    pub added_by: i64,
}

impl FromRow for Stray {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let unit: AreaId = row.get("unit")?;
        let above: ScopePath = row.get("above")?;
        let around: String = row.get("around")?;
        let over: String = row.get("over")?;
        let path = above.child(unit.as_str());
        Ok(Self {
            added_by: row.get("added_by")?,
            piece: Piece {
                from: row.get("valid_from")?,
                until: row.get("valid_to")?,
                code: row.get("code")?,
                name: row.get("name")?,
                area_type: row.get("area_type")?,
                parent: row.get("parent")?,
                path,
                context: format!("{} {around}", fold(&over)).trim().to_owned(),
                event: row.get("event")?,
                instrument: row.get("instrument")?,
            },
            unit,
        })
    }
}

/// Facts recorded between a decree and its undoing, below units whose paths went back: they follow.
/// Gives how many did; call it again until none does.
pub async fn note_strays(tx: &mut Tx, decree_turn: i64, turn: i64) -> Result<usize, DbError> {
    let strays: Vec<Stray> = tx
        .all(
            sql!("select f.unit, f.valid_from, f.valid_to, f.code, f.name, f.area_type, f.parent, f.event, \
                  f.instrument, f.added_by, p.path as above, p.context_search as around, p.full_name as over \
                  from areas_decree_units t join areas_facts f on f.parent = t.unit and f.superseded_at is null \
                  join areas_facts p on p.unit = t.unit and p.superseded_at is null \
                  and p.valid_from <= f.valid_from and p.valid_to > f.valid_from \
                  where t.turn = $1 and f.path <> p.path || f.unit || '/'"),
            &[decree_turn.into()],
        )
        .await?;
    for stray in &strays {
        let now = tx.now();
        tx.run(
            sql!(
                "update areas_facts set superseded_at = $1, superseded_by = $2 \
                  where unit = $3 and valid_from = $4 and superseded_at is null"
            ),
            &[now.into(), turn.into(), (&stray.unit).into(), stray.piece.from.into()],
        )
        .await?;
        insert_pieces(tx, &[(&stray.unit, &stray.piece)], turn, stray.added_by).await?;
    }
    if !strays.is_empty() {
        kept::note_change(tx).await?;
    }
    Ok(strays.len())
}

struct Word {
    unit: AreaId,
    level: AreaLevel,
    from: Day,
    until: Day,
    name: String,
}

impl FromRow for Word {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            unit: row.get("unit")?,
            level: row.get("level")?,
            from: row.get("valid_from")?,
            until: row.get("valid_to")?,
            name: row.get("name_search")?,
        })
    }
}

/// Makes the index of words of some units agree with their facts.
async fn rebuild_words(tx: &mut Tx, ids: &[&AreaId]) -> Result<(), DbError> {
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    for chunk in values.chunks(BATCH) {
        let values: Vec<Value> = padded(chunk, BATCH).collect();
        tx.run(
            sql!("delete from areas_words where unit in ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,\
                  $18,$19,$20,$21,$22,$23,$24)"),
            &values,
        )
        .await?;
        let words: Vec<Word> = tx
            .all(
                sql!("select f.unit, u.level, f.valid_from, f.valid_to, f.name_search from areas_facts f \
                      join areas_units u on u.id = f.unit where f.superseded_at is null and u.level <> 'country' \
                      and f.unit in ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,\
                      $18,$19,$20,$21,$22,$23,$24)"),
                &values,
            )
            .await?;
        let rows = words.iter().flat_map(|word| {
            index_words(&word.name).map(move |(text, whole)| {
                vec![
                    text.into(),
                    (&word.unit).into(),
                    word.from.into(),
                    word.until.into(),
                    whole.into(),
                    word.level.into(),
                ]
            })
        });
        insert_words(tx, &rows.collect::<Vec<_>>()).await?;
    }
    Ok(())
}
