//! The description of the API against the program: every `/api/` route is described, nothing is described
//! that is not there, and every example answers as its schema says.

use std::collections::BTreeSet;

use nhipcau::modules::modules;
use serde_json::Value;
use testkit::{KitBuilder, TestEngine};

use crate::{refusals, town};

/// Methods and paths of the document, with what is said of each.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let told = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, told)| (method.to_uppercase(), path.clone(), told))
    });
    told.collect()
}

#[test]
fn every_api_route_is_described_and_nothing_else_is() {
    let document = kernel::web::openapi_document(&modules());
    let described: BTreeSet<(String, String)> =
        operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    // Routes in the spelling of other systems (`/api/dataSets`) are made from lists; those of our own are
    // written out, and every one of them is described.
    let described: BTreeSet<(String, String)> =
        described.into_iter().filter(|(_, path)| path.starts_with("/api/v1/")).collect();
    let routes: BTreeSet<(String, String)> = refusals::discovered()
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/v1/"))
        .collect();
    assert!(routes.len() > 5, "only {} routes were found", routes.len());
    assert_eq!(described, routes, "describe them in the feature's `api/openapi.rs`");
    let mut names = BTreeSet::new();
    for (_, path, told) in operations(&document) {
        let name = told["operationId"].as_str().unwrap_or_default();
        assert!(!name.is_empty() && names.insert(name), "{path} needs an operationId of its own");
        assert!(told["responses"].as_object().is_some_and(|all| !all.is_empty()), "{path}");
    }
}

#[test]
fn the_routes_of_sdmx_are_described() {
    let document = kernel::web::openapi_document(&modules());
    let all = operations(&document);
    let described: BTreeSet<&str> = all
        .iter()
        .map(|(_, path, _)| path.as_str())
        .filter(|path| path.starts_with("/sdmx/"))
        .collect();
    let routes = [
        "/sdmx/data/{flow}",
        "/sdmx/data/{flow}/{key}",
        "/sdmx/dataflow/{agency}/{id}",
        "/sdmx/dataflow/{agency}/{id}/{version}",
        "/sdmx/datastructure/{agency}/{id}",
        "/sdmx/datastructure/{agency}/{id}/{version}",
    ];
    assert_eq!(described, BTreeSet::from(routes));
}

#[test]
fn no_two_features_describe_the_same_path_or_schema() {
    let mut seen = BTreeSet::new();
    for module in modules() {
        let part = (module.openapi)();
        for list in [&part["paths"], &part["components"]["schemas"]] {
            for name in list.as_object().into_iter().flat_map(|all| all.keys()) {
                assert!(seen.insert(name.clone()), "{name} is described twice");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = kernel::web::openapi_document(&modules());
    let mut left = vec![&document];
    while let Some(at) = left.pop() {
        if let Some(to) = at["$ref"].as_str() {
            assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
        }
        left.extend(at.as_array().into_iter().flatten());
        left.extend(at.as_object().into_iter().flat_map(|all| all.values()));
    }
}

#[tokio::test]
async fn every_example_answers_as_its_schema_says() {
    let kit = town::whole(KitBuilder::on(TestEngine::Sqlite)).await;
    let document: Value = serde_json::from_str(&kit.get("", "/api/v1/openapi.json").await.text)
        .expect("the document is JSON");
    let mut asked = 0;
    for (method, path, told) in operations(&document).iter().filter(|(method, ..)| method == "GET")
    {
        if told["x-sign-in-needed"].as_bool() == Some(true) {
            let page = kit.get("", path).await;
            assert!([303, 401, 404, 422].contains(&page.status), "{path}: {}", page.status);
            continue;
        }
        let example = told["x-example"].as_str();
        let Some(example) = example else { panic!("{method} {path} has no x-example") };
        let page = kit.get("", example).await;
        assert_eq!(page.status, 200, "{example}: {}", page.text);
        let content = &told["responses"]["200"]["content"];
        let Some(schema) = content["application/json"].get("schema") else {
            // Not JSON: told by what kinds it comes in.
            let kind = page.headers.get("content-type").and_then(|kind| kind.to_str().ok());
            assert!(kind.is_some_and(|kind| content.get(kind).is_some()), "{example}: {kind:?}");
            asked += 1;
            continue;
        };
        let answer: Value = serde_json::from_str(&page.text).expect("the example is JSON");
        let mut wrong = Vec::new();
        check(&document, schema, &answer, "$", &mut wrong);
        assert!(wrong.is_empty(), "{example}:\n{}", wrong.join("\n"));
        asked += 1;
    }
    assert!(asked > 5, "only {asked} examples");
}

/// The part of JSON Schema that the document uses. What is wrong is told with its place.
fn check(document: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(to) = schema["$ref"].as_str() {
        let target = document.pointer(to.trim_start_matches('#')).expect("it leads somewhere");
        return check(document, target, value, at, wrong);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(document, part, value, at, wrong);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind, value)) {
        wrong.push(format!("{at} is {value}, not {kinds:?}"));
    }
    let choices = schema["enum"].as_array();
    if choices.is_some_and(|choices| !choices.contains(value)) {
        wrong.push(format!("{at} is {value}, none of the choices"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            wrong.push(format!("{at} lacks {name}"));
        }
    }
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(inner) = value.get(name) {
            check(document, part, inner, &format!("{at}.{name}"), wrong);
        }
    }
    if schema["items"].is_object() {
        for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
            check(document, &schema["items"], inner, &format!("{at}[{index}]"), wrong);
        }
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}
