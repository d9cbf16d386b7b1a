//! A stretch of one point's log on its way to another point: when the unit of the first has ended, its
//! successor takes the log over. The hub relays the rows sealed to the successor; that they are the old
//! point's own is shown by the running hash, which leads to a head that the old point has signed.

use super::{ChainHash, NoColumns, Row, batch};
use crate::{
    dictionary::{self, Codec},
    keys::{NodeId, NodeKeys, PublicKeys},
    wire::{Malformed, Reader, put_varint},
};
use rand::CryptoRng;

const DOMAIN: &str = "nhipcau/handover/1";
/// No stretch is longer in full, in bytes.
const RAW_MOST: usize = 256 * 1024;

/// Rows of a log, with the running hash before the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStretch {
    /// Whose log.
    pub node: NodeId,
    /// Of which epoch.
    pub epoch: u32,
    /// The number of the first row.
    pub first: u64,
    /// The running hash before it.
    pub previous: ChainHash,
    /// The rows.
    pub rows: Vec<Row>,
}

impl LogStretch {
    /// The rows with the running hash after each.
    pub fn chained(&self) -> Vec<(Row, ChainHash)> {
        let mut hash = self.previous;
        let chain = self.rows.iter().map(|row| {
            hash = hash.next(row.kind, &row.body);
            (row.clone(), hash)
        });
        chain.collect()
    }

    /// Seals it to the successor.
    ///
    /// # Errors
    /// If there is nothing in it, or the successor's sealing key is unusable.
    pub fn seal(
        &self,
        successor: &PublicKeys,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Malformed> {
        if self.rows.is_empty() || self.first == 0 {
            return Err(Malformed);
        }
        let mut plain = Vec::new();
        plain.extend_from_slice(self.node.as_bytes());
        put_varint(&mut plain, self.epoch.into());
        put_varint(&mut plain, self.first);
        plain.extend_from_slice(&self.previous.0);
        let (codec, small) = dictionary::compress(&batch::runs(&self.rows, &NoColumns));
        plain.push(codec.number());
        plain.extend_from_slice(&small);
        successor.seal(DOMAIN, successor.node_id().as_bytes(), &plain, rng)
    }

    /// Opens what was sealed to us.
    ///
    /// # Errors
    /// If it was sealed to another node, altered, or makes no sense.
    pub fn open(sealed: &[u8], own: &NodeKeys) -> Result<Self, Malformed> {
        let plain = own.open(DOMAIN, own.node_id().as_bytes(), sealed)?;
        let mut reader = Reader::new(&plain);
        let node = NodeId(reader.array()?);
        let epoch = reader.varint_u32()?;
        let first = reader.varint()?;
        let previous = ChainHash(reader.array()?);
        let codec = Codec::from_number(reader.byte()?).ok_or(Malformed)?;
        let raw = dictionary::expand(codec, reader.rest(), RAW_MOST)?;
        let rows = batch::read_runs(&raw, &NoColumns)?;
        if first == 0 || rows.is_empty() || first.checked_add(rows.len() as u64).is_none() {
            return Err(Malformed);
        }
        Ok(Self { node, epoch, first, previous, rows })
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn only_the_successor_opens_a_stretch_and_finds_it_unaltered() {
        let (old, new, other) = (
            NodeKeys::from_seed(&[1; 32]),
            NodeKeys::from_seed(&[2; 32]),
            NodeKeys::from_seed(&[3; 32]),
        );
        let row = |kind, body: &[u8]| Row { kind, body: body.to_vec() };
        let stretch = LogStretch {
            node: old.node_id(),
            epoch: 7,
            first: 1,
            previous: ChainHash::genesis(old.node_id(), 7),
            rows: vec![row(30, b"a"), row(31, b""), row(31, &[9; 5_000])],
        };
        let mut rng = StdRng::seed_from_u64(1);
        let mut sealed = stretch.seal(new.public(), &mut rng).expect("it is sealed");
        assert_eq!(LogStretch::open(&sealed, &new), Ok(stretch.clone()));
        assert_eq!(LogStretch::open(&sealed, &other), Err(Malformed));
        assert_eq!(stretch.chained().len(), 3);
        let last = sealed.len() - 1;
        sealed[last] ^= 1;
        assert_eq!(LogStretch::open(&sealed, &new), Err(Malformed));
        assert_eq!(LogStretch::open(&[], &new), Err(Malformed));
        let empty = LogStretch { rows: Vec::new(), ..stretch };
        assert_eq!(empty.seal(new.public(), &mut rng), Err(Malformed));
    }
}
