//! What a reviewer is told has changed besides cells: rows, words, files, and that nothing occurred.

use std::collections::BTreeMap;

use reporting::{
    actions::{
        attach::{self, NewFile},
        entry::{Changes, RowEdit, Which, open, save},
        steps::{Said, take},
    },
    model::{DatasetId, SubmissionId, submission::Step},
};
use testkit::Kit;

use super::{LAN, sent};
use crate::cast::{
    COMMUNE, edit, leader, officer, province, province_leader, started, step, typed, which,
};

const HUNG: &str = "Hùng|commune_leader|/vn/19.2025/01969.2025/";

/// Inspections: a growing table and files, no cells.
fn inspections() -> Which {
    Which { dataset: DatasetId::parse("bm-07").expect("a code"), ..which(COMMUNE) }
}

/// The address of a report.
fn at(which: &Which) -> String {
    format!("/bao-cao/{}/{}/{}/{}", which.dataset, which.period, which.area, which.life.slug())
}

fn inspections_at(rest: &str) -> String {
    format!("{}{rest}", at(&inspections()))
}

fn row(what: &str) -> RowEdit {
    let cells = [("doan", "Đoàn của tỉnh"), ("ngay", "2026-10-02"), ("noidung", what)];
    let cells: BTreeMap<_, _> =
        cells.into_iter().map(|(column, text)| (column.to_owned(), text.to_owned())).collect();
    RowEdit { section: "cuoc".to_owned(), id: None, position: 0, cells: Some(cells), base: 0 }
}

async fn given_back(kit: &Kit, id: &SubmissionId, revision: i64) {
    let note = "Đề nghị kiểm tra lại".to_owned();
    let said = Said { revision, note, ..Said::default() };
    take(&kit.app, &province(kit), id, Step::Return, &said).await.expect("given back");
}

async fn signed_and_sent(kit: &Kit, id: &SubmissionId, (before, after): (i64, i64)) {
    step(kit, &leader(kit), id, Step::Certify, before).await;
    step(kit, &officer(kit), id, Step::Submit, after).await;
}

async fn reviewed(kit: &Kit, id: &SubmissionId) -> String {
    let page = kit.get(LAN, &format!("/bao-cao/duyet/{id}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text.replace("&#x2f;", "/")
}

testkit::on_both_engines! {
    async fn rows_and_files_that_changed_are_counted_and_shown(builder: KitBuilder) {
        let kit = started(builder).await;
        let (which, id) = (inspections(), inspections().id());
        let rows = |rows| Changes { rows, ..Changes::default() };
        let put = rows(vec![row("Nước sạch"), row("Nhà ở"), row("Đường")]);
        save(&kit.app, &officer(&kit), &which, put).await.expect("saved");
        let attached = async |caption: &str| {
            let bytes = format!("%PDF-1.7 {caption}");
            let file = NewFile { section: "tep", name: "a.pdf", caption, bytes: bytes.as_bytes() };
            attach::attach(&kit.app, &officer(&kit), &which, &file).await.expect("attached")
        };
        let photo = attached("Ảnh hiện trường").await;
        signed_and_sent(&kit, &id, (1, 1)).await;
        let page = reviewed(&kit, &id).await;
        assert!(!page.contains("So với"), "there is nothing to compare it with: {page}");
        assert!(page.contains(">02/10/2026<") && !page.contains("2026-10-02"), "{page}");
        let (base, file) = (inspections_at(""), photo.to_string());
        for link in [base.clone(), inspections_at("/in"), format!("{base}/tep/tep/{file}")] {
            assert!(page.contains(&format!("<a href=\"{link}\">")), "{link}: {page}");
        }
        assert!(page.contains("<th scope=\"row\">Đoàn của tỉnh</th>"), "what a row is stays in sight: {page}");
        assert!(page.contains("Hạn gửi ") && page.contains("· Gửi ngày 22/11/2026"), "{page}");
        given_back(&kit, &id, 1).await;
        let (_, sheet) = open(&kit.app, &officer(&kit), &which).await.expect("it opens");
        let find = |what: &str| sheet.rows.iter().find(|row| row.body.contains(what)).expect("a row");
        let (water, house) = (find("Nước sạch"), find("Nhà ở"));
        let other = RowEdit { id: Some(water.id.clone()), base: water.version, ..row("Nước sạch, hai thôn") };
        let out = RowEdit { id: Some(house.id.clone()), base: house.version, cells: None, ..row("") };
        save(&kit.app, &officer(&kit), &which, rows(vec![other, out, row("Trường"), row("Trạm y tế")])).await.expect("saved");
        attach::detach(&kit.app, &officer(&kit), &which, &photo).await.expect("taken out");
        attached("Biên bản có đóng dấu").await;
        let before_signing = kit.get(HUNG, &inspections_at("/gui")).await;
        signed_and_sent(&kit, &id, (1, 2)).await;
        let row = |did: &str, what: &str| format!("{did} – Đoàn kiểm tra, giám sát: Đoàn của tỉnh; Ngày: 02/10/2026; Nội dung: {what}<");
        // Whoever signs sees the same list as whoever reviews.
        for page in [before_signing, kit.get(LAN, &format!("/bao-cao/duyet/{id}")).await] {
            assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
            let page = page.text.replace("&#x2f;", "/");
            for told in [
                "So với bản đã gửi lần 1",
                "số liệu trong các ô không đổi",
                "Cuộc kiểm tra, giám sát: thêm 2 dòng, bỏ 1 dòng, sửa 1 dòng",
                &row("Thêm", "Trường"),
                &row("Thêm", "Trạm y tế"),
                &row("Bỏ", "Nhà ở"),
                ": Đoàn của tỉnh<",
                "<th scope=\"row\">Nội dung</th>",
                "data-label=\"Trước\">Nước sạch<",
                "data-label=\"Nay\">Nước sạch, hai thôn<",
                "Biên bản, kết luận: thêm tệp “Biên bản có đóng dấu”",
                "Biên bản, kết luận: bỏ tệp “Ảnh hiện trường”",
            ] {
                assert!(page.contains(told), "{told}: {page}");
            }
            assert_eq!(page.matches("data-label=\"Trước\"").count(), 1, "one column of one row changed: {page}");
        }
    }

    async fn who_signs_a_correction_sees_what_was_approved_beside_it(builder: KitBuilder) {
        let kit = started(builder).await;
        let (which, id) = (which(COMMUNE), sent(&kit, COMMUNE, 198).await);
        let gui = format!("{}/gui", at(&which));
        step(&kit, &province(&kit), &id, Step::Accept, 1).await;
        step(&kit, &province_leader(&kit), &id, Step::Approve, 1).await;
        assert!(!kit.get(HUNG, &gui).await.text.contains("So với"), "nothing is signed while it is above");
        step(&kit, &leader(&kit), &id, Step::Correct, 1).await;
        assert!(kit.get(HUNG, &gui).await.text.contains("không có gì thay đổi"));
        let written = |words: &str, base| vec![("khokhan".to_owned(), words.to_owned(), base)];
        let narratives = written("Đường sạt lở", 0);
        let changes = Changes { edits: vec![edit("10.6", 1, 204)], narratives, ..Changes::default() };
        save(&kit.app, &officer(&kit), &which, changes).await.expect("saved");
        let page = kit.get(HUNG, &gui).await;
        assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        for told in ["So với bản đã duyệt lần 1", "1 ô thay đổi", "data-label=\"Trước\">198<", "data-label=\"Nay\">204<", "Đường sạt lở"] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        signed_and_sent(&kit, &id, (2, 2)).await;
        given_back(&kit, &id, 2).await;
        let changes = Changes { narratives: written("Đường đã thông", 1), ..Changes::default() };
        save(&kit.app, &officer(&kit), &which, changes).await.expect("saved");
        signed_and_sent(&kit, &id, (2, 3)).await;
        let page = reviewed(&kit, &id).await;
        assert!(page.contains("data-label=\"Nay\">Đường đã thông<"), "{page}");
    }

    async fn a_narrative_that_changed_is_shown_as_it_was_and_as_it_is(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        let say = async |words: &str, base| {
            let narratives = vec![("khokhan".to_owned(), words.to_owned(), base)];
            let changes = Changes { narratives, ..Changes::default() };
            save(&kit.app, &officer(&kit), &which, changes).await.expect("saved");
        };
        say("Thiếu người đứng lớp", 0).await;
        let id = sent(&kit, COMMUNE, 198).await;
        given_back(&kit, &id, 1).await;
        say("Thiếu phòng học", 1).await;
        signed_and_sent(&kit, &id, (1, 2)).await;
        let page = reviewed(&kit, &id).await;
        for told in [": đã sửa nội dung<", "data-label=\"Trước\">Thiếu người đứng lớp<", "data-label=\"Nay\">Thiếu phòng học<"] {
            assert!(page.contains(told), "{told}: {page}");
        }
    }

    async fn a_report_that_comes_again_as_it_was_says_that_nothing_changed(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = sent(&kit, COMMUNE, 198).await;
        given_back(&kit, &id, 1).await;
        signed_and_sent(&kit, &id, (1, 2)).await;
        let page = reviewed(&kit, &id).await;
        assert!(page.contains("không có gì thay đổi") && !page.contains("còn thay đổi:"), "{page}");
    }

    async fn that_nothing_occurred_is_told_when_it_is_said_and_when_it_is_taken_back(builder: KitBuilder) {
        let kit = started(builder).await;
        let (which, id) = (which(COMMUNE), which(COMMUNE).id());
        typed(&kit, &officer(&kit), &which, vec![edit("10.6", 0, 0)]).await;
        let note = "Cả quý không có hoạt động".to_owned();
        let nil = Said { revision: 1, nil: true, note, ..Said::default() };
        take(&kit.app, &leader(&kit), &id, Step::Certify, &nil).await.expect("signed");
        step(&kit, &officer(&kit), &id, Step::Submit, 1).await;
        given_back(&kit, &id, 1).await;
        let filled = [("10.5b", 0, 2), ("10.6", 1, 198), ("10.3a", 0, 6), ("10.6kp", 0, 1)];
        let edits = filled.map(|(key, base, amount)| edit(key, base, amount));
        let narratives = vec![("khokhan".to_owned(), "Thiếu người đứng lớp".to_owned(), 0)];
        let changes = Changes { edits: edits.into(), narratives, ..Changes::default() };
        save(&kit.app, &officer(&kit), &which, changes).await.expect("saved");
        signed_and_sent(&kit, &id, (1, 2)).await;
        let page = reviewed(&kit, &id).await;
        assert!(page.contains("không còn ghi cả kỳ không phát sinh; lý do trước đây: Cả quý không có hoạt động"), "{page}");
        assert!(page.contains("4 ô thay đổi") && page.contains(": đã ghi nội dung"), "{page}");
    }
}
