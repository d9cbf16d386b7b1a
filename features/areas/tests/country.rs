//! Laws over the real data of the whole country: nothing lost, nothing doubled, nothing cut in two.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use areas::{
    AreaId, AreaLevel, AreaType, EventKind,
    model::plan::{Plan, PlannedFact, Tables},
};
use kernel::{clock::Day, scope::ScopePath};

fn plan() -> Plan {
    Plan::of(&Tables::shipped().expect("the shipped tables can be read"))
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn on<'p>(plan: &'p Plan, date: &str) -> Vec<&'p PlannedFact> {
    let date = day(date);
    plan.facts.iter().filter(|fact| fact.from <= date && date < fact.until).collect()
}

fn count(facts: &[&PlannedFact], level: AreaLevel) -> usize {
    facts.iter().filter(|fact| fact.level == level).count()
}

fn of_type(facts: &[&PlannedFact], kind: AreaType) -> usize {
    facts.iter().filter(|fact| fact.area_type == kind).count()
}

#[test]
fn every_frame_has_its_official_number_of_units() {
    let plan = plan();
    let expected = [
        ("2021-07-01", 63, 705, 10_599),
        ("2024-06-30", 63, 696, 10_035),
        ("2025-06-30", 63, 696, 10_035),
        ("2025-07-01", 34, 0, 3_321),
        ("2026-11-22", 34, 0, 3_321),
    ];
    for (date, provinces, districts, communes) in expected {
        let facts = on(&plan, date);
        let counted = [AreaLevel::Province, AreaLevel::District, AreaLevel::Commune]
            .map(|level| count(&facts, level));
        assert_eq!(counted, [provinces, districts, communes], "{date}");
    }
    let (before, after) = (on(&plan, "2026-04-29"), on(&plan, "2026-09-20"));
    assert_eq!(
        (of_type(&before, AreaType::CentralCity), of_type(&after, AreaType::CentralCity)),
        (6, 9)
    );
    assert_eq!((of_type(&before, AreaType::Ward), of_type(&after, AreaType::Ward)), (687, 709));
    assert_eq!(
        (of_type(&before, AreaType::RuralCommune), of_type(&after, AreaType::RuralCommune)),
        (2_621, 2_599)
    );
    assert_eq!(of_type(&after, AreaType::SpecialZone), 13);
}

#[test]
fn the_tables_and_the_plan_say_the_same_on_every_frame_day() {
    let plan = plan();
    let tables = Tables::shipped().expect("the shipped tables can be read");
    let frames = [
        ("2021-01-01", &tables.y2021),
        ("2024-06-30", &tables.y2024),
        ("2025-07-01", &tables.y2025),
        ("2026-09-20", &tables.y2026),
    ];
    for (date, rows) in frames {
        let facts = on(&plan, date);
        let codes: HashMap<&AreaId, Option<&str>> =
            facts.iter().map(|fact| (&fact.unit, fact.code.as_deref())).collect();
        let planned: BTreeMap<_, _> = facts
            .iter()
            .filter_map(|fact| {
                let parent = fact.parent.as_ref().and_then(|parent| codes[parent]).unwrap_or("");
                Some((fact.code.as_deref()?, (fact.name.as_str(), fact.area_type.code(), parent)))
            })
            .collect();
        let shipped: BTreeMap<_, _> = rows
            .iter()
            .map(|row| {
                (
                    row.code.as_str(),
                    (row.name.as_str(), row.area_type.code(), row.parent_code.as_str()),
                )
            })
            .collect();
        // "Hòa" and "Hoà" are one name: an unchanged unit keeps the spelling of its own frame.
        assert_eq!(planned.len(), shipped.len(), "{date}");
        for (code, row) in &shipped {
            assert_eq!(planned.get(code), Some(row), "{date} {code}");
        }
    }
}

#[test]
fn every_day_has_one_root_and_every_path_is_its_parents_path_and_its_own_id() {
    let plan = plan();
    let boundaries: BTreeSet<Day> = plan.facts.iter().map(|fact| fact.from).collect();
    for date in boundaries {
        let facts: HashMap<&AreaId, &PlannedFact> = plan
            .facts
            .iter()
            .filter(|fact| fact.from <= date && date < fact.until)
            .map(|fact| (&fact.unit, fact))
            .collect();
        let roots: Vec<_> = facts.values().filter(|fact| fact.parent.is_none()).collect();
        assert_eq!(roots.len(), 1, "{date}");
        for fact in facts.values() {
            let above = match &fact.parent {
                None => ScopePath::root(),
                Some(parent) => facts
                    .get(parent)
                    .unwrap_or_else(|| panic!("{date}: {} has no parent", fact.unit))
                    .path
                    .clone(),
            };
            assert_eq!(fact.path, above.child(fact.unit.as_str()), "{date}");
            assert!(ScopePath::parse(fact.path.as_str()).is_some(), "{}", fact.path);
        }
    }
}

#[test]
fn the_facts_of_a_unit_follow_each_other_from_birth_to_end_without_gap_or_overlap() {
    let plan = plan();
    let mut chains: HashMap<&AreaId, Vec<&PlannedFact>> = HashMap::new();
    for fact in &plan.facts {
        chains.entry(&fact.unit).or_default().push(fact);
    }
    assert_eq!(chains.len(), plan.units.len());
    for unit in &plan.units {
        let chain = &chains[&unit.id];
        let mut at = unit.born_on;
        for fact in chain {
            assert_eq!(fact.from, at, "{}", unit.id);
            assert!(fact.from < fact.until, "{}", unit.id);
            at = fact.until;
        }
        assert_eq!(at, unit.ended_on, "{}", unit.id);
    }
}

#[test]
fn every_unit_of_2024_that_ended_has_a_successor_and_every_new_one_a_predecessor() {
    let plan = plan();
    let gone: HashSet<&AreaId> = plan.transfers.iter().map(|transfer| &transfer.from).collect();
    let made: HashSet<&AreaId> = plan.transfers.iter().map(|transfer| &transfer.to).collect();
    let reform = day("2025-07-01");
    let mut abolished = 0;
    for unit in &plan.units {
        if unit.ended_on == reform {
            assert!(unit.ended_event.is_some(), "{}", unit.id);
            match unit.level {
                AreaLevel::District if !gone.contains(&unit.id) => abolished += 1,
                _ => assert!(gone.contains(&unit.id), "{} went nowhere", unit.id),
            }
        }
        if unit.born_on == reform {
            assert!(
                made.contains(&unit.id) && unit.born_event.is_some(),
                "{} came from nowhere",
                unit.id
            );
        }
    }
    assert_eq!(abolished, 691);
    let unlinked = plan.units.iter().filter(|unit| unit.id.as_str().ends_with(".2021"));
    assert!(unlinked.clone().all(|unit| unit.ended_event.is_none() && !gone.contains(&unit.id)));
    assert_eq!(unlinked.count(), 11_367);
}

#[test]
fn a_unit_went_whole_to_one_place_or_in_parts_to_several() {
    let plan = plan();
    let mut by_unit: HashMap<&AreaId, Vec<bool>> = HashMap::new();
    let mut seen = HashSet::new();
    for transfer in &plan.transfers {
        by_unit.entry(&transfer.from).or_default().push(transfer.whole);
        assert!(seen.insert((&transfer.from, &transfer.to)), "told twice: {transfer:?}");
        assert_ne!(transfer.from, transfer.to);
    }
    let mut divided = 0;
    for (unit, parts) in by_unit {
        if parts.len() == 1 {
            assert!(parts[0], "{unit} went in part to one place only");
        } else {
            assert!(parts.iter().all(|whole| !whole), "{unit} went whole and yet elsewhere");
            divided += 1;
        }
    }
    assert_eq!(divided, 441);
}

#[test]
fn no_commune_changed_province_but_by_the_provinces_own_succession() {
    let plan = plan();
    let province =
        |path: &ScopePath| path.as_str().split('/').nth(2).expect("a province").to_owned();
    let mut last: HashMap<&AreaId, &PlannedFact> = HashMap::new();
    for fact in plan.facts.iter().filter(|fact| fact.from <= day("2025-07-01")) {
        last.insert(&fact.unit, fact);
    }
    let mut heir: HashMap<String, String> = plan
        .transfers
        .iter()
        .filter(|transfer| last[&transfer.from].level == AreaLevel::Province)
        .map(|transfer| (transfer.from.as_str().to_owned(), transfer.to.as_str().to_owned()))
        .collect();
    for unit in plan
        .units
        .iter()
        .filter(|unit| unit.level == AreaLevel::Province && unit.ended_on == Day::FOREVER)
    {
        heir.insert(unit.id.as_str().to_owned(), unit.id.as_str().to_owned());
    }
    for transfer in
        plan.transfers.iter().filter(|transfer| last[&transfer.to].level == AreaLevel::Commune)
    {
        let (from, to) = (&last[&transfer.from].path, &last[&transfer.to].path);
        assert_eq!(heir[&province(from)], province(to), "{} → {}", transfer.from, transfer.to);
    }
}

#[test]
fn the_communes_whose_code_and_full_name_live_on_with_other_land_are_other_units() {
    let plan = plan();
    let (before, after) = (on(&plan, "2025-06-30"), on(&plan, "2025-07-01"));
    let old: HashMap<&str, &PlannedFact> =
        before.iter().filter_map(|fact| Some((fact.code.as_deref()?, *fact))).collect();
    let communes = after.iter().filter(|fact| fact.level == AreaLevel::Commune);
    let reused: Vec<_> = communes
        .filter_map(|fact| Some((*old.get(fact.code.as_deref()?)?, *fact)))
        .filter(|(before, after)| before.unit != after.unit)
        .collect();
    assert_eq!(reused.len(), 3_184);
    let same_words =
        reused.iter().filter(|(before, after)| before.full_name() == after.full_name());
    assert_eq!(same_words.count(), 1_026);
    let kept = after
        .iter()
        .filter(|fact| fact.level == AreaLevel::Commune && fact.unit.as_str().ends_with(".2024"));
    assert_eq!(kept.count(), 132);
}

#[test]
fn a_change_of_type_in_2026_keeps_the_unit_and_dates_the_type() {
    let plan = plan();
    let of = |id: &str| {
        plan.facts.iter().filter(move |fact| fact.unit.as_str() == id).collect::<Vec<_>>()
    };
    let quang_ninh = of("22.2024");
    let types: Vec<_> = quang_ninh.iter().map(|fact| (fact.from.iso(), fact.area_type)).collect();
    assert_eq!(
        types,
        [
            ("2024-06-30".to_owned(), AreaType::Province),
            ("2025-07-01".to_owned(), AreaType::Province),
            ("2026-09-01".to_owned(), AreaType::CentralCity)
        ]
    );
    assert_eq!(quang_ninh[2].instrument, "Nghị quyết số 36/2026/QH16");
    let reclassified = plan.events.iter().filter(|event| event.effective_on > day("2025-07-01"));
    assert_eq!(reclassified.clone().count(), 25);
    assert!(reclassified.clone().all(|event| event.kind == EventKind::Reclassify));
}

#[test]
fn events_are_the_smallest_groups_that_changed_together() {
    let plan = plan();
    let ids: HashSet<_> = plan.events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), plan.events.len());
    assert!(plan.transfers.iter().all(|transfer| ids.contains(&transfer.event)));
    assert!(
        plan.facts.iter().filter_map(|fact| fact.event.as_ref()).all(|event| ids.contains(event))
    );
    let kinds = plan.events.iter().fold(BTreeMap::<&str, usize>::new(), |mut kinds, event| {
        *kinds.entry(event.kind.code()).or_default() += 1;
        kinds
    });
    println!("events by kind: {kinds:?}");
    assert_eq!(kinds["promote"], 5);
    assert_eq!(kinds["abolish"], 1);
    assert_eq!(kinds["rename"], 11);
    assert_eq!(kinds["reclassify"], 3 + 25);
    let mut groups: HashMap<_, HashSet<bool>> = HashMap::new();
    for transfer in &plan.transfers {
        groups.entry(&transfer.event).or_default().insert(transfer.whole);
    }
    for event in &plan.events {
        let whole_only = groups.get(&event.id).is_none_or(|parts| !parts.contains(&false));
        if matches!(event.kind, EventKind::Merge | EventKind::Promote) {
            assert!(whole_only, "{}", event.id);
        }
    }
}

#[test]
fn a_part_of_the_country_obeys_the_same_laws() {
    let tables = Tables::shipped().expect("the shipped tables can be read").only(&["19"]);
    let plan = Plan::of(&tables);
    let provinces = |date| {
        let facts = on(&plan, date).into_iter().filter(|fact| fact.level == AreaLevel::Province);
        facts.map(|fact| fact.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(provinces("2025-06-30"), ["Bắc Kạn", "Thái Nguyên"]);
    assert_eq!(provinces("2025-07-01"), ["Thái Nguyên"]);
    let units: HashSet<_> = plan.units.iter().map(|unit| &unit.id).collect();
    assert!(
        plan.transfers
            .iter()
            .all(|transfer| units.contains(&transfer.from) && units.contains(&transfer.to))
    );
}
