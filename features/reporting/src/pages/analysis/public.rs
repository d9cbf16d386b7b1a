//! What everybody may see, as a page and for programs: approved final figures, small cells left out by the
//! one function that does so. Page, JSON and CSV come from the same table.

use kernel::{
    axum::extract::Query as Params,
    problem::{Failure, OrMissing, Outcome},
    text::thousands,
    web::{Answer, Made, Visit},
};
use serde_json::json as object;

use super::view::{
    Block, CellView, Choice, Decimals, Field, Link, RowView, TableView, VIEW, View, form, number,
    words,
};
use crate::{
    actions::{
        PERIOD_NOT_FOUND,
        analysis::public::{self, PublicCell, Publication},
        catalogue,
    },
    model::{Period, amount::unit, analysis::Dx, table_text::Dialect},
    pages::parameters,
};

type Pairs = Params<Vec<(String, String)>>;

/// What is shown to who asks for nothing.
const FIRST: &str = "10.6";

fn line<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    pairs.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value.trim())
}

async fn asked(visit: &Visit, pairs: &[(String, String)]) -> Outcome<Option<Publication>> {
    let text = match line(pairs, "dx") {
        "" => FIRST,
        text => text,
    };
    let dx = Dx::parse(text).ok_or_else(|| parameters::wrong("dx", text))?;
    let period = match line(pairs, "ky") {
        "" => public::latest(&visit.app, &dx).await?,
        text => Some(Period::parse(text).ok_or_else(|| parameters::wrong("ky", text))?),
    };
    let Some(period) = period else { return Ok(None) };
    Ok(Some(public::publication(&visit.app, &dx, &period).await?))
}

/// `GET /so-lieu/cong-khai?dx=&ky=`
pub async fn show(visit: Visit, Params(pairs): Pairs) -> Answer {
    let told = asked(&visit, &pairs).await?;
    let catalogue = catalogue::current(&visit.app).await?;
    let known = visit.app.db.view(async |tx| public::periods(tx).await).await?;
    let chosen = told.as_ref().map(|one| one.dx.clone());
    let choices = public::published(&catalogue).into_iter().map(|(dx, label)| Choice {
        value: dx.text(),
        label,
        selected: Some(&dx) == chosen.as_ref(),
    });
    let period = told.as_ref().map(|one| one.period.clone());
    let periods = known.iter().map(|one| Choice {
        value: one.id().to_owned(),
        label: one.label(visit.lang()),
        selected: Some(one) == period.as_ref(),
    });
    let field = |name, choices: Vec<Choice>| Field {
        name,
        label: visit.say(&format!("reporting-field-{name}"), &[]),
        kind: "select",
        choices,
        ..Field::default()
    };
    let mut latest =
        vec![Choice { label: visit.say("reporting-period-latest", &[]), ..Choice::default() }];
    latest.extend(periods);
    let block = match &told {
        Some(one) => block(&visit, one),
        None => {
            Block { text: vec![visit.say("reporting-public-nothing", &[])], ..Block::default() }
        }
    };
    let view = View {
        slug: "cong-khai",
        title: visit.say("reporting-public", &[]),
        lede: visit.say("reporting-public-lede", &[]),
        action: "/so-lieu/cong-khai".to_owned(),
        fields: vec![field("dx", choices.collect()), field("ky", latest)],
        blocks: vec![block],
        basis: told.map_or_else(String::new, |one| {
            visit.say("reporting-public-basis", &[("asof", one.as_of.short())])
        }),
        ..View::default()
    };
    visit.public_page(&VIEW, &view)
}

fn block(visit: &Visit, told: &Publication) -> Block {
    let computed = matches!(told.dx, Dx::Indicator(_));
    let decimals = Decimals { most: told.decimals, all: computed };
    let cell = |cell: &PublicCell| match cell {
        PublicCell::Number(one) => number(decimals.said(*one)),
        PublicCell::Hidden => words(visit.say("reporting-cell-hidden", &[])),
        PublicCell::Missing => words(visit.say("reporting-cell-missing", &[])),
    };
    let country = visit.say("reporting-country", &[]);
    let rows = told.rows.iter().map(|row| RowView {
        title: if row.area.is_none() { country.clone() } else { row.title.clone() },
        href: row.area.as_ref().map_or_else(String::new, |area| format!("/dia-ban/{area}")),
        cells: with_units(visit, row.units, row.cells.iter().map(cell).collect()),
    });
    let unit = unit(&told.unit).map_or("", |unit| unit.name.as_str());
    let mut head = vec![visit.say("reporting-total", &[])];
    head.extend(told.columns.iter().map(|(_, name)| {
        if name.is_empty() { visit.say("reporting-rest", &[]) } else { name.clone() }
    }));
    let caption = format!("{} ({unit}) – {}", told.name, told.period.label(visit.lang()));
    let table = TableView {
        caption,
        corner: visit.say("reporting-axis-noi", &[]),
        head,
        rows: rows.collect(),
    };
    let query = form(&[("dx", &told.dx.text()), ("ky", told.period.id())]);
    let links = ["csv", "json"].map(|end| Link {
        href: format!("/so-lieu/cong-khai.{end}?{query}"),
        label: visit.say(&format!("reporting-download-{end}"), &[]),
        current: false,
    });
    let mut links = links.to_vec();
    links.extend(super::view::sheet_href(&told.dx).map(|href| Link {
        href,
        label: visit.say("reporting-sheet-open", &[]),
        current: false,
    }));
    let text =
        if told.hidden > 0 { vec![visit.say("reporting-suppressed", &[])] } else { Vec::new() };
    Block { text, tables: vec![table], links, ..Block::default() }
}

/// The cells of a row, its total with how many units it is from.
fn with_units(visit: &Visit, units: Option<(i64, i64)>, mut cells: Vec<CellView>) -> Vec<CellView> {
    if let (Some((approved, expected)), Some(total)) = (units, cells.first_mut()) {
        let args = [("approved", thousands(approved)), ("expected", thousands(expected))];
        total.note = visit.say("reporting-public-units", &args);
    }
    cells
}

fn plain(told: &Publication, cell: PublicCell) -> Option<String> {
    let PublicCell::Number(one) = cell else { return None };
    one.as_decimal().or_else(|| one.rounded(told.decimals.max(2))?.as_decimal())
}

fn state(cell: PublicCell) -> &'static str {
    match cell {
        PublicCell::Number(_) => "value",
        PublicCell::Hidden => "suppressed",
        PublicCell::Missing => "missing",
    }
}

/// `GET /so-lieu/cong-khai.json?dx=&ky=`
pub async fn json(visit: Visit, Params(pairs): Pairs) -> Answer {
    let told = asked(&visit, &pairs).await?.or_missing(&PERIOD_NOT_FOUND)?;
    let columns: Vec<&str> =
        std::iter::once("").chain(told.columns.iter().map(|(code, _)| code.as_str())).collect();
    let rows: Vec<_> = told
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<_> = row
                .cells
                .iter()
                .map(|cell| object!({ "state": state(*cell), "value": plain(&told, *cell) }))
                .collect();
            object!({
                "area": row.area.as_ref().map_or("vn", |area| area.as_str()), "title": row.title, "cells": cells,
                "approvedUnits": row.units.map(|(approved, _)| approved), "expectedUnits": row.units.map(|(_, expected)| expected),
            })
        })
        .collect();
    kernel::web::json(&object!({
        "dx": told.dx.text(), "name": told.name, "unit": told.unit, "period": told.period.id(),
        "asOf": told.as_of.rfc3339(), "columns": columns, "rows": rows,
    }))
}

/// `GET /so-lieu/cong-khai.csv?dx=&ky=`
pub async fn csv(visit: Visit, Params(pairs): Pairs) -> Answer {
    let told = asked(&visit, &pairs).await?.or_missing(&PERIOD_NOT_FOUND)?;
    let fault = |error: &dyn std::fmt::Display| Failure::fault("write figures as CSV", error);
    let mut out = Dialect::Programs.writer();
    let write = |out: &mut csv::Writer<Vec<u8>>, record: [&str; 8]| {
        out.write_record(record).map_err(|error| fault(&error))
    };
    write(
        &mut out,
        ["period", "dx", "area", "option", "state", "value", "approved_units", "expected_units"],
    )?;
    let dx = told.dx.text();
    for row in &told.rows {
        let area = row.area.as_ref().map_or("vn", |area| area.as_str());
        let count = |pick: fn((i64, i64)) -> i64| row.units.map(pick).map(|one| one.to_string());
        let approved = count(|(approved, _)| approved).unwrap_or_default();
        let expected = count(|(_, expected)| expected).unwrap_or_default();
        let options = std::iter::once("").chain(told.columns.iter().map(|(code, _)| {
            if code.is_empty() { crate::model::analysis::publication::REST } else { code.as_str() }
        }));
        for (cell, option) in row.cells.iter().zip(options) {
            let value = plain(&told, *cell).unwrap_or_default();
            let line =
                [told.period.id(), &dx, area, option, state(*cell), &value, &approved, &expected];
            write(&mut out, line)?;
        }
    }
    let bytes = out.into_inner().map_err(|error| fault(&error))?;
    let name = format!("so-lieu-{}-{}.csv", kernel::text::slug(&dx, 40), told.period.id());
    visit.made(Made { kind: "text/csv; charset=utf-8", name: Some(name), bytes })
}
