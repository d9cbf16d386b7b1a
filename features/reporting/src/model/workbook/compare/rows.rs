//! Rows of growing tables. A row is known by its hidden id; one without is new, and one whose id is gone was
//! taken out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Plan, PlannedRow, places::Place};
use crate::model::{
    form::RowTable,
    workbook::{
        Note, Report, StandingRow,
        grown::{hash, stored, taken},
        manifest::Entry,
    },
};

struct Compared<'p, 'r, 'a, 'b> {
    plan: &'p mut Plan,
    report: &'r Report<'a>,
    place: &'p Place<'b>,
    code: &'p str,
    table: &'p RowTable,
    standing: HashMap<&'a str, &'a StandingRow>,
    entries: HashMap<&'p str, &'p Entry>,
    seen: BTreeSet<String>,
    next: i64,
    many: usize,
}

pub(super) fn compare<'a>(
    plan: &mut Plan,
    report: &Report<'a>,
    place: &Place<'_>,
    (code, table): (&str, &RowTable),
    entries: &[&Entry],
) {
    let Some(head) = place.head else {
        plan.problem(Note::new(place.whole(), "reporting-import-head-gone"));
        return;
    };
    let own = report.standing.rows.iter().filter(|row| row.section == code);
    let standing: HashMap<&'a str, &'a StandingRow> =
        own.map(|row| (row.id.as_str(), row)).collect();
    let mut it = Compared {
        next: standing.values().map(|row| row.position).max().unwrap_or(0) + 1,
        many: standing.len(),
        plan,
        report,
        place,
        code,
        table,
        standing,
        entries: entries.iter().map(|entry| (entry.row.as_str(), *entry)).collect(),
        seen: BTreeSet::new(),
    };
    for row in place.below(head) {
        it.row(row);
    }
    it.gone(entries);
    it.unknown_columns(head);
}

impl Compared<'_, '_, '_, '_> {
    fn row(&mut self, row: u32) {
        let mut id = self.place.key(row);
        let has = |column: &u32| self.place.cell(row, *column).is_some();
        let filled =
            self.table.columns.iter().any(|one| self.place.columns.get(&one.code).is_some_and(has));
        if !filled {
            // An emptied row with its id still beside it was taken out; `gone` says so.
            return;
        }
        let first = self.place.columns.values().min().copied().unwrap_or(0);
        let at = self.place.at(row, first);
        if !id.is_empty() && !self.seen.insert(id.clone()) {
            self.plan.notes.push(Note::new(at.clone(), "reporting-import-row-copied"));
            id.clear();
        }
        let old = self.standing.get(id.as_str()).copied();
        let Some(cells) = self.cells(row, old) else { return };
        let entry = self.entries.get(id.as_str()).copied();
        if entry.is_some_and(|entry| entry.state == hash(self.table, &cells)) && old.is_some() {
            self.plan.unchanged += 1;
            return;
        }
        let Some(old) = old else {
            // New, or taken out here since: what the file says is not lost with it.
            if entry.is_some() {
                if entry.is_some_and(|entry| entry.state == hash(self.table, &cells)) {
                    self.plan.unchanged += 1;
                    return;
                }
                self.plan.notes.push(Note::new(at.clone(), "reporting-import-row-removed-here"));
            }
            self.add(at, cells);
            return;
        };
        if hash(self.table, &old.cells) == hash(self.table, &cells) {
            self.plan.unchanged += 1;
            return;
        }
        let base = entry.map_or(old.version, |entry| entry.base);
        self.plan.rows.push(PlannedRow {
            at,
            section: self.code.to_owned(),
            id: Some(id),
            position: old.position,
            base,
            clash: old.version != base,
            old: old.cells.clone(),
            new: Some(cells),
        });
    }

    fn add(&mut self, at: super::At, cells: BTreeMap<String, String>) {
        self.many += 1;
        if self.many > usize::try_from(self.table.max_rows).unwrap_or(usize::MAX) {
            let note = Note::new(at, "reporting-import-too-many-rows");
            self.plan.problem(note.with("most", self.table.max_rows.to_string()));
            return;
        }
        self.plan.rows.push(PlannedRow {
            at,
            section: self.code.to_owned(),
            id: None,
            position: self.next,
            base: 0,
            old: BTreeMap::new(),
            new: Some(cells),
            clash: false,
        });
        self.next += 1;
    }

    /// A row's cells as they would be stored; none when one of them cannot be read, which is told.
    fn cells(&mut self, row: u32, old: Option<&StandingRow>) -> Option<BTreeMap<String, String>> {
        let mut cells = BTreeMap::new();
        let mut whole = true;
        for column in &self.table.columns {
            let Some(at) = self.place.columns.get(&column.code).copied() else {
                // The file has no such column: what stands there stays.
                let kept = old.and_then(|old| old.cells.get(&column.code));
                cells.extend(kept.map(|text| (column.code.clone(), text.clone())));
                continue;
            };
            if let Some(region) = self.place.merged(row, at) {
                let note = Note::new(self.place.at(row, at), "reporting-import-merged");
                self.plan.problem(note.with("region", region));
                whole = false;
                break;
            }
            let Some(seen) = self.place.cell(row, at) else { continue };
            match taken(&column.kind, seen, self.report.components) {
                Ok(text) => {
                    if seen.formula {
                        let note = Note::new(self.place.at(row, at), "reporting-import-formula");
                        self.plan.notes.push(note.with("value", text.as_str()));
                    }
                    cells.insert(column.code.clone(), stored(&column.kind, &text));
                }
                Err(problem) => {
                    // What stood there unreadable before is not the file's fault.
                    let same = old.and_then(|old| old.cells.get(&column.code));
                    if let Some(same) = same.filter(|same| **same == seen.text()) {
                        cells.insert(column.code.clone(), same.clone());
                        continue;
                    }
                    let at = self.place.at(row, at);
                    self.plan.problem(Note { at, key: problem.key, args: problem.args });
                    whole = false;
                }
            }
        }
        whole.then_some(cells)
    }

    /// Rows that were in the workbook when it was made and are not in it now.
    fn gone(&mut self, entries: &[&Entry]) {
        for entry in entries.iter().filter(|entry| !self.seen.contains(&entry.row)) {
            let Some(old) = self.standing.get(entry.row.as_str()) else { continue };
            let at = self.place.was(&entry.address);
            if old.version != entry.base {
                self.plan.notes.push(Note::new(at, "reporting-import-row-kept"));
                continue;
            }
            self.plan.rows.push(PlannedRow {
                at,
                section: self.code.to_owned(),
                id: Some(old.id.clone()),
                position: old.position,
                base: entry.base,
                old: old.cells.clone(),
                new: None,
                clash: false,
            });
        }
    }

    fn unknown_columns(&mut self, head: u32) {
        for (code, column) in &self.place.columns {
            if self.table.columns.iter().all(|known| known.code != *code) {
                let at = self.place.at(head, *column);
                self.plan.notes.push(Note::new(at, "reporting-import-column-unknown"));
            }
        }
    }
}
