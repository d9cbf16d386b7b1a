//! Analytics for programs: the same questions, the same answers, as JSON.

use areas::{
    AreaId, AreaLevel,
    view::{Basis, Grade},
};
use kernel::{
    axum::extract::Query as Params,
    clock::Day,
    problem::Outcome,
    web::{Answer, Fields, Visit, json},
};
use serde::Serialize;
use serde_json::{Value, json as object};

use crate::{
    actions::{analysis::ask::ask, problem},
    model::{
        Life, Period,
        analysis::{Answer as Found, Dx, Gap, Question, Shown, TOO_BROAD},
        formula::Rational,
    },
    pages::parameters::{missing, wrong},
};

/// Most codes of one parameter.
const LIST_MOST: usize = 200;

/// `GET /api/v1/reporting/analytics?dx=10.6,*MT02&period=nd09q-2026-4&area=19.2025&level=commune&life=&approved=&frame=`
pub async fn show(visit: Visit, Params(pairs): Params<Vec<(String, String)>>) -> Answer {
    let question = read(&Fields::from_pairs(pairs))?;
    let found = ask(&visit.app, &visit.caller, &question).await?;
    told(&found, question.life)
}

fn read(fields: &Fields) -> Outcome<Question> {
    // A comma divides codes; within coordinates (`10.6:dt=tay,gt=nu`) repeat the parameter instead.
    let list = |name: &str| -> Vec<String> {
        let all = fields.many(name);
        let split = |text: &String| -> Vec<String> {
            if text.contains(':') {
                vec![text.clone()]
            } else {
                text.split(',').map(str::to_owned).collect()
            }
        };
        all.iter().flat_map(split).filter(|text| !text.is_empty()).collect()
    };
    let (codes, ids) = (list("dx"), list("period"));
    for (name, all) in [("dx", &codes), ("period", &ids)] {
        if all.is_empty() {
            return Err(missing(name));
        }
        if all.len() > LIST_MOST {
            return Err(problem(&TOO_BROAD, "most", LIST_MOST.to_string()));
        }
    }
    let dx = codes
        .iter()
        .map(|text| Dx::parse(text).ok_or_else(|| wrong("dx", text)))
        .collect::<Outcome<_>>()?;
    let periods = ids
        .iter()
        .map(|text| Period::parse(text).ok_or_else(|| wrong("period", text)))
        .collect::<Outcome<_>>()?;
    let area = match fields.raw("area") {
        "" => AreaId::country(),
        text => AreaId::parse(text).ok_or_else(|| wrong("area", text))?,
    };
    let by = match fields.raw("level") {
        "" => AreaLevel::Province,
        text => AreaLevel::from_code(text).ok_or_else(|| wrong("level", text))?,
    };
    let frame = match fields.raw("frame") {
        "" => None,
        text => Some(Day::parse(text).ok_or_else(|| wrong("frame", text))?),
    };
    let life = match fields.raw("life") {
        "estimate" => Life::Estimate,
        "" | "final" => Life::Final,
        other => return Err(wrong("life", other)),
    };
    let approved_only = match fields.raw("approved") {
        "true" => true,
        "" | "false" => false,
        other => return Err(wrong("approved", other)),
    };
    Ok(Question { dx, periods, area, by, frame, life, approved_only })
}

fn decimal(number: Rational) -> Option<String> {
    number.as_decimal().or_else(|| number.rounded(9)?.as_decimal())
}

/// An answer as it is written: tens of thousands of rows, so nothing is built that is not sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'f> {
    as_of: String,
    frame: String,
    life: &'static str,
    places: Vec<Place<'f>>,
    rows: Vec<Row<'f>>,
}

#[derive(Serialize)]
struct Place<'f> {
    id: &'f AreaId,
    title: &'f str,
}

#[derive(Serialize)]
struct Row<'f> {
    dx: &'f str,
    period: &'f str,
    area: &'f str,
    value: Option<String>,
    gap: Option<Gap>,
    quality: Grade,
    bases: &'f [Basis],
    low: Option<String>,
    high: Option<String>,
    reported: i64,
    expected: i64,
    approved: i64,
}

fn told(found: &Found, life: Life) -> Answer {
    let names: Vec<String> = found.dx.iter().map(Dx::text).collect();
    let mut rows = Vec::with_capacity(found.figures.len());
    for (at, dx) in names.iter().enumerate() {
        for (when, period) in found.periods.iter().enumerate() {
            for (place, unit) in found.places.iter().enumerate() {
                let Some(shown) = found.at(at, when, place) else { continue };
                rows.push(row(dx, period, unit.id.as_str(), shown));
            }
        }
    }
    json(&Told {
        as_of: found.as_of.rfc3339(),
        frame: found.frame.iso(),
        life: if life == Life::Estimate { "estimate" } else { "final" },
        places: found.places.iter().map(|one| Place { id: &one.id, title: &one.title }).collect(),
        rows,
    })
}

fn row<'f>(dx: &'f str, period: &'f Period, area: &'f str, shown: &'f Shown) -> Row<'f> {
    Row {
        dx,
        period: period.id(),
        area,
        value: shown.number.and_then(decimal),
        gap: shown.gap,
        quality: shown.grade,
        bases: &shown.bases,
        low: shown.bounds.and_then(|(low, _)| decimal(low)),
        high: shown.bounds.and_then(|(_, high)| decimal(high)),
        reported: shown.reported,
        expected: shown.expected,
        approved: shown.approved,
    }
}

/// The piece of the OpenAPI document that is about analytics.
pub fn describe() -> Value {
    let text = object!({ "type": "string" });
    let parameter = |name: &str, required: bool, about: &str, schema: &Value| object!({ "name": name, "in": "query", "required": required, "description": about, "schema": schema });
    let problem = |about: &str| {
        object!({ "description": about, "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" } } } })
    };
    let day = object!({ "type": "string", "format": "date" });
    let nullable = object!({ "type": ["string", "null"] });
    let count = object!({ "type": "integer", "minimum": 0 });
    let answer = |about: &str, schema: &str| {
        object!({ "description": about, "content": { "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{schema}") } } } })
    };
    object!({
        "tags": [{ "name": "reporting", "description": "Báo cáo, số liệu" }],
        "paths": {
            "/api/v1/reporting/analytics": { "get": {
                "tags": ["reporting"], "operationId": "analytics",
                "x-sign-in-needed": true,
                "summary": "Figures by what, when and where; live, each with its quality, completeness and approval",
                "description": "`dx` takes cells (`10.6`, `10.6:gt=nu`), indicators (`*MT02`) and reporting rates (`~diem-ho-tro~nop`). For those who may see figures of the area.",
                "parameters": [
                    parameter("dx", true, "What, divided by commas or repeated", &text),
                    parameter("period", true, "Period ids, divided by commas or repeated: `nd09q-2026-4`, `y-2025`", &text),
                    parameter("area", false, "Within which area; the country when left out", &text),
                    parameter("level", false, "For units of which rung", &object!({ "enum": ["country", "province", "commune"] })),
                    parameter("frame", false, "In the geography of which day; today's when left out", &day),
                    parameter("life", false, "Which figures", &object!({ "enum": ["final", "estimate"] })),
                    parameter("approved", false, "Only what was approved", &object!({ "type": "boolean" })),
                ],
                "responses": {
                    "200": answer("The figures", "Analytics"),
                    "401": problem("Nobody is signed in"),
                    "403": problem("Figures of somebody else's area"),
                    "404": problem("No such area"),
                    "422": problem("A parameter is missing or wrong (`errors` names it), or the question is too broad"),
                },
            } },
        },
        "components": { "schemas": {
            "Analytics": {
                "type": "object", "required": ["asOf", "frame", "life", "places", "rows"],
                "properties": {
                    "asOf": { "type": "string", "format": "date-time" }, "frame": day, "life": text,
                    "places": { "type": "array", "items": { "type": "object", "properties": { "id": text, "title": text } } },
                    "rows": { "type": "array", "items": { "$ref": "#/components/schemas/AnalyticsRow" } },
                },
            },
            "AnalyticsRow": {
                "type": "object",
                "required": ["dx", "period", "area", "value", "quality", "reported", "expected", "approved"],
                "properties": {
                    "dx": text, "period": text, "area": text, "value": nullable,
                    "gap": {
                        "enum": ["not_reported", "not_owed", "no_data", "not_additive", "share_unknown", "no_source", "no_target", "zero_below", "no_formula", null],
                        "description": "Why there is no value. `no_source`: nothing joins the units of the period with those of the frame, so that nobody can say whether they reported",
                    },
                    "quality": { "enum": ["exact", "estimated", "undefined"] },
                    "bases": { "type": "array", "items": text },
                    "low": nullable, "high": nullable,
                    "reported": count, "expected": count, "approved": count,
                },
            },
        } },
    })
}
