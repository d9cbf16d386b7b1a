//! Communes that lay in another province in the period than on the frame's day: provinces' counts hold them where
//! they lay then, and the answer wants them where they lie on the frame's day.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{AreaId, AreaLevel};
use kernel::{clock::Day, db::Tx, problem::Outcome};

use super::{Facts, Rates, Reading, read_places};
use crate::{
    actions::problem,
    model::{
        CellKey, DatasetId,
        analysis::{READ_MOST, TOO_BROAD},
    },
    store::{
        analysis::{self, Window},
        numbers, obligations,
        rollups::{self, RateDelta},
        seats::{self, Seat},
    },
};

/// A commune that lay in several provinces: by period, the one in which it counts and the one of the frame's day.
struct Mover {
    area: AreaId,
    moves: BTreeMap<String, (AreaId, AreaId)>,
}

impl Reading<'_> {
    /// What communes counted that lay in another province in the period than on the frame's day is taken out of the
    /// one and put into the other.
    pub(super) async fn bring_movers(
        &self,
        tx: &mut Tx,
        window: Window,
        (cells, list): (&HashMap<i64, &CellKey>, &[i64]),
        facts: &mut Facts,
    ) -> Outcome<()> {
        let movers = self.movers(tx).await?;
        if list.len() * movers.len() * self.periods.len() > READ_MOST {
            return Err(problem(&TOO_BROAD, "most", READ_MOST.to_string()));
        }
        let nos: Vec<i64> = movers.keys().copied().collect();
        let units = self.ground.units();
        for batch in read_places(tx, window, list, &nos).await? {
            let Some(key) = cells.get(&batch.cell) else { continue };
            for row in batch.figures {
                let moved = movers.get(&row.place).and_then(|mover| mover.moves.get(&batch.period));
                let (Some((from, to)), Some(fact)) = (moved, self.fact(&row)) else { continue };
                let all = facts.units(key, batch.period.clone());
                for (province, sign) in [(from, -1), (to, 1)] {
                    if self.reads(province) {
                        let sum = all.entry(units, province);
                        sum.add(&fact, sign);
                        if sum.reported == 0 && sum.no_data == 0 {
                            all.remove(units, province);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// True for provinces whose counts were read.
    fn reads(&self, province: &AreaId) -> bool {
        let one = self.area.level == AreaLevel::Province && self.ground.is_direct();
        !one || *province == self.area.id
    }

    /// Communes that lay in another province on the last day of some period than they do on the frame's day, by
    /// the number of their place.
    async fn movers(&self, tx: &mut Tx) -> Outcome<BTreeMap<i64, Mover>> {
        let mut found: BTreeMap<i64, Mover> = BTreeMap::new();
        if self.ground.level != AreaLevel::Province {
            return Ok(found);
        }
        let mut seats: BTreeMap<i64, Vec<Seat>> = BTreeMap::new();
        for seat in seats::of_movers(tx).await? {
            seats.entry(seat.place).or_default().push(seat);
        }
        let nos: Vec<i64> = seats.keys().copied().collect();
        let places = analysis::places_by_no(tx, &nos).await?;
        let lives = areas::stretches(tx, places.iter().map(|row| &row.area)).await?;
        let provinces = numbers::provinces(tx).await?;
        for place in places {
            let (Some(seats), Some(life)) = (seats.get(&place.no), lives.get(&place.area)) else {
                continue;
            };
            let on = |day: Day| {
                let seat = seats.iter().find(|seat| seat.from_day <= day && seat.until_day > day);
                Some(provinces.get(&seat?.province)?.area.clone())
            };
            let frame = self.ground.frame;
            let lives_then = life.first().is_some_and(|one| one.valid_from <= frame)
                && life.last().is_some_and(|one| one.valid_to > frame);
            let Some(to) = on(frame).filter(|_| lives_then) else { continue };
            let moves = self.periods.iter().filter_map(|period| {
                let from = on(period.last_day()).filter(|from| *from != to)?;
                Some((period.id().to_owned(), (from, to.clone())))
            });
            let moves: BTreeMap<String, (AreaId, AreaId)> = moves.collect();
            if !moves.is_empty() {
                found.insert(place.no, Mover { area: place.area, moves });
            }
        }
        Ok(found)
    }

    /// What communes owed that lay in another province then is told of the one they lie in on the frame's day.
    pub(super) async fn bring_owing_movers(
        &self,
        tx: &mut Tx,
        datasets: &BTreeSet<DatasetId>,
        all: &mut Rates,
    ) -> Outcome<()> {
        let movers = self.movers(tx).await?;
        let by_area: HashMap<&AreaId, &BTreeMap<String, (AreaId, AreaId)>> =
            movers.values().map(|mover| (&mover.area, &mover.moves)).collect();
        let units: Vec<AreaId> = by_area.keys().map(|id| (*id).clone()).collect();
        if units.is_empty() {
            return Ok(());
        }
        for dataset in datasets {
            for period in self.periods {
                let key = (dataset.as_str(), period.id(), self.life);
                for one in obligations::of_units(tx, key, &units).await? {
                    let moved = by_area.get(&one.area).and_then(|moves| moves.get(period.id()));
                    let Some((from, to)) = moved else { continue };
                    let delta = RateDelta::of(&one);
                    let rates = all.entry((dataset.clone(), period.id().to_owned())).or_default();
                    for (province, delta) in [(from, delta.negated()), (to, delta)] {
                        let rate = rates.entry(province.clone()).or_insert_with(|| rollups::Rate {
                            period: period.id().to_owned(),
                            ..rollups::Rate::default()
                        });
                        rate.add(delta);
                    }
                }
            }
        }
        Ok(())
    }
}
