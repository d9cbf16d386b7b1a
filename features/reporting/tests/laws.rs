//! Laws that hold whatever happens in whatever order: counts equal a recount (R9), reports apply once
//! (R12), rates stay within their obligations (R10), a commune that ended owes its days (R11).

use std::collections::{BTreeMap, BTreeSet};

use kernel::{db::Tx, records::Incoming, scope::ScopePath};
use proptest::prelude::*;
use reporting::{
    actions::{
        content::Content,
        counts,
        entry::{Which, open},
        figures::Edit,
        obligations,
    },
    model::{CellKey, CellState, Life, Period},
};
use testkit::{Kit, KitBuilder, TestEngine, caller};

use crate::cast::{
    self, PLACE, cell, holds, piece, said_by, signed_content, started, taken, which,
};

/// Cells that the random stories are about.
const CELLS: [&str; 4] = ["10.6", "10.6:gt=nu", "10.5b", "10.3b:dtts=dtts"];
/// Communes of the province.
const COMMUNES: [&str; 3] = ["01969.2025", "01942.2025", "01840.2025"];

fn state(number: i64) -> Option<CellState> {
    match number % 11 {
        0 => None,
        1 => Some(CellState::Nil("không phát sinh".to_owned())),
        2 => Some(CellState::NoData("chưa rà soát".to_owned())),
        _ => Some(CellState::Value(number)),
    }
}

fn incoming(commune: &str, body: Vec<u8>) -> Incoming {
    said_by((7, &format!("/vn/19.2025/{commune}/")), 60, body)
}

/// A report as the commune's point sends it.
fn report(which: &Which, revision: i64, numbers: &[i64]) -> Vec<u8> {
    let mut figures: BTreeMap<String, BTreeMap<String, CellState>> = BTreeMap::new();
    for (text, number) in CELLS.iter().zip(numbers) {
        let key = cell(text);
        if let Some(state) = state(*number) {
            figures.entry(key.element.to_string()).or_default().insert(key.coords.text(), state);
        }
    }
    piece(which, &Content { figures, ..signed_content(which, revision) })
}

async fn figures(kit: &Kit, which: &Which) -> BTreeMap<CellKey, CellState> {
    let who = caller("Lan", "province_officer", "/vn/19.2025/");
    let (_, sheet) = open(&kit.app, &who, which).await.expect("it opens");
    sheet.held.into_iter().map(|(key, held)| (key, held.state)).collect()
}

async fn reported(kit: &Kit) -> (i64, i64) {
    let rates = kit
        .db()
        .view(async |tx: &mut Tx| {
            counts::rates(tx, "diem-ho-tro", Life::Final, &["nd09q-2026-4".to_owned()]).await
        })
        .await
        .expect("rates");
    rates.iter().fold((0, 0), |(e, r), (_, rate)| (e + rate.expected, r + rate.reported))
}

/// What happens: which commune, which revision, four numbers, how often it arrives.
type Story = Vec<(usize, i64, [i64; 4], usize)>;

async fn plays_out(builder: KitBuilder, story: Story) {
    let kit = started(builder).await;
    let mut newest: BTreeMap<usize, [i64; 4]> = BTreeMap::new();
    let mut heard = BTreeSet::new();
    for (commune, revision, numbers, times) in &story {
        let which = which(COMMUNES[*commune]);
        let record = incoming(COMMUNES[*commune], report(&which, *revision, numbers));
        for _ in 0..*times {
            taken(&kit, &record).await;
        }
        // What was heard before changes nothing; what is new stands, whatever number its point gave it.
        if heard.insert((*commune, *revision, format!("{:?}", numbers.map(state)))) {
            newest.insert(*commune, *numbers);
        }
    }
    assert!(counts::are_true(kit.db()).await.expect("counted anew"), "{story:?}");
    for (commune, numbers) in &newest {
        let held = figures(&kit, &which(COMMUNES[*commune])).await;
        for (text, number) in CELLS.iter().zip(numbers) {
            assert_eq!(held.get(&cell(text)).cloned(), state(*number), "{text} of {story:?}");
        }
    }
    let (expected, met) = reported(&kit).await;
    assert_eq!(met, i64::try_from(newest.len()).expect("few"), "{story:?}");
    assert!(met <= expected);
}

fn stories() -> impl Strategy<Value = Story> {
    let happening = (0..3_usize, 1..4_i64, prop::array::uniform4(0..5_000_i64), 1..3_usize);
    prop::collection::vec(happening, 1..12)
}

#[test]
fn whatever_arrives_however_it_is_numbered_the_last_that_is_new_stands_and_the_counts_are_true() {
    holds(&stories(), 8, |story| plays_out(KitBuilder::on(TestEngine::Sqlite), story));
}

testkit::on_both_engines! {
    async fn counts_follow_every_kind_of_edit(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which("01969.2025");
        let who = caller("Mai", "commune_officer", PLACE);
        let mut versions = BTreeMap::from(CELLS.map(|text| (text, 0_i64)));
        for round in 0..40_i64 {
            let text = CELLS[usize::try_from(round * 7 % 4).expect("small")];
            let edit = Edit { key: cell(text), base: versions[text], state: state(round * 13 + 1) };
            let saved = cast::typed(&kit, &who, &which, vec![edit]).await;
            if let reporting::actions::figures::Became::Stands(version) = saved.cells[0].1 {
                versions.insert(text, version);
            } else {
                panic!("round {round}: {:?}", saved.cells);
            }
        }
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }

    async fn a_report_about_somebody_elses_commune_is_not_believed(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which("01942.2025");
        let mut record = incoming("01969.2025", report(&which, 1, &[50, 50, 50, 50]));
        taken(&kit, &record).await;
        record.body = vec![0xff; 400];
        taken(&kit, &record).await;
        assert!(figures(&kit, &which).await.is_empty());
        assert_eq!(reported(&kit).await.1, 0);
    }

    async fn units_owe_the_days_on_which_they_existed(builder: KitBuilder) {
        let kit = started(builder).await;
        let third = Period::parse("nd09q-2025-3").expect("a period");
        let owed = kit
            .db()
            .change(async |tx| {
                let all = reporting::actions::catalogue::read(tx).await?;
                let code = reporting::model::DatasetId::parse("bm-03").expect("a code");
                let dataset = all.dataset(&code)?.clone();
                obligations::make(tx, &all, &dataset, &third, &ScopePath::root()).await?;
                let (low, high) = (ScopePath::root(), Life::Final);
                obligations::owed(tx, &low, "bm-03", third.id(), high).await
            })
            .await
            .expect("obligations");
        let cut = kernel::clock::Day::new(2025, 7, 1).expect("a day");
        let part = |one: &&reporting::actions::obligations::Owed| (one.from_day, one.until_day);
        let count = |days| owed.iter().filter(|one| part(one) == days).count();
        let old = count((third.from, cut));
        let new = count((cut, third.until));
        let throughout = count((third.from, third.until));
        assert!(old > 100 && new > 50, "{old} ended, {new} began");
        assert_eq!(old + new + throughout, owed.len());
        // Made again, nothing is owed twice.
        let again = kit
            .db()
            .change(async |tx| {
                let all = reporting::actions::catalogue::read(tx).await?;
                let code = reporting::model::DatasetId::parse("bm-03").expect("a code");
                let dataset = all.dataset(&code)?.clone();
                obligations::make(tx, &all, &dataset, &third, &ScopePath::root()).await
            })
            .await
            .expect("obligations");
        assert_eq!(again, 0);
    }
}
