//! The pages of reporting.

pub mod analysis;
pub(crate) mod assets;
pub(crate) mod builder;
pub(crate) mod consolidation;
pub(crate) mod definitions;
pub mod download;
pub(crate) mod entry;
pub(crate) mod late;
pub(crate) mod letters;
pub(crate) mod outbox;
mod outward_samples;
mod paper;
pub(crate) mod parameters;
pub(crate) mod phones;
mod place;
pub(crate) mod review;
mod review_samples;
pub(crate) mod rules_json;
pub(crate) mod schedules;
pub(crate) mod ways;
pub mod workbook;
pub(crate) mod works;
pub(crate) mod xlsform;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        http::{HeaderValue, header},
    },
    web::{Answer, Made, Sample, Visit},
};

/// Every page.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .merge(assets::routes())
        .merge(entry::routes())
        .merge(workbook::routes())
        .merge(download::routes())
        .merge(review::routes())
        .merge(consolidation::routes())
        .merge(works::routes())
        .merge(late::routes())
        .merge(phones::routes())
        .merge(xlsform::routes())
        .merge(ways::routes())
        .merge(outbox::routes())
        .merge(schedules::routes())
        .merge(analysis::routes())
        .merge(builder::routes())
        .merge(definitions::routes())
}

/// Every page with what it must survive.
pub(crate) fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    all.extend(entry::samples::all());
    all.extend(workbook::samples::all());
    all.extend(download::samples::all());
    all.extend(phones::samples());
    all.extend(xlsform::samples());
    all.extend(review_samples::all());
    all.extend(outward_samples::all());
    all.extend(analysis::samples::all());
    all.extend(builder::samples::all());
    all.extend(definitions::samples::all());
    all
}

/// A file for the person who asked, made just now from what not everybody may see: nobody keeps it.
fn private_file(visit: &Visit, kind: &'static str, name: Option<String>, bytes: Vec<u8>) -> Answer {
    let mut answer = visit.made(Made { kind, name, bytes })?;
    answer
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(answer)
}
