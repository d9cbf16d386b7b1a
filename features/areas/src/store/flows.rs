//! What a conversion is made from: the units of two days, the events between them and their transfers. A few
//! statements for the whole country, whatever number of units is asked for.

use std::{collections::HashMap, sync::Arc};

use kernel::{
    clock::Day,
    db::{DbError, FromRow, Row, Tx},
    sql,
};

use super::{kept, weight_of};
use crate::model::{
    AreaEvent, AreaEventId, AreaId, AreaLevel, Weight,
    view::{Atlas, Basis, Break, Conversion, Place, Span, Transfer, breaks as breaks_of},
};

/// The flow of figures of one rung between the units of two days, either way round in time.
pub async fn conversion(
    tx: &mut Tx,
    from: Day,
    to: Day,
    level: AreaLevel,
) -> Result<Conversion, DbError> {
    conversion_between(tx, Span { from, to, of: level, by: level }).await
}

/// The flow of figures of one rung to the units of the same or another: communes to provinces, say.
pub async fn conversion_between(tx: &mut Tx, span: Span) -> Result<Conversion, DbError> {
    let mut flow = Arc::unwrap_or_clone(kept::flow(tx, span).await?);
    flow.span = span;
    Ok(flow)
}

/// Reads the flow from the database.
pub(super) async fn read(tx: &mut Tx, span: Span) -> Result<Conversion, DbError> {
    let villages = span.of == AreaLevel::Village || span.by == AreaLevel::Village;
    let (first, last) = (span.from.min(span.to), span.from.max(span.to));
    let events: Vec<AreaEvent> = tx
        .all(
            sql!(
                "select id, kind, instrument, decided_on, effective_on, status from areas_events \
                  where effective_on > $1 and effective_on <= $2 and status <> 'undone' \
                  order by effective_on, id"
            ),
            &[first.into(), last.into()],
        )
        .await?;
    let at: HashMap<AreaEventId, usize> =
        events.iter().enumerate().map(|(at, event)| (event.id.clone(), at)).collect();
    let steps: Vec<Step> = tx
        .all(
            sql!("select t.event, t.from_unit, t.to_unit, t.whole, t.weight_num, t.weight_den, t.basis \
                  from areas_transfers t join areas_events e on e.id = t.event \
                  where e.effective_on > $1 and e.effective_on <= $2 and e.status <> 'undone' \
                  order by t.event, t.from_unit, t.to_unit"),
            &[first.into(), last.into()],
        )
        .await?;
    let transfers = steps.into_iter().filter_map(|step| step.transfer(&at)).collect();
    let before = places(tx, span.from, villages).await?;
    let after = places(tx, span.to, villages).await?;
    let people = if span.from > span.to { people_before(tx, last).await? } else { HashMap::new() };
    Ok(Conversion::between(span, Atlas { before, after, events, transfers, people }))
}

/// The units of two days whose code and full name are the same and whose territory is not: series under
/// that code must not be joined without a mark.
pub async fn breaks(tx: &mut Tx, from: Day, to: Day) -> Result<Vec<Break>, DbError> {
    let before = places(tx, from, false).await?;
    let after = places(tx, to, false).await?;
    Ok(breaks_of(&before, &after))
}

/// A frame as people choose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameChoice {
    /// `2024`, `2025-07`.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The day it shows.
    pub as_of: Day,
}

impl FromRow for FrameChoice {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self { id: row.get("id")?, label: row.get("label")?, as_of: row.get("as_of")? })
    }
}

/// The frames that are loaded, the oldest first.
pub async fn frame_choices(tx: &mut Tx) -> Result<Vec<FrameChoice>, DbError> {
    tx.all(sql!("select id, label, as_of from areas_frames order by as_of, id"), &[]).await
}

async fn places(tx: &mut Tx, day: Day, villages: bool) -> Result<Vec<Place>, DbError> {
    let statement = if villages {
        sql!(
            "select f.unit, u.level, f.code, f.full_name, f.parent \
              from areas_facts f join areas_units u on u.id = f.unit \
              where f.superseded_at is null and f.valid_from <= $1 and f.valid_to > $1"
        )
    } else {
        sql!(
            "select f.unit, u.level, f.code, f.full_name, f.parent \
              from areas_facts f join areas_units u on u.id = f.unit \
              where f.superseded_at is null and f.valid_from <= $1 and f.valid_to > $1 \
              and u.level <> 'village'"
        )
    };
    tx.all(statement, &[day.into()]).await
}

impl FromRow for Place {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("unit")?,
            level: row.get("level")?,
            code: row.get("code")?,
            full_name: row.get("full_name")?,
            parent: row.get("parent")?,
        })
    }
}

struct Step {
    event: AreaEventId,
    from: AreaId,
    to: AreaId,
    whole: bool,
    weight: Option<Weight>,
    basis: Option<String>,
}

impl Step {
    fn transfer(self, events: &HashMap<AreaEventId, usize>) -> Option<Transfer> {
        let basis = |code: String| Basis::from_code(&code).unwrap_or(Basis::Other);
        Some(Transfer {
            event: *events.get(&self.event)?,
            from: self.from,
            to: self.to,
            whole: self.whole,
            weight: self.weight,
            basis: self.basis.map(basis),
        })
    }
}

impl FromRow for Step {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            event: row.get("event")?,
            from: row.get("from_unit")?,
            to: row.get("to_unit")?,
            whole: row.get("whole")?,
            weight: weight_of(row)?,
            basis: row.get("basis")?,
        })
    }
}

/// The last head counts of the units that ended by a day.
async fn people_before(tx: &mut Tx, day: Day) -> Result<HashMap<AreaId, i64>, DbError> {
    let rows: Vec<People> = tx
        .all(
            sql!("select unit, people from (select p.unit, p.people, row_number() over ( \
                  partition by p.unit order by p.on_day desc, p.recorded_at desc, p.id desc) as place \
                  from areas_populations p join areas_units u on u.id = p.unit \
                  where u.ended_on <= $1) latest where place = 1"),
            &[day.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|People(unit, people)| (unit, people)).collect())
}

struct People(AreaId, i64);

impl FromRow for People {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self(row.get("unit")?, row.get("people")?))
    }
}
