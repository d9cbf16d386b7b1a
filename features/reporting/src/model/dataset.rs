//! Data sets (DHIS2's word): what is reported together, by whom, for which periods, and by when.

use kernel::{
    clock::{Day, Timestamp},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::{
    cell::Life,
    element::Mark,
    ids::{DatasetId, ProgrammeNodeId},
    period::{Period, Scheme},
};

/// Who reports a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Xã, phường, đặc khu.
    Commune,
    /// Tỉnh, thành phố.
    Province,
    /// Bộ.
    Ministry,
}

/// What is due on a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueWhat {
    /// The leader's signature.
    Certification,
    /// Handing it to the tier above.
    Submission,
}

/// By when something is due. All of them are configuration: laws state a deadline per tier and change often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum DueRule {
    /// So many days after the period closes (NĐ 09/2019/NĐ-CP Điều 8: at least one working day).
    AfterClose {
        /// Days.
        days: i32,
    },
    /// A day of the year in which the period ends, or so many years later: 10/9 of the year, 25/1 of the next.
    OnDayOfYear {
        /// 0 for the year in which the period ends, 1 for the next.
        years_later: i16,
        /// Month, 1–12.
        month: i8,
        /// Day of the month.
        day: i8,
    },
    /// One day: campaigns.
    On {
        /// The day.
        day: Day,
    },
}

/// A deadline for one tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// Whose.
    pub tier: Tier,
    /// Of which life of the figures.
    #[serde(default)]
    pub life: Life,
    /// What is due.
    pub what: DueWhat,
    /// By when.
    #[serde(flatten)]
    pub due: DueRule,
}

/// That a campaign was ended before its last day. Its days stay what they were: reports are found by them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// By whom, as colleagues know them.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What is reported together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Its code: `bm-03`.
    pub code: DatasetId,
    /// Its title.
    pub title: String,
    /// The code of its period scheme: `nd09q`.
    pub scheme: String,
    /// The tier whose units fill it in.
    pub tier: Tier,
    /// The programme, or the component, it belongs to.
    #[serde(default)]
    pub component: Option<ProgrammeNodeId>,
    /// True when it is reported twice: estimated first, final later.
    #[serde(default)]
    pub estimated: bool,
    /// Deadlines.
    #[serde(default)]
    pub deadlines: Vec<Deadline>,
    /// First day for which it is reported.
    pub from: Day,
    /// First day for which it is no longer reported.
    #[serde(default = "forever")]
    pub until: Day,
    /// The areas whose units report it, as paths; the country when empty.
    #[serde(default)]
    pub areas: Vec<String>,
    /// Who asked for it, and by which instrument.
    #[serde(default)]
    pub basis: String,
    /// How sure we are of it.
    pub mark: Mark,
    /// That it was ended early, a campaign: from then on nobody owes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

fn forever() -> Day {
    Day::FOREVER
}

impl Dataset {
    /// True for a campaign that may still be ended early: it has begun, its last day is not over, nobody ended it.
    pub fn may_end_early(&self, today: Day) -> bool {
        let runs = self.from <= today && today < self.until;
        self.scheme == "campaign" && runs && self.ended.is_none()
    }

    /// True when it is asked of units at, above or below a path: what is asked elsewhere nobody there ever owes.
    pub fn concerns(&self, path: &ScopePath) -> bool {
        let mut asked = self.areas.iter().filter_map(|text| ScopePath::parse(text)).peekable();
        asked.peek().is_none() || asked.any(|one| one.touches(path))
    }

    /// True when it is asked for a period of its scheme: a campaign for its own days, others while they are reported.
    pub fn asks_in(&self, period: &Period) -> bool {
        match self.campaign() {
            Some(own) => own.id() == period.id(),
            None => self.from <= period.from && period.from < self.until,
        }
    }

    /// The one period of a campaign, its own days; none for what is reported again and again.
    pub fn campaign(&self) -> Option<Period> {
        let is_campaign = self.scheme == "campaign";
        is_campaign.then(|| Period::campaign(self.from, self.until.plus_days(-1)))?
    }

    /// The period for which it is asked about on a day: a campaign's own, else the one of its scheme that the day is in.
    pub fn period_on(&self, day: Day) -> Option<Period> {
        self.campaign().or_else(|| Scheme::parse(&self.scheme)?.containing(day))
    }

    /// The lives of its figures, in the order they are reported.
    pub fn lives(&self) -> &'static [Life] {
        if self.estimated { &[Life::Estimate, Life::Final] } else { &[Life::Final] }
    }

    /// The deadline of a tier.
    pub fn deadline(&self, tier: Tier, life: Life, what: DueWhat) -> Option<DueRule> {
        let found =
            self.deadlines.iter().find(|one| (one.tier, one.life, one.what) == (tier, life, what));
        found.map(|one| one.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_asks_for_its_own_days_and_a_form_while_it_is_reported() {
        let day = |text: &str| Day::parse(text).expect("a day");
        let period = |id: &str| Period::parse(id).expect("a period");
        let mut one = crate::reference::shipped().datasets.first().expect("a data set").clone();
        (one.scheme, one.from, one.until) = ("y".into(), day("2025-07-01"), day("2027-01-01"));
        let years = ["y-2025", "y-2026", "y-2027"].map(|id| one.asks_in(&period(id)));
        assert_eq!(years, [false, true, false]);
        (one.scheme, one.from, one.until) =
            ("campaign".into(), day("2026-11-22"), day("2026-12-05"));
        let own = ["campaign-20261122-20261204", "campaign-20261122-20261203"];
        assert_eq!(own.map(|id| one.asks_in(&period(id))), [true, false]);
    }

    #[test]
    fn a_data_set_concerns_whoever_it_is_asked_of_and_who_adds_them_up() {
        let path = |text: &str| ScopePath::parse(text).expect("a path");
        let mut one = crate::reference::shipped().datasets.first().expect("a data set").clone();
        one.areas = Vec::new();
        assert!(one.concerns(&path("/vn/01.2025/")), "the country");
        one.areas = vec!["/vn/19.2025/01969.2025/".into(), "/vn/44.2025/".into()];
        for (place, concerns) in [
            ("/vn/", true),
            ("/vn/19.2025/", true),
            ("/vn/19.2025/01969.2025/", true),
            ("/vn/44.2025/19429.2025/", true),
            ("/vn/19.2025/01942.2025/", false),
            ("/vn/01.2025/", false),
        ] {
            assert_eq!(one.concerns(&path(place)), concerns, "{place}");
        }
    }
}
