//! The commune of a point is merged with its neighbour. The hub hears of it before the point, and the
//! point goes on working all the time: old receipts count, new items come, the officers go on in the new
//! commune, and what was published before is still there. Undone, everything is as it was.

use areas::{
    DecreeId, Heir, NewDecree, Step, Succeeded, Unsucceeded,
    actions::decree::{self, Proposal},
};
use kernel::{
    app::{AppRef, NodeRole},
    caller::Caller,
    clock::Day,
    ids::Id,
    scope::ScopePath,
};
use testkit::TestEngine;

use crate::{
    bridge::{Bridge, COMMUNE, PASSWORD, Plan, approve, confirm, proven, write, write_for},
    machine::Running,
    town::{area, number, text},
};

const HEIR: &str = "01942.2025";
const HEIR_PATH: &str = "/vn/19.2025/01942.2025/";

fn path(text: &str) -> ScopePath {
    ScopePath::parse(text).expect("a path")
}

fn steps() -> Vec<Step> {
    let heir = Heir { unit: area(HEIR), path: path(HEIR_PATH) };
    vec![Step { from: area("01969.2025"), from_path: path(COMMUNE), heirs: vec![heir] }]
}

async fn told(node: &Running) {
    let fact = Succeeded {
        event: Id::from_text("merger".to_owned()),
        instrument: "NQ 1/NQ-UBTVQH16".to_owned(),
        effective_on: Day::new(2026, 11, 20).expect("a day"),
        steps: steps(),
    };
    announce(&node.app, &fact).await;
    // Telling it twice changes nothing.
    announce(&node.app, &fact).await;
    node.settle().await;
}

async fn untold(node: &Running) {
    let fact = Unsucceeded { event: Id::from_text("merger".to_owned()), steps: steps() };
    announce(&node.app, &fact).await;
    node.settle().await;
}

async fn announce<E: kernel::events::Event>(app: &AppRef, fact: &E) {
    app.db.change(async |tx| Ok(tx.announce(fact).await?)).await.expect("it is told");
}

async fn confirmations(app: &AppRef) -> i64 {
    let rung = reach::Rung::Confirmed.code();
    number(
        app,
        &format!("select count(*) as value from reach_receipts where rung = {rung} and serial = 1"),
    )
    .await
}

/// Everything that may move, in one text.
async fn standing(app: &AppRef) -> String {
    let mut all = String::new();
    for query in [
        "select coalesce(min(account || role || scope || from_day || until_day), '') as value from identity_grants where scope like '%/01969.2025/'",
        "select coalesce(min(scope), '') as value from identity_grants where scope like '%/01942.2025/'",
        "select coalesce(min(place), '') as value from identity_accounts where place like '/vn/19.2025/0%'",
        "select coalesce(min(path || village || until_day), '') as value from reach_roster",
        "select coalesce(min(path || former), '') as value from delivery_nodes",
        "select coalesce(min(path || commune || former), '') as value from delivery_road",
        "select coalesce(min(path), '') as value from publishing_carried",
    ] {
        all.push_str(&text(app, query).await);
        all.push('\n');
    }
    all
}

// Long because it is one story.
async fn through_a_merger(engine: TestEngine) {
    let bridge = Bridge::built(&Plan { engine, drift_ms: 0, by_itself: false }).await;
    let mut mai = bridge.at_hub();
    mai.sign_in("mai", PASSWORD).await;
    let mut binh = bridge.at_hub();
    binh.sign_in("binh", PASSWORD).await;
    let mut xuan = bridge.at_hub();
    xuan.sign_in("xuan", PASSWORD).await;
    let mut hoa = bridge.at_point();
    hoa.sign_in("hoa", PASSWORD).await;
    let mut probe = bridge.probe().await;
    probe.send_all().await.expect("the roster goes up");
    bridge.hub.settle().await;
    let first = write(&mut mai, "Vay vốn cho hộ nghèo").await;
    approve(&mut binh, &first).await;
    bridge.hub.settle().await;
    probe.poll_all().await.expect("the item comes down");
    bridge.point.settle().await;
    // Off the network, somebody confirms.
    let mut village = bridge.at_point();
    confirm(&mut village, &first, &bridge.card).await;
    bridge.point.settle().await;
    let (hub_before, point_before) =
        (standing(&bridge.hub.app).await, standing(&bridge.point.app).await);

    // The hub hears of the merger; the point does not know yet and goes on as before.
    told(&bridge.hub).await;
    probe.send_all().await.expect("what was recorded under the old commune goes up");
    bridge.hub.settle().await;
    assert_eq!(confirmations(&bridge.hub.app).await, 1, "it is counted");
    bridge.wall.pass(60_000);
    let second = write_for(&mut mai, "Tiêm phòng cho trâu bò", HEIR).await;
    approve(&mut binh, &second).await;
    bridge.hub.settle().await;
    told(&bridge.point).await;
    let stands = delivery::own_scope(&bridge.point.app).await.expect("a scope");
    assert_eq!(stands, Some(path(HEIR_PATH)));
    probe.poll_all().await.expect("what is said to the new commune comes down");
    bridge.point.settle().await;
    let kiosk = village.page("/kiot").await;
    assert!(kiosk.contains("Tiêm phòng cho trâu bò"), "{kiosk}");
    assert!(
        village.page("/tin").await.contains("Vay vốn cho hộ nghèo"),
        "the old item is still there"
    );
    let mut reader = bridge.at_hub();
    let home = reader.page(&format!("/khu-vuc/{HEIR}")).await;
    assert!(home.contains("Vay vốn cho hộ nghèo"), "and at the hub, for the new commune");

    // The same card goes on; the person keeps the number that the old commune gave.
    confirm(&mut village, &second, &bridge.card).await;
    bridge.point.settle().await;
    probe.send_all().await.expect("the receipt goes up");
    bridge.hub.settle().await;
    assert_eq!(confirmations(&bridge.hub.app).await, 2);
    // Sessions stand, and authority lies in the new commune.
    let roster = hoa.page(&format!("/nguoi-co-uy-tin?xa={HEIR}")).await;
    assert!(roster.contains("Lý Văn Páo"), "{roster}");
    assert_eq!(hoa.get("/nguoi-co-uy-tin?xa=01969.2025").await.status, 403);
    for id in [&first, &second] {
        let seen = proven(&xuan.page(&format!("/do-phu/{id}?dia_ban={HEIR}")).await);
        assert!(seen.contains("100 %"), "the new commune sees its one person of one: {seen}");
    }

    untold(&bridge.hub).await;
    untold(&bridge.point).await;
    assert_eq!(standing(&bridge.hub.app).await, hub_before);
    assert_eq!(standing(&bridge.point.app).await, point_before);
    let again = proven(&xuan.page(&format!("/do-phu/{first}")).await);
    assert!(again.contains("100 %"), "{again}");
}

/// The hub's administrator brings a decree as a table and applies it.
pub async fn decreed(hub: &AppRef, table: &str) -> DecreeId {
    let caller = Caller::system(hub.now());
    let new = NewDecree {
        instrument: "Nghị quyết số 1/NQ-UBTVQH16".to_owned(),
        decided_on: String::new(),
        effective_on: hub.now().day().short(),
        file_name: "sap-xep.csv".to_owned(),
    };
    let proposal = decree::propose(&hub.db, NodeRole::Hub, &caller, new, table.as_bytes()).await;
    let id = match proposal.expect("it is read") {
        Proposal::Kept(id) => id,
        Proposal::Wrong(problems) => panic!("{problems:#?}"),
    };
    let kept = hub.db.view(async |tx| Ok(areas::decree(tx, &id).await?)).await;
    let hash = kept.expect("it is read").expect("it is kept").content_hash;
    decree::apply(&hub.db, NodeRole::Hub, &caller, &id, &hash).await.expect("it is applied");
    id
}

/// The map of a node, in one word.
async fn map_of(app: &AppRef) -> String {
    app.db.view(async |tx| Ok(areas::state_hash(tx).await?)).await.expect("a fingerprint")
}

// Long because it is one story.
async fn by_decree(engine: TestEngine) {
    let bridge = Bridge::built(&Plan { engine, drift_ms: 0, by_itself: false }).await;
    let mut mai = bridge.at_hub();
    mai.sign_in("mai", PASSWORD).await;
    let mut binh = bridge.at_hub();
    binh.sign_in("binh", PASSWORD).await;
    let mut hoa = bridge.at_point();
    hoa.sign_in("hoa", PASSWORD).await;
    let mut probe = bridge.probe().await;
    probe.send_all().await.expect("the roster goes up");
    bridge.hub.settle().await;
    let before = (standing(&bridge.hub.app).await, standing(&bridge.point.app).await);
    let maps = (map_of(&bridge.hub.app).await, map_of(&bridge.point.app).await);
    assert_eq!(maps.0, maps.1, "both know the same places");

    // Phủ Thông and its neighbour become one commune that keeps the name and the code.
    let table = "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới\n\
                 01969,nhập,01969,Phủ Thông,xã,19\n01942,nhập,01969,Phủ Thông,xã,19\n";
    let id = decreed(&bridge.hub.app, table).await;
    bridge.hub.settle().await;
    let made = format!("01969.{}", bridge.hub.app.now().day().iso().replace('-', ""));
    let new_path = path(&format!("/vn/19.2025/{made}/"));
    bridge.wall.pass(60_000);
    let item = write_for(&mut mai, "Tiêm phòng cho trâu bò", &made).await;
    approve(&mut binh, &item).await;
    bridge.hub.settle().await;

    // The point hears of it when it is online again.
    probe.poll_all().await.expect("the decree comes down");
    bridge.point.settle().await;
    probe.poll_all().await.expect("what is said to the new commune comes down");
    bridge.point.settle().await;
    assert_eq!(delivery::own_scope(&bridge.point.app).await.expect("a scope"), Some(new_path));
    assert_eq!(map_of(&bridge.hub.app).await, map_of(&bridge.point.app).await);
    let mut village = bridge.at_point();
    let kiosk = village.page("/kiot").await;
    assert!(kiosk.contains("Tiêm phòng cho trâu bò"), "{kiosk}");
    confirm(&mut village, &item, &bridge.card).await;
    bridge.point.settle().await;
    probe.send_all().await.expect("the receipt goes up");
    bridge.hub.settle().await;
    assert_eq!(confirmations(&bridge.hub.app).await, 1);
    let roster = hoa.page(&format!("/nguoi-co-uy-tin?xa={made}")).await;
    assert!(roster.contains("Lý Văn Páo"), "{roster}");
    let villages = hoa.page(&format!("/dia-ban/{made}/thon")).await;
    assert!(villages.contains("Nà Ít"), "the village went along: {villages}");

    // Undone at the hub, everything is as it was, at the point too.
    let caller = Caller::system(bridge.hub.app.now());
    decree::undo(&bridge.hub.app.db, NodeRole::Hub, &caller, &id).await.expect("undone");
    bridge.hub.settle().await;
    probe.poll_all().await.expect("that comes down");
    bridge.point.settle().await;
    assert_eq!((map_of(&bridge.hub.app).await, map_of(&bridge.point.app).await), maps);
    assert_eq!((standing(&bridge.hub.app).await, standing(&bridge.point.app).await), before);
}

#[test]
fn a_decree_carries_commune_officers_villages_and_point_and_can_be_undone_on_sqlite() {
    testkit::run(async { by_decree(TestEngine::Sqlite).await });
}

#[test]
fn a_decree_carries_commune_officers_villages_and_point_and_can_be_undone_on_postgres() {
    testkit::run(async { by_decree(TestEngine::Postgres).await });
}

#[test]
fn a_point_keeps_working_through_the_merger_of_its_commune_with_the_hub_on_sqlite() {
    testkit::run(async { through_a_merger(TestEngine::Sqlite).await });
}

#[test]
fn a_point_keeps_working_through_the_merger_of_its_commune_with_the_hub_on_postgres() {
    testkit::run(async { through_a_merger(TestEngine::Postgres).await });
}
