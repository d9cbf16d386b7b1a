//! Schemes: how periods of one kind lie on the calendar. A scheme counts its periods, and knows where the
//! n-th begins; that the next begins where one ends is so by construction.

use std::borrow::Cow;

use kernel::clock::Day;
use serde::{Deserialize, Serialize};

use super::{day_of, parts, year};

/// A scheme, by its code:
///
/// * `nd09m nd09q nd09h nd09y`: month, quarter, half-year and year as figures are closed for the State's
///   reports (NĐ 09/2019/NĐ-CP Điều 12): from the 15th of the month before to the 14th of the last month;
/// * `m q h y`: the calendar's;
/// * `school`: from 1 September to 31 August; `school0905` from 5 September, and so on;
/// * `budget`: the calendar year, closed on 31 January of the next;
/// * `week`: Monday to Sunday, numbered as in ISO 8601; `day`;
/// * `campaign`: days that are stated one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scheme(Shape);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shape {
    /// So many months each, a divisor of twelve.
    Months {
        size: i32,
        legal: bool,
    },
    School {
        month: i32,
        day: i32,
    },
    Budget,
    Week,
    Day,
    Campaign,
}

const fn months(size: i32, legal: bool) -> Scheme {
    Scheme(Shape::Months { size, legal })
}

/// Code, scheme and the key of its name.
const KNOWN: [(&str, Scheme, &str); 13] = [
    ("nd09m", months(1, true), "reporting-scheme-nd09m"),
    ("nd09q", months(3, true), "reporting-scheme-nd09q"),
    ("nd09h", months(6, true), "reporting-scheme-nd09h"),
    ("nd09y", months(12, true), "reporting-scheme-nd09y"),
    ("m", months(1, false), "reporting-scheme-m"),
    ("q", months(3, false), "reporting-scheme-q"),
    ("h", months(6, false), "reporting-scheme-h"),
    ("y", months(12, false), "reporting-scheme-y"),
    ("school", Scheme(Shape::School { month: 9, day: 1 }), "reporting-scheme-school"),
    ("budget", Scheme(Shape::Budget), "reporting-scheme-budget"),
    ("week", Scheme(Shape::Week), "reporting-scheme-week"),
    ("day", Scheme(Shape::Day), "reporting-scheme-day"),
    ("campaign", Scheme(Shape::Campaign), "reporting-scheme-campaign"),
];

/// The day of the month on which the legal periods begin.
const LEGAL_DAY: i32 = 15;

/// Years for which there are periods.
pub(super) fn is_year(year: i32) -> bool {
    (1900..=2999).contains(&year)
}

/// Monday 1 January 1900: weeks and days are counted from here.
fn epoch() -> Day {
    Day::new(1900, 1, 1).expect("the first of January exists")
}

impl Scheme {
    /// By its code.
    pub fn parse(code: &str) -> Option<Self> {
        let known = KNOWN.iter().find(|known| known.0 == code).map(|known| known.1);
        known.or_else(|| {
            let start = code.strip_prefix("school").filter(|start| start.len() == 4)?;
            let number: i32 =
                start.bytes().all(|b| b.is_ascii_digit()).then(|| start.parse())?.ok()?;
            let (month, day) = (number / 100, number % 100);
            // 2025 is no leap year: a school year begins on a day that every year has.
            day_of(2025, month, day)?;
            let scheme = Self(Shape::School { month, day });
            (scheme.code() == code).then_some(scheme)
        })
    }

    /// Those with a fixed code, in the order to choose from.
    pub fn known() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|known| known.1)
    }

    /// Its code.
    pub fn code(self) -> Cow<'static, str> {
        match (KNOWN.iter().find(|known| known.1 == self), self.0) {
            (Some(known), _) => Cow::Borrowed(known.0),
            (None, Shape::School { month, day }) => Cow::Owned(format!("school{month:02}{day:02}")),
            // Every other shape stands in the table.
            (None, _) => Cow::Borrowed(""),
        }
    }

    /// The key of its name in the locales.
    pub fn name(self) -> &'static str {
        let known = KNOWN.iter().find(|known| known.1 == self);
        known.map_or("reporting-scheme-school", |known| known.2)
    }

    /// True for the scheme whose periods are stated one by one.
    pub fn is_campaign(self) -> bool {
        self.0 == Shape::Campaign
    }

    /// True for the windows of NĐ 09/2019/NĐ-CP Điều 12.
    pub fn is_legal(self) -> bool {
        matches!(self.0, Shape::Months { legal: true, .. })
    }

    pub(super) fn is_budget(self) -> bool {
        self.0 == Shape::Budget
    }

    pub(super) fn is_week(self) -> bool {
        self.0 == Shape::Week
    }

    pub(super) fn is_day(self) -> bool {
        self.0 == Shape::Day
    }

    pub(super) fn is_school(self) -> bool {
        matches!(self.0, Shape::School { .. })
    }

    /// How many months its periods have, where that is what they are made of.
    pub(super) fn size(self) -> Option<i32> {
        match self.0 {
            Shape::Months { size, .. } => Some(size),
            _ => None,
        }
    }

    /// The first day of the n-th period.
    pub(super) fn start(self, number: i32) -> Option<Day> {
        match self.0 {
            Shape::Months { size, legal } => {
                let first = number.checked_mul(size)?;
                let (month, day) = if legal { (first - 1, LEGAL_DAY) } else { (first, 1) };
                day_of(month.div_euclid(12), month.rem_euclid(12) + 1, day)
            }
            Shape::School { month, day } => day_of(number, month, day),
            Shape::Budget => day_of(number, 1, 1),
            Shape::Week => Some(epoch().plus_days(number.checked_mul(7)?)),
            Shape::Day => Some(epoch().plus_days(number)),
            Shape::Campaign => None,
        }
    }

    /// Which period a day belongs to.
    pub(super) fn number_on(self, on: Day) -> Option<i32> {
        let (year, month, day) = parts(on);
        match self.0 {
            Shape::Months { size, legal } => {
                let later = i32::from(legal && day >= LEGAL_DAY);
                Some((year * 12 + month - 1 + later).div_euclid(size))
            }
            Shape::School { month: first, day: on } => {
                Some(if (month, day) >= (first, on) { year } else { year - 1 })
            }
            Shape::Budget => Some(year),
            Shape::Week => Some(on.days_since(epoch()).div_euclid(7)),
            Shape::Day => Some(on.days_since(epoch())),
            Shape::Campaign => None,
        }
    }

    /// The year in the name of the n-th period, and its place in that year counted from 1.
    pub(super) fn place_in_year(self, number: i32) -> Option<(i32, i32)> {
        match self.0 {
            Shape::Months { size, .. } => {
                Some((number.div_euclid(12 / size), number.rem_euclid(12 / size) + 1))
            }
            Shape::School { .. } | Shape::Budget => Some((number, 1)),
            Shape::Week => {
                let week = self.start(number)?.start().civil().date().iso_week_date();
                Some((i32::from(week.year()), i32::from(week.week())))
            }
            Shape::Day => {
                let on = self.start(number)?;
                Some((year(on), on.days_since(day_of(year(on), 1, 1)?) + 1))
            }
            Shape::Campaign => None,
        }
    }

    pub(super) fn year_of(self, number: i32) -> Option<i32> {
        self.place_in_year(number).map(|at| at.0)
    }

    /// What the id of the n-th period says after the scheme's code; none outside the years that have periods.
    pub(super) fn place(self, number: i32) -> Option<String> {
        let (year, place) = self.place_in_year(number).filter(|at| is_year(at.0))?;
        match self.0 {
            Shape::Months { size: 12, .. } | Shape::School { .. } | Shape::Budget => {
                Some(year.to_string())
            }
            Shape::Months { size: 1, .. } | Shape::Week => Some(format!("{year}-{place:02}")),
            Shape::Months { .. } => Some(format!("{year}-{place}")),
            Shape::Day => self.start(number).map(Day::iso),
            Shape::Campaign => None,
        }
    }

    /// Which period an id means; whether it is spelt as [`Scheme::place`] spells it is the caller's to see.
    pub(super) fn number_at(self, place: &str) -> Option<i32> {
        if self.0 == Shape::Day {
            return self.number_on(Day::parse(place)?);
        }
        let (year, place) = place.split_once('-').unwrap_or((place, "1"));
        let (year, place): (i32, i32) = (year.parse().ok()?, place.parse().ok()?);
        let fits = is_year(year) && (1..=53).contains(&place);
        self.number_of(year, place).filter(|_| fits)
    }

    /// The period with this place in a year, or one that is called otherwise when the year has none such.
    pub(super) fn number_of(self, year: i32, place: i32) -> Option<i32> {
        match self.0 {
            Shape::Months { size, .. } => Some(year * (12 / size) + place - 1),
            Shape::School { .. } | Shape::Budget => Some(year),
            // The first week is the one with the 4th of January (ISO 8601).
            Shape::Week => Some(self.number_on(day_of(year, 1, 4)?)? + place - 1),
            Shape::Day | Shape::Campaign => None,
        }
    }

    /// The period of the same name a year before.
    pub(super) fn same_last_year(self, number: i32) -> Option<i32> {
        if self.0 == Shape::Day {
            let (year, month, day) = parts(self.start(number)?);
            return self.number_on(day_of(year - 1, month, day)?);
        }
        let (year, place) = self.place_in_year(number)?;
        let before = self.number_of(year - 1, place)?;
        (self.place_in_year(before)? == (year - 1, place)).then_some(before)
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code())
    }
}

impl TryFrom<String> for Scheme {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        Self::parse(&code).ok_or_else(|| format!("{code:?} is no scheme of periods"))
    }
}

impl From<Scheme> for String {
    fn from(scheme: Scheme) -> Self {
        scheme.code().into_owned()
    }
}
