//! Disaggregation: dimensions, their options, and coordinates. Coordinates are sparse: nothing is stored for
//! combinations that nobody reported, so a million possible cells cost nothing.

use std::collections::BTreeMap;

use kernel::{locale::Lang, problem::ProblemKind};
use serde::{Deserialize, Serialize};

/// Coordinates that are not written as coordinates are.
pub static BAD_COORDS: ProblemKind = ProblemKind { code: "reporting-bad-coords", status: 422 };

/// A dimension by which figures are divided: sex, ethnic group, poverty, age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// Its code in coordinates: lower-case ASCII letters and digits, e.g. `gt`.
    pub code: String,
    /// Its name, e.g. *Giới tính*.
    pub name: String,
    /// Its name in English; empty where nobody gave one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name_en: String,
    /// True when figures along it are sensitive personal data (NĐ 356/2025): ethnic group.
    pub sensitive: bool,
    /// True when every person or household is in exactly one option, so that options add up to the total.
    pub partition: bool,
    /// Its options, in the order shown.
    pub options: Vec<DimensionOption>,
}

/// One option of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DimensionOption {
    /// Its code: lower-case ASCII letters and digits, e.g. `nu`, `tay`.
    pub code: String,
    /// Its name, e.g. *Nữ*.
    pub name: String,
    /// Its name in English; empty where nobody gave one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name_en: String,
    /// True once it is no longer offered. It is never taken out: figures stand at it, also where nobody here sees
    /// them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

impl Dimension {
    /// The option with this code.
    pub fn option(&self, code: &str) -> Option<&DimensionOption> {
        self.options.iter().find(|option| option.code == code)
    }

    /// The options that may be chosen for something new.
    pub fn offered(&self) -> impl Iterator<Item = &DimensionOption> {
        self.options.iter().filter(|option| !option.ended)
    }

    /// Its name for a reader of this language.
    pub fn title(&self, lang: Lang) -> &str {
        named(lang, &self.name, &self.name_en)
    }
}

impl DimensionOption {
    /// Its name for a reader of this language.
    pub fn title(&self, lang: Lang) -> &str {
        named(lang, &self.name, &self.name_en)
    }
}

fn named<'a>(lang: Lang, name: &'a str, name_en: &'a str) -> &'a str {
    if lang == Lang::En && !name_en.is_empty() { name_en } else { name }
}

/// Where in the disaggregation a figure stands: at most one option per dimension. Empty is the total.
///
/// Written as `dt=tay,gt=nu`, dimensions in ASCII order; that text is the only spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Coords(BTreeMap<String, String>);

/// Most dimensions one figure is divided by.
pub const DIMENSIONS_MAX: usize = 6;

impl Coords {
    /// The total.
    pub fn total() -> Self {
        Self::default()
    }

    /// Reads the one spelling; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = BTreeMap::new();
        if !text.is_empty() {
            for pair in text.split(',') {
                let (dimension, option) = pair.split_once('=')?;
                if !is_code(dimension) || !is_code(option) {
                    return None;
                }
                all.insert(dimension.to_owned(), option.to_owned());
            }
        }
        let it = Self(all);
        (it.0.len() <= DIMENSIONS_MAX && it.text() == text).then_some(it)
    }

    /// Its one spelling.
    pub fn text(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(d, o)| format!("{d}={o}")).collect();
        pairs.join(",")
    }

    /// With one more dimension fixed.
    pub fn with(mut self, dimension: &str, option: &str) -> Self {
        self.0.insert(dimension.to_owned(), option.to_owned());
        self
    }

    /// Both together; `None` when they name different options of one dimension.
    pub fn and(&self, other: &Self) -> Option<Self> {
        let mut all = self.0.clone();
        for (dimension, option) in &other.0 {
            match all.insert(dimension.clone(), option.clone()) {
                Some(before) if before != *option => return None,
                _ => {}
            }
        }
        Some(Self(all))
    }

    /// Its options in words, *Tày · Nữ*, without those that `known` names already.
    pub fn words_beyond(&self, known: &Self, dimensions: &BTreeMap<String, Dimension>) -> String {
        let options = self.iter().filter(|(dimension, _)| known.option(dimension).is_none());
        let named = options.map(|(dimension, option)| {
            let found = dimensions.get(dimension).and_then(|one| one.option(option));
            found.map_or_else(|| format!("{dimension}={option}"), |found| found.name.clone())
        });
        named.collect::<Vec<_>>().join(" · ")
    }

    /// True for the total.
    pub fn is_total(&self) -> bool {
        self.0.is_empty()
    }

    /// The option along a dimension.
    pub fn option(&self, dimension: &str) -> Option<&str> {
        self.0.get(dimension).map(String::as_str)
    }

    /// Dimension and option, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(d, o)| (d.as_str(), o.as_str()))
    }

    /// True when everything counted at `other` is counted here too.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.iter().all(|(dimension, option)| other.option(dimension) == Some(option))
    }
}

/// Codes of dimensions and options: 1–24 lower-case ASCII letters and digits.
pub fn is_code(text: &str) -> bool {
    (1..=24).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

impl TryFrom<String> for Coords {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} are no coordinates"))
    }
}

impl From<Coords> for String {
    fn from(coords: Coords) -> Self {
        coords.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_spelling() {
        let both = Coords::total().with("gt", "nu").with("dt", "tay");
        assert_eq!(both.text(), "dt=tay,gt=nu");
        assert_eq!(Coords::parse("dt=tay,gt=nu"), Some(both));
        for wrong in ["gt=nu,dt=tay", "gt", "gt=", "gt=Nữ", "gt=nu,", ",gt=nu", "gt=nu,gt=nam"] {
            assert_eq!(Coords::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn two_options_of_one_dimension_exclude_each_other() {
        let nu = Coords::total().with("gt", "nu");
        assert_eq!(nu.and(&Coords::total().with("gt", "nam")), None);
        assert!(Coords::total().covers(&nu) && !nu.covers(&Coords::total()));
    }
}
