//! What one unit owes, and how far each report of it is.

use std::collections::BTreeMap;

use areas::Area;
use kernel::{app::App, caller::Caller, problem::Outcome};

use super::{SEE, map};
use crate::{
    model::SubmissionId,
    store::{
        obligations::{self, Obligation},
        remarks,
        submissions::{self, Submission},
    },
};

/// Most reports in a list.
const TASKS_MOST: usize = 300;

/// A report that is owed, or was begun without being owed.
#[derive(Clone, Debug)]
pub struct Task {
    /// Who owes it by when; none for a report that nobody asked for.
    pub obligation: Option<Obligation>,
    /// The report; none before anything was typed.
    pub submission: Option<Submission>,
    /// Remarks that nobody answered yet.
    pub remarks: usize,
}

/// The reports of one unit: what is owed for periods that have begun, and what was begun.
pub async fn of_area(app: &App, caller: &Caller, area: &Area) -> Outcome<Vec<Task>> {
    app.db
        .view(async |tx| {
            let path = map::authority(tx, &area.id).await?.unwrap_or_else(|| area.path.clone());
            caller.must(&SEE, &path)?;
            let today = tx.now().day();
            let owed = obligations::of_area(tx, (&area.id, &path), today, TASKS_MOST).await?;
            let mut begun: BTreeMap<SubmissionId, Submission> = submissions::of_area(tx, &area.id)
                .await?
                .into_iter()
                .map(|one| (one.id.clone(), one))
                .collect();
            let mut tasks = Vec::with_capacity(owed.len());
            for one in owed {
                // An obligation and the report that meets it have the same id.
                let submission =
                    SubmissionId::parse(one.id.as_str()).and_then(|id| begun.remove(&id));
                tasks.push(Task { obligation: Some(one), submission, remarks: 0 });
            }
            for one in begun.into_values() {
                tasks.push(Task { obligation: None, submission: Some(one), remarks: 0 });
            }
            for task in &mut tasks {
                let Some(one) = task.submission.as_ref().filter(|one| one.state.is_open()) else {
                    continue;
                };
                let all = remarks::of(tx, &one.id).await?;
                task.remarks = all.iter().filter(|remark| remark.waits()).count();
            }
            Ok(tasks)
        })
        .await
}
