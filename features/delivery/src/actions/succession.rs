//! Points go on through changes of the map. A point whose unit went whole stands in the heir from then on,
//! with its cursors, its keys and its log; for one in a divided unit an officer decides. What it says it
//! goes on saying under the scope it joined with; the hub knows both.

use areas::{AreaEventId, Decision, Heir, Question, QuestionAnswered, Step};
use identity::audit;
use kernel::{
    app::NodeRole,
    caller::Caller,
    db::Tx,
    problem::{Failure, Outcome},
    records::{Incoming, Lane, Outgoing},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use crate::store::succession::{self as store, CODE, NODE, Place, ROAD, Standing};

/// The kind of question about a point of a divided unit.
pub const KIND_NODE: &str = "delivery.node";

/// Kind of the record that tells a point where it stands now.
pub(crate) const PLACED_KIND: u16 = 40;

/// Tells a point of a divided unit where it stands.
#[derive(Debug, Serialize, Deserialize)]
struct Placed {
    version: u8,
    node: String,
    event: AreaEventId,
    from_path: ScopePath,
    heir: Heir,
}

/// Lets points, codes and, at a point, its own road follow.
pub async fn follow_steps(tx: &mut Tx, event: &AreaEventId, steps: &[Step]) -> Outcome<()> {
    for step in steps {
        for thing in [NODE, CODE, ROAD] {
            for standing in store::below(tx, thing, &step.from_path).await? {
                match step.whole() {
                    Some(heir) => {
                        let to = place_of(tx, step, heir, &standing).await?;
                        relocate(tx, event, thing, &standing, &to).await?;
                    }
                    None if thing == NODE && !step.heirs.is_empty() => {
                        ask(tx, event, step, &standing).await?;
                    }
                    None => {}
                }
            }
        }
    }
    let moved = store::moved(tx, event).await?;
    if moved.iter().any(|row| row.thing == ROAD)
        && let Some(path) = crate::scope_of(tx).await?
    {
        let heir = path.last().unwrap_or_default().to_owned();
        staff_goes_along(tx, event, &heir).await?;
    }
    Ok(())
}

async fn relocate(
    tx: &mut Tx,
    event: &AreaEventId,
    thing: &str,
    standing: &Standing,
    to: &Place,
) -> Outcome<()> {
    if standing.path == to.path || !store::relocate(tx, event, thing, standing, to).await? {
        return Ok(());
    }
    if thing != CODE {
        let system = Caller::system(tx.now());
        let detail = format!("{} → {}", standing.path, to.path);
        audit(tx, &system, "delivery.moved", &standing.id, &detail).await?;
    }
    Ok(())
}

/// Where something of a unit that went whole lies from now on, with the names that people read.
async fn place_of(tx: &mut Tx, step: &Step, heir: &Heir, standing: &Standing) -> Outcome<Place> {
    let path = step.moved(&standing.path).unwrap_or_else(|| heir.path.clone());
    let is_unit = standing.path == step.from_path;
    let area = if is_unit { heir.unit.to_string() } else { standing.area.clone() };
    named(tx, area, path, standing).await
}

/// The names of a place; those of before where the new ones are not known here yet.
async fn named(tx: &mut Tx, area: String, path: ScopePath, standing: &Standing) -> Outcome<Place> {
    let found = match areas::AreaId::parse(&area) {
        Some(id) => areas::find(tx, &id).await?,
        None => None,
    };
    let mut commune = standing.commune.clone();
    let mut province = standing.province.clone();
    if let Some(found) = found {
        let above = areas::ancestors(tx, &found).await?;
        if let Some(above) = above.iter().find(|area| area.level == areas::AreaLevel::Province) {
            province.clone_from(&above.full_name);
        }
        commune = found.full_name;
    }
    Ok(Place { area, path, commune, province })
}

async fn ask(tx: &mut Tx, event: &AreaEventId, step: &Step, standing: &Standing) -> Outcome<()> {
    let question = Question {
        event: event.clone(),
        kind: KIND_NODE,
        subject: standing.id.clone(),
        label: standing.commune.clone(),
        detail: String::new(),
        from: step.from.clone(),
        from_path: step.from_path.clone(),
        heirs: step.heirs.clone(),
        is_note: false,
    };
    areas::ask(tx, &question).await?;
    Ok(())
}

/// An officer has decided where a point stands: the hub knows, and the point is told.
pub async fn hear_answer(tx: &mut Tx, fact: &QuestionAnswered) -> Outcome<()> {
    let (KIND_NODE, Some(heir)) = (fact.kind.as_str(), &fact.heir) else { return Ok(()) };
    let standing = store::below(tx, NODE, &fact.from_path).await?;
    let Some(standing) = standing.into_iter().find(|node| node.id == fact.subject) else {
        return Ok(());
    };
    let to = named(tx, heir.unit.to_string(), heir.path.clone(), &standing).await?;
    relocate(tx, &fact.event, NODE, &standing, &to).await?;
    let placed = Placed {
        version: 1,
        node: standing.id,
        event: fact.event.clone(),
        from_path: fact.from_path.clone(),
        heir: heir.clone(),
    };
    let body = serde_json::to_vec(&placed)
        .map_err(|error| Failure::fault("tell a point where it stands", error))?;
    let targets = vec![fact.from_path.clone()];
    tx.emit_down(Outgoing { lane: Lane::Control, kind: PLACED_KIND, targets, body }).await?;
    Ok(())
}

/// What the hub said about where a point stands. Only the point itself takes it to heart.
pub(crate) async fn hear_placed(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Ok(placed) = serde_json::from_slice::<Placed>(&incoming.body) else {
        kernel::tracing::warn!("a word about where a point stands makes no sense; passed over");
        return Ok(());
    };
    let own = tx.stamp().map(|stamp| stamp.0.node_id().to_string());
    if own.as_deref() != Some(placed.node.as_str()) || incoming.targets.is_empty() {
        return Ok(());
    }
    let Some(standing) = store::below(tx, ROAD, &placed.from_path).await?.pop() else {
        return Ok(());
    };
    let (unit, path) = (placed.heir.unit.to_string(), placed.heir.path.clone());
    let to = named(tx, unit.clone(), path, &standing).await?;
    relocate(tx, &placed.event, ROAD, &standing, &to).await?;
    staff_goes_along(tx, &placed.event, &unit).await
}

/// The people of a point work where it stands: what waits for a decision about them here is decided by
/// where the point went.
async fn staff_goes_along(tx: &mut Tx, event: &AreaEventId, unit: &str) -> Outcome<()> {
    let system = Caller::system(tx.now());
    for asked in areas::open_questions(tx, event, identity::actions::succession::KIND_GRANT).await?
    {
        let Some(heir) = asked.heirs.iter().find(|heir| heir.unit.as_str() == unit) else {
            continue;
        };
        let decision = Decision::To(heir.unit.clone());
        areas::actions::questions::answer_in(tx, NodeRole::Point, &system, &asked.id, &decision)
            .await?;
    }
    Ok(())
}

/// Takes back everything that followed from an event.
pub async fn unfollow(tx: &mut Tx, event: &AreaEventId) -> Outcome<()> {
    let moved = store::moved(tx, event).await?;
    for row in &moved {
        store::put_back(tx, row).await?;
    }
    store::forget(tx, event).await?;
    // A point hears from its hub what goes back; it decides nothing by itself.
    if crate::scope_of(tx).await?.is_none() {
        let nodes = moved.into_iter().filter(|row| row.thing == NODE).map(|row| row.id);
        super::passings::take_back(tx, event, &nodes.collect()).await?;
    }
    Ok(())
}
