//! Review states and comments of Central, on our reports: comments are remarks on the whole report; *approved*
//! is taking it as checked. Giving a report back needs words, which Central sends apart: that is done on our
//! pages.

use kernel::{
    axum::{body::Bytes, extract::Path, response::Response},
    problem::{BAD_REQUEST, Failure, Outcome, Problem},
};
use serde_json::{Value, json};

use super::{
    central::{found, number_of, submission_body},
    client::{Client, told},
};
use crate::{
    actions::{
        remark,
        steps::{Said, take},
    },
    model::submission::{State, Step, WRONG_STATE},
};

type At = (String, String, String);

fn body_of(client: &Client, body: &[u8]) -> Outcome<Value> {
    client.must_send("application/json")?;
    serde_json::from_slice(body).map_err(|_| Failure::from(&BAD_REQUEST))
}

/// `PATCH …/submissions/{instance}`
pub(super) async fn decide(client: Client, Path(at): Path<At>, body: Bytes) -> Response {
    let done = decided(&client, &at, &body).await;
    client.answer(done)
}

async fn decided(client: &Client, (_, form, instance): &At, body: &[u8]) -> Outcome<Response> {
    let wanted = body_of(client, body)?;
    let (one, which, state) = found(client, form, instance).await?;
    let word = |state: Option<State>| state.map_or("none", State::code);
    match (wanted["reviewState"].as_str(), state) {
        (Some("approved"), Some(State::Accepted | State::Approved)) => {}
        (Some("approved"), Some(State::Submitted)) => {
            let app = &client.visit.app;
            let revision = remark::revision(app, &which).await?;
            let said = Said { revision, ..Said::default() };
            take(app, &client.caller, &which.id(), Step::Accept, &said).await?;
        }
        (Some("approved" | "rejected" | "hasIssues"), _) => {
            return Err(Problem::of(&WRONG_STATE).with("state", word(state)).into());
        }
        _ => return Err((&BAD_REQUEST).into()),
    }
    let (_, _, state) = found(client, form, instance).await?;
    Ok(told(200, &submission_body(&one, state)))
}

/// `GET …/submissions/{instance}/comments`
pub(super) async fn comments(client: Client, Path(at): Path<At>) -> Response {
    let done = async {
        let (_, which, _) = found(&client, &at.1, &at.2).await?;
        let all = remark::of_report(&client.visit.app, &client.caller, &which).await?;
        let all: Vec<Value> = all
            .iter()
            .map(|one| {
                json!({
                    "body": if one.cell.is_empty() { one.words.clone() } else { format!("{}: {}", one.cell, one.words) },
                    "actorId": number_of(&one.by_account),
                    "createdAt": one.at.rfc3339(),
                })
            })
            .collect();
        Ok(told(200, &json!(all)))
    };
    let done = done.await;
    client.answer(done)
}

/// `POST …/submissions/{instance}/comments`
pub(super) async fn comment(client: Client, Path(at): Path<At>, body: Bytes) -> Response {
    let done = async {
        let sent = body_of(&client, &body)?;
        let words = sent["body"].as_str().ok_or_else(|| Failure::from(&BAD_REQUEST))?;
        let (_, which, _) = found(&client, &at.1, &at.2).await?;
        let one = remark::add(&client.visit.app, &client.caller, &which, words).await?;
        Ok(told(
            200,
            &json!({
                "body": one.words,
                "actorId": number_of(&one.by_account),
                "createdAt": one.at.rfc3339(),
            }),
        ))
    };
    let done = done.await;
    client.answer(done)
}
