//! How other systems name what is ours: DHIS2's eleven-letter ids, its names of periods and their kinds, and
//! the remark by which a figure's state crosses formats that only know numbers. Pure.

use super::{CellState, Coords, Life, Period, Scheme};

/// DHIS2's combination of no options at all: every DHIS2 has it under this id.
pub const DEFAULT_COMBO: &str = "HllvX50cXC0";
/// DHIS2's combination of no categories.
pub const DEFAULT_CATEGORY_COMBO: &str = "bjDvmb4bfuf";

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Kinds of things with an id of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An area.
    Unit,
    /// A data element.
    Element,
    /// A data set.
    Dataset,
    /// An indicator.
    Indicator,
    /// Coordinates.
    Combo,
    /// The combinations of one data element.
    CategoryCombo,
    /// A dimension.
    Category,
    /// An option of a dimension.
    CategoryOption,
    /// An account.
    User,
    /// A rung of the areas.
    Level,
}

impl Kind {
    const fn code(self) -> &'static str {
        match self {
            Self::Unit => "ou",
            Self::Element => "de",
            Self::Dataset => "ds",
            Self::Indicator => "in",
            Self::Combo => "coc",
            Self::CategoryCombo => "cc",
            Self::Category => "cat",
            Self::CategoryOption => "co",
            Self::User => "user",
            Self::Level => "level",
        }
    }
}

/// The id by which DHIS2 programs know a thing of ours: a letter and ten letters or digits, always the same
/// for the same thing, on every node.
pub fn uid(kind: Kind, id: &str) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("nhipcau 2026 ids for dhis2");
    hasher.update(kind.code().as_bytes());
    hasher.update(&[0]);
    hasher.update(id.as_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    let mut rest = u128::from_le_bytes(bytes);
    let mut take = |many: u128| {
        let at = usize::try_from(rest % many).unwrap_or_default();
        rest /= many;
        char::from(LETTERS[at])
    };
    std::iter::once(take(52)).chain(std::iter::repeat_with(|| take(62)).take(10)).collect()
}

/// True for what can be such an id.
pub fn is_uid(text: &str) -> bool {
    text.len() == 11
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// The id of coordinates: DHIS2's own default for the total.
pub fn combo_uid(coords: &Coords) -> String {
    if coords.is_total() {
        return DEFAULT_COMBO.to_owned();
    }
    uid(Kind::Combo, &coords.text())
}

/// The id of a life, which DHIS2 programs see as an attribute option combination.
pub fn life_uid(life: Life) -> String {
    match life {
        Life::Final => DEFAULT_COMBO.to_owned(),
        Life::Estimate => uid(Kind::Combo, "life=e"),
    }
}

/// The name of a period for other systems: DHIS2's where it has one, else ours.
pub fn period_name(period: &Period) -> String {
    period.dhis2().unwrap_or_else(|| period.id().to_owned())
}

/// The period of a scheme that a text names, by our id, by DHIS2's, or by start and duration (ISO 8601).
pub fn period_of(text: &str, scheme: Scheme) -> Option<Period> {
    if let Some(period) = Period::parse(text) {
        return (period.scheme == scheme).then_some(period);
    }
    if text.contains('/') {
        let campaign = || Period::from_interval(text).filter(|period| period.scheme == scheme);
        return scheme.of_interval(text).or_else(campaign);
    }
    let period = Period::from_dhis2(text)?;
    if period.scheme == scheme {
        return Some(period);
    }
    // A budget year has the name of its calendar year.
    let ours = Period::parse(&format!("{}-{text}", scheme.code()))?;
    (scheme.code() == "budget" && ours.dhis2().as_deref() == Some(text)).then_some(ours)
}

/// What DHIS2 calls the periods of a scheme; the legal and the school periods have names of their own.
pub fn period_type(scheme: &str) -> String {
    match scheme {
        "m" => "Monthly".to_owned(),
        "q" => "Quarterly".to_owned(),
        "h" => "SixMonthly".to_owned(),
        "y" | "budget" => "Yearly".to_owned(),
        "week" => "Weekly".to_owned(),
        "day" => "Daily".to_owned(),
        other => {
            let mut letters = other.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + letters.as_str()
            })
        }
    }
}

/// A figure as formats have it that know a number and a remark. The remark of a figure that is no number
/// begins with a mark, so that it comes back as what it was.
pub fn as_number_and_remark(state: &CellState, decimals: u32) -> (String, String) {
    match state {
        CellState::Value(amount) => (super::amount::plain_amount(*amount, decimals), String::new()),
        CellState::Nil(why) => ("0".to_owned(), format!("{NIL} {why}").trim_end().to_owned()),
        CellState::NoData(why) => (String::new(), format!("{NO_DATA} {why}").trim_end().to_owned()),
    }
}

const NIL: &str = "[nil]";
const NO_DATA: &str = "[no-data]";

/// Reads [`as_number_and_remark`]; `None` for what is no figure.
pub fn from_number_and_remark(value: &str, remark: &str, decimals: u32) -> Option<CellState> {
    let (value, remark) = (value.trim(), remark.trim());
    if let Some(why) = remark.strip_prefix(NO_DATA) {
        return value.is_empty().then(|| CellState::NoData(why.trim().to_owned()));
    }
    let amount = super::amount::read_plain(value, decimals).ok()?;
    match remark.strip_prefix(NIL) {
        Some(why) => (amount == 0).then(|| CellState::Nil(why.trim().to_owned())),
        None => Some(CellState::Value(amount)),
    }
}

/// What stands beside a number and is no mark of another state: a comment in a message, a note of ours.
pub fn beside_a_number(words: &str) -> &str {
    let words = words.trim();
    if words.starts_with(NIL) || words.starts_with(NO_DATA) { "" } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_dhis2s_shape_and_stay_the_same() {
        let codes: Vec<String> =
            (0..3_000).map(|at| uid(Kind::Unit, &format!("{at:05}.2025"))).collect();
        assert!(codes.iter().all(|code| is_uid(code)));
        let distinct: std::collections::BTreeSet<&String> = codes.iter().collect();
        assert_eq!(distinct.len(), codes.len());
        assert_ne!(uid(Kind::Unit, "10.6"), uid(Kind::Element, "10.6"));
        // Programs keep these ids: a change of how they are made loses what they keep.
        assert_eq!(uid(Kind::Unit, "01969.2025"), uid(Kind::Unit, "01969.2025"));
        assert!(is_uid(DEFAULT_COMBO) && !is_uid("1llvX50cXC0") && !is_uid("HllvX50cXC"));
        assert_eq!(combo_uid(&Coords::total()), life_uid(Life::Final));
    }

    #[test]
    fn a_period_is_found_by_each_of_its_names() {
        for scheme in Scheme::known().filter(|scheme| !scheme.is_campaign()) {
            for period in scheme
                .containing(kernel::clock::Day::new(2026, 3, 20).expect("a day"))
                .iter()
                .flat_map(|last| last.last_n(5))
            {
                for name in [period_name(&period), period.id().to_owned(), period.interval()] {
                    assert_eq!(period_of(&name, scheme).as_ref(), Some(&period), "{name}");
                }
            }
        }
        let legal = Scheme::parse("nd09q").expect("a scheme");
        assert_eq!(period_of("2026Q4", legal), None, "the calendar's quarter is another one");
    }

    #[test]
    fn the_state_of_a_figure_survives_a_format_that_only_knows_numbers() {
        let states = [
            CellState::Value(1250),
            CellState::Value(-3),
            CellState::Nil("Không có lớp nào".to_owned()),
            CellState::Nil(String::new()),
            CellState::NoData("Trạm hỏng".to_owned()),
        ];
        for state in states {
            let (value, remark) = as_number_and_remark(&state, 2);
            assert_eq!(from_number_and_remark(&value, &remark, 2), Some(state));
        }
        for (value, remark) in
            [("", ""), ("1,5", ""), ("12 người", ""), ("5", "[nil]"), ("5", "[no-data]")]
        {
            assert_eq!(from_number_and_remark(value, remark, 2), None, "{value} {remark}");
        }
    }
}
