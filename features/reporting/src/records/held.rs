//! A report as the tier above holds it (54), down: for a point that was set up anew and has lost what it wrote, and for
//! one that counted its revisions from the beginning again.
//!
//! Nothing is lost on either side. A report that the point does not know, or knows in an older revision, becomes as
//! the hub has it. What somebody has typed there meanwhile and not handed in stays, as the revision after the hub's.

use kernel::{
    clock::Timestamp,
    db::Tx,
    ids::Id,
    problem::Outcome,
    records::{Incoming, RecordKind},
};
use serde::{Deserialize, Serialize};

use super::{PARTS_MOST, Piece, encode, pass_over, whole, write_figures, write_words};
use crate::{
    actions::{
        content::Content,
        entry::Which,
        map, obligations,
        steps::{count_as_approved, send_down, snapshot},
        works,
    },
    model::{
        Period, SubmissionId,
        submission::{State, Step},
    },
    store::{
        parts::{self, Part},
        remarks::{self, Remark},
        submissions::{self, Signed, StepRow, Submission},
    },
};

/// Kind of a report as the tier above holds it.
pub const HELD: u16 = 54;

/// A report as the tier above holds it.
pub(crate) const HELD_REPORTS: RecordKind = RecordKind {
    kind: HELD,
    name: "báo cáo cấp trên đang giữ",
    apply: |tx, incoming| Box::pin(apply(tx, incoming)),
    packing: None,
};

/// Bytes of it in one record; the rest of what a record may hold (15 KiB) is left for its heading.
const PART_BYTES: usize = 12_000;
/// Most steps and remarks that come with a report.
const SAID_MOST: usize = 1_000;

/// Who, and when (ms).
type By = (String, i64);

/// What the tier above has of a report. Field names are short: this is what crosses the bridge.
#[derive(Debug, Serialize, Deserialize)]
struct Held {
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

fn signed(by: Option<&By>) -> Option<Signed> {
    by.map(|(by, at)| Signed { by: by.clone(), at: Timestamp::from_millis(*at) })
}

impl Held {
    async fn of(tx: &mut Tx, one: &Submission) -> Outcome<Self> {
        let step = |row: StepRow| (row.step, row.revision, row.by_name, row.at.millis(), row.note);
        let remark = |one: Remark| {
            let answered = one.resolved_at.map(|at| (at.millis(), one.answer.unwrap_or_default()));
            let (id, at) = (one.id.to_string(), one.at.millis());
            (id, one.revision, one.cell, one.is_return, one.words, one.by_name, at, answered)
        };
        let copies = submissions::snapshots(tx, &one.id).await?;
        let approved = copies.iter().find(|copy| copy.occasion == "approved");
        let approved = approved.filter(|_| one.state != State::Approved);
        Ok(Self {
            content: Content::of(tx, one).await?,
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

/// Tells the nodes of a report's unit how it stands here.
pub(crate) async fn send(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let body = encode(&Held::of(tx, one).await?)?;
    let chunks: Vec<&[u8]> = body.chunks(PART_BYTES).collect();
    let count = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
    for (at, chunk) in (0_u32..).zip(chunks) {
        let piece = Piece(one.id.to_string(), one.revision, at, count, chunk.to_vec());
        send_down(tx, &one.path, HELD, encode(&piece)?).await?;
    }
    Ok(())
}

async fn apply(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Ok(Piece(name, revision, at, count, body)) =
        ciborium::from_reader::<Piece, _>(record.body.as_slice())
    else {
        pass_over("not a report that is held above", record);
        return Ok(());
    };
    // What comes up names no targets: nobody below says what is held above.
    if record.targets.is_empty() || at >= count || count as usize > PARTS_MOST {
        pass_over("not a part of a report that is held above", record);
        return Ok(());
    }
    let Some(id) = SubmissionId::parse(&name) else {
        pass_over("a report without a name", record);
        return Ok(());
    };
    // Parts of what comes down wait under another name than those of what goes up.
    let (waiting, origin) =
        (SubmissionId::from_text(format!("held.{id}")), record.origin.to_string());
    let key = (&waiting, revision, origin.as_str());
    parts::keep(tx, key, &Part { part: at.into(), parts: count.into(), body }).await?;
    let Some(body) = whole(tx, key, count).await? else { return Ok(()) };
    parts::drop_all(tx, key).await?;
    let Ok(held) = ciborium::from_reader::<Held, _>(body.as_slice()) else {
        pass_over("a report that cannot be read", record);
        return Ok(());
    };
    let Some((which, period)) = which_of(&id, &held.content) else {
        pass_over("a report under another's name", record);
        return Ok(());
    };
    take(tx, &id, &which, &period, &held).await
}

fn which_of(id: &SubmissionId, content: &Content) -> Option<(Which, Period)> {
    let which = content.which()?;
    let period = Period::parse(&content.period)?;
    (which.id() == *id).then_some((which, period))
}

/// Compares what the hub holds with what is here.
async fn take(
    tx: &mut Tx,
    id: &SubmissionId,
    which: &Which,
    period: &Period,
    held: &Held,
) -> Outcome<()> {
    let Some(unit) = areas::find(tx, &which.area).await? else { return Ok(()) };
    let path = map::authority(tx, &which.area).await?.unwrap_or_else(|| unit.path.clone());
    let known = submissions::find(tx, id).await?;
    if let Some(known) = &known {
        let revision = held.content.revision;
        // A report that was handed in from here in this revision has heard more than an old word of the hub.
        let is_typed = matches!(known.state, State::Draft | State::Certified);
        if known.revision > revision || (known.revision == revision && !is_typed) {
            return Ok(());
        }
        if !known.state.is_reported() && was_typed_in(tx, known, &held.content).await? {
            return stays(tx, known, held).await;
        }
    }
    let now = tx.now();
    let content = &held.content;
    let after = Submission {
        id: id.clone(),
        dataset: which.dataset.clone(),
        form_version: content.form_version,
        area: which.area.clone(),
        path,
        period: which.period.clone(),
        life: which.life,
        tier: "commune".to_owned(),
        state: held.state,
        revision: content.revision,
        nil: content.nil.is_some(),
        nil_reason: content.nil.clone().unwrap_or_default(),
        late_reason: content.late_reason.clone(),
        origin: String::new(),
        certified: signed(content.certified.as_ref()),
        submitted: signed(content.submitted.as_ref()),
        accepted: signed(held.accepted.as_ref()),
        approved: signed(held.approved.as_ref()),
        created_at: known.map_or(now, |known| known.created_at),
        changed_at: now,
        behalf: content.behalf.clone(),
    };
    stands(tx, which, period, held, &after).await
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
async fn stands(
    tx: &mut Tx,
    which: &Which,
    period: &Period,
    held: &Held,
    after: &Submission,
) -> Outcome<()> {
    submissions::put(tx, after).await?;
    let approved = held.approved_content();
    let author = held.signed_by(after);
    if let Some(content) = approved {
        write_figures(tx, which, &after.path, period, content, &author).await?;
        let catalogue = crate::actions::catalogue::read(tx).await?;
        count_as_approved(tx, &catalogue, after).await?;
    }
    write_figures(tx, which, &after.path, period, &held.content, &author).await?;
    write_words(tx, &after.id, &held.content, &author).await?;
    keep_copies(tx, &after.id, held).await?;
    say_what_happened(tx, &after.id, held).await?;
    works::refresh(tx, after).await?;
    obligations::met(tx, &held.handed_in(after)).await?;
    if approved.is_some() {
        obligations::approved(tx, after).await?;
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

/// Steps and remarks, each once.
async fn say_what_happened(tx: &mut Tx, id: &SubmissionId, held: &Held) -> Outcome<()> {
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
