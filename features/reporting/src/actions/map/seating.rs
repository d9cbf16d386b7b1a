//! Where places lay: their seats, from the first figure of a place on and after every change of the map. What a place
//! counted moves with its seats.

use std::collections::{BTreeMap, HashMap};

use areas::{AreaId, Stretch};
use kernel::{
    clock::Day,
    db::{Db, Tx},
    problem::{Failure, Outcome},
    scope::ScopePath,
};

use super::{STRETCH, authority::authorities};
use crate::{
    model::{CellState, Life},
    store::{
        analysis,
        numbers::{self, PlaceRow},
        rollups::{self, Delta},
        seats::{self, Seat},
        values,
    },
};

/// The paths at which a place lay, each from a day until the next one's.
type Stays = Vec<(Day, ScopePath)>;
/// What a place counts in a period, from one province to another.
type Moves = BTreeMap<(i64, i64, i64), Vec<i64>>;

/// The place of an area. One that is new is seated as the map has it; `path` is where an area lies that the map does
/// not know.
pub async fn place(tx: &mut Tx, area: &AreaId, path: &ScopePath) -> Outcome<PlaceRow> {
    if let Some(known) = numbers::known_place(tx, area).await? {
        return Ok(known);
    }
    let all = places(tx, &[(area.clone(), path.clone())]).await?;
    let none = || Failure::fault("give a place its number", area);
    all.into_values().next().ok_or_else(none)
}

/// The same for many at once.
///
/// A new place is right from its beginning: under who has authority over it today, seated where the map says it lay,
/// and so are the provinces in which it lay and which no figure has named before. [`settle`](super::settle) would
/// otherwise have to come again for what it made itself.
pub async fn places(
    tx: &mut Tx,
    wanted: &[(AreaId, ScopePath)],
) -> Outcome<HashMap<AreaId, PlaceRow>> {
    let mut all = known(tx, wanted).await?;
    let fresh: BTreeMap<AreaId, ScopePath> =
        wanted.iter().filter(|(area, _)| !all.contains_key(area)).cloned().collect();
    if fresh.is_empty() {
        return Ok(all);
    }
    let stretches = areas::stretches(tx, fresh.keys()).await?;
    let mut today = authorities(tx, fresh.keys()).await?;
    let rows: Vec<(AreaId, ScopePath)> = fresh
        .into_iter()
        .map(|(area, given)| {
            let path = today.remove(&area).unwrap_or(given);
            (area, path)
        })
        .collect();
    numbers::add_places(tx, &rows).await?;
    let made = known(tx, &rows).await?;
    let lain: Vec<(&PlaceRow, Stays)> = made
        .values()
        .map(|row| {
            let known = stretches.get(&row.area).map_or(&[][..], Vec::as_slice);
            (row, stays(known).unwrap_or_else(|| vec![(seats::first_day(), row.path.clone())]))
        })
        .collect();
    let provinces = Box::pin(places(tx, &above(&lain))).await?;
    let seats: Vec<Seat> =
        lain.iter().filter_map(|(row, stays)| seats_at(row, stays, &provinces)).flatten().collect();
    seats::begin(tx, &seats).await?;
    all.extend(made);
    Ok(all)
}

/// Those of them that have a place.
async fn known(tx: &mut Tx, wanted: &[(AreaId, ScopePath)]) -> Outcome<HashMap<AreaId, PlaceRow>> {
    let ids: Vec<AreaId> = wanted.iter().map(|(area, _)| area.clone()).collect();
    let rows = analysis::places_of(tx, &ids).await?;
    Ok(rows.into_iter().map(|row| (row.area.clone(), row)).collect())
}

/// Days at the same path, one after the other, as one; none where the map says nothing.
fn stays(known: &[Stretch]) -> Option<Stays> {
    let mut all: Stays = Vec::new();
    for one in known {
        if all.last().is_none_or(|(_, path)| *path != one.path) {
            all.push((one.valid_from, one.path.clone()));
        }
    }
    (!all.is_empty()).then_some(all)
}

/// The province in which a place lay at a path; none when nothing lies between it and the country.
fn province_of(area: &AreaId, path: &ScopePath) -> Option<(AreaId, ScopePath)> {
    let province = numbers::province_path(path);
    let id = province.last().and_then(AreaId::parse).filter(|id| id != area)?;
    Some((id, province))
}

/// The provinces in which places lay, each once.
fn above(lain: &[(&PlaceRow, Stays)]) -> Vec<(AreaId, ScopePath)> {
    let each = lain
        .iter()
        .flat_map(|(row, stays)| stays.iter().filter_map(|(_, path)| province_of(&row.area, path)));
    each.collect::<BTreeMap<AreaId, ScopePath>>().into_iter().collect()
}

/// The seats of a place that lay so: before its first day and after its last it lies where it lay then. None when one
/// of its provinces has no place.
fn seats_at(
    row: &PlaceRow,
    stays: &[(Day, ScopePath)],
    provinces: &HashMap<AreaId, PlaceRow>,
) -> Option<Vec<Seat>> {
    let seat = |(at, (from, path)): (usize, &(Day, ScopePath))| {
        let province = match province_of(&row.area, path) {
            Some((id, _)) => provinces.get(&id)?.no,
            None => row.no,
        };
        Some(Seat {
            place: row.no,
            from_day: if at == 0 { seats::first_day() } else { *from },
            until_day: stays.get(at + 1).map_or(Day::FOREVER, |(next, _)| *next),
            path: path.clone(),
            province,
        })
    };
    stays.iter().enumerate().map(seat).collect()
}

/// Seats every place as the map has it now, and moves what it counts; gives how many lay elsewhere on some day than
/// was believed.
pub(super) async fn settle_seats(db: &Db) -> Outcome<usize> {
    let mut all: Vec<PlaceRow> =
        db.view(async |tx| Ok(numbers::places(tx).await?.into_values().collect())).await?;
    all.sort_by_key(|row| row.no);
    let mut moved = 0;
    for some in all.chunks(STRETCH) {
        let missing = db.view(async |tx| missing_provinces(tx, some).await).await?;
        if !missing.is_empty() {
            // In a transaction of their own: whoever holds places must not wait for numbers, since those who take
            // numbers wait for places.
            db.change(async |tx| places(tx, &missing).await).await?;
        }
        moved += db.change(async |tx| settle_some(tx, some).await).await?;
    }
    Ok(moved)
}

/// What the map says of places; those that it does not know are left out.
async fn lain<'r>(tx: &mut Tx, some: &'r [PlaceRow]) -> Outcome<Vec<(&'r PlaceRow, Stays)>> {
    let stretches = areas::stretches(tx, some.iter().map(|row| &row.area)).await?;
    let told = |row: &'r PlaceRow| Some((row, stays(stretches.get(&row.area)?)?));
    Ok(some.iter().filter_map(told).collect())
}

/// The provinces in which places lay and which no figure has named so far.
async fn missing_provinces(tx: &mut Tx, some: &[PlaceRow]) -> Outcome<Vec<(AreaId, ScopePath)>> {
    let mut above = above(&lain(tx, some).await?);
    let there = known(tx, &above).await?;
    above.retain(|(id, _)| !there.contains_key(id));
    Ok(above)
}

async fn settle_some(tx: &mut Tx, some: &[PlaceRow]) -> Outcome<usize> {
    let lain = lain(tx, some).await?;
    let provinces = known(tx, &above(&lain)).await?;
    let wanted: Vec<(&PlaceRow, Vec<Seat>)> = lain
        .iter()
        .filter_map(|(row, stays)| Some((*row, seats_at(row, stays, &provinces)?)))
        .collect();
    let before = seated(tx, wanted.iter().map(|(row, _)| row.no)).await?;
    let differs = |before: &BTreeMap<i64, Vec<Seat>>, row: &PlaceRow, after: &Vec<Seat>| {
        before.get(&row.no) != Some(after)
    };
    let changed: Vec<&(&PlaceRow, Vec<Seat>)> =
        wanted.iter().filter(|(row, after)| differs(&before, row, after)).collect();
    for (row, _) in &changed {
        seats::hold(tx, &[row.no]).await?;
    }
    // Only now nobody else writes or moves figures of theirs: what was read before may be old.
    let before = seated(tx, changed.iter().map(|(row, _)| row.no)).await?;
    let periods = numbers::all_periods(tx).await?;
    let mut moves = Moves::new();
    let mut count = 0;
    for (row, after) in changed {
        if !differs(&before, row, after) {
            continue;
        }
        count += 1;
        let before = before.get(&row.no).map_or(&[][..], Vec::as_slice);
        for period in &periods {
            let day = period.until_day.plus_days(-1);
            if let (Some(from), Some(to)) = (seated_in(before, day), seated_in(after, day))
                && from != to
            {
                moves.entry((period.no, from, to)).or_default().push(row.no);
            }
        }
        seats::replace(tx, row.no, after).await?;
    }
    for ((period, from, to), places) in moves {
        move_counts(tx, period, (from, to), &places).await?;
    }
    Ok(count)
}

async fn seated(
    tx: &mut Tx,
    places: impl Iterator<Item = i64>,
) -> Outcome<BTreeMap<i64, Vec<Seat>>> {
    let nos: Vec<i64> = places.collect();
    let mut all: BTreeMap<i64, Vec<Seat>> = BTreeMap::new();
    for seat in seats::of_places(tx, &nos).await? {
        all.entry(seat.place).or_default().push(seat);
    }
    Ok(all)
}

fn seated_in(seats: &[Seat], day: Day) -> Option<i64> {
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
