//! Sounds, films and pictures by the BLAKE3 hash of their content, verified every 16 KiB on
//! arrival. What travels is the bao pre-order encoding: pairs of hashes (64 bytes) and groups of
//! content interleaved, so that each group can be checked as soon as it is complete. It is one
//! fixed string of bytes per blob: a plain ranged download of it can stop and go on anywhere.

use bao_tree::{
    BaoTree, BlockSize, ChunkRanges,
    io::outboard::PreOrderMemOutboard,
    iter::{BaoChunk, ResponseIter},
};
use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root,
};
use std::{collections::VecDeque, fmt};

/// Bytes of content that are verified at once.
pub const GROUP_LEN: usize = 16 * 1024;

/// Sixteen chunks of 1 KiB.
const GROUP: BlockSize = BlockSize::from_chunk_log(4);

const PAIR_LEN: usize = 64;

/// The name of a blob: the BLAKE3 hash of its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobRoot(pub [u8; 32]);

impl fmt::Display for BlobRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::wire::to_hex(&self.0))
    }
}

impl fmt::Debug for BlobRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobRoot({self})")
    }
}

/// How long the encoding of a blob of `size` bytes is: about 0.4 % more.
pub fn encoded_len(size: u64) -> u64 {
    size.saturating_add(tree(size).outboard_size())
}

fn tree(size: u64) -> BaoTree {
    BaoTree::new(size, GROUP)
}

/// The inner hashes of a blob, kept beside its content by whoever serves it. They need no
/// protection: wrong ones only make downloads fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outboard {
    /// The blob's name.
    pub root: BlobRoot,
    /// The blob's length in bytes.
    pub size: u64,
    /// 64 bytes for every pair, in the order in which they are sent.
    pub pairs: Vec<u8>,
}

impl Outboard {
    /// Hashes a blob.
    pub fn of(content: &[u8]) -> Self {
        let made = PreOrderMemOutboard::create(content, GROUP);
        let root = BlobRoot(*made.root.as_bytes());
        Self { root, size: content.len() as u64, pairs: made.data }
    }
}

/// A stretch of an encoding, and where its bytes are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// These bytes of [`Outboard::pairs`].
    Pairs {
        /// The first.
        start: u64,
        /// How many.
        len: usize,
    },
    /// These bytes of the content.
    Content {
        /// The first.
        start: u64,
        /// How many.
        len: usize,
    },
}

/// What the encoding of a blob of `size` bytes consists of from byte `offset` on, in order, for a
/// server that reads its files itself. Nothing is allocated for what is skipped.
pub fn pieces(size: u64, offset: u64) -> impl Iterator<Item = Piece> {
    let mut skip = offset;
    let mut pairs = 0;
    ResponseIter::new(tree(size), ChunkRanges::all()).filter_map(move |chunk| {
        let (start, whole, is_pair) = match chunk {
            BaoChunk::Parent { .. } => {
                pairs += PAIR_LEN as u64;
                (pairs - PAIR_LEN as u64, PAIR_LEN, true)
            }
            BaoChunk::Leaf { start_chunk, size, .. } => (start_chunk.to_bytes(), size, false),
        };
        let skipped = skip.min(whole as u64);
        skip -= skipped;
        let len = whole - usize::try_from(skipped).unwrap_or(whole);
        let start = start + skipped;
        match (len, is_pair) {
            (0, _) => None,
            (_, true) => Some(Piece::Pairs { start, len }),
            (_, false) => Some(Piece::Content { start, len }),
        }
    })
}

/// Up to `most` bytes of the encoding from byte `offset` on, for a blob that is in memory. Empty
/// past the end, or if the outboard belongs to something else.
pub fn encode(outboard: &Outboard, content: &[u8], offset: u64, most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces(content.len() as u64, offset) {
        let (from, start, len) = match piece {
            Piece::Pairs { start, len } => (outboard.pairs.as_slice(), start, len),
            Piece::Content { start, len } => (content, start, len),
        };
        let Ok(start) = usize::try_from(start) else { break };
        let Some(bytes) = from.get(start..start + len) else { break };
        let room = most - out.len();
        out.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if out.len() == most {
            break;
        }
    }
    out
}

/// A byte of an encoding is not what the blob's name promises. Nothing from here on is content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the download is altered within the group that ends at byte {offset} of its encoding")]
pub struct Tampered {
    /// How many bytes of the encoding had been taken in when it was noticed. Everything up to the
    /// last whole group before it is good: keep [`BlobReceiver::good_len`] bytes and ask again.
    pub offset: u64,
}

/// Takes an encoding in, in pieces of any size, and lets out content that is proven, never more.
/// To go on after a crash, feed it the bytes that were kept.
pub struct BlobReceiver {
    chunks: ResponseIter,
    current: Option<BaoChunk>,
    /// Hashes that the next items must have, the next on top.
    expected: Vec<ChainingValue>,
    root: BlobRoot,
    item: Vec<u8>,
    taken: u64,
    good: u64,
    ready: VecDeque<u8>,
    broken: bool,
}

impl BlobReceiver {
    /// Waits for the blob of that name and size.
    pub fn new(root: BlobRoot, size: u64) -> Self {
        let mut chunks = ResponseIter::new(tree(size), ChunkRanges::all());
        let current = chunks.next();
        Self {
            chunks,
            current,
            expected: vec![root.0],
            root,
            item: Vec::new(),
            taken: 0,
            good: 0,
            ready: VecDeque::new(),
            broken: false,
        }
    }

    /// Takes bytes in and returns the content that they complete and prove, in order.
    ///
    /// # Errors
    /// If a byte is wrong. What was proven before it has been returned by earlier calls or is
    /// returned by [`BlobReceiver::proven`]; the receiver takes nothing more.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, Tampered> {
        while let Some(chunk) = self.current.as_ref().filter(|_| !self.broken) {
            let whole = match chunk {
                BaoChunk::Parent { .. } => PAIR_LEN,
                BaoChunk::Leaf { size, .. } => *size,
            };
            let missing = (whole - self.item.len()).min(bytes.len());
            let (now, later) = bytes.split_at(missing);
            self.item.extend_from_slice(now);
            self.taken += missing as u64;
            bytes = later;
            if self.item.len() < whole {
                return Ok(self.proven());
            }
            if self.check().is_none() {
                self.broken = true;
                break;
            }
            self.good = self.taken;
            self.current = self.chunks.next();
        }
        // Bytes past the end are as wrong as bytes within.
        if self.broken || !bytes.is_empty() {
            self.broken = true;
            return Err(Tampered { offset: self.taken });
        }
        Ok(self.proven())
    }

    /// Proven content that was not returned yet.
    pub fn proven(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.ready).into()
    }

    /// How many bytes of the encoding are proven good: the place to go on from after tampering.
    pub const fn good_len(&self) -> u64 {
        self.good
    }

    /// Whether all of it has arrived and is proven.
    pub const fn is_complete(&self) -> bool {
        self.current.is_none() && !self.broken
    }

    /// Checks the item at hand against the hash it must have.
    fn check(&mut self) -> Option<()> {
        let expected = self.expected.pop()?;
        let item = std::mem::take(&mut self.item);
        match *self.current.as_ref()? {
            BaoChunk::Parent { is_root, left, right, .. } => {
                let (first, second) = item.split_first_chunk::<32>()?;
                let second: &ChainingValue = second.try_into().ok()?;
                let actual = if is_root {
                    *merge_subtrees_root(first, second, Mode::Hash).as_bytes()
                } else {
                    merge_subtrees_non_root(first, second, Mode::Hash)
                };
                if actual != expected {
                    return None;
                }
                self.expected.extend(right.then_some(*second));
                self.expected.extend(left.then_some(*first));
            }
            BaoChunk::Leaf { start_chunk, is_root, .. } => {
                let mut hasher = blake3::Hasher::new();
                hasher.set_input_offset(start_chunk.to_bytes());
                hasher.update(&item);
                let actual = if is_root {
                    *hasher.finalize().as_bytes()
                } else {
                    hasher.finalize_non_root()
                };
                if actual != expected {
                    return None;
                }
                self.ready.extend(item);
            }
        }
        Some(())
    }
}

impl fmt::Debug for BlobReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobReceiver({}, {} bytes in)", self.root, self.taken)
    }
}
