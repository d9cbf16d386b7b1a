//! Every parser takes any bytes: noise, and released formats with a few bytes changed. A soak does
//! the same for hours; set `FUZZ_ROUNDS` to try more here.

use crate::{cast::Chance, golden};
use sync::fuzzing::TARGETS;

#[test]
fn no_parser_panics_on_noise_or_on_damaged_messages() {
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let corpus = golden::all();
    let mut chance = Chance::new(99);
    for round in 0..rounds {
        let mut bytes = if chance.once_in(4) {
            let length = chance.below(300);
            chance.bytes(length)
        } else {
            corpus[chance.below(corpus.len())].1.clone()
        };
        if round >= corpus.len() {
            mutate(&mut chance, &mut bytes);
        }
        for (name, target) in TARGETS {
            let caught = std::panic::catch_unwind(|| target(&bytes));
            assert!(caught.is_ok(), "{name} panics on {bytes:02x?}");
        }
    }
}

fn mutate(chance: &mut Chance, bytes: &mut Vec<u8>) {
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len().max(1)).min(bytes.len());
        match chance.below(5) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
            1 if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][chance.below(5)],
            2 => bytes.truncate(at),
            3 => bytes.insert(at, chance.next() as u8),
            _ => {
                let tail = bytes.split_off(at);
                bytes.extend_from_within(..at.min(20));
                bytes.extend(tail);
            }
        }
    }
}
