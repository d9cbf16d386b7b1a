//! From the tree of a survey to a bundle: groups become sections, numbers rows with data elements, words
//! narratives, pictures attachments. Rules come from constraints.

use std::collections::{BTreeMap, BTreeSet};

use kernel::text::slug;

use super::{
    Ground, Telling, Told, grown,
    kinds::Kind,
    settings::dataset,
    sheets::{Line, Sheets},
    survey::{Item, tree},
};
use crate::model::{
    CellKey, Coords, DataElement, DatasetId, ElementId,
    bundle::Bundle,
    form::{FixedTable, Form, INDENT_MOST, Section, SectionBody, TableColumn, TableRow},
};

/// Characters of a narrative whose length nobody said.
const NARRATIVE_CHARS: u32 = 4_000;

/// What is being built.
pub(super) struct Builder<'a, 't> {
    pub ground: Ground<'a>,
    pub sheets: &'a Sheets,
    pub telling: &'t mut Telling,
    pub dataset: DatasetId,
    pub elements: BTreeMap<ElementId, DataElement>,
    sections: Vec<Section>,
    codes: BTreeSet<String>,
    /// Questions with a figure: the cell as a formula names it.
    pub figures: BTreeMap<String, String>,
    /// Computed questions: the expression and where it stands.
    pub computed: BTreeMap<String, Line>,
    /// Conditions still to be translated.
    pub constraints: Vec<(Line, Option<String>)>,
}

/// Builds the bundle; none when something keeps it from becoming one.
pub(super) fn bundle(sheets: &Sheets, ground: Ground<'_>, telling: &mut Telling) -> Option<Bundle> {
    let items = tree(&sheets.survey, telling);
    let dataset = dataset(sheets, ground.from, telling);
    let mut builder = Builder {
        ground,
        sheets,
        telling,
        dataset: dataset.code.clone(),
        elements: BTreeMap::new(),
        sections: Vec::new(),
        codes: BTreeSet::new(),
        figures: BTreeMap::new(),
        computed: BTreeMap::new(),
        constraints: Vec::new(),
    };
    builder.level(&items, &dataset.title, "", true);
    let rules = builder.rules();
    if builder.sections.is_empty() {
        builder.telling.trouble(Told::new("survey", 0, "", "reporting-xlsform-nothing"));
        return None;
    }
    let (sections, elements) = (builder.sections, builder.elements);
    let form = Form {
        dataset: dataset.code.clone(),
        version: 1,
        title: dataset.title.clone(),
        basis: dataset.basis.clone(),
        sections,
        rules,
    };
    Some(Bundle {
        dataset,
        form,
        elements: elements.into_values().collect(),
        dimensions: Vec::new(),
    })
}

/// Letters and digits of a name, as codes of sections and columns have them.
pub(super) fn plain_code(name: &str, taken: &mut BTreeSet<String>, otherwise: &str) -> String {
    let base: String =
        slug(&name.replace(['_', '.'], " "), 60).chars().filter(|c| *c != '-').take(20).collect();
    let base = if base.is_empty() { otherwise.to_owned() } else { base };
    let mut code = base.clone();
    let mut number = 2;
    while !taken.insert(code.clone()) {
        code = format!("{base}{number}");
        number += 1;
    }
    code
}

impl Builder<'_, '_> {
    /// The questions and groups of one level: first the figures that stand together, then what else there is, in
    /// the order of the sheet.
    fn level(&mut self, items: &[Item], title: &str, hint: &str, top: bool) {
        let mut rows = Vec::new();
        let mut hints: Vec<&str> = vec![hint];
        let mut files = 0_u32;
        let start = self.sections.len();
        let mut at = start;
        for item in items {
            match item.kind {
                Kind::BeginGroup if !top && !has_sections(&item.items) && has_figures(items) => {
                    self.told_unused(&item.line, &["relevant"]);
                    rows.push(heading(&item.line));
                    self.rows(&item.items, 1, &mut rows);
                }
                Kind::BeginGroup => {
                    self.flush(&mut rows, title, &mut hints, &mut at);
                    let own = label(&item.line);
                    self.told_unused(&item.line, &["relevant"]);
                    self.level(&item.items, &own, item.line.get("hint"), false);
                    at = self.sections.len();
                }
                Kind::BeginRepeat => {
                    self.flush(&mut rows, title, &mut hints, &mut at);
                    self.told_unused(&item.line, &["relevant"]);
                    if let Some(section) = grown::section(self, item) {
                        self.sections.push(section);
                    }
                    at = self.sections.len();
                }
                Kind::Text => {
                    self.told_unused(&item.line, &["relevant", "constraint", "default"]);
                    let (name, title) = (item.line.get("name"), label(&item.line));
                    let section = Section {
                        code: self.section_code(name),
                        title,
                        hint: item.line.get("hint").to_owned(),
                        body: SectionBody::Narrative {
                            max_chars: NARRATIVE_CHARS,
                            required: is_yes(item.line.get("required")),
                        },
                    };
                    self.sections.push(section);
                }
                Kind::File => {
                    files += 1;
                    self.told_unused(&item.line, &["relevant", "required"]);
                }
                Kind::Note => hints.push(item.line.get("label")),
                _ => self.row(item, 0, &mut rows),
            }
        }
        self.flush(&mut rows, title, &mut hints, &mut at);
        if files > 0 {
            let section = Section {
                code: self.section_code("tep"),
                title: if title.is_empty() {
                    "Tài liệu, hình ảnh".to_owned()
                } else {
                    format!("{title}: tài liệu, hình ảnh")
                },
                hint: String::new(),
                body: SectionBody::Attachments { max_files: files.clamp(1, 10) },
            };
            self.sections.push(section);
        }
        // Words to read, and no table that could carry them: the first section of the level does.
        hints.retain(|words| !words.is_empty());
        match self.sections.get_mut(start) {
            Some(first) if !hints.is_empty() => {
                first.hint = hints
                    .iter()
                    .copied()
                    .chain([first.hint.as_str()])
                    .collect::<Vec<_>>()
                    .join(" ");
            }
            None if !hints.is_empty() => {
                let told = Told::new("survey", 0, "label", "reporting-xlsform-note-unused");
                self.telling.note(told.with("text", hints.join(" ")));
            }
            _ => {}
        }
    }

    pub(super) fn section_code(&mut self, name: &str) -> String {
        plain_code(name, &mut self.codes, "muc")
    }

    /// Rows that were gathered become a table, in front of what came after them on this level.
    fn flush(
        &mut self,
        rows: &mut Vec<TableRow>,
        title: &str,
        hints: &mut Vec<&str>,
        at: &mut usize,
    ) {
        if !rows.iter().any(|row| row.element.is_some()) {
            rows.clear();
            return;
        }
        let words: Vec<&str> = hints.drain(..).filter(|words| !words.is_empty()).collect();
        let table = FixedTable {
            columns: vec![TableColumn { title: "Số liệu".to_owned(), coords: Coords::total() }],
            rows: std::mem::take(rows),
            details: Vec::new(),
        };
        let code = self.section_code(title);
        let section = Section {
            code,
            title: if title.is_empty() { "Số liệu".to_owned() } else { title.to_owned() },
            hint: words.join(" "),
            body: SectionBody::Table(table),
        };
        let place = (*at).min(self.sections.len());
        self.sections.insert(place, section);
        *at = self.sections.len();
    }

    /// The rows of a group within a section.
    fn rows(&mut self, items: &[Item], indent: u8, rows: &mut Vec<TableRow>) {
        for item in items {
            if item.kind == Kind::BeginGroup {
                self.told_unused(&item.line, &["relevant"]);
                rows.push(TableRow { indent, ..heading(&item.line) });
                self.rows(&item.items, indent.saturating_add(1).min(INDENT_MOST), rows);
            } else {
                self.row(item, indent, rows);
            }
        }
    }

    /// One question: a row, or a word about why it is none.
    fn row(&mut self, item: &Item, indent: u8, rows: &mut Vec<TableRow>) {
        let line = &item.line;
        match &item.kind {
            Kind::Integer | Kind::Decimal => {
                if let Some(row) = self.figure(item) {
                    rows.push(TableRow { indent, ..row });
                }
            }
            Kind::Calculate => {
                self.computed.insert(line.get("name").to_owned(), line.clone());
            }
            Kind::Note => rows.push(TableRow { indent, ..heading(line) }),
            Kind::Automatic => self.telling.note(line.told_whole("reporting-xlsform-automatic")),
            Kind::One(_) => self.telling.note(line.told_whole("reporting-xlsform-one-outside")),
            Kind::Day => self.telling.note(line.told_whole("reporting-xlsform-day-outside")),
            _ => {
                let told = line.told_whole("reporting-xlsform-foreign");
                self.telling.note(told.with("type", line.get("type")));
            }
        }
    }

    fn figure(&mut self, item: &Item) -> Option<TableRow> {
        let line = &item.line;
        let coords = self.coords(line)?;
        let element = self.element(line, item.kind == Kind::Integer, &coords)?;
        let key = CellKey { element: element.clone(), coords: coords.clone() };
        let cell = if coords.is_total() {
            format!("[{element}]")
        } else {
            format!("[{element}{{{}}}]", coords.text())
        };
        if self.figures.values().any(|known| *known == cell) {
            let told = line.told("nhipcau::element", "reporting-xlsform-cell-twice");
            self.telling.trouble(told.with("cell", key.text()));
            return None;
        }
        self.figures.insert(line.get("name").to_owned(), cell.clone());
        if !line.get("constraint").is_empty() {
            self.constraints.push((line.clone(), Some(cell)));
        }
        self.told_unused(line, &["relevant", "default", "calculation"]);
        Some(TableRow {
            number: String::new(),
            label: label(line),
            element: Some(element),
            coords,
            indent: 0,
            without: Vec::new(),
            required: is_yes(line.get("required")),
        })
    }

    /// A data element that is known or new.
    pub(super) fn known(&self, id: &ElementId) -> Option<&DataElement> {
        self.elements.get(id).or_else(|| self.ground.elements.get(id))
    }

    /// Columns that say something which a row of ours does not have.
    pub(super) fn told_unused(&mut self, line: &Line, columns: &[&str]) {
        for column in columns {
            let text = line.get(column);
            let says_nothing = *column == "required" && !is_yes(text);
            if !text.is_empty() && !says_nothing {
                self.telling
                    .note(line.told(column, "reporting-xlsform-cell-unused").with("text", text));
            }
        }
    }
}

/// True when a group needs sections of its own: words, files or repeats stand in it.
fn has_sections(items: &[Item]) -> bool {
    items.iter().any(|item| match item.kind {
        Kind::BeginRepeat | Kind::Text | Kind::File => true,
        Kind::BeginGroup => has_sections(&item.items),
        _ => false,
    })
}

/// True when numbers stand directly among these.
fn has_figures(items: &[Item]) -> bool {
    items.iter().any(|item| matches!(item.kind, Kind::Integer | Kind::Decimal))
}

fn heading(line: &Line) -> TableRow {
    TableRow {
        number: String::new(),
        label: label(line),
        element: None,
        coords: Coords::total(),
        indent: 0,
        without: Vec::new(),
        required: false,
    }
}

/// Its label, or its name.
pub(super) fn label(line: &Line) -> String {
    let label = line.get("label");
    if label.is_empty() { line.get("name") } else { label }.chars().take(500).collect()
}

pub(super) fn is_yes(text: &str) -> bool {
    ["yes", "true", "true()", "1", "có"].contains(&text.to_lowercase().as_str())
}
