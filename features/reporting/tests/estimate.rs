//! The estimate beside the final report of the same period: its figures stand in the cells, its rows are taken over where
//! there is none yet, by whoever may type, once.

use std::collections::BTreeMap;

use kernel::{
    caller::Caller,
    problem::{FORBIDDEN, NOT_FOUND},
};
use reporting::{
    actions::{
        LOCKED, OF_UNIT, builder, counts,
        entry::{Changes, NO_ESTIMATED_ROWS, ROWS_THERE, RowEdit, Which, open, save, take_rows},
        figures::Edit,
        steps::{Said, take},
    },
    model::{
        CellState, DatasetId, Life,
        bundle::Bundle,
        dataset::Deadline,
        form::{ColumnKind, SectionBody},
        submission::Step,
    },
};
use testkit::{Kit, caller};

use crate::cast::{
    COMMUNE, PLACE, cell, edit, leader, officer, province, started, step, typed, which,
};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const READER: &str = "Lan|province_officer|/vn/19.2025/";

fn report(dataset: &str, period: &str, life: Life) -> Which {
    let dataset = DatasetId::parse(dataset).expect("a code");
    Which { dataset, period: period.to_owned(), life, ..which(COMMUNE) }
}

fn yearly(dataset: &str, life: Life) -> Which {
    report(dataset, "y-2026", life)
}

fn address(which: &Which) -> String {
    format!("/bao-cao/{}/{}/{COMMUNE}/{}", which.dataset, which.period, which.life.slug())
}

/// A page's text; slashes are escaped in it.
async fn shown(kit: &Kit, who: &str, path: &str) -> String {
    let page = kit.get(who, path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
    page.text.replace("&#x2f;", "/")
}

async fn put(kit: &Kit, who: &Caller, which: &Which, section: &str, rows: &[&[(&str, &str)]]) {
    let row = |(position, cells): (i64, &&[(&str, &str)])| {
        let text = |(code, text): &(&str, &str)| ((*code).to_owned(), (*text).to_owned());
        let cells: BTreeMap<String, String> = cells.iter().map(text).collect();
        let section = section.to_owned();
        RowEdit { section, id: None, position, cells: Some(cells), base: 0 }
    };
    let rows = (1..).zip(rows).map(row).collect();
    save(&kit.app, who, which, Changes { rows, ..Changes::default() }).await.expect("saved");
}

const WORKS: [&[(&str, &str)]; 2] = [
    &[("ma", "CT-01"), ("ten", "Đường vào bản"), ("khoiluong", "60"), ("tinhtrang", "dang")],
    &[("ma", "CT-02"), ("ten", "Nhà văn hóa"), ("khoiluong", "100"), ("tinhtrang", "xong")],
];

/// The works of a report as it stands: their names, who wrote them.
async fn works(kit: &Kit, which: &Which) -> Vec<(String, String)> {
    let (_, sheet) = open(&kit.app, &officer(kit), which).await.expect("it opens");
    let named = |body: &str| {
        let cells: BTreeMap<String, String> = serde_json::from_str(body).expect("cells");
        cells["ten"].clone()
    };
    sheet.rows.iter().map(|row| (named(&row.body), row.by_name.clone())).collect()
}

testkit::on_both_engines! {
    async fn the_estimate_stands_beside_every_final_figure_and_nowhere_else(builder: KitBuilder) {
        let kit = started(builder).await;
        let (estimate, last) = (yearly("bm-04", Life::Estimate), yearly("bm-04", Life::Final));
        let nil = Some(CellState::Nil("không có hoạt động".to_owned()));
        let nil = Edit { key: cell("6.1"), base: 0, state: nil };
        let edits = vec![edit("6.2b", 0, 1_250), edit("6.2b:gt=nu", 0, 610), nil];
        typed(&kit, &officer(&kit), &estimate, edits).await;
        typed(&kit, &officer(&kit), &last, vec![edit("6.2b", 0, 1_300)]).await;
        for who in [OFFICER, READER] {
            let page = shown(&kit, who, &address(&last)).await;
            let of = |key: &str| {
                let rest = page.split(&format!("data-cell=\"{key}\"")).nth(1).expect("the cell");
                rest.split("</td>").next().expect("its end").to_owned()
            };
            assert!(of("6.2b").contains("Ước thực hiện: 1.250") && of("6.2b").contains("1.300"), "{}", of("6.2b"));
            assert!(of("6.2b:gt=nu").contains("Ước thực hiện: 610"), "{}", of("6.2b:gt=nu"));
            assert!(of("6.1").contains("Ước thực hiện: –"), "{}", of("6.1"));
            assert_eq!(page.matches("Ước thực hiện: ").count(), 3, "nothing beside what nobody estimated");
        }
        let page = shown(&kit, OFFICER, &address(&estimate)).await;
        assert!(!page.contains("Ước thực hiện: "), "an estimate has none beside it");
    }

    async fn the_rows_of_the_estimate_are_taken_over_once_by_whoever_types(builder: KitBuilder) {
        let kit = started(builder).await;
        let (estimate, last) = (yearly("bm-01", Life::Estimate), yearly("bm-01", Life::Final));
        let take = format!("{}/tu-uoc/congtrinh", address(&last));
        assert!(!shown(&kit, OFFICER, &address(&last)).await.contains("tu-uoc"), "nothing to take");
        let nothing = take_rows(&kit.app, &officer(&kit), &last, "congtrinh").await;
        assert!(nothing.expect_err("no rows").is(&NO_ESTIMATED_ROWS));
        let tam = caller("Tâm", "commune_officer", PLACE);
        put(&kit, &tam, &estimate, "congtrinh", &WORKS).await;
        let page = shown(&kit, OFFICER, &address(&last)).await;
        assert!(page.contains("Lấy các dòng từ báo cáo ước") && page.contains("Báo cáo ước có 2 dòng"), "{page}");
        // The button belongs to a form of its own, behind that of the figures.
        assert!(page.contains("form=\"uoc-congtrinh\"") && page.contains(&format!("action=\"{take}\"")), "{page}");
        assert!(!shown(&kit, OFFICER, &address(&estimate)).await.contains("tu-uoc"));
        assert!(!shown(&kit, READER, &address(&last)).await.contains("tu-uoc"), "who only reads is offered nothing");
        assert_eq!(kit.post(OFFICER, &take, &[]).await.status, 303);
        let taken: Vec<_> = ["Đường vào bản", "Nhà văn hóa"].map(|name| (name.to_owned(), "Mai".to_owned())).into();
        assert_eq!(works(&kit, &last).await, taken);
        assert_eq!(works(&kit, &estimate).await[0].1, "Tâm", "the estimate stays as it was");
        let again = kit.post(OFFICER, &take, &[]).await;
        assert!(again.status == 409 && again.text.contains("Mục này đã có dòng"), "{}", again.text);
        assert_eq!(works(&kit, &last).await, taken);
        assert!(!shown(&kit, OFFICER, &address(&last)).await.contains("tu-uoc"), "there are rows now");
    }

    async fn rows_are_taken_over_neither_among_others_nor_into_what_is_signed_nor_by_others(builder: KitBuilder) {
        let kit = started(builder).await;
        let (estimate, last) = (yearly("bm-01", Life::Estimate), yearly("bm-01", Life::Final));
        put(&kit, &officer(&kit), &estimate, "congtrinh", &WORKS).await;
        let refused = async |who: &Caller, which: &Which| {
            take_rows(&kit.app, who, which, "congtrinh").await.expect_err("refused")
        };
        let other = caller("Xa", "commune_officer", "/vn/19.2025/01942.2025/");
        assert!(refused(&other, &last).await.is(&FORBIDDEN));
        assert!(refused(&province(&kit), &last).await.is(&OF_UNIT));
        assert!(refused(&officer(&kit), &estimate).await.is(&ROWS_THERE));
        let none = take_rows(&kit.app, &officer(&kit), &last, "khong-co").await;
        assert!(none.expect_err("no such section").is(&NOT_FOUND));
        // Signed: that nothing occurred.
        save(&kit.app, &officer(&kit), &last, Changes::default()).await.expect("begun");
        let note = "Cả năm không có công trình".to_owned();
        let said = Said { revision: 1, nil: true, note, ..Said::default() };
        take(&kit.app, &leader(&kit), &last.id(), Step::Certify, &said).await.expect("signed");
        assert!(refused(&officer(&kit), &last).await.is(&LOCKED));
        assert!(!shown(&kit, OFFICER, &address(&last)).await.contains("tu-uoc"));
        step(&kit, &leader(&kit), &last.id(), Step::Reopen, 1).await;
        put(&kit, &officer(&kit), &last, "congtrinh", &WORKS[..1]).await;
        assert!(refused(&officer(&kit), &last).await.is(&ROWS_THERE));
        assert_eq!(works(&kit, &last).await.len(), 1);
    }

    async fn what_the_rows_that_were_taken_over_add_up_to_is_written_with_them(builder: KitBuilder) {
        let kit = started(builder).await;
        publish_changed(&kit, estimated_too).await;
        put(&kit, &officer(&kit), &quarter(Life::Estimate), "cuoc", &[MEETING, MEETING]).await;
        let last = quarter(Life::Final);
        let left_out = take_rows(&kit.app, &officer(&kit), &last, "cuoc").await;
        assert_eq!(left_out.expect("taken"), 0);
        let (_, sheet) = open(&kit.app, &officer(&kit), &last).await.expect("it opens");
        assert_eq!(sheet.held[&cell("bm08.nguoi")].state, CellState::Value(140));
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }

    async fn a_column_that_counts_in_another_unit_now_takes_nothing_over(builder: KitBuilder) {
        let kit = started(builder).await;
        publish_changed(&kit, estimated_too).await;
        put(&kit, &officer(&kit), &quarter(Life::Estimate), "cuoc", &[MEETING, MEETING]).await;
        publish_changed(&kit, |bundle| {
            for section in &mut bundle.form.sections {
                let SectionBody::Rows(table) = &mut section.body else { continue };
                let money = table.columns.iter_mut().find(|one| one.code == "kinhphi").expect("money");
                money.kind = ColumnKind::Number { unit: "dong".to_owned(), decimals: 0, element: None };
            }
        }).await;
        let last = quarter(Life::Final);
        let take = format!("{}/tu-uoc/cuoc", address(&last));
        assert_eq!(kit.post(OFFICER, &take, &[]).await.status, 303);
        let (_, sheet) = open(&kit.app, &officer(&kit), &last).await.expect("it opens");
        let carried = sheet.rows.iter().all(|row| {
            let cells = row.cells();
            cells["nguoi"] == "70" && cells["kinhphi"].is_empty()
        });
        assert!(sheet.rows.len() == 2 && carried, "{:?}", sheet.rows);
    }
}

/// A meeting of 70 people for 12.5 million đồng.
const MEETING: &[(&str, &str)] = &[
    ("ten", "Tập huấn"),
    ("loai", "taphuan"),
    ("hinhthuc", "tructuyen"),
    ("ngay", "2026-10-01"),
    ("nguoi", "70"),
    ("kinhphi", "12.5"),
];

fn quarter(life: Life) -> Which {
    report("bm-08", "nd09q-2026-4", life)
}

/// Meetings are estimated, too.
fn estimated_too(bundle: &mut Bundle) {
    let dataset = &mut bundle.dataset;
    let earlier = |one: &Deadline| Deadline { life: Life::Estimate, ..*one };
    let earlier: Vec<Deadline> = dataset.deadlines.iter().map(earlier).collect();
    dataset.deadlines.extend(earlier);
    dataset.estimated = true;
}

/// Puts a changed version of the form of meetings into force.
async fn publish_changed(kit: &Kit, change: fn(&mut Bundle)) {
    let author = caller("An", "programme_officer", "/vn/");
    let code = DatasetId::parse("bm-08").expect("a code");
    let id = builder::copy(&kit.app, &author, &code, None).await.expect("a draft");
    let changed = builder::change(&kit.app, &author, (&id, 1), |bundle| {
        change(bundle);
        Ok(())
    });
    changed.await.expect("saved");
    let second = caller("Bảo", "programme_officer", "/vn/");
    builder::publish(&kit.app, &second, &id).await.expect("published");
}
