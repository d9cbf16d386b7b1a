//! The pages of the road: who sees them, codes by the commune's name, and places with more than one point.

use testkit::{KitBuilder, TestEngine, html::field};

use super::bridge::{hub, point};

#[test]
fn an_administrator_makes_a_code_by_name_and_others_do_not() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(TestEngine::Sqlite)).await;
        let admin = "Quản trị|administrator|/";
        assert_eq!(hub.kit.get("", "/diem").await.status, 303, "nobody is asked to sign in");
        assert_eq!(hub.kit.get("Mai|editor|/vn/", "/diem").await.status, 403);
        assert_eq!(hub.kit.get(admin, "/diem").await.status, 200);
        let page = hub.kit.post(admin, "/diem/ma", &[("commune", "phu thong thai nguyen")]).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("nhipcau join"));
        for (typed, words) in
            [("khong co xa nay dau", "Không tìm thấy nơi này"), ("", "Nhập tên nơi")]
        {
            let page = hub.kit.post(admin, "/diem/ma", &[("commune", typed)]).await;
            assert_eq!(page.status, 422, "{typed}");
            assert!(page.text.contains(words), "{typed}");
        }
        let asked =
            hub.kit.post(admin, "/diem/ma", &[("commune", "xã Lục Bình, huyện Bạch Thông")]).await;
        assert_eq!(asked.status, 422, "an old address is answered with the new one, to be chosen");
        assert!(
            asked.text.contains("Xã Phủ Thông") && asked.text.contains("Trước đây: xã Lục Bình")
        );
        let chosen = [
            ("commune", "xã Lục Bình, huyện Bạch Thông"),
            ("commune_before", "xã Lục Bình, huyện Bạch Thông"),
            ("commune_choice", "/vn/19.2025/01969.2025/"),
        ];
        let page = hub.kit.post(admin, "/diem/ma", &chosen).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let refused = hub
            .kit
            .post("Lan|province_officer|/vn/19.2025/", "/diem/ma", &[("commune", "01969")])
            .await;
        assert_eq!(refused.status, 403);
        assert_eq!(hub.kit.get(admin, "/dong-bo").await.status, 404, "a hub has no road to a hub");
        assert_eq!(hub.kit.get(admin, "/diem/not-a-node").await.status, 404);
    });
}

#[test]
fn the_keeper_reads_what_is_waiting() {
    testkit::run(async {
        let kit = point(4).await;
        let keeper = "Tuấn|keeper|/vn/19.2025/01969.2025/";
        let page = kit.get(keeper, "/dong-bo").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("chưa nối với trung tâm"));
        assert_eq!(kit.get("", "/dong-bo").await.status, 303);
        assert_eq!(kit.get(keeper, "/diem").await.status, 404);
    });
}

const ADMIN: &str = "Quản trị|administrator|/";
const TWO: &str = "Xã này có hai máy đang ghi; thu hồi máy không dùng nữa";

#[test]
fn whoever_makes_a_code_for_a_place_that_has_a_point_is_told_first() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(TestEngine::Sqlite)).await;
        let make = async |fields: &[(&str, &str)]| hub.kit.post(ADMIN, "/diem/ma", fields).await;
        let (old, mut road) = hub.joined(5).await;
        hub.kit.clock.advance(3_600_000);
        road.poll(0).await.expect("it is heard of an hour later");
        hub.kit.clock.advance(24 * 3_600_000);
        let id = old.app.node_id().to_string();

        let told = make(&[("commune", "01969")]).await;
        assert_eq!(told.status, 200, "{}", told.text);
        assert!(!told.text.contains("nhipcau join"), "no code yet");
        for words in [
            "Đã có máy tại xã Phủ Thông",
            id.as_str(),
            "Máy nối vào lúc 14:00 22/11/2026",
            "15:00 22/11/2026",
            "im lặng",
            "Thu hồi máy cũ và tạo mã",
            "Tạo mã, chưa thu hồi",
        ] {
            assert!(told.text.contains(words), "{words}: {}", told.text);
        }
        let place = field(&told.text, "commune").expect("the place goes along");

        // A hand-over needs both for a while: the code is made, and the old one goes on.
        let page = make(&[("commune", &place), ("then", "beside")]).await;
        assert!(page.text.contains("nhipcau join") && page.text.contains("còn máy khác đang ghi"));
        road.poll(0).await.expect("the old one is still believed");

        let page = make(&[("commune", &place), ("then", "replace"), ("old", &id)]).await;
        assert!(page.text.contains("nhipcau join"), "{}", page.text);
        assert!(!page.text.contains("còn máy khác đang ghi"), "none is left");
        let shown = hub.kit.get(ADMIN, &format!("/diem/{id}")).await;
        assert!(shown.text.contains("đã thu hồi"), "{}", shown.text);
        road.poll(0).await.expect_err("it can read nothing more");

        // Nobody is there now: the next code is made at once.
        assert!(make(&[("commune", "01969")]).await.text.contains("nhipcau join"));
    });
}

#[test]
fn a_point_is_replaced_only_in_its_own_place_by_who_manages_it() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(TestEngine::Sqlite)).await;
        let (old, mut road) = hub.joined(5).await;
        let id = old.app.node_id().to_string();
        let elsewhere = "Quản trị|administrator|/vn/01.2025/";
        let fields = |commune, old| [("commune", commune), ("then", "replace"), ("old", old)];
        for (who, fields, status) in [
            (elsewhere, fields("01969", id.as_str()), 403),
            (elsewhere, [("commune", "01969"), ("then", ""), ("old", "")], 403),
            (ADMIN, fields("01942", id.as_str()), 404),
            (ADMIN, fields("01969", ""), 404),
            (ADMIN, fields("01969", "00112233445566778899aabbccddeeff"), 404),
        ] {
            let page = hub.kit.post(who, "/diem/ma", &fields).await;
            assert_eq!(page.status, status, "{who} {fields:?}");
            assert!(!page.text.contains(&id), "{who} {fields:?} learns nothing of it");
        }
        road.poll(0).await.expect("it is a point as before");
        let list = hub.kit.get(ADMIN, "/diem").await.text;
        assert!(!list.contains("Mã nối chưa dùng"), "no code was made: {list}");
    });
}

#[test]
fn points_of_one_place_are_told_apart_and_marked_until_one_is_left() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(TestEngine::Sqlite)).await;
        let (first, mut road) = hub.joined(5).await;
        road.poll(0).await.expect("it is heard of");
        let alone = hub.kit.get(ADMIN, "/diem").await.text;
        assert!(alone.contains("Nối vào lúc") && !alone.contains("máy đang ghi"), "{alone}");

        hub.kit.clock.advance(26 * 3_600_000);
        let (second, _) = hub.joined(6).await;
        let list = hub.kit.get(ADMIN, "/diem").await.text;
        assert_eq!(list.matches(TWO).count(), 2, "{list}");
        let at = |text: &str| list.find(text).unwrap_or_else(|| panic!("{text}: {list}"));
        let (one, two) = (first.app.node_id().to_string(), second.app.node_id().to_string());
        assert!(at(&one) < at("14:00 22/11/2026") && at("14:00 22/11/2026") < at(&two));
        assert!(at(&two) < at("16:00 23/11/2026"), "whoever joined first stands first");
        let shown = hub.kit.get(ADMIN, &format!("/diem/{one}")).await.text;
        assert!(shown.contains(TWO), "{shown}");

        let (third, _) = hub.joined(7).await;
        let list = hub.kit.get(ADMIN, "/diem").await.text;
        assert_eq!(list.matches("Xã này có 3 máy đang ghi").count(), 3, "{list}");

        for id in [one, third.app.node_id().to_string()] {
            hub.kit.post(ADMIN, &format!("/diem/{id}/thu-hoi"), &[]).await;
        }
        let list = hub.kit.get(ADMIN, "/diem").await.text;
        assert!(!list.contains("máy đang ghi"), "the revoked ones count no more: {list}");
    });
}
