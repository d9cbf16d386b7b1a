//! What people and other features do with reach: keep the roster, give out cards, write down meetings,
//! freeze denominators, take in evidence. Each in one transaction, the count moved with it.

pub mod cards;
pub(crate) mod evidence;
pub mod freeze;
pub mod meetings;
pub mod receipts;
pub mod roster;
pub mod succession;

pub use cards::{Holder, IssuedCard, card_holder, issue_card, revoke_card};
pub use freeze::{
    AudienceCount, NewPublication, census, freeze, note_contact, on_node, rebuild, snapshot,
    withdraw,
};
pub use meetings::{record_meeting, void_meeting};
pub use receipts::{Confirmed, NewReceipt, answer_by_card, climb_by_card, confirm_by_card, record};
pub use roster::{add_person, change_person, end_person, import_list};

use identity::role::{ADMINISTRATOR, APPROVER, COMMUNE_OFFICER, EDITOR, KEEPER, PROVINCE_OFFICER};
use kernel::{caller::Permission, problem::ProblemKind};

/// Keep the roster of prestigious persons and their cards. It shows names.
pub static KEEP_ROSTER: Permission =
    Permission { code: "reach.keep_roster", roles: &[COMMUNE_OFFICER, ADMINISTRATOR] };
/// See a person's ethnic group (sensitive personal data).
pub static SEE_SENSITIVE: Permission =
    Permission { code: "reach.see_sensitive", roles: &[COMMUNE_OFFICER] };
/// Write down a village meeting.
pub static RECORD_MEETING: Permission =
    Permission { code: "reach.record_meeting", roles: &[COMMUNE_OFFICER, KEEPER, ADMINISTRATOR] };
/// See how far things came.
pub static SEE_BOARD: Permission = Permission {
    code: "reach.see_board",
    roles: &[ADMINISTRATOR, EDITOR, APPROVER, PROVINCE_OFFICER, COMMUNE_OFFICER, KEEPER],
};

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)+) => {
        $($(#[$doc])* pub static $name: ProblemKind = ProblemKind { code: $code, status: $status };)+
        /// Everything that can go wrong here.
        pub(crate) static PROBLEMS: &[&ProblemKind] = &[$(&$name),+];
    };
}

problems! {
    /// No such person on this node.
    PERSON_NOT_FOUND = "reach-person-not-found", 404;
    /// No such meeting.
    MEETING_NOT_FOUND = "reach-meeting-not-found", 404;
    /// No such publication on this node.
    PUBLICATION_NOT_FOUND = "reach-publication-not-found", 404;
    /// The card is not known on this node.
    CARD_UNKNOWN = "reach-card-unknown", 404;
    /// The card was revoked, or its holder is no longer on the list.
    CARD_REVOKED = "reach-card-revoked", 410;
    /// The person did not agree to be noted by name.
    NO_CONSENT = "reach-no-consent", 409;
    /// The person is no longer on the list.
    PERSON_ENDED = "reach-person-ended", 409;
    /// The commune's own node keeps this roster.
    KEPT_ELSEWHERE = "reach-kept-elsewhere", 409;
    /// A rung that this way cannot prove.
    RUNG_REFUSED = "reach-rung-refused", 422;
}
