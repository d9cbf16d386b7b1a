//! Handing a roster over: the file for the successor at the one point, taking it in at the other.

use areas::Area;
use kernel::{
    app::NodeRole,
    axum::{extract::Query, http::header, response::IntoResponse},
    clock::Timestamp,
    problem::{Failure, FormProblems, NOT_FOUND, Outcome},
    web::{Answer, Multipart, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    Named,
    roster::{Asked, open},
    told,
};
use crate::actions::{KEEP_ROSTER, handover};

/// The most bytes of an upload: the file's limit, and the form around it.
pub(crate) const BODY_MAX: usize = sync::parcel::PARCEL_MOST + (64 << 10);

#[derive(Debug, Default, Serialize)]
pub(super) struct HandoverContext {
    pub(super) commune: Option<Named>,
    /// The points to which people pass from here.
    pub(super) takers: Vec<Taker>,
    /// The communes of the points whose people pass here.
    pub(super) givers: Vec<String>,
    /// The communes of the points from which people come back.
    pub(super) returners: Vec<String>,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

/// A point to which people pass from here.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Taker {
    /// The name of the order, which the form sends.
    pub(super) order: String,
    /// The point's commune.
    pub(super) commune: String,
    /// How many people pass on.
    pub(super) people: usize,
    /// When a file was made last.
    pub(super) given_at: Option<Timestamp>,
    /// What the heading and the text say: `whole`, `part` or `back`.
    pub(super) way: &'static str,
}

pub(super) const HANDOVER: Template<HandoverContext> = Template::new("reach/handover.html");

async fn context(visit: &Visit, commune: &Area) -> Outcome<HandoverContext> {
    let standing = visit
        .app
        .db
        .view(async |tx| handover::standing(&visit.app, tx, &visit.caller, &commune.path).await)
        .await?;
    let taker = |one: handover::Waiting| Taker {
        order: one.order,
        commune: one.commune,
        people: one.people,
        given_at: one.given_at,
        way: match (one.is_return, one.is_part) {
            (true, _) => "back",
            (_, true) => "part",
            _ => "whole",
        },
    };
    let (back, forth): (Vec<_>, Vec<_>) =
        standing.givers.into_iter().partition(|(_, is_return)| *is_return);
    let named = |all: Vec<(String, bool)>| all.into_iter().map(|(commune, _)| commune).collect();
    Ok(HandoverContext {
        commune: Some(Named::of(commune)),
        takers: standing.takers.into_iter().map(taker).collect(),
        givers: named(forth),
        returners: named(back),
        errors: Vec::new(),
    })
}

/// Names are on points alone; at a hub there is nothing to hand over.
fn only_at_a_point(visit: &Visit) -> Outcome<()> {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    if visit.app.role == NodeRole::Point { Ok(()) } else { Err((&NOT_FOUND).into()) }
}

pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    only_at_a_point(&visit)?;
    let commune = open(&visit, asked.xa.trim()).await?;
    visit.page(&HANDOVER, &context(&visit, &commune).await?)
}

/// Makes the file for the successor.
pub(crate) async fn give(visit: Visit, posted: Posted) -> Answer {
    only_at_a_point(&visit)?;
    let commune = open(&visit, &posted.fields.line("xa")).await?;
    let order = posted.fields.line("lenh");
    let made = handover::give(&visit.app, &visit.caller, &commune.path, &order).await?;
    let name = format!("attachment; filename=\"ban-giao-{}.nhipcau\"", commune.id);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, made.bytes).into_response())
}

/// Takes the predecessor's file in.
pub(crate) async fn take(visit: Visit, form: Multipart) -> Answer {
    only_at_a_point(&visit)?;
    let commune = open(&visit, &form.fields.line("xa")).await?;
    let file = form.uploads.iter().find(|upload| upload.field == "file");
    let taken = async {
        let mut wrong = FormProblems::new();
        wrong.require(file.is_some(), "file", "reach-error-handover-file");
        wrong.check()?;
        let bytes = file.map(|upload| upload.bytes.as_ref()).unwrap_or_default();
        handover::take(&visit.app, &visit.caller, &commune.path, bytes).await
    };
    match taken.await {
        Ok(taken) => {
            let done = if taken.fresh > 0 {
                "reach-done-handover-taken"
            } else {
                "reach-done-handover-known"
            };
            visit.done(&format!("/nguoi-co-uy-tin?xa={}", commune.id), done)
        }
        Err(failure) => {
            let failure = beside_the_file(failure);
            let context = context(&visit, &commune).await?;
            visit.form_again(failure, &HANDOVER, |errors| HandoverContext {
                errors: told(&errors),
                ..context
            })
        }
    }
}

/// What is wrong with a file is said beside it, with what to do next.
fn beside_the_file(failure: Failure) -> Failure {
    use crate::actions::{
        HANDOVER_DAMAGED, HANDOVER_ELSEWHERE, HANDOVER_OLD, HANDOVER_UNREADABLE, NO_PREDECESSOR,
    };
    let key = [
        (&HANDOVER_DAMAGED, "reach-error-handover-damaged"),
        (&HANDOVER_ELSEWHERE, "reach-error-handover-elsewhere"),
        (&HANDOVER_OLD, "reach-error-handover-old"),
        (&HANDOVER_UNREADABLE, "reach-error-handover-unreadable"),
        (&NO_PREDECESSOR, "reach-error-handover-predecessor"),
    ];
    let Some((_, key)) = key.into_iter().find(|(kind, _)| failure.is(kind)) else { return failure };
    let mut wrong = FormProblems::new();
    wrong.add("file", key);
    wrong.check().err().unwrap_or(failure)
}
