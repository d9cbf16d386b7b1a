//! Figures of a data set, a period and everything below an area, for other programs: page by page, so that the
//! whole country costs no more memory than one page.

use std::collections::HashMap;

use areas::{Area, AreaId};
use kernel::{
    app::App,
    caller::Caller,
    problem::{OrMissing, Outcome},
};

use super::{SEE, catalogue::Catalogue, map};
use crate::{
    model::{
        CellKey, CellState, DatasetId, Life,
        amount::unit,
        export::{About, Exported},
    },
    store::{
        exports::{self, Asked, Line},
        numbers,
    },
};

/// Figures of one page.
const PAGE: i64 = 2_000;

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What the figures have in common.
    pub about: About,
    asked: Option<Asked>,
}

/// Finds what is asked for, or 404; may you see it, or 403.
pub async fn wanted(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue,
    (dataset, period, area, life): (&DatasetId, &str, &AreaId, Life),
) -> Outcome<Wanted> {
    let known = catalogue.dataset(dataset)?;
    let period = catalogue.period(known, period)?;
    app.db
        .view(async |tx| {
            let area = areas::find(tx, area).await?.or_missing(&areas::NOT_FOUND)?;
            map::must(tx, caller, &SEE, &area).await?;
            let no = numbers::known_period(tx, period.id()).await?;
            let owner = numbers::owner_no_known(tx, dataset.as_str()).await?;
            let asked = no.zip(owner).map(|(period, owner)| Asked {
                period,
                life,
                owner,
                below: area.path.clone(),
                day: area.seen_on(tx.now().day()),
            });
            let about = About {
                dataset: dataset.clone(),
                title: known.title.clone(),
                period: period.clone(),
                life,
                area: area.id.clone(),
                area_name: area.full_name.clone(),
                as_of: tx.now(),
                dimensions: catalogue.dimensions.values().cloned().collect(),
            };
            Ok(Wanted { about, asked })
        })
        .await
}

/// The next page of figures after a place and a cell; where to go on, none after the last.
pub async fn page(
    app: &App,
    catalogue: &Catalogue,
    wanted: &Wanted,
    after: (i64, i64),
) -> Outcome<(Vec<Exported>, Option<(i64, i64)>)> {
    let Some(asked) = &wanted.asked else { return Ok((Vec::new(), None)) };
    let (lines, names) = app
        .db
        .view(async |tx| {
            let lines = exports::page(tx, asked, after, PAGE).await?;
            let mut areas: Vec<&AreaId> = lines.iter().map(|line| &line.area).collect();
            areas.dedup();
            let names = areas::find_many(tx, areas).await?;
            Ok((lines, names))
        })
        .await?;
    let whole = i64::try_from(lines.len()).unwrap_or(i64::MAX) >= PAGE;
    let next = lines.last().filter(|_| whole).map(|last| (last.place, last.cell));
    Ok((lines.iter().map(|line| exported(catalogue, &names, line)).collect(), next))
}

fn exported(catalogue: &Catalogue, names: &HashMap<AreaId, Area>, line: &Line) -> Exported {
    let key = CellKey::parse(&line.element);
    let element = key.and_then(|key| catalogue.elements.get(&key.element));
    let code = element.map_or("", |element| element.unit.as_str());
    let name = names.get(&line.area).map(|area| area.full_name.clone());
    Exported {
        area: (line.area.to_string(), name.unwrap_or_default()),
        element: (
            line.element.clone(),
            element.map(|element| element.name.clone()).unwrap_or_default(),
        ),
        coords: line.coords.clone(),
        unit: unit(code).map_or(code, |unit| unit.name.as_str()).to_owned(),
        decimals: element.map_or(0, |element| element.decimals),
        state: CellState::stored(line.state, line.amount, line.reason.clone()),
        approved: line.approved,
        version: line.version,
    }
}
