//! Figures that another system asks for: those that the caller may see, as they stand now.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use areas::AreaId;
use kernel::{
    app::App,
    caller::Caller,
    clock::{Day, Timestamp},
    db::Tx,
    problem::{Outcome, Problem},
    scope::ScopePath,
};

use super::{ASKS_TOO_LITTLE, ASKS_TOO_MUCH, World, directory::Unit};
use crate::{
    actions::{SEE, entry::Which, map},
    model::{
        CellKey, CellState, DatasetId, ElementId, Life, Period, Scheme, SubmissionId,
        exchange::{beside_a_number, period_of},
    },
    store::{exchange, numbers, remarks, seats},
};

/// Most figures in one answer.
pub const FIGURES_MOST: usize = 200_000;

/// What is asked for; names are found already.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Data sets.
    pub datasets: Vec<DatasetId>,
    /// Data elements, besides those of the data sets.
    pub elements: Vec<ElementId>,
    /// Periods as they were named.
    pub periods: Vec<String>,
    /// First day and last day of the periods.
    pub between: Option<(Day, Day)>,
    /// Units, by their places in the directory.
    pub units: Vec<usize>,
    /// True when the units below them are meant too.
    pub children: bool,
    /// Only figures written since then.
    pub since: Option<Timestamp>,
    /// Only these lives; empty for both.
    pub lives: Vec<Life>,
    /// Most figures; 0 for as many as are answered at once.
    pub limit: usize,
}

/// A figure with its place, its period and its provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Whose.
    pub area: AreaId,
    /// When.
    pub period: Period,
    /// Of what.
    pub key: CellKey,
    /// Which of its lives.
    pub life: Life,
    /// What stands there.
    pub state: CellState,
    /// Who wrote it.
    pub author: String,
    /// When it was written.
    pub at: Timestamp,
    /// What was approved of it last.
    pub approved: Option<i64>,
    /// What was noted last beside a number; empty for nothing.
    pub note: String,
}

/// Reads the figures, by area, period, data element, coordinates and life.
pub async fn figures(
    app: &App,
    caller: &Caller,
    world: &World,
    query: &Query,
) -> Outcome<Vec<Figure>> {
    caller.must_somewhere(&SEE)?;
    let lacks = [
        (query.datasets.is_empty() && query.elements.is_empty(), "dataSet"),
        (query.periods.is_empty() && query.between.is_none() && query.since.is_none(), "period"),
        (query.units.is_empty(), "orgUnit"),
    ];
    if let Some((_, what)) = lacks.into_iter().find(|(lacks, _)| *lacks) {
        return Err(Problem::of(&ASKS_TOO_LITTLE).with("what", what).into());
    }
    let units: Vec<&Unit> = query.units.iter().map(|no| &world.areas.units[*no]).collect();
    let elements = elements(world, query);
    app.db
        .view(async |tx| {
            let today = map::authorities(tx, units.iter().map(|unit| &unit.id)).await?;
            for unit in &units {
                caller.must(&SEE, today.get(&unit.id).unwrap_or(&unit.path))?;
            }
            let places = places(tx, caller, &units, query.children).await?;
            let nos: Vec<i64> = places.keys().copied().collect();
            let cells = cells(tx, world, query, &elements).await?;
            let most = if query.limit == 0 { FIGURES_MOST } else { query.limit.min(FIGURES_MOST) };
            let mut found = Vec::new();
            let mut authors: HashMap<i64, String> = HashMap::new();
            for period in periods(tx, world, query, &elements).await? {
                let Some(known) = Period::parse(&period.id) else { continue };
                let since = query.since.unwrap_or(Timestamp::from_millis(0));
                let rows = exchange::of_places(tx, period.no, since, &nos).await?;
                let new: BTreeSet<i64> = rows.iter().map(|row| row.author).collect();
                let new: Vec<i64> =
                    new.into_iter().filter(|no| !authors.contains_key(no)).collect();
                authors.extend(exchange::authors(tx, &new).await?);
                for row in rows {
                    let life = Life::from_code(row.life);
                    let wanted = query.lives.is_empty() || query.lives.contains(&life);
                    let (Some(key), Some(area), true) =
                        (cells.get(&row.cell), places.get(&row.place), wanted)
                    else {
                        continue;
                    };
                    found.push(Figure {
                        area: area.clone(),
                        period: known.clone(),
                        key: key.clone(),
                        life,
                        state: CellState::stored(row.state, row.amount, row.reason),
                        author: authors.get(&row.author).cloned().unwrap_or_default(),
                        at: row.at,
                        approved: row.approved,
                        note: String::new(),
                    });
                }
                if found.len() > most && query.limit == 0 {
                    return Err(Problem::of(&ASKS_TOO_MUCH).with("most", most.to_string()).into());
                }
            }
            found.sort_by(|a, b| {
                (&a.area, &a.period, &a.key, a.life).cmp(&(&b.area, &b.period, &b.key, b.life))
            });
            found.truncate(most);
            add_notes(tx, world, &elements, &mut found).await?;
            Ok(found)
        })
        .await
}

/// Every data element that is asked for.
fn elements(world: &World, query: &Query) -> BTreeSet<ElementId> {
    let mut all: BTreeSet<ElementId> = query.elements.iter().cloned().collect();
    for code in &query.datasets {
        if let Ok(form) = world.catalogue.form(code) {
            all.extend(form.elements().into_iter().cloned());
        }
    }
    all
}

/// Says beside numbers what was noted last on their cells, in any report that asks for them.
async fn add_notes(
    tx: &mut Tx,
    world: &World,
    elements: &BTreeSet<ElementId>,
    found: &mut [Figure],
) -> Outcome<()> {
    let datasets: BTreeSet<&DatasetId> =
        elements.iter().filter_map(|id| world.names.datasets_of.get(id)).flatten().collect();
    let mut reports: HashMap<SubmissionId, Which> = HashMap::new();
    let same_report = |a: &Figure, b: &Figure| (&a.area, &a.period) == (&b.area, &b.period);
    for figure in found.chunk_by(same_report).filter_map(<[Figure]>::first) {
        for (dataset, life) in
            datasets.iter().flat_map(|one| [(*one, Life::Final), (*one, Life::Estimate)])
        {
            let which = Which {
                dataset: dataset.clone(),
                period: figure.period.id().to_owned(),
                life,
                area: figure.area.clone(),
            };
            reports.insert(which.id(), which);
        }
    }
    let ids: Vec<SubmissionId> = reports.keys().cloned().collect();
    let mut latest: HashMap<(&AreaId, &str, Life, &str), &str> = HashMap::new();
    let notes = remarks::notes_on_cells(tx, &ids).await?;
    for note in &notes {
        let Some(which) = reports.get(&note.submission) else { continue };
        latest.insert((&which.area, &which.period, which.life, &note.cell), &note.words);
    }
    if latest.is_empty() {
        return Ok(());
    }
    for figure in found.iter_mut().filter(|one| matches!(one.state, CellState::Value(_))) {
        let cell = figure.key.text();
        let last = latest.get(&(&figure.area, figure.period.id(), figure.life, cell.as_str()));
        figure.note = last.map_or_else(String::new, |words| beside_a_number(words).to_owned());
    }
    Ok(())
}

/// The places that are asked for and may be seen, with their areas.
async fn places(
    tx: &mut Tx,
    caller: &Caller,
    units: &[&Unit],
    children: bool,
) -> Outcome<BTreeMap<i64, AreaId>> {
    let exact: HashSet<&AreaId> = units.iter().map(|unit| &unit.id).collect();
    let paths: HashSet<&ScopePath> = units.iter().map(|unit| &unit.path).collect();
    // What lay under a former unit lies under others today.
    let mut former: HashSet<i64> = HashSet::new();
    let today = tx.now().day();
    for unit in units.iter().filter(|unit| children && unit.until <= today) {
        former.extend(seats::below(tx, &unit.path).await?);
    }
    let all = numbers::places(tx).await?.into_values().filter(|place| {
        let below = place.path.ancestors().iter().any(|above| paths.contains(above));
        let asked =
            exact.contains(&place.area) || (children && below) || former.contains(&place.no);
        asked && caller.may(&SEE, &place.path)
    });
    Ok(all.map(|place| (place.no, place.area)).collect())
}

/// The cells of the data elements that are asked for. A data set asks for those that its form holds.
async fn cells(
    tx: &mut Tx,
    world: &World,
    query: &Query,
    elements: &BTreeSet<ElementId>,
) -> Outcome<HashMap<i64, CellKey>> {
    let list: Vec<ElementId> = elements.iter().cloned().collect();
    let forms: Vec<_> =
        query.datasets.iter().filter_map(|code| world.catalogue.form(code).ok()).collect();
    let all = numbers::cells_of(tx, &list)
        .await?
        .into_iter()
        .filter_map(|row| Some((row.no, row.key()?)));
    let asked = all.filter(|(_, key)| {
        query.elements.contains(&key.element)
            || forms.iter().any(|form| form.section_of(key).is_some())
    });
    Ok(asked.collect())
}

/// The periods that are asked for and have figures, of the kinds that the data elements are reported in.
async fn periods(
    tx: &mut Tx,
    world: &World,
    query: &Query,
    elements: &BTreeSet<ElementId>,
) -> Outcome<Vec<numbers::PeriodRow>> {
    let schemes: BTreeSet<Scheme> = if query.datasets.is_empty() {
        elements.iter().flat_map(|element| world.names.schemes(&world.catalogue, element)).collect()
    } else {
        let all = query.datasets.iter().filter_map(|code| world.catalogue.datasets.get(code));
        all.filter_map(|dataset| Scheme::parse(&dataset.scheme)).collect()
    };
    if !query.periods.is_empty() {
        let named = query
            .periods
            .iter()
            .flat_map(|name| schemes.iter().filter_map(move |scheme| period_of(name, *scheme)));
        let ids: BTreeSet<String> = named.map(|period| period.id().to_owned()).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        return Ok(numbers::periods(tx, &ids).await?);
    }
    let (from, until) = match query.between {
        Some((from, last)) => (from, last.plus_days(1)),
        None => (Day::new(1900, 1, 1).unwrap_or(Day::FOREVER), Day::FOREVER),
    };
    let mut all = exchange::periods_between(tx, from, until).await?;
    all.retain(|row| schemes.iter().any(|scheme| scheme.code() == row.scheme));
    Ok(all)
}
