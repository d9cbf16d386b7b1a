//! Files as they come: damaged, hostile, and saved by other programs.

use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::*;

/// The same archive with its files changed by name.
fn changed(bytes: &[u8], change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a file");
        let name = String::from_utf8(file.name_raw().to_vec()).expect("a name");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("text");
        out.start_file(name.as_str(), SimpleFileOptions::default()).expect("begun");
        out.write_all(change(&name, text).as_bytes()).expect("written");
    }
    out.finish().expect("finished").into_inner()
}

fn sheet(bytes: &[u8], change: impl Fn(String) -> String) -> Vec<u8> {
    changed(
        bytes,
        |name, text| {
            if name == "xl/worksheets/sheet1.xml" { change(text) } else { text }
        },
    )
}

/// Puts something else into a cell of the first sheet, keeping its style.
fn with_cell(bytes: &[u8], address: &str, kind: &str, inner: &str) -> Vec<u8> {
    sheet(bytes, |xml| {
        let start = xml.find(&format!("<c r=\"{address}\"")).expect("the cell");
        let style = xml[start..]
            .split("s=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a style");
        let rest = &xml[start..];
        let end = start
            + rest
                .find("</c>")
                .map_or(usize::MAX, |at| at + 4)
                .min(rest.find("/>").map_or(usize::MAX, |at| at + 2));
        format!(
            "{}<c r=\"{address}\" s=\"{style}\"{kind}>{inner}</c>{}",
            &xml[..start],
            &xml[end..]
        )
    })
}

fn at(book: &Book, cell: &str) -> String {
    let (grid, row, column) = place(book, cell);
    assert_eq!(grid, 0);
    address(row, column)
}

#[test]
fn what_spreadsheets_write_into_cells_is_read_as_they_mean_it() {
    let kept = Kept::filled();
    let bytes = kept.written();
    let cell = at(&kept.book(), "10.6");
    let cases = [
        ("", "<v>210</v>", Some(CellState::Value(210)), None),
        ("", "<f>SUM(A1:A9)</f><v>210</v>", Some(CellState::Value(210)), None),
        (" t=\"inlineStr\"", "<is><t>2.100</t></is>", Some(CellState::Value(2_100)), None),
        (
            " t=\"str\"",
            "<f>T(1)</f><v>KSL: mất sổ</v>",
            Some(CellState::NoData("mất sổ".to_owned())),
            None,
        ),
        (" t=\"e\"", "<f>1/0</f><v>#DIV/0!</v>", None, Some("reporting-import-failed")),
        (" t=\"b\"", "<v>1</v>", None, Some("reporting-import-true")),
        ("", "<v>1E+2</v>", Some(CellState::Value(100)), None),
        ("", "<v>1.7976931348623157E+308</v>", None, Some("reporting-amount-not-number")),
    ];
    for (kind, inner, state, problem) in cases {
        let file = with_cell(&bytes, &cell, kind, inner);
        let plan = kept.compared(&read(&file, Limits::REPORT).expect("read"));
        assert_eq!(plan.edits.first().and_then(|edit| edit.new.clone()), state, "{inner}");
        assert_eq!(plan.problems.first().map(|note| note.key), problem, "{inner}");
        assert!(plan.problems.iter().all(|note| note.at.address == cell));
        assert_eq!(
            plan.notes.iter().any(|note| note.key == "reporting-import-formula"),
            state.is_some() && inner.contains("<f>"),
            "{inner}"
        );
    }
}

#[test]
fn a_formula_without_its_result_is_a_problem_and_one_that_gives_nothing_empties_the_cell() {
    let kept = Kept::filled();
    let bytes = kept.written();
    let cell = at(&kept.book(), "10.6");
    for inner in ["<f>1+1</f><v></v>", "<f>1+1</f><v/>", "<f>1+1</f>"] {
        let plan = kept
            .compared(&read(&with_cell(&bytes, &cell, "", inner), Limits::REPORT).expect("read"));
        assert_eq!(told(&plan.problems), [format!("{cell} import-unsolved")], "{inner}");
        assert!(!plan.is_ready() && !plan.is_whole(), "{inner}");
    }
    let empty = with_cell(&bytes, &cell, " t=\"str\"", "<f>IF(1,\"\")</f><v></v>");
    let plan = kept.compared(&read(&empty, Limits::REPORT).expect("read"));
    assert_eq!(told(&plan.problems), Vec::<String>::new());
    assert_eq!(plan.edits.iter().map(|edit| edit.new.clone()).collect::<Vec<_>>(), [None]);
}

#[test]
fn days_counted_from_1904_are_the_same_days() {
    let kept = Kept::filled();
    let from_1904 = changed(&kept.written(), |name, text| {
        if name == "xl/workbook.xml" {
            text.replace("<workbookPr", "<workbookPr date1904=\"1\"")
        } else {
            text
        }
    });
    let book = read(&from_1904, Limits::REPORT).expect("read");
    assert!(book.from_1904);
    let plan = kept.compared(&book);
    assert_eq!(
        plan.notes.iter().map(|note| note.key).collect::<Vec<_>>(),
        ["reporting-import-1904"]
    );
    assert!(!plan.is_ready());
}

#[test]
fn merged_cells_are_seen_in_the_file() {
    let kept = Kept::filled();
    let (_, row, column) = place(&kept.book(), "10.6");
    let region = format!("{}:{}", address(row, column), address(row, column + 1));
    let merged = sheet(&kept.written(), |xml| {
        xml.replace(
            "</sheetData>",
            &format!(
                "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"{region}\"/></mergeCells>"
            ),
        )
    });
    let plan = kept.compared(&read(&merged, Limits::REPORT).expect("read"));
    assert_eq!(
        plan.problems.iter().map(|note| (note.key, note.args[0].1.clone())).collect::<Vec<_>>(),
        [("reporting-import-merged", region)]
    );
}

#[test]
fn what_costs_too_much_or_is_no_workbook_is_refused() {
    let refused = |bytes: &[u8]| read(bytes, Limits::REPORT).expect_err("refused");
    assert_eq!(refused(b""), Unreadable::NotAWorkbook);
    assert_eq!(refused(b"PK\x03\x04 and nothing"), Unreadable::NotAWorkbook);
    assert_eq!(refused(&[0xD0, 0xCF, 0x11, 0xE0, 0, 0]), Unreadable::OldOrEncrypted);
    let whole = Kept::filled().written();
    assert_eq!(refused(&whole[..whole.len() / 2]), Unreadable::NotAWorkbook);
    let small = Limits { cells: 20, ..Limits::REPORT };
    assert_eq!(read(&whole, small), Err(Unreadable::TooLarge));
    // A hundred megabytes of zeros in a hundred kilobytes.
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).expect("begun");
    for _ in 0..100 {
        bomb.write_all(&vec![b' '; 1 << 20]).expect("written");
    }
    let bomb = bomb.finish().expect("finished").into_inner();
    assert!(bomb.len() < 200_000);
    assert_eq!(refused(&bomb), Unreadable::TooLarge);
    let mut odf = ZipWriter::new(Cursor::new(Vec::new()));
    odf.start_file("mimetype", SimpleFileOptions::default()).expect("begun");
    odf.write_all(b"application/vnd.oasis.opendocument.spreadsheet").expect("written");
    assert_eq!(refused(&odf.finish().expect("finished").into_inner()), Unreadable::OpenDocument);
    // A cell in the last corner of a sheet costs no more than any other.
    let corner = sheet(&whole, |xml| {
        xml.replace(
            "</sheetData>",
            "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>",
        )
    });
    assert_eq!(refused(&corner), Unreadable::TooLarge);
    let low = sheet(&whole, |xml| {
        xml.replace(
            "</sheetData>",
            "<row r=\"1048576\"><c r=\"B1048576\"><v>1</v></c></row></sheetData>",
        )
    });
    assert!(read(&low, Limits::REPORT).is_ok());
}

#[test]
fn the_file_is_protected_without_a_password_and_says_which_report_it_is() {
    let kept = Kept::filled();
    let seen = std::cell::RefCell::new(BTreeMap::new());
    changed(&kept.written(), |name, text| {
        seen.borrow_mut().insert(name.to_owned(), text.clone());
        text
    });
    let seen = seen.into_inner();
    let sheet = &seen["xl/worksheets/sheet1.xml"];
    assert!(sheet.contains("<sheetProtection sheet=\"1\"") && !sheet.contains("password"));
    assert!(sheet.contains("<dataValidation type=\"custom\""));
    assert!(
        seen["xl/workbook.xml"].contains("name=\"_nhipcau\"")
            && seen["xl/workbook.xml"].contains("veryHidden")
    );
    for part in ["nhipcau-period", "nd09q-2026-4", "nhipcau-form-version"] {
        assert!(seen["docProps/custom.xml"].contains(part), "{part}");
    }
    assert_eq!(kept.written(), kept.written(), "the same report is the same file");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_damaged_file_is_read_or_refused(cuts in prop::collection::vec((0.0_f64..1.0, any::<u8>()), 1..12)) {
        let kept = Kept::filled();
        let mut bytes = kept.written();
        for (place, byte) in cuts {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "any place will do")]
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] = byte;
        }
        if let Ok(book) = read(&bytes, Limits::REPORT) {
            let _ = kept.compared(&book);
        }
    }

    #[test]
    fn any_xml_in_a_sheet_is_read_or_refused(inner in "[<>/a-z0-9 =\"&;#]{0,80}") {
        let kept = Kept::filled();
        let bytes = sheet(&kept.written(), |xml| xml.replace("</sheetData>", &format!("{inner}</sheetData>")));
        if let Ok(book) = read(&bytes, Limits::REPORT) {
            let _ = kept.compared(&book);
        }
    }

    #[test]
    fn any_figures_survive_the_round_trip(amounts in prop::collection::vec(-999_999_999_999_i64..=999_999_999_999, 7)) {
        let mut kept = Kept::filled();
        for (stands, amount) in kept.standing.cells.values_mut().zip(amounts) {
            stands.state = CellState::Value(amount);
        }
        let plan = kept.compared(&kept.book());
        prop_assert!(!plan.is_ready() && plan.problems.is_empty(), "{plan:?}");
    }
}
