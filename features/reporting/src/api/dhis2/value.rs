//! `dataValues`: one figure at a time.

use kernel::{
    axum::{
        body::Bytes,
        http::{StatusCode, header},
        response::{IntoResponse, Response},
    },
    problem::Outcome,
};
use serde_json::json;

use super::{
    super::{
        program::{Program, told},
        wire,
    },
    values::{lacks, line, not_known, summed_up},
};
use crate::actions::exchange::{
    IdSchemes, World,
    export::{Query, figures},
    import::{Line, Options, Strategy, take_in},
    names::Names,
};

/// The figure that a request means: by its address, by a form, or by a body in JSON.
fn meant(program: &Program, body: &[u8]) -> Outcome<Line> {
    let kind = program.visit.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let mut all = serde_json::Map::new();
    let mut put = |pairs: &[(String, String)]| {
        for (name, value) in pairs {
            all.insert(name.clone(), json!(value));
        }
    };
    put(&program.query);
    if kind.starts_with("application/x-www-form-urlencoded") {
        put(&serde_urlencoded::from_bytes::<Vec<(String, String)>>(body).unwrap_or_default());
    } else if !body.is_empty() {
        let sent: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(body).map_err(|error| not_known("body", &error.to_string()))?;
        all.extend(sent);
    }
    let line = wire::json::line(&all);
    for (said, what) in [(&line.element, "de"), (&line.period, "pe"), (&line.unit, "ou")] {
        if said.is_empty() {
            return Err(lacks(what));
        }
    }
    Ok(line)
}

/// `GET /api/dataValues?de=&pe=&ou=&co=&ao=`: DHIS2 answers with a list of one text.
pub async fn show(program: Program) -> Response {
    let done = async {
        let line = meant(&program, b"")?;
        let app = &program.visit.app;
        let world = World::of(app).await?;
        let (catalogue, names) = (&world.catalogue, &world.names);
        let scheme = crate::actions::exchange::IdScheme::Uid;
        let element = names
            .element(catalogue, &line.element, scheme)
            .ok_or_else(|| not_known("de", &line.element))?;
        let unit =
            world.areas.find(&line.unit, scheme).ok_or_else(|| not_known("ou", &line.unit))?;
        let coords =
            names.coords(&line.combo, scheme).ok_or_else(|| not_known("co", &line.combo))?;
        let of_two =
            Names::life(&line.attribute).ok_or_else(|| not_known("ao", &line.attribute))?;
        let query = Query {
            elements: vec![element],
            periods: vec![line.period.clone()],
            units: vec![unit],
            lives: vec![of_two],
            ..Query::default()
        };
        let found = figures(app, &program.caller, &world, &query).await?;
        let one = found.iter().find(|figure| figure.key.coords == coords);
        let one = one.ok_or_else(|| not_known("de", &line.element))?;
        let said =
            super::values::as_json(&self::line(&world, one, IdSchemes::default(), "json"), one);
        Ok(told(200, &json!([said["value"]])))
    };
    let done = done.await;
    program.answer(done)
}

/// `POST /api/dataValues`
pub async fn write(program: Program, body: Bytes) -> Response {
    let done = changed(&program, &body, Strategy::CreateAndUpdate, StatusCode::CREATED).await;
    program.answer(done)
}

/// `DELETE /api/dataValues`
pub async fn remove(program: Program, body: Bytes) -> Response {
    let done = changed(&program, &body, Strategy::Delete, StatusCode::NO_CONTENT).await;
    program.answer(done)
}

async fn changed(
    program: &Program,
    body: &[u8],
    strategy: Strategy,
    good: StatusCode,
) -> Outcome<Response> {
    program.must_be_meant()?;
    let line = meant(program, body)?;
    let paper = program.ask("paper").map(str::to_owned);
    let options = Options { strategy, paper, ..Options::default() };
    let summary = take_in(&program.visit.app, &program.caller, &[line], &options).await?;
    let response = summed_up(program, &summary, &options, false, None);
    if !summary.conflicts.is_empty() {
        return Ok(response);
    }
    if good == StatusCode::NO_CONTENT {
        return Ok((good, [(header::CONTENT_TYPE, "application/json")]).into_response());
    }
    let mut response = response;
    *response.status_mut() = good;
    Ok(response)
}
