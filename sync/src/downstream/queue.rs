//! One lane of one origin while a poll is answered: where its reader stands and what waits for it.

use super::{LaneLog, Need};
use crate::{
    frame::Stretch,
    poll::{Partial, Poll},
    record::SignedRecord,
    vector::Cursor,
};
use std::collections::VecDeque;

/// How many rows to ask for at a time; about three full frames of ordinary items.
const ROWS_AT_ONCE: usize = 192;

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) log: LaneLog,
    /// How far the node will have read once it has everything sent so far.
    pub(super) cursor: Cursor,
    pub(super) waiting: VecDeque<(u64, SignedRecord)>,
    pub(super) searched: u64,
    /// The frame that was cut, still to be continued.
    pub(super) partial: Option<Partial>,
    pub(super) done: bool,
}

impl Queue {
    pub(super) fn new(log: LaneLog, poll: &Poll) -> Self {
        let begin = Cursor::new(log.spans[0].epoch, 0);
        let cursor = poll.vector.get(log.origin, log.lane).unwrap_or(begin);
        // A cut frame can be continued only from where the node still stands.
        let partial = poll.partial.filter(|partial| {
            let Stretch { origin, lane, epoch, after, through } = partial.stretch;
            let head = log.spans.iter().find(|span| span.epoch == epoch).map_or(0, |span| span.seq);
            (origin, lane) == (log.origin, log.lane)
                && (epoch, after) == (cursor.epoch, cursor.seq)
                && through <= head
        });
        let mut queue = Self {
            log,
            cursor,
            waiting: VecDeque::new(),
            searched: cursor.seq,
            partial,
            done: false,
        };
        queue.done = queue.span(cursor.epoch).is_none() && queue.next_epoch().is_none();
        queue
    }

    pub(super) fn span(&self, epoch: u32) -> Option<Cursor> {
        self.log.spans.iter().copied().find(|span| span.epoch == epoch)
    }

    pub(super) fn next_epoch(&self) -> Option<u32> {
        self.log.spans.iter().map(|span| span.epoch).find(|&epoch| epoch > self.cursor.epoch)
    }

    /// A history that has a successor must be read to its very end before the reader may turn.
    pub(super) fn must_tell(&self) -> bool {
        self.next_epoch().is_some() && self.searched > self.cursor.seq
    }

    pub(super) fn stretch(&self) -> Stretch {
        Stretch {
            origin: self.log.origin,
            lane: self.log.lane,
            epoch: self.cursor.epoch,
            after: self.cursor.seq,
            through: self.searched,
        }
    }

    /// Rows to fetch before this lane can go on, if any.
    pub(super) fn need(&self) -> Option<Need> {
        let LaneLog { origin, lane, .. } = self.log;
        let epoch = self.cursor.epoch;
        if let Some(partial) = &self.partial {
            let Stretch { after, through, .. } = partial.stretch;
            return Some(Need { origin, lane, epoch, after, through, limit: usize::MAX });
        }
        let through = self.span(epoch)?.seq;
        let wanting = self.waiting.len() < ROWS_AT_ONCE / 2 && self.searched < through;
        let after = self.searched;
        wanting.then_some(Need { origin, lane, epoch, after, through, limit: ROWS_AT_ONCE })
    }
}
