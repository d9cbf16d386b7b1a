//! Files of reports travel after the figures, never before them: a point puts a few parts into its log whenever
//! everything before them has been acknowledged, so that a report waits behind a third of a megabyte at most. How
//! far a file has been sent is kept; a power cut begins again at the next part. The hub keeps parts until all are
//! here, and believes the whole when it hashes to what the report said.
//!
//! A file that is not what the report said, or of which a part never came, is asked for again: the hub lets its parts
//! go and tells the point, which sends it anew from the first part. After [`ASKED_MOST`] times the hub says aloud that
//! the file is lost; a later revision that names it begins the count anew.

use kernel::{
    app::{App, AppRef, NodeRole},
    clock::Timestamp,
    db::Tx,
    events::Doing,
    files::FileHash,
    jobs::JobKind,
    problem::Outcome,
    tracing::warn,
};

use super::attach::FILE_MOST;
use crate::{
    model::{
        file_kind::{FileKind, recognise},
        submission::State,
    },
    records::{self, FILE_PART_BYTES},
    store::{
        numbers,
        submissions::Submission,
        travelling::{self as store, FilePart, Sending, Sent},
        words,
    },
};

/// What of this node's log the hub does not hold yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// How many rows.
    pub rows: u64,
    /// When the oldest of them was written; none when nothing waits.
    pub oldest: Option<Timestamp>,
}

/// Asks what waits to be acknowledged; none before this node joined. Answered by the house that knows the road.
pub struct Waiting(pub fn(&AppRef) -> Doing<'_, Option<Queue>>);

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
/// How often a file is asked for again: it has at most ten megabytes, and what is broken where it lies comes broken
/// each time.
pub const ASKED_MOST: i64 = 3;

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

async fn queue(app: &AppRef) -> Outcome<Option<Queue>> {
    match app.port::<Waiting>() {
        Some(Waiting(ask)) => ask(app).await,
        None => Ok(None),
    }
}

/// Since when what is handed in at this point has waited here to go up; none when nothing waits, and at the hub. The
/// log keeps its order, so that what was handed in before that time has arrived; a clock that was set back may say of
/// something that it waits though it has arrived, never the other way round.
pub(crate) async fn waiting_since(app: &AppRef) -> Outcome<Option<Timestamp>> {
    if app.role != NodeRole::Point {
        return Ok(None);
    }
    // A point that has not joined yet keeps everything.
    let everything = Queue { rows: 0, oldest: Some(Timestamp::from_millis(0)) };
    Ok(queue(app).await?.unwrap_or(everything).oldest)
}

/// True for a report that was handed in here and waits to go up.
pub(crate) fn waits(one: &Submission, since: Option<Timestamp>) -> bool {
    let sent = one.submitted.as_ref().filter(|_| one.state == State::Submitted);
    sent.zip(since).is_some_and(|(sent, since)| sent.at >= since)
}

fn sending(app: &AppRef) -> Doing<'_, ()> {
    Box::pin(send(app))
}

async fn send(app: &AppRef) -> Outcome<()> {
    let Some(next) = app.db.view(async |tx| Ok(store::next(tx).await?)).await? else {
        return Ok(());
    };
    let waiting = queue(app).await?.map_or(0, |queue| queue.rows);
    let bytes = match FileHash::parse(&next.file) {
        Some(hash) if waiting == 0 => app.files.get(hash).await?,
        _ => None,
    };
    let bytes = match bytes {
        Some(bytes) if FileHash::parse(&next.file) != Some(FileHash::of(&bytes)) => {
            // The disk has broken it. Who attaches it anew must not be told that it is here already.
            warn!(
                file = next.file,
                "a file of a report is broken on this disk and does not travel"
            );
            if let Some(hash) = FileHash::parse(&next.file) {
                app.files.remove(hash).await?;
            }
            None
        }
        other => other,
    };
    app.db
        .change(async |tx| {
            match bytes {
                Some(bytes) => send_parts(tx, &next, &bytes).await?,
                // It was taken out of the store meanwhile: nobody waits for it for ever.
                None if waiting == 0 => store::not_here(tx, &next.file).await?,
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
    sent: Sent<'_>,
    one: &FilePart,
) -> Outcome<Result<(), Refused>> {
    let part_bytes = i64::try_from(FILE_PART_BYTES).unwrap_or(i64::MAX);
    let fits = one.part >= 0
        && one.part < one.parts
        && one.body.len() <= FILE_PART_BYTES
        && one.parts <= parts_of(i64::try_from(FILE_MOST).unwrap_or(i64::MAX));
    if !fits || !store::is_named(tx, sent, one.parts, part_bytes).await? {
        return Ok(Err(Refused::Unnamed));
    }
    if store::media_type(tx, sent.file).await?.is_some() {
        return Ok(Ok(()));
    }
    // Parts travel in their order: after the last one nothing more comes by itself.
    let last = one.part + 1 == one.parts;
    if store::waiting(tx, sent.origin).await? >= WAITING_MOST {
        if last {
            store::forget(tx, sent).await?;
            ask_again(tx, sent).await?;
        }
        return Ok(Err(Refused::TooMuch));
    }
    if store::keep(tx, sent, one).await? == one.parts || last {
        let now = tx.now();
        tx.queue(&JOIN_FILE, sent.file, now).await?;
    }
    Ok(Ok(()))
}

/// What the parts of a file are together.
enum Joined {
    /// What the report said: bytes of a kind that reports take.
    Whole(Vec<u8>, FileKind),
    /// What the report said, of a kind that no report takes: it comes the same each time.
    Strange,
    /// Something else, or not all of it although its last part is here.
    Wrong,
    /// Parts are still on their way.
    Coming,
}

fn joined(file: &str, parts: Vec<FilePart>) -> Joined {
    let Some(last) = parts.last() else { return Joined::Coming };
    let (ended, all) = (last.part + 1 == last.parts, last.parts);
    if i64::try_from(parts.len()) != Ok(all) {
        return if ended { Joined::Wrong } else { Joined::Coming };
    }
    let bytes: Vec<u8> = parts.into_iter().flat_map(|part| part.body).collect();
    if FileHash::parse(file) != Some(FileHash::of(&bytes)) {
        return Joined::Wrong;
    }
    recognise(&bytes).map_or(Joined::Strange, |kind| Joined::Whole(bytes, kind))
}

/// Repeated, it finds no parts and does nothing.
async fn join(app: &AppRef, file: &str) -> Outcome<()> {
    for origin in app.db.view(async |tx| Ok(store::senders(tx, file).await?)).await? {
        join_of(app, Sent { file, origin: &origin }).await?;
    }
    Ok(())
}

async fn join_of(app: &AppRef, sent: Sent<'_>) -> Outcome<()> {
    let parts = app.db.view(async |tx| Ok(store::parts(tx, sent).await?)).await?;
    let joined = joined(sent.file, parts);
    if let Joined::Whole(bytes, _) = &joined {
        app.files.put(bytes).await?;
    }
    app.db
        .change(async |tx| {
            match &joined {
                Joined::Coming => return Ok(()),
                Joined::Whole(_, kind) => {
                    store::arrived(tx, sent.file, kind.media_type()).await?;
                    numbers::forget_turns(tx, &asked(sent)).await?;
                    return Ok(store::forget_all(tx, sent.file).await?);
                }
                Joined::Strange => {
                    warn!(sent.file, "a file of a report is of a kind that reports do not take");
                    numbers::note(tx, &asked(sent), ASKED_MOST + 1).await?;
                }
                Joined::Wrong => ask_again(tx, sent).await?,
            }
            Ok(store::forget(tx, sent).await?)
        })
        .await
}

/// The name under which it is counted how often a node was asked for a file again.
fn asked(sent: Sent<'_>) -> String {
    format!("file:{}:{}", sent.origin, sent.file)
}

/// Asks the node for the file anew, unless that was in vain often enough.
async fn ask_again(tx: &mut Tx, sent: Sent<'_>) -> Outcome<()> {
    let turn = numbers::turn(tx, &asked(sent)).await?;
    if turn > ASKED_MOST {
        warn!(sent.file, "a file of a report did not come as the report says: it is lost");
        return Ok(());
    }
    warn!(sent.file, turn, "a file of a report is not what the report says: it is asked for again");
    for path in store::written(tx, sent).await? {
        records::ask_for_file(tx, &path, sent.file).await?;
    }
    Ok(())
}

/// A node's report names a file that is not here. One that was given up gets another chance: whoever hands in again may
/// have attached it anew.
pub(crate) async fn named(tx: &mut Tx, sent: Sent<'_>) -> Outcome<()> {
    if is_lost(tx, sent).await? {
        numbers::forget_turns(tx, &asked(sent)).await?;
        ask_again(tx, sent).await?;
    }
    Ok(())
}

/// True when the node was asked for the file again and again in vain.
pub(crate) async fn is_lost(tx: &mut Tx, sent: Sent<'_>) -> Outcome<bool> {
    Ok(numbers::last_turn(tx, &asked(sent)).await? > ASKED_MOST)
}

/// The hub asks for a file anew, at a moment. What was heard before changes nothing.
pub(crate) async fn asked_for(tx: &mut Tx, file: &str, at: Timestamp) -> Outcome<()> {
    if numbers::note(tx, &format!("resend:{file}"), at.millis()).await?
        && store::send_again(tx, file).await?
    {
        let now = tx.now();
        tx.queue(&SEND_FILES, "again", now).await?;
    }
    Ok(())
}
