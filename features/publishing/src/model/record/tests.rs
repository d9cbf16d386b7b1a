//! The bytes of records: golden, read back, tolerant of later keys, never panicking.

use super::*;

fn example() -> Record {
    Record {
        id: PublicationId::parse("0199f0c2a1b27c3d8e4f5a6b7c8d9e0f").expect("an id"),
        version: 2,
        kind: "legal_document".to_owned(),
        published_at: Timestamp::from_millis(1_795_330_800_000),
        publisher: "Ủy ban Dân tộc".to_owned(),
        texts: vec![
            RecordText {
                language: "vi".to_owned(),
                title: "Phê duyệt Đề án chuyển đổi số".to_owned(),
                body: TextBody::Inline {
                    summary: "Đề án đến năm 2025.".to_owned(),
                    body: "## Mục tiêu\n\nĐưa chính sách đến người dân.".to_owned(),
                },
                source_version: 2,
                is_stale: false,
            },
            RecordText {
                language: "tyz".to_owned(),
                title: "Đề án".to_owned(),
                body: TextBody::File { hash: [7; 32], bytes: 9_000 },
                source_version: 1,
                is_stale: true,
            },
        ],
        themes: vec!["cdcs".to_owned()],
        audiences: vec!["people".to_owned(), "prestigious_person".to_owned()],
        languages: vec!["tyz".to_owned(), "vi".to_owned()],
        is_urgent: true,
        not_before: None,
        expires: Day::new(2027, 1, 1),
        source: Source {
            name: "Ủy ban Dân tộc".to_owned(),
            url: "https://example.vn/330".to_owned(),
            date: Day::new(2023, 5, 12),
        },
        document: Document {
            number: "330/QĐ-UBDT".to_owned(),
            authority: "Ủy ban Dân tộc".to_owned(),
            issued: Day::new(2023, 5, 12),
            effective: None,
            subject: "Phê duyệt Đề án".to_owned(),
        },
        renditions: vec![RecordFile {
            modality: Modality::Audio,
            language: "tyz".to_owned(),
            hash: [9; 32],
            bytes: 20_480,
            duration_ms: 10_240,
            bitrate_bps: 16_000,
            width: 0,
            height: 0,
            rank: 0,
            voice: "Bà Hoàng Thị Lan, bản Khau Cưởm".to_owned(),
            source_version: 2,
            is_stale: false,
        }],
        picture_words: String::new(),
    }
}

#[test]
fn the_bytes_are_those_of_the_golden_file() {
    let golden = include_str!("../../../tests/golden/record-20.hex");
    let written = hex(&example().to_bytes());
    assert_eq!(golden.split_whitespace().collect::<String>(), written, "{written}");
}

#[test]
fn what_was_written_is_read_back() {
    assert_eq!(Record::from_bytes(&example().to_bytes()), Some(example()));
    let mut plain = example();
    plain.id = PublicationId::parse("seed-330").expect("an id");
    plain.texts.truncate(1);
    plain.source = Source::default();
    assert_eq!(Record::from_bytes(&plain.to_bytes()), Some(plain));
    let withdrawal = WithdrawalRecord {
        id: example().id,
        version: 2,
        at: Timestamp::from_millis(5),
        reason: "Sai số liệu".to_owned(),
    };
    assert_eq!(WithdrawalRecord::from_bytes(&withdrawal.to_bytes()), Some(withdrawal));
}

#[test]
fn keys_of_later_days_are_passed_over() {
    let mut value: Value = ciborium::from_reader(&example().to_bytes()[..]).expect("CBOR");
    let pairs = value.as_map_mut().expect("a map");
    pairs.push((Value::from(99), Value::Text("mai sau".to_owned())));
    let files = pairs.iter_mut().find(|(name, _)| *name == Value::from(key::RENDITIONS));
    let later = Value::Map(vec![(Value::from(1), Value::from(77))]);
    files.expect("renditions").1.as_array_mut().expect("a list").push(later);
    assert_eq!(Record::from_bytes(&bytes_of(&value)), Some(example()));
}

proptest::proptest! {
    #[test]
    fn damaged_bytes_never_panic(at in 0usize..600, byte: u8, cut in 0usize..600) {
        let mut bytes = example().to_bytes();
        let length = bytes.len();
        bytes[at % length] = byte;
        let _ = Record::from_bytes(&bytes);
        let _ = Record::from_bytes(&bytes[..cut % length]);
        let _ = WithdrawalRecord::from_bytes(&bytes[..cut % length]);
        let _ = read_text_file(&bytes);
    }
}
