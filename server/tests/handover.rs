//! Two communes become one, each with a point. The one point hands its roster to the other: by a file that
//! only the other opens, carried by hand. Then the other goes on with it, and nobody is counted twice.

use areas::{Heir, Step, Succeeded};
use delivery::Probe;
use identity::role;
use kernel::{
    app::{AppRef, NodeRole},
    caller::Caller,
    clock::Day,
    ids::Id,
    problem::Failure,
    scope::ScopePath,
};
use reach::{
    actions::{self, handover},
    model::person::{CONSENT_RECEIPTS, PersonDraft, PersonId},
};
use sync::{keys::NodeKeys, parcel};
use testkit::TestEngine;

use crate::{
    bridge::{Bridge, COMMUNE, PASSWORD, Plan, account, approve, confirm, write_for},
    guest::Guest,
    machine::{Machine, Running},
    town::{area, caller_at, number, text},
};

const HEIR: &str = "01942.2025";
const HEIR_PATH: &str = "/vn/19.2025/01942.2025/";

fn path(text: &str) -> ScopePath {
    ScopePath::parse(text).expect("a path")
}

/// The neighbour's point, joined to the same hub.
pub async fn neighbour(bridge: &Bridge) -> (Machine, Running) {
    let clock = Some(bridge.wall.beside(0));
    let machine = Machine::new(NodeRole::Point, TestEngine::Sqlite, clock, false).await;
    let node = machine.start().await;
    let code = nhipcau::keeping::enrolment_code(&bridge.hub.app, "01942").await.expect("a code");
    let url = format!("http://{}", bridge.hub_machine.address());
    delivery::join(&node.app, &url, &code).await.expect("the neighbour joins");
    account(&node.app, "na", role::COMMUNE_OFFICER, HEIR_PATH).await;
    (machine, node)
}

async fn merged(node: &Running) {
    let heir = Heir { unit: area(HEIR), path: path(HEIR_PATH) };
    let fact = Succeeded {
        event: Id::from_text("merger".to_owned()),
        instrument: "NQ 1/NQ-UBTVQH16".to_owned(),
        effective_on: Day::new(2026, 11, 20).expect("a day"),
        steps: vec![Step { from: area("01969.2025"), from_path: path(COMMUNE), heirs: vec![heir] }],
    };
    node.app.db.change(async |tx| Ok(tx.announce(&fact).await?)).await.expect("it is told");
    node.settle().await;
}

async fn audited(app: &AppRef, what: &str) -> i64 {
    let asked = format!("select count(*) as value from identity_audit where action = '{what}'");
    number(app, &asked).await
}

/// Everything of persons that a handover could change, in one text.
async fn persons(app: &AppRef) -> String {
    let people = "select coalesce(max(p.name || p.commune || p.serial || r.path || r.origin || c.number), '') as value \
                  from reach_people p join reach_roster r on r.commune = p.commune and r.serial = p.serial \
                  join reach_cards c on c.person = p.id";
    let counts = "select (select count(*) from reach_people) * 100 + (select count(*) from reach_cards) * 10 \
                  + (select count(*) from reach_roster) as value";
    format!("{} {}", text(app, people).await, number(app, counts).await)
}

fn is(failure: &Failure, code: &str) -> bool {
    failure.problem().is_some_and(|problem| problem.kind.code == code)
}

// Long because it is one story.
async fn by_hand(engine: TestEngine) {
    let bridge = Bridge::built(&Plan { engine, drift_ms: 0, by_itself: false }).await;
    let (machine, new) = neighbour(&bridge).await;
    let (hub, old) = (&bridge.hub, &bridge.point);
    let mut hoa = bridge.at_point();
    hoa.sign_in("hoa", PASSWORD).await;
    let mut old_road = bridge.probe().await;
    old_road.send_all().await.expect("the roster goes up");
    hub.settle().await;
    // Said to the one commune alone, before anybody thought of a merger.
    let (mut mai, mut binh) = (bridge.at_hub(), bridge.at_hub());
    mai.sign_in("mai", PASSWORD).await;
    binh.sign_in("binh", PASSWORD).await;
    let early = write_for(&mut mai, "Lịch chợ phiên", "01969.2025").await;
    approve(&mut binh, &early).await;
    hub.settle().await;
    let mut new_road = Probe::start(&new.app).await.expect("a road");
    new_road.poll_all().await.expect("nothing of it is for the neighbour");
    new.settle().await;
    let mut market = Guest::at(machine.address());
    assert!(!market.page("/tin").await.contains("Lịch chợ phiên"));
    bridge.wall.pass(60_000);
    for node in [hub, old, &new] {
        merged(node).await;
    }
    new_road.poll_all().await.expect("it is said again");
    new.settle().await;
    assert!(
        market.page("/tin").await.contains("Lịch chợ phiên"),
        "its people are the new point's too"
    );
    let there = path(HEIR_PATH);
    let officer = |app: &AppRef| caller_at(app, "officer", role::COMMUNE_OFFICER, HEIR_PATH);

    // Before the hub has named a successor there is nobody to hand over to.
    let page = hoa.page(&format!("/nguoi-co-uy-tin/ban-giao?xa={HEIR}")).await;
    assert!(page.contains("Chưa có gì để bàn giao"), "{page}");
    let early = handover::give(&old.app, &officer(&old.app), &there, "").await;
    assert!(is(&early.map(|_| ()).expect_err("nobody was named"), "reach-no-heir"));

    let system = Caller::system(hub.app.now());
    let (from, to) = (old.app.node_id(), new.app.node_id().to_string());
    delivery::actions::handover::hand_over(&hub.app, &system, from, &to).await.expect("ordered");
    hub.settle().await;
    for road in [&mut old_road, &mut new_road] {
        road.poll_all().await.expect("the order comes down");
    }
    for node in [old, &new] {
        node.settle().await;
    }

    // The officer of the old point makes the file; only who keeps the roster may.
    let page = hoa.page(&format!("/nguoi-co-uy-tin/ban-giao?xa={HEIR}")).await;
    assert!(page.contains("Tạo và tải tệp bàn giao"), "{page}");
    let keeper = caller_at(&old.app, "keeper", role::KEEPER, HEIR_PATH);
    let refused = handover::give(&old.app, &keeper, &there, "").await.map(|_| ());
    assert!(is(&refused.expect_err("a keeper may not"), "forbidden"));
    let made = handover::give(&old.app, &officer(&old.app), &there, "").await.expect("a file");
    assert_eq!(made.people, 1);
    let name = "Lý Văn Páo".as_bytes();
    assert!(!made.bytes.windows(name.len()).any(|part| part == name), "no name leaves unsealed");

    // From then on the roster has one writer, and it is not the old point.
    let id = text(&old.app, "select id as value from reach_people").await;
    let id = PersonId::parse(&id).expect("an id");
    let end = async |app: &AppRef| {
        let on = app.now().day().iso();
        actions::end_person(&app.db, NodeRole::Point, &officer(app), &id, &on, "chuyen_di").await
    };
    assert!(is(&end(&old.app).await.expect_err("it was handed over"), "reach-handed-over"));
    let again = handover::give(&old.app, &officer(&old.app), &there, "").await.expect("made again");

    // What is altered, meant for another, or made by another is refused, and nothing of it is kept.
    let take =
        async |app: &AppRef, file: &[u8]| handover::take(app, &officer(app), &there, file).await;
    let mut altered = made.bytes.clone();
    altered[60] ^= 1;
    let stranger = NodeKeys::from_seed(&[99; 32]);
    let rng = &mut new.app.chance().rng();
    let forged = parcel::pack(&stranger, new.app.keys.public(), b"x", rng).expect("packed");
    let mean = parcel::pack(&old.app.keys, new.app.keys.public(), b"x", rng).expect("packed");
    for (file, code) in [
        (&altered[..], "reach-handover-damaged"),
        (&made.bytes[..40], "reach-handover-unreadable"),
        (b"", "reach-handover-unreadable"),
        (&forged, "reach-no-predecessor"),
        (&mean, "reach-handover-unreadable"),
    ] {
        let failure = take(&new.app, file).await.expect_err(code);
        assert!(is(&failure, code), "{code}: {failure:?}");
    }
    let wrong_node = take(&old.app, &made.bytes).await.expect_err("it is for another");
    assert!(is(&wrong_node, "reach-handover-elsewhere"));
    assert_eq!(number(&new.app, "select count(*) as value from reach_people").await, 0);

    // Taken in; taken in again, or made anew, it changes nothing.
    let taken = take(&new.app, &made.bytes).await.expect("it is taken in");
    assert_eq!(taken, handover::Taken { fresh: 1, known: 0 });
    let once = persons(&new.app).await;
    for file in [&made.bytes, &again.bytes] {
        let taken = take(&new.app, file).await.expect("it is taken in");
        assert_eq!(taken, handover::Taken { fresh: 0, known: 1 });
        assert_eq!(persons(&new.app).await, once);
    }
    assert_eq!(audited(&old.app, "reach.roster.handed").await, 2);
    assert_eq!(audited(&new.app, "reach.roster.taken").await, 3);
    let mut na = Guest::at(machine.address());
    na.sign_in("na", PASSWORD).await;
    let roster = na.page("/nguoi-co-uy-tin").await;
    assert!(roster.contains("Lý Văn Páo") && roster.contains("01969-0001-1"), "{roster}");

    // The card is taken at the new point, in the old register, and the hub believes it.
    bridge.wall.pass(60_000);
    let item = write_for(&mut mai, "Tiêm phòng cho trâu bò", HEIR).await;
    approve(&mut binh, &item).await;
    hub.settle().await;
    new_road.poll_all().await.expect("the item comes down");
    new.settle().await;
    let mut village = Guest::at(machine.address());
    confirm(&mut village, &item, &bridge.card).await;
    new.settle().await;
    // Somebody new is numbered in the new point's own register.
    let village = areas::actions::NewVillage {
        commune: area(HEIR),
        kind: Some(areas::AreaType::Thon),
        name: "Bản Mới".to_owned(),
    };
    let by = officer(&new.app);
    let village = areas::actions::add_village(&new.app.db, NodeRole::Point, &by, village).await;
    let draft = PersonDraft {
        name: "Bàn Thị Mủi".to_owned(),
        village: village.expect("a village").to_string(),
        from: new.app.now().day().plus_days(-20).iso(),
        consents: vec![CONSENT_RECEIPTS.to_owned()],
        ..PersonDraft::default()
    };
    let added =
        actions::add_person(&new.app.db, NodeRole::Point, &officer(&new.app), &area(HEIR), &draft)
            .await;
    added.expect("she is added");
    end(&new.app).await.expect("the new point keeps the roster");
    new_road.send_all().await.expect("it goes up");
    hub.settle().await;
    let confirmed = reach::Rung::Confirmed.code();
    let receipts = format!(
        "select count(*) as value from reach_receipts where rung = {confirmed} and commune = '01969.2025' and serial = 1"
    );
    assert_eq!(number(&hub.app, &receipts).await, 1);
    let kept = format!(
        "select count(*) as value from reach_roster where commune = '01969.2025' and serial = 1 and origin = '{to}' \
         and until_day < '9999-12-31'"
    );
    assert_eq!(number(&hub.app, &kept).await, 1, "the hub follows who keeps it");
    let own = format!(
        "select count(*) as value from reach_roster where commune = '{HEIR}' and serial = 1"
    );
    assert_eq!(number(&hub.app, &own).await, 1);
    assert_eq!(number(&hub.app, "select count(*) as value from reach_people").await, 0);
    // The old point's own word about it comes too late.
    old_road.send_all().await.expect("the rest goes up");
    hub.settle().await;
    assert_eq!(number(&hub.app, &kept).await, 1);
}

#[test]
fn a_roster_passes_by_hand_to_the_successor_who_goes_on_with_it_on_sqlite() {
    testkit::run(async { by_hand(TestEngine::Sqlite).await });
}

#[test]
fn a_roster_passes_by_hand_to_the_successor_who_goes_on_with_it_on_postgres() {
    testkit::run(async { by_hand(TestEngine::Postgres).await });
}
