//! Rows of growing tables. A row is known by its hidden id; one without is new, and one whose id is gone was
//! taken out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Plan, PlannedRow,
    places::Place,
    since::{Cells, Since},
};
use crate::model::{
    Period,
    form::{RowColumn, RowTable, Severity},
    row_checks::Amiss,
    workbook::{
        At, Note, Report, StandingRow,
        grown::{hash, stands_so, stored, taken},
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
    /// Rows that stand and were not in the workbook when it was made.
    since: Vec<Since<'a>>,
    next: i64,
    many: usize,
}

/// A row as the file tells it.
struct Told {
    row: u32,
    /// What could be read, as it would be stored.
    cells: Cells,
    /// Columns in which something stands that could not be read; it was told.
    unread: Vec<String>,
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
    if !table.columns.iter().any(|one| place.columns.contains_key(&one.code)) {
        // Every row would look as if somebody had emptied it.
        plan.problem(Note::new(place.whole(), "reporting-import-keys-gone"));
        return;
    }
    let own = report.standing.rows.iter().filter(|row| row.section == code);
    let standing: HashMap<&'a str, &'a StandingRow> =
        own.clone().map(|row| (row.id.as_str(), row)).collect();
    let entries_by: HashMap<&str, &Entry> =
        entries.iter().map(|entry| (entry.row.as_str(), *entry)).collect();
    let since = own.filter(|row| !entries_by.contains_key(row.id.as_str()));
    let mut it = Compared {
        next: standing.values().map(|row| row.position).max().unwrap_or(0) + 1,
        many: standing.len(),
        since: since.map(|row| Since::of(table, row)).collect(),
        plan,
        report,
        place,
        code,
        table,
        standing,
        entries: entries_by,
        seen: BTreeSet::new(),
    };
    for row in place.below(head) {
        it.row(row);
    }
    it.gone(entries);
    it.columns(head);
}

impl<'p> Compared<'p, '_, '_, '_> {
    fn row(&mut self, row: u32) {
        let mut id = self.place.key(row);
        let has = |column: &u32| self.place.cell(row, *column).is_some();
        let filled =
            self.table.columns.iter().any(|one| self.place.columns.get(&one.code).is_some_and(has));
        if !filled {
            // An emptied row with its id still beside it was taken out; `gone` says so.
            return;
        }
        if !id.is_empty() && !self.seen.insert(id.clone()) {
            self.plan.notes.push(Note::new(self.start(row), "reporting-import-row-copied"));
            id.clear();
        }
        let old = self.standing.get(id.as_str()).copied();
        let told = self.read(row, old);
        let entry = self.entries.get(id.as_str()).copied();
        if entry.is_some_and(|entry| entry.state == hash(self.table, &told.cells)) {
            self.plan.unchanged += 1;
            return;
        }
        match old {
            Some(old) => self.change(told, old, entry.map_or(old.version, |entry| entry.base)),
            None => self.fresh(told, entry.is_some()),
        }
    }

    /// Where a row begins.
    fn start(&self, row: u32) -> At {
        let first = self.place.columns.values().min().copied().unwrap_or(0);
        self.place.at(row, first)
    }

    /// A row that stands and of which the file says something else.
    fn change(&mut self, mut told: Told, old: &StandingRow, base: i64) {
        for code in &told.unread {
            let kept = old.cells.get(code).map(|text| (code.clone(), text.clone()));
            told.cells.extend(kept);
        }
        let now = hash(self.table, &old.cells);
        if !told.unread.is_empty() && old.version != base && now != hash(self.table, &told.cells) {
            // What stood in the unread cells when the workbook was made is not known any more.
            self.plan.problem(Note::new(self.start(told.row), "reporting-import-row-left"));
            return;
        }
        let kept = self.lacking(&told).into_iter().filter(|column| {
            let stands = old.cells.get(&column.code).filter(|text| !text.is_empty());
            told.cells.extend(stands.map(|text| (column.code.clone(), text.clone())));
            stands.is_some()
        });
        let kept: Vec<&RowColumn> = kept.collect();
        self.say_lacking(told.row, &kept, "reporting-import-row-needs-kept");
        if now == hash(self.table, &told.cells) {
            self.plan.unchanged += 1;
            return;
        }
        let lacking = self.lacking(&told);
        self.say_lacking(told.row, &lacking, "reporting-import-row-needs");
        self.plan.rows.push(PlannedRow {
            at: self.start(told.row),
            section: self.code.to_owned(),
            id: Some(old.id.clone()),
            position: old.position,
            base,
            clash: old.version != base,
            old: old.cells.clone(),
            new: Some(told.cells),
        });
    }

    /// A row that does not stand by its id: new, or taken out here since. When a file is mended and brought once more,
    /// the rows that were taken from it before are known again: they do not stand twice.
    fn fresh(&mut self, told: Told, removed: bool) {
        let again = self.since.iter().enumerate();
        let again = again.filter_map(|(at, one)| Some((at, one.lacks(&told.cells, &told.unread)?)));
        let Some((at, _)) = again.min_by_key(|(_, lacks)| *lacks) else {
            if removed {
                // What the file says is not lost with the row.
                let note = Note::new(self.start(told.row), "reporting-import-row-removed-here");
                self.plan.notes.push(note);
            }
            self.add(&told);
            return;
        };
        let old = self.since.remove(at).row;
        self.plan.notes.push(Note::new(self.start(told.row), "reporting-import-row-again"));
        self.change(told, old, old.version);
    }

    fn add(&mut self, told: &Told) {
        let at = self.start(told.row);
        if told.cells.is_empty() {
            let note = Note::new(at, "reporting-import-row-not-added");
            self.plan.problem(note.with("row", (told.row + 1).to_string()));
            return;
        }
        self.many += 1;
        if self.many > usize::try_from(self.table.max_rows).unwrap_or(usize::MAX) {
            let note = Note::new(at, "reporting-import-too-many-rows");
            self.plan.problem(note.with("most", self.table.max_rows.to_string()));
            return;
        }
        let lacking = self.lacking(told);
        self.say_lacking(told.row, &lacking, "reporting-import-row-needs");
        self.plan.rows.push(PlannedRow {
            at,
            section: self.code.to_owned(),
            id: None,
            position: self.next,
            base: 0,
            old: BTreeMap::new(),
            new: Some(told.cells.clone()),
            clash: false,
        });
        self.next += 1;
    }

    /// Required columns in which nothing stands.
    fn lacking(&self, told: &Told) -> Vec<&'p RowColumn> {
        let empty = |one: &&RowColumn| {
            one.required
                && self.place.columns.contains_key(&one.code)
                && !told.unread.contains(&one.code)
                && told.cells.get(&one.code).is_none_or(String::is_empty)
        };
        self.table.columns.iter().filter(empty).collect()
    }

    /// Says once for a row which required columns are empty, at the first of them.
    fn say_lacking(&mut self, row: u32, columns: &[&RowColumn], key: &'static str) {
        let Some(first) = columns.first() else { return };
        let Some(column) = self.place.columns.get(&first.code) else { return };
        let names: Vec<String> =
            columns.iter().map(|column| format!("“{}”", column.title)).collect();
        let note = Note::new(self.place.at(row, *column), key);
        self.plan.problem(note.with("columns", names.join(", ")));
    }

    /// A row's cells as they would be stored; what cannot be read is told and left out.
    fn read(&mut self, row: u32, old: Option<&StandingRow>) -> Told {
        let mut told = Told { row, cells: BTreeMap::new(), unread: Vec::new() };
        let mut merged = None;
        for column in &self.table.columns {
            let before = old.and_then(|old| old.cells.get(&column.code));
            let Some(at) = self.place.columns.get(&column.code).copied() else {
                // The file has no such column: what stands there stays.
                told.cells.extend(before.map(|text| (column.code.clone(), text.clone())));
                continue;
            };
            if let Some(region) = self.place.merged(row, at) {
                told.unread.push(column.code.clone());
                if merged.as_ref() != Some(&region) {
                    let note = Note::new(self.place.at(row, at), "reporting-import-merged");
                    self.plan.problem(note.with("region", region.as_str()));
                    merged = Some(region);
                }
                continue;
            }
            let Some(seen) = self.place.cell(row, at) else { continue };
            match taken(&column.kind, seen, self.report.components) {
                Ok(text) => {
                    if seen.formula {
                        let note = Note::new(self.place.at(row, at), "reporting-import-formula");
                        let value = self.report.shown(column, &text);
                        self.plan.notes.push(note.with("value", value));
                    }
                    told.cells.insert(column.code.clone(), stored(&column.kind, &text));
                }
                Err(problem) => {
                    // What stood there unreadable before is not the file's fault.
                    if let Some(same) = before.filter(|text| stands_so(&column.kind, seen, text)) {
                        told.cells.insert(column.code.clone(), same.clone());
                        continue;
                    }
                    let at = self.place.at(row, at);
                    self.plan.problem(Note { at, key: problem.key, args: problem.args });
                    told.unread.push(column.code.clone());
                }
            }
        }
        self.judge(&mut told, old);
        told
    }

    /// What a page would refuse is told and left out; days outside the period are told and kept. What stood so before is
    /// not the file's fault.
    fn judge(&mut self, told: &mut Told, old: Option<&StandingRow>) {
        let period = Period::parse(&self.report.stamp.period);
        let before = old.map(|old| self.table.amiss(&old.cells, period.as_ref()));
        let before = before.unwrap_or_default();
        for one in self.table.amiss(&told.cells, period.as_ref()) {
            let (column, amiss) = (one.0, &one.1);
            let Some(at) = self.place.columns.get(&column.code).copied() else { continue };
            // Empty cells are told for the row as a whole.
            if *amiss == Amiss::Empty || before.contains(&one) {
                continue;
            }
            let note =
                Note { at: self.place.at(told.row, at), key: amiss.at_cell(), args: amiss.args() };
            if amiss.severity() == Severity::Warning {
                self.plan.notes.push(note);
            } else {
                self.plan.problem(note);
                told.cells.remove(&column.code);
                told.unread.push(column.code.clone());
            }
        }
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

    /// Columns that only the file has, and columns that it has no more.
    fn columns(&mut self, head: u32) {
        for (code, column) in &self.place.columns {
            if self.table.columns.iter().all(|known| known.code != *code) {
                let at = self.place.at(head, *column);
                self.plan.notes.push(Note::new(at, "reporting-import-column-unknown"));
            }
        }
        for column in &self.table.columns {
            if !self.place.columns.contains_key(&column.code) {
                let note = Note::new(self.place.whole(), "reporting-import-column-lost");
                self.plan.notes.push(note.with("column", column.title.as_str()));
            }
        }
    }
}
