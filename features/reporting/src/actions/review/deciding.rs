//! The decision about one report or many: which sections are in order, then the step.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, OrMissing, Outcome},
};

use super::{CHANGED_MEANWHILE, HAS_DOUBTS, is_own, must_be_above, section_hashes, seen_hash};
use crate::{
    actions::{
        OWN_WORK, REVIEW, SUBMISSION_NOT_FOUND,
        approving::Approved,
        catalogue, check,
        content::Content,
        problem,
        steps::{self, Said},
    },
    model::{CellKey, SubmissionId, form::Form, submission::Step},
    store::{
        review::{self as store, SectionMark},
        submissions::{self, Submission},
    },
};

/// Most reports that are decided about at once.
pub const MANY_MOST: usize = 500;

/// A decision.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// What is decided; none only notes sections.
    pub step: Option<Step>,
    /// Words, remarks on cells, revision.
    pub said: Said,
    /// The hash of what the reviewer has seen; empty when a program decides.
    pub seen: String,
    /// The sections that are in order; of the others it is taken back, and of those that a return has remarks on.
    pub in_order: Vec<String>,
    /// True to approve those before the step: the report goes back because of the others.
    pub approves_them: bool,
}

/// Decides about one report: notes the sections that are in order, then takes the step.
pub async fn decide(
    app: &App,
    caller: &Caller,
    id: &SubmissionId,
    decision: &Decision,
) -> Outcome<Submission> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| {
            let known = submissions::find(tx, id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
            must_be_above(caller, &REVIEW, &known)?;
            if is_own(tx, &known, caller).await? && !caller.is_system() {
                return Err((&OWN_WORK).into());
            }
            let form = catalogue.form_of(&known.dataset, known.form_version)?;
            let decision = &without_remarked(form, decision);
            let hashes = section_hashes(form, &Content::of(tx, &known).await?);
            let stale = !decision.seen.is_empty() && decision.seen != seen_hash(&hashes, &known);
            if stale || decision.said.revision != known.revision || !known.state.is_reported() {
                return Err((&CHANGED_MEANWHILE).into());
            }
            let step = meant(tx, &known, &hashes, decision).await?;
            note_sections(tx, caller, &known, &hashes, decision).await?;
            let mut after = known;
            if decision.approves_them {
                let mut wrong = FormProblems::new();
                let leaves_some = !makes_whole(tx, &after, &hashes, decision).await?;
                wrong.require(leaves_some, "note", "reporting-no-section-left");
                wrong.check()?;
                let note = String::new();
                let parts = Said { note, remarks: Vec::new(), ..decision.parts() };
                let step = (Step::ApprovePart, &parts);
                after = steps::take_now(tx, app, &catalogue, caller, id, step).await?;
            }
            if let Some(step) = step {
                let step = (step, &decision.parts());
                after = steps::take_now(tx, app, &catalogue, caller, id, step).await?;
            }
            Ok(after)
        })
        .await
}

impl Decision {
    /// What is said, with the sections it is said about.
    fn parts(&self) -> Said {
        Said { sections: self.in_order.clone(), ..self.said.clone() }
    }
}

/// The step that is meant: whoever approves the last sections that were not approved approves the report.
async fn meant(
    tx: &mut Tx,
    known: &Submission,
    hashes: &BTreeMap<String, String>,
    decision: &Decision,
) -> Outcome<Option<Step>> {
    if decision.step != Some(Step::ApprovePart) {
        return Ok(decision.step);
    }
    let is_whole = makes_whole(tx, known, hashes, decision).await?;
    Ok(Some(if is_whole { Step::Approve } else { Step::ApprovePart }))
}

/// True when no section is left once those that are in order are approved.
async fn makes_whole(
    tx: &mut Tx,
    known: &Submission,
    hashes: &BTreeMap<String, String>,
    decision: &Decision,
) -> Outcome<bool> {
    let standing = Approved::of(&store::marks(tx, &known.id).await?, hashes).standing;
    let is_approved =
        |section: &String| standing.contains_key(section) || decision.in_order.contains(section);
    Ok(hashes.keys().all(is_approved))
}

/// What a report goes back for is not in order: whoever took it in ticked every section, and that tick does not approve
/// the one that is remarked on now.
fn without_remarked(form: &Form, decision: &Decision) -> Decision {
    let mut decision = decision.clone();
    if decision.step == Some(Step::Return) {
        let keys = decision.said.remarks.iter().filter_map(|(cell, _)| CellKey::parse(cell));
        let about = keys.filter_map(|key| form.section_of(&key));
        let remarked: BTreeSet<&str> = about.map(|section| section.code.as_str()).collect();
        decision.in_order.retain(|code| !remarked.contains(code.as_str()));
    }
    decision
}

async fn note_sections(
    tx: &mut Tx,
    caller: &Caller,
    known: &Submission,
    hashes: &BTreeMap<String, String>,
    decision: &Decision,
) -> Outcome<()> {
    let whole = matches!(decision.step, Some(Step::Accept | Step::Approve));
    for (section, hash) in hashes {
        if whole || decision.in_order.contains(section) {
            let mark = SectionMark {
                section: section.clone(),
                revision: known.revision,
                hash: hash.clone(),
                by_account: caller.id().to_owned(),
                by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
                at: tx.now(),
                approved_by: None,
                approved_at: None,
            };
            store::mark(tx, &known.id, &mark).await?;
        } else {
            store::unmark(tx, &known.id, section, hash).await?;
        }
    }
    Ok(())
}

/// Takes or approves many reports, each in a transaction of its own. One with something to look at is left
/// for a person.
pub async fn decide_many(
    app: &App,
    caller: &Caller,
    step: Step,
    reports: &[(SubmissionId, i64)],
) -> Vec<(SubmissionId, Outcome<Submission>)> {
    let mut all = Vec::with_capacity(reports.len());
    for (id, revision) in reports.iter().take(MANY_MOST) {
        let became = decide_plain(app, caller, step, id, *revision).await;
        all.push((id.clone(), became));
    }
    all
}

async fn decide_plain(
    app: &App,
    caller: &Caller,
    step: Step,
    id: &SubmissionId,
    revision: i64,
) -> Outcome<Submission> {
    let catalogue = catalogue::current(app).await?;
    let doubts = app
        .db
        .view(async |tx| {
            let known = submissions::find(tx, id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
            must_be_above(caller, &REVIEW, &known)?;
            Ok(check::of_submission(tx, &catalogue, &known).await?.len())
        })
        .await?;
    if doubts > 0 {
        return Err(problem(&HAS_DOUBTS, "count", doubts.to_string()));
    }
    let said = Said { revision, ..Said::default() };
    let decision = Decision { step: Some(step), said, ..Decision::default() };
    decide(app, caller, id, &decision).await
}
