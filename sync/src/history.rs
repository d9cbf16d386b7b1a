//! What an origin says about its own log: how far it goes, what time it is there, and that a part
//! of it began anew. Signed, so that a relay can neither freeze nor roll back what it passes on.

use crate::{
    keys::NodeId,
    record::Lane,
    statement::Statement,
    vector::Cursor,
    wire::{Malformed, Reader, put_varint},
};

/// The origin's clock and the heads of its lanes, said about once an hour and carried by every
/// path. Shows a reader how fresh its knowledge is, and that nothing was rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacon {
    /// Who says it.
    pub origin: NodeId,
    /// When, in milliseconds since 1970 UTC.
    pub time_ms: u64,
    /// The last record of each lane that has any, most urgent lane first.
    pub heads: Vec<(Lane, Cursor)>,
}

impl Statement for Beacon {
    const DOMAIN: &'static str = "nhipcau/beacon/1";

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.origin.as_bytes());
        put_varint(out, self.time_ms);
        put_varint(out, self.heads.len() as u64);
        for (lane, head) in &self.heads {
            out.push(lane.number());
            put_cursor(out, *head);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let origin = NodeId(reader.array()?);
        let time_ms = reader.varint()?;
        let heads = read_lanes(reader, read_cursor)?;
        Ok(Self { origin, time_ms, heads })
    }
}

/// One lane that goes on under a new epoch, after a backup was restored or a log was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The last record that the origin still has; epoch and number zero if it has none. Later ones
    /// were forgotten by it; whoever holds them keeps them.
    pub kept: Cursor,
    /// The new epoch, larger than the old one. Its numbers begin at one.
    pub epoch: u32,
}

/// The origin's word that lanes of its log go on under new epochs. Without it a reader believes
/// no new epoch: otherwise a stale copy of a hub would silently stall every point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochChange {
    /// Whose log.
    pub origin: NodeId,
    /// When it was decided, in milliseconds since 1970 UTC.
    pub time_ms: u64,
    /// The lanes concerned, most urgent first. After a restore that is every lane: the origin
    /// cannot know in which of them it once said something that it has forgotten.
    pub turns: Vec<(Lane, Turn)>,
}

impl EpochChange {
    /// What happened to `lane`, if anything.
    pub fn turn(&self, lane: Lane) -> Option<Turn> {
        self.turns.iter().find(|(turned, _)| *turned == lane).map(|(_, turn)| *turn)
    }
}

impl Statement for EpochChange {
    const DOMAIN: &'static str = "nhipcau/epoch-change/1";

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.origin.as_bytes());
        put_varint(out, self.time_ms);
        put_varint(out, self.turns.len() as u64);
        for (lane, turn) in &self.turns {
            out.push(lane.number());
            put_cursor(out, turn.kept);
            put_varint(out, turn.epoch.into());
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let origin = NodeId(reader.array()?);
        let time_ms = reader.varint()?;
        let turns = read_lanes(reader, |reader| {
            let kept = read_cursor(reader)?;
            let epoch = reader.varint_u32()?;
            if epoch > kept.epoch { Ok(Turn { kept, epoch }) } else { Err(Malformed) }
        })?;
        Ok(Self { origin, time_ms, turns })
    }
}

pub(crate) fn put_cursor(out: &mut Vec<u8>, cursor: Cursor) {
    put_varint(out, cursor.epoch.into());
    put_varint(out, cursor.seq);
}

pub(crate) fn read_cursor(reader: &mut Reader<'_>) -> Result<Cursor, Malformed> {
    Ok(Cursor { epoch: reader.varint_u32()?, seq: reader.varint()? })
}

/// A count and that many lanes in ascending order, each with something said of it.
fn read_lanes<T>(
    reader: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, Malformed>,
) -> Result<Vec<(Lane, T)>, Malformed> {
    let mut lanes: Vec<(Lane, T)> = Vec::new();
    for _ in 0..reader.varint()? {
        let lane = Lane::from_number(reader.byte()?).ok_or(Malformed)?;
        if lanes.last().is_some_and(|(before, _)| *before >= lane) {
            return Err(Malformed);
        }
        lanes.push((lane, read(reader)?));
    }
    Ok(lanes)
}
