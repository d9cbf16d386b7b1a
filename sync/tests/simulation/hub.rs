//! The hub of the simulation: a log per lane, and what it holds of each point.

use super::{
    Road,
    point::{NoHash, keys_of},
};
use crate::cast::{Chance, HUB, STRANGER};
use std::collections::{BTreeMap, BTreeSet};
use sync::{
    Cursor, Lane, NodeId, Record, Signed, SignedRecord,
    downstream::{Closing, LaneLog, Rows, Sender, Step},
    frame::{Frame, Goodbye, RecordsFrame, Stretch},
    history::{Beacon, EpochChange, Turn},
    poll::Poll,
    session::{Contact, Heard, Hello, Session},
    upstream::{ChainHash, InboxState, NoColumns, Row, Verdict, batch_sender, open},
};

/// A row of the log: which points it is for, and the signed bytes.
#[derive(Clone)]
pub struct Logged {
    pub cursor: Cursor,
    pub for_points: Vec<NodeId>,
    pub signed: SignedRecord,
}

/// Everything a backup saves.
#[derive(Clone, Default)]
pub struct Memory {
    pub lanes: BTreeMap<Lane, Vec<Logged>>,
    pub spans: BTreeMap<Lane, Vec<Cursor>>,
    pub contacts: BTreeMap<NodeId, Contact>,
    pub inbox: BTreeMap<(NodeId, u32), (InboxState, Vec<(Row, ChainHash)>)>,
}

pub struct Hub {
    pub now_ms: u64,
    pub memory: Memory,
    backup: Option<Memory>,
    changes: Vec<Signed<EpochChange>>,
    sessions: BTreeMap<NodeId, Session>,
    epoch: u32,
    turn: u64,
    seen: Vec<(NodeId, Vec<u8>)>,
    /// Nodes taken for two devices.
    pub clones: BTreeSet<NodeId>,
}

impl Hub {
    pub fn new(points: usize) -> Self {
        let mut memory = Memory::default();
        for index in 0..points {
            memory.contacts.insert(keys_of(index).node_id(), Contact::default());
        }
        Self {
            now_ms: 1_790_000_000_000,
            memory,
            backup: None,
            changes: Vec::new(),
            sessions: BTreeMap::new(),
            epoch: 100,
            turn: 0,
            seen: Vec::new(),
            clones: BTreeSet::new(),
        }
    }

    /// Says something to some points.
    pub fn publish(&mut self, chance: &mut Chance, points: usize) {
        let lane = Lane::ALL[chance.below(Lane::ALL.len())];
        for _ in 0..=chance.below(6) {
            let spans = self.memory.spans.entry(lane).or_default();
            if spans.last().is_none_or(|span| span.epoch != self.epoch) {
                spans.push(Cursor::new(self.epoch, 0));
            }
            let head = spans.last_mut().unwrap();
            head.seq += 1;
            let length = if chance.once_in(5) { chance.below(4000) } else { chance.below(200) };
            let record = Record {
                origin: HUB.node_id(),
                epoch: head.epoch,
                seq: head.seq,
                lane,
                kind: 3,
                targets: Vec::new(),
                body: chance.bytes(length),
            };
            let for_points = (0..points)
                .filter(|_| !chance.once_in(3))
                .map(|index| keys_of(index).node_id())
                .collect();
            let signed = record.sign(&HUB).unwrap();
            let logged = Logged { cursor: *head, for_points, signed };
            self.memory.lanes.entry(lane).or_default().push(logged);
        }
    }

    pub fn back_up(&mut self) {
        self.backup = Some(self.memory.clone());
    }

    /// Goes back to the backup and says so, as `begin_new_epoch` of a real hub does.
    pub fn restore(&mut self) {
        let Some(backup) = self.backup.take() else { return };
        self.memory = backup;
        self.sessions.clear();
        for contact in self.memory.contacts.values_mut() {
            *contact = Contact::forgotten();
        }
        self.epoch += 1;
        let mut turns = Vec::new();
        for lane in Lane::ALL {
            let spans = self.memory.spans.get_mut(&lane);
            let kept = spans.as_ref().and_then(|spans| spans.last().copied());
            turns.push((lane, Turn { kept: kept.unwrap_or_default(), epoch: self.epoch }));
            if let Some(spans) = spans {
                spans.push(Cursor::new(self.epoch, 0));
            }
        }
        let change = EpochChange { origin: HUB.node_id(), time_ms: self.now_ms, turns };
        self.changes.push(Signed::sign(change, &HUB));
    }

    fn held(&self, node: NodeId) -> Cursor {
        let mut epochs = self.memory.inbox.range((node, 0)..=(node, u32::MAX));
        epochs.next_back().map_or(Cursor::default(), |(_, (state, _))| state.acked)
    }

    /// Answers a hello, or something that looks like one.
    pub fn hello(&mut self, bytes: &[u8], chance: &mut Chance) -> Option<Vec<u8>> {
        let hello = Signed::<Hello>::from_bytes(bytes).ok()?;
        let node = hello.unproven().node;
        let keys = (0..3).map(keys_of).find(|keys| keys.node_id() == node)?;
        let held = self.held(node);
        let contact = self.memory.contacts.get_mut(&node)?;
        match contact.hear(&hello, keys.public(), &HUB, held, self.now_ms, chance).ok()? {
            Heard::Welcome { session, answer } => {
                self.sessions.insert(node, session);
                Some(answer.as_bytes().to_vec())
            }
            Heard::Challenge { answer } => Some(answer.as_bytes().to_vec()),
            Heard::Clone { answer } => {
                self.clones.insert(node);
                Some(answer.as_bytes().to_vec())
            }
        }
    }

    /// Takes a batch and acknowledges what is held.
    pub fn batch(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let node = batch_sender(bytes).ok()?;
        let keys = (0..3).map(keys_of).find(|keys| keys.node_id() == node)?;
        let batch = open(bytes, &HUB, keys.public(), &NoColumns).ok()?;
        let key = self.sessions.get(&node)?.frame_key();
        let (state, rows) = self
            .memory
            .inbox
            .entry((node, batch.epoch))
            .or_insert_with(|| (InboxState::empty(node, batch.epoch), Vec::new()));
        let known = |seq: u64| rows.get(seq as usize - 1).map(|(_, hash)| *hash);
        match batch.judge(state, known) {
            Verdict::Apply { skip, state: next } => {
                rows.extend_from_slice(&batch.rows[skip..]);
                *state = next;
            }
            Verdict::Duplicate | Verdict::Gap { .. } => {}
            Verdict::Clone { .. } => {
                self.clones.insert(node);
            }
        }
        let goodbye = Goodbye { more: false, time_ms: self.now_ms, ack: Some(state.acked) };
        Frame::Goodbye(goodbye).encode(&key)
    }

    /// Answers a poll. Now and then a relay that got hold of the session slips in records of its
    /// own; nobody must believe them.
    pub fn poll(
        &mut self,
        node: NodeId,
        bytes: &[u8],
        road: Road,
        chance: &mut Chance,
    ) -> Option<Vec<u8>> {
        let session = self.sessions.get(&node)?.clone();
        let poll = Poll::decode(bytes, &session).ok()?;
        self.memory.contacts.get_mut(&node)?.uses(session.id());
        let logs = self.memory.spans.iter().map(|(&lane, spans)| LaneLog {
            origin: HUB.node_id(),
            lane,
            spans: spans.clone(),
        });
        self.turn += 1;
        let closing = Closing { time_ms: self.now_ms, ack: None };
        let changes = self.changes.clone();
        let mut sender =
            Sender::new(&poll, session.frame_key(), logs.collect(), changes, self.turn, closing);
        if sender.reader_is_ahead() || chance.once_in(4) {
            sender.send_beacon(&self.beacon());
        }
        let mut answer = Vec::new();
        loop {
            match sender.step() {
                Step::Send(frame) => answer.extend(frame),
                Step::Done => break,
                Step::Need(need) => {
                    let log = &self.memory.lanes[&need.lane];
                    let limit = need
                        .limit
                        .min(1 + chance.below(20).max(if need.limit > 1000 { 1000 } else { 0 }));
                    let records: Vec<(u64, SignedRecord)> = log
                        .iter()
                        .filter(|row| row.cursor.epoch == need.epoch)
                        .filter(|row| row.cursor.seq > need.after && row.cursor.seq <= need.through)
                        .filter(|row| row.for_points.contains(&node))
                        .take(limit)
                        .map(|row| (row.cursor.seq, row.signed.clone()))
                        .collect();
                    let searched_through = match records.last() {
                        Some((last, _)) if records.len() == limit => *last,
                        _ => need.through,
                    };
                    sender.rows(Rows { records, searched_through });
                }
            }
        }
        if road.bad && chance.once_in(6) {
            let forged = forged(&poll, chance).encode(&session.frame_key()).unwrap();
            answer = [forged, answer].concat();
        }
        self.seen.push((node, answer.clone()));
        // An answer of long ago is played back.
        if road.bad && chance.once_in(8) {
            return Some(self.seen[chance.below(self.seen.len())].1.clone());
        }
        Some(answer)
    }

    fn beacon(&self) -> Signed<Beacon> {
        let heads = self.memory.spans.iter().map(|(&lane, spans)| (lane, *spans.last().unwrap()));
        let (origin, time_ms) = (HUB.node_id(), self.now_ms);
        Signed::sign(Beacon { origin, time_ms, heads: heads.collect() }, &HUB)
    }

    /// What the point must end up with.
    pub fn meant_for(&self, node: NodeId) -> impl Iterator<Item = (Lane, &Logged)> {
        let all =
            self.memory.lanes.iter().flat_map(|(&lane, log)| log.iter().map(move |r| (lane, r)));
        all.filter(move |(_, row)| row.for_points.contains(&node))
    }

    pub fn reports_of(&self, node: NodeId) -> BTreeMap<u32, Vec<Row>> {
        let epochs = self.memory.inbox.range((node, 0)..=(node, u32::MAX));
        epochs.map(|(&(_, epoch), (_, rows))| (epoch, rows.without_hash())).collect()
    }
}

/// A frame of the right session and the next numbers, with a record that a stranger signed.
fn forged(poll: &Poll, chance: &mut Chance) -> Frame {
    let lane = Lane::ALL[chance.below(Lane::ALL.len())];
    let have = poll.vector.get(HUB.node_id(), lane).unwrap_or(Cursor::new(100, 0));
    let record = Record {
        origin: STRANGER.node_id(),
        epoch: have.epoch,
        seq: have.seq + 1,
        lane,
        kind: 3,
        targets: Vec::new(),
        body: b"forged".to_vec(),
    };
    let stretch = Stretch {
        origin: HUB.node_id(),
        lane,
        epoch: have.epoch,
        after: have.seq,
        through: have.seq + 1,
    };
    Frame::Records(RecordsFrame { stretch, records: vec![record.sign(&STRANGER).unwrap()] })
}
