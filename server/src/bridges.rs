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
pub fn ports(home: Option<ScopePath>) -> Ports {
    Ports::default()
        .offer(HubHome(home))
        .offer(reporting::Catalogues::default())
        .offer(reporting::Exchange::default())
        .offer(reporting::Computed(computed))
        .offer(reporting::Exchange::default())
        .offer(reporting::Home(reports_of))
        .offer(reporting::WrittenElsewhere(written_at_point))
        .offer(publishing::Census(census))
        .offer(areas::VillageUse(village_use))
        .offer(areas::EthnicViews(ethnic_view))
        .offer(areas::CommunePoint(commune_point))
        .offer(portal::Place(place))
        .offer(portal::Road(road))
        .offer(reach::Succession { heir, predecessors })
        .offer(portal::Counters::default())
}

/// The area that a hub answers for, as its operator said; the country when none.
struct HubHome(Option<ScopePath>);

/// Reporting asks whose reports are owed here: at a point its commune's, at a hub those of its area.
fn reports_of(app: &AppRef) -> Doing<'_, Option<ScopePath>> {
    Box::pin(async move {
        let point = delivery::own_scope(app).await?;
        Ok(point.or_else(|| app.port::<HubHome>().and_then(|home| home.0.clone())))
    })
}

/// Reporting asks before figures are typed at a hub; delivery knows which communes have a point.
fn written_at_point<'a>(tx: &'a mut Tx, path: &'a ScopePath) -> Doing<'a, bool> {
    Box::pin(delivery::has_point(tx, path))
}

/// Reporting counts what the platform knows by itself: points that are enrolled, and those of them that were
/// heard of within the period.
fn computed<'a>(
    tx: &'a mut Tx,
    period: &'a reporting::model::Period,
) -> Doing<'a, Vec<reporting::Counted>> {
    Box::pin(async move {
        let mut counted = Vec::new();
        for point in delivery::points(tx).await? {
            let Some(area) = point.path.last().and_then(areas::AreaId::parse) else { continue };
            let seen = point.last_seen.is_some_and(|at| period.contains(at.day()));
            for (element, amount) in [("td.diem", 1), ("td.diem.hoatdong", i64::from(seen))] {
                let Some(cell) = reporting::model::CellKey::parse(element) else { continue };
                let path = point.path.clone();
                counted.push(reporting::Counted { cell, area: area.clone(), path, amount });
            }
        }
        Ok(counted)
    })
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
