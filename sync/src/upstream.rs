//! Reports on their way up. Each point keeps one log of rows, numbered from one within its epoch;
//! rows travel in batches, sealed to the hub and signed by the point, by wire or by stick, in any
//! order and as often as need be. A running hash over the log lets the hub notice when one point
//! has become two.

mod batch;
mod handover;
mod inbox;
mod outbox;

pub use batch::{BATCH_MOST, BatchRefused, Columns, NoColumns, ROW_MOST, Row, batch_sender, seal};
pub use handover::LogStretch;
pub use inbox::{Claim, InboxState, Opened, Verdict, judge_head, open};
pub use outbox::{AckHeard, Outbox, Pending};

use crate::{
    history::{put_cursor, read_cursor},
    keys::NodeId,
    statement::Statement,
    vector::Cursor,
    wire::{Malformed, Reader, put_varint},
};

/// The running hash of a log: that of the log before the row, and the row. Two logs that agree
/// here agree in everything before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ChainHash(pub [u8; 16]);

impl ChainHash {
    /// Before the first row of an epoch.
    pub fn genesis(node: NodeId, epoch: u32) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("nhipcau 2026 report chain begin");
        hasher.update(node.as_bytes());
        hasher.update(&epoch.to_be_bytes());
        Self::finish(&hasher)
    }

    /// After one more row.
    pub fn next(self, kind: u16, body: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("nhipcau 2026 report chain row");
        hasher.update(&self.0);
        hasher.update(&kind.to_be_bytes());
        hasher.update(body);
        Self::finish(&hasher)
    }

    fn finish(hasher: &blake3::Hasher) -> Self {
        let mut hash = [0; 16];
        hasher.finalize_xof().fill(&mut hash);
        Self(hash)
    }
}

/// How far a point's log goes: the last row and the running hash there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpHead {
    /// The last row.
    pub cursor: Cursor,
    /// The running hash after it.
    pub hash: ChainHash,
}

impl UpHead {
    /// A log in which nothing was written yet.
    pub fn empty(node: NodeId, epoch: u32) -> Self {
        Self { cursor: Cursor::new(epoch, 0), hash: ChainHash::genesis(node, epoch) }
    }
}

/// The hub's signed word that it holds a point's rows up to here, for the way back by stick. Over
/// a session the goodbye frame says the same in fewer bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Whose rows.
    pub node: NodeId,
    /// Up to and including this one.
    pub through: Cursor,
    /// When it was written, in milliseconds since 1970 UTC.
    pub time_ms: u64,
}

impl Statement for Acknowledgement {
    const DOMAIN: &'static str = "nhipcau/acknowledgement/1";

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.node.as_bytes());
        put_cursor(out, self.through);
        put_varint(out, self.time_ms);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let node = NodeId(reader.array()?);
        Ok(Self { node, through: read_cursor(reader)?, time_ms: reader.varint()? })
    }
}

/// Reads the inside of a batch, for fuzzers.
#[doc(hidden)]
pub fn read_raw(raw: &[u8]) {
    let _ = batch::read_runs(raw, &NoColumns);
}
