//! Reviewing: the reports under somebody, one report with what changed in it, and the decision about it.
//!
//! The step itself is [`steps`](super::steps)'s; here stand what a reviewer sees and keeps: sections that are in
//! order, and that nobody decides about a report of their own tier or about content they have not seen.

mod board;
mod deciding;
mod differing;
mod reviewed;

use areas::{Area, AreaId};
use kernel::{
    caller::{Caller, Permission},
    db::Tx,
    problem::{FORBIDDEN, OrMissing, Outcome, ProblemKind},
    scope::ScopePath,
};

pub use self::{
    board::{Board, Line, ProvinceLine, Rates, board, key_cells},
    deciding::{Decision, MANY_MOST, decide, decide_many},
    differing::{Besides, Changed, ChangedRow, Compared, RowCells, difference, difference_besides},
    reviewed::{Doubt, Reviewed, copy, reviewed, section_hashes, seen_hash, since_handed_in},
};
use super::{entry::Which, map};
use crate::{
    model::{DatasetId, Life, SubmissionId, submission::Step},
    store::submissions::{self, Submission},
};

/// The report is not what the reviewer had before their eyes.
pub static CHANGED_MEANWHILE: ProblemKind =
    ProblemKind { code: "reporting-changed-meanwhile", status: 409 };
/// A report with something to look at is not decided about together with others.
pub static HAS_DOUBTS: ProblemKind = ProblemKind { code: "reporting-has-doubts", status: 422 };

/// The report behind an id; none for what no report is called.
pub fn which_of(id: &SubmissionId) -> Option<Which> {
    let (rest, life) = id.as_str().rsplit_once('.')?;
    let life = match life {
        "f" => Life::Final,
        "e" => Life::Estimate,
        _ => return None,
    };
    let mut parts = rest.splitn(3, '.');
    let which = Which {
        dataset: DatasetId::parse(parts.next()?)?,
        period: parts.next()?.to_owned(),
        life,
        area: AreaId::parse(parts.next()?)?,
    };
    (which.id() == *id).then_some(which)
}

/// Refuses whoever holds the permission over the reporting unit itself and over nothing above it: a province
/// does not check its own report. Above the ministry there is nobody; there a colleague checks.
pub fn must_be_above(caller: &Caller, permission: &Permission, known: &Submission) -> Outcome<()> {
    caller.must(permission, &known.path)?;
    let above = |scope: &ScopePath| scope.contains(&known.path) && *scope != known.path;
    let is_above = known.tier == "ministry" || caller.scopes_for(permission).any(above);
    if is_above || caller.is_system() { Ok(()) } else { Err((&FORBIDDEN).into()) }
}

/// True when the person signed or handed in this revision.
async fn is_own(tx: &mut Tx, known: &Submission, caller: &Caller) -> Outcome<bool> {
    let taken = submissions::steps(tx, &known.id).await?;
    Ok(taken.into_iter().any(|row| {
        row.revision == known.revision
            && row.by_account == caller.id()
            && Step::from_code(&row.step).is_some_and(Step::is_own)
    }))
}

/// The area that somebody looks at: the one asked for, or the widest that they hold.
pub async fn place_of(
    tx: &mut Tx,
    caller: &Caller,
    permission: &Permission,
    asked: &str,
) -> Outcome<Area> {
    caller.must_somewhere(permission)?;
    let found = if let Some(id) = AreaId::parse(asked) {
        areas::find(tx, &id).await?
    } else {
        let widest = caller.scopes_for(permission).min_by_key(|scope| scope.ancestors().len());
        let root = ScopePath::root();
        let path = widest.filter(|path| **path != root).cloned();
        areas::by_path(tx, &path.unwrap_or_else(|| root.child("vn"))).await?
    };
    let area = found.or_missing(&areas::NOT_FOUND)?;
    let Some(path) = map::authority(tx, &area.id).await?.filter(|path| *path != area.path) else {
        caller.must(permission, &area.path)?;
        return Ok(area);
    };
    // What lay under a former unit lies under what it became.
    caller.must(permission, &path)?;
    for place in path.ancestors().iter().rev() {
        if let Some(heir) = areas::by_path(tx, place).await? {
            caller.must(permission, &heir.path)?;
            return Ok(heir);
        }
    }
    Ok(area)
}
