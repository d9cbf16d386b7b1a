//! Nouns and rules of delivery: nodes and their states, troubles on the road, what is waiting.
//! No database, no HTTP.

use kernel::{
    clock::Timestamp,
    serde::{Deserialize, Serialize},
};
use sync::session::{Contact, SessionId};

/// What a hub thinks of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(crate = "kernel::serde", rename_all = "snake_case")]
pub enum NodeState {
    /// It may read and report.
    Active,
    /// Two devices use its key; a person must look and enrol anew.
    Quarantined,
    /// Lost, stolen or retired; it may do nothing more.
    Revoked,
}

impl NodeState {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Quarantined => "quarantined",
            Self::Revoked => "revoked",
        }
    }

    /// From storage; anything unknown may do nothing.
    pub fn from_stored(text: &str) -> Self {
        match text {
            "active" => Self::Active,
            "quarantined" => Self::Quarantined,
            _ => Self::Revoked,
        }
    }
}

/// Why nothing is crossing just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(crate = "kernel::serde", rename_all = "snake_case")]
pub enum Trouble {
    /// The hub's address does not answer: the network, the cable, the power over there.
    Unreachable,
    /// Nobody we trust vouches for the certificate of whoever answers: a sign-in page, an authority of the
    /// province's own that this machine was not told of, or a clock that is wrong.
    Untrusted,
    /// The connection broke while something was crossing.
    Broken,
    /// Somebody answered who is not our hub (a sign-in page of the network, most often).
    Stranger,
    /// The hub says that it has failed.
    HubFailing,
    /// The hub no longer accepts this point.
    Refused,
    /// What arrived was damaged or not signed by whom it claims.
    Damaged,
    /// This machine's disk is full.
    DiskFull,
    /// Something failed on this machine.
    Own,
}

impl Trouble {
    /// As stored; also the end of its Fluent key `delivery-trouble-…`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::Broken => "broken",
            Self::Stranger => "stranger",
            Self::HubFailing => "hub-failing",
            Self::Refused => "refused",
            Self::Damaged => "damaged",
            Self::DiskFull => "disk-full",
            Self::Own => "own",
        }
    }

    /// From storage.
    pub fn from_code(code: &str) -> Self {
        let all = [
            Self::Unreachable,
            Self::Untrusted,
            Self::Broken,
            Self::Stranger,
            Self::HubFailing,
            Self::Refused,
            Self::Damaged,
            Self::DiskFull,
        ];
        all.into_iter().find(|trouble| trouble.code() == code).unwrap_or(Self::Own)
    }
}

/// What the hub tells a point when it admits it. Travels inside the enrolment reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "kernel::serde")]
pub struct Admission {
    /// The commune's area id.
    pub area: String,
    /// Its scope path.
    pub path: String,
    /// Its full name: `xã Phủ Thông`.
    pub commune: String,
    /// What it lies in: `tỉnh Thái Nguyên`.
    pub province: String,
    /// The hub's time, in milliseconds since 1970: a point whose clock lost power works by it from its
    /// first minute on, before it has been online.
    #[serde(default)]
    pub at: i64,
}

/// A point that has just joined.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Its commune: `xã Phủ Thông`.
    pub commune: String,
    /// What that lies in: `tỉnh Thái Nguyên`.
    pub province: String,
}

/// How the road is, at a point.
#[derive(Clone, Debug, Serialize)]
#[serde(crate = "kernel::serde")]
pub struct RoadStatus {
    /// When the hub last answered.
    pub last_contact_at: Option<Timestamp>,
    /// Why nothing crosses just now, if so.
    pub trouble: Option<Trouble>,
    /// Since when.
    pub trouble_since: Option<Timestamp>,
    /// When it will be tried again.
    pub next_try_at: Option<Timestamp>,
    /// Rows of our log that the hub does not hold yet.
    pub waiting_up: u64,
    /// When the oldest of them was written.
    pub oldest_up: Option<Timestamp>,
    /// Records received since this point joined.
    pub received: u64,
    /// When the newest arrived.
    pub newest_at: Option<Timestamp>,
}

/// What the hub remembers of its contacts with a point, as three texts (`forgotten` is stored beside).
pub fn write_contact(contact: &Contact) -> (String, String, String) {
    let hex = |id: &SessionId| kernel::chance::hex(&id.0);
    let unused: Vec<_> = contact.unused.iter().map(hex).collect();
    (hex(&contact.used), unused.join(","), kernel::chance::hex(&contact.challenge))
}

/// The same, read back.
pub fn read_contact(used: &str, unused: &str, challenge: &str, forgotten: bool) -> Contact {
    let unused = unused.split(',').filter_map(read_session);
    let challenge = kernel::chance::unhex(challenge).and_then(|bytes| bytes.try_into().ok());
    Contact {
        used: read_session(used).unwrap_or_default(),
        unused: unused.collect(),
        challenge: challenge.unwrap_or_default(),
        forgotten,
    }
}

/// A session's name from its hex.
pub fn read_session(hex: &str) -> Option<SessionId> {
    kernel::chance::unhex(hex)?.try_into().ok().map(SessionId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_survive_storage() {
        let contact = Contact {
            used: SessionId([1; 8]),
            unused: vec![SessionId([2; 8]), SessionId([3; 8])],
            challenge: [4; 16],
            forgotten: true,
        };
        let (used, unused, challenge) = write_contact(&contact);
        assert_eq!(read_contact(&used, &unused, &challenge, true), contact);
        let (used, unused, challenge) = write_contact(&Contact::default());
        assert_eq!(read_contact(&used, &unused, &challenge, false), Contact::default());
    }

    #[test]
    fn unknown_states_may_do_nothing() {
        assert_eq!(NodeState::from_stored("?"), NodeState::Revoked);
        assert_eq!(Trouble::from_code("?"), Trouble::Own);
    }
}
