//! A report as a workbook: the template that people fill in away from the program, and what came back in it.
//! Cells are found again by hidden keys, never by where they stand, so rows may be moved, inserted or sorted.
//! Pure: bytes in, bytes out. Who may bring a workbook, and what becomes of it, is not here.

mod archive;
mod compare;
mod grown;
mod manifest;
mod pairs;
mod read;
mod state;
#[cfg(test)]
pub(super) mod tests;
mod write;

use std::collections::{BTreeMap, HashMap};

use super::{
    cell::{CellKey, CellState, Life},
    dimension::{Coords, Dimension},
    element::DataElement,
    form::{Form, RowColumn, Section},
    ids::ElementId,
};

pub use archive::{Limits, Unreadable};
pub use compare::{Ask, Plan, PlannedEdit, PlannedRow, PlannedWords, compare};
pub use pairs::compare_pairs;
pub use read::{Book, Grid, Seen, What, read};
pub use state::{print_state, read_state};
pub use write::write;

/// Which report a workbook is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The data set's code.
    pub dataset: String,
    /// The form's version.
    pub form_version: u32,
    /// The period's id.
    pub period: String,
    /// The area's id.
    pub area: String,
    /// The life of the figures.
    pub life: Life,
}

/// What is printed above the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The data set's title.
    pub title: String,
    /// The form's legal basis, or that it is a working form.
    pub basis: String,
    /// The reporting unit's full name with those above it.
    pub area: String,
    /// The period as people call it.
    pub period: String,
    /// The day by which it is to be handed in, `20/12/2026`; empty when there is none.
    pub due: String,
    /// The day on which the workbook was made.
    pub made_on: String,
}

/// A figure that stands, and in which version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// What stands there.
    pub state: CellState,
    /// Its version.
    pub version: i64,
    /// True when another data set owns it: it is shown and not open here.
    pub foreign: bool,
}

/// A row of a growing table that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingRow {
    /// Its section.
    pub section: String,
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub position: i64,
    /// Its cells by column code, as stored.
    pub cells: BTreeMap<String, String>,
    /// Its version.
    pub version: i64,
}

/// A report as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Figures.
    pub cells: HashMap<CellKey, Stands>,
    /// The last version of cells that hold nothing any more.
    pub emptied: HashMap<CellKey, i64>,
    /// What stood in them one period before.
    pub before: HashMap<CellKey, CellState>,
    /// Narratives by section, with their versions.
    pub words: HashMap<String, (String, i64)>,
    /// Rows of growing tables, in order.
    pub rows: Vec<StandingRow>,
}

/// A report to be written as a workbook, or with which a workbook is compared.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// Its form.
    pub form: &'a Form,
    /// What is counted.
    pub elements: &'a BTreeMap<ElementId, DataElement>,
    /// What it is divided by.
    pub dimensions: &'a BTreeMap<String, Dimension>,
    /// Components of the programme to choose from: code and title.
    pub components: &'a [(String, String)],
    /// Which report.
    pub stamp: &'a Stamp,
    /// What is printed above.
    pub head: &'a Head,
    /// As it stands.
    pub standing: &'a Standing,
}

impl Standing {
    /// The version of a cell; 0 when nothing ever stood there.
    pub fn version(&self, key: &CellKey) -> i64 {
        let emptied = self.emptied.get(key).copied().unwrap_or(0);
        self.cells.get(key).map_or(emptied, |stands| stands.version)
    }

    /// What stands in a cell.
    pub fn state(&self, key: &CellKey) -> Option<&CellState> {
        self.cells.get(key).map(|stands| &stands.state)
    }
}

impl Report<'_> {
    fn section(&self, code: &str) -> Option<&Section> {
        self.form.sections.iter().find(|section| section.code == code)
    }

    /// A cell of a growing table as people read it.
    pub fn shown(&self, column: &RowColumn, stored: &str) -> String {
        let found = |code: &str| self.components.iter().find(|one| one.0 == code);
        column.shown(stored, |code| found(code).map(|one| one.1.as_str()))
    }

    /// What a cell is called: its row and, when the table has several, its column.
    pub fn label(&self, key: &CellKey) -> String {
        for (_, table) in self.form.tables() {
            let placed = table.cells().into_iter().find(|placed| placed.key == *key);
            let found = placed
                .and_then(|at| Some((table.rows.get(at.row)?, table.columns.get(at.column)?)));
            if let Some((row, column)) = found {
                let name = self.elements.get(&key.element).map(|element| element.name.as_str());
                let row = if row.label.is_empty() { name.unwrap_or_default() } else { &row.label };
                let plain = table.columns.len() < 2 || column.title.is_empty();
                return if plain { row.to_owned() } else { format!("{row} – {}", column.title) };
            }
        }
        let name = self.elements.get(&key.element).map_or("", |element| element.name.as_str());
        match self.coords_words(&key.coords, &Coords::total()) {
            words if words.is_empty() => name.to_owned(),
            words => format!("{name} – {words}"),
        }
    }

    /// A disaggregation in words, without what `known` fixes already: *dân tộc Dao · giới tính Nữ*.
    fn coords_words(&self, coords: &Coords, known: &Coords) -> String {
        let options = coords.iter().filter(|(dimension, _)| known.option(dimension).is_none());
        let named = options.map(|(code, option)| {
            let dimension = self.dimensions.get(code);
            match dimension.and_then(|one| Some((one, one.option(option)?))) {
                Some((dimension, option)) => option_words(&dimension.name, &option.name),
                None => option.to_owned(),
            }
        });
        named.collect::<Vec<_>>().join(" · ")
    }
}

/// A place in the file, as its owner sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// The sheet's name; empty in plain tables, and for the file as a whole.
    pub sheet: String,
    /// `D7`; empty for the sheet as a whole.
    pub address: String,
}

/// Something to be told about a place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub at: At,
    /// Fluent key of the words.
    pub key: &'static str,
    /// Arguments of the words.
    pub args: Vec<(&'static str, String)>,
}

impl Note {
    fn new(at: At, key: &'static str) -> Self {
        Self { at, key, args: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}

/// An option in words. One of a syllable or two says too little alone: *Dao*, *Nữ*, *Trực tiếp*.
fn option_words(dimension: &str, option: &str) -> String {
    if option.split_whitespace().count() > 2 || dimension.ends_with(option) {
        return option.to_owned();
    }
    let mut letters = dimension.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
    format!("{first}{} {option}", letters.as_str())
}

/// The address of a cell as a spreadsheet writes it; row and column are counted from 0.
fn address(row: u32, column: u32) -> String {
    let letters = kernel::sheet::column_letters(usize::try_from(column).unwrap_or(0));
    format!("{letters}{}", row.saturating_add(1))
}
