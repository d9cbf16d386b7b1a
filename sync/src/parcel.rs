//! A parcel: what one node gives another by hand, on a stick or by a message, because it must not go by way
//! of the hub. Sealed to the one that may open it, signed by the one that made it; both are named outside,
//! so that a parcel in the wrong place can be told from a damaged one.
//!
//! `[magic 8][sender 16][recipient 16]`, then the sealed content, then the sender's signature over all of it.

use rand::CryptoRng;

use crate::{
    dictionary::{self, Codec},
    keys::{NodeId, NodeKeys, PublicKeys, SEAL_OVERHEAD, SIGNATURE_LEN},
    wire::Reader,
};

/// No parcel is longer, in bytes.
pub const PARCEL_MOST: usize = 4 << 20;
/// No content is longer in full, in bytes; a bomb stops here.
const RAW_MOST: usize = 16 << 20;
const MAGIC: [u8; 8] = *b"nhipcau\x01";
const DOMAIN: &str = "nhipcau/parcel/1";
const HEADER: usize = MAGIC.len() + 16 + 16;

/// Why a parcel was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParcelRefused {
    /// Not a parcel, cut short, or longer than allowed.
    #[error("this is not a parcel")]
    Malformed,
    /// Sealed to another node.
    #[error("the parcel is for another node")]
    NotForUs,
    /// Not signed by whom it names, or altered on the way.
    #[error("the signature is not the sender's")]
    BadSignature,
    /// Signed, but it cannot be opened.
    #[error("the parcel cannot be opened")]
    Sealed,
}

/// Who made a parcel and who may open it, as it says itself. Nothing of this is proven.
///
/// # Errors
/// If it is not a parcel.
pub fn labels(parcel: &[u8]) -> Result<(NodeId, NodeId), ParcelRefused> {
    let least = HEADER + SEAL_OVERHEAD + SIGNATURE_LEN;
    if !(least..=PARCEL_MOST).contains(&parcel.len()) {
        return Err(ParcelRefused::Malformed);
    }
    let read = |at: usize| {
        let mut reader = Reader::new(&parcel[at..]);
        reader.array().map(NodeId).map_err(|_| ParcelRefused::Malformed)
    };
    if parcel[..MAGIC.len()] != MAGIC {
        return Err(ParcelRefused::Malformed);
    }
    Ok((read(MAGIC.len())?, read(MAGIC.len() + 16)?))
}

/// Packs `content` so that only `to` can open it.
///
/// # Errors
/// If it is longer than a parcel may be, or the recipient's sealing key is unusable.
pub fn pack(
    keys: &NodeKeys,
    to: &PublicKeys,
    content: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, ParcelRefused> {
    if content.len() > RAW_MOST {
        return Err(ParcelRefused::Malformed);
    }
    let header =
        [&MAGIC[..], &keys.node_id().as_bytes()[..], &to.node_id().as_bytes()[..]].concat();
    let (codec, small) = dictionary::compress(content);
    let plain = [&[codec.number()], &small[..]].concat();
    let sealed = to.seal(DOMAIN, &header, &plain, rng).map_err(|_| ParcelRefused::Sealed)?;
    let mut parcel = [header, sealed].concat();
    let signature = keys.sign(DOMAIN, &parcel);
    parcel.extend_from_slice(&signature);
    if parcel.len() > PARCEL_MOST { Err(ParcelRefused::Malformed) } else { Ok(parcel) }
}

/// Opens a parcel that `from` made for us.
///
/// # Errors
/// If it is no parcel, is for another node, was made by another or altered, or cannot be opened.
pub fn unpack(parcel: &[u8], own: &NodeKeys, from: &PublicKeys) -> Result<Vec<u8>, ParcelRefused> {
    let (sender, recipient) = labels(parcel)?;
    if recipient != own.node_id() {
        return Err(ParcelRefused::NotForUs);
    }
    let (claimed, signature) =
        parcel.split_last_chunk::<SIGNATURE_LEN>().ok_or(ParcelRefused::Malformed)?;
    if sender != from.node_id() || !from.has_signed(DOMAIN, claimed, signature) {
        return Err(ParcelRefused::BadSignature);
    }
    let (header, sealed) = claimed.split_at(HEADER);
    let plain = own.open(DOMAIN, header, sealed).map_err(|_| ParcelRefused::Sealed)?;
    let (&codec, small) = plain.split_first().ok_or(ParcelRefused::Malformed)?;
    let codec = Codec::from_number(codec).ok_or(ParcelRefused::Malformed)?;
    dictionary::expand(codec, small, RAW_MOST).map_err(|_| ParcelRefused::Malformed)
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn keys(seed: u8) -> NodeKeys {
        NodeKeys::from_seed(&[seed; 32])
    }

    fn packed(content: &[u8]) -> Vec<u8> {
        pack(&keys(1), keys(2).public(), content, &mut StdRng::seed_from_u64(1)).expect("packed")
    }

    #[test]
    fn only_the_recipient_opens_a_parcel() {
        let parcel = packed("Lý Văn Páo".as_bytes());
        assert_eq!(labels(&parcel), Ok((keys(1).node_id(), keys(2).node_id())));
        let opened = unpack(&parcel, &keys(2), keys(1).public());
        assert_eq!(opened.as_deref(), Ok("Lý Văn Páo".as_bytes()));
        let other = unpack(&parcel, &keys(3), keys(1).public());
        assert_eq!(other, Err(ParcelRefused::NotForUs));
        // Renaming the recipient outside does not help: the signature covers the name.
        let mut renamed = parcel.clone();
        renamed[24..40].copy_from_slice(keys(3).node_id().as_bytes());
        let other = unpack(&renamed, &keys(3), keys(1).public());
        assert_eq!(other, Err(ParcelRefused::BadSignature));
        let from_another = unpack(&parcel, &keys(2), keys(3).public());
        assert_eq!(from_another, Err(ParcelRefused::BadSignature));
    }

    #[test]
    fn nothing_of_the_content_stands_in_the_clear() {
        let name = "Lý Văn Páo".as_bytes();
        let parcel = packed(name);
        assert!(!parcel.windows(name.len()).any(|window| window == name));
    }

    #[test]
    fn every_altered_byte_and_every_cut_is_noticed() {
        let parcel = packed(&[7; 400]);
        for at in 0..parcel.len() {
            let mut altered = parcel.clone();
            altered[at] ^= 1;
            assert!(unpack(&altered, &keys(2), keys(1).public()).is_err(), "byte {at}");
            assert!(unpack(&parcel[..at], &keys(2), keys(1).public()).is_err(), "cut at {at}");
        }
        assert_eq!(labels(b""), Err(ParcelRefused::Malformed));
        assert_eq!(labels(&vec![0; PARCEL_MOST + 1]), Err(ParcelRefused::Malformed));
    }
}
