//! `dataValueSets`: figures in, in four formats, with what became of each; figures out.

use kernel::{
    axum::{body::Bytes, http::header, response::Response},
    clock::{Day, Timestamp},
    problem::{Outcome, Problem},
};
use serde_json::{Value, json};

use super::super::{
    program::{Program, text, told, web_message},
    wire::{self, Message},
};
use crate::{
    actions::exchange::{
        ASKS_TOO_LITTLE, IdScheme, IdSchemes, NOT_KNOWN, World, complete,
        export::{Figure, Query, figures},
        import::{Conflict, Line, Options, Strategy, Summary, take_in},
        names::{Names, combo_name},
    },
    model::{
        Life,
        exchange::{Kind, as_number_and_remark, combo_uid, life_uid, period_name, uid},
    },
};

/// A parameter names what is not known.
pub fn not_known(name: &str, what: &str) -> kernel::problem::Failure {
    let what: String = what.chars().take(100).collect();
    Problem::of(&NOT_KNOWN).with("name", name).with("what", what).into()
}

/// By what a request names things: what it says of each kind, else of all, else what the message says.
fn schemes(
    program: &Program,
    usual: IdScheme,
    message: &[String; 3],
    incoming: bool,
) -> Outcome<IdSchemes> {
    let [said_elements, said_units, said_all] = message;
    let read = |names: &[&str], said: &str| -> Outcome<Option<IdScheme>> {
        let asked = names
            .iter()
            .find_map(|name| program.ask(name))
            .or(Some(said).filter(|said| !said.is_empty()));
        asked.map(|word| IdScheme::parse(word).ok_or_else(|| not_known(names[0], word))).transpose()
    };
    // What comes in is named by `idScheme`, what goes out by `outputIdScheme`, older programs mix them.
    let all: &[&str] =
        if incoming { &["idScheme", "inputIdScheme"] } else { &["outputIdScheme", "idScheme"] };
    let all = read(all, said_all)?.unwrap_or(usual);
    let combos = read(&["categoryOptionComboIdScheme", "categoryOptionIdScheme"], "")?;
    Ok(IdSchemes {
        elements: read(&["dataElementIdScheme"], said_elements)?.unwrap_or(all),
        units: read(&["orgUnitIdScheme"], said_units)?.unwrap_or(all),
        datasets: read(&["dataSetIdScheme"], "")?.unwrap_or(all),
        combos: combos.unwrap_or(all),
    })
}

/// `POST /api/dataValueSets`
pub async fn import(program: Program, body: Bytes) -> Response {
    let done = imported(&program, &body).await;
    program.answer(done)
}

fn read(program: &Program, body: &[u8]) -> Outcome<(Message, IdScheme)> {
    let kind = program.visit.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let ending = program.suffix.as_deref().unwrap_or_default();
    let plain = || {
        std::str::from_utf8(body).map_err(|_| {
            kernel::problem::Failure::from(
                Problem::of(&crate::actions::exchange::UNREADABLE).with("what", "UTF-8"),
            )
        })
    };
    Ok(match (kind.as_str(), ending) {
        ("application/adx+xml", _) | (_, "adx") => (wire::adx::read(plain()?)?, IdScheme::Code),
        ("application/csv" | "text/csv", _) | (_, "csv") => (wire::csv::read(body)?, IdScheme::Uid),
        ("application/xml" | "text/xml", _) | (_, "xml") => {
            (wire::dxf::read(plain()?)?, IdScheme::Uid)
        }
        _ => (wire::json::read(body)?, IdScheme::Uid),
    })
}

async fn imported(program: &Program, body: &[u8]) -> Outcome<Response> {
    program.must_be_meant()?;
    let (message, usual) = read(program, body)?;
    let strategy =
        program.ask("importStrategy").or_else(|| program.ask("strategy")).unwrap_or_default();
    let options = Options {
        schemes: schemes(program, usual, &message.schemes, true)?,
        strategy: Strategy::parse(strategy).ok_or_else(|| not_known("importStrategy", strategy))?,
        dry_run: program.is("dryRun") == Some(true),
        atomic: program.is("atomic") == Some(true),
        paper: program.ask("paper").map(str::to_owned),
        dialect: message.dialect,
    };
    let summary = take_in(&program.visit.app, &program.caller, &message.lines, &options).await?;
    let mut completed = false;
    let mut refused = None;
    if message.is_complete && !options.dry_run && summary.conflicts.is_empty() {
        match handed_in(program, &message, &options).await {
            Ok(()) => completed = true,
            Err(failure) => match failure.problem() {
                Some(problem) => refused = Some(program.words_of(problem)),
                None => return Err(failure),
            },
        }
    }
    Ok(summed_up(program, &summary, &options, completed, refused))
}

/// A message that says it is complete is handed in, by somebody who may.
async fn handed_in(program: &Program, message: &Message, options: &Options) -> Outcome<()> {
    let world = World::of(&program.visit.app).await?;
    let which = super::complete::which(
        &world,
        [&message.dataset, &message.period, &message.unit, ""],
        options.schemes,
    )?;
    complete::complete(
        &program.visit.app,
        &program.caller,
        &which,
        program.ask("comment").unwrap_or_default(),
    )
    .await
}

/// What became of a message, in the words of today's DHIS2 and of those before.
pub(super) fn summed_up(
    program: &Program,
    summary: &Summary,
    options: &Options,
    completed: bool,
    refused: Option<String>,
) -> Response {
    let written = summary.imported + summary.updated + summary.deleted;
    let is_clean = summary.conflicts.is_empty() && refused.is_none();
    let is_lost = written == 0 && !summary.conflicts.is_empty();
    let (status, word, inner) = match (is_clean, is_lost) {
        (true, _) => (200, "OK", "SUCCESS"),
        (false, false) => (200, "WARNING", "WARNING"),
        (false, true) => (409, "ERROR", "ERROR"),
    };
    let mut conflicts: Vec<Value> =
        summary.conflicts.iter().map(|one| conflict(program, one)).collect();
    if let Some(words) = refused {
        conflicts.push(
            json!({ "object": "dataSet", "value": words, "message": words, "errorCode": "E7605" }),
        );
    }
    let count = json!({
        "imported": summary.imported, "updated": summary.updated,
        "ignored": summary.ignored, "deleted": summary.deleted,
    });
    let description = program.say(
        if is_clean { "reporting-exchange-done" } else { "reporting-exchange-conflicts" },
        &[("written", written.to_string()), ("ignored", summary.ignored.to_string())],
    );
    let scheme = |scheme: IdScheme| format!("{scheme:?}").to_uppercase();
    let response = json!({
        "responseType": "ImportSummary",
        "status": inner,
        "description": description,
        "importOptions": {
            "dryRun": options.dry_run,
            "async": false,
            "importStrategy": strategy_word(options.strategy),
            "idSchemes": {
                "dataElementIdScheme": scheme(options.schemes.elements),
                "orgUnitIdScheme": scheme(options.schemes.units),
            },
        },
        "importCount": count,
        "conflicts": conflicts,
        "rejectedIndexes": summary.rejected(),
        "dataSetComplete": if completed { json!(program.visit.app.now().day().iso()) } else { json!("false") },
    });
    let mut body = web_message(status, word, &description, "", Some(response));
    // Programs of before 2.38 look for these at the top, others for the counts themselves.
    body["importCount"].clone_from(&count);
    body["conflicts"] = json!(conflicts);
    body["description"] = json!(description);
    for (name, value) in [
        ("imported", summary.imported),
        ("updated", summary.updated),
        ("ignored", summary.ignored),
        ("deleted", summary.deleted),
        ("total", written + summary.ignored),
    ] {
        body[name] = json!(value);
    }
    told(status, &body)
}

fn strategy_word(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::CreateAndUpdate => "CREATE_AND_UPDATE",
        Strategy::Create => "CREATE",
        Strategy::Update => "UPDATE",
        Strategy::Delete => "DELETE",
    }
}

fn conflict(program: &Program, one: &Conflict) -> Value {
    let words = one.in_words(&program.visit.app.words, program.visit.lang());
    json!({
        "object": one.value,
        "objects": { one.property: one.value },
        "value": words,
        "message": words,
        "errorCode": one.code,
        "property": one.property,
        "indexes": one.indexes,
    })
}

/// What of figures a request asks for.
pub(super) fn query(program: &Program, world: &World) -> Outcome<Query> {
    let incoming = schemes(program, IdScheme::Uid, &Default::default(), true)?;
    let mut query = Query { children: program.is("children") == Some(true), ..Query::default() };
    for name in program.all(&["dataSet"]) {
        let found = world.names.dataset(&world.catalogue, &name, incoming.datasets);
        query.datasets.push(found.ok_or_else(|| not_known("dataSet", &name))?);
    }
    for name in program.all(&["dataElement"]) {
        let found = world.names.element(&world.catalogue, &name, incoming.elements);
        query.elements.push(found.ok_or_else(|| not_known("dataElement", &name))?);
    }
    query.periods = program.all(&["period"]);
    for name in program.all(&["orgUnit"]) {
        let found = world.areas.find(&name, incoming.units);
        query.units.push(found.ok_or_else(|| not_known("orgUnit", &name))?);
    }
    for name in program.all(&["attributeOptionCombo"]) {
        query
            .lives
            .push(Names::life(&name).ok_or_else(|| not_known("attributeOptionCombo", &name))?);
    }
    let day = |name: &str| {
        program
            .ask(name)
            .map(|text| Day::parse(text).ok_or_else(|| not_known(name, text)))
            .transpose()
    };
    if let (Some(from), Some(last)) = (day("startDate")?, day("endDate")?) {
        query.between = Some((from, last));
    }
    if let Some(from) = day("lastUpdated")? {
        query.since = Some(from.start());
    }
    if let Some(text) = program.ask("lastUpdatedDuration") {
        let ago = milliseconds(text).ok_or_else(|| not_known("lastUpdatedDuration", text))?;
        query.since =
            Some(Timestamp::from_millis(program.visit.app.now().millis().saturating_sub(ago)));
    }
    query.limit = program.ask("limit").and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(query)
}

/// `10d`, `4h`, `30m`, `15s`.
fn milliseconds(text: &str) -> Option<i64> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: i64 = count.parse().ok().filter(|count| (0..100_000).contains(count))?;
    let each = match unit {
        "d" => 86_400_000,
        "h" => 3_600_000,
        "m" => 60_000,
        "s" => 1_000,
        _ => return None,
    };
    Some(count * each)
}

/// `GET /api/dataValueSets`
pub async fn export(program: Program) -> Response {
    let done = exported(&program).await;
    program.answer(done)
}

async fn exported(program: &Program) -> Outcome<Response> {
    let app = &program.visit.app;
    let world = World::of(app).await?;
    let query = query(program, &world)?;
    let found = figures(app, &program.caller, &world, &query).await?;
    let format = program.format();
    let usual = if format == "adx" { IdScheme::Code } else { IdScheme::Uid };
    let schemes = schemes(program, usual, &Default::default(), false)?;
    // In an answer about one data set, figures need not name it.
    let dataset = query.datasets.first().filter(|_| query.datasets.len() == 1);
    let line = |figure: &Figure| line(&world, figure, schemes, format);
    Ok(match format {
        "csv" => {
            let rows = found.iter().map(|one| (line(one), one.author.clone(), one.at.rfc3339()));
            text("application/csv; charset=utf-8", wire::csv::write_with(rows))
        }
        "xml" => {
            let lines: Vec<Line> = found.iter().map(line).collect();
            text("application/xml; charset=utf-8", wire::dxf::write(&lines))
        }
        "adx" => {
            let mut lines: Vec<Line> = found.iter().map(line).collect();
            for (line, figure) in lines.iter_mut().zip(&found) {
                // A group of ADX belongs to a data set.
                let own =
                    dataset.or_else(|| world.names.datasets_of.get(&figure.key.element)?.first());
                line.dataset = own.map(ToString::to_string).unwrap_or_default();
            }
            lines.sort_by(|a, b| {
                (&a.dataset, &a.period, &a.unit, &a.attribute).cmp(&(
                    &b.dataset,
                    &b.period,
                    &b.unit,
                    &b.attribute,
                ))
            });
            text(
                "application/adx+xml; charset=utf-8",
                wire::adx::write(&lines, &app.now().rfc3339()),
            )
        }
        _ => {
            let values: Vec<Value> =
                found.iter().map(|figure| as_json(&line(figure), figure)).collect();
            let mut body = json!({ "dataValues": values });
            if let Some(code) = dataset {
                body["dataSet"] = json!(uid(Kind::Dataset, code.as_str()));
            }
            told(200, &body)
        }
    })
}

pub(super) fn as_json(line: &Line, figure: &Figure) -> Value {
    let mut one = wire::json::one(line);
    one["storedBy"] = json!(figure.author);
    one["created"] = json!(figure.at.rfc3339());
    one["lastUpdated"] = json!(figure.at.rfc3339());
    one["followup"] = json!(false);
    one
}

/// A figure with the names of a scheme. ADX has coordinates as attributes and periods as intervals.
pub(super) fn line(world: &World, figure: &Figure, schemes: IdSchemes, format: &str) -> Line {
    let catalogue = &world.catalogue;
    let element = catalogue.elements.get(&figure.key.element);
    let decimals = element.map_or(0, |one| one.decimals);
    let (value, state) = as_number_and_remark(&figure.state, decimals);
    let comment = if state.is_empty() { figure.note.clone() } else { state };
    let unit = world.areas.of_area(&figure.area).map(|no| &world.areas.units[no]);
    let code = figure.key.element.as_str();
    let coords = &figure.key.coords;
    let is_adx = format == "adx";
    let combo = match schemes.combos {
        _ if is_adx => coords.text(),
        IdScheme::Uid => combo_uid(coords),
        IdScheme::Code if coords.is_total() => "default".to_owned(),
        IdScheme::Code => coords.text(),
        IdScheme::Name => combo_name(catalogue, coords),
    };
    let attribute = match (figure.life, schemes.combos) {
        (Life::Final, _) if is_adx => String::new(),
        (Life::Estimate, _) if is_adx => "e".to_owned(),
        (life, IdScheme::Uid) => life_uid(life),
        (Life::Final, _) => "default".to_owned(),
        (Life::Estimate, _) => "estimate".to_owned(),
    };
    let own = figure.area.to_string();
    Line {
        dataset: String::new(),
        element: match schemes.elements {
            IdScheme::Uid => uid(Kind::Element, code),
            IdScheme::Code => code.to_owned(),
            IdScheme::Name => element.map_or(code, |one| one.name.as_str()).to_owned(),
        },
        period: if is_adx { figure.period.interval() } else { period_name(&figure.period) },
        unit: match (schemes.units, unit) {
            (IdScheme::Uid, _) => uid(Kind::Unit, &own),
            (IdScheme::Code, Some(unit)) => unit.code.clone().unwrap_or(own),
            (IdScheme::Name, Some(unit)) => unit.name.clone(),
            (_, None) => own,
        },
        combo,
        attribute,
        value,
        comment,
        deleted: false,
    }
}

/// Says what a request lacks.
pub(super) fn lacks(what: &str) -> kernel::problem::Failure {
    Problem::of(&ASKS_TOO_LITTLE).with("what", what).into()
}
