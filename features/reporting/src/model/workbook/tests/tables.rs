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
                ("diadiem".to_owned(), "Thôn Nà Pài".to_owned()),
                ("chudautu".to_owned(), "Ủy ban nhân dân xã".to_owned()),
                ("tinhtrang".to_owned(), "dang".to_owned()),
                ("hinhthuc".to_owned(), "dautu".to_owned()),
                ("tongmuc".to_owned(), "1234.567".to_owned()),
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
    let first = column(&book, "ma");
    assert_eq!(told(&plan.problems), [format!("{} import-row-needs", address(40, first))]);
    assert_eq!(
        plan.problems[0].args[0].1,
        "“Mã công trình, hoạt động”, “Thuộc nội dung thành phần”, “Địa điểm (thôn, xã)”, “Chủ đầu tư”, “Tình trạng”"
    );
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
    assert_eq!(new(0)["tongmuc"], "1500.5");
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
        [
            "reporting-import-no-choice",
            "reporting-import-date",
            "reporting-import-failed",
            "reporting-import-row-not-added"
        ]
    );
    assert_eq!(plan.problems[3].args, [("row", "31".to_owned())]);
}

/// A row with something in every required column.
fn add(book: &mut Book, row: u32, name: &str) {
    for (code, what) in [
        ("ma", "CT 9"),
        ("ten", name),
        ("noidung", "1719.da4"),
        ("diadiem", "Thôn Nà Pài"),
        ("chudautu", "Ủy ban nhân dân xã"),
        ("tinhtrang", "Đang thực hiện"),
    ] {
        set(book, row, code, text(what));
    }
}

#[test]
fn one_unreadable_cell_takes_no_other_cell_of_its_row_with_it() {
    let kept = works(1);
    let mut book = kept.book();
    let at = row(&book, "r0");
    set(&mut book, at, "tongmuc", What::Number(7.5));
    set(&mut book, at, "khoicong", text("tháng 10"));
    add(&mut book, 30, "Nhà văn hóa");
    set(&mut book, 30, "khoicong", text("tháng 11"));
    set(&mut book, 30, "huongloi", What::Number(120.0));
    let day = column(&book, "khoicong");
    let plan = kept.compared(&book);
    let wanted = [at, 30].map(|row| format!("{} import-not-a-day", address(row, day))).to_vec();
    assert_eq!(told(&plan.problems), wanted);
    let new = |n: usize| plan.rows[n].new.clone().expect("cells");
    assert_eq!((plan.rows.len(), new(0)["tongmuc"].as_str()), (2, "7.5"));
    assert_eq!((new(1)["ten"].as_str(), new(1)["huongloi"].as_str()), ("Nhà văn hóa", "120"));
    assert!(!new(1).contains_key("khoicong"));
    // The rest of the file is recorded, somebody mends the cell and brings the file once more.
    let mut later = works(1);
    later.standing.rows[0].cells = new(0);
    let fresh = StandingRow {
        id: "n".to_owned(),
        cells: new(1),
        version: 1,
        ..later.standing.rows[0].clone()
    };
    later.standing.rows.push(fresh);
    let plan = later.compared(&book);
    assert_eq!(
        (plan.rows.len(), told(&plan.problems).len()),
        (0, 2),
        "nothing stands twice: {plan:?}"
    );
    set(&mut book, 30, "khoicong", text("05/11/2026"));
    let plan = later.compared(&book);
    let one = &plan.rows[0];
    assert_eq!((plan.rows.len(), one.id.as_deref(), one.base), (1, Some("n"), 1));
    assert_eq!(one.new.as_ref().expect("cells")["khoicong"], "2026-11-05");
    assert!(plan.notes.iter().any(|note| note.key == "reporting-import-row-again"));
    // Another row of the same kind is another row.
    set(&mut book, 30, "ten", text("Nhà văn hóa thứ hai"));
    assert_eq!(later.compared(&book).rows[0].id, None);
}

#[test]
fn a_row_that_somebody_else_changed_is_left_whole_when_a_cell_of_the_file_is_unreadable() {
    let mut kept = works(1);
    let mut book = kept.book();
    let at = row(&book, "r0");
    set(&mut book, at, "tongmuc", text("nhiều"));
    kept.standing.rows[0].version = 3;
    kept.standing.rows[0].cells.insert("ten".to_owned(), "Người khác sửa".to_owned());
    let plan = kept.compared(&book);
    assert_eq!(plan.rows, []);
    let keys: Vec<&str> = plan.problems.iter().map(|note| note.key).collect();
    assert_eq!(keys, ["reporting-amount-not-number", "reporting-import-row-left"]);
}

#[test]
fn required_cells_and_negative_numbers_are_told_where_they_stand() {
    let kept = works(2);
    let mut book = kept.book();
    let at = row(&book, "r0");
    let name = column(&book, "ten");
    let index = sheet(&book);
    book.grids[index].cells.remove(&(at, name));
    set(&mut book, at, "tongmuc", What::Number(9.0));
    add(&mut book, 30, "Nhà văn hóa");
    set(&mut book, 30, "tongmuc", What::Number(-5.0));
    set(&mut book, 30, "khdn", text("-3 triệu"));
    set(&mut book, 30, "huongloi", text("2 triệu"));
    book.grids[index].cells.remove(&(30, name));
    let plan = kept.compared(&book);
    let place = |row, code: &str| address(row, column(&book, code));
    let mut wanted = vec![
        format!("{} import-row-needs-kept", place(at, "ten")),
        format!("{} row-negative", place(30, "tongmuc")),
        format!("{} row-negative", place(30, "khdn")),
        format!("{} import-row-needs", place(30, "ten")),
    ];
    let scaled = place(30, "huongloi");
    let mut got = told(&plan.problems);
    assert!(got.iter().any(|one| one.starts_with(&scaled)), "{got:?}");
    got.retain(|one| !one.starts_with(&scaled));
    wanted.sort();
    got.sort();
    assert_eq!(got, wanted);
    let new = |n: usize| plan.rows[n].new.clone().expect("cells");
    assert_eq!((new(0)["ten"].as_str(), new(0)["tongmuc"].as_str()), ("Đường liên thôn số 0", "9"));
    assert_eq!(
        (new(1)["chudautu"].as_str(), new(1).contains_key("khdn")),
        ("Ủy ban nhân dân xã", false)
    );
}

#[test]
fn what_the_page_of_a_row_refuses_a_workbook_does_not_bring() {
    let kept = works(2);
    let mut book = kept.book();
    let at = row(&book, "r0");
    set(&mut book, at, "huongloi", What::Number(10.0));
    set(&mut book, at, "huongloinu", What::Number(20.0));
    set(&mut book, at, "khoiluong", What::Number(130.0));
    set(&mut book, at, "khoicong", What::Day("2062-01-05".to_owned()));
    let plan = kept.compared(&book);
    let place = |code: &str| address(at, column(&book, code));
    let wanted = [
        format!("{} row-too-much", place("khoiluong")),
        format!("{} row-over-whole", place("huongloinu")),
    ];
    assert_eq!(told(&plan.problems), wanted);
    assert_eq!(told(&plan.notes), [format!("{} row-far", place("khoicong"))]);
    let new = plan.rows[0].new.clone().expect("cells");
    assert_eq!((new["huongloi"].as_str(), new["khoicong"].as_str()), ("10", "2062-01-05"));
    assert!(!new.contains_key("huongloinu") && !new.contains_key("khoiluong"), "{new:?}");
    // What stood so before the file was made is not its fault.
    let mut stood = works(1);
    for (code, text) in [("huongloi", "10"), ("huongloinu", "20"), ("khoicong", "2062-01-05")] {
        stood.standing.rows[0].cells.insert(code.to_owned(), text.to_owned());
    }
    let mut book = stood.book();
    let at = row(&book, "r0");
    set(&mut book, at, "ten", text("Đường vào thôn"));
    let plan = stood.compared(&book);
    assert_eq!((told(&plan.problems), told(&plan.notes)), (vec![], vec![]));
    assert_eq!(plan.rows[0].new.clone().expect("cells")["huongloinu"], "20");
}

#[test]
fn a_table_without_its_hidden_column_keys_loses_no_row() {
    let kept = works(3);
    let mut book = kept.book();
    let index = sheet(&book);
    book.grids[index].cells.retain(|at, _| at.0 > 0 || at.1 == 0);
    let plan = kept.compared(&book);
    assert_eq!((told(&plan.problems), plan.rows.len()), (vec![" import-keys-gone".to_owned()], 0));
    let mut book = kept.book();
    let gone = column(&book, "quymo");
    book.grids[index].cells.retain(|at, _| at.1 != gone);
    let plan = kept.compared(&book);
    assert_eq!(
        (told(&plan.notes), plan.is_whole()),
        (vec![" import-column-lost".to_owned()], false)
    );
}

#[test]
fn numbers_are_stored_as_the_pages_store_them_and_shown_as_people_write_them() {
    let mut kept = works(2);
    // The page of a row stores 1,234 triệu so; an older workbook stored 2.000,5 triệu so.
    kept.standing.rows[0].cells.insert("tongmuc".to_owned(), "1.234".to_owned());
    kept.standing.rows[1].cells.insert("tongmuc".to_owned(), "2.000,5".to_owned());
    let book = kept.book();
    let number = |id: &str| {
        let at = (row(&book, id), column(&book, "tongmuc"));
        book.grids[sheet(&book)].cells[&at].what.clone()
    };
    assert_eq!((number("r0"), number("r1")), (What::Number(1.234), What::Number(2_000.5)));
    assert!(!kept.compared(&book).is_ready());
    let section = kept.form.sections.iter().find(|one| one.code == "congtrinh").expect("it");
    let SectionBody::Rows(table) = &section.body else { panic!("rows") };
    let shown = |code: &str, stored: &str| {
        let about = table.columns.iter().find(|one| one.code == code).expect("a column");
        kept.report().shown(about, stored)
    };
    assert_eq!(shown("tongmuc", "1234.5"), "1.234,5");
    assert_eq!(shown("hinhthuc", "congdong"), "Cộng đồng tự làm");
    assert_eq!(shown("khoicong", "2026-10-05"), "05/10/2026");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]
    #[test]
    fn any_row_survives_the_round_trip(
        amounts in proptest::collection::vec(-999_999_999_999_i64..=999_999_999_999, 3),
        words in proptest::collection::vec("[^\\p{C}]{0,30}", 3),
        printed in proptest::prelude::any::<bool>(),
    ) {
        let mut kept = works(3);
        for (row, (amount, words)) in kept.standing.rows.iter_mut().zip(amounts.iter().zip(&words)) {
            let plain = crate::model::amount::plain_amount(*amount, 3);
            let text = if printed { crate::model::amount::print_amount(*amount, 3) } else { plain };
            row.cells.insert("tongmuc".to_owned(), text);
            row.cells.insert("ghichu".to_owned(), kernel::text::tidy(words));
        }
        let plan = kept.compared(&kept.book());
        proptest::prop_assert!(!plan.is_ready() && plan.is_whole(), "{plan:?}");
    }
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
