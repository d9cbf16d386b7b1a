//! Growing tables: rows added, changed, taken out, copied; ten thousand of them.

use super::*;
use crate::model::form::SectionBody;

fn works(many: usize) -> Kept {
    let mut kept = Kept::of("bm-01");
    let component = kept.components[0].0.clone();
    kept.standing.rows = (0..many)
        .map(|n| StandingRow {
            section: "congtrinh".to_owned(),
            id: format!("r{n}"),
            position: i64::try_from(n).expect("few") + 1,
            cells: BTreeMap::from([
                ("ma".to_owned(), format!("0{n}")),
                ("ten".to_owned(), format!("Đường liên thôn số {n}")),
                ("noidung".to_owned(), component.clone()),
                ("hinhthuc".to_owned(), "dautu".to_owned()),
                ("tongmuc".to_owned(), "1.234,567".to_owned()),
            ]),
            version: 2,
        })
        .collect();
    kept
}

fn sheet(book: &Book) -> usize {
    book.grids.iter().position(|grid| grid.text(0, 0) == "nhipcau:congtrinh").expect("the sheet")
}

fn column(book: &Book, code: &str) -> u32 {
    let grid = &book.grids[sheet(book)];
    grid.cells.iter().find(|(at, seen)| at.0 == 0 && seen.text() == code).expect("a column").0.1
}

fn row(book: &Book, id: &str) -> u32 {
    let grid = &book.grids[sheet(book)];
    grid.cells.iter().find(|(at, seen)| at.1 == 0 && seen.text() == id).expect("a row").0.0
}

fn set(book: &mut Book, row: u32, code: &str, what: What) {
    let (sheet, column) = (sheet(book), column(book, code));
    book.grids[sheet].cells.insert((row, column), Seen { what, formula: false });
}

fn text(text: &str) -> What {
    What::Text(text.to_owned())
}

#[test]
fn rows_come_back_as_they_went() {
    let kept = works(3);
    let plan = kept.compared(&kept.book());
    assert_eq!(
        (told(&plan.problems), told(&plan.notes), plan.is_ready()),
        (vec![], vec![], false),
        "{plan:?}"
    );
    assert!(plan.unchanged >= 3);
}

#[test]
fn rows_are_added_changed_and_taken_out_by_their_ids() {
    let kept = works(4);
    let mut book = kept.book();
    let at = row(&book, "r1");
    set(&mut book, at, "tongmuc", What::Number(1_500.5));
    let gone = row(&book, "r2");
    let index = sheet(&book);
    book.grids[index].cells.retain(|at, _| at.0 != gone);
    set(&mut book, 40, "ten", text("Nhà văn hóa thôn Nà Pài"));
    set(&mut book, 40, "hinhthuc", text("cộng đồng tự làm"));
    let last = row(&book, "r3");
    let copied: Vec<_> = book.grids[index]
        .cells
        .range((last, 0)..(last + 1, 0))
        .map(|(at, seen)| (at.1, seen.clone()))
        .collect();
    for (c, seen) in copied {
        book.grids[index].cells.insert((41, c), seen);
    }
    let plan = kept.compared(&book);
    assert_eq!(told(&plan.problems), Vec::<String>::new());
    assert_eq!(
        plan.notes.iter().map(|note| note.key).collect::<Vec<_>>(),
        ["reporting-import-row-copied"]
    );
    let rows: Vec<_> = plan
        .rows
        .iter()
        .map(|row| (row.id.as_deref(), row.new.is_some(), row.base, row.position))
        .collect();
    assert_eq!(
        rows,
        [
            (Some("r1"), true, 2, 2),
            (None, true, 0, 5),
            (None, true, 0, 6),
            (Some("r2"), false, 2, 3)
        ]
    );
    let new = |n: usize| plan.rows[n].new.clone().expect("cells");
    assert_eq!(new(0)["tongmuc"], "1.500,5");
    assert_eq!(
        (new(1)["hinhthuc"].as_str(), new(1)["ten"].as_str()),
        ("congdong", "Nhà văn hóa thôn Nà Pài")
    );
    assert_eq!(new(2)["ma"], "03", "codes keep their zeros");
}

#[test]
fn a_row_changed_by_somebody_else_is_not_lost() {
    let mut kept = works(3);
    let mut book = kept.book();
    let at = row(&book, "r0");
    set(&mut book, at, "ten", text("Đường Nà Pài"));
    let gone = row(&book, "r1");
    let index = sheet(&book);
    book.grids[index].cells.retain(|at, _| at.0 != gone);
    for n in [0, 1] {
        kept.standing.rows[n].version = 3;
        kept.standing.rows[n].cells.insert("ten".to_owned(), "Người khác sửa".to_owned());
    }
    let removed = kept.standing.rows.remove(2);
    let at = row(&book, &removed.id);
    set(&mut book, at, "ten", text("Còn dùng"));
    let plan = kept.compared(&book);
    assert_eq!(
        plan.rows.iter().map(|row| (row.id.as_deref(), row.clash)).collect::<Vec<_>>(),
        [(Some("r0"), true), (None, false)]
    );
    let notes: Vec<&str> = plan.notes.iter().map(|note| note.key).collect();
    assert_eq!(notes, ["reporting-import-row-removed-here", "reporting-import-row-kept"]);
}

#[test]
fn wrong_cells_of_a_row_are_named_and_the_row_stays() {
    let kept = works(1);
    let mut book = kept.book();
    let at = row(&book, "r0");
    set(&mut book, at, "hinhthuc", text("Tự phát"));
    set(&mut book, at, "tongmuc", What::Day("2026-01-02".to_owned()));
    set(&mut book, 30, "ten", What::Failed("#N/A".to_owned()));
    let plan = kept.compared(&book);
    assert_eq!(plan.rows, []);
    let keys: Vec<&str> = plan.problems.iter().map(|note| note.key).collect();
    assert_eq!(
        keys,
        ["reporting-import-no-choice", "reporting-import-date", "reporting-import-failed"]
    );
}

#[test]
fn days_go_as_dates_and_come_back_as_days() {
    let mut kept = works(1);
    let (code, section) = kept
        .form
        .sections
        .iter()
        .find_map(|section| match &section.body {
            SectionBody::Rows(table) => {
                let found = table
                    .columns
                    .iter()
                    .find(|one| one.kind == crate::model::form::ColumnKind::Day);
                found.map(|one| (one.code.clone(), section.code.clone()))
            }
            _ => None,
        })
        .expect("a column of days");
    assert_eq!(section, "congtrinh");
    kept.standing.rows[0].cells.insert(code.clone(), "2026-02-28".to_owned());
    let mut book = kept.book();
    let at = row(&book, "r0");
    let (index, c) = (sheet(&book), column(&book, &code));
    assert_eq!(book.grids[index].cells[&(at, c)].what, What::Day("2026-02-28".to_owned()));
    assert!(!kept.compared(&book).is_ready());
    set(&mut book, at, &code, text("01/03/2026"));
    assert_eq!(kept.compared(&book).rows[0].new.as_ref().expect("cells")[&code], "2026-03-01");
    set(&mut book, at, &code, text("31/02/2026"));
    assert_eq!(kept.compared(&book).problems[0].key, "reporting-import-not-a-day");
}

#[test]
fn ten_thousand_rows_go_and_come_back() {
    let mut kept = works(10_000);
    for section in &mut kept.form.sections {
        if let SectionBody::Rows(table) = &mut section.body {
            table.max_rows = 10_000;
        }
    }
    let mut book = kept.book();
    assert!(!kept.compared(&book).is_ready());
    set(&mut book, 20_000, "ten", text("Một dòng quá nhiều"));
    let plan = kept.compared(&book);
    assert_eq!(
        plan.problems.iter().map(|note| note.key).collect::<Vec<_>>(),
        ["reporting-import-too-many-rows"]
    );
}
