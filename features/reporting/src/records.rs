//! How reporting travels: definitions (50), verdicts (51), deadlines (52), files that are asked for again (53) and reports
//! as they are held above (54) down, reports (60) and their files (61) up.
//!
//! A report travels whole, one revision at a time: what the commune's leader signed is what the hub has, and
//! applying it twice changes nothing. A large one goes in parts that wait for each other.

mod deadlines;
pub(crate) mod definitions;
mod files;
pub(crate) mod held;

use kernel::{
    clock::Timestamp,
    db::Tx,
    problem::{Failure, Outcome},
    records::{Incoming, RecordKind},
    scope::ScopePath,
    tracing::warn,
};
use serde::{Deserialize, Serialize};

use crate::{
    actions::{
        content::Content,
        entry::Which,
        figures::{self, Ground, Pen},
        map, obligations,
        steps::{hear_verdict, send_down, snapshot},
    },
    model::{
        Period, SubmissionId,
        submission::{State, Step},
    },
    store::{
        numbers, parts,
        parts::Part,
        remarks::{self, Remark},
        submissions::{self, Signed, StepRow, Submission},
        values::Spot,
        words::{self, GrowingRow, Narrative},
    },
};

pub(crate) use deadlines::{EXCUSES, tell_excuse};
pub(crate) use files::{FILE_PART_BYTES, FILE_PARTS, FILES_ASKED, ask_for_file, send_file_part};

/// Kind of a verdict.
pub const VERDICT: u16 = 51;
/// Kind of a report.
pub const REPORT: u16 = 60;

/// What the tier above decided about a report.
pub(crate) const VERDICTS: RecordKind = RecordKind {
    kind: VERDICT,
    name: "ý kiến về báo cáo",
    apply: |tx, incoming| Box::pin(apply_verdict(tx, incoming)),
    packing: None,
};
/// A report that was handed in.
pub(crate) const REPORTS: RecordKind = RecordKind {
    kind: REPORT,
    name: "báo cáo",
    apply: |tx, incoming| Box::pin(apply_report(tx, incoming)),
    packing: None,
};

/// Bytes of a report in one row; the rest of what a row may hold (48 KiB) is left for its heading.
const PART_BYTES: usize = 40_000;
/// Most parts of one report: forty megabytes are no report.
const PARTS_MOST: usize = 1_000;

/// Part of a report: its id, revision, number of this part, number of parts, bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Piece(String, i64, u32, u32, #[serde(with = "bytes")] Vec<u8>);

/// A verdict: report, revision, step, by whom, when (ms), words, remarks (id, cell, words).
#[derive(Debug, Serialize, Deserialize)]
struct Verdict(String, i64, String, String, i64, String, Vec<(String, String, String)>);

mod bytes {
    //! Byte strings as CBOR has them, not as arrays of numbers.

    use kernel::serde::{Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl de::Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a byte string")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }
        }
        from.deserialize_byte_buf(Bytes)
    }
}

fn encode(value: &impl Serialize) -> Outcome<Vec<u8>> {
    let mut body = Vec::new();
    ciborium::into_writer(value, &mut body)
        .map_err(|error| Failure::fault("write a record of reporting", error))?;
    Ok(body)
}

/// A body that cannot be read is noted and passed over: it would stand in the way of all that follow.
fn pass_over(why: &str, record: &Incoming) {
    warn!(record.kind = record.kind, record.seq = record.seq, record.origin = %record.origin, why, "passed over");
}

/// A report's content as a record's body, when it fits one: what a point sends. For measurements and tests.
pub fn piece(id: &SubmissionId, revision: i64, content: &[u8]) -> Outcome<Vec<u8>> {
    encode(&Piece(id.to_string(), revision, 0, 1, content.to_vec()))
}

/// Writes a report to the log that goes up.
pub(crate) async fn send_report(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let body = Content::of(tx, one).await?.encode()?;
    let chunks: Vec<&[u8]> = body.chunks(PART_BYTES).collect();
    let count = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
    for (at, chunk) in (0_u32..).zip(chunks) {
        let piece = Piece(one.id.to_string(), one.revision, at, count, chunk.to_vec());
        tx.emit_up(REPORT, encode(&piece)?).await?;
    }
    Ok(())
}

/// Tells the node that wrote a report what was decided about it.
pub(crate) async fn tell_verdict(tx: &mut Tx, one: &Submission, row: &StepRow) -> Outcome<()> {
    if one.origin.is_empty() {
        return Ok(());
    }
    let said = remarks::of(tx, &one.id).await?;
    let fresh = said.into_iter().filter(|remark| remark.at == row.at && remark.is_return);
    let remarks = fresh.map(|one| (one.id.to_string(), one.cell, one.words)).collect();
    let verdict = Verdict(
        one.id.to_string(),
        row.revision,
        row.step.clone(),
        row.by_name.clone(),
        row.at.millis(),
        row.note.clone(),
        remarks,
    );
    send_down(tx, &one.path, VERDICT, encode(&verdict)?).await
}

/// Everything of something that came in parts, once all are here.
async fn whole(
    tx: &mut Tx,
    key: (&SubmissionId, i64, &str),
    count: u32,
) -> Outcome<Option<Vec<u8>>> {
    let all = parts::all(tx, key, count.into()).await?;
    let complete = all.len() == count as usize;
    Ok(complete.then(|| all.into_iter().flat_map(|part| part.body).collect()))
}

async fn apply_verdict(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Ok(Verdict(report, revision, step, by, at, note, said)) =
        ciborium::from_reader::<Verdict, _>(record.body.as_slice())
    else {
        pass_over("not a verdict", record);
        return Ok(());
    };
    let (Some(id), Some(step)) = (SubmissionId::parse(&report), Step::from_code(&step)) else {
        pass_over("a verdict on nothing", record);
        return Ok(());
    };
    let at = Timestamp::from_millis(at);
    let row = StepRow {
        no: 0,
        step: step.code().to_owned(),
        revision,
        by_account: record.origin.to_string(),
        by_name: by.clone(),
        at,
        note,
    };
    let remark = |(key, cell, words): (String, String, String)| Remark {
        id: kernel::ids::Id::from_text(key),
        submission: id.clone(),
        revision,
        cell,
        is_return: true,
        words,
        by_account: record.origin.to_string(),
        by_name: by.clone(),
        at,
        resolved_at: None,
        answer: None,
    };
    let said = said.into_iter().take(500).map(remark).collect();
    hear_verdict(tx, &id, &row, said).await
}

async fn apply_report(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Ok(Piece(name, revision, at, count, body)) =
        ciborium::from_reader::<Piece, _>(record.body.as_slice())
    else {
        pass_over("not a report", record);
        return Ok(());
    };
    let Some(id) = SubmissionId::parse(&name) else {
        pass_over("a report without a name", record);
        return Ok(());
    };
    if count == 0 || at >= count || count as usize > PARTS_MOST {
        pass_over("not a part of a report", record);
        return Ok(());
    }
    let body = if count == 1 {
        body
    } else {
        let origin = record.origin.to_string();
        let key = (&id, revision, origin.as_str());
        let part = Part { part: at.into(), parts: count.into(), body };
        parts::keep(tx, key, &part).await?;
        let Some(body) = whole(tx, key, count).await? else { return Ok(()) };
        parts::drop_all(tx, key).await?;
        body
    };
    let Some(content) = Content::decode(&body) else {
        pass_over("a report that cannot be read", record);
        return Ok(());
    };
    take_in(tx, record, &id, &content, body).await
}

/// Takes in a report that is whole. Its figures replace those of the revision before; repetitions change nothing.
///
/// A point that was set up anew, or from an older copy, counts its revisions from a number that is taken here. What it
/// says is new all the same: it becomes the next revision, what was held before is kept in its copies, and the point is
/// told.
async fn take_in(
    tx: &mut Tx,
    record: &Incoming,
    id: &SubmissionId,
    content: &Content,
    body: Vec<u8>,
) -> Outcome<()> {
    let Some(which) = content.which() else {
        pass_over("a report of nothing", record);
        return Ok(());
    };
    let Some(period) = Period::parse(&content.period) else {
        pass_over("a report of no period", record);
        return Ok(());
    };
    if which.id() != *id {
        pass_over("a report under another's name", record);
        return Ok(());
    }
    let Some(unit) = areas::find(tx, &which.area).await? else {
        pass_over("a report of an unknown area", record);
        return Ok(());
    };
    let path = map::authority(tx, &which.area).await?.unwrap_or_else(|| unit.path.clone());
    // The point of a merged commune speaks for what went into it.
    if !record.speaks_for(&unit.path) && !record.speaks_for(&path) {
        pass_over("a report of somebody else's area", record);
        return Ok(());
    }
    let known = submissions::find(tx, id).await?;
    let taken = known.as_ref().filter(|known| was_handed_in(known)).map_or(0, |one| one.revision);
    if record.handed_over && taken >= content.revision {
        return Ok(());
    }
    let revision = content.revision.max(taken + 1);
    let now = tx.now();
    let copy = snapshot(revision, "submitted", body, now);
    let copies = submissions::snapshots(tx, id).await?;
    if copies.into_iter().any(|one| one.occasion == copy.occasion && one.hash == copy.hash) {
        return Ok(());
    }
    let signed = |signed: &Option<(String, i64)>| {
        signed.as_ref().map(|(by, at)| Signed { by: by.clone(), at: Timestamp::from_millis(*at) })
    };
    let after = Submission {
        id: id.clone(),
        dataset: which.dataset.clone(),
        form_version: content.form_version,
        area: which.area.clone(),
        path: path.clone(),
        period: which.period.clone(),
        life: which.life,
        tier: "commune".to_owned(),
        state: State::Submitted,
        revision,
        nil: content.nil.is_some(),
        nil_reason: content.nil.clone().unwrap_or_default(),
        late_reason: content.late_reason.clone(),
        origin: record.origin.to_string(),
        certified: signed(&content.certified),
        submitted: signed(&content.submitted),
        accepted: None,
        approved: known.as_ref().and_then(|known| known.approved.clone()),
        created_at: known.as_ref().map_or(now, |known| known.created_at),
        changed_at: now,
        behalf: content.behalf.clone(),
    };
    write_figures(tx, &which, &path, &period, content, &after).await?;
    write_words(tx, id, content, &after).await?;
    submissions::put(tx, &after).await?;
    submissions::keep_snapshot(tx, id, &copy).await?;
    for (step, signed, note) in [
        (Step::Certify, &after.certified, content.explained.as_str()),
        (Step::Submit, &after.submitted, ""),
    ] {
        let Some(signed) = signed else { continue };
        let row = StepRow {
            no: 0,
            step: step.code().to_owned(),
            revision,
            by_account: record.origin.to_string(),
            by_name: signed.by.clone(),
            at: signed.at,
            note: note.chars().take(2_000).collect(),
        };
        submissions::note_step(tx, id, &row).await?;
    }
    crate::actions::works::refresh(tx, &after).await?;
    obligations::met(tx, &after).await?;
    if revision > content.revision {
        held::send(tx, &after).await?;
    }
    Ok(())
}

/// True when a revision of a report was handed in here, whatever became of it.
fn was_handed_in(known: &Submission) -> bool {
    known.revision > 1 || !matches!(known.state, State::Draft | State::Certified)
}

/// Whose figures they are: whoever signed them, else whoever handed them in.
fn signature(after: &Submission) -> Signed {
    let nobody = Signed { by: String::new(), at: after.changed_at };
    after.certified.clone().or_else(|| after.submitted.clone()).unwrap_or(nobody)
}

async fn write_figures(
    tx: &mut Tx,
    which: &Which,
    path: &ScopePath,
    period: &Period,
    content: &Content,
    after: &Submission,
) -> Outcome<()> {
    let place = map::place(tx, &which.area, path).await?;
    let no = numbers::period_no(tx, period).await?;
    let spot = Spot { period: no, place: place.no, life: which.life };
    let ground = Ground::read(tx, spot, period.last_day()).await?;
    let signed = signature(after);
    let author = numbers::author_no(tx, &after.origin, &signed.by).await?;
    let owner = numbers::owner_no(tx, which.dataset.as_str()).await?;
    figures::replace(tx, &ground, Pen { owner, author, at: signed.at }, &content.cells()).await
}

async fn write_words(
    tx: &mut Tx,
    id: &SubmissionId,
    content: &Content,
    after: &Submission,
) -> Outcome<()> {
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
            id: kernel::ids::Id::from_text(row.clone()),
            position: *position,
            body: body.clone(),
            version: 1,
            by_name: signed.by.clone(),
            at: signed.at,
        };
        words::put_row(tx, id, &one, 0).await?;
    }
    files::name(tx, content, after, &signed).await?;
    for (remark, answer, at) in content.answers.iter().take(1_000) {
        let answer: String = answer.chars().take(1_000).collect();
        remarks::answered(tx, id, remark, &answer, Timestamp::from_millis(*at)).await?;
    }
    Ok(())
}
