//! Reading a filled-in instance: what it says of which report, and what of it cannot be read.

use std::collections::{BTreeMap, HashMap};

use kernel::{
    clock::Day,
    text::{tidy, tidy_lines},
};

use super::{
    layout::{FILES_FIELDS, Layout, PartBody, REPORT},
    number::plain_number,
    tree::Tree,
};
use crate::model::{
    CellKey, CellState, DataElement, ElementId,
    amount::{plain_amount, read_plain},
    form::{ColumnKind, RowColumn, RowTable},
};

/// Most rows of all growing tables together.
const ROWS_MOST: usize = 10_000;

/// What an instance says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Its own id.
    pub instance: String,
    /// The id of the instance that it takes the place of; empty when it takes none's.
    pub deprecated: String,
    /// Which report: `{period}.{area}.{life}`.
    pub report: String,
    /// Figures of cells that were filled in.
    pub figures: Vec<(CellKey, CellState)>,
    /// Narratives that were filled in, by section.
    pub words: Vec<(String, String)>,
    /// Rows of growing tables, in order.
    pub rows: Vec<FilledRow>,
    /// Files.
    pub files: Vec<FilledFile>,
    /// What cannot be read.
    pub misread: Vec<Misread>,
}

/// A row of a growing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledRow {
    /// Its section.
    pub section: String,
    /// Its cells by column code.
    pub cells: BTreeMap<String, String>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledFile {
    /// Its section.
    pub section: String,
    /// The name by which it is sent.
    pub name: String,
    /// What it shows.
    pub caption: String,
}

/// An answer that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The cell as text, the column's heading, or the question's name.
    pub question: String,
    /// Key of the words.
    pub key: &'static str,
    /// What the words take.
    pub args: Vec<(&'static str, String)>,
}

/// Reads an instance of the form. Answers that the form does not ask for are told as misread.
pub fn read(
    layout: &Layout<'_>,
    elements: &BTreeMap<ElementId, DataElement>,
    root: &Tree,
) -> Filled {
    let meta = root.child("meta");
    let mut it = Filled {
        instance: meta.map_or("", |meta| meta.said("instanceID")).to_owned(),
        deprecated: meta.map_or("", |meta| meta.said("deprecatedID")).to_owned(),
        report: root.said(REPORT).to_owned(),
        ..Filled::default()
    };
    let mut answers = HashMap::new();
    let grown: Vec<&str> = layout
        .parts
        .iter()
        .filter(|part| matches!(part.body, PartBody::Grown { .. } | PartBody::Files))
        .map(|part| part.name.as_str())
        .collect();
    for child in root.children.iter().filter(|one| one.name != REPORT && one.name != "meta") {
        if grown.contains(&child.name.as_str()) {
            continue;
        }
        gather(child, &mut answers);
    }
    for part in &layout.parts {
        let section = &part.section.code;
        answers.remove(part.hint.as_str());
        match &part.body {
            PartBody::Table(rows) => {
                for row in rows {
                    answers.remove(row.name.as_str());
                    let mut first = true;
                    for cell in &row.cells {
                        let text = answers.remove(cell.name.as_str()).unwrap_or_default();
                        let said = row.said.as_ref().filter(|_| first).map(|said| {
                            let mut take = |name: &str| answers.remove(name).unwrap_or_default();
                            (take(&said.state), take(&said.reason))
                        });
                        first = false;
                        it.figure(&cell.key, text, said, elements);
                    }
                }
            }
            PartBody::Words { question, .. } => {
                let words = tidy_lines(answers.remove(question.as_str()).unwrap_or_default());
                if !words.is_empty() {
                    it.words.push((section.clone(), words));
                }
            }
            PartBody::Grown { table, columns } => {
                for row in root.children.iter().filter(|one| one.name == part.name) {
                    it.row(section, table, columns, row);
                }
            }
            PartBody::Files => {
                let [file, caption] = FILES_FIELDS;
                for one in root.children.iter().filter(|one| one.name == part.name) {
                    let name = one.said(file);
                    if !name.is_empty() {
                        let (section, name) = (section.clone(), name.to_owned());
                        it.files.push(FilledFile {
                            section,
                            name,
                            caption: tidy(one.said(caption)),
                        });
                    }
                }
            }
        }
    }
    let mut strange: Vec<(&str, &str)> =
        answers.into_iter().filter(|(_, text)| !text.is_empty()).collect();
    strange.sort_unstable();
    for (name, text) in strange {
        it.tell(name, "reporting-openrosa-not-asked", text);
    }
    it
}

/// The answers below an element, by their questions' names.
fn gather<'t>(at: &'t Tree, answers: &mut HashMap<&'t str, &'t str>) {
    if at.children.is_empty() {
        answers.insert(&at.name, at.text.trim());
    }
    for child in &at.children {
        gather(child, answers);
    }
}

impl Filled {
    fn tell(&mut self, question: &str, key: &'static str, text: &str) {
        let text = text.chars().take(40).collect();
        self.misread.push(Misread {
            question: question.to_owned(),
            key,
            args: vec![("text", text)],
        });
    }

    fn figure(
        &mut self,
        key: &CellKey,
        text: &str,
        said: Option<(&str, &str)>,
        elements: &BTreeMap<ElementId, DataElement>,
    ) {
        let name = key.text();
        let name = name.as_str();
        if text.is_empty() {
            let (state, reason) = said.unwrap_or_default();
            let state = match state {
                "kps" => CellState::Nil(tidy(reason)),
                "ksl" => CellState::NoData(tidy(reason)),
                "" | "sau" => return,
                other => return self.tell(name, "reporting-openrosa-not-asked", other),
            };
            if state.reason().chars().count() < 3 {
                return self.tell(name, "reporting-entry-needs-reason", reason);
            }
            self.figures.push((key.clone(), state));
            return;
        }
        let Some(element) = elements.get(&key.element) else {
            return self.tell(name, "reporting-openrosa-not-asked", text);
        };
        let Some(plain) = plain_number(text) else {
            return self.tell(name, "reporting-amount-not-number", text);
        };
        match read_plain(&plain, element.decimals) {
            Ok(amount) => self.figures.push((key.clone(), CellState::Value(amount))),
            Err(problem) => self.misread.push(Misread {
                question: name.to_owned(),
                key: problem.key,
                args: problem.args,
            }),
        }
    }

    fn row(&mut self, section: &str, table: &RowTable, columns: &[String], row: &Tree) {
        if self.rows.len() >= ROWS_MOST {
            return;
        }
        let mut cells = BTreeMap::new();
        for (column, name) in table.columns.iter().zip(columns) {
            let text = row.said(name);
            if text.is_empty() {
                if column.required {
                    self.tell(&column.title, "reporting-row-needs", text);
                }
                continue;
            }
            match stored(column, text) {
                Ok(kept) => {
                    cells.insert(column.code.clone(), kept);
                }
                Err(key) => self.tell(&column.title, key, text),
            }
        }
        if !cells.is_empty() {
            self.rows.push(FilledRow { section: section.to_owned(), cells });
        }
    }
}

/// An answer as rows keep it.
fn stored(column: &RowColumn, text: &str) -> Result<String, &'static str> {
    match &column.kind {
        ColumnKind::Number { decimals, .. } => {
            let plain = plain_number(text).ok_or("reporting-amount-not-number")?;
            let amount = read_plain(&plain, *decimals).map_err(|problem| problem.key)?;
            Ok(plain_amount(amount, *decimals))
        }
        ColumnKind::Day => {
            let day = Day::parse(text.get(..10).unwrap_or(text));
            day.map(Day::iso).ok_or("reporting-import-date")
        }
        ColumnKind::Choice(all) => {
            let known = all.iter().any(|one| one.code == text);
            known.then(|| text.to_owned()).ok_or("reporting-openrosa-not-asked")
        }
        ColumnKind::Text | ColumnKind::Work | ColumnKind::Component => Ok(tidy(text)),
    }
}
