//! Everything a question needs, read once: cells brought to the units wanted, rates, indicators computed from them.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, HashMap},
};

use areas::{
    Area, AreaId,
    view::{Grade, Law},
};
use kernel::{clock::Day, db::Tx, problem::Outcome};

use super::{
    by_unit::{ByUnit, Fact},
    expected::{Expecting, is_known},
    gather::{Facts, Owing, Owners, Rates, Reading as Read, distinct, lacking},
    ground::Ground,
};
use crate::{
    actions::{catalogue::Catalogue, problem},
    model::{
        CellKey, DatasetId, IndicatorId, Period,
        analysis::{
            CELLS_MOST, Computation, Dx, Gap, Question, RateKind, Shown, Sum, TOO_BROAD,
            rate_tenths, reach,
        },
        formula::{Input, Outcome as Computed, Problem, Rational, Reading, Trace},
    },
    store::rollups::Rate,
};

/// How deep indicators may be computed from indicators.
const DEPTH_MOST: usize = 12;

/// What an answer is made from.
pub struct Book<'c> {
    catalogue: &'c Catalogue,
    /// The units and the ways to them.
    pub ground: Ground,
    owners: Owners,
    rates: Rates,
    owing: Owing,
    /// Rates brought to the units wanted, in their order.
    owed: HashMap<(DatasetId, String), Vec<Result<Rate, Gap>>>,
    facts: Facts,
    sums: HashMap<CellKey, HashMap<String, Vec<Sum>>>,
    formulas: BTreeMap<IndicatorId, Option<Computation>>,
    area: Area,
    under_way: RefCell<Vec<IndicatorId>>,
}

/// What must be read.
struct Needs {
    /// Cells with the period they are wanted for.
    cells: BTreeSet<(CellKey, Period)>,
    datasets: BTreeSet<DatasetId>,
    formulas: BTreeMap<IndicatorId, Option<Computation>>,
}

impl Needs {
    fn of(catalogue: &Catalogue, question: &Question) -> Self {
        let mut it =
            Self { cells: BTreeSet::new(), datasets: BTreeSet::new(), formulas: BTreeMap::new() };
        for dx in &question.dx {
            match dx {
                Dx::Cell(key) => it
                    .cells
                    .extend(question.periods.iter().map(|period| (key.clone(), period.clone()))),
                Dx::Indicator(id) => it.indicator(catalogue, id, &question.periods),
                Dx::Rate(dataset, _) => {
                    it.datasets.insert(dataset.clone());
                }
            }
        }
        it
    }

    fn indicator(&mut self, catalogue: &Catalogue, id: &IndicatorId, periods: &[Period]) {
        let mut left = vec![id.clone()];
        while let Some(id) = left.pop() {
            if self.formulas.contains_key(&id) {
                continue;
            }
            let made = catalogue
                .indicators
                .get(&id)
                .and_then(|one| Computation::of(one, &catalogue.elements, &catalogue.indicators));
            if let Some(made) = &made {
                for period in periods {
                    self.cells.extend(made.cells().into_iter().map(|key| (key, period.clone())));
                    if let Some(before) = period.previous() {
                        let keys = made.previous().into_iter();
                        self.cells.extend(keys.map(|key| (key, before.clone())));
                    }
                }
                left.extend(made.formula.indicators().into_iter().cloned());
            }
            self.formulas.insert(id, made);
        }
    }
}

impl<'c> Book<'c> {
    /// Reads it.
    pub async fn open(
        tx: &mut Tx,
        catalogue: &'c Catalogue,
        question: &Question,
        area: &Area,
        frame: Day,
    ) -> Outcome<Self> {
        let owners = Owners::of(catalogue);
        let mut needs = Needs::of(catalogue, question);
        let parts = needs.cells.iter().flat_map(|(key, period)| owners.parts(&key.element, period));
        let periods = distinct(parts.chain(question.periods.iter().cloned()));
        let mut reports: BTreeSet<(DatasetId, String)> = BTreeSet::new();
        for (key, period) in &needs.cells {
            for part in owners.parts(&key.element, period) {
                let asking = owners.datasets(&key.element, &part).cloned();
                reports.extend(asking.map(|dataset| (dataset, part.id().to_owned())));
            }
        }
        needs.datasets.extend(reports.iter().map(|(dataset, _)| dataset.clone()));
        let ground = Ground::lay(tx, area, question.by, frame, &periods).await?;
        // Before anything is read of so many places.
        if question.dx.len() * question.periods.len() * ground.places.len() > CELLS_MOST {
            return Err(problem(&TOO_BROAD, "most", CELLS_MOST.to_string()));
        }
        let read = Read {
            ground: &ground,
            area,
            life: question.life,
            approved_only: question.approved_only,
            periods: &periods,
        };
        let keys: BTreeSet<CellKey> = needs.cells.iter().map(|(key, _)| key.clone()).collect();
        let mut facts = read.facts(tx, &keys).await?;
        let communes = question.by == areas::AreaLevel::Commune;
        let wanted: BTreeSet<DatasetId> = if communes {
            // A commune owes one report; how it stands with it only questions about rates ask.
            question
                .dx
                .iter()
                .filter_map(|dx| match dx {
                    Dx::Rate(dataset, _) => Some(dataset.clone()),
                    _ => None,
                })
                .collect()
        } else {
            needs.datasets.clone()
        };
        let rates = read.rates(tx, &wanted).await?;
        // Where none of these units owes a report, somebody else may: only then is nobody to report it.
        for dataset in &wanted {
            let places = question.periods.iter().map(|one| (dataset.clone(), one.id().to_owned()));
            reports.extend(places.filter(|place| !rates.get(place).is_some_and(is_known)));
        }
        let asked = lacking(&needs.cells, &owners, &facts, &ground, &reports);
        let mut owing = read.owing(tx, &asked).await?;
        // A data set says itself where it is asked: elsewhere nobody owes it, on nodes never asked, too. Only places of
        // its own time can be compared; what is known of who owes it goes before.
        let is_elsewhere = |(code, _): &(DatasetId, String)| {
            catalogue.datasets.get(code).is_some_and(|one| {
                (area.from..area.until).contains(&one.from) && !one.concerns(&area.path)
            })
        };
        let is_unknown = |place: &(DatasetId, String)| !rates.get(place).is_some_and(is_known);
        for place in reports.into_iter().filter(is_elsewhere).filter(is_unknown) {
            owing.entry(place).or_default();
        }
        let units = ground.units();
        let expecting =
            Expecting { catalogue, owners: &owners, units, owing: &owing, rates: &rates };
        for (key, period) in &needs.cells {
            for part in owners.parts(&key.element, period) {
                expecting.write(key, &part, facts.units(key, part.id().to_owned()));
            }
        }
        let mut it = Self {
            catalogue,
            ground,
            owners,
            rates,
            owing,
            owed: HashMap::new(),
            facts,
            sums: HashMap::new(),
            formulas: needs.formulas,
            area: area.clone(),
            under_way: RefCell::default(),
        };
        for (key, period) in needs.cells {
            let sums = it.summed(&key, &period)?;
            it.sums.entry(key).or_default().insert(period.id().to_owned(), sums);
        }
        let none = HashMap::new();
        for dx in &question.dx {
            let Dx::Rate(dataset, _) = dx else { continue };
            for period in &question.periods {
                let place = (dataset.clone(), period.id().to_owned());
                if !it.owed.contains_key(&place) {
                    let rates = it.rates.get(&place).unwrap_or(&none);
                    let nobody = if it.owing.contains_key(&place) || is_known(rates) {
                        Gap::NotOwed
                    } else {
                        Gap::NotReported
                    };
                    let owed = it.carried(rates, period, nobody)?;
                    it.owed.insert(place, owed);
                }
            }
        }
        Ok(it)
    }

    /// Rates brought to the units wanted; why there is none where nobody owes a report, or nobody can say who owed it
    /// because the units of that time are not joined with those of this.
    fn carried(
        &self,
        rates: &HashMap<AreaId, Rate>,
        period: &Period,
        nobody: Gap,
    ) -> Outcome<Vec<Result<Rate, Gap>>> {
        // Reports are counted, so they add up.
        let carry = |pick: fn(&Rate) -> i64| -> Outcome<Vec<Sum>> {
            let of =
                |rate: &Rate| Fact { amount: Some(pick(rate)), reported: 1, ..Fact::default() };
            let mut facts = ByUnit::default();
            for (area, rate) in rates {
                *facts.entry(self.ground.units(), area) = of(rate);
            }
            let mut all: Vec<Sum> = Vec::with_capacity(self.ground.places.len());
            self.ground.carry(period.id(), Law::Additive, &facts, |_, sum| all.push(sum))?;
            Ok(all)
        };
        let expected = carry(|rate| rate.expected)?;
        let reported = carry(|rate| rate.reported)?;
        let on_time = carry(|rate| rate.on_time)?;
        let approved = carry(|rate| rate.approved)?;
        let count = |sum: &Sum| {
            let amount = sum.carried.and_then(|carried| carried.amount);
            amount.and_then(|amount| i64::try_from(amount).ok()).unwrap_or(0)
        };
        let rate = |place: usize| match count(&expected[place]) {
            0 => {
                let gap = expected[place].carried.and_then(|carried| carried.gap);
                Err(gap.filter(|gap| *gap != Gap::NotReported).unwrap_or(nobody))
            }
            owed => Ok(Rate {
                expected: owed,
                reported: count(&reported[place]),
                on_time: count(&on_time[place]),
                approved: count(&approved[place]),
                ..Rate::default()
            }),
        };
        Ok((0..self.ground.places.len()).map(rate).collect())
    }

    /// A cell over a period, for every unit wanted.
    fn summed(&self, key: &CellKey, period: &Period) -> Outcome<Vec<Sum>> {
        let law = self.law(key);
        let empty = ByUnit::default();
        // Nothing so far is nothing that anybody owes.
        let none = Sum { is_not_owed: true, ..Sum::default() };
        let mut all = vec![none; self.ground.places.len()];
        for part in self.owners.parts(&key.element, period) {
            let facts = self.facts.of(key, part.id()).unwrap_or(&empty);
            self.ground.carry(part.id(), law, facts, |place, more| {
                let sum = &mut all[place];
                *sum = if law == Law::Additive {
                    sum.plus(more)
                } else {
                    // What stood at the end of the last part that anybody reported.
                    let is_not_owed = sum.is_not_owed && more.is_not_owed;
                    let is_told = more.carried.is_some() || more.no_data > 0;
                    Sum { is_not_owed, ..if is_told { more } else { *sum } }
                };
            })?;
        }
        Ok(all)
    }

    /// How an element rolls up.
    pub fn law(&self, key: &CellKey) -> Law {
        self.catalogue.elements.get(&key.element).map_or(Law::NonAdditive, |one| one.law)
    }

    /// How many decimals an element keeps.
    pub fn decimals(&self, key: &CellKey) -> u32 {
        self.catalogue.elements.get(&key.element).map_or(0, |one| one.decimals)
    }

    /// What was reported in a cell for a period and who owes it, unit by unit, before it was brought anywhere.
    pub fn owed_facts(&self, key: &CellKey, period: &Period) -> Option<&ByUnit> {
        self.facts.of(key, period.id())
    }

    /// The periods whose figures make up a cell's.
    pub fn parts(&self, key: &CellKey, period: &Period) -> Vec<Period> {
        self.owners.parts(&key.element, period)
    }

    fn sum(&self, key: &CellKey, period: &str, place: usize) -> Sum {
        let found = self.sums.get(key).and_then(|periods| periods.get(period));
        found.and_then(|all| all.get(place)).copied().unwrap_or_default()
    }

    /// The figures of all units, in their order: a cell and its period are looked up once for thousands of them.
    pub fn column(&self, dx: &Dx, period: &Period) -> Vec<Shown> {
        let places = 0..self.ground.places.len();
        let Dx::Cell(key) = dx else {
            return places.map(|place| self.shown(dx, period, place)).collect();
        };
        let decimals = self.decimals(key);
        match self.sums.get(key).and_then(|periods| periods.get(period.id())) {
            Some(sums) => sums.iter().map(|sum| sum.shown(decimals)).collect(),
            None => places.map(|_| Sum::default().shown(decimals)).collect(),
        }
    }

    /// One figure.
    pub fn shown(&self, dx: &Dx, period: &Period, place: usize) -> Shown {
        match dx {
            Dx::Cell(key) => self.sum(key, period.id(), place).shown(self.decimals(key)),
            Dx::Indicator(id) => self.indicator(id, period, place).0,
            Dx::Rate(dataset, kind) => self.rate(dataset, *kind, period, place),
        }
    }

    fn rate(&self, dataset: &DatasetId, kind: RateKind, period: &Period, place: usize) -> Shown {
        let owed = self.owed.get(&(dataset.clone(), period.id().to_owned()));
        let owed = owed.and_then(|all| all.get(place)).unwrap_or(&Err(Gap::NotReported));
        let owed = match owed {
            Ok(owed) => owed,
            Err(gap) => return Shown::gap(*gap),
        };
        let part = match kind {
            RateKind::Reported => owed.reported,
            RateKind::OnTime => owed.on_time,
            RateKind::Approved => owed.approved,
        };
        Shown {
            number: rate_tenths(part, owed.expected)
                .and_then(|tenths| Rational::new(tenths.into(), 10)),
            gap: None,
            grade: Grade::Exact,
            reported: owed.reported,
            expected: owed.expected,
            approved: owed.approved,
            ..Shown::gap(Gap::NotReported)
        }
    }

    /// An indicator, computed from its rolled-up operands, and how.
    pub fn indicator(&self, id: &IndicatorId, period: &Period, place: usize) -> (Shown, Trace) {
        let Some(Some(made)) = self.formulas.get(id) else {
            return (Shown::gap(Gap::NoFormula), Trace::default());
        };
        {
            let mut way = self.under_way.borrow_mut();
            if way.contains(id) || way.len() > DEPTH_MOST {
                return (Shown::gap(Gap::NoFormula), Trace::default());
            }
            way.push(id.clone());
        }
        let operands: RefCell<Vec<Shown>> = RefCell::default();
        let lacks_target = Cell::new(false);
        let (outcome, trace) = made.formula.explain(|input| {
            let (reading, shown) = self.read(input, period, place);
            let is_lacking = matches!((input, &reading), (Input::Target(_), Reading::Missing));
            lacks_target.set(lacks_target.get() || is_lacking);
            operands.borrow_mut().extend(shown);
            reading
        });
        self.under_way.borrow_mut().pop();
        (judged(&outcome, &operands.into_inner(), lacks_target.get()), trace)
    }

    /// Why an input of a formula is missing.
    pub fn gap(&self, input: &Input, period: &Period, place: usize) -> Gap {
        match input {
            Input::Target(_) => Gap::NoTarget,
            _ => self
                .read(input, period, place)
                .1
                .and_then(|one| one.gap)
                .unwrap_or(Gap::NotReported),
        }
    }

    /// What stands for an input of a formula.
    pub fn read(&self, input: &Input, period: &Period, place: usize) -> (Reading, Option<Shown>) {
        let of_cell = |key: &CellKey, period: &str| {
            let sum = self.sum(key, period, place);
            (sum.reading(self.decimals(key)), Some(sum.shown(self.decimals(key))))
        };
        match input {
            Input::Cell(key) => of_cell(key, period.id()),
            Input::Previous(key) => match period.previous() {
                Some(before) => of_cell(key, before.id()),
                None => (Reading::Missing, None),
            },
            Input::Indicator(id) => {
                let shown = self.indicator(id, period, place).0;
                let reading = match (shown.number, shown.gap) {
                    (Some(number), _) => Reading::Known(number),
                    (None, Some(Gap::NoFormula)) => Reading::Wrong(Problem::TooLarge),
                    (None, _) => Reading::Missing,
                };
                (reading, Some(shown))
            }
            Input::Target(id) => {
                let target = self.target(id, period);
                (target.map_or(Reading::Missing, Reading::Known), None)
            }
        }
    }

    /// The number an indicator shall reach by the end of the period's year or the next stated one.
    fn target(&self, id: &IndicatorId, period: &Period) -> Option<Rational> {
        let fits = |area: &str| area.is_empty() || area == self.area.id.as_str();
        let all = self.catalogue.targets.iter().filter(|one| {
            one.indicator == *id
                && one.approved
                && fits(&one.area)
                && i32::from(one.year) >= period.year()
                && one.period.as_ref().is_none_or(|id| id == period.id())
        });
        // Its own target goes before the country's, and the period's before the year's.
        let best = all.min_by_key(|one| (one.area.is_empty(), one.year, one.period.is_none()))?;
        reach(&best.goal).map(|(low, _)| low)
    }
}

/// An indicator's figure: as good as the worst of its operands, as complete as the least complete.
fn judged(outcome: &Computed, operands: &[Shown], lacks_target: bool) -> Shown {
    let worst = operands.iter().map(|one| one.grade).max().unwrap_or(Grade::Exact);
    let share = |one: &Shown| (one.reported * 1_000_000).checked_div(one.expected.max(1));
    let least = operands.iter().min_by_key(|one| share(one));
    let mut bases: Vec<_> = operands.iter().flat_map(|one| one.bases.iter().copied()).collect();
    bases.sort_unstable();
    bases.dedup();
    let (number, gap) = match outcome {
        Computed::Number(number) => (Some(*number), None),
        Computed::Truth(truth) => (Some(if *truth { Rational::ONE } else { Rational::ZERO }), None),
        Computed::Missing(_) => {
            let lacking = operands.iter().filter(|one| one.number.is_none());
            let target = lacks_target.then_some(Gap::NoTarget);
            (None, Some(Gap::of_computed(lacking.filter_map(|one| one.gap).chain(target))))
        }
        Computed::Problem(Problem::ZeroBelow(_)) => (None, Some(Gap::ZeroBelow)),
        Computed::Problem(Problem::TooLarge) => (None, Some(Gap::NoFormula)),
    };
    // What a formula could do without (`sum`, `orzero`) does not make its result undefined.
    let grade = match (number.is_some(), worst) {
        (false, _) => Grade::Undefined,
        (true, Grade::Exact | Grade::Undefined) => Grade::Exact,
        (true, Grade::Estimated) => Grade::Estimated,
    };
    Shown {
        number,
        gap,
        grade,
        bases: if grade == Grade::Estimated { bases } else { Vec::new() },
        bounds: None,
        reported: least.map_or(0, |one| one.reported),
        expected: least.map_or(0, |one| one.expected),
        approved: operands.iter().map(|one| one.approved).min().unwrap_or(0),
    }
}
