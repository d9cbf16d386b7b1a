//! Time, passed in: instants as milliseconds, calendar days, and how both are said in Vietnamese.
//! Calendar arithmetic is jiff's; Vietnam has kept +07:00 without summer time since 1975.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, civil, tz};
use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A calendar day in Vietnam, stored as `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(civil::Date);

fn vietnam() -> tz::TimeZone {
    tz::TimeZone::fixed(tz::offset(7))
}

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Later (or earlier, when negative) by so many milliseconds.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Later by so many seconds.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The wall clock in Vietnam. Instants outside jiff's range are shown at its edge.
    pub fn civil(self) -> civil::DateTime {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        instant.to_zoned(vietnam()).datetime()
    }

    /// The day in Vietnam.
    pub fn day(self) -> Day {
        Day(self.civil().date())
    }

    /// `14:05 22/11/2026`.
    pub fn short(self) -> String {
        self.civil().strftime("%H:%M %d/%m/%Y").to_string()
    }

    /// `2026-11-22T14:05:09+07:00` (RFC 3339), for `<time datetime>` and APIs.
    pub fn rfc3339(self) -> String {
        self.civil().strftime("%Y-%m-%dT%H:%M:%S+07:00").to_string()
    }
}

impl Day {
    /// The day that never comes: the open end of a validity.
    pub const FOREVER: Day = Day(civil::date(9999, 12, 31));

    /// A day of the calendar; `None` when there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// Reads `2026-11-22` or, as people write it, `22/11/2026`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let date = match text.split('/').collect::<Vec<_>>()[..] {
            [day, month, year] if year.len() == 4 => {
                civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?
            }
            _ if text.len() == 10 => text.parse().ok()?,
            _ => return None,
        };
        (date.year() >= 1).then_some(Self(date))
    }

    /// `2026-11-22`: as stored, and as `<input type=date>` wants it.
    pub fn iso(self) -> String {
        self.0.strftime("%Y-%m-%d").to_string()
    }

    /// `22/11/2026`.
    pub fn short(self) -> String {
        self.0.strftime("%d/%m/%Y").to_string()
    }

    /// `Chủ nhật, ngày 22 tháng 11 năm 2026`.
    pub fn in_words(self) -> String {
        const WEEKDAYS: [&str; 7] =
            ["Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật"];
        let at = self.0.weekday().to_monday_zero_offset().unsigned_abs();
        let (day, month, year) = (self.0.day(), self.0.month(), self.0.year());
        format!("{}, ngày {day} tháng {month} năm {year}", WEEKDAYS[usize::from(at)])
    }

    /// Later by so many days; stays at the calendar's edge.
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(SignedDuration::from_hours(i64::from(days) * 24)))
    }

    /// Midnight in Vietnam at the start of this day.
    pub fn start(self) -> Timestamp {
        let at = self.0.to_zoned(vietnam()).map(|zoned| zoned.timestamp().as_millisecond());
        Timestamp(at.unwrap_or(i64::MAX))
    }

    /// Whole days from `earlier` to here.
    pub fn days_since(self, earlier: Self) -> i32 {
        (self.0 - earlier.0).get_days()
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.iso())
    }
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Learns that the true time is so many milliseconds later than the machine believes: boxes with
    /// an empty clock battery wake up years away. Clocks that cannot be wrong ignore it.
    fn correct(&self, _offset_ms: i64) {}

    /// What the machine itself believes, uncorrected.
    fn uncorrected(&self) -> Timestamp {
        self.now()
    }
}

/// The machine's own clock, with what was learnt about its error. The only place in the product that
/// reads it.
#[derive(Debug, Default)]
pub struct SystemClock {
    offset_ms: AtomicI64,
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.uncorrected().plus_millis(self.offset_ms.load(Ordering::SeqCst))
    }

    fn correct(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::SeqCst);
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one clock that everything is told")]
    fn uncorrected(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(since.map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A clock moved by hand, for tests and simulations.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Stands still at `start` until moved.
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }

    /// Moves forward (or back) by so many milliseconds.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_said_as_vietnamese_papers_say_it() {
        let day = Timestamp::from_millis(1_795_330_800_000).day();
        assert_eq!(day.in_words(), "Chủ nhật, ngày 22 tháng 11 năm 2026");
        assert_eq!(day.short(), "22/11/2026");
        assert_eq!(Day::parse("22/11/2026"), Some(day));
        assert_eq!(Day::parse(&day.iso()), Some(day));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["31/02/2026", "2026-13-01", "", "1/1/26", "0000-01-01", "22-11-2026"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn instants_far_outside_the_calendar_do_not_panic() {
        for millis in [i64::MIN, i64::MAX, 0, -1] {
            let _ = Timestamp::from_millis(millis).short();
            let _ = Timestamp::from_millis(millis).plus_seconds(i64::MAX).day();
        }
    }
}
