//! Keeps peaks under −1.5 dBFS without being heard doing it.
//!
//! Looks 5 ms ahead: the gain is the mean over 5 ms of the least gain any sample of the last 5 ms
//! allowed, let go over some 50 ms. Each of the averaged gains already respects the sample that
//! leaves, so no sample can leave above the ceiling.

use std::collections::VecDeque;

const CEILING: f32 = 0.841_395_1;
const LOOK_AHEAD_MS: u32 = 5;
const RELEASE_MS: f32 = 50.0;

pub(super) struct Limiter {
    window: usize,
    release: f32,
    delay: VecDeque<f32>,
    /// Falling gains still within the window, with the time each was asked for.
    least: VecDeque<(u64, f32)>,
    held: f32,
    recent: VecDeque<f32>,
    recent_sum: f64,
    now: u64,
}

impl Limiter {
    pub(super) fn new(rate: u32) -> Self {
        let window = (rate * LOOK_AHEAD_MS / 1000).max(1) as usize;
        #[expect(clippy::cast_precision_loss, reason = "sample rates are small numbers")]
        let release = 1.0 - (-1000.0 / (RELEASE_MS * rate as f32)).exp();
        Self {
            window,
            release,
            delay: VecDeque::with_capacity(window),
            least: VecDeque::new(),
            held: 1.0,
            recent: VecDeque::with_capacity(window),
            recent_sum: 0.0,
            now: 0,
        }
    }

    /// Takes one sample; gives one back once the look-ahead is full.
    pub(super) fn step(&mut self, sample: f32) -> Option<f32> {
        let allowed = if sample.abs() > CEILING { CEILING / sample.abs() } else { 1.0 };
        while self.least.back().is_some_and(|(_, gain)| *gain >= allowed) {
            self.least.pop_back();
        }
        self.least.push_back((self.now, allowed));
        while self.least.front().is_some_and(|(at, _)| at + self.window as u64 <= self.now) {
            self.least.pop_front();
        }
        let least = self.least.front().map_or(1.0, |(_, gain)| *gain);
        self.held = least.min(self.held + (1.0 - self.held) * self.release);
        self.now += 1;
        self.smooth();
        self.delay.push_back(sample);
        (self.delay.len() == self.window).then(|| self.leave())
    }

    fn smooth(&mut self) {
        self.recent.push_back(self.held);
        self.recent_sum += f64::from(self.held);
        if self.recent.len() > self.window {
            self.recent_sum -= self.recent.pop_front().map_or(0.0, f64::from);
        }
    }

    fn leave(&mut self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a window is some hundred samples")]
        let count = self.recent.len() as f64;
        #[expect(clippy::cast_possible_truncation, reason = "a mean of gains between 0 and 1")]
        let gain = (self.recent_sum / count) as f32;
        // The clamp only takes away rounding.
        self.delay.pop_front().map_or(0.0, |sample| (sample * gain).clamp(-CEILING, CEILING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_above_the_ceiling_and_quiet_sound_is_untouched() {
        let mut limiter = Limiter::new(48_000);
        let input: Vec<f32> = (0..48_000u16)
            .map(|n| {
                let loud = if (20_000..21_000).contains(&n) { 3.0 } else { 0.5 };
                loud * (f32::from(n) * 0.05).sin()
            })
            .collect();
        let output: Vec<f32> = input.iter().filter_map(|sample| limiter.step(*sample)).collect();
        assert_eq!(output.len(), input.len() - 239);
        assert!(output.iter().all(|sample| sample.abs() <= CEILING));
        for (before, after) in input.iter().zip(&output).take(19_000) {
            assert!((before - after).abs() < 1e-4);
        }
        assert!((output[46_000] - input[46_000]).abs() < 0.01, "the gain comes back");
    }
}
