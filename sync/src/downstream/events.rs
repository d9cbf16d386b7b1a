//! What goes into a receiver and what comes out of it.

use crate::{
    frame::{FrameKey, Stretch},
    history::{Beacon, EpochChange},
    keys::NodeId,
    record::{Lane, Record, Rejected, SignedRecord},
    statement::Signed,
    vector::Cursor,
};

/// What happens to the receiver.
#[derive(Debug)]
pub enum Input<'a> {
    /// An answer begins, checked with this key.
    Begin {
        /// Milliseconds of any clock that does not go backwards.
        now_ms: u64,
        /// The session's frame key, or the open one for a stick.
        key: FrameKey,
    },
    /// Bytes of the answer.
    Bytes {
        /// As in [`Input::Begin`].
        now_ms: u64,
        /// In pieces of any size.
        bytes: &'a [u8],
    },
    /// The answer ended, properly or not.
    End,
}

/// A genuine record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its number.
    pub seq: u64,
    /// The signed bytes, to store and pass on.
    pub signed: SignedRecord,
    /// What it says. None if it demands understanding that this version lacks: then it is stored
    /// and passed on, and not acted on.
    pub record: Option<Record>,
}

/// One transaction: store the records, act on them, and set the cursor, or none of it.
/// (origin, lane, epoch, seq) is the key of a record; one that is there already is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apply {
    /// Whose log.
    pub origin: NodeId,
    /// Which lane.
    pub lane: Lane,
    /// How far it is read once this is stored.
    pub cursor: Cursor,
    /// The new records.
    pub records: Vec<Received>,
    /// The saved partial frame is of no use any more: delete it in the same transaction.
    pub drop_partial: bool,
}

/// Something a person at the point or the hub should be told. None of them loses anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Damaged or forged bytes; the rest of this answer is ignored and asked for again.
    Damaged,
    /// Records of a node whose keys are not pinned here.
    UnknownOrigin(NodeId),
    /// A record that its origin did not sign, or that is not what its frame says.
    BadRecord {
        /// The stretch it came in.
        stretch: Stretch,
        /// Why it was refused.
        why: Rejected,
    },
    /// A statement that its origin did not sign.
    BadStatement(NodeId),
    /// A frame that leaves out something before it.
    Gap {
        /// The stretch it came for.
        stretch: Stretch,
        /// Where we are.
        have: Option<Cursor>,
    },
    /// A history that its origin has not announced.
    EpochUnannounced(Stretch),
    /// The origin's log ends before records that we hold: it was restored from a backup, or is
    /// being impersonated by an old copy. We keep everything.
    HistoryRegressed {
        /// Whose log.
        origin: NodeId,
        /// Which lane.
        lane: Lane,
        /// How far we have read.
        have: Cursor,
        /// Where the origin says that it ends.
        head: Cursor,
    },
}

/// What the receiver wants done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Store, durably, before anything that follows.
    Apply(Apply),
    /// Keep these bytes of an unfinished frame in place of any kept before; none means forget.
    SavePartial(Vec<u8>),
    /// The origin's proven clock and heads.
    Beacon(Beacon),
    /// The origin's proven word that a history began anew; keep it for the record.
    EpochChanged(Signed<EpochChange>),
    /// Tell somebody.
    Problem(Problem),
    /// The answer is complete. `time_ms` is the hub's clock; only as proven as the frame key.
    Done {
        /// Poll again at once.
        more: bool,
        /// The hub's clock in milliseconds since 1970 UTC.
        time_ms: u64,
        /// The last of our reports that the hub holds.
        ack: Option<Cursor>,
    },
}
