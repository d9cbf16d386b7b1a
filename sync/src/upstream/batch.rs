//! One batch on the wire: `[version][node 16][epoch][first][count][previous 16]`, then the sealed
//! rows, then the point's signature over all of it.

use super::{ChainHash, Opened};
use crate::{
    dictionary::{self, Codec},
    keys::{NodeId, NodeKeys, PublicKeys, SEAL_OVERHEAD, SIGNATURE_LEN},
    wire::{Malformed, Reader, put_bytes, put_varint},
};
use rand::CryptoRng;

/// No batch is longer, in bytes. At 32 kbit/s that is sixteen seconds.
pub const BATCH_MOST: usize = 64 * 1024;

/// No row's body is longer, in bytes: it must fit in a batch even if it does not compress.
pub const ROW_MOST: usize = 48 * 1024;

/// No batch's rows are longer in full, in bytes; a bomb stops here.
const RAW_MOST: usize = 1024 * 1024;

/// No batch has more rows.
const ROWS_MOST: u64 = 64 * 1024;

const VERSION: u8 = 1;
const DOMAIN: &str = "nhipcau/batch/1";

/// One row of a point's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What the body is; the numbers are allotted by the features.
    pub kind: u16,
    /// The report itself.
    pub body: Vec<u8>,
}

/// Why a batch was not taken. The point keeps its rows and sends them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchRefused {
    /// Not a batch, or damaged, or longer than allowed.
    #[error("the batch is malformed")]
    Malformed,
    /// Signed by somebody else.
    #[error("the signature is not the point's")]
    BadSignature,
    /// Sealed to another hub, or altered.
    #[error("the batch cannot be opened")]
    Sealed,
}

impl From<Malformed> for BatchRefused {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// What the features know about the shape of their rows: many alike go into columns and come out
/// again byte for byte.
pub trait Columns {
    /// The bodies as one block, if this kind has columns.
    fn pack(&self, kind: u16, bodies: &[&[u8]]) -> Option<Vec<u8>>;
    /// The bodies again; None if the block is damaged. The block comes from a stranger.
    fn unpack(&self, kind: u16, block: &[u8]) -> Option<Vec<Vec<u8>>>;
}

/// No kind has columns.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoColumns;

impl Columns for NoColumns {
    fn pack(&self, _: u16, _: &[&[u8]]) -> Option<Vec<u8>> {
        None
    }

    fn unpack(&self, _: u16, _: &[u8]) -> Option<Vec<Vec<u8>>> {
        None
    }
}

/// Seals rows `first..` of the log, whose running hash before them is `previous`. Returns the
/// batch and how many rows it took: fewer than all if they would be too long together.
///
/// # Errors
/// If there is no row, a row is longer than [`ROW_MOST`], or the hub's sealing key is unusable.
#[expect(clippy::too_many_arguments, reason = "they are what a batch is made of, each once")]
pub fn seal(
    keys: &NodeKeys,
    hub: &PublicKeys,
    epoch: u32,
    first: u64,
    previous: ChainHash,
    rows: &[Row],
    columns: &impl Columns,
    rng: &mut impl CryptoRng,
) -> Result<(Vec<u8>, usize), BatchRefused> {
    if rows.is_empty() || first == 0 || rows.iter().any(|row| row.body.len() > ROW_MOST) {
        return Err(BatchRefused::Malformed);
    }
    let mut take = fitting(rows);
    loop {
        let (codec, small) = dictionary::compress(&runs(&rows[..take], columns));
        let header = header(keys.node_id(), epoch, first, take as u64, previous);
        let length = header.len() + 1 + small.len() + SEAL_OVERHEAD + SIGNATURE_LEN;
        if length > BATCH_MOST && take > 1 {
            // Halving ends soon, and a full batch is good enough.
            take /= 2;
            continue;
        }
        let plain = [&[codec.number()], &small[..]].concat();
        let sealed = hub.seal(DOMAIN, &header, &plain, rng).map_err(|_| BatchRefused::Sealed)?;
        let mut batch = [header, sealed].concat();
        let signature = keys.sign(DOMAIN, &batch);
        batch.extend_from_slice(&signature);
        return Ok((batch, take));
    }
}

/// How many rows stay within the limits on what a batch may be in full.
fn fitting(rows: &[Row]) -> usize {
    let mut raw = 0;
    let fits = |row: &&Row| {
        raw += row.body.len() + 8;
        raw <= RAW_MOST / 2
    };
    rows.iter().take(ROWS_MOST.try_into().unwrap_or(usize::MAX)).take_while(fits).count().max(1)
}

fn header(node: NodeId, epoch: u32, first: u64, count: u64, previous: ChainHash) -> Vec<u8> {
    let mut header = vec![VERSION];
    header.extend_from_slice(node.as_bytes());
    put_varint(&mut header, epoch.into());
    put_varint(&mut header, first);
    put_varint(&mut header, count);
    header.extend_from_slice(&previous.0);
    header
}

/// Runs of rows of one kind: `[kind][count · 2 + packed][length][block]` each.
pub(super) fn runs(rows: &[Row], columns: &impl Columns) -> Vec<u8> {
    let mut out = Vec::new();
    for run in rows.chunk_by(|a, b| a.kind == b.kind) {
        let kind = run[0].kind;
        let bodies: Vec<&[u8]> = run.iter().map(|row| row.body.as_slice()).collect();
        // A packer that loses something must never cost a report: then the rows go as they are.
        let packed = columns.pack(kind, &bodies).filter(|block| {
            columns.unpack(kind, block).is_some_and(|again| again.iter().eq(bodies.iter().copied()))
        });
        put_varint(&mut out, kind.into());
        put_varint(&mut out, (run.len() as u64) << 1 | u64::from(packed.is_some()));
        let block = packed.unwrap_or_else(|| {
            let mut block = Vec::new();
            for body in &bodies {
                put_bytes(&mut block, body);
            }
            block
        });
        put_bytes(&mut out, &block);
    }
    out
}

/// The point a batch claims to come from, to look up its keys.
///
/// # Errors
/// If it is not a batch.
pub fn batch_sender(batch: &[u8]) -> Result<NodeId, BatchRefused> {
    let mut reader = Reader::new(batch);
    if reader.byte()? != VERSION {
        return Err(BatchRefused::Malformed);
    }
    Ok(NodeId(reader.array()?))
}

/// Opens a batch; see [`super::open`].
pub(super) fn open(
    batch: &[u8],
    hub: &NodeKeys,
    point: &PublicKeys,
    columns: &impl Columns,
) -> Result<Opened, BatchRefused> {
    if batch.len() > BATCH_MOST {
        return Err(BatchRefused::Malformed);
    }
    let (claimed, signature) =
        batch.split_last_chunk::<SIGNATURE_LEN>().ok_or(BatchRefused::Malformed)?;
    let node = batch_sender(claimed)?;
    if node != point.node_id() || !point.has_signed(DOMAIN, claimed, signature) {
        return Err(BatchRefused::BadSignature);
    }
    let mut reader = Reader::new(&claimed[17..]);
    let epoch = reader.varint_u32()?;
    let first = reader.varint()?;
    let count = reader.varint()?;
    let previous = ChainHash(reader.array()?);
    let sealed = reader.rest();
    let header = &claimed[..claimed.len() - sealed.len()];
    if first == 0 || count == 0 || count > ROWS_MOST || first.checked_add(count).is_none() {
        return Err(BatchRefused::Malformed);
    }
    let plain = hub.open(DOMAIN, header, sealed).map_err(|_| BatchRefused::Sealed)?;
    let (&codec, small) = plain.split_first().ok_or(BatchRefused::Malformed)?;
    let codec = Codec::from_number(codec).ok_or(BatchRefused::Malformed)?;
    let rows = read_runs(&dictionary::expand(codec, small, RAW_MOST)?, columns)?;
    if rows.len() as u64 != count {
        return Err(BatchRefused::Malformed);
    }
    Ok(Opened::new(node, epoch, first, previous, rows))
}

pub(super) fn read_runs(raw: &[u8], columns: &impl Columns) -> Result<Vec<Row>, Malformed> {
    let mut reader = Reader::new(raw);
    let mut rows = Vec::new();
    while !reader.is_empty() {
        let kind = reader.varint_u16()?;
        let form = reader.varint()?;
        let count = form >> 1;
        let block = reader.bytes(RAW_MOST)?;
        if count == 0 || count > ROWS_MOST || rows.len() as u64 + count > ROWS_MOST {
            return Err(Malformed);
        }
        let bodies = if form & 1 == 1 {
            columns.unpack(kind, block).ok_or(Malformed)?
        } else {
            let mut block = Reader::new(block);
            let mut bodies = Vec::new();
            while !block.is_empty() {
                bodies.push(block.bytes(ROW_MOST)?.to_vec());
            }
            bodies
        };
        if bodies.len() as u64 != count || bodies.iter().any(|body| body.len() > ROW_MOST) {
            return Err(Malformed);
        }
        rows.extend(bodies.into_iter().map(|body| Row { kind, body }));
    }
    Ok(rows)
}
