//! What the unit said about doubtful figures when it signed, shown again beside them.

use kernel::{problem::Outcome, web::Visit};
use serde::Serialize;

use crate::{
    actions::{answers, entry::Sheet},
    model::{form::Severity, rule::Verdict},
    store::submissions::Submission,
};

/// Characters of it that stand beside a figure; the whole of it stands once on the page.
const BESIDE_MOST: usize = 120;

/// An explanation.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Explained {
    pub(crate) words: String,
    /// Who signed with it, and when.
    pub(crate) by: String,
    pub(crate) at: String,
    /// False while the unit has the report in hand again: then it is asked anew.
    pub(crate) holds: bool,
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

    /// What was said when a report was signed last.
    pub(crate) async fn of_report(visit: &Visit, one: &Submission) -> Outcome<Option<Self>> {
        let said = answers::explanation(&visit.app, one).await?;
        Ok(said.map(|row| Self {
            words: row.note,
            by: row.by_name,
            at: row.at.short(),
            holds: !one.state.is_open(),
        }))
    }
}

/// What was said about the doubts of a report when it was signed last; none while nothing is doubtful.
pub(super) async fn of(
    visit: &Visit,
    sheet: &Sheet,
    verdicts: &[Verdict],
) -> Outcome<Option<Explained>> {
    let doubt = verdicts.iter().any(|one| one.severity == Severity::Warning);
    match sheet.submission.as_ref().filter(|_| doubt) {
        Some(one) => Explained::of_report(visit, one).await,
        None => Ok(None),
    }
}
