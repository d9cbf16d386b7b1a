//! Pages and JSON as visitors see them.

use areas::reference;
use kernel::{
    locale::{Lang, Words},
    minijinja,
};
use testkit::{Kit, KitBuilder};

use crate::html;

async fn thai_nguyen(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19", "22"]).await.expect("the provinces load");
    kit
}

testkit::on_both_engines! {
    async fn an_old_address_leads_to_the_new_commune_in_two_clicks(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let empty = kit.get("", "/dia-ban").await;
        assert_eq!(empty.status, 200);
        let found = kit.get("", "/dia-ban?q=luc+binh+bach+thong").await;
        assert_eq!(found.status, 200, "{}", found.text);
        for link in ["href=\"/dia-ban/01990.2024\"", "href=\"/dia-ban/01969.2025\""] {
            assert!(html(&found).contains(link), "{link}");
        }
        assert!(html(&found).contains("Từ 01/07/2025, toàn bộ thuộc"), "{}", found.text);
        let old = kit.get("", "/dia-ban/01990.2024").await;
        assert!(html(&old).contains("Đơn vị này chỉ còn đến hết ngày 30/06/2025"), "{}", old.text);
        let new = kit.get("", "/dia-ban/01969.2025").await;
        for part in ["Vi Hương", "Tân Tú", "Lục Bình", "Thị trấn Phủ Thông", "Được lập từ"] {
            assert!(new.text.contains(part), "{part}");
        }
        let district = kit.get("", "/dia-ban/062.2024").await;
        assert!(district.text.contains("Cấp huyện kết thúc hoạt động"), "{}", district.text);
        let city = kit.get("", "/dia-ban/22.2024").await;
        assert!(city.text.contains("Thành phố Quảng Ninh") && html(&city).contains("36/2026/QH16"));
        let before = kit.get("", "/dia-ban/22.2024?at=2026-01-01").await;
        assert!(before.text.contains("<h1>Tỉnh Quảng Ninh</h1>"), "{}", before.text);
        assert_eq!(kit.get("", "/dia-ban/vn").await.status, 200);
    }

    async fn programs_read_the_same_as_people(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let json = |page: testkit::Page| serde_json::from_str::<serde_json::Value>(&page.text).expect("JSON");
        let found = json(kit.get("", "/api/v1/areas?q=luc%20binh&level=commune&limit=5").await);
        let hit = &found["items"][0];
        assert_eq!(hit["area"]["id"], "01990.2024");
        assert_eq!(hit["area"]["type"], "xa");
        assert_eq!(hit["within"], "huyện Bạch Thông, tỉnh Bắc Kạn");
        assert_eq!(hit["became"][0]["area"]["full_name"], "xã Phủ Thông");
        assert_eq!(hit["became"][0]["whole"], true);
        let area = json(kit.get("", "/api/v1/areas/22.2024").await);
        assert_eq!(area["type"], "thanh_pho_trung_uong");
        assert_eq!(area["history"].as_array().map(Vec::len), Some(3));
        let then = json(kit.get("", "/api/v1/areas/22.2024?at=2025-07-01").await);
        assert_eq!(then["type"], "tinh");
        let made_of = json(kit.get("", "/api/v1/areas/01969.2025/predecessors").await);
        assert_eq!(made_of["items"].as_array().map(Vec::len), Some(4));
        let became = json(kit.get("", "/api/v1/areas/01990.2024/successors").await);
        assert_eq!(became["items"][0]["event"]["kind"], "merge");
    }

    async fn a_wrong_parameter_is_named_in_the_problem(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let cases = [
            ("/api/v1/areas?q=a&at=31/02/2025", 422, "at"),
            ("/api/v1/areas?q=a&level=xa", 422, "level"),
            ("/api/v1/areas?q=a&limit=0", 422, "limit"),
            ("/api/v1/areas?q=a&limit=9999999999999999999999", 422, "limit"),
            ("/api/v1/areas/01990.2024?at=khong", 422, "at"),
        ];
        for (path, status, field) in cases {
            let page = kit.get("", path).await;
            assert_eq!(page.status, status, "{path}: {}", page.text);
            let problem: serde_json::Value = serde_json::from_str(&page.text).expect("a problem");
            assert_eq!(problem["errors"][0]["field"], field, "{path}");
            assert!(!problem["errors"][0]["text"].as_str().unwrap_or("⟦").contains('⟦'));
        }
        for path in ["/api/v1/areas/nope", "/api/v1/areas/nope/successors", "/api/v1/areas/a%20b/predecessors", "/api/v1/areas/01990.2024?at=2026-01-01"] {
            let page = kit.get("", path).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.text.contains("areas-not-found"), "{}", page.text);
        }
        let page = kit.get("", "/dia-ban?q=a&at=hom-qua").await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains("Ngày không đọc được"), "{}", page.text);
    }

    async fn search_results_are_cached_for_readers_and_fresh_after_a_change(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let officer = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        assert!(!kit.get("", "/dia-ban/01969.2025").await.text.contains("Nà Pài"));
        let added = kit.post(officer, "/dia-ban/01969.2025/thon", &[("kind", "thon"), ("name", "Nà Pài")]).await;
        assert_eq!(added.status, 303, "{}", added.text);
        assert!(kit.get("", "/dia-ban/01969.2025").await.text.contains("Thôn Nà Pài"));
        let found = kit.get("", "/dia-ban?q=na+pai+phu+thong").await;
        assert!(found.text.contains("Thôn Nà Pài"), "{}", found.text);
        assert!(found.text.contains("Xã Phủ Thông, tỉnh Thái Nguyên"), "{}", found.text);
    }
}

#[test]
fn every_sample_renders_in_every_language_without_a_hole() {
    let modules = [kernel::module(), areas::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    let words = Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    let sources: Vec<_> = modules.iter().flat_map(|module| module.templates).copied().collect();
    let pages =
        kernel::web::Pages::load(sources, std::sync::Arc::new(words)).expect("templates compile");
    let samples = (areas::module().samples)();
    assert!(samples.len() > 8);
    for lang in Lang::ALL {
        for sample in &samples {
            let page = minijinja::context! {
                lang => lang.tag(), path => "/dia-ban", text_size => "vua", contrast => false, csrf => "token",
                signed_in => false, person_name => (), owner => minijinja::context! { name => "UBND", parent => "", official => true },
                site_title => "Nhịp Cầu", site_tagline => "", role => "hub", nav => (), now => 0,
                date_in_words => "", flash => (), asset_css => "/a.css", asset_js => "/a.js",
            };
            let html = pages
                .render(sample.template, &page, &sample.context)
                .unwrap_or_else(|error| panic!("{error}"));
            assert!(
                !html.contains('⟦') && html.contains("<h1>"),
                "{} {}",
                sample.template,
                lang.tag()
            );
            assert!(!html.contains("<script>alert"), "{} lets a script through", sample.template);
            assert!(!html.contains(" style=") && !html.contains("<style"), "{}", sample.template);
        }
    }
}
