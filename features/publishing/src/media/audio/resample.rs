//! From whatever rate a recording has to 48 kHz, stretch by stretch, keeping its exact length.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{
    Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters,
    SincInterpolationType, WindowFunction,
};

use super::AudioProblem;

const CHUNK: usize = 1024;

/// Passes samples through where the rates are equal, and resamples with a windowed sinc elsewhere.
pub(super) struct Resampler {
    inner: Option<Inner>,
}

struct Inner {
    sinc: Async<f32>,
    waiting: Vec<f32>,
    made: Vec<f32>,
    /// Samples at the front that are the filter filling up, not sound.
    skip: usize,
}

impl Resampler {
    pub(super) fn new(from: u32, to: u32) -> Result<Self, AudioProblem> {
        if from == to {
            return Ok(Self { inner: None });
        }
        let parameters = SincInterpolationParameters {
            sinc_len: 128,
            f_cutoff: None,
            oversampling_factor: 128,
            interpolation: SincInterpolationType::Cubic,
            window: WindowFunction::BlackmanHarris2,
        };
        let ratio = f64::from(to) / f64::from(from);
        let sinc = Async::new_sinc(ratio, 1.0, &parameters, CHUNK, 1, FixedAsync::Input)
            .map_err(|_| AudioProblem::Damaged)?;
        let made = vec![0.0; sinc.output_frames_max()];
        let skip = sinc.output_delay();
        Ok(Self { inner: Some(Inner { sinc, waiting: Vec::new(), made, skip }) })
    }

    /// Appends to `out` what can be made from the samples so far.
    pub(super) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), AudioProblem> {
        let Some(inner) = &mut self.inner else {
            out.extend_from_slice(samples);
            return Ok(());
        };
        inner.waiting.extend_from_slice(samples);
        let whole = inner.waiting.len() / CHUNK * CHUNK;
        for start in (0..whole).step_by(CHUNK) {
            let made = inner.chunk(start)?;
            let skipped = inner.skip.min(made);
            inner.skip -= skipped;
            out.extend_from_slice(&inner.made[skipped..made]);
        }
        inner.waiting.drain(..whole);
        Ok(())
    }
}

impl Inner {
    fn chunk(&mut self, start: usize) -> Result<usize, AudioProblem> {
        let samples = &self.waiting[start..start + CHUNK];
        let input = SequentialSlice::new(samples, 1, CHUNK).map_err(|_| AudioProblem::Damaged)?;
        let room = self.made.len();
        let mut output =
            SequentialSlice::new_mut(&mut self.made, 1, room).map_err(|_| AudioProblem::Damaged)?;
        self.sinc
            .process_into_buffer(&input, &mut output, None::<&Indexing>)
            .map(|(_, made)| made)
            .map_err(|_| AudioProblem::Damaged)
    }
}
