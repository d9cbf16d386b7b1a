//! The steps of a report's life: signing, handing in, giving back, taking, approving, correcting. What counts as approved
//! is [`approving`]'s.

use identity::audit;
use kernel::{
    app::{App, NodeRole},
    caller::Caller,
    clock::Timestamp,
    db::Tx,
    problem::{FormProblems, OrMissing, Outcome, Problem},
    records::{Lane, Outgoing},
};

use super::{
    APPROVE, CERTIFY, ENTER, NOT_READY, OWN_WORK, REVIEW, SUBMISSION_NOT_FOUND, SUBMIT,
    WRITTEN_AT_POINT, answers, approving,
    catalogue::{self, Catalogue},
    check, content,
    entry::{self, Which, written_elsewhere},
    obligations, outward, remark, totals, travelling,
};
use crate::{
    model::{
        Capacity, CellKey, CellState, SubmissionId,
        form::Severity,
        submission::{self, State, Step, WRONG_STATE},
    },
    records,
    store::{
        remarks,
        remarks::Remark,
        submissions::{self, Signed, Snapshot, StepRow, Submission},
        words,
    },
};

/// Most characters that are kept of what is said with a step.
const NOTE_MOST: usize = 2_000;

/// What somebody says with a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Words for the whole report: why it is given back, why a warning is no mistake.
    pub note: String,
    /// Remarks on cells: cell as text, words.
    pub remarks: Vec<(String, String)>,
    /// True when the whole report says that nothing occurred.
    pub nil: bool,
    /// Why it is late.
    pub late_reason: String,
    /// True when the person signs or hands in although remarks on cells stand unanswered.
    pub despite_remarks: bool,
    /// In which capacity the person signs.
    pub capacity: Capacity,
    /// The revision the person has read; somebody who decides on another one decides on nothing.
    pub revision: i64,
    /// The sections that are approved without the others.
    pub sections: Vec<String>,
}

/// Takes a step.
pub async fn take(
    app: &App,
    caller: &Caller,
    id: &SubmissionId,
    step: Step,
    said: &Said,
) -> Outcome<Submission> {
    let catalogue = catalogue::current(app).await?;
    app.db.change(async |tx| take_now(tx, app, &catalogue, caller, id, (step, said)).await).await
}

/// The same within a transaction.
pub(super) async fn take_now(
    tx: &mut Tx,
    app: &App,
    catalogue: &Catalogue,
    caller: &Caller,
    id: &SubmissionId,
    (step, said): (Step, &Said),
) -> Outcome<Submission> {
    let known = submissions::find(tx, id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
    may(tx, app, caller, &known, step).await?;
    let next = known.state.after(step).filter(|_| said.revision == known.revision);
    let Some(next) = next else {
        return Err(Problem::of(&WRONG_STATE).with("state", known.state.code()).into());
    };
    let mut row = step_row(tx, caller, &known, step, &said.note);
    let after = match step {
        Step::Certify => certify(tx, catalogue, caller, known, said).await?,
        Step::Submit => submit(tx, app, caller, known, said).await?,
        Step::Return => give_back(tx, caller, known, said).await?,
        Step::Approve => {
            let by = signature(tx, caller);
            approve(tx, catalogue, known, (&row, by)).await?
        }
        Step::ApprovePart => {
            row.note = approve_part(tx, catalogue, &known, &row, said).await?;
            known
        }
        Step::Accept => Submission { accepted: signature(tx, caller), ..known },
        Step::Reopen => Submission { certified: None, ..known },
        Step::Correct => Submission {
            revision: known.revision + 1,
            certified: None,
            submitted: None,
            accepted: None,
            ..known
        },
    };
    let after = Submission { state: next, changed_at: tx.now(), ..after };
    submissions::put(tx, &after).await?;
    row.revision = after.revision;
    if step == Step::Certify {
        row.doubts = Some(answers::marks(&check::of_submission(tx, catalogue, &after).await?));
    }
    let is_first = step == Step::Submit && !remark::was_handed_in(tx, id).await?;
    submissions::note_step(tx, id, &row).await?;
    if step == Step::Submit {
        content::keep(tx, &after, "submitted").await?;
        obligations::met(tx, &after).await?;
        super::works::refresh(tx, &after).await?;
        if app.role == NodeRole::Point {
            records::send_report(tx, &after).await?;
            if is_first {
                remark::send_own(tx, id).await?;
            }
            travelling::follow(tx, &after).await?;
        }
    }
    if step == Step::Approve {
        outward::outlets::approved(tx, app, &after).await?;
    }
    if !step.is_own() && app.role == NodeRole::Hub {
        records::tell_verdict(tx, &after, &row, &said.sections).await?;
    }
    let told = if step == Step::ApprovePart { &row.note } else { &said.note };
    audit(tx, caller, &format!("reporting.{}", step.code()), id.as_str(), told).await?;
    Ok(after)
}

/// May this person take this step? Own steps are asked over the reporting unit, the others over it too: whoever
/// holds a role above holds it over everything below.
async fn may(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    known: &Submission,
    step: Step,
) -> Outcome<()> {
    let permission = match step {
        // Signed on the paper it was typed in from.
        _ if step.is_own() && known.behalf.is_some() => &ENTER,
        Step::Certify | Step::Reopen | Step::Correct => {
            if known.tier == "commune" {
                &CERTIFY
            } else {
                &APPROVE
            }
        }
        Step::Submit => {
            if known.tier == "commune" {
                &SUBMIT
            } else {
                &APPROVE
            }
        }
        Step::Return | Step::Accept => &REVIEW,
        Step::Approve | Step::ApprovePart => &APPROVE,
    };
    caller.must(permission, &known.path)?;
    if step.is_own() {
        if written_elsewhere(tx, app, &known.path, Some(known)).await? {
            return Err((&WRITTEN_AT_POINT).into());
        }
        return Ok(());
    }
    // A point may show the tier above what it sent, but deciding is done where the tier above works.
    if app.role == NodeRole::Point {
        return Err((&WRITTEN_AT_POINT).into());
    }
    super::review::must_be_above(caller, permission, known)?;
    // Two pairs of eyes: whoever signed or handed it in does not check it.
    let own = submissions::steps(tx, &known.id).await?.into_iter().any(|row| {
        row.revision == known.revision
            && row.by_account == caller.id()
            && Step::from_code(&row.step).is_some_and(Step::is_own)
    });
    if own && !caller.is_system() {
        return Err((&OWN_WORK).into());
    }
    Ok(())
}

fn signature(tx: &Tx, caller: &Caller) -> Option<Signed> {
    caller.who().map(|person| Signed::new(person.name.clone(), tx.now()))
}

fn step_row(tx: &Tx, caller: &Caller, one: &Submission, step: Step, note: &str) -> StepRow {
    StepRow {
        no: 0,
        step: step.code().to_owned(),
        revision: one.revision,
        by_account: caller.id().to_owned(),
        by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
        at: tx.now(),
        note: kernel::text::tidy_lines(note).chars().take(NOTE_MOST).collect(),
        doubts: None,
    }
}

/// Signs: nothing wrong may be left, warnings need a word, and remarks an answer or to have been seen.
async fn certify(
    tx: &mut Tx,
    catalogue: &Catalogue,
    caller: &Caller,
    known: Submission,
    said: &Said,
) -> Outcome<Submission> {
    let reason: String = kernel::text::tidy(&said.note).chars().take(300).collect();
    let mut wrong = FormProblems::new();
    add_up(tx, catalogue, caller, &known).await?;
    if said.nil {
        wrong.require(reason.chars().count() >= 5, "note", "reporting-nil-needs-words");
        let filled = Filled::of(tx, catalogue, &known).await?;
        if filled.denies_nil() {
            wrong.add_with("certify", "reporting-nil-but-filled", filled.args());
        }
    } else {
        let verdicts = check::of_submission(tx, catalogue, &known).await?;
        let errors = verdicts.iter().filter(|one| one.severity == Severity::Error).count();
        if errors > 0 {
            return Err(Problem::of(&NOT_READY).with("count", errors.to_string()).into());
        }
        let warned = verdicts.iter().any(|one| one.severity == Severity::Warning);
        wrong.require(
            !warned || said.note.trim().chars().count() >= 5,
            "note",
            "reporting-warnings-need-words",
        );
    }
    answers::require_seen(tx, &known, said, &mut wrong).await?;
    // What is typed in for a unit was signed on the unit's own paper.
    let capacity = if known.behalf.is_some() { &Capacity::Head } else { &said.capacity };
    wrong.require(capacity.is_whole(), "post", "reporting-capacity-needs-post");
    wrong.check()?;
    Ok(Submission {
        certified: signature(tx, caller).map(|one| one.acting(capacity.clone())),
        // What was given back and is signed again is another revision than the one that was judged.
        revision: known.revision + i64::from(known.state == State::Returned),
        nil: said.nil,
        nil_reason: if said.nil { reason } else { String::new() },
        ..known
    })
}

/// What is signed is what the rows add up to, whoever wrote them and however long ago.
async fn add_up(
    tx: &mut Tx,
    catalogue: &Catalogue,
    caller: &Caller,
    known: &Submission,
) -> Outcome<()> {
    let which = Which::from(known);
    let asked = entry::asked(tx, catalogue, &which, Some(known)).await?;
    let ground = entry::ground(tx, &which, &asked).await?;
    let pen = entry::pen(tx, caller, &which).await?;
    totals::write(tx, catalogue, (known, asked.form), (&ground, pen)).await
}

/// What stands in a report that cannot stand in one that says that nothing occurred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Cells with a number that is not zero, without data, or with two figures.
    pub cells: usize,
    /// Rows of growing tables.
    pub rows: usize,
}

impl Filled {
    async fn of(tx: &mut Tx, catalogue: &Catalogue, one: &Submission) -> Outcome<Self> {
        let mut figures = content::figures_of(tx, one).await?;
        // What rows add up to is told as rows.
        let totals = catalogue.form_of(&one.dataset, one.form_version)?.totals();
        figures.retain(|key, _| !totals.contains_key(key));
        let unsettled = check::own_conflicts(tx, catalogue, one).await?.len();
        let rows = words::rows(tx, &one.id).await?.len();
        Ok(Self::count(figures.values(), unsettled, rows))
    }

    /// Of the figures that a report owns, the cells that have two, and the rows.
    pub fn count<'a>(
        figures: impl Iterator<Item = &'a CellState>,
        unsettled: usize,
        rows: usize,
    ) -> Self {
        let said = figures.filter(|state| state.says_something()).count();
        Self { cells: said + unsettled, rows }
    }

    /// True when something occurred.
    pub const fn denies_nil(self) -> bool {
        self.cells > 0 || self.rows > 0
    }

    fn args(self) -> Vec<(&'static str, String)> {
        vec![("cells", self.cells.to_string()), ("rows", self.rows.to_string())]
    }
}

/// Hands it in. After the deadline a reason is asked for; remarks need an answer or to have been seen.
async fn submit(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    known: Submission,
    said: &Said,
) -> Outcome<Submission> {
    let late_reason: String = kernel::text::tidy(&said.late_reason).chars().take(300).collect();
    let mut wrong = FormProblems::new();
    if obligations::is_late(tx, &known).await? && app.role == NodeRole::Hub
        || !late_reason.is_empty()
    {
        wrong.require(
            late_reason.chars().count() >= 5,
            "late_reason",
            "reporting-late-needs-words",
        );
    }
    answers::require_seen(tx, &known, said, &mut wrong).await?;
    wrong.check()?;
    Ok(Submission { submitted: signature(tx, caller), late_reason, ..known })
}

/// Gives it back: with words, or with remarks on cells.
async fn give_back(
    tx: &mut Tx,
    caller: &Caller,
    known: Submission,
    said: &Said,
) -> Outcome<Submission> {
    let note = kernel::text::tidy_lines(&said.note);
    let mut wrong = FormProblems::new();
    let remarks: Vec<(String, String)> = said
        .remarks
        .iter()
        .map(|(cell, words)| (cell.clone(), kernel::text::tidy_lines(words)))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    wrong.require(
        !remarks.is_empty() || note.chars().count() >= 5,
        "note",
        "reporting-return-needs-words",
    );
    wrong.require(remarks.len() <= 200, "note", "reporting-too-many-remarks");
    for (cell, _) in &remarks {
        wrong.require(CellKey::parse(cell).is_some(), "note", "reporting-remark-without-cell");
    }
    wrong.check()?;
    let mut all = remarks;
    if !note.is_empty() && !said_before(tx, caller, &known, &note).await? {
        all.push((String::new(), note));
    }
    for (cell, words) in all {
        let one = Remark {
            id: tx.new_id(),
            submission: known.id.clone(),
            revision: known.revision,
            cell,
            is_return: true,
            words: words.chars().take(1_000).collect(),
            by_account: caller.id().to_owned(),
            by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
            at: tx.now(),
            resolved_at: None,
            answer: None,
        };
        remarks::put(tx, &one).await?;
    }
    Ok(Submission { certified: None, submitted: None, accepted: None, ..known })
}

/// True when the same words of the same person stood beside the report already: they become what it is given back
/// with, and are not said twice.
async fn said_before(
    tx: &mut Tx,
    caller: &Caller,
    known: &Submission,
    note: &str,
) -> Outcome<bool> {
    let all = remarks::of(tx, &known.id).await?;
    let same = all.into_iter().rfind(|one| {
        one.by_account == caller.id()
            && one.revision == known.revision
            && one.cell.is_empty()
            && !one.is_return
            && one.words == note
    });
    if let Some(one) = &same {
        remarks::becomes_return(tx, &one.id).await?;
    }
    Ok(same.is_some())
}

/// Approves: an unchanging copy is kept, and the figures count as approved.
async fn approve(
    tx: &mut Tx,
    catalogue: &Catalogue,
    known: Submission,
    (row, by): (&StepRow, Option<Signed>),
) -> Outcome<Submission> {
    approving::whole(tx, catalogue, &known, row).await?;
    let after = Submission { approved: by, state: State::Approved, ..known };
    content::keep(tx, &after, "approved").await?;
    obligations::approved(tx, &after).await?;
    Ok(after)
}

/// Approves some sections without the others; gives their titles, before what was said with it.
async fn approve_part(
    tx: &mut Tx,
    catalogue: &Catalogue,
    known: &Submission,
    row: &StepRow,
    said: &Said,
) -> Outcome<String> {
    let sections = approving::sections(tx, catalogue, known, &said.sections, row).await?;
    let mut wrong = FormProblems::new();
    wrong.require(!sections.is_empty(), "note", "reporting-no-section-ticked");
    wrong.check()?;
    let titles: Vec<&str> = sections.iter().map(|one| one.title.as_str()).collect();
    let mut told = titles.join("; ");
    if !row.note.is_empty() {
        told = format!("{told}\n{}", row.note);
    }
    Ok(told.chars().take(NOTE_MOST).collect())
}

/// A decision of the tier above, as it arrived at the node that wrote the report: with remarks, or about some sections.
pub(crate) async fn hear_verdict(
    tx: &mut Tx,
    id: &SubmissionId,
    row: &StepRow,
    said: Vec<Remark>,
    sections: &[String],
) -> Outcome<()> {
    let Some(known) = submissions::find(tx, id).await? else { return Ok(()) };
    submissions::note_step(tx, id, row).await?;
    for one in &said {
        remarks::put(tx, one).await?;
    }
    let step = Step::from_code(&row.step).filter(|step| !step.is_own());
    let Some(step) = step.filter(|_| known.revision == row.revision) else { return Ok(()) };
    let Some(state) = known.state.after(step) else { return Ok(()) };
    let by = Some(Signed::new(row.by_name.clone(), row.at));
    let after = match step {
        Step::Accept => Submission { accepted: by, ..known },
        Step::Approve => {
            let catalogue = catalogue::read(tx).await?;
            approve(tx, &catalogue, known, (row, by)).await?
        }
        Step::ApprovePart => {
            let catalogue = catalogue::read(tx).await?;
            approving::sections(tx, &catalogue, &known, sections, row).await?;
            known
        }
        _ => Submission { certified: None, submitted: None, accepted: None, ..known },
    };
    let after = Submission { state, changed_at: tx.now(), ..after };
    submissions::put(tx, &after).await?;
    Ok(())
}

/// Sends a verdict down to the node that wrote the report.
pub(crate) async fn send_down(
    tx: &mut Tx,
    path: &kernel::scope::ScopePath,
    kind: u16,
    body: Vec<u8>,
) -> Outcome<()> {
    let outgoing = Outgoing { lane: Lane::Control, kind, targets: vec![path.clone()], body };
    tx.emit_down(outgoing).await?;
    Ok(())
}

/// An unchanging copy, as its table has it.
pub(crate) fn snapshot(revision: i64, occasion: &str, body: Vec<u8>, at: Timestamp) -> Snapshot {
    let hash = blake3::hash(&body).as_bytes().to_vec();
    Snapshot { revision, occasion: occasion.to_owned(), hash, body, at }
}

/// True when a report as it stands corrects one that was handed in before.
pub(crate) async fn corrects(app: &App, one: &Submission) -> Outcome<bool> {
    let rows = app.db.view(async |tx| Ok(submissions::steps(tx, &one.id).await?)).await?;
    let steps = rows.iter().filter_map(|row| Some((Step::from_code(&row.step)?, row.revision)));
    Ok(submission::corrects(one.revision, &steps.collect::<Vec<_>>()))
}
