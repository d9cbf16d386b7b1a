//! What differs between a report and an earlier copy of it, as pages show it: to whoever reviews a report that comes
//! again, and to whoever signs it.

use kernel::web::Visit;
use serde::Serialize;

use super::{cell_words, earlier::row_words, rows::shown, told, unit_name};
use crate::{
    actions::{
        catalogue::Catalogue,
        review::{Besides, Changed, ChangedRow, Compared, RowCells},
    },
    model::{
        CellState,
        form::{Form, RowTable, Section, SectionBody},
    },
};

/// More lines of a list than this are only counted: the whole of both stands on other pages.
const SHOWN_MOST: usize = 100;

/// What differs, and from which copy.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Differences {
    /// Which copy, and how many cells differ from it; that nothing does, when nothing does.
    pub(crate) said: String,
    /// What became of saying that nothing occurred at all; empty when nothing did.
    pub(crate) nil: String,
    pub(crate) figures: Vec<Pair>,
    /// How many more figures differ.
    pub(crate) figures_more: usize,
    pub(crate) tables: Vec<TableDiffers>,
    pub(crate) words: Vec<Pair>,
    pub(crate) files: Vec<String>,
}

/// What something was and is; empty where there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Pair {
    pub(crate) label: String,
    pub(crate) before: String,
    pub(crate) now: String,
}

/// A growing table of which rows differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TableDiffers {
    /// Which table, and how many rows came, went and changed.
    pub(crate) said: String,
    pub(crate) rows: Vec<RowDiffers>,
    /// How many more rows differ.
    pub(crate) more: usize,
}

/// A row that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct RowDiffers {
    /// What became of it; of one that came or went, with what it says.
    pub(crate) said: String,
    /// The columns that changed.
    pub(crate) columns: Vec<Pair>,
}

/// What a report says beside a copy, in words.
pub(crate) fn differences(
    visit: &Visit,
    catalogue: &Catalogue,
    form: &Form,
    compared: &Compared,
) -> Differences {
    let cells = compared.cells.iter().take(SHOWN_MOST);
    let mut all = Differences {
        said: said(visit, compared),
        figures: cells.map(|one| figure(visit, catalogue, one)).collect(),
        figures_more: compared.cells.len().saturating_sub(SHOWN_MOST),
        ..Differences::default()
    };
    for one in &compared.besides {
        match one {
            Besides::Nil { before, now } => all.nil = nil(visit, before.as_ref(), now.as_ref()),
            Besides::Rows { section, added, removed, changed } => {
                let rows = (added.as_slice(), removed.as_slice(), changed.as_slice());
                all.tables.push(table(visit, catalogue, section_of(form, section), rows));
            }
            Besides::Words { section, before, now } => {
                let label = words(visit, section_of(form, section).0, before, now);
                all.words.push(Pair { label, before: before.clone(), now: now.clone() });
            }
            Besides::File { section, caption, is_new } => {
                let key = if *is_new { "file-added" } else { "file-removed" };
                let title = section_of(form, section).0.to_owned();
                let args = [("title", title), ("file", caption.clone())];
                all.files.push(visit.say(&format!("reporting-compared-{key}"), &args));
            }
        }
    }
    all
}

/// From which copy, and how many cells.
fn said(visit: &Visit, compared: &Compared) -> String {
    let copy = &compared.copy;
    let what = visit.say(
        &format!("reporting-compared-{}", copy.occasion),
        &[("revision", copy.revision.to_string()), ("when", copy.at.short())],
    );
    let key = match compared.cells.len() {
        0 if compared.is_same() => "reporting-compared-same",
        0 => "reporting-compared-no-cells",
        _ => "reporting-compared",
    };
    visit.say(key, &[("what", what), ("count", compared.cells.len().to_string())])
}

fn figure(visit: &Visit, catalogue: &Catalogue, one: &Changed) -> Pair {
    let element = catalogue.elements.get(&one.key.element);
    let words = |state: &Option<CellState>| match state {
        Some(state) => told(visit, Some(state), element),
        None => String::new(),
    };
    let unit = element.map_or_else(String::new, |one| format!(" ({})", unit_name(&one.unit)));
    Pair {
        label: cell_words(catalogue, &one.key) + &unit,
        before: words(&one.before),
        now: words(&one.now),
    }
}

fn nil(visit: &Visit, before: Option<&String>, now: Option<&String>) -> String {
    let (key, why) = match (before, now) {
        (None, now) => ("reporting-compared-nil-given", now),
        (before, None) => ("reporting-compared-nil-taken-back", before),
        (before, Some(_)) => ("reporting-compared-nil-changed", before),
    };
    visit.say(key, &[("why", why.cloned().unwrap_or_default())])
}

fn words(visit: &Visit, title: &str, before: &str, now: &str) -> String {
    let key = match (before, now) {
        ("", _) => "reporting-compared-words-added",
        (_, "") => "reporting-compared-words-removed",
        _ => "reporting-compared-words-changed",
    };
    visit.say(key, &[("title", title.to_owned())])
}

/// The title of a section, and its columns when it is a growing table; a code without a section is its own title.
pub(super) fn section_of<'f>(form: &'f Form, code: &'f str) -> (&'f str, Option<&'f RowTable>) {
    let found: Option<&Section> = form.sections.iter().find(|section| section.code == code);
    let table = found.and_then(|section| match &section.body {
        SectionBody::Rows(table) => Some(table),
        _ => None,
    });
    (found.map_or(code, |section| section.title.as_str()), table)
}

fn table(
    visit: &Visit,
    catalogue: &Catalogue,
    (title, table): (&str, Option<&RowTable>),
    (added, removed, changed): (&[RowCells], &[RowCells], &[ChangedRow]),
) -> TableDiffers {
    let whole = |key: &str, cells: &RowCells| RowDiffers {
        said: visit.say(key, &[("row", row_words(catalogue, table, cells))]),
        columns: Vec::new(),
    };
    let altered = changed.iter().map(|one| row(visit, catalogue, table, one));
    let gone = removed.iter().map(|one| whole("reporting-compared-row-removed", one));
    let new = added.iter().map(|one| whole("reporting-compared-row-added", one));
    let count = |(kind, count): (&str, usize)| {
        let key = format!("reporting-compared-rows-{kind}");
        (count > 0).then(|| visit.say(&key, &[("count", count.to_string())]))
    };
    let counts = [("added", added.len()), ("removed", removed.len()), ("changed", changed.len())];
    let counts: Vec<String> = counts.into_iter().filter_map(count).collect();
    let all = added.len() + removed.len() + changed.len();
    TableDiffers {
        said: format!("{title}: {}", counts.join(", ")),
        rows: altered.chain(gone).chain(new).take(SHOWN_MOST).collect(),
        more: all.saturating_sub(SHOWN_MOST),
    }
}

/// A row that says something else: which it is, and the columns that differ.
fn row(
    visit: &Visit,
    catalogue: &Catalogue,
    table: Option<&RowTable>,
    one: &ChangedRow,
) -> RowDiffers {
    let columns = table.map_or(&[][..], |table| &table.columns);
    let text = |cells: &RowCells, code: &str| cells.get(code).cloned().unwrap_or_default();
    let pairs = columns.iter().filter_map(|column| {
        let (before, now) = (text(&one.before, &column.code), text(&one.now, &column.code));
        (before != now).then(|| Pair {
            label: column.heading(),
            before: shown(catalogue, column, &before),
            now: shown(catalogue, column, &now),
        })
    });
    let first = columns.iter().find(|column| one.now.contains_key(&column.code));
    let name = first.map(|column| shown(catalogue, column, &text(&one.now, &column.code)));
    let args = [("number", one.number.to_string()), ("name", name.unwrap_or_default())];
    RowDiffers {
        said: visit.say("reporting-compared-row-changed", &args),
        columns: pairs.collect(),
    }
}
