//! Decimal numbers as people write them, without floating point: `1.234,5` as in Vietnam, `1234.5` as
//! programs and spreadsheets store it.

use super::AMOUNT_MAX;

/// A decimal number: `digits / 10^decimals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    decimals: u32,
}

/// Which mark divides thousands, and which the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `1.234,5`.
    Vietnamese,
    /// `1,234.5`.
    Plain,
}

/// Decimals that are kept; more are refused.
const DECIMALS_MAX: usize = 6;
/// So many decimals are never written by a person: a spreadsheet's binary arithmetic leaves them, and they
/// are rounded away.
const NOISE_MIN: usize = 10;

impl Decimal {
    /// Reads a number; `None` when it is none in this notation, or larger than is carried.
    pub fn parse(text: &str, notation: Notation) -> Option<Self> {
        let (group, point) = match notation {
            Notation::Vietnamese => ('.', ','),
            Notation::Plain => (',', '.'),
        };
        let text = text.trim().replace(['\u{a0}', '\u{202f}', '\u{2009}'], " ");
        let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        let (whole, part) = text.split_once(point).map_or((text, None), |(a, b)| (a, Some(b)));
        let mut digits = ungrouped(whole, group)?;
        let mut decimals = 0;
        if let Some(part) = part {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let noisy = part.len() >= NOISE_MIN;
            let part = if noisy { part } else { part.trim_end_matches('0') };
            if !noisy && part.len() > DECIMALS_MAX {
                return None;
            }
            decimals = part.len().min(DECIMALS_MAX);
            digits.push_str(&part[..decimals]);
            let mut value: i128 = digits.parse().ok()?;
            if noisy && part.as_bytes()[DECIMALS_MAX] >= b'5' {
                value = value.checked_add(1)?;
            }
            digits = value.to_string();
        }
        let value: i128 = digits.parse().ok()?;
        let decimals = u32::try_from(decimals).ok()?;
        let it = Self { digits: if negative { -value } else { value }, decimals }.shortened();
        (it.digits.abs() <= AMOUNT_MAX).then_some(it)
    }

    /// Without zeros at the end of its decimals.
    fn shortened(mut self) -> Self {
        while self.decimals > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.decimals -= 1;
        }
        self
    }

    /// How many decimals it has.
    pub fn decimals(self) -> u32 {
        self.decimals
    }

    /// The whole number of `1/10^scale`; `None` when it has more decimals or is larger than is carried.
    pub fn at_scale(self, scale: u32) -> Option<i128> {
        let more = 10_i128.checked_pow(scale.checked_sub(self.decimals)?)?;
        self.digits.checked_mul(more).filter(|amount| amount.abs() <= AMOUNT_MAX)
    }
}

/// The digits of a whole number: plain, or in groups of three.
fn ungrouped(text: &str, group: char) -> Option<String> {
    let mark = if text.contains(' ') { ' ' } else { group };
    let groups: Vec<&str> = text.split(mark).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = match groups.as_slice() {
        [only] => digits(only) && only.len() <= 30,
        [first, rest @ ..] => {
            digits(first)
                && first.len() <= 3
                && rest.len() <= 9
                && rest.iter().all(|part| digits(part) && part.len() == 3)
        }
        [] => false,
    };
    fits.then(|| groups.concat())
}

impl Notation {
    /// The notation of a column, judged by all its cells: `1.234` beside `5.5` is a decimal, beside `12,5` a
    /// thousand. Where both readings fit and differ, text is read as Vietnamese; the cells of a workbook may be
    /// numbers that were never written, so there nobody can say, and the first such cell is given back.
    pub fn of(cells: &[&str], workbook: bool) -> Result<Self, usize> {
        let misfits =
            |notation| cells.iter().filter(|cell| Decimal::parse(cell, notation).is_none()).count();
        let (local, plain) = (misfits(Self::Vietnamese), misfits(Self::Plain));
        match local.cmp(&plain) {
            std::cmp::Ordering::Less => Ok(Self::Vietnamese),
            std::cmp::Ordering::Greater => Ok(Self::Plain),
            std::cmp::Ordering::Equal => {
                let differs = |cell: &&str| {
                    Decimal::parse(cell, Self::Vietnamese) != Decimal::parse(cell, Self::Plain)
                };
                match cells.iter().position(differs) {
                    Some(at) if workbook => Err(at),
                    _ => Ok(Self::Vietnamese),
                }
            }
        }
    }
}

/// `1234.5`: for programs and files.
pub fn plain_text(amount: i128, scale: u32) -> String {
    let (sign, whole, part) = split(amount, scale);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// `1.234,5`: for people.
pub fn spoken_text(amount: i128, scale: u32) -> String {
    let (sign, whole, part) = split(amount, scale);
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    if part.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped},{part}") }
}

fn split(amount: i128, scale: u32) -> (&'static str, String, String) {
    let scale = usize::try_from(scale).unwrap_or(0);
    let digits = format!("{:0>width$}", amount.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    (if amount < 0 { "-" } else { "" }, whole.to_owned(), part.trim_end_matches('0').to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, notation: Notation) -> Option<(i128, u32)> {
        Decimal::parse(text, notation).map(|it| (it.digits, it.decimals))
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        use Notation::{Plain, Vietnamese};
        let cases = [
            ("1.234,5", Vietnamese, Some((12_345, 1))),
            ("1.234", Vietnamese, Some((1_234, 0))),
            ("1.234", Plain, Some((1_234, 3))),
            ("1,234.50", Plain, Some((12_345, 1))),
            ("12 345 678", Vietnamese, Some((12_345_678, 0))),
            ("12\u{a0}345,25", Vietnamese, Some((1_234_525, 2))),
            ("\u{2212}7", Vietnamese, Some((-7, 0))),
            ("0", Vietnamese, Some((0, 0))),
            ("0,0", Vietnamese, Some((0, 0))),
            ("0.30000000000000004", Plain, Some((3, 1))),
            ("1,23.4", Plain, None),
            ("1.23", Vietnamese, None),
            ("1.2345", Vietnamese, None),
            ("12.", Plain, None),
            (",5", Vietnamese, None),
            ("1e9", Plain, None),
            ("NaN", Plain, None),
            ("", Vietnamese, None),
            ("-", Vietnamese, None),
            ("--1", Vietnamese, None),
            ("1,1234567", Vietnamese, None),
            ("99999999999999999999", Plain, None),
            ("١٢", Plain, None),
        ];
        for (text, notation, expected) in cases {
            assert_eq!(read(text, notation), expected, "{text} as {notation:?}");
        }
    }

    #[test]
    fn a_column_is_read_in_one_notation() {
        let of = |cells: &[&str], workbook| Notation::of(cells, workbook);
        assert_eq!(of(&["1.234", "12,5"], false), Ok(Notation::Vietnamese));
        assert_eq!(of(&["1.234", "5.5"], false), Ok(Notation::Plain));
        assert_eq!(of(&["1.234", "7"], false), Ok(Notation::Vietnamese));
        assert_eq!(of(&["7", "1.234"], true), Err(1));
        assert_eq!(of(&["1.234", "5.5"], true), Ok(Notation::Plain));
        assert_eq!(of(&["7", "1234"], true), Ok(Notation::Vietnamese));
    }

    proptest! {
        #[test]
        fn what_is_told_is_read_again(amount in -AMOUNT_MAX..=AMOUNT_MAX, scale in 0_u32..=6) {
            let spoken = Decimal::parse(&spoken_text(amount, scale), Notation::Vietnamese);
            prop_assert_eq!(spoken.and_then(|it| it.at_scale(scale)), Some(amount));
            let plain = Decimal::parse(&plain_text(amount, scale), Notation::Plain);
            prop_assert_eq!(plain.and_then(|it| it.at_scale(scale)), Some(amount));
        }

        #[test]
        fn any_text_is_a_number_or_none(text: String) {
            let _ = Decimal::parse(&text, Notation::Vietnamese);
            let _ = Decimal::parse(&text, Notation::Plain);
        }
    }
}
