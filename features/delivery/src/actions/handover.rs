//! A node whose unit has ended hands its log to the successor's node. The commune's officer names the
//! successor; the hub relays every row it holds, sealed to the successor, as far as the old node has signed
//! its log. The successor checks the running hash against that signature and applies each row as the hub
//! did: the union of both logs, without a clash, since every number belongs to the node that gave it.

use identity::audit;
use kernel::{
    app::{App, AppRef},
    caller::Caller,
    db::Tx,
    jobs::JobKind,
    problem::{Failure, FormProblems, OrMissing, Outcome},
    records::{Incoming, Lane, NodeId, Outgoing, read_targets},
    scope::ScopePath,
};
use std::sync::Arc;
use sync::{
    keys::PublicKeys,
    session::Hello,
    statement::Signed,
    upstream::{InboxState, LogStretch},
    vector::Cursor,
};

use crate::{
    HAND_OVER, NO_POINT,
    model::NodeState,
    store::{self, handover as handed, nodes::NodeRow},
};

/// Rows of a predecessor's log, sealed to the successor.
pub(crate) const STRETCH_KIND: u16 = 41;
/// A predecessor's signed word on how far its log goes, with its keys and where it lay.
pub(crate) const HEAD_KIND: u16 = 42;

/// Rows of one record have at most so many bytes: the record must stay within 16 KiB.
const STRETCH_BYTES: usize = 10 * 1024;

/// Relays what can be proven of a node's log to its successor.
pub(crate) const HAND_DOWN: JobKind =
    JobKind { name: "delivery.hand_down", run: |app, node| Box::pin(hand_down(app, node)) };
/// Takes in what has come of a predecessor's log.
pub(crate) const TAKE_OVER: JobKind =
    JobKind { name: "delivery.take_over", run: |app, node| Box::pin(take_over(app, node)) };

/// The points that may take a point's log over: the other active ones of its commune.
pub(crate) async fn candidates(tx: &mut Tx, row: &NodeRow) -> Outcome<Vec<NodeRow>> {
    let all = store::nodes::within(tx, &row.path).await?;
    Ok(all
        .into_iter()
        .filter(|other| {
            other.id != row.id && other.path == row.path && other.state() == NodeState::Active
        })
        .collect())
}

/// Names the successor of a node whose unit has ended. Once named it stays, until the decree behind it is undone.
pub async fn hand_over(
    app: &AppRef,
    caller: &Caller,
    node: NodeId,
    successor: &str,
) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let row = store::nodes::find(tx, node).await?.or_missing(&NO_POINT)?;
            caller.must(&HAND_OVER, &row.path)?;
            let fits = candidates(tx, &row).await?;
            let chosen = fits.iter().find(|other| other.id == successor);
            let mut problems = FormProblems::new();
            let moved = !row.former.is_empty();
            problems.require(chosen.is_some() && moved, "successor", "delivery-successor-choose");
            problems.check()?;
            let to: NodeId = successor.parse().ok().or_missing(&NO_POINT)?;
            let name = tx.new_id::<store::passings::PassingId>().to_string();
            if handed::order(tx, node, to, caller.id(), &name).await? {
                store::passings::end_between(tx, successor, &row.id).await?;
                audit(tx, caller, "delivery.handed-over", &row.id, successor).await?;
                super::heirs::tell(tx, &row, successor, &name).await?;
                tx.queue(&HAND_DOWN, &row.id, tx.now()).await?;
            }
            Ok(())
        })
        .await
}

/// A node has signed how far its log goes, or rows have come: more of it may be proven now.
pub(super) async fn note_head(
    tx: &mut Tx,
    node: NodeId,
    hello: Option<&Signed<Hello>>,
) -> Outcome<()> {
    if let Some(hello) = hello {
        let head = hello.unproven().up.cursor;
        if head.seq > 0 {
            handed::keep_head(tx, node, head, hello.as_bytes()).await?;
        }
    }
    if handed::find_order(tx, node).await?.is_some() {
        tx.queue(&HAND_DOWN, &node.to_string(), tx.now()).await?;
    }
    Ok(())
}

async fn hand_down(app: &Arc<App>, node: &str) -> Outcome<()> {
    let Ok(node) = node.parse::<NodeId>() else { return Ok(()) };
    // One record a transaction: a log of years is no single change.
    while app.db.change(async |tx| hand_piece(tx, node).await).await? {}
    Ok(())
}

/// Relays the next piece; false when nothing more can be proven.
async fn hand_piece(tx: &mut Tx, node: NodeId) -> Outcome<bool> {
    let Some(order) = handed::find_order(tx, node).await? else { return Ok(false) };
    let row = store::nodes::find(tx, node).await?.or_missing(&NO_POINT)?;
    let to: NodeId = order.successor.parse().ok().or_missing(&NO_POINT)?;
    let successor = store::nodes::find(tx, to).await?.or_missing(&NO_POINT)?;
    let damaged = || Failure::fault("read a node's keys", "they are damaged");
    let own_keys = row.public_keys().ok_or_else(damaged)?;
    let keys = successor.public_keys().ok_or_else(damaged)?;
    let done = Cursor::new(order.epoch, order.seq);
    let Some((proof, signed)) = next_proof(tx, node, &own_keys, done).await? else {
        return Ok(false);
    };
    let after = if proof.epoch == done.epoch { done.seq } else { 0 };
    let mut rows = handed::rows(tx, node, proof.epoch, after, proof.seq).await?;
    let mut bytes = 0;
    let fits = rows.iter().take_while(|row| {
        bytes += row.body.len() + 8;
        bytes <= STRETCH_BYTES
    });
    let take = fits.count().max(1);
    rows.truncate(take);
    let last = after + rows.len() as u64;
    let previous = handed::chain_before(tx, node, proof.epoch, after + 1).await?;
    let previous = previous.ok_or_else(|| Failure::fault("hand a log over", "it has a gap"))?;
    let stretch = LogStretch { node, epoch: proof.epoch, first: after + 1, previous, rows };
    let sealed = stretch
        .seal(&keys, &mut tx.chance().rng())
        .map_err(|_| Failure::fault("seal a log", "the successor's key is unusable"))?;
    let body = [&to.as_bytes()[..], &node.as_bytes()[..], &sealed].concat();
    say(tx, &successor.path, STRETCH_KIND, body).await?;
    if last == proof.seq {
        let scopes = format!("{}\n{}", row.former, row.path);
        let length = u16::try_from(signed.len()).unwrap_or(u16::MAX).to_be_bytes();
        let known = own_keys.to_bytes();
        let body = [&to.as_bytes()[..], &known[..], &length[..], &signed, scopes.trim().as_bytes()]
            .concat();
        say(tx, &successor.path, HEAD_KIND, body).await?;
    }
    handed::note_handed(tx, node, Cursor::new(proof.epoch, last)).await?;
    Ok(true)
}

async fn say(tx: &mut Tx, place: &ScopePath, kind: u16, body: Vec<u8>) -> Outcome<()> {
    let targets = vec![place.clone()];
    tx.emit_down(Outgoing { lane: Lane::Text, kind, targets, body }).await?;
    Ok(())
}

/// The farthest head of the next epoch that the node has signed and whose rows the hub holds.
async fn next_proof(
    tx: &mut Tx,
    node: NodeId,
    keys: &PublicKeys,
    done: Cursor,
) -> Outcome<Option<(Cursor, Vec<u8>)>> {
    for head in handed::heads(tx, node).await? {
        if (head.epoch, head.seq) <= (done.epoch, done.seq) {
            continue;
        }
        if holds(tx, node, keys, &head.signed).await? {
            return Ok(Some((Cursor::new(head.epoch, head.seq), head.signed)));
        }
    }
    Ok(None)
}

/// True when the node has signed this head and the rows held here lead to it.
async fn holds(tx: &mut Tx, node: NodeId, keys: &PublicKeys, signed: &[u8]) -> Outcome<bool> {
    let Ok(hello) = Signed::<Hello>::from_bytes(signed) else { return Ok(false) };
    let Ok(hello) = hello.verify(keys) else { return Ok(false) };
    let at = hello.up.cursor;
    let held = store::inbox::chain_at(tx, node, at.epoch, at.seq).await?;
    Ok(hello.node == node && keys.node_id() == node && held == Some(hello.up.hash))
}

/// A piece of a predecessor's log has come down: kept as it came, and looked at in a job of its own.
pub(crate) async fn hear_piece(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let own = tx.stamp().map(|stamp| stamp.0.node_id());
    let Some((to, content)) = incoming.body.split_first_chunk::<16>() else { return Ok(()) };
    if own != Some(NodeId(*to)) || incoming.targets.is_empty() {
        return Ok(());
    }
    let is_head = incoming.kind == HEAD_KIND;
    let node = if is_head {
        read_head(content).map(|head| head.keys.node_id())
    } else {
        content.first_chunk::<16>().map(|node| NodeId(*node))
    };
    let Some(node) = node else { return Ok(()) };
    handed::keep_piece(tx, &node.to_string(), is_head, content).await?;
    tx.queue(&TAKE_OVER, &node.to_string(), tx.now()).await?;
    Ok(())
}

struct HandedHead {
    keys: PublicKeys,
    signed: Vec<u8>,
    scopes: Vec<ScopePath>,
}

fn read_head(content: &[u8]) -> Option<HandedHead> {
    let (keys, rest) = content.split_first_chunk::<{ PublicKeys::LEN }>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (signed, scopes) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    let scopes = read_targets(std::str::from_utf8(scopes).ok()?);
    let keys = PublicKeys::from_bytes(keys).ok()?;
    (!scopes.is_empty()).then(|| HandedHead { keys, signed: signed.to_vec(), scopes })
}

async fn take_over(app: &Arc<App>, node: &str) -> Outcome<()> {
    let Ok(id) = node.parse::<NodeId>() else { return Ok(()) };
    app.db
        .change(async |tx| {
            let pieces = handed::pieces(tx, node).await?;
            let mut stretches = Vec::new();
            for piece in pieces.iter().filter(|piece| !piece.is_head) {
                match LogStretch::open(piece.content.get(16..).unwrap_or_default(), &app.keys) {
                    Ok(stretch) if stretch.node == id => stretches.push((stretch, &piece.id)),
                    _ => {
                        kernel::tracing::warn!(node.id = node, "a piece of a log cannot be opened");
                    }
                }
            }
            stretches.sort_by_key(|(stretch, _)| (stretch.epoch, stretch.first));
            for (stretch, piece) in stretches {
                if keep(tx, id, &stretch).await? {
                    handed::drop_piece(tx, piece).await?;
                }
            }
            for piece in pieces.iter().filter(|piece| piece.is_head) {
                if let Some(head) = read_head(&piece.content)
                    && holds(tx, id, &head.keys, &head.signed).await?
                {
                    apply(app, tx, id, &head).await?;
                    handed::drop_piece(tx, &piece.id).await?;
                }
            }
            Ok(())
        })
        .await
}

/// Keeps rows that go on from what is held; true when nothing of them is missing any more.
async fn keep(tx: &mut Tx, node: NodeId, stretch: &LogStretch) -> Outcome<bool> {
    let held = store::inbox::head(tx, node, stretch.epoch).await?;
    let held = held.unwrap_or_else(|| InboxState::empty(node, stretch.epoch));
    let last = stretch.first + stretch.rows.len() as u64 - 1;
    if last <= held.acked.seq {
        return Ok(true);
    }
    if stretch.first != held.acked.seq + 1 || stretch.previous != held.hash {
        return Ok(false);
    }
    let rows = stretch.chained();
    let hash = rows.last().map_or(held.hash, |(_, hash)| *hash);
    store::inbox::keep(tx, node, stretch.epoch, stretch.first, &rows).await?;
    let state = InboxState { acked: Cursor::new(stretch.epoch, last), hash };
    store::inbox::save_head(tx, node, &state).await?;
    Ok(true)
}

/// Applies what is proven of a predecessor's log, in its order.
async fn apply(app: &Arc<App>, tx: &mut Tx, node: NodeId, head: &HandedHead) -> Outcome<()> {
    let Ok(hello) = Signed::<Hello>::from_bytes(&head.signed) else { return Ok(()) };
    let to = hello.unproven().up.cursor;
    let name = node.to_string();
    let done = handed::taken(tx, &name).await?;
    let mut after = if done.epoch == to.epoch { done.seq } else { 0 };
    if (to.epoch, to.seq) <= (done.epoch, done.seq) {
        return Ok(());
    }
    let Some((scope, former)) = head.scopes.split_last() else { return Ok(()) };
    let inherited = super::heirs::inherited(tx, &name).await?;
    while after < to.seq {
        let rows = handed::rows(tx, node, to.epoch, after, to.seq).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            after += 1;
            let incoming = Incoming {
                origin: node,
                scope: scope.clone(),
                former: former.to_vec(),
                inherited: inherited.clone(),
                handed_over: true,
                epoch: to.epoch,
                seq: after,
                kind: row.kind,
                targets: Vec::new(),
                body: row.body,
            };
            super::hub::apply(app, tx, &incoming).await?;
        }
    }
    let lines: Vec<&str> = head.scopes.iter().map(ScopePath::as_str).collect();
    Ok(handed::note_taken(tx, &name, &head.keys.to_bytes(), &lines.join("\n"), to).await?)
}
