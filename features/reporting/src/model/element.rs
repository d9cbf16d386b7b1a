//! Data elements (DHIS2's word): what communes count. And indicators, computed from them.

use areas::view::Law;
use serde::{Deserialize, Serialize};

use super::{
    amount::{Unit, unit},
    cell::CellKey,
    dimension::Coords,
    ids::{ElementId, IndicatorId, ProgrammeNodeId},
};

/// How sure we are of a piece of reference data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Read in the cited source.
    Found,
    /// From memory: to be checked, never printed as law.
    Memory,
    /// Our own working choice (*biểu làm việc*).
    Derived,
    /// Computed by the platform from what it knows itself.
    Computed,
}

/// The sheet that explains a figure; headings as in TT 06/2014/TT-UBDT.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Khái niệm, nội dung.
    #[serde(default)]
    pub concept: String,
    /// Phương pháp tính.
    #[serde(default)]
    pub method: String,
    /// Kỳ công bố.
    #[serde(default)]
    pub periodicity: String,
    /// Nguồn số liệu.
    #[serde(default)]
    pub source: String,
    /// Cơ quan chịu trách nhiệm.
    #[serde(default)]
    pub owner: String,
}

/// How figures of an element may roll up. A cell holds one number: a ratio or a weighted mean is an indicator, which is
/// computed anew from two elements that add up.
pub const LAWS: [Law; 3] = [Law::Additive, Law::Stock, Law::NonAdditive];

/// How figures in a unit roll up when nobody said it: shares of a whole do not add up; whatever is counted does.
pub fn law_of_unit(code: &str) -> Law {
    if unit(code).is_some_and(Unit::is_share) { Law::NonAdditive } else { Law::Additive }
}

/// Something that is counted or measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataElement {
    /// Its code, e.g. `3.4`. The same code is the same concept in every form and version.
    pub code: ElementId,
    /// Its name.
    pub name: String,
    /// The code of the unit it is measured in (`ho`, `trieu-dong`); see [`super::amount::unit`].
    pub unit: String,
    /// Decimals that are kept: 12,5 ha with two decimals is stored as 1250.
    #[serde(default)]
    pub decimals: u32,
    /// How figures of several places become one.
    #[serde(with = "law")]
    pub law: Law,
    /// Dimensions it may be divided by.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// The programme's component it belongs to.
    #[serde(default)]
    pub component: Option<ProgrammeNodeId>,
    /// What it means.
    #[serde(default)]
    pub sheet: Sheet,
    /// How sure we are of it.
    pub mark: Mark,
}

/// Something that is computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Its code, e.g. `MT02`.
    pub code: IndicatorId,
    /// Its name.
    pub name: String,
    /// The code of the unit of the result.
    pub unit: String,
    /// Decimals that are shown.
    #[serde(default)]
    pub decimals: u32,
    /// Above the line, in the formula language. For a ratio the two are rolled up apart.
    pub numerator: String,
    /// Below the line; empty for 1.
    #[serde(default)]
    pub denominator: String,
    /// True when less is better.
    #[serde(default)]
    pub lower_is_better: bool,
    /// The programme's component it belongs to.
    #[serde(default)]
    pub component: Option<ProgrammeNodeId>,
    /// What it means.
    #[serde(default)]
    pub sheet: Sheet,
    /// How sure we are of it.
    pub mark: Mark,
}

impl DataElement {
    /// The cell at coordinates; `None` when the element is not divided so.
    pub fn cell(&self, coords: Coords) -> Option<CellKey> {
        self.is_divided_by(&coords).then(|| CellKey { element: self.code.clone(), coords })
    }

    /// True when there is a cell at coordinates.
    pub fn is_divided_by(&self, coords: &Coords) -> bool {
        coords.iter().all(|(dimension, _)| self.dimensions.iter().any(|d| d == dimension))
    }
}

mod law {
    //! Laws by their code.

    use areas::view::Law;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub fn serialize<S: Serializer>(law: &Law, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(law.code())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Law, D::Error> {
        let code = String::deserialize(from)?;
        Law::from_code(&code).ok_or_else(|| D::Error::custom(format!("no law {code}")))
    }
}
