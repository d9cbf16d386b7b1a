//! What arriving records do: villages and head counts, up from a commune's point or down from the hub;
//! classes, down only; head counts by ethnic group, up only.
//! decrees, down from the hub.
//!
//! Applying one twice changes nothing. A node is only believed about places inside the area it speaks
//! for; what it says about others, or what cannot be read, is put aside with a warning, since refusing it
//! would hold up everything the node says after it.

use kernel::{
    clock::Day,
    db::Tx,
    problem::{Failure, Outcome},
    records::{Incoming, RecordKind},
    tracing::warn,
};

use crate::{
    actions::{
        self, assignment,
        decree::{self, Arrival},
    },
    model::{
        Area, AreaId, AreaLevel, AreaType, PopulationId,
        decree::wire::{DECREE_KIND, Part, STANDING_KIND, Standing},
        ethnic::{GroupCount, check_groups},
        village::{Count, NewPopulation, NewVillage},
        village_change::{
            GROUPS_KIND, GroupsBody, NOTES_KIND, NewVillageName, Note, NotesBody, VillageEnd,
        },
        wire::{
            self, OLD_PLACED_KIND, PLACED_KIND, POPULATION_KIND, PlacedBody, PopulationBody,
            VILLAGE_KIND, VillageBody, is_minted,
        },
    },
    store::{self, villages},
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

/// What happened to the places of a commune.
pub const NOTES: RecordKind = RecordKind {
    kind: NOTES_KIND,
    name: "thay đổi của thôn bản",
    apply: |tx, incoming| Box::pin(apply_notes(tx, incoming)),
    packing: None,
};

/// Head counts by ethnic group.
pub const GROUPS: RecordKind = RecordKind {
    kind: GROUPS_KIND,
    name: "số dân theo dân tộc",
    apply: |tx, incoming| Box::pin(apply_groups(tx, incoming)),
    packing: None,
};

async fn apply_notes(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Some(NotesBody(_, commune, notes)) = wire::decode(&incoming.body) else {
        return aside(incoming, "unreadable");
    };
    let commune = place(tx, &commune).await?;
    if commune.level != AreaLevel::Commune || !incoming.speaks_for(&commune.path) {
        return aside(incoming, "outside the area of its node");
    }
    let today = carried_on_by(tx, commune.clone()).await?;
    for note in notes {
        if let Err(why) = apply_note(tx, incoming, (&commune, &today), note).await? {
            aside(incoming, why)?;
        }
    }
    Ok(())
}

/// Applies one note about a commune, as its node knew it and as it is today; the inner error says why it was put
/// aside.
async fn apply_note(
    tx: &mut Tx,
    incoming: &Incoming,
    (then, commune): (&Area, &Area),
    note: Note,
) -> Outcome<Result<(), &'static str>> {
    match note {
        Note::Village(id, kind, name) => {
            let kind = AreaType::from_code(&kind);
            let draft = NewVillage { commune: then.id.clone(), kind, name };
            let (true, Ok(village)) = (is_minted(id.as_str()), draft.check(&[])) else {
                return Ok(Err("not a village"));
            };
            // Where its commune went it goes along, and back when that is undone.
            actions::write_village(tx, &id, then, &village).await?;
        }
        Note::Counted(id, unit, on, people, households, source, at) => {
            let Some(area) = own(tx, commune, &unit).await? else { return Ok(Err("elsewhere")) };
            let (people, households) = (Some(people), Some(households));
            let draft = NewPopulation { area: unit, on: Some(on), people, households, source };
            let (true, Ok(count)) = (is_minted(id.as_str()), draft.check(on.max(tx.now().day())))
            else {
                return Ok(Err("not a head count"));
            };
            let by = format!("node {}", incoming.scope);
            actions::write_population(tx, &id, &area, &count, at, &by).await?;
        }
        Note::Renamed(event, village, kind, name, basis) => {
            let Some(last) = living(tx, commune, &village).await? else {
                return Ok(Err("no such village, or it has ended"));
            };
            let kind = AreaType::from_code(&kind);
            let (on, instrument) = (Some(basis.on), basis.instrument.clone());
            let draft = NewVillageName { village, kind, name, on, instrument };
            let (true, Ok((village, basis))) =
                (is_minted(event.as_str()), draft.check(&last, &[], basis.on.max(tx.now().day())))
            else {
                return Ok(Err("not a change, or known already"));
            };
            actions::villages::apply_rename(tx, &event, &last, &village, &basis).await?;
        }
        Note::Ended(event, village, into, basis) => {
            let Some(last) = living(tx, commune, &village).await? else {
                return Ok(Err("no such village, or it has ended"));
            };
            let heir = match &into {
                Some(into) => own(tx, commune, into).await?,
                None => None,
            };
            let (on, instrument) = (Some(basis.on), basis.instrument.clone());
            let draft = VillageEnd { village, into, on, instrument };
            let (true, Ok(basis)) = (
                is_minted(event.as_str()),
                draft.check(&last, heir.as_ref(), basis.on.max(tx.now().day())),
            ) else {
                return Ok(Err("not an end"));
            };
            actions::villages::apply_end(tx, &event, &last, draft.into.as_ref(), &basis).await?;
        }
        Note::Removed(village) => {
            let here = living(tx, commune, &village).await?;
            // Where something hangs on it meanwhile it stays; somebody will end it.
            if here.is_none() || villages::is_used(tx, &village).await? {
                return Ok(Err("in use, or gone already"));
            }
            villages::remove(tx, &village).await?;
        }
        Note::Classed(id, unit, said, at) => {
            // The province decides: what came up from a commune (it has no targets) is not believed.
            let area = own(tx, commune, &unit).await?;
            let fits = area.is_some_and(|area| said.mark.fits(area.level))
                && said.class.is_none_or(|class| class.mark() == said.mark);
            if incoming.targets.is_empty() || !fits || !is_minted(id.as_str()) {
                return Ok(Err("not a class from above"));
            }
            let by = format!("node {}", incoming.scope);
            store::classes::insert(tx, &id, &unit, &said, at, &by).await?;
        }
    }
    Ok(Ok(()))
}

/// A commune or one of its villages.
async fn own(tx: &mut Tx, commune: &Area, unit: &AreaId) -> Outcome<Option<Area>> {
    let area = store::find(tx, unit).await?;
    Ok(area.filter(|area| area.id == commune.id || area.parent.as_ref() == Some(&commune.id)))
}

/// The last fact of a living village of the commune.
async fn living(tx: &mut Tx, commune: &Area, village: &AreaId) -> Outcome<Option<Area>> {
    let last = store::history(tx, village).await?.pop().map(|fact| fact.area);
    Ok(last.filter(|area| {
        area.level == AreaLevel::Village
            && area.until == Day::FOREVER
            && area.parent.as_ref() == Some(&commune.id)
    }))
}

async fn apply_groups(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Some(GroupsBody(_, commune, counts)) = wire::decode(&incoming.body) else {
        return aside(incoming, "unreadable");
    };
    // Nobody may send these downward; a hub that did would be telling them to every relay.
    if !incoming.targets.is_empty() {
        return aside(incoming, "ethnic groups do not travel down");
    }
    let commune = place(tx, &commune).await?;
    if !incoming.speaks_for(&commune.path) {
        return aside(incoming, "outside the area of its node");
    }
    let commune = carried_on_by(tx, commune).await?;
    let mut good: Vec<(PopulationId, Vec<GroupCount>)> = Vec::new();
    for (id, unit, groups) in counts {
        let totals = match own(tx, &commune, &unit).await? {
            Some(_) => villages::totals(tx, &id, &unit).await?,
            None => None,
        };
        let fits = totals.is_some_and(|(people, households)| {
            let count = Count { on: Day::FOREVER, people, households, source: String::new() };
            check_groups(&count, &groups).is_ok()
        });
        if fits {
            good.push((id, groups));
        } else {
            aside(incoming, "not the groups of a known head count")?;
        }
    }
    villages::insert_groups(tx, &good).await?;
    Ok(())
}

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

/// A village belongs to another commune: one that was divided, or is no more, let it go.
pub const PLACED: RecordKind = RecordKind {
    kind: PLACED_KIND,
    name: "thôn bản về xã mới",
    apply: |tx, incoming| Box::pin(apply_placed(tx, incoming)),
    packing: None,
};

/// The same, as logs of before said it where nobody had been asked.
pub const OLD_PLACED: RecordKind = RecordKind { kind: OLD_PLACED_KIND, ..PLACED };

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

async fn apply_placed(tx: &mut Tx, incoming: &Incoming) -> Outcome<()> {
    let Some(body) = PlacedBody::read(incoming.kind, &incoming.body) else {
        return aside(incoming, "unreadable");
    };
    if let Some(waited) = body.waited() {
        // Only a hub decides for others.
        if incoming.targets.is_empty() || !incoming.scope.contains(&waited.1) {
            return aside(incoming, "not said by a hub over that place");
        }
        return actions::questions::hear_placed(tx, &body, waited).await;
    }
    let commune = place(tx, body.commune()).await?;
    if !incoming.scope.contains(&commune.path) {
        return aside(incoming, "outside the area of its node");
    }
    if let Some(named) = body.named()
        && store::find(tx, body.village()).await?.is_none()
        && let Ok(village) = named.check(&[])
    {
        actions::write_village(tx, body.village(), &commune, &village).await?;
        return Ok(());
    }
    let village = place(tx, body.village()).await?;
    if village.parent.as_ref() == Some(&commune.id) {
        return Ok(());
    }
    let by = format!("node {}", incoming.scope);
    if assignment::put_village(tx, &village, &commune, &by).await? {
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
    if !incoming.speaks_for(&commune.path) {
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
