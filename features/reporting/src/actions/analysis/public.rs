//! What everybody may see: approved final figures, one table an element and period, through the one function
//! that leaves small cells out. Indicators are computed from published cells only.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::AreaId;
use kernel::{
    app::App,
    clock::Timestamp,
    db::Tx,
    problem::{OrMissing, Outcome},
};

use super::gather::Owners;
use crate::{
    actions::{
        PERIOD_NOT_FOUND,
        catalogue::{self, Catalogue},
        problem,
    },
    model::{
        CellKey, DataElement, DatasetId, ElementId, Life, Period,
        analysis::{
            BAD_QUESTION, Computation, Dx, adds,
            publication::{Approved, Cell, division, is_personal, publish},
        },
        formula::{Outcome as Computed, Rational, Reading},
    },
    store::{
        analysis::{self as store, Window},
        numbers, rollups,
    },
};

/// A published table.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Of what.
    pub dx: Dx,
    /// Its name.
    pub name: String,
    /// The code of its unit.
    pub unit: String,
    /// Decimals of its numbers.
    pub decimals: u32,
    /// When.
    pub period: Period,
    /// The columns after the total: code and name; the last is what no option holds, its name empty.
    pub columns: Vec<(String, String)>,
    /// The country first, then the provinces: area, full name, cells.
    pub rows: Vec<PublicRow>,
    /// How many cells are not shown.
    pub hidden: usize,
    /// When it was read.
    pub as_of: Timestamp,
}

/// One line of it.
#[derive(Clone, Debug)]
pub struct PublicRow {
    /// The province; none for the country.
    pub area: Option<AreaId>,
    /// Its full name.
    pub title: String,
    /// The total and its parts.
    pub cells: Vec<PublicCell>,
    /// Units whose approved figures are in it, and those that owe one as far as this node knows; none where nobody
    /// owes it as a report, and where the total is not told.
    pub units: Option<(i64, i64)>,
}

/// One published figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicCell {
    /// A number.
    Number(Rational),
    /// Not shown.
    Hidden,
    /// There is none.
    Missing,
}

/// Elements and indicators that are published at all, by name.
pub fn published(catalogue: &Catalogue) -> Vec<(Dx, String)> {
    let elements = catalogue.elements.values().filter(|one| adds(one.law));
    let mut all: Vec<(Dx, String)> = elements
        .map(|one| (Dx::Cell(CellKey::total(one.code.clone())), one.name.clone()))
        .collect();
    for one in catalogue.indicators.values() {
        let made = Computation::of(one, &catalogue.elements, &catalogue.indicators);
        if made.is_some_and(|made| is_publishable(catalogue, &made)) {
            all.push((Dx::Indicator(one.code.clone()), one.name.clone()));
        }
    }
    all
}

/// True when everything a formula needs stands in published tables.
fn is_publishable(catalogue: &Catalogue, made: &Computation) -> bool {
    let cells = made.cells();
    cells.len() == made.formula.inputs().len()
        && cells.iter().all(|key| {
            catalogue.elements.get(&key.element).is_some_and(|element| {
                adds(element.law) && column(catalogue, element, key).is_some()
            })
        })
}

/// Where in its element's table a cell stands: 0 for the total.
fn column(catalogue: &Catalogue, element: &DataElement, key: &CellKey) -> Option<usize> {
    if key.coords.is_total() {
        return Some(0);
    }
    let by = division(element, &catalogue.dimensions)?;
    let option = key.coords.option(&by.code)?;
    let alone = key.coords.iter().count() == 1;
    by.options.iter().position(|one| one.code == option).filter(|_| alone).map(|at| at + 1)
}

/// Periods for which something could be published, the latest first.
pub async fn periods(tx: &mut Tx) -> Outcome<Vec<Period>> {
    let rows = store::periods(tx, 80).await?;
    Ok(rows.iter().filter_map(|row| Period::parse(&row.id)).collect())
}

/// Data sets of which at least one table is published.
pub async fn datasets(tx: &mut Tx, catalogue: &Catalogue) -> Outcome<BTreeSet<DatasetId>> {
    let elements = catalogue.elements.values().filter(|one| adds(one.law));
    let totals: BTreeSet<CellKey> = elements.map(|one| CellKey::total(one.code.clone())).collect();
    let nos = numbers::known_cells(tx, &totals).await?;
    let keys: HashMap<i64, &CellKey> = nos.iter().map(|(key, no)| (*no, key)).collect();
    let list: Vec<i64> = keys.keys().copied().collect();
    let owners = Owners::of(catalogue);
    let mut all = BTreeSet::new();
    for row in store::approved(tx, Life::Final, &list).await? {
        let (Some(key), Some(period)) = (keys.get(&row.cell), Period::parse(&row.period)) else {
            continue;
        };
        all.extend(owners.dataset(&key.element, &period).cloned());
    }
    Ok(all)
}

/// What is published of an element or an indicator for a period.
pub async fn publication(app: &App, dx: &Dx, period: &Period) -> Outcome<Publication> {
    let catalogue = catalogue::current(app).await?;
    app.db.view(async |tx| of(tx, &catalogue, dx, period).await).await
}

async fn of(tx: &mut Tx, catalogue: &Catalogue, dx: &Dx, period: &Period) -> Outcome<Publication> {
    let refused = || problem(&BAD_QUESTION, "what", dx.text());
    match dx {
        Dx::Cell(key) if key.coords.is_total() => {
            let element = catalogue.elements.get(&key.element).ok_or_else(refused)?;
            if !adds(element.law) {
                return Err(refused());
            }
            of_element(tx, catalogue, element, period).await
        }
        Dx::Indicator(id) => {
            let indicator = catalogue.indicators.get(id).ok_or_else(refused)?;
            let made = Computation::of(indicator, &catalogue.elements, &catalogue.indicators)
                .filter(|made| is_publishable(catalogue, made))
                .ok_or_else(refused)?;
            let mut tables: BTreeMap<ElementId, Publication> = BTreeMap::new();
            for key in made.cells() {
                if !tables.contains_key(&key.element) {
                    let element = catalogue.elements.get(&key.element).ok_or_else(refused)?;
                    let table = of_element(tx, catalogue, element, period).await?;
                    tables.insert(key.element.clone(), table);
                }
            }
            Ok(computed(
                catalogue,
                &made,
                dx,
                &tables,
                period,
                tx.now(),
                (indicator.name.clone(), indicator.unit.clone(), indicator.decimals),
            ))
        }
        _ => Err(refused()),
    }
}

async fn of_element(
    tx: &mut Tx,
    catalogue: &Catalogue,
    element: &DataElement,
    period: &Period,
) -> Outcome<Publication> {
    // Only the periods in which it is reported: a year beside its quarters would be a second table.
    if Owners::of(catalogue).parts(&element.code, period).len() != 1 {
        return Err((&PERIOD_NOT_FOUND).into());
    }
    let by = division(element, &catalogue.dimensions);
    let options: Vec<(String, String)> = by.map_or_else(Vec::new, |by| {
        by.options.iter().map(|one| (one.code.clone(), one.name.clone())).collect()
    });
    let total = CellKey::total(element.code.clone());
    let mut keys: BTreeMap<CellKey, usize> = BTreeMap::from([(total.clone(), 0)]);
    if let Some(by) = by {
        for (at, (code, _)) in options.iter().enumerate() {
            let coords = total.coords.clone().with(&by.code, code);
            keys.insert(CellKey { element: element.code.clone(), coords }, at + 1);
        }
    }
    let wanted: BTreeSet<CellKey> = keys.keys().cloned().collect();
    let nos = numbers::known_cells(tx, &wanted).await?;
    let columns: HashMap<i64, usize> = nos.iter().map(|(key, no)| (*no, keys[key])).collect();
    let list: Vec<i64> = columns.keys().copied().collect();
    let window = Window { from: period.from, until: period.until, life: Life::Final };
    let counted = store::counted(tx, window, &list).await?;
    let mut provinces: BTreeMap<i64, Approved> = BTreeMap::new();
    for row in counted.iter().filter(|row| row.period == period.id() && row.approved_count > 0) {
        let one = provinces.entry(row.province).or_default();
        one.options.resize(options.len(), None);
        match columns.get(&row.cell) {
            Some(0) => one.total = Some(row.approved_sum),
            Some(at) => one.options[at - 1] = Some(row.approved_sum),
            None => {}
        }
    }
    // Parts without a total are nothing that could be published.
    provinces.retain(|_, one| one.total.is_some());
    let titles = titles(tx, &provinces).await?;
    let units =
        units(tx, catalogue, element, period, &approvals(&counted, &columns, period)).await?;
    let silent = silences(&provinces, options.len());
    let personal = is_personal(element);
    let approved: Vec<Approved> = provinces.into_values().collect();
    let table = publish(&approved, options.len(), personal)
        .map_err(|_| problem(&BAD_QUESTION, "what", element.code.as_str()))?;
    let number = |row: usize, at: usize, cell: &Cell| match cell {
        Cell::Number(0) if at > 0 && silent[row].get(at - 1) == Some(&true) => PublicCell::Missing,
        Cell::Number(amount) => Rational::scaled(*amount, element.decimals)
            .map_or(PublicCell::Missing, PublicCell::Number),
        Cell::Hidden => PublicCell::Hidden,
        Cell::Missing => PublicCell::Missing,
    };
    let named = std::iter::once((None, String::new()))
        .chain(titles.into_iter().map(|(area, title)| (Some(area), title)));
    let rows = named
        .zip(&table.rows)
        .enumerate()
        .map(|(row, ((area, title), cells))| PublicRow {
            // How many they are is told with what they make up, and with that only.
            units: units.as_ref().and_then(|all| {
                let of = all.get(row).copied();
                of.filter(|_| matches!(cells.first(), Some(Cell::Number(_))))
            }),
            area,
            title,
            cells: cells.iter().enumerate().map(|(at, cell)| number(row, at, cell)).collect(),
        })
        .collect();
    let columns = if table.divided {
        options.into_iter().chain([(String::new(), String::new())]).collect()
    } else {
        Vec::new()
    };
    Ok(Publication {
        dx: Dx::Cell(total),
        name: element.name.clone(),
        unit: element.unit.clone(),
        decimals: element.decimals,
        period: period.clone(),
        columns,
        rows,
        hidden: table.hidden,
        as_of: tx.now(),
    })
}

/// Where nobody reported an option, in the country and in each province: that is no zero, though it adds nothing.
fn silences(provinces: &BTreeMap<i64, Approved>, options: usize) -> Vec<Vec<bool>> {
    let reported = |row: usize, at: usize| {
        let mut among = provinces.values().skip(row.saturating_sub(1));
        let has = |one: &Approved| one.options.get(at).is_none_or(Option::is_some);
        if row == 0 { among.any(has) } else { among.next().is_none_or(has) }
    };
    (0..=provinces.len()).map(|row| (0..options).map(|at| !reported(row, at)).collect()).collect()
}

/// How many units' totals are approved, by province.
fn approvals(
    counted: &[store::Counted],
    columns: &HashMap<i64, usize>,
    period: &Period,
) -> BTreeMap<i64, i64> {
    let total = |row: &&store::Counted| {
        row.period == period.id() && row.approved_count > 0 && columns.get(&row.cell) == Some(&0)
    };
    counted.iter().filter(total).map(|row| (row.province, row.approved_count)).collect()
}

/// Units in it and units that owe it, for the country and for each province that has any; none when nobody owes the
/// element as a report.
async fn units(
    tx: &mut Tx,
    catalogue: &Catalogue,
    element: &DataElement,
    period: &Period,
    approved: &BTreeMap<i64, i64>,
) -> Outcome<Option<Vec<(i64, i64)>>> {
    let owners = Owners::of(catalogue);
    let Some(dataset) = owners.dataset(&element.code, period) else { return Ok(None) };
    let ids = [period.id().to_owned()];
    let rates = rollups::rates(tx, dataset.as_str(), Life::Final, &ids).await?;
    let owed: BTreeMap<i64, i64> =
        rates.iter().map(|rate| (rate.province, rate.expected)).collect();
    // Who reported without owing it counts as one that owes, as everywhere.
    let of = |no: &i64| {
        let here = approved.get(no).copied().unwrap_or(0);
        (here, owed.get(no).copied().unwrap_or(0).max(here))
    };
    let known: BTreeSet<&i64> = approved.keys().chain(owed.keys()).collect();
    let country =
        known.into_iter().map(of).fold((0, 0), |(have, owe), (more, due)| (have + more, owe + due));
    Ok(Some(std::iter::once(country).chain(approved.keys().map(of)).collect()))
}

/// The provinces' ids and full names, in the order of their numbers.
async fn titles(
    tx: &mut Tx,
    provinces: &BTreeMap<i64, Approved>,
) -> Outcome<Vec<(AreaId, String)>> {
    let places = numbers::provinces(tx).await?;
    let ids: Vec<AreaId> =
        provinces.keys().filter_map(|no| Some(places.get(no)?.area.clone())).collect();
    let known = areas::find_many(tx, &ids).await?;
    let title = |id: &AreaId| known.get(id).map_or_else(|| id.to_string(), areas::Area::title);
    Ok(ids.iter().map(|id| (id.clone(), title(id))).collect())
}

/// An indicator from what is published of its operands: what is hidden there is hidden here.
fn computed(
    catalogue: &Catalogue,
    made: &Computation,
    dx: &Dx,
    tables: &BTreeMap<ElementId, Publication>,
    period: &Period,
    as_of: Timestamp,
    (name, unit, decimals): (String, String, u32),
) -> Publication {
    let mut areas: BTreeMap<Option<AreaId>, String> = BTreeMap::new();
    for row in tables.values().flat_map(|table| &table.rows) {
        areas.insert(row.area.clone(), row.title.clone());
    }
    let program = made.formula.compile();
    let mut hidden = 0;
    let mut rows = Vec::new();
    for (area, title) in areas {
        let cell = |key: &CellKey| -> PublicCell {
            let found = tables.get(&key.element).and_then(|table| {
                let row = table.rows.iter().find(|row| row.area == area)?;
                let element = catalogue.elements.get(&key.element)?;
                row.cells.get(column(catalogue, element, key)?).copied()
            });
            found.unwrap_or(PublicCell::Missing)
        };
        let any_hidden = made.cells().iter().any(|key| cell(key) == PublicCell::Hidden);
        let told = if any_hidden {
            hidden += 1;
            PublicCell::Hidden
        } else {
            let outcome = program.run(|input| match input.cell().map(&cell) {
                Some(PublicCell::Number(number)) => Reading::Known(number),
                _ => Reading::Missing,
            });
            match outcome {
                Computed::Number(number) => PublicCell::Number(number),
                _ => PublicCell::Missing,
            }
        };
        let units = match told {
            PublicCell::Number(_) => least(tables.values(), area.as_ref()),
            _ => None,
        };
        rows.push(PublicRow { area, title, cells: vec![told], units });
    }
    Publication {
        dx: dx.clone(),
        name,
        unit,
        decimals,
        period: period.clone(),
        columns: Vec::new(),
        rows,
        hidden,
        as_of,
    }
}

/// Of a row of several tables, the units of the one that fewest of those who owe it are in.
fn least<'t>(
    tables: impl Iterator<Item = &'t Publication>,
    area: Option<&AreaId>,
) -> Option<(i64, i64)> {
    let rows = tables.flat_map(|table| &table.rows).filter(|row| row.area.as_ref() == area);
    let share = |(approved, expected): &(i64, i64)| approved * 1_000_000 / expected.max(&1);
    rows.filter_map(|row| row.units).min_by_key(share)
}

/// The latest period for which something approved of an element stands, among those that have figures.
pub async fn latest(app: &App, dx: &Dx) -> Outcome<Option<Period>> {
    let catalogue = catalogue::current(app).await?;
    let element = match dx {
        Dx::Cell(key) => Some(key.element.clone()),
        Dx::Indicator(id) => catalogue
            .indicators
            .get(id)
            .and_then(|one| Computation::of(one, &catalogue.elements, &catalogue.indicators))
            .and_then(|made| made.cells().into_iter().next())
            .map(|key| key.element),
        Dx::Rate(..) => None,
    };
    let element = element.or_missing(&PERIOD_NOT_FOUND)?;
    let owners = Owners::of(&catalogue);
    app.db
        .view(async |tx| {
            let cells = numbers::known_cells(tx, &[CellKey::total(element.clone())].into()).await?;
            let list: Vec<i64> = cells.values().copied().collect();
            let known = periods(tx).await?;
            let (Some(from), Some(until)) =
                (known.iter().map(|one| one.from).min(), known.iter().map(|one| one.until).max())
            else {
                return Ok(None);
            };
            let window = Window { from, until, life: Life::Final };
            let counted = store::counted(tx, window, &list).await?;
            let approved: BTreeSet<&str> = counted
                .iter()
                .filter(|row| row.approved_count > 0)
                .map(|row| row.period.as_str())
                .collect();
            let fits = |period: &&Period| owners.parts(&element, period).len() == 1;
            let own = known.iter().filter(fits);
            Ok(own.clone().find(|one| approved.contains(one.id())).or(own.clone().next()).cloned())
        })
        .await
}
