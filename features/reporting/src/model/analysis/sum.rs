//! A figure on its way to an answer: its parts added over places and periods, its quality never better than
//! the worst of them.

use areas::view::{Bases, Figure, Grade, Law, Quality, Seen, Why};

use super::{Gap, Shown};
use crate::model::formula::{Rational, Reading};

/// A number that went through a change of geography.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The amount, in the element's last decimal.
    pub amount: Option<i128>,
    /// Why there is none.
    pub gap: Option<Gap>,
    /// How good it is.
    pub grade: Grade,
    /// What an estimate rests on.
    pub bases: Bases,
    /// What is surely there and what at most.
    pub bounds: Option<(i128, i128)>,
}

impl Carried {
    /// A number as it was reported.
    pub fn exact(amount: i128) -> Self {
        Self {
            amount: Some(amount),
            gap: None,
            grade: Grade::Exact,
            bases: Bases::default(),
            bounds: None,
        }
    }

    /// No number.
    pub fn gap(why: Gap) -> Self {
        Self {
            amount: None,
            gap: Some(why),
            grade: Grade::Undefined,
            bases: Bases::default(),
            bounds: None,
        }
    }

    /// As a conversion of areas gives it.
    pub fn seen(seen: &Seen) -> Self {
        let whole = |figure: &Option<Figure>| match figure {
            Some(Figure::Amount(amount)) => Some(*amount),
            _ => None,
        };
        match &seen.quality {
            Quality::Exact => whole(&seen.figure).map_or(Self::gap(Gap::NotReported), Self::exact),
            Quality::Estimated { bases, low, high } => Self {
                amount: whole(&seen.figure),
                gap: None,
                grade: Grade::Estimated,
                bases: *bases,
                bounds: whole(low).zip(whole(high)),
            },
            Quality::Undefined { why, low, high } => Self {
                bounds: whole(low).zip(whole(high)),
                ..Self::gap(match why {
                    Why::NotReported => Gap::NotReported,
                    Why::NotAdditive => Gap::NotAdditive,
                    Why::ShareUnknown => Gap::ShareUnknown,
                    Why::NoSource | Why::SourceUnknown => Gap::NoSource,
                    Why::NoDenominator => Gap::ZeroBelow,
                })
            },
        }
    }

    /// Both together: what is missing on one side is missing in the sum.
    pub fn plus(self, other: Self) -> Self {
        let both = |one: Option<i128>, two: Option<i128>| one?.checked_add(two?);
        let amount = both(self.amount, other.amount);
        let range = |it: Self| it.bounds.or(it.amount.map(|amount| (amount, amount)));
        let estimated = self.bounds.is_some() || other.bounds.is_some();
        let bounds = range(self).zip(range(other)).filter(|_| estimated);
        Self {
            amount,
            gap: if amount.is_some() { None } else { self.gap.or(other.gap) },
            grade: self.grade.max(other.grade),
            bases: self.bases.and(other.bases),
            bounds: bounds.map(|((a, b), (c, d))| (a + c, b + d)),
        }
    }
}

/// A cell's figure of one place and period, with who stands behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// The number; none while nobody reported.
    pub carried: Option<Carried>,
    /// Units in it.
    pub reported: i64,
    /// Units that said they have no data.
    pub no_data: i64,
    /// Units that owe it.
    pub expected: i64,
    /// Units whose figure is approved.
    pub approved: i64,
    /// True when it is known that nobody of them owes it.
    pub is_not_owed: bool,
}

impl Sum {
    /// Two periods of one year, or two places, added.
    pub fn plus(self, other: Self) -> Self {
        Self {
            carried: match (self.carried, other.carried) {
                (Some(one), Some(two)) => Some(one.plus(two)),
                (one, two) => one.or(two),
            },
            reported: self.reported + other.reported,
            no_data: self.no_data + other.no_data,
            expected: self.expected + other.expected,
            approved: self.approved + other.approved,
            is_not_owed: self.is_not_owed && other.is_not_owed,
        }
    }

    /// The number in the element's unit.
    pub fn shown(&self, decimals: u32) -> Shown {
        let scaled = |amount: i128| Rational::new(amount, 10_i128.checked_pow(decimals)?);
        let empty = match (self.no_data, self.is_not_owed) {
            (1.., _) => Gap::NoData,
            (_, true) => Gap::NotOwed,
            (_, false) => Gap::NotReported,
        };
        let carried = self.carried.unwrap_or(Carried::gap(empty));
        let number = carried.amount.and_then(scaled);
        Shown {
            number,
            gap: if number.is_some() { None } else { Some(carried.gap.unwrap_or(empty)) },
            grade: carried.grade,
            bases: carried.bases.iter().collect(),
            bounds: carried.bounds.and_then(|(low, high)| scaled(low).zip(scaled(high))),
            // Who says that there are no data has reported too.
            reported: self.reported + self.no_data,
            expected: self.expected.max(self.reported + self.no_data),
            approved: self.approved,
        }
    }

    /// As formulas read it.
    pub fn reading(&self, decimals: u32) -> Reading {
        self.shown(decimals).number.map_or(Reading::Missing, Reading::Known)
    }
}

/// How figures of several places become one, for what one number a place was reported.
pub const fn adds(law: Law) -> bool {
    matches!(law, Law::Additive | Law::Stock)
}
