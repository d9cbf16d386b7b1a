//! Personal cards: state, printing once, revoking.

use kernel::{
    axum::extract::Path,
    minijinja::Value,
    problem::{NOT_FOUND, OrMissing},
    web::{Answer, Posted, Template, Visit},
};
use serde::Serialize;

use super::word;
use crate::{actions, model::person::PersonId, store::cards};

/// One card of a person's history.
#[derive(Debug, Serialize)]
pub(super) struct CardLine {
    pub(super) number: String,
    pub(super) issued_at: i64,
    pub(super) revoked: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct CardContext {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) current: Option<String>,
    pub(super) cards: Vec<CardLine>,
}

pub(super) const CARD: Template<CardContext> = Template::new("reach/card.html");

pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let id = PersonId::parse(&id).or_missing(&NOT_FOUND)?;
    let context = visit
        .app
        .db
        .change(async |tx| {
            let known = actions::roster::read_person(tx, &visit.caller, &id).await?;
            let cards = cards::cards(tx, &id).await?;
            let line = |card: cards::Card| CardLine {
                number: card.number,
                issued_at: card.issued_at.millis(),
                revoked: card.revoked_at.map(|at| {
                    let why =
                        word(&visit, "revoked", card.revoked_why.as_deref().unwrap_or("lost"));
                    format!("{} · {why}", at.day().short())
                }),
            };
            Ok(CardContext {
                id: id.as_str().to_owned(),
                name: known.name,
                current: known.card_number,
                cards: cards.into_iter().map(line).collect(),
            })
        })
        .await?;
    visit.page(&CARD, &context)
}

#[derive(Debug, Serialize)]
pub(super) struct PrintContext {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) village: String,
    pub(super) commune: String,
    pub(super) number: String,
    pub(super) spoken: String,
    pub(super) picture: Value,
}

pub(super) const PRINT: Template<PrintContext> = Template::new("reach/card_print.html");

/// Answers with the printable card itself: its code is nowhere else, so there is no page to go on to.
pub(crate) async fn issue(visit: Visit, Path(id): Path<String>, _posted: Posted) -> Answer {
    let id = PersonId::parse(&id).or_missing(&NOT_FOUND)?;
    let card = actions::issue_card(&visit.app.db, &visit.caller, &id).await?;
    let context = PrintContext {
        id: id.as_str().to_owned(),
        name: card.name,
        village: card.village,
        commune: card.commune,
        number: card.number,
        spoken: card.code.spoken(),
        picture: Value::from_safe_string(card.code.picture()),
    };
    visit.page(&PRINT, &context)
}

pub(crate) async fn revoke(visit: Visit, Path(id): Path<String>, _posted: Posted) -> Answer {
    let id = PersonId::parse(&id).or_missing(&NOT_FOUND)?;
    actions::revoke_card(&visit.app.db, &visit.caller, &id).await?;
    visit.done(&format!("/nguoi-co-uy-tin/{id}/the"), "reach-done-card-revoked")
}
