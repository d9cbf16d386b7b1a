//! The cast of the tests: known keys, repeatable chance, and Vietnamese to send.

use rand::{TryCryptoRng, TryRng};
use std::{convert::Infallible, sync::LazyLock};
use sync::{Lane, NodeKeys, Record, SignedRecord};

/// SplitMix64: the same numbers on every machine and in every version.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `most`.
    pub fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        self.bytes(N).try_into().unwrap()
    }
}

impl TryRng for Chance {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill_with(|| self.next() as u8);
        Ok(())
    }
}

impl TryCryptoRng for Chance {}

/// The hub of the tests.
pub static HUB: LazyLock<NodeKeys> = LazyLock::new(|| NodeKeys::from_seed(&[1; 32]));

/// The point that stays offline for forty days.
pub static MUONG_NHE: LazyLock<NodeKeys> = LazyLock::new(|| NodeKeys::from_seed(&[2; 32]));

/// Nobody we know.
pub static STRANGER: LazyLock<NodeKeys> = LazyLock::new(|| NodeKeys::from_seed(&[3; 32]));

/// When the hub's lanes began, in seconds, as the kernel numbers epochs.
pub const EPOCH: u32 = 1_790_000_000;

pub static VOCABULARY: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    include_str!("material/words_of_articles_and_udhr.txt").split_whitespace().collect()
});

/// About `length` bytes of real words in random order: a pessimistic model, it has no phrases.
pub fn vietnamese(chance: &mut Chance, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        text.push_str(VOCABULARY[chance.below(VOCABULARY.len())]);
        text.push(' ');
    }
    text
}

pub fn record(seq: u64, lane: Lane, body: Vec<u8>) -> Record {
    let targets = vec!["/vn/19@2025/01969@2025/".to_owned()];
    Record { origin: HUB.node_id(), epoch: EPOCH, seq, lane, kind: 17, targets, body }
}

pub fn signed(seq: u64, lane: Lane, body: Vec<u8>) -> SignedRecord {
    record(seq, lane, body).sign(&HUB).unwrap()
}
