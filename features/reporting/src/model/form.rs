//! Forms: what a data set asks for, in one version. A cell means the same in every version, because it is
//! named by its data element and coordinates and never by its place on the paper.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    cell::CellKey,
    dimension::Coords,
    ids::{DatasetId, ElementId},
};

/// A form in one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What it reports.
    pub dataset: DatasetId,
    /// Its version, counted from 1.
    pub version: u32,
    /// Its title, as printed.
    pub title: String,
    /// Its legal basis, or that it is a working form; printed under the title.
    #[serde(default)]
    pub basis: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
    /// What must hold between its figures.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its code within the form, kept across versions: it is what partial approval names.
    pub code: String,
    /// Its heading.
    pub title: String,
    /// What to mind when filling it in.
    #[serde(default)]
    pub hint: String,
    /// What it holds.
    pub body: SectionBody,
}

/// What a part of a form holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SectionBody {
    /// Figures: rows of data elements, columns of coordinates.
    Table(FixedTable),
    /// As many rows as there are things to report: works, documents, inspections.
    Rows(RowTable),
    /// Words.
    Narrative {
        /// Most characters.
        max_chars: u32,
        /// True when it may not be left empty.
        #[serde(default)]
        required: bool,
    },
    /// Files with captions.
    Attachments {
        /// Most files.
        max_files: u32,
    },
}

/// The deepest indentation of a row.
pub const INDENT_MOST: u8 = 4;

/// A table with fixed rows and columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedTable {
    /// Its columns of figures, besides label and unit.
    pub columns: Vec<TableColumn>,
    /// Its rows.
    pub rows: Vec<TableRow>,
    /// Dimensions along which a row may be explained further, beyond the columns: sparse cells, added one by
    /// one.
    #[serde(default)]
    pub details: Vec<String>,
}

/// A column of figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableColumn {
    /// Its heading.
    pub title: String,
    /// What it fixes in the disaggregation; empty for the total.
    #[serde(default)]
    pub coords: Coords,
}

/// A row of figures, or a heading between rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow {
    /// Its number as printed: `1`, `1.1`, `a`.
    #[serde(default)]
    pub number: String,
    /// Its label; the element's name when empty.
    #[serde(default)]
    pub label: String,
    /// What is counted; none for a heading.
    #[serde(default)]
    pub element: Option<ElementId>,
    /// What the row fixes in the disaggregation.
    #[serde(default)]
    pub coords: Coords,
    /// Steps to the right.
    #[serde(default)]
    pub indent: u8,
    /// Columns that this row does not have, by index.
    #[serde(default)]
    pub without: Vec<usize>,
    /// True when the row must be filled in before the report can be certified.
    #[serde(default)]
    pub required: bool,
}

/// A table that grows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowTable {
    /// Its columns.
    pub columns: Vec<RowColumn>,
    /// Most rows.
    pub max_rows: u32,
}

/// A column of a table that grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowColumn {
    /// Its code within the table.
    pub code: String,
    /// Its heading.
    pub title: String,
    /// What stands in it.
    pub kind: ColumnKind,
    /// True when no row may leave it empty.
    #[serde(default)]
    pub required: bool,
    /// What its cells may hold.
    #[serde(default, skip_serializing_if = "Bounds::is_none")]
    pub bounds: Bounds,
}

/// What the cells of a column may hold, besides being of its kind. What is not said is not written, so that definitions
/// that were made before stay the same text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// The column of the same row of which a number is a part (*trong đó*), and which it may not exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// The largest number, in the column's unit. Percentages have 100 % when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// True for days within the report's period; others ask for an explanation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_period: bool,
}

impl Bounds {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What stands in a column of a table that grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Words.
    Text,
    /// A number in a unit, with decimals.
    Number {
        /// The unit's code.
        unit: String,
        /// Decimals that are kept.
        #[serde(default)]
        decimals: u32,
        /// The data element whose total this column adds up to; none when it is only listed.
        #[serde(default)]
        element: Option<ElementId>,
    },
    /// A day.
    Day,
    /// One of a few.
    Choice(Vec<Choice>),
    /// The id of a work, by which owner and territory chains are reconciled.
    Work,
    /// A component of the programme.
    Component,
}

/// One of a few.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Stored.
    pub code: String,
    /// Shown.
    pub name: String,
}

/// Something that must hold between figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its code within the form.
    pub code: String,
    /// What must be true, in the formula language: `[10.6{gt=nu}] <= [10.6]`.
    pub check: String,
    /// What is wrong when it is not, in words for the person who types.
    pub message: String,
    /// How bad that is.
    pub severity: Severity,
}

/// How bad it is when a rule does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The report cannot be certified before it is put right.
    Error,
    /// It can be certified with a reason.
    Warning,
}

/// One cell of a fixed table, where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// What it is of.
    pub key: CellKey,
    /// Row within its table.
    pub row: usize,
    /// Column within its table.
    pub column: usize,
}

impl FixedTable {
    /// Its cells, row by row. A row whose coordinates contradict a column's has no cell there.
    pub fn cells(&self) -> Vec<Placed> {
        let mut all = Vec::new();
        for (r, row) in self.rows.iter().enumerate() {
            let Some(element) = &row.element else { continue };
            for (c, column) in self.columns.iter().enumerate() {
                if row.without.contains(&c) {
                    continue;
                }
                if let Some(coords) = row.coords.and(&column.coords) {
                    let key = CellKey { element: element.clone(), coords };
                    all.push(Placed { key, row: r, column: c });
                }
            }
        }
        all
    }
}

impl Form {
    /// Every section with figures, with its table.
    pub fn tables(&self) -> impl Iterator<Item = (&Section, &FixedTable)> {
        self.sections.iter().filter_map(|section| match &section.body {
            SectionBody::Table(table) => Some((section, table)),
            _ => None,
        })
    }

    /// Every data element that it reports: those that are typed into its fixed tables, and those to which its growing
    /// tables add up.
    pub fn elements(&self) -> BTreeSet<&ElementId> {
        let typed = self.tables().flat_map(|(_, table)| &table.rows);
        let added = self.adding().filter_map(|(_, column)| column.element());
        typed.filter_map(|row| row.element.as_ref()).chain(added).collect()
    }

    /// The cells to which its growing tables add up, each with the sections and columns that do. A cell that is asked
    /// for is typed, and nothing adds up to it.
    pub fn totals(&self) -> BTreeMap<CellKey, Vec<(&Section, &RowColumn)>> {
        let mut all: BTreeMap<CellKey, Vec<(&Section, &RowColumn)>> = BTreeMap::new();
        for (section, column) in self.adding() {
            let Some(element) = column.element() else { continue };
            let key = CellKey::total(element.clone());
            if self.section_of(&key).is_none() {
                all.entry(key).or_default().push((section, column));
            }
        }
        all
    }

    fn adding(&self) -> impl Iterator<Item = (&Section, &RowColumn)> {
        self.sections.iter().flat_map(|section| {
            let columns: &[RowColumn] = match &section.body {
                SectionBody::Rows(table) => &table.columns,
                _ => &[],
            };
            columns.iter().filter(|one| one.element().is_some()).map(move |one| (section, one))
        })
    }

    /// The cells of these that some of its sections tell: those for which their tables ask or that may be explained
    /// there, and what growing tables add up to when all that add to it are among them.
    pub fn told_by<'k>(
        &self,
        sections: &BTreeSet<String>,
        keys: impl Iterator<Item = &'k CellKey>,
    ) -> BTreeSet<&'k CellKey> {
        let totals = self.totals();
        let is_meant = |section: &Section| sections.contains(&section.code);
        let tables: Vec<&FixedTable> =
            self.tables().filter(|(one, _)| is_meant(one)).map(|(_, table)| table).collect();
        keys.filter(|key| match totals.get(*key) {
            Some(adding) => adding.iter().all(|(section, _)| is_meant(section)),
            None => tables.iter().any(|table| table.holds(key)),
        })
        .collect()
    }

    /// The section that asks for a cell: where its element and coordinates stand, or where its row may be
    /// explained further.
    pub fn section_of(&self, key: &CellKey) -> Option<&Section> {
        self.tables().find(|(_, table)| table.holds(key)).map(|(section, _)| section)
    }
}

impl RowColumn {
    /// The data element to which it adds up; none when it is only listed.
    pub const fn element(&self) -> Option<&ElementId> {
        match &self.kind {
            ColumnKind::Number { element, .. } => element.as_ref(),
            _ => None,
        }
    }
}

impl FixedTable {
    /// Of these cells those that somebody added below a row, in order. `own` are the cells of the table itself.
    pub fn added_below<'k>(
        &self,
        row: &TableRow,
        own: &BTreeSet<CellKey>,
        keys: impl Iterator<Item = &'k CellKey>,
    ) -> Vec<&'k CellKey> {
        let added = keys
            .filter(|key| row.element.as_ref() == Some(&key.element) && !own.contains(*key))
            .filter(|key| row.coords.covers(&key.coords) && self.holds(key));
        let added: BTreeSet<&CellKey> = added.collect();
        added.into_iter().collect()
    }

    /// True when the table asks for this cell, or its row may be explained so.
    pub fn holds(&self, key: &CellKey) -> bool {
        let of_element = |row: &&TableRow| row.element.as_ref() == Some(&key.element);
        self.rows.iter().filter(of_element).any(|row| self.row_holds(row, &key.coords))
    }

    /// The same of one row, for a cell of its element.
    fn row_holds(&self, row: &TableRow, coords: &Coords) -> bool {
        self.columns.iter().enumerate().any(|(c, column)| {
            !row.without.contains(&c)
                && row.coords.and(&column.coords).is_some_and(|at| {
                    at.covers(coords)
                        && coords.iter().all(|(dimension, _)| {
                            at.option(dimension).is_some()
                                || self.details.iter().any(|d| d == dimension)
                        })
                })
        })
    }
}

/// Where a form asks for each element: for those who look for many cells, since a form may have thousands of rows.
pub struct Places<'f>(HashMap<&'f ElementId, Vec<(&'f Section, &'f FixedTable, &'f TableRow)>>);

impl<'f> Places<'f> {
    /// Those of a form.
    pub fn of(form: &'f Form) -> Self {
        let mut all: HashMap<_, Vec<_>> = HashMap::new();
        for (section, table) in form.tables() {
            for row in &table.rows {
                if let Some(element) = &row.element {
                    all.entry(element).or_default().push((section, table, row));
                }
            }
        }
        Self(all)
    }

    /// What [`Form::section_of`] says.
    pub fn section_of(&self, key: &CellKey) -> Option<&'f Section> {
        let rows = self.0.get(&key.element)?;
        let found = rows.iter().find(|(_, table, row)| table.row_holds(row, &key.coords));
        found.map(|(section, ..)| *section)
    }
}
