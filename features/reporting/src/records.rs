//! How reporting travels: definitions (50), verdicts (51), deadlines (52), files that are asked for again (53), reports
//! as they are held above (54) and notes (55) down, reports (60), their files (61) and notes (62) up.
//!
//! A report travels whole, one revision at a time: what the commune's leader signed is what the hub has, and
//! applying it twice changes nothing. A large one goes in parts that wait for each other.

mod deadlines;
pub(crate) mod definitions;
mod files;
pub(crate) mod held;
pub(crate) mod notes;
mod parts;

use kernel::{
    clock::Timestamp,
    db::Tx,
    problem::{Failure, Outcome},
    records::{Incoming, RecordKind},
    tracing::warn,
};
use serde::{Deserialize, Serialize};

use self::parts::Part;
use crate::{
    actions::{
        arrival,
        content::Content,
        steps::{hear_verdict, send_down},
    },
    model::{SubmissionId, submission::Step},
    store::{
        remarks::{self, Remark},
        submissions::{StepRow, Submission},
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

/// Part of a report: its id, revision, number of this part, number of parts, bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Piece(String, i64, u32, u32, #[serde(with = "bytes")] Vec<u8>);

impl Piece {
    fn new(id: &SubmissionId, revision: i64, part: Part) -> Self {
        Self(id.to_string(), revision, part.at, part.count, part.body)
    }

    /// The report, the revision and the part of it that a record holds; nothing, and noted, when it holds none.
    fn read(record: &Incoming) -> Option<(SubmissionId, i64, Part)> {
        let piece = ciborium::from_reader::<Self, _>(record.body.as_slice()).ok();
        let read = piece.and_then(|Self(id, revision, at, count, body)| {
            Some((SubmissionId::parse(&id)?, revision, Part { at, count, body }))
        });
        if read.is_none() {
            pass_over("not a part of a report", record);
        }
        read
    }
}

/// A verdict: report, revision, step, by whom, when (ms), words, remarks (id, cell, words), and the sections that are
/// approved without the others. A node that does not know that step passes it over, and the verdicts that it knows are what
/// they were.
#[derive(Debug, Serialize, Deserialize)]
struct Verdict(
    String,
    i64,
    String,
    String,
    i64,
    String,
    Vec<(String, String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<String>,
);

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
    encode(&Piece::new(id, revision, Part { at: 0, count: 1, body: content.to_vec() }))
}

/// Writes a report to the log that goes up.
pub(crate) async fn send_report(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let body = Content::of(tx, one).await?.encode()?;
    for part in parts::cut(&body, parts::UP_BYTES) {
        let piece = Piece::new(&one.id, one.revision, part);
        tx.emit_up(REPORT, encode(&piece)?).await?;
    }
    Ok(())
}

/// Tells the node that wrote a report what was decided about it.
pub(crate) async fn tell_verdict(
    tx: &mut Tx,
    one: &Submission,
    row: &StepRow,
    sections: &[String],
) -> Outcome<()> {
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
        if row.step == Step::ApprovePart.code() { sections.to_vec() } else { Vec::new() },
    );
    send_down(tx, &one.path, VERDICT, encode(&verdict)?).await
}

async fn apply_verdict(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Ok(Verdict(report, revision, step, by, at, note, said, sections)) =
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
        doubts: None,
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
    hear_verdict(tx, &id, &row, said, &sections).await
}

async fn apply_report(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Some((id, revision, part)) = Piece::read(record) else { return Ok(()) };
    let Some(body) = parts::joined(tx, record, (&id, revision), part).await? else {
        return Ok(());
    };
    if let Err(why) = arrival::take_in(tx, record, &id, body).await? {
        pass_over(why, record);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A verdict as nodes know it that were set up before sections were approved without the others.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Older(String, i64, String, String, i64, String, Vec<(String, String, String)>);

    #[test]
    fn nodes_that_do_not_know_of_sections_read_what_they_know_as_it_was() {
        let older = |step: &str| {
            let text = str::to_owned;
            let said = vec![(text("r"), text("10.6"), text("Xem lại"))];
            Older(text("x"), 1, text(step), text("Bình"), 7, String::new(), said)
        };
        let newer = |step: &str, sections: &[&str]| {
            let Older(id, revision, step, by, at, note, said) = older(step);
            let sections = sections.iter().map(|one| (*one).to_owned()).collect();
            Verdict(id, revision, step, by, at, note, said, sections)
        };
        assert_eq!(encode(&older("return")).ok(), encode(&newer("return", &[])).ok());
        let body = encode(&newer("approve-part", &["a", "b"])).expect("written");
        let read = ciborium::from_reader::<Older, _>(body.as_slice()).expect("read");
        assert_eq!(read, older("approve-part"), "a step that they pass over");
        let body = encode(&older("return")).expect("written");
        assert!(ciborium::from_reader::<Verdict, _>(body.as_slice()).expect("read").7.is_empty());
    }
}
