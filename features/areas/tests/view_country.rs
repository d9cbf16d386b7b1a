//! Figures of the real country seen in its other frames: how many communes are exact, and that nothing is
//! ever lost, in both directions, for every law that adds.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock},
};

use areas::{
    AreaEvent, AreaId, AreaLevel,
    model::plan::{Plan, Tables},
    view::{Atlas, Conversion, Figure, Grade, Law, Place, Quality, Span, Transfer, breaks},
};
use kernel::clock::Day;
use proptest::prelude::*;

use crate::view::is_conserved;

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| Plan::of(&Tables::shipped().expect("the shipped tables can be read")))
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn places(date: &str) -> Vec<Place> {
    let date = day(date);
    let held = plan().facts.iter().filter(|fact| fact.from <= date && date < fact.until);
    let place = held.map(|fact| Place {
        id: fact.unit.clone(),
        level: fact.level,
        code: fact.code.clone(),
        full_name: fact.full_name(),
        parent: fact.parent.clone(),
    });
    place.collect()
}

/// What the store reads, from the plan it wrote.
fn convert(from: &str, to: &str, of: AreaLevel, by: AreaLevel) -> Conversion {
    let events: Vec<AreaEvent> = plan()
        .events
        .iter()
        .map(|event| AreaEvent {
            id: event.id.clone(),
            kind: event.kind,
            instrument: event.instrument.to_owned(),
            decided_on: event.decided_on,
            effective_on: event.effective_on,
            confirmed: event.confirmed,
        })
        .collect();
    let at: HashMap<_, _> =
        events.iter().enumerate().map(|(at, event)| (event.id.clone(), at)).collect();
    let transfers = plan().transfers.iter().map(|step| Transfer {
        event: at[&step.event],
        from: step.from.clone(),
        to: step.to.clone(),
        whole: step.whole,
        weight: None,
        basis: None,
    });
    let transfers = transfers.collect();
    Conversion::between(
        Span { from: day(from), to: day(to), of, by },
        Atlas {
            before: places(from),
            after: places(to),
            events,
            transfers,
            people: HashMap::new(),
        },
    )
}

const OLD: &str = "2024-06-30";
const NEW: &str = "2025-07-01";
const NOW: &str = "2026-11-22";
use AreaLevel::{Commune, Country, District, Province};

#[test]
fn the_table_itself_counts_the_same_communes() {
    let tables = Tables::shipped().expect("the shipped tables can be read");
    let reform = day(NEW);
    let mut parts: HashMap<&str, Vec<&str>> = HashMap::new();
    for row in tables.successions.iter().filter(|row| row.on == reform && row.new_code.len() == 5) {
        parts.entry(&row.new_code).or_default().push(&row.kind);
    }
    let divided = parts.values().filter(|kinds| kinds.contains(&"split")).count();
    let alone = parts.values().filter(|kinds| kinds.len() == 1 && kinds[0] != "split").count();
    assert_eq!([parts.len() - divided, 0, divided], FORWARD);
    assert_eq!(alone, BACKWARD_EXACT);
}

#[test]
fn of_the_3_321_communes_2_906_have_exact_figures_of_before_the_reform() {
    for to in [NEW, NOW] {
        let conversion = convert(OLD, to, Commune, Commune);
        // 10,035 communes, and five island districts that had none.
        assert_eq!(conversion.sources().len(), 10_040);
        assert_eq!(conversion.targets().len(), 3_321);
        assert_eq!(conversion.grades(), FORWARD, "towards {to}");
    }
}

/// Exact, estimated (no shares are shipped), undefined until a share is known: 415 communes have a part of
/// one of the 441 that were divided.
const FORWARD: [usize; 3] = [2_906, 0, 415];
/// Backward an old commune is exact when everything it went to came from it alone.
const BACKWARD_EXACT: usize = 137;

#[test]
fn provinces_and_the_country_are_exact_everywhere() {
    for (of, by, targets) in [
        (Commune, Province, 34),
        (District, Province, 34),
        (Province, Province, 34),
        (Commune, Country, 1),
        (Province, Country, 1),
    ] {
        let conversion = convert(OLD, NOW, of, by);
        assert_eq!(conversion.grades(), [targets, 0, 0], "{of:?} by {by:?}");
    }
}

#[test]
fn backward_only_what_stayed_whole_is_exact_and_the_rest_is_kept_in_groups() {
    let conversion = convert(NEW, OLD, Commune, Commune);
    let [exact, estimated, undefined] = conversion.grades();
    assert_eq!([exact, estimated, undefined], [BACKWARD_EXACT, 0, 10_040 - BACKWARD_EXACT]);
    let figures: HashMap<AreaId, Figure> =
        conversion.sources().iter().map(|place| (place.id.clone(), Figure::Amount(1))).collect();
    let view = conversion.apply(Law::Additive, &figures).expect("they fit");
    is_conserved(&view);
    // Phủ Thông was made of four communes: none of them has a figure, the four together have its own.
    let group = view
        .together
        .iter()
        .find(|group| group.units.contains(&id("01990.2024")))
        .expect("a group");
    assert_eq!((group.units.len(), &group.figure, group.exact), (4, &Figure::Amount(1), true));
}

fn id(text: &str) -> AreaId {
    AreaId::parse(text).expect("an id")
}

#[test]
fn where_no_succession_is_known_every_figure_is_undefined_and_none_is_lost() {
    let conversion = convert("2021-01-01", OLD, Commune, Commune);
    assert_eq!(conversion.grades(), [0, 0, 10_040]);
    let figures: HashMap<AreaId, Figure> =
        conversion.sources().iter().map(|place| (place.id.clone(), Figure::Amount(7))).collect();
    let view = conversion.apply(Law::Stock, &figures).expect("they fit");
    is_conserved(&view);
    assert_eq!(view.together.len(), 1);
    assert!(view.together[0].beyond && view.together[0].units.is_empty());
    let provinces = convert("2021-01-01", NOW, Province, Province);
    assert_eq!(provinces.grades(), [0, 0, 34]);
}

#[test]
fn a_day_seen_in_itself_is_exact() {
    for date in ["2021-01-01", OLD, NEW, NOW] {
        let conversion = convert(date, date, Commune, Commune);
        assert_eq!(conversion.grades(), [conversion.targets().len(), 0, 0], "{date}");
    }
}

#[test]
fn codes_that_kept_their_name_and_changed_their_land_are_breaks() {
    let found = breaks(&places(OLD), &places(NEW));
    let communes = |code: &&areas::view::Break| code.code.len() == 5;
    assert_eq!(found.iter().filter(communes).count(), 1_026);
    for one in &found {
        assert_ne!(one.before, one.after);
    }
    assert!(breaks(&places(NEW), &places(NOW)).is_empty());
}

#[test]
fn the_merger_of_the_demonstration_adds_up_with_its_sources() {
    let conversion = convert(OLD, NEW, Commune, Commune);
    let into: Vec<AreaId> = conversion
        .flows()
        .filter(|(_, target, _)| target.is_some_and(|target| target.id == id("01969.2025")))
        .map(|(source, _, _)| source.id.clone())
        .collect();
    assert_eq!(into.len(), 4);
    let figures: HashMap<AreaId, Figure> = into
        .iter()
        .zip([120, 80, 0, 5])
        .map(|(id, amount)| (id.clone(), Figure::Amount(amount)))
        .collect();
    let view = conversion.apply(Law::Additive, &figures).expect("they fit");
    let seen = view.seen(&id("01969.2025")).expect("Phủ Thông");
    assert_eq!((&seen.figure, seen.quality.grade()), (&Some(Figure::Amount(205)), Grade::Exact));
    assert!(view.sources(&seen.unit).iter().all(|source| !source.events.is_empty()));
}

/// The conversions of the property, worked out once.
fn conversions() -> &'static Mutex<Vec<Conversion>> {
    static ALL: OnceLock<Mutex<Vec<Conversion>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for (from, to) in [(OLD, NEW), (NEW, OLD), (OLD, NOW), ("2021-01-01", NOW)] {
            all.push(convert(from, to, Commune, Commune));
            all.push(convert(from, to, Commune, Province));
        }
        all.push(convert(NOW, OLD, Commune, District));
        all.push(convert(NOW, OLD, Province, Commune));
        Mutex::new(all)
    })
}

fn figure(law: Law, one: i64, other: i64) -> Figure {
    let (one, other) = (i128::from(one), i128::from(other.unsigned_abs()));
    match law {
        Law::Ratio => Figure::Ratio { numerator: one, denominator: other },
        Law::Mean => Figure::Mean { sum: one, n: other },
        _ => Figure::Amount(one),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn sums_are_conserved_over_the_whole_country_for_every_law(
        values in prop::collection::vec((-5_000_i64..900_000, 0_i64..900_000, 0_u8..10), 997),
        law in prop::sample::select(vec![Law::Additive, Law::Stock, Law::Ratio, Law::Mean]),
    ) {
        for conversion in conversions().lock().expect("no test panicked").iter() {
            let figures: HashMap<AreaId, Figure> = conversion
                .sources()
                .iter()
                .zip(values.iter().cycle())
                .filter(|(_, (_, _, told))| *told > 0)
                .map(|(place, (one, other, _))| (place.id.clone(), figure(law, *one, *other)))
                .collect();
            let view = conversion.apply(law, &figures).expect("they fit");
            is_conserved(&view);
            for seen in view.results.iter().filter(|seen| seen.quality == Quality::Exact) {
                let sources = view.sources(&seen.unit);
                prop_assert!(sources.iter().all(|source| source.figure.is_some()));
            }
        }
    }
}
