//! The pages of figures as an official of the ministry opens them: for the country, a province and a commune;
//! the first time, and again.

use areas::AreaId;
use kernel::problem::Outcome;
use serde_json::{Map, Value, json};

use super::{
    country::{Country, DATASET},
    site::Site,
};
use crate::bench::spread;

/// Every page that asks a question, with what it needs beside the area.
const PAGES: [(&str, &str); 10] = [
    ("/so-lieu", ""),
    ("/so-lieu/bang", "dx=dt000&dx=dt001&so=12&ky=nd09m-2027-12"),
    ("/so-lieu/dien-bien", "dx=dt000&so=20&ky=nd09m-2027-12"),
    ("/so-lieu/muc-tieu", ""),
    ("/so-lieu/xep-hang", "dx=dt000&ky=nd09m-2027-12"),
    ("/so-lieu/ban-do", "dx=dt000&ky=nd09m-2027-12"),
    ("/so-lieu/day-du", "bo=do-tai&ky=nd09m-2027-12"),
    ("/so-lieu/bat-thuong", "bo=do-tai&ky=nd09m-2027-12"),
    ("/so-lieu/uoc-chinh-thuc", "dx=dt000&ky=nd09m-2027-12"),
    ("/so-lieu/chuoi", ""),
];

/// Opens each.
pub async fn measure(country: &Country, site: &Site, rounds: usize) -> Outcome<Value> {
    let (province, communes) = country.largest_province();
    let commune = communes.first().map(|at| country.communes[*at].0.clone());
    let commune = commune.unwrap_or_else(AreaId::country);
    let nation = AreaId::country();
    let mut all = Map::new();
    for (name, area) in [("country", &nation), ("province", &province), ("commune", &commune)] {
        let mut pages = Map::new();
        for (page, query) in PAGES {
            let address = format!("{page}?o={area}&{query}");
            pages.insert(page.to_owned(), opened(site, &address, rounds).await?);
        }
        all.insert(name.to_owned(), Value::Object(pages));
    }
    let report = format!("/bao-cao/{DATASET}/nd09m-2026-09/{commune}/chinh-thuc");
    all.insert("report_of_660_cells".to_owned(), opened(site, &report, rounds).await?);
    Ok(Value::Object(all))
}

async fn opened(site: &Site, address: &str, rounds: usize) -> Outcome<Value> {
    let first = site.get(address).await?;
    let mut millis = Vec::new();
    for _ in 0..rounds.min(10) {
        millis.push(site.get(address).await?.millis);
    }
    eprintln!("{address}: {} {:.1} ms", first.status, first.millis);
    Ok(json!({
        "status": first.status,
        "first_ms": first.millis,
        "again": spread(millis),
        "bytes": first.body.len(),
    }))
}
