//! What the rows of growing tables add up to: figures like any other, for the checks, the counts and the tier above; and
//! rows that nobody may sign as they are.

use std::collections::BTreeMap;

use reporting::{
    actions::{
        NOT_READY, counts,
        entry::{Changes, RowBecame, RowEdit, Which, open, save},
        steps::{Said, take},
    },
    model::{CellState, DatasetId, submission::Step},
};
use testkit::{Kit, KitBuilder};

use crate::cast::{
    COMMUNE, POINT, cell, edit, leader, officer, said_by, started, step, taken, typed, which,
};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const MEETINGS: &str = "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc";

pub fn meetings() -> Which {
    Which { dataset: DatasetId::parse("bm-08").expect("a code"), ..which(COMMUNE) }
}

/// A meeting as a workbook or a phone brings it.
pub fn meeting(name: &str, people: &str, million: &str) -> RowEdit {
    let cells = [
        ("ten", name),
        ("loai", "taphuan"),
        ("hinhthuc", "tructuyen"),
        ("ngay", "2026-10-01"),
        ("nguoi", people),
        ("kinhphi", million),
    ];
    let cells: BTreeMap<String, String> =
        cells.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect();
    RowEdit { section: "cuoc".to_owned(), id: None, position: 1, cells: Some(cells), base: 0 }
}

async fn put(kit: &Kit, rows: Vec<RowEdit>) -> Vec<RowBecame> {
    let changes = Changes { rows, ..Changes::default() };
    save(&kit.app, &officer(kit), &meetings(), changes).await.expect("saved").rows
}

/// People and thousands of đồng, as figures.
async fn added(kit: &Kit) -> [Option<CellState>; 2] {
    let (_, sheet) = open(&kit.app, &officer(kit), &meetings()).await.expect("it opens");
    ["bm08.nguoi", "bm08.kp"].map(|code| sheet.held.get(&cell(code)).map(|held| held.state.clone()))
}

fn values(people: i64, thousands: i64) -> [Option<CellState>; 2] {
    [Some(CellState::Value(people)), Some(CellState::Value(thousands))]
}

testkit::on_both_engines! {
    async fn what_rows_add_up_to_is_a_figure_that_follows_them(builder: KitBuilder) {
        let kit = started(builder).await;
        let rows = put(&kit, vec![meeting("Một", "70", "12.5"), meeting("Hai", "30", "")]).await;
        assert_eq!(added(&kit).await, values(100, 12_500));
        typed(&kit, &officer(&kit), &meetings(), vec![edit("bm08.nguoi:gt=nu", 0, 500)]).await;
        let page = kit.get(OFFICER, &format!("{MEETINGS}/gui")).await;
        assert!(page.text.contains("số nữ lớn hơn tổng số"), "{}", page.text);

        let [RowBecame::Stands(one, 1), RowBecame::Stands(two, 1)] = &rows[..] else { panic!("{rows:?}") };
        let changed = RowEdit { id: Some(one.clone()), base: 1, ..meeting("Một", "1250", "7") };
        put(&kit, vec![changed]).await;
        assert_eq!(added(&kit).await, values(1_280, 7_000));
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
        let out = |id, base| RowEdit { id: Some(id), cells: None, base, ..meeting("", "", "") };
        put(&kit, vec![out(two.clone(), 1)]).await;
        assert_eq!(added(&kit).await, values(1_250, 7_000));
        put(&kit, vec![out(one.clone(), 2)]).await;
        assert_eq!(added(&kit).await, [None, None]);
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }

    async fn a_row_that_cannot_be_read_is_named_and_no_sum_goes_up_without_it(builder: KitBuilder) {
        let kit = started(builder).await;
        let rows = put(&kit, vec![meeting("Một", "70", "12.5"), meeting("Hai", "không rõ", "1")]).await;
        assert_eq!(added(&kit).await, [None, Some(CellState::Value(13_500))]);
        typed(&kit, &officer(&kit), &meetings(), vec![edit("bm08.cuoc", 0, 2)]).await;
        let page = kit.get(OFFICER, &format!("{MEETINGS}/gui")).await;
        assert!(page.text.contains("dòng 2: không đọc được số “không rõ” ở cột “Số lượt người”"), "{}", page.text);
        let said = Said { revision: 1, note: "Đã kiểm tra số liệu".to_owned(), ..Said::default() };
        let signed = take(&kit.app, &leader(&kit), &meetings().id(), Step::Certify, &said).await;
        assert!(signed.expect_err("thirty people would be lost").is(&NOT_READY));
        let RowBecame::Stands(two, 1) = &rows[1] else { panic!("{rows:?}") };
        put(&kit, vec![RowEdit { id: Some(two.clone()), base: 1, ..meeting("Hai", "30", "1") }]).await;
        assert_eq!(added(&kit).await, values(100, 13_500));
        step(&kit, &leader(&kit), &meetings().id(), Step::Certify, 1).await;
    }

    async fn a_day_outside_the_period_is_taken_and_asks_for_an_explanation(builder: KitBuilder) {
        let kit = started(builder).await;
        let fields = [
            ("version", "0"), ("k.ten", "Muộn"), ("k.loai", "taphuan"), ("k.hinhthuc", "tructuyen"), ("k.ngay", "1/9/2026"), ("k.nguoi", "70"),
        ];
        let saved = kit.post(OFFICER, &format!("{MEETINGS}/dong/cuoc"), &fields).await;
        assert_eq!(saved.status, 303, "late entries are legitimate: {}", saved.text);
        typed(&kit, &officer(&kit), &meetings(), vec![edit("bm08.cuoc", 0, 1)]).await;
        let page = kit.get(OFFICER, &format!("{MEETINGS}/gui")).await;
        let words = "cột “Ngày bắt đầu” ghi ngày 01/09/2026, ngoài kỳ báo cáo 15/9 – 14/12/2026";
        assert!(page.text.replace("&#x2f;", "/").contains(words), "{}", page.text);
        let silent = Said { revision: 1, ..Said::default() };
        let refused = take(&kit.app, &leader(&kit), &meetings().id(), Step::Certify, &silent).await;
        assert!(refused.expect_err("no word").is(&kernel::problem::INVALID_FORM));
        step(&kit, &leader(&kit), &meetings().id(), Step::Certify, 1).await;
        let page = kit.get(OFFICER, &format!("{MEETINGS}/gui")).await;
        assert!(page.text.contains("Đã giải trình"), "{}", page.text);
    }

    async fn a_part_larger_than_its_whole_and_more_than_all_are_refused_on_the_page_and_at_the_signature(builder: KitBuilder) {
        let kit = started(builder).await;
        let works = Which { dataset: DatasetId::parse("bm-01").expect("a code"), period: "y-2026".to_owned(), ..which(COMMUNE) };
        let address = "/bao-cao/bm-01/y-2026/01969.2025/chinh-thuc";
        let wrong = [("huongloi", "10"), ("huongloinu", "20"), ("khoiluong", "130")];
        let fields: Vec<(String, &str)> = wrong.iter().map(|(code, text)| (format!("k.{code}"), *text)).collect();
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        fields.push(("version", "0"));
        let refused = kit.post(OFFICER, &format!("{address}/dong/congtrinh"), &fields).await;
        assert_eq!(refused.status, 422);
        for words in ["20 người, không được lớn hơn “Số người hưởng lợi” (10 người)", "130%, nhiều nhất chỉ được 100%"] {
            assert!(refused.text.contains(words), "{words}: {}", refused.text);
        }
        // A phone or an older workbook brings it all the same; nobody signs it.
        let cells = wrong.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect();
        let row = RowEdit { section: "congtrinh".to_owned(), id: None, position: 1, cells: Some(cells), base: 0 };
        let changes = Changes { rows: vec![row], ..Changes::default() };
        save(&kit.app, &officer(&kit), &works, changes).await.expect("saved");
        let page = kit.get(OFFICER, &format!("{address}/gui")).await;
        for words in ["“Trong đó nữ” ghi 20 người, lớn hơn cột “Số người hưởng lợi” (10 người)", "“Khối lượng hoàn thành” ghi 130%, nhiều nhất chỉ được 100%"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
    }

    async fn it_crosses_the_bridge_with_the_report(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(testkit::TestEngine::Sqlite).point(7)).await;
        put(&point, vec![meeting("Một", "70", "12.5"), meeting("Hai", "30", "1")]).await;
        typed(&point, &officer(&point), &meetings(), vec![edit("bm08.cuoc", 0, 2)]).await;
        step(&point, &leader(&point), &meetings().id(), Step::Certify, 1).await;
        step(&point, &leader(&point), &meetings().id(), Step::Submit, 1).await;
        for body in crate::life::waiting(&point).await {
            taken(&hub, &said_by(POINT, 60, body)).await;
        }
        assert_eq!(added(&hub).await, values(100, 13_500));
        assert!(counts::are_true(hub.db()).await.expect("counted anew"));
    }

    async fn nobody_signs_rows_that_lack_something_or_count_less_than_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        let fields = [
            ("version", "0"), ("k.ten", "Ba"), ("k.loai", "taphuan"), ("k.hinhthuc", "tructuyen"), ("k.ngay", "1/10/2026"), ("k.nguoi", "-120"),
        ];
        let refused = kit.post(OFFICER, &format!("{MEETINGS}/dong/cuoc"), &fields).await;
        assert!(refused.status == 422 && refused.text.contains("Số không được âm"), "{}", refused.text);
        put(&kit, vec![meeting("Một", "70", ""), meeting("", "-5", "")]).await;
        typed(&kit, &officer(&kit), &meetings(), vec![edit("bm08.cuoc", 0, 2)]).await;
        let page = kit.get(OFFICER, &format!("{MEETINGS}/gui")).await;
        for words in ["dòng 2: cột “Tên” chưa có nội dung", "dòng 2: cột “Số lượt người” không thể nhỏ hơn 0"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        let said = Said { revision: 1, note: "Đã kiểm tra số liệu".to_owned(), ..Said::default() };
        let signed = take(&kit.app, &leader(&kit), &meetings().id(), Step::Certify, &said).await;
        assert!(signed.expect_err("a row without a name").is(&NOT_READY));
    }
}
