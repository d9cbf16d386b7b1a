//! Integrated loudness of one channel after ITU-R BS.1770-4: K-weighting, blocks of 400 ms that
//! overlap by three quarters, a gate at −70 LUFS and one 10 LU below the mean of what is left.
//!
//! Only measures; what to do about it is decided by the caller.

use std::f64::consts::PI;

const ABSOLUTE_GATE_LUFS: f64 = -70.0;

/// Hears a recording from front to end.
pub(super) struct Meter {
    shelf: Biquad,
    high_pass: Biquad,
    /// Samples in a quarter of a block.
    quarter: u32,
    filled: u32,
    sum: f64,
    /// Mean square of each finished quarter: 36,000 numbers for an hour.
    quarters: Vec<f64>,
}

impl Meter {
    pub(super) fn new(rate: u32) -> Self {
        let (shelf, high_pass) = k_weighting(f64::from(rate));
        Self {
            shelf,
            high_pass,
            quarter: (rate / 10).max(1),
            filled: 0,
            sum: 0.0,
            quarters: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, samples: &[f32]) {
        for sample in samples {
            let weighted = self.high_pass.step(self.shelf.step(f64::from(*sample)));
            self.sum += weighted * weighted;
            self.filled += 1;
            if self.filled == self.quarter {
                self.quarters.push(self.sum / f64::from(self.quarter));
                self.sum = 0.0;
                self.filled = 0;
            }
        }
    }

    /// Loudness of all that was heard, in LUFS; none where nothing passes the absolute gate.
    pub(super) fn integrated(&self) -> Option<f64> {
        let blocks = self.blocks();
        let loud: Vec<f64> =
            blocks.into_iter().filter(|energy| lufs(*energy) > ABSOLUTE_GATE_LUFS).collect();
        let relative_gate = lufs(mean(&loud)?) - 10.0;
        let speech: Vec<f64> =
            loud.into_iter().filter(|energy| lufs(*energy) > relative_gate).collect();
        mean(&speech).map(lufs)
    }

    /// Recordings shorter than one block are heard as one short block.
    fn blocks(&self) -> Vec<f64> {
        if self.quarters.len() >= 4 {
            return self.quarters.windows(4).map(|four| four.iter().sum::<f64>() / 4.0).collect();
        }
        let whole = f64::from(self.quarter);
        let sum = self.quarters.iter().map(|energy| energy * whole).sum::<f64>() + self.sum;
        let quarters = u32::try_from(self.quarters.len()).unwrap_or(0);
        let count = f64::from(self.filled + quarters * self.quarter);
        if count > 0.0 { vec![sum / count] } else { Vec::new() }
    }
}

fn lufs(energy: f64) -> f64 {
    -0.691 + 10.0 * energy.log10()
}

fn mean(energies: &[f64]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "36,000 blocks in an hour")]
    let count = energies.len() as f64;
    (!energies.is_empty()).then(|| energies.iter().sum::<f64>() / count)
}

struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    z: [f64; 2],
}

impl Biquad {
    fn step(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.z[0];
        self.z[0] = self.b[1] * x - self.a[0] * y + self.z[1];
        self.z[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// The two filters of BS.1770 for any sample rate, from the analogue prototypes behind the
/// published 48 kHz coefficients.
fn k_weighting(rate: f64) -> (Biquad, Biquad) {
    let k = (PI * 1_681.974_450_955_533 / rate).tan();
    let q = 0.707_175_236_955_419_6;
    let high = 10f64.powf(3.999_843_853_973_347 / 20.0);
    let band = high.powf(0.499_666_774_154_541_6);
    let a0 = 1.0 + k / q + k * k;
    let shelf = Biquad {
        b: [
            (high + band * k / q + k * k) / a0,
            2.0 * (k * k - high) / a0,
            (high - band * k / q + k * k) / a0,
        ],
        a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
        z: [0.0; 2],
    };
    let k = (PI * 38.135_470_876_024_44 / rate).tan();
    let q = 0.500_327_037_323_877_3;
    let a0 = 1.0 + k / q + k * k;
    let high_pass = Biquad {
        b: [1.0, -2.0, 1.0],
        a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
        z: [0.0; 2],
    };
    (shelf, high_pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_possible_truncation, reason = "a sine fits")]
    fn sine(rate: u32, hz: f64, amplitude: f64, seconds: u32) -> Vec<f32> {
        (0..rate * seconds)
            .map(|n| (amplitude * (2.0 * PI * hz * f64::from(n) / f64::from(rate)).sin()) as f32)
            .collect()
    }

    #[test]
    fn full_scale_sine_at_one_kilohertz_reads_three_below_full_scale_at_every_rate() {
        // BS.1770 annex 1: a 0 dBFS, 997 Hz sine on one channel reads −3.01 LKFS.
        for rate in [8_000, 22_050, 44_100, 48_000, 96_000] {
            let mut meter = Meter::new(rate);
            meter.push(&sine(rate, 997.0, 1.0, 3));
            let lufs = meter.integrated().expect("loud enough");
            assert!((lufs + 3.01).abs() < 0.1, "{rate} Hz: {lufs}");
        }
    }

    #[test]
    fn pauses_do_not_count() {
        let mut meter = Meter::new(48_000);
        meter.push(&sine(48_000, 997.0, 0.1, 5));
        let speech = meter.integrated().expect("loud enough");
        meter.push(&vec![0.0; 48_000 * 20]);
        let with_pause = meter.integrated().expect("loud enough");
        assert!((speech - with_pause).abs() < 0.5, "{speech} {with_pause}");
    }

    #[test]
    fn silence_has_no_loudness() {
        let mut meter = Meter::new(48_000);
        meter.push(&vec![0.0; 48_000]);
        assert_eq!(meter.integrated(), None);
        assert_eq!(Meter::new(48_000).integrated(), None);
    }
}
