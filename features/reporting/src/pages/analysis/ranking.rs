//! Units by size of a figure. Those who have not reported stand apart: no figure is no last place.

use std::cmp::Ordering;

use kernel::{problem::Outcome, web::Visit};

use super::{
    view::{
        Block, CellView, Part, RowView, TableView, dx_decimals, dx_name, dx_unit, figure, number,
        source_href, words,
    },
    wanted::Setting,
};
use crate::{
    actions::analysis::ask::ask,
    model::analysis::{Dx, chart},
};

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let dx: Vec<Dx> = setting.dx_or_main(1).into_iter().take(1).collect();
    let periods = vec![setting.period.clone()];
    let answer =
        ask(&visit.app, &visit.caller, &setting.question(dx.clone(), periods, setting.below()))
            .await?;
    let catalogue = &setting.catalogue;
    let mut blocks = Vec::new();
    if let Some(one) = dx.first() {
        let decimals = dx_decimals(catalogue, one);
        let lower_is_better = match one {
            Dx::Indicator(id) => {
                catalogue.indicators.get(id).is_some_and(|one| one.lower_is_better)
            }
            _ => false,
        };
        let mut known = Vec::new();
        let mut missing = Vec::new();
        for (at, place) in answer.places.iter().enumerate() {
            let Some(shown) = answer.at(0, 0, at) else { continue };
            match shown.number {
                Some(number) => known.push((number, place, shown)),
                None => missing.push((place, shown)),
            }
        }
        known.sort_by(|(a, place_a, _), (b, place_b, _)| {
            let order = a.compare(*b).unwrap_or(Ordering::Equal);
            let order = if lower_is_better { order } else { order.reverse() };
            order.then_with(|| place_a.path.cmp(&place_b.path))
        });
        let most = known.iter().map(|(number, ..)| chart::drawn(*number)).fold(0.0_f64, f64::max);
        let mut rows = Vec::new();
        let mut rank = 0;
        let mut last = None;
        for (at, (value, place, shown)) in known.iter().enumerate() {
            if last != Some(*value) {
                rank = at + 1;
                last = Some(*value);
            }
            let href = source_href(one, &setting.period, place.id.as_str(), setting);
            let cell = figure(visit, shown, decimals, href);
            let title = format!("{}: {}", place.title, cell.text);
            let share = if most > 0.0 { chart::drawn(*value) / most } else { 0.0 };
            let svg = chart::bar(&format!("cot-{at}"), &title, share, shown.is_partial());
            rows.push(RowView {
                title: place.title.clone(),
                href: String::new(),
                cells: vec![
                    number(rank.to_string()),
                    cell,
                    CellView { svg, ..CellView::default() },
                ],
            });
        }
        for (place, shown) in missing {
            let href = source_href(one, &setting.period, place.id.as_str(), setting);
            let cells = vec![words("–"), figure(visit, shown, decimals, href), words("")];
            rows.push(RowView { title: place.title.clone(), href: String::new(), cells });
        }
        let caption = format!(
            "{} ({}) – {}",
            dx_name(visit, catalogue, one),
            dx_unit(catalogue, one),
            setting.period.label(visit.lang())
        );
        let head = ["reporting-rank", "reporting-result", "reporting-picture"];
        let table = TableView {
            caption,
            corner: visit.say("reporting-axis-noi", &[]),
            head: head.map(|key| visit.say(key, &[])).to_vec(),
            rows,
        };
        blocks.push(Block {
            text: vec![visit.say("reporting-ranking-note", &[])],
            tables: vec![table],
            ..Block::default()
        });
    }
    Ok(Part {
        title: visit.say("reporting-analysis-xep-hang", &[]),
        lede: visit.say("reporting-analysis-xep-hang-lede", &[]),
        fields: setting.fields(visit, &["o", "cap", "dx1", "ky", "doi", "duyet", "khung"], &dx),
        blocks,
        basis: setting.basis(visit, &answer),
        about: setting.about(visit, &answer),
    })
}
