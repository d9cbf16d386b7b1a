//! Clocks that are wrong by years, and waiting by chance.

use crate::cast::Chance;
use sync::{
    backoff::Backoff,
    clock::{TimeFloor, Trust},
};

const YEAR: u64 = 365 * 24 * 3600 * 1000;
const NOW: u64 = 57 * YEAR;

#[test]
fn a_clock_ten_years_slow_is_judged_by_the_floor() {
    let mut floor = TimeFloor::default();
    assert_eq!(floor.judge(NOW), Trust::Unproven);
    assert!(floor.raise(NOW));
    let slow = NOW - 10 * YEAR;
    assert_eq!(floor.judge(slow), Trust::Behind(10 * YEAR));
    assert_eq!(floor.now(slow), NOW);
    assert!(floor.has_expired(NOW - 1, slow));
    assert!(!floor.has_expired(NOW + 1, slow));
    assert!(!floor.raise(slow), "the floor never falls");
    assert_eq!(TimeFloor::new(floor.as_ms()), floor);
}

#[test]
fn a_clock_ten_years_fast_expires_nothing() {
    let floor = TimeFloor::new(NOW);
    assert_eq!(floor.judge(NOW + 10 * YEAR), Trust::FarAhead(10 * YEAR));
    assert!(!floor.has_expired(NOW + YEAR, NOW + 10 * YEAR));
    assert!(floor.has_expired(NOW, NOW + 10 * YEAR));
    assert_eq!(floor.judge(NOW + YEAR / 4), Trust::Plausible);
    assert!(floor.has_expired(NOW + YEAR / 8, NOW + YEAR / 4));
}

#[test]
fn waits_double_up_to_the_cap_spread_over_their_range_and_start_over_after_success() {
    let mut chance = Chance::new(1);
    let mut backoff = Backoff::new(1000, 600_000);
    for failures in 0..200 {
        assert_eq!(backoff.failures(), failures);
        let limit = 600_000.min(1000_u64.checked_shl(failures).unwrap_or(u64::MAX));
        if failures < 40 {
            assert_eq!(backoff.limit_ms(), limit);
        }
        assert!(backoff.failed(&mut chance) <= 600_000);
    }
    backoff.succeeded();
    assert_eq!(backoff.limit_ms(), 1000);
    let waits: Vec<u64> = (0..1000)
        .map(|_| {
            backoff.succeeded();
            backoff.failed(&mut chance)
        })
        .collect();
    assert!(waits.iter().any(|&wait| wait < 100) && waits.iter().any(|&wait| wait > 900));
}
