//! The floor beside the live counts: the same sums by `group by` over the figures, in the same database and the
//! same run. What an engine for analysis needs (`docs/bench/duckdb_floor.py`) is measured from the outside.

use std::time::Instant;

use kernel::problem::Outcome;
use reporting::{
    actions::{counts, measure},
    model::Life,
};
use serde_json::{Value, json};

use super::country::{Country, FULL_MONTHS};
use crate::bench::spread;

/// One data element, twelve months, by province: grouped from the figures, and read from the live counts.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
pub async fn measure(country: &Country, rounds: usize) -> Outcome<Value> {
    let months = &country.months[..FULL_MONTHS];
    let ids: Vec<String> = months.iter().map(|one| one.id().to_owned()).collect();
    let (first, last) = (&months[0], &months[FULL_MONTHS - 1]);
    let (mut grouped, mut live) = (Vec::new(), Vec::new());
    let mut same = true;
    for round in 0..rounds.min(10) {
        // Cells that the shapes have not asked for.
        let key = &country.cells[country.cells.len() - 1 - round * 5];
        let begun = Instant::now();
        let (_, sum) =
            country.app.db.view(async |tx| measure::grouped(tx, key, first, last).await).await?;
        grouped.push(begun.elapsed().as_secs_f64() * 1000.0);
        let begun = Instant::now();
        let sums =
            country.app.db.view(async |tx| counts::sums(tx, key, &ids, Life::Final).await).await?;
        live.push(begun.elapsed().as_secs_f64() * 1000.0);
        same &= sum == sums.iter().map(|one| one.sum).sum::<i64>();
    }
    Ok(json!({
        "question": "1 element × 12 months × provinces",
        "group_by_over_the_figures": spread(grouped),
        "live_counts": spread(live),
        "same_sums": same,
    }))
}
