//! What people and other features do with reach: keep the roster, give out cards, write down meetings,
//! freeze denominators, take in evidence. Each in one transaction, the count moved with it.

pub mod cards;
pub mod coverage;
pub(crate) mod evidence;
pub mod freeze;
pub mod handover;
pub mod inspections;
pub mod meetings;
pub mod receipts;
pub mod roster;
pub mod succession;

pub use cards::{Holder, IssuedCard, card_holder, issue_card, revoke_card};
pub use freeze::{
    AudienceCount, NewPublication, census, freeze, note_contact, on_node, rebuild, snapshot,
    withdraw,
};
pub use inspections::{record_inspection, void_inspection};
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
/// Write down what an independent inspection found: for those above the commune, never for itself.
pub static VERIFY: Permission = Permission { code: "reach.verify", roles: &[PROVINCE_OFFICER] };
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
    /// No such inspection.
    INSPECTION_NOT_FOUND = "reach-inspection-not-found", 404;
    /// Whoever writes the commune's own records down may not verify them.
    NOT_INDEPENDENT = "reach-not-independent", 409;
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
    /// This roster was handed over; the successor's node keeps it now.
    HANDED_OVER = "reach-handed-over", 409;
    /// The hub has named nobody to take this point's place.
    NO_HEIR = "reach-no-heir", 409;
    /// The hub has not said that this point takes the place of the one that made the file.
    NO_PREDECESSOR = "reach-no-predecessor", 409;
    /// The file is for another point.
    HANDOVER_ELSEWHERE = "reach-handover-elsewhere", 422;
    /// The file was altered, or made by another than it says.
    HANDOVER_DAMAGED = "reach-handover-damaged", 422;
    /// The file was made under an order that was ended, or given anew since.
    HANDOVER_OLD = "reach-handover-old", 409;
    /// The file is no handover file, or makes no sense.
    HANDOVER_UNREADABLE = "reach-handover-unreadable", 422;
    /// A rung that this way cannot prove.
    RUNG_REFUSED = "reach-rung-refused", 422;
}
