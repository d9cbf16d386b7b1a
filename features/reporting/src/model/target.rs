//! Targets: what an indicator shall reach. Proposed and approved versions stand side by side; comparator,
//! range, fraction of another figure, or words.

use kernel::clock::Day;
use serde::{Deserialize, Serialize};

use super::{
    element::Mark,
    ids::{IndicatorId, TargetId},
};

/// What is to be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Goal {
    /// At least, at most, more than, less than, exactly. Numbers are written plainly: `98`, `2.5`.
    Compare {
        /// Which way.
        comparator: Comparator,
        /// The number, with a decimal point, in the indicator's unit.
        value: String,
    },
    /// Between two numbers.
    Range {
        /// The lower.
        low: String,
        /// The higher.
        high: String,
    },
    /// A fraction of another figure: half of the country's average income.
    Fraction {
        /// Above the line.
        numerator: u32,
        /// Below it.
        denominator: u32,
        /// Of what.
        of: String,
    },
    /// Words only: *cơ bản không còn xã, thôn đặc biệt khó khăn*.
    Qualitative {
        /// The words.
        words: String,
    },
}

/// Which way a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparator {
    /// ≥
    AtLeast,
    /// >
    MoreThan,
    /// ≤
    AtMost,
    /// <
    LessThan,
    /// ≈, *khoảng*
    About,
    /// =
    Exactly,
}

/// A version of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// Of what.
    pub indicator: IndicatorId,
    /// The area it is for (an area id); empty for the whole country.
    #[serde(default)]
    pub area: String,
    /// The year by whose end it shall be reached.
    pub year: i16,
    /// What is to be reached.
    pub goal: Goal,
    /// True for what was decided, false for what was only proposed.
    pub approved: bool,
    /// The instrument.
    #[serde(default)]
    pub legal_basis: String,
    /// Since when it holds.
    #[serde(default)]
    pub since: Option<Day>,
    /// How sure we are of it.
    pub mark: Mark,
    /// The one period of the year that it is for, when it is not for the year as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// What it starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// The target whose place it takes once it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<TargetId>,
    /// True when it holds no longer: replaced, refused or taken back. It stays readable.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ended: bool,
}

/// Where an indicator stood before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// At the end of which year.
    pub year: i16,
    /// The number, with a decimal point, in the indicator's unit.
    pub value: String,
}

/// Where a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Said by one officer, waiting for another.
    Proposed,
    /// Decided.
    Approved,
    /// Replaced, refused or taken back.
    Ended,
}

impl Standing {
    /// In the names of words.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Ended => "ended",
        }
    }
}

impl Target {
    /// Where it stands.
    pub const fn standing(&self) -> Standing {
        match (self.ended, self.approved) {
            (true, _) => Standing::Ended,
            (false, true) => Standing::Approved,
            (false, false) => Standing::Proposed,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(it: &bool) -> bool {
    !*it
}
