//! The shipped geography of the country: loaded once, on a node's first start. Planning is pure
//! (`model::plan`); here it meets the database, in one transaction.

use kernel::{
    db::Db,
    problem::{Failure, Outcome},
};

use crate::{
    model::plan::{Plan, Tables},
    store::write,
};

/// What a start found or did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// True when this start loaded; false when everything was already there.
    pub fresh: bool,
    /// Territories written.
    pub units: usize,
    /// Dated facts written.
    pub facts: usize,
    /// Events written.
    pub events: usize,
    /// Transfers written.
    pub transfers: usize,
}

/// Loads the whole country unless it is there. A second start costs one small query; a start that was
/// killed halfway left nothing and begins anew.
pub async fn load(db: &Db) -> Outcome<Loaded> {
    load_tables(db, Tables::shipped).await
}

/// Loads a few provinces of today (by code, e.g. `19`) with what they were made of: for tests and
/// demonstrations, which need real places but not all of them.
pub async fn load_only(db: &Db, provinces: &[&str]) -> Outcome<Loaded> {
    load_tables(db, || Ok(Tables::shipped()?.only(provinces))).await
}

/// Loads these tables instead of the shipped ones: for tests and measurements.
pub async fn load_as(db: &Db, tables: Tables) -> Outcome<Loaded> {
    load_tables(db, || Ok(tables)).await
}

async fn load_tables(db: &Db, tables: impl FnOnce() -> Result<Tables, String>) -> Outcome<Loaded> {
    if !db.view(async |tx| Ok(write::loaded_frames(tx).await?)).await?.is_empty() {
        return Ok(Loaded::default());
    }
    let tables = tables().map_err(|error| Failure::fault("read the shipped areas", error))?;
    let plan = Plan::of(&tables);
    db.change(async |tx| {
        if !write::insert_plan(tx, &plan).await? {
            return Ok(Loaded::default());
        }
        Ok(Loaded {
            fresh: true,
            units: plan.units.len(),
            facts: plan.facts.len(),
            events: plan.events.len(),
            transfers: plan.transfers.len(),
        })
    })
    .await
}
