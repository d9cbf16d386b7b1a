//! A form of 6 × 10 × 20 × 53 possible cells: what it costs that they are possible, and what those cost that
//! somebody reports.

use std::time::Instant;

use kernel::problem::Outcome;
use reporting::{
    actions::{
        catalogue::{self, kind},
        entry::{Changes, Which, open, save},
        figures::Edit,
        measure,
    },
    model::{
        CellState, Coords, DataElement, Dataset, DatasetId, Dimension, Life,
        dimension::DimensionOption,
        element::{Mark, Sheet},
        form::{FixedTable, Form, Section, SectionBody, TableColumn, TableRow},
    },
};
use serde_json::{Value, json};

use super::{
    country::{Country, wrong},
    saving::officer,
    site::Site,
};
use crate::bench::spread;

const DATASET: &str = "do-phan-to";
const ELEMENT: &str = "dtpt";
/// How many options each dimension has.
const SIZES: [(&str, usize); 4] = [("pa", 6), ("pb", 10), ("pc", 20), ("pd", 53)];
/// The period that is typed.
const PERIOD: &str = "nd09m-2026-09";
/// Cells that one commune fills in.
const CELLS: usize = 200;

/// Defines the form, opens it, fills in some cells and reads one of them back.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
pub async fn measure(country: &Country, site: &Site, rounds: usize) -> Outcome<Value> {
    let app = &country.app;
    let known = measure::cells(&app.db).await?;
    let begun = Instant::now();
    define(country).await?;
    let defined_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let after_defining = measure::cells(&app.db).await?;
    let address = format!("/bao-cao/{DATASET}/{PERIOD}/{}/chinh-thuc", country.communes[0].0);
    let page = site.get(&address).await?;
    let mut saves = Vec::new();
    for place in 0..rounds {
        let (area, path) = &country.communes[place];
        let officer = officer(path, app.now());
        let which = Which {
            dataset: DatasetId::parse(DATASET).ok_or_else(|| wrong("no data set"))?,
            period: PERIOD.to_owned(),
            life: Life::Final,
            area: area.clone(),
        };
        let (_, sheet) = open(app, &officer, &which).await?;
        let mut edits = Vec::with_capacity(CELLS);
        for at in 0..CELLS {
            let key = element().cell(coords(at)).ok_or_else(|| wrong("no such cell"))?;
            let base = sheet.version(&key);
            let amount = i64::try_from(at).unwrap_or(0) + base;
            edits.push(Edit { key, base, state: Some(CellState::Value(amount)) });
        }
        let begun = Instant::now();
        save(app, &officer, &which, Changes { edits, ..Changes::default() }).await?;
        saves.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let dx = format!("{ELEMENT}:{}", coords(7).text()).replace('=', "%3D").replace(',', "%2C");
    let mut asked = Vec::new();
    for _ in 0..10 {
        let address = format!("/api/v1/reporting/analytics?dx={dx}&period={PERIOD}&level=province");
        let answer = site.get(&address).await?;
        if answer.status != 200 {
            return Err(wrong("the sparse cell cannot be asked for"));
        }
        asked.push(answer.millis);
    }
    Ok(json!({
        "possible_cells": SIZES.iter().map(|(_, size)| size).product::<usize>(),
        "possible_with_subtotals": SIZES.iter().map(|(_, size)| size + 1).product::<usize>(),
        "defined_ms": defined_ms,
        "rows_made_by_defining": after_defining - known,
        "rows_made_by_filling_in": measure::cells(&app.db).await? - after_defining,
        "cells_filled_in_by_each": CELLS,
        "communes": rounds,
        "saved": spread(saves),
        "asked_for_by_province": spread(asked),
        "page": { "status": page.status, "ms": page.millis, "bytes": page.body.len() },
    }))
}

/// One of the possible cells.
fn coords(at: usize) -> Coords {
    let parts: Vec<String> = SIZES
        .iter()
        .zip([1, 3, 7, 11])
        .map(|((code, size), step)| format!("{code}=o{}", (at * step + at / size) % size))
        .collect();
    Coords::parse(&parts.join(",")).unwrap_or_default()
}

fn element() -> DataElement {
    DataElement {
        code: kernel::ids::Id::from_text(ELEMENT.to_owned()),
        name: "Chỉ tiêu chia nhiều phân tổ".to_owned(),
        unit: "nguoi".to_owned(),
        decimals: 0,
        law: areas::view::Law::Additive,
        dimensions: SIZES.iter().map(|(code, _)| (*code).to_owned()).collect(),
        component: None,
        sheet: Sheet::default(),
        mark: Mark::Derived,
    }
}

async fn define(country: &Country) -> Outcome<()> {
    let mut shipped = Vec::new();
    for (code, size) in SIZES {
        let options = (0..size).map(|at| DimensionOption {
            code: format!("o{at}"),
            name: format!("Lựa chọn {at}"),
            name_en: String::new(),
            ended: false,
        });
        let one = Dimension {
            code: code.to_owned(),
            name: format!("Phân tổ {code}"),
            name_en: String::new(),
            sensitive: false,
            partition: true,
            options: options.collect(),
        };
        shipped.push(catalogue::definition(kind::DIMENSION, code, 1, &one, "shipped", "")?);
    }
    let dataset = Dataset {
        code: DatasetId::parse(DATASET).ok_or_else(|| wrong("no data set"))?,
        title: "Biểu nhiều phân tổ".to_owned(),
        ..country.dataset.clone()
    };
    let row = TableRow {
        number: String::new(),
        label: String::new(),
        element: Some(element().code),
        coords: Coords::total(),
        indent: 0,
        without: Vec::new(),
        required: false,
    };
    let table = FixedTable {
        columns: vec![TableColumn { title: "Tổng".to_owned(), coords: Coords::total() }],
        rows: vec![row],
        details: SIZES.iter().map(|(code, _)| (*code).to_owned()).collect(),
    };
    let section = Section {
        code: "a".to_owned(),
        title: "Số liệu".to_owned(),
        hint: String::new(),
        body: SectionBody::Table(table),
    };
    let form = Form {
        dataset: dataset.code.clone(),
        version: 1,
        title: dataset.title.clone(),
        basis: String::new(),
        sections: vec![section],
        rules: Vec::new(),
    };
    shipped.push(catalogue::definition(kind::ELEMENT, ELEMENT, 1, &element(), "shipped", "")?);
    shipped.push(catalogue::definition(kind::DATASET, DATASET, 1, &dataset, "shipped", "")?);
    shipped.push(catalogue::definition(kind::FORM, DATASET, 1, &form, "shipped", "")?);
    catalogue::plant(&country.app.db, shipped).await?;
    Ok(())
}
