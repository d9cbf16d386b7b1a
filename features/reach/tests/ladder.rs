//! Denominators, rungs, the unknown, and what the pages say of them.

use kernel::app::NodeRole;
use reach::{Channel, NewReceipt, Rung, actions, census};
use testkit::Kit;

use crate::cast::{
    self, COMMUNE, OFFICER, PLACE, PROVINCE, card, confirm, counted, on, path, person, publish,
    started, village,
};

fn tap(kit: &Kit, channel: Channel, visitor: &str, rung: Rung) -> NewReceipt {
    NewReceipt {
        publication: "p1".to_owned(),
        version: 1,
        rung,
        channel,
        person: None,
        village: None,
        place: Some(path(PLACE)),
        language: "tyz".to_owned(),
        at: kit.app.now(),
        visitor: Some(visitor.to_owned()),
    }
}

async fn record(kit: &Kit, new: NewReceipt) -> bool {
    let nobody = kernel::caller::Caller::nobody(kit.app.now());
    kit.db()
        .change(async |tx| actions::record(tx, NodeRole::Hub, &nobody, new).await)
        .await
        .expect("taken in")
}

testkit::on_both_engines! {
    async fn a_frozen_denominator_does_not_follow_the_roster(builder: KitBuilder) {
        let kit = started(builder).await;
        let (one, two) = (village(&kit, "Nà Cù", Some(100)).await, village(&kit, "Khuổi Lặng", None).await);
        let pao = person(&kit, "Hoàng Văn Páo", &one).await;
        person(&kit, "Bàn Thị Mủi", &two).await;
        publish(&kit, "p1").await;
        let later = person(&kit, "Lý A Sùng", &two).await;
        actions::end_person(kit.db(), NodeRole::Hub, &cast::officer(), &pao, "22/11/2026", "chuyen_di").await.expect("taken off");
        assert_eq!(on(&kit, "p1", "prestigious_person", "published").await, 2);
        assert_eq!(on(&kit, "p1", "people", "published").await, 100);
        assert_eq!(on(&kit, "p1", "people", "uncounted").await, 1, "a village nobody counted stays unknown");
        let code = card(&kit, &later).await;
        confirm(&kit, &code, "p1").await.expect("confirmed");
        assert_eq!(on(&kit, "p1", "prestigious_person", "confirmed").await, 0, "recognised later: in no percentage");
        assert_eq!(on(&kit, "p1", "outside", "confirmed").await, 1);
        publish(&kit, "p1").await;
        assert_eq!(on(&kit, "p1", "prestigious_person", "published").await, 2, "freezing again changes nothing");
        publish(&kit, "p2").await;
        assert_eq!(on(&kit, "p2", "prestigious_person", "published").await, 2, "the next one counts anew");
    }

    async fn the_census_tells_what_it_does_not_know(builder: KitBuilder) {
        let kit = started(builder).await;
        let asked = ["prestigious_person".to_owned(), "people".to_owned(), "official".to_owned()];
        let ask = async || kit.db().change(async |tx| census(tx, &[path(PLACE)], &asked).await).await.expect("counted");
        let before = ask().await;
        assert!(before.iter().all(|one| one.count.is_none()), "{before:?}");
        let one = village(&kit, "Nà Cù", Some(100)).await;
        village(&kit, "Khuổi Lặng", None).await;
        person(&kit, "Hoàng Văn Páo", &one).await;
        let after = ask().await;
        assert_eq!((after[0].count, after[0].villages, after[0].unknown_villages), (Some(1), 2, 0));
        assert_eq!((after[1].count, after[1].villages, after[1].unknown_villages), (Some(100), 2, 1));
        assert_eq!(after[2].count, None);
        let both = kit.db().change(async |tx| census(tx, &[path("/vn/19.2025/"), path(PLACE)], &asked).await).await.expect("counted");
        assert_eq!(both[1].count, Some(100), "overlapping targets count a village once");
    }

    async fn devices_are_told_beside_the_persons_and_never_added(builder: KitBuilder) {
        let kit = started(builder).await;
        person(&kit, "Hoàng Văn Páo", &village(&kit, "Nà Cù", Some(100)).await).await;
        publish(&kit, "p1").await;
        assert!(record(&kit, tap(&kit, Channel::Phone, "one", Rung::Confirmed)).await);
        kit.clock.advance(3_600_000);
        assert!(!record(&kit, tap(&kit, Channel::Phone, "one", Rung::Confirmed)).await, "one phone, once");
        let phones = kit.get(OFFICER, "/do-phu/p1").await.text;
        assert!(phones.contains("Ngoài ra có 1 điện thoại xác nhận.") && !phones.contains("lượt bấm không thẻ"), "no zero is told: {phones}");
        assert!(record(&kit, tap(&kit, Channel::Phone, "two", Rung::Confirmed)).await);
        assert!(record(&kit, tap(&kit, Channel::Tap, "kiosk", Rung::Confirmed)).await);
        assert!(!record(&kit, tap(&kit, Channel::Tap, "kiosk", Rung::Confirmed)).await, "a button hit twice");
        kit.clock.advance(60_000);
        assert!(record(&kit, tap(&kit, Channel::Tap, "kiosk", Rung::Confirmed)).await, "the next in the queue");
        assert_eq!(on(&kit, "p1", "device", "confirmed").await, 4);
        assert_eq!(on(&kit, "p1", "prestigious_person", "confirmed").await, 0);
        let page = kit.get(OFFICER, "/do-phu/p1").await;
        assert!(page.text.contains("2 lượt bấm") && page.text.contains("2 điện thoại"), "{}", page.text);
    }

    async fn nobody_can_claim_a_rung_or_a_channel_that_is_not_theirs(builder: KitBuilder) {
        let kit = started(builder).await;
        publish(&kit, "p1").await;
        let nobody = kernel::caller::Caller::nobody(kit.app.now());
        let try_it = async |new: NewReceipt| {
            kit.db().change(async |tx| actions::record(tx, NodeRole::Hub, &nobody, new).await).await.expect_err("refused")
        };
        for (rung, channel) in [(Rung::Published, Channel::Tap), (Rung::Verified, Channel::Phone), (Rung::Confirmed, Channel::Meeting), (Rung::Confirmed, Channel::Card)] {
            assert!(try_it(tap(&kit, channel, "x", rung)).await.is(&actions::RUNG_REFUSED), "{rung} by {channel}");
        }
        let named = NewReceipt { person: Some(1), ..tap(&kit, Channel::Card, "x", Rung::Confirmed) };
        assert!(try_it(named).await.is(&kernel::problem::SIGN_IN_NEEDED));
        let flood = async || {
            for at in 0..300 {
                let new = tap(&kit, Channel::Phone, &format!("v{at}"), Rung::Opened);
                kit.db().change(async |tx| actions::record(tx, NodeRole::Hub, &nobody, new).await).await?;
            }
            Ok::<(), kernel::problem::Failure>(())
        };
        assert!(flood().await.expect_err("throttled").is(&kernel::problem::TOO_MANY));
    }

    async fn on_node_is_counted_once_for_everybody_below(builder: KitBuilder) {
        let kit = started(builder).await;
        person(&kit, "Hoàng Văn Páo", &village(&kit, "Nà Cù", Some(100)).await).await;
        publish(&kit, "p1").await;
        for _ in 0..2 {
            kit.db().change(async |tx| reach::on_node(tx, &path(PLACE), "p1", 1).await).await.expect("noted");
        }
        assert_eq!(on(&kit, "p1", "people", "on_node").await, 100);
        assert_eq!(on(&kit, "p1", "prestigious_person", "on_node").await, 1);
    }

    async fn a_point_may_say_that_it_has_an_item_before_or_after_the_denominators_are_frozen(builder: KitBuilder) {
        let kit = started(builder).await;
        person(&kit, "Hoàng Văn Páo", &village(&kit, "Nà Cù", Some(100)).await).await;
        let arrives = async |key: &str| {
            kit.db().change(async |tx| reach::on_node(tx, &path(PLACE), key, 1).await).await.expect("noted");
        };
        publish(&kit, "p1").await;
        arrives("p1").await;
        // The worker was slow: the point's poll came first, twice.
        arrives("p2").await;
        arrives("p2").await;
        assert_eq!(counted(&kit, "p2").await, []);
        publish(&kit, "p2").await;
        assert_eq!(on(&kit, "p2", "people", "on_node").await, 100);
        assert_eq!(on(&kit, "p2", "prestigious_person", "on_node").await, 1);
        assert_eq!(counted(&kit, "p2").await, counted(&kit, "p1").await, "in either order the same");
        publish(&kit, "p3").await;
        assert_eq!(on(&kit, "p3", "people", "on_node").await, 0, "and nothing else");
    }

    async fn places_without_a_point_and_without_a_word_stand_behind_one_line(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village).await;
        publish(&kit, "p1").await;
        kit.db().change(async |tx| reach::note_contact(tx, &path(PLACE), tx.now()).await).await.expect("noted");
        confirm(&kit, &card(&kit, &pao).await, "p1").await.expect("confirmed");
        let board = kit.get(PROVINCE, "/do-phu").await.text;
        let (table, rest) = board.split_once("nơi chưa có điểm hỗ trợ, chưa biết mẫu số").expect("one line for the rest");
        assert!(table.contains("Xã Phủ Thông") && table.contains("Dưới 5, không công bố"), "{table}");
        assert!(!table.contains("Chưa có điểm: tổ chức họp thôn"), "{table}");
        assert!(rest.contains("Xã Bằng Vân") && !rest.contains("Dưới 5, không công bố"), "{rest}");
    }

    async fn a_silent_point_is_unknown_and_says_since_when(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        for name in ["Hoàng Văn Páo", "Bàn Thị Mủi", "Nông Văn Tài", "Lý A Sùng", "Đặng Thị Ánh", "Triệu Văn Lưu"] {
            person(&kit, name, &village).await;
        }
        publish(&kit, "p1").await;
        let hear = async || kit.db().change(async |tx| reach::note_contact(tx, &path(PLACE), tx.now()).await).await.expect("noted");
        hear().await;
        let fresh = kit.get(PROVINCE, "/do-phu/p1?dia_ban=19.2025").await;
        assert!(fresh.text.contains("Xã Phủ Thông") && fresh.text.replace("&#x2f;", "/").contains("0 / 6 · 0 %"), "{}", fresh.text);
        kit.clock.advance(8 * 24 * 3_600_000);
        let silent = kit.get(PROVINCE, "/do-phu/p1?dia_ban=19.2025").await;
        let text = silent.text.replace("&#x2f;", "/");
        assert!(text.contains("Mất liên lạc từ 22/11/2026: gửi USB"), "{text}");
        assert!(text.contains("Chưa biết") && !text.contains("0 / 6 · 0 %"), "{text}");
        hear().await;
        assert!(!kit.get(PROVINCE, "/do-phu/p1?dia_ban=19.2025").await.text.contains("gửi USB"));
    }

    async fn the_board_drills_from_the_province_to_the_village(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village).await;
        person(&kit, "Bàn Thị Mủi", &village).await;
        publish(&kit, "p1").await;
        kit.db().change(async |tx| reach::note_contact(tx, &path(PLACE), tx.now()).await).await.expect("noted");
        let code = card(&kit, &pao).await;
        confirm(&kit, &code, "p1").await.expect("confirmed");
        let province = kit.get(PROVINCE, "/do-phu").await;
        assert_eq!(province.status, 200, "{}", province.text);
        assert!(province.text.contains("Xã Phủ Thông") && province.text.contains("Dưới 5, không công bố"), "{}", province.text);
        assert!(!province.text.contains("1 / 2 · 50 %"), "{}", province.text);
        let inside = kit.get(OFFICER, "/do-phu").await;
        assert!(inside.text.replace("&#x2f;", "/").contains("1 / 2 · 50 %"), "{}", inside.text);
        assert!(inside.text.contains("Thôn Nà Cù") && inside.text.contains("100 %"), "{}", inside.text);
        let ladder = kit.get(OFFICER, "/do-phu/p1").await;
        let text = ladder.text.replace("&#x2f;", "/");
        for words in ["Hỗ trợ nước sinh hoạt", "Mẫu số chốt lúc đăng: 2.</b> Chỉ tiêu 100 %", "Thôn Nà Cù", "thẻ tại điểm 1", "Chưa có bản tiếng Tày"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let from_province = kit.get(PROVINCE, &format!("/do-phu/p1?dia_ban={COMMUNE}")).await;
        assert!(!from_province.text.replace("&#x2f;", "/").contains("1 / 2"), "{}", from_province.text);
        assert_eq!(kit.get(OFFICER, "/do-phu/none").await.status, 404);
    }

    async fn what_was_taken_back_leaves_the_boards_and_keeps_its_evidence(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village).await;
        publish(&kit, "p1").await;
        let code = card(&kit, &pao).await;
        confirm(&kit, &code, "p1").await.expect("confirmed");
        assert!(kit.get(OFFICER, "/do-phu").await.text.contains("Hỗ trợ nước sinh hoạt"));
        kit.db().change(async |tx| {
            let now = tx.now();
            reach::actions::withdraw(tx, "p1", 1, now).await
        }).await.expect("taken back");
        assert!(!kit.get(OFFICER, "/do-phu").await.text.contains("Hỗ trợ nước sinh hoạt"));
        let ladder = kit.get(OFFICER, "/do-phu/p1").await.text;
        assert!(ladder.contains("Tin đã gỡ ngày") && !ladder.contains("/hop-thon/moi"), "{ladder}");
        assert_eq!(on(&kit, "p1", "prestigious_person", "confirmed").await, 1, "the evidence stays");
    }

    async fn evidence_that_came_before_its_publication_is_counted_then(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        person(&kit, "Hoàng Văn Páo", &village).await;
        crate::records::apply_receipt(&kit, 1, "p1", 1).await;
        assert_eq!(counted(&kit, "p1").await, []);
        publish(&kit, "p1").await;
        assert_eq!(on(&kit, "p1", "prestigious_person", "confirmed").await, 1);
    }
}
