//! Answering remarks.

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    problem::{FormProblems, Outcome},
};

use super::{
    catalogue,
    entry::{self, Which},
};
use crate::store::remarks;

/// Answers every open remark on a cell (or, with an empty cell, on the whole report).
pub async fn answer(
    app: &App,
    caller: &Caller,
    which: &Which,
    cell: &str,
    words: &str,
) -> Outcome<()> {
    let words: String = kernel::text::tidy_lines(words).chars().take(1_000).collect();
    let mut wrong = FormProblems::new();
    wrong.require(words.chars().count() >= 3, "answer", "reporting-answer-needs-words");
    wrong.check()?;
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| {
            let (submission, _) = entry::for_writing(tx, app, &catalogue, caller, which).await?;
            remarks::resolve(tx, &submission.id, cell, &words).await?;
            audit(tx, caller, "reporting.remark.answered", submission.id.as_str(), cell).await
        })
        .await
}
