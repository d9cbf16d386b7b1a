//! The estimate of September and the final figure of January, side by side, with how far they are apart.

use kernel::{problem::Outcome, web::Visit};

use super::{
    view::{
        Block, Part, RowView, TableView, dx_decimals, dx_name, dx_unit, figure, number, numbers,
        source_href, words,
    },
    wanted::{DX_MOST, Setting},
};
use crate::{
    actions::analysis::ask::ask,
    model::{CellKey, Life, Period, analysis::Dx, formula::Rational},
};

/// Most figures that are looked at where nobody chose any; of these a page shows those first that can be told.
const LOOK_MOST: usize = 24;
/// Most in a file.
const FILE_MOST: usize = 500;

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let catalogue = &setting.catalogue;
    let (look, most) = if setting.whole { (FILE_MOST, FILE_MOST) } else { (LOOK_MOST, DX_MOST) };
    let estimated: Vec<_> = catalogue.datasets.values().filter(|one| one.estimated).collect();
    let mut dx = setting.dx.clone();
    if dx.is_empty() {
        for dataset in &estimated {
            let Ok(form) = catalogue.form(&dataset.code) else { continue };
            for element in form.elements() {
                let one = Dx::Cell(CellKey::total(element.clone()));
                if dx.len() < look && !dx.contains(&one) {
                    dx.push(one);
                }
            }
        }
    }
    let scheme = estimated.first().and_then(|one| crate::model::Scheme::parse(&one.scheme));
    let period: Period =
        match scheme.and_then(|scheme| scheme.containing(setting.period.last_day())) {
            Some(year) if !setting.period_named || setting.period.scheme != year.scheme => year,
            _ => setting.period.clone(),
        };
    let mut question = setting.question(dx.clone(), vec![period.clone()], setting.area.level);
    question.life = Life::Estimate;
    let estimate = ask(&visit.app, &visit.caller, &question).await?;
    question.life = Life::Final;
    let settled = ask(&visit.app, &visit.caller, &question).await?;
    let mut rows = Vec::new();
    let mut shown = Vec::new();
    let mut text = Vec::new();
    for (at, one) in dx.iter().enumerate() {
        let (Some(before), Some(after)) = (estimate.at(at, 0, 0), settled.at(at, 0, 0)) else {
            continue;
        };
        if before.number.is_none() && after.number.is_none() && setting.dx.is_empty() {
            continue;
        }
        // What nobody chose stands ticked in the form, which takes no more.
        if shown.len() == most {
            let args = [("most", most.to_string()), ("file", FILE_MOST.to_string())];
            text.push(visit.say("reporting-lives-first", &args));
            break;
        }
        shown.push(one.clone());
        let decimals = dx_decimals(catalogue, one);
        let href = source_href(one, &period, setting.area.id.as_str(), setting);
        let of_estimate = format!("{href}&doi={}", Life::Estimate.slug());
        let difference = after.number.zip(before.number).and_then(|(two, one)| two.minus(one));
        let share = difference
            .zip(before.number)
            .and_then(|(moved, from)| moved.times(from.inverse()?)?.times(Rational::new(100, 1)?));
        let apart = match (difference, share) {
            (Some(moved), Some(share)) => {
                let (moved, share) = (decimals.said(moved), share.words(1));
                let heads = ["reporting-difference", "reporting-difference-share"];
                let [one, two] = heads.map(|key| visit.say(key, &[]));
                numbers(format!("{moved} ({share} %)"), [(one, moved), (two, share)])
            }
            (Some(moved), None) => number(decimals.said(moved)),
            _ => words("–"),
        };
        rows.push(RowView {
            title: format!("{} ({})", dx_name(visit, catalogue, one), dx_unit(catalogue, one)),
            href: String::new(),
            cells: vec![
                figure(visit, before, decimals, of_estimate),
                figure(visit, after, decimals, href),
                apart,
            ],
        });
    }
    let head = ["reporting-lives-estimate", "reporting-lives-final", "reporting-difference"];
    let table = TableView {
        caption: visit.say(
            "reporting-lives-table",
            &[("area", setting.area.title()), ("period", period.within(visit.lang()))],
        ),
        corner: visit.say("reporting-what", &[]),
        head: head.map(|key| visit.say(key, &[])).to_vec(),
        rows,
    };
    Ok(Part {
        title: visit.say("reporting-analysis-uoc-chinh-thuc", &[]),
        lede: visit.say("reporting-analysis-uoc-chinh-thuc-lede", &[]),
        fields: Setting { period, ..setting.clone() }.fields(visit, &["o", "ky", "dx"], &shown),
        blocks: vec![Block { text, tables: vec![table], ..Block::default() }],
        about: setting.about(visit, &settled),
        basis: visit.say("reporting-lives-basis", &[("asof", settled.as_of.short())]),
    })
}
