//! What leaves the program: what waits, what left, what was refused and why. For an administrator of everything.

use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::{Path, Query},
        routing::{get, post},
    },
    problem::OrMissing,
    web::{Answer, PAGE_SIZE, Paging, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::review::Tab;
use crate::{
    actions::outward::{self, NOTHING_TO_SEND},
    model::OutboxId,
};

pub(crate) const PAGE: Template<Context> = Template::new("reporting/outbox.html");
const HERE: &str = "/bao-cao/gui-di";
const STATES: [&str; 5] = ["", "waiting", "sent", "refused", "dropped"];

/// The addresses of this page.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/gui-di", get(show))
        .route("/bao-cao/gui-di/{id}/gui-lai", post(again))
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    loc: String,
    #[serde(default)]
    trang: Option<usize>,
}

/// Something that leaves.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) way: String,
    pub(crate) state: String,
    pub(crate) at: i64,
    /// When it is tried next, while it waits.
    pub(crate) next_at: Option<i64>,
    pub(crate) done_at: Option<i64>,
    pub(crate) tries: i64,
    pub(crate) answer: String,
    pub(crate) may_repeat: bool,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Context {
    pub(crate) tabs: Vec<Tab>,
    pub(crate) rows: Vec<Row>,
    pub(crate) paging: Option<Paging>,
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let state = STATES.into_iter().find(|known| *known == asked.loc).unwrap_or_default();
    let at = asked.trang.unwrap_or(1).max(1);
    let (found, counts) = visit
        .app
        .db
        .view(async |tx| {
            let offset = Paging::offset(at);
            let (found, _) = outward::list(tx, &visit.caller, state, PAGE_SIZE, offset).await?;
            let mut counts = Vec::new();
            for one in STATES {
                counts.push(outward::list(tx, &visit.caller, one, 0, 0).await?.1);
            }
            Ok((found, counts))
        })
        .await?;
    let tab = |(one, count): (&'static str, &i64)| Tab {
        href: format!("{HERE}?loc={one}"),
        label: visit
            .say(&format!("reporting-outbox-{}", if one.is_empty() { "all" } else { one }), &[]),
        count: Some(*count),
        current: one == state,
    };
    let total =
        STATES.into_iter().zip(&counts).find(|(one, _)| *one == state).map_or(0, |(_, n)| *n);
    let row = |one: crate::store::outbox::Outgoing| Row {
        may_repeat: one.state == "refused" && one.way != "code",
        next_at: (one.state == "waiting").then(|| one.next_at.millis()),
        id: one.id.to_string(),
        subject: one.subject,
        way: one.way,
        state: one.state,
        at: one.at.millis(),
        done_at: one.done_at.map(kernel::clock::Timestamp::millis),
        tries: one.tries,
        answer: one.answer,
    };
    let context = Context {
        tabs: STATES.into_iter().zip(&counts).map(tab).collect(),
        rows: found.into_iter().map(row).collect(),
        paging: Some(Paging::new(
            &format!("{HERE}?loc={state}"),
            at,
            usize::try_from(total).unwrap_or(0),
        )),
    };
    visit.page(&PAGE, &context)
}

async fn again(visit: Visit, Path(id): Path<String>, _: Posted) -> Answer {
    let id = OutboxId::parse(&id).or_missing(&NOTHING_TO_SEND)?;
    outward::again(&visit.app, &visit.caller, &id).await?;
    visit.done(HERE, "reporting-outbox-again")
}
