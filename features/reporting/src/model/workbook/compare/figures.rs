//! Figures of fixed tables.

use std::collections::BTreeSet;

use super::{Ask, Plan, PlannedEdit, places::Place};
use crate::model::{
    amount::unit,
    cell::{CellKey, CellState},
    workbook::{
        At, Note, Report,
        manifest::Entry,
        read::Seen,
        state::{ReadState, read_state},
    },
};

/// What was told once of a sheet and is not told again for every cell.
#[derive(Default)]
struct Once {
    rows: BTreeSet<String>,
    columns: BTreeSet<String>,
    regions: BTreeSet<String>,
    units: BTreeSet<u32>,
}

pub(super) fn compare(
    plan: &mut Plan,
    report: &Report<'_>,
    ask: Ask<'_>,
    place: &Place<'_>,
    entries: &[&Entry],
) {
    let mut once = Once::default();
    for entry in entries {
        if let Some(edit) = one(plan, report, ask, place, entry, &mut once) {
            plan.edits.push(edit);
        }
    }
    if !entries.is_empty() {
        strangers(plan, place);
    }
}

fn one(
    plan: &mut Plan,
    report: &Report<'_>,
    ask: Ask<'_>,
    place: &Place<'_>,
    entry: &Entry,
    once: &mut Once,
) -> Option<PlannedEdit> {
    let key = entry.key()?;
    let (row, column) = found(plan, report, place, entry, &key, once)?;
    let at = place.at(row, column);
    if let Some(region) = place.merged(row, column) {
        if once.regions.insert(region.clone()) {
            plan.problem(Note::new(at, "reporting-import-merged").with("region", region));
        }
        return None;
    }
    let element = report.elements.get(&key.element);
    let asked_for = report.form.section_of(&key).is_some() && (ask.is_cell)(&key);
    let told = element.and_then(|element| Some((unit(&element.unit)?, element.decimals)));
    let Some((unit, decimals)) = told.filter(|_| asked_for) else {
        if let Some(seen) = place.cell(row, column) {
            let note = Note::new(at, "reporting-import-not-asked");
            plan.problem(note.with("text", seen.said().chars().take(40).collect::<String>()));
        }
        return None;
    };
    let read = match place.cell(row, column).map(|seen| read_state(seen, unit, decimals)) {
        None => None,
        Some(Ok(read)) => Some(read),
        Some(Err(problem)) => {
            plan.problem(Note { at, key: problem.key, args: problem.args });
            return None;
        }
    };
    let new = read.as_ref().map(|read| read.state.clone());
    if new == entry.figure() || new.as_ref() == report.standing.state(&key) {
        plan.unchanged += 1;
        return None;
    }
    if let Some(said) = place.columns.get("unit").map(|at| (*at, place.text(row, *at)))
        && !said.1.is_empty()
        && !unit.is_called(&said.1)
    {
        if once.units.insert(row) {
            let note = Note::new(place.at(row, said.0), "reporting-import-unit");
            plan.problem(note.with("text", said.1).with("unit", unit.name.as_str()));
        }
        return None;
    }
    settled(plan, report, at, key, entry.base, read, decimals)
}

/// The row and the column of a cell; none when they are gone, which is told once.
fn found(
    plan: &mut Plan,
    report: &Report<'_>,
    place: &Place<'_>,
    entry: &Entry,
    key: &CellKey,
    once: &mut Once,
) -> Option<(u32, u32)> {
    let Some(column) = place.columns.get(&entry.column) else {
        if once.columns.insert(entry.column.clone()) {
            plan.notes.push(Note::new(place.was(&entry.address), "reporting-import-column-gone"));
        }
        return None;
    };
    match place.rows.get(&entry.row).map(Vec::as_slice) {
        None | Some([]) => {
            if once.rows.insert(entry.row.clone()) {
                let note = Note::new(place.was(&entry.address), "reporting-import-row-gone");
                plan.notes.push(note.with("label", report.label(key)));
            }
            None
        }
        Some([row]) => Some((*row, *column)),
        Some([first, others @ ..]) => {
            let what = |row: u32| place.cell(row, *column).map(|seen| &seen.what);
            if others.iter().all(|row| what(*row) == what(*first)) {
                return Some((*first, *column));
            }
            if once.rows.insert(entry.row.clone()) {
                let at = place.at(others[0], *column);
                let first = place.at(*first, *column).address;
                plan.problem(Note::new(at, "reporting-import-row-twice").with("first", first));
            }
            None
        }
    }
}

/// A figure that its owner changed, when it may stand.
pub(in crate::model::workbook) fn settled(
    plan: &mut Plan,
    report: &Report<'_>,
    at: At,
    key: CellKey,
    base: i64,
    read: Option<ReadState>,
    decimals: u32,
) -> Option<PlannedEdit> {
    let (new, remark) = read.map_or((None, None), |read| (Some(read.state), read.remark));
    if let Some(CellState::Nil(why) | CellState::NoData(why)) = &new
        && why.is_empty()
    {
        plan.problem(Note::new(at, "reporting-import-reason"));
        return None;
    }
    if report.standing.cells.get(&key).is_some_and(|stands| stands.foreign) {
        plan.problem(Note::new(at, "reporting-import-owned"));
        return None;
    }
    if let (Some(remark), Some(new)) = (remark, &new) {
        let value = super::super::print_state(new, decimals);
        plan.notes.push(Note::new(at.clone(), remark).with("value", value));
    }
    Some(PlannedEdit {
        clash: report.standing.version(&key) != base,
        old: report.standing.state(&key).cloned(),
        label: report.label(&key),
        at,
        key,
        base,
        new,
        decimals,
    })
}

/// Rows that somebody inserted: what stands in them is of no cell, and is told so that it is not lost.
fn strangers(plan: &mut Plan, place: &Place<'_>) {
    let Some(head) = place.head else { return };
    let figures: Vec<u32> =
        place.columns.iter().filter(|(key, _)| key.contains('|')).map(|one| *one.1).collect();
    for row in place.below(head) {
        if !place.key(row).is_empty() {
            continue;
        }
        if let Some(column) = figures.iter().find(|column| place.cell(row, **column).is_some()) {
            let note = Note::new(place.at(row, *column), "reporting-import-stranger");
            let text = place.cell(row, *column).map(Seen::said).unwrap_or_default();
            plan.problem(note.with("text", text.chars().take(40).collect::<String>()));
        }
    }
}
