//! Reports going up: resent, reordered, overlapping, lost, forked.

use crate::cast::{Chance, HUB, MUONG_NHE, STRANGER};
use sync::{
    Cursor,
    upstream::{
        AckHeard, BatchRefused, ChainHash, Claim, Columns, InboxState, NoColumns, Opened, Outbox,
        Pending, Row, UpHead, Verdict, batch_sender, judge_head, open, seal,
    },
};

const EPOCH: u32 = 9;

/// A point's whole log with the running hash before each row.
#[derive(Clone)]
struct Log {
    rows: Vec<Row>,
    hashes: Vec<ChainHash>,
}

impl Log {
    fn new() -> Self {
        let genesis = ChainHash::genesis(MUONG_NHE.node_id(), EPOCH);
        Self { rows: Vec::new(), hashes: vec![genesis] }
    }

    fn write(&mut self, kind: u16, body: Vec<u8>) {
        self.hashes.push(self.hashes.last().unwrap().next(kind, &body));
        self.rows.push(Row { kind, body });
    }

    fn some(count: usize, chance: &mut Chance) -> Self {
        let mut log = Self::new();
        for _ in 0..count {
            let kind = 40 + chance.below(2) as u16;
            let length = chance.below(30);
            log.write(kind, chance.bytes(length));
        }
        log
    }

    /// Rows `first..=last`, counted from one, as the hub opens them.
    fn batch(&self, first: usize, last: usize, chance: &mut Chance) -> Opened {
        let rows = &self.rows[first - 1..last];
        let (bytes, taken) = seal(
            &MUONG_NHE,
            HUB.public(),
            EPOCH,
            first as u64,
            self.hashes[first - 1],
            rows,
            &NoColumns,
            chance,
        )
        .unwrap();
        assert_eq!(taken, rows.len());
        assert_eq!(batch_sender(&bytes), Ok(MUONG_NHE.node_id()));
        open(&bytes, &HUB, MUONG_NHE.public(), &NoColumns).unwrap()
    }
}

/// The hub's table of rows.
struct Held {
    state: InboxState,
    rows: Vec<(Row, ChainHash)>,
}

impl Held {
    fn new() -> Self {
        Self { state: InboxState::empty(MUONG_NHE.node_id(), EPOCH), rows: Vec::new() }
    }

    fn take(&mut self, batch: &Opened) -> Verdict {
        let asked = batch.asks(&self.state);
        let verdict = batch.judge(&self.state, |seq| {
            assert!(asked.contains(&seq), "{seq} was not asked for");
            self.rows.get(seq as usize - 1).map(|(_, hash)| *hash)
        });
        if let Verdict::Apply { skip, state } = verdict {
            self.rows.extend_from_slice(&batch.rows[skip..]);
            self.state = state;
        }
        verdict
    }
}

#[test]
fn any_order_of_any_overlapping_batches_leaves_each_row_once() {
    for seed in 0..40 {
        let mut chance = Chance::new(seed);
        let log = Log::some(1 + chance.below(20), &mut chance);
        let mut held = Held::new();
        while held.rows.len() < log.rows.len() {
            let first = 1 + chance.below(log.rows.len());
            let last = first + chance.below(log.rows.len() - first + 1);
            let batch = log.batch(first, last, &mut chance);
            let before = held.rows.len();
            match held.take(&batch) {
                Verdict::Apply { .. } => assert_eq!(held.rows.len(), last),
                Verdict::Duplicate => assert!(last <= before),
                Verdict::Gap { wanted } => {
                    assert!(first > before + 1);
                    assert_eq!(wanted, before as u64 + 1);
                }
                Verdict::Clone { at } => panic!("seed {seed}: no clone here, at {at}"),
            }
        }
        assert!(held.rows.iter().map(|(row, _)| row).eq(&log.rows));
        let head = UpHead { cursor: held.state.acked, hash: *log.hashes.last().unwrap() };
        assert_eq!(judge_head(&held.state, &head), Claim::Agrees);
    }
}

#[test]
fn two_logs_that_parted_are_noticed_at_the_first_batch_of_the_second_in_every_trial() {
    for seed in 0..1000 {
        let mut chance = Chance::new(seed);
        let common = chance.below(20);
        let mut one = Log::some(common, &mut chance);
        let mut other = one.clone();
        let (more_one, more_other) = (1 + chance.below(10), 1 + chance.below(10));
        (0..more_one).for_each(|n| one.write(40, vec![1, n as u8]));
        (0..more_other).for_each(|n| other.write(40, vec![2, n as u8]));
        let mut held = Held::new();
        held.take(&one.batch(1, common + more_one, &mut chance));
        // The copy sends whatever it believes the hub has not, or all again.
        let first = if chance.once_in(2) { 1 } else { common + 1 };
        let batch = other.batch(first, common + more_other, &mut chance);
        assert!(matches!(held.take(&batch), Verdict::Clone { .. }), "seed {seed}");
        assert_eq!(held.rows.len(), common + more_one, "what was held is untouched");
    }
}

#[test]
fn a_point_that_went_back_in_time_is_noticed_by_its_hello() {
    let mut chance = Chance::new(4);
    let log = Log::some(20, &mut chance);
    let mut held = Held::new();
    held.take(&log.batch(1, 20, &mut chance));
    let head = |seq: u64, hash| UpHead { cursor: Cursor::new(EPOCH, seq), hash };
    assert_eq!(judge_head(&held.state, &head(12, log.hashes[12])), Claim::Behind);
    assert_eq!(judge_head(&held.state, &head(20, log.hashes[12])), Claim::Forked);
    assert_eq!(judge_head(&held.state, &head(25, log.hashes[12])), Claim::Ahead);
    let fresh = UpHead::empty(MUONG_NHE.node_id(), EPOCH + 1);
    assert_eq!(judge_head(&held.state, &fresh), Claim::Ahead);
}

#[test]
fn only_the_hub_opens_a_batch_and_only_the_point_can_have_made_it() {
    let mut chance = Chance::new(5);
    let rows = [Row { kind: 1, body: b"bi mat".to_vec() }];
    let genesis = ChainHash::genesis(MUONG_NHE.node_id(), EPOCH);
    let (bytes, _) =
        seal(&MUONG_NHE, HUB.public(), EPOCH, 1, genesis, &rows, &NoColumns, &mut chance).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"bi mat"));
    let refused = |bytes: &[u8], hub, point| open(bytes, hub, point, &NoColumns).unwrap_err();
    assert_eq!(refused(&bytes, &STRANGER, MUONG_NHE.public()), BatchRefused::Sealed);
    assert_eq!(refused(&bytes, &HUB, STRANGER.public()), BatchRefused::BadSignature);
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        refused(&altered, &HUB, MUONG_NHE.public());
        refused(&bytes[..at], &HUB, MUONG_NHE.public());
    }
}

/// A packer that forgets the last byte of everything.
struct Lossy;

impl Columns for Lossy {
    fn pack(&self, _: u16, bodies: &[&[u8]]) -> Option<Vec<u8>> {
        Some(bodies.iter().map(|body| body[0]).collect())
    }

    fn unpack(&self, _: u16, block: &[u8]) -> Option<Vec<Vec<u8>>> {
        Some(block.iter().map(|&byte| vec![byte]).collect())
    }
}

#[test]
fn a_packer_that_loses_bytes_costs_no_report() {
    let rows = [Row { kind: 1, body: vec![1, 2] }, Row { kind: 1, body: vec![3] }];
    let genesis = ChainHash::genesis(MUONG_NHE.node_id(), EPOCH);
    let mut chance = Chance::new(6);
    let (bytes, _) =
        seal(&MUONG_NHE, HUB.public(), EPOCH, 1, genesis, &rows, &Lossy, &mut chance).unwrap();
    let opened = open(&bytes, &HUB, MUONG_NHE.public(), &Lossy).unwrap();
    assert!(opened.rows.iter().map(|(row, _)| row).eq(&rows));
}

#[test]
fn rows_that_do_not_fit_in_one_batch_go_in_several() {
    let mut chance = Chance::new(7);
    let mut log = Log::new();
    for _ in 0..10 {
        log.write(2, chance.bytes(20_000));
    }
    let mut held = Held::new();
    while held.rows.len() < 10 {
        let first = held.rows.len();
        let (bytes, taken) = seal(
            &MUONG_NHE,
            HUB.public(),
            EPOCH,
            first as u64 + 1,
            log.hashes[first],
            &log.rows[first..],
            &NoColumns,
            &mut chance,
        )
        .unwrap();
        assert!(bytes.len() <= sync::upstream::BATCH_MOST && taken >= 1);
        held.take(&open(&bytes, &HUB, MUONG_NHE.public(), &NoColumns).unwrap());
    }
    assert!(held.rows.iter().map(|(row, _)| row).eq(&log.rows));
}

#[test]
fn the_outbox_sends_old_epochs_first_and_knows_what_an_acknowledgement_means() {
    let mut outbox = Outbox::new(vec![(5, 2, 4)]);
    assert_eq!(outbox.mint_epoch(0), 6);
    outbox.wrote(1);
    assert_eq!(outbox.next(), Some(Pending { epoch: 5, first: 3, last: 4 }));
    assert_eq!(outbox.heard(Cursor::new(5, 2)), AckHeard::Nothing);
    assert_eq!(outbox.heard(Cursor::new(5, 4)), AckHeard::Advanced(Cursor::new(5, 4)));
    assert_eq!(outbox.next(), Some(Pending { epoch: 6, first: 1, last: 1 }));
    assert_eq!(outbox.heard(Cursor::new(6, 9)), AckHeard::Restored(Cursor::new(6, 9)));
    assert_eq!(outbox.heard(Cursor::new(7, 0)), AckHeard::Restored(Cursor::new(7, 0)));
    assert_eq!(outbox.heard(Cursor::new(4, 9)), AckHeard::Nothing);
    assert_eq!(outbox.mint_epoch(20), 20);
}

#[test]
fn a_hub_that_forgot_gets_again_what_is_still_kept() {
    let mut outbox = Outbox::new(vec![(5, 40, 42)]);
    assert_eq!(outbox.rewind(Cursor::new(5, 40), 1), None);
    assert_eq!(outbox.rewind(Cursor::new(5, 10), 21), Some(Cursor::new(5, 20)));
    assert_eq!(outbox.next(), Some(Pending { epoch: 5, first: 21, last: 42 }));
}
