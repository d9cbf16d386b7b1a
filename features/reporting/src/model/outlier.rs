//! Unusual figures: robust statistics of one cell's own past. Median and median absolute deviation, so that a
//! slip of last year does not widen what is usual this year; the same period of earlier years when there are
//! enough of them, because seasons repeat.

use serde::Serialize;

use super::Period;

/// The earlier periods whose figures say what is usual in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookback {
    periods: Vec<Period>,
    /// Which of them are the same one of earlier years.
    season: Vec<usize>,
    /// Which of them are the ones just before it.
    recent: Vec<usize>,
}

impl Lookback {
    /// Those of a period. A campaign has none.
    pub fn of(period: &Period) -> Self {
        let chain = |before: fn(&Period) -> Option<Period>| -> Vec<Period> {
            std::iter::successors(before(period), before).take(BACK_MOST).collect()
        };
        let (season, recent) = (chain(Period::same_last_year), chain(Period::previous));
        let mut periods: Vec<Period> = season.iter().chain(&recent).cloned().collect();
        periods.sort_by_key(|one| one.from);
        periods.dedup();
        let at = |some: &[Period]| -> Vec<usize> {
            (0..periods.len()).filter(|at| some.contains(&periods[*at])).collect()
        };
        Self { season: at(&season), recent: at(&recent), periods }
    }

    /// All of them, the oldest first.
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }
}

/// What a range rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The same period of so many earlier years.
    Season(usize),
    /// So many periods before this one.
    Recent(usize),
}

/// What a cell usually holds: *thường từ 120 đến 240*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Typical {
    /// From this.
    pub low: i64,
    /// To this, both included.
    pub high: i64,
    /// What lies in the middle, twice, so that it is whole.
    pub middle_twice: i64,
    /// What it rests on.
    pub basis: Basis,
}

/// So many earlier years make a season.
const SEASONS_MIN: usize = 3;
/// Fewer figures than this say nothing.
const RECENT_MIN: usize = 4;
/// So many years back, and so many periods back.
const BACK_MOST: usize = 12;
/// 3.5 / 0.6745, in thousandths: how many median deviations are still usual (Iglewicz and Hoaglin 1993).
const MEDIAN_DEVIATIONS: i128 = 5_189;
/// 3.5 · 1.253314, in thousandths: the same for mean deviations, when more than half of the figures are equal.
const MEAN_DEVIATIONS: i128 = 4_387;
/// A range reaches at least a tenth of the middle either way: steady figures may move a little.
const LEAST_SHARE: i128 = 10;

impl Typical {
    /// What a cell usually holds, from what it held in each period of the lookback; none when that is too little.
    pub fn of(lookback: &Lookback, amounts: &[Option<i64>]) -> Option<Self> {
        let held = |some: &[usize]| -> Vec<i64> {
            some.iter().filter_map(|at| amounts.get(*at).copied().flatten()).collect()
        };
        let season = held(&lookback.season);
        if season.len() >= SEASONS_MIN {
            return Self::from_amounts(&season, Basis::Season(season.len()));
        }
        let recent = held(&lookback.recent);
        let basis = Basis::Recent(recent.len());
        (recent.len() >= RECENT_MIN).then(|| Self::from_amounts(&recent, basis)).flatten()
    }

    fn from_amounts(amounts: &[i64], basis: Basis) -> Option<Self> {
        let middle = median_twice(amounts.iter().map(|one| i128::from(*one)).collect())?;
        let away: Vec<i128> =
            amounts.iter().map(|one| (2 * i128::from(*one) - middle).abs()).collect();
        let (count, sum) = (i128::try_from(away.len()).ok()?, away.iter().sum::<i128>());
        // In 4000ths of a unit from here on.
        let reach = match median_twice(away)? {
            0 => 2 * MEAN_DEVIATIONS * sum / count,
            median => MEDIAN_DEVIATIONS * median,
        };
        let reach = reach.max(2_000 * middle.abs() / LEAST_SHARE);
        let centre = 2_000 * middle;
        let mut low = (centre - reach).div_euclid(4_000);
        let high = -(-(centre + reach)).div_euclid(4_000);
        if amounts.iter().all(|one| *one >= 0) {
            low = low.max(0);
        }
        let whole = |number: i128| i64::try_from(number).ok();
        Some(Self { low: whole(low)?, high: whole(high)?, middle_twice: whole(middle)?, basis })
    }

    /// True for an amount that needs no explanation.
    pub const fn holds(&self, amount: i64) -> bool {
        self.low <= amount && amount <= self.high
    }

    /// The key of its words; they take `$element`, `$now`, `$low`, `$high` and `$count`, and ask for an explanation.
    pub const fn words(&self) -> &'static str {
        match self.basis {
            Basis::Season(_) => "reporting-typical-season",
            Basis::Recent(_) => "reporting-typical-recent",
        }
    }

    /// Whether it is `one` figure or a `range` of them.
    pub const fn span(&self) -> &'static str {
        if self.low == self.high { "one" } else { "range" }
    }

    /// How many figures it rests on.
    pub const fn count(&self) -> usize {
        match self.basis {
            Basis::Season(count) | Basis::Recent(count) => count,
        }
    }
}

/// The median, twice: the mean of two whole numbers need not be whole.
fn median_twice(mut all: Vec<i128>) -> Option<i128> {
    all.sort_unstable();
    let (low, high) = (all.len().checked_sub(1)? / 2, all.len() / 2);
    Some(all.get(low)? + all.get(high)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn period(id: &str) -> Period {
        Period::parse(id).unwrap()
    }

    /// What is usual in a period, when the periods before it held these figures, the oldest first.
    fn usual(id: &str, amounts: &[i64]) -> Option<Typical> {
        let period = period(id);
        let lookback = Lookback::of(&period);
        let held: Vec<(Period, i64)> = std::iter::successors(period.previous(), Period::previous)
            .zip(amounts.iter().rev().copied())
            .collect();
        let at = |one: &Period| held.iter().find(|(period, _)| period == one).map(|held| held.1);
        let all: Vec<Option<i64>> = lookback.periods().iter().map(at).collect();
        Typical::of(&lookback, &all)
    }

    #[test]
    fn a_slip_of_the_past_does_not_widen_what_is_usual() {
        let clean = usual("q-2026-1", &[170, 180, 190, 175, 185, 178, 182]).unwrap();
        let slip = usual("q-2026-1", &[170, 180, 190, 1750, 185, 178, 182]).unwrap();
        assert!(clean.holds(200) && !clean.holds(1800) && !clean.holds(18));
        assert!(!slip.holds(1750) && slip.high < 240, "{slip:?}");
        assert_eq!(clean.basis, Basis::Recent(7));
    }

    #[test]
    fn seasons_are_compared_with_seasons() {
        let years = [[10, 12, 200, 11], [9, 13, 210, 12], [11, 12, 190, 10]].concat();
        let rains = usual("nd09q-2026-3", &[&years[..], &[12, 11]].concat()).unwrap();
        assert_eq!(rains.basis, Basis::Season(3));
        assert!(rains.holds(205) && !rains.holds(12));
        let spring = usual("nd09q-2026-1", &years).unwrap();
        assert!(spring.holds(10) && !spring.holds(200));
        // Months have seasons, too, and days, whose number within the year is no number within a month.
        let months: Vec<i64> = (0..48).map(|at| if at % 12 == 6 { 900 } else { 30 }).collect();
        let january = usual("m-2026-01", &months).unwrap();
        assert_eq!((january.basis, january.holds(900)), (Basis::Season(4), false));
        let days = Lookback::of(&period("day-2026-01-13"));
        assert_eq!((days.season.len(), days.recent.len()), (BACK_MOST, BACK_MOST));
        assert_eq!(days.periods()[0].id(), "day-2014-01-13");
    }

    #[test]
    fn a_short_past_says_nothing() {
        assert_eq!(usual("q-2026-1", &[1, 2, 3]), None);
        let zeros = usual("q-2026-1", &[0, 0, 0, 0, 0]).unwrap();
        assert_eq!((zeros.low, zeros.high), (0, 0));
        assert!(Lookback::of(&period("campaign-20260713-20260725")).periods().is_empty());
    }

    #[test]
    fn years_are_their_own_season() {
        let years = usual("y-2026", &[100, 104, 99]).unwrap();
        assert_eq!(years.basis, Basis::Season(3));
        assert_eq!(Lookback::of(&period("y-2026")).periods().len(), BACK_MOST);
    }

    proptest! {
        #[test]
        fn the_middle_is_usual_and_old_figures_are_not_looked_at(
            amounts in prop::collection::vec(-1000_i64..100_000, 4..20), old in any::<i64>(),
        ) {
            let told = usual("nd09m-2026-04", &amounts).unwrap();
            prop_assert!(2 * told.low <= told.middle_twice && told.middle_twice <= 2 * told.high);
            prop_assert!(told.low >= 0 || amounts.iter().any(|one| *one < 0));
            if amounts.len() >= BACK_MOST {
                let longer = [&[old][..], &amounts].concat();
                prop_assert_eq!(usual("nd09m-2026-04", &longer), Some(told));
            }
        }

        #[test]
        fn no_amounts_make_it_panic(amounts in prop::collection::vec(any::<i64>(), 0..20)) {
            let _ = usual("q-2026-1", &amounts);
        }
    }
}
