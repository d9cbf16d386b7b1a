//! What the unit said about doubtful figures when it signed, shown again beside them; and that a doubt has come up since,
//! which nobody explained.

use std::collections::BTreeSet;

use kernel::{problem::Outcome, web::Visit};
use serde::Serialize;

use crate::{
    actions::{answers, entry::Sheet},
    model::{CellKey, form::Severity, rule::Verdict},
    store::submissions::{StepRow, Submission},
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
}

impl Explained {
    fn of(row: &StepRow) -> Self {
        Self { words: row.note.clone(), by: row.by_name.clone(), at: row.at.short() }
    }

    /// What was said when a report was signed last.
    pub(crate) async fn of_report(visit: &Visit, one: &Submission) -> Outcome<Option<Self>> {
        let said = answers::explanation(&visit.app, one).await?;
        Ok(said.map(|row| Self::of(&row)))
    }
}

/// How a doubt stands with the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody has signed it, or not as it is now: whoever does explains the doubt.
    Asked,
    /// Whoever signed explained it.
    Explained,
    /// It came up after the signature, so nobody has.
    Since,
}

/// The doubts of a report, and what was said of them.
#[derive(Default)]
pub(super) struct Doubts {
    /// What was said when the report was signed last, of these doubts; none where that was about others.
    pub(super) explained: Option<Explained>,
    /// The cells of those that it is about.
    pub(super) cells: BTreeSet<CellKey>,
    is_open: bool,
    signed: Option<StepRow>,
}

impl Doubts {
    /// Of a sheet with what the checks find in it.
    pub(super) async fn of(visit: &Visit, sheet: &Sheet, verdicts: &[Verdict]) -> Outcome<Self> {
        let all = || verdicts.iter().filter(|one| one.severity == Severity::Warning);
        let Some(one) = sheet.submission.as_ref().filter(|_| all().next().is_some()) else {
            return Ok(Self { is_open: true, ..Self::default() });
        };
        let signed = answers::explanation(&visit.app, one).await?;
        // Who signs that nothing occurred is asked about no figure.
        let mut it = Self { is_open: one.state.is_open() || one.nil, ..Self::default() };
        if let Some(row) = &signed {
            let about = all().filter(|one| answers::was_doubtful(row, one));
            it.cells = about.clone().flat_map(|one| one.cells.iter().cloned()).collect();
            it.explained = about.map(|_| Explained::of(row)).next();
        }
        Ok(Self { signed, ..it })
    }

    /// How one of them stands.
    pub(super) fn standing(&self, doubt: &Verdict) -> Standing {
        match &self.signed {
            _ if self.is_open => Standing::Asked,
            Some(row) if answers::was_doubtful(row, doubt) => Standing::Explained,
            _ => Standing::Since,
        }
    }

    /// So much of what was said as stands beside a figure.
    pub(super) fn beside(&self) -> String {
        let Some(said) = &self.explained else { return String::new() };
        let mut short: String = said.words.chars().take(BESIDE_MOST).collect();
        if short.len() < said.words.len() {
            short.push('…');
        }
        short
    }

    /// The key of a heading over those of `verdicts`: they ask, were explained, or came up since.
    pub(super) fn heading(&self, verdicts: &[Verdict], asking: &'static str) -> &'static str {
        let all = verdicts.iter().filter(|one| one.severity == Severity::Warning);
        let standings: Vec<Standing> = all.map(|one| self.standing(one)).collect();
        let every = |standing| standings.iter().all(|one| *one == standing);
        match () {
            () if every(Standing::Asked) => asking,
            () if every(Standing::Explained) => "reporting-warnings-explained",
            () if every(Standing::Since) => "reporting-warnings-since",
            () => "reporting-warnings-mixed",
        }
    }
}
