//! Statements about what was told of the map's changes, and about the questions that follow from them.

use std::sync::Arc;

use kernel::{
    clock::Day,
    db::{DbError, FromRow, Row, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{
    AreaEventId, AreaId,
    question::{Asked, Question, QuestionId, Steps, Told, common},
    succession::{Heir, Step},
};

/// Under which name the process keeps the steps.
const KEPT_STEPS: &str = "areas.steps";

impl FromRow for Told {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let unit: String = row.get("heir_unit")?;
        let path: String = row.get("heir_path")?;
        let heir = AreaId::parse(&unit).zip(ScopePath::parse(&path));
        Ok(Self {
            event: row.get("event")?,
            order: row.get("told")?,
            from: row.get("from_path")?,
            heir: heir.filter(|_| !path.is_empty()).map(|(unit, path)| Heir { unit, path }),
        })
    }
}

impl FromRow for Asked {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let heirs: String = row.get("heirs")?;
        let heirs = serde_json::from_str(&heirs)
            .map_err(|error| DbError::unreadable("heirs", error.to_string()))?;
        Ok(Self {
            id: row.get("id")?,
            event: row.get("event")?,
            kind: row.get("kind")?,
            subject: row.get("subject")?,
            label: row.get("label")?,
            detail: row.get("detail")?,
            from: row.get("from_unit")?,
            from_path: row.get("from_path")?,
            heirs,
            is_note: row.get("is_note")?,
            asked_at: row.get("asked_at")?,
            answered_at: row.get("answered_at")?,
            answered_name: row.get("answered_name")?,
            answer: row.get("answer")?,
        })
    }
}

row_struct! {
    /// A village that lay under a path.
    pub struct VillageRow {
        pub unit: AreaId,
        pub path: ScopePath,
        pub full_name: String,
    }
}

/// Writes steps down, after everything that was told before. Steps that stand already are left alone;
/// gives those that are new.
pub async fn tell(
    tx: &mut Tx,
    event: &AreaEventId,
    instrument: &str,
    effective_on: Day,
    steps: &[Step],
) -> Result<Vec<Step>, DbError> {
    let last: i64 = tx
        .one(sql!("select cast(coalesce(max(told), 0) as bigint) as value from areas_steps"), &[])
        .await?;
    let mut new = Vec::new();
    for step in steps {
        let known: i64 = tx
            .one(
                // A decree tells a commune's step with its province's event and with its own.
                sql!(
                    "select count(*) as value from areas_steps \
                     where from_path = $2 and (event = $1 or effective_on = $3)"
                ),
                &[event.into(), (&step.from_path).into(), effective_on.into()],
            )
            .await?;
        if known > 0 {
            continue;
        }
        let mut ends: Vec<(&str, &str)> =
            step.heirs.iter().map(|heir| (heir.unit.as_str(), heir.path.as_str())).collect();
        if ends.is_empty() {
            ends.push(("", ""));
        }
        for (unit, path) in ends {
            tx.run(
                sql!("insert into areas_steps (event, told, from_path, from_unit, heir_unit, heir_path, effective_on, instrument) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8)"),
                &[
                    event.into(),
                    (last + 1).into(),
                    (&step.from_path).into(),
                    (&step.from).into(),
                    unit.into(),
                    path.into(),
                    effective_on.into(),
                    instrument.into(),
                ],
            )
            .await?;
        }
        new.push(step.clone());
    }
    if !new.is_empty() {
        draw_version(tx).await?;
    }
    Ok(new)
}

/// True when the event is on the map, told or not.
pub async fn is_event(tx: &mut Tx, event: &AreaEventId) -> Result<bool, DbError> {
    let found: i64 = tx
        .one(
            sql!("select count(*) as value from areas_events where id = $1 and status <> 'undone'"),
            &[event.into()],
        )
        .await?;
    Ok(found > 0)
}

/// The day and the instrument of an event that was told; none when it was not.
pub async fn told_of(tx: &mut Tx, event: &AreaEventId) -> Result<Option<(Day, String)>, DbError> {
    let row: Option<OfEvent> = tx
        .maybe(
            sql!("select effective_on, instrument from areas_steps where event = $1 order by told limit 1"),
            &[event.into()],
        )
        .await?;
    Ok(row.map(|row| (row.effective_on, row.instrument)))
}

row_struct! {
    struct OfEvent {
        effective_on: Day,
        instrument: String,
    }
}

/// The steps are not the same any more. By chance and not by counting: a transaction that fails must not leave
/// its number to another.
async fn draw_version(tx: &mut Tx) -> Result<(), DbError> {
    let version = tx.chance().token();
    tx.run(sql!("update areas_steps_version set version = $1 where id = 1"), &[version.into()])
        .await?;
    Ok(())
}

/// Everything that was told; from memory, while nothing new was told.
pub async fn steps(tx: &mut Tx) -> Result<Steps, DbError> {
    let version: String =
        tx.one(sql!("select version as value from areas_steps_version where id = 1"), &[]).await?;
    if let Some(steps) = tx.kept::<Steps>(KEPT_STEPS, &version) {
        return Ok((*steps).clone());
    }
    let steps = read_steps(tx).await?;
    tx.keep(KEPT_STEPS, version, Arc::new(steps.clone()));
    Ok(steps)
}

async fn read_steps(tx: &mut Tx) -> Result<Steps, DbError> {
    let told = tx
        .all(
            sql!(
                "select event, told, from_path, heir_unit, heir_path from areas_steps order by told"
            ),
            &[],
        )
        .await?;
    Ok(Steps::new(told))
}

/// Takes an event back: its steps and its questions, answered or not.
pub async fn forget(tx: &mut Tx, event: &AreaEventId) -> Result<(), DbError> {
    tx.run(sql!("delete from areas_steps where event = $1"), &[event.into()]).await?;
    draw_version(tx).await?;
    tx.run(sql!("delete from areas_questions where event = $1"), &[event.into()]).await?;
    Ok(())
}

/// The villages below a path, in dictionary order, whatever the day.
pub async fn villages_below(tx: &mut Tx, path: &ScopePath) -> Result<Vec<VillageRow>, DbError> {
    let (low, high) = path.range();
    tx.all(
        sql!("select f.unit, f.path, f.full_name from areas_facts f join areas_units u on u.id = f.unit \
              where u.level = 'village' and f.superseded_at is null and f.valid_to = '9999-12-31' \
              and f.path >= $1 and f.path < $2 \
              order by f.name_sort, f.unit"),
        &[low.into(), high.into()],
    )
    .await
}

/// Asks; asking the same again changes nothing.
pub async fn ask(tx: &mut Tx, question: &Question) -> Result<bool, DbError> {
    let id: QuestionId = tx.new_id();
    let heirs = serde_json::to_string(&question.heirs)
        .map_err(|error| DbError::unreadable("heirs", error.to_string()))?;
    let places: Vec<ScopePath> = question.heirs.iter().map(|heir| heir.path.clone()).collect();
    let place = common(&places);
    let fresh = tx
        .run(
            sql!("insert into areas_questions (id, event, kind, subject, label, detail, from_unit, from_path, heirs, \
                  place, is_note, asked_at, answer) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '') \
                  on conflict (event, kind, subject) do nothing"),
            &[
                (&id).into(),
                (&question.event).into(),
                question.kind.into(),
                (&question.subject).into(),
                (&question.label).into(),
                (&question.detail).into(),
                (&question.from).into(),
                (&question.from_path).into(),
                heirs.into(),
                (&place).into(),
                question.is_note.into(),
                tx.now().into(),
            ],
        )
        .await?;
    Ok(fresh == 1)
}

macro_rules! asked {
    ($rest:literal) => {
        sql!(concat!(
            "select id, event, kind, subject, label, detail, from_unit, from_path, heirs, is_note, asked_at, \
             answered_at, answered_name, answer from areas_questions ",
            $rest
        ))
    };
}

/// One question.
pub async fn find(tx: &mut Tx, id: &QuestionId) -> Result<Option<Asked>, DbError> {
    tx.maybe(asked!("where id = $1"), &[id.into()]).await
}

/// Open questions, the oldest first.
pub async fn open(tx: &mut Tx) -> Result<Vec<Asked>, DbError> {
    tx.all(asked!("where answered_at is null order by asked_at, kind, label, id limit 2000"), &[])
        .await
}

/// How many questions are open whose every heir lies under a path.
pub async fn open_under(tx: &mut Tx, path: &ScopePath) -> Result<i64, DbError> {
    let (low, high) = path.range();
    tx.one(
        sql!("select count(*) as value from areas_questions where answered_at is null and place >= $1 and place < $2"),
        &[low.into(), high.into()],
    )
    .await
}

/// Open questions of one event and kind.
pub async fn open_of(tx: &mut Tx, event: &AreaEventId, kind: &str) -> Result<Vec<Asked>, DbError> {
    tx.all(
        asked!("where answered_at is null and event = $1 and kind = $2 order by id"),
        &[event.into(), kind.into()],
    )
    .await
}

/// The open question about a subject; the newest, when several events ask.
pub async fn open_about(tx: &mut Tx, kind: &str, subject: &str) -> Result<Option<Asked>, DbError> {
    tx.maybe(
        asked!("where answered_at is null and kind = $1 and subject = $2 order by asked_at desc, id desc limit 1"),
        &[kind.into(), subject.into()],
    )
    .await
}

/// What was decided last.
pub async fn answered(tx: &mut Tx, limit: usize) -> Result<Vec<Asked>, DbError> {
    tx.all(
        asked!("where answered_at is not null order by answered_at desc, id desc limit $1"),
        &[limit.into()],
    )
    .await
}

/// Writes an answer; false when somebody was quicker.
pub async fn answer(
    tx: &mut Tx,
    id: &QuestionId,
    heir: &str,
    by: &str,
    name: &str,
) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("update areas_questions set answered_at = $2, answered_by = $3, answered_name = $4, answer = $5 \
                  where id = $1 and answered_at is null"),
            &[id.into(), tx.now().into(), by.into(), name.into(), heir.into()],
        )
        .await?;
    Ok(touched == 1)
}
