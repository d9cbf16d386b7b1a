//! The hidden sheet of a workbook: which report it is of, and for every open cell its key, its version and
//! what stood in it when the workbook was made. It tells what its owner changed from what was left alone.

use std::collections::HashMap;

use super::{Stamp, read::Grid};
use crate::model::cell::{CellKey, CellState, Life};

use super::state::decode_state;

/// The name of the sheet.
pub(super) const SHEET: &str = "_nhipcau";
/// What stands in its first cell.
pub(super) const MARK: &str = "nhipcau-workbook";
/// The layout of the hidden keys that is written and read here.
pub(super) const LAYOUT: &str = "1";

/// What an entry is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A figure.
    Cell,
    /// A row of a growing table.
    Row,
    /// A narrative.
    Words,
}

impl Kind {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Cell => "cell",
            Self::Row => "row",
            Self::Words => "words",
        }
    }
}

/// One thing that stood in the workbook when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub kind: Kind,
    pub section: String,
    /// Where it stood when the workbook was made; told when the row is gone.
    pub address: String,
    /// The hidden key of its row.
    pub row: String,
    /// The hidden key of its column.
    pub column: String,
    /// The figure's cell.
    pub cell: String,
    /// The version that stood there.
    pub base: i64,
    /// What stood there: a state, or a hash of longer content.
    pub state: String,
}

/// The hidden sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    pub layout: String,
    pub stamp: Stamp,
    pub entries: Vec<Entry>,
}

impl Manifest {
    /// The sheet that carries the mark, as values and entries; none in workbooks that we did not make.
    pub fn find(grids: &[Grid]) -> Option<Self> {
        grids.iter().find(|grid| grid.text(0, 0) == MARK).map(Self::read)
    }

    fn read(grid: &Grid) -> Self {
        let mut it = Self { layout: grid.text(0, 1), ..Self::default() };
        let mut values: HashMap<String, String> = HashMap::new();
        let rows: std::collections::BTreeSet<u32> = grid.cells.keys().map(|at| at.0).collect();
        for row in rows {
            let text = |column| grid.text(row, column);
            let kind = match text(0).as_str() {
                "cell" => Kind::Cell,
                "row" => Kind::Row,
                "words" => Kind::Words,
                name => {
                    values.insert(name.to_owned(), text(1));
                    continue;
                }
            };
            it.entries.push(Entry {
                kind,
                section: text(1),
                address: text(2),
                row: text(3),
                column: text(4),
                cell: text(5),
                base: text(6).parse().unwrap_or(0),
                state: text(7),
            });
        }
        let value = |name: &str| values.get(name).cloned().unwrap_or_default();
        it.stamp = Stamp {
            dataset: value("dataset"),
            form_version: value("form-version").parse().unwrap_or(0),
            period: value("period"),
            area: value("area"),
            life: Life::from_slug(&value("life")),
        };
        it
    }
}

impl Entry {
    /// The figure's cell.
    pub fn key(&self) -> Option<CellKey> {
        CellKey::parse(&self.cell)
    }

    /// The figure that stood there.
    pub fn figure(&self) -> Option<CellState> {
        decode_state(&self.state)
    }
}

impl Stamp {
    /// Name and value of each of its parts, for the hidden sheet and the document's properties.
    pub(super) fn parts(&self) -> [(&'static str, String); 5] {
        [
            ("dataset", self.dataset.clone()),
            ("form-version", self.form_version.to_string()),
            ("period", self.period.clone()),
            ("area", self.area.clone()),
            ("life", self.life.slug().to_owned()),
        ]
    }
}
