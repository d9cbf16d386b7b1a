//! Reading what a question needs: which cells of which periods, and what was reported in them.

mod movers;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use areas::{Area, AreaId, AreaLevel};
use kernel::{db::Tx, problem::Outcome};

use super::{
    by_unit::{ByUnit, Fact},
    ground::Ground,
};
use crate::{
    actions::{catalogue::Catalogue, problem},
    model::{
        CellKey, DatasetId, ElementId, Life, Period,
        analysis::{READ_MOST, TOO_BROAD},
        period::Scheme,
    },
    store::{
        analysis::{self, Figure, Window},
        numbers, obligations,
        rollups::{self, RateDelta},
    },
};

/// Data sets by the elements they ask for; of those the platform counts itself, none.
pub struct Owners(HashMap<ElementId, Vec<(DatasetId, String)>>);

impl Owners {
    /// From the forms.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut all: HashMap<ElementId, Vec<(DatasetId, String)>> = HashMap::new();
        for dataset in catalogue.datasets.values() {
            let Ok(form) = catalogue.form(&dataset.code) else { continue };
            for element in form.elements() {
                all.entry(element.clone())
                    .or_default()
                    .push((dataset.code.clone(), dataset.scheme.clone()));
            }
        }
        Self(all)
    }

    /// The data set that reports an element in a period.
    pub fn dataset(&self, element: &ElementId, period: &Period) -> Option<&DatasetId> {
        let scheme = period.scheme.code();
        let known = self.0.get(element)?;
        known.iter().find(|(_, of)| *of == scheme).map(|(dataset, _)| dataset)
    }

    /// Every data set that asks for an element in a period: several may, and one figure stands for all of them.
    pub fn datasets(
        &self,
        element: &ElementId,
        period: &Period,
    ) -> impl Iterator<Item = &DatasetId> {
        let scheme = period.scheme.code().into_owned();
        let known = self.0.get(element).into_iter().flatten();
        known.filter(move |(_, of)| *of == scheme).map(|(dataset, _)| dataset)
    }

    /// The periods whose figures make up a period: itself, or the shorter ones that fill it without a gap.
    pub fn parts(&self, element: &ElementId, period: &Period) -> Vec<Period> {
        let own = super::computed::SCHEME.to_owned();
        let schemes: Vec<&String> = match self.0.get(element) {
            Some(known) => known.iter().map(|(_, scheme)| scheme).collect(),
            None => vec![&own],
        };
        if schemes.iter().any(|scheme| **scheme == period.scheme.code()) {
            return vec![period.clone()];
        }
        let filling = schemes.iter().find_map(|code| {
            let parts: Vec<Period> =
                Scheme::parse(code)?.between(period.from, period.until).collect();
            let fills = parts.first().is_some_and(|first| first.from == period.from)
                && parts.last().is_some_and(|last| last.until == period.until);
            fills.then_some(parts)
        });
        filling.unwrap_or_else(|| vec![period.clone()])
    }
}

/// What was reported: by cell and period, by unit.
#[derive(Default)]
pub struct Facts(HashMap<CellKey, HashMap<String, ByUnit>>);

impl Facts {
    /// Of one cell and period.
    pub fn of(&self, key: &CellKey, period: &str) -> Option<&ByUnit> {
        self.0.get(key)?.get(period)
    }

    /// Those of one cell and period, for more of them.
    pub fn units(&mut self, key: &CellKey, period: String) -> &mut ByUnit {
        self.0.entry(key.clone()).or_default().entry(period).or_default()
    }
}

/// Above so many places a cell is read of all of them rather than naming each.
const PLACES_NAMED: usize = 500;

/// So many units are asked after in one statement.
const NAMED_AT_ONCE: usize = 2_000;

/// Who owes a report: by data set and period, the units that do. Of what is not among them nobody knows.
pub type Owing = HashMap<(DatasetId, String), HashSet<AreaId>>;

/// The units, by their numbers, that lack a figure of a data set and period, or of whose reports is asked.
pub type Lacking = BTreeMap<(DatasetId, String), BTreeSet<usize>>;

/// What is owed: by data set and period, by unit.
pub type Rates = HashMap<(DatasetId, String), HashMap<AreaId, rollups::Rate>>;

/// Where, when and how figures are read.
pub struct Reading<'g> {
    /// The units.
    pub ground: &'g Ground,
    /// The area asked for.
    pub area: &'g Area,
    /// Estimated or final.
    pub life: Life,
    /// Only what was approved.
    pub approved_only: bool,
    /// Every period read.
    pub periods: &'g [Period],
}

impl Reading<'_> {
    fn window(&self) -> Option<Window> {
        let from = self.periods.iter().map(|period| period.from).min()?;
        let until = self.periods.iter().map(|period| period.until).max()?;
        Some(Window { from, until, life: self.life })
    }

    /// Reads the figures of cells.
    pub async fn facts(&self, tx: &mut Tx, keys: &BTreeSet<CellKey>) -> Outcome<Facts> {
        let nos = numbers::known_cells(tx, keys).await?;
        let Some(window) = self.window().filter(|_| !nos.is_empty()) else {
            return Ok(Facts::default());
        };
        let cells: HashMap<i64, &CellKey> = nos.iter().map(|(key, no)| (*no, key)).collect();
        let mut list: Vec<i64> = cells.keys().copied().collect();
        list.sort_unstable();
        if self.ground.level == AreaLevel::Commune {
            self.of_communes(tx, window, &cells, &list).await
        } else {
            self.of_provinces(tx, window, &cells, &list).await
        }
    }

    async fn of_provinces(
        &self,
        tx: &mut Tx,
        window: Window,
        cells: &HashMap<i64, &CellKey>,
        list: &[i64],
    ) -> Outcome<Facts> {
        let provinces = numbers::provinces(tx).await?;
        let one = (self.area.level == AreaLevel::Province && self.ground.is_direct())
            .then(|| provinces.values().find(|row| row.area == self.area.id).map(|row| row.no));
        let rows = match one {
            Some(Some(province)) => analysis::counted_in(tx, window, province, list).await?,
            Some(None) => Vec::new(),
            None => analysis::counted(tx, window, list).await?,
        };
        let mut facts = Facts::default();
        for row in rows {
            let (Some(key), Some(place)) = (cells.get(&row.cell), provinces.get(&row.province))
            else {
                continue;
            };
            let (sum, count) = if self.approved_only {
                (row.approved_sum, row.approved_count)
            } else {
                (row.sum, row.count)
            };
            let no_data = if self.approved_only { 0 } else { row.no_data };
            if count == 0 && no_data == 0 {
                continue;
            }
            let fact = Fact {
                amount: (count > 0).then_some(sum),
                reported: count,
                no_data,
                expected: 0,
                approved: row.approved_count.min(count),
            };
            *facts.units(key, row.period).entry(self.ground.units(), &place.area) = fact;
        }
        self.bring_movers(tx, window, (cells, list), &mut facts).await?;
        Ok(facts)
    }

    /// What one place reported; none when it does not count here.
    fn fact(&self, row: &Figure) -> Option<Fact> {
        let amount = match (self.approved_only, row.state) {
            (true, _) => row.approved,
            (false, 0) => row.amount,
            (false, 1) => Some(0),
            (false, _) => None,
        };
        if self.approved_only && amount.is_none() {
            return None;
        }
        Some(Fact {
            amount,
            reported: i64::from(amount.is_some()),
            no_data: i64::from(amount.is_none()),
            expected: 0,
            approved: i64::from(row.approved.is_some() && amount.is_some()),
        })
    }

    async fn of_communes(
        &self,
        tx: &mut Tx,
        window: Window,
        cells: &HashMap<i64, &CellKey>,
        list: &[i64],
    ) -> Outcome<Facts> {
        let units = self.ground.units();
        let sources = units.ids();
        let read = list.len() * sources.len() * self.periods.len();
        if read > READ_MOST {
            return Err(problem(&TOO_BROAD, "most", READ_MOST.to_string()));
        }
        let known = if sources.len() > PLACES_NAMED {
            analysis::places_everywhere(tx).await?
        } else {
            analysis::places_of(tx, sources).await?
        };
        let numbered = known.iter().filter_map(|row| Some((row.no, units.known(&row.area)?)));
        let places: HashMap<i64, usize> = numbered.collect();
        let mut nos: Vec<i64> = places.keys().copied().collect();
        nos.sort_unstable();
        let mut facts = Facts::default();
        for batch in read_places(tx, window, list, &nos).await? {
            let Some(key) = cells.get(&batch.cell) else { continue };
            let units = facts.units(key, batch.period);
            for row in batch.figures {
                if let (Some(number), Some(fact)) = (places.get(&row.place), self.fact(&row)) {
                    units.put(*number, fact);
                }
            }
        }
        Ok(facts)
    }

    /// Reads what is owed of data sets: one statement a data set for provinces, one a data set and period for
    /// communes.
    pub async fn rates(&self, tx: &mut Tx, datasets: &BTreeSet<DatasetId>) -> Outcome<Rates> {
        let mut all: Rates = HashMap::new();
        let ids: Vec<String> = self.periods.iter().map(|period| period.id().to_owned()).collect();
        if self.ground.level == AreaLevel::Commune {
            for dataset in datasets {
                for period in &ids {
                    self.owed(tx, dataset, period, &mut all).await?;
                }
            }
            return Ok(all);
        }
        let provinces = numbers::provinces(tx).await?;
        for dataset in datasets {
            for rate in rollups::rates(tx, dataset.as_str(), self.life, &ids).await? {
                let Some(place) = provinces.get(&rate.province) else { continue };
                all.entry((dataset.clone(), rate.period.clone()))
                    .or_default()
                    .insert(place.area.clone(), rate);
            }
        }
        self.bring_owing_movers(tx, datasets, &mut all).await?;
        Ok(all)
    }

    /// Reads which of the communes that lack a figure owe what of data sets, for the periods of each. Who has reported
    /// need not be asked after, nor what nobody owes: of thousands only a few are looked for, many in one statement.
    pub async fn owing(&self, tx: &mut Tx, asked: &Lacking) -> Outcome<Owing> {
        let mut all = Owing::new();
        if self.ground.level != AreaLevel::Commune {
            return Ok(all);
        }
        let units = self.ground.units();
        let places: Vec<_> =
            asked.keys().map(|(dataset, period)| (dataset, period.as_str())).collect();
        // That none of them owes it is known where it is known of anybody.
        for one in obligations::known(tx, self.life, &places).await? {
            all.insert((one.dataset, one.period), HashSet::new());
        }
        let (many, few): (Vec<_>, Vec<_>) = asked
            .iter()
            .filter(|(place, _)| all.contains_key(*place))
            .partition(|(_, lacking)| lacking.len() > PLACES_NAMED);
        let mut keep = |found: Vec<obligations::Owing>| {
            for one in found {
                all.entry((one.dataset, one.period)).or_default().insert(one.area);
            }
        };
        for ((dataset, period), _) in many {
            let key = (dataset.as_str(), period.as_str(), self.life);
            keep(obligations::owing_everywhere(tx, key).await?);
        }
        let named: Vec<_> = few
            .into_iter()
            .flat_map(|((dataset, period), lacking)| {
                lacking.iter().map(move |no| (dataset, period.as_str(), units.id(*no)))
            })
            .collect();
        for some in named.chunks(NAMED_AT_ONCE) {
            keep(obligations::owing(tx, self.life, some).await?);
        }
        Ok(all)
    }

    async fn owed(
        &self,
        tx: &mut Tx,
        dataset: &DatasetId,
        period: &str,
        all: &mut Rates,
    ) -> Outcome<()> {
        let key = (dataset.as_str(), period, self.life);
        let owed = obligations::of_units(tx, key, self.ground.units().ids()).await?;
        let units = all.entry((dataset.clone(), period.to_owned())).or_default();
        for one in owed {
            let mut rate = rollups::Rate {
                period: one.period.clone(),
                province: one.province,
                ..rollups::Rate::default()
            };
            rate.add(RateDelta::of(&one));
            units.insert(one.area, rate);
        }
        Ok(())
    }
}

/// What places reported in one cell for one period.
struct Batch {
    cell: i64,
    period: String,
    figures: Vec<Figure>,
}

/// What places reported in cells: by place or by cell, whichever takes fewer statements.
async fn read_places(
    tx: &mut Tx,
    window: Window,
    cells: &[i64],
    places: &[i64],
) -> Outcome<Vec<Batch>> {
    let mut all = Vec::new();
    if places.len() < cells.len() {
        for place in places {
            for row in analysis::reported_at(tx, window, *place, cells).await? {
                let (cell, period, figure) = row.figure();
                all.push(Batch { cell, period, figures: vec![figure] });
            }
        }
        return Ok(all);
    }
    for cell in cells {
        let packed = if places.len() > PLACES_NAMED {
            analysis::reported_everywhere(tx, window, *cell).await?
        } else {
            analysis::reported(tx, window, *cell, places).await?
        };
        all.extend(packed.into_iter().map(|one| Batch {
            cell: *cell,
            figures: one.figures.0,
            period: one.period,
        }));
    }
    Ok(all)
}

/// Which units lack a figure that a data set asks for; all of them where its reports themselves are asked about.
pub fn lacking(
    cells: &BTreeSet<(CellKey, Period)>,
    owners: &Owners,
    facts: &Facts,
    ground: &Ground,
    reports: &BTreeSet<(DatasetId, String)>,
) -> Lacking {
    let all = 0..ground.units().ids().len();
    let mut lacking = Lacking::new();
    for (key, period) in cells {
        for part in owners.parts(&key.element, period) {
            let reported = facts.of(key, part.id());
            let lacks = |no: &usize| reported.is_none_or(|facts| facts.at(*no).is_none());
            for dataset in owners.datasets(&key.element, &part) {
                let place = (dataset.clone(), part.id().to_owned());
                lacking.entry(place).or_default().extend(all.clone().filter(lacks));
            }
        }
    }
    for place in reports {
        lacking.entry(place.clone()).or_insert_with(|| all.clone().collect());
    }
    lacking
}

/// Periods by id, each once, the earliest first.
pub fn distinct(periods: impl IntoIterator<Item = Period>) -> Vec<Period> {
    let all: BTreeMap<String, Period> =
        periods.into_iter().map(|period| (period.id().to_owned(), period)).collect();
    let mut all: Vec<Period> = all.into_values().collect();
    all.sort_by_key(|period| (period.from, period.until));
    all
}
