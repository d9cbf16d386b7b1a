//! The years 2021 to 2024 of the old communes, read in the geography of today: exact where whole communes
//! came together, estimated where one was divided, undefined where no honest number exists: where the map does not join
//! the units of a year with those of today nobody can say that they have not reported. Each says which.

use kernel::{problem::Outcome, web::Visit};

use super::{
    trend,
    view::{Block, Part},
    wanted::Setting,
};
use crate::{
    actions::analysis::ask::ask,
    model::{
        CellKey, Period, Scheme,
        analysis::{Answer, Dx, Gap, Shown},
    },
};
use areas::view::Grade;

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let dx: Vec<Dx> = if setting.dx.is_empty() {
        let known = |text: &&str| {
            CellKey::parse(text)
                .is_some_and(|key| setting.catalogue.elements.contains_key(&key.element))
        };
        ["ds.ho", "ds.ho:ng=ngheo"]
            .iter()
            .filter(|text| known(text))
            .filter_map(|text| Dx::parse(text))
            .collect()
    } else {
        setting.dx.clone()
    };
    let owners = crate::actions::analysis::owners(&setting.catalogue);
    let yearly = |year: i32| Period::parse(&format!("y-{year}"));
    let periods: Vec<Period> = if setting.period_named {
        setting.periods()
    } else {
        // Up to this year, so that the break of 1 July 2025 lies within the series.
        let today = visit.app.now().day();
        let now = Scheme::parse("y").and_then(|scheme| scheme.containing(today));
        let last = now.map_or(2024, |now| now.year());
        (2021..=last).filter_map(yearly).collect()
    };
    let strange = dx.iter().any(|one| match (one, periods.first()) {
        (Dx::Cell(key), Some(first)) => owners.parts(&key.element, first) != [first.clone()],
        _ => false,
    });
    let question = setting.question(dx.clone(), periods.clone(), setting.area.level);
    let answer = ask(&visit.app, &visit.caller, &question).await?;
    let marks = trend::marks(visit, &setting.area, &setting.catalogue, &dx, &periods).await?;
    let mut block = trend::drawn(visit, setting, &answer, &marks, 0);
    block.text.extend(flags(visit, &answer));
    if strange {
        block.text.push(visit.say("reporting-series-parts", &[]));
    }
    let note = Block { text: vec![visit.say("reporting-series-note", &[])], ..Block::default() };
    Ok(Part {
        title: visit.say("reporting-analysis-chuoi", &[]),
        lede: visit.say("reporting-analysis-chuoi-lede", &[]),
        fields: setting.fields(visit, &["o", "dx", "khung", "doi"], &dx),
        blocks: vec![block, note],
        basis: setting.basis(visit, &answer),
        about: setting.about(visit, &answer),
    })
}

/// How many figures are of which quality. What nobody has reported is not undefined: it can still come.
fn flags(visit: &Visit, answer: &Answer) -> Option<String> {
    let missing =
        |one: &Shown| matches!(one.gap, Some(Gap::NotReported | Gap::NotOwed | Gap::NoData));
    let count = |grade: Grade| {
        let of = |one: &&Shown| one.grade == grade && !missing(one);
        answer.figures.iter().filter(of).count().to_string()
    };
    let args = [
        ("exact", count(Grade::Exact)),
        ("estimated", count(Grade::Estimated)),
        ("undefined", count(Grade::Undefined)),
        ("missing", answer.figures.iter().filter(|one| missing(one)).count().to_string()),
    ];
    (!answer.figures.is_empty()).then(|| visit.say("reporting-series-flags", &args))
}
