//! All SQL of decrees but writing the map itself (`write`) and comparing it (`state`): the decrees, who did
//! what with them, the map they meet, and what stands on what they made.

mod state;
mod world;
mod write;

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct, sql,
};

pub use state::{find_as_known, state_hash};
pub use world::{load as load_world, load_village};
pub use write::{apply, forget_told, note_strays, take_back, write_pieces};

use crate::model::{
    AreaEventId, AreaId, EventKind,
    decree::{Act, Decree, DecreeId, DecreeStatus, Heading},
};

/// Units that began on a day and of which a decree in force says what became of them, by id.
pub async fn joined(tx: &mut Tx, born_on: Day) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!("select distinct t.from_unit as value from areas_transfers t join areas_events e on e.id = t.event \
              join areas_units u on u.id = t.from_unit where e.status <> 'undone' and u.born_on = $1"),
        &[born_on.into()],
    )
    .await
}

/// Waits until nobody else changes the map, and gives the number of this turn.
pub async fn turn(tx: &mut Tx) -> Result<i64, DbError> {
    tx.one(sql!("update areas_gate set turn = turn + 1 where id = 1 returning turn as value"), &[])
        .await
}

macro_rules! decrees {
    ($rest:literal) => {
        sql!(concat!(
            "select id, instrument, decided_on, effective_on, recorded_at, recorded_by, status, confirmed, \
             file_name, content_hash, row_count, round, turn, told_at from areas_decrees ",
            $rest
        ))
    };
}

/// A decree.
pub async fn find(tx: &mut Tx, id: &DecreeId) -> Result<Option<Decree>, DbError> {
    tx.maybe(decrees!("where id = $1"), &[id.into()]).await
}

/// Decrees, the latest first.
pub async fn list(tx: &mut Tx, limit: usize) -> Result<Vec<Decree>, DbError> {
    tx.all(
        decrees!("order by effective_on desc, recorded_at desc, id desc limit $1"),
        &[limit.into()],
    )
    .await
}

/// The packed table of a decree.
pub async fn content(tx: &mut Tx, id: &DecreeId) -> Result<Option<Vec<u8>>, DbError> {
    tx.maybe(sql!("select content as value from areas_decrees where id = $1"), &[id.into()]).await
}

/// What a decree is kept with.
pub struct Kept<'k> {
    /// Its words.
    pub heading: &'k Heading,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// By whom.
    pub recorded_by: &'k str,
    /// Checked against the instrument.
    pub confirmed: bool,
    /// The packed table.
    pub content: &'k [u8],
    /// Its hash.
    pub content_hash: &'k str,
    /// Rows in it.
    pub row_count: usize,
}

/// Keeps a decree as a draft; one that is known already stays as it is.
pub async fn insert(tx: &mut Tx, id: &DecreeId, kept: &Kept<'_>) -> Result<(), DbError> {
    tx.run(
        sql!("insert into areas_decrees (id, instrument, decided_on, effective_on, recorded_at, recorded_by, status, \
              confirmed, file_name, content, content_hash, row_count, round, turn) \
              values ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, $10, $11, 0, 0) on conflict (id) do nothing"),
        &[
            id.into(),
            kept.heading.instrument.as_str().into(),
            kept.heading.decided_on.into(),
            kept.heading.effective_on.into(),
            kept.recorded_at.into(),
            kept.recorded_by.into(),
            kept.confirmed.into(),
            kept.heading.file_name.as_str().into(),
            kept.content.into(),
            kept.content_hash.into(),
            kept.row_count.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Forgets a draft with its table.
pub async fn remove_draft(tx: &mut Tx, id: &DecreeId) -> Result<(), DbError> {
    tx.run(sql!("delete from areas_acts where decree = $1"), &[id.into()]).await?;
    tx.run(sql!("delete from areas_decrees where id = $1 and status = 'draft'"), &[id.into()])
        .await?;
    Ok(())
}

/// Notes where a decree stands.
pub async fn stand(tx: &mut Tx, id: &DecreeId, status: DecreeStatus) -> Result<(), DbError> {
    tx.run(
        sql!("update areas_decrees set status = $2 where id = $1"),
        &[id.into(), status.code().into()],
    )
    .await?;
    Ok(())
}

/// Notes that a decree was applied in a turn.
pub async fn note_applied(
    tx: &mut Tx,
    id: &DecreeId,
    round: i64,
    turn: i64,
) -> Result<(), DbError> {
    tx.run(
        sql!("update areas_decrees set status = 'applied', round = $2, turn = $3, told_at = null where id = $1"),
        &[id.into(), round.into(), turn.into()],
    )
    .await?;
    Ok(())
}

/// Notes that the decree and its events were checked against the instrument.
pub async fn confirm(tx: &mut Tx, id: &DecreeId) -> Result<(), DbError> {
    tx.run(
        sql!("update areas_decrees set confirmed = $2 where id = $1"),
        &[id.into(), true.into()],
    )
    .await?;
    tx.run(
        sql!("update areas_events set status = 'confirmed' where decree = $1 and status = 'provisional'"),
        &[id.into()],
    )
    .await?;
    super::kept::note_change(tx).await?;
    Ok(())
}

/// Notes who did what.
pub async fn note_act(
    tx: &mut Tx,
    turn: i64,
    decree: Option<&DecreeId>,
    what: &'static str,
    by: &str,
) -> Result<(), DbError> {
    let at = tx.now();
    tx.run(
        sql!(
            "insert into areas_acts (turn, decree, what, at, by_whom) values ($1, $2, $3, $4, $5)"
        ),
        &[turn.into(), decree.into(), what.into(), at.into(), by.into()],
    )
    .await?;
    Ok(())
}

/// Everything done with a decree, the latest first.
pub async fn acts(tx: &mut Tx, id: &DecreeId) -> Result<Vec<Act>, DbError> {
    tx.all(
        sql!("select what, at, by_whom from areas_acts where decree = $1 order by turn desc limit 100"),
        &[id.into()],
    )
    .await
}

row_struct! {
    /// An event of a decree.
    #[derive(Clone, Debug)]
    pub struct EventLine {
        /// Which.
        pub id: AreaEventId,
        /// What happens.
        pub kind: EventKind,
        /// What others are told, as JSON.
        pub steps: Option<String>,
    }

    /// A transfer of an event.
    #[derive(Clone, Debug)]
    pub struct TransferLine {
        /// In which event.
        pub event: AreaEventId,
        /// From where.
        pub from_unit: AreaId,
        /// To where.
        pub to_unit: AreaId,
        /// All of it.
        pub whole: bool,
    }
}

/// The events of a decree that are in force.
pub async fn events(tx: &mut Tx, id: &DecreeId) -> Result<Vec<EventLine>, DbError> {
    tx.all(
        sql!("select id, kind, steps from areas_events where decree = $1 and status <> 'undone' order by length(id), id"),
        &[id.into()],
    )
    .await
}

/// The transfers of the first events of a decree, for showing them.
pub async fn transfers(
    tx: &mut Tx,
    id: &DecreeId,
    limit: usize,
) -> Result<Vec<TransferLine>, DbError> {
    tx.all(
        sql!(
            "select t.event, t.from_unit, t.to_unit, t.whole from areas_transfers t \
              join areas_events e on e.id = t.event where e.decree = $1 and e.status <> 'undone' \
              order by length(e.id), e.id, t.from_unit, t.to_unit limit $2"
        ),
        &[id.into(), limit.into()],
    )
    .await
}

/// Notes that others were told; false when they had been told already, or the turn is no longer the
/// decree's.
pub async fn note_told(tx: &mut Tx, id: &DecreeId, turn: i64) -> Result<bool, DbError> {
    let now = tx.now();
    let noted = tx
        .run(
            sql!("update areas_decrees set told_at = $3 where id = $1 and turn = $2 and status = 'applied' \
                  and told_at is null"),
            &[id.into(), turn.into(), now.into()],
        )
        .await?;
    Ok(noted == 1)
}

row_struct! {
    /// Something that stands on what a decree made.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Standing {
        /// `decree`, `village` or `population`.
        pub what: String,
        /// The later decree's citation, or the unit's full name.
        pub name: String,
    }
}

/// What keeps a decree from being undone, at most a few of each kind.
pub async fn standing_on(tx: &mut Tx, id: &DecreeId, turn: i64) -> Result<Vec<Standing>, DbError> {
    // A later decree cut, moved or ended something that this one wrote, or hung something below it.
    let mut found: Vec<Standing> = tx
        .all(
            sql!("select distinct 'decree' as what, d.instrument as name from areas_decrees d \
                  where d.status = 'applied' and d.id <> $1 and d.turn > 0 and ( \
                  exists (select 1 from areas_facts f where f.added_by = $2 and f.superseded_by = d.turn) \
                  or exists (select 1 from areas_facts f join areas_decree_units u on u.unit = f.parent \
                  where u.turn = $2 and f.added_by = d.turn and d.turn > $2 and f.superseded_at is null)) \
                  order by name limit 5"),
            &[id.into(), turn.into()],
        )
        .await?;
    found.extend(
        tx.all::<Standing>(
            sql!("select 'village' as what, f.full_name as name from areas_facts f \
                  join areas_units v on v.id = f.unit and v.level = 'village' \
                  join areas_decree_units u on u.unit = f.parent and u.turn = $1 and u.minted \
                  where f.added_by <> $1 and f.superseded_at is null order by f.name_sort, f.unit limit 5"),
            &[turn.into()],
        )
        .await?,
    );
    found.extend(
        tx.all::<Standing>(
            sql!("select distinct 'population' as what, f.full_name as name from areas_populations p \
                  join areas_decree_units u on u.unit = p.unit and u.turn = $1 and u.minted \
                  join areas_facts f on f.unit = p.unit and f.superseded_at is null order by name limit 5"),
            &[turn.into()],
        )
        .await?,
    );
    Ok(found)
}

/// Keeps a part that arrived; gives all parts in order once the last is here.
pub async fn keep_part(
    tx: &mut Tx,
    id: &DecreeId,
    (round, part, total): (u32, u32, u32),
    body: &[u8],
) -> Result<Option<Vec<Vec<u8>>>, DbError> {
    tx.run(
        sql!("insert into areas_decree_parts (decree, round, part, total, body) values ($1, $2, $3, $4, $5) \
              on conflict do nothing"),
        &[id.into(), round.into(), part.into(), total.into(), body.into()],
    )
    .await?;
    let count: i64 = tx
        .one(
            sql!("select count(*) as value from areas_decree_parts where decree = $1 and round = $2 and total = $3"),
            &[id.into(), round.into(), total.into()],
        )
        .await?;
    if count < i64::from(total) {
        return Ok(None);
    }
    let parts = tx
        .all(
            sql!("select body as value from areas_decree_parts where decree = $1 and round = $2 and total = $3 order by part"),
            &[id.into(), round.into(), total.into()],
        )
        .await?;
    tx.run(
        sql!("delete from areas_decree_parts where decree = $1 and round <= $2"),
        &[id.into(), round.into()],
    )
    .await?;
    Ok(Some(parts))
}

/// The decree by whose event a unit ended, with the day.
pub async fn ended_by(tx: &mut Tx, unit: &AreaId) -> Result<Option<(DecreeId, i64, Day)>, DbError> {
    let found: Option<Ended> = tx
        .maybe(
            sql!("select d.id, d.turn, u.ended_on from areas_units u join areas_events e on e.id = u.ended_event \
                  join areas_decrees d on d.id = e.decree where u.id = $1 and d.status = 'applied'"),
            &[unit.into()],
        )
        .await?;
    Ok(found.map(|ended| (ended.id, ended.turn, ended.ended_on)))
}

row_struct! {
    struct Ended {
        id: DecreeId,
        turn: i64,
        ended_on: Day,
    }
}
