//! What a node has: for every origin and lane, how far it has read. The whole vector goes along
//! with every poll, because spelling it costs less than agreeing on a digest of it.

use crate::{
    keys::NodeId,
    record::Lane,
    wire::{Malformed, Reader, put_varint, unzigzag, zigzag},
};
use std::collections::BTreeMap;

/// More origins than a country has provinces; a longer vector is refused.
const ORIGINS_MOST: u64 = 256;

/// A place in one lane of one origin: everything up to and including it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cursor {
    /// The history; a later one has a larger number.
    pub epoch: u32,
    /// The last sequence number in that history; zero before the first.
    pub seq: u64,
}

impl Cursor {
    /// The place after record `seq` of `epoch`.
    pub const fn new(epoch: u32, seq: u64) -> Self {
        Self { epoch, seq }
    }
}

/// How far each lane of each origin was read. A lane never read is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateVector {
    cursors: BTreeMap<(NodeId, Lane), Cursor>,
}

impl StateVector {
    /// How far that lane was read, if at all.
    pub fn get(&self, origin: NodeId, lane: Lane) -> Option<Cursor> {
        self.cursors.get(&(origin, lane)).copied()
    }

    /// Notes that the lane was read up to `cursor`.
    pub fn set(&mut self, origin: NodeId, lane: Lane, cursor: Cursor) {
        self.cursors.insert((origin, lane), cursor);
    }

    /// Everything, ordered by origin and urgency.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, Lane, Cursor)> + '_ {
        self.cursors.iter().map(|(&(origin, lane), &cursor)| (origin, lane, cursor))
    }

    /// The origins, each once.
    pub fn origins(&self) -> Vec<NodeId> {
        let mut origins: Vec<NodeId> = self.cursors.keys().map(|&(origin, _)| origin).collect();
        origins.dedup();
        origins
    }

    /// About five bytes a lane and sixteen an origin: epochs and numbers are written as
    /// differences from the lane before, which are small because lanes are begun together.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let origins = self.origins();
        put_varint(out, origins.len() as u64);
        for origin in origins {
            out.extend_from_slice(origin.as_bytes());
            let lanes = Lane::ALL.map(|lane| self.get(origin, lane));
            out.push(
                (0..)
                    .zip(lanes)
                    .fold(0, |mask, (bit, cursor)| mask | u8::from(cursor.is_some()) << bit),
            );
            let mut last = Cursor::default();
            for cursor in lanes.into_iter().flatten() {
                put_varint(out, zigzag(last.epoch.into(), cursor.epoch.into()));
                put_varint(out, zigzag(last.seq, cursor.seq));
                last = cursor;
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut vector = Self::default();
        let count = reader.varint()?;
        if count > ORIGINS_MOST {
            return Err(Malformed);
        }
        let mut before = None;
        for _ in 0..count {
            let origin = NodeId(reader.array()?);
            if before.is_some_and(|before| before >= origin) {
                return Err(Malformed);
            }
            before = Some(origin);
            let mask = reader.byte()?;
            if mask == 0 || mask >> Lane::ALL.len() != 0 {
                return Err(Malformed);
            }
            let mut last = Cursor::default();
            for lane in Lane::ALL.into_iter().filter(|lane| mask >> lane.number() & 1 == 1) {
                let epoch = unzigzag(last.epoch.into(), reader.varint()?);
                last.epoch = u32::try_from(epoch).map_err(|_| Malformed)?;
                last.seq = unzigzag(last.seq, reader.varint()?);
                vector.set(origin, lane, last);
            }
        }
        Ok(vector)
    }

    /// The vector alone, as a memory stick keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out);
        out
    }

    /// Reads what [`StateVector::to_bytes`] wrote.
    ///
    /// # Errors
    /// If the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let vector = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(vector)
    }
}

impl FromIterator<(NodeId, Lane, Cursor)> for StateVector {
    fn from_iter<T: IntoIterator<Item = (NodeId, Lane, Cursor)>>(cursors: T) -> Self {
        let cursors = cursors.into_iter().map(|(origin, lane, cursor)| ((origin, lane), cursor));
        Self { cursors: cursors.collect() }
    }
}
