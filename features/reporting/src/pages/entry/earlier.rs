//! What stood in narratives and rows before somebody replaced it or took it out, as pages show it.

use std::collections::BTreeMap;

use kernel::web::Visit;
use serde::Serialize;

use super::rows;
use crate::{
    actions::catalogue::Catalogue,
    model::form::{RowTable, Section, SectionBody},
    store::past_words::PastWords,
};

/// More of them than this are only in the database.
const SHOWN_MOST: usize = 20;

/// An earlier text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Earlier {
    /// Who wrote it and when, who replaced it or took it out and when.
    pub(super) told: String,
    pub(super) words: String,
}

/// The earlier texts of a section, what was replaced last first.
pub(super) fn of_section(
    visit: &Visit,
    catalogue: &Catalogue,
    section: &Section,
    past: &[PastWords],
) -> Vec<Earlier> {
    let own = past.iter().filter(|one| one.section == section.code).take(SHOWN_MOST);
    own.map(|one| Earlier {
        told: told(visit, one),
        words: match &section.body {
            SectionBody::Rows(table) => {
                row_words(catalogue, Some(table), &rows::cells_of(&one.body))
            }
            _ => one.body.clone(),
        },
    })
    .collect()
}

fn told(visit: &Visit, one: &PastWords) -> String {
    let key = if one.removed { "reporting-earlier-removed" } else { "reporting-earlier-replaced" };
    let args = [
        ("by", one.by_name.clone()),
        ("at", one.at.short()),
        ("who", one.replaced_by.clone()),
        ("when", one.replaced_at.short()),
    ];
    visit.say(key, &args)
}

/// A row in one line; without a table that tells its columns, by their codes.
pub(super) fn row_words(
    catalogue: &Catalogue,
    table: Option<&RowTable>,
    cells: &BTreeMap<String, String>,
) -> String {
    let Some(table) = table else {
        return cells
            .iter()
            .map(|(code, text)| format!("{code}: {text}"))
            .collect::<Vec<_>>()
            .join("; ");
    };
    let filled = table.columns.iter().filter_map(|column| {
        let text = cells.get(&column.code).filter(|text| !text.is_empty())?;
        Some(format!("{}: {}", column.heading(), rows::shown(catalogue, column, text)))
    });
    filled.collect::<Vec<_>>().join("; ")
}
