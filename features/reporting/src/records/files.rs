//! Files that a report names (61), up in parts after it; files that are asked for again (53), down.

use kernel::{
    clock::Timestamp,
    db::Tx,
    files::FileHash,
    problem::Outcome,
    records::{Incoming, RecordKind},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::{PART_BYTES, bytes, encode, pass_over};
use crate::{
    actions::{
        content::Content,
        steps::send_down,
        travelling::{self, Refused},
    },
    store::{
        submissions::{Signed, Submission},
        travelling::{self as files, FilePart, Sent},
        words::{self, Attachment},
    },
};

/// Kind of a part of a file that a report names.
pub const FILE_PART: u16 = 61;
/// Bytes of a file in one row.
pub(crate) const FILE_PART_BYTES: usize = PART_BYTES;
/// Most files that one report names.
const FILES_MOST: usize = 200;
/// A part of a file of a report.
pub(crate) const FILE_PARTS: RecordKind = RecordKind {
    kind: FILE_PART,
    name: "tệp đính kèm báo cáo",
    apply: |tx, incoming| Box::pin(apply_file_part(tx, incoming)),
    packing: None,
};

/// Kind of a file that is asked for again.
pub const FILE_ASKED: u16 = 53;
/// A file that did not come as its report says, and that shall be sent anew.
pub(crate) const FILES_ASKED: RecordKind = RecordKind {
    kind: FILE_ASKED,
    name: "đề nghị gửi lại tệp",
    apply: |tx, incoming| Box::pin(apply_asked(tx, incoming)),
    packing: None,
};

/// A file that is asked for again: its hash, when (ms).
#[derive(Debug, Serialize, Deserialize)]
struct Asked(String, i64);

/// Part of a file: its hash, number of this part, number of parts, bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Slice(String, i64, i64, #[serde(with = "bytes")] Vec<u8>);

/// Puts a part of a file into the log that goes up.
pub(crate) async fn send_file_part(
    tx: &mut Tx,
    file: &str,
    part: i64,
    parts: i64,
    bytes: &[u8],
) -> Outcome<()> {
    let slice = Slice(file.to_owned(), part, parts, bytes.to_vec());
    tx.emit_up(FILE_PART, encode(&slice)?).await?;
    Ok(())
}

async fn apply_file_part(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Ok(Slice(file, part, parts, body)) =
        ciborium::from_reader::<Slice, _>(record.body.as_slice())
    else {
        pass_over("not a part of a file", record);
        return Ok(());
    };
    let one = FilePart { part, parts, body };
    let sent = Sent { file: &file, origin: &record.origin.to_string() };
    match travelling::arrived(tx, sent, &one).await? {
        Ok(()) => {}
        Err(Refused::Unnamed) => pass_over("a file that no report names", record),
        Err(Refused::TooMuch) => pass_over("more files than may wait", record),
    }
    Ok(())
}

/// Asks the node that wrote reports under a path to send a file anew.
pub(crate) async fn ask_for_file(tx: &mut Tx, path: &ScopePath, file: &str) -> Outcome<()> {
    let asked = Asked(file.to_owned(), tx.now().millis());
    send_down(tx, path, FILE_ASKED, encode(&asked)?).await
}

async fn apply_asked(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Ok(Asked(file, at)) = ciborium::from_reader::<Asked, _>(record.body.as_slice()) else {
        pass_over("not a file that is asked for", record);
        return Ok(());
    };
    travelling::asked_for(tx, &file, Timestamp::from_millis(at)).await
}

/// Names the files of a report. What they are is told when they arrive.
pub(super) async fn name(
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
        let what = format!("{id}/{section}/{file}/{name}");
        let key = blake3::hash(what.as_bytes()).to_hex();
        all.push(Attachment {
            id: kernel::ids::Id::from_text(key[..32].to_owned()),
            section: section.clone(),
            file: file.clone(),
            name: name.chars().take(100).collect(),
            media_type: files::media_type(tx, file).await?.unwrap_or_default(),
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
