//! A campaign is published at the hub, comes down the bridge, is answered at the point with the cable out, and is
//! counted; a point that the hub tells twice, or late, has one version of it.

use kernel::{app::AppRef, clock::Day, scope::ScopePath};
use reporting::{
    actions::{
        builder::{self, Campaign},
        catalogue, counts, define,
        entry::{Changes, Which, open, save},
        figures::Edit,
        obligations,
        steps::{Said, take},
    },
    model::{
        CellKey, CellState, DatasetId, Life, ProgrammeNodeId, Tier,
        element::Mark,
        programme::{NodeKind, ProgrammeNode},
        submission::Step,
    },
};
use testkit::TestEngine;

use crate::{
    bridge::{Bridge, COMMUNE, Plan},
    town::{area, caller_at},
};

/// Asks for one figure and publishes it: two people.
async fn ask(hub: &AppRef, due: Day) -> DatasetId {
    let author = caller_at(hub, "an", "programme_officer", "/vn/");
    let asked = Campaign {
        title: "Thiệt hại do mưa lũ".to_owned(),
        basis: "Công văn số 12/BDTTG".to_owned(),
        questions: "Số hộ bị thiệt hại | hộ".to_owned(),
        areas: vec![ScopePath::parse("/vn/19.2025/").expect("a path")],
        tier: Some(Tier::Commune),
        deadlines: vec![(Tier::Commune, due)],
        ..Campaign::default()
    };
    let id = builder::begin_campaign(hub, &author, asked).await.expect("a draft");
    let open = async |tx: &mut kernel::db::Tx| builder::open(tx, &author, &id).await;
    let draft = hub.db.view(open).await.expect("it opens");
    let second = caller_at(hub, "bao", "programme_officer", "/vn/");
    builder::publish(hub, &second, &id).await.expect("published");
    draft.bundle.dataset.code
}

async fn a_campaign(engine: TestEngine) {
    let bridge = Bridge::built(&Plan { engine, drift_ms: 0, by_itself: false }).await;
    let (hub, point) = (&bridge.hub.app, &bridge.point.app);
    let mut probe = bridge.probe().await;
    let today = hub.now().day();
    let due = today.plus_days(12);
    let code = ask(hub, due).await;
    let period =
        format!("campaign-{}-{}", today.iso().replace('-', ""), due.iso().replace('-', ""));
    // What else is defined at the hub comes down the same way.
    let node = ProgrammeNode {
        code: ProgrammeNodeId::parse("thu").expect("a code"),
        parent: None,
        kind: NodeKind::Programme,
        name: "Chương trình thử".to_owned(),
        owner: String::new(),
        from_year: Some(2026),
        until_year: Some(2030),
        legal_basis: String::new(),
        mark: Mark::Derived,
    };
    let officer = caller_at(hub, "an", "programme_officer", "/vn/");
    let said = define::Said { seen: 0, reason: "Thử".to_owned() };
    define::keep_node(hub, &officer, &node, &said).await.expect("it is kept");
    probe.poll_all().await.expect("it comes down");
    bridge.point.settle().await;
    let known = catalogue::current(point).await.expect("the catalogue");
    let there = catalogue::current(hub).await.expect("the catalogue");
    assert_eq!(known.programme.get(&node.code), Some(&node), "the programme is here too");
    assert_eq!(known.form(&code).expect("a form"), there.form(&code).expect("a form"));
    let country = ScopePath::root();
    let owed = point
        .db
        .view(async |tx| obligations::owed(tx, &country, code.as_str(), &period, Life::Final).await)
        .await
        .expect("what is owed");
    assert!(owed.iter().any(|one| one.path.as_str() == COMMUNE), "the commune owes it: {owed:?}");

    // The cable is out: typed, signed, handed in.
    let which =
        Which { dataset: code.clone(), period, life: Life::Final, area: area("01969.2025") };
    let key = CellKey::parse(&format!("{code}.1")).expect("a cell");
    let officer = caller_at(point, "hoa", "commune_officer", COMMUNE);
    let edits = vec![Edit { key: key.clone(), base: 0, state: Some(CellState::Value(31)) }];
    save(point, &officer, &which, Changes { edits, ..Changes::default() }).await.expect("saved");
    let leader = caller_at(point, "hung", "commune_leader", COMMUNE);
    let said = Said { revision: 1, note: "Đã đối chiếu".to_owned(), ..Said::default() };
    for step in [Step::Certify, Step::Submit] {
        take(point, &leader, &which.id(), step, &said).await.expect("a step");
    }
    probe.send_all().await.expect("it goes up");
    bridge.hub.settle().await;
    let periods = [which.period.clone()];
    let (sums, rates) = hub
        .db
        .view(async |tx| {
            let sums = counts::sums(tx, &key, &periods, Life::Final).await?;
            Ok((sums, counts::rates(tx, code.as_str(), Life::Final, &periods).await?))
        })
        .await
        .expect("counted");
    assert_eq!(sums.iter().map(|one| one.sum).sum::<i64>(), 31);
    assert_eq!(rates.iter().map(|(_, one)| one.reported).sum::<i64>(), 1);
    let lan = caller_at(hub, "lan", "province_officer", "/vn/19.2025/");
    let (_, sheet) = open(hub, &lan, &which).await.expect("it opens");
    assert_eq!(sheet.held[&key].state, CellState::Value(31));
}

#[test]
fn a_campaign_is_published_answered_offline_and_counted_on_sqlite() {
    testkit::run(a_campaign(TestEngine::Sqlite));
}

#[test]
fn a_campaign_is_published_answered_offline_and_counted_on_postgres() {
    testkit::run(a_campaign(TestEngine::Postgres));
}
