//! Figures: there and back, moved about, typed in every way.

use super::*;

#[test]
fn a_workbook_that_nobody_touched_changes_nothing() {
    let kept = Kept::filled();
    let book = kept.book();
    let plan = kept.compared(&book);
    assert_eq!(
        (plan.refused.clone(), told(&plan.problems), told(&plan.notes)),
        (None, vec![], vec![])
    );
    assert!(!plan.is_ready(), "{plan:?}");
    // 11 open cells, the one that explains another, and the narrative.
    let cells: usize = kept.form.tables().map(|(_, table)| table.cells().len()).sum();
    assert_eq!(plan.unchanged, cells + 2);
}

#[test]
fn every_state_is_read_back_as_it_stands() {
    let kept = Kept::filled();
    let book = kept.book();
    for (key, stands) in &kept.standing.cells {
        let (grid, row, column) = place(&book, &key.text());
        let element = &kept.elements[&key.element];
        let unit = crate::model::amount::unit(&element.unit).expect("a unit");
        let seen = &book.grids[grid].cells[&(row, column)];
        let read = read_state(seen, unit, element.decimals).expect("a state");
        assert_eq!(read.state, stands.state, "{}", key.text());
    }
    let (grid, row, column) = place(&book, "10.6");
    let before = book.grids[grid].cells.get(&(row, column + 3)).expect("the period before");
    assert_eq!(before.what, What::Number(176.0));
    let printed: Vec<String> = book.grids[grid].cells.values().map(Seen::text).collect();
    for text in [
        "Kỳ báo cáo: Quý IV/2026 (15/9 – 14/12/2026) – số chính thức",
        "Hạn gửi: 20/12/2026",
        "Đơn vị báo cáo: Xã Phủ Thông, tỉnh Thái Nguyên",
    ] {
        assert!(printed.iter().any(|one| one == text), "{text}");
    }
}

#[test]
fn what_is_typed_is_a_change_on_the_version_that_was_seen() {
    let kept = Kept::filled();
    let mut book = kept.book();
    put(&mut book, "10.6", What::Number(210.0));
    put_text(&mut book, "10.2:gt=nu", "KPS: không có nữ tham gia");
    put(&mut book, "10.3a", What::Number(6.0));
    let (grid, row, column) = place(&book, "10.6kp");
    book.grids[grid].cells.remove(&(row, column));
    let plan = kept.compared(&book);
    assert_eq!((told(&plan.problems), told(&plan.notes)), (vec![], vec![]));
    let edits: Vec<_> = plan
        .edits
        .iter()
        .map(|edit| (edit.key.text(), edit.base, edit.new.clone(), edit.clash))
        .collect();
    let nil = CellState::Nil("không có nữ tham gia".to_owned());
    assert_eq!(
        edits,
        [
            ("10.6".to_owned(), 3, Some(CellState::Value(210)), false),
            ("10.3a".to_owned(), 5, Some(CellState::Value(6)), false),
            ("10.2:gt=nu".to_owned(), 0, Some(nil), false),
            ("10.6kp".to_owned(), 7, None, false),
        ]
    );
}

#[test]
fn rows_and_columns_that_were_moved_are_followed_by_their_hidden_keys() {
    let kept = Kept::filled();
    let mut book = kept.book();
    put(&mut book, "10.6", What::Number(210.0));
    put(&mut book, "10.2", What::Number(12.0));
    let whole = kept.compared(&book).edits;
    let (grid, ..) = place(&book, "10.6");
    // A column is put in before the hidden one, two rows above everything, and the table is turned upside down.
    let cells = std::mem::take(&mut book.grids[grid].cells);
    let head =
        cells.iter().find(|(at, seen)| at.1 == 0 && seen.text() == "#").expect("headings").0.0;
    let last = cells.keys().map(|at| at.0).max().expect("rows");
    let turned = |row: u32| if row > head { head + 1 + last - row } else { row };
    book.grids[grid].cells =
        cells.into_iter().map(|((r, c), seen)| ((turned(r) + 2, c + 1), seen)).collect();
    book.grids[grid].name = "Đổi tên".to_owned();
    let mut moved = kept.compared(&book);
    assert_eq!((told(&moved.problems), told(&moved.notes)), (vec![], vec![]));
    moved.edits.sort_by(|a, b| a.key.cmp(&b.key));
    let mut whole = whole;
    whole.sort_by(|a, b| a.key.cmp(&b.key));
    let said = |edits: &[PlannedEdit]| {
        edits.iter().map(|edit| (edit.key.clone(), edit.base, edit.new.clone())).collect::<Vec<_>>()
    };
    assert_eq!(said(&moved.edits), said(&whole));
    assert_eq!(moved.edits[0].at.sheet, "Đổi tên");
}

#[test]
fn every_wrong_cell_is_named_and_keeps_its_figure() {
    let kept = Kept::filled();
    let mut book = kept.book();
    let (grid, row, column) = place(&book, "10.6");
    put_text(&mut book, "10.6", "nhiều");
    put(&mut book, "10.6:gt=nu", What::Day("2026-05-12".to_owned()));
    put(&mut book, "10.6:dtts=dtts", What::Failed("#REF!".to_owned()));
    put_text(&mut book, "10.2", "-");
    put(&mut book, "10.3b", What::Number(12.5));
    let (_, kinh_phi, at) = place(&book, "10.6kp");
    put(&mut book, "10.6kp", What::Number(306.0));
    book.grids[grid]
        .cells
        .insert((kinh_phi, 3), Seen { what: What::Text("tỷ đồng".to_owned()), formula: false });
    let (_, merged, _) = place(&book, "10.5a");
    book.grids[grid].merged = vec![((merged, at), (merged + 1, at))];
    put_text(&mut book, "10.3a", "3-5");
    let stray = book.grids[grid].cells.keys().map(|at| at.0).max().expect("rows") + 1;
    book.grids[grid]
        .cells
        .insert((stray, column), Seen { what: What::Number(9.0), formula: false });
    let plan = kept.compared(&book);
    assert_eq!(plan.edits, []);
    let cell = |row, column| address(row, column);
    let (_, dtts, dtts_at) = place(&book, "10.6:dtts=dtts");
    let (_, r2, c2) = place(&book, "10.2");
    let (_, r3b, c3b) = place(&book, "10.3b");
    let (_, r3a, c3a) = place(&book, "10.3a");
    let mut wanted = vec![
        format!("{} amount-not-number", cell(row, column)),
        format!("{} import-date", cell(row, column + 1)),
        format!("{} import-failed", cell(dtts, dtts_at)),
        format!("{} import-reason", cell(r2, c2)),
        format!("{} amount-whole", cell(r3b, c3b)),
        format!("{} import-unit", cell(kinh_phi, 3)),
        format!("{} import-merged", cell(merged, at)),
        format!("{} amount-range", cell(r3a, c3a)),
        format!("{} import-stranger", cell(stray, column)),
    ];
    wanted.sort();
    let mut got = told(&plan.problems);
    got.sort();
    assert_eq!(got, wanted);
}

#[test]
fn how_a_figure_was_understood_is_said_beside_it() {
    let kept = Kept::filled();
    let mut book = kept.book();
    put_text(&mut book, "10.6", "１.２３４");
    put_text(&mut book, "10.6kp", "0,3065 tỷ");
    let (grid, row, column) = place(&book, "10.3a");
    book.grids[grid].cells.insert((row, column), Seen { what: What::Number(6.0), formula: true });
    let plan = kept.compared(&book);
    let notes: Vec<(&str, &str)> =
        plan.notes.iter().map(|note| (note.key, note.args[0].1.as_str())).collect();
    assert_eq!(told(&plan.problems), Vec::<String>::new());
    assert!(notes.contains(&("reporting-import-text", "1.234")), "{notes:?}");
    assert!(notes.contains(&("reporting-import-formula", "6")), "{notes:?}");
    assert!(notes.iter().any(|note| note.0 == "reporting-import-restated"), "{notes:?}");
    assert_eq!(plan.edits.len(), 3);
}

#[test]
fn a_row_that_is_gone_keeps_its_figures_and_a_row_told_twice_is_a_problem() {
    let kept = Kept::filled();
    let mut book = kept.book();
    let (grid, row, column) = place(&book, "10.6");
    let copied: Vec<_> = book.grids[grid]
        .cells
        .range((row, 0)..(row + 1, 0))
        .map(|(at, seen)| (*at, seen.clone()))
        .collect();
    let (_, gone, _) = place(&book, "10.2");
    book.grids[grid].cells.retain(|at, _| at.0 != gone);
    for ((_, c), seen) in copied {
        book.grids[grid].cells.insert((90, c), seen);
    }
    let plan = kept.compared(&book);
    assert_eq!(told(&plan.problems), Vec::<String>::new(), "the copy says the same");
    assert_eq!(
        plan.notes.iter().map(|note| note.key).collect::<Vec<_>>(),
        ["reporting-import-row-gone"]
    );
    book.grids[grid].cells.insert((90, column), Seen { what: What::Number(1.0), formula: false });
    let plan = kept.compared(&book);
    assert_eq!(told(&plan.problems), [format!("{} import-row-twice", address(90, column))]);
    assert_eq!(plan.edits, []);
}

#[test]
fn what_somebody_changed_meanwhile_clashes_and_what_was_left_alone_does_not() {
    let mut kept = Kept::filled();
    let mut book = kept.book();
    put(&mut book, "10.6", What::Number(210.0));
    for cell in ["10.6", "10.2"] {
        let stands = Stands { state: CellState::Value(500), version: 9, foreign: false };
        kept.standing.cells.insert(key(cell), stands);
    }
    kept.standing.words.insert("khokhan".to_owned(), ("Đã viết lại.".to_owned(), 3));
    let plan = kept.compared(&book);
    let edits: Vec<_> =
        plan.edits.iter().map(|edit| (edit.key.text(), edit.base, edit.clash)).collect();
    assert_eq!(edits, [("10.6".to_owned(), 3, true)]);
    assert_eq!(plan.words, []);
}

#[test]
fn words_are_read_back_and_bounded() {
    let kept = Kept::filled();
    let mut book = kept.book();
    let grid =
        book.grids.iter().position(|grid| grid.text(0, 0) == "nhipcau:khokhan").expect("a sheet");
    let at = *book.grids[grid]
        .cells
        .iter()
        .find(|(at, seen)| at.0 > 0 && seen.text() == "words")
        .expect("a row")
        .0;
    book.grids[grid].cells.insert(
        (at.0, 1),
        Seen { what: What::Text("Mưa lũ.\r\nĐường xa.".to_owned()), formula: false },
    );
    let plan = kept.compared(&book);
    assert_eq!((plan.words[0].words.as_str(), plan.words[0].base), ("Mưa lũ.\nĐường xa.", 2));
    book.grids[grid]
        .cells
        .insert((at.0, 1), Seen { what: What::Text("ơ".repeat(2_001)), formula: false });
    let plan = kept.compared(&book);
    assert_eq!((plan.words.len(), plan.problems[0].key), (0, "reporting-import-words-long"));
}

#[test]
fn a_file_of_another_report_is_refused_and_says_of_which() {
    type Change = fn(&mut Stamp);
    let kept = Kept::filled();
    let book = kept.book();
    let changes: [(Change, &str); 5] = [
        (|stamp| stamp.period = "nd09q-2026-3".to_owned(), "reporting-import-other-period"),
        (|stamp| stamp.area = "01942.2025".to_owned(), "reporting-import-other-area"),
        (|stamp| stamp.life = Life::Estimate, "reporting-import-other-life"),
        (|stamp| stamp.dataset = "bm-03".to_owned(), "reporting-import-other-dataset"),
        (|stamp| stamp.form_version = 7, "reporting-import-unknown-version"),
    ];
    for (change, wanted) in changes {
        let mut other = Kept::filled();
        change(&mut other.stamp);
        let refused = kept.compared(&other.book()).refused.expect("refused");
        assert_eq!(refused.key, wanted);
        if wanted == "reporting-import-other-dataset" {
            let said: Vec<&str> = refused.args.iter().map(|arg| arg.1.as_str()).collect();
            assert_eq!(
                said,
                [title_of("bm-03").expect("a title").as_str(), "Điểm hỗ trợ và tuyên truyền"]
            );
        }
    }
    let mut strange = book.clone();
    strange.grids.retain(|grid| grid.text(0, 0) != "nhipcau-workbook");
    assert_eq!(
        kept.compared(&strange).refused.expect("refused").key,
        "reporting-import-no-template"
    );
}

#[test]
fn a_form_in_another_version_is_followed_by_concept() {
    let old = Kept::filled();
    let mut book = old.book();
    put(&mut book, "10.6", What::Number(210.0));
    put(&mut book, "10.2", What::Number(12.0));
    let mut new = Kept::filled();
    (new.form.version, new.stamp.form_version) = (2, 2);
    for section in &mut new.form.sections {
        if let crate::model::form::SectionBody::Table(table) = &mut section.body {
            table
                .rows
                .retain(|row| row.element.as_ref().is_none_or(|code| code.as_str() != "10.2"));
            table.rows.reverse();
        }
    }
    let plan = new.compared(&book);
    assert_eq!(plan.edits.iter().map(|edit| edit.key.text()).collect::<Vec<_>>(), ["10.6"]);
    assert!(plan.notes.iter().any(|note| note.key == "reporting-import-other-version"));
    assert!(
        plan.problems.iter().any(|note| note.key == "reporting-import-not-asked"),
        "{:?}",
        plan.problems
    );
}

#[test]
fn a_missing_sheet_is_said_and_changes_nothing() {
    let kept = Kept::filled();
    let mut book = kept.book();
    book.grids.retain(|grid| grid.text(0, 0) != "nhipcau:solieu");
    let plan = kept.compared(&book);
    assert!(!plan.is_ready() && !plan.is_whole());
    assert_eq!(told(&plan.problems), [" import-sheet-missing"]);
    assert_eq!(plan.problems[0].args, [("sheet", "Số liệu trong quý".to_owned())]);
}

#[test]
fn a_sheet_without_its_hidden_keys_is_named_and_nothing_is_said_to_be_the_same() {
    let kept = Kept::filled();
    let mut book = kept.book();
    put(&mut book, "10.6", What::Number(210.0));
    let (grid, ..) = place(&book, "10.6");
    let cells = std::mem::take(&mut book.grids[grid].cells);
    let whole = book.clone();
    let without_column = cells.iter().filter(|(at, _)| at.1 > 0);
    book.grids[grid].cells =
        without_column.map(|((r, c), seen)| ((*r, c - 1), seen.clone())).collect();
    for name in [book.grids[grid].name.clone(), "Đổi tên".to_owned()] {
        book.grids[grid].name.clone_from(&name);
        let plan = kept.compared(&book);
        assert!(!plan.is_ready() && !plan.is_whole());
        assert_eq!(told(&plan.problems), [" import-keys-gone"]);
        assert_eq!(plan.problems[0].at.sheet, name);
    }
    let mut book = whole;
    let without_row = cells.iter().filter(|(at, _)| at.0 > 0);
    book.grids[grid].cells =
        without_row.map(|((r, c), seen)| ((r - 1, *c), seen.clone())).collect();
    assert_eq!(told(&kept.compared(&book).problems), [" import-keys-gone"]);
}

#[test]
fn what_is_in_the_file_and_in_no_form_is_said() {
    let kept = Kept::filled();
    let mut book = kept.book();
    let own = Grid {
        name: "Tính nháp".to_owned(),
        cells: BTreeMap::from([((3, 2), Seen { what: What::Number(5.0), formula: false })]),
        ..Grid::default()
    };
    book.grids.push(own);
    let plan = kept.compared(&book);
    assert_eq!(told(&plan.notes), [" import-sheet-strange"]);
    assert!(!plan.is_whole());
    assert!(kept.compared(&kept.book()).is_whole(), "what nobody touched is whole");
}

#[test]
fn a_cell_that_explains_another_is_called_by_names() {
    let mut kept = Kept::filled();
    let stands = |amount| Stands { state: CellState::Value(amount), version: 1, foreign: false };
    kept.standing.cells.insert(key("10.6:dt=dao"), stands(5));
    kept.standing.cells.insert(key("10.6:dt=tay,gt=nu"), stands(4));
    let mut book = kept.book();
    let printed: Vec<String> = book
        .grids
        .iter()
        .filter(|grid| !grid.name.starts_with('_'))
        .flat_map(|grid| grid.cells.iter().filter(|(at, _)| at.1 == 2).map(|(_, seen)| seen.text()))
        .collect();
    assert!(printed.iter().any(|text| text == "trong đó: dân tộc Dao"), "{printed:?}");
    assert!(
        printed.iter().any(|text| text == "trong đó: dân tộc Tày"),
        "nữ is the column's: {printed:?}"
    );
    assert!(printed.iter().all(|text| !text.contains("dt=")), "{printed:?}");
    put(&mut book, "10.6:dt=dao", What::Number(6.0));
    let plan = kept.compared(&book);
    assert!(plan.edits[0].label.ends_with(" – dân tộc Dao"), "{}", plan.edits[0].label);
    let words = |text: &str| kept.report().coords_words(&key(text).coords, &Coords::total());
    assert_eq!(words("10.6:dtts=kinh"), "Kinh");
    assert_eq!(words("10.6:dtts=dtts,gt=nu"), "Dân tộc thiểu số · giới tính Nữ");
}

#[test]
fn a_text_that_names_no_cell_is_refused() {
    let kept = Kept::filled();
    let is_cell = |key: &CellKey| kept.elements.contains_key(&key.element);
    let ask = Ask { knows_form: &|_| true, is_cell: &is_cell, title: &title_of };
    for text in ["", "Kính gửi Ủy ban nhân dân tỉnh", "Một\nhai\nba, bốn\n"] {
        let plan = compare_pairs(text.as_bytes(), &kept.report(), ask);
        assert_eq!(plan.refused.expect("refused").key, "reporting-import-no-lines", "{text}");
    }
}

#[test]
fn plain_lines_of_cells_and_values_are_read_too() {
    let kept = Kept::filled();
    let is_cell = |key: &CellKey| kept.elements.contains_key(&key.element);
    let ask = Ask { knows_form: &|_| true, is_cell: &is_cell, title: &title_of };
    let look = |text: &str| compare_pairs(text.as_bytes(), &kept.report(), ask);
    let text = "\u{feff}Mã ô;Giá trị;Lý do\r\n10.6;210\r\n10.6:dt=tay,nn=vi;3\r\n10.6:gt=nu;0\r\n10.3b;-;không tổ chức\r\n10.3a;6 cuộc\r\n99.9;1\r\n10.6;211\r\n10.2;nhiều\r\n";
    let plan = look(text);
    let edits: Vec<_> = plan
        .edits
        .iter()
        .map(|edit| (edit.at.address.as_str(), edit.key.text(), edit.base))
        .collect();
    assert_eq!(edits.first(), Some(&("2", "10.6".to_owned(), 3)));
    assert!(edits.contains(&("5", "10.3b".to_owned(), 0)), "{edits:?}");
    assert_eq!(plan.unchanged, 1, "a zero that stands");
    let problems = told(&plan.problems);
    for wanted in ["7 import-no-such-cell", "8 import-cell-twice", "9 amount-not-number"] {
        assert!(problems.iter().any(|one| one == wanted), "{wanted}: {problems:?}");
    }
    assert_eq!(look("10.6\t210\n10.2\tKPS: nghỉ").edits.len(), 2);
    let plan = compare_pairs(&[0xC3, 0x28], &kept.report(), ask);
    assert_eq!(plan.refused.expect("refused").key, "reporting-import-not-unicode");
}
