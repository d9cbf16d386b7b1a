//! Bringing what is owed in agreement with the map: what is missing is made, what a decree divided is cut, what
//! nobody owes is taken back, and the rates move by all of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{AreaId, AreaLevel};
use kernel::{
    clock::{Day, Timestamp},
    db::Tx,
    problem::Outcome,
    scope::ScopePath,
};

use crate::{
    actions::{entry::Which, excuses, map},
    model::{Dataset, Life, Period, Tier, dataset::DueWhat, period::due, submission::Step},
    store::{
        analysis,
        obligations::{self, Obligation},
        rollups::{self, RateDelta},
        seats,
        submissions::{self, Submission},
    },
};

const LEVEL: [(Tier, AreaLevel); 3] = [
    (Tier::Commune, AreaLevel::Commune),
    (Tier::Province, AreaLevel::Province),
    (Tier::Ministry, AreaLevel::Country),
];

/// Which obligations are made when they are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Making {
    /// Those that are due on a day or later; all when none.
    Since(Option<Day>),
    /// Those of a life that somebody owes already: a unit that began by a decree owes what its predecessor does.
    WhereOwed,
}

/// Makes what is missing, cuts what is owed to the days on which units existed, takes back what nobody owes.
pub(super) async fn agree(
    tx: &mut Tx,
    dataset: &Dataset,
    period: &Period,
    home: &ScopePath,
    making: Making,
) -> Outcome<u64> {
    let owing = owing(tx, dataset, period, home).await?;
    let mut changed = 0;
    for life in dataset.lives() {
        let key = (dataset.code.as_str(), period.id(), *life);
        obligations::restate(tx, key, deadlines(dataset, period, *life)).await?;
        let known = obligations::under(tx, &ScopePath::root(), key.0, key.1, key.2).await?;
        let (_, due_on) = deadlines(dataset, period, *life);
        let makes = match making {
            Making::Since(since) => due_on.is_none_or(|due| since.is_none_or(|since| due >= since)),
            Making::WhereOwed => !known.is_empty(),
        };
        let new: BTreeSet<AreaId> = if makes { owing.clone() } else { BTreeSet::new() };
        changed += agree_life(tx, dataset, period, *life, &known, &new).await?;
    }
    Ok(changed + super::end(tx, dataset).await?)
}

/// By when a report is to be signed and to be handed in. Where only signing has a deadline it is that of handing in too:
/// who reads what is late and who writes it go by one day.
fn deadlines(dataset: &Dataset, period: &Period, life: Life) -> (Option<Day>, Option<Day>) {
    let by = |what| dataset.deadline(dataset.tier, life, what).map(|rule| due(rule, period));
    let certify_by = by(DueWhat::Certification);
    (certify_by, by(DueWhat::Submission).or(certify_by))
}

/// The units that owe a data set for a period here: those of its tier that existed in it.
pub(super) async fn owing(
    tx: &mut Tx,
    dataset: &Dataset,
    period: &Period,
    home: &ScopePath,
) -> Outcome<BTreeSet<AreaId>> {
    let level = LEVEL.iter().find(|(tier, _)| *tier == dataset.tier).map(|(_, level)| *level);
    let level = level.unwrap_or(AreaLevel::Commune);
    let scopes: Vec<ScopePath> = if dataset.areas.is_empty() {
        vec![ScopePath::root()]
    } else {
        dataset.areas.iter().filter_map(|path| ScopePath::parse(path)).collect()
    };
    let mut units = BTreeSet::new();
    for scope in scopes.iter().filter(|scope| scope.touches(home)) {
        let narrower = if scope.contains(home) { home } else { scope };
        let found = areas::units_between(tx, level, narrower, period.from, period.until).await?;
        units.extend(found.into_iter().map(|unit| unit.id));
    }
    Ok(units)
}

async fn agree_life(
    tx: &mut Tx,
    dataset: &Dataset,
    period: &Period,
    life: Life,
    known: &[Obligation],
    owing: &BTreeSet<AreaId>,
) -> Outcome<u64> {
    let there: BTreeSet<&AreaId> = known.iter().map(|one| &one.area).collect();
    let stretches = areas::stretches(tx, there.iter().copied().chain(owing)).await?;
    let mut rates: BTreeMap<i64, RateDelta> = BTreeMap::new();
    let mut changed = 0;
    let places = seated(tx, known.iter().map(|one| &one.area), period).await?;
    for one in known {
        let days = stretches.get(&one.area).and_then(|known| map::days_in(known, period));
        let province = places.get(&one.area).copied();
        changed += u64::from(agree_one(tx, one, days, province, &mut rates).await?);
    }
    let new: Vec<(&AreaId, (Day, Day))> = owing
        .iter()
        .filter(|id| !there.contains(id))
        .filter_map(|id| Some((id, map::days_in(stretches.get(id)?, period)?)))
        .collect();
    changed += make_new(tx, dataset, period, life, &new, &mut rates).await?;
    for (province, delta) in rates {
        let key = (dataset.code.as_str(), period.id(), life);
        rollups::move_rate(tx, key, province, delta).await?;
    }
    Ok(changed)
}

/// The provinces in which places of these areas count for a period.
async fn seated<'a>(
    tx: &mut Tx,
    areas: impl Iterator<Item = &'a AreaId>,
    period: &Period,
) -> Outcome<HashMap<AreaId, i64>> {
    let wanted: Vec<AreaId> = areas.cloned().collect();
    let places = analysis::places_of(tx, &wanted).await?;
    let nos: Vec<i64> = places.iter().map(|row| row.no).collect();
    let day = period.last_day();
    let held = seats::of_places(tx, &nos).await?;
    let held: HashMap<i64, i64> = held
        .into_iter()
        .filter(|seat| seat.from_day <= day && seat.until_day > day)
        .map(|seat| (seat.place, seat.province))
        .collect();
    Ok(places.into_iter().filter_map(|row| Some((row.area, *held.get(&row.no)?))).collect())
}

/// Puts one obligation in order; true when it changed. What was handed in stays handed in: an obligation whose
/// unit turns out to have had no day in the period is only taken back when nobody met it.
async fn agree_one(
    tx: &mut Tx,
    one: &Obligation,
    days: Option<(Day, Day)>,
    province: Option<i64>,
    rates: &mut BTreeMap<i64, RateDelta>,
) -> Outcome<bool> {
    let (from_day, until_day) = days.unwrap_or((one.from_day, one.until_day));
    let province = province.unwrap_or(one.province);
    let same = (one.from_day, one.until_day, one.province) == (from_day, until_day, province);
    if same && (days.is_some() || one.met_at.is_some()) {
        return Ok(false);
    }
    let Some(held) = obligations::hold(tx, &one.id).await? else { return Ok(false) };
    let before = rates.entry(held.province).or_default();
    *before = before.less(RateDelta::of(&held));
    if days.is_none() && held.met_at.is_none() {
        obligations::remove(tx, &held.id).await?;
        return Ok(true);
    }
    let after = Obligation { province, from_day, until_day, ..held };
    obligations::update(tx, &after).await?;
    let now = rates.entry(province).or_default();
    *now = now.less(RateDelta::of(&after).negated());
    Ok(true)
}

async fn make_new(
    tx: &mut Tx,
    dataset: &Dataset,
    period: &Period,
    life: Life,
    new: &[(&AreaId, (Day, Day))],
    rates: &mut BTreeMap<i64, RateDelta>,
) -> Outcome<u64> {
    if new.is_empty() {
        return Ok(0);
    }
    let authorities = map::authorities(tx, new.iter().map(|(id, _)| *id)).await?;
    let wanted: Vec<(AreaId, ScopePath)> = new
        .iter()
        .filter_map(|(id, _)| Some(((*id).clone(), authorities.get(*id)?.clone())))
        .collect();
    map::places(tx, &wanted).await?;
    let seated = seated(tx, new.iter().map(|(id, _)| *id), period).await?;
    let (certify_by, due_on) = deadlines(dataset, period, life);
    let key = (dataset.code.as_str(), period.id(), life);
    let mut handed_in = handed_in(tx, key, new).await?;
    let mut rows = Vec::with_capacity(new.len());
    for (id, (from_day, until_day)) in new {
        let (Some(path), Some(province)) = (authorities.get(*id), seated.get(*id)) else {
            continue;
        };
        let which = Which {
            dataset: dataset.code.clone(),
            period: period.id().to_owned(),
            life,
            area: (*id).clone(),
        };
        let sent = handed_in.remove(*id);
        let met_at = sent.as_ref().and_then(|(_, at)| *at);
        let sent = sent.map(|(sent, _)| sent);
        let late = sent.as_ref().map(|one| one.late_reason.clone());
        let one = Obligation {
            id: kernel::ids::Id::from_text(which.id().to_string()),
            dataset: dataset.code.clone(),
            period: period.id().to_owned(),
            life: life.code(),
            area: (*id).clone(),
            path: path.clone(),
            province: *province,
            from_day: *from_day,
            until_day: *until_day,
            certify_by,
            due_on,
            met_at,
            on_time: met_at.is_some_and(|at| due_on.is_none_or(|due| at.day() <= due)),
            nil: sent.as_ref().is_some_and(|one| one.nil),
            late_reason: late.filter(|words| met_at.is_some() && !words.is_empty()),
            approved: met_at.is_some() && sent.as_ref().is_some_and(|one| one.approved.is_some()),
            reminded: 0,
            excused: false,
            due_was: None,
        };
        rows.push(one);
    }
    let rows = excuses::recalled(tx, rows).await?;
    for one in &rows {
        let sum = rates.entry(one.province).or_default();
        *sum = sum.less(RateDelta::of(one).negated());
    }
    Ok(obligations::add(tx, &rows).await?)
}

/// Reports of a data set and period that were handed in, with the moment of the first time: what meets an
/// obligation that is made after it.
async fn handed_in(
    tx: &mut Tx,
    (dataset, period, life): (&str, &str, Life),
    whose: &[(&AreaId, (Day, Day))],
) -> Outcome<HashMap<AreaId, (Submission, Option<Timestamp>)>> {
    let whose: BTreeSet<&AreaId> = whose.iter().map(|(id, _)| *id).collect();
    let mut found = HashMap::new();
    let all = submissions::under(tx, &ScopePath::root(), dataset, period, life).await?;
    for one in all.into_iter().filter(|one| whose.contains(&one.area)) {
        let steps = submissions::steps(tx, &one.id).await?;
        let first = steps.iter().filter(|row| row.step == Step::Submit.code()).map(|row| row.at);
        let first = first.min();
        found.insert(one.area.clone(), (one, first));
    }
    Ok(found)
}
