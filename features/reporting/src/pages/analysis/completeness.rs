//! Who has reported: handed in, in time, approved, of what is owed, data set by data set and unit by unit.

use kernel::{problem::Outcome, text::thousands, web::Visit};

use super::{
    address,
    view::{
        Block, CellView, Choice, Decimals, Field, Link, Part, RowView, TableView, figure, form,
        numbers, source_href, unjoined,
    },
    wanted::Setting,
};
use crate::{
    actions::analysis::ask::ask,
    model::{
        DatasetId,
        analysis::{Answer, Dx, Gap, RateKind, Shown},
    },
};

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let setting = &setting.of_chosen_form();
    let catalogue = &setting.catalogue;
    let scheme = setting.period.scheme.code();
    let fits = |code: &DatasetId| {
        catalogue
            .datasets
            .get(code)
            .is_some_and(|one| one.scheme == scheme && one.until > setting.period.from)
    };
    let chosen = DatasetId::parse(setting.fields.raw("bo")).filter(fits);
    let datasets: Vec<DatasetId> =
        catalogue.datasets.keys().filter(|code| fits(code)).cloned().collect();
    let dx: Vec<Dx> = datasets
        .iter()
        .flat_map(|code| RateKind::ALL.map(|kind| Dx::Rate(code.clone(), kind)))
        .collect();
    let periods = vec![setting.period.clone()];
    let question = setting.question(dx.clone(), periods.clone(), setting.area.level);
    let answer = ask(&visit.app, &visit.caller, &question).await?;
    let kinds = RateKind::ALL.len();
    let mut rows = Vec::new();
    for (at, code) in datasets.iter().enumerate() {
        let Some(reported) = answer.at(at * kinds, 0, 0).filter(|shown| shown.expected > 0) else {
            continue;
        };
        let mut cells = vec![counted(visit, reported)];
        for (nth, one) in dx[at * kinds..(at + 1) * kinds].iter().enumerate() {
            if let Some(shown) = answer.at(at * kinds + nth, 0, 0) {
                let source = source_href(one, &setting.period, setting.area.id.as_str(), setting);
                cells.push(share(visit, shown, source));
            }
        }
        let query = form(&[
            ("o", setting.area.id.as_str()),
            ("ky", setting.period.id()),
            ("bo", code.as_str()),
        ]);
        rows.push(RowView {
            title: catalogue
                .datasets
                .get(code)
                .map_or_else(|| code.to_string(), |one| one.title.clone()),
            href: address("day-du", &query),
            cells,
        });
    }
    let head = head(visit);
    let caption = visit.say(
        "reporting-completeness-table",
        &[("area", setting.area.title()), ("period", setting.period.within(visit.lang()))],
    );
    let table = TableView {
        caption,
        corner: visit.say("reporting-dataset", &[]),
        head: head.clone(),
        rows,
    };
    let mut blocks = vec![owed(visit, setting, &answer, table)];
    if let Some(code) = chosen {
        blocks.push(units(visit, setting, &code, head).await?);
    }
    Ok(Part {
        title: visit.say("reporting-analysis-day-du", &[]),
        lede: visit.say("reporting-analysis-day-du-lede", &[]),
        fields: fields(visit, setting),
        blocks,
        basis: setting.basis(visit, &answer),
        about: setting.about(visit, &answer),
    })
}

/// The fields of the question. A form is only chosen by whoever chooses it: another period alone asks about all forms.
fn fields(visit: &Visit, setting: &Setting) -> Vec<Field> {
    let mut fields = setting.fields(visit, &["o", "ky", "bo", "doi"], &[]);
    for forms in fields.iter_mut().filter(|field| field.name == "bo") {
        let label = visit.say("reporting-field-bo-all", &[]);
        let all = Choice { label, ..Choice::default() };
        forms.choices.insert(0, all);
    }
    fields
}

/// A table of who owes reports, or that nobody does: then there is nothing to be complete. Where the map does not join
/// the units of that time with those that are shown, nobody can say who owed.
fn owed(visit: &Visit, setting: &Setting, answer: &Answer, table: TableView) -> Block {
    if table.rows.is_empty() {
        let (area, period) = (setting.area.title(), setting.period.within(visit.lang()));
        if answer.figures.iter().any(|one| one.gap == Some(Gap::NoSource)) {
            return unjoined(visit, &area, &[period]);
        }
        let args = [("area", area), ("period", period)];
        return Block {
            text: vec![visit.say("reporting-completeness-none", &args)],
            ..Block::default()
        };
    }
    Block { tables: vec![table], ..Block::default() }
}

fn head(visit: &Visit) -> Vec<String> {
    let mut head = vec![visit.say("reporting-rate-count", &[])];
    head.extend(
        RateKind::ALL.map(|kind| visit.say(&format!("reporting-rate-short-{}", kind.code()), &[])),
    );
    head
}

fn counted(visit: &Visit, shown: &Shown) -> CellView {
    let (reported, expected) = (thousands(shown.reported), thousands(shown.expected));
    let text = format!("{reported}/{expected}");
    let owed = visit.say("reporting-rate-expected", &[]);
    numbers(text, [(visit.say("reporting-rate-count", &[]), reported), (owed, expected)])
}

/// A percentage. How many units are missing stands once in its row, as the count.
fn share(visit: &Visit, shown: &Shown, href: String) -> CellView {
    figure(visit, &Shown { expected: 0, ..shown.clone() }, Decimals::all(1), href)
}

/// One data set, unit by unit.
async fn units(
    visit: &Visit,
    setting: &Setting,
    code: &DatasetId,
    head: Vec<String>,
) -> Outcome<Block> {
    let dx: Vec<Dx> = RateKind::ALL.map(|kind| Dx::Rate(code.clone(), kind)).to_vec();
    let question = setting.question(dx.clone(), vec![setting.period.clone()], setting.below());
    let answer = ask(&visit.app, &visit.caller, &question).await?;
    let mut rows = Vec::new();
    for (at, place) in answer.places.iter().enumerate() {
        let Some(reported) = answer.at(0, 0, at).filter(|shown| shown.expected > 0) else {
            continue;
        };
        let mut cells = vec![counted(visit, reported)];
        for nth in 0..dx.len() {
            if let Some(shown) = answer.at(nth, 0, at) {
                cells.push(share(visit, shown, String::new()));
            }
        }
        let query =
            form(&[("o", place.id.as_str()), ("ky", setting.period.id()), ("bo", code.as_str())]);
        rows.push(RowView { title: place.title.clone(), href: address("day-du", &query), cells });
    }
    let title = setting
        .catalogue
        .datasets
        .get(code)
        .map_or_else(|| code.to_string(), |one| one.title.clone());
    let unusual = Link {
        href: address(
            "bat-thuong",
            &form(&[
                ("o", setting.area.id.as_str()),
                ("ky", setting.period.id()),
                ("bo", code.as_str()),
            ]),
        ),
        label: visit.say("reporting-see-outliers", &[]),
        current: false,
    };
    let table = TableView {
        caption: title.clone(),
        corner: visit.say("reporting-axis-noi", &[]),
        head,
        rows,
    };
    Ok(Block { title, links: vec![unusual], ..owed(visit, setting, &answer, table) })
}
