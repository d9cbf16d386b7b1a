//! Which units of a rung existed in a span of days, each with the days on which it did.

use kernel::{
    clock::Day,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{AreaId, AreaLevel};

row_struct! {
    struct Row {
        unit: AreaId,
        full_name: String,
        path: ScopePath,
        valid_from: Day,
        valid_to: Day,
    }
}

/// A unit that existed on some days of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// The territory.
    pub id: AreaId,
    /// Its full name on the last of these days.
    pub full_name: String,
    /// Where it hung on the last of these days.
    pub path: ScopePath,
    /// The first of these days.
    pub from: Day,
    /// The first day after them.
    pub until: Day,
}

/// The units of a rung under a path that existed at all between two days (`until` excluded), by path. What
/// is told of each holds on the last day of the span on which it existed.
pub async fn units_between(
    tx: &mut Tx,
    level: AreaLevel,
    scope: &ScopePath,
    from: Day,
    until: Day,
) -> Result<Vec<Existing>, DbError> {
    let (low, high) = scope.range();
    let rows: Vec<Row> = tx
        .all(
            sql!("select f.unit, f.full_name, f.path, f.valid_from, f.valid_to from areas_facts f \
                  join areas_units u on u.id = f.unit \
                  where u.level = $1 and f.path >= $2 and f.path < $3 and f.valid_from < $5 and f.valid_to > $4 \
                  and f.superseded_at is null order by f.unit, f.valid_from, f.recorded_at"),
            &[level.code().into(), low.into(), high.into(), from.into(), until.into()],
        )
        .await?;
    let mut units: Vec<Existing> = Vec::new();
    for row in rows {
        let (starts, ends) = (row.valid_from.max(from), row.valid_to.min(until));
        match units.last_mut().filter(|last| last.id == row.unit) {
            Some(last) => {
                last.until = last.until.max(ends);
                last.full_name = row.full_name;
                last.path = row.path;
            }
            None => units.push(Existing {
                id: row.unit,
                full_name: row.full_name,
                path: row.path,
                from: starts,
                until: ends,
            }),
        }
    }
    units.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(units)
}
