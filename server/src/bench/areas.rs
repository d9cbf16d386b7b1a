//! How long the whole country takes to load, and how fast an area is found in all old and new names
//! while somebody writes.

use std::time::{Duration, Instant};

use kernel::{db::Db, problem::Outcome};
use serde_json::{Value, json};

use super::spread;
use crate::{cli::NodeArgs, config::Config, modules::modules, start::open_database};

/// What people type: with and without marks, other tone places, codes, old addresses, slips.
const QUERIES: &[&str] = &[
    "phu thong",
    "Lục Bình",
    "vi huong bach thong",
    "Hoà Bình",
    "hòa bình",
    "01969",
    "dak lak",
    "Đắk Lắk",
    "xã tân",
    "phường 1",
    "thi tran",
    "luc binh bach thong bac kan",
    "Buôn Ma Thuột",
    "trường sa",
    "an",
    "nguyễn",
    "quang ngai ly son",
    "khong co noi nay",
    "Cao Bằng",
    "mường nhé điện biên",
];

pub async fn measure(database_url: Option<&str>, quick: bool) -> Outcome<Value> {
    let sqlite = on_engine(None, quick).await?;
    let postgres = match database_url {
        Some(url) => on_engine(Some(url), quick).await?,
        None => Value::Null,
    };
    Ok(json!({ "sqlite": sqlite, "postgres": postgres }))
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn on_engine(url: Option<&str>, quick: bool) -> Outcome<Value> {
    let folder = Folder::fresh("areas")?;
    let config =
        Config { database_url: url.map(str::to_owned), ..NodeArgs::at(&folder.0).config() };
    let db = open_database(&config).await?;
    let migrations: Vec<_> =
        modules().iter().flat_map(|module| module.migrations).copied().collect();
    db.migrate(&migrations).await?;
    let begun = Instant::now();
    areas::reference::load(&db).await?;
    let load_ms = begun.elapsed().as_millis();
    let again = Instant::now();
    areas::reference::load(&db).await?;
    let second_ms = again.elapsed().as_millis();
    let size = std::fs::metadata(folder.0.join("nhipcau.db")).map_or(0, |about| about.len());
    let conversion = super::view::measure(&db, quick).await?;
    let rounds = if quick { 5 } else { 100 };
    let (millis, writes) = search_while_writing(&db, rounds).await?;
    db.close().await;
    Ok(json!({
        "load_ms": load_ms,
        "second_start_ms": second_ms,
        "file_bytes": size,
        "search": spread(millis.iter().map(|(_, ms)| *ms).collect()),
        "search_slowest": slowest(&millis),
        "conversion": conversion,
        "writes_meanwhile": writes,
        "reorganisation_2025": super::decrees::measure(url).await?,
    }))
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock and writes beside it")]
async fn search_while_writing(db: &Db, rounds: usize) -> Outcome<(Vec<(&'static str, f64)>, u64)> {
    let writer = db.clone();
    let writing = tokio::spawn(async move {
        let mut count = 0_u64;
        loop {
            // Any small durable write will do; this one also moves the page cache's generation.
            let wrote =
                writer.change(async |tx| Ok(kernel::records::begin_new_epoch(tx, 0).await?)).await;
            if wrote.is_err() {
                return;
            }
            count += 1;
            if count.is_multiple_of(8) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            WRITES.store(count, std::sync::atomic::Ordering::SeqCst);
        }
    });
    let mut millis: Vec<(&str, f64)> = Vec::new();
    for _ in 0..rounds {
        for text in QUERIES {
            let query = areas::Query { text: (*text).to_owned(), level: None, at: None, limit: 10 };
            let asked = Instant::now();
            db.view(async |tx| Ok(areas::search(tx, &query).await?)).await?;
            millis.push((text, asked.elapsed().as_secs_f64() * 1000.0));
        }
    }
    writing.abort();
    Ok((millis, WRITES.load(std::sync::atomic::Ordering::SeqCst)))
}

/// The question whose middle answer took longest, and how long that was.
fn slowest(millis: &[(&'static str, f64)]) -> Value {
    let of = |text: &str| {
        let times = millis.iter().filter(|(asked, _)| *asked == text).map(|(_, ms)| *ms);
        spread(times.collect())
    };
    let middle = |times: &Value| times["p50_ms"].as_f64().unwrap_or_default();
    let all = QUERIES.iter().map(|text| (*text, of(text)));
    let worst = all.max_by(|one, other| middle(&one.1).total_cmp(&middle(&other.1)));
    worst.map_or(Value::Null, |(text, times)| json!({ "asked": text, "times": times }))
}

static WRITES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

/// A folder that is removed when dropped.
pub struct Folder(pub std::path::PathBuf);

impl Folder {
    /// A fresh one under the system's temporary folder.
    pub fn fresh(name: &str) -> Outcome<Self> {
        let unique = kernel::chance::hex(&kernel::chance::Chance::system().bytes::<6>());
        let folder = std::env::temp_dir().join(format!("nhipcau-bench-{name}-{unique}"));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
