//! DHIS2's data value sets in its XML (DXF 2).

use std::{collections::BTreeMap, fmt::Write};

use kernel::problem::Outcome;

use super::{
    LINES_MOST, Message, unreadable,
    xml::{Node, attributes, walk},
};
use crate::{actions::exchange::import::Line, model::xml::escape};

const NAMESPACE: &str = "http://dhis2.org/schema/dxf/2.0";

/// Reads a message.
pub fn read(text: &str) -> Outcome<Message> {
    let mut message: Option<Message> = None;
    let mut attribute = String::new();
    walk(text, |node| {
        let Node::Open(name, mut all) = node else { return Ok(()) };
        let mut take = |name: &str| all.remove(name).unwrap_or_default();
        match (name.as_str(), &mut message) {
            ("dataValueSet", None) => {
                attribute = take("attributeOptionCombo");
                message = Some(Message {
                    dataset: take("dataSet"),
                    period: take("period"),
                    unit: take("orgUnit"),
                    is_complete: !take("completeDate").is_empty(),
                    schemes: [
                        take("dataElementIdScheme"),
                        take("orgUnitIdScheme"),
                        take("idScheme"),
                    ],
                    ..Message::default()
                });
            }
            ("dataValue", Some(message)) => {
                if message.lines.len() >= LINES_MOST {
                    return Err(unreadable(format!("dataValue > {LINES_MOST}")));
                }
                message.lines.push(line(all));
            }
            (_, None) => return Err(unreadable(name)),
            _ => {}
        }
        Ok(())
    })?;
    message.map(|message| message.settle(&attribute)).ok_or_else(|| unreadable("dataValueSet"))
}

fn line(mut all: BTreeMap<String, String>) -> Line {
    let mut take = |name: &str| all.remove(name).unwrap_or_default();
    Line {
        dataset: take("dataSet"),
        element: take("dataElement"),
        period: take("period"),
        unit: take("orgUnit"),
        combo: take("categoryOptionCombo"),
        attribute: take("attributeOptionCombo"),
        value: take("value"),
        comment: take("comment"),
        deleted: take("deleted") == "true",
    }
}

/// A message of these figures.
pub fn write(lines: &[Line]) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<dataValueSet xmlns=\"{NAMESPACE}\">\n"
    );
    for line in lines {
        let deleted = if line.deleted { "true" } else { "" };
        let all = attributes(&[
            ("dataSet", &line.dataset),
            ("dataElement", &line.element),
            ("period", &line.period),
            ("orgUnit", &line.unit),
            ("categoryOptionCombo", &line.combo),
            ("attributeOptionCombo", &line.attribute),
            ("comment", &line.comment),
            ("deleted", deleted),
        ]);
        // A value is always said, also when it is empty.
        let value = escape(&line.value);
        let _ = writeln!(text, "  <dataValue{all} value=\"{value}\"/>");
    }
    text.push_str("</dataValueSet>\n");
    text
}
