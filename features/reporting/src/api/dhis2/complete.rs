//! `completeDataSetRegistrations`: reports that were handed in, and handing them in.

use kernel::{
    axum::{body::Bytes, response::Response},
    problem::Outcome,
    web::json as as_json,
};
use serde_json::{Map, Value, json};

use super::{
    super::{
        program::{Program, told, web_message},
        wire,
    },
    values::{lacks, not_known, query},
};
use crate::{
    actions::{
        entry::Which,
        exchange::{IdScheme, IdSchemes, World, complete, names::Names},
    },
    model::{
        Period, Scheme,
        exchange::{Kind, life_uid, period_name, period_of, uid},
    },
};

/// The report that names of a data set, a period, a unit and a life mean.
pub(super) fn which(world: &World, names: [&str; 4], schemes: IdSchemes) -> Outcome<Which> {
    let [dataset, period, unit, life] = names;
    let id = world.names.dataset(&world.catalogue, dataset, schemes.datasets);
    let found = id
        .and_then(|code| world.catalogue.datasets.get(&code))
        .ok_or_else(|| not_known("dataSet", dataset))?;
    let meant = Scheme::parse(&found.scheme).and_then(|scheme| period_of(period, scheme));
    let meant = meant.ok_or_else(|| not_known("period", period))?;
    let no = world.areas.find(unit, schemes.units).ok_or_else(|| not_known("orgUnit", unit))?;
    Ok(Which {
        dataset: found.code.clone(),
        period: meant.id().to_owned(),
        life: Names::life(life).ok_or_else(|| not_known("attributeOptionCombo", life))?,
        area: world.areas.units[no].id.clone(),
    })
}

/// `GET /api/completeDataSetRegistrations`
pub async fn list(program: Program) -> Response {
    let done = async {
        let app = &program.visit.app;
        let world = World::of(app).await?;
        let query = query(&program, &world)?;
        for (missing, what) in [
            (query.datasets.is_empty(), "dataSet"),
            (query.periods.is_empty(), "period"),
            (query.units.is_empty(), "orgUnit"),
        ] {
            if missing {
                return Err(lacks(what));
            }
        }
        let found = complete::registrations(app, &program.caller, &world, &query).await?;
        let told: Vec<Value> = found
            .iter()
            .map(|one| {
                let period = Period::parse(&one.which.period).map(|period| period_name(&period));
                json!({
                    "dataSet": uid(Kind::Dataset, one.which.dataset.as_str()),
                    "period": period,
                    "organisationUnit": uid(Kind::Unit, one.which.area.as_str()),
                    "attributeOptionCombo": life_uid(one.which.life),
                    "date": one.at.rfc3339(),
                    "storedBy": one.by,
                    "completed": true,
                })
            })
            .collect();
        as_json(&json!({ "completeDataSetRegistrations": told }))
    };
    let done = done.await;
    program.answer(done)
}

/// `POST /api/completeDataSetRegistrations`: signs and hands in, each report by itself.
pub async fn register(program: Program, body: Bytes) -> Response {
    let done = registered(&program, &body).await;
    program.answer(done)
}

async fn registered(program: &Program, body: &[u8]) -> Outcome<Response> {
    program.must_be_meant()?;
    let app = &program.visit.app;
    let world = World::of(app).await?;
    let sent: Value =
        serde_json::from_slice(body).map_err(|error| not_known("body", &error.to_string()))?;
    let all: Vec<Map<String, Value>> = sent["completeDataSetRegistrations"]
        .as_array()
        .map(|all| all.iter().filter_map(|one| one.as_object().cloned()).collect())
        .unwrap_or_default();
    if all.is_empty() || all.len() > wire::LINES_MOST {
        return Err(lacks("completeDataSetRegistrations"));
    }
    let scheme = program.ask("idScheme").and_then(IdScheme::parse).unwrap_or_default();
    let (mut done, mut conflicts) = (0_u64, Vec::new());
    for (at, one) in all.iter().enumerate() {
        let get = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        let unit = if get("organisationUnit").is_empty() {
            get("orgUnit")
        } else {
            get("organisationUnit")
        };
        let said = [get("dataSet"), get("period"), unit, get("attributeOptionCombo")];
        let note = if get("comment").is_empty() {
            program.ask("comment").unwrap_or_default()
        } else {
            get("comment")
        };
        let outcome = match which(&world, said, IdSchemes::all(scheme)) {
            Err(failure) => Err(failure),
            Ok(which) if one.get("completed") == Some(&Value::Bool(false)) => {
                complete::reopen(app, &program.caller, &which).await
            }
            Ok(which) => complete::complete(app, &program.caller, &which, note).await,
        };
        match outcome {
            Ok(()) => done += 1,
            Err(failure) => {
                let Some(problem) = failure.problem() else { return Err(failure) };
                let words = program.words_of(problem);
                conflicts.push(json!({
                    "object": said[0], "value": words, "message": words, "errorCode": "E8030", "indexes": [at],
                }));
            }
        }
    }
    let ignored = conflicts.len() as u64;
    let (http, sum) = match (done, ignored) {
        (_, 0) => (200, "OK"),
        (0, _) => (409, "ERROR"),
        _ => (200, "WARNING"),
    };
    let count = json!({ "imported": done, "updated": 0, "ignored": ignored, "deleted": 0 });
    let message = program.say(
        if ignored == 0 { "reporting-exchange-done" } else { "reporting-exchange-conflicts" },
        &[("written", done.to_string()), ("ignored", ignored.to_string())],
    );
    let response = json!({
        "responseType": "ImportSummary",
        "status": if sum == "OK" { "SUCCESS" } else { sum },
        "importCount": count,
        "conflicts": conflicts,
    });
    let mut body = web_message(http, sum, &message, "", Some(response));
    body["importCount"] = count;
    body["conflicts"] = json!(conflicts);
    Ok(told(http, &body))
}
