//! Who owes what by when: made from data sets and from the units that existed, never from a button. A unit
//! that ended within a period owes the part in which it existed; so does the one that began.

mod agree;

use std::collections::{BTreeMap, BTreeSet};

use areas::AreaId;
use kernel::{
    app::{App, AppRef},
    clock::{Day, Timestamp},
    db::{Db, Tx},
    events::Doing,
    jobs::JobKind,
    problem::Outcome,
    scope::ScopePath,
};

use agree::{Making, agree};

use super::{
    catalogue::{self, Catalogue, kind},
    entry::Which,
    excuses, map,
};
pub use crate::store::obligations::Obligation as Owed;
use crate::{
    model::{
        Dataset, Life, Period,
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

/// Makes the obligations of new periods, and lays papers under who has authority over them from today on: once a day.
pub const KEEP_OBLIGATIONS: JobKind =
    JobKind { name: "reporting.keep_obligations", run: |app, _| every_day(app) };

/// How far back obligations are made on a first start: the period that has just ended is still owed.
const BACK_DAYS: i32 = 100;

fn every_day(app: &AppRef) -> Doing<'_, ()> {
    Box::pin(async move {
        let home = home(app).await?;
        // A decree that was recorded beforehand may have its first day today.
        map::settle_papers(&app.db).await?;
        keep(&app.db, Some(&home)).await?;
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

/// The area this node answers for; the country when nobody says otherwise.
pub(crate) async fn home(app: &AppRef) -> Outcome<ScopePath> {
    let home = match app.port::<Home>() {
        Some(Home(ask)) => ask(app).await?,
        None => None,
    };
    Ok(home.unwrap_or_else(ScopePath::root))
}

/// Makes every obligation of the periods that have begun, for units under `home` (the country when none).
/// What is there and true stays as it is, so it can be repeated at any time. Gives how many were new or changed.
pub async fn keep(db: &Db, home: Option<&ScopePath>) -> Outcome<u64> {
    let (catalogue, today) =
        db.view(async |tx| Ok((catalogue::read(tx).await?, tx.now().day()))).await?;
    let country = ScopePath::root();
    let home = home.unwrap_or(&country);
    let mut fresh = 0;
    for dataset in catalogue.datasets.values() {
        if !dataset.areas.is_empty() {
            db.change(async |tx| withdraw(tx, dataset).await).await?;
        }
        for period in begun(dataset, today) {
            fresh += db
                .change(async |tx| {
                    // What was due before this node had ever heard of the data set, nobody here owes.
                    let since = definitions::known_since(tx, kind::DATASET, dataset.code.as_str());
                    let since = since.await?.map(Timestamp::day);
                    agree(tx, dataset, &period, home, Making::Since(since)).await
                })
                .await?;
        }
    }
    Ok(fresh)
}

/// Puts everything that is owed in order with the map, and makes what is missing of it: a decree that was
/// recorded late divides periods that had begun long before. Gives how many obligations were made, cut, moved or
/// taken back.
pub async fn settle(db: &Db, home: Option<&ScopePath>) -> Outcome<u64> {
    let (catalogue, due) = db
        .view(async |tx| Ok((catalogue::read(tx).await?, obligations::all_due(tx).await?)))
        .await?;
    let country = ScopePath::root();
    let home = home.unwrap_or(&country);
    let mut changed = 0;
    for one in due {
        let Some(dataset) = catalogue.datasets.get(&one.dataset) else { continue };
        let Some(period) = Period::parse(&one.period) else { continue };
        changed += db
            .change(async |tx| agree(tx, dataset, &period, home, Making::WhereOwed).await)
            .await?;
    }
    Ok(changed + keep(db, Some(home)).await?)
}

/// The periods of a data set that have begun and that it is reported for.
fn begun(dataset: &Dataset, today: Day) -> Vec<Period> {
    let Some(scheme) = Scheme::parse(&dataset.scheme) else { return Vec::new() };
    if scheme.is_campaign() {
        let recent = dataset.from <= today && dataset.until > today.plus_days(-BACK_DAYS);
        return dataset.campaign().filter(|_| recent).into_iter().collect();
    }
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

/// Makes the obligations of a data set that was just defined, for units under `home`.
pub async fn make_begun(tx: &mut Tx, dataset: &Dataset, home: &ScopePath) -> Outcome<u64> {
    let today = tx.now().day();
    let mut fresh = 0;
    for period in begun(dataset, today) {
        fresh += agree(tx, dataset, &period, home, Making::Since(Some(today))).await?;
    }
    Ok(fresh)
}

/// Takes away what units owe that the data set no longer asks, unless they have handed it in. Whatever they typed
/// stays theirs. Asked are the units that lay within its areas in the period, wherever they lie today.
pub async fn withdraw(tx: &mut Tx, dataset: &Dataset) -> Outcome<u64> {
    if dataset.areas.is_empty() {
        return Ok(0);
    }
    let mut asked: BTreeMap<String, BTreeSet<AreaId>> = BTreeMap::new();
    let mut gone = 0;
    for one in obligations::unmet(tx, dataset.code.as_str()).await? {
        let Some(period) = Period::parse(&one.period) else { continue };
        if !asked.contains_key(&one.period) {
            let owing = agree::owing(tx, dataset, &period, &ScopePath::root()).await?;
            asked.insert(one.period.clone(), owing);
        }
        if asked.get(&one.period).is_some_and(|units| units.contains(&one.area)) {
            continue;
        }
        obligations::remove(tx, &one.id).await?;
        let delta = RateDelta::of(&one).negated();
        let which = (dataset.code.as_str(), one.period.as_str(), Life::from_code(one.life));
        rollups::move_rate(tx, which, one.province, delta).await?;
        gone += 1;
    }
    Ok(gone)
}

/// Excuses every unit from a campaign that was ended and that it did not hand in. Such a report is counted apart,
/// neither late nor missing; one that comes all the same is owed, met and in time, so that no rate passes 100 %.
/// Gives how many were excused now; the same again changes nothing.
pub async fn end(tx: &mut Tx, dataset: &Dataset) -> Outcome<u64> {
    let Some(ended) = &dataset.ended else { return Ok(0) };
    // All are held before a rate is moved: whoever hands in now holds one of them and waits for the rate.
    let mut held = Vec::new();
    for one in obligations::unmet(tx, dataset.code.as_str()).await? {
        let one = obligations::hold(tx, &one.id).await?;
        held.extend(one.filter(|one| one.met_at.is_none() && one.is_owed()));
    }
    let mut rates: BTreeMap<(String, i64, i64), RateDelta> = BTreeMap::new();
    let mut count = 0;
    for one in &held {
        let Some(after) = excuses::ended(tx, one, ended).await? else { continue };
        obligations::update(tx, &after).await?;
        let sum = rates.entry((one.period.clone(), one.life, one.province)).or_default();
        *sum = sum.less(RateDelta::of(one)).less(RateDelta::of(&after).negated());
        count += 1;
    }
    for ((period, life, province), delta) in rates {
        let key = (dataset.code.as_str(), period.as_str(), Life::from_code(life));
        rollups::move_rate(tx, key, province, delta).await?;
    }
    Ok(count)
}

/// Makes the obligations of one data set and period.
pub async fn make(
    tx: &mut Tx,
    _catalogue: &Catalogue,
    dataset: &Dataset,
    period: &Period,
    home: &ScopePath,
) -> Outcome<u64> {
    agree(tx, dataset, period, home, Making::Since(None)).await
}

/// By when a report is due: as its unit owes it, for whom a deadline may have been extended; where nobody owes it, as
/// the data set says. Whatever tells a deadline asks here.
pub fn due_day(
    dataset: &Dataset,
    life: Life,
    period: &Period,
    owed: Option<&Obligation>,
) -> Option<Day> {
    let said = |what| dataset.deadline(dataset.tier, life, what).map(|rule| due(rule, period));
    match owed {
        Some(one) => one.due_on,
        None => said(DueWhat::Submission).or_else(|| said(DueWhat::Certification)),
    }
}

/// What a unit owes; none for a report that nobody asked of it here.
pub async fn of(tx: &mut Tx, which: &Which) -> Outcome<Option<Obligation>> {
    let dataset = which.dataset.as_str();
    Ok(obligations::find(tx, dataset, &which.period, which.life, &which.area).await?)
}

/// The obligation that a report meets, held for changing it.
async fn held(tx: &mut Tx, one: &Submission) -> Outcome<Option<Obligation>> {
    let found =
        obligations::find(tx, one.dataset.as_str(), &one.period, one.life, &one.area).await?;
    match found {
        Some(known) => Ok(obligations::hold(tx, &known.id).await?),
        None => Ok(None),
    }
}

/// Writes what became of an obligation, and moves the rates by it.
pub(crate) async fn change(tx: &mut Tx, before: &Obligation, after: &Obligation) -> Outcome<()> {
    obligations::update(tx, after).await?;
    let delta = RateDelta::of(after).less(RateDelta::of(before));
    let life = Life::from_code(after.life);
    let key = (after.dataset.as_str(), after.period.as_str(), life);
    Ok(rollups::move_rate(tx, key, after.province, delta).await?)
}

/// A report was handed in: its obligation is met, the first time for good.
pub async fn met(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let Some(known) = held(tx, one).await? else { return Ok(()) };
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
        ..known.clone()
    };
    change(tx, &known, &after).await
}

/// A report was approved.
pub async fn approved(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let Some(known) = held(tx, one).await?.filter(|known| !known.approved) else { return Ok(()) };
    change(tx, &known, &Obligation { approved: true, ..known.clone() }).await
}

/// True when the deadline of a report has passed and it was never handed in.
pub async fn is_late(tx: &mut Tx, one: &Submission) -> Outcome<bool> {
    let found =
        obligations::find(tx, one.dataset.as_str(), &one.period, one.life, &one.area).await?;
    let today = tx.now().day();
    Ok(found.is_some_and(|known| {
        known.met_at.is_none() && known.is_owed() && known.due_on.is_some_and(|due| today > due)
    }))
}

/// Asks for the daily work, on every start; the work itself knows what is done already.
pub async fn begin(app: &App) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let now = tx.now();
            tx.queue(&map::FOLLOW_MAP, "start", now).await?;
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
