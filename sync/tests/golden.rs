//! Released formats, byte for byte. Each file must stay readable and, where the format has one
//! spelling, be written the same way. `UPDATE_GOLDEN=1` writes files that do not exist yet; files
//! that exist are never changed, a new version of a format gets a new file.

use crate::cast::{Chance, EPOCH, HUB, MUONG_NHE, record};
use std::{collections::BTreeMap, fmt::Write, fs, path::PathBuf};
use sync::{
    Cursor, Lane, Signed, SignedRecord, StateVector,
    blob::{Outboard, encode},
    enrol::{CodeSecret, EnrolCode, Joining, StoredCode, admit},
    frame::{Frame, FrameKey, Goodbye, Parsed, RecordsFrame, Stretch, parse},
    history::{Beacon, EpochChange, Turn},
    poll::{Partial, Poll},
    session::{Contact, Hello, Session, SessionId},
    upstream::{Acknowledgement, ChainHash, NoColumns, Row, UpHead, open, seal},
};

const TEXT: &str = "Từ ngày 1 tháng 7, mỗi hộ nghèo là đồng bào dân tộc thiểu số được cấp một thẻ \
    bảo hiểm y tế. Bà con hỏi thêm ở điểm hỗ trợ của xã.";
const TIME: u64 = 1_795_300_000_000;

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(32) {
        line.iter().for_each(|byte| write!(text, "{byte:02x}").unwrap());
        text.push('\n');
    }
    text
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn session() -> Session {
    Session::new(SessionId([9; 8]), [8; 32])
}

fn text_record() -> SignedRecord {
    record(41, Lane::Text, TEXT.as_bytes().to_vec()).sign(&HUB).unwrap()
}

fn records_frame() -> Frame {
    let stretch =
        Stretch { origin: HUB.node_id(), lane: Lane::Text, epoch: EPOCH, after: 40, through: 45 };
    Frame::Records(RecordsFrame { stretch, records: vec![text_record()] })
}

fn vector() -> StateVector {
    let lanes = Lane::ALL.into_iter().zip([3, 17, 45, 9, 2]);
    lanes.map(|(lane, seq)| (HUB.node_id(), lane, Cursor::new(EPOCH, seq))).collect()
}

fn poll() -> Poll {
    let Frame::Records(records) = records_frame() else { unreachable!() };
    let partial = Partial::of(records.stretch, b"the bytes we have");
    Poll { wait_s: 300, budget: 65_536, partial, ..Poll::new(vector()) }
}

fn beacon() -> Signed<Beacon> {
    let heads = vector().iter().map(|(_, lane, head)| (lane, head)).collect();
    Signed::sign(Beacon { origin: HUB.node_id(), time_ms: TIME, heads }, &HUB)
}

fn change() -> Signed<EpochChange> {
    let turn = Turn { kept: Cursor::new(EPOCH, 44), epoch: EPOCH + 86_400 };
    let turns = vec![(Lane::Text, turn)];
    Signed::sign(EpochChange { origin: HUB.node_id(), time_ms: TIME, turns }, &HUB)
}

fn hello() -> Signed<Hello> {
    let node = MUONG_NHE.node_id();
    let hello = Hello {
        proto: 1,
        node,
        nonce: [4; 16],
        time_ms: TIME,
        last_session: SessionId::default(),
        answering: [0; 16],
        up: UpHead::empty(node, EPOCH),
    };
    Signed::sign(hello, &MUONG_NHE)
}

fn rows() -> Vec<Row> {
    (1..=3).map(|n| Row { kind: 40, body: vec![n, 0, n] }).collect()
}

fn code() -> EnrolCode {
    EnrolCode::from_entropy(&[0x5a; 9])
}

/// Every format, as this code writes it.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let key = FrameKey::open();
    let goodbye = Goodbye { more: true, time_ms: TIME, ack: Some(Cursor::new(EPOCH, 7)) };
    let genesis = ChainHash::genesis(MUONG_NHE.node_id(), EPOCH);
    let mut chance = Chance::new(1);
    let batch = seal(&MUONG_NHE, HUB.public(), EPOCH, 1, genesis, &rows(), &NoColumns, &mut chance);
    let joining = Joining::begin(&code(), &MUONG_NHE, &[6; 16]);
    let stored = StoredCode { secret: CodeSecret::of(&code()), expires_ms: 1, used_by: None };
    let reply = admit(&stored, joining.request(), &HUB, b"Ph\xe1\xbb\xa7 Th\xc3\xb4ng", 0);
    let content: Vec<u8> = (0..40_000_u32).map(|n| (n % 251) as u8).collect();
    let acknowledgement = Acknowledgement {
        node: MUONG_NHE.node_id(),
        through: Cursor::new(EPOCH, 3),
        time_ms: TIME,
    };
    let answer = Contact::default()
        .hear(&hello(), MUONG_NHE.public(), &HUB, Cursor::new(EPOCH, 0), TIME, &mut chance)
        .unwrap();
    let sync::session::Heard::Welcome { answer, .. } = answer else { unreachable!() };
    vec![
        ("record", text_record().into_bytes()),
        ("frame-records", records_frame().encode(&key).unwrap()),
        ("frame-beacon", Frame::Beacon(beacon()).encode(&key).unwrap()),
        ("frame-epoch-change", Frame::EpochChange(change()).encode(&key).unwrap()),
        ("frame-goodbye", Frame::Goodbye(goodbye).encode(&key).unwrap()),
        ("frame-resume", Frame::Resume { offset: 5000 }.encode(&key).unwrap()),
        (
            "frame-goodbye-in-session",
            Frame::Goodbye(goodbye).encode(&session().frame_key()).unwrap(),
        ),
        ("vector", vector().to_bytes()),
        ("poll", poll().encode(&session())),
        ("hello", hello().as_bytes().to_vec()),
        ("answer", answer.as_bytes().to_vec()),
        ("batch", batch.unwrap().0),
        ("acknowledgement", Signed::sign(acknowledgement, &HUB).as_bytes().to_vec()),
        ("join-request", joining.request().to_vec()),
        ("join-reply", reply.unwrap().reply),
        ("blob", encode(&Outboard::of(&content), &content, 0, usize::MAX)[..200].to_vec()),
    ]
}

fn released() -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, unhex(&fs::read_to_string(path).unwrap()))
        })
        .collect()
}

#[test]
fn formats_are_written_as_released() {
    for (name, bytes) in all() {
        let path = folder().join(format!("{name}.hex"));
        if std::env::var("UPDATE_GOLDEN").is_ok() && !path.exists() {
            fs::write(&path, hex(&bytes)).unwrap();
        }
        // Compressed bytes may change with the zstd library; they only have to be readable.
        if !matches!(name, "frame-records" | "batch") {
            let released = unhex(&fs::read_to_string(&path).unwrap());
            assert_eq!(hex(&bytes), hex(&released), "{name} is written differently now");
        }
    }
}

#[test]
fn released_frames_and_batches_are_still_understood() {
    let released = released();
    let key = FrameKey::open();
    let bytes = &released["frame-records"];
    assert_eq!(parse(bytes, &key), Ok(Parsed::Whole(records_frame(), bytes.len())));
    let record = SignedRecord::from_bytes(released["record"].clone()).unwrap();
    let verified = record.verify(HUB.node_id(), HUB.public()).unwrap();
    assert_eq!(verified.body, TEXT.as_bytes());
    let opened = open(&released["batch"], &HUB, MUONG_NHE.public(), &NoColumns).unwrap();
    assert!(opened.rows.iter().map(|(row, _)| row).eq(&rows()));
    assert_eq!(Poll::decode(&released["poll"], &session()), Ok(poll()));
    for name in ["frame-beacon", "frame-epoch-change", "frame-goodbye", "frame-resume"] {
        let bytes = &released[name];
        assert!(
            matches!(parse(bytes, &key), Ok(Parsed::Whole(_, length)) if length == bytes.len())
        );
    }
}

#[test]
fn the_dictionary_and_the_syllables_are_the_released_ones() {
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex()[..16].to_owned();
    assert_eq!(hash(include_bytes!("../dictionaries/vi-1.zstd")), DICTIONARY_VI_1);
    assert_eq!(hash(include_bytes!("../dictionaries/vi-1.words")), WORDS_VI_1);
}

const DICTIONARY_VI_1: &str = "76cf79ca5a80aa43";
const WORDS_VI_1: &str = "f4833ae751d5ee0d";
