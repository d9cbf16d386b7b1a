//! The pages of the road: who sees them, and codes by the commune's name.

use testkit::{KitBuilder, TestEngine};

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
