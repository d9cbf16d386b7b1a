//! Transport frames: how records and a few short statements travel down, on a wire or on a stick.
//! `[kind][varint length][payload][8-byte check]`, at most 16 KiB in all. The check is keyed: over
//! a session it proves that the frame comes from the hub, on a stick it only finds damage.

use crate::{
    cbor,
    dictionary::{self, Codec},
    history::{Beacon, EpochChange, put_cursor, read_cursor},
    keys::{NodeId, SIGNATURE_LEN},
    record::{Lane, SignedRecord},
    statement::Signed,
    vector::Cursor,
    wire::{Malformed, Reader, put_varint, varint_len},
};
use std::fmt;

mod packing;

pub use packing::{PackGuess, pack};

/// No frame is longer, in bytes, with everything.
pub const FRAME_MOST: usize = 16 * 1024;

/// No frame's payloads are longer in full, in bytes; a bomb stops here.
pub const RAW_MOST: usize = 256 * 1024;

/// Bytes of the check at the end of a frame.
pub const CHECK_LEN: usize = 8;

const KIND_RECORDS: u8 = 1;
const KIND_RESUME: u8 = 2;
const KIND_BEACON: u8 = 3;
const KIND_EPOCH_CHANGE: u8 = 4;
const KIND_GOODBYE: u8 = 5;

/// Keys the check at the end of each frame, so that what a frame claims about *absent* records,
/// which no signature covers, cannot be forged on the way. Printing it prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct FrameKey([u8; 32]);

impl FrameKey {
    /// The key everybody knows, for sticks and caches. Finds damage, proves nothing.
    pub fn open() -> Self {
        Self(blake3::derive_key("nhipcau 2026 frame check without a session", &[]))
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn check(&self, bytes: &[u8]) -> [u8; CHECK_LEN] {
        let hash = blake3::keyed_hash(&self.0, bytes);
        let mut check = [0; CHECK_LEN];
        check.copy_from_slice(&hash.as_bytes()[..CHECK_LEN]);
        check
    }
}

impl fmt::Debug for FrameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FrameKey(secret)")
    }
}

/// Which stretch of a log a records frame covers. The sender vouches that it considered every
/// number in `(after, through]`: what is absent was not meant for this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Whose log.
    pub origin: NodeId,
    /// Which lane of it.
    pub lane: Lane,
    /// Which history of it.
    pub epoch: u32,
    /// The last number before the stretch.
    pub after: u64,
    /// The last number of the stretch.
    pub through: u64,
}

/// Records of one lane, with the stretch of the log they were taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsFrame {
    /// The stretch.
    pub stretch: Stretch,
    /// The signed records in it that are for this node, ascending.
    pub records: Vec<SignedRecord>,
}

/// The end of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goodbye {
    /// More is waiting; the budget ended, not the log. Poll again at once.
    pub more: bool,
    /// The hub's clock in milliseconds since 1970 UTC.
    pub time_ms: u64,
    /// The last report of this node that the hub holds, if any.
    pub ack: Option<Cursor>,
}

/// One frame, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Records.
    Records(RecordsFrame),
    /// The bytes right after this frame continue, at this offset, the frame that was cut.
    Resume {
        /// How many bytes of the cut frame the reader already has.
        offset: usize,
    },
    /// The origin's clock and heads.
    Beacon(Signed<Beacon>),
    /// A history began anew.
    EpochChange(Signed<EpochChange>),
    /// The end.
    Goodbye(Goodbye),
    /// A kind of a later version; skip it.
    Unknown(u8),
}

/// What stands at the start of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Not a whole frame yet.
    Incomplete,
    /// A whole frame, and how many bytes it took.
    Whole(Frame, usize),
}

/// Reads the first frame of `bytes`.
///
/// # Errors
/// If it is damaged, forged, or not a frame. Where the next one begins is then unknown.
pub fn parse(bytes: &[u8], key: &FrameKey) -> Result<Parsed, Malformed> {
    let Some((kind, start, end)) = extent(bytes)? else { return Ok(Parsed::Incomplete) };
    let Some(check) = bytes.get(end..end + CHECK_LEN) else { return Ok(Parsed::Incomplete) };
    if key.check(&bytes[..end]) != check {
        return Err(Malformed);
    }
    let mut payload = Reader::new(&bytes[start..end]);
    let frame = match kind {
        KIND_RECORDS => Frame::Records(RecordsFrame::read(payload)?),
        KIND_RESUME => {
            let offset = payload.varint()?;
            payload.finish()?;
            Frame::Resume { offset: usize::try_from(offset).map_err(|_| Malformed)? }
        }
        KIND_BEACON => Frame::Beacon(Signed::from_bytes(payload.rest())?),
        KIND_EPOCH_CHANGE => Frame::EpochChange(Signed::from_bytes(payload.rest())?),
        KIND_GOODBYE => Frame::Goodbye(Goodbye::read(payload)?),
        _ => Frame::Unknown(kind),
    };
    Ok(Parsed::Whole(frame, end + CHECK_LEN))
}

/// The kind of the frame at the start of `bytes` and where its payload begins and ends, or None
/// if that cannot be told yet.
fn extent(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>, Malformed> {
    let mut reader = Reader::new(bytes);
    let Ok(kind) = reader.byte() else { return Ok(None) };
    let length = match reader.varint() {
        Ok(length) => length,
        // Three bytes spell every length allowed.
        Err(Malformed) if bytes.len() < 4 && bytes[1..].iter().all(|byte| byte & 0x80 != 0) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let start = bytes.len() - reader.rest().len();
    match usize::try_from(length).ok().and_then(|length| length.checked_add(start)) {
        Some(end) if end <= FRAME_MOST - CHECK_LEN => Ok(Some((kind, start, end))),
        _ => Err(Malformed),
    }
}

/// The stretch named at the start of a cut records frame, if enough of it arrived to tell.
pub fn stretch_of_cut(bytes: &[u8]) -> Option<Stretch> {
    let (kind, start, _) = extent(bytes).ok()??;
    if kind != KIND_RECORDS {
        return None;
    }
    let (stretch, _) = read_stretch(&mut Reader::new(&bytes[start..])).ok()?;
    Some(stretch)
}

/// How many of these bytes of a cut frame the sender can continue after: all but the check, which
/// is made anew for each session.
pub fn kept_of_cut(bytes: &[u8]) -> usize {
    match extent(bytes) {
        Ok(Some((_, _, end))) => bytes.len().min(end),
        _ => 0,
    }
}

/// A frame of that kind around any payload, for tests of what readers do with nonsense.
#[doc(hidden)]
pub fn reseal(kind: u8, payload: &[u8], key: &FrameKey) -> Option<Vec<u8>> {
    seal(kind, payload, key)
}

fn seal(kind: u8, payload: &[u8], key: &FrameKey) -> Option<Vec<u8>> {
    let length = 1 + varint_len(payload.len() as u64) + payload.len() + CHECK_LEN;
    if length > FRAME_MOST {
        return None;
    }
    let mut out = Vec::with_capacity(length);
    out.push(kind);
    put_varint(&mut out, payload.len() as u64);
    out.extend_from_slice(payload);
    out.extend_from_slice(&key.check(&out));
    Some(out)
}

impl Frame {
    /// The frame's bytes; None if they would be longer than [`FRAME_MOST`], or hold records of more than
    /// [`RAW_MOST`] bytes: a hundred nearly equal texts compress to a few.
    pub fn encode(&self, key: &FrameKey) -> Option<Vec<u8>> {
        let mut payload = Vec::new();
        let kind = match self {
            Self::Records(records) => {
                let raw: usize = records.records.iter().map(|record| record.payload().len()).sum();
                if raw > RAW_MOST {
                    return None;
                }
                records.put(&mut payload);
                KIND_RECORDS
            }
            Self::Resume { offset } => {
                put_varint(&mut payload, *offset as u64);
                KIND_RESUME
            }
            Self::Beacon(beacon) => {
                payload.extend_from_slice(beacon.as_bytes());
                KIND_BEACON
            }
            Self::EpochChange(change) => {
                payload.extend_from_slice(change.as_bytes());
                KIND_EPOCH_CHANGE
            }
            Self::Goodbye(goodbye) => {
                goodbye.put(&mut payload);
                KIND_GOODBYE
            }
            Self::Unknown(kind) => *kind,
        };
        seal(kind, &payload, key)
    }
}

impl RecordsFrame {
    fn put(&self, out: &mut Vec<u8>) {
        let Stretch { origin, lane, epoch, after, through } = self.stretch;
        let raw: Vec<u8> =
            self.records.iter().flat_map(|record| record.payload().iter().copied()).collect();
        let (codec, small) = dictionary::compress(&raw);
        out.push(lane.number() | codec.number() << 3);
        out.extend_from_slice(origin.as_bytes());
        put_varint(out, epoch.into());
        put_varint(out, after);
        put_varint(out, through.saturating_sub(after));
        put_varint(out, self.records.len() as u64);
        // Signatures are noise; among the text they would only spoil its statistics.
        for record in &self.records {
            out.extend_from_slice(record.signature());
        }
        out.extend_from_slice(&small);
    }

    fn read(mut reader: Reader<'_>) -> Result<Self, Malformed> {
        let (stretch, codec) = read_stretch(&mut reader)?;
        let count = usize::try_from(reader.varint()?).map_err(|_| Malformed)?;
        let signatures = reader.take(count.checked_mul(SIGNATURE_LEN).ok_or(Malformed)?)?;
        let raw = dictionary::expand(codec, reader.rest(), RAW_MOST)?;
        let mut rest = raw.as_slice();
        let mut records = Vec::with_capacity(count);
        for signature in signatures.as_chunks::<SIGNATURE_LEN>().0 {
            let (payload, after) = rest.split_at(cbor::item_len(rest)?);
            records.push(SignedRecord::from_parts(payload, signature).map_err(|_| Malformed)?);
            rest = after;
        }
        if rest.is_empty() { Ok(Self { stretch, records }) } else { Err(Malformed) }
    }
}

fn read_stretch(reader: &mut Reader<'_>) -> Result<(Stretch, Codec), Malformed> {
    let head = reader.byte()?;
    let lane = Lane::from_number(head & 0x07).ok_or(Malformed)?;
    let codec = Codec::from_number(head >> 3).ok_or(Malformed)?;
    let origin = NodeId(reader.array()?);
    let epoch = reader.varint_u32()?;
    let after = reader.varint()?;
    let through = after.checked_add(reader.varint()?).ok_or(Malformed)?;
    Ok((Stretch { origin, lane, epoch, after, through }, codec))
}

impl Goodbye {
    const MORE: u8 = 1;
    const ACK: u8 = 2;

    fn put(&self, out: &mut Vec<u8>) {
        let more = if self.more { Self::MORE } else { 0 };
        let ack = if self.ack.is_some() { Self::ACK } else { 0 };
        out.push(more | ack);
        put_varint(out, self.time_ms);
        if let Some(ack) = self.ack {
            put_cursor(out, ack);
        }
    }

    fn read(mut reader: Reader<'_>) -> Result<Self, Malformed> {
        let flags = reader.byte()?;
        let time_ms = reader.varint()?;
        let ack = if flags & Self::ACK == 0 { None } else { Some(read_cursor(&mut reader)?) };
        // What a later version appends is skipped.
        Ok(Self { more: flags & Self::MORE != 0, time_ms, ack })
    }
}
