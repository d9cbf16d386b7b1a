//! Who owes what by when: made from data sets and from the units that existed, never from a button. A unit
//! that ended within a period owes the part in which it existed; so does the one that began.

use std::collections::{BTreeMap, HashMap};

use areas::{AreaLevel, Existing};
use kernel::{
    app::{App, AppRef},
    clock::{Day, Timestamp},
    db::{Db, Tx},
    events::Doing,
    jobs::JobKind,
    problem::Outcome,
    scope::ScopePath,
};

use super::{
    catalogue::{self, Catalogue, kind},
    entry::Which,
};
pub use crate::store::obligations::Obligation as Owed;
use crate::{
    model::{
        Dataset, Life, Period, Tier,
        dataset::DueWhat,
        period::{Scheme, due},
    },
    store::{
        definitions, numbers,
        obligations::{self, Obligation},
        rollups::{self, RateDelta},
        submissions::Submission,
    },
};

/// The area a node answers for: a point its commune, a hub the country. Answered by the house that knows.
pub struct Home(pub fn(&AppRef) -> Doing<'_, Option<ScopePath>>);

/// Makes the obligations of new periods, once a day.
pub const KEEP_OBLIGATIONS: JobKind =
    JobKind { name: "reporting.keep_obligations", run: |app, _| every_day(app) };

const LEVEL: [(Tier, AreaLevel); 3] = [
    (Tier::Commune, AreaLevel::Commune),
    (Tier::Province, AreaLevel::Province),
    (Tier::Ministry, AreaLevel::Country),
];

/// How far back obligations are made on a first start: the period that has just ended is still owed.
const BACK_DAYS: i32 = 100;

fn every_day(app: &AppRef) -> Doing<'_, ()> {
    Box::pin(async move {
        let home = match app.port::<Home>() {
            Some(Home(ask)) => ask(app).await?,
            None => None,
        };
        keep(&app.db, home.as_ref()).await?;
        let tomorrow = app.now().day().plus_days(1);
        app.db
            .change(async |tx| {
                if numbers::note_day(tx, "obligations", tomorrow).await? {
                    tx.queue(&KEEP_OBLIGATIONS, &tomorrow.iso(), tomorrow.start()).await?;
                }
                Ok(())
            })
            .await
    })
}

/// Makes every obligation of the periods that have begun, for units under `home` (the country when none).
/// What is there stays as it is, so it can be repeated at any time. Gives how many were new.
pub async fn keep(db: &Db, home: Option<&ScopePath>) -> Outcome<u64> {
    let (catalogue, today) =
        db.view(async |tx| Ok((catalogue::read(tx).await?, tx.now().day()))).await?;
    let country = ScopePath::root();
    let home = home.unwrap_or(&country);
    let mut fresh = 0;
    for dataset in catalogue.datasets.values() {
        for period in begun(dataset, today) {
            fresh += db
                .change(async |tx| {
                    // What was due before this node had ever heard of the data set, nobody here owes.
                    let since = definitions::known_since(tx, kind::DATASET, dataset.code.as_str());
                    let since = since.await?.map(Timestamp::day);
                    make_since(tx, dataset, &period, home, since).await
                })
                .await?;
        }
    }
    Ok(fresh)
}

/// The periods of a data set that have begun and that it is reported for.
fn begun(dataset: &Dataset, today: Day) -> Vec<Period> {
    let Some(scheme) = Scheme::parse(&dataset.scheme) else { return Vec::new() };
    let first = dataset.from.max(today.plus_days(-BACK_DAYS));
    let end = dataset.until.min(today.plus_days(1));
    if first >= end {
        return Vec::new();
    }
    scheme
        .between(first, end)
        .filter(|period| period.from >= dataset.from && period.from <= today)
        .collect()
}

/// Makes the obligations of one data set and period.
pub async fn make(
    tx: &mut Tx,
    _catalogue: &Catalogue,
    dataset: &Dataset,
    period: &Period,
    home: &ScopePath,
) -> Outcome<u64> {
    make_since(tx, dataset, period, home, None).await
}

async fn make_since(
    tx: &mut Tx,
    dataset: &Dataset,
    period: &Period,
    home: &ScopePath,
    since: Option<Day>,
) -> Outcome<u64> {
    let level = LEVEL.iter().find(|(tier, _)| *tier == dataset.tier).map(|(_, level)| *level);
    let level = level.unwrap_or(AreaLevel::Commune);
    let scopes: Vec<ScopePath> = if dataset.areas.is_empty() {
        vec![ScopePath::root()]
    } else {
        dataset.areas.iter().filter_map(|path| ScopePath::parse(path)).collect()
    };
    let mut units: BTreeMap<areas::AreaId, Existing> = BTreeMap::new();
    for scope in scopes.iter().filter(|scope| scope.touches(home)) {
        let narrower = if scope.contains(home) { home } else { scope };
        for unit in areas::units_between(tx, level, narrower, period.from, period.until).await? {
            units.insert(unit.id.clone(), unit);
        }
    }
    let mut fresh = 0;
    for life in dataset.lives() {
        let due_on = dataset.deadline(dataset.tier, *life, DueWhat::Submission);
        let due_on = due_on.map(|rule| due(rule, period));
        if due_on.is_some_and(|due| since.is_some_and(|since| due < since)) {
            continue;
        }
        fresh += make_for(tx, dataset, period, *life, &units).await?;
    }
    Ok(fresh)
}

async fn make_for(
    tx: &mut Tx,
    dataset: &Dataset,
    period: &Period,
    life: Life,
    units: &BTreeMap<areas::AreaId, Existing>,
) -> Outcome<u64> {
    let known = obligations::areas_of(tx, dataset.code.as_str(), period.id(), life).await?;
    let new: Vec<&Existing> =
        units.values().filter(|unit| !known.contains(unit.id.as_str())).collect();
    if new.is_empty() {
        return Ok(0);
    }
    let wanted: Vec<(areas::AreaId, ScopePath)> =
        new.iter().map(|unit| (unit.id.clone(), unit.path.clone())).collect();
    let places = numbers::place_nos(tx, &wanted).await?;
    let by = |what| dataset.deadline(dataset.tier, life, what).map(|rule| due(rule, period));
    let (certify_by, due_on) = (by(DueWhat::Certification), by(DueWhat::Submission));
    let mut rows = Vec::with_capacity(new.len());
    let mut expected: HashMap<i64, i64> = HashMap::new();
    for unit in new {
        let Some(place) = places.get(&unit.id) else { continue };
        let which = Which {
            dataset: dataset.code.clone(),
            period: period.id().to_owned(),
            life,
            area: unit.id.clone(),
        };
        *expected.entry(place.province).or_default() += 1;
        rows.push(Obligation {
            id: kernel::ids::Id::from_text(which.id().to_string()),
            dataset: dataset.code.clone(),
            period: period.id().to_owned(),
            life: life.code(),
            area: unit.id.clone(),
            path: unit.path.clone(),
            province: place.province,
            from_day: unit.from,
            until_day: unit.until,
            certify_by,
            due_on,
            met_at: None,
            on_time: false,
            nil: false,
            late_reason: None,
            approved: false,
            reminded: 0,
        });
    }
    let fresh = obligations::add(tx, &rows).await?;
    let mut provinces: Vec<(i64, i64)> = expected.into_iter().collect();
    provinces.sort_unstable();
    for (province, count) in provinces {
        let delta = RateDelta { expected: count, ..RateDelta::default() };
        rollups::move_rate(tx, (dataset.code.as_str(), period.id(), life), province, delta).await?;
    }
    Ok(fresh)
}

/// A report was handed in: its obligation is met, the first time for good.
pub async fn met(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let found =
        obligations::find(tx, one.dataset.as_str(), &one.period, one.life, &one.area).await?;
    let Some(known) = found else { return Ok(()) };
    let at = one.submitted.as_ref().map_or(tx.now(), |signed| signed.at);
    let first = known.met_at.is_none();
    let on_time =
        if first { known.due_on.is_none_or(|due| at.day() <= due) } else { known.on_time };
    let late = Some(one.late_reason.clone()).filter(|words| !words.is_empty());
    let after = Obligation {
        met_at: Some(known.met_at.unwrap_or(at)),
        on_time,
        nil: one.nil,
        late_reason: late.or(known.late_reason.clone()),
        approved: known.approved,
        ..known.clone()
    };
    obligations::update(tx, &after).await?;
    let delta = RateDelta {
        reported: i64::from(first),
        on_time: i64::from(first && on_time),
        ..RateDelta::default()
    };
    let which = (one.dataset.as_str(), one.period.as_str(), one.life);
    Ok(rollups::move_rate(tx, which, known.province, delta).await?)
}

/// A report was approved.
pub async fn approved(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let found =
        obligations::find(tx, one.dataset.as_str(), &one.period, one.life, &one.area).await?;
    let Some(known) = found.filter(|known| !known.approved) else { return Ok(()) };
    let province = known.province;
    obligations::update(tx, &Obligation { approved: true, ..known }).await?;
    let delta = RateDelta { approved: 1, ..RateDelta::default() };
    let which = (one.dataset.as_str(), one.period.as_str(), one.life);
    Ok(rollups::move_rate(tx, which, province, delta).await?)
}

/// True when the deadline of a report has passed and it was never handed in.
pub async fn is_late(tx: &mut Tx, one: &Submission) -> Outcome<bool> {
    let found =
        obligations::find(tx, one.dataset.as_str(), &one.period, one.life, &one.area).await?;
    let today = tx.now().day();
    Ok(found
        .is_some_and(|known| known.met_at.is_none() && known.due_on.is_some_and(|due| today > due)))
}

/// Asks for the daily work, on every start; the work itself knows what is done already.
pub async fn begin(app: &App) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let now = tx.now();
            tx.queue(&KEEP_OBLIGATIONS, "start", now).await?;
            Ok(())
        })
        .await
}

/// What is owed of a data set and period under a path, by place.
pub async fn owed(
    tx: &mut Tx,
    scope: &ScopePath,
    dataset: &str,
    period: &str,
    life: Life,
) -> Outcome<Vec<Obligation>> {
    Ok(obligations::under(tx, scope, dataset, period, life).await?)
}
