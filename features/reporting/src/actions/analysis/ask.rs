//! Asking: who may, how much at once, and the answer.

use areas::{Area, AreaLevel};
use kernel::{
    app::App,
    caller::Caller,
    clock::Day,
    db::Tx,
    problem::{OrMissing, Outcome},
};

use super::book::Book;
use crate::{
    actions::{
        SEE,
        catalogue::{self, Catalogue},
        map, problem,
    },
    model::analysis::{Answer, BAD_QUESTION, CELLS_MOST, Dx, Question, TOO_BROAD},
};

/// Answers somebody who may see unapproved figures of the area.
pub async fn ask(app: &App, caller: &Caller, question: &Question) -> Outcome<Answer> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .view(async |tx| {
            let area = area_of(tx, question).await?;
            map::must(tx, caller, &SEE, &area).await?;
            answer(tx, &catalogue, question, &area).await
        })
        .await
}

/// The area a question is about, or 404.
pub async fn area_of(tx: &mut Tx, question: &Question) -> Outcome<Area> {
    areas::find(tx, &question.area).await?.or_missing(&areas::NOT_FOUND)
}

/// The day whose geography is shown: the one asked for, or today; of a unit that has ended, its last day.
pub fn frame_of(tx: &Tx, question: &Question, area: &Area) -> Day {
    let wanted = question.frame.unwrap_or_else(|| tx.now().day());
    if question.frame.is_none() && area.until <= wanted { area.until.plus_days(-1) } else { wanted }
}

/// Refuses what cannot be answered, before anything is read.
fn check(catalogue: &Catalogue, question: &Question, area: &Area) -> Outcome<()> {
    let known = |dx: &Dx| match dx {
        Dx::Cell(key) => catalogue
            .elements
            .get(&key.element)
            .is_some_and(|element| element.cell(key.coords.clone()).is_some()),
        Dx::Indicator(id) => catalogue.indicators.contains_key(id),
        Dx::Rate(dataset, _) => catalogue.datasets.contains_key(dataset),
    };
    if let Some(strange) = question.dx.iter().find(|dx| !known(dx)) {
        return Err(problem(&BAD_QUESTION, "what", strange.text()));
    }
    let rungs = [AreaLevel::Country, AreaLevel::Province, AreaLevel::Commune];
    if !rungs.contains(&question.by) || question.by < area.level {
        return Err(problem(&BAD_QUESTION, "what", question.by.code()));
    }
    if question.dx.len() * question.periods.len() > CELLS_MOST {
        return Err(problem(&TOO_BROAD, "most", CELLS_MOST.to_string()));
    }
    Ok(())
}

/// Answers without asking who: for the program's own work and for what is published.
pub async fn answer(
    tx: &mut Tx,
    catalogue: &Catalogue,
    question: &Question,
    area: &Area,
) -> Outcome<Answer> {
    check(catalogue, question, area)?;
    let frame = frame_of(tx, question, area);
    let book = Book::open(tx, catalogue, question, area, frame).await?;
    let mut figures = Vec::new();
    for dx in &question.dx {
        for period in &question.periods {
            figures.extend(book.column(dx, period));
        }
    }
    Ok(Answer {
        dx: question.dx.clone(),
        periods: question.periods.clone(),
        places: book.ground.places,
        figures,
        frame,
        as_of: tx.now(),
    })
}
