//! Unusual figures: robust statistics of one cell's own past. Median and median absolute deviation, so that a
//! slip of last year does not widen what is usual this year; the same period of earlier years when there are
//! enough of them, because seasons repeat.

use serde::Serialize;

/// A figure of the cell's past, in the element's unit with its decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// The year its period belongs to.
    pub year: i16,
    /// The number of its period within the year, from 1.
    pub number: u16,
    /// The amount.
    pub amount: i64,
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
/// Older figures are left out.
const RECENT_MAX: usize = 12;
/// 3.5 / 0.6745, in thousandths: how many median deviations are still usual (Iglewicz and Hoaglin 1993).
const MEDIAN_DEVIATIONS: i128 = 5_189;
/// 3.5 · 1.253314, in thousandths: the same for mean deviations, when more than half of the figures are equal.
const MEAN_DEVIATIONS: i128 = 4_387;
/// A range reaches at least a tenth of the middle either way: steady figures may move a little.
const LEAST_SHARE: i128 = 10;

impl Typical {
    /// What a cell usually holds in a period, from its past in any order; none when the past is too short.
    /// Figures of the period itself and later ones are left out.
    pub fn of(past: &[Past], year: i16, number: u16) -> Option<Self> {
        let mut before: Vec<Past> =
            past.iter().copied().filter(|one| (one.year, one.number) < (year, number)).collect();
        before.sort_by_key(|one| (one.year, one.number));
        let season: Vec<i64> =
            before.iter().filter(|one| one.number == number).map(|one| one.amount).collect();
        if season.len() >= SEASONS_MIN {
            let skip = season.len().saturating_sub(RECENT_MAX);
            return Self::from_amounts(&season[skip..], Basis::Season(season.len() - skip));
        }
        let skip = before.len().saturating_sub(RECENT_MAX);
        let recent: Vec<i64> = before[skip..].iter().map(|one| one.amount).collect();
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

    /// Quarter after quarter until the end of 2025.
    fn quarters(amounts: &[i64]) -> Vec<Past> {
        let count = i16::try_from(amounts.len()).unwrap();
        let first = 2026 * 4 - count;
        let past = amounts.iter().zip(first..).map(|(amount, at)| Past {
            year: at.div_euclid(4),
            number: u16::try_from(at.rem_euclid(4)).unwrap() + 1,
            amount: *amount,
        });
        past.collect()
    }

    #[test]
    fn a_slip_of_the_past_does_not_widen_what_is_usual() {
        let clean = Typical::of(&quarters(&[170, 180, 190, 175, 185, 178, 182]), 2026, 1).unwrap();
        let slip = Typical::of(&quarters(&[170, 180, 190, 1750, 185, 178, 182]), 2026, 1).unwrap();
        assert!(clean.holds(200) && !clean.holds(1800) && !clean.holds(18));
        assert!(!slip.holds(1750) && slip.high < 240, "{slip:?}");
        assert_eq!(clean.basis, Basis::Recent(7));
    }

    #[test]
    fn seasons_are_compared_with_seasons() {
        let years = [[10, 12, 200, 11], [9, 13, 210, 12], [11, 12, 190, 10]].concat();
        let past = quarters(&years);
        let rains = Typical::of(&past, 2026, 3).unwrap();
        assert_eq!(rains.basis, Basis::Season(3));
        assert!(rains.holds(205) && !rains.holds(12));
        let spring = Typical::of(&past, 2026, 1).unwrap();
        assert!(spring.holds(10) && !spring.holds(200));
    }

    #[test]
    fn a_short_past_says_nothing_and_the_future_is_not_looked_at() {
        assert_eq!(Typical::of(&quarters(&[1, 2, 3]), 2026, 1), None);
        assert_eq!(Typical::of(&quarters(&[1, 2, 3, 4, 5]), 2024, 1), None);
        let zeros = Typical::of(&quarters(&[0, 0, 0, 0, 0]), 2026, 1).unwrap();
        assert_eq!((zeros.low, zeros.high), (0, 0));
    }

    proptest! {
        #[test]
        fn the_middle_is_usual_and_order_does_not_matter(
            amounts in prop::collection::vec(-1000_i64..100_000, 4..20), year in 2020_i16..2027,
        ) {
            let mut past = quarters(&amounts);
            let told = Typical::of(&past, year, 1);
            past.reverse();
            prop_assert_eq!(told, Typical::of(&past, year, 1));
            if let Some(it) = told {
                prop_assert!(2 * it.low <= it.middle_twice && it.middle_twice <= 2 * it.high);
                prop_assert!(it.low >= 0 || amounts.iter().any(|one| *one < 0));
            }
        }

        #[test]
        fn no_amounts_make_it_panic(amounts in prop::collection::vec(any::<i64>(), 0..20)) {
            let _ = Typical::of(&quarters(&amounts), 2026, 1);
        }
    }
}
