//! A cell: what it is of, and the four states of a figure.

use serde::{Deserialize, Serialize};

use super::{dimension::Coords, ids::ElementId};

/// What a figure is of, apart from where and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellKey {
    /// The data element.
    #[serde(rename = "e")]
    pub element: ElementId,
    /// Its place in the disaggregation.
    #[serde(rename = "c", default, skip_serializing_if = "Coords::is_total")]
    pub coords: Coords,
}

impl CellKey {
    /// The total of an element.
    pub fn total(element: ElementId) -> Self {
        Self { element, coords: Coords::total() }
    }

    /// As form fields and URLs name it: `3.4` or `3.4:dt=tay,gt=nu`.
    pub fn text(&self) -> String {
        if self.coords.is_total() {
            self.element.to_string()
        } else {
            format!("{}:{}", self.element, self.coords.text())
        }
    }

    /// Reads [`CellKey::text`].
    pub fn parse(text: &str) -> Option<Self> {
        let (element, coords) = match text.split_once(':') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (text, ""),
        };
        Some(Self { element: ElementId::parse(element)?, coords: Coords::parse(coords)? })
    }
}

/// What stands in a cell that was reported. A cell nobody reported has no row: that is the fourth state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CellState {
    /// A number, in the element's unit with its decimals: 12,5 ha with two decimals is 1250. Zero is a number.
    #[serde(rename = "v")]
    Value(i64),
    /// *Không phát sinh*: there was nothing to count. Counts as zero, and says why it is no slip.
    #[serde(rename = "n")]
    Nil(String),
    /// *Không có số liệu*: nobody knows, and why. Counts as nothing.
    #[serde(rename = "d")]
    NoData(String),
}

impl CellState {
    /// What it adds to a sum; none when nobody knows.
    pub const fn amount(&self) -> Option<i64> {
        match self {
            Self::Value(amount) => Some(*amount),
            Self::Nil(_) => Some(0),
            Self::NoData(_) => None,
        }
    }

    /// True when it is not the same as nothing having occurred.
    pub const fn says_something(&self) -> bool {
        !matches!(self, Self::Value(0) | Self::Nil(_))
    }

    /// As stored: 0 value, 1 nil, 2 no data.
    pub const fn code(&self) -> i64 {
        match self {
            Self::Value(_) => 0,
            Self::Nil(_) => 1,
            Self::NoData(_) => 2,
        }
    }

    /// The reason that was given.
    pub fn reason(&self) -> &str {
        match self {
            Self::Value(_) => "",
            Self::Nil(why) | Self::NoData(why) => why,
        }
    }

    /// From its columns.
    pub fn stored(code: i64, amount: Option<i64>, reason: Option<String>) -> Self {
        match (code, amount) {
            (1, _) => Self::Nil(reason.unwrap_or_default()),
            (0, Some(amount)) => Self::Value(amount),
            _ => Self::NoData(reason.unwrap_or_default()),
        }
    }
}

/// Which of a figure's two lives: programme figures are estimated in September and final in January.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Life {
    /// *Chính thức*; also of figures that have no estimate.
    #[default]
    #[serde(rename = "f")]
    Final,
    /// *Ước thực hiện*.
    #[serde(rename = "e")]
    Estimate,
}

impl Life {
    /// As stored: 0 final, 1 estimate.
    pub const fn code(self) -> i64 {
        match self {
            Self::Final => 0,
            Self::Estimate => 1,
        }
    }

    /// From its stored number.
    pub const fn from_code(code: i64) -> Self {
        if code == 1 { Self::Estimate } else { Self::Final }
    }

    /// In addresses: `chinh-thuc`, `uoc`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Final => "chinh-thuc",
            Self::Estimate => "uoc",
        }
    }

    /// From an address; anything else is final.
    pub fn from_slug(slug: &str) -> Self {
        if slug == "uoc" { Self::Estimate } else { Self::Final }
    }
}

/// A figure as a page or a formula has it: the cell and what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is of.
    #[serde(flatten)]
    pub key: CellKey,
    /// What stands there.
    #[serde(rename = "s")]
    pub state: CellState,
}
