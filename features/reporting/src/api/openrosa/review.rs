//! Review states and comments of Central, on our reports: comments are remarks on the whole report; *approved*
//! is taking it as checked, *rejected* is giving it back. That needs words: the comment that the same person made
//! before on what was handed in, or `comment` beside the state.

use kernel::{
    axum::{body::Bytes, extract::Path, response::Response},
    problem::{BAD_REQUEST, Failure, INVALID_FORM, OrMissing, Outcome, Problem},
};
use serde_json::{Value, json};

use super::{
    central::{found, number_of, submission_body},
    client::{Client, told},
};
use crate::{
    actions::{
        entry::Which,
        openrosa::{NEEDS_COMMENT, REPORT_MISSING},
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
        (Some("approved"), Some(State::Accepted | State::Approved))
        | (Some("rejected"), Some(State::Returned)) => {}
        (Some("approved"), Some(State::Submitted)) => {
            let app = &client.visit.app;
            let revision = remark::revision(app, &which).await?;
            let said = Said { revision, ..Said::default() };
            take(app, &client.caller, &which.id(), Step::Accept, &said).await?;
        }
        (Some("rejected"), Some(State::Submitted | State::Accepted)) => {
            give_back(client, &which, wanted["comment"].as_str()).await?;
        }
        (Some("approved" | "rejected" | "hasIssues"), _) => {
            return Err(Problem::of(&WRONG_STATE).with("state", word(state)).into());
        }
        _ => return Err((&BAD_REQUEST).into()),
    }
    let (_, _, state) = found(client, form, instance).await?;
    Ok(told(200, &submission_body(&one, state)))
}

/// Gives a report back with what the caller said of it: beside the state, or in a comment before.
async fn give_back(client: &Client, which: &Which, beside: Option<&str>) -> Outcome<()> {
    let (app, caller) = (&client.visit.app, &client.caller);
    let revision = remark::revision(app, which).await?;
    let earlier = match beside {
        Some(words) => Some(words.to_owned()),
        None => remark::latest_own(app, caller, which, revision).await?,
    };
    let said = Said { revision, note: earlier.unwrap_or_default(), ..Said::default() };
    let done = take(app, caller, &which.id(), Step::Return, &said).await;
    done.map(|_| ()).map_err(|failure| {
        // The only thing to be filled in are the words.
        if failure.is(&INVALID_FORM) { Failure::from(&NEEDS_COMMENT) } else { failure }
    })
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
        let said = [(String::new(), words.to_owned())];
        let all = remark::add(&client.visit.app, &client.caller, &which, &said, "body").await?;
        let one = all.into_iter().next().or_missing(&REPORT_MISSING)?;
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
