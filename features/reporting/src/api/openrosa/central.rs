//! The part of the ODK Central API that programs use: sessions, the project, forms, submissions and their files.

use kernel::{
    app::AppRef,
    axum::{
        Json,
        body::Bytes,
        extract::Path,
        http::header,
        response::{IntoResponse, Response},
    },
    clock::Timestamp,
    problem::{
        BAD_REQUEST, Failure, INVALID_FORM, NOT_FOUND, OrMissing, Outcome, Problem, SIGN_IN_NEEDED,
    },
    web::Visit,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    client::{Client, text, told, xml},
    collect::{FormAt, md5_hex},
};
use crate::{
    actions::{
        catalogue,
        openrosa::{
            INSTANCE_NOT_FOUND, Incoming, Listed, Wrote, attach_file, form_xml, instances, listed,
            one, receive,
        },
    },
    model::{collect::PROJECT, submission::State, xform::Tree},
    store::openrosa::Instance,
};

/// A whole number for what Central numbers and we name.
pub(super) fn number_of(name: &str) -> u32 {
    let hash = blake3::hash(name.as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    (u32::from_be_bytes([a, b, c, d]) & 0x7fff_ffff).max(1)
}

/// What a program signs in with; Central asks for an e-mail address, ours have names.
#[derive(Deserialize)]
pub(super) struct SignIn {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// `POST /v1/sessions`
pub(super) async fn sign_in(visit: Visit, body: Bytes) -> Response {
    let app = visit.app.clone();
    let done = async {
        let sent: SignIn =
            serde_json::from_slice(&body).map_err(|_| Failure::from(&BAD_REQUEST))?;
        let attempt = identity::actions::Attempt {
            username: &sent.email,
            password: &sent.password,
            device: None,
            old_session: None,
            address: &visit.address,
            user_agent: visit.header(header::USER_AGENT.as_str()).unwrap_or_default(),
        };
        let signed = identity::actions::sign_in(&app, &attempt).await.map_err(|failure| {
            if failure.is(&INVALID_FORM) { Problem::of(&SIGN_IN_NEEDED).into() } else { failure }
        })?;
        let now = app.now();
        Ok(json!({
            "token": signed.token,
            "createdAt": now.rfc3339(),
            "expiresAt": now.plus_millis(signed.seconds * 1_000).rfc3339(),
        }))
    };
    let done: Outcome<Value> = done.await;
    match done {
        Ok(body) => told(200, &body),
        Err(Failure::Problem(problem)) => {
            let words = visit.say(&format!("problem-{}", problem.kind.code), &problem.args);
            let status = problem.kind.status;
            told(status, &json!({ "code": f64::from(status), "message": words }))
        }
        Err(fault) => fault.into_response(),
    }
}

/// `DELETE /v1/sessions/{token}`: ends one's own session.
pub(super) async fn sign_out(client: Client, Path(token): Path<String>) -> Response {
    let app = &client.visit.app;
    let done = async {
        let own = (app.resolve_caller)(app, &token).await?.or_missing(&NOT_FOUND)?;
        if own.id() != client.caller.id() {
            return Err((&NOT_FOUND).into());
        }
        identity::actions::sign_out(app, &client.caller, &token).await?;
        Ok(told(200, &json!({ "success": true })))
    };
    let done = done.await;
    client.answer(done)
}

/// `GET /v1/users/current`
pub(super) async fn me(client: Client) -> Response {
    let name = client.caller.who().map(|person| person.name.clone()).unwrap_or_default();
    let body = json!({
        "id": number_of(client.caller.id()),
        "type": "user",
        "displayName": name,
        "email": "",
        "createdAt": began().rfc3339(),
        "updatedAt": null,
    });
    client.answer(Ok(told(200, &body)))
}

/// Central dates everything; what we do not date began with the calendar of computers.
fn began() -> Timestamp {
    Timestamp::from_millis(0)
}

async fn project_body(client: &Client) -> Outcome<Value> {
    let forms = listed(&client.visit.app, &client.caller).await?.len();
    Ok(json!({
        "id": 1,
        "name": client.visit.app.site.title,
        "description": null,
        "archived": false,
        "keyId": null,
        "createdAt": began().rfc3339(),
        "updatedAt": null,
        "deletedAt": null,
        "forms": forms,
    }))
}

/// `GET /v1/projects`
pub(super) async fn projects(client: Client) -> Response {
    let done = project_body(&client).await.map(|one| told(200, &json!([one])));
    client.answer(done)
}

/// `GET /v1/projects/{project}`
pub(super) async fn project(client: Client) -> Response {
    let done = project_body(&client).await.map(|one| told(200, &one));
    client.answer(done)
}

async fn form_body(client: &Client, one: &Listed) -> Outcome<Value> {
    let catalogue = catalogue::current(&client.visit.app).await?;
    let from = catalogue.dataset(&one.id)?.from.start().rfc3339();
    Ok(json!({
        "projectId": 1,
        "xmlFormId": one.id,
        "version": one.version.to_string(),
        "hash": md5_hex(&one.xml),
        "state": "open",
        "name": one.title,
        "enketoId": null,
        "keyId": null,
        "createdAt": from,
        "updatedAt": null,
        "publishedAt": from,
    }))
}

/// `GET …/forms`
pub(super) async fn forms(client: Client) -> Response {
    let done = async {
        let mut all = Vec::new();
        for one in listed(&client.visit.app, &client.caller).await? {
            all.push(form_body(&client, &one).await?);
        }
        Ok(told(200, &json!(all)))
    };
    let done = done.await;
    client.answer(done)
}

/// `GET …/forms/{form}`, `GET …/forms/{form}.xml`
pub(super) async fn form(client: Client, Path(FormAt { form: name }): Path<FormAt>) -> Response {
    let done = async {
        let app = &client.visit.app;
        if let Some(id) = name.strip_suffix(".xml") {
            Ok(xml(form_xml(app, &client.caller, id).await?.xml))
        } else {
            let one = form_xml(app, &client.caller, &name).await?;
            Ok(told(200, &form_body(&client, &one).await?))
        }
    };
    let done = done.await;
    client.answer(done)
}

/// Where its report stands, as Central says it.
pub(super) fn review_state(one: &Instance, state: Option<State>) -> Option<&'static str> {
    match state {
        Some(State::Accepted | State::Approved) => Some("approved"),
        Some(State::Returned) => Some("rejected"),
        _ if one.state == "waits" || one.state == "partly" => Some("hasIssues"),
        _ if one.root != one.instance => Some("edited"),
        _ => None,
    }
}

pub(super) fn submission_body(one: &Instance, state: Option<State>) -> Value {
    let edited = one.root != one.instance;
    json!({
        "instanceId": one.root,
        "submitterId": number_of(&one.by_account),
        "deviceId": if one.device.is_empty() { Value::Null } else { json!(one.device) },
        "userAgent": null,
        "instanceName": format!("{}.{}", one.period, one.area),
        "reviewState": review_state(one, state),
        "createdAt": one.at.rfc3339(),
        "updatedAt": if edited { json!(one.at.rfc3339()) } else { Value::Null },
    })
}

/// `GET …/submissions`
pub(super) async fn submissions(
    client: Client,
    Path((_, form)): Path<(String, String)>,
) -> Response {
    let done = instances(&client.visit.app, &client.caller, &form).await.map(|all| {
        let all: Vec<Value> = all.iter().map(|(one, state)| submission_body(one, *state)).collect();
        told(200, &json!(all))
    });
    client.answer(done)
}

/// An instance of the form that the address names, or 404.
pub(super) async fn found(
    client: &Client,
    form: &str,
    instance: &str,
) -> Outcome<(Instance, crate::actions::entry::Which, Option<State>)> {
    let found = one(&client.visit.app, &client.caller, instance).await?;
    if found.0.dataset.as_str() == form { Ok(found) } else { Err((&INSTANCE_NOT_FOUND).into()) }
}

/// `GET …/submissions/{instance}`, with `.xml` the instance itself
pub(super) async fn submission(
    client: Client,
    Path((_, form, name)): Path<(String, String, String)>,
) -> Response {
    let done = async {
        if let Some(id) = name.strip_suffix(".xml") {
            let (one, ..) = found(&client, &form, id).await?;
            Ok(text("application/xml; charset=utf-8", one.xml))
        } else {
            let (one, _, state) = found(&client, &form, &name).await?;
            Ok(told(200, &submission_body(&one, state)))
        }
    };
    let done = done.await;
    client.answer(done)
}

async fn sent(
    client: &Client,
    form: String,
    edits: Option<String>,
    body: &[u8],
) -> Outcome<Response> {
    client.must_send("application/xml")?;
    let xml = String::from_utf8(body.to_vec()).map_err(|_| Failure::from(&BAD_REQUEST))?;
    let device = client.ask("deviceID").unwrap_or_default().to_owned();
    let incoming = Incoming { xml, form: Some(form), edits, files: Vec::new(), device };
    let receipt = receive(&client.visit.app, &client.caller, incoming).await?;
    let (one, _, state) = one(&client.visit.app, &client.caller, &receipt.instance).await?;
    Ok(told(200, &submission_body(&one, state)))
}

/// `POST …/submissions`
pub(super) async fn create(
    client: Client,
    Path((_, form)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let done = sent(&client, form, None, &body).await;
    client.answer(done)
}

/// `PUT …/submissions/{instance}`
pub(super) async fn edit(
    client: Client,
    Path((_, form, instance)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    let done = sent(&client, form, Some(instance), &body).await;
    client.answer(done)
}

/// `GET …/submissions/{instance}/attachments`: the files that the instance names, and which of them are here.
pub(super) async fn attachments(
    client: Client,
    Path((_, form, instance)): Path<(String, String, String)>,
) -> Response {
    let done = found(&client, &form, &instance).await.map(|(one, ..)| {
        let wrote: Wrote = serde_json::from_str(&one.wrote).unwrap_or_default();
        let mut names = Vec::new();
        if let Ok(tree) = Tree::parse(&one.xml) {
            file_names(&tree, &mut names);
        }
        let all: Vec<Value> = names
            .iter()
            .map(|name| json!({ "name": name, "exists": wrote.files.contains_key(name) }))
            .collect();
        told(200, &json!(all))
    });
    client.answer(done)
}

fn file_names(tree: &Tree, names: &mut Vec<String>) {
    let [file, _] = crate::model::xform::FILES_FIELDS;
    if tree.name == file && !tree.text.trim().is_empty() {
        names.push(tree.text.trim().to_owned());
    }
    for child in &tree.children {
        file_names(child, names);
    }
}

/// `POST …/submissions/{instance}/attachments/{file}`
pub(super) async fn attach(
    client: Client,
    Path((_, form, instance, file)): Path<(String, String, String, String)>,
    body: Bytes,
) -> Response {
    let done = async {
        let sent = client.visit.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        // Another site's form can send these three kinds only.
        let simple = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
        if simple.iter().any(|kind| sent.starts_with(kind)) {
            return Err((&BAD_REQUEST).into());
        }
        let (one, ..) = found(&client, &form, &instance).await?;
        let app: &AppRef = &client.visit.app;
        attach_file(app, &client.caller, one, (&file, body.to_vec())).await?;
        Ok(Json(json!({ "success": true })).into_response())
    };
    let done = done.await;
    client.answer(done)
}

/// The address of the one project, for links in answers.
pub(super) fn base(form: &str) -> String {
    format!("/v1/projects/{PROJECT}/forms/{form}")
}
