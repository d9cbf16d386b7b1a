//! Handing in by another system: DHIS2's *complete* is our signing and handing in, by people who may.

use kernel::{app::App, caller::Caller, clock::Timestamp, problem::Outcome};

use super::World;
use crate::{
    actions::{
        SEE, SUBMISSION_NOT_FOUND,
        entry::Which,
        steps::{Said, take},
    },
    model::{
        Life, Scheme,
        exchange::period_of,
        submission::{State, Step, WRONG_STATE},
    },
    store::submissions::{self, Submission},
};

/// A report that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Which.
    pub which: Which,
    /// Who handed it in.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The reports of these data sets, periods and units that were handed in and that the caller may see.
pub async fn registrations(
    app: &App,
    caller: &Caller,
    world: &World,
    query: &super::export::Query,
) -> Outcome<Vec<Registration>> {
    caller.must_somewhere(&SEE)?;
    let mut asked: Vec<(String, String)> = Vec::new();
    for dataset in query.datasets.iter().filter_map(|code| world.catalogue.datasets.get(code)) {
        let Some(scheme) = Scheme::parse(&dataset.scheme) else { continue };
        for period in query.periods.iter().filter_map(|name| period_of(name, scheme)) {
            asked.push((dataset.code.to_string(), period.id().to_owned()));
        }
    }
    let mut found = Vec::new();
    app.db
        .view(async |tx| {
            for (dataset, period) in &asked {
                for no in &query.units {
                    let unit = &world.areas.units[*no];
                    caller.must(&SEE, &unit.path)?;
                    for life in [Life::Final, Life::Estimate] {
                        for one in submissions::under(tx, &unit.path, dataset, period, life).await?
                        {
                            if (query.children || one.area == unit.id) && one.state.is_reported() {
                                found.extend(registration(&one));
                            }
                        }
                    }
                }
            }
            Ok(())
        })
        .await?;
    Ok(found)
}

fn registration(one: &Submission) -> Option<Registration> {
    let signed = one.submitted.as_ref()?;
    Some(Registration { which: Which::from(one), by: signed.by.clone(), at: signed.at })
}

/// Signs and hands a report in, each as far as it is not done; one that is with the tier above stays as it is.
pub async fn complete(app: &App, caller: &Caller, which: &Which, note: &str) -> Outcome<()> {
    let id = which.id();
    let mut known = app
        .db
        .view(async |tx| {
            use kernel::problem::OrMissing;
            submissions::find(tx, &id).await?.or_missing(&SUBMISSION_NOT_FOUND)
        })
        .await?;
    caller.must(&SEE, &known.path)?;
    for step in [Step::Certify, Step::Submit] {
        if known.state.is_reported() {
            return Ok(());
        }
        if known.state == State::Certified && step == Step::Certify {
            continue;
        }
        let said = Said {
            note: note.to_owned(),
            late_reason: note.to_owned(),
            revision: known.revision,
            // Another system has no box to tick: its words say that it has seen the remarks.
            despite_remarks: note.trim().chars().count() >= 5,
            ..Said::default()
        };
        known = take(app, caller, &id, step, &said).await?;
    }
    Ok(())
}

/// Takes the signature of a report back; one that is with the tier above cannot be taken back.
pub async fn reopen(app: &App, caller: &Caller, which: &Which) -> Outcome<()> {
    let id = which.id();
    let known = app.db.view(async |tx| Ok(submissions::find(tx, &id).await?)).await?;
    match known {
        Some(known) if known.state == State::Certified => {
            let said = Said { revision: known.revision, ..Said::default() };
            take(app, caller, &id, Step::Reopen, &said).await.map(|_| ())
        }
        Some(known) if !known.state.is_open() => {
            Err(kernel::problem::Problem::of(&WRONG_STATE).with("state", known.state.code()).into())
        }
        _ => Ok(()),
    }
}
