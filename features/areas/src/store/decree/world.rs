//! Reading the map that a decree meets.

use std::collections::HashMap;

use kernel::{
    clock::Day,
    db::{DbError, FromRow, Row, Tx},
    row_struct, sql,
};

use crate::model::{
    AreaId, AreaLevel,
    decree::world::{Piece, Span, Unit, World},
};

struct Line {
    id: AreaId,
    level: AreaLevel,
    span: Span,
    ended_by: Option<String>,
    piece: Piece,
}

impl FromRow for Line {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("unit")?,
            level: row.get("level")?,
            span: Span {
                born_on: row.get("born_on")?,
                ended_on: row.get("ended_on")?,
                born_event: row.get("born_event")?,
                ended_event: row.get("ended_event")?,
            },
            ended_by: row.get("ended_by")?,
            piece: Piece {
                from: row.get("valid_from")?,
                until: row.get("valid_to")?,
                code: row.get("code")?,
                name: row.get("name")?,
                area_type: row.get("area_type")?,
                parent: row.get("parent")?,
                path: row.get("path")?,
                context: row.get("context_search")?,
                event: row.get("event")?,
                instrument: row.get("instrument")?,
            },
        })
    }
}

row_struct! {
    struct Gone {
        code: String,
        until: Day,
    }
}

/// Every unit of the day before and of all days from then on.
pub async fn load(tx: &mut Tx, day: Day) -> Result<World, DbError> {
    let lines: Vec<Line> = tx
        .all(
            sql!("select f.unit, u.level, u.born_on, u.ended_on, u.born_event, u.ended_event, e.instrument as ended_by, \
                  f.valid_from, f.valid_to, f.code, f.name, f.area_type, f.parent, f.path, f.context_search, \
                  f.event, f.instrument from areas_facts f join areas_units u on u.id = f.unit \
                  left join areas_events e on e.id = u.ended_event \
                  where f.superseded_at is null and f.valid_to >= $1 order by f.unit, f.valid_from"),
            &[day.into()],
        )
        .await?;
    let mut units: HashMap<AreaId, Unit> = HashMap::with_capacity(lines.len());
    for Line { id, level, span, ended_by, piece } in lines {
        let fresh = || Unit { level, span, ended_by, pieces: Vec::with_capacity(2) };
        units.entry(id).or_insert_with(fresh).pieces.push(piece);
    }
    let gone: Vec<Gone> = tx
        .all(
            sql!(
                "select code, max(valid_to) as until from areas_facts \
                  where superseded_at is null and code is not null and valid_to < $1 group by code"
            ),
            &[day.into()],
        )
        .await?;
    let gone = gone.into_iter().map(|gone| (gone.code, gone.until)).collect();
    Ok(World::new(day, units, gone))
}
