//! What the unit said about doubtful figures when it signed, shown again beside them.

use kernel::{problem::Outcome, web::Visit};
use serde::Serialize;

use crate::{
    actions::{answers, entry::Sheet},
    model::{form::Severity, rule::Verdict},
};

/// Characters of it that stand beside a figure; the whole of it stands once on the page.
const BESIDE_MOST: usize = 120;

/// An explanation.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Explained {
    pub(super) words: String,
    /// Who signed with it, and when.
    pub(super) by: String,
    pub(super) at: String,
}

impl Explained {
    /// So much of it as stands beside a figure.
    pub(super) fn beside(&self) -> String {
        let mut short: String = self.words.chars().take(BESIDE_MOST).collect();
        if short.len() < self.words.len() {
            short.push('…');
        }
        short
    }
}

/// What was said about the doubts of a report when it was signed last; none while nothing is doubtful.
pub(super) async fn of(
    visit: &Visit,
    sheet: &Sheet,
    verdicts: &[Verdict],
) -> Outcome<Option<Explained>> {
    let doubt = verdicts.iter().any(|one| one.severity == Severity::Warning);
    let Some(one) = sheet.submission.as_ref().filter(|_| doubt) else { return Ok(None) };
    let said = answers::explanation(&visit.app, one).await?;
    Ok(said.map(|row| Explained { words: row.note, by: row.by_name, at: row.at.short() }))
}
