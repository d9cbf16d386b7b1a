//! Tables that people bring: CSV, TSV and XLSX read into rows of text, each cell with the address that its
//! owner sees in the spreadsheet. What the columns mean is told by the feature that reads them.
//!
//! Everything about a file is hostile: its size unpacked is counted while unpacking, not believed.

use std::io::{Cursor, Read};

use calamine::{Data, DataRef, Reader, Style, Xlsx};
use thiserror::Error;

use crate::text::fold;

/// What a file may cost. Beyond any of these it is refused before more is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the upload.
    pub file_bytes: usize,
    /// Bytes once unpacked (an XLSX file is a ZIP archive).
    pub unpacked_bytes: u64,
    /// Rows below the headings.
    pub rows: usize,
    /// Columns that are looked at.
    pub columns: usize,
}

/// More files than any workbook of a person has inside.
const ENTRIES_MAX: usize = 1_000;

impl Limits {
    /// Enough for every commune of the country with all that is said of it.
    pub const TABLE: Self =
        Self { file_bytes: 8 << 20, unpacked_bytes: 96 << 20, rows: 60_000, columns: 120 };
}

/// Why a file is no table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SheetProblem {
    /// More bytes, rows or columns than [`Limits`] allow.
    #[error("the table is larger than is read here")]
    TooLarge,
    /// Neither text nor an XLSX file; old `.xls` files end here too.
    #[error("the file is not a table")]
    NotATable,
    /// Text in an encoding other than UTF-8 and UTF-16.
    #[error("the text is not Unicode")]
    NotUnicode,
    /// There is nothing in it.
    #[error("the table is empty")]
    Empty,
}

/// A table: its headings and the rows below, blank rows left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    headings: Vec<String>,
    rows: Vec<SheetRow>,
}

/// How a file holds what stands in a cell. Text files hold text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Held {
    /// As somebody wrote it.
    #[default]
    Text,
    /// A number: written with a point before its decimals, however it is shown.
    Number,
    /// A number that is shown as a percentage: `0.75` where people see *75 %*.
    Share,
}

/// One row, with the number that a spreadsheet shows beside it (the first row is 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetRow {
    /// As the spreadsheet numbers it.
    pub number: u32,
    cells: Vec<String>,
    /// How the cells are held; text beyond the last one.
    held: Vec<Held>,
}

impl SheetRow {
    /// The text of a cell, trimmed; empty beyond the last one.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// How the file holds a cell.
    pub fn held(&self, column: usize) -> Held {
        self.held.get(column).copied().unwrap_or_default()
    }

    /// The address of a cell as a spreadsheet writes it: `C12`.
    pub fn address(&self, column: usize) -> String {
        format!("{}{}", column_letters(column), self.number)
    }
}

/// The letters above a column, counted from 0: `A`, `Z`, `AA`.
pub fn column_letters(column: usize) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    match column / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", column_letters(before - 1)),
    }
}

impl Sheet {
    /// Reads a file by its content, whatever its name says. Of an XLSX file the first sheet is read.
    pub fn read(bytes: &[u8], limits: Limits) -> Result<Self, SheetProblem> {
        if bytes.len() > limits.file_bytes {
            return Err(SheetProblem::TooLarge);
        }
        let rows = if bytes.starts_with(b"PK\x03\x04") {
            xlsx_rows(bytes, limits)?
        } else {
            text_rows(&unicode(bytes)?, limits)?
        };
        let mut rows = rows.into_iter().filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        let headings = rows.next().ok_or(SheetProblem::Empty)?.cells;
        let rows: Vec<SheetRow> = rows.collect();
        if rows.len() > limits.rows || headings.len() > limits.columns {
            return Err(SheetProblem::TooLarge);
        }
        Ok(Self { headings, rows })
    }

    /// The headings as written.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The rows below the headings.
    pub fn rows(&self) -> &[SheetRow] {
        &self.rows
    }

    /// The column under any of these headings; case, diacritics and punctuation aside.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        let wanted: Vec<String> = names.iter().map(|name| plain(name)).collect();
        self.headings.iter().position(|heading| wanted.contains(&plain(heading)))
    }
}

fn plain(heading: &str) -> String {
    fold(&heading.replace('_', " "))
}

/// UTF-8 with or without its mark, or the UTF-16 that spreadsheets call "Unicode text".
fn unicode(bytes: &[u8]) -> Result<String, SheetProblem> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        odd.is_empty().then(|| String::from_utf16(&units).ok()).flatten()
    };
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        // The old binary format of Excel, so that its owner is not told about encodings.
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(SheetProblem::NotATable),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    };
    let text = text.ok_or(SheetProblem::NotUnicode)?;
    if text.contains('\0') { Err(SheetProblem::NotATable) } else { Ok(text) }
}

fn text_rows(text: &str, limits: Limits) -> Result<Vec<SheetRow>, SheetProblem> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut rows: Vec<SheetRow> = Vec::new();
    let mut number = 0_u32;
    for record in reader.records() {
        let record = record.map_err(|_| SheetProblem::NotATable)?;
        if rows.len() > limits.rows || record.len() > limits.columns {
            return Err(SheetProblem::TooLarge);
        }
        let start = record.position().map_or(0, csv::Position::byte);
        number = number.saturating_add(1 + blank_lines(text, start));
        rows.push(SheetRow {
            number,
            cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
            held: Vec::new(),
        });
    }
    Ok(rows)
}

/// The empty lines from a place between two records on: a spreadsheet shows each as a row.
fn blank_lines(text: &str, start: u64) -> u32 {
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(text.len());
    let (before, rest) = text.as_bytes().split_at(start);
    // The reader stops between the two bytes that end a line on Windows.
    let rest =
        if before.ends_with(b"\r") { rest.strip_prefix(b"\n").unwrap_or(rest) } else { rest };
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    u32::try_from(ends.filter(|byte| **byte == b'\n').count()).unwrap_or(0)
}

/// The separator seen most in the first line; a Vietnamese Excel writes semicolons.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let seen = |mark: u8| first.bytes().filter(|byte| *byte == mark).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|mark| seen(*mark)).unwrap_or(b',')
}

fn xlsx_rows(bytes: &[u8], limits: Limits) -> Result<Vec<SheetRow>, SheetProblem> {
    check_unpacked(bytes, limits.unpacked_bytes, ENTRIES_MAX)?;
    let broken = |_| SheetProblem::NotATable;
    let mut book: Xlsx<Cursor<&[u8]>> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let first = book.sheet_names().first().cloned().ok_or(SheetProblem::Empty)?;
    let mut cells = book.worksheet_cells_reader(&first).map_err(broken)?;
    let mut rows: Vec<SheetRow> = Vec::new();
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(broken)? {
        let (row, column) = cell.get_position();
        let number = row.saturating_add(1);
        let data = Data::from(DataRef::clone(cell.get_value()));
        let text = cell_text(&data);
        if text.is_empty() {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= limits.columns {
            return Err(SheetProblem::TooLarge);
        }
        if rows.last().is_none_or(|last| last.number < number) {
            rows.push(SheetRow { number, cells: Vec::new(), held: Vec::new() });
        }
        if rows.len() > limits.rows + 1 {
            return Err(SheetProblem::TooLarge);
        }
        // Rows out of order come from no spreadsheet.
        let last = rows.last_mut().filter(|last| last.number == number);
        let row = last.ok_or(SheetProblem::NotATable)?;
        if row.cells.len() <= column {
            row.cells.resize(column + 1, String::new());
            row.held.resize(column + 1, Held::Text);
        }
        row.cells[column] = text;
        row.held[column] = match data {
            Data::Int(_) | Data::Float(_) if is_percentage(cells.styles().get(style)) => {
                Held::Share
            }
            Data::Int(_) | Data::Float(_) => Held::Number,
            _ => Held::Text,
        };
    }
    Ok(rows)
}

/// True when numbers are shown a hundred times as large with a percent sign; a sign that is only written beside
/// them (`0"%"`, `0\%`) changes nothing.
fn is_percentage(style: Option<&Style>) -> bool {
    let format = style.and_then(|style| style.number_format.as_ref());
    let Some(code) = format.map(|format| format.format_code.as_str()) else { return false };
    let (mut is_quoted, mut is_escaped) = (false, false);
    for c in code.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '"' => is_quoted = !is_quoted,
            '\\' | '_' | '*' if !is_quoted => is_escaped = true,
            '%' if !is_quoted => return true,
            _ => {}
        }
    }
    false
}

/// Unpacks everything once into nothing, so that an archive that lies about its size is known before
/// anything is kept of it. Gives the names of what is inside.
///
/// # Errors
/// When it is no archive, or has more than `entries` files or `limit` bytes in them.
pub fn check_unpacked(
    bytes: &[u8],
    limit: u64,
    entries: usize,
) -> Result<Vec<String>, SheetProblem> {
    let broken = |_| SheetProblem::NotATable;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > entries {
        return Err(SheetProblem::TooLarge);
    }
    let mut names = Vec::with_capacity(archive.len());
    let mut left = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        names.push(String::from_utf8_lossy(entry.name_raw()).into_owned());
        let read = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink())
            .map_err(|_| SheetProblem::NotATable)?;
        left = left.checked_sub(read).ok_or(SheetProblem::TooLarge)?;
    }
    Ok(names)
}

/// A cell as its owner means it: whole numbers without a point, dates as `YYYY-MM-DD`.
fn cell_text(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        // As the spreadsheet shows it (`#REF!`): a failed formula is not an empty cell.
        Data::Error(error) => error.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.trim().to_owned()
        }
        Data::Bool(yes) => yes.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::DateTime(when) => {
            let (year, month, day, ..) = when.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
    }
}

/// Entry for fuzzing: whatever comes in, a table or a problem comes out.
pub fn fuzz(bytes: &[u8]) {
    let _ = Sheet::read(bytes, Limits::TABLE);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Sheet {
        Sheet::read(text.as_bytes(), Limits::TABLE).expect("a table")
    }

    #[test]
    fn a_semicolon_table_with_a_mark_reads_like_a_comma_table() {
        let comma = read("Mã cũ,Tên\n00001,\"Ba Bể, cũ\"\n");
        let semicolon = read("\u{feff}Mã cũ;Tên\n00001;\"Ba Bể, cũ\"\n");
        assert_eq!(comma, semicolon);
        assert_eq!(comma.rows()[0].cell(1), "Ba Bể, cũ");
        assert_eq!(comma.rows()[0].cell(9), "");
    }

    #[test]
    fn utf_16_text_as_excel_saves_it_is_read() {
        let wide: Vec<u8> =
            "\u{feff}mã\ttên\n01\tHà Nội\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let sheet = Sheet::read(&wide, Limits::TABLE).expect("a table");
        assert_eq!(sheet.rows()[0].cell(1), "Hà Nội");
    }

    #[test]
    fn headings_are_found_without_marks_case_or_underscores() {
        let sheet = read("OLD_CODE,Mã đơn vị mới\n1,2\n");
        assert_eq!(sheet.column(&["old code"]), Some(0));
        assert_eq!(sheet.column(&["new_code", "ma don vi moi"]), Some(1));
        assert_eq!(sheet.column(&["tên"]), None);
    }

    #[test]
    fn line_numbers_count_blank_lines_as_the_spreadsheet_does() {
        let sheet = read("a,b\r\n\r\n\"1\r\none\",2\r\n,\r\n3,4\r\n");
        let numbers: Vec<u32> = sheet.rows().iter().map(|row| row.number).collect();
        assert_eq!(numbers, [3, 5]);
        assert_eq!(sheet.rows()[1].address(27), "AB5");
    }

    #[test]
    fn a_format_shows_a_percentage_unless_its_sign_is_only_written_beside() {
        let shown = |code: &str| {
            let mut style = Style::default();
            let mut format = calamine::NumberFormat::default();
            code.clone_into(&mut format.format_code);
            style.number_format = Some(format);
            is_percentage(Some(&style))
        };
        assert!(["0%", "0.00%", "0.0 %", "#,##0%;[Red]-0%"].into_iter().all(shown));
        assert!(!["General", "0\"%\"", "0\\%", "0.00"].into_iter().any(shown));
        assert!(!is_percentage(None));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let refused = |bytes: &[u8]| Sheet::read(bytes, Limits::TABLE).expect_err("refused");
        assert_eq!(refused(b""), SheetProblem::Empty);
        assert_eq!(refused(b"PK\x03\x04 and then nothing"), SheetProblem::NotATable);
        assert_eq!(refused(&[0xD0, 0xCF, 0x11, 0xE0, 1, 2]), SheetProblem::NotATable);
        assert_eq!(refused(&[b'a', 0xFF, 0xFE]), SheetProblem::NotUnicode);
        let narrow = Limits { rows: 1, ..Limits::TABLE };
        assert_eq!(Sheet::read(b"a\n1\n2\n", narrow), Err(SheetProblem::TooLarge));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_a_table_or_a_problem(bytes: Vec<u8>) {
            fuzz(&bytes);
        }
    }
}
