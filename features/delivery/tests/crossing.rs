//! What crosses, and what happens when it cannot: nothing is lost, nothing is applied twice.

use areas::AreaId;
use delivery::Probe;
use kernel::{
    app::NodeRole,
    caller::Caller,
    clock::Clock,
    db::{Statement, Tx},
    problem::{FORBIDDEN, NO_SPACE, Outcome},
    records,
};
use testkit::{KitBuilder, on_both_engines};

use super::bridge::{COMMUNE, hub, received, waiting_up};

pub async fn emit_up(kit: &testkit::Kit, count: usize) {
    let emitted: Outcome<()> = kit
        .db()
        .change(async |tx| {
            for at in 0..count {
                tx.emit_up(9_998, format!("báo cáo {at}").into_bytes()).await?;
            }
            Ok(())
        })
        .await;
    emitted.expect("is written");
}

async fn add_village(kit: &testkit::Kit, name: &str) -> AreaId {
    let caller = Caller::system(kit.app.now());
    let new = areas::actions::NewVillage {
        commune: AreaId::parse("01969.2025").expect("an id"),
        kind: Some(areas::AreaType::Thon),
        name: name.to_owned(),
    };
    areas::actions::add_village(kit.db(), NodeRole::Point, &caller, new).await.expect("a village")
}

on_both_engines! {
    async fn only_what_is_meant_for_the_commune_arrives_and_only_once(builder: KitBuilder) {
        let hub = hub(builder).await;
        let (point, mut probe) = hub.joined(2).await;
        for target in [COMMUNE, "/vn/", "/vn/19.2025/", "/vn/19.2025/01969.2025/thon-1/", "/vn/01.2025/", "/vn/19.2025/02014.2025/"] {
            hub.say(target, "tin").await;
        }
        probe.poll_all().await.expect("polls");
        assert_eq!(received(&point).await, 4, "its own, what is above, what is inside; nobody else's");
        probe.poll_all().await.expect("polls");
        assert_eq!(received(&point).await, 4);
    }

    async fn many_nearly_equal_texts_cross_though_they_compress_to_almost_nothing(builder: KitBuilder) {
        let hub = hub(builder).await;
        let (point, mut probe) = hub.joined(2).await;
        for at in 0..70 {
            hub.say(COMMUNE, &long_text(at)).await;
        }
        probe.poll_all().await.expect("no frame holds more than its reader takes");
        assert_eq!(received(&point).await, 70);
    }

    async fn what_was_written_offline_goes_up_and_is_acknowledged(builder: KitBuilder) {
        let hub = hub(builder).await;
        let (point, mut probe) = hub.joined(2).await;
        let village = add_village(&point, "Nam Lanh").await;
        emit_up(&point, 2_500).await;
        assert_eq!(waiting_up(&point).await, 2_501);
        assert!(probe.send_all().await.expect("sends") >= 1);
        assert_eq!(waiting_up(&point).await, 0);
        assert_eq!(probe.send_all().await.expect("nothing more"), 0);
        let known = hub.kit.db().view(async |tx| Ok(areas::find(tx, &village).await?)).await.expect("reads");
        assert_eq!(known.map(|area| area.full_name).as_deref(), Some("thôn Nam Lanh"));
    }

    async fn a_copied_box_is_noticed_and_both_are_stopped(builder: KitBuilder) {
        let hub = hub(builder).await;
        let (point, mut probe) = hub.joined(2).await;
        emit_up(&point, 3).await;
        probe.send_all().await.expect("sends");
        // A copy of the disk: the same keys and the same log, on another machine.
        let copy = point.folder.join("copy.db").display().to_string();
        point.db().copy_to(&copy).await.expect("copies");
        emit_up(&point, 1).await;
        let mut probe = { drop(probe); Probe::start(&point.app).await.expect("a road") };
        probe.poll(0).await.expect("the true box goes on, under a new session");
        probe.send_all().await.expect("the true box goes on");
        let twin = crate::crossing::twin_of(&point, &copy).await;
        let mut twin_probe = Probe::start(&twin).await.expect("a road");
        assert!(twin_probe.poll(0).await.is_err(), "the copy remembers a session that was used up");
        let state: Option<String> = node_state(&hub.kit).await;
        assert_eq!(state.as_deref(), Some("quarantined"));
        assert!(probe.poll(0).await.is_err(), "a person must look before either goes on");
    }

    async fn a_restored_hub_gets_back_what_it_forgot(builder: KitBuilder) {
        let hub = hub(builder).await;
        let (point, mut probe) = hub.joined(2).await;
        hub.say(COMMUNE, "trước khi hỏng").await;
        probe.poll_all().await.expect("polls");
        emit_up(&point, 5).await;
        probe.send_all().await.expect("sends");
        // The hub is set back to before the reports came, and begins its streams anew.
        let forgotten: Outcome<()> = hub.kit.db().change(async |tx| {
            forget_inbox(tx).await?;
            tx_new_epoch(tx).await?;
            delivery::after_restore(tx).await
        }).await;
        forgotten.expect("is set back");
        hub.kit.clock.advance(5_000);
        hub.say(COMMUNE, "sau khi khôi phục").await;
        let mut probe = { drop(probe); Probe::start(&point.app).await.expect("a road") };
        probe.poll_all().await.expect("the point follows the signed new beginning");
        assert_eq!(received(&point).await, 2);
        probe.send_all().await.expect("what was forgotten is sent again");
        assert_eq!(waiting_up(&point).await, 0);
        assert_eq!(held_rows(&hub.kit).await, 5);
    }
}

/// Some nine kilobytes; texts with neighbouring seeds hold nearly the same words.
fn long_text(seed: u64) -> String {
    let numbers = (1..1_500_u64).map(|at| (at + seed * 31) * 7_919 % 100_003);
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

async fn pages(point: &testkit::Kit) -> i64 {
    let count = kernel::sql!("select page_count as value from pragma_page_count()");
    let pages: Outcome<i64> = point.db().view(async |tx| Ok(tx.one(count, &[]).await?)).await;
    pages.expect("counted")
}

/// Lets the database of a point grow to so many pages and no further: to SQLite, a full disk.
async fn leave_room(point: &testkit::Kit, pages: i64) {
    let text = format!("pragma max_page_count = {pages}").leak();
    let statement = Box::leak(Box::new(Statement { text, file: file!(), line: line!() }));
    let set: Outcome<u64> = point.db().change(async |tx| Ok(tx.run(statement, &[]).await?)).await;
    set.expect("the limit is set");
}

#[test]
fn a_full_disk_at_the_point_loses_nothing_and_the_road_goes_on_when_there_is_room() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(testkit::TestEngine::Sqlite)).await;
        let (point, mut probe) = hub.joined(2).await;
        leave_room(&point, pages(&point).await + 8).await;
        for at in 0..60 {
            hub.say(COMMUNE, &long_text(at)).await;
        }
        let full = probe.poll_all().await.expect_err("there is no room");
        assert!(full.is(&NO_SPACE), "{full}");
        assert!(received(&point).await < 60);
        // The connection that met the full disk was given up; the disk is as full as before.
        leave_room(&point, pages(&point).await + 2).await;
        let reports: Outcome<()> = point
            .db()
            .change(async |tx| {
                for at in 60..70 {
                    tx.emit_up(9_998, long_text(at).into_bytes()).await?;
                }
                Ok(())
            })
            .await;
        let refused = reports.expect_err("no room for a report either");
        assert!(refused.is(&NO_SPACE), "{refused}");
        assert_eq!(waiting_up(&point).await, 0, "what was not kept was not begun");
        leave_room(&point, 1_000_000).await;
        probe.poll_all().await.expect("somebody made room");
        assert_eq!(received(&point).await, 60);
        emit_up(&point, 2).await;
        probe.send_all().await.expect("and reports go up");
        assert_eq!(waiting_up(&point).await, 0);
    });
}

#[test]
fn a_point_whose_clock_is_ten_years_off_is_corrected_by_its_hub() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(testkit::TestEngine::Sqlite)).await;
        let (point, mut probe) = hub.joined(2).await;
        // The kit's clock ignores corrections, as a test's clock must; what is learnt is stored.
        point.clock.advance(-10 * 365 * 24 * 3_600_000);
        hub.say(COMMUNE, "tin").await;
        probe.poll_all().await.expect("a wrong clock does not stop the road");
        assert_eq!(received(&point).await, 1);
        let offset: i64 = point
            .db()
            .view(async |tx| {
                Ok(tx
                    .one(kernel::sql!("select clock_offset as value from delivery_road"), &[])
                    .await?)
            })
            .await
            .expect("reads");
        let years = offset / (365 * 24 * 3_600_000);
        assert_eq!(years, 10, "learnt from the hub");
        let clock = kernel::clock::SystemClock::default();
        let before = clock.now();
        clock.correct(offset);
        assert!(clock.now().since(before) >= offset, "a real clock takes the correction");
    });
}

#[test]
fn strangers_and_damaged_bytes_get_nothing_from_the_wire() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(testkit::TestEngine::Sqlite)).await;
        let client = &hub.kit;
        for (method, path, body) in [
            ("POST", "/v1/enrol", vec![1; 200]),
            ("POST", "/v1/hello", vec![7; 150]),
            ("POST", "/v1/sync", vec![1; 60]),
            ("PUT", "/v1/up/0011223344556677", vec![3; 500]),
            ("PUT", "/v1/up/not-a-session", vec![3; 500]),
            ("GET", "/v1/b/../../etc/passwd", Vec::new()),
            ("GET", "/v1/b/zz", Vec::new()),
            ("POST", "/v1/sync", vec![0; 100_000]),
        ] {
            let method = method.parse().expect("a method");
            let page =
                client.send("", method, path, None, kernel::axum::body::Body::from(body)).await;
            assert!((400..500).contains(&page.status), "{path}: {}", page.status);
            // What is not one of our routes is answered by the site, in words.
            assert!(page.bytes.len() < 100 || path.contains(".."), "{path} says next to nothing");
        }
    });
}

#[test]
fn a_revoked_point_is_refused() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(testkit::TestEngine::Sqlite)).await;
        let (point, mut probe) = hub.joined(2).await;
        probe.poll(0).await.expect("polls");
        let officer = testkit::caller("Lan", "province_officer", "/vn/19.2025/");
        let node = point.app.node_id();
        let refused =
            delivery::actions::revoke(&hub.kit.app, &officer, node).await.expect_err("may not");
        assert!(refused.is(&FORBIDDEN));
        let admin = testkit::caller("Quản trị", "administrator", "/");
        delivery::actions::revoke(&hub.kit.app, &admin, node).await.expect("revokes");
        assert!(probe.poll(0).await.is_err());
        emit_up(&point, 1).await;
        assert!(probe.send_all().await.is_err());
        assert_eq!(waiting_up(&point).await, 1, "nothing is lost at the point");
    });
}

/// Another machine with a copied disk: the same keys, its own process.
pub async fn twin_of(point: &testkit::Kit, copy: &str) -> kernel::app::AppRef {
    use std::sync::Arc;
    let settings = kernel::db::Settings {
        clock: Arc::new(point.clock.clone()),
        chance: kernel::chance::Chance::seeded(77),
        wake: kernel::wake::Wake::default(),
        connections: 2,
    };
    let db = kernel::db::Db::open(copy, settings).await.expect("opens");
    db.sign_with(records::Stamp(point.app.keys.clone()));
    let words = point.app.words.clone();
    let sources = point.app.modules.iter().flat_map(|module| module.templates).copied();
    let pages = kernel::web::Pages::load(sources, words.clone()).expect("pages");
    Arc::new(kernel::app::App {
        db,
        files: point.app.files.clone(),
        modules: point.app.modules,
        words,
        pages,
        cache: kernel::web::PageCache::default(),
        role: point.app.role,
        site: point.app.site.clone(),
        keys: point.app.keys.clone(),
        seed: point.app.seed,
        https: false,
        resolve_caller: point.app.resolve_caller,
        ports: kernel::app::Ports::default(),
    })
}

async fn node_state(kit: &testkit::Kit) -> Option<String> {
    let read = kit.db().view(async |tx| {
        Ok(tx.maybe(kernel::sql!("select state as value from delivery_nodes"), &[]).await?)
    });
    read.await.expect("reads")
}

async fn held_rows(kit: &testkit::Kit) -> i64 {
    let read = kit.db().view(async |tx| {
        Ok(tx.one(kernel::sql!("select count(*) as value from delivery_inbox"), &[]).await?)
    });
    read.await.expect("reads")
}

pub async fn forget_inbox(tx: &mut Tx) -> Outcome<()> {
    tx.run(kernel::sql!("delete from delivery_inbox"), &[]).await?;
    tx.run(kernel::sql!("delete from delivery_inbox_heads"), &[]).await?;
    Ok(())
}

async fn tx_new_epoch(tx: &mut Tx) -> Outcome<()> {
    Ok(records::begin_new_epoch(tx, 0).await?)
}
