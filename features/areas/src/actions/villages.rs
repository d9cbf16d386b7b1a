//! What happens to a village after it was added: another name, an end, taking back a mistake, a head count
//! with its ethnic groups. What arrives from other nodes goes the same ways.

use kernel::{
    app::NodeRole,
    caller::{Caller, Permission},
    clock::Day,
    db::{Db, Tx},
    events::Doing,
    problem::{OrMissing, Outcome, ProblemKind},
};

use super::{MANAGE_VILLAGES, NOT_IN_FORCE, commune_of, tell, tell_groups};
use crate::{
    NOT_FOUND,
    model::{
        Area, AreaEventId, AreaId, AreaLevel, EventKind, PopulationId, VillageChanged,
        ethnic::{GroupCount, check_groups},
        village::Village,
        village_change::{Basis, Note},
    },
    store::{self, villages},
};

pub use crate::model::{
    village::NewPopulation,
    village_change::{NewVillageName, VillageEnd},
};

/// Seeing people by ethnic group; above the commune without small cells.
pub static SEE_ETHNIC_GROUPS: Permission = Permission {
    code: "areas.see_ethnic_groups",
    roles: &["commune_officer", "province_officer", "administrator"],
};

/// Only villages are renamed, ended and taken back here; the map of communes changes by decree.
pub static NOT_A_VILLAGE: ProblemKind = ProblemKind { code: "areas-not-a-village", status: 422 };
/// Something hangs on the village already, or it was added elsewhere: it can be ended, not taken back.
pub static VILLAGE_IN_USE: ProblemKind = ProblemKind { code: "areas-village-in-use", status: 409 };

/// Asked before a village is taken back: does another house hold something on it? Offered by the program.
#[derive(Clone, Copy)]
pub struct VillageUse(pub for<'a> fn(&'a mut Tx, &'a AreaId) -> Doing<'a, bool>);

/// Told whenever somebody is shown people by ethnic group of a commune or a village, in the transaction that
/// read them: who, and where. Offered by the program, which writes it into the audit log.
#[derive(Clone, Copy)]
pub struct EthnicViews(pub for<'a> fn(&'a mut Tx, &'a Caller, &'a AreaId) -> Doing<'a, ()>);

async fn village_for(tx: &mut Tx, caller: &Caller, id: &AreaId) -> Outcome<(Area, Area)> {
    let village = store::find(tx, id).await?.or_missing(&NOT_FOUND)?;
    caller.must(&MANAGE_VILLAGES, &village.path)?;
    let last = last_fact(tx, &village).await?;
    let commune = commune_of(tx, &last).await?;
    Ok((last, commune))
}

/// The fact with which a living village goes on.
async fn last_fact(tx: &mut Tx, village: &Area) -> Outcome<Area> {
    if village.level != AreaLevel::Village {
        return Err((&NOT_A_VILLAGE).into());
    }
    let last = store::history(tx, &village.id).await?.pop().or_missing(&NOT_FOUND)?.area;
    if last.until == Day::FOREVER { Ok(last) } else { Err((&NOT_IN_FORCE).into()) }
}

/// Gives a village another name or kind from a day on; what it was called before stays in its history.
pub async fn rename_village(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    draft: NewVillageName,
) -> Outcome<()> {
    db.change(async |tx| {
        let (last, commune) = village_for(tx, caller, &draft.village).await?;
        let others = store::villages_of(tx, &commune.id).await?;
        let (village, basis) = draft.check(&last, &others, tx.now().day())?;
        let event: AreaEventId = tx.new_id();
        apply_rename(tx, &event, &last, &village, &basis).await?;
        let kind = village.kind.code().to_owned();
        let note = Note::Renamed(event, last.id, kind, village.name, basis);
        tell(tx, role, &commune, vec![note]).await
    })
    .await
}

/// Ends a village: abolished, or taken over whole by another one of its commune.
pub async fn end_village(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    draft: VillageEnd,
) -> Outcome<()> {
    db.change(async |tx| {
        let (last, commune) = village_for(tx, caller, &draft.village).await?;
        let into = match &draft.into {
            Some(id) => store::find(tx, id).await?,
            None => None,
        };
        let basis = draft.check(&last, into.as_ref(), tx.now().day())?;
        let event: AreaEventId = tx.new_id();
        apply_end(tx, &event, &last, draft.into.as_ref(), &basis).await?;
        let note = Note::Ended(event, last.id, draft.into, basis);
        tell(tx, role, &commune, vec![note]).await
    })
    .await
}

/// Takes back a village that was entered by mistake on this node and on which nothing hangs.
pub async fn remove_village(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    elsewhere: Option<VillageUse>,
    village: &AreaId,
) -> Outcome<()> {
    db.change(async |tx| {
        let (last, commune) = village_for(tx, caller, village).await?;
        if !may_remove(tx, elsewhere, &last.id).await? {
            return Err((&VILLAGE_IN_USE).into());
        }
        villages::remove(tx, &last.id).await?;
        tell(tx, role, &commune, vec![Note::Removed(last.id)]).await
    })
    .await
}

/// True when a village was added here and nothing hangs on it.
pub(crate) async fn may_remove(
    tx: &mut Tx,
    elsewhere: Option<VillageUse>,
    village: &AreaId,
) -> Outcome<bool> {
    if !villages::is_from_here(tx, village).await? || villages::is_used(tx, village).await? {
        return Ok(false);
    }
    match elsewhere {
        Some(VillageUse(is_used)) => Ok(!is_used(tx, village).await?),
        None => Ok(true),
    }
}

/// Records a head count with what is known of it by ethnic group. At a hub the groups stay there: they
/// are never said downward, where every point could read them.
pub async fn record_population_by_group(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    draft: NewPopulation,
    groups: Vec<GroupCount>,
) -> Outcome<PopulationId> {
    db.change(async |tx| {
        let (id, area, count) = super::record_in(tx, role, caller, &draft).await?;
        check_groups(&count, &groups)?;
        if !groups.is_empty() {
            villages::insert_groups(tx, &[(id.clone(), groups.clone())]).await?;
            let commune = commune_of(tx, &area).await?;
            tell_groups(tx, role, &commune, vec![(id.clone(), area.id, groups)]).await?;
        }
        Ok(id)
    })
    .await
}

/// Applies a new name; nothing happens when its event is already there.
pub(crate) async fn apply_rename(
    tx: &mut Tx,
    event: &AreaEventId,
    last: &Area,
    village: &Village,
    basis: &Basis,
) -> Outcome<()> {
    let same_kind = village.kind == last.area_type;
    let kind = if same_kind { EventKind::Rename } else { EventKind::Reclassify };
    if villages::insert_event(tx, event, kind, basis).await? {
        villages::rename(tx, &last.id, last.from, village, event, basis).await?;
        announce(tx, last, kind, basis).await?;
    }
    Ok(())
}

/// Applies an end; nothing happens when its event is already there.
pub(crate) async fn apply_end(
    tx: &mut Tx,
    event: &AreaEventId,
    last: &Area,
    into: Option<&AreaId>,
    basis: &Basis,
) -> Outcome<()> {
    let kind = if into.is_some() { EventKind::Merge } else { EventKind::Abolish };
    if villages::insert_event(tx, event, kind, basis).await? {
        villages::end(tx, &last.id, last.from, into, event, basis).await?;
        announce(tx, last, kind, basis).await?;
    }
    Ok(())
}

async fn announce(tx: &mut Tx, village: &Area, kind: EventKind, basis: &Basis) -> Outcome<()> {
    let (village, path) = (village.id.clone(), village.path.clone());
    tx.announce(&VillageChanged { village, path, kind, on: basis.on }).await?;
    Ok(())
}
