//! Tables of figures: the rows of the form, and below each what somebody added to it.

use std::collections::BTreeSet;

use super::{
    Letter,
    blocks::{Cell, Mark, Paragraph, Table},
};
use crate::model::{
    amount::unit,
    cell::{CellKey, CellState},
    element::DataElement,
    form::{FixedTable, TableRow},
    workbook::Report,
};

/// A row of the form, a heading between rows, or a cell that was added below a row.
pub(super) struct Line<'r> {
    number: &'r str,
    label: String,
    /// What is counted; none for a heading.
    element: Option<&'r DataElement>,
    /// One for each column; none where the row has no cell.
    cells: Vec<Option<CellKey>>,
    /// What its cell is called, when it was added.
    added: Option<String>,
}

impl Line<'_> {
    /// Its cells.
    pub(super) fn keys(&self) -> impl Iterator<Item = &CellKey> {
        self.cells.iter().flatten()
    }
}

/// The lines of a table, from above.
pub(super) fn lines<'r>(
    report: &Report<'r>,
    letter: &Letter,
    table: &'r FixedTable,
) -> Vec<Line<'r>> {
    let filled: Vec<&CellKey> = match &letter.gathered {
        None => report.standing.cells.keys().collect(),
        Some(gathered) => gathered.sums.keys().collect(),
    };
    let placed = table.cells();
    let own: BTreeSet<CellKey> = placed.iter().map(|one| one.key.clone()).collect();
    let mut all = Vec::new();
    for (r, row) in table.rows.iter().enumerate() {
        let mut cells = vec![None; table.columns.len()];
        for one in placed.iter().filter(|one| one.row == r) {
            if let Some(cell) = cells.get_mut(one.column) {
                *cell = Some(one.key.clone());
            }
        }
        let element = row.element.as_ref().and_then(|code| report.elements.get(code));
        let name = element.map_or("", |element| element.name.as_str());
        let label = if row.label.is_empty() { name } else { &row.label };
        all.push(Line {
            number: &row.number,
            label: label.to_owned(),
            element,
            cells,
            added: None,
        });
        let keys = table.added_below(row, &own, filled.iter().copied());
        let width = table.columns.len();
        all.extend(keys.into_iter().map(|key| added(report, (row, label), element, key, width)));
    }
    all
}

/// A line for a cell that was added. As on the page, its figure stands in the first column.
fn added<'r>(
    report: &Report<'r>,
    (row, label): (&TableRow, &str),
    element: Option<&'r DataElement>,
    key: &CellKey,
    width: usize,
) -> Line<'r> {
    let part = key.coords.words_beyond(&row.coords, report.dimensions);
    let mut cells = vec![None; width];
    if let Some(first) = cells.first_mut() {
        *first = Some(key.clone());
    }
    let told = Some(format!("{label} – {part}"));
    Line { number: "", label: format!("– {part}"), element, cells, added: told }
}

/// The table.
pub(super) fn drawn(
    report: &Report<'_>,
    letter: &Letter,
    table: &FixedTable,
    lines: &[Line<'_>],
) -> Table {
    let figures = table.columns.len().max(1);
    let width = 46 / u32::try_from(figures).unwrap_or(1).max(1);
    let mut widths = vec![7, 33, 14];
    widths.extend(std::iter::repeat_n(width.max(4), figures));
    let mut heading = vec!["TT", "Nội dung", "Đơn vị tính"];
    heading.extend(table.columns.iter().map(|column| column.title.as_str()));
    let it = Table::ruled(widths)
        .head(heading.iter().map(|text| cell(text, Mark::Heading)).collect())
        .stub(3);
    lines.iter().fold(it, |it, line| it.row(row(report, letter, line)))
}

fn row(report: &Report<'_>, letter: &Letter, line: &Line<'_>) -> Vec<Cell> {
    let code = line.element.map_or("", |element| element.unit.as_str());
    let of = unit(code).map_or(code, |unit| unit.name.as_str());
    let mark = if line.element.is_none() { Mark::Bold } else { Mark::Plain };
    let mut cells =
        vec![cell(line.number, Mark::Centred), cell(&line.label, mark), cell(of, Mark::Plain)];
    for key in &line.cells {
        let paragraph = match (key, line.element) {
            (_, None) => Paragraph::cell("", Mark::Figure),
            // Not asked for, as the printed page says it.
            (None, _) => Paragraph::cell("x", Mark::Figure),
            (Some(key), Some(element)) => {
                let state = report.standing.state(key);
                match &letter.gathered {
                    None => figure(state, element.decimals),
                    Some(gathered) => gathered.figure(key),
                }
            }
        };
        cells.push(vec![paragraph]);
    }
    cells
}

fn cell(text: &str, mark: Mark) -> Cell {
    vec![Paragraph::cell(text, mark)]
}

/// As statistical tables write it: `-` for nothing, `...` for what nobody knows.
fn figure(state: Option<&CellState>, decimals: u32) -> Paragraph {
    match state {
        None => Paragraph::cell("", Mark::Figure),
        Some(CellState::Nil(_)) => Paragraph::cell("-", Mark::Figure),
        Some(CellState::NoData(_)) => Paragraph::cell("...", Mark::Figure),
        Some(CellState::Value(amount)) => Paragraph::amount(*amount, decimals),
    }
}

/// Why cells hold no number, below the table.
pub(super) fn reasons(report: &Report<'_>, lines: &[Line<'_>]) -> Vec<Paragraph> {
    let cells = lines.iter().flat_map(|line| {
        let keys = line.cells.iter().flatten();
        keys.map(|key| (key, line.added.clone().unwrap_or_else(|| report.label(key))))
    });
    let told = cells.filter_map(|(key, label)| {
        let said = match report.standing.state(key)? {
            CellState::Nil(why) if !why.is_empty() => format!("không phát sinh: {why}"),
            CellState::NoData(why) if !why.is_empty() => format!("không có số liệu: {why}"),
            _ => return None,
        };
        Some(Paragraph::note(&format!("{label} – {said}.")))
    });
    told.collect()
}
