//! The roster: what is kept, what is seen, what travels.

use kernel::{app::NodeRole, records::up_after};
use reach::actions::{self, KEPT_ELSEWHERE};

use crate::cast::{self, COMMUNE, OFFICER, draft, id, person, started, village};

testkit::on_both_engines! {
    async fn a_person_is_added_shown_changed_and_taken_off(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(180)).await;
        let fields = [
            ("xa", COMMUNE), ("name", "Hoàng Văn Páo"), ("village", village.as_str()), ("from", "01/03/2025"),
            ("languages", "tyz"), ("languages", "vi"), ("consents", "receipts"), ("birth_year", "1958"), ("gender", "nam"),
        ];
        let added = kit.post(OFFICER, "/nguoi-co-uy-tin/them", &fields).await;
        assert_eq!(added.status, 303, "{}", added.text);
        let shown = kit.get(OFFICER, added.location()).await;
        assert!(shown.text.contains("Hoàng Văn Páo") && shown.text.contains("thôn Nà Cù") && shown.text.contains("1958"), "{}", shown.text);
        let list = kit.get(OFFICER, "/nguoi-co-uy-tin?q=hoang").await;
        assert!(list.text.contains("Hoàng Văn Páo"), "{}", list.text);
        assert!(kit.get(OFFICER, "/nguoi-co-uy-tin?q=lý").await.text.contains("Không có ai"));
        let form = kit.get(OFFICER, &format!("{}/sua", added.location())).await;
        assert!(form.text.contains("value=\"Hoàng Văn Páo\""), "{}", form.text);
        let ended = kit.post(OFFICER, &format!("{}/dua-ra", added.location()), &[("until", "22/11/2026"), ("reason", "chuyen_di")]).await;
        assert_eq!(ended.status, 303, "{}", ended.text);
        assert!(kit.get(OFFICER, added.location()).await.text.contains("Chuyển đi nơi khác"));
    }

    async fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays(builder: KitBuilder) {
        let kit = started(builder).await;
        village(&kit, "Nà Cù", None).await;
        let fields = [("xa", COMMUNE), ("name", "Páo <b>2"), ("village", "nowhere"), ("from", "31/02/2025"), ("phone", "12")];
        let refused = kit.post(OFFICER, "/nguoi-co-uy-tin/them", &fields).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("Páo &lt;b&gt;2") && refused.text.contains("name-error") && refused.text.contains("phone-error"));
        let unknown = [("xa", COMMUNE), ("name", "Hoàng Văn Páo"), ("village", "nowhere"), ("from", "01/03/2025")];
        let refused = kit.post(OFFICER, "/nguoi-co-uy-tin/them", &unknown).await;
        assert!(refused.status == 422 && refused.text.contains("village-error"), "{}", refused.text);
    }

    async fn a_pasted_list_is_taken_whole_or_not_at_all(builder: KitBuilder) {
        let kit = started(builder).await;
        village(&kit, "Nà Cù", None).await;
        village(&kit, "Khuổi Lặng", None).await;
        let wrong = "Họ và tên\tThôn\nHoàng Văn Páo\tNà Cù\nLý A Sùng\tPác Nặm";
        let refused = kit.post(OFFICER, "/nguoi-co-uy-tin/nhap-danh-sach", &[("xa", COMMUNE), ("list", wrong), ("from", "01/03/2025")]).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("Dòng 3") && refused.text.contains("Pác Nặm"), "{}", refused.text);
        assert!(!kit.get(OFFICER, "/nguoi-co-uy-tin").await.text.contains("Hoàng Văn Páo"));
        let right = "Họ và tên\tThôn\nHoàng Văn Páo\tNà Cù\nBàn Thị Mủi\tBản Khuổi Lặng";
        let taken = kit.post(OFFICER, "/nguoi-co-uy-tin/nhap-danh-sach", &[("xa", COMMUNE), ("list", right), ("from", "01/03/2025")]).await;
        assert_eq!(taken.status, 303, "{}", taken.text);
        let list = kit.get(OFFICER, "/nguoi-co-uy-tin").await;
        assert!(list.text.contains("Hoàng Văn Páo") && list.text.contains("Bàn Thị Mủi"));
        let twice = kit.post(OFFICER, "/nguoi-co-uy-tin/nhap-danh-sach", &[("xa", COMMUNE), ("list", right), ("from", "01/03/2025")]).await;
        assert!(twice.status == 422 && twice.text.contains("đã có trong danh sách"), "{}", twice.text);
    }

    async fn no_name_is_in_any_record_that_leaves_the_node(builder: KitBuilder) {
        let kit = started(builder.point(7)).await;
        let village = village(&kit, "Nà Cù", Some(180)).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village).await;
        cast::publish(&kit, "p1").await;
        let code = cast::card(&kit, &pao).await;
        cast::confirm(&kit, &code, "p1").await.expect("confirmed");
        let meeting = crate::meetings::held(&village, 60, vec!["p1:1".to_owned()], vec![1]);
        actions::record_meeting(kit.db(), NodeRole::Point, &cast::officer(), &meeting).await.expect("recorded");
        let rows = kit.db().view(async |tx| {
            let (epoch, _) = kernel::records::up_head(tx).await?.expect("something was said");
            Ok(up_after(tx, epoch, 0, 1000).await?)
        }).await.expect("the log is read");
        let kinds: Vec<u16> = rows.iter().map(|row| row.kind).filter(|kind| *kind >= 30).collect();
        assert_eq!(kinds, [31, 30, 32]);
        for row in rows.iter().filter(|row| row.kind >= 30) {
            let body = String::from_utf8_lossy(&row.body);
            for name in ["Hoàng", "Páo", "Nông", "Tài", "Mai", "Trưởng", "tyz"] {
                let language = name == "tyz" && row.kind != 31;
                assert!(language || !body.contains(name), "{name} stands in a record of kind {}", row.kind);
            }
        }
    }

    async fn every_look_at_the_roster_is_written_down(builder: KitBuilder) {
        let kit = started(builder).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village(&kit, "Nà Cù", None).await).await;
        kit.get(OFFICER, "/nguoi-co-uy-tin").await;
        kit.get(OFFICER, &format!("/nguoi-co-uy-tin/{pao}")).await;
        let log = kit.get("Quản|administrator|/", "/quan-tri/nhat-ky").await;
        assert_eq!(log.status, 200, "{}", log.text);
        assert!(log.text.contains("Mở danh sách người có uy tín") && log.text.contains("Mở trang một người"), "{}", log.text);
        assert!(!log.text.contains("Hoàng Văn Páo"), "names do not stand in the log");
    }

    async fn a_roster_that_another_node_keeps_is_not_written_here(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", None).await;
        crate::records::apply_listed(&kit, 1, village.as_str()).await;
        let failure = actions::add_person(kit.db(), NodeRole::Hub, &cast::officer(), &id(COMMUNE), &draft("Lý A Sùng", &village))
            .await
            .expect_err("kept by the point");
        assert!(failure.is(&KEPT_ELSEWHERE), "{failure}");
    }
}

testkit::on_both_engines! {
    async fn a_commune_is_asked_for_by_its_old_name_too(builder: KitBuilder) {
        let kit = started(builder).await;
        let admin = "Quản trị|administrator|/vn/";
        for page in ["/nguoi-co-uy-tin", "/hop-thon/moi"] {
            let asked = kit.get(admin, &format!("{page}?xa=xa+luc+binh+huyen+bach+thong")).await;
            assert_eq!(asked.status, 200, "{page}");
            assert!(asked.text.contains("Trước đây: xã Lục Bình"), "{page}: {}", asked.text);
            assert!(asked.text.contains(cast::PLACE), "{page} offers the new commune");
            let unknown = kit.get(admin, &format!("{page}?xa=khong+co+xa+nay+dau")).await;
            assert!(unknown.text.contains("Không tìm thấy nơi này"), "{page}: {}", unknown.text);
        }
        let chosen = "/nguoi-co-uy-tin?xa=x&xa_before=x&xa_choice=/vn/19.2025/01969.2025/";
        let page = kit.get(admin, chosen).await;
        assert!(page.text.contains("Phủ Thông"), "{}", page.text);
        // A neighbour's officer is offered nothing that is not theirs.
        let theirs = kit.get(cast::NEIGHBOUR, "/nguoi-co-uy-tin?xa=xa+phu+thong").await;
        assert!(theirs.text.contains("Không tìm thấy nơi này"), "{}", theirs.text);
    }
}
