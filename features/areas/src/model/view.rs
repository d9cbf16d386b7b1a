//! Figures of one day's units seen in the units of another day: the nouns. What went where is walked in
//! `graph` and kept in `conversion`; figures are carried over in `apply`; what people bring is read in
//! `number` and `table`; codes that lie about sameness are in `breaks`. Pure.
//!
//! A number is never silently wrong: it is *exact*, *estimated* on a stated basis with bounds, or *undefined*
//! with the reason. Nothing is lost either: whatever cannot be given to one unit is told of the group of
//! units that surely has it, or as unplaced.

mod apply;
mod breaks;
mod conversion;
mod graph;
mod number;
mod share;
mod table;

use kernel::clock::Day;
use serde::Serialize;

use super::{AreaEvent, AreaId, AreaLevel, Weight};

pub use apply::{Seen, Source, Together, View};
pub use breaks::{Break, breaks};
pub use conversion::{Conversion, Link};
pub use number::{Decimal, Notation, plain_text, spoken_text};
pub use share::{AMOUNT_MAX, Fraction};
pub use table::{CellProblem, Table, cells_of};

/// Between which days, and of and by which units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The day whose units the figures are of.
    pub from: Day,
    /// The day in whose units they are wanted. It may be the earlier one.
    pub to: Day,
    /// The rung of the units that the figures are of.
    pub of: AreaLevel,
    /// The rung of the units they are wanted for.
    pub by: AreaLevel,
}

/// A unit as it stood on one of the two days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The territory.
    pub id: AreaId,
    /// Its rung.
    pub level: AreaLevel,
    /// Its code on the day.
    pub code: Option<String>,
    /// Its full name on the day.
    pub full_name: String,
    /// The unit above it on the day.
    pub parent: Option<AreaId>,
}

/// What went where, as the conversion is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Index into [`Atlas::events`].
    pub event: usize,
    /// The unit that ended.
    pub from: AreaId,
    /// The unit that took it, or a part of it, over.
    pub to: AreaId,
    /// True when all of it went there.
    pub whole: bool,
    /// The share that went there; none while unknown.
    pub weight: Option<Weight>,
    /// What the share is a share of.
    pub basis: Option<Basis>,
}

/// Everything a conversion is made from: two days and what happened between them.
#[derive(Clone, Debug, Default)]
pub struct Atlas {
    /// The units of [`Span::from`], of every rung down to the one asked for.
    pub before: Vec<Place>,
    /// The units of [`Span::to`].
    pub after: Vec<Place>,
    /// The events between, none of them undone.
    pub events: Vec<AreaEvent>,
    /// Their transfers.
    pub transfers: Vec<Transfer>,
    /// How many people lived in units that ended, where that is known: it divides a figure of the unit they
    /// became among them, when an older day is wanted.
    pub people: std::collections::HashMap<AreaId, i64>,
}

macro_rules! closed_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $code:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$item])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As stored, in URLs and in JSON.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// From its code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

closed_list! {
    /// What a share is a share of. A figure of something else is only estimated by it.
    Basis {
        /// People.
        Population = "population";
        /// Households.
        Households = "households";
        /// Square metres.
        Area = "area";
        /// Whole villages, by a list.
        VillageList = "village_list";
        /// Something the instrument names and this program does not know.
        Other = "other";
    }
}

/// The bases that a result rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bases(u8);

impl Bases {
    /// One basis.
    pub fn of(basis: Basis) -> Self {
        Self(1 << (basis as u8))
    }

    /// Those of both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Basis> {
        Basis::ALL.iter().copied().filter(move |basis| self.0 & Self::of(*basis).0 != 0)
    }
}

impl Serialize for Bases {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.iter())
    }
}

/// How much of a source lies in a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// All of it.
    Whole,
    /// A known part of it.
    Part {
        /// How much.
        fraction: Fraction,
        /// Measured in what.
        bases: Bases,
    },
    /// Some of it, nobody knows how much (or the arithmetic left exact bounds).
    Unknown,
}

closed_list! {
    /// How an indicator rolls up.
    Law {
        /// Counts and sums of a period.
        Additive = "additive";
        /// Counts at an instant: they add across places, not across time.
        Stock = "stock";
        /// Percentages and rates: numerator and denominator are carried apart.
        Ratio = "ratio";
        /// Averages: the sum and the number of observations are carried.
        Mean = "mean";
        /// Highest, rank, status, text, distinct people: only a territory that stayed the same keeps it.
        NonAdditive = "non_additive";
    }
}

impl Law {
    /// How many numbers one figure consists of; none for what is not added.
    pub const fn columns(self) -> usize {
        match self {
            Self::Additive | Self::Stock => 1,
            Self::Ratio | Self::Mean => 2,
            Self::NonAdditive => 0,
        }
    }
}

/// What was reported for one unit.
///
/// Amounts are whole numbers of one unit that only the caller knows: people, đồng, or hundredths when the
/// figures have two decimals. All figures of one call share that scale, and divided figures are rounded to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Figure {
    /// For [`Law::Additive`] and [`Law::Stock`].
    Amount(i128),
    /// For [`Law::Ratio`]; the denominator is not negative.
    Ratio {
        /// Above the line.
        numerator: i128,
        /// Below it.
        denominator: i128,
    },
    /// For [`Law::Mean`].
    Mean {
        /// The sum of what was observed.
        sum: i128,
        /// How many observations; not negative.
        n: i128,
    },
    /// For [`Law::NonAdditive`]: as reported.
    Text(String),
}

/// How good a result is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Every source lies in the unit as a whole and has reported.
    Exact,
    /// Divided sources were shared out by known weights.
    Estimated {
        /// What the weights measure.
        bases: Bases,
        /// What is surely there; none when amounts may be negative.
        low: Option<Figure>,
        /// What is there at most; none when amounts may be negative.
        high: Option<Figure>,
    },
    /// No honest number exists.
    Undefined {
        /// Why not.
        why: Why,
        /// What is surely there, when that can be said.
        low: Option<Figure>,
        /// What is there at most, when that can be said.
        high: Option<Figure>,
    },
}

impl Quality {
    /// Without its details.
    pub const fn grade(&self) -> Grade {
        match self {
            Self::Exact => Grade::Exact,
            Self::Estimated { .. } => Grade::Estimated,
            Self::Undefined { .. } => Grade::Undefined,
        }
    }
}

closed_list! {
    /// The three qualities, from the best to the worst.
    Grade {
        /// Chính xác.
        Exact = "exact";
        /// Ước tính.
        Estimated = "estimated";
        /// Chưa xác định.
        Undefined = "undefined";
    }
}

closed_list! {
    /// Why a result is undefined.
    Why {
        /// Nobody knows what this unit was made of (or became).
        NoSource = "no_source";
        /// Of a part of this unit nobody knows.
        SourceUnknown = "source_unknown";
        /// A source was divided, and by which share is not known.
        ShareUnknown = "share_unknown";
        /// Not all of its sources have reported.
        NotReported = "not_reported";
        /// The figure of several sources cannot be one figure.
        NotAdditive = "not_additive";
        /// The denominator, or the number of observations, is zero.
        NoDenominator = "no_denominator";
    }
}

/// Why figures cannot be carried over at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewProblem {
    /// The figure is not of the kind its law carries, its denominator is negative, or it is larger than
    /// [`AMOUNT_MAX`].
    #[error("the figure of {0} does not fit its law")]
    Misfit(AreaId),
    /// The unit is not one of those that figures are carried from.
    #[error("{0} is no unit of that day and level")]
    Stranger(AreaId),
}
