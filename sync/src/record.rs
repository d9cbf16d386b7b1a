//! The unit that goes down: one record, signed by its origin, so that any relay, cache or memory
//! stick may carry it and none may alter it. What the body says is known to the features only.

use crate::{
    cbor,
    keys::{NodeId, NodeKeys, PublicKeys, SIGNATURE_LEN},
    wire::Malformed,
};
use ciborium::Value;
use coset::{
    CborSerializable, CoseSign1Builder, HeaderBuilder, ProtectedHeader, SignatureContext, iana,
    sig_structure_data,
};

mod lane;
mod payload;

pub use lane::Lane;

/// The longest signed record, in bytes: it must fit in one transport frame even when it does not
/// compress at all.
pub const SIGNED_MOST: usize = 16 * 1024 - 256;

/// The longest body that is sure to fit beside a few targets, in bytes. Anything larger is a blob
/// and the record carries its hash.
pub const BODY_MOST: usize = 15 * 1024;

/// Binds a signature to records of this protocol and to the origin, which is not sent again in
/// every record (RFC 9052 §4.3, externally supplied data).
const DOMAIN: &[u8] = b"nhipcau/record/1";

/// What stands before the payload in every signed record: an array of four, the protected header
/// `{1: -8}` (EdDSA) and an empty unprotected header.
const ENVELOPE_HEAD: [u8; 6] = [0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0];

/// What stands between the payload and the signature: a byte string of sixty-four bytes.
const SIGNATURE_HEAD: [u8; 2] = [0x58, 0x40];

/// Why a record was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The bytes are not a signed record of this protocol, or not in their one proper spelling.
    #[error("the bytes are not a signed record")]
    Malformed,
    /// The record is longer than [`SIGNED_MOST`] bytes.
    #[error("the record is too long for a frame")]
    TooLong,
    /// The keys given are not those of the origin given.
    #[error("the keys do not belong to the origin")]
    WrongKeys,
    /// The origin did not sign this.
    #[error("the signature is not the origin's")]
    BadSignature,
    /// Genuine, but it demands that the reader understand a key that this version does not know.
    /// Store it and pass it on; do not act on it.
    #[error("the record asks to understand key {0}")]
    NotUnderstood(u64),
}

impl From<Malformed> for Rejected {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// One record as its origin means it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Record {
    /// The node that says it.
    pub origin: NodeId,
    /// The origin's history this belongs to; a restored backup begins a new one.
    pub epoch: u32,
    /// Its place in that history, counted from one across all lanes. (origin, epoch, seq) names
    /// a record for ever.
    pub seq: u64,
    /// How urgent it is.
    pub lane: Lane,
    /// What the body is; the numbers are allotted by the features.
    pub kind: u16,
    /// The areas meant, as scope paths; each means its whole subtree. Empty means everywhere.
    pub targets: Vec<String>,
    /// The message itself, opaque here.
    pub body: Vec<u8>,
}

/// What a relay may read of a record to route it, without believing any of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// See [`Record::epoch`].
    pub epoch: u32,
    /// See [`Record::seq`].
    pub seq: u64,
    /// See [`Record::lane`].
    pub lane: Lane,
    /// See [`Record::kind`].
    pub kind: u16,
    /// See [`Record::targets`].
    pub targets: Vec<String>,
    /// Keys that a reader must understand before it acts on the record.
    pub crit: Vec<u64>,
}

/// A field of a later version, to be signed along: an integer key from 8 up and any CBOR value.
pub type Extension = (u64, Value);

impl Record {
    /// Signs the record.
    ///
    /// # Errors
    /// [`Rejected::WrongKeys`] if `keys` are not the origin's, [`Rejected::TooLong`] if the result
    /// would not fit in a frame.
    pub fn sign(&self, keys: &NodeKeys) -> Result<SignedRecord, Rejected> {
        self.sign_extended(keys, &[], &[])
    }

    /// Signs the record with fields that this version only carries. `extensions` must be in
    /// ascending order of key; those named in `crit` must be understood by whoever acts on it.
    ///
    /// # Errors
    /// As [`Record::sign`]; [`Rejected::Malformed`] if a key is taken, unsorted, or `crit` names
    /// an absent one.
    pub fn sign_extended(
        &self,
        keys: &NodeKeys,
        extensions: &[Extension],
        crit: &[u64],
    ) -> Result<SignedRecord, Rejected> {
        if keys.node_id() != self.origin {
            return Err(Rejected::WrongKeys);
        }
        let ascending = extensions.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let free = extensions.iter().all(|(key, _)| *key >= payload::FIRST_FREE);
        let named = crit.iter().all(|key| extensions.iter().any(|(have, _)| have == key));
        if !(ascending && free && named) {
            return Err(Rejected::Malformed);
        }
        let payload = payload::write(self, extensions, crit);
        let signature = keys.sign_bytes(&to_be_signed(self.origin, &payload));
        SignedRecord::from_parts(&payload, &signature)
    }
}

/// The exact bytes an origin signed, as a COSE_Sign1 (RFC 9052 §4.2). They are stored and passed
/// on as they are, never written anew, so fields of later versions survive every hop.
///
/// There is one spelling of the envelope, hence two equal records have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignedRecord {
    bytes: Vec<u8>,
    payload_start: usize,
}

impl SignedRecord {
    /// Takes bytes from the wire or from storage. Nothing is believed yet.
    ///
    /// # Errors
    /// [`Rejected::Malformed`] or [`Rejected::TooLong`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Rejected> {
        if bytes.len() > SIGNED_MOST {
            return Err(Rejected::TooLong);
        }
        let after_head = bytes.strip_prefix(&ENVELOPE_HEAD).ok_or(Rejected::Malformed)?;
        let item = cbor::item_len(after_head)?;
        let (payload_item, rest) = after_head.split_at(item);
        let signature = rest.strip_prefix(&SIGNATURE_HEAD).ok_or(Rejected::Malformed)?;
        // The head of the payload is the one for its length, or this is a second spelling.
        let mut head = Vec::with_capacity(4);
        let head_len = payload_item.first().map_or(0, |first| match first {
            0x58 => 2,
            0x59 => 3,
            _ => 1,
        });
        put_bstr_head(&mut head, item.saturating_sub(head_len));
        if signature.len() != SIGNATURE_LEN || !payload_item.starts_with(&head) {
            return Err(Rejected::Malformed);
        }
        let payload_start = ENVELOPE_HEAD.len() + head.len();
        Ok(Self { bytes, payload_start })
    }

    /// Puts a payload and its signature into the envelope. A frame carries the two apart, because
    /// signatures do not compress.
    ///
    /// # Errors
    /// [`Rejected::TooLong`].
    pub(crate) fn from_parts(
        payload: &[u8],
        signature: &[u8; SIGNATURE_LEN],
    ) -> Result<Self, Rejected> {
        if envelope_len(payload.len()) > SIGNED_MOST {
            return Err(Rejected::TooLong);
        }
        let mut bytes = Vec::with_capacity(envelope_len(payload.len()));
        bytes.extend_from_slice(&ENVELOPE_HEAD);
        put_bstr_head(&mut bytes, payload.len());
        let payload_start = bytes.len();
        bytes.extend_from_slice(payload);
        bytes.extend_from_slice(&SIGNATURE_HEAD);
        bytes.extend_from_slice(signature);
        Ok(Self { bytes, payload_start })
    }

    /// The signed bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The signed bytes, to keep.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[self.payload_start..self.bytes.len() - SIGNATURE_HEAD.len() - SIGNATURE_LEN]
    }

    pub(crate) fn signature(&self) -> &[u8; SIGNATURE_LEN] {
        self.bytes.last_chunk().expect("the envelope ends with a signature")
    }

    /// Reads the header for routing. **Nothing in it is proven**; act only on what
    /// [`SignedRecord::verify`] returns.
    ///
    /// # Errors
    /// [`Rejected::Malformed`].
    pub fn peek(&self) -> Result<Header, Rejected> {
        Ok(payload::read(self.payload())?.0)
    }

    /// The record, if `origin` really signed exactly this.
    ///
    /// # Errors
    /// See [`Rejected`]. [`Rejected::NotUnderstood`] is returned only for genuine records.
    pub fn verify(&self, origin: NodeId, keys: &PublicKeys) -> Result<Record, Rejected> {
        if keys.node_id() != origin {
            return Err(Rejected::WrongKeys);
        }
        let signed = to_be_signed(origin, self.payload());
        if !keys.has_signed_bytes(&signed, self.signature()) {
            return Err(Rejected::BadSignature);
        }
        let (header, body) = payload::read(self.payload())?;
        if let Some(&unknown) = header.crit.iter().find(|&&key| key >= payload::FIRST_FREE) {
            return Err(Rejected::NotUnderstood(unknown));
        }
        let Header { epoch, seq, lane, kind, targets, crit: _ } = header;
        Ok(Record { origin, epoch, seq, lane, kind, targets, body })
    }

    /// The same record through the general COSE builder; tests compare the two spellings.
    #[doc(hidden)]
    pub fn to_cose(&self) -> Vec<u8> {
        let sign1 = CoseSign1Builder::new()
            .protected(HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build())
            .payload(self.payload().to_vec())
            .create_signature(&[], |_| self.signature().to_vec())
            .build();
        sign1.to_vec().expect("writing to memory cannot fail")
    }
}

/// How long a signed record is whose payload has `payload` bytes.
fn envelope_len(payload: usize) -> usize {
    let mut head = Vec::new();
    put_bstr_head(&mut head, payload);
    ENVELOPE_HEAD.len() + head.len() + payload + SIGNATURE_HEAD.len() + SIGNATURE_LEN
}

/// The shortest head of a byte string of `length` bytes.
fn put_bstr_head(out: &mut Vec<u8>, length: usize) {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 24 => out.push(0x40 | short),
        (Ok(short), _) => out.extend([0x58, short]),
        (_, Ok(medium)) => {
            out.push(0x59);
            out.extend(medium.to_be_bytes());
        }
        // Longer payloads are refused before they are written; the head only has to be no shorter.
        _ => out.extend([0x5a, 0xff, 0xff, 0xff, 0xff]),
    }
}

fn to_be_signed(origin: NodeId, payload: &[u8]) -> Vec<u8> {
    let protected = HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build();
    let protected = ProtectedHeader { original_data: None, header: protected };
    let external = [DOMAIN, origin.as_bytes()].concat();
    sig_structure_data(SignatureContext::CoseSign1, protected, None, &external, payload)
}
