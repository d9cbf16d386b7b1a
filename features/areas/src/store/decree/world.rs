//! Reading the map that a decree meets.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::{
    clock::Day,
    db::{DbError, FromRow, Row, Tx},
    row_struct,
    scope::ScopePath,
    sql,
    text::fold,
};

use crate::model::{
    AreaId, AreaLevel,
    decree::{
        table::Named,
        world::{Piece, Span, Unit, World},
    },
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

/// The columns of a [`Line`], of the facts that hold on the day before `$1` or later.
macro_rules! lines {
    ($rest:literal) => {
        sql!(concat!(
            "select f.unit, u.level, u.born_on, u.ended_on, u.born_event, u.ended_event, e.instrument as ended_by, \
             f.valid_from, f.valid_to, f.code, f.name, f.area_type, f.parent, f.path, f.context_search, \
             f.event, f.instrument from areas_facts f join areas_units u on u.id = f.unit \
             left join areas_events e on e.id = u.ended_event \
             where f.superseded_at is null and f.valid_to >= $1 ",
            $rest,
            " order by f.unit, f.valid_from"
        ))
    };
}

/// What a decree meets: every commune and whatever lies above, of the day before and of all days from then on,
/// since codes and names are compared with the whole country's; of the villages only those in the provinces that
/// its table names. Others cannot be moved by it.
pub async fn load(tx: &mut Tx, day: Day, named: &Named<'_>) -> Result<World, DbError> {
    let mut lines: Vec<Line> = tx.all(lines!("and u.level <> 'village'"), &[day.into()]).await?;
    for province in provinces(&lines, named) {
        let (low, high) = province.range();
        let found: Vec<Line> = tx
            .all(
                lines!(
                    "and u.level = 'village' and f.unit in (select v.unit from areas_facts v \
                        where v.superseded_at is null and v.path >= $2 and v.path < $3)"
                ),
                &[day.into(), low.into(), high.into()],
            )
            .await?;
        lines.extend(found);
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
    Ok(World::new(day, units(lines), gone))
}

/// A village with everything that it hangs or may come to hang on: enough to give it another commune.
pub async fn load_village(
    tx: &mut Tx,
    day: Day,
    village: &AreaId,
    commune: &AreaId,
) -> Result<World, DbError> {
    let mut lines = Vec::new();
    let mut known: HashSet<AreaId> = HashSet::new();
    let mut open = vec![village.clone(), commune.clone()];
    while let Some(unit) = open.pop() {
        if !known.insert(unit.clone()) {
            continue;
        }
        let found: Vec<Line> =
            tx.all(lines!("and f.unit = $2"), &[day.into(), (&unit).into()]).await?;
        open.extend(found.iter().filter_map(|line| line.piece.parent.clone()));
        lines.extend(found);
    }
    Ok(World::new(day, units(lines), HashMap::new()))
}

fn units(lines: Vec<Line>) -> HashMap<AreaId, Unit> {
    let mut units: HashMap<AreaId, Unit> = HashMap::with_capacity(lines.len());
    for Line { id, level, span, ended_by, piece } in lines {
        let fresh = || Unit { level, span, ended_by, pieces: Vec::with_capacity(2) };
        let unit = units.entry(id).or_insert_with(fresh);
        // A village that moved between two of the provinces was found in both.
        if unit.pieces.last().is_none_or(|last| last.from < piece.from) {
            unit.pieces.push(piece);
        }
    }
    units
}

/// The provinces (or, where the country itself is named, the country) in which the named units lie.
fn provinces(lines: &[Line], named: &Named<'_>) -> BTreeSet<ScopePath> {
    let is_named = |line: &&Line| {
        let code = line.piece.code.as_deref();
        named.codes.contains(line.id.as_str())
            || code.is_some_and(|code| named.codes.contains(code))
            || (!named.names.is_empty() && named.names.contains(&fold(&line.piece.full_name())))
    };
    let province = |line: &Line| {
        let steps = line.piece.path.as_str().split('/').filter(|step| !step.is_empty());
        steps.take(2).fold(ScopePath::root(), |path, step| path.child(step))
    };
    lines.iter().filter(is_named).map(province).collect()
}
