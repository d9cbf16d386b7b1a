//! Deciding about many reports at once, and what became of each.

use std::collections::HashMap;

use kernel::{
    problem::{NOT_FOUND, Outcome},
    web::{Answer, Posted, Template, Visit},
};
use serde::Serialize;

use super::{period_value, told};
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
    let back = picked.first().and_then(|(id, _)| actions::which_of(id)).map_or_else(
        || "/bao-cao/duyet".to_owned(),
        |which| {
            format!(
                "/bao-cao/duyet?bo={}&ky={}",
                which.dataset,
                period_value(&which.period, which.life)
            )
        },
    );
    visit.page(&DONE, &DoneContext { rows, done, back })
}
