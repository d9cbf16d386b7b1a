//! The ids of reach.

use kernel::typed_ids;

typed_ids! {
    /// A prestigious person's entry on the node of their commune.
    PersonId,
    /// One printed card.
    CardId,
    /// The record of one village meeting.
    MeetingId,
    /// The record of one independent inspection.
    InspectionId,
}
