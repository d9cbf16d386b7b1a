//! What arriving records do: villages and head counts, up from a commune's point or down from the hub;
//! decrees, down from the hub.
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
    actions::{
        self,
        decree::{self, Arrival},
    },
    model::{
        Area, AreaId,
        decree::wire::{DECREE_KIND, Part, STANDING_KIND, Standing},
        wire::{
            self, ASSIGNMENT_KIND, AssignmentBody, POPULATION_KIND, PopulationBody, VILLAGE_KIND,
            VillageBody,
        },
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

/// A part of a decree; with the last, the map follows it.
pub const DECREE: RecordKind = RecordKind {
    kind: DECREE_KIND,
    name: "văn bản sắp xếp",
    apply: |tx, incoming| Box::pin(apply_decree(tx, incoming)),
    packing: None,
};

/// A decree was undone, or confirmed against its instrument.
pub const STANDING: RecordKind = RecordKind {
    kind: STANDING_KIND,
    name: "hiệu lực văn bản sắp xếp",
    apply: |tx, incoming| Box::pin(apply_standing(tx, incoming)),
    packing: None,
};

/// A village of a divided commune was given its new one.
pub const ASSIGNMENT: RecordKind = RecordKind {
    kind: ASSIGNMENT_KIND,
    name: "thôn bản về xã mới",
    apply: |tx, incoming| Box::pin(apply_assignment(tx, incoming)),
    packing: None,
};

async fn apply_decree(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    if !incoming.scope.contains(&decree::country()) {
        return aside(incoming, "decrees come from a hub of the whole country");
    }
    let Some(part) = Part::read(&incoming.body) else { return aside(incoming, "unreadable") };
    match decree::take_part(tx, &part).await? {
        Arrival::Aside(count) => {
            aside(incoming, &format!("the decree does not fit here ({count})"))
        }
        Arrival::Unreadable => aside(incoming, "the parts are no decree"),
        Arrival::Waiting | Arrival::Applied => Ok(()),
    }
}

async fn apply_standing(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    if !incoming.scope.contains(&decree::country()) {
        return aside(incoming, "decrees come from a hub of the whole country");
    }
    let Some(standing) = Standing::read(&incoming.body) else {
        return aside(incoming, "unreadable");
    };
    if decree::take_standing(tx, &standing).await? {
        return Ok(());
    }
    aside(incoming, "the decree is not known here")
}

async fn apply_assignment(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Some(body) = wire::decode::<AssignmentBody>(&incoming.body) else {
        return aside(incoming, "unreadable");
    };
    let commune = place(tx, body.commune()).await?;
    if !incoming.scope.contains(&commune.path) {
        return aside(incoming, "outside the area of its node");
    }
    let village = place(tx, body.village()).await?;
    if village.parent.as_ref() == Some(&commune.id) {
        return Ok(());
    }
    let by = format!("node {}", incoming.scope);
    if decree::put_village(tx, &village, &commune, &by).await? {
        return Ok(());
    }
    aside(incoming, "the village does not wait for this commune")
}

async fn apply_village(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Some(body) = wire::decode::<VillageBody>(&incoming.body) else {
        return aside(incoming, "unreadable");
    };
    let Some(id) = body.id() else { return aside(incoming, "not an id of a village") };
    let commune = place(tx, body.commune()).await?;
    if !incoming.scope.contains(&commune.path) {
        return aside(incoming, "outside the area of its node");
    }
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
    if !incoming.scope.contains(&area.path) {
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

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands where the work would have given its outcome"
)]
fn aside(incoming: &Incoming, why: &str) -> Outcome<()> {
    warn!(record.kind = incoming.kind, record.seq = incoming.seq, "a record was put aside: {why}");
    Ok(())
}
