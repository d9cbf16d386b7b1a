//! Figures in their millions: how long they take to save, to count, to read; what a whole country that hands
//! in its reports at once does to one machine. The figures are invented by a stated law (`country`) and say so.

mod country;
mod exchange;
mod floor;
mod openrosa;
mod pages;
mod point;
mod saving;
mod shapes;
mod site;
mod sparse;
mod storm;
mod wire;

use std::{path::PathBuf, time::Instant};

use kernel::problem::Outcome;
use reporting::actions::{catalogue, counts, measure, obligations};
use serde_json::{Value, json};

use self::{country::Country, site::Site};
use super::areas::Folder;
use crate::{cli::NodeArgs, config::Config, start::start};

/// What is measured, by the names under which it is told.
pub const PARTS: [&str; 12] = [
    "shapes",
    "floor",
    "pages",
    "save_200_cells",
    "freshness",
    "storm",
    "sparse",
    "exchange",
    "counting",
    "one_report",
    "openrosa",
    "point",
];

/// What is wanted of a measurement.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// So many figures.
    pub figures: u64,
    /// Fewer rounds.
    pub quick: bool,
    /// The database of the measurement: kept, and filled only with what is missing. A folder of its own that is
    /// removed afterwards when none.
    pub data: Option<PathBuf>,
    /// Where to write what another engine needs to make the same figures.
    pub export: Option<PathBuf>,
    /// Of [`PARTS`] those that are measured; all when none are named.
    pub only: Vec<String>,
}

impl Wanted {
    fn asks_for(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|one| one == part)
    }
}

/// Measures on SQLite, or on PostgreSQL when its address is given.
pub async fn measure(url: Option<&str>, wanted: &Wanted) -> Outcome<Value> {
    let measured = on_engine(url, wanted).await?;
    let point =
        if wanted.asks_for("point") { point::measure(wanted.quick).await? } else { Value::Null };
    let engine = if url.is_some() { "postgresql" } else { "sqlite" };
    Ok(
        json!({ "figures_asked": wanted.figures, "engine": engine, "measured": measured, "point": point }),
    )
}

/// How busy the machine is: other people's work stands beside every figure.
fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn on_engine(url: Option<&str>, wanted: &Wanted) -> Outcome<Value> {
    let fresh = Folder::fresh("reporting")?;
    let data = wanted.data.clone().unwrap_or_else(|| fresh.0.clone());
    let config = Config { database_url: url.map(str::to_owned), ..NodeArgs::at(&data).config() };
    let country = Country::settle(start(&config).await?).await?;
    if let Some(folder) = &wanted.export {
        country.export(folder)?;
    }
    let db = country.app.db.clone();
    let known = measure::figures(&db).await?;
    let begun = Instant::now();
    let load_before = load();
    let written = country.fill(wanted.figures, known).await?;
    let fill_s = begun.elapsed().as_secs_f64();
    owe(&country).await?;
    eprintln!("{written} figures in {fill_s:.0} s");
    let figures = measure::figures(&db).await?;
    let mut told = serde_json::Map::new();
    told.insert("figures".to_owned(), json!(figures));
    told.insert(
        "fill".to_owned(),
        json!({ "written": written, "seconds": fill_s, "per_second": rate(written, fill_s),
            "load": { "before": load_before, "after": load() } }),
    );
    let bytes = std::fs::metadata(data.join("nhipcau.db")).map_or(0, |about| about.len());
    told.insert("file_bytes".to_owned(), json!(bytes));
    let rounds = if wanted.quick { 5 } else { 40 };
    let begun = Instant::now();
    let site = Site::open(&country.app).await?;
    macro_rules! note {
        ($part:literal, $measured:expr) => {
            if wanted.asks_for($part) {
                let what: Value = $measured;
                eprintln!("{} ({:.0} s): {what}", $part, begun.elapsed().as_secs_f64());
                told.insert($part.to_owned(), json!({ "load": load(), "result": what }));
            }
        };
    }
    note!("shapes", shapes::measure(&country, &site, rounds).await?);
    note!("floor", floor::measure(&country, rounds).await?);
    note!("pages", pages::measure(&country, &site, rounds).await?);
    note!("save_200_cells", saving::measure(&country, rounds * 2).await?);
    note!("freshness", saving::freshness(&country, &site, rounds).await?);
    note!("storm", storm::measure(&country).await?);
    note!("sparse", sparse::measure(&country, &site, rounds).await?);
    let sent = if wanted.quick { 100_000 } else { 2_000_000 };
    note!("exchange", exchange::measure(&country, &site, sent).await?);
    note!("counting", counting(&country).await?);
    note!("one_report", wire::one_report(&country)?);
    // Last: its five thousand questions are no part of the country that is measured.
    note!("openrosa", openrosa::measure(&country, wanted.quick).await?);
    let resident = crate::logging::resident_bytes();
    told.insert("resident_bytes".to_owned(), json!(resident));
    db.close().await;
    Ok(Value::Object(told))
}

/// What is owed for the months with whole reports, so that rates have something to count.
async fn owe(country: &Country) -> Outcome<()> {
    let everywhere = kernel::scope::ScopePath::root();
    for month in &country.months[..country::FULL_MONTHS] {
        country
            .app
            .db
            .change(async |tx| {
                let all = catalogue::read(tx).await?;
                obligations::make(tx, &all, &country.dataset, month, &everywhere).await
            })
            .await?;
    }
    Ok(())
}

/// The live counts beside a recount, thrown away and made anew.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn counting(country: &Country) -> Outcome<Value> {
    let db = &country.app.db;
    let figures = measure::figures(db).await?;
    let begun = Instant::now();
    let same = counts::are_true(db).await?;
    let compare_s = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let lines = counts::rebuild(db).await?;
    let rebuild_s = begun.elapsed().as_secs_f64();
    let still = counts::are_true(db).await?;
    Ok(json!({
        "figures": figures,
        "live_counts_equal_a_recount": same,
        "recount_and_compare_s": compare_s,
        "rebuild_s": rebuild_s,
        "rebuild_s_for_10_million": rebuild_s * 10_000_000.0 / as_number(figures.max(1)),
        "counts": lines,
        "equal_after_the_rebuild": still,
    }))
}

#[expect(clippy::cast_precision_loss, reason = "printed, not counted with")]
fn as_number(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is printed, not counted with"
)]
fn rate(count: u64, seconds: f64) -> u64 {
    (as_number(count) / seconds.max(0.001)) as u64
}
