//! DHIS2's data value sets in JSON.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{LINES_MOST, Message, unreadable};
use crate::actions::exchange::import::Line;
use kernel::problem::Outcome;

/// A value that programs write as text, as a number, or as a truth.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        _ => String::new(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Set {
    #[serde(flatten)]
    whole: serde_json::Map<String, Value>,
    #[serde(default)]
    data_values: Vec<serde_json::Map<String, Value>>,
}

/// One figure, as a body of `dataValues` has it too.
pub fn line(one: &serde_json::Map<String, Value>) -> Line {
    let get = |name: &str| text(one.get(name));
    let either = |long: &str, short: &str| {
        let found = get(long);
        if found.is_empty() { get(short) } else { found }
    };
    Line {
        dataset: either("dataSet", "ds"),
        element: either("dataElement", "de"),
        period: either("period", "pe"),
        unit: either("orgUnit", "ou"),
        combo: either("categoryOptionCombo", "co"),
        attribute: either("attributeOptionCombo", "ao"),
        value: get("value"),
        comment: get("comment"),
        deleted: get("deleted") == "true",
    }
}

/// Reads a message.
pub fn read(body: &[u8]) -> Outcome<Message> {
    let set: Set = serde_json::from_slice(body).map_err(|error| unreadable(error.to_string()))?;
    if set.data_values.len() > LINES_MOST {
        return Err(unreadable(format!("dataValues > {LINES_MOST}")));
    }
    let get = |name: &str| text(set.whole.get(name));
    let message = Message {
        dataset: get("dataSet"),
        period: get("period"),
        unit: get("orgUnit"),
        is_complete: !get("completeDate").is_empty(),
        lines: set.data_values.iter().map(line).collect(),
        schemes: [get("dataElementIdScheme"), get("orgUnitIdScheme"), get("idScheme")],
        ..Message::default()
    };
    Ok(message.settle(&get("attributeOptionCombo")))
}

/// One figure, without what is not said.
pub fn one(line: &Line) -> Value {
    let mut all = serde_json::Map::new();
    let said = [
        ("dataSet", &line.dataset),
        ("dataElement", &line.element),
        ("period", &line.period),
        ("orgUnit", &line.unit),
        ("categoryOptionCombo", &line.combo),
        ("attributeOptionCombo", &line.attribute),
        ("comment", &line.comment),
    ];
    for (name, value) in said {
        if !value.is_empty() {
            all.insert(name.to_owned(), json!(value));
        }
    }
    all.insert("value".to_owned(), json!(line.value));
    Value::Object(all)
}

/// A message of these figures.
#[cfg(test)]
pub fn write(lines: &[Line]) -> Value {
    json!({ "dataValues": lines.iter().map(one).collect::<Vec<_>>() })
}
