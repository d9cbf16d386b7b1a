//! What a unit answers: to remarks of the tier above, and to doubts of the checks.

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, Outcome},
};

use super::{
    catalogue,
    entry::{self, Changes, Saved, Which},
    steps::Said,
};
use crate::{
    model::{CellKey, form::Severity, rule::Verdict, submission::Step},
    store::{
        remarks,
        submissions::{self, StepRow, Submission},
    },
};

/// Answers every open remark on a cell (or, with an empty cell, on the whole report).
pub async fn answer(
    app: &App,
    caller: &Caller,
    which: &Which,
    cell: &str,
    words: &str,
) -> Outcome<()> {
    answer_and_save(app, caller, which, (cell, words), Changes::default()).await.map(drop)
}

/// The same together with what was corrected: a person who answers and corrects on one page loses neither.
pub async fn answer_and_save(
    app: &App,
    caller: &Caller,
    which: &Which,
    (cell, words): (&str, &str),
    changes: Changes,
) -> Outcome<Saved> {
    let words: String = kernel::text::tidy_lines(words).chars().take(1_000).collect();
    let mut wrong = FormProblems::new();
    wrong.require(words.chars().count() >= 3, "answer", "reporting-answer-needs-words");
    wrong.check()?;
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| {
            let saved = entry::save_in(tx, app, &catalogue, caller, which, &changes).await?;
            let id = which.id();
            remarks::resolve(tx, &id, cell, &words).await?;
            audit(tx, caller, "reporting.remark.answered", id.as_str(), cell).await?;
            Ok(saved)
        })
        .await
}

/// Whoever signs or hands in has seen the remarks on cells that stand unanswered, and says so.
pub(super) async fn require_seen(
    tx: &mut Tx,
    one: &Submission,
    said: &Said,
    wrong: &mut FormProblems,
) -> Outcome<()> {
    let all = remarks::of(tx, &one.id).await?;
    let open = all.iter().filter(|remark| remark.waits_at_a_cell()).count();
    if open > 0 && !said.despite_remarks {
        let count = vec![("count", open.to_string())];
        wrong.add_with("despite_remarks", "reporting-remarks-need-answer", count);
    }
    Ok(())
}

/// What whoever signed last said about the doubts of the checks; none when they said nothing, or that nothing occurred.
pub(crate) async fn explanation(app: &App, one: &Submission) -> Outcome<Option<StepRow>> {
    let steps = app.db.view(async |tx| Ok(submissions::steps(tx, &one.id).await?)).await?;
    Ok(given(&steps, one).cloned())
}

/// The marks of what is doubtful, as a signature keeps them.
pub(super) fn marks(verdicts: &[Verdict]) -> String {
    let doubts = verdicts.iter().filter(|one| one.severity == Severity::Warning);
    doubts.map(mark).collect::<Vec<_>>().join(" ")
}

/// A doubt's name: the same rule about the same cells is the same doubt.
fn mark(doubt: &Verdict) -> String {
    let cells: Vec<String> = doubt.cells.iter().map(CellKey::text).collect();
    let named = format!("{} {}", doubt.rule, cells.join(" "));
    blake3::hash(named.as_bytes()).to_hex()[..8].to_owned()
}

/// True for what was doubtful already when that was signed. Older signatures did not note it: they speak of everything.
pub(crate) fn was_doubtful(signed: &StepRow, doubt: &Verdict) -> bool {
    let known = signed.doubts.as_deref();
    known.is_none_or(|marks| marks.split(' ').any(|one| one == mark(doubt)))
}

/// The same among steps that are at hand.
pub(super) fn given<'a>(steps: &'a [StepRow], one: &Submission) -> Option<&'a StepRow> {
    let signed = steps.iter().rfind(|row| row.step == Step::Certify.code());
    signed.filter(|row| !one.nil && !row.note.is_empty())
}
