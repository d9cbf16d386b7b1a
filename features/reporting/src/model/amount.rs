//! Amounts: units and what they are worth in each other, figures as officials type them, as they are printed,
//! and in words. An amount is a whole number of the last decimal that is kept: 12,5 with two decimals is 1250.
//!
//! What a person types is never understood wrongly in silence: whatever can be read in two ways is refused,
//! and both ways are named. Pure.

mod digits;
mod offer;
mod read;
mod unit;
#[cfg(test)]
mod vectors;
mod words;
mod worth;

use areas::view::{plain_text, spoken_text};

pub use read::{AmountProblem, Read, read_amount, read_plain};
pub use unit::{Unit, compare, convert, convert_rounded, unit, unit_said, units, units_near};
pub use words::{in_words, number_in_words};

/// The largest amount, either way, in units of the last decimal: fifteen digits, which spreadsheets and
/// browsers carry exactly, and of which the sum over every commune still fits.
pub const AMOUNT_MAX: i64 = 999_999_999_999_999;

/// As people write it: `1.234,5`. Zeros at the end of the decimals are left out.
pub fn print_amount(amount: i64, decimals: u32) -> String {
    spoken_text(i128::from(amount), decimals)
}

/// As programs write it: `1234.5`.
pub fn plain_amount(amount: i64, decimals: u32) -> String {
    plain_text(i128::from(amount), decimals)
}
