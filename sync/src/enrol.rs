//! How a point joins: a person carries a one-time code from the hub's screen to the point's. Each
//! side proves to the other that it knows the code, over both sides' keys, without ever sending
//! it; so over plain HTTP nobody without the code can stand in for either. Whether a code is used
//! up or too old is the hub's to store; the rule about it is here.

mod code;

pub use code::{EnrolCode, MalformedCode};

use crate::{
    keys::{NodeId, NodeKeys, PublicKeys, SIGNATURE_LEN},
    wire::{Malformed, Reader, put_bytes},
};
use std::fmt;

const VERSION: u8 = 1;
const REQUEST_DOMAIN: &str = "nhipcau/join-request/1";
const REPLY_DOMAIN: &str = "nhipcau/join-reply/1";
const MAC_LEN: usize = 32;

/// What a hub may tell a point when it admits it, in bytes at most: its name, the point's area.
pub const EXTRA_MOST: usize = 4 * 1024;

/// How often a guess at the code must be hashed. Makes trying all codes against a recorded
/// conversation some sixty thousand times dearer, and costs an honest side a few milliseconds.
const STRETCH: u32 = 1 << 16;

/// What follows from a code: what the hub stores instead of it.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeSecret {
    /// Names the code in requests; tells nothing about it.
    pub id: [u8; 8],
    /// Proves knowledge of it.
    pub key: [u8; 32],
}

impl CodeSecret {
    /// Derives the secret. Takes a few milliseconds, on purpose.
    pub fn of(code: &EnrolCode) -> Self {
        let key = blake3::derive_key("nhipcau 2026 enrolment code", code.as_bytes());
        let mut stretched = [0; 32];
        for _ in 0..STRETCH {
            stretched = *blake3::keyed_hash(&key, &stretched).as_bytes();
        }
        let id = blake3::derive_key("nhipcau 2026 enrolment code name", &stretched);
        let mut short = [0; 8];
        short.copy_from_slice(&id[..8]);
        Self { id: short, key: blake3::derive_key("nhipcau 2026 enrolment proof", &stretched) }
    }

    fn mac(&self, domain: &str, parts: &[&[u8]]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(domain.as_bytes());
        hasher.update(&[0]);
        for part in parts {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hasher.finalize()
    }
}

impl fmt::Debug for CodeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeSecret(secret)")
    }
}

/// Why a point was not admitted, or a hub not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinRefused {
    /// The message is damaged or of another protocol.
    #[error("the message is malformed")]
    Malformed,
    /// The other side does not know the code, or the message was altered.
    #[error("the code does not match")]
    WrongCode,
    /// Another device joined with this code.
    #[error("the code was used by another device")]
    Used,
    /// The code's time is over.
    #[error("the code has expired")]
    Expired,
}

impl From<Malformed> for JoinRefused {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// A point in the middle of joining. Its keys must be stored before the request is sent, so that a
/// lost reply can be asked for again.
#[derive(Debug)]
pub struct Joining {
    secret: CodeSecret,
    request: Vec<u8>,
}

impl Joining {
    /// Begins to join with a typed code; `nonce` are sixteen random bytes.
    pub fn begin(code: &EnrolCode, keys: &NodeKeys, nonce: &[u8; 16]) -> Self {
        let secret = CodeSecret::of(code);
        let mut request = vec![VERSION];
        request.extend_from_slice(&secret.id);
        request.extend_from_slice(nonce);
        request.extend_from_slice(&keys.public().to_bytes());
        let signature = keys.sign(REQUEST_DOMAIN, &request);
        request.extend_from_slice(&signature);
        let mac = secret.mac(REQUEST_DOMAIN, &[&request]);
        request.extend_from_slice(mac.as_bytes());
        Self { secret, request }
    }

    /// What to send to the hub; the same however often it is sent.
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Reads the hub's reply: the hub's keys, to be pinned, and what else it said.
    ///
    /// # Errors
    /// [`JoinRefused::WrongCode`] if whoever replied does not know the code.
    pub fn finish(&self, reply: &[u8]) -> Result<(PublicKeys, Vec<u8>), JoinRefused> {
        let (signed, mac) = split_mac(reply)?;
        if self.secret.mac(REPLY_DOMAIN, &[&self.request, signed]) != mac {
            return Err(JoinRefused::WrongCode);
        }
        let mut reader = Reader::new(signed);
        let hub = read_keys(&mut reader)?;
        let extra = reader.bytes(EXTRA_MOST)?.to_vec();
        check_signature(reader, signed, &hub, REPLY_DOMAIN)?;
        Ok((hub, extra))
    }
}

/// What the hub stores of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// What follows from it.
    pub secret: CodeSecret,
    /// When it ends, in milliseconds since 1970 UTC.
    pub expires_ms: u64,
    /// Who joined with it.
    pub used_by: Option<NodeId>,
}

/// A point that may be admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Its name.
    pub node: NodeId,
    /// Its keys, to be pinned in the transaction that marks the code as used.
    pub keys: PublicKeys,
    /// What to send back after that transaction.
    pub reply: Vec<u8>,
}

/// The name of the code that a request was made with, to look it up. If there is none, the code
/// is wrong.
///
/// # Errors
/// If it is not a request.
pub fn code_of(request: &[u8]) -> Result<[u8; 8], JoinRefused> {
    let mut reader = Reader::new(request);
    if reader.byte()? != VERSION {
        return Err(JoinRefused::Malformed);
    }
    Ok(reader.array()?)
}

/// Judges a request to join. The same point may ask again with the code it used, because its reply
/// may have been lost; nobody else may.
///
/// # Errors
/// See [`JoinRefused`].
pub fn admit(
    stored: &StoredCode,
    request: &[u8],
    hub: &NodeKeys,
    extra: &[u8],
    now_ms: u64,
) -> Result<Admitted, JoinRefused> {
    let (signed, mac) = split_mac(request)?;
    if stored.secret.mac(REQUEST_DOMAIN, &[signed]) != mac {
        return Err(JoinRefused::WrongCode);
    }
    let mut reader = Reader::new(signed);
    if reader.byte()? != VERSION || reader.array()? != stored.secret.id {
        return Err(JoinRefused::WrongCode);
    }
    let _nonce: [u8; 16] = reader.array()?;
    let keys = PublicKeys::from_bytes(&reader.array()?)?;
    check_signature(reader, signed, &keys, REQUEST_DOMAIN)?;
    let node = keys.node_id();
    match stored.used_by {
        Some(user) if user == node => {}
        Some(_) => return Err(JoinRefused::Used),
        None if now_ms >= stored.expires_ms => return Err(JoinRefused::Expired),
        None => {}
    }
    if extra.len() > EXTRA_MOST {
        return Err(JoinRefused::Malformed);
    }
    let mut reply = vec![VERSION];
    reply.extend_from_slice(&hub.public().to_bytes());
    put_bytes(&mut reply, extra);
    let signature = hub.sign(REPLY_DOMAIN, &reply);
    reply.extend_from_slice(&signature);
    let mac = stored.secret.mac(REPLY_DOMAIN, &[request, &reply]);
    reply.extend_from_slice(mac.as_bytes());
    Ok(Admitted { node, keys, reply })
}

/// The message and its MAC, which compares in constant time.
fn split_mac(message: &[u8]) -> Result<(&[u8], blake3::Hash), Malformed> {
    let (signed, mac) = message.split_last_chunk::<MAC_LEN>().ok_or(Malformed)?;
    Ok((signed, blake3::Hash::from_bytes(*mac)))
}

fn read_keys(reader: &mut Reader<'_>) -> Result<PublicKeys, Malformed> {
    if reader.byte()? != VERSION {
        return Err(Malformed);
    }
    PublicKeys::from_bytes(&reader.array()?)
}

/// What is left to read must be the signature over everything before it.
fn check_signature(
    mut reader: Reader<'_>,
    signed: &[u8],
    keys: &PublicKeys,
    domain: &str,
) -> Result<(), JoinRefused> {
    let signature: [u8; SIGNATURE_LEN] = reader.array()?;
    reader.finish()?;
    let message = &signed[..signed.len() - SIGNATURE_LEN];
    if keys.has_signed(domain, message, &signature) { Ok(()) } else { Err(JoinRefused::WrongCode) }
}
