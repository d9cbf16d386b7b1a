//! What a unit answers: to remarks of the tier above, and to doubts of the checks.

use std::collections::BTreeSet;

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

/// So many doubts a signature notes; more of them nobody reads.
const MARKS_MOST: usize = 1_000;
/// So long is the mark of one.
const MARK_LETTERS: usize = 8;

/// Answers every remark that waits on a cell (or, with an empty cell, on the whole report).
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
    let marks: BTreeSet<String> = doubts.map(mark).collect();
    marks.into_iter().take(MARKS_MOST).collect::<Vec<_>>().join(" ")
}

/// Marks that came from another node, no more of them than a signature keeps.
pub(super) fn marks_taken(marks: &str) -> String {
    marks.chars().take(MARKS_MOST * (MARK_LETTERS + 1)).collect()
}

/// A doubt's name: the same rule about the same cells is the same doubt; of what stands in no cell, the same words about
/// the same things, wherever the row stands now.
fn mark(doubt: &Verdict) -> String {
    let about: Vec<String> = if doubt.cells.is_empty() {
        let things = doubt.args.iter().filter(|(name, _)| *name != "row");
        std::iter::once(doubt.words.to_owned()).chain(things.map(|(_, it)| it.clone())).collect()
    } else {
        doubt.cells.iter().map(CellKey::text).collect()
    };
    let named = format!("{} {}", doubt.rule, about.join(" "));
    blake3::hash(named.as_bytes()).to_hex()[..MARK_LETTERS].to_owned()
}

/// True for what was doubtful already when that was signed. Older signatures did not note it: they speak of every doubt
/// about cells; about rows nobody was asked then.
pub(crate) fn was_doubtful(signed: &StepRow, doubt: &Verdict) -> bool {
    match signed.doubts.as_deref() {
        Some(marks) => marks.split(' ').any(|one| one == mark(doubt)),
        None => !doubt.cells.is_empty(),
    }
}

/// The same among steps that are at hand.
pub(super) fn given<'a>(steps: &'a [StepRow], one: &Submission) -> Option<&'a StepRow> {
    let signed = steps.iter().rfind(|row| row.step == Step::Certify.code());
    signed.filter(|row| !one.nil && !row.note.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ElementId;

    fn doubt(cells: Vec<CellKey>, args: Vec<(&'static str, &str)>) -> Verdict {
        Verdict {
            rule: "row-cuoc".to_owned(),
            severity: Severity::Warning,
            cells,
            words: "reporting-check-row-far",
            args: args.into_iter().map(|(name, it)| (name, it.to_owned())).collect(),
        }
    }

    fn signed(doubts: Option<String>) -> StepRow {
        let by = String::new;
        let at = kernel::clock::Timestamp::from_millis(0);
        let step = Step::Certify.code().to_owned();
        StepRow {
            no: 1,
            step,
            revision: 1,
            by_account: by(),
            by_name: by(),
            at,
            note: by(),
            doubts,
        }
    }

    #[test]
    fn a_signature_explains_what_was_doubtful_then_and_no_more() {
        let element = ElementId::parse("10.6").expect("a code");
        let cell = doubt(vec![CellKey::total(element)], Vec::new());
        let day = doubt(Vec::new(), vec![("row", "1"), ("day", "01/10/2062")]);
        let later = doubt(Vec::new(), vec![("row", "1"), ("day", "01/10/1962")]);
        let moved = doubt(Vec::new(), vec![("row", "7"), ("day", "01/10/2062")]);
        let it = signed(Some(marks(&[cell.clone(), day.clone(), day.clone()])));
        assert!(was_doubtful(&it, &cell) && was_doubtful(&it, &day) && was_doubtful(&it, &moved));
        assert!(!was_doubtful(&it, &later), "another day is another doubt");
        assert_eq!(it.doubts.as_deref().map(str::len), Some(17), "the same doubt is noted once");
        // Signed before doubts were noted, and before rows were asked about.
        assert!(was_doubtful(&signed(None), &cell) && !was_doubtful(&signed(None), &day));
        let flood: Vec<String> = (0..5_000).map(|at| format!("{at:08}")).collect();
        assert_eq!(marks_taken(&flood.join(" ")).len(), MARKS_MOST * (MARK_LETTERS + 1));
    }
}
