//! Totals of growing tables: what the rows of a report add up to stands as a figure like any other, and is written in
//! the transaction that writes the rows. The form says which columns add up to what ([`Form::totals`]).

use std::collections::{BTreeMap, BTreeSet};

use kernel::{db::Tx, problem::Outcome};

use super::{
    catalogue::Catalogue,
    entry::AMOUNT_MOST,
    figures::{self, Edit, Ground, Pen},
};
use crate::{
    model::{
        CellKey, CellState, DataElement,
        form::{Form, RowColumn, Section},
        row_cells::{self, Untold},
    },
    store::{
        numbers,
        submissions::Submission,
        words::{self, GrowingRow},
    },
};

/// Writes what the rows of a report add up to now. Nobody typed it, so nobody has to have seen what it replaces.
pub(crate) async fn write(
    tx: &mut Tx,
    catalogue: &Catalogue,
    (one, form): (&Submission, &Form),
    (ground, pen): (&Ground, Pen),
) -> Outcome<()> {
    let totals = form.totals();
    if totals.is_empty() {
        return Ok(());
    }
    let rows = words::rows(tx, &one.id).await?;
    let keys: BTreeSet<CellKey> = totals.keys().cloned().collect();
    let nos = numbers::cell_nos(tx, &keys).await?;
    let mut edits = Vec::new();
    for (key, columns) in totals {
        let Some(element) = catalogue.elements.get(&key.element) else { continue };
        // A sum that leaves something out is none; `check` says what it could not tell.
        let sum = of(&columns, &rows, element).ok().flatten();
        let base = ground.version(nos.get(&key).copied().unwrap_or(0), &key);
        edits.push(Edit { key, base, state: sum.map(CellState::Value) });
    }
    figures::apply_numbered(tx, ground, pen, &edits, &nos).await?;
    Ok(())
}

/// What columns add up to, in the element's unit with its decimals.
pub(crate) fn of(
    columns: &[(&Section, &RowColumn)],
    rows: &[GrowingRow],
    element: &DataElement,
) -> Result<Option<i64>, Untold> {
    let cells: Vec<(&str, BTreeMap<String, String>)> =
        rows.iter().map(|row| (row.section.as_str(), row.cells())).collect();
    let own = |section: &Section| {
        let own = cells.iter().filter(|(code, _)| *code == section.code);
        own.map(|(_, cells)| cells).collect::<Vec<_>>()
    };
    let parts: Vec<_> = columns.iter().map(|(section, column)| (*column, own(section))).collect();
    let sum = row_cells::total(&parts, element)?;
    let carried = sum.is_none_or(|sum| sum.unsigned_abs() <= AMOUNT_MOST.unsigned_abs());
    if carried { Ok(sum) } else { Err(Untold::Beyond) }
}
