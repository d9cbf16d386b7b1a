//! What the routes of SDMX take and give, in OpenAPI 3.1.

use serde_json::{Map, Value, json};

use super::{CSV, GENERIC, STRUCTURE};

/// The piece of the document that is about SDMX. Nobody needs to sign in for it.
pub(crate) fn describe() -> Value {
    let mut paths = Map::new();
    for (kind, about) in [
        ("dataflow", "Data sets as dataflows; one that is named brings its structure along"),
        ("datastructure", "Structures of data sets: dimensions, codelists, concepts"),
    ] {
        for (rest, id) in [("", ""), ("/{version}", "OfVersion")] {
            let path = format!("/sdmx/{kind}/{{agency}}/{{id}}{rest}");
            let example = path.replace("{agency}", "all").replace("{id}", "all");
            let told = operation(&path, (&format!("sdmx-{kind}{id}"), about), &[STRUCTURE]);
            paths.insert(path, with_example(told, &example.replace("{version}", "latest")));
        }
    }
    let about = "Figures of a data set: those that the caller may see, without signing in the approved totals of the \
                 country, none between 1 and 4";
    for (rest, id) in [("", "sdmx-data"), ("/{key}", "sdmx-dataOfKey")] {
        let path = format!("/sdmx/data/{{flow}}{rest}");
        let example = path.replace("{flow}", "diem-ho-tro").replace("{key}", "all");
        let told = operation(&path, (id, about), &[GENERIC, CSV]);
        paths.insert(path, with_example(told, &example));
    }
    json!({ "tags": [{ "name": "sdmx", "description": "Số liệu theo SDMX 2.1" }], "paths": paths })
}

fn with_example(mut told: Value, example: &str) -> Value {
    told["get"]["x-example"] = example.into();
    told
}

fn operation(path: &str, (id, about): (&str, &str), kinds: &[&str]) -> Value {
    let text = json!({ "type": "string" });
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names.map(|name| {
        let about = match name {
            "agency" => "The agency that the answer names; `all` for ours, NHIPCAU",
            "id" => "The data set (`DSD_` before it is understood), or `all`",
            "version" => "1.0 or `latest`; there is one",
            "flow" => "The data set, or agency, data set and version with commas between them",
            _ => "Codes of each dimension with dots between dimensions and + between codes; `all` for everything",
        };
        json!({ "name": name, "in": "path", "required": true, "description": about, "schema": text })
    });
    let query = |name: &str, about: &str| json!({ "name": name, "in": "query", "required": false, "description": about, "schema": text });
    let in_query = if kinds.contains(&CSV) {
        vec![
            query(
                "startPeriod",
                "First period: 2026, 2026-S1, 2026-Q4, 2026-03, 2026-W05, a day, or start and duration",
            ),
            query("endPeriod", "Last period, written in the same way"),
        ]
    } else {
        vec![query("references", "all: with what the dataflows refer to")]
    };
    let content: Map<String, Value> =
        kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": text }))).collect();
    json!({ "get": {
        "tags": ["sdmx"], "operationId": id, "summary": about, "security": [{}, { "basic": [] }],
        "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
        "responses": {
            "200": { "description": "SDMX-ML 2.1; data also as SDMX-CSV, for `Accept` with csv", "content": content },
            "401": { "description": "A wrong name or password (Basic)" },
            "404": { "description": "No such data set, or a key of another length" },
            "409": { "description": "A parameter that cannot be read; the words name it" },
        },
    } })
}
