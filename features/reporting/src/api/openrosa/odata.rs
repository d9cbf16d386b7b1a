//! Submissions as a table (OData 4, JSON): `Submissions` with `$top`, `$skip` and `$count`, each row with the
//! answers as they were sent under the names of their groups. Central's `$filter` is not understood and is told
//! so, rather than giving rows that were not asked for.

use kernel::{
    axum::{extract::Path, response::Response},
    problem::{NOT_FOUND, Outcome, Problem},
};
use serde_json::{Map, Value, json};

use super::{
    central::{base, number_of, review_state},
    client::{Client, told},
};
use crate::{
    actions::{exchange::UNREADABLE, openrosa::instances},
    model::{submission::State, xform::Tree},
    store::openrosa::Instance,
};

/// Most rows of one answer.
const ROWS_MOST: usize = 500;

/// `GET …/forms/{form}.svc/{table}`
pub(super) async fn table(
    client: Client,
    Path((_, service, table)): Path<(String, String, String)>,
) -> Response {
    let done = rows(&client, &service, &table).await;
    client.answer(done)
}

async fn rows(client: &Client, service: &str, table: &str) -> Outcome<Response> {
    let form = service.strip_suffix(".svc").filter(|_| table == "Submissions");
    let Some(form) = form else { return Err((&NOT_FOUND).into()) };
    for option in ["$filter", "$select"] {
        if client.ask(option).is_some() {
            return Err(Problem::of(&UNREADABLE).with("what", option).into());
        }
    }
    let number = |name: &str, default: usize| match client.ask(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| Problem::of(&UNREADABLE).with("what", name)),
    };
    let (skip, top) = (number("$skip", 0)?, number("$top", ROWS_MOST)?.min(ROWS_MOST));
    let all = instances(&client.visit.app, &client.caller, form).await?;
    let value: Vec<Value> =
        all.iter().skip(skip).take(top).map(|(one, state)| row(one, *state)).collect();
    let service = format!("{}.svc", client.url(&base(form)));
    let mut body =
        json!({ "@odata.context": format!("{service}/$metadata#Submissions"), "value": value });
    if client.ask("$count").is_some_and(|said| said.eq_ignore_ascii_case("true")) {
        body["@odata.count"] = json!(all.len());
    }
    if skip + top < all.len() && client.ask("$top").is_none() {
        body["@odata.nextLink"] = json!(format!("{service}/Submissions?$skip={}", skip + top));
    }
    Ok(told(200, &body))
}

fn row(one: &Instance, state: Option<State>) -> Value {
    let mut row = match Tree::parse(&one.xml) {
        Ok(tree) => answers(&tree),
        Err(_) => Map::new(),
    };
    row.insert("__id".to_owned(), json!(one.root));
    row.insert(
        "__system".to_owned(),
        json!({
            "submissionDate": one.at.rfc3339(),
            "updatedAt": if one.root == one.instance { Value::Null } else { json!(one.at.rfc3339()) },
            "submitterId": number_of(&one.by_account).to_string(),
            "submitterName": one.by_name,
            "deviceId": if one.device.is_empty() { Value::Null } else { json!(one.device) },
            "reviewState": review_state(one, state),
            "formVersion": one.form_version.to_string(),
            "status": null,
        }),
    );
    Value::Object(row)
}

/// The answers in an element; what is repeated becomes a list.
fn answers(tree: &Tree) -> Map<String, Value> {
    let mut all = Map::new();
    for child in &tree.children {
        let value = if child.children.is_empty() {
            let text = child.text.trim();
            if text.is_empty() { Value::Null } else { json!(text) }
        } else {
            Value::Object(answers(child))
        };
        match all.get_mut(&child.name) {
            None => {
                all.insert(child.name.clone(), value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(other) => *other = Value::Array(vec![other.take(), value]),
        }
    }
    all
}
