//! Whether a target is reached, as far as a number can say.

use std::cmp::Ordering;

use crate::model::{
    formula::Rational,
    target::{Comparator, Goal},
};

/// What a number says about a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It is reached.
    Met,
    /// It is not.
    Short,
    /// A person must say: words, a fraction of another figure, or no number.
    Open,
}

impl Judged {
    /// In the names of words.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Short => "short",
            Self::Open => "open",
        }
    }
}

/// The numbers of a target: one, or the two ends of a range.
pub fn reach(goal: &Goal) -> Option<(Rational, Rational)> {
    let plain = |text: &str| {
        let (sign, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        Rational::decimal(digits).map(|number| if sign { number.negated() } else { number })
    };
    match goal {
        Goal::Compare { value, .. } => plain(value).map(|number| (number, number)),
        Goal::Range { low, high } => plain(low).zip(plain(high)),
        Goal::Fraction { .. } | Goal::Qualitative { .. } => None,
    }
}

/// Judges a number. *About* and a fraction are for people to judge.
pub fn judge(goal: &Goal, number: Option<Rational>) -> Judged {
    let Some(((low, high), number)) = reach(goal).zip(number) else { return Judged::Open };
    let (Some(over), Some(under)) = (number.compare(low), number.compare(high)) else {
        return Judged::Open;
    };
    let met = match goal {
        Goal::Compare { comparator, .. } => match comparator {
            Comparator::AtLeast => over != Ordering::Less,
            Comparator::MoreThan => over == Ordering::Greater,
            Comparator::AtMost => over != Ordering::Greater,
            Comparator::LessThan => over == Ordering::Less,
            Comparator::Exactly => over == Ordering::Equal,
            Comparator::About => return Judged::Open,
        },
        Goal::Range { .. } => over != Ordering::Less && under != Ordering::Greater,
        Goal::Fraction { .. } | Goal::Qualitative { .. } => return Judged::Open,
    };
    if met { Judged::Met } else { Judged::Short }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Rational> {
        Rational::decimal(text)
    }

    fn compare(comparator: Comparator, value: &str) -> Goal {
        Goal::Compare { comparator, value: value.to_owned() }
    }

    #[test]
    fn each_comparator_judges_at_its_edge() {
        use Comparator::{AtLeast, AtMost, Exactly, LessThan, MoreThan};
        for (comparator, below, at, above) in [
            (AtLeast, Judged::Short, Judged::Met, Judged::Met),
            (MoreThan, Judged::Short, Judged::Short, Judged::Met),
            (AtMost, Judged::Met, Judged::Met, Judged::Short),
            (LessThan, Judged::Met, Judged::Short, Judged::Short),
            (Exactly, Judged::Short, Judged::Met, Judged::Short),
        ] {
            let goal = compare(comparator, "98");
            let told = ["97.9", "98", "98.1"].map(|text| judge(&goal, number(text)));
            assert_eq!(told, [below, at, above], "{comparator:?}");
        }
    }

    #[test]
    fn ranges_hold_both_ends_and_words_are_for_people() {
        let range = Goal::Range { low: "2.5".to_owned(), high: "3".to_owned() };
        let told = ["2.4", "2.5", "3", "3.1"].map(|text| judge(&range, number(text)));
        assert_eq!(told, [Judged::Short, Judged::Met, Judged::Met, Judged::Short]);
        let words = Goal::Qualitative { words: "Giải quyết cơ bản".to_owned() };
        assert_eq!(judge(&words, number("1")), Judged::Open);
        assert_eq!(judge(&compare(Comparator::About, "5"), number("5")), Judged::Open);
        assert_eq!(judge(&compare(Comparator::AtLeast, "5"), None), Judged::Open);
    }
}
