//! Nouns and rules of identity: accounts, roles, passwords, who may grant what, how long one must
//! wait after a wrong password. Pure: no SQL, no HTTP, no clock of its own.

mod account;
mod address;
mod authority;
mod device;
mod ids;
mod password;
mod tries;

pub use account::Status;
pub(crate) use account::{check_name, check_username, username_key};
pub(crate) use address::{CODE_LIVES_S, SENT_MOST, WRONG_MOST, read_address, veiled};
pub(crate) use authority::{PLACES_MAX, covers, maximal};
pub(crate) use device::device_label;
pub(crate) use ids::AuditId;
pub use ids::{AccountId, GrantId, SessionId};
pub use password::one_time_password;
pub(crate) use password::{ONE_TIME_DAYS, check_password, groups, is_long, normal_form};
pub(crate) use tries::{
    ADDRESS_FREE, ADDRESS_LEAK_MS, Growth, OF_ACCOUNT, OF_DEVICE, OF_PAIR, OF_SETUP, address_group,
    slow_by_ms,
};

/// The roles that can be granted. Their names are stored and must never change.
pub mod role {
    /// Looks after accounts and reads the audit log of a place.
    pub const ADMINISTRATOR: &str = "administrator";
    /// Writes publications.
    pub const EDITOR: &str = "editor";
    /// Approves what editors wrote.
    pub const APPROVER: &str = "approver";
    /// Watches over a province.
    pub const PROVINCE_OFFICER: &str = "province_officer";
    /// Works for a commune: villages, prestigious people, meetings.
    pub const COMMUNE_OFFICER: &str = "commune_officer";
    /// Signs for a commune: certifies its reports (ký xác thực).
    pub const COMMUNE_LEADER: &str = "commune_leader";
    /// Signs for a province: approves its communes' reports and its own.
    pub const PROVINCE_LEADER: &str = "province_leader";
    /// Runs a programme: its indicators, forms, targets and the figures of the country.
    pub const PROGRAMME_OFFICER: &str = "programme_officer";
    /// Keeps a support point running.
    pub const KEEPER: &str = "keeper";

    /// All of them, in the order in which they are offered.
    pub const ALL: [&str; 9] = [
        ADMINISTRATOR,
        EDITOR,
        APPROVER,
        PROGRAMME_OFFICER,
        PROVINCE_LEADER,
        PROVINCE_OFFICER,
        COMMUNE_LEADER,
        COMMUNE_OFFICER,
        KEEPER,
    ];
}

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Ends after this long without a request, in milliseconds.
    pub idle_ms: i64,
    /// Ends this long after signing in, whatever happens, in milliseconds.
    pub absolute_ms: i64,
}

const MINUTE_MS: i64 = 60_000;

/// A session's time on a connection: on a commune's LAN the token travels unencrypted and the
/// machine often stands in a shared room, so it lives shorter there.
pub const fn session_limits(https: bool) -> SessionLimits {
    if https {
        SessionLimits { idle_ms: 60 * MINUTE_MS, absolute_ms: 12 * 60 * MINUTE_MS }
    } else {
        SessionLimits { idle_ms: 20 * MINUTE_MS, absolute_ms: 4 * 60 * MINUTE_MS }
    }
}

/// How far a stored instant may lie ahead of the clock and still be believed. A point's clock can be
/// years off and then be corrected; what was noted "in the future" is then worth nothing.
pub(crate) const CLOCK_SLACK_MS: i64 = 5 * MINUTE_MS;
/// `last_seen_at` is written at most this often.
pub(crate) const TOUCH_MS: i64 = MINUTE_MS;
