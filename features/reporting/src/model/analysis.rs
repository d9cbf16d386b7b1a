//! Questions about figures and what an answer holds: of what, when, where, how good and how complete each
//! number is. How it is computed is `actions::analysis`' work; how it is drawn, the charts' and the pages'.

pub mod beside;
pub mod chart;
mod computation;
mod dx;
mod goal;
pub mod publication;
mod sum;

use areas::{
    AreaId, AreaLevel,
    view::{Basis, Grade},
};
use kernel::{
    clock::{Day, Timestamp},
    problem::ProblemKind,
    scope::ScopePath,
};
use serde::Serialize;

use super::{Life, Period, formula::Rational};

pub use computation::{Computation, Measures, measure};
pub use dx::{Dx, RateKind, rate_tenths};
pub use goal::{Judged, judge, reach};
pub use sum::{Carried, Sum, adds};

/// Most figures of one answer. A page shows a few hundred, a table for programs a few ten thousand.
pub const CELLS_MOST: usize = 40_000;
/// Most single reports that one question may read where no live count stands.
pub const READ_MOST: usize = 250_000;

/// More than one question may ask for.
pub static TOO_BROAD: ProblemKind =
    ProblemKind { code: "reporting-question-too-broad", status: 422 };
/// A question that names something that does not exist.
pub static BAD_QUESTION: ProblemKind = ProblemKind { code: "reporting-bad-question", status: 422 };

/// What somebody wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Of what.
    pub dx: Vec<Dx>,
    /// When, in the order wanted.
    pub periods: Vec<Period>,
    /// Within which area.
    pub area: AreaId,
    /// For the units of which rung: the area's own, or a lower one.
    pub by: AreaLevel,
    /// In the geography of which day; that of today when none.
    pub frame: Option<Day>,
    /// Estimated or final figures.
    pub life: Life,
    /// True to count only what was approved.
    pub approved_only: bool,
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// Nobody has reported it.
    NotReported,
    /// Nobody there had to report it, and nobody did.
    NotOwed,
    /// Those who reported say they have no data.
    NoData,
    /// Figures of several places cannot be one figure.
    NotAdditive,
    /// A unit was divided, and by which share is not known.
    ShareUnknown,
    /// Nobody knows what the unit was made of.
    NoSource,
    /// The formula reads a target that nobody has set.
    NoTarget,
    /// What is below the line is zero.
    ZeroBelow,
    /// The indicator cannot be computed: its formula is wrong, or the numbers are too large.
    NoFormula,
}

impl Gap {
    /// In the names of words: `reporting-gap-…`, and in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotReported => "not_reported",
            Self::NotOwed => "not_owed",
            Self::NoData => "no_data",
            Self::NotAdditive => "not_additive",
            Self::ShareUnknown => "share_unknown",
            Self::NoSource => "no_source",
            Self::NoTarget => "no_target",
            Self::ZeroBelow => "zero_below",
            Self::NoFormula => "no_formula",
        }
    }

    /// Why a computed figure is missing, from what its operands lack: what nobody had to report or to set explains
    /// it only where nothing else is missing.
    pub fn of_computed(lacking: impl IntoIterator<Item = Self>) -> Self {
        let weight = |gap: &Self| match gap {
            Self::NotOwed => 1,
            Self::NoTarget => 2,
            _ => 0,
        };
        lacking.into_iter().min_by_key(weight).unwrap_or(Self::NotReported)
    }
}

/// One figure of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The number, in the unit of what was asked; none when there is no honest one.
    pub number: Option<Rational>,
    /// Why there is none.
    pub gap: Option<Gap>,
    /// How good it is.
    pub grade: Grade,
    /// What an estimate rests on.
    pub bases: Vec<Basis>,
    /// What is surely there and what is there at most, for estimates.
    pub bounds: Option<(Rational, Rational)>,
    /// Units that reported it.
    pub reported: i64,
    /// Units that owe it; 0 when nobody owes it as a report.
    pub expected: i64,
    /// Units whose figure is approved, among those that reported.
    pub approved: i64,
}

impl Shown {
    /// No figure, and why.
    pub const fn gap(why: Gap) -> Self {
        Self {
            number: None,
            gap: Some(why),
            grade: Grade::Undefined,
            bases: Vec::new(),
            bounds: None,
            reported: 0,
            expected: 0,
            approved: 0,
        }
    }

    /// True when somebody who owes it has not reported it.
    pub const fn is_partial(&self) -> bool {
        self.reported < self.expected
    }
}

/// A unit of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// The unit.
    pub id: AreaId,
    /// Where it hangs on the frame's day.
    #[serde(skip)]
    pub path: ScopePath,
    /// Its full name on that day.
    pub title: String,
    /// First day on which it existed, not before the first day asked for.
    #[serde(skip)]
    pub from: Day,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Of what.
    pub dx: Vec<Dx>,
    /// When.
    pub periods: Vec<Period>,
    /// Where, by path.
    pub places: Vec<Placed>,
    /// Every figure: by what, then when, then where.
    pub figures: Vec<Shown>,
    /// The day whose geography is shown.
    pub frame: Day,
    /// When the counts were read: they are live.
    pub as_of: Timestamp,
}

impl Answer {
    /// One figure, by index of what, when and where.
    pub fn at(&self, dx: usize, period: usize, place: usize) -> Option<&Shown> {
        let fits = period < self.periods.len() && place < self.places.len();
        let index = (dx * self.periods.len() + period) * self.places.len() + place;
        self.figures.get(index).filter(|_| fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computed_figure_says_what_somebody_can_still_mend() {
        for (lacking, told) in [
            (vec![Gap::NotOwed, Gap::NotReported], Gap::NotReported),
            (vec![Gap::NotOwed, Gap::NoTarget], Gap::NotOwed),
            (vec![Gap::NoTarget, Gap::NoSource], Gap::NoSource),
            (vec![Gap::NoTarget], Gap::NoTarget),
            (vec![], Gap::NotReported),
        ] {
            assert_eq!(Gap::of_computed(lacking.clone()), told, "{lacking:?}");
        }
    }
}
