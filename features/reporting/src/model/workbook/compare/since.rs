//! Rows that came into the report after a workbook was made, from the workbook itself or otherwise: a row without an
//! id that says the same is one of them.

use std::collections::BTreeMap;

use crate::model::{
    form::RowTable,
    workbook::{StandingRow, grown::stored},
};

/// A row's cells by column code.
pub(super) type Cells = BTreeMap<String, String>;

/// A row that stands and was not in the workbook when it was made.
pub(super) struct Since<'a> {
    /// As it stands.
    pub row: &'a StandingRow,
    /// What stands in it, written in the one way; without empty cells.
    cells: Cells,
}

impl<'a> Since<'a> {
    pub fn of(table: &RowTable, row: &'a StandingRow) -> Self {
        let cells = table.columns.iter().filter_map(|column| {
            let text = stored(&column.kind, row.cells.get(&column.code)?);
            (!text.is_empty()).then(|| (column.code.clone(), text))
        });
        Self { row, cells: cells.collect() }
    }

    /// How many cells a row of the file says more than this one; none when it says something else, or so much more that
    /// it may well be another row.
    pub fn lacks(&self, told: &Cells, unread: &[String]) -> Option<usize> {
        let agrees =
            |one: &(&String, &String)| unread.contains(one.0) || told.get(one.0) == Some(one.1);
        let same = self.cells.iter().take_while(agrees).count();
        let known = self.cells.keys().filter(|code| told.contains_key(*code)).count();
        let lacks = told.len().saturating_sub(known);
        (same == self.cells.len() && known > lacks).then_some(lacks)
    }
}
