//! How long a road waits after it stumbled: longer each time, unless the other road finds the line open. What a road
//! does on the line is in `listen` and `bulk`; who is called when, in `road`.

use std::time::Duration;

use kernel::chance::Chance;
use sync::backoff::Backoff;
use tokio::time::sleep;

use super::road::{Calls, Stumble, Walker};

/// The longest wait, in milliseconds.
const WAIT_MOST: u64 = 60_000;

/// The waits of one road. Two grow: before a try of its own, and after a call, as long as one call follows another. So a
/// line that lets one road through and never the other costs a few tries more per wait, not one per call.
pub struct Patience {
    chance: Chance,
    /// No wait is shorter, whoever calls or nudges.
    floor_ms: u64,
    /// No wait that nobody ends is shorter.
    alone_least_ms: u64,
    tries: Backoff,
    calls: Backoff,
}

impl Patience {
    pub fn new(walker: &Walker, floor_ms: u64) -> Self {
        Self {
            chance: walker.app.chance().clone(),
            floor_ms,
            alone_least_ms: walker.alone_least_ms,
            tries: Backoff::new(1_000, WAIT_MOST),
            calls: Backoff::new(floor_ms, WAIT_MOST),
        }
    }

    /// It worked.
    pub const fn succeeded(&mut self) {
        self.tries.succeeded();
        self.calls.succeeded();
    }

    /// It failed again: how many milliseconds to wait when nobody ends the wait.
    pub fn failed(&mut self) -> u64 {
        let wait_ms = self.tries.failed(&mut self.chance.rng());
        wait_ms.max(self.floor_ms).max(self.alone_least_ms)
    }

    /// How often it failed in a row.
    pub const fn failures(&self) -> u32 {
        self.tries.failures()
    }

    /// Waits so long, or until soon after it was `nudged`, or soon after a call that `called` has not seen: one that came
    /// during the try that failed counts.
    pub async fn wait(
        &mut self,
        wait_ms: u64,
        stumble: &Stumble,
        called: &mut Calls,
        nudged: impl Future<Output = ()>,
    ) {
        let after_nudge = self.floor_ms + self.chance.below(self.floor_ms);
        let soon_after_nudge = async {
            nudged.await;
            sleep(Duration::from_millis(after_nudge)).await;
        };
        tokio::select! {
            () = sleep(Duration::from_millis(wait_ms)) => self.calls.succeeded(),
            () = soon_after_nudge => {}
            () = self.soon_after_call(called), if stumble.is_of_the_line() => {}
        }
    }

    async fn soon_after_call(&mut self, called: &mut Calls) {
        called.heard().await;
        sleep(Duration::from_millis(self.called())).await;
    }

    /// The other road called: how many milliseconds to wait still.
    fn called(&mut self) -> u64 {
        self.floor_ms + self.calls.failed(&mut self.chance.rng())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::{super::road::Caller, *};
    use crate::transport::RoadFault;

    fn patience(floor_ms: u64) -> Patience {
        Patience {
            chance: Chance::seeded(7),
            floor_ms,
            alone_least_ms: 0,
            tries: Backoff::new(1_000, WAIT_MOST),
            calls: Backoff::new(floor_ms, WAIT_MOST),
        }
    }

    fn lost() -> Stumble {
        Stumble::Road(RoadFault::Silent)
    }

    /// Whether a wait of an hour is over as soon as it begins.
    async fn is_over(
        floor_ms: u64,
        stumble: &Stumble,
        called: &mut Calls,
        nudged: impl Future<Output = ()>,
    ) -> bool {
        let mut patience = patience(floor_ms);
        let waits = patience.wait(3_600_000, stumble, called, nudged);
        tokio::pin!(waits);
        waits.as_mut().now_or_never().is_some() || {
            // Once round, so that the timer has seen a wait of no length.
            sleep(Duration::from_millis(5)).await;
            waits.now_or_never().is_some()
        }
    }

    /// The same when the other road called before it began.
    async fn is_over_after_a_call(floor_ms: u64, stumble: Stumble) -> bool {
        let other = Caller::default();
        let mut called = other.calls();
        other.call();
        is_over(floor_ms, &stumble, &mut called, std::future::pending()).await
    }

    #[tokio::test]
    async fn a_call_ends_a_wait_but_never_before_the_floor() {
        assert!(is_over_after_a_call(0, lost()).await, "it hears a call from before the wait");
        assert!(!is_over_after_a_call(1_800_000, lost()).await, "it waits the floor");
    }

    #[tokio::test]
    async fn a_nudge_ends_a_wait_but_never_before_the_floor() {
        let other = Caller::default();
        let mut called = other.calls();
        let refused = Stumble::Refused;
        assert!(is_over(0, &refused, &mut called, std::future::ready(())).await);
        assert!(!is_over(1_800_000, &refused, &mut called, std::future::ready(())).await);
    }

    #[tokio::test]
    async fn whoever_was_refused_or_has_a_full_disk_is_not_helped_by_an_open_line() {
        assert!(!is_over_after_a_call(0, Stumble::Refused).await);
        assert!(!is_over_after_a_call(0, Stumble::Status(403)).await);
        let full = kernel::problem::Failure::from(&kernel::problem::NO_SPACE);
        assert!(!is_over_after_a_call(0, Stumble::Own(full)).await);
    }

    /// The waits before each try of an hour in which every call comes at once and no try works.
    fn hour_of_calls(patience: &mut Patience) -> Vec<u64> {
        let (mut waits, mut passed) = (Vec::new(), 0);
        while passed < 3_600_000 {
            let (alone, called) = (patience.failed(), patience.called());
            if alone < called {
                patience.calls.succeeded();
            }
            waits.push(alone.min(called));
            passed += alone.min(called);
        }
        waits
    }

    #[test]
    fn calls_that_never_help_do_not_make_a_road_spin() {
        let waits = hour_of_calls(&mut patience(200));
        assert!(waits.iter().all(|wait| *wait >= 200), "{waits:?}");
        assert!(waits.len() < 900, "about a hundred by itself; {} when called", waits.len());
    }

    #[test]
    fn after_a_long_silence_the_first_call_is_followed_soon() {
        let mut patience = patience(200);
        hour_of_calls(&mut patience);
        patience.calls.succeeded();
        assert!((200..=400).contains(&patience.called()));
    }
}
