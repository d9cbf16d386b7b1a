//! The ids of identity.

use kernel::typed_ids;

typed_ids! {
    /// A person who works on this node.
    AccountId,
    /// A role given over a place.
    GrantId,
    /// One signed-in browser. Not its token: this id may be shown.
    SessionId,
    /// A line of the audit log.
    AuditId,
}
