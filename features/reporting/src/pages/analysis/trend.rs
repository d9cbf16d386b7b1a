//! How figures moved, with marks where the territory or the poverty line changed: left and right of a mark
//! are not the same thing.

use areas::Area;
use kernel::{clock::Day, problem::Outcome, web::Visit};

use super::{
    view::{
        Block, Part, RowView, TableView, dx_decimals, dx_name, dx_unit, figure, source_href,
        unjoined, words,
    },
    wanted::Setting,
};
use crate::{
    actions::{analysis::ask::ask, catalogue::Catalogue},
    model::{
        CellKey, Period,
        analysis::{
            Answer, Computation, Dx, Gap,
            chart::{self, Lines, Mark, Series},
        },
        element,
        formula::Input,
    },
};

/// Poverty lines: from which day, by which instrument, how sure we are of the day.
const POVERTY_LINES: [(i16, &str, element::Mark); 2] = [
    (2022, "Nghị định số 07/2021/NĐ-CP", element::Mark::Memory),
    (2027, "Nghị định số 351/2025/NĐ-CP", element::Mark::Found),
];

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let dx = setting.dx_or_main(1);
    let periods = setting.periods();
    let question = setting.question(dx.clone(), periods.clone(), setting.area.level);
    let answer = ask(&visit.app, &visit.caller, &question).await?;
    let marks = marks(visit, &setting.area, &setting.catalogue, &dx, &periods).await?;
    let blocks = drawn(visit, setting, &answer, &marks, 0);
    Ok(Part {
        title: visit.say("reporting-analysis-dien-bien", &[]),
        lede: visit.say("reporting-analysis-dien-bien-lede", &[]),
        fields: setting.fields(visit, &["o", "dx", "ky", "so", "doi", "duyet", "khung"], &dx),
        blocks: vec![blocks],
        basis: setting.basis(visit, &answer),
        about: setting.about(visit, &answer),
    })
}

/// Charts and a table of how the figures of one place moved. Figures of one unit share a chart.
pub fn drawn(
    visit: &Visit,
    setting: &Setting,
    answer: &Answer,
    marks: &[Mark],
    place: usize,
) -> Block {
    let catalogue = &setting.catalogue;
    let labels: Vec<String> = answer.periods.iter().map(|one| one.title(visit.lang())).collect();
    let mut by_unit: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, dx) in answer.dx.iter().enumerate() {
        let unit = dx_unit(catalogue, dx);
        match by_unit.iter_mut().find(|(one, all)| *one == unit && all.len() < 4) {
            Some((_, all)) => all.push(at),
            None => by_unit.push((unit, vec![at])),
        }
    }
    let title = answer.places.get(place).map_or_else(String::new, |one| one.title.clone());
    let charts = by_unit.iter().map(|(unit, all)| {
        let series: Vec<Series> = all
            .iter()
            .map(|at| Series {
                label: dx_name(visit, catalogue, &answer.dx[*at]),
                points: (0..answer.periods.len())
                    .map(|period| answer.at(*at, period, place)?.number.map(chart::drawn))
                    .collect(),
            })
            .collect();
        let names: Vec<&str> = series.iter().map(|one| one.label.as_str()).collect();
        let args = [
            ("what", names.join("; ")),
            ("unit", unit.clone()),
            ("area", title.clone()),
            ("from", labels.first().cloned().unwrap_or_default()),
            ("to", labels.last().cloned().unwrap_or_default()),
        ];
        Lines {
            title: visit.say("reporting-chart-title", &args),
            desc: visit.say("reporting-chart-desc", &args),
            labels: labels.clone(),
            series,
            marks: marks.to_vec(),
            target: None,
        }
        .svg()
    });
    let rows = answer.dx.iter().enumerate().map(|(at, dx)| {
        let cells = answer.periods.iter().enumerate().map(|(period, when)| {
            let Some(shown) = answer.at(at, period, place) else { return words("–") };
            let area = answer.places.get(place).map_or("", |one| one.id.as_str());
            figure(visit, shown, dx_decimals(catalogue, dx), source_href(dx, when, area, setting))
        });
        RowView {
            title: format!("{} ({})", dx_name(visit, catalogue, dx), dx_unit(catalogue, dx)),
            href: String::new(),
            cells: cells.collect(),
        }
    });
    let table = TableView {
        caption: visit.say("reporting-chart-table", &[("area", title.clone())]),
        corner: visit.say("reporting-what", &[]),
        head: answer.periods.iter().map(|one| one.label(visit.lang())).collect(),
        rows: rows.collect(),
    };
    let charts: Vec<String> = charts.collect();
    let mut text: Vec<String> =
        marks.iter().enumerate().map(|(at, mark)| format!("{}. {}", at + 1, mark.text)).collect();
    let unjoined = unjoined(visit, &title, &unjoined_periods(answer, place, &labels));
    text.extend(unjoined.text);
    Block { title, text, charts, tables: vec![table], links: unjoined.links, ..Block::default() }
}

/// The periods whose units the map does not join with a place, by their labels.
fn unjoined_periods(answer: &Answer, place: usize, labels: &[String]) -> Vec<String> {
    let is_gap = |dx: usize, period: usize| {
        answer.at(dx, period, place).is_some_and(|shown| shown.gap == Some(Gap::NoSource))
    };
    let any = |period: &usize| (0..answer.dx.len()).any(|dx| is_gap(dx, *period));
    (0..answer.periods.len()).filter(any).filter_map(|at| labels.get(at).cloned()).collect()
}

/// Where a series breaks: the unit's own beginning, and a new poverty line for figures that know who is poor.
pub async fn marks(
    visit: &Visit,
    area: &Area,
    catalogue: &Catalogue,
    dx: &[Dx],
    periods: &[Period],
) -> Outcome<Vec<Mark>> {
    let mut marks = Vec::new();
    let at = |day: Day| {
        let before = periods.iter().filter(|period| period.last_day() < day).count();
        (before > 0 && before < periods.len()).then_some(before)
    };
    let (life, made_of) = visit
        .app
        .db
        .view(async |tx| {
            Ok((areas::life(tx, &area.id).await?, areas::predecessors(tx, &area.id).await?))
        })
        .await?;
    if let Some(life) = life
        && let Some(before) = at(life.born_on)
    {
        let instrument =
            made_of.first().map_or_else(String::new, |one| one.event.instrument.clone());
        let args = [("day", life.born_on.short()), ("instrument", instrument)];
        marks.push(Mark { before, text: visit.say("reporting-break-territory", &args) });
    }
    if dx.iter().any(|one| knows_poverty(catalogue, one)) {
        for (year, instrument, mark) in POVERTY_LINES {
            if let Some(before) = Day::new(year, 1, 1).and_then(at) {
                let key = if mark == element::Mark::Found {
                    "reporting-break-poverty"
                } else {
                    "reporting-break-poverty-unsure"
                };
                let args = [("year", year.to_string()), ("instrument", instrument.to_owned())];
                marks.push(Mark { before, text: visit.say(key, &args) });
            }
        }
    }
    marks.sort_by_key(|mark| mark.before);
    Ok(marks)
}

/// True when a figure depends on who counts as poor.
fn knows_poverty(catalogue: &Catalogue, dx: &Dx) -> bool {
    let poor = |key: &CellKey| matches!(key.coords.option("ng"), Some("ngheo" | "canngheo"));
    match dx {
        Dx::Cell(key) => poor(key),
        Dx::Indicator(id) => catalogue
            .indicators
            .get(id)
            .and_then(|one| Computation::of(one, &catalogue.elements, &catalogue.indicators))
            .is_some_and(|made| {
                made.formula.inputs().into_iter().filter_map(Input::cell).any(poor)
            }),
        Dx::Rate(..) => false,
    }
}
