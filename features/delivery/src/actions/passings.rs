//! Parts of registers pass from point to point: who lives in another heir of a divided commune passes to the
//! point there, by an officer's order; and when a decree is undone, everything goes back to the point that had
//! it before, with what was added meanwhile. The hub only says so; names are carried by hand.

use std::collections::BTreeSet;

use areas::AreaEventId;
use identity::audit;
use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    problem::{Failure, FormProblems, OrMissing, Outcome},
    records::{Incoming, Lane, NodeId, Outgoing},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::heirs::{self, Party, lines};
use crate::{
    HAND_OVER, NO_POINT,
    model::NodeState,
    store::{
        self, handover as handed,
        nodes::NodeRow,
        passings::{self as store_passings, PassingId, PassingRow},
    },
};

/// Kind of the record that tells two points that a part of the one's registers passes to the other.
pub(crate) const PASSING_KIND: u16 = 44;

/// What is told.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    version: u8,
    name: String,
    giver: Party,
    taker: Party,
    scopes: Vec<ScopePath>,
    inherited: Vec<ScopePath>,
    place: ScopePath,
    event: String,
    is_return: bool,
}

/// The points to which a part of a point's registers may pass, each with the event that led there: those that
/// stand in another heir of a unit in which this point stood, or another whose registers it took.
pub(crate) async fn takers(tx: &mut Tx, row: &NodeRow) -> Outcome<Vec<(NodeRow, AreaEventId)>> {
    let mut begun = row.former();
    begun.extend(heirs::inherited(tx, &row.id).await?);
    let steps = areas::steps(tx).await?;
    let mut found: Vec<(NodeRow, AreaEventId)> = Vec::new();
    for (event, place) in begun.iter().flat_map(|path| steps.onward(path)) {
        for other in store::nodes::within(tx, &place).await? {
            let fits = other.id != row.id
                && other.path == place
                && !row.path.contains(&place)
                && other.state() == NodeState::Active;
            if fits && !found.iter().any(|(known, _)| known.id == other.id) {
                found.push((other, event.clone()));
            }
        }
    }
    Ok(found)
}

/// Orders that who lives in another heir's area passes from one point to the point there. Ordering it again
/// changes nothing but the name of the order: files made before are then made again.
pub async fn pass_part(app: &AppRef, caller: &Caller, node: NodeId, taker: &str) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let row = store::nodes::find(tx, node).await?.or_missing(&NO_POINT)?;
            caller.must(&HAND_OVER, &row.path)?;
            let fits = takers(tx, &row).await?;
            let chosen = fits.iter().find(|(other, _)| other.id == taker);
            let mut problems = FormProblems::new();
            problems.require(chosen.is_some(), "taker", "delivery-taker-choose");
            problems.check()?;
            let (other, event) = chosen.or_missing(&NO_POINT)?;
            caller.must(&HAND_OVER, &other.path)?;
            store_passings::end_between(tx, &other.id, &row.id).await?;
            audit(tx, caller, "delivery.part-passed", &row.id, taker).await?;
            order(tx, &row, other, &other.path, Some(event)).await
        })
        .await
}

/// Writes an order down and tells the two points. Without an event it is a way back.
async fn order(
    tx: &mut Tx,
    giver: &NodeRow,
    taker: &NodeRow,
    place: &ScopePath,
    event: Option<&AreaEventId>,
) -> Outcome<()> {
    let mut scopes = giver.former();
    scopes.push(giver.path.clone());
    let told = Told {
        version: 1,
        name: tx.new_id::<PassingId>().to_string(),
        giver: Party::of(giver),
        taker: Party::of(taker),
        scopes,
        inherited: heirs::inherited(tx, &giver.id).await?,
        place: place.clone(),
        event: event.map_or_else(String::new, ToString::to_string),
        is_return: event.is_none(),
    };
    let row = told.row().ok_or_else(|| Failure::fault("read a node's keys", "they are damaged"))?;
    store_passings::keep(tx, &row).await?;
    let body = serde_json::to_vec(&told)
        .map_err(|error| Failure::fault("tell what passes from point to point", error))?;
    let mut targets = vec![giver.path.clone(), taker.path.clone()];
    targets.dedup();
    tx.emit_down(Outgoing { lane: Lane::Control, kind: PASSING_KIND, targets, body }).await?;
    Ok(())
}

impl Told {
    fn row(&self) -> Option<PassingRow> {
        Some(PassingRow {
            giver: self.giver.id.clone(),
            taker: self.taker.id.clone(),
            place: self.place.clone(),
            name: self.name.clone(),
            giver_keys: self.giver.pinned()?,
            giver_commune: self.giver.commune.clone(),
            taker_keys: self.taker.pinned()?,
            taker_commune: self.taker.commune.clone(),
            scopes: lines(&self.scopes),
            inherited: lines(&self.inherited),
            event: self.event.clone(),
            is_return: self.is_return,
        })
    }
}

/// What the hub said. Only the two that it is about keep it.
pub(crate) async fn hear(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let told = serde_json::from_slice::<Told>(&incoming.body).ok();
    let Some((told, row)) = told.and_then(|told| told.row().map(|row| (told, row))) else {
        kernel::tracing::warn!("a word about what passes from point to point makes no sense");
        return Ok(());
    };
    let own = tx.stamp().map(|stamp| stamp.0.node_id().to_string()).unwrap_or_default();
    let ours = own == told.giver.id || own == told.taker.id;
    // What comes up has no targets: no point may say this of another.
    if !ours || incoming.targets.is_empty() {
        return Ok(());
    }
    store_passings::end_between(tx, &row.taker, &row.giver).await?;
    if row.is_return {
        store::heirs::end(tx, &row.taker, &row.giver).await?;
    }
    Ok(store_passings::keep(tx, &row).await?)
}

/// At the hub, after an event was undone that had moved points: whoever took people of theirs and does not
/// stand with them any more gives them back.
pub(super) async fn take_back(
    tx: &mut Tx,
    event: &AreaEventId,
    moved: &BTreeSet<String>,
) -> Outcome<()> {
    for node in moved {
        let mut open = vec![node.clone()];
        let mut seen = BTreeSet::from([node.clone()]);
        while let Some(giver) = open.pop() {
            for taker in lets_go(tx, event, &giver).await? {
                if !seen.insert(taker.clone()) {
                    continue;
                }
                if let (Some(from), Some(to)) = (find(tx, &taker).await?, find(tx, node).await?)
                    && from.path != to.path
                {
                    let place = to.path.clone();
                    order(tx, &from, &to, &place, None).await?;
                }
                open.push(taker);
            }
        }
    }
    Ok(())
}

/// Those who took over from a point; what no longer holds is ended.
async fn lets_go(tx: &mut Tx, event: &AreaEventId, giver: &str) -> Outcome<Vec<String>> {
    let mut takers = Vec::new();
    let Some(row) = find(tx, giver).await? else { return Ok(takers) };
    if let Ok(id) = giver.parse::<NodeId>()
        && let Some(order) = handed::find_order(tx, id).await?
    {
        let apart = find(tx, &order.successor).await?.is_some_and(|heir| heir.path != row.path);
        if apart {
            handed::end_order(tx, id).await?;
        }
        takers.push(order.successor);
    }
    for part in store_passings::from(tx, giver).await? {
        if !part.is_return && part.event == event.as_str() {
            store_passings::end(tx, &part).await?;
            takers.push(part.taker);
        }
    }
    Ok(takers)
}

async fn find(tx: &mut Tx, node: &str) -> Outcome<Option<NodeRow>> {
    match node.parse::<NodeId>() {
        Ok(id) => Ok(store::nodes::find(tx, id).await?),
        Err(_) => Ok(None),
    }
}

/// What this point gives others, as the hub said.
pub async fn own_given(tx: &mut Tx) -> Outcome<Vec<PassingRow>> {
    let Some(own) = tx.stamp().map(|stamp| stamp.0.node_id()) else { return Ok(Vec::new()) };
    Ok(store_passings::from(tx, &own.to_string()).await?)
}

/// What this point takes from others, as the hub said.
pub async fn own_taken(tx: &mut Tx) -> Outcome<Vec<PassingRow>> {
    let Some(own) = tx.stamp().map(|stamp| stamp.0.node_id()) else { return Ok(Vec::new()) };
    Ok(store_passings::to(tx, &own.to_string()).await?)
}
