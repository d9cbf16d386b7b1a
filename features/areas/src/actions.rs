//! What people do to areas: communes add their villages and record how many people live there.
//! Each is one transaction: find it or 404, may you or 403, does the rule hold or 422, write, announce.

pub(crate) mod assignment;
pub mod classes;
pub mod decree;
pub mod questions;
pub mod view;
pub mod village_import;
pub mod villages;

use kernel::{
    app::NodeRole,
    caller::{Caller, Permission},
    clock::Timestamp,
    db::{Db, Tx},
    problem::{OrMissing, Outcome, ProblemKind},
    records::{Lane, Outgoing},
    scope::ScopePath,
    text::fold,
};

use crate::{
    NOT_FOUND,
    model::{
        Area, AreaId, AreaLevel, PopulationId, PopulationRecorded, VillageAdded,
        ethnic::GroupCount,
        village::{Count, Village},
        village_change::{GROUPS_KIND, GroupsBody, NOTES_KIND, Note, NotesBody, runs},
        wire::{self, POPULATION_KIND, PopulationBody, VILLAGE_KIND, VillageBody},
    },
    store::{self, write},
};

pub use crate::model::village::{NewPopulation, NewVillage};
pub use assignment::assign_village;

/// Adding villages and recording head counts of a commune.
pub static MANAGE_VILLAGES: Permission =
    Permission { code: "areas.manage_villages", roles: &["commune_officer", "administrator"] };

/// Villages belong to communes only.
pub static NOT_A_COMMUNE: ProblemKind = ProblemKind { code: "areas-not-a-commune", status: 422 };
/// The unit has ended; its successor carries on.
pub static NOT_IN_FORCE: ProblemKind = ProblemKind { code: "areas-not-in-force", status: 422 };

/// Adds a village to a commune and tells the other nodes.
pub async fn add_village(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    draft: NewVillage,
) -> Outcome<AreaId> {
    db.change(async |tx| {
        let commune = store::find(tx, &draft.commune).await?.or_missing(&NOT_FOUND)?;
        caller.must(&MANAGE_VILLAGES, &commune.path)?;
        check_commune(tx, &commune)?;
        let known = store::villages_of(tx, &commune.id).await?;
        let village = draft.check(&known)?;
        let id: AreaId = tx.new_id();
        write_village(tx, &id, &commune, &village).await?;
        store::villages::insert_here(tx, &id, caller.id()).await?;
        let body = wire::encode(&VillageBody::of(&id, &commune.id, &village));
        say(tx, role, VILLAGE_KIND, &commune.path, body).await?;
        Ok(id)
    })
    .await
}

/// Records how many people live in a village (or commune) as of a day, and tells the other nodes.
pub async fn record_population(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    draft: NewPopulation,
) -> Outcome<PopulationId> {
    db.change(async |tx| Ok(record_in(tx, role, caller, &draft).await?.0)).await
}

/// Records a head count in a transaction that goes on; gives its id, the place and what was counted.
async fn record_in(
    tx: &mut Tx,
    role: NodeRole,
    caller: &Caller,
    draft: &NewPopulation,
) -> Outcome<(PopulationId, Area, Count)> {
    let area = store::find(tx, &draft.area).await?.or_missing(&NOT_FOUND)?;
    caller.must(&MANAGE_VILLAGES, &area.path)?;
    check_countable(tx, &area)?;
    let count = draft.check(tx.now().day())?;
    let (id, now): (PopulationId, _) = (tx.new_id(), tx.now());
    write_population(tx, &id, &area, &count, now, caller.id()).await?;
    let body = wire::encode(&PopulationBody::of(&id, &area.id, &count, now));
    say(tx, role, POPULATION_KIND, &area.path, body).await?;
    Ok((id, area, count))
}

/// The commune of a village, or the commune itself.
async fn commune_of(tx: &mut Tx, area: &Area) -> Outcome<Area> {
    match (&area.parent, area.level) {
        (_, AreaLevel::Commune) => Ok(area.clone()),
        (Some(parent), AreaLevel::Village) => store::find(tx, parent).await?.or_missing(&NOT_FOUND),
        _ => Err((&NOT_A_COMMUNE).into()),
    }
}

/// Tells the other nodes what happened to places of a commune, in as few records as hold it.
async fn tell(tx: &mut Tx, role: NodeRole, commune: &Area, notes: Vec<Note>) -> Outcome<()> {
    for run in runs(notes) {
        let body = wire::encode(&NotesBody::of(&commune.id, run));
        say(tx, role, NOTES_KIND, &commune.path, body).await?;
    }
    Ok(())
}

/// Tells the hub head counts by ethnic group. They travel up only, where whole batches are sealed to the
/// hub; a record going down is signed but open, and any relay could read it.
async fn tell_groups(
    tx: &mut Tx,
    role: NodeRole,
    commune: &Area,
    counts: Vec<(PopulationId, AreaId, Vec<GroupCount>)>,
) -> Outcome<()> {
    if role == NodeRole::Hub {
        return Ok(());
    }
    for run in runs(counts) {
        let body = wire::encode(&GroupsBody::of(&commune.id, run));
        say(tx, role, GROUPS_KIND, &commune.path, body).await?;
    }
    Ok(())
}

/// Villages hang on communes that live today.
pub(crate) fn check_commune(tx: &Tx, commune: &Area) -> Outcome<()> {
    match commune.level {
        AreaLevel::Commune => in_force(tx, commune),
        _ => Err((&NOT_A_COMMUNE).into()),
    }
}

/// Head counts are kept for communes and villages that live today.
pub(crate) fn check_countable(tx: &Tx, area: &Area) -> Outcome<()> {
    match area.level {
        AreaLevel::Commune | AreaLevel::Village => in_force(tx, area),
        _ => Err((&NOT_A_COMMUNE).into()),
    }
}

fn in_force(tx: &Tx, area: &Area) -> Outcome<()> {
    if area.holds_on(tx.now().day()) { Ok(()) } else { Err((&NOT_IN_FORCE).into()) }
}

/// Writes a village and announces it; nothing happens when it is already there.
pub(crate) async fn write_village(
    tx: &mut Tx,
    id: &AreaId,
    commune: &Area,
    village: &Village,
) -> Outcome<()> {
    let above = store::within(tx, &[commune]).await?.pop().unwrap_or_default();
    let context = fold(&format!("{} {above}", commune.full_name));
    if write::insert_village(tx, id, commune, village, &context).await? {
        assignment::follow_commune(tx, id, &commune.id).await?;
        let path = commune.path.child(id.as_str());
        let path = store::find(tx, id).await?.map_or(path, |village| village.path);
        let at = tx.now();
        tx.announce(&VillageAdded { village: id.clone(), path, at }).await?;
    }
    Ok(())
}

/// Writes a head count and announces it; nothing happens when it is already there.
pub(crate) async fn write_population(
    tx: &mut Tx,
    id: &PopulationId,
    area: &Area,
    count: &Count,
    recorded_at: Timestamp,
    recorded_by: &str,
) -> Outcome<()> {
    if write::insert_population(tx, id, &area.id, count, recorded_at, recorded_by).await? {
        let (on, people, households) = (count.on, count.people, count.households);
        tx.announce(&PopulationRecorded { area: area.id.clone(), on, people, households }).await?;
    }
    Ok(())
}

/// A hub speaks down to the place concerned, a point up to its hub.
async fn say(
    tx: &mut Tx,
    role: NodeRole,
    kind: u16,
    place: &ScopePath,
    body: Vec<u8>,
) -> Outcome<()> {
    match role {
        NodeRole::Hub => {
            let targets = vec![place.clone()];
            tx.emit_down(Outgoing { lane: Lane::Control, kind, targets, body }).await?;
        }
        NodeRole::Point => {
            tx.emit_up(kind, body).await?;
        }
    }
    Ok(())
}
