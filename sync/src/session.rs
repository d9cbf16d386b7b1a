//! How a point opens a session with its hub, and how the hub notices that one point has become
//! two. The session's secret never crosses the wire in clear and never touches a disk, so plain
//! HTTP is enough for everything in this crate.

use crate::{
    frame::FrameKey,
    history::{put_cursor, read_cursor},
    keys::{NodeId, NodeKeys, PublicKeys, SEAL_OVERHEAD},
    statement::{BadSignature, Signed, Statement},
    upstream::{ChainHash, UpHead},
    vector::Cursor,
    wire::{Malformed, Reader, put_varint},
};
use std::fmt;

mod contact;

pub use contact::{Contact, Heard};

/// The newest protocol this code speaks. A hub serves this and the two before it.
pub const PROTO: u32 = 1;

/// Names a session. Random, so it also serves as proof of having heard the hub's last welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SessionId(pub [u8; 8]);

/// A session: the name to send, and the secret that proves both sides to each other.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    id: SessionId,
    key: [u8; 32],
}

impl Session {
    /// A session as the hub stored it.
    pub const fn new(id: SessionId, key: [u8; 32]) -> Self {
        Self { id, key }
    }

    /// Its name.
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// Its secret, for a hub whose next request may reach another process. A point never stores
    /// it: a copied disk would then share the session and stay unnoticed.
    pub const fn secret(&self) -> &[u8; 32] {
        &self.key
    }

    /// The key of the frame checks in this session.
    pub fn frame_key(&self) -> FrameKey {
        FrameKey::from_bytes(blake3::derive_key("nhipcau 2026 session frame check", &self.key))
    }

    /// The eight bytes that prove that a request comes from the session's point.
    pub(crate) fn proof(&self, request: &[u8]) -> [u8; 8] {
        let key = blake3::derive_key("nhipcau 2026 session request proof", &self.key);
        let hash = blake3::keyed_hash(&key, request);
        let mut proof = [0; 8];
        proof.copy_from_slice(&hash.as_bytes()[..8]);
        proof
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({:?}, secret)", self.id)
    }
}

/// A point's first words, signed by it. A recorded hello is worthless to others: the answer is
/// sealed to the point. Its clock need not be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The newest protocol the point speaks.
    pub proto: u32,
    /// Who speaks.
    pub node: NodeId,
    /// Sixteen random bytes, to match the answer.
    pub nonce: [u8; 16],
    /// The point's clock in milliseconds since 1970 UTC, so that the hub can tell how wrong it is.
    pub time_ms: u64,
    /// The last session the point was given; zero before the first.
    pub last_session: SessionId,
    /// The challenge being answered; zero if none.
    pub answering: [u8; 16],
    /// How far the point's own log of reports goes.
    pub up: UpHead,
}

impl Statement for Hello {
    const DOMAIN: &'static str = "nhipcau/hello/1";

    fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.proto.into());
        out.extend_from_slice(self.node.as_bytes());
        out.extend_from_slice(&self.nonce);
        put_varint(out, self.time_ms);
        out.extend_from_slice(&self.last_session.0);
        out.extend_from_slice(&self.answering);
        put_varint(out, self.up.cursor.epoch.into());
        put_varint(out, self.up.cursor.seq);
        out.extend_from_slice(&self.up.hash.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            proto: reader.varint_u32()?,
            node: NodeId(reader.array()?),
            nonce: reader.array()?,
            time_ms: reader.varint()?,
            last_session: SessionId(reader.array()?),
            answering: reader.array()?,
            up: UpHead {
                cursor: Cursor { epoch: reader.varint_u32()?, seq: reader.varint()? },
                hash: ChainHash(reader.array()?),
            },
        })
    }
}

/// The hub's answer to a hello, signed by the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The nonce of the hello it answers.
    pub nonce: [u8; 16],
    /// The hub's clock in milliseconds since 1970 UTC.
    pub time_ms: u64,
    content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Welcome { proto: u32, session: SessionId, held: Cursor, sealed: [u8; 32 + SEAL_OVERHEAD] },
    Challenge([u8; 16]),
    Refused,
}

impl Statement for Answer {
    const DOMAIN: &'static str = "nhipcau/answer/1";

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.nonce);
        put_varint(out, self.time_ms);
        match &self.content {
            Content::Welcome { proto, session, held, sealed } => {
                out.push(0);
                put_varint(out, (*proto).into());
                out.extend_from_slice(&session.0);
                put_cursor(out, *held);
                out.extend_from_slice(sealed);
            }
            Content::Challenge(challenge) => {
                out.push(1);
                out.extend_from_slice(challenge);
            }
            Content::Refused => out.push(2),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let nonce = reader.array()?;
        let time_ms = reader.varint()?;
        let content = match reader.byte()? {
            0 => Content::Welcome {
                proto: reader.varint_u32()?,
                session: SessionId(reader.array()?),
                held: read_cursor(reader)?,
                sealed: reader.array()?,
            },
            1 => Content::Challenge(reader.array()?),
            2 => Content::Refused,
            _ => return Err(Malformed),
        };
        Ok(Self { nonce, time_ms, content })
    }
}

const SEAL_DOMAIN: &str = "nhipcau/session-secret/1";

/// What the hub's answer means for the point.
#[derive(Debug, PartialEq, Eq)]
pub enum Greeted {
    /// Store `session.id()` durably *before* the first use of the session.
    Welcome {
        /// The session, for memory only.
        session: Session,
        /// The protocol both speak.
        proto: u32,
        /// The last of our rows that the hub holds; pass it to `Outbox::rewind`.
        held: Cursor,
        /// The hub's clock, proven.
        time_ms: u64,
    },
    /// Say hello again, answering this.
    Challenge([u8; 16]),
    /// The hub believes that this box was copied. Only a person can help: enrol again.
    Refused,
}

/// Reads the hub's answer to `hello`.
///
/// # Errors
/// If the hub did not sign it, or it answers something else.
pub fn greeted(
    answer: &Signed<Answer>,
    hello: &Hello,
    keys: &NodeKeys,
    hub: &PublicKeys,
) -> Result<Greeted, BadSignature> {
    let answer = answer.verify(hub)?;
    if answer.nonce != hello.nonce {
        return Err(BadSignature);
    }
    match &answer.content {
        Content::Welcome { proto, session, held, sealed } => {
            let context = [&hello.nonce[..], &session.0[..]].concat();
            let key = keys.open(SEAL_DOMAIN, &context, sealed).map_err(|_| BadSignature)?;
            let key = key.try_into().map_err(|_| BadSignature)?;
            let session = Session { id: *session, key };
            let time_ms = answer.time_ms;
            Ok(Greeted::Welcome { session, proto: *proto, held: *held, time_ms })
        }
        Content::Challenge(challenge) => Ok(Greeted::Challenge(*challenge)),
        Content::Refused => Ok(Greeted::Refused),
    }
}
