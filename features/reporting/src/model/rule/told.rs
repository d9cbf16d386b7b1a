//! How checks are told: they name the very cell, and what was explained is not asked for again.

use std::collections::BTreeMap;

use crate::model::{cell::CellKey, dimension::Dimension, element::DataElement, ids::ElementId};

/// Words that ask for an explanation; what is told instead once it was given; beside the cell, where its name stands
/// already; and when the doubt came up after the signature.
const ASKING: [[&str; 4]; 5] = [
    [
        "reporting-check-row-off-period",
        "reporting-check-row-off-period-explained",
        "reporting-row-off-period",
        "reporting-check-row-off-period-since",
    ],
    [
        "reporting-check-row-far",
        "reporting-check-row-far-explained",
        "reporting-row-far",
        "reporting-check-row-far-since",
    ],
    [
        "reporting-check-jump",
        "reporting-check-jump-explained",
        "reporting-check-jump-here",
        "reporting-check-jump-since",
    ],
    [
        "reporting-typical-season",
        "reporting-typical-season-explained",
        "reporting-typical-season-here",
        "reporting-typical-season-since",
    ],
    [
        "reporting-typical-recent",
        "reporting-typical-recent-explained",
        "reporting-typical-recent-here",
        "reporting-typical-recent-since",
    ],
];

/// The words of a check once what they ask for was given.
pub fn explained(words: &'static str) -> &'static str {
    ASKING.iter().find(|one| one[0] == words).map_or(words, |one| one[1])
}

/// The words of a check that asks for an explanation, where what it asks about came up after the report was signed.
pub fn arisen(words: &'static str) -> Option<&'static str> {
    ASKING.iter().find(|one| one[0] == words).map(|one| one[3])
}

/// The words of a check beside its cell.
pub fn here(words: &'static str) -> &'static str {
    ASKING.iter().find(|one| one[0] == words).map_or(words, |one| one[2])
}

/// A cell in words, what is counted and of whom: *Lượt người dùng điểm hỗ trợ – Tày · Nữ*.
pub fn cell_words(
    elements: &BTreeMap<ElementId, DataElement>,
    dimensions: &BTreeMap<String, Dimension>,
    key: &CellKey,
) -> String {
    let name = elements.get(&key.element).map_or(key.element.as_str(), |element| &element.name);
    let option = |(dimension, option): (&str, &str)| {
        let found = dimensions.get(dimension).and_then(|one| one.option(option));
        found.map_or_else(|| format!("{dimension}={option}"), |found| found.name.clone())
    };
    let of: Vec<String> = key.coords.iter().map(option).collect();
    if of.is_empty() { name.to_owned() } else { format!("{name} – {}", of.join(" · ")) }
}
