//! A data set with its form and whatever new it needs, as one thing that is drafted, checked and published:
//! what the builder edits, what a spreadsheet becomes, what a campaign is. Storing it is not here.

mod checks;
mod difference;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{
    amount::{unit, units_near},
    analysis::measure,
    cell::CellKey,
    dataset::Dataset,
    dimension::Dimension,
    element::DataElement,
    form::Form,
    formula::{Measure, Units},
    ids::{DatasetId, ElementId, IndicatorId, ProgrammeNodeId},
};

pub use difference::{Change, difference};

/// A data set with its form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The data set.
    pub dataset: Dataset,
    /// Its form. Its version is given when it is published.
    pub form: Form,
    /// Data elements that do not stand in the catalogue yet, or stand there with other words.
    #[serde(default)]
    pub elements: Vec<DataElement>,
    /// Dimensions that do not stand in the catalogue yet, or stand there with fewer options.
    #[serde(default)]
    pub dimensions: Vec<Dimension>,
}

/// Something that keeps a bundle from being published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where: `dataset`, `form`, `section/<code>`, `section/<code>/row/<n>`, `section/<code>/column/<n>`,
    /// `rule/<code>`, `element/<code>`, `dimension/<code>`; rows and columns are counted from 1. Pages and
    /// importers turn it into words or into a line of theirs.
    pub at: String,
    /// The key of its words.
    pub what: &'static str,
    /// What the words take.
    pub args: Vec<(&'static str, String)>,
}

/// What stands in the catalogue already.
pub trait Known {
    /// A data element.
    fn element(&self, code: &ElementId) -> Option<&DataElement>;
    /// A dimension.
    fn dimension(&self, code: &str) -> Option<&Dimension>;
    /// A data set.
    fn dataset(&self, code: &DatasetId) -> Option<&Dataset>;
    /// True for a node of a programme.
    fn component(&self, code: &ProgrammeNodeId) -> bool;
}

/// Most characters of what people write, so that hostile input is cheap and paper can carry it.
pub mod most {
    /// Titles, headings, names, labels, messages.
    pub const TITLE: usize = 500;
    /// Legal bases, hints, sheets.
    pub const WORDS: usize = 2_000;
    /// A row's printed number.
    pub const NUMBER: usize = 20;
    /// Sections of a form.
    pub const SECTIONS: usize = 60;
    /// Rows of a table.
    pub const ROWS: usize = 500;
    /// Columns of a table.
    pub const COLUMNS: usize = 60;
    /// Cells of a form: what one save can carry.
    pub const CELLS: usize = 20_000;
    /// Rules of a form.
    pub const RULES: usize = 300;
    /// New data elements.
    pub const ELEMENTS: usize = 2_000;
    /// New dimensions.
    pub const DIMENSIONS: usize = 50;
    /// Options of a dimension, or of a choice.
    pub const OPTIONS: usize = 300;
    /// Areas of a data set.
    pub const AREAS: usize = 4_000;
    /// Deadlines.
    pub const DEADLINES: usize = 12;
    /// Flaws that are told; who has more begins with these.
    pub const FLAWS: usize = 200;
}

/// Words that stand where a data set's code does in addresses.
pub const RESERVED: [&str; 11] = [
    "bieu",
    "duyet",
    "han",
    "cong-trinh",
    "tong-hop",
    "tinh",
    "moi",
    "nhap",
    "dot-xuat",
    "xlsform",
    "tu-dien-thoai",
];

/// Codes of data sets: 2–20 lower-case ASCII letters, digits and hyphens, so that a report's id, which holds it
/// beside period and area, stays an id.
pub fn is_dataset_code(text: &str) -> bool {
    (2..=20).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !RESERVED.contains(&text)
}

/// True for a data set that nobody owes and campaigns copy: its last day is not after its first.
pub fn is_template(dataset: &Dataset) -> bool {
    dataset.until <= dataset.from
}

impl Bundle {
    /// Everything that keeps it from being published, in the order of the form.
    pub fn problems(&self, known: &impl Known) -> Vec<Flaw> {
        checks::all(&Ground { bundle: self, known })
    }
}

/// A bundle over what is known: its own definitions come first.
struct Ground<'a, K> {
    bundle: &'a Bundle,
    known: &'a K,
}

impl<'a, K: Known> Ground<'a, K> {
    fn element(&self, code: &ElementId) -> Option<&'a DataElement> {
        let own = self.bundle.elements.iter().find(|one| one.code == *code);
        own.or_else(|| self.known.element(code))
    }

    fn dimension(&self, code: &str) -> Option<&'a Dimension> {
        let own = self.bundle.dimensions.iter().find(|one| one.code == code);
        own.or_else(|| self.known.dimension(code))
    }

    /// Why a cell cannot be; none when it can.
    fn unfit(&self, key: &CellKey) -> Option<(&'static str, Vec<(&'static str, String)>)> {
        let Some(element) = self.element(&key.element) else {
            return Some(("reporting-flaw-element", vec![("code", key.element.to_string())]));
        };
        for (dimension, option) in key.coords.iter() {
            let Some(known) = self.dimension(dimension) else {
                return Some(("reporting-flaw-dimension", vec![("code", dimension.to_owned())]));
            };
            if let Some(flaw) = no_option(known, option) {
                return Some(flaw);
            }
            if !element.dimensions.iter().any(|one| one == dimension) {
                let args =
                    vec![("element", element.name.clone()), ("dimension", known.name.clone())];
                return Some(("reporting-flaw-not-divided", args));
            }
        }
        None
    }
}

/// Why an option cannot be asked for; none when it can.
fn no_option(
    dimension: &Dimension,
    option: &str,
) -> Option<(&'static str, Vec<(&'static str, String)>)> {
    let called = dimension.option(option);
    let (what, code) = match called {
        None => ("reporting-flaw-option", option.chars().take(40).collect()),
        Some(one) if one.ended => ("reporting-flaw-option-ended", one.name.clone()),
        Some(_) => return None,
    };
    Some((what, vec![("dimension", dimension.name.clone()), ("code", code)]))
}

/// Why something cannot be measured in a unit; none when it can.
fn no_unit(code: &str) -> Option<(&'static str, Vec<(&'static str, String)>)> {
    let short: String = code.chars().take(40).collect();
    let near: Vec<&str> = units_near(code, 5).iter().map(|it| it.name.as_str()).collect();
    match (unit(code), code.trim().is_empty(), near.is_empty()) {
        (Some(_), ..) => None,
        (None, true, _) => Some(("reporting-flaw-unit-missing", Vec::new())),
        (None, false, true) => Some(("reporting-flaw-unit", vec![("code", short)])),
        (None, false, false) => {
            Some(("reporting-flaw-unit-near", vec![("code", short), ("near", near.join(", "))]))
        }
    }
}

impl<K: Known> Units for Ground<'_, K> {
    fn element(&self, id: &ElementId) -> Option<Measure> {
        measure(&Ground::element(self, id)?.unit)
    }

    fn indicator(&self, _: &IndicatorId) -> Option<Measure> {
        // Indicators are not known while typing: a form's rules name cells.
        None
    }
}
