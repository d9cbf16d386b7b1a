//! Ids of reporting. Codes that people read and write (`3.4`, `bm-03`) are ids of reference data; what is
//! made while working is minted.

kernel::typed_ids! {
    /// A node of a programme: the programme, a phase, a component, an activity, a work.
    ProgrammeNodeId,
    /// A data element: something that is counted or measured, by its code.
    ElementId,
    /// An indicator: what is computed from data elements, by its code.
    IndicatorId,
    /// A version of a target.
    TargetId,
    /// A data set: what is reported together, for a period, by its code.
    DatasetId,
    /// A work (công trình) or another thing that is followed by itself.
    WorkId,
    /// A submission: the report of one area for one period of one data set.
    SubmissionId,
    /// A remark on a cell.
    RemarkId,
    /// Who owes what by when.
    ObligationId,
    /// A consolidation that was closed.
    ConsolidationId,
    /// A letter with reminders.
    LetterId,
    /// A saved dashboard.
    DashboardId,
    /// A draft of a data set.
    DraftId,
    /// What was said about a deadline.
    ExcuseId,
    /// Something that leaves the program.
    OutboxId,
    /// A browser that takes notifications.
    PushId,
    /// A dashboard that is sent again and again.
    ScheduleId,
    /// A key of a phone; not the key itself: this id may be shown.
    PhoneKeyId,
}
