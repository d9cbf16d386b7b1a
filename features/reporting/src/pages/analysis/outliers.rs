//! Figures unlike their own past, told in words: what is usual, what that rests on, and what was reported.

use areas::AreaLevel;
use kernel::{problem::Outcome, web::Visit};

use super::{
    view::{Block, Field, Part, RowView, TableView, cell_name, number, source_href, words},
    wanted::Setting,
};
use crate::{
    actions::analysis::outliers::{Asked, find},
    model::{DatasetId, amount::print_amount, analysis::Dx},
};

/// Most lines on a page.
const SHOWN_MOST: usize = 200;
/// Most lines in a file.
const FILE_MOST: usize = 20_000;

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let catalogue = &setting.catalogue;
    let scheme = setting.period.scheme.code();
    let named = DatasetId::parse(setting.fields.raw("bo"));
    let fits =
        |code: &DatasetId| catalogue.datasets.get(code).is_some_and(|one| one.scheme == scheme);
    let dataset = named.filter(fits).or_else(|| {
        let main = DatasetId::parse("diem-ho-tro").filter(fits);
        main.or_else(|| catalogue.datasets.keys().find(|code| fits(code)).cloned())
    });
    let fields = fields(visit, setting, fits, dataset.as_ref());
    let mut blocks = Vec::new();
    match dataset {
        _ if setting.area.level == AreaLevel::Country => {
            blocks.push(Block {
                text: vec![visit.say("reporting-outliers-province", &[])],
                ..Block::default()
            });
        }
        None => {}
        Some(dataset) => {
            let asked = Asked {
                area: setting.area.id.clone(),
                dataset: dataset.clone(),
                period: setting.period.clone(),
                life: setting.life,
            };
            let (looked, found) = find(&visit.app, &visit.caller, &asked).await?;
            let args = [("found", found.len().to_string()), ("looked", looked.to_string())];
            let most = if setting.whole { FILE_MOST } else { SHOWN_MOST };
            let rows = found.iter().take(most).map(|one| {
                let decimals =
                    catalogue.elements.get(&one.cell.element).map_or(0, |one| one.decimals);
                let said = |amount| print_amount(amount, decimals);
                let args = [
                    ("element", cell_name(catalogue, &one.cell)),
                    ("low", said(one.typical.low)),
                    ("high", said(one.typical.high)),
                    ("span", one.typical.span().to_owned()),
                    ("now", said(one.amount)),
                    ("count", one.typical.count().to_string()),
                ];
                let dx = Dx::Cell(one.cell.clone());
                let mut now = number(said(one.amount));
                now.href = source_href(&dx, &setting.period, one.area.as_str(), setting);
                RowView {
                    title: one.title.clone(),
                    href: String::new(),
                    cells: vec![now, words(visit.say(one.typical.words(), &args))],
                }
            });
            let title =
                catalogue.datasets.get(&dataset).map_or_else(String::new, |one| one.title.clone());
            let head = ["reporting-result", "reporting-why-unusual"];
            let table = TableView {
                caption: format!("{title} – {}", setting.period.label(visit.lang())),
                corner: visit.say("reporting-axis-noi", &[]),
                head: head.map(|key| visit.say(key, &[])).to_vec(),
                rows: rows.collect(),
            };
            // An empty table would say that nothing was looked at.
            let said = match (looked, found.is_empty()) {
                (0, _) => "reporting-outliers-nothing",
                (_, true) => "reporting-outliers-none",
                _ => "reporting-outliers-found",
            };
            let mut text = vec![visit.say(said, &args)];
            if found.len() > most {
                let args = [("most", most), ("file", FILE_MOST)];
                let args = args.map(|(name, most)| (name, most.to_string()));
                text.push(visit.say("reporting-outliers-first", &args));
            }
            blocks.push(Block {
                text,
                tables: if found.is_empty() { Vec::new() } else { vec![table] },
                ..Block::default()
            });
        }
    }
    let life = visit.say(&format!("reporting-life-{}", setting.life.slug()), &[]);
    let as_of = visit.app.now().short();
    Ok(Part {
        title: visit.say("reporting-analysis-bat-thuong", &[]),
        lede: visit.say("reporting-analysis-bat-thuong-lede", &[]),
        fields,
        blocks,
        basis: visit.say("reporting-outliers-basis", &[("life", life), ("asof", as_of)]),
        ..Part::default()
    })
}

/// The fields of the question: the forms of the period's kind, and which of them is looked at when nobody chose one.
fn fields(
    visit: &Visit,
    setting: &Setting,
    fits: impl Fn(&DatasetId) -> bool,
    looked_at: Option<&DatasetId>,
) -> Vec<Field> {
    let mut fields = setting.fields(visit, &["o", "bo", "ky", "doi"], &[]);
    for forms in fields.iter_mut().filter(|field| field.name == "bo") {
        forms.choices.retain(|one| DatasetId::parse(&one.value).is_some_and(|code| fits(&code)));
        for one in &mut forms.choices {
            one.selected = looked_at.is_some_and(|code| code.as_str() == one.value);
        }
    }
    fields
}
