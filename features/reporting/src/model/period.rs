//! Periods of reports. A scheme lays periods of one kind over the calendar without gap or overlap: the legal
//! month from the 15th to the 14th beside the calendar's, the school's and the budget's year. A campaign is
//! one stretch of days that its id states. Pure: all calendar arithmetic is [`Day`]'s.
//!
//! Deadlines and working days are in `due`, what people read in `label`, what they write in `said`, how other
//! systems name periods in `exchange`.

mod due;
mod exchange;
mod label;
mod said;
mod scheme;
#[cfg(test)]
mod tests;

use kernel::clock::Day;
use serde::{Deserialize, Serialize};

pub use due::{Due, due, is_possible, working_day};
pub use scheme::Scheme;

/// A period: days counted together.
///
/// Its id is the scheme's code and where in the scheme it stands: `nd09q-2026-4`, `m-2026-03`, `y-2025`,
/// `school-2025` (begun in 2025), `week-2026-05` (ISO 8601), `day-2026-01-13`, and
/// `campaign-20260713-20260725` with the first and the last day. Within a scheme, ids sort as time does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    /// First day.
    pub from: Day,
    /// First day that no longer belongs to it.
    pub until: Day,
    /// What it is a period of.
    pub scheme: Scheme,
    /// Its place in the scheme; 0 for campaigns.
    number: i32,
    id: String,
}

impl Period {
    /// Reads an id; `None` for anything but the one spelling of a period between 1900 and 2999.
    pub fn parse(id: &str) -> Option<Self> {
        let (code, place) = id.split_once('-')?;
        let scheme = Scheme::parse(code)?;
        let found = match scheme.number_at(place) {
            Some(number) => Self::numbered(scheme, number)?,
            None => Self::campaign_at(scheme, place)?,
        };
        (found.id == id).then_some(found)
    }

    /// The campaign from its first to its last day, both counted; `None` when they are the wrong way round.
    pub fn campaign(first: Day, last: Day) -> Option<Self> {
        let (from, until) = (first, last.plus_days(1));
        let id = format!("campaign-{}-{}", compact(first), compact(last));
        let scheme = Scheme::parse("campaign")?;
        let fits = first <= last && scheme::is_year(year(first)) && scheme::is_year(year(last));
        fits.then_some(Self { from, until, scheme, number: 0, id })
    }

    fn campaign_at(scheme: Scheme, place: &str) -> Option<Self> {
        let (first, last) = place.split_once('-').filter(|_| scheme.is_campaign())?;
        Self::campaign(day_of_compact(first)?, day_of_compact(last)?)
    }

    fn numbered(scheme: Scheme, number: i32) -> Option<Self> {
        let place = scheme.place(number)?;
        let (from, until) = (scheme.start(number)?, scheme.start(number.checked_add(1)?)?);
        Some(Self { from, until, scheme, number, id: format!("{}-{place}", scheme.code()) })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The last day that belongs to it.
    pub fn last_day(&self) -> Day {
        self.until.plus_days(-1)
    }

    /// The day after which its figures no longer change by themselves: the last day, except for the budget's
    /// year, whose settlement closes on 31 January of the next one.
    pub fn closes_on(&self) -> Day {
        let later = if self.scheme.is_budget() {
            i16::try_from(self.number + 1).ok().and_then(|next| Day::new(next, 1, 31))
        } else {
            None
        };
        later.unwrap_or_else(|| self.last_day())
    }

    /// How many days it has.
    pub fn days(&self) -> i32 {
        self.until.days_since(self.from)
    }

    /// True when the day belongs to it.
    pub fn contains(&self, day: Day) -> bool {
        self.from <= day && day < self.until
    }

    /// The year it is reported in: that of its name, which for the legal periods and for ISO weeks is not
    /// that of the first day, and for a school year is the one in which it begins.
    pub fn year(&self) -> i32 {
        self.scheme.year_of(self.number).unwrap_or_else(|| year(self.from))
    }

    /// The period after it; none for campaigns and at the calendar's edge.
    pub fn next(&self) -> Option<Self> {
        self.step(1)
    }

    /// The period before it; none for campaigns and at the calendar's edge.
    pub fn previous(&self) -> Option<Self> {
        self.step(-1)
    }

    /// So many periods later, or earlier when negative.
    pub fn step(&self, by: i32) -> Option<Self> {
        Self::numbered(self.scheme, self.number.checked_add(by)?)
    }

    /// *Cùng kỳ năm trước*; none for campaigns, the 29th of February, and a 53rd week after a year without.
    pub fn same_last_year(&self) -> Option<Self> {
        Self::numbered(self.scheme, self.scheme.same_last_year(self.number)?)
    }

    /// So many periods up to and with this one, the oldest first.
    pub fn last_n(&self, count: u16) -> Vec<Self> {
        let mut all: Vec<Self> = (0..i32::from(count)).map_while(|back| self.step(-back)).collect();
        if all.is_empty() && count > 0 {
            all.push(self.clone());
        }
        all.reverse();
        all
    }

    /// *Lũy kế từ đầu năm*: the periods of its year up to and with this one, the oldest first.
    pub fn year_to_date(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        let mut at = self.previous();
        while let Some(before) = at.filter(|before| before.year() == self.year()) {
            at = before.previous();
            all.push(before);
        }
        all.reverse();
        all
    }

    /// The part during which something was valid, which is valid from a day and until (not including)
    /// another; none when it never was. On 1 July 2025 communes succeeded each other within the legal July:
    /// the old ones owe 15 to 30 June, the new ones 1 to 14 July.
    pub fn part(&self, from: Day, until: Day) -> Option<PeriodPart> {
        let (from, until) = (self.from.max(from), self.until.min(until));
        (from < until).then(|| PeriodPart { period: self.clone(), from, until })
    }
}

/// What of a period somebody owes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PeriodPart {
    /// The period.
    pub period: Period,
    /// First day that is owed.
    pub from: Day,
    /// First day that is no longer owed.
    pub until: Day,
}

impl PeriodPart {
    /// True when all of the period is owed.
    pub fn is_whole(&self) -> bool {
        (self.from, self.until) == (self.period.from, self.period.until)
    }

    /// The last day that is owed.
    pub fn last_day(&self) -> Day {
        self.until.plus_days(-1)
    }

    /// How many days it has.
    pub fn days(&self) -> i32 {
        self.until.days_since(self.from)
    }
}

impl Scheme {
    /// The period a day belongs to; none for campaigns, and before 1900 or after 2999.
    pub fn containing(self, day: Day) -> Option<Period> {
        Period::numbered(self, self.number_on(day)?)
    }

    /// Every period that has a day in common with the stretch from a day until (not including) another.
    pub fn between(self, from: Day, until: Day) -> impl Iterator<Item = Period> {
        let first = self.containing(from).filter(|_| from < until);
        std::iter::successors(first, Period::next).take_while(move |period| period.from < until)
    }

    /// The last so many periods that had ended before a day came, the oldest first.
    pub fn ended(self, day: Day, count: u16) -> Vec<Period> {
        let last = self.containing(day).and_then(|now| now.previous());
        last.map_or_else(Vec::new, |last| last.last_n(count))
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(id: String) -> Result<Self, String> {
        Self::parse(&id).ok_or_else(|| format!("{id:?} is no period"))
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.id
    }
}

/// Year, month and day of the month.
fn parts(day: Day) -> (i32, i32, i32) {
    let date = day.start().civil().date();
    (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
}

fn year(day: Day) -> i32 {
    parts(day).0
}

fn day_of(year: i32, month: i32, day: i32) -> Option<Day> {
    Day::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
}

/// `20260113`.
fn compact(day: Day) -> String {
    day.iso().replace('-', "")
}

/// Reads [`compact`].
fn day_of_compact(text: &str) -> Option<Day> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: i32 = text.parse().ok().filter(|_| digits)?;
    day_of(number / 10_000, number / 100 % 100, number % 100)
}
