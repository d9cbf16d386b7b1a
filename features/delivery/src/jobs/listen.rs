//! Listens for what comes down: polls, holds, receives, applies. Each frame is applied and its cursor
//! moved in one transaction; the beginning of a frame that was cut is kept.

use std::{sync::atomic::Ordering, time::Duration};

use http::Method;
use kernel::{
    app::AppRef,
    problem::{Failure, NO_SPACE, Outcome},
    records::Incoming,
    scope::ScopePath,
};
use sync::{
    downstream::{Apply, Input, Output, Received, Receiver},
    session::Session,
    upstream::{AckHeard, Outbox},
    vector::Cursor,
};

use super::{
    patience::Patience,
    road::{Calls, Side, Stumble, Walker},
};
use crate::{
    store,
    transport::{Transport, next_bytes},
};

/// How long the hub may hold a poll. Longer spares bytes; some networks forget silent connections.
const HOLD_S: u32 = 240;
/// What to hold after a held connection broke.
const HOLD_S_SHORT: u32 = 50;
/// No wait after a failure is shorter.
const WAIT_LEAST_MS: u64 = 200;

/// Listens for ever.
pub async fn run(walker: &Walker) {
    let mut patience = Patience::new(walker, WAIT_LEAST_MS);
    let mut called = walker.calls(Side::Listening);
    let mut hold_s = HOLD_S;
    // What was begun anew runs to its end, so that a line that opens over and over lets a poll through.
    let mut may_be_overtaken = true;
    loop {
        called.forget();
        let Err(stumble) =
            listen(walker, hold_s, &mut patience, &mut called, may_be_overtaken).await;
        may_be_overtaken = !matches!(stumble, Stumble::Overtaken);
        if matches!(stumble, Stumble::Road(_)) {
            hold_s = HOLD_S_SHORT;
        }
        let wait_ms = patience.failed();
        walker.note_trouble(Side::Listening, &stumble, wait_ms).await;
        let nudged = patient_nudge(walker, patience.failures());
        patience.wait(wait_ms, &stumble, &mut called, nudged).await;
    }
}

/// Somebody wrote something or pressed *try now*: worth trying before the wait is over, once.
async fn patient_nudge(walker: &Walker, failures: u32) {
    let mut fresh = walker.app.db.wake().on_records();
    if failures > 3 {
        let _ = fresh.changed().await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// One conversation: as many polls as the line bears.
async fn listen(
    walker: &Walker,
    hold_s: u32,
    patience: &mut Patience,
    called: &mut Calls,
    mut may_be_overtaken: bool,
) -> Result<std::convert::Infallible, Stumble> {
    let mut transport = walker.transport()?;
    let mut hold = 0;
    loop {
        let overtaking = may_be_overtaken.then(|| called.clone());
        let more = step(walker, &mut transport, hold, overtaking).await?;
        patience.succeeded();
        called.forget();
        may_be_overtaken = true;
        hold = if more { 0 } else { hold_s };
    }
}

/// One poll with a session that the hub knows. Gives whether more is waiting. A call of the other road ends the wait
/// for its answer: the connection it was asked on may be long dead.
pub async fn step(
    walker: &Walker,
    transport: &mut Transport,
    hold_s: u32,
    overtaking: Option<Calls>,
) -> Result<bool, Stumble> {
    let session = walker.session(transport).await?;
    let polled = match poll_once(walker, transport, &session, hold_s, overtaking).await {
        // The hub no longer knows this session: say hello again, once.
        Err(Stumble::Status(403 | 404)) => {
            walker.drop_session(session.id()).await;
            let session = walker.session(transport).await?;
            poll_once(walker, transport, &session, 0, None).await
        }
        other => other,
    };
    walker.receiving.store(false, Ordering::SeqCst);
    let more = polled?;
    walker.note_contact(Side::Listening).await?;
    Ok(more)
}

/// One poll. Gives whether more is waiting.
#[expect(clippy::disallowed_methods, reason = "how long an answer takes is not wall time")]
async fn poll_once(
    walker: &Walker,
    transport: &mut Transport,
    session: &Session,
    hold_s: u32,
    overtaking: Option<Calls>,
) -> Result<bool, Stumble> {
    let (vector, partial) = walker
        .app
        .db
        .view(async |tx| {
            let road = store::road::find(tx).await?;
            Ok((store::road::vector(tx).await?, road.map(|road| road.partial).unwrap_or_default()))
        })
        .await?;
    let mut receiver = Receiver::new(walker.origins(), vector, partial);
    let mut poll = receiver.poll();
    poll.wait_s = hold_s;
    let patience = Duration::from_secs(u64::from(hold_s) + 60);
    let body = poll.encode(session);
    let mut response = tokio::select! {
        biased;
        answer = transport.send(Method::POST, "/v1/sync", None, body, patience) => answer?,
        // What has begun to arrive is read to its end; this had not.
        () = call(overtaking) => return Err(Stumble::Overtaken),
    };
    if response.status() != http::StatusCode::OK {
        return Err(Stumble::Status(response.status().as_u16()));
    }
    let elapsed = tokio::time::Instant::now();
    let mut arrival = Arrival { walker, done: None, problem: false };
    receiver.handle(Input::Begin { now_ms: 0, key: session.frame_key() });
    let broken = loop {
        let now_ms = u64::try_from(elapsed.elapsed().as_millis()).unwrap_or(u64::MAX);
        match next_bytes(&mut response).await {
            Ok(Some(bytes)) => {
                walker.receiving.store(true, Ordering::SeqCst);
                receiver.handle(Input::Bytes { now_ms, bytes: &bytes });
                arrival.carry_out(&mut receiver).await?;
            }
            Ok(None) => break None,
            Err(fault) => break Some(fault),
        }
    };
    receiver.handle(Input::End);
    arrival.carry_out(&mut receiver).await?;
    match (broken, arrival.done) {
        (Some(fault), _) => Err(fault.into()),
        (None, Some(more)) => Ok(more),
        (None, None) => Err(Stumble::Damaged),
    }
}

async fn call(calls: Option<Calls>) {
    match calls {
        Some(mut calls) => calls.heard().await,
        None => std::future::pending().await,
    }
}

/// Carries out what the receiver wants.
struct Arrival<'a> {
    walker: &'a Walker,
    done: Option<bool>,
    problem: bool,
}

impl Arrival<'_> {
    async fn carry_out(&mut self, receiver: &mut Receiver) -> Outcome<()> {
        let app = &self.walker.app;
        while let Some(output) = receiver.output() {
            match output {
                Output::Apply(apply) => {
                    apply_all(app, &apply).await?;
                    self.walker.nudge.notify_one();
                }
                Output::SavePartial(bytes) => {
                    app.db
                        .change(async |tx| Ok(store::road::save_partial(tx, &bytes).await?))
                        .await?;
                }
                Output::Beacon(_) => {}
                Output::EpochChanged(_) => {
                    kernel::tracing::warn!(
                        "the hub began a new epoch; everything received so far is kept"
                    );
                }
                Output::Problem(problem) => {
                    self.problem = true;
                    kernel::tracing::warn!("something that arrived was refused: {problem:?}");
                }
                Output::Done { more, ack, .. } => {
                    self.done = Some(more);
                    if let Some(ack) = ack {
                        hear_ack(self.walker, ack).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// One transaction: the records, what they mean, and the cursor.
async fn apply_all(app: &AppRef, apply: &Apply) -> Outcome<()> {
    let count = app
        .db
        .change(async |tx| {
            let new = store::road::receive(tx, apply).await?;
            for at in &new {
                apply_one(app, tx, apply, &apply.records[*at]).await?;
            }
            Ok(new.len())
        })
        .await?;
    if count > 0 {
        let bytes: usize =
            apply.records.iter().map(|received| received.signed.as_bytes().len()).sum();
        kernel::tracing::info!(target: "crossing", "⇣ nhận {count} bản ghi đã ký ({bytes} byte)");
    }
    Ok(())
}

async fn apply_one(
    app: &AppRef,
    tx: &mut kernel::db::Tx,
    apply: &Apply,
    received: &Received,
) -> Outcome<()> {
    let Some(record) = &received.record else { return Ok(()) };
    let kinds = app.modules.iter().flat_map(|module| module.records);
    let Some(kind) = kinds.into_iter().find(|kind| kind.kind == record.kind) else { return Ok(()) };
    let incoming = Incoming {
        origin: apply.origin,
        scope: ScopePath::root(),
        former: Vec::new(),
        inherited: Vec::new(),
        handed_over: false,
        epoch: record.epoch,
        seq: record.seq,
        kind: record.kind,
        targets: record.targets.iter().filter_map(|target| ScopePath::parse(target)).collect(),
        body: record.body.clone(),
    };
    match (kind.apply)(tx, &incoming).await {
        // A record that this version cannot make sense of must not hold up the road; its signed
        // bytes are stored, and a later version may read them.
        Err(Failure::Problem(problem)) if problem.kind != &NO_SPACE => {
            kernel::tracing::warn!(
                record.kind = record.kind,
                "a {} was kept unread: {}",
                kind.name,
                problem.kind.code
            );
            Ok(())
        }
        other => other,
    }
}

/// Takes in what the hub says it holds of our log.
pub async fn hear_ack(walker: &Walker, ack: Cursor) -> Outcome<()> {
    walker
        .app
        .db
        .change(async |tx| {
            let mut outbox = Outbox::new(store::road::own_log(tx).await?);
            match outbox.heard(ack) {
                AckHeard::Advanced(ack) => store::road::save_ack(tx, ack).await?,
                AckHeard::Nothing => {}
                AckHeard::Restored(theirs) => {
                    kernel::tracing::warn!("the hub holds rows that we never wrote: this box was restored; a new epoch begins");
                    kernel::records::begin_new_epoch(tx, theirs.epoch.saturating_add(1)).await?;
                }
            }
            Ok(())
        })
        .await
}

/// Takes in how far the hub says it holds our log, at the beginning of a session: less than before
/// means that the hub was restored from a backup, and what it forgot is sent again.
pub async fn hear_held(walker: &Walker, held: Cursor) -> Outcome<()> {
    walker
        .app
        .db
        .change(async |tx| {
            let mut outbox = Outbox::new(store::road::own_log(tx).await?);
            // Rows are never deleted here, so the first one of every epoch is still stored.
            if let Some(back) = outbox.rewind(held, 1) {
                kernel::tracing::warn!(
                    "the hub has forgotten rows that it held; they are sent again"
                );
                store::road::set_back(tx, back).await?;
            }
            Ok(())
        })
        .await?;
    hear_ack(walker, held).await
}
