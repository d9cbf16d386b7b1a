//! DHIS2's data value sets in JSON.

use std::{fmt, io::Read};

use kernel::problem::{Failure, Outcome};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

use super::{LINES_MOST, Message, unreadable};
use crate::actions::exchange::import::Line;

/// A value that programs write as text, as a number, or as a truth.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        _ => String::new(),
    }
}

/// One figure, as a body of `dataValues` has it too.
pub fn line(one: &Map<String, Value>) -> Line {
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
    let mut lines = Vec::new();
    let whole = walk(body, &mut |line| {
        if lines.len() >= LINES_MOST {
            return Err(unreadable(format!("dataValues > {LINES_MOST}")));
        }
        lines.push(line);
        Ok(())
    })?;
    Ok(whole.with(lines))
}

/// What a message says beside its figures.
#[derive(Default)]
pub struct Whole(Map<String, Value>);

impl Whole {
    /// A message of figures of it.
    pub fn with(&self, lines: Vec<Line>) -> Message {
        let get = |name: &str| text(self.0.get(name));
        let message = Message {
            dataset: get("dataSet"),
            period: get("period"),
            unit: get("orgUnit"),
            is_complete: !get("completeDate").is_empty(),
            lines,
            schemes: [get("dataElementIdScheme"), get("orgUnitIdScheme"), get("idScheme")],
            ..Message::default()
        };
        message.settle(&get("attributeOptionCombo"))
    }
}

/// Walks through the figures of a message of any length, as they stand; gives what it says beside them.
pub fn walk(from: impl Read, see: &mut dyn FnMut(Line) -> Outcome<()>) -> Outcome<Whole> {
    let mut whole = Whole::default();
    let mut refused = None;
    let mut parser = serde_json::Deserializer::from_reader(from);
    let reading = Reading { whole: &mut whole, see, refused: &mut refused };
    let read = parser.deserialize_map(reading).and_then(|()| parser.end());
    match (refused, read) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => Err(unreadable(error.to_string())),
        (None, Ok(())) => Ok(whole),
    }
}

/// A message, of which only one figure at a time is held.
struct Reading<'r> {
    whole: &'r mut Whole,
    see: &'r mut dyn FnMut(Line) -> Outcome<()>,
    refused: &'r mut Option<Failure>,
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("dataValueSet")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "dataValues" {
                map.next_value_seed(Figures { see: self.see, refused: self.refused })?;
            } else {
                self.whole.0.insert(name, map.next_value()?);
            }
        }
        Ok(())
    }
}

/// The figures of a message.
struct Figures<'r> {
    see: &'r mut dyn FnMut(Line) -> Outcome<()>,
    refused: &'r mut Option<Failure>,
}

impl<'de> DeserializeSeed<'de> for Figures<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Figures<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("dataValues")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        while let Some(one) = all.next_element::<Map<String, Value>>()? {
            if let Err(failure) = (self.see)(line(&one)) {
                *self.refused = Some(failure);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

/// One figure, without what is not said.
pub fn one(line: &Line) -> Value {
    let mut all = Map::new();
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
