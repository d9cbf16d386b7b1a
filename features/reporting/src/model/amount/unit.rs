//! Units of measurement, as reference data (`data/units.csv`). Units of one kind can be turned into each
//! other; *người* and *lượt người* are of two kinds and cannot.

use std::{cmp::Ordering, sync::LazyLock};

use kernel::text::{fold, same_name};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::AMOUNT_MAX;

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// Its code: `trieu-dong`.
    pub code: String,
    /// Its name as printed: *triệu đồng*, *ha*.
    pub name: String,
    /// Its name as said: *héc-ta*.
    pub said: String,
    /// What it measures; units of one kind can be turned into each other.
    pub kind: String,
    /// What one of it is worth in the base of its kind: `num / den`.
    pub num: i128,
    /// See `num`.
    pub den: i128,
    /// How people write it, [`normal`].
    #[serde(skip)]
    written: Vec<String>,
}

static UNITS: LazyLock<Vec<Unit>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../../../data/units.csv").as_bytes());
    reader.records().filter_map(|row| Unit::read(&row.ok()?)).collect()
});

/// Every unit, in the order to choose from.
pub fn units() -> &'static [Unit] {
    &UNITS
}

/// A unit by its code.
pub fn unit(code: &str) -> Option<&'static Unit> {
    units().iter().find(|unit| unit.code == code)
}

/// A unit by its code or by what people call it, with or without marks; a unit's own name comes before what
/// another is called besides: *lượt* is also how some write *lượt người*.
pub fn unit_said(words: &str) -> Option<&'static Unit> {
    let own = |it: &&Unit| same_name(&normal(&it.name), &normal(words));
    let by_name = || units().iter().find(own);
    let by_other = || units().iter().find(|it| it.is_called(words));
    unit(words.trim()).or_else(by_name).or_else(by_other)
}

/// Units that may have been meant by words that name none, at most so many: those whose name is one letter
/// away, then those that share a word with them.
pub fn units_near(words: &str, most: usize) -> Vec<&'static Unit> {
    let typed = fold(words);
    let shares = |name: &str| {
        let of_name = |word: &str| word.len() > 1 && name.split(' ').any(|it| it == word);
        typed.split(' ').any(of_name)
    };
    let called =
        |it: &Unit, fits: &dyn Fn(&str) -> bool| it.written.iter().any(|name| fits(&fold(name)));
    let slips = units().iter().filter(|it| called(it, &|name| is_a_letter_away(name, &typed)));
    let mut near: Vec<&Unit> = slips.collect();
    near.extend(units().iter().filter(|it| called(it, &shares)));
    let mut told = std::collections::BTreeSet::new();
    near.retain(|it| told.insert(&it.code));
    near.truncate(most);
    near
}

/// True when one letter was changed, left out or added.
fn is_a_letter_away(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let (short, long): (Vec<char>, Vec<char>) = (short.chars().collect(), long.chars().collect());
    if short.len() < 2 || long.len() > short.len() + 1 {
        return false;
    }
    let head = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let tail =
        short[head..].iter().rev().zip(long[head..].iter().rev()).take_while(|(a, b)| a == b);
    head + tail.count() + 1 >= long.len()
}

/// An amount in another unit of the same kind; none for another kind, when it cannot be told exactly with so
/// many decimals, or when it is larger than is carried.
pub fn convert(amount: i64, decimals: u32, from: &Unit, to: &Unit, kept: u32) -> Option<i64> {
    let (num, den) = from.worth_in(to)?;
    rescaled(i128::from(amount), decimals, (num, den), kept).ok().flatten()
}

/// The same, rounded half away from zero where so many decimals do not hold it.
pub fn convert_rounded(
    amount: i64,
    decimals: u32,
    from: &Unit,
    to: &Unit,
    kept: u32,
) -> Option<i64> {
    let (over, under) = step(decimals, from.worth_in(to)?, kept).ok()?;
    let twice = i128::from(amount).checked_mul(over)?.checked_mul(2)?;
    let half = if amount < 0 { -under } else { under };
    carried(twice.checked_add(half)?.checked_div(under.checked_mul(2)?)?).ok()
}

/// Which of two amounts is the larger; none between units of two kinds.
pub fn compare(
    (one, decimals, of): (i64, u32, &Unit),
    (other, other_decimals, of_other): (i64, u32, &Unit),
) -> Option<Ordering> {
    let (over, under) = step(decimals, of.worth_in(of_other)?, other_decimals).ok()?;
    let one = i128::from(one).checked_mul(over)?;
    Some(one.cmp(&i128::from(other).checked_mul(under)?))
}

/// `digits / 10^decimals × num / den` as a whole number of `1 / 10^kept`. `Ok(None)` when it is none,
/// `Err` when it is larger than is carried.
pub(super) fn rescaled(
    digits: i128,
    decimals: u32,
    worth: (i128, i128),
    kept: u32,
) -> Result<Option<i64>, TooLarge> {
    let (over, under) = step(decimals, worth, kept)?;
    if digits % under != 0 {
        return Ok(None);
    }
    carried((digits / under).checked_mul(over).ok_or(TooLarge)?).map(Some)
}

/// What one step of `1 / 10^decimals` is in steps of `1 / 10^kept` of a unit of which it is worth so much.
fn step(decimals: u32, (num, den): (i128, i128), kept: u32) -> Result<(i128, i128), TooLarge> {
    let power = |of: u32| 10_i128.checked_pow(of).ok_or(TooLarge);
    let common = decimals.min(kept);
    let over = power(kept - common)?.checked_mul(num).ok_or(TooLarge)?;
    let under = power(decimals - common)?.checked_mul(den).ok_or(TooLarge)?;
    let shared = gcd(over, under);
    Ok((over / shared, under / shared))
}

fn carried(amount: i128) -> Result<i64, TooLarge> {
    let amount = i64::try_from(amount).map_err(|_| TooLarge)?;
    if amount.abs_diff(0) <= AMOUNT_MAX.unsigned_abs() { Ok(amount) } else { Err(TooLarge) }
}

/// Larger than is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs().max(1) } else { gcd(b, a % b) }
}

impl Unit {
    fn read(row: &csv::StringRecord) -> Option<Self> {
        let [code, name, said, kind, num, den, also] =
            row.iter().collect::<Vec<_>>().try_into().ok()?;
        let others = also.split(';').chain([name, said]).filter(|text| !text.is_empty());
        Some(Self {
            code: code.to_owned(),
            name: name.to_owned(),
            said: said.to_owned(),
            kind: kind.to_owned(),
            num: num.parse().ok().filter(|num| *num > 0)?,
            den: den.parse().ok().filter(|den| *den > 0)?,
            written: others.map(normal).collect(),
        })
    }

    /// What one of it is worth in another unit, as a fraction; none for another kind.
    pub fn worth_in(&self, other: &Self) -> Option<(i128, i128)> {
        let (num, den) = (self.num.checked_mul(other.den)?, self.den.checked_mul(other.num)?);
        let shared = gcd(num, den);
        (self.kind == other.kind).then_some((num / shared, den / shared))
    }

    /// How people write it, for the twin of [`super::read_amount`] in the page.
    pub fn written(&self) -> &[String] {
        &self.written
    }

    /// True when people write it so; without accents too, but not with wrong ones.
    pub fn is_called(&self, words: &str) -> bool {
        let words = normal(words);
        let bare = words.is_ascii();
        self.written
            .iter()
            .any(|name| same_name(name, &words) || (bare && fold(name) == fold(&words)))
    }

    /// True for money.
    pub fn is_money(&self) -> bool {
        self.kind == "money"
    }

    /// True for shares of a whole and differences of such.
    pub fn is_share(&self) -> bool {
        self.kind.starts_with("percent")
    }
}

/// Compatibility forms and signs told in letters, so that names can be compared.
pub(super) fn normal(words: &str) -> String {
    let signs = words.replace('%', " phần trăm").replace('‰', " phần nghìn").replace('₫', "đ");
    signs.nfkc().collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_reference_data_is_a_unit() {
        let rows = include_str!("../../../data/units.csv").lines().count() - 1;
        assert_eq!(units().len(), rows);
        for it in units() {
            assert!(
                it.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert_eq!(unit(&it.code), Some(it), "the code is told once");
            let base =
                units().iter().any(|one| one.kind == it.kind && one.num == 1 && one.den == 1);
            assert!(base, "{} has a base", it.kind);
        }
    }

    #[test]
    fn no_way_to_write_a_unit_means_another_of_its_kind_that_is_worth_something_else() {
        for one in units() {
            for other in units().iter().filter(|it| it.kind == one.kind) {
                let worth = (one.num * other.den, one.den * other.num);
                if worth.0 != worth.1 {
                    for name in &other.written {
                        assert!(!one.is_called(name), "{name}: {} or {}", one.code, other.code);
                        assert!(
                            !one.is_called(&fold(name)),
                            "{name}: {} or {}",
                            one.code,
                            other.code
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_unit_is_found_by_its_code_and_by_its_name_with_or_without_marks() {
        for it in units() {
            assert_eq!(unit_said(&it.code), Some(it), "{}", it.code);
            assert_eq!(unit_said(&it.name).map(|one| one.name.as_str()), Some(it.name.as_str()));
        }
        let code = |words: &str| unit_said(words).map(|it| it.code.as_str());
        assert_eq!(code("Triệu đồng"), Some("trieu-dong"));
        assert_eq!(code("trieu dong"), Some("trieu-dong"));
        assert_eq!(code(" trường hợp "), Some("truong-hop"));
        assert_eq!(code("lượt"), Some("luot"));
        assert_eq!(code("điểm %"), Some("diem-phan-tram"));
        assert_eq!((code("%"), code("‰")), (Some("phan-tram"), Some("phan-nghin")));
        assert_eq!((code(""), code("???"), code("thùng")), (None, None, None));
    }

    #[test]
    fn a_unit_that_nobody_knows_is_told_with_those_near_it() {
        let near = |words: &str| -> Vec<&str> {
            units_near(words, 5).iter().map(|it| it.name.as_str()).collect()
        };
        assert!(near("triêu đồngg").contains(&"triệu đồng"));
        assert!(near("nhân khẩuu").contains(&"nhân khẩu"));
        assert!(near("hộ nghèo").contains(&"hộ"));
        assert!(near("zzzzz").is_empty());
        assert_eq!(near("trường hơpp").first(), Some(&"trường hợp"));
        assert!(near("đồng chí").len() <= 5);
    }

    #[test]
    fn amounts_go_from_unit_to_unit_exactly_or_not_at_all() {
        let of = |code: &str| unit(code).unwrap();
        let go =
            |amount, decimals, from, to, kept| convert(amount, decimals, of(from), of(to), kept);
        assert_eq!(go(306_105, 3, "trieu-dong", "dong", 0), Some(306_105_000));
        assert_eq!(go(25, 1, "ty-dong", "trieu-dong", 0), Some(2_500));
        assert_eq!(go(500, 0, "dong", "trieu-dong", 3), None);
        assert_eq!(go(500, 0, "dong", "trieu-dong", 4), Some(5));
        assert_eq!(go(5, 0, "phan-nghin", "phan-tram", 1), Some(5));
        assert_eq!(go(2, 0, "ha", "m2", 0), Some(20_000));
        assert_eq!(go(1, 0, "nguoi", "luot-nguoi", 0), None);
        assert_eq!(go(AMOUNT_MAX, 0, "ty-dong", "dong", 0), None);
        assert_eq!(go(i64::MIN, 0, "dong", "dong", 0), None);
    }

    #[test]
    fn what_so_many_decimals_do_not_hold_is_rounded_half_away_from_zero() {
        let of = |code: &str| unit(code).unwrap();
        let go = |amount, from: (&str, u32), to: (&str, u32)| {
            convert_rounded(amount, from.1, of(from.0), of(to.0), to.1)
        };
        let (million, dong) = (("trieu-dong", 3), ("dong", 0));
        assert_eq!(go(12_500, million, dong), Some(12_500_000));
        assert_eq!(go(12_500_499, dong, million), Some(12_500));
        assert_eq!(go(-12_500_500, dong, million), Some(-12_501));
        assert_eq!(go(7, ("nguoi", 0), ("nguoi", 0)), Some(7));
        assert_eq!(go(7, ("nguoi", 0), dong), None);
        assert_eq!(go(AMOUNT_MAX, ("ty-dong", 0), dong), None);
    }

    #[test]
    fn amounts_are_compared_by_what_they_are_worth() {
        let of = |code: &str| unit(code).unwrap();
        let go = |one: (i64, u32, &str), two: (i64, u32, &str)| {
            compare((one.0, one.1, of(one.2)), (two.0, two.1, of(two.2)))
        };
        assert_eq!(go((20, 0, "nguoi"), (10, 0, "nguoi")), Some(Ordering::Greater));
        assert_eq!(go((15, 1, "ha"), (15_000, 0, "m2")), Some(Ordering::Equal));
        assert_eq!(go((1_499, 0, "dong"), (1_500, 6, "trieu-dong")), Some(Ordering::Less));
        assert_eq!(go((1, 0, "nguoi"), (1, 0, "ho")), None);
    }
}
