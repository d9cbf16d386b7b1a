//! Where each question of a form stands in its XForm, and by which name. Writing and reading both go by it.
//! Names are made from codes, so that a cell has the same name in every version of the form.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    cell::CellKey,
    form::{FixedTable, Form, RowTable, Section, SectionBody, TableColumn, TableRow},
};

/// The question that says which report it is.
pub const REPORT: &str = "baocao";
/// The questions about a file: the file, and what it shows.
pub const FILES_FIELDS: [&str; 2] = ["tep", "chuthich"];

/// A form laid out.
#[derive(Clone, Debug)]
pub struct Layout<'f> {
    /// The form.
    pub form: &'f Form,
    /// Its sections.
    pub parts: Vec<Part<'f>>,
}

/// A section.
#[derive(Clone, Debug)]
pub struct Part<'f> {
    /// The section.
    pub section: &'f Section,
    /// The name of its group.
    pub name: String,
    /// The name of the note with its hint.
    pub hint: String,
    /// Its questions.
    pub body: PartBody<'f>,
}

/// The questions of a section.
#[derive(Clone, Debug)]
pub enum PartBody<'f> {
    /// One per cell.
    Table(Vec<Row<'f>>),
    /// One per column, repeated.
    Grown {
        /// The table.
        table: &'f RowTable,
        /// Names of its columns, in order.
        columns: Vec<String>,
    },
    /// One.
    Words {
        /// Its name.
        question: String,
        /// Most characters.
        max_chars: u32,
    },
    /// A file and its caption, repeated.
    Files,
}

/// A row of a fixed table.
#[derive(Clone, Debug)]
pub struct Row<'f> {
    /// The row.
    pub row: &'f TableRow,
    /// The name of its group when it has several cells, or of the note that a heading is.
    pub name: String,
    /// Its cells; none for a heading.
    pub cells: Vec<Cell<'f>>,
    /// What is asked while its first cell is empty; only of rows that must be filled in.
    pub said: Option<Said>,
}

/// A cell.
#[derive(Clone, Debug)]
pub struct Cell<'f> {
    /// What it is of.
    pub key: CellKey,
    /// Its column.
    pub column: &'f TableColumn,
    /// Its name.
    pub name: String,
}

/// The two questions about a cell without a number.
#[derive(Clone, Debug)]
pub struct Said {
    /// What that means.
    pub state: String,
    /// Why.
    pub reason: String,
}

#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// A name that XML and XPath take, like nobody else's in the form.
    fn give(&mut self, wanted: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
        let base: String = wanted.chars().map(plain).collect();
        let mut name = base.clone();
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{base}_{number}");
            number += 1;
        }
        name
    }
}

impl<'f> Layout<'f> {
    /// Lays a form out.
    pub fn of(form: &'f Form) -> Self {
        let mut names = Names::default();
        for own in [REPORT, "meta", "instanceID", "instanceName", "deprecatedID"] {
            names.give(own);
        }
        for own in FILES_FIELDS {
            names.give(own);
        }
        let mut seen = BTreeSet::new();
        let parts = form.sections.iter().map(|section| Part {
            section,
            name: names.give(&format!("s_{}", section.code)),
            hint: names.give(&format!("h_{}", section.code)),
            body: match &section.body {
                SectionBody::Table(table) => PartBody::Table(rows(table, &mut names, &mut seen)),
                SectionBody::Rows(table) => PartBody::Grown {
                    table,
                    columns: table
                        .columns
                        .iter()
                        .map(|column| names.give(&format!("q_{}_{}", section.code, column.code)))
                        .collect(),
                },
                SectionBody::Narrative { max_chars, .. } => PartBody::Words {
                    question: names.give(&format!("n_{}", section.code)),
                    max_chars: *max_chars,
                },
                SectionBody::Attachments { .. } => PartBody::Files,
            },
        });
        Self { parts: parts.collect(), form }
    }

    /// Every cell with the path of its question.
    pub fn paths(&self) -> BTreeMap<&CellKey, String> {
        let mut all = BTreeMap::new();
        for part in &self.parts {
            let PartBody::Table(rows) = &part.body else { continue };
            for row in rows {
                for cell in &row.cells {
                    all.insert(&cell.key, row.path(part, &cell.name));
                }
            }
        }
        all
    }

    /// Every cell in the order in which it is asked.
    pub fn cells(&self) -> Vec<&CellKey> {
        let tables = self.parts.iter().filter_map(|part| match &part.body {
            PartBody::Table(rows) => Some(rows),
            _ => None,
        });
        tables.flatten().flat_map(|row| &row.cells).map(|cell| &cell.key).collect()
    }
}

impl Part<'_> {
    /// The path of its group.
    pub fn path(&self) -> String {
        format!("/data/{}", self.name)
    }
}

impl Row<'_> {
    /// True when its cells stand in a group of their own.
    pub fn is_group(&self) -> bool {
        self.cells.len() > 1
    }

    /// The path of one of its questions.
    pub fn path(&self, part: &Part<'_>, question: &str) -> String {
        if self.is_group() {
            format!("{}/{}/{question}", part.path(), self.name)
        } else {
            format!("{}/{question}", part.path())
        }
    }
}

/// A cell that stands twice in a form is asked for once.
fn rows<'f>(
    table: &'f FixedTable,
    names: &mut Names,
    seen: &mut BTreeSet<CellKey>,
) -> Vec<Row<'f>> {
    let mut placed = table.cells().into_iter().peekable();
    let mut all = Vec::with_capacity(table.rows.len());
    for (at, row) in table.rows.iter().enumerate() {
        let mut cells = Vec::new();
        // Row by row, as the table has them.
        while let Some(one) = placed.next_if(|one| one.row == at) {
            if !seen.insert(one.key.clone()) {
                continue;
            }
            let Some(column) = table.columns.get(one.column) else { continue };
            let coords = one
                .key
                .coords
                .iter()
                .map(|(dimension, at)| format!("_{dimension}_{at}"))
                .collect::<Vec<_>>()
                .concat();
            let name = names.give(&format!("c_{}{coords}", one.key.element));
            cells.push(Cell { key: one.key.clone(), column, name });
        }
        if row.element.is_some() && cells.is_empty() {
            continue;
        }
        let first = cells.first().map(|cell| cell.name.clone());
        let said = first.filter(|_| row.required).map(|first| Said {
            state: names.give(&format!("k_{}", &first[2..])),
            reason: names.give(&format!("l_{}", &first[2..])),
        });
        all.push(Row { row, name: names.give(&format!("r_{at}")), cells, said });
    }
    all
}
