//! What a feature asks of another without importing it: the asker declares the question, this file
//! brings the answer from the house that knows.

use kernel::{
    app::{AppRef, Ports},
    caller::Caller,
    db::Tx,
    events::Doing,
    scope::ScopePath,
};

/// Every port of the program.
pub fn ports() -> Ports {
    Ports::default()
        .offer(publishing::Census(census))
        .offer(areas::VillageUse(village_use))
        .offer(areas::EthnicViews(ethnic_view))
        .offer(areas::CommunePoint(commune_point))
        .offer(portal::Place(place))
        .offer(portal::Road(road))
        .offer(reach::Succession { heir, predecessors })
        .offer(portal::Counters::default())
}

/// Publishing asks whom a target reaches; reach keeps the rosters.
fn census<'a>(
    tx: &'a mut Tx,
    areas: &'a [ScopePath],
    audiences: &'a [String],
) -> Doing<'a, Vec<publishing::Denominator>> {
    Box::pin(async move {
        let counts = reach::census(tx, areas, audiences).await?;
        let denominator = |count: reach::AudienceCount| publishing::Denominator {
            audience: count.audience,
            count: count.count,
            villages: count.villages,
            unknown_villages: count.unknown_villages,
        };
        Ok(counts.into_iter().map(denominator).collect())
    })
}

/// Areas asks before a village is taken back; reach may count people in it.
fn village_use<'a>(tx: &'a mut Tx, village: &'a areas::AreaId) -> Doing<'a, bool> {
    Box::pin(async move { Ok(reach::holds_village(tx, village).await?) })
}

/// Reach asks who takes this point's place; the hub has told delivery.
fn heir(tx: &mut Tx) -> Doing<'_, Option<reach::Heir>> {
    Box::pin(async move {
        let told = delivery::actions::heirs::own_heir(tx).await?;
        Ok(told.and_then(|row| {
            let register = row.joined()?.last()?.to_owned();
            Some(reach::Heir {
                keys: row.successor_keys()?,
                commune: row.successor_commune,
                register,
            })
        }))
    })
}

/// Reach asks whose place this point takes.
fn predecessors(tx: &mut Tx) -> Doing<'_, Vec<reach::Predecessor>> {
    Box::pin(async move {
        let told = delivery::actions::heirs::own_predecessors(tx).await?;
        let predecessor = |row: delivery::HeirRow| {
            let scopes = row.joined().into_iter().chain(row.inherited());
            Some(reach::Predecessor {
                keys: row.node_keys()?,
                registers: scopes.filter_map(|scope| Some(scope.last()?.to_owned())).collect(),
                commune: row.node_commune,
            })
        };
        Ok(told.into_iter().filter_map(predecessor).collect())
    })
}

/// Areas asks whether a commune has a point that writes for it; delivery knows the points.
fn commune_point<'a>(tx: &'a mut Tx, commune: &'a ScopePath) -> Doing<'a, bool> {
    Box::pin(delivery::has_point(tx, commune))
}

/// Areas tells who was shown people by ethnic group; identity keeps the log.
fn ethnic_view<'a>(tx: &'a mut Tx, caller: &'a Caller, area: &'a areas::AreaId) -> Doing<'a, ()> {
    Box::pin(identity::audit(tx, caller, "areas.ethnic.read", area.as_str(), ""))
}

/// The portal asks where this point stands; delivery knows from its enrolment.
fn place(app: &AppRef) -> Doing<'_, Option<ScopePath>> {
    Box::pin(delivery::own_scope(app))
}

/// The portal asks how fresh its news is; delivery knows the road.
fn road(app: &AppRef) -> Doing<'_, Option<portal::RoadWords>> {
    Box::pin(async move {
        let status = delivery::road_status(app).await?;
        Ok(status.map(|status| portal::RoadWords {
            last_contact: status.last_contact_at,
            offline_since: status.trouble_since,
        }))
    })
}
