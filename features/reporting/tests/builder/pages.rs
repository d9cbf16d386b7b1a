//! The builder's pages: who may open them, and from the first word to publishing.

use super::*;

const AN: &str = "An|programme_officer|/vn/";
const BAO: &str = "Bảo|programme_officer|/vn/";

testkit::on_both_engines! {
    async fn the_pages_are_for_those_who_define_and_go_from_the_list_to_publishing(builder: KitBuilder) {
        let kit = started(builder).await;
        for path in ["/bao-cao/bieu", "/bao-cao/bieu/moi", "/bao-cao/bieu/dot-xuat", "/bao-cao/bieu/bm-03"] {
            let outside = kit.get("", path).await;
            assert!(outside.status == 401 || outside.status == 303, "{path}: {}", outside.status);
            assert_eq!(kit.get(AN, path).await.status, 200, "{path}");
        }
        let mine = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        assert_eq!(kit.get(mine, "/bao-cao/bieu/moi").await.status, 403);
        assert_eq!(kit.get(mine, "/bao-cao/bieu").await.status, 200);
        let wrong = kit.post(AN, "/bao-cao/bieu/moi", &[("title", "Biểu"), ("code", "Sai Mã")]).await;
        assert_eq!(wrong.status, 422);
        let begun = kit.post(AN, "/bao-cao/bieu/moi", &[("title", "Nhà văn hóa thôn"), ("code", "bm-20")]).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let base = begun.location().to_owned();
        assert_eq!(kit.get(mine, &base).await.status, 403);
        let add = kit.post(AN, &base, &[("version", "1"), ("do", "add"), ("title", "Số liệu"), ("kind", "table")]).await;
        assert_eq!(add.status, 303, "{}", add.text);
        let element = [("version", "2"), ("code", "bm20.1"), ("name", "Nhà văn hóa thôn đạt chuẩn"), ("unit", "cong-trinh"), ("decimals", "0"), ("law", "stock")];
        let element = kit.post(AN, &format!("{base}/chi-tieu"), &element).await;
        assert_eq!(element.status, 303, "{}", element.text);
        let rows = [
            ("version", "3"), ("title", "Số liệu"), ("c.0.title", "Tổng số"), ("r.0.number", "1"),
            ("r.0.element", "bm20.1"), ("r.0.required", "1"),
        ];
        let rows = kit.post(AN, &format!("{base}/muc/solieu"), &rows).await;
        assert_eq!(rows.status, 303, "{}", rows.text);
        let rules = [("version", "4"), ("k.0.check", "[bm20.1] <="), ("k.0.message", "Chưa khớp")];
        assert_eq!(kit.post(AN, &format!("{base}/rang-buoc"), &rules).await.status, 303);
        let told = kit.get(AN, &format!("{base}/rang-buoc")).await;
        assert!(told.text.contains("còn thiếu ở cuối"), "the formula is checked");
        let refused = kit.post(BAO, &format!("{base}/ban-hanh"), &[("version", "5")]).await;
        assert_eq!(refused.status, 422);
        let rules = [("version", "5"), ("k.0.check", "[bm20.1] <= 100"), ("k.0.message", "Chưa khớp")];
        assert_eq!(kit.post(AN, &format!("{base}/rang-buoc"), &rules).await.status, 303);
        for page in ["", "/chung", "/muc/solieu", "/chi-tieu", "/rang-buoc", "/xem", "/xem/in"] {
            let page = kit.get(AN, &format!("{base}{page}")).await;
            assert_eq!(page.status, 200);
            assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        }
        let seen = kit.get(AN, &format!("{base}/xem")).await;
        assert!(seen.text.contains("Nhà văn hóa thôn đạt chuẩn"));
        assert_eq!(kit.post(AN, &format!("{base}/ban-hanh"), &[("version", "6")]).await.status, 403, "own work");
        let looked = kit.get(BAO, &base).await;
        assert!(looked.text.contains("Đưa vào áp dụng") && !looked.text.contains("an hành"), "no form is issued here: {}", looked.text);
        let done = kit.post(BAO, &format!("{base}/ban-hanh"), &[("version", "6")]).await;
        assert_eq!((done.status, done.location()), (303, "/bao-cao/bieu/bm-20"), "{}", done.text);
        assert_eq!(kit.get(AN, &base).await.status, 404);
        let shown = kit.get(mine, "/bao-cao/bieu/bm-20").await;
        assert!(shown.text.contains("Bảo"), "who published it");
        let report = kit.get(mine, "/bao-cao/bm-20/nd09q-2026-4/01969.2025/chinh-thuc").await;
        assert!(report.status == 200 && report.text.contains("c.bm20.1"));
    }

    async fn what_a_column_may_hold_is_shown_and_kept(builder: KitBuilder) {
        let kit = started(builder).await;
        let begun = kit.post(AN, "/bao-cao/bieu/moi", &[("title", "Lớp xóa mù chữ"), ("code", "bm-21")]).await;
        let base = begun.location().to_owned();
        let add = kit.post(AN, &base, &[("version", "1"), ("do", "add"), ("title", "Các lớp"), ("kind", "rows")]).await;
        assert_eq!(add.status, 303, "{}", add.text);
        let page = kit.get(AN, &base).await;
        let section = page.text.replace("&#x2f;", "/");
        let section = section.split(&format!("{base}/muc/")).nth(1).and_then(|rest| rest.split('"').next()).expect("a section").to_owned();
        let columns = [
            ("version", "2"), ("title", "Các lớp"), ("max_rows", "50"),
            ("c.0.title", "Học viên"), ("c.0.code", "hv"), ("c.0.kind", "number"), ("c.0.unit", "hoc-vien"), ("c.0.required", "1"),
            ("c.1.title", "Nữ"), ("c.1.code", "nu"), ("c.1.kind", "number"), ("c.1.unit", "hoc-vien"), ("c.1.part_of", "hv"), ("c.1.most", "60"),
            ("c.2.title", "Khai giảng"), ("c.2.code", "kg"), ("c.2.kind", "day"), ("c.2.in_period", "1"),
        ];
        let saved = kit.post(AN, &format!("{base}/muc/{section}"), &columns).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let form = kit.get(AN, &format!("{base}/muc/{section}")).await;
        assert_eq!(testkit::html::broken(&form.text, "vi"), Vec::<String>::new());
        let (_, part) = form.text.split_once("name=\"c.1.part_of\"").expect("the field");
        let (part, _) = part.split_once("</select>").expect("its end");
        assert!(part.contains("value=\"hv\" selected") && !part.contains("value=\"nu\""), "{part}");
        assert!(form.text.contains("name=\"c.1.most\" type=\"text\" value=\"60\""), "{}", form.text);
        let (_, day) = form.text.split_once("name=\"c.2.in_period\"").expect("the field");
        assert!(day[..60].contains("checked"), "{}", &day[..60]);
        // A largest number is read as amounts are; what cannot be read comes back with everything typed.
        let most = |said: &'static str| [
            ("version", "3"), ("title", "Các lớp xóa mù"), ("max_rows", "50"), ("c.1.title", "Lượt"), ("c.1.code", "luot"),
            ("c.1.kind", "number"), ("c.1.unit", "hoc-vien"), ("c.1.most", said), ("c.1.required", "1"),
        ];
        for said in ["99,5", "nhiều"] {
            let wrong = kit.post(AN, &format!("{base}/muc/{section}"), &most(said)).await;
            assert!(wrong.status == 422 && wrong.text.contains("Cột 1: không đọc được số lớn nhất"), "{}", wrong.text);
            assert!(wrong.text.contains("c.0.most-error") && wrong.text.contains("value=\"Các lớp xóa mù\""), "{}", wrong.text);
            assert_eq!(testkit::html::field(&wrong.text, "c.0.most").as_deref(), Some(said));
            assert_eq!(testkit::html::field(&wrong.text, "c.0.title").as_deref(), Some("Lượt"));
            assert_eq!(testkit::html::broken(&wrong.text, "vi"), Vec::<String>::new());
        }
        assert_eq!(kit.post(AN, &format!("{base}/muc/{section}"), &most("1.000")).await.status, 303);
        let form = kit.get(AN, &format!("{base}/muc/{section}")).await;
        assert_eq!(testkit::html::field(&form.text, "c.0.most").as_deref(), Some("1000"));
        // Without the whole, the place that has to be mended is named.
        let alone = [
            ("version", "4"), ("title", "Các lớp"), ("max_rows", "50"),
            ("c.1.title", "Nữ"), ("c.1.code", "nu"), ("c.1.kind", "number"), ("c.1.unit", "hoc-vien"), ("c.1.part_of", "hv"), ("c.1.required", "1"),
        ];
        assert_eq!(kit.post(AN, &format!("{base}/muc/{section}"), &alone).await.status, 303);
        let told = kit.get(AN, &base).await;
        assert!(told.text.contains("cột “hv” mà cột này là một phần không có trong bảng"), "{}", told.text);
    }

    async fn elements_and_units_are_named_as_people_call_them_and_what_is_unknown_stays(builder: KitBuilder) {
        let kit = started(builder).await;
        let begun = kit.post(AN, "/bao-cao/bieu/moi", &[("title", "Nhà văn hóa thôn"), ("code", "bm-22")]).await;
        let base = begun.location().to_owned();
        let add = |version: &'static str, title: &'static str, kind: &'static str| [("version", version), ("do", "add"), ("title", title), ("kind", kind)];
        assert_eq!(kit.post(AN, &base, &add("1", "Số liệu", "table")).await.status, 303);
        assert_eq!(kit.post(AN, &base, &add("2", "Kê", "rows")).await.status, 303);
        let element = [("version", "3"), ("code", "bm22.1"), ("name", "Hộ được hỗ trợ"), ("unit", "Nhân khẩu"), ("decimals", "0"), ("law", "stock")];
        assert_eq!(kit.post(AN, &format!("{base}/chi-tieu"), &element).await.status, 303);
        let rows = |version: &'static str, element: &'static str| [
            ("version", version), ("title", "Số liệu"), ("c.0.title", "Tổng số"), ("r.1.label", "Đã làm"), ("r.1.element", element),
        ];
        // Refused with everything typed.
        let wrong = kit.post(AN, &format!("{base}/muc/solieu"), &rows("4", "Hộ được cấp đất")).await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"Hộ được cấp đất\"") && wrong.text.contains("value=\"Đã làm\""), "{}", wrong.text);
        assert_eq!(testkit::html::broken(&wrong.text, "vi"), Vec::<String>::new());
        assert_eq!(kit.post(AN, &format!("{base}/muc/solieu"), &rows("4", "ho duoc ho tro")).await.status, 303);
        let page = kit.get(AN, &format!("{base}/muc/solieu")).await;
        assert!(page.text.contains("value=\"bm22.1\""), "{}", page.text);
        let columns = |version: &'static str, unit: &'static str| [
            ("version", version), ("title", "Kê"), ("max_rows", "20"), ("c.0.title", "Kinh phí"), ("c.0.kind", "number"), ("c.0.required", "1"), ("c.0.unit", unit),
        ];
        assert_eq!(kit.post(AN, &format!("{base}/muc/ke"), &columns("5", "triêu đông")).await.status, 303);
        let told = kit.get(AN, &base).await;
        assert!(told.text.contains("Gần giống"), "{}", told.text);
        assert_eq!(kit.post(AN, &format!("{base}/muc/ke"), &columns("6", "trieu dong")).await.status, 303);
        let page = kit.get(AN, &format!("{base}/muc/ke")).await;
        assert!(page.text.contains("value=\"triệu đồng\""), "{}", page.text);
    }

    async fn the_page_of_a_campaign_keeps_what_was_typed_and_asks_for_what_is_missing(builder: KitBuilder) {
        let kit = started(builder).await;
        let province = [("title", "Thiệt hại do mưa lũ"), ("do", "area"), ("areas", "/vn/19.2025/"), ("place", "tỉnh Thái Nguyên")];
        let again = kit.post(AN, "/bao-cao/bieu/dot-xuat", &province).await;
        assert_eq!(again.text.matches("name=\"areas\" value=\"/vn/19.2025/\"").count(), 1, "{}", again.text);
        assert!(again.text.contains("name=\"place\" type=\"text\" value=\"\""), "it has moved to the list");
        let (_, kept_out) = again.text.split_once("<div data-no-draft>").expect("a part that no draft keeps");
        assert!(kept_out.contains("name=\"place\"") && !kept_out.contains("name=\"title\""));
        let nowhere = kit.post(AN, "/bao-cao/bieu/dot-xuat", &[("title", "Thiệt hại do mưa lũ"), ("do", "area")]).await;
        assert!(nowhere.status == 422 && nowhere.text.contains("place-error"), "{}", nowhere.text);
        assert!(nowhere.text.contains("Thiệt hại do mưa lũ"), "nothing typed is lost");
        // Units are listed, one that nobody knows is told with those near it.
        let page = kit.get(AN, "/bao-cao/bieu/dot-xuat").await;
        assert!(page.text.contains("trường hợp") && page.text.contains("nhân khẩu"), "{}", page.text);
        let asked = [("title", "Mưa lũ"), ("due_commune", "04/12/2026"), ("questions", "Chi hỗ trợ | triệu đồngg")];
        let near = kit.post(AN, "/bao-cao/bieu/dot-xuat", &asked).await;
        assert!(near.status == 422 && near.text.contains("Gần giống") && near.text.contains("Chi hỗ trợ | triệu đồngg"), "{}", near.text);
        // Questions beside a chosen form are not dropped in silence.
        let both = [("title", "Mưa lũ"), ("due_commune", "04/12/2026"), ("from", "bm-14"), ("questions", "Số hộ | hộ")];
        let both = kit.post(AN, "/bao-cao/bieu/dot-xuat", &both).await;
        assert!(both.status == 422 && both.text.contains("Hãy chọn một") && both.text.contains("Số hộ | hộ"), "{}", both.text);
        assert!(both.text.contains("value=\"bm-14\" selected"), "{}", both.text);
        let nameless = kit.post(AN, "/bao-cao/bieu/dot-xuat", &[("due_commune", "04/12/2026")]).await;
        assert!(nameless.status == 422 && nameless.text.contains("Hãy nhập tên báo cáo") && nameless.text.contains(">Tên báo cáo<"));
    }
}
