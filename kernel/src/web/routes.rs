//! The kernel's own routes: assets, reading preferences, health and metrics.

use std::sync::{LazyLock, OnceLock};

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use serde::Deserialize;

use super::{
    respond::{Answer, see_other},
    script::bare_script,
    visit::{Preferences, Visit},
};
use crate::{
    app::AppRef,
    locale::Lang,
    problem::{Failure, NOT_FOUND},
};

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: Bytes,
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    let script = bare_script(include_str!("../../assets/nhipcau.js"));
    [
        Asset {
            name: "nhipcau.css",
            kind: "text/css; charset=utf-8",
            bytes: Bytes::from_static(include_bytes!("../../assets/nhipcau.css")),
        },
        Asset {
            name: "nhipcau.js",
            kind: "text/javascript; charset=utf-8",
            bytes: Bytes::from(script),
        },
    ]
});

/// The address of an asset, with its content's hash in it so that browsers may keep it for ever.
pub fn asset_href(name: &str) -> String {
    static HASHES: OnceLock<Vec<(&str, String)>> = OnceLock::new();
    let hashes = HASHES.get_or_init(|| {
        let hash = |asset: &Asset| blake3::hash(&asset.bytes).to_hex()[..10].to_owned();
        ASSETS.iter().map(|asset| (asset.name, hash(asset))).collect()
    });
    let hash =
        hashes.iter().find(|(known, _)| *known == name).map_or("0", |(_, hash)| hash.as_str());
    format!("/tinh/{hash}/{name}")
}

/// The kernel's own routes.
pub fn routes() -> Router<AppRef> {
    Router::new()
        .route("/tinh/{hash}/{name}", get(asset))
        .route("/tuy-chon", get(prefer))
        .route("/healthz", get(health))
        .route("/api/v1/openapi.json", get(super::openapi::document))
}

async fn asset(Path((_, name)): Path<(String, String)>) -> Answer {
    let asset =
        ASSETS.iter().find(|asset| asset.name == name).ok_or_else(|| Failure::from(&NOT_FOUND))?;
    let mut response = Response::new(Body::from(asset.bytes.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    Ok(response)
}

#[derive(Deserialize)]
struct Wishes {
    co: Option<String>,
    tuong_phan: Option<String>,
    tieng: Option<String>,
    ve: Option<String>,
}

const YEAR_S: i64 = 365 * 24 * 3600;

/// Keeps how somebody likes to read in cookies, and returns to where they were.
async fn prefer(visit: Visit, Query(wishes): Query<Wishes>) -> Answer {
    let mut response = see_other(wishes.ve.as_deref().unwrap_or("/"));
    if let Some(size) = wishes.co.filter(|size| Preferences::SIZES.contains(&size.as_str())) {
        response = visit.with_cookie(response, "co", &size, YEAR_S);
    }
    if let Some(contrast) = wishes.tuong_phan.filter(|value| value == "cao" || value == "thuong") {
        response = visit.with_cookie(response, "tuong_phan", &contrast, YEAR_S);
    }
    if let Some(lang) = wishes.tieng.as_deref().and_then(Lang::from_tag) {
        response = visit.with_cookie(response, "tieng", lang.tag(), YEAR_S);
    }
    Ok(response)
}

/// `ok` when the database answers; for whoever watches over the service.
async fn health(State(app): State<AppRef>) -> Response {
    let alive: Result<i64, _> = app
        .db
        .view(async |tx| Ok(tx.one(crate::sql!("select cast(1 as bigint) as value"), &[]).await?))
        .await;
    match alive {
        Ok(_) => "ok".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "database").into_response(),
    }
}
