//! Notes on reports and on their cells, which are written without giving a report back: from the node that writes the
//! report to the tier above (62), and from there to that node (55). A report that is given back takes its remarks with
//! the verdict; one that comes home brings all of them.

use kernel::{
    clock::Timestamp,
    db::Tx,
    ids::{Id, is_well_formed},
    problem::Outcome,
    records::{Incoming, RecordKind},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::{encode, pass_over};
use crate::{
    actions::{
        remark::{self, WORDS_MOST},
        steps,
    },
    model::{CellKey, SubmissionId},
    store::{
        remarks::Remark,
        submissions::{self, Submission},
    },
};

/// Kind of a note by the tier above.
pub const NOTE_DOWN: u16 = 55;
/// Kind of a note by whoever writes the report.
pub const NOTE_UP: u16 = 62;

/// A note by the tier above.
pub(crate) const NOTES_DOWN: RecordKind = RecordKind {
    kind: NOTE_DOWN,
    name: "ghi chú của cấp trên về báo cáo",
    apply: |tx, incoming| Box::pin(apply_down(tx, incoming)),
    packing: None,
};
/// A note by whoever writes the report.
pub(crate) const NOTES_UP: RecordKind = RecordKind {
    kind: NOTE_UP,
    name: "ghi chú về báo cáo",
    apply: |tx, incoming| Box::pin(apply_up(tx, incoming)),
    packing: None,
};

/// A note: id, report, revision, cell (empty for the whole report), words, by whom, when (ms).
#[derive(Debug, Serialize, Deserialize)]
struct Note(String, String, i64, String, String, String, i64);

impl Note {
    fn of(one: &Remark) -> Self {
        let (id, report) = (one.id.to_string(), one.submission.to_string());
        let (cell, words, by) = (one.cell.clone(), one.words.clone(), one.by_name.clone());
        Self(id, report, one.revision, cell, words, by, one.at.millis())
    }

    /// The note that a record holds; nothing, and noted, when it holds none.
    fn read(record: &Incoming) -> Option<Remark> {
        let note = ciborium::from_reader::<Self, _>(record.body.as_slice()).ok();
        let read = note.and_then(|Self(id, report, revision, cell, words, by, at)| {
            let is_cell = cell.is_empty() || CellKey::parse(&cell).is_some();
            let submission = SubmissionId::parse(&report)?;
            (is_well_formed(&id) && is_cell).then(|| Remark {
                id: Id::from_text(id),
                submission,
                revision,
                cell,
                is_return: false,
                words: words.chars().take(WORDS_MOST).collect(),
                by_account: String::new(),
                by_name: by.chars().take(200).collect(),
                at: Timestamp::from_millis(at),
                resolved_at: None,
                answer: None,
            })
        });
        if read.is_none() {
            pass_over("not a note on a report", record);
        }
        read
    }
}

/// Tells the tier above.
pub(crate) async fn send_up(tx: &mut Tx, one: &Remark) -> Outcome<()> {
    tx.emit_up(NOTE_UP, encode(&Note::of(one))?).await?;
    Ok(())
}

/// Tells the node that writes the reports under a path.
pub(crate) async fn send_down(tx: &mut Tx, path: &ScopePath, one: &Remark) -> Outcome<()> {
    steps::send_down(tx, path, NOTE_DOWN, encode(&Note::of(one))?).await
}

/// True when a node speaks for the unit of a report, or for the unit that answers for it after a merger.
async fn speaks_for(tx: &mut Tx, record: &Incoming, one: &Submission) -> Outcome<bool> {
    let unit = areas::find(tx, &one.area).await?;
    Ok(record.speaks_for(&one.path) || unit.is_some_and(|unit| record.speaks_for(&unit.path)))
}

async fn apply_up(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Some(one) = Note::read(record) else { return Ok(()) };
    // The first of them follow the report they are about.
    let Some(known) = submissions::find(tx, &one.submission).await? else {
        pass_over("a note on no report", record);
        return Ok(());
    };
    if !speaks_for(tx, record, &known).await? {
        pass_over("a note on somebody else's report", record);
        return Ok(());
    }
    remark::arrived(tx, &one).await
}

async fn apply_down(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    // What comes up names no targets: nobody below speaks for the tier above.
    if record.targets.is_empty() {
        pass_over("a note of the tier above, from below", record);
        return Ok(());
    }
    // A box that was set up anew hears the notes before the reports they are about.
    let Some(one) = Note::read(record) else { return Ok(()) };
    remark::arrived(tx, &one).await
}
