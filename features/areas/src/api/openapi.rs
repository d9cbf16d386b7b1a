//! What the routes of areas take and give, in OpenAPI 3.1. Every operation carries `x-example`, an address
//! that a test asks for and whose answer it holds against the schema.

use serde_json::{Value, json};

use crate::model::{AreaLevel, AreaType, EventKind};

/// The piece of the document that is about areas.
pub fn describe() -> Value {
    json!({
        "tags": [{ "name": "areas", "description": "Địa bàn qua các thời kỳ" }],
        "paths": paths(),
        "components": { "schemas": schemas() },
    })
}

fn parameter(name: &str, place: &str, about: &str, schema: &Value) -> Value {
    json!({
        "name": name, "in": place, "required": place == "path", "description": about, "schema": schema,
    })
}

fn answer(about: &str, schema: &Value) -> Value {
    json!({ "description": about, "content": { "application/json": { "schema": schema } } })
}

fn problem(about: &str) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    json!({ "description": about, "content": { "application/problem+json": { "schema": schema } } })
}

fn items(of: &str) -> Value {
    json!({
        "type": "object", "required": ["items"],
        "properties": {
            "items": { "type": "array", "items": { "$ref": format!("#/components/schemas/{of}") } },
        },
    })
}

fn paths() -> Value {
    let text = json!({ "type": "string" });
    let day = json!({ "type": "string", "examples": ["2025-06-30", "30/06/2025"] });
    let level = json!({ "$ref": "#/components/schemas/Level" });
    let id = parameter("id", "path", "A territory: `vn`, `19.2025`, `01969.2025`", &text);
    let step = |name: &str, summary: &str, example: &str| {
        json!({ "get": {
            "tags": ["areas"], "operationId": name, "summary": summary, "x-example": example,
            "parameters": [id.clone()],
            "responses": { "200": answer(summary, &items("Succession")), "404": problem("No such area") },
        } })
    };
    json!({
        "/api/v1/areas": { "get": {
            "tags": ["areas"], "operationId": "findAreas",
            "summary": "Finds areas by old or new names, in any spelling, or by code; best first",
            "x-example": "/api/v1/areas?q=luc%20binh&level=commune&limit=5",
            "parameters": [
                parameter("q", "query", "What is looked for", &json!({ "type": "string", "maxLength": 200 })),
                parameter("at", "query", "Only units of this day", &day),
                parameter("level", "query", "Only this level", &json!({ "$ref": "#/components/schemas/Level" })),
                parameter("limit", "query", "How many",
                    &json!({ "type": "integer", "minimum": 1, "maximum": 50, "default": 20 })),
            ],
            "responses": { "200": answer("What fits", &items("Hit")), "422": problem("A wrong parameter, named") },
        } },
        "/api/v1/areas/{id}": { "get": {
            "tags": ["areas"], "operationId": "showArea",
            "summary": "One area with its history",
            "x-example": "/api/v1/areas/01969.2025",
            "parameters": [id.clone(), parameter("at", "query", "The facts of this day", &day)],
            "responses": {
                "200": answer("The area", &json!({ "$ref": "#/components/schemas/AreaWithHistory" })),
                "404": problem("No such area, or not on that day"),
                "422": problem("A wrong parameter, named"),
            },
        } },
        "/api/v1/areas/{id}/successors":
            step("successors", "What a unit became", "/api/v1/areas/01990.2024/successors"),
        "/api/v1/areas/{id}/predecessors":
            step("predecessors", "What a unit was made of", "/api/v1/areas/01969.2025/predecessors"),
        "/api/v1/areas/flows": { "get": {
            "tags": ["areas"], "operationId": "flows",
            "summary": "How figures of the units of one day flow to those of another",
            "description": "Units that are the same on both days are left out: they keep their figures.",
            "x-example": "/api/v1/areas/flows?from=2024&to=2025-07&level=province",
            "parameters": [
                parameter("from", "query", "A day, a frame's id or `today`", &day),
                parameter("to", "query", "A day, a frame's id or `today`", &day),
                parameter("level", "query", "Rung of the results", &level),
                parameter("of", "query", "Rung of the figures; that of the results when left out", &level),
            ],
            "responses": {
                "200": answer("The flows", &json!({ "$ref": "#/components/schemas/Flows" })),
                "422": problem("A wrong parameter, named"),
            },
        } },
        "/api/v1/areas/convert": { "post": {
            "tags": ["areas"], "operationId": "convertFigures",
            "summary": "Carries the figures of one indicator over; nothing is stored",
            "requestBody": { "required": true, "content": { "application/json": { "schema":
                { "$ref": "#/components/schemas/Figures" } } } },
            "responses": {
                "200": answer("The figures in the other units", &json!({ "type": "object" })),
                "400": problem("Not JSON of that form"),
                "422": problem("Figures that cannot be read, each named"),
            },
        } },
        "/api/v1/frames": { "get": {
            "tags": ["areas"], "operationId": "listFrames",
            "summary": "The frames: whole trees of the country on certain days",
            "x-example": "/api/v1/frames",
            "responses": { "200": answer("Oldest first, today last", &items("Frame")) },
        } },
        "/api/v1/frames/{file}": { "get": {
            "tags": ["areas"], "operationId": "downloadFrame",
            "summary": "Every unit of a day but the villages; GeoJSON holds the provinces with simplified outlines",
            "description": "Answers carry an ETag from their content; ask again with If-None-Match and get 304.",
            "x-example": "/api/v1/frames/today.json",
            "parameters": [parameter("file", "path",
                "A frame's id, `today` or a day, then `.csv`, `.json` or `.geojson`",
                &json!({ "type": "string", "examples": ["2024.csv", "2025-07-01.json", "today.geojson"] }))],
            "responses": {
                "200": { "description": "The tree", "content": {
                    "text/csv": { "schema": { "type": "string" } },
                    "application/json": { "schema": { "$ref": "#/components/schemas/Tree" } },
                    "application/geo+json": { "schema": { "type": "object" } },
                } },
                "304": { "description": "Unchanged since the ETag" },
                "404": problem("No such frame, or a day before the first one"),
            },
        } },
    })
}

// Long because it is one literal, read beside the API's document.
fn schemas() -> Value {
    let levels: Vec<&str> = AreaLevel::ALL.into_iter().map(AreaLevel::code).collect();
    let types: Vec<&str> = AreaType::ALL.iter().map(|kind| kind.code()).collect();
    let kinds: Vec<&str> = EventKind::ALL.into_iter().map(EventKind::code).collect();
    let day = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });
    let text_or_null = json!({ "type": ["string", "null"] });
    let area = json!({ "$ref": "#/components/schemas/Area" });
    let area_fields = json!({
        "id": { "type": "string" },
        "level": { "$ref": "#/components/schemas/Level" },
        "code": text_or_null,
        "name": { "type": "string" },
        "full_name": { "type": "string" },
        "type": { "$ref": "#/components/schemas/AreaType" },
        "parent": text_or_null,
        "path": { "type": "string" },
        "from": day,
        "until": day,
    });
    let area_required =
        ["id", "level", "code", "name", "full_name", "type", "parent", "path", "from", "until"];
    json!({
        "Level": { "type": "string", "enum": levels },
        "AreaType": { "type": "string", "enum": types },
        "Area": {
            "type": "object",
            "description": "A territory in one validity. The id never changes; everything else may.",
            "required": area_required,
            "properties": area_fields,
        },
        "AreaWithHistory": {
            "allOf": [area, {
                "type": "object",
                "required": ["within", "born_on", "ended_on", "population", "history"],
                "properties": {
                    "within": { "type": "string" },
                    "born_on": day,
                    "ended_on": { "type": ["string", "null"] },
                    "population": { "type": ["object", "null"] },
                    "history": { "type": "array", "items": { "allOf": [area, {
                        "type": "object", "required": ["instrument", "event"],
                        "properties": { "instrument": { "type": "string" }, "event": text_or_null },
                    }] } },
                },
            }],
        },
        "Hit": {
            "type": "object", "required": ["area", "within", "became"],
            "properties": {
                "area": area,
                "within": { "type": "string" },
                "became": { "type": "array", "items": {
                    "type": "object", "required": ["area", "within", "whole", "on", "instrument"],
                    "properties": {
                        "area": area,
                        "within": { "type": "string" },
                        "whole": { "type": "boolean" },
                        "on": day,
                        "instrument": { "type": "string", "description": "As cited; empty when none is known" },
                    },
                } },
            },
        },
        "Succession": {
            "type": "object",
            "description": "One step. Never multiply by a weight that is null: the view is then undefined.",
            "required": ["area", "whole", "weight", "basis", "source", "event"],
            "properties": {
                "area": area,
                "whole": { "type": "boolean" },
                "weight": { "type": ["object", "null"] },
                "basis": text_or_null,
                "source": { "type": "string" },
                "event": {
                    "type": "object",
                    "required": ["id", "kind", "instrument", "decided_on", "effective_on", "confirmed"],
                    "properties": {
                        "id": { "type": "string" },
                        "kind": { "type": "string", "enum": kinds },
                        "instrument": { "type": "string" },
                        "decided_on": text_or_null,
                        "effective_on": day,
                        "confirmed": { "type": "boolean" },
                    },
                },
            },
        },
        "Flows": {
            "type": "object",
            "required": ["from", "to", "of", "level", "sources", "targets", "flows"],
            "properties": {
                "from": day,
                "to": day,
                "of": { "$ref": "#/components/schemas/Level" },
                "level": { "$ref": "#/components/schemas/Level" },
                "sources": { "type": "integer" },
                "targets": { "type": "integer" },
                "flows": { "type": "array", "items": {
                    "type": "object", "required": ["from", "to", "share"],
                    "properties": {
                        "from": { "type": "string" },
                        "to": text_or_null,
                        "share": { "type": "string", "enum": ["whole", "part", "unknown"] },
                        "weight": { "type": "object" },
                    },
                } },
            },
        },
        "Figures": {
            "type": "object",
            "required": ["from", "to", "level", "law", "figures"],
            "properties": {
                "from": { "type": "string" },
                "to": { "type": "string" },
                "level": { "$ref": "#/components/schemas/Level" },
                "of": { "$ref": "#/components/schemas/Level" },
                "law": { "type": "string", "enum": ["additive", "stock", "ratio", "mean", "non_additive"] },
                "figures": { "type": "array", "maxItems": 60000, "items": {
                    "type": "object", "required": ["unit"],
                    "properties": {
                        "unit": { "type": "string" },
                        "value": { "type": ["string", "number"] },
                        "numerator": { "type": ["string", "number"] },
                        "denominator": { "type": ["string", "number"] },
                        "sum": { "type": ["string", "number"] },
                        "n": { "type": ["string", "number"] },
                        "text": { "type": "string" },
                    },
                } },
            },
        },
        "Frame": {
            "type": "object",
            "required": ["id", "label", "as_of", "source", "communes", "csv", "json", "geojson"],
            "properties": {
                "id": { "type": "string" },
                "label": { "type": "string" },
                "as_of": day,
                "source": { "type": "string" },
                "communes": { "type": "integer" },
                "csv": { "type": "string" },
                "json": { "type": "string" },
                "geojson": { "type": "string" },
            },
        },
        "Tree": {
            "type": "object", "required": ["day", "communes", "items"],
            "properties": {
                "day": day,
                "communes": { "type": "integer" },
                "items": { "type": "array", "items": {
                    "type": "object",
                    "required": ["code", "name", "full_name", "type", "parent_code", "unit", "parent_unit",
                        "valid_from", "valid_to"],
                    "properties": {
                        "code": { "type": "string" },
                        "name": { "type": "string" },
                        "full_name": { "type": "string" },
                        "type": { "$ref": "#/components/schemas/AreaType" },
                        "parent_code": { "type": "string" },
                        "unit": { "type": "string" },
                        "parent_unit": text_or_null,
                        "valid_from": day,
                        "valid_to": day,
                    },
                } },
            },
        },
    })
}
