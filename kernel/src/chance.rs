//! Randomness, passed in like time: the system's generator in production, a seeded one in tests.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, SeedableRng, TryRng, rngs::StdRng, rngs::SysRng};

/// A source of random bytes. Cloning shares the source.
#[derive(Clone)]
pub struct Chance(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Chance {
    /// The operating system's generator: the only one fit for secrets.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A repeatable sequence for tests and simulations; never for secrets.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// When the operating system cannot give randomness: nothing safe can be done without it.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => {
                SysRng.try_fill_bytes(&mut bytes).expect("the system's random generator works");
            }
            Source::Seeded(rng) => {
                rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
            }
        }
        bytes
    }

    /// A generator of its own, for libraries that ask for one.
    pub fn rng(&self) -> StdRng {
        StdRng::from_seed(self.bytes())
    }

    /// A token nobody can guess: 32 random bytes as 64 hex digits.
    pub fn token(&self) -> String {
        hex(&self.bytes::<32>())
    }

    /// A number below `bound` (for jitter and sampling; the tiny modulo bias does not matter there).
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.bytes()) % bound.max(1)
    }
}

impl std::fmt::Debug for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chance")
    }
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads hex of either case; `None` when it is not hex.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
