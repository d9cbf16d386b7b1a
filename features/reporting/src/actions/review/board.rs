//! The reports of one data set and period under an area: by unit or by province, with rates and key figures.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{Area, AreaId, view::Law};
use kernel::{caller::Caller, db::Tx, problem::Outcome, scope::ScopePath};

use super::place_of;
use crate::{
    actions::{REVIEW, catalogue::Catalogue, check, counts, entry::Which, map},
    model::{
        CellKey, CellState, DatasetId, Life, Period, SubmissionId, Tier, analysis::rate_tenths,
        form::Form, submission::State,
    },
    store::{
        consolidations, numbers,
        obligations::{self, Obligation},
        review as store,
        rollups::RateDelta,
        submissions::{self, Submission},
    },
};

/// How many key figures a list of reports shows.
const KEYS: usize = 3;

/// Reports owed, handed in, in time, approved. None of them is more than what is owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Owed.
    pub expected: i64,
    /// Handed in.
    pub reported: i64,
    /// Handed in in time.
    pub on_time: i64,
    /// Approved.
    pub approved: i64,
    /// Excused, and nothing was handed in: not among those that are owed.
    pub excused: i64,
}

impl Rates {
    /// A share in tenths of a percent, never more than all; none when nothing is owed.
    pub fn per_mille(self, part: i64) -> Option<i64> {
        rate_tenths(part, self.expected)
    }

    fn of(lines: &[Line]) -> Self {
        let owed = lines.iter().filter_map(|line| line.owed.as_ref());
        owed.map(|one| Self::from(RateDelta::of(one))).fold(Self::default(), Self::and)
    }

    fn and(self, other: Self) -> Self {
        Self {
            expected: self.expected + other.expected,
            reported: self.reported + other.reported,
            on_time: self.on_time + other.on_time,
            approved: self.approved + other.approved,
            excused: self.excused + other.excused,
        }
    }
}

impl From<RateDelta> for Rates {
    fn from(one: RateDelta) -> Self {
        Self {
            expected: one.expected,
            reported: one.reported,
            on_time: one.on_time,
            approved: one.approved,
            excused: one.excused,
        }
    }
}

/// One unit's report in a list.
#[derive(Clone, Debug)]
pub struct Line {
    /// Whose.
    pub area: AreaId,
    /// Its name.
    pub name: String,
    /// Which report.
    pub id: SubmissionId,
    /// What is owed; none for a report that nobody asked for.
    pub owed: Option<Obligation>,
    /// What there is of it.
    pub known: Option<Submission>,
    /// Remarks that wait for an answer.
    pub remarks: i64,
    /// What the checks find, when it waits for a decision.
    pub doubts: Option<usize>,
    /// The key figures.
    pub figures: Vec<Option<CellState>>,
}

impl Line {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.known.as_ref().map_or(State::Draft, |known| known.state)
    }

    /// True when nobody owes the report any more, and none was handed in.
    pub fn is_excused(&self) -> bool {
        self.owed.as_ref().is_some_and(|owed| !owed.is_owed())
    }
}

/// One province in a list that is too long to show its units.
#[derive(Clone, Debug)]
pub struct ProvinceLine {
    /// Which.
    pub area: AreaId,
    /// Its name.
    pub name: String,
    /// Its rates.
    pub rates: Rates,
    /// Sums of the key figures: sum and places in it.
    pub figures: Vec<(i64, i64)>,
}

/// The reports of one data set and period under an area.
pub struct Board {
    /// The area.
    pub area: Area,
    /// Units, or nothing when provinces are shown instead.
    pub lines: Vec<Line>,
    /// Provinces, when the area is the country and communes report.
    pub provinces: Vec<ProvinceLine>,
    /// The key figures.
    pub keys: Vec<CellKey>,
    /// Rates of the whole area.
    pub rates: Rates,
}

/// The figures by which a report is recognised at a glance: required ones first, such as can be added.
pub fn key_cells(catalogue: &Catalogue, form: &Form) -> Vec<CellKey> {
    let adds = |key: &CellKey| {
        let element = catalogue.elements.get(&key.element);
        element.is_some_and(|element| matches!(element.law, Law::Additive | Law::Stock))
    };
    let mut found: Vec<(bool, CellKey)> = Vec::new();
    for (_, table) in form.tables() {
        for placed in table.cells() {
            let required = table.rows.get(placed.row).is_some_and(|row| row.required);
            if adds(&placed.key) && !found.iter().any(|(_, key)| *key == placed.key) {
                found.push((!required, placed.key));
            }
        }
    }
    found.sort_by_key(|(optional, _)| *optional);
    found.into_iter().take(KEYS).map(|(_, key)| key).collect()
}

/// Reads the reports under an area. `asked` is the area's id, empty for the caller's own.
pub async fn board(
    tx: &mut Tx,
    caller: &Caller,
    catalogue: &Catalogue,
    (dataset, period, life): (&DatasetId, &Period, Life),
    asked: &str,
) -> Outcome<Board> {
    let area = place_of(tx, caller, &REVIEW, asked).await?;
    let form = catalogue.form(dataset)?;
    let keys = key_cells(catalogue, form);
    let tier = catalogue.dataset(dataset)?.tier;
    if tier == Tier::Commune && area.level == areas::AreaLevel::Country {
        let provinces = provinces(tx, (dataset, period, life), &keys).await?;
        let rates = provinces.iter().fold(Rates::default(), |sum, one| sum.and(one.rates));
        return Ok(Board { area, lines: Vec::new(), provinces, keys, rates });
    }
    let lines = lines(tx, catalogue, &area.path, (dataset, period, life), &keys).await?;
    let whole_province = tier == Tier::Commune && area.level == areas::AreaLevel::Province;
    let counted = if whole_province {
        rates_by_province(tx, dataset, period, life).await?.remove(&area.id)
    } else {
        None
    };
    let rates = counted.unwrap_or_else(|| Rates::of(&lines));
    Ok(Board { area, lines, provinces: Vec::new(), keys, rates })
}

async fn rates_by_province(
    tx: &mut Tx,
    dataset: &DatasetId,
    period: &Period,
    life: Life,
) -> Outcome<HashMap<AreaId, Rates>> {
    let found = counts::rates(tx, dataset.as_str(), life, &[period.id().to_owned()]).await?;
    let read = |(area, rate): (AreaId, crate::store::rollups::Rate)| {
        let rates = Rates {
            expected: rate.expected,
            reported: rate.reported,
            on_time: rate.on_time,
            approved: rate.approved,
            excused: rate.excused,
        };
        (area, rates)
    };
    Ok(found.into_iter().map(read).collect())
}

async fn provinces(
    tx: &mut Tx,
    (dataset, period, life): (&DatasetId, &Period, Life),
    keys: &[CellKey],
) -> Outcome<Vec<ProvinceLine>> {
    let rates = rates_by_province(tx, dataset, period, life).await?;
    let mut sums: HashMap<AreaId, Vec<(i64, i64)>> = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        for one in counts::sums(tx, key, &[period.id().to_owned()], life).await? {
            let row = sums.entry(one.province).or_insert_with(|| vec![(0, 0); keys.len()]);
            row[at] = (one.sum, one.count);
        }
    }
    let names = areas::find_many(tx, rates.keys()).await?;
    let mut all: Vec<ProvinceLine> = rates
        .into_iter()
        .map(|(area, rates)| ProvinceLine {
            name: names.get(&area).map_or_else(|| area.to_string(), Area::title),
            figures: sums.remove(&area).unwrap_or_else(|| vec![(0, 0); keys.len()]),
            area,
            rates,
        })
        .collect();
    all.sort_by_cached_key(|one| {
        map::register_key(names.get(&one.area), one.area.as_str(), &one.name)
    });
    Ok(all)
}

async fn lines(
    tx: &mut Tx,
    catalogue: &Catalogue,
    scope: &ScopePath,
    (dataset, period, life): (&DatasetId, &Period, Life),
    keys: &[CellKey],
) -> Outcome<Vec<Line>> {
    let what = (dataset.as_str(), period.id(), life);
    let owed = obligations::under(tx, scope, what.0, what.1, life).await?;
    let known = submissions::under(tx, scope, what.0, what.1, life).await?;
    let remarks = store::open_remarks(tx, scope, what).await?;
    let mut owed: BTreeMap<AreaId, Obligation> =
        owed.into_iter().map(|one| (one.area.clone(), one)).collect();
    let mut known: BTreeMap<AreaId, Submission> =
        known.into_iter().map(|one| (one.area.clone(), one)).collect();
    let units: BTreeSet<AreaId> = owed.keys().chain(known.keys()).cloned().collect();
    let names = areas::find_many(tx, &units).await?;
    let mut figures = key_figures(tx, what, &units, keys).await?;
    let mut all = Vec::with_capacity(units.len());
    for area in units {
        let known = known.remove(&area);
        let waits =
            known.as_ref().filter(|one| matches!(one.state, State::Submitted | State::Accepted));
        let doubts = match waits {
            Some(one) => Some(check::of_submission(tx, catalogue, one).await?.len()),
            None => None,
        };
        let which =
            Which { dataset: dataset.clone(), period: what.1.to_owned(), life, area: area.clone() };
        let id = which.id();
        all.push(Line {
            name: names.get(&area).map_or_else(|| area.to_string(), Area::title),
            owed: owed.remove(&area),
            remarks: remarks.get(&id).copied().unwrap_or(0),
            doubts,
            figures: figures.remove(&area).unwrap_or_else(|| vec![None; keys.len()]),
            known,
            area,
            id,
        });
    }
    all.sort_by_cached_key(|one| {
        map::register_key(names.get(&one.area), one.area.as_str(), &one.name)
    });
    Ok(all)
}

async fn key_figures(
    tx: &mut Tx,
    (dataset, period, life): (&str, &str, Life),
    units: &BTreeSet<AreaId>,
    keys: &[CellKey],
) -> Outcome<HashMap<AreaId, Vec<Option<CellState>>>> {
    let no = numbers::known_period(tx, period).await?;
    let owner = numbers::owner_no_known(tx, dataset).await?;
    let (Some(no), Some(owner)) = (no, owner) else { return Ok(HashMap::new()) };
    let places: HashMap<i64, AreaId> = numbers::places(tx)
        .await?
        .into_values()
        .filter(|place| units.contains(&place.area))
        .map(|place| (place.no, place.area))
        .collect();
    let mut nos: Vec<i64> = places.keys().copied().collect();
    nos.sort_unstable();
    let mut found: HashMap<AreaId, Vec<Option<CellState>>> = HashMap::new();
    for row in consolidations::figures(tx, no, life, owner, &nos).await? {
        let same = |key: &CellKey| key.element == row.element && key.coords.text() == row.coords;
        let (Some(at), Some(area)) = (keys.iter().position(same), places.get(&row.place)) else {
            continue;
        };
        let states = found.entry(area.clone()).or_insert_with(|| vec![None; keys.len()]);
        states[at] = Some(CellState::stored(row.state, row.amount, None));
    }
    Ok(found)
}
