//! What the hub knows of its contacts with one point, and how it tells one box from two.

use super::{Answer, Content, Hello, PROTO, SEAL_DOMAIN, Session, SessionId};
use crate::{
    keys::{NodeKeys, PublicKeys},
    statement::{BadSignature, Signed},
    vector::Cursor,
};
use rand::CryptoRng;

/// How many sessions may have been opened and never used before the oldest is forgotten.
const UNUSED_MOST: usize = 8;

/// What a hello led to, for the hub.
#[derive(Debug)]
pub enum Heard {
    /// The point is the one we know. Keep `session`, store the contact, send `answer`.
    Welcome {
        /// The new session.
        session: Session,
        /// What to send.
        answer: Signed<Answer>,
    },
    /// It may be a copy of the point, or an old hello played back. Store the contact, send
    /// `answer`; only a living point can reply to it.
    Challenge {
        /// What to send.
        answer: Signed<Answer>,
    },
    /// Two devices use one key: a box was copied or restored from an image. Quarantine the node
    /// until a person enrols it anew; keep the reports of both.
    Clone {
        /// What to send.
        answer: Signed<Answer>,
    },
}

/// What the hub remembers of its contacts with one point. Each welcome hands out a fresh session
/// name and the next hello must present it; of two copies of a box, one presents a name that the
/// other has already used up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// The last session seen in use; zero before the first.
    pub used: SessionId,
    /// Sessions handed out since then and not seen in use, oldest first: their welcome may have
    /// been lost on the way.
    pub unused: Vec<SessionId>,
    /// What a suspicious point was last asked to repeat; zero if nothing.
    pub challenge: [u8; 16],
    /// The hub's own memory was restored from a backup, so a point that proves to be alive is
    /// believed, whatever session it remembers, until the first session is seen in use.
    pub forgotten: bool,
}

impl Contact {
    /// The contact with a point after the hub was restored from a backup.
    pub fn forgotten() -> Self {
        Self { forgotten: true, ..Self::default() }
    }

    /// Hears a hello. `point` are the keys pinned at enrolment, `held` the last of the point's rows
    /// that the hub holds (of the newest epoch; zero if none).
    ///
    /// # Errors
    /// If the point did not sign it. Nothing has changed then.
    pub fn hear(
        &mut self,
        hello: &Signed<Hello>,
        point: &PublicKeys,
        hub: &NodeKeys,
        held: Cursor,
        time_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Heard, BadSignature> {
        let hello = hello.verify(point)?;
        if hello.node != point.node_id() {
            return Err(BadSignature);
        }
        let answer = |content| Signed::sign(Answer { nonce: hello.nonce, time_ms, content }, hub);
        let last = hello.last_session;
        if last != self.used && !self.unused.contains(&last) {
            let answered = self.challenge != [0; 16] && hello.answering == self.challenge;
            if answered && !self.forgotten {
                return Ok(Heard::Clone { answer: answer(Content::Refused) });
            }
            if !answered {
                if self.challenge == [0; 16] {
                    rng.fill_bytes(&mut self.challenge);
                }
                return Ok(Heard::Challenge { answer: answer(Content::Challenge(self.challenge)) });
            }
        }
        let (mut id, mut key) = ([0; 8], [0; 32]);
        rng.fill_bytes(&mut id);
        rng.fill_bytes(&mut key);
        let session = Session { id: SessionId(id), key };
        let context = [&hello.nonce[..], &id[..]].concat();
        let sealed = point.seal(SEAL_DOMAIN, &context, &key, rng).map_err(|_| BadSignature)?;
        let sealed = sealed.try_into().map_err(|_| BadSignature)?;
        if self.unused.len() == UNUSED_MOST {
            self.unused.remove(0);
        }
        self.unused.push(session.id);
        self.challenge = [0; 16];
        let proto = hello.proto.min(PROTO);
        let answer = answer(Content::Welcome { proto, session: session.id, held, sealed });
        Ok(Heard::Welcome { session, answer })
    }

    /// Notes that a session was used, which proves that its welcome arrived and was stored.
    /// Returns whether anything changed.
    pub fn uses(&mut self, id: SessionId) -> bool {
        match self.unused.iter().position(|unused| *unused == id) {
            // Older unused names can only be in the hands of nobody or of a copy.
            Some(_) => {
                self.used = id;
                self.unused.clear();
                self.forgotten = false;
                true
            }
            None => false,
        }
    }
}
