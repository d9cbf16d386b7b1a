//! Every page as nobody, as somebody of another commune, and as who may.

use crate::cast::{self, COMMUNE, NEIGHBOUR, OFFICER, person, publish, started, village};

/// Asked to sign in: by 401, or sent to the sign-in page.
fn stays_outside(page: &testkit::Page) -> bool {
    page.status == 401 || (page.status == 303 && page.location().starts_with("/dang-nhap"))
}

testkit::on_both_engines! {
    async fn pages_of_a_commune_are_its_officers_alone(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village).await;
        publish(&kit, "p1").await;
        let draft = crate::meetings::held(&village, 60, vec!["p1:1".to_owned()], vec![1]);
        let meeting = reach::actions::record_meeting(kit.db(), cast::HUB, &cast::officer(), &draft).await.expect("recorded");
        let own = [
            format!("/nguoi-co-uy-tin?xa={COMMUNE}"),
            format!("/nguoi-co-uy-tin/them?xa={COMMUNE}"),
            format!("/nguoi-co-uy-tin/nhap-danh-sach?xa={COMMUNE}"),
            format!("/nguoi-co-uy-tin/{pao}"),
            format!("/nguoi-co-uy-tin/{pao}/sua"),
            format!("/nguoi-co-uy-tin/{pao}/dua-ra"),
            format!("/nguoi-co-uy-tin/{pao}/the"),
            format!("/hop-thon/moi?xa={COMMUNE}"),
            format!("/hop-thon/{meeting}"),
            format!("/do-phu?dia_ban={COMMUNE}"),
            format!("/do-phu/p1?dia_ban={COMMUNE}"),
        ];
        for page in &own {
            assert!(stays_outside(&kit.get("", page).await), "nobody: {page}");
            let other = kit.get(NEIGHBOUR, page).await;
            assert_eq!(other.status, 403, "neighbour: {page}");
            assert!(!other.text.contains("Hoàng Văn Páo"), "{page}");
            let mine = kit.get(OFFICER, page).await;
            assert_eq!(mine.status, 200, "officer: {page}: {}", mine.text);
        }
        let pao = pao.as_str();
        let posts: Vec<(String, Vec<(&str, &str)>)> = vec![
            ("/nguoi-co-uy-tin/them".to_owned(), vec![("xa", COMMUNE), ("name", "Lý A Sùng"), ("village", village.as_str()), ("from", "01/03/2025")]),
            ("/nguoi-co-uy-tin/nhap-danh-sach".to_owned(), vec![("xa", COMMUNE), ("list", "Lý A Sùng\tNà Cù"), ("from", "01/03/2025")]),
            (format!("/nguoi-co-uy-tin/{pao}/sua"), vec![("name", "Lý A Sùng"), ("village", village.as_str()), ("from", "01/03/2025")]),
            (format!("/nguoi-co-uy-tin/{pao}/dua-ra"), vec![("until", "22/11/2026"), ("reason", "xin_rut")]),
            (format!("/nguoi-co-uy-tin/{pao}/the"), Vec::new()),
            (format!("/nguoi-co-uy-tin/{pao}/the/thu-hoi"), Vec::new()),
            ("/hop-thon/moi".to_owned(), vec![("xa", COMMUNE), ("village", village.as_str())]),
            (format!("/hop-thon/{meeting}/huy"), vec![("why", "không rõ")]),
        ];
        for (page, fields) in &posts {
            assert!(stays_outside(&kit.post("", page, fields).await), "nobody: {page}");
            assert_eq!(kit.post(NEIGHBOUR, page, fields).await.status, 403, "neighbour: {page}");
        }
        // A keeper writes meetings down but keeps no roster; a province sees the board alone.
        let keeper = "Tài|keeper|/vn/19.2025/01969.2025/";
        assert_eq!(kit.get(keeper, "/hop-thon/moi").await.status, 200);
        assert_eq!(kit.get(keeper, "/nguoi-co-uy-tin").await.status, 403);
        assert_eq!(kit.get(cast::PROVINCE, "/nguoi-co-uy-tin").await.status, 403);
        assert_eq!(kit.get(cast::PROVINCE, "/do-phu").await.status, 200);
        assert_eq!(kit.get(cast::PROVINCE, "/do-phu?dia_ban=vn").await.status, 403);
    }

    async fn an_ethnic_group_is_shown_to_the_communes_officer_only(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", None).await;
        let draft = reach::model::person::PersonDraft {
            ethnic_group: "Dao đỏ".to_owned(),
            consents: vec!["ethnic_group".to_owned()],
            ..cast::draft("Bàn Thị Mủi", &village)
        };
        let id = reach::actions::add_person(kit.db(), cast::HUB, &cast::officer(), &cast::id(COMMUNE), &draft).await.expect("added");
        let page = format!("/nguoi-co-uy-tin/{id}");
        assert!(kit.get(OFFICER, &page).await.text.contains("Dao đỏ"));
        let administrator = "Quản|administrator|/vn/";
        assert!(!kit.get(administrator, &page).await.text.contains("Dao đỏ"));
        let form = kit.get(administrator, &format!("{page}/sua")).await;
        assert!(form.status == 200 && !form.text.contains("Dao đỏ"));
        let saved = kit.post(administrator, &format!("{page}/sua"), &[("name", "Bàn Thị Mủi"), ("village", village.as_str()), ("from", "01/03/2025")]).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        assert!(kit.get(OFFICER, &page).await.text.contains("Dao đỏ"), "who cannot see it cannot erase it");
    }
}
