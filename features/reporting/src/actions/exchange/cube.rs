//! Figures for the questions of other systems, through the same laws as on our own pages: each is the answer
//! that `analysis` gives for its unit and period, and what is asked for over several of these is added only
//! where it adds. What it means is the asker's business.

use std::collections::{BTreeMap, HashMap};

use areas::{AreaLevel, view::Law};
use kernel::{
    db::Tx,
    problem::{OrMissing, Outcome},
    scope::ScopePath,
};

use super::{World, directory::UnitNo};
use crate::{
    actions::{analysis::ask, counts},
    model::{
        CellKey, DatasetId, Indicator, Life, Period,
        analysis::{CELLS_MOST, Computation, Dx, Question},
        formula::{Input, Rational, Reading},
    },
    store::obligations,
};

/// So many units of one rung are asked about one by one; more of them together with all beside them.
const ALONE: usize = 2;
/// How deep indicators may be computed from indicators.
const DEPTH_MOST: usize = 12;

/// Figures by what, period and unit (its place in the directory).
#[derive(Default)]
pub struct Figures(HashMap<(Dx, String, UnitNo), Rational>);

/// Units that one question answers for: the area asked about, the rung, the units wanted of it.
struct Group {
    area: areas::AreaId,
    by: AreaLevel,
    units: Vec<UnitNo>,
}

fn groups(world: &World, units: &[UnitNo]) -> Vec<Group> {
    let all = &world.areas.units;
    let rung = |no: UnitNo| match all[no].level {
        1 => AreaLevel::Country,
        2 => AreaLevel::Province,
        _ => AreaLevel::Commune,
    };
    // Units of today beside each other are asked about through the one above them.
    let mut beside: BTreeMap<UnitNo, Vec<UnitNo>> = BTreeMap::new();
    let mut groups = Vec::new();
    let alone = |no: UnitNo| Group { area: all[no].id.clone(), by: rung(no), units: vec![no] };
    for no in units {
        match all[*no].parent.filter(|_| *no < world.areas.living) {
            Some(above) => beside.entry(above).or_default().push(*no),
            None => groups.push(alone(*no)),
        }
    }
    for (above, units) in beside {
        if units.len() <= ALONE {
            groups.extend(units.into_iter().map(alone));
        } else {
            let by = rung(units[0]);
            groups.push(Group { area: all[above].id.clone(), by, units });
        }
    }
    groups
}

/// True for what is defined and divided so.
fn is_known(world: &World, dx: &Dx) -> bool {
    match dx {
        Dx::Cell(key) => world
            .catalogue
            .elements
            .get(&key.element)
            .is_some_and(|element| element.cell(key.coords.clone()).is_some()),
        Dx::Indicator(id) => world.catalogue.indicators.contains_key(id),
        Dx::Rate(..) => false,
    }
}

impl Figures {
    /// Reads figures of units and periods; what is there already stays.
    pub async fn read(
        &mut self,
        tx: &mut Tx,
        world: &World,
        (dx, periods, units): (&[Dx], &[Period], &[UnitNo]),
        life: Life,
    ) -> Outcome<()> {
        let dx: Vec<Dx> = dx.iter().filter(|one| is_known(world, one)).cloned().collect();
        if dx.is_empty() || periods.is_empty() {
            return Ok(());
        }
        for group in groups(world, units) {
            let area = areas::find(tx, &group.area).await?.or_missing(&areas::NOT_FOUND)?;
            // What lies beside them is answered too, so that a question holds as many figures as fit.
            let beside = if group.units.len() > 1 { world.areas.units.len().min(400) } else { 1 };
            let most = (CELLS_MOST / (beside * periods.len())).max(1);
            for dx in dx.chunks(most) {
                let question = Question {
                    dx: dx.to_vec(),
                    periods: periods.to_vec(),
                    area: area.id.clone(),
                    by: group.by,
                    frame: None,
                    life,
                    approved_only: false,
                };
                let answer = ask::answer(tx, &world.catalogue, &question, &area).await?;
                self.take(world, &group.units, &answer);
            }
        }
        Ok(())
    }

    fn take(&mut self, world: &World, units: &[UnitNo], answer: &crate::model::analysis::Answer) {
        for (place, placed) in answer.places.iter().enumerate() {
            let Some(no) = world.areas.of_area(&placed.id).filter(|no| units.contains(no)) else {
                continue;
            };
            for (at, dx) in answer.dx.iter().enumerate() {
                for (when, period) in answer.periods.iter().enumerate() {
                    let number = answer.at(at, when, place).and_then(|shown| shown.number);
                    if let Some(number) = number {
                        self.0.insert((dx.clone(), period.id().to_owned(), no), number);
                    }
                }
            }
        }
    }

    /// A figure; none when there is no honest one.
    pub fn of(&self, dx: &Dx, period: &Period, unit: UnitNo) -> Option<Rational> {
        self.0.get(&(dx.clone(), period.id().to_owned(), unit)).copied()
    }

    /// What is asked for over several periods and units as one figure.
    pub fn together(
        &self,
        world: &World,
        dx: &Dx,
        periods: &[Period],
        units: &[UnitNo],
    ) -> Option<Rational> {
        if let ([period], [unit]) = (periods, units) {
            return self.of(dx, period, *unit);
        }
        match dx {
            Dx::Cell(key) => self.cell(world, key, periods, units),
            Dx::Indicator(id) => {
                let one = world.catalogue.indicators.get(id)?;
                self.indicator(world, one, (periods, units), 0)
            }
            Dx::Rate(..) => None,
        }
    }

    /// A cell by its law: counts add up over periods and units, stocks over units only, of periods the last one
    /// that anybody reported; what does not add is a figure only where one unit has one.
    fn cell(
        &self,
        world: &World,
        key: &CellKey,
        periods: &[Period],
        units: &[UnitNo],
    ) -> Option<Rational> {
        let law = world.catalogue.elements.get(&key.element)?.law;
        let dx = Dx::Cell(key.clone());
        let mut ordered: Vec<&Period> = periods.iter().collect();
        ordered.sort_by_key(|period| (period.from, period.until));
        let mut sums = ordered.into_iter().filter_map(|period| {
            let found: Vec<Rational> =
                units.iter().filter_map(|no| self.of(&dx, period, *no)).collect();
            match (law, &found[..]) {
                (_, []) => None,
                (Law::Additive | Law::Stock, all) => {
                    Some(all.iter().try_fold(Rational::ZERO, |sum, one| sum.plus(*one)))
                }
                (_, [one]) => Some(Some(*one)),
                (_, _) => Some(None),
            }
        });
        match law {
            Law::Additive => sums.reduce(|one, two| one?.plus(two?)).flatten(),
            _ => sums.next_back().flatten(),
        }
    }

    /// An indicator from its operands over all of these: never a sum or a mean of its own figures.
    fn indicator(
        &self,
        world: &World,
        one: &Indicator,
        (periods, units): (&[Period], &[UnitNo]),
        depth: usize,
    ) -> Option<Rational> {
        let catalogue = &world.catalogue;
        let made = Computation::of(one, &catalogue.elements, &catalogue.indicators)?;
        let outcome = made.formula.compile().run(|input| {
            let found = match input {
                Input::Cell(key) => self.cell(world, key, periods, units),
                Input::Previous(key) => {
                    let before: Vec<Period> = periods.iter().filter_map(Period::previous).collect();
                    self.cell(world, key, &before, units)
                }
                Input::Indicator(id) if depth < DEPTH_MOST => {
                    let inner = catalogue.indicators.get(id);
                    inner.and_then(|it| self.indicator(world, it, (periods, units), depth + 1))
                }
                // A target holds for one area.
                Input::Indicator(_) | Input::Target(_) => None,
            };
            found.map_or(Reading::Missing, Reading::Known)
        });
        outcome.number()
    }
}

/// The cells that an indicator is computed from, through other indicators too: of the period itself, and of the
/// one before.
pub fn operands(world: &World, one: &Indicator) -> (Vec<Dx>, Vec<Dx>) {
    let (mut own, mut before) = (Vec::new(), Vec::new());
    let mut seen = std::collections::BTreeSet::new();
    let mut left = vec![one];
    while let Some(one) = left.pop() {
        if !seen.insert(&one.code) {
            continue;
        }
        let catalogue = &world.catalogue;
        let Some(made) = Computation::of(one, &catalogue.elements, &catalogue.indicators) else {
            continue;
        };
        own.extend(made.cells().into_iter().map(Dx::Cell));
        before.extend(made.previous().into_iter().map(Dx::Cell));
        left.extend(
            made.formula.indicators().iter().filter_map(|id| catalogue.indicators.get(*id)),
        );
    }
    (own, before)
}

/// Reports owed, handed in, handed in in time, and approved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Owed.
    pub expected: i64,
    /// Handed in.
    pub reported: i64,
    /// In time.
    pub on_time: i64,
}

impl Owed {
    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self {
            expected: self.expected + other.expected,
            reported: self.reported + other.reported,
            on_time: self.on_time + other.on_time,
        }
    }
}

/// What is owed of a data set for a period, by unit.
pub async fn owed(
    tx: &mut Tx,
    world: &World,
    dataset: &DatasetId,
    period: &str,
    with_communes: bool,
) -> Outcome<HashMap<usize, Owed>> {
    let mut all: HashMap<usize, Owed> = HashMap::new();
    for (province, rate) in
        counts::rates(tx, dataset.as_str(), Life::Final, &[period.to_owned()]).await?
    {
        let Some(no) = world.areas.of_area(&province) else { continue };
        let own = Owed { expected: rate.expected, reported: rate.reported, on_time: rate.on_time };
        all.insert(no, own);
        if no != 0 {
            let country = all.entry(0).or_default();
            *country = country.and(own);
        }
    }
    if with_communes {
        let root = ScopePath::root();
        for one in obligations::under(tx, &root, dataset.as_str(), period, Life::Final).await? {
            let unit =
                world.areas.of_area(&one.area).filter(|no| world.areas.units[*no].level == 3);
            let Some(no) = unit else { continue };
            let reported = i64::from(one.met_at.is_some());
            let on_time = i64::from(one.met_at.is_some() && one.on_time);
            all.insert(no, Owed { expected: 1, reported, on_time });
        }
    }
    Ok(all)
}
