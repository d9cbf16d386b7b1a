//! From a point to the hub: applied once however often it comes, hostile bodies passed over.

use kernel::{
    records::{Incoming, NodeId, up_after, up_head},
    scope::ScopePath,
    sql,
};
use reach::{actions, model::meeting::MeetingId};
use testkit::{Kit, KitBuilder};

use crate::cast::{self, PLACE, counted, on, path, person, publish, started, village};

fn incoming(seq: u64, kind: u16, body: Vec<u8>) -> Incoming {
    Incoming { seq, ..testkit::said_by((7, PLACE), kind, body) }
}

async fn apply(kit: &Kit, record: &Incoming) {
    kit.hear(record).await.expect("applied");
}

/// A roster entry as the commune's point would send it.
pub async fn apply_listed(kit: &Kit, serial: u32, village: &str) {
    let mut body = Vec::new();
    ciborium::into_writer(&(1, serial, village, "2025-03-01", "9999-12-31"), &mut body)
        .expect("written");
    apply(kit, &incoming(u64::from(serial), 31, body)).await;
}

/// A person's confirmation as the commune's point would send it.
pub async fn apply_receipt(kit: &Kit, seq: u64, publication: &str, serial: u32) {
    let mut body = vec![u8::try_from(publication.len() + 1).expect("short")];
    body.extend(publication.as_bytes());
    body.extend([1, 5, 1, u8::try_from(serial).expect("small")]);
    // 29.922.180 minutes since 1970, seven bits a byte.
    body.extend([0x84, 0xa7, 0xa2, 0x0e, 1, 4]);
    body.extend(b"tyz");
    apply(kit, &incoming(seq, 30, body)).await;
}

/// Everything that a point has said, in order.
pub async fn said(kit: &Kit) -> Vec<(u16, Vec<u8>)> {
    let rows = kit
        .db()
        .view(async |tx| {
            let (epoch, _) = up_head(tx).await?.expect("something was said");
            Ok(up_after(tx, epoch, 0, 10_000).await?)
        })
        .await
        .expect("the log is read");
    rows.into_iter().map(|row| (row.kind, row.body)).collect()
}

pub async fn to_hub(hub: &Kit, records: &[(u16, Vec<u8>)]) {
    for (at, (kind, body)) in records.iter().enumerate() {
        apply(hub, &incoming(at as u64 + 1, *kind, body.clone())).await;
    }
}

testkit::on_both_engines! {
    async fn a_points_evening_reaches_the_hub_once(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(testkit::TestEngine::Sqlite).point(7)).await;
        let village = village(&point, "Nà Cù", Some(100)).await;
        let pao = person(&point, "Hoàng Văn Páo", &village).await;
        person(&point, "Bàn Thị Mủi", &village).await;
        to_hub(&hub, &said(&point).await).await;
        publish(&hub, "p1").await;
        publish(&point, "p1").await;
        point.db().change(async |tx| reach::on_node(tx, &path(PLACE), "p1", 1).await).await.expect("it has arrived");
        let code = cast::card(&point, &pao).await;
        cast::confirm(&point, &code, "p1").await.expect("confirmed");
        let draft = crate::meetings::held(&village, 60, vec!["p1:1".to_owned()], vec![2]);
        let meeting = actions::record_meeting(point.db(), point.app.role, &cast::officer(), &draft).await.expect("recorded");
        let all = said(&point).await;
        for _ in 0..3 {
            to_hub(&hub, &all).await;
        }
        assert_eq!(on(&hub, "p1", "prestigious_person", "published").await, 2);
        assert_eq!(on(&hub, "p1", "prestigious_person", "confirmed").await, 2);
        assert_eq!(on(&hub, "p1", "people", "published").await, 100);
        assert_eq!(on(&hub, "p1", "people", "confirmed").await, 60);
        assert_eq!(on(&hub, "p1", "people", "on_node").await, 100, "a point writes down only what it has");
        let once = counted(&hub, "p1").await;
        to_hub(&hub, &all).await;
        assert_eq!(counted(&hub, "p1").await, once);
        assert_eq!(counted(&point, "p1").await, once, "both nodes say the same");
        actions::void_meeting(point.db(), point.app.role, &cast::officer(), &meeting, "Ghi nhầm").await.expect("withdrawn");
        to_hub(&hub, &said(&point).await).await;
        assert_eq!(on(&hub, "p1", "people", "confirmed").await, 0);
        assert_eq!(on(&hub, "p1", "prestigious_person", "confirmed").await, 1);
        let page = hub.get(cast::OFFICER, &format!("/hop-thon/{meeting}")).await;
        assert!(page.text.contains("chỉ lưu trên máy của xã") && !page.text.contains("Nông Văn Tài"), "{}", page.text);
    }

    async fn hostile_bodies_are_passed_over_and_change_nothing(builder: KitBuilder) {
        let hub = started(builder).await;
        let village = village(&hub, "Nà Cù", Some(100)).await;
        publish(&hub, "p1").await;
        let before = counted(&hub, "p1").await;
        for kind in [30, 31, 32, 33] {
            for body in [Vec::new(), vec![0xff; 50], vec![0x9f; 9000], b"\x03p1\x01\x00\x00\x01".to_vec()] {
                apply(&hub, &incoming(1, kind, body)).await;
            }
        }
        // A point may not claim what is the hub's to know: the rung `on_node`, the channel `meeting`.
        for (rung, channel) in [(0, 1), (1, 1), (5, 4), (5, 0), (77, 1)] {
            let mut body = vec![3];
            body.extend(b"p1");
            body.extend([1, rung, channel, 1, 5, 1, 4]);
            body.extend(b"tyz");
            apply(&hub, &incoming(2, 30, body)).await;
        }
        assert_eq!(counted(&hub, "p1").await, before);
        // Nor speak for a village outside its own commune.
        apply_listed(&hub, 9, "elsewhere").await;
        let _ = village;
        let inside = hub.db().view(async |tx| reach_entries(tx, &path("/vn/19.2025/01942.2025/")).await).await.expect("read");
        assert_eq!(inside, 0);
    }

    async fn the_last_keeper_of_an_entry_is_believed_and_nobody_takes_people_of_another_commune(builder: KitBuilder) {
        let hub = started(builder).await;
        let village = village(&hub, "Nà Cù", Some(100)).await;
        let village = village.as_str();
        apply_listed(&hub, 1, village).await;
        let neighbour = "/vn/19.2025/01942.2025/";
        let word = |origin: u8, scope: &str, until: &str, register: &str, hand: u32| {
            let mut body = Vec::new();
            let fields = (3, 1, village, "2025-03-01", until, register, hand);
            ciborium::into_writer(&fields, &mut body).expect("written");
            let inherited = vec![path(PLACE)];
            Incoming { origin: NodeId([origin; 16]), scope: path(scope), inherited, ..incoming(9, 31, body) }
        };
        let kept = async || {
            let asked = sql!("select origin || ' ' || until_day as value from reach_roster where serial = 1");
            let told: String = hub.db().view(async |tx| Ok(tx.one(asked, &[]).await?)).await.expect("read");
            told
        };
        let of = |origin: u8, until: &str| format!("{} {until}", NodeId([origin; 16]));
        assert_eq!(kept().await, of(7, "9999-12-31"));
        // The neighbour's point has taken the register of nobody: who lives elsewhere is not its.
        apply(&hub, &word(8, neighbour, "2026-01-01", "01969.2025", 1)).await;
        assert_eq!(kept().await, of(7, "9999-12-31"));
        // A successor that stands where the person lives is believed.
        apply(&hub, &word(8, PLACE, "2026-02-02", "01969.2025", 2)).await;
        assert_eq!(kept().await, of(8, "2026-02-02"));
        // What the earlier keeper said before comes too late, in the words of then and of now.
        apply_listed(&hub, 1, village).await;
        apply(&hub, &word(7, PLACE, "2027-01-01", "", 1)).await;
        assert_eq!(kept().await, of(8, "2026-02-02"));
        // It has passed back since.
        apply(&hub, &word(7, PLACE, "2026-03-03", "", 3)).await;
        assert_eq!(kept().await, of(7, "2026-03-03"));
    }

    async fn only_the_writer_of_a_record_may_withdraw_it(builder: KitBuilder) {
        let hub = started(builder).await;
        let village = village(&hub, "Nà Cù", Some(100)).await;
        publish(&hub, "p1").await;
        let draft = crate::meetings::held(&village, 60, vec!["p1:1".to_owned()], Vec::new());
        let meeting: MeetingId = actions::record_meeting(hub.db(), hub.app.role, &cast::officer(), &draft).await.expect("recorded");
        let mut body = Vec::new();
        let items: Vec<(String, u32)> = Vec::new();
        let serials: Vec<u32> = Vec::new();
        let fields = (1, meeting.as_str(), village.as_str(), "2026-11-20", "tyz", 60, items, serials, 0, true);
        ciborium::into_writer(&fields, &mut body).expect("written");
        apply(&hub, &incoming(1, 32, body)).await;
        assert_eq!(on(&hub, "p1", "people", "confirmed").await, 60);
    }
}

async fn reach_entries(
    tx: &mut kernel::db::Tx,
    scope: &ScopePath,
) -> kernel::problem::Outcome<i64> {
    let asked = ["prestigious_person".to_owned()];
    Ok(reach::census(tx, std::slice::from_ref(scope), &asked).await?[0].count.unwrap_or(0))
}
