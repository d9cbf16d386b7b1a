//! What arriving records do: villages and head counts, up from a commune's point or down from the hub.
//!
//! Applying one twice changes nothing. A node is only believed about places inside the area it speaks
//! for; what it says about others, or what cannot be read, is put aside with a warning, since refusing it
//! would hold up everything the node says after it.

use kernel::{
    db::Tx,
    problem::{Failure, Outcome},
    records::{Incoming, RecordKind},
    tracing::warn,
};

use crate::{
    actions,
    model::{
        Area, AreaId,
        wire::{self, POPULATION_KIND, PopulationBody, VILLAGE_KIND, VillageBody},
    },
    store,
};

/// A village that a commune added.
pub const VILLAGE: RecordKind = RecordKind {
    kind: VILLAGE_KIND,
    name: "thôn bản",
    apply: |tx, incoming| Box::pin(apply_village(tx, incoming)),
    packing: None,
};

/// A head count of a village or commune.
pub const POPULATION: RecordKind = RecordKind {
    kind: POPULATION_KIND,
    name: "số dân",
    apply: |tx, incoming| Box::pin(apply_population(tx, incoming)),
    packing: None,
};

/// Where a village of a divided commune belongs, as its hub decided.
pub const ASSIGNED: RecordKind = RecordKind {
    kind: actions::questions::ASSIGNED_KIND,
    name: "thôn bản về xã mới",
    apply: |tx, incoming| Box::pin(apply_assigned(tx, incoming)),
    packing: None,
};

async fn apply_assigned(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Some(body) = wire::decode::<actions::questions::AssignedBody>(&incoming.body) else {
        return aside(incoming, "unreadable");
    };
    // Only a hub decides for others.
    if incoming.targets.is_empty() || !incoming.scope.contains(&body.3) {
        return aside(incoming, "not said by a hub over that place");
    }
    actions::questions::hear_assigned(tx, &body).await
}

async fn apply_village(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Some(body) = wire::decode::<VillageBody>(&incoming.body) else {
        return aside(incoming, "unreadable");
    };
    let Some(id) = body.id() else { return aside(incoming, "not an id of a village") };
    let commune = place(tx, body.commune()).await?;
    if !incoming.speaks_for(&commune.path) {
        return aside(incoming, "outside the area of its node");
    }
    let commune = carried_on_by(tx, commune).await?;
    match body.village().check(&[]) {
        Ok(village) => {
            actions::write_village(tx, id, &commune, &village).await?;
            Ok(())
        }
        Err(_) => aside(incoming, "not a village"),
    }
}

async fn apply_population(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Some(body) = wire::decode::<PopulationBody>(&incoming.body) else {
        return aside(incoming, "unreadable");
    };
    let Some(id) = body.id() else { return aside(incoming, "not an id of a head count") };
    let area = place(tx, body.area()).await?;
    if !incoming.speaks_for(&area.path) {
        return aside(incoming, "outside the area of its node");
    }
    // The sender's clock may run ahead of ours: the day it wrote is judged by itself.
    let on = body.count().on.unwrap_or_else(|| tx.now().day());
    match body.count().check(on.max(tx.now().day())) {
        Ok(count) => {
            let by = format!("node {}", incoming.scope);
            actions::write_population(tx, id, &area, &count, body.recorded_at(), &by).await?;
            Ok(())
        }
        Err(_) => aside(incoming, "not a head count"),
    }
}

/// The place a record speaks of. One we do not know yet may come with a later decree: the record waits.
async fn place(tx: &mut Tx, id: &AreaId) -> Outcome<Area> {
    let area = store::find(tx, id).await?;
    area.ok_or_else(|| Failure::fault("apply a record of areas", format!("{id} is not known here")))
}

/// The commune itself, or its heir when it went whole before its point had heard of that.
async fn carried_on_by(tx: &mut Tx, commune: Area) -> Outcome<Area> {
    if commune.holds_on(tx.now().day()) {
        return Ok(commune);
    }
    let heir = match actions::questions::today(tx, &commune.path).await?.place() {
        Some(path) => store::by_path(tx, &path).await?,
        None => None,
    };
    Ok(heir.unwrap_or(commune))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands where the work would have given its outcome"
)]
fn aside(incoming: &Incoming, why: &str) -> Outcome<()> {
    warn!(record.kind = incoming.kind, record.seq = incoming.seq, "a record was put aside: {why}");
    Ok(())
}
