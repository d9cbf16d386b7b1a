//! The way from decoded samples to the encoders.
//!
//! Holds only what its parts need to look ahead: far less than a second of sound.

use super::limiter::Limiter;
use super::opus_out::Voice;
use super::resample::Resampler;
use super::{AudioProblem, OUTPUT_RATE_HZ, OpusFile};

/// From decoded samples to encoders: resample, raise, limit, and never more than `left` samples.
pub(super) struct Line {
    resampler: Resampler,
    gain: f32,
    limiter: Limiter,
    resampled: Vec<f32>,
    level: Vec<f32>,
    /// Samples the encoders still wait for.
    left: u64,
    total: u64,
    voices: Vec<Voice>,
}

impl Line {
    /// `total` is what the recording comes to at 48 kHz, in samples.
    pub(super) fn new(
        rate: u32,
        gain: f32,
        total: u64,
        voices: Vec<Voice>,
    ) -> Result<Self, AudioProblem> {
        Ok(Self {
            resampler: Resampler::new(rate, OUTPUT_RATE_HZ)?,
            gain,
            limiter: Limiter::new(OUTPUT_RATE_HZ),
            resampled: Vec::new(),
            level: Vec::new(),
            left: total,
            total,
            voices,
        })
    }

    pub(super) fn push(&mut self, stretch: &[f32]) -> Result<(), AudioProblem> {
        self.resampler.push(stretch, &mut self.resampled)?;
        self.pass_on()
    }

    fn pass_on(&mut self) -> Result<(), AudioProblem> {
        for sample in self.resampled.drain(..) {
            if let Some(ready) = self.limiter.step(sample * self.gain) {
                self.level.push(ready);
            }
        }
        let due = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.level.len());
        for voice in &mut self.voices {
            voice.push(&self.level[..due])?;
        }
        self.left -= due as u64;
        self.level.clear();
        Ok(())
    }

    /// Presses out what resampler and limiter still hold; both hold far less than a second.
    pub(super) fn finish(mut self) -> Result<Vec<OpusFile>, AudioProblem> {
        let silence = [0.0; 1024];
        for _ in 0..200 {
            if self.left == 0 {
                break;
            }
            self.push(&silence)?;
        }
        let (total, duration_ms) = (self.total, (self.total + 24) / 48);
        self.voices.into_iter().map(|voice| voice.finish(total, duration_ms)).collect()
    }
}

/// One factor for the whole recording. Silence is left alone: raising it would publish hiss.
pub(super) fn gain(loudness_lufs: Option<f64>, target_lufs: f64) -> f32 {
    let db = loudness_lufs.map_or(0.0, |lufs| (target_lufs - lufs).clamp(-40.0, 24.0));
    #[expect(clippy::cast_possible_truncation, reason = "a factor between 0.01 and 16 fits")]
    let factor = 10f64.powf(db / 20.0) as f32;
    factor
}
