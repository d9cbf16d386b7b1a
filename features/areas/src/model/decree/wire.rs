//! A decree as bytes: its table packed for keeping, and the whole in parts small enough for records.

use ciborium::Value;
use kernel::clock::{Day, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Decree, DecreeId, Heading, table::Table};
use crate::model::wire::{decode, encode};

/// The kind of a part of a decree.
pub const DECREE_KIND: u16 = 12;
/// The kind of the word that a decree was undone or confirmed.
pub const STANDING_KIND: u16 = 15;
const VERSION: u8 = 1;

/// The most that a table may unpack to: fifty times that of the reorganisation of 2025.
const UNPACKED_MAX: usize = 32 << 20;
/// Content of one record; beside it stand an id and four numbers.
const PART_BYTES: usize = 14 * 1024;
/// The most parts: more than any table that is accepted here packs to.
const PARTS_MAX: u32 = 1_000;

/// Packs a table for keeping; `None` when it is larger than is kept.
pub fn pack(table: &Table) -> Option<Vec<u8>> {
    let plain = encode(table);
    if plain.len() > UNPACKED_MAX {
        return None;
    }
    let packed = zstd::bulk::compress(&plain, 6).ok()?;
    (packed.len() <= PART_BYTES * (PARTS_MAX as usize - 1)).then_some(packed)
}

/// Unpacks a table; `None` when the bytes are none of ours.
pub fn unpack(packed: &[u8]) -> Option<Table> {
    decode(&zstd::bulk::decompress(packed, UNPACKED_MAX).ok()?)
}

/// Version, citation, decided, effective, recorded, confirmed, name of the file, packed table.
#[derive(Debug, Serialize, Deserialize)]
struct Body(u8, String, Option<Day>, Day, Timestamp, bool, String, Value);

/// Version, decree, round, part, of how many, bytes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Part(u8, DecreeId, u32, u32, u32, Value);

/// Version, decree, round, what was done.
#[derive(Debug, Serialize, Deserialize)]
pub struct Standing(u8, DecreeId, u32, Done);

/// What was done with a decree after it was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// It was taken back.
    Undone,
    /// Somebody has checked it against the instrument.
    Confirmed,
}

/// A decree that arrived whole.
#[derive(Debug)]
pub struct Arrived {
    /// Its words.
    pub heading: Heading,
    /// When the hub recorded it.
    pub recorded_at: Timestamp,
    /// Checked against the instrument.
    pub confirmed: bool,
    /// The packed table.
    pub content: Vec<u8>,
}

/// A decree as bodies of records, each of them a part.
pub fn parts(decree: &Decree, round: u32, content: Vec<u8>) -> Vec<Vec<u8>> {
    let body = encode(&Body(
        VERSION,
        decree.instrument.clone(),
        decree.decided_on,
        decree.effective_on,
        decree.recorded_at,
        decree.confirmed,
        decree.file_name.clone(),
        Value::Bytes(content),
    ));
    let total = u32::try_from(body.chunks(PART_BYTES).len()).unwrap_or(u32::MAX);
    let part = |(bytes, at): (&[u8], u32)| {
        let bytes = Value::Bytes(bytes.to_vec());
        encode(&Part(VERSION, decree.id.clone(), round, at, total, bytes))
    };
    body.chunks(PART_BYTES).zip(0..).map(part).collect()
}

/// The word that a decree was undone or confirmed.
pub fn standing(decree: &DecreeId, round: u32, done: Done) -> Vec<u8> {
    encode(&Standing(VERSION, decree.clone(), round, done))
}

impl Part {
    /// Reads one; `None` when it is none of ours.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let part: Self = decode(bytes)?;
        let fits = part.4 <= PARTS_MAX && part.3 < part.4 && part.2 > 0;
        (fits && DecreeId::parse(part.1.as_str()).is_some() && part.bytes().is_some())
            .then_some(part)
    }

    /// Of which decree.
    pub fn decree(&self) -> &DecreeId {
        &self.1
    }

    /// Which application of it.
    pub fn round(&self) -> u32 {
        self.2
    }

    /// Which part, from 0.
    pub fn part(&self) -> u32 {
        self.3
    }

    /// Of how many.
    pub fn total(&self) -> u32 {
        self.4
    }

    /// Its content.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.5.as_bytes().map(Vec::as_slice)
    }
}

impl Standing {
    /// Reads one; `None` when it is none of ours.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        decode::<Self>(bytes).filter(|standing| DecreeId::parse(standing.1.as_str()).is_some())
    }

    /// Of which decree.
    pub fn decree(&self) -> &DecreeId {
        &self.1
    }

    /// Which application of it.
    pub fn round(&self) -> u32 {
        self.2
    }

    /// What was done.
    pub fn done(&self) -> Done {
        self.3
    }
}

/// A decree from all its parts.
pub fn whole(parts: &[Vec<u8>]) -> Option<Arrived> {
    let Body(_, instrument, decided_on, effective_on, recorded_at, confirmed, file_name, content) =
        decode(&parts.concat())?;
    let heading = Heading { instrument, decided_on, effective_on, file_name };
    Some(Arrived { heading, recorded_at, confirmed, content: content.into_bytes().ok()? })
}
