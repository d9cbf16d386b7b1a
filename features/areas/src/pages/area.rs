//! One area: what it is today, where it came from, what it became, what lies in it.

use std::collections::HashMap;

use kernel::{
    axum::extract::{Path, Query as Params},
    clock::Day,
    db::Tx,
    problem::{OrMissing, Outcome},
    text::thousands,
    web::{Answer, Template, Visit},
};
use serde::Serialize;

use super::{
    Counted, Crumb,
    biography::{self, Mark, Namesake, changes},
    crumbs, href, is_birth, known,
};
use crate::{
    NOT_FOUND,
    actions::{MANAGE_VILLAGES, village_import},
    model::{
        Area, AreaId, AreaLevel, EventKind, Fact, Population, Succession, capitalised,
        plan::succession_known_from, search::Wanted,
    },
    store,
};

/// An area's page.
pub const SHOW: Template<Show> = Template::new("areas/show.html");

/// What an area's page shows.
#[derive(Debug, Serialize)]
pub struct Show {
    /// Its full name.
    pub title: String,
    /// The way down to it.
    pub crumbs: Vec<Crumb>,
    /// Where it lies.
    pub within: String,
    /// Its level's code.
    pub level: &'static str,
    /// Its statistical code.
    pub code: Option<String>,
    /// `current`, `past` (an earlier validity of a living unit), `ended`, `abolished` or `unknown`.
    pub state: &'static str,
    /// Since when this holds.
    pub from: Day,
    /// False when it is older than the first frame we have of it.
    pub born_here: bool,
    /// The last day it held.
    pub last: Option<Day>,
    /// The page of today's facts, from the page of earlier ones.
    pub today_href: Option<String>,
    /// The latest head count.
    pub population: Option<Counted>,
    /// Its villages added up.
    pub sum: Option<super::Sum>,
    /// Its classes and flags.
    pub classes: Vec<super::classes::ClassRow>,
    /// What it became.
    pub became: Vec<Step>,
    /// What it was made of.
    pub came_from: Vec<Step>,
    /// Its validities, oldest first.
    pub history: Vec<Chapter>,
    /// What stood here on the day of each frame.
    pub marks: Vec<Mark>,
    /// Other territories with the same code and name.
    pub namesakes: Vec<Namesake>,
    /// The level of what lies in it.
    pub below: &'static str,
    /// What lies in it.
    pub children: Vec<Child>,
    /// The form for its villages, for those who may.
    pub manage_href: Option<String>,
    /// Where a table of villages is brought, for those who do not keep them one by one.
    pub bring_href: Option<String>,
}

/// One step of succession, as a row.
#[derive(Debug, Serialize)]
pub struct Step {
    /// The other unit's page.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Where it lies.
    pub within: String,
    /// True when the old unit went whole.
    pub whole: bool,
    /// The share, where it is known: `3/5`.
    pub share: Option<String>,
    /// When.
    pub on: Day,
    /// Kind of event.
    pub kind: &'static str,
    /// By which instrument.
    pub instrument: String,
    /// Checked against the instrument.
    pub confirmed: bool,
}

/// One validity.
#[derive(Debug, Serialize)]
pub struct Chapter {
    /// Its address.
    pub href: String,
    /// The full name then.
    pub title: String,
    /// First day.
    pub from: Day,
    /// False when it is older than the first frame we have of it.
    pub born_here: bool,
    /// Last day.
    pub last: Option<Day>,
    /// What it changed: `renamed`, `reclassified`, `reparented`, `recoded`; empty for the first.
    pub changes: Vec<&'static str>,
    /// What brought it.
    pub instrument: String,
}

/// A unit below.
#[derive(Debug, Serialize)]
pub struct Child {
    /// Its page.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Its code.
    pub code: Option<String>,
    /// What it became, for the children of an ended unit.
    pub became: String,
    /// The latest head count: people.
    pub people: Option<String>,
    /// Households.
    pub households: Option<String>,
    /// Day of the count.
    pub counted_on: Option<Day>,
}

/// `GET /dia-ban/{id}?at=`
pub async fn show(visit: Visit, Path(id): Path<String>, Params(wanted): Params<Wanted>) -> Answer {
    let at = wanted.query()?.at;
    let page = visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
            let area = match at {
                Some(day) => store::find_at(tx, &id, day).await?,
                None => store::find(tx, &id).await?,
            };
            let area = area.or_missing(&NOT_FOUND)?;
            gather(&visit, tx, area).await
        })
        .await?;
    visit.public_page(&SHOW, &page)
}

async fn gather(visit: &Visit, tx: &mut Tx, area: Area) -> Outcome<Show> {
    let today = tx.now().day();
    let life = store::life(tx, &area.id).await?.or_missing(&NOT_FOUND)?;
    let successors = store::successors(tx, &area.id).await?;
    let state = match (area.holds_on(today), life.ended_on > today) {
        (true, _) => "current",
        (false, true) => "past",
        (false, false) if !successors.is_empty() => "ended",
        (false, false) if life.born_on >= succession_known_from() => "abolished",
        (false, false) => "unknown",
    };
    let may_manage = area.level == AreaLevel::Commune
        && state == "current"
        && visit.caller.may(&MANAGE_VILLAGES, &area.path);
    let has_villages = matches!(area.level, AreaLevel::Commune | AreaLevel::Province);
    let may_bring = has_villages
        && state == "current"
        && !may_manage
        && village_import::may_bring(visit.app.role, &visit.caller, &area.path);
    let history = store::history(tx, &area.id).await?;
    let came_from = store::predecessors(tx, &area.id).await?;
    let children = children(tx, &area).await?;
    let seen_on = area.seen_on(today);
    let sum = match area.level {
        AreaLevel::Province | AreaLevel::Commune => {
            Some(store::rollup(tx, &area.path, seen_on).await?.into())
        }
        _ => None,
    };
    let (marks, kin) = if area.level == AreaLevel::Village || area.level == AreaLevel::Country {
        Default::default()
    } else {
        biography::marks(visit, tx, &area.id, &life).await?
    };
    let namesakes = biography::namesakes(tx, &history, &life, &kin).await?;
    Ok(Show {
        sum,
        classes: super::classes::tags(tx, &area.id, seen_on).await?,
        title: area.title(),
        crumbs: crumbs(visit, tx, &area).await?,
        within: capitalised(&store::within(tx, &[&area]).await?.pop().unwrap_or_default()),
        level: area.level.code(),
        code: area.code.clone(),
        state,
        from: area.from,
        born_here: is_birth(area.from),
        last: known(area.until).map(|day| day.plus_days(-1)),
        today_href: (state == "past").then(|| href(&area)),
        population: store::population(tx, &area.id, area.seen_on(today)).await?.map(Counted::from),
        became: steps(tx, successors).await?,
        came_from: steps(tx, came_from).await?,
        history: chapters(history),
        marks,
        namesakes,
        below: children.0,
        children: children.1,
        manage_href: may_manage.then(|| format!("{}/thon", href(&area))),
        bring_href: may_bring.then(|| format!("{}/thon/nhap", href(&area))),
    })
}

/// The validities with what each changed in the one before.
fn chapters(history: Vec<Fact>) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::with_capacity(history.len());
    let mut before: Option<Area> = None;
    for Fact { area, instrument, .. } in history {
        let changes = before.as_ref().map_or_else(Vec::new, |before| changes(before, &area));
        chapters.push(Chapter {
            href: format!("{}?at={}", href(&area), area.from),
            title: area.title(),
            from: area.from,
            born_here: is_birth(area.from),
            last: known(area.until).map(|day| day.plus_days(-1)),
            changes,
            instrument,
        });
        before = Some(area);
    }
    chapters
}

async fn steps(tx: &mut Tx, links: Vec<Succession>) -> Outcome<Vec<Step>> {
    let places =
        store::within(tx, &links.iter().map(|link| &link.area).collect::<Vec<_>>()).await?;
    let steps = links.into_iter().zip(places).map(|(link, within)| Step {
        href: href(&link.area),
        title: link.area.title(),
        within,
        whole: link.whole,
        share: link
            .weight
            .filter(|_| !link.whole)
            .map(|weight| format!("{}/{}", weight.num, weight.den)),
        on: link.event.effective_on,
        kind: EventKind::code(link.event.kind),
        instrument: link.event.instrument,
        confirmed: link.event.confirmed,
    });
    Ok(steps.collect())
}

/// What lies below, by the day the page shows, with the level's code.
async fn children(tx: &mut Tx, area: &Area) -> Outcome<(&'static str, Vec<Child>)> {
    let today = tx.now().day();
    let areas = store::children(tx, &area.id, area.seen_on(today)).await?;
    let below = areas.first().map_or("village", |child| child.level.code());
    let ids: Vec<AreaId> =
        areas.iter().filter(|child| child.until <= today).map(|child| child.id.clone()).collect();
    let became = store::successors_of_many(tx, &ids).await?;
    let counts = store::populations_below(tx, &area.id).await?;
    let child = |area: Area| child_row(area, &became, &counts);
    Ok((below, areas.into_iter().map(child).collect()))
}

fn child_row(
    area: Area,
    became: &HashMap<AreaId, Vec<Succession>>,
    counts: &HashMap<AreaId, Population>,
) -> Child {
    let heirs = became.get(&area.id).into_iter().flatten().map(|step| step.area.full_name.as_str());
    let count = counts.get(&area.id);
    Child {
        href: href(&area),
        title: area.title(),
        became: heirs.collect::<Vec<_>>().join(", "),
        people: count.map(|count| thousands(count.people)),
        households: count.map(|count| thousands(count.households)),
        counted_on: count.map(|count| count.on),
        code: area.code,
    }
}
