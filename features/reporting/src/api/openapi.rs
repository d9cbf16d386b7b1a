//! What the routes of exchange take and give, in OpenAPI 3.1.

use serde_json::{Value, json};

/// The piece of the document that is about exchange.
pub(crate) fn describe() -> Value {
    let text = json!({ "type": "string" });
    let query = |name: &str, about: &str| json!({ "name": name, "in": "query", "required": false, "description": about, "schema": text });
    let answer = |about: &str| {
        json!({ "200": { "description": about, "content": { "application/json": { "schema": { "type": "object" } } } },
                "401": { "description": "No name and password (Basic), or a wrong one" },
                "409": { "description": "A conflict, as DHIS2's WebMessage" } })
    };
    let list = |name: &str, about: &str| {
        json!({ "get": { "tags": ["dhis2"], "operationId": format!("dhis2-{name}"), "summary": about,
            "security": [{ "basic": [] }],
            "parameters": [query("fields", "Properties, e.g. id,name,children[id]"), query("filter", "property:operator:value"),
                           query("order", "property:asc"), query("paging", "false for all at once"),
                           query("page", "From 1"), query("pageSize", "Rows on a page")],
            "responses": answer(about) } })
    };
    let mut paths = serde_json::Map::new();
    for (name, about) in [
        ("organisationUnits", "Areas of today: country, provinces, communes"),
        ("organisationUnitLevels", "Rungs of the areas"),
        ("dataElements", "What is counted"),
        ("dataSets", "What is reported together"),
        ("indicators", "What is computed"),
        ("categoryOptionCombos", "Coordinates that forms ask for"),
    ] {
        paths.insert(format!("/api/{name}"), list(name, about));
    }
    paths.insert("/api/dataValueSets".to_owned(), json!({
        "get": { "tags": ["dhis2"], "operationId": "dhis2-readFigures", "summary": "Figures as they stand, in JSON, CSV, DXF 2 or ADX",
            "security": [{ "basic": [] }],
            "parameters": [query("dataSet", "Data sets"), query("dataElement", "Data elements"), query("period", "Periods"),
                           query("startDate", "First day"), query("endDate", "Last day"), query("orgUnit", "Areas"),
                           query("children", "true for everything below them"), query("lastUpdated", "A day"),
                           query("lastUpdatedDuration", "10d, 4h"), query("limit", "Most figures")],
            "responses": answer("The figures") },
        "post": { "tags": ["dhis2"], "operationId": "dhis2-writeFigures", "summary": "Takes figures in; each conflict is told",
            "security": [{ "basic": [] }],
            "parameters": [query("dryRun", "true to only say what would happen"), query("atomic", "true for all or nothing"),
                           query("importStrategy", "CREATE_AND_UPDATE, CREATE, UPDATE, DELETE"),
                           query("idScheme", "uid, code or name"), query("orgUnitIdScheme", "uid, code or name"),
                           query("dataElementIdScheme", "uid, code or name")],
            "requestBody": { "content": { "application/json": { "schema": { "type": "object" } }, "application/csv": { "schema": text },
                             "application/xml": { "schema": text }, "application/adx+xml": { "schema": text } } },
            "responses": answer("An import summary") },
    }));
    paths.insert("/api/analytics".to_owned(), json!({ "get": {
        "tags": ["dhis2"], "operationId": "dhis2-analytics", "summary": "Sums of what, when and where",
        "security": [{ "basic": [] }],
        "parameters": [query("dimension", "dx:…, pe:LAST_4_QUARTERS, ou:USER_ORGUNIT;LEVEL-2"), query("filter", "A dimension that is summed over")],
        "responses": answer("Rows") } }));
    paths.insert("/api/completeDataSetRegistrations".to_owned(), json!({
        "get": { "tags": ["dhis2"], "operationId": "dhis2-handedIn", "summary": "Reports that were handed in",
            "security": [{ "basic": [] }],
            "parameters": [query("dataSet", "Data sets"), query("period", "Periods"), query("orgUnit", "Areas"), query("children", "true for everything below")],
            "responses": answer("The reports") },
        "post": { "tags": ["dhis2"], "operationId": "dhis2-handIn", "summary": "Signs and hands in, by people who may",
            "security": [{ "basic": [] }],
            "requestBody": { "content": { "application/json": { "schema": { "type": "object" } } } },
            "responses": answer("What became of each") },
    }));
    json!({ "tags": [{ "name": "dhis2", "description": "Trao đổi số liệu theo DHIS2 Web API, ADX và SDMX" }], "paths": paths })
}
