//! The point's side: bytes of an answer come in, in any pieces; what to store comes out. Nothing
//! leaves here that its origin did not sign, and nothing is asked for twice that was kept.

use super::{Apply, Input, Output, Problem, Received};
use crate::{
    frame::{self, Frame, FrameKey, Parsed, RecordsFrame, Stretch},
    history::{Beacon, EpochChange},
    keys::{NodeId, PublicKeys},
    poll::{Partial, Poll},
    record::{Record, Rejected, SignedRecord},
    statement::Signed,
    vector::{Cursor, StateVector},
};
use std::collections::{BTreeMap, VecDeque};

/// On a slow link, bytes of an unfinished frame are written down once so many are new…
const KEEP_EVERY_BYTES: usize = 4 * 1024;

/// …and so many milliseconds have passed, which spares the memory card on a fast link.
const KEEP_EVERY_MS: u64 = 1000;

/// Takes answers in. After an output could not be stored, throw the receiver away and make a new
/// one from what is stored; it assumes that its outputs were carried out.
#[derive(Debug)]
pub struct Receiver {
    origins: BTreeMap<NodeId, PublicKeys>,
    vector: StateVector,
    /// The kept beginning of a cut frame.
    partial: Vec<u8>,
    key: FrameKey,
    buffer: Vec<u8>,
    kept: usize,
    kept_at_ms: u64,
    listening: bool,
    outputs: VecDeque<Output>,
}

impl Receiver {
    /// A receiver that believes `origins`, has read as far as `vector`, and kept `partial` of a
    /// frame that was cut.
    pub fn new(
        origins: BTreeMap<NodeId, PublicKeys>,
        vector: StateVector,
        partial: Vec<u8>,
    ) -> Self {
        Self {
            origins,
            vector,
            partial,
            key: FrameKey::open(),
            buffer: Vec::new(),
            kept: 0,
            kept_at_ms: 0,
            listening: false,
            outputs: VecDeque::new(),
        }
    }

    /// How far everything is read.
    pub fn vector(&self) -> &StateVector {
        &self.vector
    }

    /// The next poll: what we have, and what we kept of a cut frame if it still fits.
    pub fn poll(&self) -> Poll {
        let kept = &self.partial[..frame::kept_of_cut(&self.partial)];
        let partial = frame::stretch_of_cut(kept).filter(|stretch| {
            let have = self.vector.get(stretch.origin, stretch.lane);
            have.map_or(stretch.after == 0, |have| {
                (have.epoch, have.seq) == (stretch.epoch, stretch.after)
            })
        });
        let partial = partial.and_then(|stretch| Partial::of(stretch, kept));
        Poll { partial, ..Poll::new(self.vector.clone()) }
    }

    /// Takes an input in; then ask [`Receiver::output`] until there is none.
    pub fn handle(&mut self, input: Input<'_>) {
        match input {
            Input::Begin { now_ms, key } => {
                self.key = key;
                self.buffer.clear();
                self.kept = 0;
                self.kept_at_ms = now_ms;
                self.listening = true;
            }
            Input::Bytes { now_ms, bytes } if self.listening => {
                self.buffer.extend_from_slice(bytes);
                self.read(now_ms);
            }
            Input::Bytes { .. } => {}
            Input::End => {
                if self.listening && self.buffer.len() > self.kept {
                    self.keep();
                }
                self.listening = false;
            }
        }
    }

    /// The next thing to do.
    pub fn output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn read(&mut self, now_ms: u64) {
        let mut taken = 0;
        while self.listening {
            match frame::parse(&self.buffer[taken..], &self.key) {
                Ok(Parsed::Incomplete) => break,
                Ok(Parsed::Whole(Frame::Resume { offset }, length)) => {
                    self.buffer.drain(..taken + length);
                    taken = 0;
                    self.resume(offset);
                }
                Ok(Parsed::Whole(frame, length)) => {
                    taken += length;
                    self.kept = 0;
                    self.kept_at_ms = now_ms;
                    self.take(frame);
                }
                Err(_) => self.damaged(),
            }
        }
        self.buffer.drain(..taken.min(self.buffer.len()));
        let grown = self.buffer.len().saturating_sub(self.kept);
        if grown >= KEEP_EVERY_BYTES && now_ms.saturating_sub(self.kept_at_ms) >= KEEP_EVERY_MS {
            self.keep();
            self.kept_at_ms = now_ms;
        }
    }

    /// What follows continues the frame that was cut: put what we kept in front of it.
    fn resume(&mut self, offset: usize) {
        if offset > self.partial.len() {
            return self.damaged();
        }
        let rest = std::mem::take(&mut self.buffer);
        self.buffer = [&self.partial[..offset], &rest].concat();
        self.kept = offset;
    }

    /// Keeps the beginning of the frame at hand, if the sender can continue it.
    fn keep(&mut self) {
        let keep = frame::kept_of_cut(&self.buffer);
        if frame::stretch_of_cut(&self.buffer[..keep]).is_none() {
            return;
        }
        self.partial = self.buffer[..keep].to_vec();
        self.kept = self.buffer.len();
        self.outputs.push_back(Output::SavePartial(self.partial.clone()));
    }

    /// After damage nobody knows where the next frame begins, nor whether what we kept is sound.
    fn damaged(&mut self) {
        self.outputs.push_back(Output::Problem(Problem::Damaged));
        self.forget();
        self.buffer.clear();
        self.listening = false;
    }

    fn forget(&mut self) {
        if !self.partial.is_empty() {
            self.partial.clear();
            self.outputs.push_back(Output::SavePartial(Vec::new()));
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.outputs.push_back(Output::Problem(problem));
    }

    fn take(&mut self, frame: Frame) {
        match frame {
            Frame::Records(records) => self.take_records(records),
            Frame::Beacon(beacon) => self.take_beacon(&beacon),
            Frame::EpochChange(change) => self.take_change(&change),
            Frame::Goodbye(goodbye) => {
                // The hub had its chance to continue what we kept, and did not.
                self.forget();
                let frame::Goodbye { more, time_ms, ack } = goodbye;
                self.outputs.push_back(Output::Done { more, time_ms, ack });
                self.listening = false;
            }
            Frame::Resume { .. } | Frame::Unknown(_) => {}
        }
    }

    fn take_records(&mut self, frame: RecordsFrame) {
        let stretch = frame.stretch;
        let Stretch { origin, lane, epoch, after, through } = stretch;
        let Some(&keys) = self.origins.get(&origin) else {
            return self.problem(Problem::UnknownOrigin(origin));
        };
        let have = self.vector.get(origin, lane);
        let from = match have {
            Some(have) if have.epoch == epoch => have.seq,
            Some(_) => return self.problem(Problem::EpochUnannounced(stretch)),
            None => 0,
        };
        if after > from {
            return self.problem(Problem::Gap { stretch, have });
        }
        let mut last = after;
        let mut records = Vec::with_capacity(frame.records.len());
        let mut bad = None;
        for signed in frame.records {
            match believe(&signed, stretch, last, &keys) {
                Ok((seq, record)) => {
                    last = seq;
                    if seq > from {
                        records.push(Received { seq, signed, record });
                    }
                }
                Err(why) => {
                    bad = Some(why);
                    break;
                }
            }
        }
        // Up to a record that cannot be believed the stretch is good; from there we ask again.
        let reached = if bad.is_some() { last } else { through };
        let drop_partial = !self.partial.is_empty()
            && frame::stretch_of_cut(&self.partial)
                .is_some_and(|cut| (cut.origin, cut.lane) == (origin, lane));
        if reached > from || have.is_none() {
            let cursor = Cursor { epoch, seq: reached.max(from) };
            self.vector.set(origin, lane, cursor);
            if drop_partial {
                self.partial.clear();
            }
            let apply = Apply { origin, lane, cursor, records, drop_partial };
            self.outputs.push_back(Output::Apply(apply));
        }
        if let Some(why) = bad {
            self.problem(Problem::BadRecord { stretch, why });
        }
    }

    fn take_beacon(&mut self, beacon: &Signed<Beacon>) {
        let origin = beacon.unproven().origin;
        let Some(keys) = self.origins.get(&origin) else {
            return self.problem(Problem::UnknownOrigin(origin));
        };
        let Ok(beacon) = beacon.verify(keys).cloned() else {
            return self.problem(Problem::BadStatement(origin));
        };
        for &(lane, head) in &beacon.heads {
            if let Some(have) = self.vector.get(origin, lane).filter(|have| *have > head) {
                self.problem(Problem::HistoryRegressed { origin, lane, have, head });
            }
        }
        self.outputs.push_back(Output::Beacon(beacon));
    }

    fn take_change(&mut self, signed: &Signed<EpochChange>) {
        let origin = signed.unproven().origin;
        let Some(keys) = self.origins.get(&origin) else {
            return self.problem(Problem::UnknownOrigin(origin));
        };
        let Ok(change) = signed.verify(keys).cloned() else {
            return self.problem(Problem::BadStatement(origin));
        };
        let mut turned = false;
        for &(lane, turn) in &change.turns {
            let Some(have) = self.vector.get(origin, lane) else { continue };
            // A lane that has not been read to where the old history ends turns later; one that
            // has turned already, or belongs to a still later history, does not turn back.
            if have < turn.kept || have.epoch >= turn.epoch {
                continue;
            }
            if have > turn.kept {
                let head = turn.kept;
                self.problem(Problem::HistoryRegressed { origin, lane, have, head });
            }
            if !turned {
                turned = true;
                self.outputs.push_back(Output::EpochChanged(signed.clone()));
            }
            let cursor = Cursor::new(turn.epoch, 0);
            self.vector.set(origin, lane, cursor);
            let records = Vec::new();
            let apply = Apply { origin, lane, cursor, records, drop_partial: false };
            self.outputs.push_back(Output::Apply(apply));
        }
    }
}

/// The record's number and, if we understand it, the record; provided that its origin signed it
/// and that it belongs where the frame puts it.
fn believe(
    signed: &SignedRecord,
    stretch: Stretch,
    last: u64,
    keys: &PublicKeys,
) -> Result<(u64, Option<Record>), Rejected> {
    let record = match signed.verify(stretch.origin, keys) {
        Ok(record) => Some(record),
        Err(Rejected::NotUnderstood(_)) => None,
        Err(why) => return Err(why),
    };
    let header = signed.peek()?;
    let fits = header.epoch == stretch.epoch
        && header.lane == stretch.lane
        && header.seq > last
        && header.seq <= stretch.through;
    if fits { Ok((header.seq, record)) } else { Err(Rejected::Malformed) }
}
