//! Figures in their millions: how long they take to save, to count, to read; what a whole country that hands
//! in its reports at once does to one machine. The figures are invented by a stated law and say so.
//!
//! The law: 300 data elements × (total, women, minority) = 900 cells a month for every commune of the country;
//! the amount of cell `c` of commune `p` in month `m` is `(c·7919 + p·104729 + m·1299709) mod 1000`; one cell in
//! 97 says that nothing occurred, one in 193 that nobody knows. 36 million figures are twelve months.

mod wire;

use std::{collections::BTreeMap, time::Instant};

use areas::{AreaId, AreaLevel};
use kernel::{
    app::AppRef,
    caller::{Caller, Person},
    clock::Day,
    db::{Db, Tx},
    problem::{Failure, Outcome},
    records::{Incoming, NodeId},
    scope::ScopePath,
};
use reporting::{
    actions::{
        catalogue::{self, kind},
        content::Content,
        counts,
        entry::{Changes, Which, save},
        figures::Edit,
        import::Importer,
        obligations,
    },
    model::{
        CellKey, CellState, Coords, DataElement, Dataset, DatasetId, Life, Period, Tier,
        dataset::{Deadline, DueRule, DueWhat},
        element::Mark,
        form::{FixedTable, Form, Section, SectionBody, TableColumn, TableRow},
    },
};
use serde_json::{Value, json};

use super::{areas::Folder, spread};
use crate::{cli::NodeArgs, config::Config, start::start};

const ELEMENTS: usize = 300;
const DATASET: &str = "do-tai";
/// Columns of the form: the total and two parts.
const COLUMNS: [&str; 3] = ["", "gt=nu", "dtts=dtts"];
/// Cells of one report.
const CELLS: usize = ELEMENTS * COLUMNS.len();

/// Measures on SQLite, and on PostgreSQL when there is one.
pub async fn measure(url: Option<&str>, figures: u64, quick: bool) -> Outcome<Value> {
    let sqlite = on_engine(None, figures, quick).await?;
    let postgres = match url {
        Some(url) => on_engine(Some(url), figures, quick).await?,
        None => Value::Null,
    };
    Ok(json!({ "figures_asked": figures, "sqlite": sqlite, "postgres": postgres }))
}

struct Country {
    app: AppRef,
    dataset: Dataset,
    communes: Vec<(AreaId, ScopePath)>,
    cells: Vec<CellKey>,
    months: Vec<Period>,
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn on_engine(url: Option<&str>, figures: u64, quick: bool) -> Outcome<Value> {
    let folder = Folder::fresh("reporting")?;
    let config =
        Config { database_url: url.map(str::to_owned), ..NodeArgs::at(&folder.0).config() };
    let app = start(&config).await?;
    let country = settle(app, figures).await?;
    let begun = Instant::now();
    let written = fill(&country, figures).await?;
    let fill_s = begun.elapsed().as_secs_f64();
    eprintln!("{written} figures in {fill_s:.0} s");
    let size = std::fs::metadata(folder.0.join("nhipcau.db")).map_or(0, |about| about.len());
    let queries = queries(&country, if quick { 5 } else { 40 }).await?;
    let saving = saving(&country, if quick { 10 } else { 200 }).await?;
    let storm = storm(&country).await?;
    let begun = Instant::now();
    let same = counts::are_true(&country.app.db).await?;
    let compare_s = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let lines = counts::rebuild(&country.app.db).await?;
    let rebuild_s = begun.elapsed().as_secs_f64();
    let still = counts::are_true(&country.app.db).await?;
    let report = wire::one_report(&country)?;
    country.app.db.close().await;
    Ok(json!({
        "figures": written,
        "fill": { "seconds": fill_s, "per_second": rate(written, fill_s) },
        "file_bytes": size,
        "queries": queries,
        "save_200_cells": saving,
        "storm": storm,
        "live_counts_equal_a_recount": same && still,
        "recount_and_compare_s": compare_s,
        "rebuild": { "seconds": rebuild_s, "counts": lines },
        "one_report": report,
        "resident_bytes": crate::logging::resident_bytes(),
    }))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is printed, not counted with"
)]
fn rate(count: u64, seconds: f64) -> u64 {
    (count as f64 / seconds.max(0.001)) as u64
}

/// The country with the data set that is measured.
async fn settle(app: AppRef, figures: u64) -> Outcome<Country> {
    let elements: Vec<DataElement> = (0..ELEMENTS).map(element).collect();
    let dataset = dataset()?;
    let mut shipped = Vec::new();
    for one in &elements {
        shipped.push(catalogue::definition(
            kind::ELEMENT,
            one.code.as_str(),
            1,
            one,
            "shipped",
            "",
        )?);
    }
    shipped.push(catalogue::definition(kind::DATASET, DATASET, 1, &dataset, "shipped", "")?);
    shipped.push(catalogue::definition(
        kind::FORM,
        DATASET,
        1,
        &form(&elements, &dataset),
        "shipped",
        "",
    )?);
    catalogue::plant(&app.db, shipped).await?;
    let root = ScopePath::root();
    let (from, until) = (day(2026, 1, 1)?, day(2026, 1, 2)?);
    let units = app
        .db
        .view(
            async |tx| Ok(areas::units_between(tx, AreaLevel::Commune, &root, from, until).await?),
        )
        .await?;
    let communes: Vec<_> = units.into_iter().map(|unit| (unit.id, unit.path)).collect();
    let per_month = (communes.len() * CELLS) as u64;
    let months = usize::try_from(figures.div_ceil(per_month)).unwrap_or(12).clamp(1, 60);
    let last =
        Period::parse("nd09m-2026-10").ok_or_else(|| Failure::fault("measure", "no month"))?;
    let months = last.last_n(u16::try_from(months).unwrap_or(12));
    let cells = elements
        .iter()
        .flat_map(|one| COLUMNS.iter().filter_map(|text| one.cell(Coords::parse(text)?)))
        .collect();
    Ok(Country { app, dataset, communes, cells, months })
}

fn day(year: i16, month: i8, day: i8) -> Outcome<Day> {
    Day::new(year, month, day).ok_or_else(|| Failure::fault("measure", "no such day"))
}

fn element(at: usize) -> DataElement {
    DataElement {
        code: kernel::ids::Id::from_text(format!("dt{at:03}")),
        name: format!("Chỉ tiêu đo tải số {at}"),
        unit: "nguoi".to_owned(),
        decimals: 0,
        law: areas::view::Law::Additive,
        dimensions: vec!["gt".to_owned(), "dtts".to_owned()],
        component: None,
        sheet: reporting::model::element::Sheet::default(),
        mark: Mark::Derived,
    }
}

fn dataset() -> Outcome<Dataset> {
    Ok(Dataset {
        code: DatasetId::parse(DATASET).ok_or_else(|| Failure::fault("measure", "no data set"))?,
        title: "Biểu đo tải".to_owned(),
        scheme: "nd09m".to_owned(),
        tier: Tier::Commune,
        component: None,
        estimated: false,
        deadlines: vec![Deadline {
            tier: Tier::Commune,
            life: Life::Final,
            what: DueWhat::Submission,
            due: DueRule::AfterClose { days: 2 },
        }],
        from: day(2020, 1, 1)?,
        // Nobody is asked for it but by this measurement.
        until: day(2020, 1, 1)?,
        areas: Vec::new(),
        basis: String::new(),
        mark: Mark::Derived,
    })
}

fn form(elements: &[DataElement], dataset: &Dataset) -> Form {
    let column = |text: &&str| TableColumn {
        title: (*text).to_owned(),
        coords: Coords::parse(text).unwrap_or_default(),
    };
    let row = |one: &DataElement| TableRow {
        number: String::new(),
        label: String::new(),
        element: Some(one.code.clone()),
        coords: Coords::total(),
        indent: 0,
        without: Vec::new(),
        required: false,
    };
    let table = FixedTable {
        columns: COLUMNS.iter().map(column).collect(),
        rows: elements.iter().map(row).collect(),
        details: Vec::new(),
    };
    let section = Section {
        code: "a".to_owned(),
        title: "Số liệu".to_owned(),
        hint: String::new(),
        body: SectionBody::Table(table),
    };
    Form {
        dataset: dataset.code.clone(),
        version: 1,
        title: dataset.title.clone(),
        basis: String::new(),
        sections: vec![section],
        rules: Vec::new(),
    }
}

/// The stated law.
fn state(cell: usize, place: usize, month: usize) -> CellState {
    let mixed = cell * 7_919 + place * 104_729 + month * 1_299_709;
    if mixed.is_multiple_of(97) {
        CellState::Nil("không phát sinh".to_owned())
    } else if mixed.is_multiple_of(193) {
        CellState::NoData("chưa rà soát".to_owned())
    } else {
        CellState::Value(i64::try_from(mixed % 1_000).unwrap_or(0))
    }
}

fn report(country: &Country, place: usize, month: usize) -> BTreeMap<CellKey, CellState> {
    let figure = |(at, key): (usize, &CellKey)| (key.clone(), state(at, place, month));
    country.cells.iter().enumerate().map(figure).collect()
}

/// Writes month after month, commune after commune, by the way every import takes.
async fn fill(country: &Country, figures: u64) -> Outcome<u64> {
    let mut written = 0_u64;
    let db = &country.app.db;
    let places: Vec<usize> = (0..country.communes.len()).collect();
    for (m, month) in country.months.iter().enumerate() {
        for chunk in places.chunks(40) {
            if written >= figures {
                return Ok(written);
            }
            let count = db
                .change(async |tx| {
                    let who = ("he-thong", "Đo tải");
                    let mut importer = Importer::begin(tx, DATASET, who, &country.communes).await?;
                    let mut count = 0_usize;
                    for place in chunk {
                        let figures = report(country, *place, m);
                        let area = &country.communes[*place].0;
                        let (wrote, _) =
                            importer.write(tx, area, month, Life::Final, &figures).await?;
                        count += wrote;
                    }
                    Ok(count)
                })
                .await?;
            written += count as u64;
        }
    }
    Ok(written)
}

/// The shapes of questions that DHIS2's own load test asks, over live counts.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn queries(country: &Country, rounds: usize) -> Outcome<Value> {
    let db = &country.app.db;
    let months: Vec<String> = country.months.iter().map(|one| one.id().to_owned()).collect();
    let last = months[months.len().saturating_sub(1)..].to_vec();
    let half = months[months.len().saturating_sub(6)..].to_vec();
    let shapes: [(&str, usize, &[String]); 8] = [
        ("1 element × 1 month × provinces", 1, &last),
        ("1 element × 12 months × provinces", 1, &months),
        ("2 elements × 12 months × provinces", 2, &months),
        ("3 elements × 6 months × provinces", 3, &half),
        ("4 elements × 1 month × provinces", 4, &last),
        ("5 elements × 12 months × provinces", 5, &months),
        ("7 elements × 12 months × provinces", 7, &months),
        ("10 elements × 12 months × provinces", 10, &months),
    ];
    let mut all = Vec::new();
    let mut by_shape = serde_json::Map::new();
    for (name, elements, periods) in shapes {
        let mut millis = Vec::new();
        for round in 0..rounds {
            let asked = Instant::now();
            db.view(async |tx| {
                for at in 0..elements {
                    let key = &country.cells[(round * 31 + at * 3) % country.cells.len()];
                    counts::sums(tx, key, periods, Life::Final).await?;
                }
                Ok(())
            })
            .await?;
            millis.push(asked.elapsed().as_secs_f64() * 1000.0);
        }
        all.extend(millis.iter().copied());
        by_shape.insert(name.to_owned(), spread(millis));
    }
    by_shape.insert("all".to_owned(), spread(all));
    Ok(Value::Object(by_shape))
}

fn officer(path: &ScopePath, now: kernel::clock::Timestamp) -> Caller {
    let person = Person { id: "do-tai".to_owned(), name: "Đo tải".to_owned() };
    let grant = |role: &str| kernel::caller::Grant {
        role: role.to_owned(),
        scope: path.clone(),
        from: Day::new(2020, 1, 1).unwrap_or(Day::FOREVER),
        until: Day::FOREVER,
    };
    Caller::person(person, vec![grant("commune_officer"), grant("commune_leader")], now)
}

/// Saving 200 cells of a report that is there already, and how soon the province's count shows them.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn saving(country: &Country, rounds: usize) -> Outcome<Value> {
    let (mut saves, mut seen) = (Vec::new(), Vec::new());
    let month = &country.months[0];
    for round in 0..rounds {
        let place = (round * 13) % country.communes.len();
        let (area, path) = &country.communes[place];
        let which = which(country, area, month);
        let edits: Vec<Edit> = country.cells[..200]
            .iter()
            .map(|key| Edit {
                key: key.clone(),
                base: 1,
                state: Some(CellState::Value(i64::try_from(round).unwrap_or(0) + 1_000)),
            })
            .collect();
        let caller = officer(path, country.app.now());
        let begun = Instant::now();
        let done =
            save(&country.app, &caller, &which, Changes { edits, ..Changes::default() }).await?;
        saves.push(begun.elapsed().as_secs_f64() * 1000.0);
        if done.cells.len() != 200 {
            return Err(Failure::fault("measure", "not every cell was saved"));
        }
        let asked = Instant::now();
        let period = [month.id().to_owned()];
        country
            .app
            .db
            .view(async |tx| counts::sums(tx, &country.cells[0], &period, Life::Final).await)
            .await?;
        seen.push(asked.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(json!({ "saved": spread(saves), "then_read_from_the_count": spread(seen) }))
}

fn which(country: &Country, area: &AreaId, month: &Period) -> Which {
    Which {
        dataset: country.dataset.code.clone(),
        period: month.id().to_owned(),
        life: Life::Final,
        area: area.clone(),
    }
}

/// Every commune of the country hands in the next month's report, as fast as this machine takes them: what a
/// deadline does. Then everything is counted: nothing may be missing.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and drives many writers"
)]
async fn storm(country: &Country) -> Outcome<Value> {
    let last = country.months.last().ok_or_else(|| Failure::fault("measure", "no month"))?;
    let month = last.next().ok_or_else(|| Failure::fault("measure", "no next month"))?;
    let db = country.app.db.clone();
    let everywhere = ScopePath::root();
    db.change(async |tx| {
        let all = catalogue::read(tx).await?;
        obligations::make(tx, &all, &country.dataset, &month, &everywhere).await
    })
    .await?;
    let m = country.months.len();
    let mut bodies = Vec::with_capacity(country.communes.len());
    for (at, (area, path)) in country.communes.iter().enumerate() {
        let figures = report(country, at, m).into_iter().take(200).collect();
        bodies.push((path.clone(), handed_in(country, area, &month, figures)?));
    }
    let expected: i64 =
        country.communes.iter().enumerate().filter_map(|(at, _)| state(0, at, m).amount()).sum();
    let begun = Instant::now();
    let mut writers = Vec::new();
    let share = bodies.len().div_ceil(16);
    let mut left = bodies.into_iter().peekable();
    while left.peek().is_some() {
        let mine: Vec<_> = left.by_ref().take(share).collect();
        let db = db.clone();
        writers.push(tokio::spawn(async move { hand_in(&db, mine).await }));
    }
    let mut millis = Vec::new();
    for writer in writers {
        let done = writer.await.map_err(|error| Failure::fault("drive the storm", error))?;
        millis.extend(done?);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let period = [month.id().to_owned()];
    let (sum, reported) = db
        .view(async |tx: &mut Tx| {
            let sums = counts::sums(tx, &country.cells[0], &period, Life::Final).await?;
            let rates = counts::rates(tx, DATASET, Life::Final, &period).await?;
            let sum: i64 = sums.iter().map(|one| one.sum).sum();
            let reported: i64 = rates.iter().map(|(_, rate)| rate.reported).sum();
            Ok((sum, reported))
        })
        .await?;
    Ok(json!({
        "reports": millis.len(),
        "cells_each": 200,
        "writers": 16,
        "seconds": elapsed,
        "per_second": rate(millis.len() as u64, elapsed),
        "each": spread(millis),
        "reported_by_the_count": reported,
        "nothing_lost": sum == expected && reported == i64::try_from(country.communes.len()).unwrap_or(0),
    }))
}

/// One report as a point sends it.
fn handed_in(
    country: &Country,
    area: &AreaId,
    month: &Period,
    figures: BTreeMap<CellKey, CellState>,
) -> Outcome<Vec<u8>> {
    let which = which(country, area, month);
    let mut by_element: BTreeMap<String, BTreeMap<String, CellState>> = BTreeMap::new();
    for (key, state) in figures {
        by_element.entry(key.element.to_string()).or_default().insert(key.coords.text(), state);
    }
    let content = Content {
        dataset: DATASET.to_owned(),
        form_version: 1,
        area: area.to_string(),
        period: month.id().to_owned(),
        revision: 1,
        certified: Some(("Chủ tịch xã".to_owned(), 1_795_330_000_000)),
        submitted: Some(("Chủ tịch xã".to_owned(), 1_795_330_100_000)),
        figures: by_element,
        ..Content::default()
    };
    reporting::piece(&which.id(), 1, &content.encode()?)
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn hand_in(db: &Db, reports: Vec<(ScopePath, Vec<u8>)>) -> Outcome<Vec<f64>> {
    let module = reporting::module();
    let known = module.records.iter().find(|one| one.kind == 60);
    let apply = known.ok_or_else(|| Failure::fault("measure", "no kind"))?.apply;
    let mut millis = Vec::with_capacity(reports.len());
    for (seq, (scope, body)) in (1_u64..).zip(reports) {
        let record = Incoming {
            origin: NodeId([9; 16]),
            scope,
            former: Vec::new(),
            inherited: Vec::new(),
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
