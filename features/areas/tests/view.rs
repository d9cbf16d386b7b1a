//! Laws of viewing figures in the units of another day, on invented maps: chains of merges, splits with and
//! without shares, redistributions and equivalents, lost and unexplained units.
//!
//! The oracle knows nothing of shares: it keeps the country as parcels of land that no event cuts, puts a
//! number on each, and adds up. Whatever is called exact must agree with it; whatever has bounds must hold it.

mod small;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{
    AreaEvent, AreaEventId, AreaId, AreaLevel, EventKind, Weight,
    view::{Atlas, Basis, Conversion, Figure, Law, Place, Quality, Share, Span, Transfer, View},
};
use kernel::{clock::Day, ids::Id};
use proptest::prelude::*;

pub fn id(text: &str) -> AreaId {
    AreaId::from_text(text.to_owned())
}

pub fn day(number: usize) -> Day {
    Day::new(2020, 1, 1).expect("a day").plus_days(i32::try_from(number).expect("small"))
}

pub fn event(number: usize) -> AreaEvent {
    AreaEvent {
        id: AreaEventId::from_text(format!("e{number}")),
        kind: EventKind::Redistribute,
        instrument: format!("Nghị quyết số {number}"),
        decided_on: None,
        effective_on: day(number),
        confirmed: true,
    }
}

/// A little chance of our own: the same seed, the same map.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).expect("31 bits") % sides.max(1)
    }
}

impl Dice {
    fn small(&mut self, sides: usize) -> u32 {
        u32::try_from(self.roll(sides)).expect("small")
    }
}

/// A history of a small country, with the parcels that each unit consists of.
struct World {
    days: usize,
    /// Units of the first and of the last day, with their parcels.
    first: BTreeMap<String, BTreeSet<usize>>,
    last: BTreeMap<String, BTreeSet<usize>>,
    events: Vec<AreaEvent>,
    transfers: Vec<Transfer>,
    people: HashMap<AreaId, i64>,
    provinces: HashMap<String, &'static str>,
    parcels: usize,
}

const PROVINCES: [&str; 3] = ["p1", "p2", "p3"];

impl World {
    fn roll(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut world = Self {
            days: 0,
            first: BTreeMap::new(),
            last: BTreeMap::new(),
            events: Vec::new(),
            transfers: Vec::new(),
            people: HashMap::new(),
            provinces: HashMap::new(),
            parcels: 0,
        };
        let mut alive = BTreeMap::new();
        for _ in 0..3 + dice.roll(5) {
            world.found(&mut alive, &mut dice);
        }
        world.first = alive.clone();
        for _ in 0..=dice.roll(6) {
            world.change(&mut alive, &mut dice);
        }
        world.last = alive;
        world
    }

    fn name(&mut self, like: Option<&str>, dice: &mut Dice) -> String {
        let name = format!("u{}", self.provinces.len());
        // Parts mostly stay in the province, as the law has it; sometimes they do not.
        let province = match like.filter(|_| dice.roll(4) > 0) {
            Some(like) => self.provinces[like],
            None => PROVINCES[dice.roll(3)],
        };
        self.provinces.insert(name.clone(), province);
        name
    }

    fn found(&mut self, alive: &mut BTreeMap<String, BTreeSet<usize>>, dice: &mut Dice) {
        let name = self.name(None, dice);
        let size = 2 + dice.roll(5);
        alive.insert(name, (self.parcels..self.parcels + size).collect());
        self.parcels += size;
    }

    fn step(&mut self, from: &str, to: &str, weight: Option<Weight>, whole: bool) {
        self.transfers.push(Transfer {
            event: self.events.len() - 1,
            from: id(from),
            to: id(to),
            whole,
            weight: if whole { Some(Weight { num: 1, den: 1 }) } else { weight },
            basis: weight.map(|_| Basis::Population),
        });
    }

    fn change(&mut self, alive: &mut BTreeMap<String, BTreeSet<usize>>, dice: &mut Dice) {
        self.days += 1;
        self.events.push(event(self.days));
        let names: Vec<String> = alive.keys().cloned().collect();
        let pick = names[dice.roll(names.len())].clone();
        match dice.roll(12) {
            0 => {
                alive.remove(&pick);
                if alive.is_empty() {
                    self.found(alive, dice);
                }
            }
            1 => self.found(alive, dice),
            2 | 3 => {
                let heir = self.name(Some(&pick), dice);
                self.step(&pick, &heir, None, true);
                let land = alive.remove(&pick).expect("alive");
                alive.insert(heir, land);
            }
            4..=6 => {
                let heir = self.name(Some(&pick), dice);
                let mut land = BTreeSet::new();
                for name in names.iter().take(2 + dice.roll(2)) {
                    self.count(name, dice);
                    self.step(name, &heir, None, true);
                    land.extend(alive.remove(name).expect("alive"));
                }
                alive.insert(heir, land);
            }
            kind => {
                let heirs: Vec<String> =
                    (0..2 + dice.roll(2)).map(|_| self.name(Some(&pick), dice)).collect();
                let parts: Vec<i64> = heirs.iter().map(|_| 1 + i64::from(dice.small(5))).collect();
                let sum: i64 = parts.iter().sum();
                let known = dice.roll(2) == 0;
                let land: Vec<usize> = alive.remove(&pick).expect("alive").into_iter().collect();
                self.count(&pick, dice);
                for (at, heir) in heirs.iter().enumerate() {
                    let weight = known.then_some(Weight { num: parts[at], den: sum });
                    self.step(&pick, heir, weight, false);
                    alive.insert(heir.clone(), BTreeSet::new());
                }
                for parcel in land {
                    let heir = &heirs[dice.roll(heirs.len())];
                    alive.get_mut(heir).expect("alive").insert(parcel);
                }
                // A redistribution: another unit joins one of the parts.
                if let Some(other) = names.iter().find(|name| **name != pick).filter(|_| kind > 9) {
                    self.count(other, dice);
                    self.step(other, &heirs[0], None, true);
                    let land = alive.remove(other).expect("alive");
                    alive.get_mut(&heirs[0]).expect("alive").extend(land);
                }
            }
        }
    }

    fn count(&mut self, name: &str, dice: &mut Dice) {
        if dice.roll(3) > 0 {
            self.people.insert(id(name), i64::from(dice.small(9_000)));
        }
    }

    fn places(&self, units: &BTreeMap<String, BTreeSet<usize>>) -> Vec<Place> {
        let place = |name: &str, level, parent: Option<&str>| Place {
            id: id(name),
            level,
            code: Some(name.to_owned()),
            full_name: format!("xã {name}"),
            parent: parent.map(id),
        };
        let mut places = vec![place("vn", AreaLevel::Country, None)];
        places.extend(PROVINCES.map(|name| place(name, AreaLevel::Province, Some("vn"))));
        for name in units.keys() {
            places.push(place(name, AreaLevel::Commune, Some(self.provinces[name])));
        }
        // Provinces without communes would stand among the communes.
        places.retain(|place| {
            place.level != AreaLevel::Province
                || units.keys().any(|name| self.provinces[name] == place.id.as_str())
        });
        places
    }

    fn conversion(&self, forward: bool, by: AreaLevel) -> Conversion {
        let (from, to) = if forward { (0, self.days) } else { (self.days, 0) };
        let (first, last) = (self.places(&self.first), self.places(&self.last));
        let (before, after) = if forward { (first, last) } else { (last, first) };
        let span = Span { from: day(from), to: day(to), of: AreaLevel::Commune, by };
        Conversion::between(
            span,
            Atlas {
                before,
                after,
                events: self.events.clone(),
                transfers: self.transfers.clone(),
                people: self.people.clone(),
            },
        )
    }

    /// The parcels of a target.
    fn land(&self, forward: bool, target: &AreaId) -> BTreeSet<usize> {
        let units = if forward { &self.last } else { &self.first };
        let inside =
            |name: &str| name == target.as_str() || self.provinces[name] == target.as_str();
        units.iter().filter(|(name, _)| inside(name)).flat_map(|(_, land)| land.clone()).collect()
    }
}

/// Numbers on every parcel, and what each source reports of them.
fn reported(
    world: &World,
    forward: bool,
    dice: &mut Dice,
) -> (Vec<[i128; 2]>, HashMap<AreaId, Figure>) {
    let truth: Vec<[i128; 2]> = (0..world.parcels)
        .map(|_| {
            let observed = dice.roll(500) as i128;
            [dice.roll(300) as i128, observed + 1]
        })
        .collect();
    let units = if forward { &world.first } else { &world.last };
    let silent = dice.roll(3);
    let told = units.iter().filter(|_| silent > 0 || dice.roll(4) > 0);
    let figures = told.map(|(name, land)| {
        let numerator = land.iter().map(|at| truth[*at][0]).sum();
        let denominator = land.iter().map(|at| truth[*at][1]).sum();
        (id(name), Figure::Ratio { numerator, denominator })
    });
    let figures = figures.collect();
    (truth, figures)
}

fn numerators(figures: &HashMap<AreaId, Figure>) -> HashMap<AreaId, Figure> {
    let first = figures.iter().filter_map(|(id, figure)| match figure {
        Figure::Ratio { numerator, .. } => Some((id.clone(), Figure::Amount(*numerator))),
        _ => None,
    });
    first.collect()
}

fn pair(figure: &Figure) -> [i128; 2] {
    match figure {
        Figure::Amount(amount) => [*amount, 0],
        Figure::Ratio { numerator, denominator } => [*numerator, *denominator],
        Figure::Mean { sum, n } => [*sum, *n],
        Figure::Text(_) => panic!("text is not added"),
    }
}

pub fn is_conserved(view: &View<'_>) {
    let sum = |figure: Option<Figure>| pair(&figure.expect("this law adds"));
    let (all, given, rest) =
        (sum(view.sum_of_sources()), sum(view.sum_of_results()), sum(view.sum_together()));
    assert_eq!(all, [given[0] + rest[0], given[1] + rest[1]]);
}

fn check_amounts(world: &World, forward: bool, view: &View<'_>, truth: &[[i128; 2]]) {
    let real =
        |unit: &AreaId| -> i128 { world.land(forward, unit).iter().map(|at| truth[*at][0]).sum() };
    is_conserved(view);
    for seen in &view.results {
        let real = real(&seen.unit);
        let low = |low: &Option<Figure>| low.as_ref().is_none_or(|low| pair(low)[0] <= real);
        let high = |high: &Option<Figure>| high.as_ref().is_none_or(|high| pair(high)[0] >= real);
        let sources = view.sources(&seen.unit);
        match &seen.quality {
            Quality::Exact => {
                assert_eq!(seen.figure, Some(Figure::Amount(real)), "{seen:?}");
                assert!(sources.iter().all(|source| source.share == Share::Whole), "{seen:?}");
            }
            Quality::Estimated { bases, low: least, high: most } => {
                assert!(
                    least.is_some() && low(least) && most.is_some() && high(most),
                    "{seen:?} {real}"
                );
                assert!(bases.iter().count() > 0 && seen.figure.is_some());
                let point = pair(seen.figure.as_ref().expect("a figure"))[0];
                assert!(pair(least.as_ref().expect("least"))[0] <= point);
                assert!(pair(most.as_ref().expect("most"))[0] >= point);
            }
            Quality::Undefined { low: least, high: most, .. } => {
                assert_eq!(seen.figure, None);
                assert!(low(least) && high(most), "{seen:?} {real}");
            }
        }
        assert_eq!(seen.sources, sources.len());
        assert_eq!(seen.reported, sources.iter().filter(|source| source.figure.is_some()).count());
    }
    for group in view.together.iter().filter(|group| group.exact && !group.beyond) {
        let sum: i128 = group.units.iter().map(real).sum();
        assert_eq!(group.figure, Figure::Amount(sum), "{group:?}");
    }
}

fn check_ratios(world: &World, forward: bool, view: &View<'_>, truth: &[[i128; 2]]) {
    is_conserved(view);
    for seen in &view.results {
        let mut real = [0, 0];
        for at in world.land(forward, &seen.unit) {
            real = [real[0] + truth[at][0], real[1] + truth[at][1]];
        }
        // a/b <= c/d without dividing.
        let at_most = |one: [i128; 2], other: [i128; 2]| one[0] * other[1] <= other[0] * one[1];
        match &seen.quality {
            Quality::Exact => assert_eq!(pair(seen.figure.as_ref().expect("exact")), real),
            Quality::Estimated { low, high, .. } | Quality::Undefined { low, high, .. } => {
                assert!(
                    low.as_ref().is_none_or(|low| at_most(pair(low), real)),
                    "{seen:?} {real:?}"
                );
                assert!(
                    high.as_ref().is_none_or(|high| at_most(real, pair(high))),
                    "{seen:?} {real:?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// README rule 10.
    #[test]
    fn exact_is_true_bounds_hold_and_nothing_is_lost(seed: u64, forward: bool, by_province: bool) {
        let world = World::roll(seed);
        let by = if by_province { AreaLevel::Province } else { AreaLevel::Commune };
        let conversion = world.conversion(forward, by);
        let mut dice = Dice(seed ^ 0xABCD);
        for _ in 0..3 {
            let (truth, figures) = reported(&world, forward, &mut dice);
            let amounts = conversion.apply(Law::Additive, &numerators(&figures)).expect("they fit");
            check_amounts(&world, forward, &amounts, &truth);
            let ratios = conversion.apply(Law::Ratio, &figures).expect("they fit");
            check_ratios(&world, forward, &ratios, &truth);
            for (one, other) in amounts.results.iter().zip(&ratios.results) {
                let (one, other) = (one.quality.grade(), other.quality.grade());
                prop_assert!(one <= other, "the worst flag of the two counts");
            }
        }
    }

    /// Amounts below zero have no bounds: a part of a balance may be larger than the balance.
    #[test]
    fn balances_are_conserved_and_have_no_bounds(seed: u64, forward: bool) {
        let world = World::roll(seed);
        let conversion = world.conversion(forward, AreaLevel::Commune);
        let mut dice = Dice(seed);
        let figures: HashMap<AreaId, Figure> = conversion
            .sources()
            .iter()
            .map(|place| (place.id.clone(), Figure::Amount(dice.roll(1_000) as i128 - 700)))
            .collect();
        let view = conversion.apply(Law::Stock, &figures).expect("they fit");
        is_conserved(&view);
        let negative = figures.values().any(|figure| pair(figure)[0] < 0);
        for seen in view.results.iter().filter(|_| negative) {
            if let Quality::Estimated { low, high, .. } | Quality::Undefined { low, high, .. } = &seen.quality {
                prop_assert_eq!((low, high), (&None, &None));
            }
        }
    }
}

/// A law that only ever sees one quality proves nothing.
#[test]
fn the_invented_maps_hold_every_quality_and_every_kind_of_share() {
    let (mut grades, mut shares) = ([[0; 3]; 2], [0; 3]);
    for seed in 0..300 {
        let world = World::roll(seed);
        for forward in [true, false] {
            let made = world.conversion(forward, AreaLevel::Commune);
            for (at, count) in made.grades().into_iter().enumerate() {
                grades[usize::from(forward)][at] += count;
            }
            for (_, _, link) in made.flows() {
                shares[match link.share {
                    Share::Whole => 0,
                    Share::Part { .. } => 1,
                    Share::Unknown => 2,
                }] += 1;
            }
        }
    }
    assert!(grades.iter().flatten().all(|count| *count > 20), "{grades:?}");
    assert!(shares.iter().all(|count| *count > 100), "{shares:?}");
}
