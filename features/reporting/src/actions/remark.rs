//! Words about a report or one of its cells, by somebody who works with it, without giving the report back: notes. They
//! wait for nobody's answer and hold up no step. What a report is given back with is `steps`'; how notes travel is
//! `records::notes`'.

use identity::audit;
use kernel::{
    app::{App, NodeRole},
    caller::Caller,
    db::Tx,
    problem::{FormProblems, OrMissing, Outcome},
    scope::ScopePath,
};

use super::{
    PERIOD_NOT_FOUND, REMARK, SEE, SUBMISSION_NOT_FOUND, catalogue,
    entry::{self, Which, written_elsewhere},
};
use crate::{
    model::{CellKey, SubmissionId, submission::Step},
    records::notes,
    store::{
        remarks::{self, Remark},
        submissions::{self, Submission},
    },
};

/// Most remarks on one report.
pub const REMARKS_MOST: usize = 500;
/// Most characters of one.
pub const WORDS_MOST: usize = 1_000;

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

/// Adds notes: cell as text (empty for the whole report), words. What is wrong is told at a field.
pub async fn add(
    app: &App,
    caller: &Caller,
    which: &Which,
    said: &[(String, String)],
    field: &'static str,
) -> Outcome<Vec<Remark>> {
    let tidied = |(cell, words): &(String, String)| (cell.clone(), kernel::text::tidy_lines(words));
    let said: Vec<(String, String)> = said.iter().map(tidied).collect();
    let letters = |one: &(String, String)| one.1.chars().count();
    let mut wrong = FormProblems::new();
    wrong.require(said.iter().all(|one| letters(one) >= 3), field, "reporting-note-needs-words");
    wrong.require(
        said.iter().all(|one| letters(one) <= WORDS_MOST),
        field,
        "reporting-note-too-long",
    );
    wrong.check()?;
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| {
            let known = submissions::find(tx, &which.id()).await?;
            let asked = entry::asked(tx, &catalogue, which, known.as_ref()).await?;
            caller.must(&REMARK, &asked.authority)?;
            if known.is_none() && asked.period.from > tx.now().day() {
                return Err((&PERIOD_NOT_FOUND).into());
            }
            let of_form = |text: &str| {
                CellKey::parse(text).is_some_and(|key| asked.form.section_of(&key).is_some())
            };
            let placed = said.iter().all(|(cell, _)| cell.is_empty() || of_form(cell));
            let few = remarks::of(tx, &which.id()).await?.len() + said.len() <= REMARKS_MOST;
            let mut wrong = FormProblems::new();
            wrong.require(placed, field, "reporting-remark-without-cell");
            wrong.require(few, field, "reporting-too-many-notes");
            wrong.check()?;
            let about = About::read(tx, app, which, known.as_ref(), &asked.authority).await?;
            let mut all = Vec::with_capacity(said.len());
            for (cell, words) in &said {
                all.push(write(tx, caller, &about, cell, words).await?);
            }
            Ok(all)
        })
        .await
}

/// About which report notes are written, and whether another node is told of them at once.
pub(crate) struct About {
    id: SubmissionId,
    revision: i64,
    path: ScopePath,
    told: Option<NodeRole>,
}

impl About {
    /// A point tells the tier above once the report has been handed in: what is said of a draft goes up with it. A hub
    /// tells the point that writes the report.
    pub async fn read(
        tx: &mut Tx,
        app: &App,
        which: &Which,
        known: Option<&Submission>,
        path: &ScopePath,
    ) -> Outcome<Self> {
        let id = which.id();
        let tells = match app.role {
            NodeRole::Point => was_handed_in(tx, &id).await?,
            NodeRole::Hub => written_elsewhere(tx, app, path, known).await?,
        };
        let revision = known.map_or(1, |one| one.revision);
        Ok(Self { id, revision, path: path.clone(), told: tells.then_some(app.role) })
    }
}

/// True when a report was handed in at least once, whatever became of it.
pub(super) async fn was_handed_in(tx: &mut Tx, id: &SubmissionId) -> Outcome<bool> {
    let steps = submissions::steps(tx, id).await?;
    Ok(steps.iter().any(|row| row.step == Step::Submit.code()))
}

/// Writes a note.
pub(crate) async fn write(
    tx: &mut Tx,
    caller: &Caller,
    about: &About,
    cell: &str,
    words: &str,
) -> Outcome<Remark> {
    let one = Remark {
        id: tx.new_id(),
        submission: about.id.clone(),
        revision: about.revision,
        cell: cell.to_owned(),
        is_return: false,
        words: words.to_owned(),
        by_account: caller.id().to_owned(),
        by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
        at: tx.now(),
        resolved_at: None,
        answer: None,
    };
    remarks::put(tx, &one).await?;
    match about.told {
        Some(NodeRole::Point) => notes::send_up(tx, &one).await?,
        Some(NodeRole::Hub) => notes::send_down(tx, &about.path, &one).await?,
        None => {}
    }
    audit(tx, caller, "reporting.remark.added", about.id.as_str(), cell).await?;
    Ok(one)
}

/// Sends up what was said here of a report before the tier above had it.
pub(super) async fn send_own(tx: &mut Tx, id: &SubmissionId) -> Outcome<()> {
    for one in remarks::of(tx, id).await?.iter().filter(|one| one.is_own_note()) {
        notes::send_up(tx, one).await?;
    }
    Ok(())
}

/// A note that came from another node; its own limits are that node's, twice as many are kept here.
pub(crate) async fn arrived(tx: &mut Tx, one: &Remark) -> Outcome<()> {
    if remarks::of(tx, &one.submission).await?.len() < 2 * REMARKS_MOST {
        remarks::put(tx, one).await?;
    }
    Ok(())
}
