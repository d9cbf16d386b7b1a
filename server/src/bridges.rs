//! What a feature asks of another without importing it: the asker declares the question, this file
//! brings the answer from the house that knows.

use kernel::{
    app::{AppRef, Ports},
    db::Tx,
    events::Doing,
    scope::ScopePath,
};

/// Every port of the program.
pub fn ports() -> Ports {
    Ports::default()
        .offer(publishing::Census(census))
        .offer(areas::VillageUse(village_use))
        .offer(portal::Place(place))
        .offer(portal::Road(road))
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
