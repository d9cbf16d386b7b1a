//! Recordings: any sound people bring becomes mono Ogg/Opus speech at even loudness.
//!
//! Here lie the limits, the problems and the two walks over an upload. The first walk measures
//! length and loudness, the second decodes again and encodes while decoding, so that an hour of
//! speech never lies in memory as samples. What a format looks like inside is told in the rooms
//! below. Where the results are kept, and who may upload, is not told here.

mod kind;
mod limiter;
mod line;
mod loudness;
mod mpeg;
mod ogg_in;
mod ogg_pages;
mod opus_in;
mod opus_out;
mod resample;
mod source;
mod stripped;
mod symphonic;
mod vorbis_setup;
mod webm;

use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};

use thiserror::Error;

use kind::Kind;
use line::Line;
use loudness::Meter;
use opus_out::Voice;
use source::{Defects, Source};

/// Samples per second of everything this module writes.
pub const OUTPUT_RATE_HZ: u32 = 48_000;

/// Rates outside are not speech but broken or malicious headers.
const RATES_HZ: RangeInclusive<u32> = 6_000..=192_000;

/// How an upload is to be transcoded. [`Settings::for_serial`] gives the usual values.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// One file is made for each, in this order. Bits per second.
    pub bitrates_bps: Vec<u32>,
    /// Serial of the first Ogg stream; the following ones count up. Passed in so that the same
    /// upload always gives the same bytes.
    pub serial: u32,
    /// Larger uploads are refused before anything is read.
    pub max_upload_bytes: usize,
    /// Recordings that decode to more than this are refused as soon as that is known.
    pub max_duration_ms: u64,
    /// Integrated loudness to aim at (ITU-R BS.1770-4, one channel), in LUFS.
    pub target_lufs: f64,
}

impl Settings {
    /// Speech at 16 and 24 kbit/s, uploads to 256 MiB and 60 minutes, −16 LUFS.
    pub fn for_serial(serial: u32) -> Self {
        Self {
            bitrates_bps: vec![16_000, 24_000],
            serial,
            max_upload_bytes: 256 << 20,
            max_duration_ms: 60 * 60 * 1000,
            target_lufs: -16.0,
        }
    }
}

/// What is written into the finished files for players to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tags<'a> {
    /// Title as people read it, with its diacritics. Cut after 500 characters.
    pub title: &'a str,
    /// Language spoken, BCP 47 (`vi`, `hmn`, `tyz`).
    pub language: &'a str,
}

/// A recording ready to be heard, once per bit rate asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// In the order of [`Settings::bitrates_bps`].
    pub files: Vec<OpusFile>,
    /// Integrated loudness of the upload in LUFS; none when it is silent.
    pub loudness_lufs: Option<f64>,
    /// Things the editor should hear for themself before approving.
    pub warnings: Vec<Warning>,
}

/// One Ogg/Opus file: mono, 48 kHz, RFC 7845.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpusFile {
    /// The file itself.
    pub bytes: Vec<u8>,
    /// Bit rate it was encoded for, in bits per second.
    pub bitrate_bps: u32,
    /// How long it plays, in milliseconds, rounded to the nearest.
    pub duration_ms: u64,
}

/// The recording could be used, but somebody should listen before it goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// Nothing in it is louder than −70 LUFS.
    Silent,
    /// Some pieces could not be read and are silence now.
    Gaps {
        /// Pieces (codec packets, mostly 20 ms each) that could not be read.
        count: u64,
    },
    /// The file stops without its proper ending: the recorder or the upload may have been cut off.
    CutOff,
}

/// Why an upload did not become a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AudioProblem {
    /// No bytes, or no sound in them.
    #[error("the upload holds no sound")]
    Empty,
    /// More bytes than [`Settings::max_upload_bytes`].
    #[error("the upload is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The bytes are no sound format known by its content.
    #[error("the upload is not a sound recording")]
    NotAudio,
    /// A real sound format, but one that is not read here.
    #[error("{format} cannot be read")]
    Unsupported {
        /// Name of the format as its own makers write it.
        format: &'static str,
    },
    /// A format that is read here, but broken, or shorter than it says.
    #[error("the recording is damaged")]
    Damaged,
    /// Longer than [`Settings::max_duration_ms`].
    #[error("the recording is longer than {limit_ms} ms")]
    TooLong {
        /// The limit.
        limit_ms: u64,
    },
    /// The encoder refused its own settings (a bit rate of 0, for example).
    #[error("the recording could not be encoded")]
    Encoder,
}

/// Turns an upload into speech files.
///
/// Accepts MP3, AAC (M4A, MP4, ADTS), WAV, FLAC, Ogg/Vorbis, Ogg/Opus and WebM/Opus, told apart by
/// content alone. Channels are averaged. Loudness is evened with one gain for the whole recording
/// (measured after ITU-R BS.1770-4 with its gates; at most +24 and −40 dB) and a look-ahead peak
/// limiter at −1.5 dBFS. Decoders run where a panic in them is caught and counts as damage.
///
/// # Errors
/// See [`AudioProblem`].
pub fn transcode(
    upload: &[u8],
    tags: Tags<'_>,
    settings: &Settings,
) -> Result<Spoken, AudioProblem> {
    if upload.is_empty() {
        return Err(AudioProblem::Empty);
    }
    if upload.len() > settings.max_upload_bytes {
        return Err(AudioProblem::TooLarge { limit_bytes: settings.max_upload_bytes });
    }
    // Nothing of what a panicking decoder leaves behind is looked at again.
    catch_unwind(AssertUnwindSafe(|| walk_twice(upload, tags, settings)))
        .unwrap_or(Err(AudioProblem::Damaged))
}

fn walk_twice(upload: &[u8], tags: Tags<'_>, settings: &Settings) -> Result<Spoken, AudioProblem> {
    let kind = kind::of(upload)?;
    let survey = survey(source::open(kind, upload)?, settings)?;
    let files = encode(kind, upload, &survey, tags, settings)?;
    Ok(Spoken { files, loudness_lufs: survey.loudness_lufs, warnings: survey.warnings })
}

/// What the first walk found.
struct Survey {
    frames: u64,
    rate: u32,
    loudness_lufs: Option<f64>,
    warnings: Vec<Warning>,
}

fn survey(mut source: Box<dyn Source + '_>, settings: &Settings) -> Result<Survey, AudioProblem> {
    let rate = source.rate();
    if !RATES_HZ.contains(&rate) {
        return Err(AudioProblem::Damaged);
    }
    let max_frames = settings.max_duration_ms.saturating_mul(u64::from(rate)) / 1000;
    let too_long = AudioProblem::TooLong { limit_ms: settings.max_duration_ms };
    let declared = source.declared_frames();
    if declared.is_some_and(|frames| frames > max_frames) {
        return Err(too_long);
    }
    let mut meter = Meter::new(rate);
    let mut stretch = Vec::new();
    let mut frames = 0u64;
    while source.read(&mut stretch)? {
        frames += stretch.len() as u64;
        if frames > max_frames {
            return Err(too_long);
        }
        meter.push(&stretch);
        stretch.clear();
    }
    if frames == 0 {
        // A file that promises sound and gives none is broken; one that promises none is empty.
        let Defects { gaps, cut_off, .. } = source.defects();
        let promised = declared.is_some_and(|frames| frames > 0) || gaps > 0 || cut_off;
        return Err(if promised { AudioProblem::Damaged } else { AudioProblem::Empty });
    }
    if declared.is_some_and(|declared| is_cut_short(frames, declared, rate)) {
        return Err(AudioProblem::Damaged);
    }
    let loudness_lufs = meter.integrated();
    let defects = source.defects();
    let mut warnings = Vec::new();
    if loudness_lufs.is_none() {
        warnings.push(Warning::Silent);
    }
    if defects.gaps > 0 {
        warnings.push(Warning::Gaps { count: defects.gaps });
    }
    if defects.cut_off {
        warnings.push(Warning::CutOff);
    }
    Ok(Survey { frames, rate, loudness_lufs, warnings })
}

/// Half a second is within what encoders miscount; a fiftieth within what long tags misstate.
fn is_cut_short(frames: u64, declared: u64, rate: u32) -> bool {
    let missing = declared.saturating_sub(frames);
    missing > u64::from(rate / 2) && missing > declared / 50
}

fn encode(
    kind: Kind,
    upload: &[u8],
    survey: &Survey,
    tags: Tags<'_>,
    settings: &Settings,
) -> Result<Vec<OpusFile>, AudioProblem> {
    let rate = u64::from(survey.rate);
    let total = (survey.frames * u64::from(OUTPUT_RATE_HZ) + rate / 2) / rate;
    let mut voices = Vec::with_capacity(settings.bitrates_bps.len());
    let mut serial = settings.serial;
    for bitrate_bps in &settings.bitrates_bps {
        voices.push(Voice::new(*bitrate_bps, serial, survey.rate, tags)?);
        serial = serial.wrapping_add(1);
    }
    let gain = line::gain(survey.loudness_lufs, settings.target_lufs);
    let mut line = Line::new(survey.rate, gain, total, voices)?;
    let mut source = source::open(kind, upload)?;
    let mut stretch = Vec::new();
    while source.read(&mut stretch)? {
        line.push(&stretch)?;
        stretch.clear();
    }
    line.finish()
}
