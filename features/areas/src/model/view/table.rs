//! Figures as people bring them: a table with one row for a unit. Whatever is wrong is told with the address
//! of its cell.

use std::collections::HashMap;

use kernel::sheet::{Sheet, SheetRow};

use super::{AreaId, Conversion, Decimal, Figure, Law, Notation, Place, plain_text};

/// Something wrong with one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellProblem {
    /// `C12`, as the spreadsheet writes it.
    pub address: String,
    /// Fluent key of the words; they may speak of `$cell`.
    pub key: &'static str,
    /// What stands in the cell.
    pub cell: String,
}

/// Figures that were read, not yet matched with units.
#[derive(Clone, Debug)]
pub struct Table {
    /// All figures are whole numbers of `1/10^scale`.
    pub scale: u32,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    key: String,
    address: String,
    figure: Figure,
}

/// The columns of a law, with the words for each.
fn columns(law: Law) -> &'static [&'static [&'static str]] {
    const VALUE: &[&str] = &["giá trị", "số liệu", "số lượng", "số", "value"];
    match law {
        Law::Ratio => &[&["tử số", "numerator"], &["mẫu số", "denominator"]],
        Law::Mean => &[&["tổng", "tổng số", "sum"], &["n", "số quan sát", "số đối tượng", "count"]],
        Law::Additive | Law::Stock | Law::NonAdditive => &[VALUE],
    }
}

const KEYS: &[&str] = &["mã", "mã đơn vị", "mã xã", "mã tỉnh", "mã huyện", "code", "unit", "id"];

impl Table {
    /// Reads a sheet. `workbook` tells that its cells come from a spreadsheet file, where a number is stored
    /// and not written.
    pub fn read(sheet: &Sheet, law: Law, workbook: bool) -> Result<Self, Vec<CellProblem>> {
        let heading = |key| {
            vec![CellProblem { address: "A1".to_owned(), key, cell: sheet.headings().join(" | ") }]
        };
        let key = sheet.column(KEYS).ok_or_else(|| heading("areas-cell-no-code"))?;
        let found: Option<Vec<usize>> =
            columns(law).iter().map(|names| sheet.column(names)).collect();
        let missing = match law {
            Law::Ratio => "areas-cell-no-ratio",
            Law::Mean => "areas-cell-no-mean",
            _ => "areas-cell-no-value",
        };
        let found = found.ok_or_else(|| heading(missing))?;
        let mut problems = Vec::new();
        let table = if law == Law::NonAdditive {
            Self { scale: 0, rows: texts(sheet, key, found[0]) }
        } else {
            numbers(sheet, law, key, &found, workbook, &mut problems)
        };
        for row in sheet.rows() {
            if row.cell(key).is_empty() && found.iter().any(|column| !row.cell(*column).is_empty())
            {
                problems.push(problem(row, key, "areas-cell-code-missing"));
            }
        }
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }

    /// How many figures were read.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when nothing was reported.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The figures by unit: a row names its unit by id, or by the code of the day figures are of (zeros that
    /// a spreadsheet dropped are put back).
    pub fn figures(
        &self,
        conversion: &Conversion,
    ) -> Result<HashMap<AreaId, Figure>, Vec<CellProblem>> {
        let codes: HashMap<&str, &Place> = conversion
            .sources()
            .iter()
            .filter_map(|place| Some((place.code.as_deref()?, place)))
            .collect();
        let (mut figures, mut problems) = (HashMap::new(), Vec::new());
        for row in &self.rows {
            let place =
                AreaId::parse(&row.key).and_then(|id| conversion.source(&id)).or_else(|| {
                    [2, 3, 5].into_iter().find_map(|width| {
                        codes.get(format!("{:0>width$}", row.key).as_str()).copied()
                    })
                });
            let key = match place {
                None => "areas-cell-stranger",
                Some(place) if figures.contains_key(&place.id) => "areas-cell-twice",
                Some(place) => {
                    figures.insert(place.id.clone(), row.figure.clone());
                    continue;
                }
            };
            let (address, cell) = (row.address.clone(), row.key.clone());
            problems.push(CellProblem { address, key, cell });
        }
        if problems.is_empty() { Ok(figures) } else { Err(problems) }
    }

    /// The same table as text to paste: one row a figure, numbers as in Vietnam.
    pub fn as_text(&self, law: Law) -> String {
        let mut text = match law {
            Law::Ratio => "mã\ttử số\tmẫu số\n",
            Law::Mean => "mã\ttổng\tn\n",
            _ => "mã\tgiá trị\n",
        }
        .to_owned();
        for row in &self.rows {
            let told = |amount: &i128| super::spoken_text(*amount, self.scale);
            let cells = match &row.figure {
                Figure::Amount(amount) => told(amount),
                Figure::Ratio { numerator: a, denominator: b } | Figure::Mean { sum: a, n: b } => {
                    format!("{}\t{}", told(a), told(b))
                }
                Figure::Text(words) => quoted(words),
            };
            for part in [&quoted(&row.key), "\t", &cells, "\n"] {
                text.push_str(part);
            }
        }
        text
    }
}

/// A cell of a text table, in quotes when it would be read as several.
fn quoted(cell: &str) -> String {
    if cell.contains(['"', '\t', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn problem(row: &SheetRow, column: usize, key: &'static str) -> CellProblem {
    let cell = row.cell(column).chars().take(60).collect();
    CellProblem { address: row.address(column), key, cell }
}

fn texts(sheet: &Sheet, key: usize, column: usize) -> Vec<Row> {
    let reported = sheet.rows().iter().filter(|row| !row.cell(column).is_empty());
    let rows = reported.map(|row| Row {
        key: row.cell(key).to_owned(),
        address: row.address(key),
        figure: Figure::Text(row.cell(column).to_owned()),
    });
    rows.collect()
}

fn numbers(
    sheet: &Sheet,
    law: Law,
    key: usize,
    columns: &[usize],
    workbook: bool,
    problems: &mut Vec<CellProblem>,
) -> Table {
    // A row without any number was not reported; a blank is never a zero.
    let reported: Vec<&SheetRow> = sheet
        .rows()
        .iter()
        .filter(|row| columns.iter().any(|column| !row.cell(*column).is_empty()))
        .collect();
    let mut read: Vec<Vec<Option<Decimal>>> = Vec::new();
    for column in columns {
        let cells = || reported.iter().map(|row| row.cell(*column));
        let written: Vec<&str> = cells().filter(|cell| !cell.is_empty()).collect();
        let (notation, doubtful) = match Notation::of(&written, workbook) {
            Ok(notation) => (notation, None),
            Err(at) => (Notation::Plain, Some(at)),
        };
        if let Some(at) = doubtful {
            let written = reported.iter().filter(|row| !row.cell(*column).is_empty());
            problems.extend(
                written.skip(at).take(1).map(|row| problem(row, *column, "areas-cell-doubtful")),
            );
        }
        let decimals: Vec<Option<Decimal>> =
            cells().map(|cell| Decimal::parse(cell, notation)).collect();
        for (row, decimal) in reported.iter().zip(&decimals) {
            if decimal.is_none() {
                let blank = row.cell(*column).is_empty();
                let key = if blank { "areas-cell-half" } else { "areas-cell-number" };
                problems.push(problem(row, *column, key));
            }
        }
        read.push(decimals);
    }
    let scale =
        read.iter().flatten().flatten().map(|decimal| decimal.decimals()).max().unwrap_or(0);
    let mut rows = Vec::new();
    for (at, row) in reported.iter().enumerate() {
        let amount = |column: usize| read.get(column)?[at]?.at_scale(scale);
        let Some(first) = amount(0) else {
            if read[0][at].is_some() {
                problems.push(problem(row, columns[0], "areas-cell-large"));
            }
            continue;
        };
        let second = if columns.len() == 2 {
            match amount(1) {
                Some(second) if second < 0 => {
                    problems.push(problem(row, columns[1], "areas-cell-negative"));
                    continue;
                }
                Some(second) => second,
                None => {
                    if read[1][at].is_some() {
                        problems.push(problem(row, columns[1], "areas-cell-large"));
                    }
                    continue;
                }
            }
        } else {
            0
        };
        let figure = match law {
            Law::Ratio => Figure::Ratio { numerator: first, denominator: second },
            Law::Mean => Figure::Mean { sum: first, n: second },
            _ => Figure::Amount(first),
        };
        rows.push(Row { key: row.cell(key).to_owned(), address: row.address(key), figure });
    }
    Table { scale, rows }
}

/// A figure as files and programs have it: its numbers, or its text.
pub fn cells_of(figure: &Figure, scale: u32) -> Vec<String> {
    match figure {
        Figure::Amount(amount) => vec![plain_text(*amount, scale)],
        Figure::Ratio { numerator: a, denominator: b } | Figure::Mean { sum: a, n: b } => {
            vec![plain_text(*a, scale), plain_text(*b, scale)]
        }
        Figure::Text(text) => vec![text.clone()],
    }
}
