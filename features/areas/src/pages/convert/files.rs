//! The whole result as a file: CSV for programs, XLSX for people, the latter with every source on a second
//! sheet.

use kernel::{
    axum::{
        http::header,
        response::{IntoResponse, Response},
    },
    problem::Failure,
    web::Answer,
};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{told_results, wording::Wording};
use crate::model::view::{Conversion, Figure, Law, Quality, Seen, Source, View, cells_of};

/// A cell of a file.
enum Cell {
    Text(String),
    /// A number as plain text.
    Number(String),
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn count(count: usize) -> Self {
        Self::Number(count.to_string())
    }
}

fn say(words: &Wording<'_>, name: &str) -> String {
    words.visit.say(&format!("areas-convert-file-{name}"), &[])
}

fn figure_heads(law: Law) -> &'static [&'static str] {
    match law {
        Law::Ratio => &["numerator", "denominator", "percent"],
        Law::Mean => &["sum", "n", "mean"],
        Law::Additive | Law::Stock | Law::NonAdditive => &["value"],
    }
}

fn figure_cells(words: &Wording<'_>, law: Law, figure: Option<&Figure>) -> Vec<Cell> {
    let Some(figure) = figure else {
        return figure_heads(law).iter().map(|_| Cell::text("")).collect();
    };
    let numbers = cells_of(figure, words.scale).into_iter();
    match figure {
        Figure::Text(text) => vec![Cell::text(text)],
        Figure::Amount(_) => numbers.map(Cell::Number).collect(),
        Figure::Ratio { .. } | Figure::Mean { .. } => {
            numbers.map(Cell::Number).chain([Cell::text(words.brief(figure))]).collect()
        }
    }
}

fn result_heads(words: &Wording<'_>, law: Law) -> Vec<String> {
    let names = ["code", "unit", "name"].into_iter().chain(figure_heads(law).iter().copied());
    names
        .chain(["quality", "explained", "low", "high", "reported", "sources"])
        .map(|name| say(words, name))
        .collect()
}

fn result_row(words: &Wording<'_>, made: &Conversion, law: Law, seen: &Seen) -> Vec<Cell> {
    let place = made.target(&seen.unit);
    let mut row = vec![
        Cell::text(place.and_then(|place| place.code.clone()).unwrap_or_default()),
        Cell::text(seen.unit.as_str()),
        Cell::text(place.map(|place| place.full_name.clone()).unwrap_or_default()),
    ];
    row.extend(figure_cells(words, law, seen.figure.as_ref()));
    let (low, high) = match &seen.quality {
        Quality::Exact => (&None, &None),
        Quality::Estimated { low, high, .. } | Quality::Undefined { low, high, .. } => (low, high),
    };
    let bound = |figure: &Option<Figure>| match figure {
        Some(figure @ Figure::Amount(_)) => Cell::Number(cells_of(figure, words.scale).concat()),
        Some(figure) => Cell::text(words.brief(figure)),
        None => Cell::text(""),
    };
    row.push(Cell::text(
        words.visit.say(&format!("areas-convert-grade-{}", seen.quality.grade().code()), &[]),
    ));
    row.push(Cell::text(words.quality(&seen.quality)));
    row.extend([bound(low), bound(high), Cell::count(seen.reported), Cell::count(seen.sources)]);
    row
}

/// The result as CSV: UTF-8 with its mark, so that spreadsheets read the Vietnamese.
pub(super) fn csv(words: &Wording<'_>, made: &Conversion, view: &View<'_>) -> Answer {
    let law = view.law();
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let fault = |error: &dyn std::fmt::Display| Failure::fault("write a table", error.to_string());
    writer.write_record(result_heads(words, law)).map_err(|error| fault(&error))?;
    for seen in told_results(view) {
        let cells = result_row(words, made, law, seen).into_iter().map(|cell| match cell {
            Cell::Number(number) => number,
            Cell::Text(text) => inert(text),
        });
        writer.write_record(cells).map_err(|error| fault(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| fault(&error))?;
    Ok(download("text/csv; charset=utf-8", "quy-doi.csv", bytes))
}

/// Text that a spreadsheet would run as a formula is kept from it.
fn inert(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

/// The result as a workbook.
pub(super) fn xlsx(words: &Wording<'_>, made: &Conversion, view: &View<'_>) -> Answer {
    let bytes =
        book(words, made, view).map_err(|error| Failure::fault("write a workbook", error))?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(download(kind, "quy-doi.xlsx", bytes))
}

fn book(words: &Wording<'_>, made: &Conversion, view: &View<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let now = words.visit.app.now().civil();
    let (month, day) = (now.month().unsigned_abs(), now.day().unsigned_abs());
    let made_on = ExcelDateTime::from_ymd(now.year().unsigned_abs(), month, day)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made_on));
    let law = view.law();
    let results = book.add_worksheet();
    results.set_name(say(words, "sheet-results"))?;
    let rows = told_results(view).map(|seen| result_row(words, made, law, seen));
    fill(results, &result_heads(words, law), rows)?;
    let sources = book.add_worksheet();
    sources.set_name(say(words, "sheet-sources"))?;
    let heads: Vec<String> = ["code", "name", "source-code", "source-unit", "source-name"]
        .into_iter()
        .chain(figure_heads(law).iter().copied())
        .chain(["how", "part", "instrument"])
        .map(|name| say(words, name))
        .collect();
    let rows = told_results(view).flat_map(|seen| {
        let sources = view.sources(&seen.unit);
        sources.iter().map(|source| source_row(words, made, law, seen, source)).collect::<Vec<_>>()
    });
    fill(sources, &heads, rows)?;
    book.save_to_buffer()
}

fn source_row(
    words: &Wording<'_>,
    made: &Conversion,
    law: Law,
    seen: &Seen,
    source: &Source<'_>,
) -> Vec<Cell> {
    let place = made.target(&seen.unit);
    let part = words.part(source);
    let mut row = vec![
        Cell::text(place.and_then(|place| place.code.clone()).unwrap_or_default()),
        Cell::text(place.map(|place| place.full_name.clone()).unwrap_or_default()),
        Cell::text(part.code),
        Cell::text(source.place.id.as_str()),
        Cell::text(source.place.full_name.as_str()),
    ];
    row.extend(figure_cells(words, law, source.figure.as_ref()));
    row.push(Cell::text(part.how));
    row.push(match &source.part {
        Some(figure @ Figure::Amount(_)) => Cell::Number(cells_of(figure, words.scale).concat()),
        Some(figure) => Cell::text(words.figure(figure)),
        None => Cell::text(""),
    });
    row.push(Cell::text(part.by));
    row
}

/// Letters that fit in one cell of a workbook (its format says 32,767).
const CELL_MAX: usize = 32_000;
/// Digits that a workbook's numbers keep.
const DIGITS_MAX: usize = 15;

fn fill(
    sheet: &mut Worksheet,
    heads: &[String],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (column, head) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(0, column, head, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, row) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            match cell {
                Cell::Text(text) if text.is_empty() => continue,
                Cell::Text(text) => {
                    let text: String = text.chars().take(CELL_MAX).collect();
                    sheet.write_string(line, column, text)?
                }
                Cell::Number(number) if number.len() <= DIGITS_MAX => {
                    sheet.write_number(line, column, number.parse::<f64>().unwrap_or(f64::NAN))?
                }
                // Larger than a spreadsheet's numbers can hold exactly.
                Cell::Number(number) => sheet.write_string(line, column, number)?,
            };
        }
    }
    Ok(())
}

fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
