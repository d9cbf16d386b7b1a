//! The reference data that ships with the program: programmes, dimensions, data elements, indicators,
//! targets, data sets and working forms, read from `data/`. Where each fact comes from stands in
//! `data/README.md`. How a node takes them over, and what officials change later, is not here.

mod shipped_files;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use crate::model::{
    DataElement, Dataset, DatasetId, Dimension, ElementId, Indicator, form::Form,
    programme::ProgrammeNode, target::Target,
};

use shipped_files::{FORMS, LISTS};

/// Everything that ships, in the order of the files.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Nodes of programmes; a node stands after the node above it.
    pub programmes: Vec<ProgrammeNode>,
    /// Dimensions with their options.
    pub dimensions: Vec<Dimension>,
    /// What is counted.
    pub elements: Vec<DataElement>,
    /// What is computed.
    pub indicators: Vec<Indicator>,
    /// What shall be reached.
    pub targets: Vec<Target>,
    /// What is reported together. One whose last day is not after its first is a template: nobody owes it,
    /// a campaign copies it.
    pub datasets: Vec<Dataset>,
    /// The first version of each data set's form.
    pub forms: Vec<Form>,
}

/// A shipped file that is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("data/{file}: {source}")]
pub struct BadReference {
    /// Which file.
    pub file: &'static str,
    /// What is wrong with it, and where.
    pub source: serde_json::Error,
}

static SHIPPED: LazyLock<Reference> =
    LazyLock::new(|| read().expect("the files are part of the program and read by its tests"));

/// The shipped reference data.
pub fn shipped() -> &'static Reference {
    &SHIPPED
}

/// Reads the shipped files.
///
/// # Errors
///
/// When a file is not what it should be; the tests read all of them.
pub fn read() -> Result<Reference, BadReference> {
    let [programmes, dimensions, elements, indicators, targets, datasets] = LISTS;
    Ok(Reference {
        programmes: parse(programmes)?,
        dimensions: parse(dimensions)?,
        elements: parse(elements)?,
        indicators: parse(indicators)?,
        targets: parse(targets)?,
        datasets: parse(datasets)?,
        forms: FORMS.into_iter().map(parse).collect::<Result<_, _>>()?,
    })
}

fn parse<T: DeserializeOwned>((file, text): (&'static str, &str)) -> Result<T, BadReference> {
    serde_json::from_str(text).map_err(|source| BadReference { file, source })
}

impl Reference {
    /// A data element by its code.
    pub fn element(&self, code: &ElementId) -> Option<&DataElement> {
        self.elements.iter().find(|element| element.code == *code)
    }

    /// A dimension by its code.
    pub fn dimension(&self, code: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|dimension| dimension.code == code)
    }

    /// A data set by its code.
    pub fn dataset(&self, code: &DatasetId) -> Option<&Dataset> {
        self.datasets.iter().find(|dataset| dataset.code == *code)
    }

    /// The form of a data set.
    pub fn form(&self, dataset: &DatasetId) -> Option<&Form> {
        self.forms.iter().find(|form| form.dataset == *dataset)
    }
}
