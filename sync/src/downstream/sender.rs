//! The hub's side of one poll: which frames to answer with, most urgent first. It asks for rows of
//! the log as it needs them and never holds more than a few frames' worth.

use super::queue::Queue;
use crate::{
    frame::{Frame, FrameKey, Goodbye, PackGuess, RecordsFrame, pack},
    history::{Beacon, EpochChange},
    keys::NodeId,
    poll::{Partial, Poll},
    record::{Lane, SignedRecord},
    statement::Signed,
    vector::Cursor,
};
use std::collections::VecDeque;

/// One frame in so many goes to the least urgent lane that waits, so that nothing waits for ever.
const GUARD_EVERY: u64 = 20;

/// After passing over so many rows that were not for this node, say so, or each poll would search
/// them again.
const TELL_AFTER: u64 = 256;

/// One lane of one origin's log, as the hub holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneLog {
    /// Whose.
    pub origin: NodeId,
    /// Which lane.
    pub lane: Lane,
    /// Each history with its last number, oldest first.
    pub spans: Vec<Cursor>,
}

/// Rows of the log that the sender needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Whose log.
    pub origin: NodeId,
    /// Which lane.
    pub lane: Lane,
    /// Which history.
    pub epoch: u32,
    /// Rows after this number,
    pub after: u64,
    /// up to and including this one,
    pub through: u64,
    /// but no more than so many that are meant for the node.
    pub limit: usize,
}

/// The answer to a [`Need`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The records meant for the node, ascending.
    pub records: Vec<(u64, SignedRecord)>,
    /// The last number that was considered: the need's `through`, or that of the last record if
    /// the limit was reached.
    pub searched_through: u64,
}

/// What the answer ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// The hub's clock in milliseconds since 1970 UTC.
    pub time_ms: u64,
    /// The last report of this node that the hub holds.
    pub ack: Option<Cursor>,
}

/// What the sender wants done.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Look these up and call [`Sender::rows`].
    Need(Need),
    /// Send these bytes.
    Send(Vec<u8>),
    /// The answer is complete.
    Done,
}

/// Answers one poll.
#[derive(Debug)]
pub struct Sender {
    key: FrameKey,
    budget: u64,
    queues: Vec<Queue>,
    changes: Vec<Signed<EpochChange>>,
    ready: VecDeque<Vec<u8>>,
    asked: Option<usize>,
    turn: u64,
    sent: u64,
    guess: PackGuess,
    closing: Closing,
    ended: bool,
}

impl Sender {
    /// Begins to answer `poll`. `logs` are the lanes this node may read, `changes` the epoch
    /// changes of their origins, oldest first. `turn` is any number that grows by one a poll; it
    /// spreads the turns of less urgent lanes over small answers.
    pub fn new(
        poll: &Poll,
        key: FrameKey,
        logs: Vec<LaneLog>,
        changes: Vec<Signed<EpochChange>>,
        turn: u64,
        closing: Closing,
    ) -> Self {
        let mut queues: Vec<Queue> = logs
            .into_iter()
            .filter(|log| log.lane <= poll.max_lane && !log.spans.is_empty())
            .map(|log| Queue::new(log, poll))
            .collect();
        queues.sort_by_key(|queue| queue.log.lane);
        Self {
            key,
            budget: poll.budget,
            queues,
            changes,
            ready: VecDeque::new(),
            asked: None,
            turn,
            sent: 0,
            guess: PackGuess::default(),
            closing,
            ended: false,
        }
    }

    /// Sends the origin's beacon first; do so about once an hour, and whenever
    /// [`Sender::reader_is_ahead`].
    pub fn send_beacon(&mut self, beacon: &Signed<Beacon>) {
        self.ready.extend(Frame::Beacon(beacon.clone()).encode(&self.key));
    }

    /// Whether the node has read further than some log goes: this hub lost something, and the
    /// node must see signed proof of it.
    pub fn reader_is_ahead(&self) -> bool {
        self.queues.iter().any(|queue| match queue.span(queue.cursor.epoch) {
            Some(span) => queue.cursor.seq > span.seq,
            None => true,
        })
    }

    /// What to do next. Call until it says [`Step::Done`].
    pub fn step(&mut self) -> Step {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                self.sent += bytes.len() as u64;
                return Step::Send(bytes);
            }
            if self.ended {
                return Step::Done;
            }
            let spent = self.budget > 0 && self.sent >= self.budget;
            match (self.choose(), spent) {
                (Some(_), true) => self.end(true),
                (None, _) => self.end(false),
                (Some(index), false) => {
                    if let Some(need) = self.queues[index].need() {
                        self.asked = Some(index);
                        return Step::Need(need);
                    }
                    self.advance(index);
                }
            }
        }
    }

    /// Takes the rows asked for.
    pub fn rows(&mut self, rows: Rows) {
        let Some(index) = self.asked.take() else { return };
        let queue = &mut self.queues[index];
        if let Some(partial) = queue.partial.take() {
            self.resume(index, partial, rows.records);
            return;
        }
        queue.waiting.extend(rows.records);
        queue.searched = queue.searched.max(rows.searched_through);
    }

    /// The lane whose turn it is: the most urgent that may have something, or now and then the
    /// least urgent. Alerts never wait.
    fn choose(&self) -> Option<usize> {
        let open = |(_, queue): &(usize, &Queue)| !queue.done;
        let first = self.queues.iter().enumerate().find(open)?;
        if first.1.log.lane == Lane::Alert || self.turn % GUARD_EVERY != GUARD_EVERY - 1 {
            return Some(first.0);
        }
        self.queues.iter().enumerate().rev().find(open).map(|(index, _)| index)
    }

    /// Writes the next frame of a lane, or moves it on to its next history, or closes it.
    fn advance(&mut self, index: usize) {
        let queue = &mut self.queues[index];
        if queue.waiting.is_empty() {
            if queue.searched > queue.cursor.seq + TELL_AFTER || queue.must_tell() {
                let stretch = queue.stretch();
                queue.cursor.seq = stretch.through;
                let frame = Frame::Records(RecordsFrame { stretch, records: Vec::new() });
                self.emit(frame.encode(&self.key));
                return;
            }
            match queue.next_epoch() {
                Some(epoch) => self.turn_epoch(index, epoch),
                None => self.queues[index].done = true,
            }
            return;
        }
        let stretch = queue.stretch();
        let records = queue.waiting.make_contiguous();
        let Some((bytes, taken)) = pack(stretch, records, &self.key, &mut self.guess) else {
            // No signed record is too long for a frame of its own; a damaged log stops here.
            queue.done = true;
            return;
        };
        let last = queue.waiting.drain(..taken).next_back();
        queue.cursor.seq = match last {
            Some((seq, _)) if !queue.waiting.is_empty() => seq,
            _ => stretch.through,
        };
        self.emit(Some(bytes));
    }

    fn emit(&mut self, bytes: Option<Vec<u8>>) {
        self.ready.extend(bytes);
        self.turn += 1;
    }

    /// Continues a cut frame if it would be written the same way today.
    fn resume(&mut self, index: usize, partial: Partial, records: Vec<(u64, SignedRecord)>) {
        let queue = &mut self.queues[index];
        let records = records.into_iter().map(|(_, record)| record).collect();
        let frame = Frame::Records(RecordsFrame { stretch: partial.stretch, records });
        let whole = frame.encode(&self.key);
        let Some(rest) = whole.as_deref().and_then(|whole| partial.rest_of(whole)) else { return };
        let offset = partial.have_bytes as usize;
        let Some(mut bytes) = (Frame::Resume { offset }).encode(&self.key) else { return };
        bytes.extend_from_slice(rest);
        queue.cursor.seq = partial.stretch.through;
        queue.searched = partial.stretch.through;
        self.emit(Some(bytes));
    }

    /// Announces that a lane goes on under a new epoch. Without the origin's word for it the
    /// reader would not follow, so the lane stops.
    fn turn_epoch(&mut self, index: usize, epoch: u32) {
        let queue = &mut self.queues[index];
        let turns = |change: &Signed<EpochChange>| {
            let change = change.unproven();
            let turn = change.turn(queue.log.lane);
            change.origin == queue.log.origin
                && turn.is_some_and(|turn| turn.kept <= queue.cursor && turn.epoch == epoch)
        };
        let Some(change) = self.changes.iter().find(|change| turns(change)) else {
            queue.done = true;
            return;
        };
        queue.cursor = Cursor::new(epoch, 0);
        queue.searched = 0;
        let bytes = Frame::EpochChange(change.clone()).encode(&self.key);
        self.ready.extend(bytes);
    }

    fn end(&mut self, more: bool) {
        let Closing { time_ms, ack } = self.closing;
        self.ready.extend(Frame::Goodbye(Goodbye { more, time_ms, ack }).encode(&self.key));
        self.ended = true;
    }
}
