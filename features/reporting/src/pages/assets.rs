//! The scripts of the page for entry, and the service worker that keeps it at hand. Their text is in `assets/`;
//! what they say to people is in the page.

use std::sync::LazyLock;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        body::Body,
        extract::Path,
        http::{HeaderName, HeaderValue, header},
        response::Response,
        routing::get,
    },
    problem::{Failure, NOT_FOUND},
    web::{Answer, bare_script},
};

use crate::model::amount::{Unit, units};

/// The address of the service worker. Browsers let it serve only what lies below it, unless told otherwise:
/// the list of what is owed stands at `/bao-cao` itself.
pub(crate) const WORKER: &str = "/bao-cao/sw.js";
const WORKER_SCOPE: &str = "/bao-cao";
/// The address of the worker that shows notifications. It keeps no pages, so nothing need lie below it.
pub(crate) const PUSH_WORKER: &str = "/bao-cao/nhac/thong-bao.js";

macro_rules! scripts {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/", $name)),
        )),*]
    };
}

/// Modules name each other by bare neighbours (`./grid.js`), so all of them live under one hash, which changes
/// when any of them does.
static SCRIPTS: LazyLock<(String, Vec<(&str, String)>)> = LazyLock::new(|| {
    let written = scripts![
        "amount.js",
        "checks.js",
        "entry.js",
        "formula.js",
        "grid.js",
        "push.js",
        "queue.js"
    ];
    let mut all: Vec<(&str, String)> =
        written.into_iter().map(|(name, text)| (name, bare_script(text))).collect();
    all.push(("units.js", units_script()));
    let mut hasher = blake3::Hasher::new();
    for (name, text) in &all {
        hasher.update(name.as_bytes()).update(text.as_bytes());
    }
    (hasher.finalize().to_hex()[..10].to_owned(), all)
});

static WORKER_TEXT: LazyLock<String> =
    LazyLock::new(|| bare_script(include_str!("../../assets/sw.js")));

static PUSH_WORKER_TEXT: LazyLock<String> =
    LazyLock::new(|| bare_script(include_str!("../../assets/push-worker.js")));

/// Where the page's script is, for `<script type="module" src>`; its address holds the hash of its content.
pub fn script_href() -> String {
    format!("/bao-cao/tinh/{}/entry.js", SCRIPTS.0)
}

/// The script of the page on which a browser is subscribed.
pub(crate) fn push_script_href() -> String {
    format!("/bao-cao/tinh/{}/push.js", SCRIPTS.0)
}

pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/tinh/{hash}/{name}", get(script))
        .route(WORKER, get(worker))
        .route("/bao-cao/nhac/thong-bao.js", get(push_worker))
}

async fn script(Path((hash, name)): Path<(String, String)>) -> Answer {
    let (ours, all) = &*SCRIPTS;
    let found = all.iter().find(|(known, _)| *known == name);
    let (_, text) = found.ok_or_else(|| Failure::from(&NOT_FOUND))?;
    // A page of an older version gets what there is now, and does not keep it under the old name.
    let keep = if hash == *ours { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(javascript(text, keep))
}

async fn worker() -> Answer {
    let mut response = javascript(&WORKER_TEXT, "no-cache");
    let allowed = HeaderName::from_static("service-worker-allowed");
    response.headers_mut().insert(allowed, HeaderValue::from_static(WORKER_SCOPE));
    Ok(response)
}

async fn push_worker() -> Answer {
    Ok(javascript(&PUSH_WORKER_TEXT, "no-cache"))
}

fn javascript(text: &'static str, keep: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

/// Units as the twin of `read_amount` needs them. What most of them have in common is left out: one of it is one
/// of its kind, and it is written as it is called.
fn units_script() -> String {
    let row = |unit: &Unit| {
        let worth = |number: i128| if number == 1 { String::new() } else { number.to_string() };
        let mut row = vec![
            unit.code.clone(),
            unit.name.clone(),
            unit.kind.clone(),
            worth(unit.num),
            worth(unit.den),
        ];
        let mut written: Vec<&str> = unit
            .written()
            .iter()
            .map(|way| if *way == unit.name { "" } else { way.as_str() })
            .collect();
        written.sort_unstable();
        written.dedup();
        row.extend(written.into_iter().map(str::to_owned));
        row.join("|")
    };
    let rows: Vec<String> = units().iter().map(row).collect();
    format!(
        "export const UNITS=\"{}\".split(\";\").map(row=>{{\
         const[code,name,kind,num,den,...ways]=row.split(\"|\");\
         return{{code,name,kind,num:num||\"1\",den:den||\"1\",written:ways.map(way=>way||name)}}}});\n",
        rows.join(";")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_travel_without_comments_and_whole() {
        for (name, text) in &SCRIPTS.1 {
            assert!(!text.contains("/**") && !text.contains("@type"), "{name}");
            for line in text.lines() {
                assert!(line.matches('`').count().is_multiple_of(2), "{name}: {line} runs on");
            }
        }
    }

    #[test]
    fn units_hold_nothing_that_would_break_their_line() {
        for unit in units() {
            let all = [&unit.code, &unit.name, &unit.kind].into_iter().chain(unit.written());
            assert!(all.into_iter().all(|text| !text.contains(['"', '|', ';', '\\', '\n'])));
        }
    }
}
