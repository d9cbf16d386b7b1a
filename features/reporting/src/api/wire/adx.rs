//! ADX (IHE Quality, Research and Public Health: Aggregate Data Exchange). Things are named by their codes,
//! periods by start and duration, coordinates by an attribute each: `GT="nu"`; the life by `LIFE="e"`.

use std::{collections::BTreeMap, fmt::Write};

use kernel::problem::Outcome;

use super::{
    LINES_MOST, Message, unreadable,
    xml::{Node, attributes, walk},
};
use crate::{
    actions::exchange::import::Line,
    model::{Coords, xml::escape},
};

const NAMESPACE: &str = "urn:ihe:qrph:adx:2015";
/// What else stands on a group or a value; the rest are dimensions.
const KNOWN: [&str; 9] = [
    "dataSet",
    "period",
    "orgUnit",
    "dataElement",
    "value",
    "comment",
    "xmlns",
    "completeDate",
    "attributeOptionCombo",
];

/// Reads a message.
pub fn read(text: &str) -> Outcome<Message> {
    let mut lines = Vec::new();
    let is_complete = each(text, &mut |line| {
        if lines.len() >= LINES_MOST {
            return Err(unreadable(format!("dataValue > {LINES_MOST}")));
        }
        lines.push(line);
        Ok(())
    })?;
    let mut message = Message { is_complete, lines, ..Message::default() };
    if let Some(first) = message.lines.first() {
        message.dataset.clone_from(&first.dataset);
        message.period.clone_from(&first.period);
        message.unit.clone_from(&first.unit);
    }
    Ok(message)
}

/// Walks through the figures of a message of any length; true when it says that it is complete.
pub fn each(text: &str, see: &mut dyn FnMut(Line) -> Outcome<()>) -> Outcome<bool> {
    let mut group: Option<BTreeMap<String, String>> = None;
    let mut figure: Option<Line> = None;
    let (mut is_adx, mut is_complete, mut in_note) = (false, false, false);
    walk(text, |node| {
        match node {
            Node::Open(name, all) => match name.as_str() {
                "adx" => is_adx = true,
                "group" if is_adx => {
                    is_complete |= all.contains_key("completeDate");
                    group = Some(all);
                }
                "dataValue" => {
                    let group = group.as_ref().ok_or_else(|| unreadable("dataValue"))?;
                    figure = Some(line(group, &all));
                }
                "annotation" => in_note = true,
                _ if !is_adx => return Err(unreadable(name)),
                _ => {}
            },
            Node::Text(words) if in_note => {
                if let Some(line) = &mut figure {
                    line.comment.push_str(&words);
                }
            }
            Node::Close(name) => match name.as_str() {
                "annotation" => in_note = false,
                "dataValue" => {
                    if let Some(line) = figure.take() {
                        see(Line { comment: line.comment.trim().to_owned(), ..line })?;
                    }
                }
                _ => {}
            },
            Node::Text(_) => {}
        }
        Ok(())
    })?;
    if is_adx { Ok(is_complete) } else { Err(unreadable("adx")) }
}

fn line(group: &BTreeMap<String, String>, own: &BTreeMap<String, String>) -> Line {
    let get = |name: &str| own.get(name).or_else(|| group.get(name)).cloned().unwrap_or_default();
    let life = get("LIFE");
    let own_life = if life.is_empty() { get("attributeOptionCombo") } else { life };
    let mut coords = Coords::total();
    let mut odd = String::new();
    for (name, value) in group.iter().chain(own) {
        if KNOWN.contains(&name.as_str()) || name == "LIFE" {
            continue;
        }
        let dimension = name.to_ascii_lowercase();
        if crate::model::dimension::is_code(&dimension) && crate::model::dimension::is_code(value) {
            coords = coords.with(&dimension, value);
        } else {
            // What cannot be a coordinate must not be taken for the total.
            odd = format!("{name}={value}");
        }
    }
    Line {
        dataset: get("dataSet"),
        element: get("dataElement"),
        period: get("period"),
        unit: get("orgUnit"),
        combo: if odd.is_empty() { coords.text() } else { odd },
        attribute: own_life,
        value: get("value"),
        comment: get("comment"),
        deleted: false,
    }
}

/// A message of these figures, which are ordered by group; their names are codes and coordinates as texts.
pub fn write(lines: &[Line], exported: &str) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<adx xmlns=\"{NAMESPACE}\" exported=\"{}\">\n",
        escape(exported)
    );
    let group = |line: &Line| {
        (line.dataset.clone(), line.period.clone(), line.unit.clone(), line.attribute.clone())
    };
    let mut open = None;
    for line in lines {
        let this = group(line);
        if open.as_ref() != Some(&this) {
            if open.is_some() {
                text.push_str("  </group>\n");
            }
            let all = [
                ("dataSet", this.0.as_str()),
                ("period", &this.1),
                ("orgUnit", &this.2),
                ("LIFE", &this.3),
            ];
            let _ = writeln!(text, "  <group{}>", attributes(&all));
            open = Some(this);
        }
        let coords = Coords::parse(&line.combo).unwrap_or_default();
        let coords: String = coords
            .iter()
            .flat_map(|(dimension, option)| {
                [" ", &dimension.to_ascii_uppercase(), "=\"", &escape(option), "\""]
                    .map(str::to_owned)
            })
            .collect();
        let named = attributes(&[("dataElement", &line.element)]);
        let value = escape(&line.value);
        let _ = writeln!(text, "    <dataValue{named}{coords} value=\"{value}\"");
        if line.comment.is_empty() {
            text.push_str("/>\n");
        } else {
            let _ = write!(text, "><annotation>{}</annotation></dataValue>", escape(&line.comment));
        }
    }
    if open.is_some() {
        text.push_str("  </group>\n");
    }
    text.push_str("</adx>\n");
    text
}
