//! Measurements that anybody can repeat: `nhipcau bench sync|areas|pages|reporting --json`. Figures of bytes are
//! the same on every machine; times are this machine's, and say so.

mod areas;
mod decrees;
mod load;
mod pages;
mod process;
mod reporting;
mod sync;
mod view;

use kernel::problem::{Failure, Outcome};
use serde_json::{Value, json};

pub use reporting::{PARTS as REPORTING_PARTS, Wanted as ReportingWanted};
pub use sync::bytes_on_wire;

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// Bytes on the wire, waste at cuts, times over bad links.
    Sync,
    /// Loading the whole country, search over all old and new names, figures carried over.
    Areas,
    /// Millions of figures: saving, counting, reading, a deadline for the whole country.
    Reporting,
    /// Page weights, requests per second beside nginx, memory, cold start.
    Pages,
}

/// Measures and prints.
pub async fn run(
    what: What,
    as_json: bool,
    database_url: Option<String>,
    wanted: &ReportingWanted,
) -> Outcome<()> {
    let quick = wanted.quick;
    let figures = match what {
        What::Sync => sync::measure(quick).await?,
        What::Areas => areas::measure(database_url.as_deref(), quick).await?,
        What::Reporting => reporting::measure(database_url.as_deref(), wanted).await?,
        What::Pages => pages::measure(quick).await?,
    };
    let report = json!({ "bench": format!("{what:?}").to_lowercase(), "machine": machine(), "figures": figures });
    if as_json {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|error| Failure::fault("print figures", error))?;
        println!("{text}");
    } else {
        print_plainly("", &report);
    }
    Ok(())
}

fn machine() -> Value {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory =
        memory.lines().next().unwrap_or_default().trim_start_matches("MemTotal:").trim().to_owned();
    json!({ "cpus": cpus, "memory": memory, "release": !cfg!(debug_assertions), "version": env!("CARGO_PKG_VERSION") })
}

/// `sync.one_item.bytes  612`, a line each.
fn print_plainly(path: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                print_plainly(&path, value);
            }
        }
        other => println!("{path:<60} {other}"),
    }
}

/// Middle, 95th and 99th hundredth, and worst of some times, in milliseconds.
fn spread(mut millis: Vec<f64>) -> Value {
    millis.sort_by(f64::total_cmp);
    let at = |part: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let index = ((millis.len() as f64 - 1.0) * part).round().max(0.0) as usize;
        millis.get(index).map(|ms| (ms * 1000.0).round() / 1000.0)
    };
    json!({ "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "worst_ms": at(1.0), "count": millis.len() })
}
