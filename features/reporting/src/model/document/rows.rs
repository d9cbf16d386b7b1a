//! Tables that grow: a line for each thing, and below several the sums.

use std::collections::BTreeMap;

use super::blocks::{Cell, Mark, Paragraph, Table};
use crate::model::{
    form::{ColumnKind, RowColumn, RowTable, Section},
    workbook::Report,
};

/// An upright page carries so many columns; a row with more can be told in words.
const COLUMNS_MOST: usize = 7;
const SUM: &str = "Cộng";

/// The table; none without rows.
pub(super) fn drawn(report: &Report<'_>, section: &Section, table: &RowTable) -> Option<Table> {
    let own = report.standing.rows.iter().filter(|row| row.section == section.code);
    let rows: Vec<BTreeMap<String, String>> = own.map(|row| row.cells.clone()).collect();
    if rows.is_empty() {
        return None;
    }
    let width = 93 / u32::try_from(table.columns.len().max(1)).unwrap_or(1);
    let mut widths = vec![7];
    widths.extend(std::iter::repeat_n(width, table.columns.len()));
    let mut heading = vec![cell("TT", Mark::Heading)];
    heading.extend(table.columns.iter().map(|column| cell(&column.heading(), Mark::Heading)));
    let mut it = Table::ruled(widths).head(heading);
    let mut told = Vec::new();
    for (number, row) in (1..).zip(&rows) {
        let texts = table.columns.iter().map(|column| {
            let stored = row.get(&column.code).map_or("", String::as_str);
            report.shown(column, stored)
        });
        let texts: Vec<String> = texts.collect();
        let mut cells = vec![cell(&number.to_string(), Mark::Centred)];
        let columns = table.columns.iter().zip(&texts);
        cells.extend(columns.map(|(column, text)| cell(text, mark(column))));
        it = it.row(cells);
        told.push(in_words(&format!("{number}."), table, &texts));
    }
    let sums = table.sums(&rows);
    if !sums.is_empty() {
        it = it.row(summed(&sums));
        told.push(in_words(&format!("{SUM}:"), table, &sums));
    }
    Some(if table.columns.len() > COLUMNS_MOST { it.told(told) } else { it })
}

fn cell(text: &str, mark: Mark) -> Cell {
    vec![Paragraph::cell(text, mark)]
}

fn mark(column: &RowColumn) -> Mark {
    match column.kind {
        ColumnKind::Number { .. } => Mark::Figure,
        ColumnKind::Day => Mark::Centred,
        _ => Mark::Plain,
    }
}

/// The sums, below the rows.
fn summed(sums: &[String]) -> Vec<Cell> {
    let mut cells = vec![cell("", Mark::Centred)];
    for (at, sum) in sums.iter().enumerate() {
        let is_free = at == 0 && sum.is_empty();
        let (text, mark) = if is_free { (SUM, Mark::Bold) } else { (sum.as_str(), Mark::Figure) };
        cells.push(vec![Paragraph::cell(text, mark).bold()]);
    }
    cells
}

/// What stands in a row, each with its column and its unit.
fn in_words(start: &str, table: &RowTable, texts: &[String]) -> Paragraph {
    let filled = table.columns.iter().zip(texts).filter(|(_, text)| !text.is_empty());
    let said: Vec<String> = filled
        .map(|(column, text)| format!("{}: {}", column.title, column.with_unit(text)))
        .collect();
    Paragraph::body(&format!("{start} {}.", said.join("; ")))
}
