//! Deciding about many reports at once, and what became of each.

use std::collections::HashMap;

use kernel::{
    problem::{NOT_FOUND, Outcome},
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{list::FILTERS, period_value, told};
use crate::{
    actions::{REVIEW, review as actions},
    model::{SubmissionId, submission::Step},
    store::submissions::Submission,
};

/// What became of one of many.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DoneRow {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) done: bool,
    pub(crate) text: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct DoneContext {
    pub(crate) rows: Vec<DoneRow>,
    pub(crate) done: usize,
    pub(crate) back: String,
}

pub(crate) const DONE: Template<DoneContext> = Template::new("reporting/review_done.html");

pub(super) async fn decide_many(visit: Visit, posted: Posted) -> Answer {
    visit.caller.must_somewhere(&REVIEW)?;
    let step = match posted.fields.raw("buoc") {
        "accept" => Step::Accept,
        "approve" => Step::Approve,
        _ => return Err((&NOT_FOUND).into()),
    };
    let read = |text: &String| {
        let (id, revision) = text.rsplit_once('@')?;
        Some((SubmissionId::parse(id)?, revision.parse().ok()?))
    };
    let picked: Vec<(SubmissionId, i64)> =
        posted.fields.many("bao_cao").iter().filter_map(read).collect();
    let became = actions::decide_many(&visit.app, &visit.caller, step, &picked).await;
    let areas: Vec<areas::AreaId> =
        picked.iter().filter_map(|(id, _)| Some(actions::which_of(id)?.area)).collect();
    let names: HashMap<_, _> =
        visit.app.db.view(async |tx| Ok(areas::find_many(tx, &areas).await?)).await?;
    let row = |(id, became): &(SubmissionId, Outcome<Submission>)| {
        let area = actions::which_of(id).map(|which| which.area);
        let name = area.and_then(|area| Some(names.get(&area)?.title()));
        DoneRow {
            href: format!("/bao-cao/duyet/{id}"),
            name: name.unwrap_or_else(|| id.to_string()),
            done: became.is_ok(),
            text: match became {
                Ok(after) => {
                    visit.say(&format!("reporting-review-state-{}", after.state.code()), &[])
                }
                Err(failure) => told(&visit, failure),
            },
        }
    };
    let rows: Vec<DoneRow> = became.iter().map(row).collect();
    let done = rows.iter().filter(|row| row.done).count();
    let back = back(&posted.fields, picked.first().map(|(id, _)| id));
    visit.page(&DONE, &DoneContext { rows, done, back })
}

/// The list as it was left: the same data set, area and tab.
fn back(fields: &Fields, first: Option<&SubmissionId>) -> String {
    let Some(which) = first.and_then(actions::which_of) else {
        return "/bao-cao/duyet".to_owned();
    };
    let period = period_value(&which.period, which.life);
    let area = areas::AreaId::parse(fields.raw("dia_ban"));
    let area = area.map_or_else(String::new, |area| format!("&dia_ban={area}"));
    let filter = FILTERS.into_iter().find(|one| *one == fields.raw("loc")).unwrap_or(FILTERS[0]);
    format!("/bao-cao/duyet?bo={}&ky={period}{area}&loc={filter}", which.dataset)
}
