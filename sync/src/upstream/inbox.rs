//! The hub's side: what a batch adds to what it has, or what is wrong with it. Taking the same
//! batch twice, or overlapping ones in any order, changes nothing.

use super::{BatchRefused, ChainHash, Columns, Row, UpHead, batch};
use crate::{
    keys::{NodeId, NodeKeys, PublicKeys},
    vector::Cursor,
};

/// How far the hub holds one epoch of one point's log. Stored with the rows, in one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboxState {
    /// The last row held; all before it are held too.
    pub acked: Cursor,
    /// The running hash after it.
    pub hash: ChainHash,
}

impl InboxState {
    /// Nothing held yet.
    pub fn empty(node: NodeId, epoch: u32) -> Self {
        let UpHead { cursor, hash } = UpHead::empty(node, epoch);
        Self { acked: cursor, hash }
    }
}

/// A genuine batch, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Whose.
    pub node: NodeId,
    /// Of which epoch of its log.
    pub epoch: u32,
    /// The number of the first row.
    pub first: u64,
    /// The running hash before the first row, as the point has it.
    pub previous: ChainHash,
    /// The rows with the running hash after each; the hub stores the hash with the row.
    pub rows: Vec<(Row, ChainHash)>,
}

/// What to do with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Store the rows from this index on and the new state, in one transaction; then acknowledge.
    Apply {
        /// How many rows at the start are held already.
        skip: usize,
        /// The state afterwards.
        state: InboxState,
    },
    /// All of it is held already: acknowledge again.
    Duplicate,
    /// Something before it is missing: acknowledge what is held, and the point sends the rest.
    Gap {
        /// The first row missing.
        wanted: u64,
    },
    /// This row exists with another content: two devices write with one key. Quarantine the node,
    /// keep this batch as evidence beside what is held, and have a person enrol both anew.
    Clone {
        /// The row about which the two disagree, at the latest.
        at: u64,
    },
}

/// Opens a batch that `point` claims to have sent to `hub`.
///
/// # Errors
/// See [`BatchRefused`].
pub fn open(
    bytes: &[u8],
    hub: &NodeKeys,
    point: &PublicKeys,
    columns: &impl Columns,
) -> Result<Opened, BatchRefused> {
    batch::open(bytes, hub, point, columns)
}

impl Opened {
    pub(super) fn new(
        node: NodeId,
        epoch: u32,
        first: u64,
        previous: ChainHash,
        rows: Vec<Row>,
    ) -> Self {
        let mut hash = previous;
        let chained = rows.into_iter().map(|row| {
            hash = hash.next(row.kind, &row.body);
            (row, hash)
        });
        let rows = chained.collect();
        Self { node, epoch, first, previous, rows }
    }

    /// The number of the last row.
    pub fn last(&self) -> u64 {
        self.first + self.rows.len() as u64 - 1
    }

    /// The held rows whose running hashes [`Opened::judge`] must know, given the state of this
    /// epoch: look these up first.
    pub fn asks(&self, state: &InboxState) -> Vec<u64> {
        let overlap_end = self.last().min(state.acked.seq);
        let mut asks: Vec<u64> = [self.first - 1, overlap_end]
            .into_iter()
            .filter(|&seq| seq > 0 && seq < state.acked.seq)
            .collect();
        asks.dedup();
        asks
    }

    /// Judges the batch against the state of its epoch ([`InboxState::empty`] if there is none).
    /// `known` gives the running hash stored with a held row.
    pub fn judge(&self, state: &InboxState, known: impl Fn(u64) -> Option<ChainHash>) -> Verdict {
        let acked = state.acked.seq;
        if self.epoch != state.acked.epoch || self.first > acked + 1 {
            return Verdict::Gap { wanted: acked + 1 };
        }
        let known = |seq: u64| match seq {
            0 => Some(ChainHash::genesis(self.node, self.epoch)),
            _ if seq == acked => Some(state.hash),
            _ => known(seq),
        };
        let overlap_end = self.last().min(acked);
        let mut meets = vec![(self.first - 1, self.previous)];
        if let Some(index) = overlap_end.checked_sub(self.first) {
            let held = usize::try_from(index).ok().and_then(|index| self.rows.get(index));
            meets.extend(held.map(|(_, hash)| (overlap_end, *hash)));
        }
        for (at, theirs) in meets {
            match known(at) {
                Some(ours) if ours == theirs => {}
                Some(_) => return Verdict::Clone { at },
                // Too old to remember; what is new comes with the next batch.
                None => return Verdict::Gap { wanted: acked + 1 },
            }
        }
        let held = (acked + 1).saturating_sub(self.first);
        match (usize::try_from(held), self.rows.last()) {
            (Ok(skip), Some((_, hash))) if skip < self.rows.len() => Verdict::Apply {
                skip,
                state: InboxState { acked: Cursor::new(self.epoch, self.last()), hash: *hash },
            },
            _ => Verdict::Duplicate,
        }
    }
}

/// What the log that a point claims to have says about the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It has exactly what we hold.
    Agrees,
    /// It has more; how much of it is new we shall see.
    Ahead,
    /// It has forgotten rows that we hold: restored from an image, or a copy. It must begin a new
    /// epoch, and the node is quarantined until a person has looked.
    Behind,
    /// It has other rows than we hold: a copy. Quarantine.
    Forked,
}

/// Judges the head a point claims in its hello. `state` is that of the newest epoch the hub holds
/// of it.
pub fn judge_head(state: &InboxState, claimed: &UpHead) -> Claim {
    match claimed.cursor.cmp(&state.acked) {
        std::cmp::Ordering::Greater => Claim::Ahead,
        std::cmp::Ordering::Less => Claim::Behind,
        std::cmp::Ordering::Equal if claimed.hash == state.hash => Claim::Agrees,
        std::cmp::Ordering::Equal => Claim::Forked,
    }
}
