//! The sections of one report as a reviewer reads them: cells with what they were, rows, words, files.

use std::collections::BTreeMap;

use kernel::{
    clock::Timestamp,
    web::{Fields, Visit},
};
use serde::Serialize;

use super::{Shown, cell_name, decimals, unit_name};
use crate::{
    actions::{
        approving::Approved,
        catalogue::Catalogue,
        entry::{Sheet, Which},
        review::{Changed, Doubt, Reviewed},
    },
    model::{
        CellKey,
        form::{Form, SectionBody},
        rule,
    },
    pages::entry::{File, Growing, files_of, growing_of},
    store::{remarks::Remark, review::SectionMark},
};

/// A cell of one report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CellRow {
    pub(crate) key: String,
    pub(crate) label: String,
    pub(crate) unit: String,
    pub(crate) now: Shown,
    pub(crate) before: Shown,
    pub(crate) changed: Option<Shown>,
    pub(crate) doubts: Vec<DoubtRow>,
    pub(crate) remarks: Vec<RemarkRow>,
    pub(crate) typed: String,
}

/// Something that the checks find in a cell.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DoubtRow {
    pub(crate) words: String,
    /// True when the unit explained it as it signed.
    pub(crate) explained: bool,
    /// True when it came up after that.
    pub(crate) is_since: bool,
}

/// A remark.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RemarkRow {
    pub(crate) words: String,
    pub(crate) by: String,
    pub(crate) at: String,
    pub(crate) revision: i64,
    pub(crate) answered: bool,
    /// True for a note, which was no reason to give the report back.
    pub(crate) note: bool,
    pub(crate) answer: String,
}

impl RemarkRow {
    pub(super) fn of(one: &Remark) -> Self {
        Self {
            words: one.words.clone(),
            by: one.by_name.clone(),
            at: one.at.short(),
            revision: one.revision,
            answered: one.resolved_at.is_some(),
            note: !one.is_return,
            answer: one.answer.clone().unwrap_or_default(),
        }
    }
}

/// A section of one report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SectionRow {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) cells: Vec<CellRow>,
    pub(crate) growing: Option<Growing>,
    pub(crate) words: String,
    pub(crate) files: Vec<File>,
    /// `figures`, `rows`, `words` or `files`.
    pub(crate) kind: &'static str,
    pub(crate) in_order: Option<String>,
    pub(crate) changed_since: Option<String>,
    /// That it is approved as it stands.
    pub(crate) approved: Option<String>,
    /// That it was approved, and says something else by now.
    pub(crate) approved_before: Option<String>,
    pub(crate) ticked: bool,
}

pub(super) fn sections(
    visit: &Visit,
    (catalogue, which, sheet): (&Catalogue, &Which, &Sheet),
    form: &Form,
    seen: &Reviewed,
    typed: &Fields,
) -> Vec<SectionRow> {
    let changed: BTreeMap<&CellKey, &Changed> =
        seen.compared.iter().flat_map(|one| &one.cells).map(|one| (&one.key, one)).collect();
    let sentence = |key: &str, mark: &SectionMark| {
        visit.say(
            key,
            &[
                ("who", mark.by_name.clone()),
                ("when", mark.at.short()),
                ("revision", mark.revision.to_string()),
            ],
        )
    };
    let picked = typed.many("dat");
    let section = |one: &crate::model::form::Section| {
        let mut row = SectionRow {
            code: one.code.clone(),
            title: one.title.clone(),
            cells: Vec::new(),
            growing: None,
            words: String::new(),
            files: Vec::new(),
            kind: "figures",
            in_order: seen
                .in_order
                .get(&one.code)
                .map(|mark| sentence("reporting-section-in-order", mark)),
            changed_since: seen
                .changed_since
                .get(&one.code)
                .map(|mark| sentence("reporting-section-changed", mark)),
            approved: approved(visit, &seen.approved, &one.code),
            approved_before: approved_before(visit, &seen.approved, &one.code),
            ticked: seen.in_order.contains_key(&one.code) || picked.contains(&one.code),
        };
        match &one.body {
            SectionBody::Table(table) => {
                let mut keys: Vec<CellKey> =
                    table.cells().into_iter().map(|placed| placed.key).collect();
                let mut further: Vec<CellKey> = sheet
                    .held
                    .keys()
                    .chain(changed.keys().copied())
                    .filter(|key| table.holds(key) && !keys.contains(key))
                    .cloned()
                    .collect();
                further.sort();
                further.dedup();
                keys.extend(further);
                row.cells = keys
                    .iter()
                    .map(|key| cell_row(visit, catalogue, sheet, seen, &changed, typed, key))
                    .collect();
            }
            SectionBody::Rows(table) => {
                row.kind = "rows";
                row.growing = Some(growing_of(visit, (catalogue, which, sheet), &one.code, table));
            }
            SectionBody::Narrative { .. } => {
                row.kind = "words";
                let found = sheet.narratives.iter().find(|held| held.section == one.code);
                row.words = found.map(|held| held.words.clone()).unwrap_or_default();
            }
            SectionBody::Attachments { .. } => {
                row.kind = "files";
                row.files = files_of(visit, which, sheet, &one.code);
            }
        }
        row
    };
    form.sections.iter().map(section).collect()
}

/// That a section is approved as it stands, by whom and when.
pub(crate) fn approved(visit: &Visit, all: &Approved, section: &str) -> Option<String> {
    let mark = all.standing.get(section)?;
    Some(approval(visit, "reporting-section-approved", mark))
}

/// That it was approved, and says something else by now.
pub(crate) fn approved_before(visit: &Visit, all: &Approved, section: &str) -> Option<String> {
    let mark = all.changed.get(section)?;
    Some(approval(visit, "reporting-section-approved-before", mark))
}

fn approval(visit: &Visit, key: &str, mark: &SectionMark) -> String {
    let who = mark.approved_by.clone().unwrap_or_default();
    let when = mark.approved_at.map(Timestamp::short).unwrap_or_default();
    visit.say(key, &[("who", who), ("when", when)])
}

/// Doubts about rows of growing tables, which stand beside no cell, in words that say how they were explained.
pub(super) fn row_doubts(visit: &Visit, all: &[Doubt]) -> Vec<String> {
    let loose = all.iter().filter(|one| one.cells.is_empty());
    let told = loose.map(|one| {
        let since = rule::arisen(one.words).filter(|_| one.is_since);
        let key = if one.explained { rule::explained(one.words) } else { one.words };
        visit.say(since.unwrap_or(key), &one.args)
    });
    told.collect()
}

/// A doubt in the row of its cell, which says already of whom the figure is.
fn doubt_words(visit: &Visit, catalogue: &Catalogue, key: &CellKey, doubt: &Doubt) -> String {
    let total = CellKey::total(key.element.clone());
    let args = doubt.args.iter().map(|(name, told)| match *name {
        "element" => ("element", cell_name(catalogue, &total)),
        name => (name, told.clone()),
    });
    visit.say(rule::here(doubt.words), &args.collect::<Vec<_>>())
}

fn cell_row(
    visit: &Visit,
    catalogue: &Catalogue,
    sheet: &Sheet,
    seen: &Reviewed,
    changed: &BTreeMap<&CellKey, &Changed>,
    typed: &Fields,
    key: &CellKey,
) -> CellRow {
    let text = key.text();
    let places = decimals(catalogue, key);
    let doubts = seen.doubts.iter().filter(|one| one.cells.first() == Some(key));
    let doubts = doubts.map(|one| DoubtRow {
        words: doubt_words(visit, catalogue, key, one),
        explained: one.explained,
        is_since: one.is_since,
    });
    CellRow {
        label: cell_name(catalogue, key),
        unit: unit_name(catalogue, key),
        now: Shown::of(sheet.held.get(key).map(|held| &held.state), places),
        before: Shown::of(sheet.before.get(key), places),
        changed: changed.get(key).map(|one| Shown::of(one.before.as_ref(), places)),
        doubts: doubts.collect(),
        remarks: sheet.remarks.iter().filter(|one| one.cell == text).map(RemarkRow::of).collect(),
        typed: typed.line(&format!("n.{text}")),
        key: text,
    }
}
