//! Narratives.

use kernel::text::tidy_lines;

use super::{Plan, PlannedWords, places::Place};
use crate::model::workbook::{
    Note, Report,
    manifest::Entry,
    read::{Seen, What},
    state::no_number,
    write::words_hash,
};

pub(super) fn compare(
    plan: &mut Plan,
    report: &Report<'_>,
    place: &Place<'_>,
    (code, title, most): (&str, &str, u32),
    entries: &[&Entry],
) {
    let Some(entry) = entries.first() else { return };
    let row = place.rows.get(&entry.row).and_then(|rows| rows.first());
    let (Some(row), Some(column)) = (row, place.columns.get(&entry.column)) else {
        plan.notes.push(Note::new(place.was(&entry.address), "reporting-import-words-gone"));
        return;
    };
    let at = place.at(*row, *column);
    let seen = place.cell(*row, *column);
    if let Some(seen) = seen.filter(|one| matches!(one.what, What::Failed(_) | What::Unsolved)) {
        let problem = no_number(seen);
        plan.problem(Note { at, key: problem.key, args: problem.args });
        return;
    }
    let words = tidy_lines(&seen.map(Seen::said).unwrap_or_default());
    let standing = report.standing.words.get(code).cloned().unwrap_or_default();
    if words_hash(&words) == entry.state || words == tidy_lines(&standing.0) {
        plan.unchanged += 1;
        return;
    }
    let length = words.chars().count();
    if length > usize::try_from(most).unwrap_or(usize::MAX) {
        let note = Note::new(at, "reporting-import-words-long");
        plan.problem(note.with("length", length.to_string()).with("most", most.to_string()));
        return;
    }
    plan.words.push(PlannedWords {
        at,
        section: code.to_owned(),
        title: title.to_owned(),
        base: entry.base,
        clash: standing.1 != entry.base,
        words,
    });
}
