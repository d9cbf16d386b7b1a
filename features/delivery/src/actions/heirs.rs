//! Which node takes whose place, told by the hub to both of them with each other's pinned keys. Names never
//! pass through the hub; with these keys they can be sealed by one point for the other and carried by hand.

use std::collections::BTreeSet;

use kernel::{
    chance::{hex, unhex},
    db::Tx,
    problem::{Failure, OrMissing, Outcome},
    records::{Incoming, Lane, NodeId, Outgoing},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};
use sync::keys::PublicKeys;

use crate::{
    NO_POINT,
    store::{
        self,
        heirs::{self, HeirRow},
        nodes::NodeRow,
    },
};

/// Kind of the record that tells two points that one takes the other's place.
pub(crate) const HEIR_KIND: u16 = 43;

/// What is told.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    version: u8,
    /// The name of this order; empty in words of before orders had names.
    #[serde(default)]
    name: String,
    node: Party,
    successor: Party,
    scopes: Vec<ScopePath>,
    inherited: Vec<ScopePath>,
}

/// One of the two.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Party {
    pub(super) id: String,
    keys: String,
    pub(super) commune: String,
}

impl Party {
    pub(super) fn of(row: &NodeRow) -> Self {
        Self { id: row.id.clone(), keys: hex(&row.keys), commune: row.commune.clone() }
    }

    /// Its keys, when they are whole and are those of the name.
    pub(super) fn pinned(&self) -> Option<Vec<u8>> {
        let bytes = unhex(&self.keys)?;
        let keys = PublicKeys::from_bytes(bytes.as_slice().try_into().ok()?).ok()?;
        (keys.node_id().to_string() == self.id).then_some(bytes)
    }
}

/// Tells a node and its successor about each other.
pub(super) async fn tell(tx: &mut Tx, row: &NodeRow, successor: &str, name: &str) -> Outcome<()> {
    let to: NodeId = successor.parse().ok().or_missing(&NO_POINT)?;
    let heir = store::nodes::find(tx, to).await?.or_missing(&NO_POINT)?;
    let mut scopes = row.former();
    scopes.push(row.path.clone());
    let inherited = inherited(tx, &row.id).await?;
    let told = Told {
        version: 1,
        name: name.to_owned(),
        node: Party::of(row),
        successor: Party::of(&heir),
        scopes,
        inherited,
    };
    let body = serde_json::to_vec(&told)
        .map_err(|error| Failure::fault("tell who takes a point's place", error))?;
    let mut targets = vec![row.path.clone(), heir.path];
    targets.dedup();
    tx.emit_down(Outgoing { lane: Lane::Control, kind: HEIR_KIND, targets, body }).await?;
    Ok(())
}

/// What the hub said. Only the two that it is about keep it.
pub(crate) async fn hear(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Ok(told) = serde_json::from_slice::<Told>(&incoming.body) else {
        kernel::tracing::warn!(
            "a word about who takes a point's place makes no sense; passed over"
        );
        return Ok(());
    };
    let own = tx.stamp().map(|stamp| stamp.0.node_id().to_string()).unwrap_or_default();
    let ours = own == told.node.id || own == told.successor.id;
    // What comes up has no targets: no point may say this of another.
    if !ours || incoming.targets.is_empty() {
        return Ok(());
    }
    let (Some(node_keys), Some(successor_keys)) = (told.node.pinned(), told.successor.pinned())
    else {
        kernel::tracing::warn!("a word about who takes a point's place has damaged keys");
        return Ok(());
    };
    let row = HeirRow {
        name: told.name,
        node: told.node.id,
        node_keys,
        node_commune: told.node.commune,
        successor: told.successor.id,
        successor_keys,
        successor_commune: told.successor.commune,
        scopes: lines(&told.scopes),
        inherited: lines(&told.inherited),
    };
    // What was to go the other way was about a decree that is undone no more.
    store::passings::end_between(tx, &row.successor, &row.node).await?;
    Ok(heirs::keep(tx, &row).await?)
}

pub(super) fn lines(scopes: &[ScopePath]) -> String {
    scopes.iter().map(ScopePath::as_str).collect::<Vec<_>>().join("\n")
}

/// The scopes under which nodes joined whose place, or whose people, a node has taken, directly or by way of others: as the
/// hub has ordered, or, at a point, as the hub has told it.
pub(crate) async fn inherited(tx: &mut Tx, node: &str) -> Outcome<Vec<ScopePath>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([node.to_owned()]);
    let mut open = vec![node.to_owned()];
    while let Some(next) = open.pop() {
        for before in heirs::ordered_to(tx, &next).await? {
            if !seen.insert(before.clone()) {
                continue;
            }
            if let Ok(id) = before.parse::<NodeId>()
                && let Some(row) = store::nodes::find(tx, id).await?
            {
                found.push(row.former().into_iter().next().unwrap_or(row.path));
            }
            open.push(before);
        }
        for part in store::passings::ever_to(tx, &next).await? {
            if seen.insert(part.giver.clone()) {
                found.extend(part.joined());
                found.extend(part.inherited());
                open.push(part.giver);
            }
        }
    }
    if let Ok(id) = node.parse::<NodeId>()
        && let Some(row) = heirs::of(tx, id).await?
    {
        found.extend(row.inherited());
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Who takes this point's place, as the hub said.
pub async fn own_heir(tx: &mut Tx) -> Outcome<Option<HeirRow>> {
    let Some(own) = tx.stamp().map(|stamp| stamp.0.node_id()) else { return Ok(None) };
    Ok(heirs::standing(tx, own).await?)
}

/// Whose place this point takes, as the hub said.
pub async fn own_predecessors(tx: &mut Tx) -> Outcome<Vec<HeirRow>> {
    let Some(own) = tx.stamp().map(|stamp| stamp.0.node_id()) else { return Ok(Vec::new()) };
    Ok(heirs::taken_by(tx, own).await?)
}
