//! Reporting by phones and programs that speak OpenRosa: which forms somebody may fill in and for which
//! reports (`lists`), what came back (`receive`, many at once in `together`), what of it waits for a person (`waiting`), keys of phones (`keys`).

mod changes;
mod files;
pub mod keys;
mod lists;
mod receive;
mod together;
mod waiting;

use kernel::problem::{Failure, Outcome, ProblemKind};
use serde::{Deserialize, Serialize};

pub use files::attach_file;
pub use lists::{FormFile, Listed, form_files, form_xml, listed, reports_csv};
pub use receive::{Incoming, Receipt, receive};
pub use together::Phones;
pub use waiting::{Waiting, apply_again, count_waiting, instances, one, set_aside, waiting};

/// The form, or this version of it, is not known here.
pub static FORM_UNKNOWN: ProblemKind =
    ProblemKind { code: "reporting-openrosa-form-unknown", status: 404 };
/// The instance does not say which report it is of, or has no id.
pub static REPORT_MISSING: ProblemKind =
    ProblemKind { code: "reporting-openrosa-report-missing", status: 422 };
/// An instance with this id came with other content.
pub static DIFFERENT: ProblemKind =
    ProblemKind { code: "reporting-openrosa-different", status: 409 };
/// The edit is not of the current version of what was sent.
pub static NOT_CURRENT: ProblemKind =
    ProblemKind { code: "reporting-openrosa-not-current", status: 409 };
/// No such instance.
pub static INSTANCE_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-openrosa-instance-not-found", status: 404 };

/// No such key of one's own that still holds.
pub static KEY_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-phone-key-not-found", status: 404 };
/// Giving a report back needs words, which come first.
pub static NEEDS_COMMENT: ProblemKind =
    ProblemKind { code: "reporting-openrosa-needs-comment", status: 422 };

/// Something that was not taken, for a person to see to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Which question, cell or section.
    pub what: String,
    /// Key of the words.
    pub key: String,
    /// What the words take.
    #[serde(default)]
    pub args: Vec<(String, String)>,
}

/// What was not taken, in one line of words.
pub fn left_words(say: impl Fn(&str, &[(&str, String)]) -> String, left: &[Left]) -> String {
    let lines = left.iter().map(|one| {
        let args: Vec<(&str, String)> =
            one.args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let words = say(&one.key, &args);
        if one.what.is_empty() { words } else { format!("{}: {words}", one.what) }
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// What an instance wrote, by version: an edit of it goes on from there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrote {
    /// Cells.
    #[serde(default)]
    pub cells: std::collections::BTreeMap<String, i64>,
    /// Narratives by section.
    #[serde(default)]
    pub words: std::collections::BTreeMap<String, i64>,
    /// Rows: section, id, version.
    #[serde(default)]
    pub rows: Vec<(String, String, i64)>,
    /// Files that were attached or wait to be: name and hash.
    #[serde(default)]
    pub files: std::collections::BTreeMap<String, String>,
}

fn to_json(value: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(|error| Failure::fault("note an instance", error))
}
