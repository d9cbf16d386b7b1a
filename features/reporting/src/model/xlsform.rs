//! An XLSForm workbook (xlsform.org) as a data set with its form. Pure: bytes in, a bundle out, and what is to
//! be said of it, each with its sheet, row and column.
//!
//! Groups become sections, numbers become rows of tables with data elements, repeats become growing tables, words
//! become narratives, pictures become attachments. What our forms cannot hold is left out and told row by row.
//! Columns of our own say what XLSForm cannot: `nhipcau::element`, `nhipcau::unit`, `nhipcau::decimals`,
//! `nhipcau::coords` in `survey`; `nhipcau::scheme`, `nhipcau::tier`, `nhipcau::basis` in `settings`.

mod build;
mod elements;
mod expression;
mod grown;
mod kinds;
mod rules;
mod settings;
mod sheets;
mod survey;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::clock::Day;

use super::{
    DataElement, Dimension, ElementId,
    bundle::Bundle,
    workbook::{self, Limits, Unreadable},
};

/// What a workbook may cost.
pub const LIMITS: Limits = Limits {
    file_bytes: 8 << 20,
    unpacked_bytes: 48 << 20,
    entries: 400,
    cells: 400_000,
    columns: 200,
};
/// Most rows of the survey that are read.
const ROWS_MOST: usize = 3_000;
/// Most things that are told; who has more begins with these.
const TOLD_MOST: usize = 300;

/// What an importer must know of what is defined already.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Data elements by code.
    pub elements: &'a BTreeMap<ElementId, DataElement>,
    /// Dimensions by code.
    pub dimensions: &'a BTreeMap<String, Dimension>,
    /// The first day for which the data set shall be reported.
    pub from: Day,
}

/// Something to be told about a place of the workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The sheet.
    pub sheet: String,
    /// The row as a spreadsheet numbers it; 0 for the whole sheet.
    pub row: u32,
    /// The column's heading; empty for the whole row.
    pub column: String,
    /// Key of the words.
    pub what: &'static str,
    /// What the words take.
    pub args: Vec<(&'static str, String)>,
}

/// What keeps the workbook from becoming a form.
pub type Trouble = Told;
/// What became otherwise than written, or was left out.
pub type Note = Told;

impl Told {
    fn new(sheet: &str, row: u32, column: &str, what: &'static str) -> Self {
        Self { sheet: sheet.to_owned(), row, column: column.to_owned(), what, args: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value: String = value.into();
        self.args.push((name, value.chars().take(120).collect()));
        self
    }
}

/// Notes and troubles while reading.
#[derive(Debug, Default)]
struct Telling {
    notes: Vec<Note>,
    troubles: Vec<Trouble>,
}

impl Telling {
    fn note(&mut self, told: Told) {
        if self.notes.len() < TOLD_MOST {
            self.notes.push(told);
        }
    }

    fn trouble(&mut self, told: Told) {
        if self.troubles.len() < TOLD_MOST {
            self.troubles.push(told);
        }
    }
}

/// Reads a workbook.
///
/// # Errors
///
/// Everything that keeps it from becoming a form, each with its place.
pub fn read(bytes: &[u8], ground: Ground<'_>) -> Result<(Bundle, Vec<Note>), Vec<Trouble>> {
    let book = workbook::read(bytes, LIMITS).map_err(|why| {
        let what = match why {
            Unreadable::TooLarge => "reporting-import-too-large",
            Unreadable::NotAWorkbook => "reporting-import-not-a-workbook",
            Unreadable::OpenDocument => "reporting-import-open-document",
            Unreadable::OldOrEncrypted => "reporting-import-old-excel",
        };
        vec![Told::new("", 0, "", what)]
    })?;
    let mut telling = Telling::default();
    let bundle = sheets::Sheets::read(&book, &mut telling)
        .and_then(|sheets| build::bundle(&sheets, ground, &mut telling));
    match bundle {
        Some(bundle) if telling.troubles.is_empty() => Ok((bundle, telling.notes)),
        _ => Err(telling.troubles),
    }
}
