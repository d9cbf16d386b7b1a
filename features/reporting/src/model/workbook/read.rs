//! A workbook as cells: only those that hold something, each with the address its owner sees. Formulas give
//! the value that the spreadsheet last computed, and are marked.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{DataRef, Reader, Xlsx};
use kernel::clock::Day;

use super::archive::{self, Limits, Unreadable};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A number.
    Number(f64),
    /// Text, without space around it.
    Text(String),
    /// A number that is shown as a date: its day, `2026-11-22`.
    Day(String),
    /// True or false.
    Truth(bool),
    /// A formula that failed: `#REF!`.
    Failed(String),
    /// A formula of which the file holds no result: a program wrote it that does not compute.
    Unsolved,
}

/// A cell that holds something.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What.
    pub what: What,
    /// True when a formula computed it.
    pub formula: bool,
}

impl Seen {
    /// As text, for keys and words.
    pub fn text(&self) -> String {
        match &self.what {
            What::Number(number) => number.to_string(),
            What::Text(text) | What::Day(text) | What::Failed(text) => text.clone(),
            What::Truth(truth) => truth.to_string(),
            What::Unsolved => String::new(),
        }
    }

    /// As people write it: days as `22/11/2026`, numbers with a comma before decimals.
    pub fn said(&self) -> String {
        match &self.what {
            What::Day(iso) => Day::parse(iso).map_or_else(|| iso.clone(), Day::short),
            What::Number(number) => number.to_string().replace('.', ","),
            What::Truth(truth) => (if *truth { "đúng" } else { "sai" }).to_owned(),
            _ => self.text(),
        }
    }
}

/// A sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Its name.
    pub name: String,
    /// Its cells by row and column, counted from 0.
    pub cells: BTreeMap<(u32, u32), Seen>,
    /// Merged regions: first row and column, last row and column.
    pub merged: Vec<((u32, u32), (u32, u32))>,
}

impl Grid {
    /// The text of a cell; empty when nothing stands there.
    pub fn text(&self, row: u32, column: u32) -> String {
        self.cells.get(&(row, column)).map(Seen::text).unwrap_or_default()
    }
}

/// A workbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Book {
    /// Its sheets, hidden ones too, in their order.
    pub grids: Vec<Grid>,
    /// True when its days are counted from 1904, as older Macintosh programs do.
    pub from_1904: bool,
}

/// Reads an XLSX file.
///
/// # Errors
///
/// When it is none, or larger than the limits allow.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Book, Unreadable> {
    archive::check(bytes, limits)?;
    let broken = |_| Unreadable::NotAWorkbook;
    let mut file: Xlsx<Cursor<&[u8]>> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut book = Book { grids: Vec::new(), from_1904: file.has_1904_epoch() };
    let mut left = limits.cells;
    for name in file.sheet_names() {
        let mut grid = Grid { name: name.clone(), ..Grid::default() };
        {
            // A chart on a sheet of its own holds no cells.
            let Ok(mut cells) = file.worksheet_cells_reader(&name) else { continue };
            while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(broken)? {
                // A result that is an empty text is a result, and an empty cell.
                let unsolved = cell.formula.is_some() && matches!(cell.value, DataRef::Empty);
                let found = if unsolved { Some(What::Unsolved) } else { what(&cell.value) };
                let Some(what) = found else { continue };
                if cell.pos.1 >= limits.columns {
                    return Err(Unreadable::TooLarge);
                }
                left = left.checked_sub(1).ok_or(Unreadable::TooLarge)?;
                grid.cells.insert(cell.pos, Seen { what, formula: cell.formula.is_some() });
            }
        }
        let merged = file.merge_cells_by_sheet_name(&name).map_err(broken)?;
        grid.merged = merged.into_iter().map(|one| (one.start, one.end)).collect();
        book.grids.push(grid);
    }
    Ok(book)
}

fn what(value: &DataRef<'_>) -> Option<What> {
    let text = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| What::Text(text.to_owned()))
    };
    match value {
        DataRef::Empty => None,
        #[expect(
            clippy::cast_precision_loss,
            reason = "cells hold floating numbers; readers give others rarely"
        )]
        DataRef::Int(number) => Some(What::Number(*number as f64)),
        DataRef::Float(number) => Some(What::Number(*number)),
        DataRef::String(own) => text(own),
        DataRef::SharedString(shared) => text(shared),
        DataRef::Bool(truth) => Some(What::Truth(*truth)),
        DataRef::DateTime(when) => {
            let (year, month, day, ..) = when.to_ymd_hms_milli();
            Some(What::Day(format!("{year:04}-{month:02}-{day:02}")))
        }
        DataRef::DateTimeIso(when) => Some(What::Day(when.chars().take(10).collect())),
        DataRef::DurationIso(length) => text(length),
        DataRef::Error(error) => Some(What::Failed(error.to_string())),
    }
}
