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
}
