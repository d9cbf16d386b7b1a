//! What the map says about reports: where a place lay on which days, who has authority over its papers today, and
//! which days it owes. The map changes late as well as in time and is undone again; therefore nothing here follows
//! single changes. [`settle`] compares everything with the map as it is now and puts right what differs; done twice
//! it changes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use areas::{Area, AreaId, Stretch};
use kernel::{
    app::AppRef,
    caller::{Caller, Permission},
    clock::Day,
    db::{Db, Tx},
    events::Doing,
    jobs::JobKind,
    problem::Outcome,
    scope::ScopePath,
};

use super::obligations;
use crate::{
    model::{CellState, Life, Period},
    store::{
        lying::{self, Lying},
        numbers::{self, PeriodRow, PlaceRow},
        rollups::{self, Delta},
        seats::{self, Seat},
        values,
    },
};

/// Puts everything in order with the map.
pub const FOLLOW_MAP: JobKind =
    JobKind { name: "reporting.follow_map", run: |app, turn| follow(app, turn) };

/// The name under which changes of the map are numbered.
const WORK: &str = "map";
/// Places put in order in one transaction.
const STRETCH: usize = 400;
/// How many mergers in a row are followed: the country has seen three in a century.
const GENERATIONS: usize = 40;

fn follow<'a>(app: &'a AppRef, turn: &'a str) -> Doing<'a, ()> {
    Box::pin(async move {
        // A decree has many events: only the last that was heard is worth the work.
        let last = app.db.view(async |tx| Ok(numbers::last_turn(tx, WORK).await?)).await?;
        if turn.parse::<i64>().is_ok_and(|turn| turn < last) {
            return Ok(());
        }
        let home = obligations::home(app).await?;
        settle(&app.db, Some(&home)).await.map(drop)
    })
}

/// The map has changed, or a change was taken back: asks for everything to be put in order. Called in the
/// transaction that hears of it.
pub async fn changed(tx: &mut Tx) -> Outcome<()> {
    let now = tx.now();
    let turn = numbers::turn(tx, WORK).await?;
    tx.queue(&FOLLOW_MAP, &turn.to_string(), now).await?;
    Ok(())
}

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Places that lay elsewhere on some day than was believed.
    pub places: usize,
    /// Units whose papers went under another path.
    pub papers: usize,
    /// Obligations that were made, cut or taken back.
    pub obligations: u64,
}

/// Puts seats, counts, paths and obligations in order with the map. `home` as in
/// [`keep`](super::obligations::keep).
pub async fn settle(db: &Db, home: Option<&ScopePath>) -> Outcome<Settled> {
    let places = settle_seats(db).await?;
    let papers = settle_papers(db).await?;
    let obligations = obligations::settle(db, home).await?;
    Ok(Settled { places, papers, obligations })
}

/// The place of an area, with the seats that the map gives it when it is new.
pub async fn place(tx: &mut Tx, area: &AreaId, path: &ScopePath) -> Outcome<PlaceRow> {
    if let Some(known) = numbers::known_place(tx, area).await? {
        return Ok(known);
    }
    let row = numbers::place_no(tx, area, path).await?;
    let stretches = areas::stretches(tx, [area]).await?;
    seat(tx, &row, stretches.get(area)).await?;
    Ok(row)
}

/// The same for many at once.
pub async fn places(
    tx: &mut Tx,
    wanted: &[(AreaId, ScopePath)],
) -> Outcome<HashMap<AreaId, PlaceRow>> {
    let before: HashSet<i64> = numbers::places(tx).await?.into_keys().collect();
    let all = numbers::place_nos(tx, wanted).await?;
    let fresh: Vec<&PlaceRow> = all.values().filter(|row| !before.contains(&row.no)).collect();
    let stretches = areas::stretches(tx, fresh.iter().map(|row| &row.area)).await?;
    for row in fresh {
        // Nearly every place lay in one province all the time: that is how it was seated.
        let known = stretches.get(&row.area);
        if known.is_some_and(|known| joined(known).len() > 1) {
            seat(tx, row, known).await?;
        }
    }
    Ok(all)
}

async fn seat(tx: &mut Tx, row: &PlaceRow, known: Option<&Vec<Stretch>>) -> Outcome<()> {
    if let Some(known) = known.filter(|known| !known.is_empty()) {
        let wanted = wanted(tx, row, known).await?;
        seats::replace(tx, row.no, &wanted).await?;
    }
    Ok(())
}

/// Days at the same path, one after the other, as one.
fn joined(known: &[Stretch]) -> Vec<(Day, &ScopePath)> {
    let mut all: Vec<(Day, &ScopePath)> = Vec::new();
    for one in known {
        if all.last().is_none_or(|(_, path)| *path != &one.path) {
            all.push((one.valid_from, &one.path));
        }
    }
    all
}

/// The seats that the map gives a place: before its first day and after its last it lies where it lay then.
async fn wanted(tx: &mut Tx, row: &PlaceRow, known: &[Stretch]) -> Outcome<Vec<Seat>> {
    let stretches = joined(known);
    let mut all = Vec::with_capacity(stretches.len());
    for (at, (from, path)) in stretches.iter().enumerate() {
        all.push(Seat {
            place: row.no,
            from_day: if at == 0 { seats::first_day() } else { *from },
            until_day: stretches.get(at + 1).map_or(Day::FOREVER, |(next, _)| *next),
            path: (*path).clone(),
            province: numbers::province_no(tx, row, path).await?,
        });
    }
    Ok(all)
}

async fn settle_seats(db: &Db) -> Outcome<usize> {
    let (all, periods) = db
        .view(async |tx| Ok((numbers::places(tx).await?, numbers::all_periods(tx).await?)))
        .await?;
    let mut all: Vec<PlaceRow> = all.into_values().collect();
    all.sort_by_key(|row| row.no);
    let mut moved = 0;
    for some in all.chunks(STRETCH) {
        moved += db.change(async |tx| settle_some(tx, some, &periods).await).await?;
    }
    Ok(moved)
}

async fn settle_some(tx: &mut Tx, some: &[PlaceRow], periods: &[PeriodRow]) -> Outcome<usize> {
    let stretches = areas::stretches(tx, some.iter().map(|row| &row.area)).await?;
    let nos: Vec<i64> = some.iter().map(|row| row.no).collect();
    let mut known: HashMap<i64, Vec<Seat>> = HashMap::new();
    for seat in seats::of_places(tx, &nos).await? {
        known.entry(seat.place).or_default().push(seat);
    }
    let mut moves: BTreeMap<(i64, i64, i64), Vec<i64>> = BTreeMap::new();
    let mut count = 0;
    for row in some {
        let Some(stretches) = stretches.get(&row.area).filter(|all| !all.is_empty()) else {
            continue;
        };
        let before = known.remove(&row.no).unwrap_or_default();
        let after = wanted(tx, row, stretches).await?;
        if before == after {
            continue;
        }
        count += 1;
        seats::hold(tx, row.no).await?;
        for period in periods {
            let day = period.until_day.plus_days(-1);
            let (from, to) = (province_of(&before, day), province_of(&after, day));
            if let (Some(from), Some(to)) = (from, to)
                && from != to
            {
                moves.entry((period.no, from, to)).or_default().push(row.no);
            }
        }
        seats::replace(tx, row.no, &after).await?;
    }
    for ((period, from, to), places) in moves {
        move_counts(tx, period, (from, to), &places).await?;
    }
    Ok(count)
}

fn province_of(seats: &[Seat], day: Day) -> Option<i64> {
    let held = seats.iter().find(|seat| seat.from_day <= day && seat.until_day > day);
    held.map(|seat| seat.province)
}

/// Moves what places counted in a period from one province to another.
async fn move_counts(
    tx: &mut Tx,
    period: i64,
    (from, to): (i64, i64),
    places: &[i64],
) -> Outcome<()> {
    let mut sums: BTreeMap<i64, BTreeMap<i64, Delta>> = BTreeMap::new();
    for one in values::at_places(tx, period, places).await? {
        let state = CellState::stored(one.state, one.amount, None);
        let delta = Delta::between(None, Some(&state)).and(Delta::approving(None, one.approved));
        let sum = sums.entry(one.life).or_default().entry(one.cell).or_default();
        *sum = sum.and(delta);
    }
    for (life, sums) in sums {
        let life = Life::from_code(life);
        let gone = sums.iter().map(|(cell, delta)| (*cell, delta.negated())).collect();
        rollups::move_by(tx, (period, life), from, &gone).await?;
        rollups::move_by(tx, (period, life), to, &sums).await?;
    }
    Ok(())
}

async fn settle_papers(db: &Db) -> Outcome<usize> {
    let moved: Vec<(Lying, ScopePath)> = db
        .view(async |tx| {
            let all = lying::all(tx).await?;
            let units: BTreeSet<AreaId> = all.iter().map(|one| one.area.clone()).collect();
            let today = authorities(tx, units.iter()).await?;
            let moved = all.into_iter().filter_map(|one| {
                let to = today.get(&one.area).filter(|to| **to != one.path)?.clone();
                Some((one, to))
            });
            Ok(moved.collect())
        })
        .await?;
    for some in moved.chunks(STRETCH) {
        db.change(async |tx| {
            for (one, to) in some {
                lying::put(tx, one, to, &numbers::province_path(to)).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(moved.len())
}

/// The place that has authority over an area's papers today: where it lies, or where what it became lies. What
/// was divided lies under the smallest place that holds all its heirs. None for areas the map does not know.
pub async fn authority(tx: &mut Tx, area: &AreaId) -> Outcome<Option<ScopePath>> {
    Ok(authorities(tx, [area]).await?.remove(area))
}

/// The same for many.
pub async fn authorities(
    tx: &mut Tx,
    areas: impl IntoIterator<Item = &AreaId>,
) -> Outcome<HashMap<AreaId, ScopePath>> {
    let wanted: BTreeSet<AreaId> = areas.into_iter().cloned().collect();
    let today = tx.now().day();
    let mut ends: HashMap<AreaId, End> = HashMap::new();
    let mut open: BTreeSet<AreaId> = wanted.clone();
    for _ in 0..GENERATIONS {
        if open.is_empty() {
            break;
        }
        let stretches = areas::stretches(tx, open.iter()).await?;
        let mut ended: Vec<AreaId> = Vec::new();
        let mut lasts: Vec<(AreaId, ScopePath)> = Vec::new();
        for (id, known) in stretches {
            let holds = known.iter().find(|one| one.valid_from <= today && one.valid_to > today);
            let future = || known.first().filter(|one| one.valid_from > today);
            if let Some(one) = holds.or_else(future) {
                ends.insert(id, End::Lives(one.path.clone()));
            } else if let Some(last) = known.last() {
                ended.push(id.clone());
                lasts.push((id, last.path.clone()));
            }
        }
        let mut heirs = areas::successors_of_many(tx, &ended).await?;
        let mut next: BTreeSet<AreaId> = BTreeSet::new();
        for (id, path) in lasts {
            let heirs: BTreeSet<AreaId> =
                heirs.remove(&id).unwrap_or_default().into_iter().map(|one| one.area.id).collect();
            let above = path.ancestors().into_iter().rev().nth(1);
            let above = above.and_then(|above| AreaId::parse(above.last()?));
            next.extend(heirs.iter().cloned());
            next.extend(above.iter().filter(|_| heirs.is_empty()).cloned());
            ends.insert(id, End::Ended { heirs, above, path });
        }
        next.retain(|id| !ends.contains_key(id));
        open = next;
    }
    let found = wanted.into_iter().filter_map(|id| {
        let path = resolve(&ends, &id, GENERATIONS)?;
        Some((id, path))
    });
    Ok(found.collect())
}

/// Refuses whoever may not do something over an area: over the place that has authority over it today.
pub async fn must(
    tx: &mut Tx,
    caller: &Caller,
    permission: &Permission,
    area: &Area,
) -> Outcome<()> {
    let path = authority(tx, &area.id).await?.unwrap_or_else(|| area.path.clone());
    caller.must(permission, &path)
}

/// What became of a unit.
enum End {
    Lives(ScopePath),
    Ended { heirs: BTreeSet<AreaId>, above: Option<AreaId>, path: ScopePath },
}

fn resolve(ends: &HashMap<AreaId, End>, id: &AreaId, left: usize) -> Option<ScopePath> {
    match ends.get(id)? {
        End::Lives(path) => Some(path.clone()),
        End::Ended { path, .. } if left == 0 => Some(path.clone()),
        // Nobody knows what became of it: it stays under what became of the unit above it.
        End::Ended { heirs, above, path } if heirs.is_empty() => {
            let above = above.as_ref().and_then(|above| resolve(ends, above, left - 1));
            Some(above.map_or_else(|| path.clone(), |above| above.child(id.as_str())))
        }
        End::Ended { heirs, path, .. } => {
            let mut paths: Vec<ScopePath> =
                heirs.iter().filter_map(|heir| resolve(ends, heir, left - 1)).collect();
            paths.sort();
            paths.dedup();
            Some(match paths.as_slice() {
                [] => path.clone(),
                [one] => one.clone(),
                several => areas::common(several).child(id.as_str()),
            })
        }
    }
}

/// The days of a period on which a unit existed: the first, and the first after them. None when there was none.
pub fn days_in(known: &[Stretch], period: &Period) -> Option<(Day, Day)> {
    let from = known.first()?.valid_from.max(period.from);
    let until = known.last()?.valid_to.min(period.until);
    (from < until).then_some((from, until))
}
