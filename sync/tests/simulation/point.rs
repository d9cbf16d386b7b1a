//! A point of the simulation: a disk of atomic writes that may stop between any two, and a memory
//! that is gone when the power is.

use super::{Road, hub::Hub};
use crate::cast::{Chance, HUB};
use std::{collections::BTreeMap, ops::AddAssign};
use sync::{
    Cursor, Lane, NodeId, NodeKeys, Signed, SignedRecord, StateVector,
    clock::TimeFloor,
    downstream::{Apply, Input, Output, Problem, Receiver},
    frame::{Frame, Parsed, parse},
    session::{Greeted, Hello, PROTO, Session, SessionId, greeted},
    upstream::{AckHeard, ChainHash, NoColumns, Outbox, Row, UpHead, seal},
};

fn seed_of(index: usize) -> [u8; 32] {
    [100 + index as u8; 32]
}

pub fn keys_of(index: usize) -> NodeKeys {
    NodeKeys::from_seed(&seed_of(index))
}

/// What a point went through; a simulation in which nothing happens proves nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub power_cuts: u64,
    pub continued: u64,
    pub damaged: u64,
    pub forged: u64,
    pub epochs: u64,
    pub regressed: u64,
    pub records: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.power_cuts += more.power_cuts;
        self.continued += more.continued;
        self.damaged += more.damaged;
        self.forged += more.forged;
        self.epochs += more.epochs;
        self.regressed += more.regressed;
        self.records += more.records;
    }
}

pub trait NoHash {
    fn without_hash(&self) -> Vec<Row>;
}

impl NoHash for Vec<(Row, ChainHash)> {
    fn without_hash(&self) -> Vec<Row> {
        self.iter().map(|(row, _)| row.clone()).collect()
    }
}

/// The power is off.
struct Off;

/// What survives.
#[derive(Clone, Default)]
struct Disk {
    vector: StateVector,
    records: BTreeMap<(Lane, Cursor), SignedRecord>,
    partial: Vec<u8>,
    last_session: SessionId,
    floor: TimeFloor,
    rows: Vec<(Row, ChainHash)>,
    acked: u64,
}

const UP_EPOCH: u32 = 7;

pub struct Point {
    seed: [u8; 32],
    keys: NodeKeys,
    disk: Disk,
    /// How many more writes before the power fails, if it does.
    fuse: Option<usize>,
    session: Option<Session>,
    pub tally: Tally,
}

impl Point {
    pub fn new(index: usize) -> Self {
        let seed = seed_of(index);
        let keys = keys_of(index);
        let tally = Tally::default();
        Self { seed, keys, disk: Disk::default(), fuse: None, session: None, tally }
    }

    /// The same box twice: its disk was copied. The copy starts with its memory empty.
    pub fn copy(&self) -> Self {
        let keys = NodeKeys::from_seed(&self.seed);
        let tally = Tally::default();
        Self { seed: self.seed, keys, disk: self.disk.clone(), fuse: None, session: None, tally }
    }

    /// Power off and on again.
    pub fn restart(&mut self) {
        self.session = None;
    }

    pub fn node_id(&self) -> NodeId {
        self.keys.node_id()
    }

    pub fn cut_power_after(&mut self, writes: usize) {
        self.fuse = Some(writes);
    }

    /// One transaction: all of it or, if the power fails first, none.
    fn write(&mut self, change: impl FnOnce(&mut Disk)) -> Result<(), Off> {
        if self.fuse == Some(0) {
            self.tally.power_cuts += 1;
            return Err(Off);
        }
        self.fuse = self.fuse.map(|left| left - 1);
        change(&mut self.disk);
        Ok(())
    }

    fn head(&self) -> UpHead {
        let genesis = ChainHash::genesis(self.keys.node_id(), UP_EPOCH);
        let hash = self.disk.rows.last().map_or(genesis, |(_, hash)| *hash);
        UpHead { cursor: Cursor::new(UP_EPOCH, self.disk.rows.len() as u64), hash }
    }

    pub fn report(&mut self, chance: &mut Chance) {
        for _ in 0..=chance.below(4) {
            let length = chance.below(40);
            let row = Row { kind: 40, body: chance.bytes(length) };
            let hash = self.head().hash.next(row.kind, &row.body);
            self.disk.rows.push((row, hash));
        }
    }

    /// Calls the hub: hello if need be, reports up, records down.
    pub fn contact(&mut self, hub: &mut Hub, road: Road, chance: &mut Chance) {
        if self.talk(hub, road, chance).is_err() {
            self.session = None;
        }
        self.fuse = None;
        if chance.once_in(4) {
            self.session = None;
        }
    }

    fn talk(&mut self, hub: &mut Hub, road: Road, chance: &mut Chance) -> Result<(), Off> {
        if self.session.is_none() {
            self.greet(hub, road, chance)?;
        }
        let Some(session) = self.session.clone() else { return Ok(()) };
        self.send_reports(hub, road, &session, chance)?;
        for _ in 0..3 {
            if !self.poll(hub, road, &session, chance)? {
                break;
            }
        }
        Ok(())
    }

    fn greet(&mut self, hub: &mut Hub, road: Road, chance: &mut Chance) -> Result<(), Off> {
        let mut answering = [0; 16];
        for _ in 0..3 {
            // A clock that is anywhere.
            let wall_ms = chance.next() >> 20;
            let hello = Hello {
                proto: PROTO,
                node: self.keys.node_id(),
                nonce: chance.array(),
                time_ms: self.disk.floor.now(wall_ms),
                last_session: self.disk.last_session,
                answering,
                up: self.head(),
            };
            let bytes = Signed::sign(hello.clone(), &self.keys).as_bytes().to_vec();
            let there = road.carry(chance, &bytes);
            let mut answer = hub.hello(&there, chance);
            if road.bad && chance.once_in(5) {
                answer = hub.hello(&there, chance).or(answer);
            }
            let Some(answer) = answer else { return Ok(()) };
            let back = road.carry(chance, &answer);
            let Ok(answer) = Signed::from_bytes(&back) else { return Ok(()) };
            match greeted(&answer, &hello, &self.keys, HUB.public()) {
                Ok(Greeted::Welcome { session, held, time_ms, .. }) => {
                    let mut outbox = self.outbox();
                    let back = outbox.rewind(held, 1);
                    self.write(|disk| {
                        disk.last_session = session.id();
                        disk.floor.raise(time_ms);
                        disk.acked = back.map_or(disk.acked, |back| back.seq);
                    })?;
                    self.session = Some(session);
                    return Ok(());
                }
                Ok(Greeted::Challenge(challenge)) => answering = challenge,
                Ok(Greeted::Refused) | Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(vec![(UP_EPOCH, self.disk.acked, self.disk.rows.len() as u64)])
    }

    fn send_reports(
        &mut self,
        hub: &mut Hub,
        road: Road,
        session: &Session,
        chance: &mut Chance,
    ) -> Result<(), Off> {
        let mut outbox = self.outbox();
        for _ in 0..3 {
            let Some(pending) = outbox.next() else { break };
            let first = pending.first as usize;
            let previous = match first {
                1 => ChainHash::genesis(self.keys.node_id(), UP_EPOCH),
                _ => self.disk.rows[first - 2].1,
            };
            let rows = self.disk.rows[first - 1..].to_vec().without_hash();
            let (batch, _) = seal(
                &self.keys,
                HUB.public(),
                UP_EPOCH,
                pending.first,
                previous,
                &rows,
                &NoColumns,
                chance,
            )
            .unwrap();
            let there = road.carry(chance, &batch);
            let mut answer = hub.batch(&there);
            if road.bad && chance.once_in(4) {
                answer = hub.batch(&there).or(answer);
            }
            let Some(answer) = answer else { break };
            let back = road.carry(chance, &answer);
            let Ok(Parsed::Whole(Frame::Goodbye(goodbye), _)) = parse(&back, &session.frame_key())
            else {
                break;
            };
            match outbox.heard(goodbye.ack.unwrap()) {
                AckHeard::Advanced(ack) => self.write(|disk| disk.acked = ack.seq)?,
                AckHeard::Nothing => {}
                // Only a copy hears of rows that it never wrote.
                AckHeard::Restored(_) => break,
            }
        }
        Ok(())
    }

    /// One poll and its answer. Whether more is waiting.
    fn poll(
        &mut self,
        hub: &mut Hub,
        road: Road,
        session: &Session,
        chance: &mut Chance,
    ) -> Result<bool, Off> {
        let origins = BTreeMap::from([(HUB.node_id(), *HUB.public())]);
        let vector = self.disk.vector.clone();
        let mut receiver = Receiver::new(origins, vector, self.disk.partial.clone());
        let mut poll = receiver.poll();
        if chance.once_in(3) {
            poll.budget = 1 + chance.next() % 20_000;
        }
        let there = road.carry(chance, &poll.encode(session));
        let Some(answer) = hub.poll(self.keys.node_id(), &there, road, chance) else {
            self.session = None;
            return Ok(false);
        };
        let back = road.carry(chance, &answer);
        receiver.handle(Input::Begin { now_ms: 0, key: session.frame_key() });
        let mut more = false;
        let mut now_ms = 0;
        for piece in back.chunks(1 + chance.below(6000)) {
            now_ms += chance.next() % 3000;
            receiver.handle(Input::Bytes { now_ms, bytes: piece });
            more |= self.carry_out(&mut receiver)?;
        }
        receiver.handle(Input::End);
        self.carry_out(&mut receiver)?;
        assert_eq!(receiver.vector(), &self.disk.vector);
        Ok(more)
    }

    /// What an `Apply` asks for, in one transaction.
    fn store(&mut self, apply: Apply) -> Result<(), Off> {
        self.write(|disk| {
            for received in apply.records {
                let record = received.signed.verify(HUB.node_id(), HUB.public()).expect("signed");
                assert_eq!(Some(&record), received.record.as_ref());
                let at = (apply.lane, Cursor::new(record.epoch, record.seq));
                let before = disk.records.insert(at, received.signed);
                assert!(before.is_none(), "applied twice: {at:?}");
            }
            disk.vector.set(apply.origin, apply.lane, apply.cursor);
            if apply.drop_partial {
                disk.partial.clear();
            }
        })
    }

    fn carry_out(&mut self, receiver: &mut Receiver) -> Result<bool, Off> {
        let mut again = false;
        while let Some(output) = receiver.output() {
            match output {
                Output::Apply(apply) => {
                    self.tally.records += apply.records.len() as u64;
                    self.tally.continued += u64::from(apply.drop_partial);
                    self.store(apply)?;
                }
                Output::SavePartial(bytes) => self.write(|disk| disk.partial = bytes)?,
                Output::Beacon(beacon) => self.write(|disk| {
                    disk.floor.raise(beacon.time_ms);
                })?,
                Output::Done { more, .. } => again = more,
                Output::Problem(Problem::UnknownOrigin(_) | Problem::BadStatement(_)) => {
                    panic!("nobody forges those here")
                }
                Output::Problem(Problem::Damaged) => self.tally.damaged += 1,
                Output::Problem(Problem::BadRecord { .. }) => self.tally.forged += 1,
                Output::Problem(Problem::HistoryRegressed { .. }) => self.tally.regressed += 1,
                Output::Problem(_) => {}
                Output::EpochChanged(_) => self.tally.epochs += 1,
            }
        }
        Ok(again)
    }

    /// The road was good for a while: everything is where it belongs.
    pub fn check(&self, hub: &Hub) {
        let node = self.keys.node_id();
        for (lane, row) in hub.meant_for(node) {
            let have = self.disk.records.get(&(lane, row.cursor));
            assert_eq!(have, Some(&row.signed), "lost {lane:?} {:?}", row.cursor);
        }
        let reports = hub.reports_of(node);
        let held = reports.get(&UP_EPOCH).cloned().unwrap_or_default();
        assert_eq!(held, self.disk.rows.without_hash(), "reports lost or doubled");
        assert!(self.disk.floor.as_ms() <= hub.now_ms);
    }
}
