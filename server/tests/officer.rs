//! What an officer is told in passing (how much waits for them), and what is noted of them (that they saw people
//! by ethnic group): things that several houses do together.

use areas::{
    Heir, Step, Succeeded,
    actions::{NewPopulation, villages::record_population_by_group},
    model::ethnic::GroupCount,
};
use identity::role;
use kernel::{app::NodeRole, clock::Day, ids::Id, scope::ScopePath};
use testkit::TestEngine;

use crate::{
    bridge::{Bridge, COMMUNE, PASSWORD, Plan},
    town::{area, caller_at, number, text},
};

async fn noted(app: &kernel::app::AppRef) -> i64 {
    let asked = "select count(*) as value from identity_audit where action = 'areas.ethnic.read'";
    number(app, asked).await
}

async fn seen_and_waiting(engine: TestEngine) {
    let bridge = Bridge::built(&Plan { engine, drift_ms: 0, by_itself: false }).await;
    let (point, hub) = (&bridge.point, &bridge.hub);
    // The village was counted a moment ago; of two counts of one instant nobody knows which is the later.
    bridge.wall.pass(60_000);
    let village = text(&point.app, "select village as value from reach_roster").await;
    let officer = caller_at(&point.app, "officer", role::COMMUNE_OFFICER, COMMUNE);
    let count = NewPopulation {
        area: area(&village),
        people: Some(250),
        households: Some(60),
        on: Some(point.app.now().day()),
        source: "Rà soát".to_owned(),
    };
    let group = GroupCount { ethnic: "02".to_owned(), people: 90, households: None };
    let counted =
        record_population_by_group(&point.app.db, NodeRole::Point, &officer, count, vec![group]);
    counted.await.expect("they are counted");
    let page = format!("/dia-ban/{village}/dan-so");
    let mut hoa = bridge.at_point();
    hoa.sign_in("hoa", PASSWORD).await;
    assert_eq!(noted(&point.app).await, 0);
    assert!(hoa.page(&page).await.contains("Tày"), "the officer sees the groups");
    assert_eq!(noted(&point.app).await, 1, "and that is noted");
    let line = "select name || ' ' || subject as value from identity_audit where action = 'areas.ethnic.read'";
    assert_eq!(text(&point.app, line).await, format!("Người hoa {village}"));
    // A page without groups is no such look, nor is a refusal.
    hoa.page("/dia-ban/01969.2025/thon").await;
    let mut tuan = bridge.at_point();
    tuan.sign_in("tuan", PASSWORD).await;
    assert_eq!(tuan.get(&page).await.status, 403);
    assert_eq!(noted(&point.app).await, 1);

    // A commune is divided: what waits stands in the menu of who may decide it, on every page.
    let mut lan = bridge.at_hub();
    lan.sign_in("lan", PASSWORD).await;
    assert!(!lan.page("/do-phu").await.contains("Việc cần sắp xếp ("), "nothing waits yet");
    let heir = |unit: &str| Heir {
        unit: area(unit),
        path: ScopePath::parse(&format!("/vn/19.2025/{unit}/")).expect("a path"),
    };
    let fact = Succeeded {
        event: Id::from_text("division".to_owned()),
        instrument: "NQ 1/NQ-UBTVQH16".to_owned(),
        effective_on: Day::new(2026, 11, 20).expect("a day"),
        steps: vec![Step {
            from: area("01969.2025"),
            from_path: ScopePath::parse(COMMUNE).expect("a path"),
            heirs: vec![heir("01942.2025"), heir("01951.2025")],
        }],
    };
    hub.app.db.change(async |tx| Ok(tx.announce(&fact).await?)).await.expect("it is told");
    hub.settle().await;
    let open = "select count(*) as value from areas_questions where answered_at is null";
    let open = number(&hub.app, open).await;
    assert!(open > 0);
    let menu = format!("Việc cần sắp xếp ({open})");
    let page = lan.page("/do-phu").await;
    assert!(page.contains(&menu), "{page}");
    // The officer of the divided commune may decide nothing of it.
    let mut xuan = bridge.at_hub();
    xuan.sign_in("xuan", PASSWORD).await;
    assert!(!xuan.page("/").await.contains("Việc cần sắp xếp ("));
}

#[test]
fn an_officer_is_noted_for_what_they_see_and_told_what_waits_on_sqlite() {
    testkit::run(async { seen_and_waiting(TestEngine::Sqlite).await });
}

#[test]
fn an_officer_is_noted_for_what_they_see_and_told_what_waits_on_postgres() {
    testkit::run(async { seen_and_waiting(TestEngine::Postgres).await });
}
