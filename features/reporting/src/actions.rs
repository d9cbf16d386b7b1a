//! What people do with reports. One transaction each: find it or 404 → may you or 403 → does the rule hold
//! or 422 → write → announce.

pub mod agencies;
pub mod analysis;
pub mod answers;
pub mod approving;
pub(crate) mod arrival;
pub mod attach;
pub mod builder;
pub mod catalogue;
pub mod check;
pub mod consolidation;
pub mod content;
pub mod counts;
pub mod define;
pub mod download;
pub mod entry;
pub mod exchange;
pub mod exchange_xlsx;
pub mod excuses;
pub mod figures;
pub mod homecoming;
pub mod import;
pub mod map;
pub mod measure;
pub mod obligations;
pub mod openrosa;
pub mod outward;
pub mod remark;
pub mod reminders;
pub mod review;
pub mod steps;
pub mod tasks;
pub mod totals;
pub mod travelling;
pub mod usual;
pub mod works;
pub mod xlsform;

use identity::role::{
    ADMINISTRATOR, COMMUNE_LEADER, COMMUNE_OFFICER, PROGRAMME_OFFICER, PROVINCE_LEADER,
    PROVINCE_OFFICER,
};
use kernel::{
    caller::Permission,
    problem::{Problem, ProblemKind},
};

use crate::model::{dimension::BAD_COORDS, submission::WRONG_STATE};

/// Typing figures of one's own unit.
pub static ENTER: Permission = Permission {
    code: "reporting.enter",
    roles: &[COMMUNE_OFFICER, COMMUNE_LEADER, PROVINCE_OFFICER, PROGRAMME_OFFICER],
};
/// Signing for a commune, and handing its reports in.
pub static CERTIFY: Permission = Permission { code: "reporting.certify", roles: &[COMMUNE_LEADER] };
/// Handing in what was signed.
pub static SUBMIT: Permission =
    Permission { code: "reporting.submit", roles: &[COMMUNE_OFFICER, COMMUNE_LEADER] };
/// Checking what communes handed in: returning it with remarks, or taking it.
pub static REVIEW: Permission = Permission {
    code: "reporting.review",
    roles: &[PROVINCE_OFFICER, PROVINCE_LEADER, PROGRAMME_OFFICER],
};
/// Approving what was checked.
pub static APPROVE: Permission =
    Permission { code: "reporting.approve", roles: &[PROVINCE_LEADER, PROGRAMME_OFFICER] };
/// Seeing reports that are not approved yet.
pub static SEE: Permission = Permission {
    code: "reporting.see",
    roles: &[
        COMMUNE_OFFICER,
        COMMUNE_LEADER,
        PROVINCE_OFFICER,
        PROVINCE_LEADER,
        PROGRAMME_OFFICER,
        ADMINISTRATOR,
    ],
};
/// Writing a note on a report or on one of its cells: whoever enters, signs, checks or approves reports.
pub static REMARK: Permission = Permission {
    code: "reporting.remark",
    roles: &[COMMUNE_OFFICER, COMMUNE_LEADER, PROVINCE_OFFICER, PROVINCE_LEADER, PROGRAMME_OFFICER],
};
/// Changing programmes, indicators, targets, data sets and forms.
pub static DEFINE: Permission =
    Permission { code: "reporting.define", roles: &[PROGRAMME_OFFICER, ADMINISTRATOR] };

/// All of them.
pub(crate) static PERMISSIONS: &[&Permission] = &[
    &ENTER,
    &CERTIFY,
    &SUBMIT,
    &REVIEW,
    &APPROVE,
    &SEE,
    &REMARK,
    &DEFINE,
    &builder::PUBLISH,
    &builder::BUILD,
    &outward::OUTWARD,
];

/// No such data set, or none in a version that this node knows.
pub static DATASET_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-dataset-not-found", status: 404 };
/// No such report.
pub static SUBMISSION_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-submission-not-found", status: 404 };
/// The period is none of the data set's, or nothing was owed for it.
pub static PERIOD_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-period-not-found", status: 404 };
/// The unit did not exist in the period.
pub static NOT_THEN: ProblemKind = ProblemKind { code: "reporting-unit-not-then", status: 422 };
/// The report is signed or with the tier above.
pub static LOCKED: ProblemKind = ProblemKind { code: "reporting-locked", status: 409 };
/// The report is written at the commune's point.
pub static WRITTEN_AT_POINT: ProblemKind =
    ProblemKind { code: "reporting-written-at-point", status: 409 };
/// Only the unit's own people type its figures, unless somebody above says from which paper they do it.
pub static OF_UNIT: ProblemKind = ProblemKind { code: "reporting-of-unit", status: 403 };
/// Errors that must be put right before the report can be signed.
pub static NOT_READY: ProblemKind = ProblemKind { code: "reporting-not-ready", status: 422 };
/// The same person may not check what they signed.
pub static OWN_WORK: ProblemKind = ProblemKind { code: "reporting-own-work", status: 403 };
/// A definition that cannot be: it names something that does not exist, or contradicts itself.
pub static BAD_DEFINITION: ProblemKind =
    ProblemKind { code: "reporting-bad-definition", status: 422 };
/// More than one report can carry.
pub static TOO_MUCH: ProblemKind = ProblemKind { code: "reporting-too-much", status: 413 };

/// What can go wrong.
pub(crate) static PROBLEMS: &[&ProblemKind] = &[
    &DATASET_NOT_FOUND,
    &SUBMISSION_NOT_FOUND,
    &PERIOD_NOT_FOUND,
    &NOT_THEN,
    &LOCKED,
    &WRITTEN_AT_POINT,
    &OF_UNIT,
    &NOT_READY,
    &OWN_WORK,
    &entry::NOTHING_TO_MOVE_TO,
    &entry::ROWS_THERE,
    &entry::NO_ESTIMATED_ROWS,
    &BAD_DEFINITION,
    &TOO_MUCH,
    // Exchange.
    &exchange::ASKS_TOO_MUCH,
    &exchange::ASKS_TOO_LITTLE,
    &exchange::NOT_KNOWN,
    &exchange::UNREADABLE,
    &openrosa::FORM_UNKNOWN,
    &openrosa::REPORT_MISSING,
    &openrosa::KEY_NOT_FOUND,
    &openrosa::NEEDS_COMMENT,
    &openrosa::DIFFERENT,
    &openrosa::NOT_CURRENT,
    &openrosa::INSTANCE_NOT_FOUND,
    &exchange::UNITS_CHANGE_BY_DECREE,
    &BAD_COORDS,
    &WRONG_STATE,
    // Definitions made by people.
    &define::DEFINITION_NOT_FOUND,
    &builder::DEFINED_ABOVE,
    &define::COMPUTED_HERE,
    &define::ALREADY_DECIDED,
    &define::target_template::TOO_MANY_ROWS,
    // Review, consolidation, works.
    &review::CHANGED_MEANWHILE,
    &review::HAS_DOUBTS,
    &consolidation::NOTHING_TO_SUM,
    &works::WORK_NOT_FOUND,
    &excuses::OBLIGATION_NOT_FOUND,
    // Analysis.
    &crate::model::analysis::TOO_BROAD,
    &crate::model::analysis::BAD_QUESTION,
    &analysis::dashboards::DASHBOARD_NOT_FOUND,
    // Building.
    &builder::DRAFT_NOT_FOUND,
    &builder::DRAFT_CHANGED,
    &builder::NOT_RUNNING,
    // What leaves the program.
    &outward::NOTHING_TO_SEND,
    &outward::schedules::SCHEDULE_NOT_FOUND,
];

/// A problem with one word of detail.
pub(crate) fn problem(
    kind: &'static ProblemKind,
    name: &'static str,
    value: impl Into<String>,
) -> kernel::problem::Failure {
    Problem::of(kind).with(name, value).into()
}
