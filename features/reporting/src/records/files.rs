//! Files that a report names (61), up in parts after it; files that are asked for again (53), down.

use kernel::{
    clock::Timestamp,
    db::Tx,
    problem::Outcome,
    records::{Incoming, RecordKind},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::{bytes, encode, parts, pass_over};
use crate::{
    actions::{
        steps::send_down,
        travelling::{self, Refused},
    },
    store::travelling::{FilePart, Sent},
};

/// Kind of a part of a file that a report names.
pub const FILE_PART: u16 = 61;
/// Bytes of a file in one row.
pub(crate) const FILE_PART_BYTES: usize = parts::UP_BYTES;
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
