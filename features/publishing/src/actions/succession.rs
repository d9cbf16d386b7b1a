//! What was meant for a unit stays readable where the unit went: for the heir of one that went whole, for
//! every heir of a divided one, since a notice that reaches a neighbour too does no harm. Targets are never
//! rewritten: what was published says for ever whom it was meant for.

use areas::{AreaEventId, Heir, Step};
use kernel::{db::Tx, problem::Outcome, scope::ScopePath};

use crate::{
    model::PublicationId,
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
