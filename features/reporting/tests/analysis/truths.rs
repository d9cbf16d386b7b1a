//! What a page says beside a figure is true of it: whose target it is held against, from how many units it is, what of it
//! is approved, and why there is none.

use areas::{AreaLevel, view::Grade};
use kernel::{clock::Day, db::Tx};
use reporting::{
    actions::{catalogue, obligations},
    model::{DatasetId, analysis::Gap, analysis::Question, submission::Step},
};
use testkit::Kit;

use super::{
    COMMUNE_OFFICER, MINISTRY, PROVINCE_OFFICER, QUARTER, approved, asked, period, put, question,
    reported, told,
};
use crate::cast::{COMMUNE, PLACE, edit, leader, officer, started, step, typed, which};

/// A page as people read it.
async fn page(kit: &Kit, who: &str, address: &str) -> String {
    let page = kit.get(who, address).await;
    assert_eq!(page.status, 200, "{address}: {}", page.text);
    page.text.replace("&#x2f;", "/").replace("&amp;", "&")
}

/// The communes of a day, with their paths.
async fn communes_of(kit: &Kit, day: (i16, i8, i8)) -> Vec<(String, String)> {
    let day = Day::new(day.0, day.1, day.2).expect("a day");
    let root = kernel::scope::ScopePath::root();
    let all = kit
        .db()
        .view(async |tx: &mut Tx| {
            let end = day.plus_days(1);
            Ok(areas::units_between(tx, AreaLevel::Commune, &root, day, end).await?)
        })
        .await
        .expect("areas are read");
    all.iter().map(|one| (one.id.to_string(), one.path.as_str().to_owned())).collect()
}

/// Everybody owes a yearly report of a past year.
async fn owed(kit: &Kit, dataset: &str, year: &str) {
    let code = DatasetId::parse(dataset).expect("a code");
    kit.db()
        .change(async |tx: &mut Tx| {
            let all = catalogue::read(tx).await?;
            let country = kernel::scope::ScopePath::root();
            obligations::make(tx, &all, all.dataset(&code)?, &period(year), &country).await?;
            Ok(())
        })
        .await
        .expect("it is owed");
}

testkit::on_both_engines! {
    async fn a_target_judges_its_own_area_and_its_own_year_and_says_from_how_many_units(builder: KitBuilder) {
        let kit = started(builder).await;
        for dataset in ["bm-04", "bm-12c"] {
            owed(&kit, dataset, "y-2025").await;
        }
        put(&kit, &[(COMMUNE, PLACE, "y-2025", "ht.ho.dien", 99), (COMMUNE, PLACE, "y-2025", "ds.ho", 100)]).await;
        // The country's page: its own target, judged, with how little that rests on.
        let country = page(&kit, MINISTRY, "/so-lieu/muc-tieu?o=vn&ky=y-2025&dx=*MT09&dx=*DA8.1").await;
        assert!(country.contains("99,00") && country.contains("năm 2025, đã duyệt"), "{country}");
        assert!(country.contains("từ 9.000 trở lên") && country.contains("tạm tính, 1/"), "{country}");
        // A province and a commune are not judged by it: a share may stand beside, a number of things may not.
        for area in ["19.2025", COMMUNE] {
            let own = page(&kit, PROVINCE_OFFICER, &format!("/so-lieu/muc-tieu?o={area}&ky=y-2025")).await;
            assert!(own.contains("mục tiêu năm 2025 của cả nước") && own.contains("Chưa đánh giá"), "{own}");
            assert!(!own.contains("9.000") && !own.contains("tạm tính") && !own.contains("năm 2025, đã duyệt"), "{own}");
            let sheet = page(&kit, PROVINCE_OFFICER, &format!("/so-lieu?o={area}&ky=y-2025")).await;
            assert!(sheet.contains("của cả nước") && !sheet.contains("tạm tính"), "{sheet}");
        }
        // A part of a year is not judged by the year's target, and another year's is not there at all.
        let quarter = page(&kit, MINISTRY, "/so-lieu/muc-tieu?o=vn&ky=nd09q-2025-3").await;
        assert!(quarter.contains("kết quả mới là của một phần năm") && !quarter.contains("tạm tính"), "{quarter}");
        let later = page(&kit, MINISTRY, "/so-lieu/muc-tieu?o=vn&ky=y-2026").await;
        assert!(later.contains("chưa đến năm của mục tiêu") && !later.contains("năm 2025, đã duyệt"), "{later}");
    }

    async fn the_public_is_told_from_how_many_units_a_figure_is(builder: KitBuilder) {
        let kit = started(builder).await;
        let areas = reported(&kit, &[(198, 90), (50, 20)]).await;
        approved(&kit, &which(&areas[0])).await;
        let shown = page(&kit, "", "/so-lieu/cong-khai?dx=10.6").await;
        assert_eq!(shown.matches("1/92 đơn vị").count(), 2, "the country and the province: {shown}");
        let csv = page(&kit, "", &format!("/so-lieu/cong-khai.csv?dx=10.6&ky={QUARTER}")).await;
        assert!(csv.lines().any(|line| line.starts_with(&format!("{QUARTER},10.6,vn,,value,198,1,92"))), "{csv}");
        let json = page(&kit, "", &format!("/so-lieu/cong-khai.json?dx=10.6&ky={QUARTER}")).await;
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!((&json["rows"][0]["approvedUnits"], &json["rows"][0]["expectedUnits"]), (&1.into(), &92.into()));
    }

    async fn a_hidden_total_does_not_say_from_how_many_units_it_is(builder: KitBuilder) {
        let kit = started(builder).await;
        put(&kit, &[("c1", "/vn/p1/c1/", QUARTER, "10.6", 3), ("c2", "/vn/p2/c2/", QUARTER, "10.6", 40), ("c3", "/vn/p3/c3/", QUARTER, "10.6", 50)]).await;
        let csv = page(&kit, "", &format!("/so-lieu/cong-khai.csv?dx=10.6&ky={QUARTER}")).await;
        let mut hidden = 0;
        for line in csv.lines().skip(1) {
            let parts: Vec<&str> = line.split(',').collect();
            if parts[3].is_empty() && parts[4] == "suppressed" {
                assert_eq!((parts[6], parts[7]), ("", ""), "{csv}");
                hidden += 1;
            }
        }
        assert!(hidden > 0, "{csv}");
    }

    async fn a_frame_that_nothing_joins_with_the_period_is_undefined_and_never_not_reported(builder: KitBuilder) {
        let kit = started(builder).await;
        let told_of = communes_of(&kit, (2024, 12, 31)).await;
        let rows: Vec<_> = told_of.iter().map(|(id, path)| (id.as_str(), path.as_str(), "y-2024", "ds.ho", 100)).collect();
        put(&kit, &rows).await;
        let framed = |day: Option<Day>| Question { frame: day, ..question(&["ds.ho"], &["y-2024"], "vn", AreaLevel::Province) };
        // The units of 2021 ended within 2024: what became of them the map does not say.
        let before = asked(&kit, &framed(Day::new(2021, 1, 1))).await;
        assert!(before.places.len() > 1);
        for (at, place) in before.places.iter().enumerate() {
            let shown = before.at(0, 0, at).expect("a figure");
            assert_eq!((shown.gap, shown.grade), (Some(Gap::NoSource), Grade::Undefined), "{}", place.title);
        }
        let after = asked(&kit, &framed(Day::new(2025, 6, 30))).await;
        assert!(after.figures.iter().all(|one| one.number.is_some()), "{:?}", after.figures);
        let table = page(&kit, MINISTRY, "/so-lieu/bang?o=vn&cap=province&dx=ds.ho&ky=y-2024&khung=2021-01-01").await;
        assert!(table.contains("Chưa xác định được") && !table.contains("Chưa báo cáo"), "{table}");
        assert!(table.contains(": chưa xác định được số liệu."), "and why: {table}");
        // Who reported the part in which it was there has.
        let old = communes_of(&kit, (2021, 6, 30)).await;
        put(&kit, &[(&old[0].0, &old[0].1, "y-2024", "ds.ho", 7)]).await;
        let own = Question { frame: Day::new(2021, 1, 1), ..question(&["ds.ho"], &["y-2024"], &old[0].0, AreaLevel::Commune) };
        assert_eq!(told(&asked(&kit, &own).await, 0, 0, 0).as_deref(), Some("7"));
        // The share that nobody knows is what is missing, not the report.
        let divided = page(&kit, PROVINCE_OFFICER, "/so-lieu/nguon?dx=ds.ho&ky=y-2024&o=05941.2025").await;
        assert!(divided.contains("Chưa rõ tỷ lệ chia") && !divided.contains("Chưa báo cáo"), "{divided}");
    }

    async fn a_unit_that_began_within_the_year_shows_who_reported_it(builder: KitBuilder) {
        let kit = started(builder).await;
        put(&kit, &[(COMMUNE, PLACE, "y-2025", "ds.ho", 500)]).await;
        let own = page(&kit, PROVINCE_OFFICER, &format!("/so-lieu/nguon?dx=ds.ho&ky=y-2025&o={COMMUNE}")).await;
        assert!(own.contains("Các lần nhập") && own.contains("Người nhập"), "{own}");
        assert!(!own.contains("Quy đổi từ các đơn vị khi báo cáo") && !own.contains("Chưa báo cáo"), "{own}");
        let silent = page(&kit, PROVINCE_OFFICER, "/so-lieu/nguon?dx=ds.ho&ky=y-2025&o=01942.2025").await;
        assert!(silent.contains("Chưa báo cáo") && !silent.contains("Chất lượng"), "what is not there has no quality: {silent}");
    }

    async fn a_figure_corrected_since_it_was_approved_is_not_called_approved(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        typed(&kit, &officer(&kit), &which, vec![edit("10.6", 0, 1_210), edit("10.5b", 0, 2), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        approved(&kit, &which).await;
        let address = |area: &str| format!("/so-lieu/nguon?dx=10.6&ky={QUARTER}&o={area}");
        assert!(page(&kit, PROVINCE_OFFICER, &address(COMMUNE)).await.contains("1/1 đã duyệt"));
        step(&kit, &leader(&kit), &which.id(), Step::Correct, 1).await;
        typed(&kit, &officer(&kit), &which, vec![edit("10.6", 1, 1_999)]).await;
        let said = "đã duyệt 1.210, số hiện tại 1.999 chưa duyệt";
        let own = page(&kit, PROVINCE_OFFICER, &address(COMMUNE)).await;
        assert!(own.contains(said) && !own.contains("1/1 đã duyệt"), "{own}");
        let province = page(&kit, PROVINCE_OFFICER, &address("19.2025")).await;
        assert_eq!(province.matches(said).count(), 2, "of the sum and of the commune below: {province}");
    }

    async fn what_is_shown_what_the_form_says_and_what_is_saved_are_one(builder: KitBuilder) {
        let kit = started(builder).await;
        reported(&kit, &[(198, 90)]).await;
        let first = page(&kit, PROVINCE_OFFICER, "/so-lieu/bang?o=19.2025&dx=10.6").await;
        assert_eq!(first.matches("<caption>").count(), 1, "{first}");
        let count = first.split("name=\"so\"").nth(1).and_then(|rest| rest.split("</select>").next()).expect("the field");
        assert!(count.contains("<option value=\"1\" selected>"), "{count}");
        assert!(!first.contains("so=8") && !first.contains("&so="), "{first}");
        let four = page(&kit, PROVINCE_OFFICER, "/so-lieu/bang?o=19.2025&dx=10.6&so=4").await;
        assert_eq!(four.matches("<caption>").count(), 4, "{four}");
        assert!(four.contains("&so=4"), "{four}");
        // Saved without a name, a page has its own.
        let kept = kit.post(PROVINCE_OFFICER, "/so-lieu/bang-theo-doi", &[("trang", "bang"), ("truy-van", "o=19.2025&dx=10.6"), ("tieu-de", "Lượt người của tỉnh"), ("ten", "")]).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        let board = page(&kit, PROVINCE_OFFICER, kept.location()).await;
        assert!(board.contains("<h1>Lượt người của tỉnh</h1>") && board.matches("<caption>").count() == 1, "{board}");
    }

    async fn an_area_that_was_not_there_then_names_those_that_were(builder: KitBuilder) {
        let kit = started(builder).await;
        let absent = page(&kit, PROVINCE_OFFICER, "/so-lieu/bang?o=19.2025&dx=ds.ho&ky=y-2024&khung=2025-06-30").await;
        assert!(absent.contains("không có trong địa giới ngày"), "{absent}");
        let link = absent.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|link| link.contains("o=06.2024&"));
        let link = link.unwrap_or_else(|| panic!("{absent}"));
        assert!(link.contains("khung=2025-06-30") && link.contains("dx=ds.ho"), "{link}");
        let then = page(&kit, PROVINCE_OFFICER, link).await;
        assert!(then.contains("<option value=\"06.2024\" selected>"), "it stays chosen: {then}");
        assert!(!then.contains("không có trong địa giới ngày") && then.contains("<caption>"), "{then}");
        let unknown = page(&kit, PROVINCE_OFFICER, "/so-lieu/bang?o=19.2025&dx=ds.ho&ky=y-2024&khung=2021-01-01").await;
        assert!(unknown.contains("chưa có văn bản sắp xếp đơn vị hành chính nào cho biết đơn vị nào"), "{unknown}");
    }

    async fn pages_without_figures_say_why_and_do_not_contradict_themselves(builder: KitBuilder) {
        let kit = started(builder).await;
        reported(&kit, &[(198, 90)]).await;
        let unusual = page(&kit, PROVINCE_OFFICER, "/so-lieu/bat-thuong?o=19.2025").await;
        assert!(!unusual.contains("Có 0 số") && !unusual.contains("Chưa có số liệu cho lựa chọn này"), "{unusual}");
        let nobody = page(&kit, PROVINCE_OFFICER, "/so-lieu/day-du?o=19.2025&ky=week-2026-40").await;
        assert!(nobody.contains("không đơn vị nào phải gửi báo cáo"), "{nobody}");
        let unknown = page(&kit, PROVINCE_OFFICER, &format!("/so-lieu/day-du?o={COMMUNE}&ky=y-2022")).await;
        assert!(!unknown.contains("không đơn vị nào phải gửi") && unknown.contains("chưa xác định được số liệu"), "{unknown}");
        let map = page(&kit, COMMUNE_OFFICER, "/so-lieu/ban-do").await;
        assert!(map.contains("dành cho người được xem số liệu toàn quốc") && !map.contains("class=\"filters\""), "{map}");
        let points = page(&kit, MINISTRY, "/so-lieu/muc-tieu?o=vn&ky=y-2025&dx=*MT02").await;
        assert!(points.contains("(điểm phần trăm)"), "{points}");
    }
}
