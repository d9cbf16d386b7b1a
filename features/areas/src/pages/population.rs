//! How many people live in a village: earlier counts, and the form that records a new one.

use kernel::{
    axum::extract::Path,
    clock::Day,
    problem::{INVALID_FORM, OrMissing, Outcome},
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{Counted, Crumb, Errors, crumbs, href, told};
use crate::{
    NOT_FOUND,
    actions::{self, MANAGE_VILLAGES, NewPopulation},
    model::{AreaId, AreaLevel},
    store,
};

/// The page of an area's head counts.
pub const POPULATION: Template<Counts> = Template::new("areas/population.html");

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// The area's full name.
    pub title: String,
    /// The form's address.
    pub action: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Earlier counts, newest first.
    pub earlier: Vec<Counted>,
    /// What was typed.
    pub form: CountForm,
    /// What is wrong with it.
    pub errors: Errors,
}

/// The form's fields.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CountForm {
    /// The day.
    pub on: String,
    /// People.
    pub people: String,
    /// Households.
    pub households: String,
    /// The source.
    pub source: String,
}

/// `GET /dia-ban/{id}/dan-so`
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let page = gather(&visit, &id).await?.0;
    visit.page(&POPULATION, &page)
}

/// `POST /dia-ban/{id}/dan-so`
pub async fn record(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let area = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
    let draft = NewPopulation {
        area,
        on: Day::parse(&fields.line("on")),
        people: fields.number("people"),
        households: fields.number("households"),
        source: fields.line("source"),
    };
    match actions::record_population(&visit.app.db, visit.app.role, &visit.caller, draft).await {
        Ok(_) => {
            let (_, back) = gather(&visit, &id).await?;
            visit.done(&back, "areas-population-recorded")
        }
        Err(failure) if failure.is(&INVALID_FORM) => {
            let (page, _) = gather(&visit, &id).await?;
            let form = read(&fields);
            visit.form_again(failure, &POPULATION, |errors| Counts {
                form,
                errors: told(errors),
                ..page
            })
        }
        Err(failure) => Err(failure),
    }
}

fn read(fields: &Fields) -> CountForm {
    CountForm {
        on: fields.line("on"),
        people: fields.line("people"),
        households: fields.line("households"),
        source: fields.line("source"),
    }
}

/// The page, and where to go on to after a count was recorded.
async fn gather(visit: &Visit, id: &str) -> Outcome<(Counts, String)> {
    visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(id).or_missing(&NOT_FOUND)?;
            let area = store::find(tx, &id).await?.or_missing(&NOT_FOUND)?;
            visit.caller.must(&MANAGE_VILLAGES, &area.path)?;
            actions::check_countable(tx, &area)?;
            let mut way = crumbs(visit, tx, &area).await?;
            way.push(Crumb::here(visit.say("areas-population", &[])));
            let back = match (&area.parent, area.level) {
                (Some(commune), AreaLevel::Village) => format!("/dia-ban/{commune}/thon"),
                _ => href(&area),
            };
            let counts =
                store::populations(tx, &id).await?.into_iter().map(Counted::from).collect();
            let page = Counts {
                title: area.title(),
                action: format!("{}/dan-so", href(&area)),
                crumbs: way,
                earlier: counts,
                ..Counts::default()
            };
            Ok((page, back))
        })
        .await
}
