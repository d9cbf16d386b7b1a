//! Exact numbers: fractions in lowest terms. Nothing is rounded unless a formula says so, and nothing ever
//! wraps: a step that leaves ±(2¹²⁷ − 1) gives nothing. The page's interpreter (`assets/formula.js`) takes
//! the same steps in the same order, so that both give up at the same numbers.

use std::{cmp::Ordering, fmt};

use serde::{Serialize, Serializer};

/// A fraction in lowest terms; the denominator is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rational {
    numerator: i128,
    denominator: i128,
}

/// Nothing below this is carried: the least number has no positive twin.
fn fit(number: i128) -> Option<i128> {
    (number != i128::MIN).then_some(number)
}

fn times(a: i128, b: i128) -> Option<i128> {
    a.checked_mul(b).and_then(fit)
}

fn plus(a: i128, b: i128) -> Option<i128> {
    a.checked_add(b).and_then(fit)
}

/// The greatest common divisor of magnitudes; of 0 and 0 it is 1, so that it may always divide.
fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl Rational {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// A fraction; `None` for a denominator of zero or numbers beyond what is carried.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        let (numerator, denominator) = (fit(numerator)?, fit(denominator)?);
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator, denominator) * denominator.signum();
        Some(Self { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    /// A stored amount with so many decimals: 1250 with 2 is 12,5. `None` for more than 18 decimals.
    pub fn scaled(amount: i64, decimals: u32) -> Option<Self> {
        let scale = (decimals <= 18).then(|| 10_i128.pow(decimals))?;
        Self::new(amount.into(), scale)
    }

    /// Reads a plain decimal as formulas write it: `1234.5`; at most 18 digits before the point and 18 after.
    pub fn decimal(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| {
            (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole) || !digits(part) {
            return None;
        }
        let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
        Self::new(whole.parse::<i128>().ok()? * scale + part.parse::<i128>().ok()?, scale)
    }

    /// Above the line.
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// Below the line; positive.
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// True for zero.
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Option<Self> {
        let shared = gcd(self.denominator, other.denominator);
        let (mine, yours) = (self.denominator / shared, other.denominator / shared);
        let above = plus(times(self.numerator, yours)?, times(other.numerator, mine)?)?;
        Self::new(above, times(self.denominator, yours)?)
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negated())
    }

    /// The product.
    pub fn times(self, other: Self) -> Option<Self> {
        let one = gcd(self.numerator, other.denominator);
        let two = gcd(other.numerator, self.denominator);
        Some(Self {
            numerator: times(self.numerator / one, other.numerator / two)?,
            denominator: times(self.denominator / two, other.denominator / one)?,
        })
    }

    /// One over it; `None` for zero.
    pub fn inverse(self) -> Option<Self> {
        (self.numerator != 0).then(|| Self {
            numerator: self.denominator * self.numerator.signum(),
            denominator: self.numerator.abs(),
        })
    }

    /// With the other sign.
    pub const fn negated(self) -> Self {
        Self { numerator: -self.numerator, denominator: self.denominator }
    }

    /// Without its sign.
    pub const fn magnitude(self) -> Self {
        Self { numerator: self.numerator.abs(), denominator: self.denominator }
    }

    /// Which is larger; `None` when that takes numbers beyond what is carried.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        let shared = gcd(self.denominator, other.denominator);
        let mine = times(self.numerator, other.denominator / shared)?;
        Some(mine.cmp(&times(other.numerator, self.denominator / shared)?))
    }

    /// Rounded to so many decimals (at most 9), halves away from zero as in school.
    pub fn rounded(self, decimals: u32) -> Option<Self> {
        let scale = (decimals <= 9).then(|| 10_i128.pow(decimals))?;
        let twice = plus(times(times(self.numerator.abs(), scale)?, 2)?, self.denominator)?;
        let whole = twice / times(self.denominator, 2)?;
        Self::new(whole * self.numerator.signum(), scale)
    }

    /// As a decimal with a point, when it is one with at most 18 decimals: `12.5`.
    pub fn as_decimal(self) -> Option<String> {
        let decimals = (0..=18).find(|places| 10_i128.pow(*places) % self.denominator == 0)?;
        let scale = 10_i128.pow(decimals);
        let digits = times(self.numerator.abs(), scale / self.denominator)?;
        let sign = if self.numerator < 0 { "-" } else { "" };
        let (whole, part) = (digits / scale, digits % scale);
        Some(match usize::try_from(decimals) {
            Ok(width @ 1..) => format!("{sign}{whole}.{part:0>width$}"),
            _ => format!("{sign}{whole}"),
        })
    }

    /// For people: Vietnamese marks, rounded to so many decimals (at most 9): `1.234,5`.
    pub fn words(self, decimals: u32) -> String {
        let rounded = self.rounded(decimals).unwrap_or(self);
        let Some(plain) = rounded.as_decimal() else { return self.to_string() };
        let (sign, plain) =
            plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), kernel::text::thousands);
        if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole},{part}") }
    }
}

impl fmt::Display for Rational {
    /// `5` or `5/2`, as programs and vectors hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

impl Serialize for Rational {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fraction() -> impl Strategy<Value = Rational> {
        (-1_000_000_i128..1_000_000, 1_i128..100_000)
            .prop_map(|(n, d)| Rational::new(n, d).unwrap())
    }

    proptest! {
        #[test]
        fn the_laws_of_fractions_hold(a in fraction(), b in fraction(), c in fraction()) {
            prop_assert_eq!(a.plus(b), b.plus(a));
            prop_assert_eq!(a.times(b), b.times(a));
            prop_assert_eq!(a.plus(b).unwrap().plus(c), a.plus(b.plus(c).unwrap()));
            let spread = a.times(c).unwrap().plus(b.times(c).unwrap());
            prop_assert_eq!(a.plus(b).unwrap().times(c), spread);
            prop_assert_eq!(a.minus(b).unwrap().plus(b), Some(a));
            if let Some(over) = b.inverse() {
                prop_assert_eq!(a.times(over).unwrap().times(b), Some(a));
            }
        }

        #[test]
        fn rounding_moves_by_at_most_half_a_unit(a in fraction(), places in 0_u32..6) {
            let moved = a.rounded(places).unwrap().minus(a).unwrap().magnitude();
            let half = Rational::new(1, 2 * 10_i128.pow(places)).unwrap();
            prop_assert_ne!(moved.compare(half), Some(Ordering::Greater));
        }

        #[test]
        fn nothing_wraps(n in any::<i128>(), d in any::<i128>(), m in any::<i128>(), e in any::<i128>()) {
            let (Some(a), Some(b)) = (Rational::new(n, d), Rational::new(m, e)) else { return Ok(()) };
            let _ = (a.plus(b), a.minus(b), a.compare(b), a.rounded(9), a.as_decimal(), a.words(2));
            if let Some(product) = a.times(b) {
                prop_assert_eq!(product.is_zero(), a.is_zero() || b.is_zero());
            }
        }
    }

    #[test]
    fn numbers_are_read_and_written_as_decimals() {
        for (text, written) in
            [("1234.5", "1234.5"), ("007", "7"), ("1.50", "1.5"), ("0.125", "0.125")]
        {
            let number = Rational::decimal(text).unwrap();
            assert_eq!(number.as_decimal().as_deref(), Some(written));
        }
        for wrong in ["", ".", "1.", ".5", "1,5", "-1", "1e3", "1234567890123456789"] {
            assert_eq!(Rational::decimal(wrong), None, "{wrong}");
        }
        assert_eq!(Rational::new(10, 3).unwrap().as_decimal(), None);
        assert_eq!(Rational::scaled(-123_456_750, 2).unwrap().words(1), "-1.234.567,5");
        assert_eq!(Rational::new(5, 2).unwrap().rounded(0), Rational::new(3, 1), "halves go up");
        assert_eq!(
            Rational::new(-5, 2).unwrap().rounded(0),
            Rational::new(-3, 1),
            "and down below zero"
        );
    }
}
