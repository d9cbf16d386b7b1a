//! Conversions for programs: the flow between two days, and figures carried over. Amounts are told as
//! decimal text (`"1234.5"`), so that nothing is lost to floating point on the way.

use std::collections::HashMap;

use kernel::{
    axum::{body::Bytes, extract::Query as Params},
    problem::{BAD_REQUEST, Failure, FormProblems, Outcome},
    web::{Answer, Visit, json},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json as object};

use crate::{
    actions::view::{WantedSpan, conversion},
    model::{
        AreaId,
        view::{
            Bases, Conversion, Decimal, Figure, Fraction, Law, Notation, Quality, Seen, Share,
            View, plain_text,
        },
    },
};

#[derive(Serialize)]
struct Flows {
    from: String,
    to: String,
    of: &'static str,
    level: &'static str,
    sources: usize,
    targets: usize,
    /// Units that are the same on both days are left out: they keep their figures.
    #[serde(rename = "flows")]
    changed: Vec<Flow>,
}

#[derive(Serialize)]
struct Flow {
    from: AreaId,
    /// None: not known to lie anywhere.
    to: Option<AreaId>,
    share: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Fraction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<Bases>,
}

/// `GET /api/v1/areas/flows?from=&to=&level=&of=`
pub async fn flows(visit: Visit, Params(wanted): Params<WantedSpan>) -> Answer {
    let made = visit.app.db.view(async |tx| conversion(tx, &wanted).await).await?;
    let changed = made
        .flows()
        .filter(|(source, target, _)| target.is_none_or(|target| target.id != source.id));
    let changed = changed.map(|(source, target, link)| {
        let (share, weight, basis) = told(link.share);
        Flow { from: source.id.clone(), to: target.map(|it| it.id.clone()), share, weight, basis }
    });
    json(&Flows {
        from: made.span.from.iso(),
        to: made.span.to.iso(),
        of: made.span.of.code(),
        level: made.span.by.code(),
        sources: made.sources().len(),
        targets: made.targets().len(),
        changed: changed.collect(),
    })
}

fn told(share: Share) -> (&'static str, Option<Fraction>, Option<Bases>) {
    match share {
        Share::Whole => ("whole", None, None),
        Share::Part { fraction, bases } => ("part", Some(fraction), Some(bases)),
        Share::Unknown => ("unknown", None, None),
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(flatten)]
    span: WantedSpan,
    law: String,
    figures: Vec<Map<String, Value>>,
}

/// Figures in one call.
const FIGURES_MAX: usize = 60_000;
/// Problems told at once.
const PROBLEMS_MAX: usize = 100;

/// `POST /api/v1/areas/convert`: `{from, to, level, of?, law, figures: [{unit, value} | {unit, numerator,
/// denominator} | {unit, sum, n} | {unit, text}]}`.
pub async fn convert(visit: Visit, body: Bytes) -> Answer {
    let asked: Asked = serde_json::from_slice(&body).map_err(|_| Failure::from(&BAD_REQUEST))?;
    let made = visit.app.db.view(async |tx| conversion(tx, &asked.span).await).await?;
    let (law, scale, figures) = read(&asked, &made)?;
    let view = made.apply(law, &figures).map_err(|error| Failure::fault("convert", error))?;
    json(&answer(&made, &view, law, scale))
}

type Given = HashMap<AreaId, Figure>;

/// Two numbers (the second a zero where the law has one), or a text.
enum Cell {
    Numbers(Decimal, Option<Decimal>),
    Text(String),
}

fn read(asked: &Asked, made: &Conversion) -> Outcome<(Law, u32, Given)> {
    let mut problems = FormProblems::new();
    let law = Law::from_code(&asked.law);
    problems.require(law.is_some(), "law", "areas-convert-law");
    problems.require(asked.figures.len() <= FIGURES_MAX, "figures", "areas-convert-many");
    problems.check()?;
    let law = law.ok_or_else(|| Failure::from(&BAD_REQUEST))?;
    let mut problems = FormProblems::new();
    let mut wrong = 0;
    let mut cells: HashMap<AreaId, Cell> = HashMap::new();
    for (at, row) in asked.figures.iter().enumerate() {
        let unit = row.get("unit").and_then(Value::as_str).and_then(AreaId::parse);
        let unit = unit.filter(|unit| made.source(unit).is_some());
        let key = match (&unit, cell(law, row)) {
            (None, _) => "areas-convert-stranger",
            (Some(_), None) => "areas-convert-figure",
            (Some(unit), Some(_)) if cells.contains_key(unit) => "areas-convert-twice",
            (Some(unit), Some(cell)) => {
                cells.insert(unit.clone(), cell);
                continue;
            }
        };
        wrong += 1;
        if wrong <= PROBLEMS_MAX {
            problems.add(format!("figures.{at}"), key);
        }
    }
    problems.check()?;
    let decimals = |cell: &Cell| match cell {
        Cell::Numbers(first, second) => first.decimals().max(second.map_or(0, Decimal::decimals)),
        Cell::Text(_) => 0,
    };
    let scale = cells.values().map(decimals).max().unwrap_or(0);
    let mut problems = FormProblems::new();
    let mut figures = HashMap::new();
    for (unit, cell) in cells {
        let Some(figure) = figure(law, &cell, scale) else {
            problems.add("figures", "areas-convert-figure");
            break;
        };
        figures.insert(unit, figure);
    }
    problems.check()?;
    Ok((law, scale, figures))
}

fn cell(law: Law, row: &Map<String, Value>) -> Option<Cell> {
    let number = |name: &str| {
        let text = match row.get(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Decimal::parse(&text, Notation::Plain)
    };
    let not_negative = |it: &Decimal| it.at_scale(it.decimals()).is_some_and(|it| it >= 0);
    match law {
        Law::Additive | Law::Stock => Some(Cell::Numbers(number("value")?, None)),
        Law::Ratio => {
            let below = number("denominator").filter(not_negative)?;
            Some(Cell::Numbers(number("numerator")?, Some(below)))
        }
        Law::Mean => Some(Cell::Numbers(number("sum")?, Some(number("n").filter(not_negative)?))),
        Law::NonAdditive => {
            let text = row.get("text")?.as_str()?;
            Some(Cell::Text(kernel::text::tidy(text)))
        }
    }
}

fn figure(law: Law, cell: &Cell, scale: u32) -> Option<Figure> {
    let (first, second) = match cell {
        Cell::Text(text) => return Some(Figure::Text(text.clone())),
        Cell::Numbers(first, second) => {
            (first.at_scale(scale)?, second.map(|it| it.at_scale(scale)))
        }
    };
    Some(match law {
        Law::Ratio => Figure::Ratio { numerator: first, denominator: second?? },
        Law::Mean => Figure::Mean { sum: first, n: second?? },
        _ => Figure::Amount(first),
    })
}

fn answer(made: &Conversion, view: &View<'_>, law: Law, scale: u32) -> Value {
    let told = |figure: Option<&Figure>| figure.map(|it| spoken(it, scale));
    let results = view.results.iter().filter(|seen| seen.reported > 0);
    let together = view.together.iter().map(|group| {
        object!({
            "units": group.units,
            "beyond": group.beyond,
            "figure": spoken(&group.figure, scale),
            "exact": group.exact,
            "reported": group.reported,
            "sources": group.sources,
        })
    });
    object!({
        "from": made.span.from.iso(),
        "to": made.span.to.iso(),
        "of": made.span.of.code(),
        "level": made.span.by.code(),
        "law": law.code(),
        "results": results.map(|seen| result(view, seen, scale)).collect::<Vec<_>>(),
        "together": together.collect::<Vec<_>>(),
        "sum_of_sources": told(view.sum_of_sources().as_ref()),
        "sum_of_results": told(view.sum_of_results().as_ref()),
        "sum_together": told(view.sum_together().as_ref()),
    })
}

fn result(view: &View<'_>, seen: &Seen, scale: u32) -> Value {
    let figure = |figure: &Option<Figure>| figure.as_ref().map(|it| spoken(it, scale));
    let (basis, why, low, high) = match &seen.quality {
        Quality::Exact => (None, None, None, None),
        Quality::Estimated { bases, low, high } => (Some(*bases), None, figure(low), figure(high)),
        Quality::Undefined { why, low, high } => (None, Some(*why), figure(low), figure(high)),
    };
    let sources = view.sources(&seen.unit).into_iter().map(|source| {
        let (share, weight, basis) = told(source.share);
        object!({
            "unit": source.place.id,
            "figure": figure(&source.figure),
            "part": figure(&source.part),
            "share": share,
            "weight": weight,
            "basis": basis,
            "events": source.events.iter().map(|event| &event.id).collect::<Vec<_>>(),
        })
    });
    object!({
        "unit": seen.unit,
        "figure": figure(&seen.figure),
        "quality": seen.quality.grade(),
        "basis": basis,
        "why": why,
        "low": low,
        "high": high,
        "reported": seen.reported,
        "sources": sources.collect::<Vec<_>>(),
    })
}

fn spoken(figure: &Figure, scale: u32) -> Value {
    match figure {
        Figure::Amount(amount) => object!({ "value": plain_text(*amount, scale) }),
        Figure::Ratio { numerator, denominator } => object!({
            "numerator": plain_text(*numerator, scale), "denominator": plain_text(*denominator, scale),
        }),
        Figure::Mean { sum, n } => {
            object!({ "sum": plain_text(*sum, scale), "n": plain_text(*n, scale) })
        }
        Figure::Text(text) => object!({ "text": text }),
    }
}
