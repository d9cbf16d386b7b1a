//! Cells of growing tables: how a stored text stands in a spreadsheet, and how what a spreadsheet holds is
//! stored, which is as the pages store it: numbers as programs write them (`1234.5`), days as `YYYY-MM-DD`,
//! choices by their code.

use std::collections::BTreeMap;

use kernel::{
    clock::Day,
    text::{fold, tidy},
};

use super::{
    read::{Seen, What},
    state::{no_number, told},
};
use crate::model::{
    amount::{AmountProblem, plain_amount, print_amount, read_amount, read_plain, unit},
    form::{ColumnKind, RowTable},
    row_cells::stored_amount,
};

/// Most characters of words in a cell, as entry keeps them.
const TEXT_MOST: usize = 2_000;
/// Most characters of everything else.
const SHORT_MOST: usize = 200;

/// The one way in which a stored text is written; what cannot be read stays as it is.
pub(super) fn stored(kind: &ColumnKind, text: &str) -> String {
    if let ColumnKind::Number { unit: code, decimals, .. } = kind {
        let amount = stored_amount(text, code, *decimals);
        return amount.map_or_else(|| text.to_owned(), |amount| plain_amount(amount, *decimals));
    }
    let seen = Seen { what: What::Text(text.to_owned()), formula: false };
    let told = if text.is_empty() { Ok(String::new()) } else { taken(kind, &seen, &[]) };
    told.unwrap_or_else(|_| text.to_owned())
}

/// What a spreadsheet holds, as it is stored.
pub(super) fn taken(
    kind: &ColumnKind,
    seen: &Seen,
    components: &[(String, String)],
) -> Result<String, AmountProblem> {
    if matches!(seen.what, What::Failed(_) | What::Unsolved) {
        return Err(no_number(seen));
    }
    match kind {
        ColumnKind::Text => bounded(&tidy(&seen.said()), TEXT_MOST),
        ColumnKind::Work => bounded(&tidy(&seen.said()), SHORT_MOST),
        ColumnKind::Number { unit: code, decimals, .. } => number(seen, code, *decimals),
        ColumnKind::Day => day(seen),
        ColumnKind::Choice(all) => {
            let options: Vec<(&str, &str)> =
                all.iter().map(|one| (one.code.as_str(), one.name.as_str())).collect();
            chosen(&seen.said(), &options)
        }
        ColumnKind::Component => {
            let options: Vec<(&str, &str)> =
                components.iter().map(|one| (one.0.as_str(), one.1.as_str())).collect();
            if options.is_empty() {
                return bounded(&tidy(&seen.said()), SHORT_MOST);
            }
            chosen(&seen.said(), &options)
        }
    }
}

/// The words to choose from, in a column where one chooses.
pub(super) fn choices(kind: &ColumnKind, components: &[(String, String)]) -> Vec<String> {
    match kind {
        ColumnKind::Choice(all) => all.iter().map(|one| one.name.clone()).collect(),
        ColumnKind::Component => components.iter().map(|one| named(&one.0, &one.1)).collect(),
        _ => Vec::new(),
    }
}

/// True when a spreadsheet holds what is stored, although it would not be taken now.
pub(super) fn stands_so(kind: &ColumnKind, seen: &Seen, text: &str) -> bool {
    let number = match (kind, &seen.what) {
        (ColumnKind::Number { unit, decimals, .. }, What::Number(number)) => {
            read_plain(&number.to_string(), *decimals)
                .ok()
                .zip(stored_amount(text, unit, *decimals))
        }
        _ => None,
    };
    number.is_some_and(|(seen, stands)| seen == stands) || seen.text() == text
}

/// The words that stand for a stored code.
pub(super) fn shown(kind: &ColumnKind, code: &str, components: &[(String, String)]) -> String {
    let found = match kind {
        ColumnKind::Choice(all) => {
            all.iter().find(|one| one.code == code).map(|one| one.name.clone())
        }
        ColumnKind::Component => {
            components.iter().find(|one| one.0 == code).map(|one| named(&one.0, &one.1))
        }
        _ => None,
    };
    found.unwrap_or_else(|| code.to_owned())
}

/// A hash of a row's cells: tells whether its owner changed it.
pub(super) fn hash(table: &RowTable, cells: &BTreeMap<String, String>) -> String {
    let mut hasher = blake3::Hasher::new();
    for column in &table.columns {
        let text = cells.get(&column.code).map_or("", String::as_str);
        let text = match &column.kind {
            // As it was when the first workbooks were given out.
            ColumnKind::Number { unit, decimals, .. } => stored_amount(text, unit, *decimals)
                .map_or_else(|| text.to_owned(), |amount| print_amount(amount, *decimals)),
            kind => stored(kind, text),
        };
        if !text.is_empty() {
            hasher.update(column.code.as_bytes()).update(&[0]).update(text.as_bytes()).update(&[1]);
        }
    }
    hasher.finalize().to_hex()[..24].to_owned()
}

fn named(code: &str, title: &str) -> String {
    format!("{code} – {title}")
}

fn bounded(text: &str, most: usize) -> Result<String, AmountProblem> {
    if text.chars().count() > most {
        let mut problem = told("reporting-import-too-long", text);
        problem.args.push(("most", most.to_string()));
        return Err(problem);
    }
    Ok(text.to_owned())
}

fn number(seen: &Seen, code: &str, decimals: u32) -> Result<String, AmountProblem> {
    let amount = match &seen.what {
        What::Number(number) => read_plain(&number.to_string(), decimals)?,
        What::Text(text) => match unit(code) {
            Some(unit) => read_amount(text, unit, decimals)?.amount,
            None => return bounded(&tidy(text), SHORT_MOST),
        },
        _ => return Err(no_number(seen)),
    };
    if amount < 0 {
        return Err(told("reporting-row-negative", &seen.said()));
    }
    Ok(plain_amount(amount, decimals))
}

fn day(seen: &Seen) -> Result<String, AmountProblem> {
    let text = seen.text();
    let day = match &seen.what {
        What::Day(_) | What::Text(_) => Day::parse(&text),
        _ => None,
    };
    day.map(Day::iso).ok_or_else(|| told("reporting-import-not-a-day", &seen.said()))
}

fn chosen(text: &str, options: &[(&str, &str)]) -> Result<String, AmountProblem> {
    let exact = options.iter().find(|(code, name)| text == *code || text == named(code, name));
    if let Some((code, _)) = exact {
        return Ok((*code).to_owned());
    }
    let wanted = fold(text);
    let found = options.iter().find(|(code, name)| {
        text.trim() == *code || fold(name) == wanted || fold(&named(code, name)) == wanted
    });
    found
        .map(|(code, _)| (*code).to_owned())
        .ok_or_else(|| told("reporting-import-no-choice", text))
}
