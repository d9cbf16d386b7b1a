//! What a deadline does: every commune of the country hands in its report, spread over ten minutes' worth of
//! work or as fast as this machine takes them. Then everything is counted: nothing may be missing.

use std::{collections::BTreeMap, time::Instant};

use kernel::{
    db::{Db, Tx},
    problem::{Failure, Outcome},
    records::{Incoming, NodeId},
    scope::ScopePath,
};
use reporting::{
    actions::{catalogue, content::Content, counts, entry::Which, obligations},
    model::{CellKey, CellState, Life, Period},
};
use serde_json::{Value, json};

use super::{
    country::{Country, DATASET, month, state, wrong},
    rate,
};
use crate::bench::spread;

/// The month that is handed in.
const HANDED_IN: &str = "nd09m-2026-08";
const CELLS: usize = 200;
const WRITERS: usize = 16;

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and drives many writers"
)]
pub async fn measure(country: &Country) -> Outcome<Value> {
    let due = month(HANDED_IN)?;
    let db = country.app.db.clone();
    let everywhere = ScopePath::root();
    db.change(async |tx| {
        let all = catalogue::read(tx).await?;
        obligations::make(tx, &all, &country.dataset, &due, &everywhere).await
    })
    .await?;
    let mut bodies = Vec::with_capacity(country.communes.len());
    for (at, (_, path)) in country.communes.iter().enumerate() {
        bodies.push((path.clone(), handed_in(country, at, &due, CELLS)?));
    }
    let expected: i64 = (0..bodies.len()).filter_map(|at| state(0, at, 0).amount()).sum();
    let begun = Instant::now();
    let mut writers = Vec::new();
    // Neighbours hand in at the same time: writers share out the provinces like cards.
    let mut hands: Vec<Vec<(ScopePath, Vec<u8>)>> = vec![Vec::new(); WRITERS];
    for (at, body) in bodies.into_iter().enumerate() {
        hands[at % WRITERS].push(body);
    }
    for mine in hands {
        let db = db.clone();
        writers.push(tokio::spawn(async move { hand_in(&db, mine).await }));
    }
    let mut millis = Vec::new();
    for writer in writers {
        let done = writer.await.map_err(|error| Failure::fault("drive the storm", error))?;
        millis.extend(done?);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let period = [due.id().to_owned()];
    let (sum, reported) = db
        .view(async |tx: &mut Tx| {
            let sums = counts::sums(tx, &country.cells[0], &period, Life::Final).await?;
            let rates = counts::rates(tx, DATASET, Life::Final, &period).await?;
            let sum: i64 = sums.iter().map(|one| one.sum).sum();
            let reported: i64 = rates.iter().map(|(_, rate)| rate.reported).sum();
            Ok((sum, reported))
        })
        .await?;
    let all = i64::try_from(country.communes.len()).unwrap_or(0);
    Ok(json!({
        "reports": millis.len(),
        "cells_each": CELLS,
        "writers": WRITERS,
        "seconds": elapsed,
        "per_second": rate(millis.len() as u64, elapsed),
        "times_faster_than_ten_minutes": 600.0 / elapsed.max(0.001),
        "each_with_its_wait": spread(millis),
        "reported_by_the_count": reported,
        "nothing_lost": sum == expected && reported == all,
    }))
}

/// One report as a point sends it: the first cells of the law's first month.
pub fn handed_in(
    country: &Country,
    place: usize,
    month: &Period,
    cells: usize,
) -> Outcome<Vec<u8>> {
    let area = &country.communes[place].0;
    let figures = country.report_of(cells, place, 0);
    let which = Which {
        dataset: country.dataset.code.clone(),
        period: month.id().to_owned(),
        life: Life::Final,
        area: area.clone(),
    };
    let content = Content {
        dataset: DATASET.to_owned(),
        form_version: 1,
        area: area.to_string(),
        period: month.id().to_owned(),
        revision: 1,
        certified: Some(("Chủ tịch xã".to_owned(), 1_795_330_000_000)),
        submitted: Some(("Chủ tịch xã".to_owned(), 1_795_330_100_000)),
        figures: by_element(figures),
        ..Content::default()
    };
    reporting::piece(&which.id(), 1, &content.encode()?)
}

fn by_element(
    figures: BTreeMap<CellKey, CellState>,
) -> BTreeMap<String, BTreeMap<String, CellState>> {
    let mut by: BTreeMap<String, BTreeMap<String, CellState>> = BTreeMap::new();
    for (key, state) in figures {
        by.entry(key.element.to_string()).or_default().insert(key.coords.text(), state);
    }
    by
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn hand_in(db: &Db, reports: Vec<(ScopePath, Vec<u8>)>) -> Outcome<Vec<f64>> {
    let module = reporting::module();
    let known = module.records.iter().find(|one| one.kind == 60);
    let apply = known.ok_or_else(|| wrong("no kind of record for reports"))?.apply;
    let mut millis = Vec::with_capacity(reports.len());
    for (seq, (scope, body)) in (1_u64..).zip(reports) {
        let record = Incoming {
            origin: NodeId([9; 16]),
            scope,
            former: Vec::new(),
            inherited: Vec::new(),
            handed_over: false,
            epoch: 1,
            seq,
            kind: 60,
            targets: Vec::new(),
            body,
        };
        let begun = Instant::now();
        db.change(async |tx| apply(tx, &record).await).await?;
        millis.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(millis)
}
