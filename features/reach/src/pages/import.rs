//! The pasted list: taken whole, or not at all with every wrong line told.

use areas::Area;
use kernel::{
    axum::extract::Query,
    problem::Outcome,
    web::{Answer, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    Named,
    roster::{Asked, open},
    told,
};
use crate::actions::{self, KEEP_ROSTER};

#[derive(Debug, Serialize)]
pub(super) struct ImportContext {
    pub(super) commune: Named,
    pub(super) list: String,
    pub(super) from: String,
    pub(super) villages: Vec<String>,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

pub(super) const IMPORT: Template<ImportContext> = Template::new("reach/import.html");

async fn import_context(
    visit: &Visit,
    commune: &Area,
    list: String,
    from: String,
) -> Outcome<ImportContext> {
    let villages =
        visit.app.db.view(async |tx| Ok(areas::villages_of(tx, &commune.id).await?)).await?;
    let villages = villages.into_iter().map(|area| area.full_name).collect();
    Ok(ImportContext { commune: Named::of(commune), list, from, villages, errors: Vec::new() })
}

pub(crate) async fn form(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    let commune = open(&visit, &asked.xa).await?;
    let today = visit.app.now().day().short();
    let context = import_context(&visit, &commune, String::new(), today).await?;
    visit.page(&IMPORT, &context)
}

pub(crate) async fn take(visit: Visit, posted: Posted) -> Answer {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    let commune = open(&visit, &posted.fields.line("xa")).await?;
    // Tabs part the cells of a pasted table, so the text is taken as it came.
    let list: String =
        posted.fields.raw("list").chars().take(200_000).filter(|c| *c != '\0').collect();
    let from = posted.fields.line("from");
    match actions::import_list(
        &visit.app.db,
        visit.app.role,
        &visit.caller,
        &commune.id,
        &list,
        &from,
    )
    .await
    {
        Ok(_) => {
            visit.done(&format!("/nguoi-co-uy-tin?xa={}", commune.id), "reach-done-list-taken")
        }
        Err(failure) => {
            let context = import_context(&visit, &commune, list, from).await?;
            visit.form_again(failure, &IMPORT, |errors| ImportContext {
                errors: told(&errors),
                ..context
            })
        }
    }
}
