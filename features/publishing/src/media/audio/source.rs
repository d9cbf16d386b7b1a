//! What every format looks like from outside: stretches of mono samples, one after another.
//!
//! Also counts what could not be read, and says when that is too much to go on.

use super::AudioProblem;
use super::kind::Kind;
use super::{ogg_in, symphonic, webm};

/// A recording being decoded.
pub(super) trait Source {
    /// Samples per second; stays the same to the end.
    fn rate(&self) -> u32;

    /// Samples the file itself says it holds, where its format says so reliably.
    fn declared_frames(&self) -> Option<u64>;

    /// Appends the next samples, finite and within ±4; `false` when there are no more.
    fn read(&mut self, mono: &mut Vec<f32>) -> Result<bool, AudioProblem>;

    /// What was wrong so far.
    fn defects(&self) -> Defects;
}

/// Damage that a recording was read in spite of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Defects {
    pub(super) gaps: u64,
    pub(super) good: u64,
    pub(super) cut_off: bool,
}

impl Defects {
    /// Notes a piece that could not be read. More than one in twenty, and it is not a recording
    /// anybody should publish; this also ends files made to fail for ever.
    pub(super) fn gap(&mut self) -> Result<(), AudioProblem> {
        self.gaps += 1;
        if self.gaps > 20 + self.good / 20 { Err(AudioProblem::Damaged) } else { Ok(()) }
    }
}

/// Opens an upload as what [`super::kind::of`] found it to be.
pub(super) fn open(kind: Kind, upload: &[u8]) -> Result<Box<dyn Source + '_>, AudioProblem> {
    match kind {
        Kind::Ogg => ogg_in::open(upload),
        Kind::Matroska => webm::open(upload),
        kind => symphonic::open(kind, upload),
    }
}

/// The average of all channels, cleaned of what floating-point files may smuggle in.
pub(super) fn mix_down(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    #[expect(clippy::cast_precision_loss, reason = "channels are few")]
    let share = 1.0 / channels.max(1) as f32;
    mono.extend(interleaved.chunks_exact(channels.max(1)).map(|frame| {
        let sum: f32 =
            frame.iter().map(|s| if s.is_finite() { s.clamp(-4.0, 4.0) } else { 0.0 }).sum();
        sum * share
    }));
}
