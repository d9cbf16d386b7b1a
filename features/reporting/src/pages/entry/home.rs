//! What a unit owes: given back first, then what is to do by its deadline, then what was handed in.

use areas::{Area, AreaId};
use kernel::{
    axum::extract::Query,
    clock::{Day, Timestamp},
    problem::OrMissing,
    scope::ScopePath,
    web::{Answer, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{due_of_unit, life_words, state_kind, state_words};
use crate::{
    actions::{
        ENTER, REVIEW, SEE,
        catalogue::{self, Catalogue},
        entry::{Which, tier_of},
        obligations, openrosa,
        tasks::{self, Task},
        travelling,
    },
    model::{Dataset, Life, Period, Scheme, submission::State},
    store::{obligations::Obligation, submissions::Submission},
};

/// The page.
pub(super) const HOME: Template<Home> = Template::new("reporting/home.html");

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    /// Whose.
    #[serde(default)]
    xa: String,
    /// A data set of which another period is looked for.
    #[serde(default)]
    bieu: String,
}

/// What it shows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Home {
    pub(super) area: String,
    pub(super) area_id: String,
    /// Other units of this person.
    pub(super) units: Vec<Unit>,
    pub(super) reviews: bool,
    /// Forms sent by phone that wait for a person.
    pub(super) phones: u64,
    /// True when this person may report by phone.
    pub(super) enters: bool,
    pub(super) returned: Vec<Line>,
    pub(super) todo: Vec<Line>,
    /// Owed no longer: excused, or of a campaign that was ended.
    pub(super) free: Vec<Line>,
    pub(super) done: Vec<Line>,
    pub(super) datasets: Vec<Unit>,
    pub(super) dataset: String,
    pub(super) periods: Vec<Unit>,
}

/// Something to choose.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Unit {
    pub(super) value: String,
    pub(super) label: String,
}

/// A report.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Line {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) period: String,
    pub(super) due: String,
    pub(super) late: bool,
    pub(super) state: String,
    pub(super) kind: &'static str,
    pub(super) remarks: usize,
    /// True when it was handed in at this point and has not gone up yet.
    pub(super) waits_here: bool,
    /// Why it is owed no longer; empty for what is.
    pub(super) note: String,
}

/// For so many days it is told that something is owed no longer, unless somebody began to fill it in.
const FREE_DAYS: i32 = 60;
/// So many of what was handed in are listed.
const DONE_MOST: usize = 40;
/// So many periods of a data set are offered.
const PERIODS_OFFERED: u16 = 8;

pub(crate) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    visit.caller.must_somewhere(&SEE)?;
    let catalogue = catalogue::current(&visit.app).await?;
    let (units, area) = visit
        .app
        .db
        .view(async |tx| {
            let mut units: Vec<Area> = Vec::new();
            let scopes: Vec<ScopePath> = visit.caller.scopes_for(&SEE).cloned().collect();
            for scope in scopes {
                let scope = if scope == ScopePath::root() { scope.child("vn") } else { scope };
                if let Some(area) = areas::by_path(tx, &scope).await?
                    && !units.iter().any(|one| one.id == area.id)
                {
                    units.push(area);
                }
            }
            let area = if wanted.xa.is_empty() {
                units.first().cloned()
            } else {
                let id = AreaId::parse(&wanted.xa).or_missing(&areas::NOT_FOUND)?;
                Some(areas::find(tx, &id).await?.or_missing(&areas::NOT_FOUND)?)
            };
            Ok((units, area))
        })
        .await?;
    let reviews = visit.caller.may_somewhere(&REVIEW);
    let units = units.iter().map(|one| Unit { value: one.id.to_string(), label: one.title() });
    let phones =
        visit.app.db.view(async |tx| openrosa::count_waiting(tx, &visit.caller).await).await?;
    let enters = visit.caller.may_somewhere(&ENTER);
    let home = Home { units: units.collect(), reviews, phones, enters, ..Home::default() };
    let Some(area) = area else { return visit.page(&HOME, &home) };
    let tasks = tasks::of_area(&visit.app, &visit.caller, &area).await?;
    let since = travelling::waiting_since(&visit.app).await?;
    let home = listed(&visit, &catalogue, &area, (tasks, since), home);
    let home = chooser(&visit, &catalogue, &area, &wanted.bieu, home);
    visit.page(&HOME, &home)
}

/// What there is to do and what was done; `since` says what waits at this point to go up.
fn listed(
    visit: &Visit,
    catalogue: &Catalogue,
    area: &Area,
    (tasks, since): (Vec<Task>, Option<Timestamp>),
    home: Home,
) -> Home {
    let mut home = Home { area: area.title(), area_id: area.id.to_string(), ..home };
    let today = visit.app.now().day();
    let (mut todo, mut done) = (Vec::new(), Vec::new());
    for task in tasks {
        let Some(line) = line(visit, catalogue, &task) else { continue };
        if !line.note.is_empty() {
            let due = task.obligation.as_ref().map_or(Day::FOREVER, |one| one.until_day);
            let is_recent = today.days_since(due) <= FREE_DAYS;
            home.free.extend((is_recent || task.submission.is_some()).then_some(line));
            continue;
        }
        match task.submission.as_ref().map_or(State::Draft, |one| one.state) {
            State::Returned => home.returned.push(line),
            State::Draft | State::Certified => {
                todo.push((due(catalogue, &task).unwrap_or(Day::FOREVER), line));
            }
            _ => {
                let waits = |one: &Submission| travelling::waits(one, since);
                let waits_here = task.submission.as_ref().is_some_and(waits);
                let line = Line { waits_here, ..line };
                done.push((task.submission.map(|one| one.changed_at), line));
            }
        }
    }
    todo.sort_by_key(|(due, _)| *due);
    home.todo = todo.into_iter().map(|(_, line)| line).collect();
    done.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    home.done = done.into_iter().take(DONE_MOST).map(|(_, line)| line).collect();
    home
}

fn which_of(task: &Task) -> Option<Which> {
    match (&task.obligation, &task.submission) {
        (Some(one), _) => Some(Which {
            dataset: one.dataset.clone(),
            period: one.period.clone(),
            life: Life::from_code(one.life),
            area: one.area.clone(),
        }),
        (None, one) => one.as_ref().map(Which::from),
    }
}

fn line(visit: &Visit, catalogue: &Catalogue, task: &Task) -> Option<Line> {
    let which = which_of(task)?;
    let dataset = catalogue.datasets.get(&which.dataset)?;
    let state = task.submission.as_ref().map_or(State::Draft, |one| one.state);
    let begun = task.submission.is_some();
    let open = !state.is_reported();
    let note = if open { free(visit, dataset, task) } else { String::new() };
    let period = Period::parse(&which.period)?;
    let owed = task.obligation.as_ref();
    let (due, late) = if note.is_empty() {
        due_of_unit(visit, (dataset, which.life, &period), owed, open)
    } else {
        (String::new(), false)
    };
    Some(Line {
        href: super::href(&which),
        title: dataset.title.clone(),
        period: named_period(visit, dataset, &period, which.life),
        due,
        late,
        note,
        state: if begun {
            state_words(visit, state)
        } else {
            visit.say("reporting-state-none", &[])
        },
        kind: if begun { state_kind(state) } else { "quiet" },
        remarks: task.remarks,
        waits_here: false,
    })
}

/// By when something that is not handed in yet is due.
fn due(catalogue: &Catalogue, task: &Task) -> Option<Day> {
    let which = which_of(task)?;
    let dataset = catalogue.datasets.get(&which.dataset)?;
    let period = Period::parse(&which.period)?;
    obligations::due_day(dataset, which.life, &period, task.obligation.as_ref())
}

/// Why something that was not handed in is owed no longer; empty when it is owed. What was given back for a
/// correction had been handed in: its remarks wait for an answer.
fn free(visit: &Visit, dataset: &Dataset, task: &Task) -> String {
    let owed = task.obligation.as_ref().is_none_or(Obligation::is_owed);
    match &dataset.ended {
        _ if owed => String::new(),
        Some(ended) => crate::pages::builder::ended_words(visit, ended),
        None => visit.say("reporting-home-excused", &[]),
    }
}

fn named_period(visit: &Visit, dataset: &Dataset, period: &Period, life: Life) -> String {
    let life = life_words(visit, dataset.estimated, life);
    let period = period.label(visit.lang());
    if life.is_empty() { period } else { format!("{period} · {life}") }
}

/// Another data set, and its last periods.
fn chooser(visit: &Visit, catalogue: &Catalogue, area: &Area, asked: &str, home: Home) -> Home {
    let tier = tier_of(area);
    let today = visit.app.now().day();
    let fits = |one: &&Dataset| one.tier == tier && one.from < one.until && one.from <= today;
    let datasets = catalogue.datasets.values().filter(fits);
    let datasets: Vec<Unit> = datasets
        .map(|one| Unit { value: one.code.to_string(), label: one.title.clone() })
        .collect();
    let chosen = catalogue.datasets.values().filter(fits).find(|one| one.code.as_str() == asked);
    let mut periods = Vec::new();
    if let Some(dataset) = chosen
        && let Some(last) =
            Scheme::parse(&dataset.scheme).and_then(|scheme| scheme.containing(today))
    {
        for period in last.last_n(PERIODS_OFFERED).iter().rev() {
            if period.from < dataset.from || period.from >= dataset.until {
                continue;
            }
            for life in dataset.lives() {
                let which = Which {
                    dataset: dataset.code.clone(),
                    period: period.id().to_owned(),
                    life: *life,
                    area: area.id.clone(),
                };
                let label = named_period(visit, dataset, period, *life);
                periods.push(Unit { value: super::href(&which), label });
            }
        }
    }
    Home { datasets, periods, dataset: asked.chars().take(40).collect(), ..home }
}
