//! What a workbook that came back would change: compared with what stood in it when it was made, and with what
//! stands now. What its owner left alone is no change, whatever happened here meanwhile.

mod figures;
mod places;
mod rows;
mod since;
mod words;

use std::collections::BTreeMap;

use super::{
    At, Note, Report,
    manifest::{self, Entry, Kind, Manifest},
    read::Book,
};
use crate::model::{
    cell::{CellKey, CellState},
    form::SectionBody,
};
pub(super) use figures::settled;
use places::{Place, Places};

/// What the plan must know from outside.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// True when this version of the data set's form is known here.
    pub knows_form: &'a dyn Fn(u32) -> bool,
    /// True when the element is defined and may be divided so.
    pub is_cell: &'a dyn Fn(&CellKey) -> bool,
    /// What a data set is called, when it is known here.
    pub title: &'a dyn Fn(&str) -> Option<String>,
}

/// Notes on what the file and the report do not have in common.
const UNMATCHED: [&str; 6] = [
    "reporting-import-column-gone",
    "reporting-import-column-lost",
    "reporting-import-column-unknown",
    "reporting-import-row-gone",
    "reporting-import-sheet-strange",
    "reporting-import-words-gone",
];

/// A figure that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedEdit {
    /// Where in the file.
    pub at: At,
    /// The cell.
    pub key: CellKey,
    /// What it is called.
    pub label: String,
    /// The version it is based on.
    pub base: i64,
    /// What stands now.
    pub old: Option<CellState>,
    /// What the file says; none to empty the cell.
    pub new: Option<CellState>,
    /// True when somebody changed the cell since the workbook was made: both will wait for a person.
    pub clash: bool,
    /// Decimals of the element.
    pub decimals: u32,
}

/// A narrative that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedWords {
    /// Where in the file.
    pub at: At,
    /// Its section.
    pub section: String,
    /// The section's title.
    pub title: String,
    /// The version it is based on.
    pub base: i64,
    /// What the file says.
    pub words: String,
    /// True when somebody changed it since the workbook was made: it will not be overwritten.
    pub clash: bool,
}

/// A row of a growing table that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRow {
    /// Where in the file.
    pub at: At,
    /// Its section.
    pub section: String,
    /// Its id; none for a new row.
    pub id: Option<String>,
    /// Where it stands in the table.
    pub position: i64,
    /// The version it is based on.
    pub base: i64,
    /// What stands now, by column.
    pub old: BTreeMap<String, String>,
    /// What the file says; none to take the row out.
    pub new: Option<BTreeMap<String, String>>,
    /// True when somebody changed the row since: what the file says becomes a row beside it.
    pub clash: bool,
}

/// What a file would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Why nothing of the file can be taken.
    pub refused: Option<Note>,
    /// Figures.
    pub edits: Vec<PlannedEdit>,
    /// Narratives.
    pub words: Vec<PlannedWords>,
    /// Rows of growing tables.
    pub rows: Vec<PlannedRow>,
    /// What could not be read; it stays as it is.
    pub problems: Vec<Note>,
    /// How something was read that could have been meant otherwise.
    pub notes: Vec<Note>,
    /// Cells, rows and narratives that stay as they are.
    pub unchanged: usize,
}

impl Plan {
    /// True when there is something to record.
    pub fn is_ready(&self) -> bool {
        self.refused.is_none()
            && !(self.edits.is_empty() && self.words.is_empty() && self.rows.is_empty())
    }

    /// True when everything of the file was understood and found its place.
    pub fn is_whole(&self) -> bool {
        let unmatched = |note: &Note| UNMATCHED.contains(&note.key);
        self.refused.is_none() && self.problems.is_empty() && !self.notes.iter().any(unmatched)
    }

    /// A file of which nothing can be taken.
    pub fn refusal(key: &'static str) -> Self {
        Self { refused: Some(Note::new(At::default(), key)), ..Self::default() }
    }

    pub(super) fn problem(&mut self, note: Note) {
        self.problems.push(note);
    }
}

/// Compares a workbook with the report it is of.
pub fn compare(book: &Book, report: &Report<'_>, ask: Ask<'_>) -> Plan {
    let mut plan = Plan::default();
    let Some(manifest) = Manifest::find(&book.grids) else {
        return Plan::refusal("reporting-import-no-template");
    };
    plan.refused = refused(&manifest, report, ask);
    if plan.refused.is_some() {
        return plan;
    }
    if manifest.stamp.form_version != report.form.version {
        let note = Note::new(At::default(), "reporting-import-other-version")
            .with("version", manifest.stamp.form_version.to_string())
            .with("current", report.form.version.to_string());
        plan.notes.push(note);
    }
    if book.from_1904 {
        plan.notes.push(Note::new(At::default(), "reporting-import-1904"));
    }
    let mut by_section: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &manifest.entries {
        by_section.entry(&entry.section).or_default().push(entry);
    }
    let mut places = Places::find(book, &mut plan);
    for section in &report.form.sections {
        if !matches!(section.body, SectionBody::Attachments { .. }) {
            // A growing table has no entries while it is empty.
            by_section.entry(&section.code).or_default();
        }
    }
    for (code, entries) in by_section {
        let section = report.section(code);
        match places.take(code) {
            Some(place) => part(&mut plan, report, ask, &place, (code, &entries)),
            // Parts that are newer than the file are no loss.
            None if manifest.stamp.form_version != report.form.version && entries.is_empty() => {}
            None => {
                let title = section.map_or(code, |section| section.title.as_str());
                plan.problem(places.missing(title));
            }
        }
    }
    places.strange(&mut plan);
    plan
}

/// Compares a part of the form with its sheet.
fn part(
    plan: &mut Plan,
    report: &Report<'_>,
    ask: Ask<'_>,
    place: &Place<'_>,
    (code, entries): (&str, &[&Entry]),
) {
    let section = report.section(code);
    let of =
        |kind: Kind| entries.iter().copied().filter(|one| one.kind == kind).collect::<Vec<_>>();
    figures::compare(plan, report, ask, place, &of(Kind::Cell));
    match section.map(|section| (&section.body, section.title.as_str())) {
        Some((SectionBody::Rows(table), _)) => {
            rows::compare(plan, report, place, (code, table), &of(Kind::Row));
        }
        Some((SectionBody::Narrative { max_chars, .. }, title)) => {
            words::compare(plan, report, place, (code, title, *max_chars), &of(Kind::Words));
        }
        _ if !of(Kind::Row).is_empty() || !of(Kind::Words).is_empty() => {
            plan.problem(Note::new(place.whole(), "reporting-import-part-gone"));
        }
        _ => {}
    }
}

fn refused(manifest: &Manifest, report: &Report<'_>, ask: Ask<'_>) -> Option<Note> {
    let (theirs, ours) = (&manifest.stamp, report.stamp);
    let note = |key| Some(Note::new(At::default(), key));
    if manifest.layout != manifest::LAYOUT {
        return note("reporting-import-other-layout");
    }
    let told = |key, theirs: &str, ours: &str| {
        note(key).map(|note| note.with("theirs", theirs).with("ours", ours))
    };
    if theirs.dataset != ours.dataset {
        let title = |code: &str, other: &str| (ask.title)(code).unwrap_or_else(|| other.to_owned());
        let theirs = title(&theirs.dataset, &theirs.dataset);
        let ours = title(&ours.dataset, &report.head.title);
        return told("reporting-import-other-dataset", &theirs, &ours);
    }
    if theirs.period != ours.period {
        let label = crate::model::Period::parse(&theirs.period).map(|period| period.label_vi());
        let label = label.unwrap_or_else(|| theirs.period.clone());
        return told("reporting-import-other-period", &label, &report.head.period);
    }
    if theirs.area != ours.area {
        return told("reporting-import-other-area", &theirs.area, &report.head.area);
    }
    if theirs.life != ours.life {
        return note("reporting-import-other-life");
    }
    if theirs.form_version != report.form.version && !(ask.knows_form)(theirs.form_version) {
        let version = theirs.form_version.to_string();
        return note("reporting-import-unknown-version").map(|note| note.with("version", version));
    }
    None
}
