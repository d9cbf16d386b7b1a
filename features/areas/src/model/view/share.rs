//! Exact shares: fractions that are always reduced, and dividing a whole number so that nothing is lost.

use std::cmp::Ordering;

use serde::Serialize;

use super::Weight;

/// The largest amount that is carried: beyond any sum of money or people of the country, and small
/// enough that an amount times a fraction never overflows.
pub const AMOUNT_MAX: i128 = 10_i128.pow(19);
/// The largest numerator or denominator; what needs more is said to be unknown instead of rounded.
const TERM_MAX: i128 = 10_i128.pow(18);

/// A fraction, not negative, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fraction {
    num: i128,
    den: i128,
}

fn gcd(one: i128, other: i128) -> i128 {
    if other == 0 { one } else { gcd(other, one % other) }
}

impl Fraction {
    /// All.
    pub const ONE: Self = Self { num: 1, den: 1 };
    /// Nothing.
    pub const ZERO: Self = Self { num: 0, den: 1 };

    /// `num / den`; `None` when negative, without a denominator, or too fine to be kept exactly.
    pub fn new(num: i128, den: i128) -> Option<Self> {
        if num < 0 || den <= 0 {
            return None;
        }
        let common = gcd(num, den);
        let (num, den) = (num / common, den / common);
        (num <= TERM_MAX && den <= TERM_MAX).then_some(Self { num, den })
    }

    /// A stored weight; `None` when it is no share (above one, negative, without a denominator).
    pub fn of(weight: Weight) -> Option<Self> {
        Self::new(weight.num.into(), weight.den.into()).filter(|it| it.num <= it.den)
    }

    /// Above the line.
    pub const fn num(self) -> i128 {
        self.num
    }

    /// Below it.
    pub const fn den(self) -> i128 {
        self.den
    }

    /// The product; terms are at most 10^18, so nothing overflows on the way.
    pub fn times(self, other: Self) -> Option<Self> {
        Self::new(self.num * other.num, self.den * other.den)
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Option<Self> {
        Self::new(self.num * other.den + other.num * self.den, self.den * other.den)
    }

    /// What is left of one.
    pub fn rest(self) -> Option<Self> {
        Self::new(self.den - self.num, self.den)
    }

    /// How many times `other` goes into this; `None` for nothing.
    pub fn over(self, other: Self) -> Option<Self> {
        Self::new(self.num * other.den, self.den * other.num)
    }

    /// The whole and the fractional part of this much of an amount that is not negative.
    fn of_amount(self, amount: i128) -> (i128, Self) {
        let product = amount * self.num;
        (product / self.den, Self { num: product % self.den, den: self.den })
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.num * other.den).cmp(&(other.num * self.den))
    }
}

/// Divides an amount by fractions that sum to one: each gets its whole part, and what is left goes, one by
/// one, to the largest remainders (the earlier first among equals). The parts sum exactly to the amount.
pub(super) fn divided(amount: i128, fractions: &[Fraction]) -> Vec<i128> {
    let size = amount.abs();
    let shares: Vec<_> = fractions.iter().map(|fraction| fraction.of_amount(size)).collect();
    let mut parts: Vec<i128> = shares.iter().map(|(whole, _)| *whole).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|one, other| shares[*other].1.cmp(&shares[*one].1).then(one.cmp(other)));
    let mut left = size - parts.iter().sum::<i128>();
    for at in order {
        if left == 0 {
            break;
        }
        parts[at] += 1;
        left -= 1;
    }
    if amount < 0 { parts.iter().map(|part| -part).collect() } else { parts }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_thirds_of_ten_people_are_four_three_and_three() {
        let third = Fraction::new(1, 3).expect("a fraction");
        assert_eq!(divided(10, &[third; 3]), [4, 3, 3]);
        assert_eq!(divided(-10, &[third; 3]), [-4, -3, -3]);
        assert_eq!(divided(0, &[third; 3]), [0, 0, 0]);
    }

    #[test]
    fn what_is_too_fine_to_be_exact_is_refused() {
        let fine = Fraction::new(1, TERM_MAX).expect("just fits");
        assert_eq!(fine.times(Fraction::new(1, 3).expect("a third")), None);
        assert_eq!(Fraction::new(1, 0), None);
        assert_eq!(Fraction::new(-1, 2), None);
        assert_eq!(Fraction::of(Weight { num: 3, den: 2 }), None);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_none_is_off_by_one_or_more(
            amount in -AMOUNT_MAX..=AMOUNT_MAX,
            weights in prop::collection::vec(0_i128..1_000_000, 1..12),
        ) {
            let sum: i128 = weights.iter().sum::<i128>().max(1);
            let mut weights = weights;
            if weights.iter().all(|weight| *weight == 0) { weights[0] = 1; }
            let fractions: Vec<_> =
                weights.iter().map(|weight| Fraction::new(*weight, sum).expect("small")).collect();
            let parts = divided(amount, &fractions);
            prop_assert_eq!(parts.iter().sum::<i128>(), amount);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!((part.abs() * sum - amount.abs() * weight).abs() < sum);
            }
        }
    }
}
