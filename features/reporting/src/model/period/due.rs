//! By when something about a period is due, and what becomes of a deadline on a day nobody works.

use kernel::clock::Day;
use serde::Serialize;

use super::{Period, day_of, year};
use crate::model::dataset::DueRule;

/// A deadline as it is stated and as it works out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Due {
    /// The day the rule states.
    pub stated: Day,
    /// That day, or the next on which people work: a time limit that ends on a weekend or a holiday ends
    /// with the next working day (Bộ luật Dân sự 2015, Điều 148 khoản 5).
    pub working: Day,
}

impl Due {
    /// Both days of a rule.
    pub fn of(rule: DueRule, period: &Period, holidays: &[Day]) -> Self {
        let stated = due(rule, period);
        Self { stated, working: working_day(stated, holidays) }
    }
}

/// The day a rule states. A 29th of February becomes the 28th in years that have none, as does any other day
/// that its month lacks; see [`is_possible`].
pub fn due(rule: DueRule, period: &Period) -> Day {
    match rule {
        DueRule::AfterClose { days } => period.closes_on().plus_days(days),
        DueRule::OnDayOfYear { years_later, month, day } => {
            let year = year(period.last_day()) + i32::from(years_later);
            let month = i32::from(month).clamp(1, 12);
            let found =
                (1..=i32::from(day).clamp(1, 31)).rev().find_map(|d| day_of(year, month, d));
            found.unwrap_or(Day::FOREVER)
        }
        DueRule::On { day } => day,
    }
}

/// True for rules that state a day of the calendar; to be asked before a rule is kept.
pub fn is_possible(rule: DueRule) -> bool {
    match rule {
        DueRule::AfterClose { days } => (0..=3_660).contains(&days),
        // 2024 is a leap year: the 29th of February is a day that may be stated.
        DueRule::OnDayOfYear { years_later, month, day } => {
            (0..=10).contains(&years_later) && Day::new(2024, month, day).is_some()
        }
        DueRule::On { .. } => true,
    }
}

/// The day itself, or the next that is neither Saturday, Sunday nor one of the holidays.
pub fn working_day(day: Day, holidays: &[Day]) -> Day {
    let is_free = |day: &Day| {
        let weekday = day.start().civil().date().weekday().to_monday_zero_offset();
        weekday >= 5 || holidays.contains(day)
    };
    // After all holidays, two days of a weekend are the most that can follow.
    let most = i32::try_from(holidays.len()).unwrap_or(i32::MAX / 4).saturating_mul(3) + 3;
    (0..most).map(|later| day.plus_days(later)).find(|day| !is_free(day)).unwrap_or(day)
}
