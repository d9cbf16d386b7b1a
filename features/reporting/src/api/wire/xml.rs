//! XML as far as messages need it: elements, attributes and text; no document types, no entities of one's own,
//! bounded depth and size.

use std::{borrow::Cow, collections::BTreeMap};

use kernel::problem::Outcome;
use quick_xml::{Reader, XmlVersion, events::Event};

use super::unreadable;
use crate::model::xml::escape;

/// Deepest nesting that is read.
const DEPTH_MOST: usize = 12;
/// Most attributes of one element.
const ATTRIBUTES_MOST: usize = 60;

/// What comes next.
pub enum Node {
    /// An element begins: its name without a prefix, its attributes.
    Open(String, BTreeMap<String, String>),
    /// Text.
    Text(String),
    /// An element ends.
    Close(String),
}

/// Walks through a document.
pub fn walk(text: &str, mut see: impl FnMut(Node) -> Outcome<()>) -> Outcome<()> {
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event().map_err(|error| unreadable(error.to_string()))?;
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > DEPTH_MOST {
                    return Err(unreadable("depth"));
                }
                let (name, attributes) = element(&start)?;
                see(Node::Open(name, attributes))?;
            }
            Event::Empty(start) => {
                let (name, attributes) = element(&start)?;
                see(Node::Open(name.clone(), attributes))?;
                see(Node::Close(name))?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                see(Node::Close(local(end.local_name().as_ref())))?;
            }
            Event::Text(words) => {
                see(Node::Text(words.to_string()))?;
            }
            Event::CData(words) => {
                see(Node::Text(words.to_string()))?;
            }
            Event::GeneralRef(entity) => {
                let plain = quick_xml::escape::unescape(&format!("&{};", &*entity))
                    .map(Cow::into_owned)
                    .map_err(|error| unreadable(error.to_string()))?;
                see(Node::Text(plain))?;
            }
            Event::DocType(_) => return Err(unreadable("DOCTYPE")),
            Event::Eof if depth > 0 => return Err(unreadable("EOF")),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn local(name: &str) -> String {
    name.to_owned()
}

fn element(
    start: &quick_xml::events::BytesStart<'_>,
) -> Outcome<(String, BTreeMap<String, String>)> {
    let mut all = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| unreadable(error.to_string()))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| unreadable(error.to_string()))?;
        all.insert(attribute.key.local_name().as_ref().to_owned(), value.trim().to_owned());
        if all.len() > ATTRIBUTES_MOST {
            return Err(unreadable("attributes"));
        }
    }
    Ok((local(start.local_name().as_ref()), all))
}

/// ` name="value"` for each that is not empty.
pub fn attributes(all: &[(&str, &str)]) -> String {
    let said = all.iter().filter(|(_, value)| !value.is_empty());
    said.flat_map(|(name, value)| [" ", name, "=\"", &escape(value), "\""].map(str::to_owned))
        .collect()
}
