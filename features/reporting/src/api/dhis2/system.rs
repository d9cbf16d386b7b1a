//! What programs ask first: which DHIS2 this is like, and who they are.

use kernel::{
    axum::response::Response,
    problem::{Outcome, Problem, SIGN_IN_NEEDED},
    web::json as as_json,
};
use serde_json::{Value, json};

use super::super::program::Program;
use crate::{
    actions::{APPROVE, CERTIFY, ENTER, REVIEW, SEE, exchange::World},
    model::exchange::{Kind, uid},
};

/// The version of DHIS2 whose Web API this follows.
const LIKE: &str = "2.42.0";

/// `GET /api/system/info`
pub async fn info(program: Program) -> Response {
    let app = &program.visit.app;
    let body = json!({
        "version": LIKE,
        "revision": env!("CARGO_PKG_VERSION"),
        "buildTime": "2026-01-01T00:00:00.000",
        "serverDate": app.now().rfc3339(),
        "calendar": "iso8601",
        "dateFormat": "yyyy-mm-dd",
        "systemName": app.site.title,
        "contextPath": "",
        "instanceBaseUrl": "",
        "nhipcau": { "quirks": "legal periods of ND 09/2019 keep their own ids (nd09q-2026-4)" },
    });
    program.answer(as_json(&body))
}

fn who(program: &Program) -> Outcome<(&str, &str)> {
    let person = program.caller.who().ok_or_else(|| Problem::of(&SIGN_IN_NEEDED))?;
    Ok((&person.id, &person.name))
}

fn held(program: &Program) -> Vec<&'static str> {
    let all = [
        (&ENTER, "F_DATAVALUE_ADD"),
        (&CERTIFY, "F_COMPLETE_DATA_SET"),
        (&REVIEW, "F_ACCEPT_DATA_LOWER_LEVELS"),
        (&APPROVE, "F_APPROVE_DATA"),
        (&SEE, "F_VIEW_DATA"),
    ];
    let held = all.into_iter().filter(|(permission, _)| program.caller.may_somewhere(permission));
    held.map(|(_, word)| word).collect()
}

/// `GET /api/me`
pub async fn me(program: Program) -> Response {
    let done = async {
        let (id, name) = who(&program)?;
        let world = World::of(&program.visit.app).await?;
        let units = |permission| -> Vec<Value> {
            let scopes = program.caller.scopes_for(permission);
            let own = scopes.filter_map(|scope| areas::AreaId::parse(scope.last()?));
            let known = own.filter_map(|id| world.areas.of_area(&id));
            known.map(|no| json!({ "id": world.areas.units[no].uid })).collect()
        };
        let mut body = json!({
            "id": uid(Kind::User, id),
            "username": name,
            "name": name,
            "displayName": name,
            "firstName": name,
            "surname": name,
            "authorities": held(&program),
            "organisationUnits": units(&ENTER),
            "dataViewOrganisationUnits": units(&SEE),
            "userGroups": [],
            "userRoles": [],
            "settings": settings_now(&program),
        });
        let fields: Vec<String> = program.all(&["fields"]);
        let plain = fields.iter().all(|field| field.bytes().all(|b| b.is_ascii_alphanumeric()));
        if let (true, false, Some(all)) = (plain, fields.is_empty(), body.as_object_mut()) {
            all.retain(|name, _| fields.iter().any(|field| field == name));
        }
        as_json(&body)
    };
    let done = done.await;
    program.answer(done)
}

/// `GET /api/me/authorization`
pub async fn authorities(program: Program) -> Response {
    let done = who(&program).and_then(|_| as_json(&held(&program)));
    program.answer(done)
}

fn settings_now(program: &Program) -> Value {
    let lang = program.visit.lang().tag();
    json!({ "keyUiLocale": lang, "keyDbLocale": "vi", "keyAnalysisDisplayProperty": "name" })
}

/// `GET /api/userSettings`
pub async fn settings(program: Program) -> Response {
    let done = who(&program).and_then(|_| as_json(&settings_now(&program)));
    program.answer(done)
}
