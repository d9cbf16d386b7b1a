//! The description of the API (OpenAPI 3.1), put together from what every feature says of its own
//! routes. What a route takes and gives is said by its feature, in `Module::openapi`.

use axum::extract::State;
use serde_json::{Map, Value, json};

use super::respond::Answer;
use crate::{app::AppRef, module::Module};

/// `GET /api/v1/openapi.json`
pub(super) async fn document(State(app): State<AppRef>) -> Answer {
    super::json(&assemble(app.modules))
}

/// The whole document. Paths and schemas of the features must not collide; the first one stays, and a
/// test of the server says so.
pub fn assemble(modules: &[Module]) -> Value {
    let mut tags = Vec::new();
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for part in std::iter::once(own()).chain(modules.iter().map(|module| (module.openapi)())) {
        tags.extend(part["tags"].as_array().cloned().unwrap_or_default());
        for (into, found) in
            [(&mut paths, &part["paths"]), (&mut schemas, &part["components"]["schemas"])]
        {
            for (name, value) in found.as_object().into_iter().flatten() {
                into.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Nhịp Cầu",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Giao diện lập trình mở, chỉ đọc. Names are in English and stable; words inside values \
                are Vietnamese. Days are YYYY-MM-DD in Vietnam; validity is half-open, 9999-12-31 means that no end \
                is known.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// What the kernel itself has to describe.
fn own() -> Value {
    json!({
        "tags": [{ "name": "meta", "description": "Về chính giao diện này" }],
        "paths": {
            "/api/v1/openapi.json": { "get": {
                "tags": ["meta"],
                "operationId": "openapi",
                "summary": "This document",
                "x-example": "/api/v1/openapi.json",
                "responses": { "200": {
                    "description": "OpenAPI 3.1",
                    "content": { "application/json": { "schema": {
                        "type": "object", "required": ["openapi", "info", "paths", "components"],
                    } } },
                } },
            } },
        },
        "components": { "schemas": {
            "Problem": {
                "type": "object",
                "description": "RFC 9457; programs look at `type` and `errors[].field`.",
                "required": ["type", "title", "detail", "status", "errors"],
                "properties": {
                    "type": { "type": "string" },
                    "title": { "type": "string" },
                    "detail": { "type": "string" },
                    "status": { "type": "integer" },
                    "errors": { "type": "array", "items": {
                        "type": "object", "required": ["field", "text"],
                        "properties": { "field": { "type": "string" }, "text": { "type": "string" } },
                    } },
                },
            },
        } },
    })
}
