//! A report that another node wrote arrives: whose it can be, whether the node speaks for that unit, which revision it
//! becomes, and how what it says is written here.

use kernel::{
    clock::Timestamp, db::Tx, files::FileHash, ids::Id, problem::Outcome, records::Incoming,
    scope::ScopePath,
};

use super::{
    answers::marks_taken,
    content::Content,
    entry::Which,
    figures::{self, Ground, Pen},
    map, obligations,
    steps::snapshot,
    travelling, works,
};
use crate::{
    model::{
        Capacity, Period, SubmissionId,
        submission::{State, Step},
    },
    records::held,
    store::{
        numbers, remarks,
        submissions::{self, Signed, StepRow, Submission},
        travelling::{self as travelling_files, Sent},
        values::Spot,
        words::{self, Attachment, AttachmentId, GrowingRow, Narrative},
    },
};

/// Most files that one report names.
const FILES_MOST: usize = 200;

/// What a report of another node is about, as this node knows the places.
pub(super) struct About {
    pub id: SubmissionId,
    pub which: Which,
    pub period: Period,
    /// Where the unit lies.
    pub unit: ScopePath,
    /// Where the unit lies that answers for it: another one after a merger.
    pub path: ScopePath,
}

/// Why something that arrived is passed over.
pub(crate) type Disbelief = &'static str;

impl About {
    /// What a content that goes by a name is about, or why that can be nothing.
    pub async fn read(
        tx: &mut Tx,
        id: &SubmissionId,
        content: &Content,
    ) -> Outcome<Result<Self, Disbelief>> {
        let Some((which, period)) = content.which().zip(Period::parse(&content.period)) else {
            return Ok(Err("a report of nothing"));
        };
        if which.id() != *id {
            return Ok(Err("a report under another's name"));
        }
        let Some(unit) = areas::find(tx, &which.area).await? else {
            return Ok(Err("a report of an unknown area"));
        };
        let path = map::authority(tx, &which.area).await?.unwrap_or_else(|| unit.path.clone());
        Ok(Ok(Self { id: id.clone(), which, period, unit: unit.path, path }))
    }

    /// The report that a content is when it has just been handed in.
    pub fn submission(&self, content: &Content, now: Timestamp) -> Submission {
        Submission {
            id: self.id.clone(),
            dataset: self.which.dataset.clone(),
            form_version: content.form_version,
            area: self.which.area.clone(),
            path: self.path.clone(),
            period: self.which.period.clone(),
            life: self.which.life,
            tier: "commune".to_owned(),
            state: State::Submitted,
            revision: content.revision,
            nil: content.nil.is_some(),
            nil_reason: content.nil.clone().unwrap_or_default(),
            late_reason: content.late_reason.clone(),
            origin: String::new(),
            certified: signed(content.certified.as_ref())
                .map(|one| one.acting(Capacity::parse(&content.capacity))),
            submitted: signed(content.submitted.as_ref()),
            accepted: None,
            approved: None,
            created_at: now,
            changed_at: now,
            saved_at: content.submitted.as_ref().map(|(_, at)| Timestamp::from_millis(*at)),
            behalf: content.behalf.clone(),
        }
    }
}

/// A signature as nodes tell it: who, and when (milliseconds since 1970).
pub(super) fn signed(said: Option<&(String, i64)>) -> Option<Signed> {
    said.map(|(by, at)| Signed::new(by.clone(), Timestamp::from_millis(*at)))
}

/// Takes in a report that came up. Its figures replace those of the revision before; repetitions change nothing.
///
/// A point that was set up anew, or from an older copy, counts its revisions from a number that is taken here. What it
/// says is new all the same: it becomes the next revision, what was held before is kept in its copies, and the point is
/// told.
pub(crate) async fn take_in(
    tx: &mut Tx,
    record: &Incoming,
    id: &SubmissionId,
    body: Vec<u8>,
) -> Outcome<Result<(), Disbelief>> {
    let Some(content) = Content::decode(&body) else {
        return Ok(Err("a report that cannot be read"));
    };
    let about = match About::read(tx, id, &content).await? {
        Ok(about) => about,
        Err(why) => return Ok(Err(why)),
    };
    // The point of a merged commune speaks for what went into it.
    if !record.speaks_for(&about.unit) && !record.speaks_for(&about.path) {
        return Ok(Err("a report of somebody else's area"));
    }
    let known = submissions::find(tx, id).await?;
    let taken = known.as_ref().filter(|known| was_handed_in(known)).map_or(0, |one| one.revision);
    if record.handed_over && taken >= content.revision {
        return Ok(Ok(()));
    }
    let now = tx.now();
    let revision = content.revision.max(taken + 1);
    let copy = snapshot(revision, "submitted", body, now);
    let copies = submissions::snapshots(tx, id).await?;
    if copies.into_iter().any(|one| one.occasion == copy.occasion && one.hash == copy.hash) {
        return Ok(Ok(()));
    }
    let after = Submission {
        revision,
        origin: record.origin.to_string(),
        approved: known.as_ref().and_then(|known| known.approved.clone()),
        created_at: known.map_or(now, |known| known.created_at),
        ..about.submission(&content, now)
    };
    write_figures(tx, &about, &content, &after).await?;
    write_words(tx, &content, &after).await?;
    submissions::put(tx, &after).await?;
    submissions::keep_snapshot(tx, id, &copy).await?;
    note_signatures(tx, &content, &after).await?;
    works::refresh(tx, &after).await?;
    obligations::met(tx, &after).await?;
    if revision > content.revision {
        held::send(tx, &after).await?;
    }
    Ok(Ok(()))
}

/// True when a revision of a report was handed in here, whatever became of it.
fn was_handed_in(known: &Submission) -> bool {
    known.revision > 1 || !matches!(known.state, State::Draft | State::Certified)
}

/// Notes who signed and who handed in among the steps of a report.
async fn note_signatures(tx: &mut Tx, content: &Content, after: &Submission) -> Outcome<()> {
    for (step, signed, note) in [
        (Step::Certify, &after.certified, content.explained.as_str()),
        (Step::Submit, &after.submitted, ""),
    ] {
        let Some(signed) = signed else { continue };
        let row = StepRow {
            no: 0,
            step: step.code().to_owned(),
            revision: after.revision,
            by_account: after.origin.clone(),
            by_name: signed.by.clone(),
            at: signed.at,
            note: note.chars().take(2_000).collect(),
            doubts: content.doubts.as_deref().filter(|_| step == Step::Certify).map(marks_taken),
        };
        submissions::note_step(tx, &after.id, &row).await?;
    }
    Ok(())
}

/// Who answers for what it says: whoever signed it, else whoever handed it in. Who typed it, no report says.
fn signature(after: &Submission) -> Signed {
    let nobody = Signed::new(String::new(), after.changed_at);
    after.certified.clone().or_else(|| after.submitted.clone()).unwrap_or(nobody)
}

/// Writes the figures of a content, in the place of those that the report had.
pub(super) async fn write_figures(
    tx: &mut Tx,
    about: &About,
    content: &Content,
    after: &Submission,
) -> Outcome<()> {
    let place = map::place(tx, &about.which.area, &about.path).await?;
    let no = numbers::period_no(tx, &about.period).await?;
    let spot = Spot { period: no, place: place.no, life: about.which.life };
    let ground = Ground::read(tx, spot, about.period.last_day()).await?;
    let signed = signature(after);
    let author = numbers::signer_no(tx, &signed.by).await?;
    let owner = numbers::owner_no(tx, about.which.dataset.as_str()).await?;
    figures::replace(tx, &ground, Pen { owner, author, at: signed.at }, &content.cells()).await
}

/// Writes what a content says besides figures, in the place of what the report said.
pub(super) async fn write_words(tx: &mut Tx, content: &Content, after: &Submission) -> Outcome<()> {
    let id = &after.id;
    words::clear(tx, id).await?;
    let signed = signature(after);
    for (section, text) in content.narratives.iter().take(100) {
        let one = Narrative {
            section: section.clone(),
            words: text.clone(),
            version: 1,
            by_name: signed.by.clone(),
            at: signed.at,
        };
        words::put_narrative(tx, id, &one, 0).await?;
    }
    for (section, row, position, body) in &content.rows {
        let one = GrowingRow {
            section: section.clone(),
            id: Id::from_text(row.clone()),
            position: *position,
            body: body.clone(),
            version: 1,
            by_name: signed.by.clone(),
            at: signed.at,
        };
        words::add_row(tx, id, &one).await?;
    }
    name_files(tx, content, after, &signed).await?;
    for (remark, answer, at) in content.answers.iter().take(1_000) {
        let answer: String = answer.chars().take(1_000).collect();
        remarks::answered(tx, id, remark, &answer, Timestamp::from_millis(*at)).await?;
    }
    Ok(())
}

/// The id of a file that a report of another node names: the same whenever it is read.
fn named_id(id: &SubmissionId, (section, file, name): (&str, &str, &str)) -> AttachmentId {
    let what = format!("{id}/{section}/{file}/{name}");
    let key = blake3::hash(what.as_bytes()).to_hex();
    Id::from_text(key[..32].to_owned())
}

/// True for a file that came with a report of another node: its name stands beside who signed, not beside who
/// attached it.
pub(crate) fn came_with_report(id: &SubmissionId, one: &Attachment) -> bool {
    one.id == named_id(id, (&one.section, &one.file, &one.name))
}

/// Names the files of a report. What they are is told when they arrive.
async fn name_files(
    tx: &mut Tx,
    content: &Content,
    after: &Submission,
    signed: &Signed,
) -> Outcome<()> {
    let id = &after.id;
    let mut all = Vec::new();
    for (section, file, name, caption, bytes) in content.files.iter().take(FILES_MOST) {
        if FileHash::parse(file).is_none() || *bytes <= 0 {
            continue;
        }
        let name: String = name.chars().take(100).collect();
        all.push(Attachment {
            id: named_id(id, (section, file, &name)),
            section: section.clone(),
            file: file.clone(),
            name,
            media_type: travelling_files::media_type(tx, file).await?.unwrap_or_default(),
            bytes: *bytes,
            caption: caption.chars().take(300).collect(),
            by_name: signed.by.clone(),
            at: signed.at,
        });
    }
    words::detach_all(tx, id).await?;
    for one in &all {
        words::attach(tx, id, one).await?;
        if one.media_type.is_empty() {
            travelling::named(tx, Sent { file: &one.file, origin: &after.origin }).await?;
        }
    }
    Ok(())
}
