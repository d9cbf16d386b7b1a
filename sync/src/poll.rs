//! The one request a point makes over and over: what it has, what it wants, how long it will wait.
//! `[proto][session 8][proof 8][wait][max lane][budget][vector][options]`; unknown options are
//! skipped, so later versions may add some.

use crate::{
    frame::Stretch,
    keys::NodeId,
    record::Lane,
    session::{PROTO, Session, SessionId},
    vector::StateVector,
    wire::{Malformed, Reader, put_bytes, put_varint},
};

/// No poll is longer, in bytes.
pub const POLL_MOST: usize = 16 * 1024;

const OPTION_PARTIAL: u64 = 1;

/// The frame that was cut: which one, and how much of it the point kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partial {
    /// The stretch it covers.
    pub stretch: Stretch,
    /// How many of its bytes the point has.
    pub have_bytes: u32,
    /// The first eight bytes of their BLAKE3 hash, so that the hub notices before it sends
    /// anything when it would now write the frame differently.
    pub have_hash: [u8; 8],
}

impl Partial {
    /// Describes the beginning of a frame.
    pub fn of(stretch: Stretch, have: &[u8]) -> Option<Self> {
        let have_bytes = u32::try_from(have.len()).ok()?;
        Some(Self { stretch, have_bytes, have_hash: short_hash(have) })
    }

    /// Whether `frame` begins with the bytes the point has; if so, the bytes still missing.
    pub fn rest_of<'a>(&self, frame: &'a [u8]) -> Option<&'a [u8]> {
        let (have, rest) = frame.split_at_checked(usize::try_from(self.have_bytes).ok()?)?;
        (short_hash(have) == self.have_hash).then_some(rest)
    }
}

fn short_hash(bytes: &[u8]) -> [u8; 8] {
    let mut short = [0; 8];
    short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    short
}

/// A poll. The session and its proof are added when it is encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// The protocol it is written in.
    pub proto: u32,
    /// What the point has.
    pub vector: StateVector,
    /// How long the hub may hold the request when there is nothing, in seconds.
    pub wait_s: u32,
    /// The least urgent lane wanted on this link.
    pub max_lane: Lane,
    /// About how many bytes the answer may have; zero for no limit.
    pub budget: u64,
    /// The frame that was cut last time, if any.
    pub partial: Option<Partial>,
}

impl Poll {
    /// A poll for everything, without waiting.
    pub fn new(vector: StateVector) -> Self {
        Self { proto: PROTO, vector, wait_s: 0, max_lane: Lane::Video, budget: 0, partial: None }
    }

    /// The request's body, proven by the session.
    pub fn encode(&self, session: &Session) -> Vec<u8> {
        let mut rest = Vec::with_capacity(64);
        put_varint(&mut rest, self.wait_s.into());
        rest.push(self.max_lane.number());
        put_varint(&mut rest, self.budget);
        self.vector.put(&mut rest);
        if let Some(partial) = &self.partial {
            let Stretch { origin, lane, epoch, after, through } = partial.stretch;
            let mut value = Vec::with_capacity(48);
            value.extend_from_slice(origin.as_bytes());
            value.push(lane.number());
            put_varint(&mut value, epoch.into());
            put_varint(&mut value, after);
            put_varint(&mut value, through.saturating_sub(after));
            put_varint(&mut value, partial.have_bytes.into());
            value.extend_from_slice(&partial.have_hash);
            put_varint(&mut rest, OPTION_PARTIAL);
            put_bytes(&mut rest, &value);
        }
        let mut out = Vec::with_capacity(rest.len() + 17);
        put_varint(&mut out, self.proto.into());
        out.extend_from_slice(&session.id().0);
        let proof = session.proof(&[&out[..], &rest[..]].concat());
        out.extend_from_slice(&proof);
        out.extend_from_slice(&rest);
        out
    }

    /// The session a request claims to belong to, to look up its secret.
    ///
    /// # Errors
    /// If it is not a poll.
    pub fn session_of(body: &[u8]) -> Result<SessionId, Malformed> {
        let mut reader = Reader::new(body);
        reader.varint_u32()?;
        Ok(SessionId(reader.array()?))
    }

    /// Reads a poll of `session`.
    ///
    /// # Errors
    /// If it is not one, or was not made by the session's point.
    pub fn decode(body: &[u8], session: &Session) -> Result<Self, Malformed> {
        if body.len() > POLL_MOST {
            return Err(Malformed);
        }
        let mut reader = Reader::new(body);
        let proto = reader.varint_u32()?;
        let id = SessionId(reader.array()?);
        let claimed = &body[..body.len() - reader.rest().len()];
        let proof: [u8; 8] = reader.array()?;
        // The proof is compared as a hash, in constant time.
        let expected = session.proof(&[claimed, reader.rest()].concat());
        if id != session.id() || blake3::hash(&proof) != blake3::hash(&expected) {
            return Err(Malformed);
        }
        Self::read(proto, reader)
    }

    /// Reads a poll without asking who made it, for fuzzers.
    #[doc(hidden)]
    pub fn decode_unproven(body: &[u8]) -> Result<Self, Malformed> {
        Self::read(PROTO, Reader::new(body))
    }

    fn read(proto: u32, mut reader: Reader<'_>) -> Result<Self, Malformed> {
        let mut poll = Self {
            proto,
            wait_s: reader.varint_u32()?,
            max_lane: Lane::from_number(reader.byte()?).ok_or(Malformed)?,
            budget: reader.varint()?,
            vector: StateVector::read(&mut reader)?,
            partial: None,
        };
        let mut last = 0;
        while !reader.is_empty() {
            let option = reader.varint()?;
            let value = reader.bytes(POLL_MOST)?;
            if option <= last {
                return Err(Malformed);
            }
            last = option;
            if option == OPTION_PARTIAL {
                poll.partial = Some(read_partial(Reader::new(value))?);
            }
        }
        Ok(poll)
    }
}

fn read_partial(mut reader: Reader<'_>) -> Result<Partial, Malformed> {
    let origin = NodeId(reader.array()?);
    let lane = Lane::from_number(reader.byte()?).ok_or(Malformed)?;
    let epoch = reader.varint_u32()?;
    let after = reader.varint()?;
    let through = after.checked_add(reader.varint()?).ok_or(Malformed)?;
    let have_bytes = reader.varint_u32()?;
    let have_hash = reader.array()?;
    reader.finish()?;
    let stretch = Stretch { origin, lane, epoch, after, through };
    Ok(Partial { stretch, have_bytes, have_hash })
}
