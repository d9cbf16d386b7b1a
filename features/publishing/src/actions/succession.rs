//! What was meant for a unit stays readable where the unit went: for the heir of one that went whole, for
//! every heir of a divided one, since a notice that reaches a neighbour too does no harm. Targets are never
//! rewritten: what was published says for ever whom it was meant for.

use std::collections::BTreeSet;

use areas::{AreaEventId, Heir, Step};
use kernel::{db::Tx, problem::Outcome, records::Outgoing, scope::ScopePath};

use super::release::lane;
use crate::{
    model::{PublicationId, record::PUBLICATION},
    store::{carried, versions},
};

/// Carries everything that was published for the units of these steps to their heirs.
pub async fn follow_steps(tx: &mut Tx, event: &AreaEventId, steps: &[Step]) -> Outcome<()> {
    for step in steps {
        for row in carried::below(tx, &step.from_path).await? {
            for heir in &step.heirs {
                let path = step.moved(&row.path).unwrap_or_else(|| heir.path.clone());
                carried::carry(tx, &row.publication, row.version, &path, event).await?;
            }
        }
        for heir in &step.heirs {
            from_above(tx, event, step, heir).await?;
        }
    }
    Ok(())
}

/// What was meant for a province that the commune has left is still its people's to read.
async fn from_above(tx: &mut Tx, event: &AreaEventId, step: &Step, heir: &Heir) -> Outcome<()> {
    for above in step.from_path.ancestors() {
        if above != step.from_path && !above.contains(&heir.path) {
            carried::carry_from_above(tx, &above, &heir.path, event).await?;
        }
    }
    Ok(())
}

/// Says again, unchanged, what was meant for a unit that others have joined in one: their points were told
/// that it is not for them. A point that has it already passes over it. For the hub, which says things down.
pub async fn say_again(tx: &mut Tx, steps: &[Step]) -> Outcome<()> {
    let mut said = BTreeSet::new();
    for step in steps.iter().filter(|step| joins_others(step, steps)) {
        for row in carried::standing_at(tx, &step.from_path).await? {
            if !said.insert((row.publication.clone(), row.version)) {
                continue;
            }
            let version = versions::find(tx, &row.publication, row.version).await?;
            let Some(version) = version else { continue };
            let targets = version.targets.iter().map(|target| target.path.clone()).collect();
            let (lane, kind) = (lane(&version), PUBLICATION);
            tx.emit_down(Outgoing { lane, kind, targets, body: row.record }).await?;
        }
    }
    Ok(())
}

/// True where an heir has people who did not come from this unit: it takes in others too, or was there before.
/// A unit that only changed its name or its parent joins nobody.
fn joins_others(step: &Step, steps: &[Step]) -> bool {
    let is_joined = |heir: &Heir| {
        let others = steps.iter().filter(|other| other.from_path != step.from_path);
        let shares = |other: &Step| other.heirs.iter().any(|one| one.unit == heir.unit);
        // A unit that is named anew has an id of its own; one that was there keeps what was said to it.
        others.into_iter().any(shares) || heir.unit.as_str() != step.from.as_str()
    };
    step.heirs.iter().any(is_joined)
}

/// Carries one version, published or received after the map had changed, by everything that was told.
pub async fn follow_version(tx: &mut Tx, id: &PublicationId, version: u32) -> Outcome<()> {
    let steps = areas::steps(tx).await?;
    if steps.is_empty() {
        return Ok(());
    }
    for target in versions::targets(tx, id, version).await? {
        for (event, place) in steps.onward(&target.path) {
            carried::carry(tx, id, version, &place, &event).await?;
        }
        for told in steps.told() {
            let left = target.path.contains(&told.from) && target.path != told.from;
            let heir: Option<&ScopePath> = told.heir.as_ref().map(|heir| &heir.path);
            if let Some(heir) = heir.filter(|heir| left && !target.path.contains(heir)) {
                carried::carry(tx, id, version, heir, &told.event).await?;
            }
        }
    }
    Ok(())
}

/// Takes back what followed from an event.
pub async fn unfollow(tx: &mut Tx, event: &AreaEventId) -> Outcome<()> {
    Ok(carried::take_back(tx, event).await?)
}
