//! What stands in the way of a signature and what does not: figures where nobody can say that nothing occurred, choices
//! that wait in another report, and words that are given together with a figure.

use kernel::problem::INVALID_FORM;
use reporting::{
    actions::{
        NOT_READY,
        entry::{Changes, RowEdit, Sheet, Which, open, save},
        figures::{Became, Edit},
        steps::{Said, take},
    },
    model::{CellState, DatasetId, submission::Step},
};
use testkit::Kit;

use crate::cast::{COMMUNE, cell, edit, leader, officer, province, started, step, typed, which};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const LEADER: &str = "Hùng|commune_leader|/vn/19.2025/01969.2025/";

fn report(dataset: &str) -> Which {
    Which { dataset: DatasetId::parse(dataset).expect("a code"), ..which(COMMUNE) }
}

fn at(which: &Which, rest: &str) -> String {
    format!("/bao-cao/{}/{}/{COMMUNE}/chinh-thuc{rest}", which.dataset, which.period)
}

async fn sheet(kit: &Kit, which: &Which) -> Sheet {
    open(&kit.app, &officer(kit), which).await.expect("it opens").1
}

fn nothing_occurred() -> Said {
    Said {
        revision: 1, nil: true, note: "Cả quý không có hoạt động".to_owned(), ..Said::default()
    }
}

testkit::on_both_engines! {
    async fn nobody_signs_that_nothing_occurred_over_figures_or_rows(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = report("diem-ho-tro");
        let page = kit.get(LEADER, &at(&which, "/gui")).await;
        assert!(page.text.contains("name=\"nil\""), "nothing is filled in: {}", page.text);
        typed(&kit, &officer(&kit), &which, vec![edit("10.6", 0, 198), edit("10.5b", 0, 0)]).await;
        let refused = take(&kit.app, &leader(&kit), &which.id(), Step::Certify, &nothing_occurred()).await;
        assert!(refused.expect_err("198 is not nothing").is(&INVALID_FORM));
        let page = kit.get(LEADER, &at(&which, "/gui")).await;
        assert!(!page.text.contains("name=\"nil\"") && page.text.contains("không thể xác thực là không phát sinh"), "{}", page.text);
        let form = [("step", "certify"), ("revision", "1"), ("nil", "1"), ("note", "Cả quý không có hoạt động")];
        let again = kit.post(LEADER, &at(&which, "/buoc"), &form).await;
        assert!(again.status == 422 && again.text.contains("1 ô có số liệu và 0 dòng"), "{}", again.text);
        // Zeros and what did not occur say the same as the signature.
        let nil = CellState::Nil("không có hoạt động".to_owned());
        let emptied = Edit { key: cell("10.6"), base: 1, state: Some(nil) };
        typed(&kit, &officer(&kit), &which, vec![emptied]).await;
        step_nil(&kit, &which).await;
        let page = kit.get(LEADER, &at(&which, "/gui")).await;
        assert!(!page.text.contains("chỗ phải sửa"), "where nothing occurred there is nothing to mend: {}", page.text);
        // Rows say that something occurred, too.
        let rows = report("bm-07");
        let cells = [("doan", "Đoàn của xã"), ("ngay", "2026-10-09"), ("noidung", "Đường"), ("trangthai", "dang")];
        let cells = cells.map(|(column, text)| (column.to_owned(), text.to_owned())).into();
        let row = RowEdit { section: "cuoc".to_owned(), id: None, position: 0, cells: Some(cells), base: 0 };
        let changes = Changes { rows: vec![row], ..Changes::default() };
        save(&kit.app, &officer(&kit), &rows, changes).await.expect("saved");
        let refused = take(&kit.app, &leader(&kit), &rows.id(), Step::Certify, &nothing_occurred()).await;
        assert!(refused.expect_err("a visit is not nothing").is(&INVALID_FORM));
    }

    async fn two_figures_in_one_report_keep_no_other_report_from_being_signed(builder: KitBuilder) {
        let kit = started(builder).await;
        let (money, points) = (report("bm-05"), report("diem-ho-tro"));
        let key = sheet_cell(&kit, &money).await;
        typed(&kit, &officer(&kit), &money, vec![edit(&key, 0, 2_000_000)]).await;
        let other = typed(&kit, &leader(&kit), &money, vec![edit(&key, 0, 2_100_000)]).await;
        assert_eq!(other.cells[0].1, Became::Conflict);
        assert_eq!(sheet(&kit, &money).await.conflicts.len(), 1);
        let refused = take(&kit.app, &leader(&kit), &money.id(), Step::Certify, &Said { revision: 1, note: "Đã kiểm tra số liệu".to_owned(), ..Said::default() }).await;
        assert!(refused.expect_err("one has to be chosen").is(&NOT_READY));
        assert!(sheet(&kit, &points).await.conflicts.is_empty());
        let filled = vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)];
        typed(&kit, &officer(&kit), &points, filled).await;
        step(&kit, &leader(&kit), &points.id(), Step::Certify, 1).await;
    }

    async fn an_answer_and_a_corrected_figure_are_saved_with_one_press(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = report("diem-ho-tro");
        let filled = vec![edit("10.5b", 0, 2), edit("10.6", 0, 261), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)];
        typed(&kit, &officer(&kit), &which, filled).await;
        step(&kit, &leader(&kit), &which.id(), Step::Certify, 1).await;
        step(&kit, &officer(&kit), &which.id(), Step::Submit, 1).await;
        let remarks = vec![("10.6".to_owned(), "Đề nghị kiểm tra lại".to_owned())];
        let said = Said { revision: 1, remarks, ..Said::default() };
        take(&kit.app, &province(&kit), &which.id(), Step::Return, &said).await.expect("given back");
        let there = at(&which, "/o/10.6");
        let page = kit.get(OFFICER, &there).await;
        assert_eq!(page.text.matches("name=\"answer\"").count(), 1, "one field for the answer: {}", page.text);
        let (before, form) = page.text.split_once("id=\"write-form\"").expect("the form");
        assert!(form.contains("name=\"answer\"") && !before.contains("name=\"answer\""), "{}", page.text);
        // Too short an answer: nothing is saved, nothing is lost.
        let short = [("do", "write"), ("base", "1"), ("text", "262"), ("choice", "value"), ("answer", "à")];
        let again = kit.post(OFFICER, &there, &short).await;
        assert!(again.status == 422 && again.text.contains("value=\"262\"") && again.text.contains("à</textarea>"), "{}", again.text);
        assert_eq!(sheet(&kit, &which).await.held[&cell("10.6")].state, CellState::Value(261));
        let both = [("do", "write"), ("base", "1"), ("text", "262"), ("choice", "value"), ("answer", "Đã đối chiếu sổ theo dõi")];
        assert_eq!(kit.post(OFFICER, &there, &both).await.status, 303);
        let now = sheet(&kit, &which).await;
        assert_eq!(now.held[&cell("10.6")].state, CellState::Value(262));
        assert_eq!(now.remarks[0].answer.as_deref(), Some("Đã đối chiếu sổ theo dõi"));
        // With the figure as it stands, only the answer is given.
        assert_eq!(now.unanswered().count(), 0);
    }
}

async fn step_nil(kit: &Kit, which: &Which) {
    let signed =
        take(&kit.app, &leader(kit), &which.id(), Step::Certify, &nothing_occurred()).await;
    signed.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Some cell of the report on money.
async fn sheet_cell(kit: &Kit, which: &Which) -> String {
    let catalogue =
        reporting::actions::catalogue::current(&kit.app).await.expect("definitions are read");
    let form = catalogue.form(&which.dataset).expect("a form");
    let mut cells = form.sections.iter().filter_map(|section| match &section.body {
        reporting::model::form::SectionBody::Table(table) => table.cells().into_iter().next(),
        _ => None,
    });
    cells.next().expect("a cell").key.text()
}
