//! How other systems name periods: DHIS2's ids, and start and duration of ISO 8601 as ADX writes them
//! (`2025-06-15/P1M`). DHIS2 has no name for the legal periods, ISO 8601 has one for each.

use kernel::clock::Day;

use super::{Period, Scheme, compact};

impl Period {
    /// DHIS2's id: `202601`, `2026Q1`, `2026S1`, `2026`, `2026W5`, `20260113`; none for periods it does not
    /// know.
    pub fn dhis2(&self) -> Option<String> {
        let (year, place) = self.scheme.place_in_year(self.number)?;
        match &*self.scheme.code() {
            "m" => Some(format!("{year}{place:02}")),
            "q" => Some(format!("{year}Q{place}")),
            "h" => Some(format!("{year}S{place}")),
            "y" | "budget" => Some(year.to_string()),
            "week" => Some(format!("{year}W{place}")),
            "day" => Some(compact(self.from)),
            _ => None,
        }
    }

    /// Reads DHIS2's id as a period of the calendar.
    pub fn from_dhis2(id: &str) -> Option<Self> {
        if !id.is_ascii() {
            return None;
        }
        let (year, rest) = id.split_at_checked(4)?;
        let our = match (rest.len(), rest.as_bytes().first()) {
            (0, _) => format!("y-{year}"),
            (2, Some(b'Q')) => format!("q-{year}-{}", &rest[1..]),
            (2, Some(b'S')) => format!("h-{year}-{}", &rest[1..]),
            (2 | 3, Some(b'W')) => format!("week-{year}-{:0>2}", &rest[1..]),
            (2, _) => format!("m-{year}-{rest}"),
            (4, _) => format!("day-{year}-{}-{}", &rest[..2], &rest[2..]),
            _ => return None,
        };
        Self::parse(&our)
    }

    /// Start and duration (ISO 8601): `2025-06-15/P1M`. Months are counted in months, weeks and campaigns in
    /// days.
    pub fn interval(&self) -> String {
        let duration = match self.scheme.size() {
            Some(12) => "P1Y".to_owned(),
            Some(months) => format!("P{months}M"),
            None if self.scheme.is_school() || self.scheme.is_budget() => "P1Y".to_owned(),
            None => format!("P{}D", self.days()),
        };
        format!("{}/{duration}", self.from)
    }

    /// The period of any scheme with this start and duration. A year from 1 January is the calendar's; one
    /// day, seven from a Monday, and whole months are those; any other stretch of days is a campaign.
    pub fn from_interval(interval: &str) -> Option<Self> {
        let found = Scheme::known().find_map(|scheme| scheme.of_interval(interval));
        found.or_else(|| {
            let (start, Length::Days(days)) = read(interval)? else { return None };
            Self::campaign(start, start.plus_days(days - 1))
        })
    }
}

impl Scheme {
    /// Its period with this start and duration (ISO 8601), however the duration is spelt: `P1Y` is `P12M`,
    /// `P1W` is `P7D`.
    pub fn of_interval(self, interval: &str) -> Option<Period> {
        let wanted = read(interval)?;
        if self.is_campaign() {
            return None;
        }
        let found = self.containing(wanted.0)?;
        (read(&found.interval())? == wanted).then_some(found)
    }
}

#[derive(PartialEq, Eq)]
enum Length {
    Months(i32),
    Days(i32),
}

fn read(interval: &str) -> Option<(Day, Length)> {
    let (start, duration) = interval.split_once('/')?;
    let start = Day::parse(start).filter(|day| day.iso() == start)?;
    let duration = duration.strip_prefix('P').filter(|rest| rest.is_ascii())?;
    let (count, unit) = duration.split_at_checked(duration.len().checked_sub(1)?)?;
    let digits = (1..=4).contains(&count.len()) && count.bytes().all(|b| b.is_ascii_digit());
    let count: i32 = count.parse().ok().filter(|count| digits && *count > 0)?;
    let length = match unit {
        "Y" => Length::Months(count * 12),
        "M" => Length::Months(count),
        "W" => Length::Days(count * 7),
        "D" => Length::Days(count),
        _ => return None,
    };
    Some((start, length))
}
