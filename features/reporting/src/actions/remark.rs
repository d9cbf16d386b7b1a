//! Words about a whole report, by somebody who works with it.

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    problem::{FormProblems, OrMissing, Outcome},
};

use super::{SEE, SUBMISSION_NOT_FOUND, entry::Which};
use crate::store::{
    remarks::{self, Remark},
    submissions,
};

/// Most remarks on one report.
const REMARKS_MOST: usize = 500;

/// The remarks on a report, oldest first.
pub async fn of_report(app: &App, caller: &Caller, which: &Which) -> Outcome<Vec<Remark>> {
    let id = which.id();
    app.db
        .view(async |tx| {
            let known = submissions::find(tx, &id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
            caller.must(&SEE, &known.path)?;
            Ok(remarks::of(tx, &id).await?)
        })
        .await
}

/// The revision a report is in, or 404.
pub async fn revision(app: &App, which: &Which) -> Outcome<i64> {
    let id = which.id();
    app.db
        .view(async |tx| {
            let known = submissions::find(tx, &id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
            Ok(known.revision)
        })
        .await
}

/// What the caller last said of the whole report in its revision, without giving it back; none when they said
/// nothing.
pub async fn latest_own(
    app: &App,
    caller: &Caller,
    which: &Which,
    revision: i64,
) -> Outcome<Option<String>> {
    let all = of_report(app, caller, which).await?;
    let own = all.into_iter().rfind(|one| {
        one.by_account == caller.id()
            && one.revision == revision
            && one.cell.is_empty()
            && !one.is_return
    });
    Ok(own.map(|one| one.words))
}

/// Adds a remark on the whole report.
pub async fn add(app: &App, caller: &Caller, which: &Which, words: &str) -> Outcome<Remark> {
    let words: String = kernel::text::tidy_lines(words).chars().take(1_000).collect();
    let mut wrong = FormProblems::new();
    wrong.require(words.chars().count() >= 3, "body", "reporting-answer-needs-words");
    wrong.check()?;
    let id = which.id();
    app.db
        .change(async |tx| {
            let known = submissions::find(tx, &id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
            caller.must(&SEE, &known.path)?;
            let mut wrong = FormProblems::new();
            let few = remarks::of(tx, &id).await?.len() < REMARKS_MOST;
            wrong.require(few, "body", "reporting-too-many-remarks");
            wrong.check()?;
            let one = Remark {
                id: tx.new_id(),
                submission: id.clone(),
                revision: known.revision,
                cell: String::new(),
                is_return: false,
                words: words.clone(),
                by_account: caller.id().to_owned(),
                by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
                at: tx.now(),
                resolved_at: None,
                answer: None,
            };
            remarks::put(tx, &one).await?;
            audit(tx, caller, "reporting.remark.added", id.as_str(), "").await?;
            Ok(one)
        })
        .await
}
