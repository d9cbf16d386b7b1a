//! What stood in the cells, the narratives and the rows before.

use std::collections::HashMap;

use kernel::{
    app::App,
    caller::Caller,
    clock::Timestamp,
    problem::{OrMissing, Outcome},
};

use super::{
    super::{SEE, map},
    Which,
};
use crate::{
    model::{CellKey, CellState},
    store::{
        numbers,
        past_words::{self, PastWords},
        values::{self, Spot},
    },
};

/// What stood in the cells of a report in earlier versions: what somebody saw whose page is older than what
/// stands there now.
pub async fn seen(
    app: &App,
    caller: &Caller,
    which: &Which,
) -> Outcome<HashMap<(CellKey, i64), CellState>> {
    app.db
        .view(async |tx| {
            let authority = map::authority(tx, &which.area).await?;
            caller.must(&SEE, &authority.or_missing(&areas::NOT_FOUND)?)?;
            let place = numbers::known_place(tx, &which.area).await?;
            let period = numbers::known_period(tx, &which.period).await?;
            let (Some(place), Some(period)) = (place, period) else { return Ok(HashMap::new()) };
            let spot = Spot { period, place: place.no, life: which.life };
            Ok(values::versions_of(tx, spot).await?)
        })
        .await
}

/// What stood in a cell before, newest first, with who wrote it and when; none where it was emptied.
pub async fn history(
    app: &App,
    caller: &Caller,
    which: &Which,
    key: &CellKey,
) -> Outcome<Vec<(Option<CellState>, String, Timestamp)>> {
    app.db
        .view(async |tx| {
            let authority = map::authority(tx, &which.area).await?;
            caller.must(&SEE, &authority.or_missing(&areas::NOT_FOUND)?)?;
            let place = numbers::known_place(tx, &which.area).await?;
            let period = numbers::known_period(tx, &which.period).await?;
            let cells = numbers::known_cells(tx, &[key.clone()].into()).await?;
            let (Some(place), Some(period), Some(cell)) = (place, period, cells.get(key)) else {
                return Ok(Vec::new());
            };
            let spot = Spot { period, place: place.no, life: which.life };
            let past = values::past(tx, spot, *cell).await?;
            Ok(past.into_iter().map(|one| (one.state(), one.author_name, one.at)).collect())
        })
        .await
}

/// What stood in the narratives and rows of a report before somebody replaced it or took it out, newest first.
pub async fn past_words(app: &App, caller: &Caller, which: &Which) -> Outcome<Vec<PastWords>> {
    app.db
        .view(async |tx| {
            let authority = map::authority(tx, &which.area).await?;
            caller.must(&SEE, &authority.or_missing(&areas::NOT_FOUND)?)?;
            Ok(past_words::of(tx, &which.id()).await?)
        })
        .await
}
