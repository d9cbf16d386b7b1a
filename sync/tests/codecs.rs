//! Every codec: what is written can be read, in one spelling only, and nothing else can.

use crate::cast::{EPOCH, HUB, MUONG_NHE, STRANGER, record, signed};
use proptest::{collection::vec, option, prelude::*};
use sync::{
    Cursor, Lane, NodeId, NodeKeys, PublicKeys, Record, Rejected, Signed, SignedRecord,
    StateVector,
    dictionary::{compress, expand},
    frame::{Frame, FrameKey, Goodbye, Parsed, RecordsFrame, Stretch, parse},
    history::{Beacon, EpochChange, Turn},
    poll::{Partial, Poll},
    session::{Session, SessionId},
};

fn lane() -> impl Strategy<Value = Lane> {
    (0..Lane::ALL.len()).prop_map(|index| Lane::ALL[index])
}

fn node() -> impl Strategy<Value = NodeId> {
    any::<[u8; 16]>().prop_map(NodeId)
}

fn cursor() -> impl Strategy<Value = Cursor> {
    (any::<u32>(), any::<u64>()).prop_map(|(epoch, seq)| Cursor { epoch, seq })
}

fn vector() -> impl Strategy<Value = StateVector> {
    vec((node(), lane(), cursor()), 0..8).prop_map(StateVector::from_iter)
}

fn any_record() -> impl Strategy<Value = Record> {
    let targets = vec("/[a-z0-9@]{1,12}/", 0..4);
    (any::<u32>(), 1..=u64::MAX, lane(), any::<u16>(), targets, vec(any::<u8>(), 0..600)).prop_map(
        |(epoch, seq, lane, kind, targets, body)| Record {
            origin: HUB.node_id(),
            epoch,
            seq,
            lane,
            kind,
            targets,
            body,
        },
    )
}

fn stretch() -> impl Strategy<Value = Stretch> {
    (node(), lane(), any::<u32>(), any::<u32>(), any::<u32>()).prop_map(
        |(origin, lane, epoch, after, more)| Stretch {
            origin,
            lane,
            epoch,
            after: after.into(),
            through: u64::from(after) + u64::from(more),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_signed_record_verifies_to_what_was_signed(record in any_record()) {
        let signed = record.sign(&HUB).unwrap();
        prop_assert_eq!(signed.to_cose(), signed.as_bytes());
        let again = SignedRecord::from_bytes(signed.as_bytes().to_vec()).unwrap();
        prop_assert_eq!(&again, &signed);
        prop_assert_eq!(again.peek().unwrap().seq, record.seq);
        prop_assert_eq!(again.verify(HUB.node_id(), HUB.public()), Ok(record));
    }

    #[test]
    fn a_record_with_any_bit_changed_is_refused(record in any_record(), at in any::<usize>(), bit in 0..8) {
        let mut bytes = record.sign(&HUB).unwrap().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1_u8 << bit;
        let verified = SignedRecord::from_bytes(bytes).and_then(|r| r.verify(HUB.node_id(), HUB.public()));
        prop_assert!(verified.is_err());
    }

    #[test]
    fn a_vector_reads_back(vector in vector()) {
        prop_assert_eq!(StateVector::from_bytes(&vector.to_bytes()), Ok(vector));
    }

    #[test]
    fn a_poll_reads_back_in_its_session_and_in_no_other(
        vector in vector(), wait_s in any::<u32>(), max_lane in lane(), budget in any::<u64>(),
        partial in option::of((stretch(), vec(any::<u8>(), 1..50))),
    ) {
        let partial = partial.and_then(|(stretch, have)| Partial::of(stretch, &have));
        let poll = Poll { proto: 1, vector, wait_s, max_lane, budget, partial };
        let session = Session::new(SessionId([4; 8]), [5; 32]);
        let body = poll.encode(&session);
        prop_assert_eq!(Poll::session_of(&body), Ok(session.id()));
        prop_assert!(Poll::decode(&body, &Session::new(SessionId([4; 8]), [6; 32])).is_err());
        let mut altered = body.clone();
        *altered.last_mut().unwrap() ^= 1;
        prop_assert!(Poll::decode(&altered, &session).is_err());
        prop_assert_eq!(Poll::decode(&body, &session), Ok(poll));
    }

    #[test]
    fn a_records_frame_reads_back(
        bodies in vec(vec(any::<u8>(), 0..300), 0..12), stretch in stretch(),
    ) {
        let records = (1..).zip(bodies).map(|(seq, body)| signed(seq, Lane::Text, body)).collect();
        let frame = Frame::Records(RecordsFrame { stretch, records });
        let key = FrameKey::open();
        let bytes = frame.encode(&key).unwrap();
        for cut in 0..bytes.len() {
            prop_assert_eq!(parse(&bytes[..cut], &key), Ok(Parsed::Incomplete));
        }
        let length = bytes.len();
        prop_assert_eq!(parse(&[bytes, vec![1, 2, 3]].concat(), &key), Ok(Parsed::Whole(frame, length)));
    }

    #[test]
    fn a_frame_with_any_bit_changed_is_refused(
        body in vec(any::<u8>(), 0..300), stretch in stretch(), at in any::<usize>(), bit in 0..8,
    ) {
        let records = vec![signed(1, Lane::Text, body)];
        let key = FrameKey::open();
        let mut bytes = Frame::Records(RecordsFrame { stretch, records }).encode(&key).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1_u8 << bit;
        // A longer length waits for more; with more it is refused too.
        bytes.extend([0; 17_000]);
        prop_assert!(parse(&bytes, &key).is_err());
    }

    #[test]
    fn small_frames_read_back(
        more in any::<bool>(), time_ms in any::<u64>(), ack in option::of(cursor()), offset in any::<usize>(),
    ) {
        let key = FrameKey::open();
        for frame in [Frame::Goodbye(Goodbye { more, time_ms, ack }), Frame::Resume { offset }] {
            let bytes = frame.encode(&key).unwrap();
            let length = bytes.len();
            prop_assert_eq!(parse(&bytes, &key), Ok(Parsed::Whole(frame, length)));
        }
    }

    #[test]
    fn statements_read_back_and_are_their_makers(
        time_ms in any::<u64>(), heads in vec(cursor(), 0..=5), kept in 0..u32::MAX, seq in any::<u64>(),
    ) {
        let origin = HUB.node_id();
        let heads: Vec<_> = Lane::ALL.into_iter().zip(heads).collect();
        let beacon = Signed::sign(Beacon { origin, time_ms, heads: heads.clone() }, &HUB);
        let again = Signed::<Beacon>::from_bytes(beacon.as_bytes()).unwrap();
        prop_assert_eq!(again.verify(HUB.public()), Ok(beacon.unproven()));
        prop_assert!(again.verify(STRANGER.public()).is_err());
        let turn = Turn { kept: Cursor::new(kept, seq), epoch: kept + 1 };
        let turns = heads.into_iter().map(|(lane, _)| (lane, turn)).collect();
        let change = Signed::sign(EpochChange { origin, time_ms, turns }, &HUB);
        let again = Signed::<EpochChange>::from_bytes(change.as_bytes()).unwrap();
        prop_assert_eq!(again.verify(HUB.public()), Ok(change.unproven()));
    }

    #[test]
    fn compression_loses_nothing(bytes in vec(any::<u8>(), 0..3000), text in "\\PC{0,400}") {
        for raw in [bytes.as_slice(), text.as_bytes()] {
            let (codec, small) = compress(raw);
            prop_assert!(small.len() <= raw.len());
            let full = expand(codec, &small, raw.len());
            prop_assert_eq!(full.as_deref(), Ok(raw));
            if !raw.is_empty() {
                prop_assert!(expand(codec, &small, raw.len() - 1).is_err());
            }
        }
    }

    #[test]
    fn node_ids_and_keys_read_back(seed in any::<[u8; 32]>()) {
        let keys = NodeKeys::from_seed(&seed);
        prop_assert_eq!(keys.node_id().to_string().parse(), Ok(keys.node_id()));
        prop_assert_eq!(PublicKeys::from_bytes(&keys.public().to_bytes()), Ok(*keys.public()));
        let printed = format!("{keys:?}");
        prop_assert_eq!(printed, format!("NodeKeys({}, secret)", keys.node_id()));
    }
}

#[test]
fn a_record_signed_by_a_stranger_or_for_another_origin_is_refused() {
    let mut record = record(1, Lane::Alert, b"Lu quet".to_vec());
    assert_eq!(record.sign(&STRANGER), Err(Rejected::WrongKeys));
    let genuine = record.sign(&HUB).unwrap();
    record.origin = STRANGER.node_id();
    let forged = record.sign(&STRANGER).unwrap();
    assert_eq!(forged.verify(HUB.node_id(), HUB.public()), Err(Rejected::BadSignature));
    assert_eq!(forged.verify(HUB.node_id(), STRANGER.public()), Err(Rejected::WrongKeys));
    assert_eq!(genuine.verify(STRANGER.node_id(), STRANGER.public()), Err(Rejected::BadSignature));
}

#[test]
fn fields_of_a_later_version_survive_and_a_critical_one_stops_the_reader() {
    let record = record(5, Lane::Control, b"x".to_vec());
    let later = [(8, true.into()), (90, "mai sau".into())];
    let ignored = record.sign_extended(&HUB, &later, &[]).unwrap();
    assert_eq!(ignored.verify(HUB.node_id(), HUB.public()), Ok(record.clone()));
    let again = SignedRecord::from_bytes(ignored.as_bytes().to_vec()).unwrap();
    assert_eq!(again, ignored);
    let critical = record.sign_extended(&HUB, &later, &[90]).unwrap();
    let verified = critical.verify(HUB.node_id(), HUB.public());
    assert_eq!(verified, Err(Rejected::NotUnderstood(90)));
    assert!(record.sign_extended(&HUB, &later, &[91]).is_err());
    assert!(record.sign_extended(&HUB, &[(7, 1.into())], &[]).is_err());
}

#[test]
fn the_longest_record_fits_in_a_frame_even_if_it_does_not_compress() {
    let noise = crate::cast::Chance::new(3).bytes(sync::record::BODY_MOST);
    let signed = signed(u64::MAX, Lane::Text, noise);
    let stretch = Stretch {
        origin: HUB.node_id(),
        lane: Lane::Text,
        epoch: u32::MAX,
        after: 0,
        through: u64::MAX,
    };
    let frame = Frame::Records(RecordsFrame { stretch, records: vec![signed] });
    assert!(frame.encode(&FrameKey::open()).is_some());
    let long = record(1, Lane::Text, vec![0; 16 * 1024]);
    assert_eq!(long.sign(&HUB), Err(Rejected::TooLong));
}

#[test]
fn a_bomb_is_refused_by_its_declared_length() {
    let bomb = vec![b'a'; 8 << 20];
    let (codec, small) = compress(&bomb);
    assert!(small.len() < 2000);
    assert!(expand(codec, &small, 256 * 1024).is_err());
}

#[test]
fn a_frame_of_another_session_is_refused() {
    let key = |byte| Session::new(SessionId([0; 8]), [byte; 32]).frame_key();
    let bytes = Frame::Resume { offset: 5 }.encode(&key(1)).unwrap();
    assert!(parse(&bytes, &key(1)).is_ok());
    assert!(parse(&bytes, &key(2)).is_err());
    assert!(parse(&bytes, &FrameKey::open()).is_err());
}

#[test]
fn weak_keys_are_refused_and_secrets_are_never_printed() {
    assert!(PublicKeys::from_bytes(&[0; 64]).is_err());
    assert_eq!(format!("{:?}", *MUONG_NHE), format!("NodeKeys({}, secret)", MUONG_NHE.node_id()));
    let session = Session::new(SessionId([1; 8]), [0xab; 32]);
    assert!(!format!("{session:?} {:?}", session.frame_key()).contains("171"));
}

#[test]
fn epochs_of_lanes_begun_together_cost_little_in_a_vector() {
    let vector: StateVector = Lane::ALL
        .into_iter()
        .zip([0, 3, 0, 7, 100])
        .map(|(lane, late)| (HUB.node_id(), lane, Cursor::new(EPOCH + late, 900)))
        .collect();
    assert!(vector.to_bytes().len() <= 36, "{}", vector.to_bytes().len());
}
