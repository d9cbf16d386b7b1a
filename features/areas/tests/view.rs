//! Laws of viewing figures in the units of another day, on invented maps: chains of merges, splits with and
//! without shares, redistributions and equivalents, lost and unexplained units.
//!
//! The oracle knows nothing of shares: it keeps the country as parcels of land that no event cuts, puts a
//! number on each, and adds up. Whatever is called exact must agree with it; whatever has bounds must hold it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{
    AreaEvent, AreaEventId, AreaId, AreaLevel, EventKind, Weight,
    view::{
        Atlas, Basis, Conversion, Figure, Grade, Law, Place, Quality, Share, Span, Transfer, View,
        ViewProblem, Why,
    },
};
use kernel::{clock::Day, ids::Id};
use proptest::prelude::*;

fn id(text: &str) -> AreaId {
    AreaId::from_text(text.to_owned())
}

fn day(number: usize) -> Day {
    Day::new(2020, 1, 1).expect("a day").plus_days(i32::try_from(number).expect("small"))
}

fn event(number: usize) -> AreaEvent {
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

/// A map told in a line: `a>x a>y*1/3`; `>` whole, `~` unknown share, `*n/d` known share.
fn tiny(before: &[&str], after: &[&str], steps: &[&str]) -> Conversion {
    let place = |name: &&str| Place {
        id: id(name),
        level: AreaLevel::Commune,
        code: Some((*name).to_owned()),
        full_name: format!("xã {}", name.to_uppercase()),
        parent: None,
    };
    let step = |text: &&str| {
        let at = text.find(['>', '~', '*']).expect("a mark");
        let (from, rest) = text.split_at(at);
        let (to, weight) = match rest[1..].split_once('=') {
            Some((to, share)) => {
                let (num, den) = share.split_once('/').expect("a share");
                let weight =
                    Weight { num: num.parse().expect("num"), den: den.parse().expect("den") };
                (to, Some(weight))
            }
            None => (&rest[1..], None),
        };
        Transfer {
            event: 0,
            from: id(from),
            to: id(to),
            whole: rest.starts_with('>'),
            weight,
            basis: weight.map(|_| Basis::Population),
        }
    };
    let (of, by) = (AreaLevel::Commune, AreaLevel::Commune);
    Conversion::between(
        Span { from: day(0), to: day(1), of, by },
        Atlas {
            before: before.iter().map(place).collect(),
            after: after.iter().map(place).collect(),
            events: vec![event(1)],
            transfers: steps.iter().map(step).collect(),
            people: HashMap::new(),
        },
    )
}

fn amounts(figures: &[(&str, i128)]) -> HashMap<AreaId, Figure> {
    figures.iter().map(|(name, amount)| (id(name), Figure::Amount(*amount))).collect()
}

#[test]
fn two_communes_that_reported_120_and_80_become_200() {
    let conversion = tiny(&["a", "b"], &["x"], &["a>x", "b>x"]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 120), ("b", 80)])).expect("fits");
    let seen = view.seen(&id("x")).expect("x");
    assert_eq!((&seen.figure, &seen.quality), (&Some(Figure::Amount(200)), &Quality::Exact));
    let sources = view.sources(&id("x"));
    let told: Vec<_> = sources
        .iter()
        .map(|source| {
            (
                source.place.full_name.as_str(),
                source.part.clone(),
                source.events[0].instrument.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("xã A", Some(Figure::Amount(120)), "Nghị quyết số 1"),
            ("xã B", Some(Figure::Amount(80)), "Nghị quyết số 1"),
        ]
    );
}

#[test]
fn a_blank_is_not_a_zero() {
    let conversion = tiny(&["a", "b"], &["x"], &["a>x", "b>x"]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 120)])).expect("fits");
    let seen = view.seen(&id("x")).expect("x");
    assert_eq!((seen.reported, seen.sources, &seen.figure), (1, 2, &None));
    let low = Some(Figure::Amount(120));
    assert_eq!(seen.quality, Quality::Undefined { why: Why::NotReported, low, high: None });
    is_conserved(&view);
}

#[test]
fn a_unit_divided_nobody_knows_how_leaves_a_sum_for_the_group() {
    let conversion = tiny(&["a", "b"], &["x", "y"], &["a~x", "a~y", "b>x"]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 90), ("b", 10)])).expect("fits");
    let bounds = |low, high| Quality::Undefined {
        why: Why::ShareUnknown,
        low: Some(Figure::Amount(low)),
        high: Some(Figure::Amount(high)),
    };
    assert_eq!(view.seen(&id("x")).expect("x").quality, bounds(10, 100));
    assert_eq!(view.seen(&id("y")).expect("y").quality, bounds(0, 90));
    let [together] = &view.together[..] else { panic!("{:?}", view.together) };
    assert_eq!(
        (&together.units[..], &together.figure),
        (&[id("x"), id("y")][..], &Figure::Amount(100))
    );
    assert!(together.exact);
}

#[test]
fn people_shared_out_by_weights_stay_whole() {
    let conversion = tiny(&["a"], &["x", "y", "z"], &["a*x=1/3", "a*y=1/3", "a*z=1/3"]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 100)])).expect("fits");
    let figures: Vec<_> =
        view.results.iter().map(|seen| pair(seen.figure.as_ref().expect("estimate"))[0]).collect();
    assert_eq!(figures, [34, 33, 33]);
    let Quality::Estimated { bases, low, high } = &view.results[0].quality else {
        panic!("estimated")
    };
    assert_eq!(bases.iter().collect::<Vec<_>>(), [Basis::Population]);
    assert_eq!((low, high), (&Some(Figure::Amount(0)), &Some(Figure::Amount(100))));
}

#[test]
fn weights_that_do_not_sum_to_one_count_for_nothing() {
    for steps in [
        ["a*x=1/3", "a*y=1/3"],
        ["a*x=2/3", "a*y=2/3"],
        ["a>x", "a*y=1/3"],
        ["a*x=-1/3", "a*y=4/3"],
    ] {
        let conversion = tiny(&["a"], &["x", "y"], &steps);
        assert_eq!(conversion.grades(), [0, 0, 2], "{steps:?}");
        let view = conversion.apply(Law::Additive, &amounts(&[("a", 100)])).expect("fits");
        is_conserved(&view);
    }
}

#[test]
fn a_ring_of_events_makes_nothing_exact_and_ends() {
    let conversion = tiny(&["a", "d"], &["x"], &["a>b", "b>c", "c~b", "c~x", "d>x"]);
    assert_eq!(conversion.grades(), [0, 0, 1]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 5), ("d", 7)])).expect("fits");
    is_conserved(&view);
    assert_eq!(view.seen(&id("x")).expect("x").quality.grade(), Grade::Undefined);
}

#[test]
fn what_cannot_be_added_stays_only_where_the_territory_stayed() {
    let conversion = tiny(&["a", "b", "c", "d"], &["x", "c", "z"], &["a>x", "b>x", "d>z"]);
    let texts: HashMap<AreaId, Figure> =
        [("a", "Đạt"), ("b", "Chưa đạt"), ("c", "Đạt"), ("d", "Đạt")]
            .map(|(name, text)| (id(name), Figure::Text(text.to_owned())))
            .into();
    let view = conversion.apply(Law::NonAdditive, &texts).expect("fits");
    for kept in ["c", "z"] {
        assert_eq!(
            view.seen(&id(kept)).expect("kept").figure,
            Some(Figure::Text("Đạt".to_owned()))
        );
    }
    let merged = view.seen(&id("x")).expect("x");
    assert_eq!(merged.quality, Quality::Undefined { why: Why::NotAdditive, low: None, high: None });
    let list: Vec<_> =
        view.sources(&id("x")).into_iter().filter_map(|source| source.figure).collect();
    assert_eq!(list, [Figure::Text("Đạt".to_owned()), Figure::Text("Chưa đạt".to_owned())]);
}

#[test]
fn a_mean_is_carried_by_its_sum_and_count() {
    let conversion = tiny(&["a", "b"], &["x"], &["a>x", "b>x"]);
    let figures = HashMap::from([
        (id("a"), Figure::Mean { sum: 30, n: 10 }),
        (id("b"), Figure::Mean { sum: 50, n: 10 }),
    ]);
    let view = conversion.apply(Law::Mean, &figures).expect("fits");
    assert_eq!(view.results[0].figure, Some(Figure::Mean { sum: 80, n: 20 }));
}

#[test]
fn figures_that_do_not_fit_are_refused_with_their_unit() {
    let conversion = tiny(&["a"], &["a"], &[]);
    let refused = |law, name, figure| {
        conversion.apply(law, &HashMap::from([(id(name), figure)])).expect_err("refused")
    };
    assert_eq!(refused(Law::Additive, "q", Figure::Amount(1)), ViewProblem::Stranger(id("q")));
    let misfits = [
        (Law::Ratio, Figure::Amount(1)),
        (Law::Ratio, Figure::Ratio { numerator: 1, denominator: -1 }),
        (Law::Mean, Figure::Mean { sum: 1, n: -1 }),
        (Law::Additive, Figure::Amount(i128::MAX)),
        (Law::Additive, Figure::Amount(-i128::MAX)),
        (Law::Additive, Figure::Text("x".to_owned())),
    ];
    for (law, figure) in misfits {
        assert_eq!(refused(law, "a", figure), ViewProblem::Misfit(id("a")));
    }
}
