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
                           query("paper", "The number of the paper that figures of units below one's own are taken from; without it only a unit's own people write its figures"),
                           query("idScheme", "uid, code or name"), query("orgUnitIdScheme", "uid, code or name"),
                           query("dataElementIdScheme", "uid, code or name")],
            "requestBody": { "content": { "application/json": { "schema": { "type": "object" } }, "application/csv": { "schema": text },
                             "application/xml": { "schema": text }, "application/adx+xml": { "schema": text } } },
            "responses": answer("An import summary") },
    }));
    paths.insert("/api/analytics".to_owned(), json!({ "get": {
        "tags": ["dhis2"], "operationId": "dhis2-analytics", "summary": "What, when and where, through each element's roll-up law: what does not add is not added",
        "security": [{ "basic": [] }],
        "parameters": [query("dimension", "dx:…, pe:LAST_4_QUARTERS, ou:USER_ORGUNIT;LEVEL-2"), query("filter", "A dimension that is summed over")],
        "responses": answer("Rows") } }));
    paths.insert("/api/dataApprovals".to_owned(), json!({ "get": {
        "tags": ["dhis2"], "operationId": "dhis2-approval", "summary": "Where a report stands",
        "security": [{ "basic": [] }],
        "parameters": [query("ds", "The data set"), query("pe", "The period"), query("ou", "The area"), query("aoc", "estimate for the estimated figures")],
        "responses": answer("The state in DHIS2's words") } }));
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
    paths.extend(open_rosa());
    paths.insert("/so-lieu/tai".to_owned(), files());
    json!({ "tags": [{ "name": "openrosa", "description": "Báo cáo bằng điện thoại (OpenRosa) và một phần API của ODK Central" }, { "name": "dhis2", "description": "Trao đổi số liệu theo DHIS2 Web API, ADX và SDMX" }], "paths": paths })
}

/// The same five addresses for a phone with a key.
fn add_keys(add: &mut impl FnMut(&str, &str, Value), xml: &Value) {
    let base = "/v1/key/{key}/projects/{project}";
    let form = ["key", "project", "form"];
    for (path, method, id, names, status) in [
        ("/formList", "get", "keyFormList", &form[..2], "200"),
        ("/submission", "post", "keySubmit", &form[..2], "201"),
        ("/forms/{form}", "get", "keyForm", &form[..], "200"),
        ("/forms/{form}/manifest", "get", "keyManifest", &form[..], "200"),
        (
            "/forms/{form}/attachments/{file}",
            "get",
            "keyFile",
            &["key", "project", "form", "file"][..],
            "200",
        ),
    ] {
        let parameters: Vec<Value> = names
            .iter()
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        let told = json!({ "tags": ["openrosa"], "operationId": format!("openrosa-{id}"),
            "summary": "For a phone whose key stands in the address; as without it",
            "parameters": parameters,
            "responses": { status: { "description": "As without a key", "content": xml },
                "401": { "description": "A key that opens nothing" },
                "429": { "description": "Several of those from one address" } } });
        add(&format!("{base}{path}"), method, told);
    }
}

/// Figures of a data set as a file.
fn files() -> Value {
    let text = json!({ "type": "string" });
    let query = |name: &str, about: &str, schema: &Value| json!({ "name": name, "in": "query", "required": true, "description": about, "schema": schema });
    let binary = json!({ "schema": { "type": "string", "format": "binary" } });
    json!({ "get": {
        "tags": ["reporting"], "operationId": "figuresFile", "x-sign-in-needed": true,
        "summary": "Figures of a data set and a period, of an area and everything below it, as a file",
        "parameters": [
            query("bieu", "The data set", &text), query("ky", "The period", &text),
            query("loai", "Final or estimated figures", &json!({ "enum": ["chinh-thuc", "uoc"] })),
            query("dia-ban", "The area's id", &text),
            query("dang", "The format; the columns of Parquet stand in docs/api.md", &json!({ "enum": ["csv", "csv-chuan", "json", "parquet", "xlsx", "ods"] })),
        ],
        "responses": {
            "200": { "description": "The file", "content": {
                "text/csv": { "schema": text }, "application/json": { "schema": { "type": "object" } },
                "application/vnd.apache.parquet": binary,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": binary,
                "application/vnd.oasis.opendocument.spreadsheet": binary } },
            "403": { "description": "Figures of somebody else's area" },
            "404": { "description": "No such data set, period or area" },
            "413": { "description": "More than a spreadsheet holds" },
            "422": { "description": "A parameter is missing or wrong; `errors` names it" },
        },
    } })
}

/// OpenRosa, and the part of ODK Central's API that is served.
fn open_rosa() -> serde_json::Map<String, Value> {
    let at = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let security = json!([{ "basic": [] }, { "bearer": [] }]);
    let xml = json!({ "text/xml": { "schema": { "type": "string" } } });
    let object = json!({ "application/json": { "schema": { "type": "object" } } });
    let operation = |id: &str, about: &str, names: &[&str], (status, content): (&str, &Value)| {
        let parameters: Vec<Value> = names.iter().map(|name| at(name)).collect();
        json!({ "tags": ["openrosa"], "operationId": format!("openrosa-{id}"), "summary": about, "security": security,
            "parameters": parameters,
            "responses": { status: { "description": about, "content": content },
                "401": { "description": "Not signed in (Basic or Bearer)" },
                "403": { "description": "Another unit's" }, "404": { "description": "Not known here" },
                "409": { "description": "Other content under the same id, or not the current version" } } })
    };
    let form = ["project", "form"];
    let one = ["project", "form", "instance"];
    let base = "/v1/projects/{project}/forms/{form}";
    let mut paths = serde_json::Map::new();
    let mut add = |path: &str, method: &str, told: Value| {
        let known = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
        known[method] = told;
    };
    add(
        "/formList",
        "get",
        operation("formList", "Forms that the caller may fill in", &[], ("200", &xml)),
    );
    add(
        "/v1/projects/{project}/formList",
        "get",
        operation(
            "formListOfProject",
            "Forms that the caller may fill in",
            &["project"],
            ("200", &xml),
        ),
    );
    add(
        &format!("{base}/manifest"),
        "get",
        operation("manifest", "Files that a form needs", &form, ("200", &xml)),
    );
    add(
        "/v1/projects/{project}/submission",
        "post",
        operation(
            "submit",
            "A filled-in form with its files, as multipart; the same again changes nothing",
            &["project"],
            ("201", &xml),
        ),
    );
    add_keys(&mut add, &xml);
    add(
        "/v1/sessions",
        "post",
        json!({ "tags": ["openrosa"], "operationId": "openrosa-signIn", "summary": "A session for a name and a password",
        "requestBody": { "content": { "application/json": { "schema": { "type": "object", "properties": { "email": { "type": "string" }, "password": { "type": "string" } } } } } },
        "responses": { "200": { "description": "The session", "content": object }, "401": { "description": "A wrong name or password" } } }),
    );
    add("/v1/users/current", "get", operation("me", "Who the caller is", &[], ("200", &object)));
    add("/v1/projects", "get", operation("projects", "The one project", &[], ("200", &object)));
    add(
        "/v1/projects/{project}/forms",
        "get",
        operation("forms", "Forms that the caller may fill in", &["project"], ("200", &object)),
    );
    add(base, "get", operation("form", "A form; with .xml the XForm", &form, ("200", &object)));
    add(
        &format!("{base}/submissions"),
        "get",
        operation("submissions", "What was sent and the caller may see", &form, ("200", &object)),
    );
    add(
        &format!("{base}/submissions"),
        "post",
        operation("create", "A filled-in form as XML", &form, ("200", &object)),
    );
    add(
        &format!("{base}/submissions/{{instance}}"),
        "get",
        operation("submission", "One submission; with .xml the instance", &one, ("200", &object)),
    );
    add(
        &format!("{base}/submissions/{{instance}}"),
        "put",
        operation("edit", "An edit of the current version", &one, ("200", &object)),
    );
    add(
        &format!("{base}/submissions/{{instance}}"),
        "patch",
        operation(
            "review",
            "reviewState approved: the report is taken as checked; rejected: given back with the comment made before",
            &one,
            ("200", &object),
        ),
    );
    add(
        &format!("{base}/submissions/{{instance}}/comments"),
        "get",
        operation("comments", "Remarks on the report", &one, ("200", &object)),
    );
    add(
        &format!("{base}/submissions/{{instance}}/comments"),
        "post",
        operation("comment", "A remark on the report", &one, ("200", &object)),
    );
    add(
        &format!("{base}/{{table}}"),
        "get",
        operation(
            "table",
            "Submissions as OData: form is {form}.svc, table Submissions",
            &["project", "form", "table"],
            ("200", &object),
        ),
    );
    paths
}
