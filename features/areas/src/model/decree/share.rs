//! Exact shares: `1/3`, `0,4`, `40%`. A floating-point number never stands for a share.

use crate::model::Weight;

/// More digits than any table of shares needs; beyond it a sum could leave the range of numbers.
const DIGITS_MAX: usize = 9;

/// Reads a share above 0 and up to 1, in lowest terms; `None` for anything else.
pub fn parse(text: &str) -> Option<Weight> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (num, den) = match (text.strip_suffix('%'), text.split_once('/')) {
        (Some(percent), _) => {
            let (num, den) = decimal(percent)?;
            (num, den.checked_mul(100)?)
        }
        (None, Some((num, den))) => (whole(num)?, whole(den)?),
        (None, None) => decimal(&text)?,
    };
    if num < 1 || den < num {
        return None;
    }
    let common = gcd(num, den);
    Some(Weight { num: i64::try_from(num / common).ok()?, den: i64::try_from(den / common).ok()? })
}

fn whole(digits: &str) -> Option<i128> {
    let plain = (1..=DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// Numerator and denominator of a decimal number, its point written as a comma or a point.
fn decimal(text: &str) -> Option<(i128, i128)> {
    let Some((before, after)) = text.split_once([',', '.']) else { return Some((whole(text)?, 1)) };
    let after = after.trim_end_matches('0');
    if after.is_empty() {
        return Some((whole(before)?, 1));
    }
    let scale = 10_i128.checked_pow(u32::try_from(after.len()).ok()?)?;
    Some((whole(before)?.checked_mul(scale)?.checked_add(whole(after)?)?, scale))
}

/// True when the shares sum to exactly 1. Sums that leave the range of numbers are not 1.
pub fn sum_to_one(shares: &[Weight]) -> bool {
    sum(shares) == Some((1, 1))
}

/// The sum in lowest terms, as `(numerator, denominator)`; `None` when it cannot be told exactly.
pub fn sum(shares: &[Weight]) -> Option<(i128, i128)> {
    shares.iter().try_fold((0_i128, 1_i128), |(num, den), share| {
        let (other_num, other_den) = (i128::from(share.num), i128::from(share.den));
        let common = gcd(den, other_den);
        let left = num.checked_mul(other_den / common)?;
        let right = other_num.checked_mul(den / common)?;
        let num = left.checked_add(right)?;
        let den = den.checked_mul(other_den / common)?;
        let common = gcd(num, den);
        Some((num / common, den / common))
    })
}

fn gcd(one: i128, other: i128) -> i128 {
    let (mut one, mut other) = (one.abs(), other.abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one.max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<(i64, i64)> {
        parse(text).map(|share| (share.num, share.den))
    }

    #[test]
    fn shares_are_read_as_people_write_them() {
        assert_eq!(read("1/3"), Some((1, 3)));
        assert_eq!(read(" 2 / 6 "), Some((1, 3)));
        assert_eq!(read("0,4"), Some((2, 5)));
        assert_eq!(read("0.40"), Some((2, 5)));
        assert_eq!(read("33,3%"), Some((333, 1000)));
        assert_eq!(read("100%"), Some((1, 1)));
        assert_eq!(read("1"), Some((1, 1)));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in [
            "",
            "0",
            "0/5",
            "1/0",
            "-1/2",
            "3/2",
            "101%",
            "1e-3",
            "½",
            "một phần",
            "0,,4",
            "1/2/3",
            "9999999999/99999999999",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn three_thirds_are_one_and_their_decimals_are_not() {
        let third = parse("1/3").expect("a share");
        assert!(sum_to_one(&[third, third, third]));
        let near = parse("0,333333333").expect("a share");
        assert!(!sum_to_one(&[near, near, near]));
    }

    proptest! {
        #[test]
        fn parts_of_a_whole_always_sum_to_one(parts in prop::collection::vec(1_i64..5_000, 1..30)) {
            let total: i64 = parts.iter().sum();
            let shares: Vec<_> = parts.iter().map(|part| parse(&format!("{part}/{total}")).expect("a share")).collect();
            prop_assert!(sum_to_one(&shares));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            if let Some(share) = parse(&text) {
                prop_assert!(0 < share.num && share.num <= share.den);
            }
        }

        #[test]
        fn huge_denominators_are_told_exactly_or_not_at_all(dens in prop::collection::vec(900_000_000_i64..1_000_000_000, 1..40)) {
            let shares: Vec<_> = dens.iter().map(|den| Weight { num: 1, den: *den }).collect();
            prop_assert!(!sum_to_one(&shares));
        }
    }
}
