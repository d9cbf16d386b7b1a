//! Short things a node says under its own signature: that it is here, what time it is, that a
//! history began anew. One shape for all: the claim in its only spelling, then an Ed25519
//! signature over the claim's domain, a zero byte and the claim.

use crate::{
    keys::{NodeKeys, PublicKeys, SIGNATURE_LEN},
    wire::{Malformed, Reader},
};

/// No statement is longer, in bytes.
pub(crate) const STATEMENT_MOST: usize = 8 * 1024;

/// A claim that can be signed. The domain separates kinds of claims, so that no signature over
/// one can be passed off as a signature over another.
pub trait Statement: Sized {
    /// Names the kind and its version.
    const DOMAIN: &'static str;
    /// Appends the claim.
    fn put(&self, out: &mut Vec<u8>);
    /// Reads the claim.
    ///
    /// # Errors
    /// If it is not one, or not in its only spelling.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// A claim with the signature of whoever makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<T> {
    claim: T,
    bytes: Vec<u8>,
}

/// The signature is not that of the keys given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not that of the expected node")]
pub struct BadSignature;

impl<T: Statement> Signed<T> {
    /// Signs a claim.
    pub fn sign(claim: T, keys: &NodeKeys) -> Self {
        let mut bytes = Vec::new();
        claim.put(&mut bytes);
        let signature = keys.sign(T::DOMAIN, &bytes);
        bytes.extend_from_slice(&signature);
        Self { claim, bytes }
    }

    /// Reads a claim; nothing in it is proven yet.
    ///
    /// # Errors
    /// If the bytes are not such a claim.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > STATEMENT_MOST {
            return Err(Malformed);
        }
        let (claimed, _) = bytes.split_last_chunk::<SIGNATURE_LEN>().ok_or(Malformed)?;
        let mut reader = Reader::new(claimed);
        let claim = T::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { claim, bytes: bytes.to_vec() })
    }

    /// The claim and its signature, as sent and stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The claim, unproven: enough to find out whose keys to check it with.
    pub fn unproven(&self) -> &T {
        &self.claim
    }

    /// The claim, if the owner of `keys` made it.
    ///
    /// # Errors
    /// If somebody else did.
    pub fn verify(&self, keys: &PublicKeys) -> Result<&T, BadSignature> {
        let (claimed, signature) =
            self.bytes.split_last_chunk::<SIGNATURE_LEN>().ok_or(BadSignature)?;
        if keys.has_signed(T::DOMAIN, claimed, signature) {
            Ok(&self.claim)
        } else {
            Err(BadSignature)
        }
    }
}
