//! Reads WebM (Matroska) with Opus in it: what browsers record.
//!
//! The elements are walked flat: those that contain what is looked for are stepped into, all
//! others are stepped over. That also reads live recordings, whose clusters have no known size.

use super::AudioProblem;
use super::opus_in::{self, OpusStream};
use super::source::{Defects, Source};

const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63a2;
const CLUSTER: u32 = 0x1f43_b675;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const DISCARD_PADDING: u32 = 0x75a2;

/// `TrackType` of sound.
const AUDIO: u64 = 2;

pub(super) fn open(upload: &[u8]) -> Result<Box<dyn Source + '_>, AudioProblem> {
    let mut walk = Elements { data: upload, at: 0 };
    let mut track = Track::default();
    for Element { id, body } in walk.by_ref() {
        match id {
            TRACK_ENTRY if track.is_sound() => break,
            TRACK_ENTRY => track = Track::default(),
            TRACK_NUMBER => track.number = number(body?),
            TRACK_TYPE => track.kind = number(body?),
            CODEC_ID => track.codec = body?,
            CODEC_PRIVATE => track.private = body?,
            // The sound begins: whatever the track had to say has been said.
            CLUSTER => break,
            _ => {}
        }
    }
    if !track.is_sound() {
        let format = AudioProblem::Unsupported { format: "WebM without sound" };
        return Err(if track.kind == 0 { AudioProblem::Damaged } else { format });
    }
    match track.codec {
        b"A_OPUS" => {}
        b"A_VORBIS" => return Err(AudioProblem::Unsupported { format: "WebM/Vorbis" }),
        _ => return Err(AudioProblem::Unsupported { format: "Matroska" }),
    }
    let stream = OpusStream::open(track.private)?;
    let defects = Defects::default();
    Ok(Box::new(WebmIn { walk, track: track.number, stream, defects }))
}

#[derive(Default)]
struct Track<'a> {
    number: u64,
    kind: u64,
    codec: &'a [u8],
    private: &'a [u8],
}

impl Track<'_> {
    fn is_sound(&self) -> bool {
        self.kind == AUDIO
    }
}

struct WebmIn<'a> {
    walk: Elements<'a>,
    track: u64,
    stream: OpusStream,
    defects: Defects,
}

impl<'a> WebmIn<'a> {
    /// The packet in a block of our track (Matroska, RFC 9559 §10.2).
    fn packet(&self, block: &'a [u8]) -> Result<Option<&'a [u8]>, AudioProblem> {
        let (track, length) = vint(block).ok_or(AudioProblem::Damaged)?;
        if track != Some(self.track) {
            return Ok(None);
        }
        let flags = block.get(length + 2).ok_or(AudioProblem::Damaged)?;
        if flags & 0x06 != 0 {
            return Err(AudioProblem::Unsupported { format: "Matroska with lacing" });
        }
        Ok(block.get(length + 3..))
    }

    fn group(&mut self, group: &'a [u8], mono: &mut Vec<f32>) -> Result<(), AudioProblem> {
        let before = mono.len();
        let mut discard_ns = 0;
        for Element { id, body } in (Elements { data: group, at: 0 }) {
            match id {
                BLOCK => self.block(body?, mono)?,
                DISCARD_PADDING => discard_ns = number(body?),
                _ => {}
            }
        }
        // A negative value, seen here as a huge one, would discard at the beginning: not for Opus.
        let samples = if discard_ns < 1 << 40 { discard_ns * 48 / 1_000_000 } else { 0 };
        let cut = usize::try_from(samples).unwrap_or(usize::MAX).min(mono.len() - before);
        mono.truncate(mono.len() - cut);
        Ok(())
    }

    fn block(&mut self, block: &'a [u8], mono: &mut Vec<f32>) -> Result<(), AudioProblem> {
        if let Some(packet) = self.packet(block)? {
            self.stream.decode(packet, &mut self.defects, mono)?;
        }
        Ok(())
    }
}

impl Source for WebmIn<'_> {
    fn rate(&self) -> u32 {
        opus_in::RATE_HZ
    }

    fn declared_frames(&self) -> Option<u64> {
        None
    }

    fn read(&mut self, mono: &mut Vec<f32>) -> Result<bool, AudioProblem> {
        let Some(Element { id, body }) = self.walk.next() else {
            return Ok(false);
        };
        match (id, body) {
            (SIMPLE_BLOCK, Ok(block)) => self.block(block, mono)?,
            (BLOCK_GROUP, Ok(group)) => self.group(group, mono)?,
            // The file ends inside this element.
            (_, Err(_)) => {
                self.defects.cut_off = true;
                self.walk.at = self.walk.data.len();
            }
            _ => {}
        }
        Ok(true)
    }

    fn defects(&self) -> Defects {
        self.defects
    }
}

struct Element<'a> {
    id: u32,
    /// Empty for what was stepped into.
    body: Result<&'a [u8], AudioProblem>,
}

struct Elements<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let rest = self.data.get(self.at..).filter(|rest| !rest.is_empty())?;
        let id_length = rest[0].leading_zeros() as usize + 1;
        let id = rest.get(..id_length).filter(|_| id_length <= 4);
        let id = id.map(|bytes| bytes.iter().fold(0, |id, byte| id << 8 | u32::from(*byte)));
        let size = rest.get(id_length..).and_then(vint);
        let (Some(id), Some((size, size_length))) = (id, size) else {
            self.at = self.data.len();
            return Some(Element { id: 0, body: Err(AudioProblem::Damaged) });
        };
        let header = id_length + size_length;
        if matches!(id, SEGMENT | TRACKS | TRACK_ENTRY | CLUSTER) {
            self.at += header;
            return Some(Element { id, body: Ok(&[]) });
        }
        let body = size
            .and_then(|size| usize::try_from(size).ok())
            .and_then(|size| rest.get(header..header.checked_add(size)?))
            .ok_or(AudioProblem::Damaged);
        self.at += header + body.as_ref().map_or(rest.len() - header, |body| body.len());
        Some(Element { id, body })
    }
}

/// A number of 1 to 8 bytes that says its own length (RFC 8794 §4); none for "unknown".
fn vint(data: &[u8]) -> Option<(Option<u64>, usize)> {
    let first = *data.first()?;
    let length = first.leading_zeros() as usize + 1;
    let bytes = data.get(..length).filter(|_| length <= 8)?;
    let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let mask = (1u64 << (7 * length)) - 1;
    let value = value & mask;
    Some(((value != mask).then_some(value), length))
}

/// An unsigned number of at most 8 bytes.
fn number(body: &[u8]) -> u64 {
    body.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
}
