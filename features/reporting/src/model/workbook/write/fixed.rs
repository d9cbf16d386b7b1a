//! Tables with fixed rows and columns: number, label, unit, the open figures, and what stood there one period
//! before in locked grey columns.

use std::collections::{BTreeMap, HashMap};

use rust_xlsxwriter::{DataValidation, Format, Formula, Worksheet, XlsxError};

use super::{HEAD_MARK, Style, Writer, complaint, protect};
use crate::model::{
    amount::{plain_amount, unit},
    cell::{CellKey, CellState},
    element::DataElement,
    form::{FixedTable, Section, TableRow},
    workbook::{
        Report, address,
        manifest::{Entry, Kind},
        state::{code_state, print_state},
    },
};

/// The first column of figures; before it stand the hidden key, the number, the label and the unit.
const FIGURES: u16 = 4;
const GUIDE: &str = "Chỉ nhập vào ô nền vàng. Số 0 là có đếm và bằng 0. Không phát sinh: gõ KPS: lý do. Không có số liệu: gõ KSL: lý do. Để trống: chưa báo cáo.";

/// A line of the table as it is written: a row of the form, or one cell that explains a row further.
struct Line<'t> {
    key: String,
    number: &'t str,
    label: String,
    indent: u8,
    element: Option<&'t DataElement>,
    /// By column of the form.
    cells: BTreeMap<usize, CellKey>,
}

impl Writer<'_, '_> {
    pub(super) fn fixed(
        &mut self,
        sheet: &mut Worksheet,
        section: &Section,
        table: &FixedTable,
    ) -> Result<(), XlsxError> {
        let top = self.head(sheet, section, GUIDE)?;
        let before = FIGURES + count(table.columns.len());
        sheet.set_column_width(1, 6)?.set_column_width(2, 52)?.set_column_width(3, 14)?;
        sheet.write_string(top, 0, HEAD_MARK)?;
        sheet.write_string(0, 3, "unit")?;
        for (column, text) in (1..).zip(["STT", "Nội dung", "Đơn vị tính"]) {
            sheet.write_string_with_format(top, column, text, &self.style.heading)?;
        }
        for (c, column) in table.columns.iter().enumerate() {
            let (now, then) = (FIGURES + count(c), before + count(c));
            sheet.write_string(0, now, column_key(c, &column.coords.text()))?;
            sheet.set_column_width(now, 18)?.set_column_width(then, 16)?;
            sheet.write_string_with_format(top, now, &column.title, &self.style.heading)?;
            let told = format!("Kỳ trước: {}", column.title);
            sheet.write_string_with_format(top, then, told, &self.style.heading)?;
        }
        sheet.set_freeze_panes(top + 1, FIGURES)?;
        let mut checks: HashMap<u16, Vec<(u32, u32)>> = HashMap::new();
        for (row, line) in (top + 1..).zip(lines(self.report, table)) {
            self.line(sheet, section, table, row, &line)?;
            for c in line.cells.keys() {
                let decimals = line.element.map_or(0, |element| element.decimals);
                checks.entry(FIGURES + count(*c)).or_default().push((row, decimals));
            }
        }
        for (column, rows) in checks {
            for (first, last, decimals) in runs(&rows) {
                let check = figure_check(&address(first, u32::from(column)), decimals)?;
                sheet.add_data_validation(first, column, last, column, &check)?;
            }
        }
        protect(sheet, false);
        Ok(())
    }

    fn line(
        &mut self,
        sheet: &mut Worksheet,
        section: &Section,
        table: &FixedTable,
        row: u32,
        line: &Line<'_>,
    ) -> Result<(), XlsxError> {
        let style = &self.style;
        sheet.write_string_with_format(row, 1, line.number, &style.label)?;
        let label = style.indented(line.indent.min(10));
        let Some(element) = line.element else {
            sheet.write_string_with_format(row, 2, &line.label, &style.bold)?;
            return Ok(());
        };
        sheet.write_string(row, 0, &line.key)?;
        sheet.write_string_with_format(row, 2, &line.label, &label)?;
        let unit = unit(&element.unit).map_or(element.unit.as_str(), |unit| unit.name.as_str());
        sheet.write_string_with_format(row, 3, unit, &style.label)?;
        let open = Style::open_number(element.decimals);
        let grey = Style::grey_number(element.decimals);
        let before = FIGURES + count(table.columns.len());
        for (c, column) in table.columns.iter().enumerate() {
            let (now, then) = (FIGURES + count(c), before + count(c));
            let Some(key) = line.cells.get(&c) else {
                sheet.write_blank(row, now, &style.nothing)?;
                sheet.write_blank(row, then, &style.nothing)?;
                continue;
            };
            let stands = self.report.standing.cells.get(key);
            let state = stands.map(|stands| &stands.state);
            let foreign = stands.is_some_and(|stands| stands.foreign);
            let format = if foreign { &grey } else { &open };
            figure(sheet, (row, now), state, element.decimals, format)?;
            figure(
                sheet,
                (row, then),
                self.report.standing.before.get(key),
                element.decimals,
                &grey,
            )?;
            if foreign {
                continue;
            }
            self.entries.push(Entry {
                kind: Kind::Cell,
                section: section.code.clone(),
                address: address(row, u32::from(now)),
                row: line.key.clone(),
                column: column_key(c, &column.coords.text()),
                cell: key.text(),
                base: self.report.standing.version(key),
                state: code_state(state),
            });
        }
        Ok(())
    }
}

fn lines<'t>(report: &'t Report<'_>, table: &'t FixedTable) -> Vec<Line<'t>> {
    let mut cells: HashMap<usize, BTreeMap<usize, CellKey>> = HashMap::new();
    for placed in table.cells() {
        cells.entry(placed.row).or_default().insert(placed.column, placed.key);
    }
    let shown: std::collections::HashSet<CellKey> =
        cells.values().flat_map(|row| row.values().cloned()).collect();
    let mut all = Vec::new();
    for (r, row) in table.rows.iter().enumerate() {
        let element = row.element.as_ref().and_then(|code| report.elements.get(code));
        let label = match element {
            Some(element) if row.label.is_empty() => element.name.clone(),
            _ => row.label.clone(),
        };
        let own = cells.remove(&r).unwrap_or_default();
        let key = row_key(r, row);
        all.push(Line { key, number: &row.number, label, indent: row.indent, element, cells: own });
        all.extend(details(report, table, r, row, element, &shown));
    }
    all
}

/// Cells that explain a row further and hold a figure: a line each, open in one column.
fn details<'t>(
    report: &'t Report<'_>,
    table: &'t FixedTable,
    r: usize,
    row: &'t TableRow,
    element: Option<&'t DataElement>,
    shown: &std::collections::HashSet<CellKey>,
) -> Vec<Line<'t>> {
    let Some(element) = element else { return Vec::new() };
    let one = FixedTable { rows: vec![row.clone()], ..table.clone() };
    let standing = &report.standing.cells;
    let mut keys: Vec<&CellKey> = standing
        .keys()
        .filter(|key| key.element == element.code && !shown.contains(*key) && one.holds(key))
        .collect();
    keys.sort();
    let lines = keys.into_iter().filter_map(|key| {
        let column = table.columns.iter().enumerate().rev().find(|(c, column)| {
            !row.without.contains(c)
                && row.coords.and(&column.coords).is_some_and(|at| at.covers(&key.coords))
        })?;
        let known = row.coords.and(&column.1.coords).unwrap_or_default();
        Some(Line {
            key: format!("{r}|{}", key.text()),
            number: "",
            label: format!("trong đó: {}", report.coords_words(&key.coords, &known)),
            indent: row.indent.saturating_add(1),
            element: Some(element),
            cells: BTreeMap::from([(column.0, key.clone())]),
        })
    });
    lines.collect()
}

fn row_key(r: usize, row: &TableRow) -> String {
    let element = row.element.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{r}|{element}:{}", row.coords.text())
}

fn column_key(c: usize, coords: &str) -> String {
    format!("{c}|{coords}")
}

fn count(columns: usize) -> u16 {
    u16::try_from(columns).unwrap_or(u16::MAX / 4)
}

fn figure(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    state: Option<&CellState>,
    decimals: u32,
    format: &Format,
) -> Result<(), XlsxError> {
    let number = match state {
        // At most fifteen digits: a spreadsheet's number carries them exactly.
        Some(CellState::Value(amount)) => plain_amount(*amount, decimals).parse::<f64>().ok(),
        _ => None,
    };
    match (number, state) {
        (Some(number), _) => sheet.write_number_with_format(row, column, number, format)?,
        (None, Some(state)) => {
            sheet.write_string_with_format(row, column, print_state(state, decimals), format)?
        }
        (None, None) => sheet.write_blank(row, column, format)?,
    };
    Ok(())
}

/// Numbers with no more decimals than are kept, or one of the two words for no number.
fn figure_check(at: &str, decimals: u32) -> Result<DataValidation, XlsxError> {
    let formula = format!(
        "=OR(AND(ISNUMBER({at}),ROUND({at},{decimals})={at}),LEFT({at},3)=\"KPS\",LEFT({at},3)=\"KSL\")"
    );
    let what = if decimals == 0 {
        "số nguyên".to_owned()
    } else {
        format!("số có tối đa {decimals} chữ số thập phân")
    };
    let text = format!(
        "Ô này nhận {what}, hoặc KPS: lý do (không phát sinh), hoặc KSL: lý do (không có số liệu)."
    );
    complaint(DataValidation::new().allow_custom(Formula::new(formula)), &text)
}

/// Rows that follow each other with the same decimals: first, last, decimals.
fn runs(rows: &[(u32, u32)]) -> Vec<(u32, u32, u32)> {
    let mut all: Vec<(u32, u32, u32)> = Vec::new();
    for (row, decimals) in rows {
        match all.last_mut() {
            Some(last) if last.1 + 1 == *row && last.2 == *decimals => last.1 = *row,
            _ => all.push((*row, *row, *decimals)),
        }
    }
    all
}
