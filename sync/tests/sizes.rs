//! The byte budgets, as gates. Bytes are exact; nothing here measures time.

use crate::cast::{Chance, EPOCH, HUB, MUONG_NHE, signed, vietnamese};
use std::collections::BTreeMap;
use sync::{
    Cursor, Lane, SignedRecord, StateVector,
    blob::encoded_len,
    downstream::{Closing, Input, LaneLog, Output, Receiver, Rows, Sender, Step},
    frame::{FRAME_MOST, Frame, FrameKey, Goodbye, RecordsFrame, Stretch},
    poll::Poll,
    session::{Session, SessionId},
    upstream::{ChainHash, Columns, Row, seal},
};

const CLOSING: Closing =
    Closing { time_ms: 1_795_300_000_000, ack: Some(Cursor::new(EPOCH, 1234)) };

fn session() -> Session {
    Session::new(SessionId([9; 8]), [8; 32])
}

pub fn log(count: u64) -> Vec<SignedRecord> {
    let mut chance = Chance::new(17);
    (1..=count)
        .map(|seq| signed(seq, Lane::Text, vietnamese(&mut chance, 1000).into_bytes()))
        .collect()
}

pub fn synced(seq: u64) -> StateVector {
    Lane::ALL
        .into_iter()
        .map(|lane| (HUB.node_id(), lane, Cursor::new(EPOCH, seq / (1 + u64::from(lane.number())))))
        .collect()
}

/// The whole answer to a poll when the text lane holds `log`.
pub fn answer(poll: &Poll, log: &[SignedRecord]) -> Vec<u8> {
    let lane = LaneLog {
        origin: HUB.node_id(),
        lane: Lane::Text,
        spans: vec![Cursor::new(EPOCH, log.len() as u64)],
    };
    let key = session().frame_key();
    let mut sender = Sender::new(poll, key, vec![lane], Vec::new(), 0, CLOSING);
    let mut bytes = Vec::new();
    loop {
        match sender.step() {
            Step::Need(need) => {
                let wanted = (need.after + 1..=need.through).take(need.limit);
                let records: Vec<_> =
                    wanted.map(|seq| (seq, log[seq as usize - 1].clone())).collect();
                let searched_through = records.last().map_or(need.through, |(seq, _)| *seq);
                sender.rows(Rows { records, searched_through });
            }
            Step::Send(frame) => {
                assert!(poll.partial.is_some() || frame.len() <= FRAME_MOST);
                bytes.extend(frame);
            }
            Step::Done => return bytes,
        }
    }
}

fn receiver(vector: StateVector, partial: Vec<u8>) -> Receiver {
    Receiver::new(BTreeMap::from([(HUB.node_id(), *HUB.public())]), vector, partial)
}

#[test]
fn one_new_item_of_1_kb_crosses_in_400_bytes() {
    let mut sizes = Vec::new();
    for (seq, record) in (1..).zip(log(50)) {
        let stretch = Stretch {
            origin: HUB.node_id(),
            lane: Lane::Text,
            epoch: EPOCH,
            after: seq - 1,
            through: seq,
        };
        let frame = Frame::Records(RecordsFrame { stretch, records: vec![record] });
        sizes.push(frame.encode(&FrameKey::open()).unwrap().len());
    }
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    println!("one item: mean {mean} B, longest {} B", sizes.iter().max().unwrap());
    assert!(mean <= 400, "mean {mean}");
    assert!(*sizes.iter().max().unwrap() <= 420);
}

#[test]
fn ten_thousand_items_cost_330_bytes_each_signatures_included() {
    let log = log(10_000);
    let text: usize = log.iter().map(|record| record.as_bytes().len()).sum();
    let mut poll = Poll::new(StateVector::default());
    poll.max_lane = Lane::Text;
    let bytes = answer(&poll, &log).len();
    println!("bulk: {} B an item of {} B signed", bytes / log.len(), text / log.len());
    assert!(bytes <= 330 * log.len(), "{} B each", bytes / log.len());
}

#[test]
fn a_real_list_never_seen_in_training_shrinks_to_a_quarter() {
    let held_out = include_str!("material/communes_held_out.tsv");
    let raw: Vec<&str> = held_out.lines().collect();
    let log: Vec<SignedRecord> = (1..)
        .zip(&raw)
        .map(|(seq, line)| signed(seq, Lane::Text, line.as_bytes().to_vec()))
        .collect();
    let bytes = answer(&Poll::new(StateVector::default()), &log).len() - 64 * log.len();
    println!("held-out list: {bytes} B of {} B, without signatures", held_out.len());
    assert!(bytes * 4 <= held_out.len());
}

#[test]
fn a_poll_with_nothing_to_do_costs_a_hundred_bytes_both_ways() {
    let poll = Poll { wait_s: 300, ..Poll::new(synced(12_345)) };
    let up = poll.encode(&session()).len();
    let goodbye = Goodbye { more: false, time_ms: CLOSING.time_ms, ack: CLOSING.ack };
    let down = Frame::Goodbye(goodbye).encode(&session().frame_key()).unwrap().len();
    println!("no-op: {up} B up, {down} B down, HTTP not included");
    // A budget of 250 bytes with some 150 of HTTP around both bodies.
    assert!(up + down <= 100, "{up} + {down}");
}

#[test]
fn a_cut_wastes_nothing_but_headers() {
    let log = log(1000);
    let whole = answer(&Poll::new(StateVector::default()), &log).len();
    for cuts in [5, 10, 20] {
        let mut chance = Chance::new(cuts);
        let mut receiver = receiver(StateVector::default(), Vec::new());
        let (mut received, mut got, mut cut) = (0, 0, 0);
        loop {
            let poll = receiver.poll();
            let bytes = answer(&poll, &log);
            let sent = if cut < cuts {
                cut += 1;
                chance.below((whole / cuts as usize * 2).min(bytes.len()))
            } else {
                bytes.len()
            };
            received += sent + poll.encode(&session()).len();
            receiver.handle(Input::Begin { now_ms: 0, key: session().frame_key() });
            receiver.handle(Input::Bytes { now_ms: 0, bytes: &bytes[..sent] });
            receiver.handle(Input::End);
            let mut done = false;
            while let Some(output) = receiver.output() {
                match output {
                    Output::Apply(apply) => got += apply.records.len(),
                    Output::Done { more, .. } => done = !more,
                    Output::Problem(problem) => panic!("{problem:?}"),
                    _ => {}
                }
            }
            if done {
                break;
            }
        }
        let waste = received - whole;
        println!("{cuts} cuts: {waste} B wasted of {whole} B, requests included");
        assert_eq!(got, log.len());
        assert!(waste <= whole / 100 + 200 * cuts as usize, "{waste}");
    }
}

#[test]
fn proof_of_a_blob_costs_half_a_percent() {
    for size in [360_000, 20 << 20] {
        let overhead = encoded_len(size) - size;
        println!("proof: {overhead} B on {size} B");
        assert!(overhead * 1000 <= size * 5);
    }
}

/// Receipts as the village keeps them: card number, publication, rung, and when, to the second.
struct ReceiptColumns;

const RECEIPT_LEN: usize = 2 + 3 + 1 + 6;

impl Columns for ReceiptColumns {
    fn pack(&self, _: u16, bodies: &[&[u8]]) -> Option<Vec<u8>> {
        if bodies.iter().any(|body| body.len() != RECEIPT_LEN) {
            return None;
        }
        let column = |from: usize, to: usize| {
            bodies.iter().map(move |body| {
                body[from..to].iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte))
            })
        };
        let mut out = Vec::new();
        // Which card: one byte each where a village has fewer than 256.
        let cards: Vec<u64> = column(0, 2).collect();
        out.push(u8::from(cards.iter().any(|&card| card > 255)));
        let width = 1 + usize::from(out[0]);
        cards.iter().for_each(|card| out.extend(&card.to_be_bytes()[8 - width..]));
        // Which publication: a table of those that occur, then places in it.
        let mut table: Vec<u64> = column(2, 5).collect();
        table.sort_unstable();
        table.dedup();
        let small = u8::try_from(table.len()).ok()?;
        out.push(small);
        table.iter().for_each(|publication| out.extend(&publication.to_be_bytes()[5..]));
        out.extend(column(2, 5).map(|one| table.binary_search(&one).unwrap() as u8));
        out.extend(column(5, 6).map(|rung| rung as u8));
        // When: seconds since the last, in two bytes.
        let mut last = column(6, 12).next()?;
        out.extend(&last.to_be_bytes()[2..]);
        for at in column(6, 12) {
            out.extend(u16::try_from(at.checked_sub(last)?).ok()?.to_be_bytes());
            last = at;
        }
        Some(out)
    }

    fn unpack(&self, _: u16, block: &[u8]) -> Option<Vec<Vec<u8>>> {
        let (&wide, rest) = block.split_first()?;
        let width = 1 + usize::from(wide & 1);
        // Everything after the head has a fixed length per receipt, so the count follows.
        let count = (0..=rest.len()).find(|&count| {
            rest.get(count * width).is_some_and(|&table| {
                count * width + 1 + usize::from(table) * 3 + count * 4 + 6 == rest.len()
            })
        })?;
        let (cards, rest) = rest.split_at(count * width);
        let (table, rest) = rest[1..].split_at(usize::from(rest[0]) * 3);
        let (places, rest) = rest.split_at(count);
        let (rungs, rest) = rest.split_at(count);
        let (begin, steps) = rest.split_at(6);
        let mut at = begin.iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
        let mut bodies = Vec::with_capacity(count);
        for index in 0..count {
            at += u64::from(u16::from_be_bytes([steps[2 * index], steps[2 * index + 1]]));
            let mut body = vec![0; 2 - width];
            body.extend(&cards[index * width..(index + 1) * width]);
            body.extend(table.get(usize::from(places[index]) * 3..)?.get(..3)?);
            body.push(rungs[index]);
            body.extend(&at.to_be_bytes()[2..]);
            bodies.push(body);
        }
        Some(bodies)
    }
}

#[test]
fn receipts_go_up_for_8_and_5_bytes_each_with_http_around_them() {
    const HTTP: usize = 200;
    for (count, most) in [(100_usize, 8), (1000, 5)] {
        let mut chance = Chance::new(count as u64);
        let mut at = 1_795_300_000_u64;
        let rows: Vec<Row> = (0..count)
            .map(|_| {
                at += chance.below(400) as u64;
                let publication = 41_000 + chance.below(12) as u32;
                let mut body = (chance.below(180) as u16).to_be_bytes().to_vec();
                body.extend(&publication.to_be_bytes()[1..]);
                body.push(3 + chance.below(3) as u8);
                body.extend(&at.to_be_bytes()[2..]);
                Row { kind: 40, body }
            })
            .collect();
        let previous = ChainHash([5; 16]);
        let (batch, taken) = seal(
            &MUONG_NHE,
            HUB.public(),
            EPOCH,
            77,
            previous,
            &rows,
            &ReceiptColumns,
            &mut chance,
        )
        .unwrap();
        let opened =
            sync::upstream::open(&batch, &HUB, MUONG_NHE.public(), &ReceiptColumns).unwrap();
        assert_eq!((taken, opened.rows.len()), (count, count));
        let each = (batch.len() + HTTP) as f64 / count as f64;
        println!("{count} receipts: {} B, {each:.2} B each with HTTP", batch.len());
        assert!(batch.len() + HTTP <= most * count, "{each}");
    }
}
