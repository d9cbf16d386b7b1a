//! Saving 200 cells of a report, what of it keeping the live counts costs, and how soon everybody sees it.

use std::time::Instant;

use areas::AreaId;
use kernel::{
    caller::{Caller, Grant, Person},
    clock::{Day, Timestamp},
    problem::{NOT_FOUND, Outcome},
    scope::ScopePath,
};
use reporting::{
    actions::{
        entry::{Changes, Which, open, save},
        figures::Edit,
        measure,
    },
    model::{CellKey, CellState, Life, Period},
};
use serde_json::{Value, json};

use super::{
    country::{Country, DATASET, month, wrong},
    site::Site,
};
use crate::bench::spread;

/// The month whose reports are typed.
const TYPED: &str = "nd09m-2026-09";
const CELLS: usize = 200;

pub(super) fn officer(path: &ScopePath, now: Timestamp) -> Caller {
    let person = Person { id: "do-tai".to_owned(), name: "Đo tải".to_owned() };
    let grant = |role: &str| Grant {
        role: role.to_owned(),
        scope: path.clone(),
        from: Day::new(2020, 1, 1).unwrap_or(Day::FOREVER),
        until: Day::FOREVER,
    };
    Caller::person(person, vec![grant("commune_officer"), grant("commune_leader")], now)
}

/// Saves so many reports twice: cells that nobody filled in before, then over what stands there.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
pub async fn measure(country: &Country, rounds: usize) -> Outcome<Value> {
    let app = &country.app;
    let typed = month(TYPED)?;
    let (mut fresh, mut over, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (area, path) = &country.communes[(round * 13) % country.communes.len()];
        let which = Which {
            dataset: country.dataset.code.clone(),
            period: typed.id().to_owned(),
            life: Life::Final,
            area: area.clone(),
        };
        let caller = officer(path, app.now());
        for (pass, times) in [(0, &mut fresh), (1, &mut over)] {
            let (_, sheet) = open(app, &caller, &which).await?;
            let amount = |key| match sheet.held.get(key).map(|held| &held.state) {
                Some(CellState::Value(amount)) => *amount,
                _ => 0,
            };
            let edits = country.cells[..CELLS].iter().map(|key| Edit {
                key: key.clone(),
                base: sheet.version(key),
                state: Some(CellState::Value(amount(key) + pass + 1)),
            });
            let changes = Changes { edits: edits.collect(), ..Changes::default() };
            let begun = Instant::now();
            let done = save(app, &caller, &which, changes).await?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
            if done.cells.len() != CELLS {
                return Err(wrong("not every cell was saved"));
            }
        }
        let keys = &country.cells[..CELLS];
        counts.push(counts_alone(country, area, &typed, keys).await?);
    }
    Ok(json!({
        "cells": CELLS,
        "fresh": spread(fresh),
        "over_what_stands_there": spread(over),
        "of_it_the_live_counts": spread(counts),
    }))
}

/// How long moving the live counts of a report takes, in a transaction that is given up.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn counts_alone(
    country: &Country,
    area: &AreaId,
    month: &Period,
    keys: &[CellKey],
) -> Outcome<f64> {
    let mut millis = 0.0;
    let given_up: Outcome<()> = country
        .app
        .db
        .change(async |tx| {
            let begun = Instant::now();
            measure::move_counts(tx, area, month, keys).await?;
            millis = begun.elapsed().as_secs_f64() * 1000.0;
            Err((&NOT_FOUND).into())
        })
        .await;
    match given_up {
        Err(failure) if !failure.is(&NOT_FOUND) => Err(failure),
        _ => Ok(millis),
    }
}

/// One figure sent by a program; then the same figure asked of every rung, again and again until it is there.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
pub async fn freshness(country: &Country, site: &Site, rounds: usize) -> Outcome<Value> {
    let (mut sent, mut seen) = (Vec::new(), Vec::new());
    let mut asked_again = 0_u32;
    let key = &country.cells[CELLS + 1];
    let dx = key.text().replace('=', "%3D");
    for round in 0..rounds {
        let at = (round * 17) % country.communes.len();
        let (area, path) = &country.communes[at];
        let above = path.ancestors().into_iter().nth(2);
        let province = above.as_ref().and_then(ScopePath::last).unwrap_or_default().to_owned();
        let question = |area: &str, level: &str| {
            format!("/api/v1/reporting/analytics?dx={dx}&period={TYPED}&area={area}&level={level}")
        };
        let ways = [
            question(area.as_str(), "commune"),
            question(&province, "province"),
            question(areas::AreaId::country().as_str(), "country"),
        ];
        let mut before = Vec::new();
        for way in &ways {
            before.push(number(&site.get(way).await?.body).unwrap_or(0));
        }
        let amount = before[0] + 1;
        let body = json!({ "dataValues": [{
            "dataElement": key.element, "categoryOptionCombo": key.coords.text(), "period": TYPED,
            "orgUnit": area, "value": amount.to_string() }] });
        let path = "/api/dataValueSets?idScheme=CODE&orgUnitIdScheme=UID&paper=1/BC-DT&dataSet="
            .to_owned()
            + DATASET;
        let begun = Instant::now();
        let answer = site.post(&path, "application/json", body.to_string()).await?;
        if answer.status != 200 {
            eprintln!("{}", answer.text());
            return Err(wrong("the figure was not taken"));
        }
        sent.push(begun.elapsed().as_secs_f64() * 1000.0);
        let accepted = Instant::now();
        for (way, before) in ways.iter().zip(before) {
            while number(&site.get(way).await?.body) != Some(before + 1) {
                asked_again += 1;
                if asked_again > 1_000 {
                    return Err(wrong("the figure never came"));
                }
            }
        }
        seen.push(accepted.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(json!({
        "one_figure_sent_and_accepted": spread(sent),
        "accepted_until_read_at_commune_province_and_country": spread(seen),
        "had_to_ask_again": asked_again,
    }))
}

fn number(body: &[u8]) -> Option<i64> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body["rows"][0]["value"].as_str()?.parse().ok()
}
