//! What the words behind a number are worth: a unit of the cell's kind, a scale, or both.

use kernel::text::{fold, same_name};

use super::{
    read::AmountProblem,
    unit::{Unit, normal, unit, units},
};

/// Words that multiply what stands before them, the longest first.
const SCALES: [(&str, i128); 9] = [
    ("nghìn tỷ", 1_000_000_000_000),
    ("nghìn tỉ", 1_000_000_000_000),
    ("ngàn tỷ", 1_000_000_000_000),
    ("ngàn tỉ", 1_000_000_000_000),
    ("nghìn", 1_000),
    ("ngàn", 1_000),
    ("triệu", 1_000_000),
    ("tỷ", 1_000_000_000),
    ("tỉ", 1_000_000_000),
];

/// Words behind a number that mean nothing here.
pub(super) enum Unknown {
    Words,
    /// Millions or more of something that is no money.
    Magnitude,
    /// A unit of another kind.
    Other(&'static Unit),
}

impl Unknown {
    pub(super) fn told(&self, typed: &str, of: &Unit) -> AmountProblem {
        match self {
            Self::Words => {
                AmountProblem::new("reporting-amount-words", typed).with("unit", of.name.clone())
            }
            Self::Magnitude => AmountProblem::new("reporting-amount-magnitude", typed)
                .with("unit", of.name.clone()),
            Self::Other(other) => AmountProblem::new("reporting-amount-other-unit", typed)
                .with("typed", other.name.clone())
                .with("unit", of.name.clone()),
        }
    }
}

/// What the words behind a number multiply it by; none when they say nothing or the cell's own unit.
pub(super) fn worth(words: &str, of: &Unit) -> Result<Option<(i128, i128)>, Unknown> {
    let words = words.trim();
    let readable = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '%' | '‰' | '₫');
    if !words.chars().all(readable) {
        return Err(Unknown::Words);
    }
    if words.is_empty() || of.is_called(words) {
        return Ok(None);
    }
    let mut called = units().iter().filter(|unit| unit.is_called(words));
    let known = called.find_map(|unit| unit.worth_in(of)).map(|worth| (worth, 1));
    let found = known.or_else(|| scaled_worth(words, of));
    if let Some(((num, den), scale)) = found {
        let num = num.checked_mul(scale).ok_or(Unknown::Words)?;
        return Ok(((num, den) != (1, 1)).then_some((num, den)));
    }
    let (rest, scale) = scale(words).unwrap_or_else(|| (words.to_owned(), 1));
    let mut others = units().iter().filter(|unit| unit.is_called(&rest) && !of.is_called(&rest));
    Err(match others.next() {
        Some(other) => Unknown::Other(other),
        None if may_be_scaled(of, scale) => Unknown::Words,
        None => Unknown::Magnitude,
    })
}

/// People, households and turns are counted in thousands as people speak; *triệu* and *tỷ* behind what is no money
/// are a slip of the column.
fn may_be_scaled(of: &Unit, scale: i128) -> bool {
    of.is_money() || scale <= 1_000
}

/// A scale, and a unit that is no multiple of its base by name: `nghìn tỷ đồng`, `1,2 nghìn người`, `2 nghìn`.
fn scaled_worth(words: &str, of: &Unit) -> Option<((i128, i128), i128)> {
    let (rest, scale) = scale(words).filter(|(_, scale)| may_be_scaled(of, *scale))?;
    if of.is_share() {
        return None;
    }
    let base = unit("dong").filter(|_| of.is_money());
    let counted = match (rest.is_empty(), base) {
        (true, base) => base.unwrap_or(of),
        (false, Some(base)) => Some(base).filter(|base| base.is_called(&rest))?,
        (false, None) if of.is_called(&rest) => of,
        (false, None) => {
            units().iter().find(|unit| unit.kind == of.kind && unit.is_called(&rest))?
        }
    };
    Some((counted.worth_in(of)?, scale))
}

/// The scale that words begin with, and the words behind it.
fn scale(words: &str) -> Option<(String, i128)> {
    let words = normal(words);
    let all: Vec<&str> = words.split_whitespace().collect();
    let is = |name: &str, typed: &str| {
        same_name(name, typed) || (typed.is_ascii() && fold(name) == fold(typed))
    };
    SCALES.iter().find_map(|(name, scale)| {
        let length = name.split(' ').count();
        let head = all.get(..length)?.join(" ");
        is(name, &head).then(|| (all[length..].join(" "), *scale))
    })
}
