//! A filled-in instance as a tree. No document types, no entities of one's own, bounded depth and size: whatever
//! a phone, or somebody in its name, sends.

use std::{borrow::Cow, collections::BTreeMap};

use quick_xml::{Reader, XmlVersion, events::Event};

/// Deepest nesting that is read.
const DEPTH_MOST: usize = 12;
/// Most elements.
const ELEMENTS_MOST: usize = 60_000;
/// Most attributes of one element.
const ATTRIBUTES_MOST: usize = 20;

/// Not an instance: not XML, or more than is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the instance cannot be read: {0}")]
pub struct BadXml(pub String);

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Its name, without a prefix.
    pub name: String,
    /// Its attributes, without prefixes.
    pub attributes: BTreeMap<String, String>,
    /// The text directly in it.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Tree>,
}

impl Tree {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// When it is no well-formed XML, has a document type, or is larger or deeper than is read.
    pub fn parse(text: &str) -> Result<Self, BadXml> {
        let wrong = |what: &dyn ToString| BadXml(what.to_string().chars().take(200).collect());
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut open: Vec<Self> = Vec::new();
        let mut done: Option<Self> = None;
        let mut elements = 0_usize;
        loop {
            let event = reader.read_event().map_err(|error| wrong(&error))?;
            let is_empty = matches!(event, Event::Empty(_));
            let words = match event {
                Event::Start(start) | Event::Empty(start) => {
                    elements += 1;
                    if open.len() >= DEPTH_MOST || elements > ELEMENTS_MOST || done.is_some() {
                        return Err(wrong(&"too deep, too many elements, or more than one root"));
                    }
                    let one = element(&start)?;
                    if is_empty {
                        close(&mut open, &mut done, one);
                    } else {
                        open.push(one);
                    }
                    continue;
                }
                Event::End(_) => {
                    if let Some(one) = open.pop() {
                        close(&mut open, &mut done, one);
                    }
                    continue;
                }
                Event::Text(words) => words.to_string(),
                Event::CData(words) => words.to_string(),
                Event::GeneralRef(entity) => {
                    let plain = quick_xml::escape::unescape(&format!("&{};", &*entity))
                        .map(Cow::into_owned);
                    plain.map_err(|error| wrong(&error))?
                }
                Event::DocType(_) => return Err(wrong(&"DOCTYPE")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
                Event::Eof if open.is_empty() => return done.ok_or_else(|| wrong(&"empty")),
                Event::Eof => return Err(wrong(&"it ends too early")),
            };
            match open.last_mut() {
                Some(at) => at.text.push_str(&words),
                None if words.trim().is_empty() => {}
                None => return Err(wrong(&"text outside of the root")),
            }
        }
    }

    /// An attribute; empty when it has none of this name.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// The first element of this name in it.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|one| one.name == name)
    }

    /// The text of the first element of this name in it, without space around it.
    pub fn said(&self, name: &str) -> &str {
        self.child(name).map_or("", |one| one.text.trim())
    }
}

fn close(open: &mut [Tree], done: &mut Option<Tree>, one: Tree) {
    match open.last_mut() {
        Some(above) => above.children.push(one),
        None => *done = Some(one),
    }
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Result<Tree, BadXml> {
    let mut one = Tree { name: start.local_name().as_ref().to_owned(), ..Tree::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| BadXml(error.to_string()))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| BadXml(error.to_string()))?;
        one.attributes
            .insert(attribute.key.local_name().as_ref().to_owned(), value.trim().to_owned());
        if one.attributes.len() > ATTRIBUTES_MOST {
            return Err(BadXml("too many attributes".to_owned()));
        }
    }
    Ok(one)
}
