//! The tree, two days side by side, the map, and the biography, as readers see them.

use areas::reference;
use testkit::{Kit, KitBuilder};

use crate::html;

async fn thai_nguyen(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19", "22"]).await.expect("the provinces load");
    kit
}

async fn page(kit: &Kit, path: &str) -> String {
    let page = kit.get("", path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    assert!(!page.text.contains('⟦'), "{path} lacks words");
    html(&page)
}

testkit::on_both_engines! {
    async fn the_tree_of_any_day_opens_branch_by_branch(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let old = page(&kit, "/dia-ban/cay?ngay=2024-06-30").await;
        assert!(old.contains("Tỉnh Bắc Kạn") && !old.contains("Huyện Bạch Thông"), "one branch at a time");
        let open = page(&kit, "/dia-ban/cay?ngay=2024-06-30&mo=06.2024").await;
        assert!(open.contains("Huyện Bạch Thông") && open.contains("aria-label=\"Đóng Tỉnh Bắc Kạn\""));
        let district = open.split("Mở Huyện Bạch Thông").next().and_then(|before| before.rsplit("href=\"").next()).expect("its link").split('#').next().expect("an address").replace("&amp;", "&");
        let deep = page(&kit, &district).await;
        assert!(deep.contains("Xã Lục Bình") && deep.contains("/dia-ban/01990.2024?at=2024-06-30"), "{district}");
        let now = page(&kit, "/dia-ban/cay?ngay=01/07/2025&mo=19.2025").await;
        assert!(now.contains("Xã Phủ Thông") && !now.contains("Huyện Bạch Thông"));
        for (path, status) in [("ngay=hom-qua", 422), ("ngay=2020-01-01", 422), ("mo=nope", 404), ("ngay=2025-07-01&mo=06.2024", 404)] {
            assert_eq!(kit.get("", &format!("/dia-ban/cay?{path}")).await.status, status, "{path}");
        }
    }

    async fn two_days_are_compared_by_province_and_unit_by_unit(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let whole = page(&kit, "/dia-ban/so-sanh?tu=2024-06-30&den=2026-09-20").await;
        assert!(whole.contains("Tỉnh Thái Nguyên") && whole.contains("trong=19.2025"));
        let ended = page(&kit, "/dia-ban/so-sanh?tu=2024-06-30&den=2026-09-20&trong=19.2025&loai=ended").await;
        assert!(ended.contains("Xã Lục Bình") && ended.contains("Xã Phủ Thông"));
        // From an old province one sees where its units went, too.
        let old = page(&kit, "/dia-ban/so-sanh?tu=2024-06-30&den=2026-09-20&trong=06.2024&loai=began").await;
        assert!(old.contains("Xã Phủ Thông"));
        let types = page(&kit, "/dia-ban/so-sanh?tu=2025-07-01&den=2026-09-20&cap=province").await;
        assert!(types.contains("Thành phố Quảng Ninh"));
        let unknown = page(&kit, "/dia-ban/so-sanh?tu=2021-01-01&den=2024-06-30&trong=06.2024").await;
        assert!(unknown.contains("Chưa xác định") && unknown.contains("<b>0</b> Không đổi"), "equal codes prove nothing");

        let csv = kit.get("", "/dia-ban/so-sanh.csv?tu=2024-06-30&den=2026-09-20&trong=19.2025").await;
        let mut table = csv::Reader::from_reader(csv.bytes.as_slice());
        let heads = table.headers().expect("a head").clone();
        assert_eq!(&heads[0], "change");
        let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
        let into = |code: &str, change: &str| rows.iter().filter(|row| &row[6] == code && &row[0] == change).count();
        assert_eq!((into("01969.2025", "ended"), into("01969.2025", "began")), (4, 4), "both ends tell the same");
        let line = rows.iter().find(|row| &row[2] == "01990.2024" && &row[0] == "ended").expect("Lục Bình");
        assert_eq!((&line[5], &line[9], &line[10], &line[13]), ("tỉnh Bắc Kạn", "tỉnh Thái Nguyên", "true", "2025-07-01"));
        for (path, status) in [("tu=x", 422), ("tu=2025-07-01&den=2025-07-01", 422), ("tu=2019-01-01", 422), ("cap=village", 422), ("trong=nope", 404)] {
            assert_eq!(kit.get("", &format!("/dia-ban/so-sanh?{path}")).await.status, status, "{path}");
            assert_eq!(kit.get("", &format!("/dia-ban/so-sanh.csv?{path}")).await.status, status, "{path}");
        }
    }

    async fn the_map_says_in_a_table_what_it_shows_and_never_makes_unknown_a_zero(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let now = page(&kit, "/dia-ban/ban-do").await;
        assert!(now.contains("Quần đảo Hoàng Sa") && now.contains("Quần đảo Trường Sa"));
        assert!(now.contains("aria-label=\"Thái Nguyên: 92\""), "92 communes");
        assert!(now.contains("aria-label=\"Cao Bằng: Chưa có số liệu\""), "this kit has no Cao Bằng");
        let villages = page(&kit, "/dia-ban/ban-do?so=thon").await;
        assert!(villages.contains("aria-label=\"Thái Nguyên: Chưa có số liệu\"") && !villages.contains("Thái Nguyên: 0"));
        let officer = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        let added = kit.post(officer, "/dia-ban/01969.2025/thon", &[("kind", "thon"), ("name", "Nà Pài")]).await;
        assert_eq!(added.status, 303, "{}", added.text);
        assert!(page(&kit, "/dia-ban/ban-do?so=thon").await.contains("aria-label=\"Thái Nguyên: 1\""));
        let old = page(&kit, "/dia-ban/ban-do?nen=63&so=thay-doi&cach=khoang").await;
        assert!(old.contains("aria-label=\"Bắc Kạn: ") && old.contains("kết thúc khi sắp xếp năm 2025"));
        assert_eq!(kit.get("", "/dia-ban/ban-do?nen=62").await.status, 422);

        let png = kit.get("", "/dia-ban/ban-do.png?nen=63").await;
        assert_eq!(png.status, 200);
        assert_eq!(png.headers.get("content-type").map(kernel::axum::http::HeaderValue::as_bytes), Some(b"image/png".as_slice()));
        let picture = image::load_from_memory(&png.bytes).expect("a picture");
        assert!(picture.width() > 1_000 && picture.height() > 1_300);
        assert!(png.bytes.len() < 300_000, "{}", png.bytes.len());
        assert_eq!(kit.get("", "/dia-ban/ban-do.png?so=x").await.status, 422);
    }

    async fn a_biography_reaches_over_every_frame_and_warns_of_the_break(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let life = page(&kit, "/dia-ban/01969.2025").await;
        for part in ["Qua các mốc thời gian", "Năm 2021", "Chưa xác định", "Thị trấn Phủ Thông", "Xã Lục Bình", "huyện Bạch Thông, tỉnh Bắc Kạn"] {
            assert!(life.contains(part), "{part}");
        }
        let before = page(&kit, "/dia-ban/01990.2024").await;
        assert!(before.contains("Đã thuộc về:") && before.contains("Theo Nghị quyết"));
        assert!(before.contains("hay không:") && before.contains("01990.2021"), "nobody knows whether the unit of 2021 is the same");
        // The same code and full name on both sides of 2025-07-01, with another territory.
        let twins = kit.get("", "/api/v1/frames/2025-07.csv").await;
        let old = kit.get("", "/api/v1/frames/2024.csv").await;
        let names = |text: &str| -> std::collections::HashMap<(String, String), String> {
            let mut table = csv::Reader::from_reader(text.as_bytes());
            table.records().map(|row| row.expect("a row")).map(|row| ((row[0].to_owned(), row[2].to_owned()), row[5].to_owned())).collect()
        };
        let (old, new) = (names(&old.text), names(&twins.text));
        let (was, is) = old.iter().find_map(|(key, was)| new.get(key).filter(|is| *is != was && is.contains(".2025")).map(|is| (was, is))).expect("a break");
        let now = page(&kit, &format!("/dia-ban/{is}")).await;
        assert!(now.contains("Cùng mã, cùng tên") && now.contains(&format!("/dia-ban/{was}?at=")));
        assert!(page(&kit, &format!("/dia-ban/{was}")).await.contains(&format!("/dia-ban/{is}?at=")));
    }

    async fn a_misspelt_or_ragged_address_still_finds_its_place(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        for typed in ["luc bing", "Lục Bìn, Bạch Thông, Bắc Kạn", "xã lcu bình", "luc bihn bach thong"] {
            let found = page(&kit, &format!("/dia-ban?q={}", typed.replace(' ', "+"))).await;
            assert!(found.contains("Xã Lục Bình") && found.contains("chỉ khác một chữ cái"), "{typed}");
        }
        for typed in ["Lục Bình - Bạch Thông - Bắc Kạn", "X. Lục Bình, H.Bạch Thông, T.Bắc Kạn", "Lu\u{323}c Bi\u{300}nh, Ba\u{323}ch Thông"] {
            let found = page(&kit, &format!("/dia-ban?q={}", typed.replace(' ', "+"))).await;
            assert!(found.contains("Xã Phủ Thông") && !found.contains("chỉ khác một chữ cái"), "{typed}");
            assert!(found.contains("Theo Nghị quyết"), "the instrument is named: {typed}");
        }
        let town = page(&kit, "/dia-ban?q=th%E1%BB%8B+tr%E1%BA%A5n+Ph%E1%BB%A7+Th%C3%B4ng").await;
        let first = town.split("<section").nth(1).expect("a hit");
        assert!(first.contains("Thị trấn Phủ Thông"), "{first}");
        assert!(page(&kit, "/dia-ban?q=zzzzqq").await.contains("Không tìm thấy"));
    }
}
