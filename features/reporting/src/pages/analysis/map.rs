//! The provinces coloured by a figure, on the outlines of today or of before 1 July 2025; the same figures as
//! a table beside it.

use std::collections::HashMap;

use areas::{
    AreaId, AreaLevel,
    model::map::{ChoroplethMap, Classing, Figure, Ground},
};
use kernel::{problem::Outcome, web::Visit};

use super::{
    view::{
        About, Block, MapView, Part, RowView, TableView, dx_decimals, dx_name, dx_unit, figure,
        gap, source_href,
    },
    wanted::Setting,
};
use crate::{
    actions::analysis::ask::ask,
    model::analysis::{Dx, chart},
};

/// Classes of colour.
const CLASSES: usize = 5;

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let dx: Vec<Dx> = setting.dx_or_main(1).into_iter().take(1).collect();
    let periods = vec![setting.period.clone()];
    let mut question = setting.question(dx.clone(), periods, AreaLevel::Province);
    question.area = AreaId::country();
    // The whole country is `/vn/`: that is what an officer of the ministry is given, not the root above it.
    let nation = kernel::scope::ScopePath::root().child("vn");
    let country = visit.caller.may(&crate::actions::SEE, &nation);
    let mut blocks = Vec::new();
    let mut basis = String::new();
    let mut about = About::default();
    if !country {
        blocks.push(Block {
            text: vec![visit.say("reporting-map-country", &[])],
            ..Block::default()
        });
    } else if let Some(one) = dx.first() {
        let answer = ask(&visit.app, &visit.caller, &question).await?;
        basis = setting.basis(visit, &answer);
        let area = visit.say("reporting-country", &[]);
        about = About { area, ..setting.about(visit, &answer) };
        let frame = answer.frame;
        let provinces = visit
            .app
            .db
            .view(async |tx| Ok(areas::children(tx, &AreaId::country(), frame).await?))
            .await?;
        let codes: HashMap<&AreaId, &str> =
            provinces.iter().filter_map(|area| Some((&area.id, area.code.as_deref()?))).collect();
        let decimals = dx_decimals(&setting.catalogue, one);
        let mut figures: HashMap<String, Figure> = HashMap::new();
        let mut links: HashMap<String, String> = HashMap::new();
        let mut rows = Vec::new();
        for (at, place) in answer.places.iter().enumerate() {
            let Some(shown) = answer.at(0, 0, at) else { continue };
            let href = source_href(one, &setting.period, place.id.as_str(), setting);
            if let Some(code) = codes.get(&place.id) {
                links.insert((*code).to_owned(), href.clone());
                if let Some(number) = shown.number {
                    let text = decimals.said(number);
                    figures
                        .insert((*code).to_owned(), Figure { amount: chart::drawn(number), text });
                }
            }
            rows.push(RowView {
                title: place.title.clone(),
                href: String::new(),
                cells: vec![figure(visit, shown, decimals, href)],
            });
        }
        let caption = format!(
            "{} ({}) – {}",
            dx_name(visit, &setting.catalogue, one),
            dx_unit(&setting.catalogue, one),
            setting.period.label(visit.lang())
        );
        let ground = Ground::of_day(frame, areas::model::plan::restructured_on());
        let map =
            ChoroplethMap { ground, figures: &figures, classing: Classing::Quantile(CLASSES) };
        let drawing = map.drawing();
        // Where all lack a figure for the same reason, the legend says which.
        let mut gaps = answer.figures.iter().filter(|one| one.number.is_none());
        let first = gaps.next();
        let without = match first {
            Some(one) if gaps.all(|other| other.gap == one.gap) => gap(visit, one),
            Some(_) => visit.say("reporting-map-without", &[]),
            None => visit.say("reporting-gap-not-reported", &[]),
        };
        blocks.push(Block {
            map: Some(MapView { drawing, links, caption: caption.clone(), without }),
            tables: vec![TableView {
                caption,
                corner: visit.say("reporting-axis-noi", &[]),
                head: vec![visit.say("reporting-result", &[])],
                rows,
            }],
            ..Block::default()
        });
    }
    Ok(Part {
        title: visit.say("reporting-analysis-ban-do", &[]),
        lede: visit.say("reporting-analysis-ban-do-lede", &[]),
        // Who may not see the map has nothing to choose on it.
        fields: if country {
            setting.fields(visit, &["dx1", "ky", "doi", "duyet", "khung"], &dx)
        } else {
            Vec::new()
        },
        blocks,
        basis,
        about,
    })
}
