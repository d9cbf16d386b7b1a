//! Records going down: order, budget, turns, epochs, and what a receiver refuses.

use crate::{
    cast::{EPOCH, HUB, STRANGER, record, signed},
    sizes::{answer, log},
};
use std::collections::BTreeMap;
use sync::{
    Cursor, Lane, NodeId, Rejected, Signed, SignedRecord, StateVector,
    downstream::{Closing, Input, LaneLog, Output, Problem, Receiver, Rows, Sender, Step},
    frame::{Frame, FrameKey, Parsed, RecordsFrame, Stretch, parse},
    history::{Beacon, EpochChange, Turn},
    poll::Poll,
    session::{Session, SessionId},
};

const CLOSING: Closing = Closing { time_ms: 5, ack: None };

fn hub() -> NodeId {
    HUB.node_id()
}

fn receiver(vector: StateVector) -> Receiver {
    Receiver::new(BTreeMap::from([(hub(), *HUB.public())]), vector, Vec::new())
}

fn hear(receiver: &mut Receiver, bytes: &[u8], key: FrameKey) -> Vec<Output> {
    receiver.handle(Input::Begin { now_ms: 0, key });
    receiver.handle(Input::Bytes { now_ms: 0, bytes });
    receiver.handle(Input::End);
    std::iter::from_fn(|| receiver.output()).collect()
}

fn stretch(lane: Lane, epoch: u32, after: u64, through: u64) -> Stretch {
    Stretch { origin: hub(), lane, epoch, after, through }
}

fn frame(stretch: Stretch, records: Vec<SignedRecord>) -> Vec<u8> {
    Frame::Records(RecordsFrame { stretch, records }).encode(&FrameKey::open()).unwrap()
}

fn problems(outputs: &[Output]) -> Vec<&Problem> {
    let mut problems = Vec::new();
    for output in outputs {
        if let Output::Problem(problem) = output {
            problems.push(problem);
        }
    }
    problems
}

/// Answers from a log that holds `heads` records of noise in each lane; returns the lanes in the
/// order of their frames.
fn order(heads: &[(Lane, u64)], poll: &Poll, turn: u64) -> Vec<Lane> {
    let logs = heads.iter().map(|&(lane, head)| LaneLog {
        origin: hub(),
        lane,
        spans: vec![Cursor::new(EPOCH, head)],
    });
    let key = FrameKey::open();
    let mut sender = Sender::new(poll, key.clone(), logs.collect(), Vec::new(), turn, CLOSING);
    let mut order = Vec::new();
    loop {
        match sender.step() {
            Step::Need(need) => {
                let mut chance = crate::cast::Chance::new(need.after);
                let records: Vec<_> = (need.after + 1..=need.through)
                    .take(need.limit.min(20))
                    .map(|seq| (seq, signed(seq, need.lane, chance.bytes(5000))))
                    .collect();
                let searched_through = records.last().map_or(need.through, |(seq, _)| *seq);
                sender.rows(Rows { records, searched_through });
            }
            Step::Send(bytes) => {
                if let Ok(Parsed::Whole(Frame::Records(frame), _)) = parse(&bytes, &key) {
                    order.push(frame.stretch.lane);
                }
            }
            Step::Done => return order,
        }
    }
}

#[test]
fn the_most_urgent_lane_goes_first_whatever_the_order_of_the_logs() {
    let heads = [(Lane::Video, 3), (Lane::Text, 3), (Lane::Alert, 6), (Lane::Control, 3)];
    let order = order(&heads, &Poll::new(StateVector::default()), 0);
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.iter().filter(|lane| **lane == Lane::Alert).count(), 2);
}

#[test]
fn lanes_beyond_what_the_link_may_carry_are_left_out() {
    let heads = [(Lane::Video, 3), (Lane::Text, 3)];
    let poll = Poll { max_lane: Lane::Text, ..Poll::new(StateVector::default()) };
    assert_eq!(order(&heads, &poll, 0), [Lane::Text]);
}

#[test]
fn the_least_urgent_lane_gets_one_frame_in_twenty_even_when_each_answer_has_only_one() {
    let heads = [(Lane::Text, 60), (Lane::Video, 60)];
    let long = order(&heads, &Poll::new(StateVector::default()), 0);
    assert_eq!(long.iter().take(20).filter(|lane| **lane == Lane::Video).count(), 1);
    let small = Poll { budget: 1, ..Poll::new(StateVector::default()) };
    let lanes: Vec<Lane> = (0..20).flat_map(|turn| order(&heads, &small, turn)).collect();
    assert_eq!(lanes.len(), 20);
    assert_eq!(lanes.iter().filter(|lane| **lane == Lane::Video).count(), 1);
}

#[test]
fn an_alert_never_gives_up_its_turn() {
    let heads = [(Lane::Alert, 60), (Lane::Video, 60)];
    for turn in 0..20 {
        let small = Poll { budget: 1, ..Poll::new(StateVector::default()) };
        assert_eq!(order(&heads, &small, turn), [Lane::Alert]);
    }
}

#[test]
fn an_answer_in_pieces_of_any_size_means_the_same() {
    let log = log(80);
    let bytes = answer(&Poll::new(StateVector::default()), &log);
    let key = || Session::new(SessionId([9; 8]), [8; 32]).frame_key();
    let whole = hear(&mut receiver(StateVector::default()), &bytes, key());
    for size in [1, 7, 1000, 20_000] {
        let mut receiver = receiver(StateVector::default());
        receiver.handle(Input::Begin { now_ms: 0, key: key() });
        for piece in bytes.chunks(size) {
            receiver.handle(Input::Bytes { now_ms: 0, bytes: piece });
        }
        let outputs: Vec<Output> = std::iter::from_fn(|| receiver.output()).collect();
        assert_eq!(outputs, whole);
    }
}

#[test]
fn a_frame_heard_twice_is_applied_once_and_one_that_leaves_a_gap_not_at_all() {
    let mut receiver = receiver(StateVector::default());
    let records = vec![signed(1, Lane::Text, vec![1]), signed(3, Lane::Text, vec![3])];
    let bytes = frame(stretch(Lane::Text, EPOCH, 0, 4), records);
    let first = hear(&mut receiver, &bytes, FrameKey::open());
    assert!(matches!(&first[..], [Output::Apply(apply)] if apply.records.len() == 2
        && apply.cursor == Cursor::new(EPOCH, 4)));
    assert_eq!(hear(&mut receiver, &bytes, FrameKey::open()), []);
    let far = frame(stretch(Lane::Text, EPOCH, 9, 12), Vec::new());
    let outputs = hear(&mut receiver, &far, FrameKey::open());
    assert!(matches!(problems(&outputs)[..], [Problem::Gap { .. }]));
    assert_eq!(receiver.vector().get(hub(), Lane::Text), Some(Cursor::new(EPOCH, 4)));
}

#[test]
fn a_record_of_a_stranger_stops_the_lane_just_before_it() {
    let forged = {
        let mut record = record(2, Lane::Text, vec![2]);
        record.origin = STRANGER.node_id();
        record.sign(&STRANGER).unwrap()
    };
    let records = vec![signed(1, Lane::Text, vec![1]), forged, signed(3, Lane::Text, vec![3])];
    let bytes = frame(stretch(Lane::Text, EPOCH, 0, 9), records);
    let mut receiver = receiver(StateVector::default());
    let outputs = hear(&mut receiver, &bytes, FrameKey::open());
    assert!(matches!(&outputs[0], Output::Apply(apply) if apply.records.len() == 1));
    let why = Rejected::BadSignature;
    assert!(matches!(problems(&outputs)[..], [Problem::BadRecord { why: w, .. }] if *w == why));
    assert_eq!(receiver.vector().get(hub(), Lane::Text), Some(Cursor::new(EPOCH, 1)));
}

#[test]
fn a_genuine_record_in_the_wrong_frame_is_refused() {
    let wrong = [
        (stretch(Lane::Alert, EPOCH, 0, 9), signed(1, Lane::Text, vec![])),
        (stretch(Lane::Text, EPOCH + 1, 0, 9), signed(1, Lane::Text, vec![])),
        (stretch(Lane::Text, EPOCH, 0, 9), signed(10, Lane::Text, vec![])),
    ];
    for (stretch, record) in wrong {
        let mut receiver = receiver(StateVector::default());
        let outputs = hear(&mut receiver, &frame(stretch, vec![record]), FrameKey::open());
        assert!(matches!(problems(&outputs)[..], [Problem::BadRecord { .. }]));
    }
}

#[test]
fn a_record_that_demands_more_understanding_is_stored_but_not_acted_on() {
    let later = [(8, true.into())];
    let critical = record(1, Lane::Text, vec![]).sign_extended(&HUB, &later, &[8]).unwrap();
    let bytes = frame(stretch(Lane::Text, EPOCH, 0, 1), vec![critical.clone()]);
    let outputs = hear(&mut receiver(StateVector::default()), &bytes, FrameKey::open());
    let [Output::Apply(apply)] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!((&apply.records[0].signed, &apply.records[0].record), (&critical, &None));
}

#[test]
fn frames_of_an_unknown_origin_are_told_and_skipped() {
    let mut receiver = Receiver::new(BTreeMap::new(), StateVector::default(), Vec::new());
    let bytes = frame(stretch(Lane::Text, EPOCH, 0, 1), vec![signed(1, Lane::Text, vec![])]);
    let outputs = hear(&mut receiver, &bytes, FrameKey::open());
    assert_eq!(outputs, [Output::Problem(Problem::UnknownOrigin(hub()))]);
}

#[test]
fn a_new_epoch_is_believed_only_with_the_origins_word() {
    let vector: StateVector = [(hub(), Lane::Text, Cursor::new(EPOCH, 9))].into_iter().collect();
    let mut receiver = receiver(vector);
    let next = {
        let mut record = record(1, Lane::Text, vec![7]);
        record.epoch = EPOCH + 5;
        record.sign(&HUB).unwrap()
    };
    let bytes = frame(stretch(Lane::Text, EPOCH + 5, 0, 1), vec![next]);
    let outputs = hear(&mut receiver, &bytes, FrameKey::open());
    assert!(matches!(problems(&outputs)[..], [Problem::EpochUnannounced(_)]));

    let turn = Turn { kept: Cursor::new(EPOCH, 7), epoch: EPOCH + 5 };
    let change = EpochChange { origin: hub(), time_ms: 1, turns: vec![(Lane::Text, turn)] };
    let encode = |signed| Frame::EpochChange(signed).encode(&FrameKey::open()).unwrap();
    let forged = encode(Signed::sign(change.clone(), &STRANGER));
    let outputs = hear(&mut receiver, &forged, FrameKey::open());
    assert_eq!(outputs, [Output::Problem(Problem::BadStatement(hub()))]);

    let genuine = encode(Signed::sign(change, &HUB));
    let outputs = hear(&mut receiver, &[genuine, bytes].concat(), FrameKey::open());
    // It had read two records that the hub has forgotten: told, and kept.
    assert!(matches!(problems(&outputs)[..], [Problem::HistoryRegressed { .. }]));
    assert_eq!(receiver.vector().get(hub(), Lane::Text), Some(Cursor::new(EPOCH + 5, 1)));
}

#[test]
fn a_beacon_behind_what_we_have_read_is_reported() {
    let vector: StateVector = [(hub(), Lane::Text, Cursor::new(EPOCH, 9))].into_iter().collect();
    let heads = vec![(Lane::Text, Cursor::new(EPOCH, 5))];
    let beacon = Signed::sign(Beacon { origin: hub(), time_ms: 3, heads }, &HUB);
    let bytes = Frame::Beacon(beacon).encode(&FrameKey::open()).unwrap();
    let outputs = hear(&mut receiver(vector), &bytes, FrameKey::open());
    assert!(matches!(problems(&outputs)[..], [Problem::HistoryRegressed { .. }]));
    assert!(outputs.iter().any(|output| matches!(output, Output::Beacon(b) if b.time_ms == 3)));
}

#[test]
fn damage_ends_the_answer_and_loses_nothing() {
    let log = log(60);
    let bytes = answer(&Poll::new(StateVector::default()), &log);
    let key = || Session::new(SessionId([9; 8]), [8; 32]).frame_key();
    let mut bad = bytes.clone();
    bad[17_000] ^= 1;
    let mut receiver = receiver(StateVector::default());
    let outputs = hear(&mut receiver, &bad, key());
    assert_eq!(problems(&outputs), [&Problem::Damaged]);
    let outputs = hear(&mut receiver, &bytes, key());
    assert_eq!(problems(&outputs), Vec::<&Problem>::new());
    assert_eq!(receiver.vector().get(hub(), Lane::Text), Some(Cursor::new(EPOCH, 60)));
}
