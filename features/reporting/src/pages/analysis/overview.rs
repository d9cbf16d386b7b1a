//! The profile sheet of an area: its main figures with how they moved, indicators beside their targets, and
//! who has reported.

use kernel::{problem::Outcome, web::Visit};

use super::{
    address,
    view::{
        Block, CellView, Decimals, Link, Part, RowView, Stat, TableView, dx_decimals, dx_name,
        dx_unit, figure, form, source_href, words,
    },
    wanted::Setting,
};
use crate::{
    actions::analysis::ask::ask,
    model::{
        Period, Scheme,
        analysis::{Dx, RateKind, chart},
    },
};

/// Indicators on the sheet; a file has all.
const INDICATORS_MOST: usize = 8;

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let catalogue = &setting.catalogue;
    let mut dx = setting.dx_or_main(10);
    let main = dx.len();
    let datasets: Vec<_> = catalogue
        .datasets
        .values()
        .filter(|one| one.scheme == setting.period.scheme.code() && one.until > setting.period.from)
        .map(|one| one.code.clone())
        .collect();
    dx.extend(datasets.iter().map(|code| Dx::Rate(code.clone(), RateKind::Reported)));
    let periods = setting.periods();
    let level = setting.area.level;
    let answer =
        ask(&visit.app, &visit.caller, &setting.question(dx.clone(), periods.clone(), level))
            .await?;
    let last = periods.len().saturating_sub(1);
    let mut rows = Vec::new();
    for (at, one) in dx.iter().take(main).enumerate() {
        let decimals = dx_decimals(catalogue, one);
        let points: Vec<Option<f64>> = (0..periods.len())
            .map(|period| answer.at(at, period, 0)?.number.map(chart::drawn))
            .collect();
        let name = dx_name(visit, catalogue, one);
        let mut cells = Vec::new();
        for back in [0, 1] {
            let Some(period) = last.checked_sub(back) else {
                cells.push(words("–"));
                continue;
            };
            cells.push(match answer.at(at, period, 0) {
                Some(shown) => {
                    let href =
                        source_href(one, &periods[period], setting.area.id.as_str(), setting);
                    figure(visit, shown, decimals, href)
                }
                None => words("–"),
            });
        }
        let title = visit.say("reporting-trend-of", &[("what", name.clone())]);
        cells.push(CellView { svg: chart::spark(&title, &points), ..CellView::default() });
        let query = form(&[("o", setting.area.id.as_str()), ("dx", &one.text())]);
        rows.push(RowView {
            title: format!("{name} ({})", dx_unit(catalogue, one)),
            href: address("dien-bien", &query),
            cells,
        });
    }
    let head = vec![
        setting.period.label(visit.lang()),
        periods.len().checked_sub(2).map_or_else(String::new, |at| periods[at].label(visit.lang())),
        visit.say("reporting-trend", &[]),
    ];
    let table = TableView {
        caption: visit.say("reporting-sheet-main", &[("area", setting.area.title())]),
        corner: visit.say("reporting-what", &[]),
        head,
        rows,
    };
    let rates = dx[main..].iter().enumerate().filter_map(|(at, one)| {
        let shown = answer.at(main + at, last, 0).filter(|shown| shown.expected > 0)?;
        let args =
            [("reported", shown.reported.to_string()), ("expected", shown.expected.to_string())];
        Some(Stat {
            value: format!(
                "{} %",
                shown.number.map_or_else(String::new, |one| Decimals::all(1).said(one))
            ),
            label: dx_name(visit, catalogue, one),
            note: visit.say("reporting-flag-partial", &args),
        })
    });
    let stats: Vec<Stat> = rates.collect();
    let mut blocks = vec![Block { stats, tables: vec![table], ..Block::default() }];
    blocks.extend(indicators(visit, setting).await?);
    Ok(Part {
        title: setting.area.title(),
        lede: visit.say("reporting-analysis-tong-quan-lede", &[]),
        fields: setting.fields(visit, &["o", "ky", "doi", "duyet"], &[]),
        blocks,
        basis: setting.basis(visit, &answer),
        about: setting.about(visit, &answer),
    })
}

/// The programme's indicators of the year, those first that can be told.
async fn indicators(visit: &Visit, setting: &Setting) -> Outcome<Option<Block>> {
    let catalogue = &setting.catalogue;
    let year = Scheme::parse("y").and_then(|scheme| scheme.containing(setting.period.last_day()));
    let Some(year) = year else { return Ok(None) };
    let mut with: Vec<_> = catalogue.targets.iter().map(|one| one.indicator.clone()).collect();
    with.dedup();
    let dx: Vec<Dx> = with.into_iter().map(Dx::Indicator).collect();
    let years: Vec<Period> = year.last_n(2);
    let question = setting.question(dx.clone(), years.clone(), setting.area.level);
    let answer = ask(&visit.app, &visit.caller, &question).await?;
    let mut rows = Vec::new();
    for (at, one) in dx.iter().enumerate() {
        let told = (0..years.len())
            .rev()
            .find(|year| answer.at(at, *year, 0).is_some_and(|shown| shown.number.is_some()));
        let most = if setting.whole { usize::MAX } else { INDICATORS_MOST };
        let Some(period) = told.filter(|_| rows.len() < most) else { continue };
        let Some(shown) = answer.at(at, period, 0) else { continue };
        let href = source_href(one, &years[period], setting.area.id.as_str(), setting);
        let mut cells = vec![figure(visit, shown, dx_decimals(catalogue, one), href)];
        cells.extend(super::targets::goal_cells(visit, setting, one, &years[period], shown));
        rows.push(RowView {
            title: format!("{} ({})", dx_name(visit, catalogue, one), dx_unit(catalogue, one)),
            href: String::new(),
            cells,
        });
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let head = ["reporting-result", "reporting-target", "reporting-verdict", "reporting-picture"];
    let table = TableView {
        caption: visit.say("reporting-sheet-targets", &[]),
        corner: visit.say("reporting-indicator", &[]),
        head: head.map(|key| visit.say(key, &[])).to_vec(),
        rows,
    };
    let link = Link {
        href: address("muc-tieu", &form(&[("o", setting.area.id.as_str())])),
        label: visit.say("reporting-all-targets", &[]),
        current: false,
    };
    Ok(Some(Block {
        title: visit.say("reporting-sheet-targets", &[]),
        tables: vec![table],
        links: vec![link],
        ..Block::default()
    }))
}
