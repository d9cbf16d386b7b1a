//! The hub's side of a conversation with a point: hellos, reports, revocation.

use identity::audit;
use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    problem::{BAD_REQUEST, FORBIDDEN, Failure, OrMissing, Outcome},
    records::{Incoming, NodeId},
};
use sync::{
    session::{Hello, Session, SessionId},
    statement::Signed,
    upstream::{Claim, InboxState, Opened, Verdict, batch_sender, judge_head, open},
    vector::Cursor,
};

use crate::{
    MANAGE_POINTS, NO_POINT,
    columns::KindColumns,
    model::NodeState,
    store::{self, nodes::NodeRow},
};

/// What to answer a hello with.
pub struct Greeting {
    /// The signed answer.
    pub answer: Vec<u8>,
}

/// Hears a point's hello: opens a session, challenges, or refuses a copied box.
pub async fn hear(app: &AppRef, body: &[u8]) -> Outcome<Greeting> {
    let hello: Signed<Hello> = Signed::from_bytes(body).map_err(|_| Failure::from(&BAD_REQUEST))?;
    let node = hello.unproven().node;
    app.db
        .change(async |tx| {
            let row = store::nodes::find(tx, node).await?.or_missing(&NO_POINT)?;
            if row.state() != NodeState::Active {
                return Err((&FORBIDDEN).into());
            }
            let keys = row
                .public_keys()
                .ok_or_else(|| Failure::fault("read a node's keys", "they are damaged"))?;
            let now_ms = u64::try_from(tx.now().millis()).unwrap_or(0);
            let held = store::inbox::newest_head(tx, node)
                .await?
                .map(|state| state.acked)
                .unwrap_or_default();
            let mut contact = row.contact();
            let mut rng = tx.chance().rng();
            let heard = contact
                .hear(&hello, &keys, &app.keys, held, now_ms, &mut rng)
                .map_err(|_| Failure::from(&FORBIDDEN))?;
            store::nodes::save_contact(tx, node, &contact).await?;
            let told = hello.unproven();
            let ahead = i128::from(told.time_ms) - i128::from(now_ms);
            let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
            let answer = match heard {
                sync::session::Heard::Welcome { session, answer } => {
                    store::nodes::open_session(tx, node, &session).await?;
                    store::nodes::note_seen(tx, node, None, Some(ahead)).await?;
                    note_claim(tx, node, told).await?;
                    super::handover::note_head(tx, node, Some(&hello)).await?;
                    answer
                }
                sync::session::Heard::Challenge { answer } => answer,
                sync::session::Heard::Clone { answer } => {
                    quarantine(tx, node, "two devices use one key").await?;
                    answer
                }
            };
            Ok(Greeting { answer: answer.as_bytes().to_vec() })
        })
        .await
}

/// A point whose own log contradicts what we hold was copied or restored from an image.
async fn note_claim(tx: &mut Tx, node: NodeId, hello: &Hello) -> Outcome<()> {
    let Some(state) = store::inbox::newest_head(tx, node).await? else { return Ok(()) };
    if judge_head(&state, &hello.up) == Claim::Forked {
        quarantine(tx, node, "its log differs from what it sent before").await?;
    }
    Ok(())
}

async fn quarantine(tx: &mut Tx, node: NodeId, why: &str) -> Outcome<()> {
    store::nodes::set_state(tx, node, NodeState::Quarantined, why).await?;
    store::nodes::close_sessions(tx, node).await?;
    let caller = Caller::system(tx.now());
    audit(tx, &caller, "delivery.quarantined", &node.to_string(), why).await?;
    kernel::tracing::warn!(node.id = %node, "a point was quarantined: {why}");
    Ok(())
}

/// The session a request belongs to, with its point; refused when either is unknown or not active.
pub async fn session_of(tx: &mut Tx, id: SessionId) -> Outcome<(Session, NodeRow, NodeId)> {
    let (session, node) = store::nodes::session(tx, id).await?.or_missing(&NO_POINT)?;
    let row = store::nodes::find(tx, node).await?.or_missing(&NO_POINT)?;
    if row.state() != NodeState::Active {
        return Err((&FORBIDDEN).into());
    }
    Ok((session, row, node))
}

/// What became of a batch.
pub struct Taken {
    /// The last row of its epoch that we hold now.
    pub ack: Cursor,
    /// How many rows were new.
    pub new_rows: usize,
}

/// Takes a batch of reports in: rows, their effects, and the new head in one transaction.
pub async fn take_batch(app: &AppRef, batch: &[u8]) -> Outcome<Taken> {
    let node = batch_sender(batch).map_err(|_| Failure::from(&BAD_REQUEST))?;
    let row = app
        .db
        .view(async |tx| Ok(store::nodes::find(tx, node).await?))
        .await?
        .or_missing(&NO_POINT)?;
    if row.state() != NodeState::Active {
        return Err((&FORBIDDEN).into());
    }
    let keys = row
        .public_keys()
        .ok_or_else(|| Failure::fault("read a node's keys", "they are damaged"))?;
    let columns = KindColumns(app.modules);
    let opened = open(batch, &app.keys, &keys, &columns).map_err(|refused| {
        kernel::tracing::warn!(node.id = %node, "a batch was refused: {refused}");
        Failure::from(&BAD_REQUEST)
    })?;
    let taken = app.db.change(async |tx| take(app, tx, &row, &opened, batch).await).await?;
    if taken.new_rows > 0 {
        kernel::tracing::info!(target: "crossing", "⇡ nhận từ {}: {} ({} byte)", row.commune,
            in_words(app, &opened, taken.new_rows), batch.len());
    }
    Ok(taken)
}

async fn take(
    app: &AppRef,
    tx: &mut Tx,
    row: &NodeRow,
    opened: &Opened,
    batch: &[u8],
) -> Outcome<Taken> {
    let node = opened.node;
    let state = store::inbox::head(tx, node, opened.epoch).await?;
    let state = state.unwrap_or_else(|| InboxState::empty(node, opened.epoch));
    let mut known = Vec::new();
    for seq in opened.asks(&state) {
        known.push((seq, store::inbox::chain_at(tx, node, opened.epoch, seq).await?));
    }
    let chain = |seq: u64| known.iter().find(|(at, _)| *at == seq).and_then(|(_, chain)| *chain);
    match opened.judge(&state, chain) {
        Verdict::Apply { skip, state } => {
            let first = opened.first + skip as u64;
            let rows = &opened.rows[skip..];
            let inherited = super::heirs::inherited(tx, &row.id).await?;
            store::inbox::keep(tx, node, opened.epoch, first, rows).await?;
            for (seq, (report, _)) in (first..).zip(rows) {
                let incoming = Incoming {
                    origin: node,
                    scope: row.path.clone(),
                    former: row.former(),
                    inherited: inherited.clone(),
                    handed_over: false,
                    epoch: opened.epoch,
                    seq,
                    kind: report.kind,
                    targets: Vec::new(),
                    body: report.body.clone(),
                };
                apply(app, tx, &incoming).await?;
            }
            store::inbox::save_head(tx, node, &state).await?;
            store::nodes::note_seen(tx, node, None, None).await?;
            super::handover::note_head(tx, node, None).await?;
            Ok(Taken { ack: state.acked, new_rows: rows.len() })
        }
        Verdict::Duplicate | Verdict::Gap { .. } => Ok(Taken { ack: state.acked, new_rows: 0 }),
        Verdict::Clone { at } => {
            let why = format!("row {at} exists with another content");
            store::inbox::keep_evidence(tx, node, &why, batch).await?;
            quarantine(tx, node, &why).await?;
            Ok(Taken { ack: state.acked, new_rows: 0 })
        }
    }
}

/// Hands a record to the feature that declared its kind. A kind of a later version is kept in the
/// inbox and waits there for the version that understands it.
pub(super) async fn apply(app: &AppRef, tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let kinds = app.modules.iter().flat_map(|module| module.records);
    let Some(kind) = kinds.into_iter().find(|kind| kind.kind == incoming.kind) else {
        kernel::tracing::warn!(
            record.kind = incoming.kind,
            "a record of an unknown kind is kept unread"
        );
        return Ok(());
    };
    (kind.apply)(tx, incoming).await
}

/// `3 biên nhận, 1 biên bản họp thôn`.
fn in_words(app: &AppRef, opened: &Opened, new_rows: usize) -> String {
    let rows = &opened.rows[opened.rows.len() - new_rows..];
    let mut counts: Vec<(u16, usize)> = Vec::new();
    for (row, _) in rows {
        match counts.iter_mut().find(|(kind, _)| *kind == row.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((row.kind, 1)),
        }
    }
    let name = |kind: u16| {
        let kinds = app.modules.iter().flat_map(|module| module.records);
        kinds.into_iter().find(|known| known.kind == kind).map_or("bản ghi", |known| known.name)
    };
    counts
        .iter()
        .map(|(kind, count)| format!("{count} {}", name(*kind)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Takes a point's rights away, for good: it is lost, stolen or retired.
pub async fn revoke(app: &AppRef, caller: &Caller, node: NodeId) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let row = store::nodes::find(tx, node).await?.or_missing(&NO_POINT)?;
            caller.must(&MANAGE_POINTS, &row.path)?;
            take_rights(tx, caller, &row, node).await
        })
        .await
}

pub(super) async fn take_rights(
    tx: &mut Tx,
    caller: &Caller,
    row: &NodeRow,
    node: NodeId,
) -> Outcome<()> {
    store::nodes::set_state(tx, node, NodeState::Revoked, "revoked by hand").await?;
    store::nodes::close_sessions(tx, node).await?;
    audit(tx, caller, "delivery.revoked", &node.to_string(), &row.commune).await
}
