//! Rows of growing tables as people meet them: in the table, in the form of one row; and narratives by their names.

use crate::cast::started;

const HOA: &str = "Hoa|commune_officer|/vn/19.2025/01969.2025/";
const MEETINGS: &str = "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc";
const REPORT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";

fn meeting<'a>(name: &'a str, day: &'a str, people: &'a str) -> Vec<(&'a str, &'a str)> {
    let rest = [("version", "0"), ("k.loai", "taphuan"), ("k.hinhthuc", "tructuyen")];
    [("k.ten", name), ("k.ngay", day), ("k.nguoi", people)].into_iter().chain(rest).collect()
}

testkit::on_both_engines! {
    async fn what_is_wrong_with_a_row_names_its_column(builder: KitBuilder) {
        let kit = started(builder).await;
        let add = format!("{MEETINGS}/dong/cuoc");
        let refused = kit.post(HOA, &add, &meeting("", "31/02/2026", "")).await;
        assert_eq!(refused.status, 422);
        assert_eq!(testkit::html::broken(&refused.text, "vi"), Vec::<String>::new());
        let page = refused.text.replace("&#x2f;", "/");
        let summary = page.split("<h2 id=\"error-summary-title\">").nth(1).and_then(|rest| rest.split("</ul>").next());
        let summary = summary.expect("a summary");
        for told in [
            "Còn 3 chỗ phải sửa",
            "<a href=\"#k.ten\">Tên: không được để trống.</a>",
            "<a href=\"#k.nguoi\">Số lượt người: không được để trống.</a>",
            "<a href=\"#k.ngay\">Ngày bắt đầu: không có ngày 31/02/2026 trong lịch.",
        ] {
            assert!(summary.contains(told), "{told} in {summary}");
        }
    }

    async fn a_row_and_the_way_to_change_it_stand_in_its_first_cell(builder: KitBuilder) {
        let kit = started(builder).await;
        let add = format!("{MEETINGS}/dong/cuoc");
        for (name, people) in [("Tập huấn", "30"), ("Tọa đàm", "12")] {
            assert_eq!(kit.post(HOA, &add, &meeting(name, "1/10/2026", people)).await.status, 303);
        }
        let page = kit.get(HOA, MEETINGS).await;
        assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        let page = page.text.replace("&#x2f;", "/");
        let first = page.split("<th scope=\"row\">Tập huấn").nth(1).and_then(|rest| rest.split("</th>").next());
        let first = first.unwrap_or_else(|| panic!("{page}"));
        assert!(first.contains(&format!("href=\"{add}/")) && first.contains("Sửa"), "{first}");
        assert!(page.contains("<tfoot><tr><th scope=\"row\">Cộng</th>") && page.contains(">42<"), "{page}");
    }

    async fn a_narrative_is_named_by_its_section_and_its_limit_is_a_hint(builder: KitBuilder) {
        let kit = started(builder).await;
        let page = kit.get(HOA, REPORT).await.text;
        let title = page.split("id=\"muc-khokhan\"><h2>").nth(1).and_then(|rest| rest.split('<').next());
        let label = page.split("<label for=\"t.khokhan\">").nth(1).and_then(|rest| rest.split("</label>").next());
        let (title, label) = (title.expect("a title"), label.expect("a label"));
        assert!(label.contains(title) && !label.contains("ký tự"), "{title} in {label}");
        assert!(page.contains("id=\"t.khokhan-hint\">Tối đa 2.000 ký tự<"), "{page}");
    }
}
