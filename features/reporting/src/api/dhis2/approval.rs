//! `dataApprovals`: where a report stands, in DHIS2's words. Ours is approved after it was taken in, theirs the
//! other way round, so that a report which is taken in and not approved is *ready*. Nothing is approved from here:
//! a verdict needs the report before one's eyes.
//!
//! Merging and splitting units is refused: DHIS2 rewrites figures for it (of two communes' figures the older is
//! dropped), here a decree changes the areas and no figure is touched.

use kernel::{axum::response::Response, problem::Problem};
use serde_json::json;

use super::{
    super::program::{Program, told},
    complete::which,
    values::lacks,
};
use crate::{
    actions::exchange::{IdSchemes, UNITS_CHANGE_BY_DECREE, World, approval},
    model::submission::State,
};

/// `GET /api/dataApprovals?ds=&pe=&ou=&aoc=`; `wf` names a data set too, for each is a workflow of its own.
pub async fn show(program: Program) -> Response {
    let done = async {
        let app = &program.visit.app;
        let world = World::of(app).await?;
        let ask = |names: [&'static str; 2]| {
            let found = names.into_iter().find_map(|name| program.ask(name));
            found.filter(|text| !text.is_empty()).ok_or_else(|| lacks(names[0]))
        };
        let (dataset, period, unit) =
            (ask(["ds", "wf"])?, ask(["pe", "period"])?, ask(["ou", "orgUnit"])?);
        let life = program.ask("aoc").unwrap_or_default();
        let which = which(&world, [dataset, period, unit, life], IdSchemes::default())?;
        let standing = approval::standing(app, &program.caller, &world, &which).await?;
        let state = match (standing.owed, standing.state) {
            (false, _) => "UNAPPROVABLE",
            (_, None | Some(State::Draft | State::Certified | State::Returned)) => {
                "UNAPPROVED_WAITING"
            }
            (_, Some(State::Submitted | State::Accepted)) => "UNAPPROVED_READY",
            (_, Some(State::Approved)) => "APPROVED_HERE",
        };
        Ok(told(
            200,
            &json!({
                "state": state,
                "mayApprove": standing.may_approve,
                "mayUnapprove": false,
                "mayAccept": standing.may_accept,
                "mayUnaccept": false,
                "mayReadData": true,
            }),
        ))
    };
    let done = done.await;
    program.answer(done)
}

/// `POST /api/organisationUnits/merge` and `…/split`: refused in words.
pub async fn refuse(program: Program) -> Response {
    program.answer(Err(Problem::of(&UNITS_CHANGE_BY_DECREE).into()))
}
