//! What must hold of the columns of a table that grows: what they add up to can hold it, and what they are a part of is
//! there and measures the same.

use std::collections::HashSet;

use super::{DECIMALS_MOST, Found, shortened};
use crate::model::{
    CellKey, ElementId,
    amount::{convert, unit},
    bundle::{Ground, Known, most, no_unit},
    dimension::is_code,
    form::{Choice, ColumnKind, RowColumn, RowTable},
};

/// Rows of a growing table.
const GROWN_MOST: u32 = 5_000;

pub(super) fn table<K: Known>(
    found: &mut Found,
    ground: &Ground<'_, K>,
    at: &str,
    table: &RowTable,
) {
    found.require(!table.columns.is_empty(), at, "reporting-flaw-no-columns");
    found.require((1..=GROWN_MOST).contains(&table.max_rows), at, "reporting-flaw-max-rows");
    let required = table.columns.iter().any(|column| column.required);
    found.require(required || table.columns.is_empty(), at, "reporting-flaw-none-required");
    let mut codes = HashSet::new();
    for (c, column) in table.columns.iter().enumerate() {
        let at = format!("{at}/column/{}", c + 1);
        found.code(is_code(&column.code), &at, &column.code);
        found.require(codes.insert(&column.code), &at, "reporting-flaw-twice");
        found.words(&at, &column.title, most::TITLE);
        match &column.kind {
            ColumnKind::Number { unit: code, decimals, element } => {
                if let Some((what, args)) = no_unit(code) {
                    found.add(&at, what, args);
                }
                found.require(*decimals <= DECIMALS_MOST, &at, "reporting-flaw-decimals");
                if let Some(element) = element {
                    adds_up(found, ground, &at, column, element);
                }
                if let Some(whole) = &column.bounds.part_of {
                    part(found, &at, (column, whole), table);
                }
            }
            ColumnKind::Choice(choices) => choice(found, &at, choices),
            ColumnKind::Text | ColumnKind::Day | ColumnKind::Work | ColumnKind::Component => {}
        }
    }
}

fn choice(found: &mut Found, at: &str, choices: &[Choice]) {
    found.require(!choices.is_empty(), at, "reporting-flaw-no-options");
    if found.count(at, choices.len(), most::OPTIONS) {
        let mut codes = HashSet::new();
        for choice in choices {
            let fits = is_code(&choice.code) && codes.insert(&choice.code);
            found.code(fits, at, &choice.code);
            found.words(at, &choice.name, most::TITLE);
        }
    }
}

/// The element of a column must measure the same and keep every decimal that the column keeps, and nobody types it in
/// the same form: a sum that is rounded or dropped would be a loss that nobody sees.
fn adds_up<K: Known>(
    found: &mut Found,
    ground: &Ground<'_, K>,
    at: &str,
    column: &RowColumn,
    code: &ElementId,
) {
    let Some(element) = ground.element(code) else {
        found.add(at, "reporting-flaw-element", vec![("code", code.to_string())]);
        return;
    };
    let named = || ("element", element.name.clone());
    if ground.bundle.form.section_of(&CellKey::total(code.clone())).is_some() {
        found.add(at, "reporting-flaw-total-typed", vec![named()]);
    }
    let measure = column.measure().and_then(|(code, decimals)| Some((unit(code)?, decimals)));
    let (Some((from, decimals)), Some(to)) = (measure, unit(&element.unit)) else { return };
    let units = || vec![named(), ("unit", from.name.clone()), ("elementUnit", to.name.clone())];
    if from.kind != to.kind {
        found.add(at, "reporting-flaw-total-kind", units());
    } else if convert(1, decimals, from, to, element.decimals).is_none() {
        let mut args = units();
        args.push(("decimals", element.decimals.to_string()));
        found.add(at, "reporting-flaw-total-decimals", args);
    }
}

/// What a column is a part of is another column of numbers that measures the same.
fn part(found: &mut Found, at: &str, (column, whole): (&RowColumn, &str), table: &RowTable) {
    let kind = |column: &RowColumn| Some(&unit(column.measure()?.0)?.kind);
    let other = table.columns.iter().find(|one| one.code == whole && one.code != column.code);
    let Some(other) = other.filter(|one| one.measure().is_some()) else {
        found.add(at, "reporting-flaw-no-whole", vec![("code", shortened(whole))]);
        return;
    };
    if let (Some(own), Some(its)) = (kind(column), kind(other))
        && own != its
    {
        found.add(at, "reporting-flaw-whole-kind", vec![("of", other.title.clone())]);
    }
}
