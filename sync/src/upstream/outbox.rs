//! The point's side: what of its log still has to go up, and what an acknowledgement means.

use crate::vector::Cursor;

/// Rows of one epoch that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Which epoch.
    pub epoch: u32,
    /// The first row to send.
    pub first: u64,
    /// The last row there is.
    pub last: u64,
}

/// What an acknowledgement meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckHeard {
    /// The hub holds everything through here; store that. The rows may be deleted some time later.
    Advanced(Cursor),
    /// Nothing new.
    Nothing,
    /// The hub holds rows that we never wrote: this device was restored from an image, or copied.
    /// Begin a new epoch before writing anything more, and tell a person.
    Restored(Cursor),
}

/// The point's log of reports, seen from the sending end. Only numbers; the rows are in storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbox {
    /// (epoch, held by the hub, written by us), oldest epoch first; the last is being written.
    epochs: Vec<(u32, u64, u64)>,
}

impl Outbox {
    /// The log as stored: for each epoch what the hub is known to hold and what was written,
    /// oldest first.
    pub fn new(mut epochs: Vec<(u32, u64, u64)>) -> Self {
        epochs.sort_unstable();
        Self { epochs }
    }

    /// The next rows to send, oldest epoch first: an epoch that ended must be heard to its end.
    pub fn next(&self) -> Option<Pending> {
        self.epochs
            .iter()
            .find(|(_, acked, last)| acked < last)
            .map(|&(epoch, acked, last)| Pending { epoch, first: acked + 1, last })
    }

    /// Notes that a row was written, under the current epoch.
    pub fn wrote(&mut self, seq: u64) {
        if let Some((_, _, last)) = self.epochs.last_mut() {
            *last = seq.max(*last);
        }
    }

    /// Takes in what the hub says it holds. An acknowledgement may be late, repeated or lost; it
    /// must have come through a session's check or under the hub's signature.
    pub fn heard(&mut self, ack: Cursor) -> AckHeard {
        let Some((_, acked, last)) =
            self.epochs.iter_mut().find(|(epoch, _, _)| *epoch == ack.epoch)
        else {
            // Nobody acknowledges an epoch that was never begun.
            let newest = self.epochs.last().map_or(0, |(epoch, _, _)| *epoch);
            return if ack.epoch > newest { AckHeard::Restored(ack) } else { AckHeard::Nothing };
        };
        if ack.seq > *last {
            return AckHeard::Restored(ack);
        }
        if ack.seq <= *acked {
            return AckHeard::Nothing;
        }
        *acked = ack.seq;
        AckHeard::Advanced(ack)
    }

    /// Takes in a welcome's word on what the hub holds. If that is less than it once acknowledged,
    /// the hub was restored from a backup, and the rows it forgot must be sent again; `kept_from`
    /// is the first row of that epoch still stored here. Returns where the hub stands, to store,
    /// if that went back.
    pub fn rewind(&mut self, held: Cursor, kept_from: u64) -> Option<Cursor> {
        let mut back = None;
        for (epoch, acked, _) in &mut self.epochs {
            // It holds nothing of epochs after its newest, and says nothing of those before.
            let holds = match (*epoch).cmp(&held.epoch) {
                std::cmp::Ordering::Less => continue,
                std::cmp::Ordering::Equal => held.seq.max(kept_from.saturating_sub(1)),
                std::cmp::Ordering::Greater => 0,
            };
            if holds < *acked {
                *acked = holds;
                back = back.or(Some(Cursor::new(*epoch, holds)));
            }
        }
        back
    }

    /// Begins a new epoch, above every one that this device or the hub has seen (`at_least`, from
    /// an [`AckHeard::Restored`]). Returns it; its rows are numbered from one again.
    pub fn mint_epoch(&mut self, at_least: u32) -> u32 {
        let newest = self.epochs.last().map_or(0, |(epoch, _, _)| *epoch);
        let epoch = newest.saturating_add(1).max(at_least);
        self.epochs.push((epoch, 0, 0));
        epoch
    }
}
