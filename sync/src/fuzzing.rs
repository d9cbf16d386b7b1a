//! Entry points for fuzzers: each takes any bytes, and the only thing that can go wrong is a
//! panic, a broken law, or memory without bound. Not an interface; names may change at any time.
#![doc(hidden)]
#![allow(missing_docs, reason = "the names say all there is to say about a fuzz target")]

use crate::{
    blob::{BlobReceiver, BlobRoot},
    dictionary::{self, Codec},
    downstream::{Input, Receiver},
    enrol::{self, EnrolCode},
    frame::{self, Frame, FrameKey, Parsed},
    history::{Beacon, EpochChange},
    keys::NodeKeys,
    poll::Poll,
    record::SignedRecord,
    session::{Answer, Hello, Session, SessionId},
    statement::{Signed, Statement},
    upstream::{self, NoColumns},
    vector::StateVector,
    words::Words,
};
use std::{collections::BTreeMap, sync::LazyLock};

/// A target's name and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All targets, for soaks and for replaying a corpus in ordinary tests.
pub const TARGETS: [Target; 11] = [
    ("frame", frame),
    ("receiver", receiver),
    ("record", record),
    ("statement", statement),
    ("vector", vector),
    ("poll", poll),
    ("batch", batch),
    ("join", join),
    ("blob", blob),
    ("expand", expand),
    ("words", words),
];

static KEYS: LazyLock<NodeKeys> = LazyLock::new(|| NodeKeys::from_seed(&[7; 32]));

/// A frame that reads must write and read again to the same meaning.
pub fn frame(bytes: &[u8]) {
    let key = FrameKey::open();
    let _ = frame::stretch_of_cut(bytes);
    assert!(frame::kept_of_cut(bytes) <= bytes.len());
    for parsed in [frame::parse(bytes, &key), frame::parse(&with_check(bytes, &key), &key)] {
        let Ok(Parsed::Whole(frame, _)) = parsed else { continue };
        if matches!(frame, Frame::Unknown(_)) {
            continue;
        }
        if let Some(again) = frame.encode(&key) {
            let length = again.len();
            assert_eq!(frame::parse(&again, &key), Ok(Parsed::Whole(frame, length)));
        }
    }
}

/// The bytes as a payload in a frame whose check is right, so that fuzzers get past it.
fn with_check(bytes: &[u8], key: &FrameKey) -> Vec<u8> {
    let (kind, payload) = bytes.split_first().unwrap_or((&1, &[]));
    frame::reseal(kind % 8, payload, key).unwrap_or_default()
}

pub fn receiver(bytes: &[u8]) {
    let origins = BTreeMap::from([(KEYS.node_id(), *KEYS.public())]);
    let (kept, answer) = bytes.split_at(bytes.len() / 3);
    let mut receiver = Receiver::new(origins, StateVector::default(), kept.to_vec());
    let _ = receiver.poll();
    let key = FrameKey::open();
    receiver.handle(Input::Begin { now_ms: 0, key: key.clone() });
    for (now_ms, piece) in (0..).step_by(500).zip(answer.chunks(700)) {
        receiver.handle(Input::Bytes { now_ms, bytes: piece });
    }
    receiver.handle(Input::Bytes { now_ms: 0, bytes: &with_check(answer, &key) });
    receiver.handle(Input::End);
    while receiver.output().is_some() {}
    let _ = receiver.poll();
}

pub fn record(bytes: &[u8]) {
    if let Ok(record) = SignedRecord::from_bytes(bytes.to_vec()) {
        assert_eq!(record.as_bytes(), bytes);
        assert_eq!(record.to_cose(), bytes);
        let _ = record.peek();
        assert!(record.verify(KEYS.node_id(), KEYS.public()).is_err());
    }
}

pub fn statement(bytes: &[u8]) {
    fn one<T: Statement>(bytes: &[u8]) {
        if let Ok(signed) = Signed::<T>::from_bytes(bytes) {
            let mut again = Vec::new();
            signed.unproven().put(&mut again);
            assert_eq!(again, bytes[..again.len()]);
        }
    }
    one::<Beacon>(bytes);
    one::<EpochChange>(bytes);
    one::<Hello>(bytes);
    one::<Answer>(bytes);
    one::<upstream::Acknowledgement>(bytes);
}

pub fn vector(bytes: &[u8]) {
    if let Ok(vector) = StateVector::from_bytes(bytes) {
        assert_eq!(vector.to_bytes(), bytes);
    }
}

pub fn poll(bytes: &[u8]) {
    let session = Session::new(SessionId([1; 8]), [2; 32]);
    let _ = Poll::session_of(bytes);
    let _ = Poll::decode(bytes, &session);
    let _ = Poll::decode_unproven(bytes);
}

pub fn batch(bytes: &[u8]) {
    let _ = upstream::batch_sender(bytes);
    let _ = upstream::open(bytes, &KEYS, KEYS.public(), &NoColumns);
    upstream::read_raw(bytes);
}

pub fn join(bytes: &[u8]) {
    let _ = enrol::code_of(bytes);
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok(code) = text.parse::<EnrolCode>()
    {
        assert_eq!(code.to_string().parse(), Ok(code));
    }
}

pub fn blob(bytes: &[u8]) {
    let (size, encoding) = bytes.split_at(bytes.len().min(8));
    let size = size.iter().fold(0_u64, |size, &byte| size << 8 | u64::from(byte));
    let mut receiver = BlobReceiver::new(BlobRoot([3; 32]), size);
    let proven = encoding.chunks(333).map_while(|piece| receiver.feed(piece).ok());
    // Nothing can prove a root that nobody knows the content of.
    assert_eq!(proven.map(|content| content.len()).sum::<usize>(), 0);
}

pub fn expand(bytes: &[u8]) {
    const MOST: usize = 64 * 1024;
    for codec in [Codec::Stored, Codec::Plain, Codec::Vietnamese1] {
        if let Ok(full) = dictionary::expand(codec, bytes, MOST) {
            assert!(full.len() <= MOST);
        }
    }
    let (codec, small) = dictionary::compress(bytes);
    assert_eq!(dictionary::expand(codec, &small, bytes.len()).as_deref(), Ok(bytes));
}

pub fn words(bytes: &[u8]) {
    static WORDS: LazyLock<Words> =
        LazyLock::new(|| Words::new(include_str!("../dictionaries/vi-1.words")));
    let _ = WORDS.expand(bytes, 4096);
    let short = WORDS.shorten(bytes);
    assert_eq!(WORDS.expand(&short, bytes.len()).as_deref(), Ok(bytes));
}
