//! Digits and their marks: Vietnamese notation is read, any other is refused with what it may have meant.

use areas::view::{AMOUNT_MAX as CARRIED_MAX, Decimal, Notation, spoken_text};

use super::{read::AmountProblem, unit::Unit};

/// Most decimals that can be kept.
const DECIMALS_MAX: usize = 6;

/// Why digits and marks are no number in Vietnamese notation, with the readings that they may have had.
pub(super) enum Misread {
    NotNumber,
    TooLarge,
    /// More decimals than are kept; this, when the comma was meant for thousands.
    Decimals(Option<String>),
    /// More decimals than are kept, in the cell's unit.
    TooFine,
    /// It means this in the notation of programs.
    Foreign(String),
    /// It could be either.
    Ambiguous(String, String),
}

impl Misread {
    /// In words; `behind` is what stood behind the number, without which a reading would be worth something else.
    pub(super) fn told(self, typed: &str, behind: &str, of: &Unit, decimals: u32) -> AmountProblem {
        let wrong = |key| AmountProblem::new(key, typed);
        let whole = |number: String| number + behind;
        match self {
            Self::NotNumber => wrong("reporting-amount-not-number"),
            Self::TooLarge => wrong("reporting-amount-too-large"),
            Self::Decimals(None) => too_many_decimals(typed, decimals),
            Self::Decimals(Some(other)) => {
                too_many_decimals(typed, decimals).with("other", whole(other))
            }
            Self::TooFine => wrong("reporting-amount-too-fine")
                .with("unit", of.name.clone())
                .with("decimals", decimals.to_string()),
            Self::Foreign(one) => wrong("reporting-amount-foreign").with("one", whole(one)),
            Self::Ambiguous(one, other) => wrong("reporting-amount-ambiguous")
                .with("one", whole(one))
                .with("other", whole(other)),
        }
    }
}

/// Digits, and how many of them are decimals.
pub(super) fn read_number(number: &str, negative: bool) -> Result<(i128, u32), Misread> {
    let spoken = |value: Decimal| {
        let digits = value.at_scale(value.decimals()).unwrap_or(0);
        spoken_text(if negative { -digits } else { digits }, value.decimals())
    };
    let (whole, part) = number.split_once(',').unwrap_or((number, ""));
    let plain_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let too_long = part.trim_end_matches('0').len() > DECIMALS_MAX && plain_digits(part);
    let local = Decimal::parse(number, Notation::Vietnamese);
    let plain = Decimal::parse(number, Notation::Plain);
    let grouped = whole.contains(['.', ' ']);
    match (local, plain) {
        (Some(_), _) if too_long => Err(Misread::Decimals(None)),
        // 0.500 is hardly five hundred.
        (Some(thousands), Some(point)) if grouped && number.starts_with('0') => {
            if point == thousands {
                return Err(Misread::NotNumber);
            }
            Err(Misread::Ambiguous(spoken(point), spoken(thousands)))
        }
        (Some(_), None) if grouped && number.starts_with('0') => Err(Misread::NotNumber),
        (Some(value), _) => {
            let digits = value.at_scale(value.decimals()).ok_or(Misread::TooLarge)?;
            Ok((if negative { -digits } else { digits }, value.decimals()))
        }
        (None, _) if too_long && !grouped => Err(Misread::Decimals(None)),
        (None, Some(point)) => Err(match thousands_meant(number) {
            Some(thousands) => {
                let sign = if negative { "-" } else { "" };
                Misread::Ambiguous(spoken(point), format!("{sign}{thousands}"))
            }
            None => Misread::Foreign(spoken(point)),
        }),
        (None, None) if is_huge(number) => Err(Misread::TooLarge),
        (None, None) => Err(Misread::NotNumber),
    }
}

/// What `1.5` or `12.50` would be with its group of three digits filled: 1.500, 12.500. None where the dot is
/// no mark of thousands at all: `1,234.5`, `0.5`.
fn thousands_meant(number: &str) -> Option<String> {
    let (first, rest) = number.split_once('.')?;
    let fits = !number.contains([',', ' ']) && !first.starts_with('0') && first.len() <= 3;
    (fits && rest.len() < 3).then(|| format!("{first}.{rest:0<3}"))
}

/// What `1,234` would be if the comma divided thousands, as in English: 1.234.
fn comma_before_three(number: &str) -> Option<String> {
    let (sign, unsigned) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, part) = unsigned.split_once(',')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = part.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    (fits && digits(whole) && digits(part)).then(|| format!("{sign}{whole}.{part}"))
}

/// Refuses `5,000` and `1,250` where three decimals are not kept, and `1,500 tỷ` where another unit is: nobody
/// writes the zero behind decimals, so the comma may have been meant for thousands.
pub(super) fn comma_is_clear(number: &str, decimals: u32, restated: bool) -> Result<(), Misread> {
    let unusual = number.ends_with('0') && (restated || decimals < 3);
    match comma_before_three(number).filter(|_| unusual) {
        Some(thousands) => {
            let point = number.trim_end_matches('0').trim_end_matches(',').to_owned();
            Err(Misread::Ambiguous(point, thousands))
        }
        None => Ok(()),
    }
}

/// Nothing but digits, more of them than are carried.
fn is_huge(number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0');
    digits.len() == number.len() && significant.len() >= CARRIED_MAX.to_string().len()
}

/// More decimals than are kept. One comma before three digits may have meant thousands.
pub(super) fn too_fine(number: &str, restated: bool) -> Misread {
    if restated { Misread::TooFine } else { Misread::Decimals(comma_before_three(number)) }
}

pub(super) fn too_many_decimals(typed: &str, decimals: u32) -> AmountProblem {
    if decimals == 0 {
        AmountProblem::new("reporting-amount-whole", typed)
    } else {
        AmountProblem::new("reporting-amount-decimals", typed)
            .with("decimals", decimals.to_string())
    }
}
