//! What follows from the map above villages, worked out once and kept in memory while the map stands: the units
//! of a rung, and flows of figures between days. Whatever changes the map notes it here, in the same transaction.

use std::sync::{Arc, Mutex, PoisonError};

use kernel::{
    clock::Day,
    db::{DbError, Tx},
    row_struct, sql,
};

use super::{
    flows,
    units::{self, Fact},
};
use crate::model::{
    AreaId, AreaLevel,
    view::{Conversion, Span},
};

/// Under which it is kept.
const KEPT: &str = "areas.flows";
/// Under which the units of each rung are kept.
const KEPT_RUNGS: [(AreaLevel, &str); 3] = [
    (AreaLevel::Country, "areas.rung.country"),
    (AreaLevel::Province, "areas.rung.province"),
    (AreaLevel::Commune, "areas.rung.commune"),
];
/// So many flows are kept, the ones asked for last. That of all communes takes some megabytes.
const FLOWS_MOST: usize = 12;

/// The flows known while one version of the map stands.
struct Flows {
    /// The days on which anything above villages began or ended: between two of them all days are alike.
    days: Vec<Day>,
    made: Mutex<Vec<Arc<Conversion>>>,
}

impl Flows {
    /// The first day that is like this one.
    fn alike(&self, day: Day) -> Day {
        let after = self.days.partition_point(|one| *one <= day);
        after.checked_sub(1).map_or(day, |at| self.days[at])
    }

    fn known(&self, span: Span) -> Option<Arc<Conversion>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let at = made.iter().position(|one| one.span == span)?;
        // The one asked for last stands last.
        let found = made.remove(at);
        made.push(found.clone());
        Some(found)
    }

    fn keep(&self, one: Arc<Conversion>) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= FLOWS_MOST {
            made.remove(0);
        }
        made.push(one);
    }
}

/// The flow of figures between the units of two days, from memory where it is known. Its span is the one asked
/// for, or another one between days that are alike. Flows of or to villages are worked out each time.
pub async fn flow(tx: &mut Tx, span: Span) -> Result<Arc<Conversion>, DbError> {
    if span.of == AreaLevel::Village || span.by == AreaLevel::Village {
        return Ok(Arc::new(flows::read(tx, span).await?));
    }
    let version = version(tx).await?;
    let flows = if let Some(flows) = tx.kept::<Flows>(KEPT, &version) {
        flows
    } else {
        let flows = Arc::new(Flows { days: days(tx).await?, made: Mutex::default() });
        tx.keep(KEPT, version, flows.clone());
        flows
    };
    let span = Span { from: flows.alike(span.from), to: flows.alike(span.to), ..span };
    if let Some(known) = flows.known(span) {
        return Ok(known);
    }
    let made = Arc::new(flows::read(tx, span).await?);
    flows.keep(made.clone());
    Ok(made)
}

/// What is said of the units of a rung, on whatever days, from memory where it is known: every question about
/// figures asks for the units of its rung first.
pub async fn rung(tx: &mut Tx, level: AreaLevel) -> Result<Arc<Vec<Fact>>, DbError> {
    let Some((_, name)) = KEPT_RUNGS.iter().find(|(kept, _)| *kept == level) else {
        return Ok(Arc::new(units::facts_of(tx, level).await?));
    };
    let version = version(tx).await?;
    if let Some(known) = tx.kept::<Vec<Fact>>(name, &version) {
        return Ok(known);
    }
    let read = Arc::new(units::facts_of(tx, level).await?);
    tx.keep(name, version, read.clone());
    Ok(read)
}

row_struct! {
    struct Changes {
        count: i64,
        sum: i64,
    }
}

/// The version of the map above villages.
async fn version(tx: &mut Tx) -> Result<String, DbError> {
    let Changes { count, sum } = tx
        .one(
            sql!("select count(*) as count, cast(coalesce(sum(draw), 0) as bigint) as sum from areas_map_changes"),
            &[],
        )
        .await?;
    Ok(format!("{count}.{sum}"))
}

/// The days on which anything above villages began, ended or was divided, in order.
async fn days(tx: &mut Tx) -> Result<Vec<Day>, DbError> {
    let days: Vec<String> = tx
        .all(
            sql!("select f.valid_from as value from areas_facts f join areas_units u on u.id = f.unit \
                  where f.superseded_at is null and u.level <> 'village' \
                  union select f.valid_to from areas_facts f join areas_units u on u.id = f.unit \
                  where f.superseded_at is null and u.level <> 'village' \
                  union select effective_on from areas_events where status <> 'undone' \
                  union select ended_on from areas_units where level <> 'village'"),
            &[],
        )
        .await?;
    let mut days: Vec<Day> = days.iter().filter_map(|text| Day::parse(text)).collect();
    days.sort_unstable();
    Ok(days)
}

/// So many numbers can be drawn; the sum of a million of them is still a whole number of the database.
const DRAWS: u64 = 1 << 42;

/// Notes that the map is not the same any more.
pub async fn note_change(tx: &mut Tx) -> Result<(), DbError> {
    let draw = tx.chance().below(DRAWS);
    tx.run(sql!("insert into areas_map_changes (draw) values ($1)"), &[draw.into()]).await?;
    Ok(())
}

/// Notes that people of a unit were counted. It matters to the map only when the unit has ended: by how many
/// lived there, figures are divided backwards.
pub async fn note_count(tx: &mut Tx, unit: &AreaId) -> Result<(), DbError> {
    let draw = tx.chance().below(DRAWS);
    tx.run(
        sql!(
            "insert into areas_map_changes (draw) select $1 from areas_units \
              where id = $2 and level <> 'village' and ended_on < $3"
        ),
        &[draw.into(), unit.into(), Day::FOREVER.into()],
    )
    .await?;
    Ok(())
}
