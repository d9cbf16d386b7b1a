//! Tables as files for people's spreadsheets: XLSX, OpenDocument and CSV of the same rows. Figures are numbers with the
//! decimals that are shown; everything else is text, whatever it begins with. What the tables are of is the pages' to say.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use thiserror::Error;
use zip::result::ZipError;

use super::{
    export::ods,
    file_kind::FileKind,
    table_text::{Dialect, harmless},
};

/// Digits that a spreadsheet keeps of a number.
const DIGITS_MOST: usize = 15;
/// Characters that a spreadsheet keeps of a text.
const TEXT_MOST: usize = 32_767;
/// Characters of the name of a sheet.
const NAME_MOST: usize = 31;
/// Columns are as wide as their longest text, between these.
const WIDTHS: (usize, usize) = (10, 44);

/// Why a file could not be written.
#[derive(Debug, Error)]
pub enum Unwritten {
    /// As a workbook.
    #[error(transparent)]
    Workbook(#[from] XlsxError),
    /// As an archive.
    #[error(transparent)]
    Archive(#[from] ZipError),
    /// As text.
    #[error(transparent)]
    Text(#[from] csv::Error),
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Excel.
    Xlsx,
    /// Text for Excel in Vietnam.
    Csv,
    /// OpenDocument.
    Ods,
}

impl Kind {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Ods];

    /// By its ending, as addresses and schedules have it.
    pub fn of(ending: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.ending() == ending)
    }

    /// How names of such files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Ods => "ods",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => FileKind::Xlsx.media_type(),
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ods => ods::MIME,
        }
    }

    /// True where a file has several sheets.
    pub const fn has_sheets(self) -> bool {
        !matches!(self, Self::Csv)
    }
}

/// A number as it is shown to people: `1.234,50`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// For people.
    pub shown: String,
    /// For programs: `1234.50`.
    pub plain: String,
}

impl Number {
    /// None for what is not a number to its end.
    pub fn read(shown: &str) -> Option<Self> {
        let plain = shown.replace('.', "").replace(',', ".");
        let digits = plain.strip_prefix('-').unwrap_or(&plain);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_whole = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let is_number = is_whole(whole) && is_whole(part);
        is_number.then(|| Self { shown: shown.to_owned(), plain })
    }

    /// How many decimals are shown.
    pub fn decimals(&self) -> usize {
        self.plain.split_once('.').map_or(0, |(_, part)| part.len())
    }

    /// As spreadsheets carry it; none where they would lose digits.
    pub fn carried(&self) -> Option<f64> {
        let digits = self.plain.bytes().filter(u8::is_ascii_digit).skip_while(|one| *one == b'0');
        if digits.count() > DIGITS_MOST { None } else { self.plain.parse().ok() }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A heading.
    Head(String),
    /// Words.
    Words(String),
    /// A number.
    Number(Number),
}

impl Cell {
    /// Words, or nothing.
    pub fn words(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Words(text) }
    }
}

/// A sheet: what is told first, then tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
    /// In which row the headings stand, where there is one table that reaches to the end.
    pub heading: Option<usize>,
}

impl Sheet {
    /// How many columns it has.
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// The name of a sheet: its number, so that no two are the same, and what fits of what it shows.
pub fn sheet_name(number: usize, caption: &str) -> String {
    let fits = |c: &char| !c.is_control() && u32::from(*c) < 0x1_0000 && !"[]:*?\\'".contains(*c);
    let name: String =
        format!("{number}. ").chars().chain(caption.chars().filter(fits)).take(NAME_MOST).collect();
    let name = name.replace('/', "-");
    name.trim().to_owned()
}

/// The sheets as a file.
///
/// # Errors
///
/// When they are more than such a file can hold.
pub fn written(sheets: &[Sheet], kind: Kind) -> Result<Vec<u8>, Unwritten> {
    match kind {
        Kind::Xlsx => Ok(workbook(sheets)?),
        Kind::Csv => Ok(text(sheets)?),
        Kind::Ods => Ok(ods::tables(sheets)?),
    }
}

fn workbook(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    for one in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(&one.name)?;
        fill(sheet, one)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        let last = u32::try_from(one.rows.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let heading = one.heading.and_then(|at| u32::try_from(at).ok());
        if let (Some(at), Some(column)) = (heading, u16::try_from(one.width()).ok()) {
            sheet.set_repeat_rows(at, at)?;
            if at < last {
                sheet.autofilter(at, 0, last, column.saturating_sub(1))?;
            }
        }
    }
    book.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, from: &Sheet) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_text_wrap();
    let title = Format::new().set_bold();
    let words = Format::new().set_text_wrap();
    let number = |decimals: usize| Format::new().set_num_format(shown_as(decimals));
    let fit = |text: &str| -> String { text.chars().take(TEXT_MOST).collect() };
    for (row, cells) in (0..).zip(&from.rows) {
        // A line alone runs on to the right; in a table words stay in their column.
        let alone = cells.len() == 1;
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => continue,
                Cell::Head(text) if alone => {
                    sheet.write_string_with_format(row, column, fit(text), &title)?
                }
                Cell::Head(text) => {
                    sheet.write_string_with_format(row, column, fit(text), &head)?
                }
                Cell::Words(text) if alone => sheet.write_string(row, column, fit(text))?,
                Cell::Words(text) => {
                    sheet.write_string_with_format(row, column, fit(text), &words)?
                }
                Cell::Number(one) => match one.carried() {
                    Some(carried) => {
                        let format = number(one.decimals());
                        sheet.write_number_with_format(row, column, carried, &format)?
                    }
                    None => sheet.write_string(row, column, &one.shown)?,
                },
            };
        }
    }
    for (column, at) in (0..).zip(0..from.width()) {
        sheet.set_column_width(column, width(from, at))?;
    }
    Ok(())
}

/// As wide as the longest text of the column, within reason.
fn width(sheet: &Sheet, column: usize) -> f64 {
    let length = |cell: &Cell| match cell {
        Cell::Empty => 0,
        Cell::Head(text) | Cell::Words(text) => text.chars().count(),
        Cell::Number(one) => one.shown.len(),
    };
    let cells = sheet.rows.iter().filter(|row| row.len() > 1).filter_map(|row| row.get(column));
    let longest = cells.map(length).max().unwrap_or(0) + 2;
    let fits = longest.clamp(WIDTHS.0, WIDTHS.1);
    u32::try_from(fits).map_or(10.0, f64::from)
}

/// How a workbook shows numbers; programs put the marks of their reader's country in.
pub fn shown_as(decimals: usize) -> String {
    match decimals {
        0 => "#,##0".to_owned(),
        some => format!("#,##0.{}", "0".repeat(some)),
    }
}

/// All sheets one below the other, as Excel in Vietnam reads CSV.
fn text(sheets: &[Sheet]) -> Result<Vec<u8>, csv::Error> {
    let mut out = Dialect::People.writer();
    for row in sheets.iter().flat_map(|sheet| &sheet.rows) {
        out.write_record(row.iter().map(|cell| match cell {
            Cell::Empty => String::new(),
            Cell::Head(text) | Cell::Words(text) => harmless(text).into_owned(),
            Cell::Number(one) => one.plain.replace('.', ","),
        }))?;
    }
    out.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_shown_and_words_are_none() {
        for (shown, plain) in [
            ("1.234,50", "1234.50"),
            ("-7", "-7"),
            ("0,05", "0.05"),
            ("100,0", "100.0"),
            ("1.000.000", "1000000"),
        ] {
            assert_eq!(Number::read(shown).map(|one| one.plain).as_deref(), Some(plain), "{shown}");
        }
        for words in ["", "–", "-", "1/92", "5/2", "1,2,3", "12 %", "Chưa báo cáo", "=1", ","]
        {
            assert_eq!(Number::read(words), None, "{words}");
        }
    }

    #[test]
    fn what_a_spreadsheet_would_round_stays_words() {
        let carried = |shown| Number::read(shown).and_then(|one| one.carried());
        assert_eq!(carried("999.999.999.999,999"), Some(999_999_999_999.999));
        assert_eq!(carried("0,000001"), Some(0.000_001));
        assert_eq!(carried("1.000.000.000.000.001"), None);
    }

    #[test]
    fn names_of_sheets_are_what_spreadsheets_take() {
        assert_eq!(
            sheet_name(1, "Lượt người (lượt) – Quý IV/2026"),
            "1. Lượt người (lượt) – Quý IV-2"
        );
        assert_eq!(sheet_name(12, "='[a]:*?/\\'\u{1}"), "12. =a-");
        let named = |name: &str| Workbook::new().add_worksheet().set_name(name).is_ok();
        assert!(named(&sheet_name(1, "")) && named(&sheet_name(2, &"'".repeat(60))));
    }

    fn sheet() -> Sheet {
        let hostile = ["=HYPERLINK(\"x\")", "+84912", "-1+1", "@SUM(1)", "\t=1"];
        let mut rows = vec![
            vec![Cell::Head("=1+1".to_owned())],
            Vec::new(),
            vec![Cell::Head("=noi".to_owned()), Cell::Head("Kết quả".to_owned())],
        ];
        rows.extend(hostile.map(|text| vec![Cell::words(text), Cell::words("Chưa báo cáo")]));
        let number = |text| Cell::Number(Number::read(text).expect("a number"));
        rows.push(vec![Cell::words("Xã Phủ Thông"), number("-1.234,50")]);
        rows.push(vec![Cell::words("Tổng"), number("1.000.000.000.000.001")]);
        Sheet { name: sheet_name(1, "=x"), rows, heading: Some(2) }
    }

    #[test]
    fn nothing_is_a_formula_in_any_kind_of_file() {
        use calamine::{Data, Ods, Reader, Xlsx};
        let sheets = [sheet()];
        let csv = written(&sheets, Kind::Csv).expect("written");
        let csv = String::from_utf8(csv).expect("UTF-8");
        assert!(csv.starts_with("\u{feff}'=1+1\r\n"), "{csv:?}");
        assert!(csv.ends_with("Xã Phủ Thông;-1234,50\r\nTổng;1000000000000001\r\n"), "{csv:?}");
        for line in csv.trim_start_matches('\u{feff}').lines() {
            let begins = line.trim_start_matches('"');
            assert!(!begins.starts_with(['=', '+', '-', '@', '\t']), "{line:?}");
        }
        let open = |kind| std::io::Cursor::new(written(&sheets, kind).expect("written"));
        let mut xlsx: Xlsx<_> = Xlsx::new(open(Kind::Xlsx)).expect("a workbook");
        let mut ods: Ods<_> = Ods::new(open(Kind::Ods)).expect("a spreadsheet");
        let (one, two) = (xlsx.worksheet_range("1. =x"), ods.worksheet_range("1. =x"));
        for range in [one.expect("its sheet"), two.expect("its sheet")] {
            let at = |row, column| range.get_value((row, column)).cloned();
            assert_eq!(at(3, 0), Some(Data::String("=HYPERLINK(\"x\")".to_owned())));
            assert_eq!(at(6, 0), Some(Data::String("@SUM(1)".to_owned())));
            assert_eq!(at(3, 1), Some(Data::String("Chưa báo cáo".to_owned())));
            assert_eq!(at(8, 1), Some(Data::Float(-1_234.5)));
        }
        let formulas = xlsx.worksheet_formula("1. =x").expect("its sheet");
        assert!(formulas.used_cells().all(|(_, _, text)| text.is_empty()), "{formulas:?}");
    }
}
