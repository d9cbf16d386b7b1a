//! What a feature asks of another without importing it: the asker declares the question, this file
//! brings the answer from the house that knows.

use std::collections::{BTreeMap, HashSet};

use kernel::{
    app::{AppRef, Ports},
    caller::Caller,
    db::Tx,
    events::Doing,
    problem::Outcome,
    scope::ScopePath,
};

/// Every port of the program.
pub fn ports(home: Option<ScopePath>) -> Ports {
    Ports::default()
        .offer(HubHome(home))
        .offer(reporting::Catalogues::default())
        .offer(reporting::Phones::default())
        .offer(reporting::Exchange::default())
        .offer(counting())
        .offer(reporting::Home(reports_of))
        .offer(reporting::WrittenElsewhere(written_at_point))
        .offer(reporting::Waiting(waiting_up))
        .offer(publishing::Census(census))
        .offer(areas::VillageUse(village_use))
        .offer(areas::EthnicViews(ethnic_view))
        .offer(areas::CommunePoint(commune_point))
        .offer(portal::Place(place))
        .offer(portal::Road(road))
        .offer(reach::Succession { takers, givers })
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
fn written_at_point<'a>(tx: &'a mut Tx, places: &'a [ScopePath]) -> Doing<'a, HashSet<ScopePath>> {
    Box::pin(delivery::with_points(tx, places))
}

/// Reporting asks before it puts the next part of a file into the log, and to say of a report that it waits at its
/// point; delivery knows what waits on the road.
fn waiting_up(app: &AppRef) -> Doing<'_, Option<reporting::Queue>> {
    Box::pin(async move {
        let status = delivery::road_status(app).await?;
        let queue = |status: delivery::RoadStatus| reporting::Queue {
            rows: status.waiting_up,
            oldest: status.oldest_up,
        };
        Ok(status.map(queue))
    })
}

/// What the platform counts about itself, put together from the houses that know.
pub fn counting() -> reporting::Computed {
    reporting::Computed(computed)
}

/// Reporting counts what the platform knows by itself; each house tells what it knows.
fn computed<'a>(
    tx: &'a mut Tx,
    period: &'a reporting::model::Period,
) -> Doing<'a, Vec<reporting::Counted>> {
    Box::pin(async move {
        let mut counted = points(tx, period).await?;
        counted.extend(coverage(tx, period).await?);
        counted.extend(meetings(tx, period).await?);
        counted.extend(issued(tx, period).await?);
        counted.extend(agencies(tx, period).await?);
        Ok(counted)
    })
}

/// A figure of a place; none for a cell that cannot be written or a place without an area.
fn figure(path: &ScopePath, cell: &str, amount: i64) -> Option<reporting::Counted> {
    let area = areas::AreaId::parse(path.last()?)?;
    let cell = reporting::model::CellKey::parse(cell)?;
    Some(reporting::Counted { cell, area, path: path.clone(), amount })
}

fn province(id: &str) -> ScopePath {
    ScopePath::root().child(areas::AreaId::country().as_str()).child(id)
}

/// Points that are enrolled, and those of them that were heard of within the period.
async fn points(
    tx: &mut Tx,
    period: &reporting::model::Period,
) -> Outcome<Vec<reporting::Counted>> {
    let mut counted = Vec::new();
    for point in delivery::points(tx).await? {
        let seen = point.last_seen.is_some_and(|at| period.contains(at.day()));
        for (element, amount) in [("td.diem", 1), ("td.diem.hoatdong", i64::from(seen))] {
            counted.extend(figure(&point.path, element, amount));
        }
    }
    Ok(counted)
}

/// Coverage as the board has it: persons on each rung and the frozen denominators, by theme and audience.
async fn coverage(
    tx: &mut Tx,
    period: &reporting::model::Period,
) -> Outcome<Vec<reporting::Counted>> {
    let audience = |code: &str| match code {
        "prestigious_person" => Some("uytin"),
        "people" => Some("dongbao"),
        _ => None,
    };
    let rung = |rung: reach::Rung| match rung {
        reach::Rung::OnNode => Some("vediem"),
        reach::Rung::Shown => Some("phat"),
        reach::Rung::Opened => Some("mo"),
        reach::Rung::Completed => Some("het"),
        reach::Rung::Confirmed => Some("xacnhan"),
        _ => None,
    };
    let mut counted = Vec::new();
    for one in reach::coverage(tx, period.from, period.until).await? {
        let Some(who) = audience(one.audience) else { continue };
        let (theme, place) = (&one.theme, province(&one.province));
        let of = format!("chude={theme},doituong={who}");
        counted.extend(figure(&place, &format!("td.phu.mauso:{of}"), one.denominator));
        for (reached, people) in one.rungs {
            let Some(nac) = rung(reached) else { continue };
            counted.extend(figure(&place, &format!("td.phu.nac:{of},nac={nac}"), people));
        }
    }
    Ok(counted)
}

/// Village meetings, and who came to them.
async fn meetings(
    tx: &mut Tx,
    period: &reporting::model::Period,
) -> Outcome<Vec<reporting::Counted>> {
    let (held, people) = reach::meetings_held(tx, period.from, period.until).await?;
    let held = held.iter().filter_map(|one| figure(&one.commune, "td.hopthon", one.meetings));
    let people =
        people.iter().filter_map(|(id, people)| figure(&province(id), "td.hopthon.nguoi", *people));
    Ok(held.chain(people).collect())
}

/// What came out: by theme, and by language.
async fn issued(
    tx: &mut Tx,
    period: &reporting::model::Period,
) -> Outcome<Vec<reporting::Counted>> {
    let mut counts: BTreeMap<(ScopePath, String), i64> = BTreeMap::new();
    for one in publishing::issued(tx, period.from, period.until).await? {
        let themes = one.themes.iter().map(|theme| format!("td.tin:chude={theme}"));
        let languages = one.languages.iter().map(|tag| {
            // Tags with a script or a region are told under their language.
            format!("td.tin.tieng:nn={}", tag.split('-').next().unwrap_or(tag))
        });
        let wholes = std::iter::once("td.tin".to_owned())
            .chain(one.languages.iter().map(|_| "td.tin.tieng".to_owned()));
        for cell in wholes.chain(themes).chain(languages) {
            *counts.entry((one.home.clone(), cell)).or_default() += 1;
        }
    }
    Ok(counts.iter().filter_map(|((home, cell), count)| figure(home, cell, *count)).collect())
}

/// What an agency did with the program.
#[derive(Default)]
struct Agency {
    used: bool,
    told: bool,
}

/// Agencies that owe reports or whose people have a role, those that used the program within the period, and those
/// that a notice of the program reached: by letter or on a screen, or standing there when somebody it is for came.
async fn agencies(
    tx: &mut Tx,
    period: &reporting::model::Period,
) -> Outcome<Vec<reporting::Counted>> {
    use reporting::actions::agencies::{self, agency_at, reads_reminders, tier_at};
    let within = (period.from, period.until);
    let on = period.last_day().min(tx.now().day());
    let known = agencies::known(tx, on, within).await?;
    let mut all: BTreeMap<ScopePath, Agency> = BTreeMap::new();
    for path in &known.owing {
        let used = known.signed_elsewhere.contains(path);
        all.insert(path.clone(), Agency { used, told: false });
    }
    for person in identity::at_work(tx, on, within).await? {
        let path = agency_at(&person.place);
        let stood = known.told.get(&path).filter(|_| reads_reminders(&person.role));
        let one = all.entry(path.clone()).or_default();
        one.used |= person.last.is_some();
        one.told |= known.reached.contains(&person.account)
            || stood.is_some_and(|since| person.last.is_some_and(|last| last >= *since));
    }
    let mut counted = Vec::new();
    for (path, one) in &all {
        let parts = [
            ("td.coquan", 1),
            ("td.coquan.dung", i64::from(one.used)),
            ("td.coquan.nhan", i64::from(one.told)),
        ];
        for (element, amount) in parts {
            counted.extend(figure(path, element, amount));
            counted.extend(figure(path, &format!("{element}:cap={}", tier_at(path)), amount));
        }
    }
    Ok(counted)
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

/// Reach asks to which points people pass from here; the hub has told delivery.
fn takers(tx: &mut Tx) -> Doing<'_, Vec<reach::Taker>> {
    Box::pin(async move {
        let heir = delivery::actions::heirs::own_heir(tx).await?;
        let heir = heir.and_then(|row| {
            Some(reach::Taker {
                register: row.joined()?.last()?.to_owned(),
                keys: row.successor_keys()?,
                commune: row.successor_commune,
                order: row.name,
                passing: reach::Passing::Everybody,
            })
        });
        let parts = delivery::actions::passings::own_given(tx).await?;
        let parts = parts.into_iter().filter_map(|row| {
            let place = row.place.clone();
            Some(reach::Taker {
                register: row.joined()?.last()?.to_owned(),
                keys: row.taker_keys()?,
                commune: row.taker_commune,
                order: row.name,
                passing: if row.is_return {
                    reach::Passing::Back(place)
                } else {
                    reach::Passing::Part(place)
                },
            })
        });
        Ok(heir.into_iter().chain(parts).collect())
    })
}

/// Reach asks from which points people pass here.
fn givers(tx: &mut Tx) -> Doing<'_, Vec<reach::Giver>> {
    Box::pin(async move {
        let registers = |joined: Option<ScopePath>, inherited: Vec<ScopePath>| {
            let scopes = joined.into_iter().chain(inherited);
            scopes.filter_map(|scope| Some(scope.last()?.to_owned())).collect::<Vec<_>>()
        };
        let whole = delivery::actions::heirs::own_predecessors(tx).await?;
        let whole = whole.into_iter().filter_map(|row| {
            Some(reach::Giver {
                keys: row.node_keys()?,
                registers: registers(row.joined(), row.inherited()),
                commune: row.node_commune,
                order: row.name,
                is_return: false,
            })
        });
        let parts = delivery::actions::passings::own_taken(tx).await?;
        let parts = parts.into_iter().filter_map(|row| {
            Some(reach::Giver {
                keys: row.giver_keys()?,
                registers: registers(row.joined(), row.inherited()),
                commune: row.giver_commune,
                order: row.name,
                is_return: row.is_return,
            })
        });
        Ok(whole.chain(parts).collect())
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
