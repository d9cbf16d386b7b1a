//! Files of reports travel after the figures, never before them: a point puts a few parts into its log whenever
//! everything before them has been acknowledged, so that a report waits behind a third of a megabyte at most. How
//! far a file has been sent is kept; a power cut begins again at the next part. The hub keeps parts until all are
//! here, and believes the whole when it hashes to what the report said.

use kernel::{
    app::{App, AppRef, NodeRole},
    db::Tx,
    events::Doing,
    files::FileHash,
    jobs::JobKind,
    problem::Outcome,
    tracing::warn,
};

use super::attach::FILE_MOST;
use crate::{
    model::file_kind::recognise,
    records::{self, FILE_PART_BYTES},
    store::{
        submissions::Submission,
        travelling::{self as store, FilePart, Sending},
        words,
    },
};

/// Asks how many rows of this node's log wait to be acknowledged. Answered by the house that knows the road.
pub struct Waiting(pub fn(&AppRef) -> Doing<'_, u64>);

/// Puts the next parts of files into the log.
pub const SEND_FILES: JobKind =
    JobKind { name: "reporting.send_files", run: |app, _| sending(app) };
/// Puts the parts of a file together.
pub const JOIN_FILE: JobKind =
    JobKind { name: "reporting.join_file", run: |app, file| Box::pin(join(app, file)) };

/// Parts that go into the log at once.
const PARTS_AT_ONCE: i64 = 8;
/// Seconds until the log is looked at again.
const AGAIN_S: i64 = 60;
/// Parts of one node that may wait for others: eighty megabytes.
const WAITING_MOST: i64 = 2_000;

fn parts_of(bytes: i64) -> i64 {
    let part = i64::try_from(FILE_PART_BYTES).unwrap_or(i64::MAX);
    (bytes + part - 1) / part
}

/// Lets the files of a report that was handed in at a point follow it.
pub(crate) async fn follow(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let files = words::attachments(tx, &one.id).await?;
    for file in &files {
        store::enqueue(tx, &file.file, &one.id, parts_of(file.bytes)).await?;
    }
    if !files.is_empty() {
        let now = tx.now();
        tx.queue(&SEND_FILES, "", now).await?;
    }
    Ok(())
}

/// Asks for what was not sent yet, on every start.
pub async fn begin(app: &App) -> Outcome<()> {
    if app.role != NodeRole::Point {
        return Ok(());
    }
    app.db
        .change(async |tx| {
            let now = tx.now();
            tx.queue(&SEND_FILES, "start", now).await?;
            Ok(())
        })
        .await
}

fn sending(app: &AppRef) -> Doing<'_, ()> {
    Box::pin(send(app))
}

async fn send(app: &AppRef) -> Outcome<()> {
    let Some(next) = app.db.view(async |tx| Ok(store::next(tx).await?)).await? else {
        return Ok(());
    };
    let waiting = match app.port::<Waiting>() {
        Some(Waiting(ask)) => ask(app).await?,
        None => 0,
    };
    let bytes = match FileHash::parse(&next.file) {
        Some(hash) if waiting == 0 => app.files.get(hash).await?,
        _ => None,
    };
    app.db
        .change(async |tx| {
            match bytes {
                Some(bytes) => send_parts(tx, &next, &bytes).await?,
                // It was taken out of the store meanwhile: nobody waits for it for ever.
                None if waiting == 0 => store::sent(tx, &next.file, next.parts).await?,
                None => {}
            }
            let again = tx.now().plus_seconds(if waiting == 0 { 1 } else { AGAIN_S });
            if store::next(tx).await?.is_some() {
                tx.queue(&SEND_FILES, "again", again).await?;
            }
            Ok(())
        })
        .await
}

async fn send_parts(tx: &mut Tx, next: &Sending, bytes: &[u8]) -> Outcome<()> {
    let from = usize::try_from(next.next_part).unwrap_or(usize::MAX);
    let most = usize::try_from(PARTS_AT_ONCE).unwrap_or(1);
    let mut part = next.next_part;
    for chunk in bytes.chunks(FILE_PART_BYTES).skip(from).take(most) {
        records::send_file_part(tx, &next.file, part, next.parts, chunk).await?;
        part += 1;
    }
    Ok(store::sent(tx, &next.file, part).await?)
}

/// Why a part is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No report of this node names the file, or says that it is of another size.
    Unnamed,
    /// Too much of this node waits already.
    TooMuch,
}

/// A part of a file that came up.
pub(crate) async fn arrived(
    tx: &mut Tx,
    origin: &str,
    file: &str,
    one: &FilePart,
) -> Outcome<Result<(), Refused>> {
    let part_bytes = i64::try_from(FILE_PART_BYTES).unwrap_or(i64::MAX);
    let fits = one.part >= 0
        && one.part < one.parts
        && one.body.len() <= FILE_PART_BYTES
        && one.parts <= parts_of(i64::try_from(FILE_MOST).unwrap_or(i64::MAX));
    if !fits || !store::is_named(tx, file, origin, one.parts, part_bytes).await? {
        return Ok(Err(Refused::Unnamed));
    }
    if store::media_type(tx, file).await?.is_some() {
        return Ok(Ok(()));
    }
    if store::waiting(tx, origin).await? >= WAITING_MOST {
        return Ok(Err(Refused::TooMuch));
    }
    if store::keep(tx, file, origin, one).await? == one.parts {
        let now = tx.now();
        tx.queue(&JOIN_FILE, file, now).await?;
    }
    Ok(Ok(()))
}

async fn join(app: &AppRef, file: &str) -> Outcome<()> {
    let parts = app.db.view(async |tx| Ok(store::parts(tx, file).await?)).await?;
    let bytes: Vec<u8> = parts.into_iter().flat_map(|part| part.body).collect();
    if bytes.is_empty() {
        return Ok(());
    }
    let genuine = FileHash::parse(file) == Some(FileHash::of(&bytes));
    let kind = recognise(&bytes).filter(|_| genuine);
    if kind.is_some() {
        app.files.put(&bytes).await?;
    } else {
        warn!(file, "a file of a report is not what the report says");
    }
    app.db
        .change(async |tx| {
            if let Some(kind) = kind {
                store::arrived(tx, file, kind.media_type()).await?;
            }
            Ok(store::forget(tx, file).await?)
        })
        .await
}
