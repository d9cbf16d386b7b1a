//! Who a node is: an Ed25519 key it signs with and an X25519 key others seal to. Keys are made
//! from a seed that the caller draws and keeps; nothing here is random or stored.

use crate::wire::{self, Malformed};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::X25519HkdfSha256,
};
use rand::CryptoRng;
use std::{fmt, str::FromStr};

type SealingKey = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;

/// Bytes of an Ed25519 signature.
pub const SIGNATURE_LEN: usize = 64;

/// What sealing adds to a message: an X25519 share and a Poly1305 tag, in bytes.
pub const SEAL_OVERHEAD: usize = 32 + 16;

/// The name of a node: the first sixteen bytes of the BLAKE3 hash of its Ed25519 public key.
/// Nobody else can have the same name without breaking the hash, so no registry is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub [u8; 16]);

impl NodeId {
    /// The sixteen bytes, as stored and sent.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&wire::to_hex(&self.0))
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({self})")
    }
}

impl FromStr for NodeId {
    type Err = Malformed;

    /// Reads thirty-two hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        wire::from_hex(text).map(Self)
    }
}

/// What everybody may know of a node and must pin before believing it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKeys {
    verifying: VerifyingKey,
    sealing: [u8; 32],
}

impl PublicKeys {
    /// Bytes of the encoded pair.
    pub const LEN: usize = 64;

    /// The Ed25519 key and then the X25519 key.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..32].copy_from_slice(self.verifying.as_bytes());
        bytes[32..].copy_from_slice(&self.sealing);
        bytes
    }

    /// Reads the two keys.
    ///
    /// # Errors
    /// If the first is not a point of the curve, or one of the few weak points under which
    /// anybody could sign.
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Result<Self, Malformed> {
        let (verifying, sealing) = bytes.split_at(32);
        let verifying = VerifyingKey::try_from(verifying).map_err(|_| Malformed)?;
        if verifying.is_weak() {
            return Err(Malformed);
        }
        Ok(Self { verifying, sealing: sealing.try_into().map_err(|_| Malformed)? })
    }

    /// The name that belongs to these keys.
    pub fn node_id(&self) -> NodeId {
        let hash = blake3::hash(self.verifying.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hash.as_bytes()[..16]);
        NodeId(id)
    }

    /// Whether `signature` is this node's over `message` said in `domain`. Strict: one message
    /// has one signature, so bytes compare equal when meanings do.
    pub(crate) fn has_signed(
        &self,
        domain: &str,
        message: &[u8],
        signature: &[u8; SIGNATURE_LEN],
    ) -> bool {
        self.has_signed_bytes(&in_domain(domain, message), signature)
    }

    pub(crate) fn has_signed_bytes(&self, bytes: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
        self.verifying.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok()
    }

    /// Seals `plain` so that only this node can open it (HPKE, RFC 9180, base mode with
    /// X25519, HKDF-SHA256, ChaCha20-Poly1305). `context` must be given again to open it.
    ///
    /// # Errors
    /// If the pinned sealing key is a low-order point, which would give the secret away.
    pub(crate) fn seal(
        &self,
        domain: &str,
        context: &[u8],
        plain: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Malformed> {
        let key = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&self.sealing)
            .map_err(|_| Malformed)?;
        let (share, sealed) = hpke::single_shot_seal_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            X25519HkdfSha256,
        >(
            &OpModeS::Base, &key, domain.as_bytes(), plain, context, rng
        )
        .map_err(|_| Malformed)?;
        let mut out = Vec::with_capacity(plain.len() + SEAL_OVERHEAD);
        out.extend_from_slice(&share.to_bytes());
        out.extend_from_slice(&sealed);
        Ok(out)
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKeys({})", self.node_id())
    }
}

/// The secret half of a node. Printing it prints only its name.
pub struct NodeKeys {
    signing: SigningKey,
    sealing: SealingKey,
    public: PublicKeys,
}

impl NodeKeys {
    /// The keys that grow from `seed`, thirty-two bytes of good randomness. The same seed always
    /// gives the same keys, so the seed is all a node needs to keep.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let signing =
            SigningKey::from_bytes(&blake3::derive_key("nhipcau 2026 node signing key", seed));
        let (sealing, sealing_public) = X25519HkdfSha256::derive_keypair(&blake3::derive_key(
            "nhipcau 2026 node sealing key",
            seed,
        ));
        let public = PublicKeys {
            verifying: signing.verifying_key(),
            sealing: sealing_public.to_bytes().into(),
        };
        Self { signing, sealing, public }
    }

    /// The half that may be shown.
    pub fn public(&self) -> &PublicKeys {
        &self.public
    }

    /// The name that belongs to these keys.
    pub fn node_id(&self) -> NodeId {
        self.public.node_id()
    }

    pub(crate) fn sign(&self, domain: &str, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.sign_bytes(&in_domain(domain, message))
    }

    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.signing.sign(bytes).to_bytes()
    }

    /// Opens what [`PublicKeys::seal`] sealed to this node.
    ///
    /// # Errors
    /// If it was sealed to another node, for another domain or context, or was altered.
    pub(crate) fn open(
        &self,
        domain: &str,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, Malformed> {
        let (share, sealed) = sealed.split_at_checked(32).ok_or(Malformed)?;
        let share = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(share)
            .map_err(|_| Malformed)?;
        hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.sealing,
            &share,
            domain.as_bytes(),
            sealed,
            context,
        )
        .map_err(|_| Malformed)
    }
}

impl fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeKeys({}, secret)", self.node_id())
    }
}

/// The bytes really signed: the domain, a zero byte that no domain contains, and the message. A
/// signature made for one purpose is worthless for any other.
fn in_domain(domain: &str, message: &[u8]) -> Vec<u8> {
    [domain.as_bytes(), &[0], message].concat()
}
