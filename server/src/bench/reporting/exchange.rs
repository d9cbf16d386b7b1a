//! A million figures from another system: as JSON and as CSV, by the address programs send them to; and from a file on
//! the machine itself, as `nhipcau figures import` takes it.

use std::{fmt::Write, time::Instant};

use kernel::{caller::Caller, problem::Outcome};
use reporting::{FileFormat, actions::exchange::import::Options, model::CellState, take_file};
use serde_json::{Value, json};

use super::{
    country::{Country, DATASET, month, wrong},
    rate,
    site::Site,
};
use crate::bench::areas::Folder;

/// The month that is sent; the communes are taken one after the other.
const SENT: &str = "nd09m-2026-10";
/// The month of the file.
const IN_FILE: &str = "nd09m-2026-07";
/// Figures of one message: DHIS2's own programs send them so.
const MESSAGE: usize = 50_000;

/// Sends half of the figures in each format, and as many from a file.
pub async fn measure(country: &Country, site: &Site, figures: usize) -> Outcome<Value> {
    month(SENT)?;
    month(IN_FILE)?;
    let per_report = country.cells.len();
    let half = (figures / per_report).min(country.communes.len() / 2);
    Ok(json!({
        "json": sent(country, site, 0..half, false).await?,
        "csv": sent(country, site, half..2 * half, true).await?,
        "file": from_file(country, 0..half).await?,
    }))
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn sent(
    country: &Country,
    site: &Site,
    places: std::ops::Range<usize>,
    csv: bool,
) -> Outcome<Value> {
    let per_message = (MESSAGE / country.cells.len()).max(1);
    let all: Vec<usize> = places.collect();
    let (mut bytes, mut figures, mut seconds) = (0, 0_u64, 0.0);
    let mut count = [0_u64; 3];
    for chunk in all.chunks(per_message) {
        let (body, kind) = if csv {
            (as_csv(country, chunk, SENT), "application/csv")
        } else {
            (as_json(country, chunk), "application/json")
        };
        bytes += body.len();
        figures += (chunk.len() * country.cells.len()) as u64;
        let begun = Instant::now();
        let path = format!(
            "/api/dataValueSets?idScheme=CODE&orgUnitIdScheme=UID&paper=1/BC-DT&dataSet={DATASET}"
        );
        let answer = site.post(&path, kind, body).await?;
        seconds += begun.elapsed().as_secs_f64();
        let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status != 200 || told["status"] != "OK" {
            eprintln!("{}", answer.text().chars().take(500).collect::<String>());
            return Err(wrong("a message was not taken as it was"));
        }
        for (sum, name) in count.iter_mut().zip(["imported", "updated", "ignored"]) {
            *sum += told["importCount"][name].as_u64().unwrap_or(0);
        }
    }
    eprintln!("{figures} figures sent in {seconds:.1} s");
    Ok(json!({
        "figures": figures,
        "bytes": bytes,
        "messages": all.len().div_ceil(per_message),
        "seconds": seconds,
        "per_second": rate(figures, seconds),
        "imported": count[0],
        "updated": count[1],
        "ignored": count[2],
    }))
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn from_file(country: &Country, places: std::ops::Range<usize>) -> Outcome<Value> {
    let folder = Folder::fresh("figures")?;
    let path = folder.0.join("so-lieu.csv");
    std::fs::write(&path, as_csv(country, &places.collect::<Vec<_>>(), IN_FILE))?;
    let system = Caller::system(country.app.now());
    let file = (path.as_path(), FileFormat::Csv);
    let before = crate::logging::resident_bytes();
    let mut most = before;
    let begun = Instant::now();
    let taken = take_file(&country.app, &system, file, None, &Options::default(), |_, refused| {
        most = most.max(crate::logging::resident_bytes());
        for one in refused {
            eprintln!("{:?}: {:?}", one.at, one.conflict);
        }
    })
    .await?;
    let seconds = begun.elapsed().as_secs_f64();
    if taken.refused > 0 {
        return Err(wrong("a file was not taken as it was"));
    }
    Ok(json!({
        "figures": taken.read,
        "bytes": std::fs::metadata(&path)?.len(),
        "seconds": seconds,
        "per_second": rate(taken.read, seconds),
        "imported": taken.imported,
        "updated": taken.updated,
        "ignored": taken.unchanged,
        "resident_bytes_before": before,
        "most_resident_bytes": most,
    }))
}

/// A figure in the words of a message: number and remark.
fn words(state: &CellState) -> (String, String) {
    match state {
        CellState::Value(amount) => (amount.to_string(), String::new()),
        CellState::Nil(why) => ("0".to_owned(), format!("[nil] {why}")),
        CellState::NoData(why) => (String::new(), format!("[no-data] {why}")),
    }
}

fn as_json(country: &Country, places: &[usize]) -> String {
    let mut values = Vec::new();
    for place in places {
        let area = &country.communes[*place].0;
        for (key, state) in country.report(*place, 0) {
            let (value, comment) = words(&state);
            let combo = key.coords.text();
            let combo = if combo.is_empty() { "default" } else { &combo };
            let mut one = json!({
                "dataElement": key.element, "period": SENT, "orgUnit": area,
                "categoryOptionCombo": combo, "value": value });
            if !comment.is_empty() {
                one["comment"] = json!(comment);
            }
            values.push(one);
        }
    }
    json!({ "dataValues": values }).to_string()
}

fn as_csv(country: &Country, places: &[usize], period: &str) -> String {
    let mut text = String::from(
        "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment\n",
    );
    for place in places {
        let area = &country.communes[*place].0;
        for (key, state) in country.report(*place, 0) {
            let (value, comment) = words(&state);
            let combo = key.coords.text();
            let combo = if combo.is_empty() { "default" } else { &combo };
            let _ =
                writeln!(text, "{},{period},{area},\"{combo}\",,{value},,,{comment}", key.element);
        }
    }
    text
}
