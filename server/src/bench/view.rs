//! How long it takes to see figures of all communes in the units of another day: reading and working out the
//! flow, apart from carrying one indicator over.

use std::{collections::HashMap, time::Instant};

use areas::{
    AreaId, AreaLevel,
    view::{Figure, Law},
};
use kernel::{
    clock::Day,
    db::Db,
    problem::{Failure, Outcome},
};
use serde_json::{Value, json};

use super::spread;

/// Both directions between the last day of the old map and today.
pub async fn measure(db: &Db, quick: bool) -> Outcome<Value> {
    let old = Day::new(2024, 6, 30).unwrap_or(Day::FOREVER);
    let today = db.clock().now().day();
    Ok(json!({
        "forward": one_way(db, old, today, quick).await?,
        "backward": one_way(db, today, old, quick).await?,
    }))
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn one_way(db: &Db, from: Day, to: Day, quick: bool) -> Outcome<Value> {
    let rounds = if quick { 3 } else { 30 };
    let (mut flow_ms, mut apply_ms) = (Vec::new(), Vec::new());
    let mut figures_of = (0, 0, [0; 3]);
    for _ in 0..rounds {
        let begun = Instant::now();
        let flow = db
            .view(async |tx| Ok(areas::conversion(tx, from, to, AreaLevel::Commune).await?))
            .await?;
        flow_ms.push(begun.elapsed().as_secs_f64() * 1000.0);
        let figures: HashMap<AreaId, Figure> = flow
            .sources()
            .iter()
            .zip(1_i128..)
            .map(|(place, number)| (place.id.clone(), Figure::Amount(number * 7_919 % 10_007)))
            .collect();
        let begun = Instant::now();
        let view = flow
            .apply(Law::Additive, &figures)
            .map_err(|error| Failure::fault("convert figures", error))?;
        apply_ms.push(begun.elapsed().as_secs_f64() * 1000.0);
        figures_of = (flow.sources().len(), view.results.len(), flow.grades());
    }
    let (sources, targets, [exact, estimated, undefined]) = figures_of;
    Ok(json!({
        "from": from.iso(),
        "to": to.iso(),
        "sources": sources,
        "targets": targets,
        "exact": exact,
        "estimated": estimated,
        "undefined": undefined,
        "flow": spread(flow_ms),
        "apply": spread(apply_ms),
    }))
}
