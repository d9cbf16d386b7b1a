//! All SQL of identity, and nothing but SQL.

mod accounts;
mod address;
mod at_work;
mod audit;
mod grants;
mod sessions;
pub(crate) mod succession;
mod tries;

pub(crate) use accounts::{
    Account, Credentials, HeldPlaces, count_accounts, credentials, find_account, insert_account,
    list_accounts, mark_first, note_first, password_set_at, set_password, set_status,
    there_was_a_first,
};
pub(crate) use address::{
    AddressRow, HolderRow, account_by_key, address_row, holder_rows, holders_at, put_address,
};
pub use at_work::AtWork;
pub(crate) use at_work::at_work;
pub(crate) use audit::{
    AuditFilter, AuditLine, NewAudit, append, append_many, count_audit, list_audit,
};
pub(crate) use grants::{
    StoredGrant, count_places, end_grant, find_grant, grants_of, insert_grant,
};
pub(crate) use sessions::{
    NewSession, SessionRow, device_exists, end_all_sessions, end_other_sessions, end_session,
    end_session_of, forget_devices, insert_session, known_device, prune, remember_device,
    session_rows, sessions_of, touch,
};
pub(crate) use tries::{
    clear, clear_pairs, count_address, count_try, forgive, set_wait, waits_until,
};

/// Puts the places a list is filtered by in front of a statement, as `held (low, high)`: half-open
/// ranges of scope paths, `$1` to `$16`, unused ones empty.
macro_rules! within_held_places {
    ($rest:literal) => {
        concat!(
            "with held (low, high) as (values (cast($1 as text), cast($2 as text)), ($3, $4), ($5, $6), \
             ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16)) ",
            $rest
        )
    };
}
use within_held_places;
