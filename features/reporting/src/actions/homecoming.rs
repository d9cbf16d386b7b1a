//! Reports come home: a point that joins is told what the tier above holds of its unit. It may have lost what it wrote
//! with its disk, have counted its revisions from the beginning again, or the tier above may have typed reports in for
//! it before there was a point. Nothing is lost on either side.

use std::collections::BTreeMap;

use kernel::{
    app::AppRef,
    clock::Timestamp,
    db::Tx,
    ids::Id,
    jobs::JobKind,
    problem::{Failure, Outcome},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::{
    answers::marks_taken,
    approving::{self, Approved},
    arrival::{About, Disbelief, signed, write_figures, write_words},
    catalogue,
    content::Content,
    obligations, remark,
    review::section_hashes,
    steps::snapshot,
    works,
};
use crate::{
    model::{
        SubmissionId,
        submission::{State, Step},
    },
    records::held,
    store::{
        remarks::{self, Remark},
        review as marks,
        submissions::{self, Signed, StepRow, Submission},
    },
};

/// Sends down what is held of the units under a path.
pub const BRING_HOME: JobKind =
    JobKind { name: "reporting.bring_home", run: |app, path| Box::pin(bring_home(app, path)) };

/// A point has joined under a path.
pub async fn point_joined(tx: &mut Tx, path: &ScopePath) -> Outcome<()> {
    let now = tx.now();
    tx.queue(&BRING_HOME, path.as_str(), now).await?;
    Ok(())
}

/// A report a transaction, so that nobody waits behind years of them. Begun again after a power cut it tells some twice,
/// which changes nothing.
async fn bring_home(app: &AppRef, path: &str) -> Outcome<()> {
    let path = ScopePath::parse(path)
        .ok_or_else(|| Failure::fault("bring reports home", "the path is none"))?;
    let all = app.db.view(async |tx| Ok(submissions::handed_in_under(tx, &path).await?)).await?;
    for id in all {
        app.db
            .change(async |tx| match submissions::find(tx, &id).await? {
                Some(one) => held::send(tx, &one).await,
                None => Ok(()),
            })
            .await?;
    }
    Ok(())
}

/// Most steps and remarks that come with a report.
const SAID_MOST: usize = 1_000;

/// Who, and when (ms).
type By = (String, i64);

/// What the tier above has of a report. Field names are short: this is what crosses the bridge.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    /// What stands now.
    #[serde(rename = "c")]
    content: Content,
    /// What was approved last, when something else stands now.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    earlier: Option<Content>,
    #[serde(rename = "s")]
    state: State,
    #[serde(rename = "a", default)]
    accepted: Option<By>,
    #[serde(rename = "p", default)]
    approved: Option<By>,
    /// Sections that say what was approved: by whom, when.
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    sections: Vec<(By, Vec<String>)>,
    /// Step, revision, by whom, when, words.
    #[serde(rename = "t")]
    steps: Vec<(String, i64, String, i64, String)>,
    #[serde(rename = "m")]
    remarks: Vec<Said>,
}

/// A remark: id, revision, cell, whether the report was given back with it, words, by whom, when, when it was answered
/// and how.
type Said = (String, i64, String, bool, String, String, i64, Option<(i64, String)>);

fn by(signed: Option<&Signed>) -> Option<By> {
    signed.map(|one| (one.by.clone(), one.at.millis()))
}

impl Held {
    /// A report as it stands here.
    pub(crate) async fn of(tx: &mut Tx, one: &Submission) -> Outcome<Self> {
        let step = |row: StepRow| (row.step, row.revision, row.by_name, row.at.millis(), row.note);
        let remark = |one: Remark| {
            let answered = one.resolved_at.map(|at| (at.millis(), one.answer.unwrap_or_default()));
            let (id, at) = (one.id.to_string(), one.at.millis());
            (id, one.revision, one.cell, one.is_return, one.words, one.by_name, at, answered)
        };
        let copies = submissions::snapshots(tx, &one.id).await?;
        let approved = copies.iter().find(|copy| copy.occasion == "approved");
        let approved = approved.filter(|_| one.state != State::Approved);
        let content = Content::of(tx, one).await?;
        Ok(Self {
            sections: approved_sections(tx, one, &content).await?,
            content,
            earlier: approved.and_then(|copy| Content::decode(&copy.body)),
            state: one.state,
            accepted: by(one.accepted.as_ref()),
            approved: by(one.approved.as_ref()),
            steps: submissions::steps(tx, &one.id).await?.into_iter().map(step).collect(),
            remarks: remarks::of(tx, &one.id).await?.into_iter().map(remark).collect(),
        })
    }

    /// What was approved last.
    fn approved_content(&self) -> Option<&Content> {
        match self.state {
            State::Approved => Some(&self.content),
            _ => self.earlier.as_ref(),
        }
    }

    /// The report with the signature that its figures carry: who signed last, also when it was given back since.
    fn signed_by(&self, one: &Submission) -> Submission {
        let last = self.steps.iter().rev().find(|step| step.0 == Step::Certify.code());
        let last = last.map(|(_, _, by, at, _)| (by.clone(), *at));
        Submission { certified: one.certified.clone().or(signed(last.as_ref())), ..one.clone() }
    }

    /// The report as it was handed in first: what met the obligation, and when.
    fn handed_in(&self, one: &Submission) -> Submission {
        let first = self.steps.iter().find(|step| step.0 == Step::Submit.code());
        let first = first.map(|(_, _, by, at, _)| (by.clone(), *at));
        Submission {
            submitted: signed(first.as_ref().or(self.content.submitted.as_ref())),
            nil: self.content.nil.is_some(),
            late_reason: self.content.late_reason.clone(),
            ..one.clone()
        }
    }
}

/// Hears how the tier above holds a report. One that is not known here, or in an older revision, becomes as it is there;
/// what somebody has typed here meanwhile and not handed in stays, as the revision after that.
pub(crate) async fn hear(
    tx: &mut Tx,
    id: &SubmissionId,
    held: &Held,
) -> Outcome<Result<(), Disbelief>> {
    let content = &held.content;
    let about = match About::read(tx, id, content).await? {
        Ok(about) => about,
        Err(why) => return Ok(Err(why)),
    };
    let known = submissions::find(tx, id).await?;
    if let Some(known) = &known {
        // A report that was handed in from here in this revision has heard more than an old word of the hub.
        let is_typed = matches!(known.state, State::Draft | State::Certified);
        let is_old_news =
            known.revision > content.revision || (known.revision == content.revision && !is_typed);
        if is_old_news {
            return Ok(Ok(()));
        }
        if !known.state.is_reported() && was_typed_in(tx, known, content).await? {
            stays(tx, known, held).await?;
            return Ok(Ok(()));
        }
    }
    let now = tx.now();
    let after = Submission {
        state: held.state,
        accepted: signed(held.accepted.as_ref()),
        approved: signed(held.approved.as_ref()),
        created_at: known.map_or(now, |known| known.created_at),
        ..about.submission(content, now)
    };
    stands(tx, &about, held, &after).await?;
    Ok(Ok(()))
}

/// True when somebody typed something here that neither the hub's copy says nor any copy that is kept here.
async fn was_typed_in(tx: &mut Tx, known: &Submission, above: &Content) -> Outcome<bool> {
    let own = Content::of(tx, known).await?;
    let says_so = |copy: &Content| {
        (&own.figures, &own.narratives, &own.rows) == (&copy.figures, &copy.narratives, &copy.rows)
    };
    let is_empty = own.figures.is_empty() && own.narratives.is_empty() && own.rows.is_empty();
    if is_empty || says_so(above) {
        return Ok(false);
    }
    let copies = submissions::snapshots(tx, &known.id).await?;
    Ok(!copies.iter().filter_map(|copy| Content::decode(&copy.body)).any(|copy| says_so(&copy)))
}

/// What was typed here stays, as the revision after the hub's; the hub's copy is kept beside it.
async fn stays(tx: &mut Tx, known: &Submission, held: &Held) -> Outcome<()> {
    keep_copies(tx, &known.id, held).await?;
    say_what_happened(tx, &known.id, held).await?;
    let after = Submission {
        state: State::Draft,
        revision: held.content.revision + 1,
        certified: None,
        submitted: None,
        accepted: None,
        approved: signed(held.approved.as_ref()),
        changed_at: tx.now(),
        ..known.clone()
    };
    submissions::put(tx, &after).await?;
    obligations::met(tx, &held.handed_in(&after)).await
}

/// The report stands here as it does at the hub.
async fn stands(tx: &mut Tx, about: &About, held: &Held, after: &Submission) -> Outcome<()> {
    submissions::put(tx, after).await?;
    let approved = held.approved_content();
    let author = held.signed_by(after);
    if let Some(content) = approved {
        write_figures(tx, about, content, &author).await?;
        let catalogue = catalogue::read(tx).await?;
        approving::all_figures(tx, &catalogue, after).await?;
    }
    write_figures(tx, about, &held.content, &author).await?;
    write_words(tx, &held.content, &author).await?;
    approve_sections(tx, held, after).await?;
    keep_copies(tx, &after.id, held).await?;
    say_what_happened(tx, &after.id, held).await?;
    works::refresh(tx, after).await?;
    obligations::met(tx, &held.handed_in(after)).await?;
    if approved.is_some() {
        obligations::approved(tx, after).await?;
    }
    Ok(())
}

/// The sections of a report that say what was approved, by who approved them.
async fn approved_sections(
    tx: &mut Tx,
    one: &Submission,
    content: &Content,
) -> Outcome<Vec<(By, Vec<String>)>> {
    let noted = marks::marks(tx, &one.id).await?;
    if noted.iter().all(|mark| mark.approved_at.is_none()) {
        return Ok(Vec::new());
    }
    let catalogue = catalogue::read(tx).await?;
    let form = catalogue.form_of(&one.dataset, one.form_version)?;
    let approved = Approved::of(&noted, &section_hashes(form, content));
    let mut by: BTreeMap<(i64, String), Vec<String>> = BTreeMap::new();
    for (section, mark) in approved.standing {
        let at = mark.approved_at.map_or(0, Timestamp::millis);
        by.entry((at, mark.approved_by.unwrap_or_default())).or_default().push(section);
    }
    Ok(by.into_iter().map(|((at, who), sections)| ((who, at), sections)).collect())
}

/// They count as approved here too, the earliest first.
async fn approve_sections(tx: &mut Tx, held: &Held, after: &Submission) -> Outcome<()> {
    if held.sections.is_empty() {
        return Ok(());
    }
    let catalogue = catalogue::read(tx).await?;
    for ((who, at), sections) in held.sections.iter().take(SAID_MOST) {
        let row = StepRow {
            no: 0,
            step: Step::ApprovePart.code().to_owned(),
            revision: after.revision,
            by_account: String::new(),
            by_name: who.clone(),
            at: Timestamp::from_millis(*at),
            note: String::new(),
            doubts: None,
        };
        approving::sections(tx, &catalogue, after, sections, &row).await?;
    }
    Ok(())
}

/// Unchanging copies of what was handed in and of what was approved.
async fn keep_copies(tx: &mut Tx, id: &SubmissionId, held: &Held) -> Outcome<()> {
    let now = tx.now();
    let handed_in = snapshot(held.content.revision, "submitted", held.content.encode()?, now);
    submissions::keep_snapshot(tx, id, &handed_in).await?;
    if let Some(content) = held.approved_content() {
        let copy = snapshot(content.revision, "approved", content.encode()?, now);
        submissions::keep_snapshot(tx, id, &copy).await?;
    }
    Ok(())
}

/// Steps and remarks, each once. The tier above has the report: it is told what was noted here meanwhile.
async fn say_what_happened(tx: &mut Tx, id: &SubmissionId, held: &Held) -> Outcome<()> {
    if !remark::was_handed_in(tx, id).await? {
        remark::send_own(tx, id).await?;
    }
    let signed = held.content.certified.as_ref().map(|(_, at)| *at);
    let is_signature = |step: &str, at: i64| step == Step::Certify.code() && signed == Some(at);
    for (step, revision, by, at, note) in held.steps.iter().take(SAID_MOST) {
        if Step::from_code(step).is_none() {
            continue;
        }
        let row = StepRow {
            no: 0,
            step: step.clone(),
            revision: *revision,
            by_account: String::new(),
            by_name: by.clone(),
            at: Timestamp::from_millis(*at),
            note: note.clone(),
            doubts: held
                .content
                .doubts
                .as_deref()
                .filter(|_| is_signature(step, *at))
                .map(marks_taken),
        };
        submissions::note_step(tx, id, &row).await?;
    }
    for (key, revision, cell, is_return, words, by, at, answered) in
        held.remarks.iter().take(SAID_MOST)
    {
        let one = Remark {
            id: Id::from_text(key.clone()),
            submission: id.clone(),
            revision: *revision,
            cell: cell.clone(),
            is_return: *is_return,
            words: words.clone(),
            by_account: String::new(),
            by_name: by.clone(),
            at: Timestamp::from_millis(*at),
            resolved_at: None,
            answer: None,
        };
        remarks::put(tx, &one).await?;
        if let Some((at, answer)) = answered {
            remarks::answered(tx, id, key, answer, Timestamp::from_millis(*at)).await?;
        }
    }
    Ok(())
}
