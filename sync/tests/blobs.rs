//! Blobs: verified on arrival, resumable at any byte, and not one unverified byte let out.

use crate::cast::Chance;
use sync::blob::{BlobReceiver, BlobRoot, GROUP_LEN, Outboard, Piece, encode, encoded_len, pieces};

fn content(size: usize) -> Vec<u8> {
    Chance::new(size as u64).bytes(size)
}

const SIZES: [usize; 12] = [
    0,
    1,
    1023,
    1025,
    GROUP_LEN - 1,
    GROUP_LEN,
    GROUP_LEN + 1,
    2 * GROUP_LEN,
    2 * GROUP_LEN + 1,
    3 * GROUP_LEN,
    5 * GROUP_LEN + 777,
    360_000,
];

#[test]
fn every_size_arrives_whole_in_pieces_of_any_size() {
    for size in SIZES {
        let content = content(size);
        let outboard = Outboard::of(&content);
        assert_eq!(outboard.root, BlobRoot(*blake3::hash(&content).as_bytes()));
        let encoding = encode(&outboard, &content, 0, usize::MAX);
        assert_eq!(encoding.len() as u64, encoded_len(size as u64));
        for piece in [1, 63, 1000, 70_000] {
            if piece == 1 && size > 40_000 {
                continue;
            }
            let mut receiver = BlobReceiver::new(outboard.root, size as u64);
            let mut got = receiver.feed(&[]).unwrap();
            for bytes in encoding.chunks(piece) {
                got.extend(receiver.feed(bytes).unwrap());
            }
            assert!(receiver.is_complete() && got == content, "{size} in {piece}");
        }
    }
}

#[test]
fn a_download_goes_on_from_any_byte_and_the_kept_bytes_are_enough_after_a_crash() {
    let content = content(5 * GROUP_LEN + 777);
    let outboard = Outboard::of(&content);
    let whole = encode(&outboard, &content, 0, usize::MAX);
    let mut chance = Chance::new(1);
    for _ in 0..40 {
        let mut part: Vec<u8> = Vec::new();
        while part.len() < whole.len() {
            // The .part file is all that survived; a ranged request brings some more.
            let most = 1 + chance.below(40_000);
            part.extend(encode(&outboard, &content, part.len() as u64, most));
            let mut receiver = BlobReceiver::new(outboard.root, content.len() as u64);
            let proven = receiver.feed(&part).unwrap();
            assert_eq!(proven, content[..proven.len()]);
            assert!(part.len() - proven.len() <= GROUP_LEN + 64 * 8);
        }
        assert_eq!(part, whole);
    }
}

#[test]
fn a_tampered_byte_is_noticed_within_its_group_and_nothing_unproven_leaves() {
    let content = content(5 * GROUP_LEN + 777);
    let outboard = Outboard::of(&content);
    let whole = encode(&outboard, &content, 0, usize::MAX);
    let mut chance = Chance::new(2);
    for _ in 0..300 {
        let at = chance.below(whole.len());
        let mut bad = whole.clone();
        bad[at] ^= 1 << chance.below(8);
        let mut receiver = BlobReceiver::new(outboard.root, content.len() as u64);
        let mut released = Vec::new();
        let mut noticed = None;
        for piece in bad.chunks(1 + chance.below(5000)) {
            match receiver.feed(piece) {
                Ok(proven) => released.extend(proven),
                Err(tampered) => {
                    released.extend(receiver.proven());
                    noticed = Some(tampered.offset as usize);
                    break;
                }
            }
        }
        let noticed = noticed.unwrap();
        assert!(noticed > at && noticed - at <= GROUP_LEN, "{at} noticed at {noticed}");
        assert_eq!(released, content[..released.len()]);
        // What is good is kept, and the rest asked for again.
        let good = receiver.good_len() as usize;
        assert!(good <= at);
        let mut again = BlobReceiver::new(outboard.root, content.len() as u64);
        let mut got = again.feed(&bad[..good]).unwrap();
        got.extend(again.feed(&encode(&outboard, &content, good as u64, usize::MAX)).unwrap());
        assert_eq!(got, content);
    }
}

#[test]
fn bytes_past_the_end_and_wrong_sizes_are_refused() {
    let content = content(20_000);
    let outboard = Outboard::of(&content);
    let mut whole = encode(&outboard, &content, 0, usize::MAX);
    whole.push(0);
    assert!(BlobReceiver::new(outboard.root, 20_000).feed(&whole).is_err());
    assert!(BlobReceiver::new(outboard.root, 19_999).feed(&whole).is_err());
    assert!(BlobReceiver::new(outboard.root, 1 << 60).feed(&whole).is_err());
}

#[test]
fn the_encoding_is_the_one_of_the_bao_library() {
    use bao_tree::{ChunkRanges, io::outboard::PreOrderMemOutboard, io::sync::encode_ranges};
    for size in SIZES {
        let content = content(size);
        let theirs_outboard =
            PreOrderMemOutboard::create(&content, bao_tree::BlockSize::from_chunk_log(4));
        let mut theirs = Vec::new();
        encode_ranges(&content, &theirs_outboard, &ChunkRanges::all(), &mut theirs).unwrap();
        assert_eq!(encode(&Outboard::of(&content), &content, 0, usize::MAX), theirs, "{size}");
    }
}

#[test]
fn pieces_from_an_offset_are_the_tail_of_all_pieces() {
    let len = |piece: Piece| match piece {
        Piece::Pairs { len, .. } | Piece::Content { len, .. } => len as u64,
    };
    for offset in [0, 1, 63, 64, 65, 200, 16_500, 90_000] {
        let total: u64 = pieces(100_000, offset).map(len).sum();
        assert_eq!(total, encoded_len(100_000).saturating_sub(offset), "{offset}");
    }
}
