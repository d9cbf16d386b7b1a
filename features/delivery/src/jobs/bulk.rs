//! Everything that can wait a little: reports up in sealed batches, then sound and pictures down in
//! pieces, each verified, each kept.

use std::{sync::atomic::Ordering, time::Duration};

use http::Method;
use kernel::{
    app::AppRef,
    problem::{Failure, Outcome},
    records,
};
use publishing::Wanted;
use sync::{
    blob::{BlobReceiver, BlobRoot, encoded_len},
    frame::{Frame, Parsed, parse},
    session::Session,
    upstream::{ChainHash, Outbox, Row, seal},
};
use tokio::io::AsyncWriteExt;

use super::{
    listen::hear_ack,
    patience::Patience,
    road::{Side, Stumble, Walker},
};
use crate::{columns::KindColumns, store, transport::Transport};

/// Rows looked at for one batch; the batch itself stops at 64 KiB.
const ROWS_AT_ONCE: usize = 4_000;
/// A piece of a file: sixteen seconds on the slowest line, after which something urgent may pass.
const PIECE: u64 = 64 * 1024;
/// No wait after a failure is shorter.
const WAIT_LEAST_MS: u64 = 300;
/// How often to look even when nobody nudged.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Sends and fetches for ever.
pub async fn run(walker: &Walker) {
    let mut patience = Patience::new(walker, WAIT_LEAST_MS);
    let mut called = walker.calls(Side::Carrying);
    let mut written = walker.app.db.wake().on_records();
    loop {
        called.forget();
        match carry(walker).await {
            Ok(()) => {
                patience.succeeded();
                tokio::select! {
                    () = walker.nudge.notified() => {}
                    _ = written.changed() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
            Err(stumble) => {
                let wait_ms = patience.failed();
                walker.note_trouble(Side::Carrying, &stumble, wait_ms).await;
                patience.wait(wait_ms, &stumble, &mut called, walker.nudge.notified()).await;
            }
        }
    }
}

/// Carries until nothing is left.
async fn carry(walker: &Walker) -> Result<(), Stumble> {
    let mut transport = walker.transport()?;
    while send_batch(walker, &mut transport).await? {}
    fetch_wanted(walker, &mut transport).await
}

/// Fetches wanted files until none is left. One that cannot be had does not hold up the others.
pub async fn fetch_wanted(walker: &Walker, transport: &mut Transport) -> Result<(), Stumble> {
    let mut stumbled = None;
    let mut tried = Vec::new();
    loop {
        let wanted = walker.app.db.view(async |tx| publishing::wanted_files(tx).await).await?;
        let next = wanted.into_iter().find(|file| !tried.contains(&file.hash));
        let Some(next) = next else { return stumbled.map_or(Ok(()), Err) };
        tried.push(next.hash);
        match fetch(walker, transport, &next).await {
            Ok(()) => {}
            Err(lost @ Stumble::Road(_)) => return Err(lost),
            Err(other) => stumbled = Some(other),
        }
        // What was written meanwhile goes first.
        while send_batch(walker, transport).await? {}
    }
}

/// Sends the next batch; gives whether there was one.
pub async fn send_batch(walker: &Walker, transport: &mut Transport) -> Result<bool, Stumble> {
    let Some((batch, rows)) = next_batch(walker).await? else { return Ok(false) };
    let size = batch.len();
    let session = walker.session(transport).await?;
    let answer = match put(transport, &session, batch.clone()).await? {
        answer if matches!(answer.status, 403 | 404) => {
            walker.drop_session(session.id()).await;
            let session = walker.session(transport).await?;
            (put(transport, &session, batch).await?, session)
        }
        answer => (answer, session),
    };
    let (answer, session) = answer;
    if answer.status != 200 {
        return Err(Stumble::Status(answer.status));
    }
    let Ok(Parsed::Whole(Frame::Goodbye(goodbye), _)) = parse(&answer.body, &session.frame_key())
    else {
        return Err(Stumble::Damaged);
    };
    let before = pending_first(walker).await?;
    if let Some(ack) = goodbye.ack {
        hear_ack(walker, ack).await?;
    }
    if pending_first(walker).await? == before {
        // The hub took nothing: trying again at once would only burn bytes. Nor is it anything to call the other road for.
        return Err(Stumble::Refused);
    }
    walker.note_contact(Side::Carrying).await?;
    kernel::tracing::info!(target: "crossing", "⇡ đã gửi {rows} bản ghi lên trung tâm ({size} byte, đã niêm phong)");
    Ok(true)
}

async fn put(
    transport: &mut Transport,
    session: &Session,
    batch: Vec<u8>,
) -> Result<crate::transport::Answered, Stumble> {
    let path = format!("/v1/up/{}", kernel::chance::hex(&session.id().0));
    Ok(transport.whole(Method::PUT, &path, None, batch, Duration::from_secs(120)).await?)
}

async fn pending_first(walker: &Walker) -> Outcome<Option<(u32, u64)>> {
    let log = walker.app.db.view(async |tx| Ok(store::road::own_log(tx).await?)).await?;
    Ok(Outbox::new(log).next().map(|pending| (pending.epoch, pending.first)))
}

/// Seals the next rows that the hub does not hold, with how many they are.
async fn next_batch(walker: &Walker) -> Outcome<Option<(Vec<u8>, usize)>> {
    let app = &walker.app;
    let found = app
        .db
        .view(async |tx| {
            let Some(pending) = Outbox::new(store::road::own_log(tx).await?).next() else {
                return Ok(None);
            };
            let rows =
                records::up_after(tx, pending.epoch, pending.first - 1, ROWS_AT_ONCE).await?;
            let before = records::up_chain_at(tx, pending.epoch, pending.first - 1).await?;
            let before = before.and_then(|chain| chain.try_into().ok()).map(ChainHash);
            let before = before.unwrap_or_else(|| ChainHash::genesis(app.node_id(), pending.epoch));
            Ok(Some((pending, rows, before)))
        })
        .await?;
    let Some((pending, rows, before)) = found else { return Ok(None) };
    let rows: Vec<_> = rows.into_iter().map(|row| Row { kind: row.kind, body: row.body }).collect();
    let columns = KindColumns(app.modules);
    let mut rng = app.chance().rng();
    seal(&app.keys, &walker.hub, pending.epoch, pending.first, before, &rows, &columns, &mut rng)
        .map(Some)
        .map_err(|refused| Failure::fault("seal a batch", refused))
}

/// Fetches one file to its end, going on where an earlier try was cut.
async fn fetch(walker: &Walker, transport: &mut Transport, wanted: &Wanted) -> Result<(), Stumble> {
    let app = &walker.app;
    let part = app.files.part_path(wanted.hash);
    let mut receiver = BlobReceiver::new(BlobRoot(wanted.hash.0), wanted.bytes);
    let mut content = Vec::new();
    let mut have = kept(&part).await;
    if let Ok(proven) = receiver.feed(&have) {
        content.extend(proven);
    } else {
        // What was kept is damaged from some byte on; the good beginning is kept.
        have.truncate(usize::try_from(receiver.good_len()).unwrap_or(0));
        receiver = BlobReceiver::new(BlobRoot(wanted.hash.0), wanted.bytes);
        content = receiver.feed(&have).map_err(|_| Stumble::Damaged)?;
        truncate(&part, have.len() as u64).await?;
    }
    let mut at = have.len() as u64;
    let total = encoded_len(wanted.bytes);
    while !receiver.is_complete() {
        let_urgent_pass(walker).await;
        let to = (at + PIECE).min(total) - 1;
        let path = format!("/v1/b/{}", wanted.hash);
        let mut response = transport
            .send(Method::GET, &path, Some((at, to)), Vec::new(), Duration::from_secs(60))
            .await?;
        if response.status() != http::StatusCode::PARTIAL_CONTENT {
            return Err(Stumble::Status(response.status().as_u16()));
        }
        loop {
            let bytes = crate::transport::next_bytes(&mut response).await;
            let Some(bytes) = bytes? else { break };
            let Ok(proven) = receiver.feed(&bytes) else {
                truncate(&part, receiver.good_len()).await?;
                return Err(Stumble::Damaged);
            };
            content.extend(proven);
            append(&part, &bytes).await?;
            at += bytes.len() as u64;
        }
    }
    keep(app, wanted, &content).await?;
    let _ = tokio::fs::remove_file(&part).await;
    kernel::tracing::info!(target: "crossing", "⇣ đã tải xong tệp {} ({} byte)", &wanted.hash.hex()[..8], total);
    Ok(())
}

async fn keep(app: &AppRef, wanted: &Wanted, content: &[u8]) -> Result<(), Stumble> {
    app.files.put(content).await?;
    app.db.change(async |tx| publishing::file_arrived(tx, wanted.hash).await).await?;
    Ok(())
}

/// Waits while something more urgent is coming down.
async fn let_urgent_pass(walker: &Walker) {
    while walker.receiving.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn kept(part: &std::path::Path) -> Vec<u8> {
    tokio::fs::read(part).await.unwrap_or_default()
}

async fn append(part: &std::path::Path, bytes: &[u8]) -> Result<(), Stumble> {
    let opened = tokio::fs::OpenOptions::new().create(true).append(true).open(part).await;
    let mut file = opened.map_err(Failure::from)?;
    file.write_all(bytes).await.map_err(Failure::from)?;
    file.flush().await.map_err(Failure::from)?;
    Ok(())
}

async fn truncate(part: &std::path::Path, length: u64) -> Result<(), Stumble> {
    let opened = tokio::fs::OpenOptions::new().write(true).open(part).await;
    opened.map_err(Failure::from)?.set_len(length).await.map_err(Failure::from)?;
    Ok(())
}
