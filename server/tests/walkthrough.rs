//! The main job from one end to the other: an editor writes, a second person approves, the commune's
//! point receives it, somebody confirms with a card, and the hub sees it. Then the same with the
//! cable cut at every step, with either node killed in between, and with a clock ten years off.

use kernel::{app::NodeRole, caller::Caller};
use nhipcau::link::{Link, Quality};
use testkit::TestEngine;

use crate::{
    bridge::{Bridge, Plan, approve, confirm, proven, write},
    machine::{Machine, Wall},
    town::{area, number},
};

const TEN_YEARS_MS: i64 = 10 * 365 * 24 * 3_600_000;

fn by_hand(engine: TestEngine, drift_ms: i64) -> Plan {
    Plan { engine, drift_ms, by_itself: false }
}

/// How many card confirmations a node holds; each must stand there once.
async fn confirmations(app: &kernel::app::AppRef) -> i64 {
    let rung = reach::Rung::Confirmed.code();
    let channel = reach::Channel::Card.code();
    number(app, &format!("select count(*) as value from reach_receipts where rung = {rung} and channel = {channel}"))
        .await
}

/// How many publications readers of a node are shown.
async fn shown(app: &kernel::app::AppRef) -> usize {
    let query = publishing::ListQuery { limit: 100, ..publishing::ListQuery::default() };
    app.db.view(async |tx| Ok(publishing::latest(tx, &query).await?)).await.expect("the list").len()
}

/// One item through the whole town, step by step, with nothing going wrong.
// Long because it is one story, from the desk to the board.
async fn cross(bridge: &Bridge) {
    let mut mai = bridge.at_hub();
    mai.sign_in("mai", crate::bridge::PASSWORD).await;
    let id = write(&mut mai, "Vay vốn cho hộ nghèo").await;
    bridge.hub.settle().await;
    let mut reader = bridge.at_hub();
    assert!(
        !reader.page("/tin").await.contains("Vay vốn cho hộ nghèo"),
        "nobody has approved it yet"
    );
    let own = mai.page(&format!("/bien-tap/{id}")).await;
    assert!(
        !own.contains(&format!("/bien-tap/{id}/duyet")),
        "authors do not approve their own work"
    );
    let mut binh = bridge.at_hub();
    binh.sign_in("binh", crate::bridge::PASSWORD).await;
    approve(&mut binh, &id).await;
    bridge.hub.settle().await;
    assert!(reader.page("/tin").await.contains("Vay vốn cho hộ nghèo"));

    let mut probe = bridge.probe().await;
    // The roster goes up first, so that the hub may freeze a denominator for the next item.
    probe.send_all().await.expect("the roster goes up");
    probe.poll_all().await.expect("the item comes down");
    bridge.point.settle().await;
    probe.fetch_all().await.expect("nothing is missing");
    assert_eq!(shown(&bridge.point.app).await, 1);
    let mut village = bridge.at_point();
    let kiosk = village.page("/kiot").await;
    assert!(kiosk.contains("Vay vốn cho hộ nghèo"), "{kiosk}");
    let article = village.page(&format!("/tin/{id}")).await;
    assert!(article.contains("<strong>giấy tờ</strong>"), "{article}");

    confirm(&mut village, &id, &bridge.card).await;
    assert_eq!(confirmations(&bridge.point.app).await, 1);
    bridge.point.settle().await;
    assert_eq!(confirmations(&bridge.hub.app).await, 0, "nothing has travelled yet");
    probe.send_all().await.expect("the receipt goes up");
    bridge.hub.settle().await;
    assert_eq!(confirmations(&bridge.hub.app).await, 1);
    let mut lan = bridge.at_hub();
    lan.sign_in("lan", crate::bridge::PASSWORD).await;
    let ladder = lan.page(&format!("/do-phu/{id}")).await;
    assert!(ladder.contains("Vay vốn cho hộ nghèo"), "{ladder}");
    assert_eq!(lan.page("/do-phu").await.matches("Vay vốn cho hộ nghèo").count(), 1);

    // The same card again is the same person: nothing rises.
    confirm(&mut village, &id, &bridge.card).await;
    bridge.point.settle().await;
    probe.send_all().await.expect("there may be nothing to send");
    bridge.hub.settle().await;
    assert_eq!(confirmations(&bridge.hub.app).await, 1);

    // The next item is measured against the roster that came up.
    bridge.wall.pass(60_000);
    let second = write(&mut mai, "Tiêm phòng cho trâu bò").await;
    approve(&mut binh, &second).await;
    bridge.hub.settle().await;
    // Somebody of the commune may see one person of one; the province may not read her out of it.
    let mut xuan = bridge.at_hub();
    xuan.sign_in("xuan", crate::bridge::PASSWORD).await;
    let before = proven(&xuan.page(&format!("/do-phu/{second}")).await);
    assert!(before.contains("0 %"), "nobody has confirmed yet: {before}");
    probe.poll_all().await.expect("the second item comes down");
    bridge.point.settle().await;
    confirm(&mut village, &second, &bridge.card).await;
    bridge.point.settle().await;
    probe.send_all().await.expect("the receipt goes up");
    bridge.hub.settle().await;
    let mut hoa = bridge.at_point();
    hoa.sign_in("hoa", crate::bridge::PASSWORD).await;
    let own_board = proven(&hoa.page(&format!("/do-phu/{second}")).await);
    assert!(own_board.contains("100 %"), "the commune sees its one person of one: {own_board}");
    let after = proven(&xuan.page(&format!("/do-phu/{second}")).await);
    assert!(after.contains("100 %"), "the rung must rise at the hub: {before} → {after}");
    let province = proven(&lan.page(&format!("/do-phu/{second}")).await);
    assert!(!province.contains('%'), "one person is told to the province: {province}");
}

#[test]
fn an_item_crosses_and_proof_comes_back_with_the_hub_on_sqlite() {
    testkit::run(async { cross(&Bridge::built(&by_hand(TestEngine::Sqlite, 0)).await).await });
}

#[test]
fn an_item_crosses_and_proof_comes_back_with_the_hub_on_postgres() {
    testkit::run(async { cross(&Bridge::built(&by_hand(TestEngine::Postgres, 0)).await).await });
}

#[test]
fn a_point_whose_clock_is_ten_years_slow_works_like_any_other() {
    testkit::run(async {
        let bridge = Bridge::built(&by_hand(TestEngine::Sqlite, -TEN_YEARS_MS)).await;
        cross(&bridge).await;
        the_clock_was_put_right(&bridge).await;
    });
}

#[test]
fn a_point_whose_clock_is_ten_years_fast_works_like_any_other() {
    testkit::run(async {
        let bridge = Bridge::built(&by_hand(TestEngine::Sqlite, TEN_YEARS_MS)).await;
        cross(&bridge).await;
        the_clock_was_put_right(&bridge).await;
    });
}

async fn the_clock_was_put_right(bridge: &Bridge) {
    let apart = bridge.point.app.now().since(bridge.hub.app.now()).abs();
    assert!(apart < 5_000, "the point still lives {apart} ms away from the hub");
    let latest = "select max(at) as value from reach_receipts";
    let at_hub = number(&bridge.hub.app, latest).await;
    assert!(
        (at_hub - bridge.hub.app.now().millis()).abs() < 600_000,
        "receipts are dated {at_hub}"
    );
}

#[test]
fn a_cable_cut_at_any_byte_loses_nothing_and_doubles_nothing() {
    testkit::run(async {
        let bridge = Bridge::built(&by_hand(TestEngine::Sqlite, 0)).await;
        let (mut mai, mut binh) = (bridge.at_hub(), bridge.at_hub());
        mai.sign_in("mai", crate::bridge::PASSWORD).await;
        binh.sign_in("binh", crate::bridge::PASSWORD).await;
        let mut village = bridge.at_point();
        let mut probe = bridge.probe().await;
        probe.send_all().await.expect("the roster goes up");
        let mut confirmed = 0;
        for (nth, bytes) in [1, 40, 150, 400, 900, 1_700].into_iter().enumerate() {
            let title = format!("Tin số {nth}");
            let id = write(&mut mai, &title).await;
            approve(&mut binh, &id).await;
            bridge.hub.settle().await;
            // Down: the cable breaks within the answer, then is whole again.
            break_after(&bridge.link, bytes);
            let _ = probe.poll(0).await;
            until_done(async || probe.poll_all().await).await;
            bridge.point.settle().await;
            assert_eq!(shown(&bridge.point.app).await, nth + 1, "after a cut at byte {bytes}");
            assert!(village.page("/tin").await.contains(&title));
            // Up: the hub has taken the batch, and its answer breaks.
            confirm(&mut village, &id, &bridge.card).await;
            bridge.point.settle().await;
            confirmed += 1;
            break_after(&bridge.link, bytes);
            let _ = probe.send_all().await;
            until_done(async || probe.send_all().await.map(|_| ())).await;
            bridge.hub.settle().await;
            assert_eq!(
                confirmations(&bridge.hub.app).await,
                confirmed,
                "after a cut at byte {bytes}"
            );
        }
    });
}

fn break_after(link: &Link, bytes: u64) {
    let down = link.counters.down.load(std::sync::atomic::Ordering::SeqCst);
    link.break_after_down(down + bytes);
}

/// Tries again until it succeeds, as the point does by itself; not for ever.
async fn until_done(mut work: impl AsyncFnMut() -> kernel::problem::Outcome<()>) {
    let mut last = None;
    for _ in 0..10 {
        match work().await {
            Ok(()) => return,
            Err(failure) => last = Some(failure),
        }
    }
    panic!("ten tries and no success: {last:?}");
}

#[test]
fn weeks_without_a_cable_are_caught_up_in_order() {
    testkit::run(async {
        let bridge = Bridge::built(&by_hand(TestEngine::Sqlite, 0)).await;
        let (mut mai, mut binh) = (bridge.at_hub(), bridge.at_hub());
        mai.sign_in("mai", crate::bridge::PASSWORD).await;
        binh.sign_in("binh", crate::bridge::PASSWORD).await;
        let first = write(&mut mai, "Trước khi đứt dây").await;
        approve(&mut binh, &first).await;
        bridge.hub.settle().await;
        let mut probe = bridge.probe().await;
        probe.poll_all().await.expect("the first comes down");
        bridge.point.settle().await;
        bridge.link.cut();
        assert!(probe.poll(0).await.is_err(), "the cable is cut");
        bridge.wall.pass(24 * 3_600_000);
        mai.sign_in("mai", crate::bridge::PASSWORD).await;
        binh.sign_in("binh", crate::bridge::PASSWORD).await;
        let second = write(&mut mai, "Trong khi đứt dây").await;
        approve(&mut binh, &second).await;
        bridge.hub.settle().await;
        let mut village = bridge.at_point();
        confirm(&mut village, &first, &bridge.card).await;
        bridge.point.settle().await;
        assert!(probe.send_all().await.is_err(), "the cable is cut");
        bridge.wall.pass(3 * 7 * 24 * 3_600_000);
        assert!(village.page("/kiot").await.contains("Trước khi đứt dây"), "the kiosk goes on");
        let mut tuan = bridge.at_point();
        tuan.sign_in("tuan", crate::bridge::PASSWORD).await;
        tuan.page("/dong-bo").await;
        bridge.link.mend();
        until_done(async || probe.poll_all().await).await;
        until_done(async || probe.send_all().await.map(|_| ())).await;
        bridge.point.settle().await;
        bridge.hub.settle().await;
        assert_eq!(shown(&bridge.point.app).await, 2);
        assert_eq!(confirmations(&bridge.hub.app).await, 1);
        assert!(village.page("/kiot").await.contains("Trong khi đứt dây"));
    });
}

/// The same way, with both nodes killed between any two steps.
async fn with_deaths(engine: TestEngine) {
    let mut bridge = Bridge::built(&by_hand(engine, 0)).await;
    let (mut mai, mut binh) = (bridge.at_hub(), bridge.at_hub());
    mai.sign_in("mai", crate::bridge::PASSWORD).await;
    binh.sign_in("binh", crate::bridge::PASSWORD).await;
    let id = write(&mut mai, "Sống qua mất điện").await;
    bridge = bridge.hub_dies().await;
    approve(&mut binh, &id).await;
    // Approved, and dead before anything followed from it.
    bridge = bridge.hub_dies().await;
    bridge.hub.settle().await;
    let mut probe = bridge.probe().await;
    break_after(&bridge.link, 300);
    let _ = probe.poll(0).await;
    drop(probe);
    bridge = bridge.point_dies().await;
    let mut probe = bridge.probe().await;
    until_done(async || probe.poll_all().await).await;
    drop(probe);
    // Received, and dead before anything followed from it.
    bridge = bridge.point_dies().await;
    bridge.point.settle().await;
    assert_eq!(shown(&bridge.point.app).await, 1);
    let mut village = bridge.at_point();
    confirm(&mut village, &id, &bridge.card).await;
    bridge = bridge.point_dies().await;
    bridge = bridge.hub_dies().await;
    assert_eq!(confirmations(&bridge.point.app).await, 1, "what a person was thanked for is kept");
    bridge.point.settle().await;
    let mut probe = bridge.probe().await;
    break_after(&bridge.link, 60);
    let _ = probe.send_all().await;
    // A connection of the old point must not outlive it.
    drop(probe);
    bridge = bridge.hub_dies().await;
    bridge = bridge.point_dies().await;
    let mut probe = bridge.probe().await;
    until_done(async || probe.send_all().await.map(|_| ())).await;
    bridge.hub.settle().await;
    assert_eq!(confirmations(&bridge.hub.app).await, 1);
    assert_eq!(shown(&bridge.hub.app).await, 1);
    let waiting = number(
        &bridge.hub.app,
        "select count(*) as value from kernel_events where handled_at is null",
    )
    .await;
    assert_eq!(waiting, 0, "nothing is left undone at the hub");
}

#[test]
fn nodes_that_die_at_any_step_go_on_where_they_were_with_the_hub_on_sqlite() {
    testkit::run(with_deaths(TestEngine::Sqlite));
}

#[test]
fn nodes_that_die_at_any_step_go_on_where_they_were_with_the_hub_on_postgres() {
    testkit::run(with_deaths(TestEngine::Postgres));
}

// Long because each way in which a code fails needs the one before it to have failed.
#[test]
fn an_enrolment_code_that_does_not_hold_is_refused_with_its_reason() {
    testkit::run(async {
        let wall = Wall::right();
        let sqlite = TestEngine::Sqlite;
        let hub_machine = Machine::new(NodeRole::Hub, sqlite, Some(wall.clone()), false).await;
        let hub = hub_machine.start().await;
        let listen = "127.0.0.1:0".parse().expect("an address");
        let link =
            Link::open(listen, hub_machine.address(), Quality::PERFECT).await.expect("a link");
        let url = format!("http://{}", link.address);
        let machine = Machine::new(NodeRole::Point, sqlite, Some(wall.clone()), false).await;
        let point = machine.start().await;
        let refused = async |app: &kernel::app::AppRef, url: &str, code: &str| match delivery::join(
            app, url, code,
        )
        .await
        {
            Err(failure) => failure,
            Ok(joined) => panic!("{code} at {url} must be refused, and joined {joined:?}"),
        };
        let system = Caller::system(hub.app.now());
        let made = async || {
            let code =
                delivery::actions::make_enrolment_code(&hub.app, &system, &area("01969.2025"))
                    .await;
            code.expect("a code")
        };
        let code = made().await;

        // Mistyped: one character is another one.
        let at = code.find(|c: char| c.is_ascii_alphanumeric()).expect("a character");
        let other = if code[at..].starts_with('7') { "8" } else { "7" };
        let mistyped = format!("{}{other}{}", &code[..at], &code[at + 1..]);
        for typed in [mistyped.as_str(), "", "ABC", "' or 1=1 --", "\u{1f600}", &"A".repeat(10_000)]
        {
            let failure = refused(&point.app, &url, typed).await;
            assert!(failure.is(&delivery::MISTYPED_CODE), "{typed:.40}: {failure}");
        }
        // Well written, but not one of this hub's.
        let stranger =
            sync::enrol::EnrolCode::from_entropy(&point.app.chance().bytes()).to_string();
        let failure = refused(&point.app, &url, &stranger).await;
        assert!(failure.is(&delivery::WRONG_CODE), "{failure}");
        // No hub there.
        for nowhere in ["http://127.0.0.1:1", "not an address", "ftp://127.0.0.1", ""] {
            let failure = refused(&point.app, nowhere, &code).await;
            assert!(failure.is(&delivery::NO_HUB), "{nowhere}: {failure}");
        }
        // Too late.
        let late = made().await;
        wall.pass(4 * 24 * 3_600_000);
        let failure = refused(&point.app, &url, &late).await;
        assert!(failure.is(&delivery::EXPIRED_CODE), "{failure}");
        // As people type it: lower case, spaces for dashes.
        let good = made().await;
        let typed = good.to_lowercase().replace('-', " ");
        delivery::join(&point.app, &url, &typed).await.expect("the code holds");
        // Used by somebody else before.
        let second_machine = Machine::new(NodeRole::Point, sqlite, Some(wall.clone()), false).await;
        let second = second_machine.start().await;
        let failure = refused(&second.app, &url, &good).await;
        assert!(failure.is(&delivery::USED_CODE), "{failure}");
        // This machine belongs to a hub already: its own takes it back, another one does not get it.
        let again = made().await;
        delivery::join(&point.app, &url, &again).await.expect("its own hub takes it back");
        let other_machine = Machine::new(NodeRole::Hub, sqlite, Some(wall.clone()), false).await;
        let other = other_machine.start().await;
        let theirs = nhipcau::keeping::enrolment_code(&other.app, "01969").await.expect("a code");
        let there = format!("http://{}", other_machine.address());
        let failure = refused(&point.app, &there, &theirs).await;
        assert!(failure.is(&delivery::ALREADY_JOINED), "{failure}");
        let nodes = number(&hub.app, "select count(*) as value from delivery_nodes").await;
        assert_eq!(nodes, 1, "only one device got in");
    });
}
