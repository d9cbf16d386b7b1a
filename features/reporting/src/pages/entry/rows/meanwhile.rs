//! When a row of a growing table cannot be written as it was sent: what was typed comes back, with what somebody else did
//! with the row meanwhile.

use std::collections::BTreeMap;

use kernel::{
    axum::http::StatusCode,
    problem::Failure,
    web::{Answer, Fields, Visit},
};

use super::{ROW, RowPage, Theirs, cells, read, shown, table_of, view};
use crate::{
    actions::{LOCKED, TOO_MUCH, WRITTEN_AT_POINT, entry},
    model::form::RowColumn,
    pages::entry::At,
    store::words::GrowingRow,
};

/// Somebody else changed the row: where they wrote something else than what was typed, both stand side by side; or what was to be taken out is shown as
/// it stands now. Nothing is written until the person says so again.
pub(super) async fn changed(
    visit: &Visit,
    at: &At,
    fields: &Fields,
    theirs: &GrowingRow,
) -> Answer {
    let args = [("by", theirs.by_name.clone()), ("at", theirs.at.short())];
    if fields.has("remove") {
        let problem = visit.say("reporting-row-not-removed", &args);
        let page = view(visit, at, None).await?;
        return again(visit, &RowPage { problem, ..page });
    }
    let which = at.which()?;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let (_, table) = table_of(form, &at.section)?;
    let typed = read(&catalogue, table, fields)?;
    let stored = cells(theirs);
    let cell = |column: &RowColumn| {
        let of = |cells: &BTreeMap<String, String>| cells.get(&column.code).cloned();
        let (saved, own) = (of(&stored).unwrap_or_default(), of(&typed).unwrap_or_default());
        (saved != own).then(|| Theirs {
            label: column.heading(),
            saved: shown(&catalogue, column, &saved),
            own: shown(&catalogue, column, &own),
        })
    };
    let page = RowPage {
        problem: visit.say("reporting-row-changed-meanwhile", &args),
        choosing: true,
        theirs: table.columns.iter().filter_map(cell).collect(),
        version: theirs.version,
        ..view(visit, at, Some(fields)).await?
    };
    again(visit, &page)
}

/// Somebody else took the row out: what was typed is a new row, when the person saves again.
pub(super) async fn gone(visit: &Visit, at: &At, fields: &Fields) -> Answer {
    let past = entry::past_words(&visit.app, &visit.caller, &at.which()?).await?;
    let problem = match past.iter().find(|one| one.row_id == at.row && one.removed) {
        Some(one) => visit.say(
            "reporting-row-gone-meanwhile",
            &[("by", one.replaced_by.clone()), ("at", one.replaced_at.short())],
        ),
        None => visit.say("reporting-row-gone", &[]),
    };
    let anew = At { row: String::new(), ..at.clone() };
    let page = view(visit, &anew, Some(fields)).await?;
    again(visit, &RowPage { problem, version: 0, ..page })
}

/// Nothing was written because the report was closed meanwhile or the table is full: what was typed comes back.
pub(super) async fn refused(visit: &Visit, at: &At, fields: &Fields, failure: Failure) -> Answer {
    let key = if failure.is(&LOCKED) || failure.is(&WRITTEN_AT_POINT) {
        "reporting-entry-closed-meanwhile"
    } else if failure.is(&TOO_MUCH) {
        "reporting-row-full"
    } else {
        return Err(failure);
    };
    let page = view(visit, at, Some(fields)).await?;
    again(visit, &RowPage { problem: visit.say(key, &[]), ..page })
}

fn again(visit: &Visit, page: &RowPage) -> Answer {
    let mut response = visit.page(&ROW, page)?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}
