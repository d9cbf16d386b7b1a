//! Plain tables: a cell and its value on each line, as a file or pasted. Separated by tabs, semicolons or
//! commas; a first line of headings is passed over.

use super::{
    At, Note, Report,
    compare::{Ask, Plan, settled},
    read::{Seen, What},
    state::read_state,
};
use crate::model::{amount::unit, cell::CellKey};

/// Most lines.
const LINES_MOST: usize = 20_000;

/// Compares a plain table with a report. It names no versions, so its values stand over what is shown beside
/// them now.
pub fn compare_pairs(bytes: &[u8], report: &Report<'_>, ask: Ask<'_>) -> Plan {
    let Some(text) = unicode(bytes) else {
        return Plan::refusal("reporting-import-not-unicode");
    };
    let mut plan = Plan::default();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut known = std::collections::BTreeSet::new();
    let mut lines = 0;
    for (index, record) in reader.records().enumerate() {
        let line = (index + 1).to_string();
        let at = At { sheet: String::new(), address: line };
        if index > LINES_MOST {
            return Plan::refusal("reporting-import-too-large");
        }
        let Ok(record) = record else {
            plan.problem(Note::new(at, "reporting-import-line"));
            continue;
        };
        let cell = |column| record.get(column).unwrap_or_default().trim();
        let key = CellKey::parse(cell(0))
            .filter(|key| report.form.section_of(key).is_some() && (ask.is_cell)(key));
        let Some(key) = key else {
            let heading = index == 0 && !cell(0).starts_with(|c: char| c.is_ascii_digit());
            if !heading && record.iter().any(|cell| !cell.trim().is_empty()) {
                let note = Note::new(at, "reporting-import-no-such-cell");
                plan.problem(note.with("text", cell(0).chars().take(40).collect::<String>()));
            }
            continue;
        };
        lines += 1;
        if !known.insert(key.clone()) {
            plan.problem(Note::new(at, "reporting-import-cell-twice").with("cell", key.text()));
            continue;
        }
        one(&mut plan, report, at, key, cell(1), cell(2));
    }
    // Prose, a list of something else, a file that is only called .xlsx.
    if lines == 0 { Plan::refusal("reporting-import-no-lines") } else { plan }
}

fn one(plan: &mut Plan, report: &Report<'_>, at: At, key: CellKey, value: &str, reason: &str) {
    let element = report.elements.get(&key.element);
    let told = element.and_then(|element| Some((unit(&element.unit)?, element.decimals)));
    let Some((unit, decimals)) = told else { return };
    let value = if reason.is_empty() || value.contains(':') {
        value.to_owned()
    } else {
        format!("{value}: {reason}")
    };
    let seen = Seen { what: What::Text(value.clone()), formula: false };
    let read = if value.is_empty() { None } else { Some(read_state(&seen, unit, decimals)) };
    match read.transpose() {
        Err(problem) => plan.problem(Note { at, key: problem.key, args: problem.args }),
        Ok(read) if read.as_ref().map(|read| &read.state) == report.standing.state(&key) => {
            plan.unchanged += 1;
        }
        Ok(mut read) => {
            // In a plain table everything is text; only what was restated is worth a word.
            if let Some(read) = &mut read {
                read.remark = read.remark.filter(|key| *key == "reporting-import-restated");
            }
            let base = report.standing.version(&key);
            let edit = settled(plan, report, at, key, base, read, decimals);
            plan.edits.extend(edit);
        }
    }
}

/// UTF-8 with or without its mark, or the UTF-16 that Excel calls "Unicode text".
fn unicode(bytes: &[u8]) -> Option<String> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => {
            let units: Vec<u16> =
                rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    };
    text.filter(|text| !text.contains('\0'))
}

/// Coordinates hold commas, so a comma separates only where nothing else does.
fn delimiter(text: &str) -> u8 {
    let has = |mark: char| text.lines().take(20).any(|line| line.contains(mark));
    if has('\t') {
        b'\t'
    } else if has(';') {
        b';'
    } else {
        b','
    }
}
