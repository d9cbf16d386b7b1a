//! Logs and metrics. Logs carry ids, never names, phone numbers or what people wrote.
//! What crosses the bridge is told apart on standard output, for whoever watches the demonstration.

use std::sync::OnceLock;

use kernel::axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logging to standard error, crossings to standard output, and the metrics recorder.
pub fn start() {
    let filter = EnvFilter::try_from_env("NHIPCAU_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,nhipcau=info,delivery=info,sqlx::pool=error"));
    let crossings = fmt::layer()
        .without_time()
        .with_level(false)
        .with_target(false)
        .with_ansi(false)
        .with_writer(std::io::stdout)
        .with_filter(filter_fn(|about| about.target() == "crossing"));
    let log = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_filter(filter)
        .with_filter(filter_fn(|about| about.target() != "crossing"));
    let _ = tracing_subscriber::registry().with(crossings).with(log).try_init();
    if let Ok(handle) = PrometheusBuilder::new().install_recorder() {
        let _ = METRICS.set(handle);
    }
}

/// `/metrics` in Prometheus text. Operators keep it from the public at their proxy; on a connection
/// that does not come from this machine it answers 404.
pub fn metrics_route() -> Router {
    async fn show(request: kernel::axum::extract::Request) -> kernel::axum::response::Response {
        let local = request
            .extensions()
            .get::<kernel::web::Connected>()
            .is_some_and(|at| at.peer.is_loopback());
        match METRICS.get() {
            Some(handle) if local => handle.render().into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }
    Router::new().route("/metrics", get(show))
}

/// Resident memory of this process in bytes; 0 where the system does not tell.
pub fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
