//! The areas as JSON for programs: search, one area with its history, what it became and came from.
//! Open to everybody; anything wrong in a parameter is told as a problem (RFC 9457).

pub mod convert;
pub mod frames;
pub mod openapi;

use kernel::{
    axum::extract::{Path, Query as Params},
    clock::Day,
    problem::OrMissing,
    web::{Answer, Visit, json},
};
use serde::Serialize;

use crate::{
    NOT_FOUND,
    model::{
        Area, AreaId, Fact, Population, Succession,
        search::{Hit, Wanted},
    },
    store,
};

#[derive(Serialize)]
struct Found {
    items: Vec<Hit>,
}

/// `GET /api/v1/areas?q=&at=&level=&limit=`
pub async fn list(visit: Visit, Params(wanted): Params<Wanted>) -> Answer {
    let query = wanted.query()?;
    let items = visit.app.db.view(async |tx| Ok(store::search(tx, &query).await?)).await?;
    json(&Found { items })
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    area: Area,
    within: String,
    born_on: Day,
    ended_on: Option<Day>,
    population: Option<Population>,
    classes: Vec<crate::model::class::ClassFact>,
    history: Vec<Fact>,
}

/// `GET /api/v1/areas/{id}?at=`
pub async fn show(visit: Visit, Path(id): Path<String>, Params(wanted): Params<Wanted>) -> Answer {
    let at = wanted.query()?.at;
    let whole = visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
            let area = match at {
                Some(day) => store::find_at(tx, &id, day).await?,
                None => store::find(tx, &id).await?,
            };
            let area = area.or_missing(&NOT_FOUND)?;
            let life = store::life(tx, &id).await?.or_missing(&NOT_FOUND)?;
            let day = at.unwrap_or_else(|| tx.now().day());
            Ok(Whole {
                within: store::within(tx, &[&area]).await?.pop().unwrap_or_default(),
                born_on: life.born_on,
                ended_on: Some(life.ended_on).filter(|day| *day != Day::FOREVER),
                population: store::population(tx, &id, day).await?,
                classes: store::classes_on(tx, &id, day).await?,
                history: store::history(tx, &id).await?,
                area,
            })
        })
        .await?;
    json(&whole)
}

#[derive(Serialize)]
struct Steps {
    items: Vec<Succession>,
}

/// `GET /api/v1/areas/{id}/successors`
pub async fn successors(visit: Visit, Path(id): Path<String>) -> Answer {
    let items = visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
            store::life(tx, &id).await?.or_missing(&NOT_FOUND)?;
            Ok(store::successors(tx, &id).await?)
        })
        .await?;
    json(&Steps { items })
}

/// `GET /api/v1/areas/{id}/predecessors`
pub async fn predecessors(visit: Visit, Path(id): Path<String>) -> Answer {
    let items = visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
            store::life(tx, &id).await?.or_missing(&NOT_FOUND)?;
            Ok(store::predecessors(tx, &id).await?)
        })
        .await?;
    json(&Steps { items })
}
