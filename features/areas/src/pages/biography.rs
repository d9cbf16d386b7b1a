//! The life of one area, as its page tells it: what it was called when, what stood here on the day of each
//! frame, and which other territories bear or bore the same code and name.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{clock::Day, db::Tx, problem::Outcome, text::same_name, web::Visit};
use serde::Serialize;

use super::{href, is_birth, known};
use crate::{
    model::{Area, AreaId, Fact, Life, Succession, capitalised},
    store,
};

/// A unit named on the page.
#[derive(Clone, Debug, Serialize)]
pub struct Linked {
    /// Its page, on the day that is spoken of.
    pub href: String,
    /// Its full name then.
    pub title: String,
    /// Where it lay.
    pub within: String,
}

/// What stood here on the day of one frame.
#[derive(Debug, Serialize)]
pub struct Mark {
    /// What people call the day.
    pub label: String,
    /// The day.
    pub day: Day,
    /// `own` (this unit), `earlier` (what it was made of), `later` (what it became),
    /// `gone` (it ended without an heir) or `unknown`.
    pub state: &'static str,
    /// The units.
    pub units: Vec<Linked>,
    /// True when a part of the way is not known.
    pub gaps: bool,
}

/// Another territory with the same code and full name.
#[derive(Debug, Serialize)]
pub struct Namesake {
    /// Its page.
    pub href: String,
    /// The full name.
    pub title: String,
    /// Where it lay.
    pub within: String,
    /// Since when, as far as it is recorded.
    pub from: Day,
    /// False when it is older than the first frame we have of it.
    pub born_here: bool,
    /// Its last day.
    pub last: Option<Day>,
    /// True when it is this unit's own ancestor or heir: the name lived on, the territory changed.
    pub related: bool,
    /// True when an event parts the two. Between 2021 and 2024 none is known, and nothing may be said.
    pub known: bool,
}

/// The code and the names of the unit, borne by other territories.
pub async fn namesakes(
    tx: &mut Tx,
    history: &[Fact],
    life: &Life,
    kin: &HashSet<AreaId>,
) -> Outcome<Vec<Namesake>> {
    let mut found: BTreeMap<(Day, AreaId), Fact> = BTreeMap::new();
    let mut codes: Vec<&str> =
        history.iter().filter_map(|fact| fact.area.code.as_deref()).collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        for fact in store::frames::bearers(tx, code).await? {
            let same = |own: &Fact| {
                own.area.code.as_deref() == Some(code)
                    && own.area.level == fact.area.level
                    && same_name(&own.area.full_name, &fact.area.full_name)
            };
            if history.iter().all(|own| own.area.id != fact.area.id) && history.iter().any(same) {
                found.insert((fact.area.from, fact.area.id.clone()), fact);
            }
        }
    }
    let facts: Vec<Fact> = found.into_values().collect();
    let places =
        store::within(tx, &facts.iter().map(|fact| &fact.area).collect::<Vec<_>>()).await?;
    let told = facts.into_iter().zip(places).map(|(Fact { area, event, .. }, within)| Namesake {
        href: format!("{}?at={}", href(&area), area.from),
        title: area.title(),
        within,
        from: area.from,
        born_here: is_birth(area.from),
        last: known(area.until).map(|day| day.plus_days(-1)),
        related: kin.contains(&area.id),
        known: if area.from < life.born_on { life.born_event.is_some() } else { event.is_some() },
    });
    Ok(told.collect())
}

/// Which way to go from a unit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Back,
    On,
}

/// The steps from each unit met so far; one walk serves every frame.
struct Kin {
    way: Way,
    steps: HashMap<AreaId, Vec<Succession>>,
}

/// Units met on the way; more than this would be no biography.
const KIN_MAX: usize = 400;

impl Kin {
    fn new(way: Way) -> Self {
        Self { way, steps: HashMap::new() }
    }

    async fn steps(&mut self, tx: &mut Tx, id: &AreaId) -> Outcome<&[Succession]> {
        if !self.steps.contains_key(id) {
            let steps = match self.way {
                Way::Back => store::predecessors(tx, id).await?,
                Way::On => store::successors(tx, id).await?,
            };
            self.steps.insert(id.clone(), steps);
        }
        Ok(self.steps.get(id).map_or(&[], Vec::as_slice))
    }

    /// The units that stood on a day, and whether some of the way is not known.
    async fn on(&mut self, tx: &mut Tx, id: &AreaId, day: Day) -> Outcome<(Vec<Area>, bool)> {
        let (mut found, mut gaps): (Vec<Area>, bool) = (Vec::new(), false);
        let mut seen = HashSet::new();
        let mut ways = vec![id.clone()];
        while let Some(at) = ways.pop() {
            if seen.len() > KIN_MAX || !seen.insert(at.clone()) {
                continue;
            }
            if let Some(area) = store::find_at(tx, &at, day).await? {
                found.push(area);
                continue;
            }
            let steps = self.steps(tx, &at).await?;
            gaps |= steps.is_empty();
            ways.extend(steps.iter().map(|step| step.area.id.clone()));
        }
        found.sort_by_cached_key(|area| kernel::text::sort_key(&area.name));
        Ok((found, gaps))
    }
}

/// What stood here on the day of every frame, and today. Units related by succession are given too.
pub async fn marks(
    visit: &Visit,
    tx: &mut Tx,
    id: &AreaId,
    life: &Life,
) -> Outcome<(Vec<Mark>, HashSet<AreaId>)> {
    let mut days: Vec<(String, Day)> =
        store::frames(tx).await?.into_iter().map(|frame| (frame.label, frame.as_of)).collect();
    days.push((visit.say("areas-frame-today", &[]), tx.now().day()));
    let (mut back, mut on) = (Kin::new(Way::Back), Kin::new(Way::On));
    let mut marks = Vec::new();
    for (label, day) in days {
        let (state, (areas, gaps)) = if day < life.born_on {
            ("earlier", back.on(tx, id, day).await?)
        } else if day >= life.ended_on {
            ("later", on.on(tx, id, day).await?)
        } else {
            ("own", (store::find_at(tx, id, day).await?.into_iter().collect(), false))
        };
        let state = match state {
            // It ended by an instrument and has no heir: districts did. That is known.
            "later" if areas.is_empty() && life.ended_event.is_some() => "gone",
            _ if areas.is_empty() => "unknown",
            state => state,
        };
        let units = linked(tx, &areas, day).await?;
        marks.push(Mark { label, day, state, units, gaps });
    }
    let kin = back.steps.values().chain(on.steps.values()).flatten();
    Ok((marks, kin.map(|step| step.area.id.clone()).collect()))
}

async fn linked(tx: &mut Tx, areas: &[Area], day: Day) -> Outcome<Vec<Linked>> {
    let places = store::within(tx, &areas.iter().collect::<Vec<_>>()).await?;
    let today = tx.now().day();
    let told = areas.iter().zip(places).map(|(area, within)| Linked {
        href: if area.holds_on(today) { href(area) } else { format!("{}?at={day}", href(area)) },
        title: capitalised(&area.full_name),
        within,
    });
    Ok(told.collect())
}

/// What a new validity changed in the one before it.
pub fn changes(before: &Area, after: &Area) -> Vec<&'static str> {
    let told = [
        ("renamed", !same_name(&before.name, &after.name)),
        ("reclassified", before.area_type != after.area_type),
        ("reparented", before.parent != after.parent),
        ("recoded", before.code != after.code),
    ];
    told.into_iter().filter(|(_, is)| *is).map(|(change, _)| change).collect()
}
