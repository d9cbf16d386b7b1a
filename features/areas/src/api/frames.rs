//! Whole trees for programs: the list of frames, and every unit of a day as CSV, JSON or GeoJSON, each with
//! an ETag from its content.

use kernel::{
    axum::extract::Path,
    clock::Day,
    problem::{Failure, OrMissing, Outcome},
    web::{Answer, Made, Visit, json},
};
use serde::Serialize;
use serde_json::json;

use crate::{
    NO_FRAME,
    model::{
        Area, AreaLevel,
        frame::{self, Format, KnownFrame, day_named},
        map::Ground,
        plan::restructured_on,
    },
    store,
};

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    frame: KnownFrame,
    csv: String,
    json: String,
    geojson: String,
}

#[derive(Serialize)]
struct Frames {
    items: Vec<Listed>,
}

/// `GET /api/v1/frames`
pub async fn list(visit: Visit) -> Answer {
    let today = visit.app.now().day();
    let (frames, communes) = visit
        .app
        .db
        .view(async |tx| {
            Ok((store::frames(tx).await?, store::frames::communes_on(tx, today).await?))
        })
        .await?;
    let now = KnownFrame {
        id: "today".to_owned(),
        label: visit.say("areas-frame-today", &[]),
        as_of: today,
        source: String::new(),
        communes,
    };
    let listed = |frame: KnownFrame| {
        let href = |end| format!("/api/v1/frames/{}.{end}", frame.id);
        Listed { csv: href("csv"), json: href("json"), geojson: href("geojson"), frame }
    };
    json(&Frames { items: frames.into_iter().chain([now]).map(listed).collect() })
}

/// `GET /api/v1/frames/{file}`: `2024.csv`, `2025-07-01.json`, `today.geojson`
pub async fn file(visit: Visit, Path(name): Path<String>) -> Answer {
    let (frame, end) = name.rsplit_once('.').or_missing(&NO_FRAME)?;
    let format = Format::from_end(end).or_missing(&NO_FRAME)?;
    let (day, areas) = visit
        .app
        .db
        .view(async |tx| {
            let frames = store::frames(tx).await?;
            let day = day_named(frame, &frames, tx.now().day()).or_missing(&NO_FRAME)?;
            Ok((day, store::tree(tx, day).await?))
        })
        .await?;
    visit.made(Made {
        kind: format.kind(),
        name: Some(format!("dia-ban-{day}.{end}")),
        bytes: written(format, &areas, day)?,
    })
}

fn written(format: Format, areas: &[Area], day: Day) -> Outcome<Vec<u8>> {
    let fault = |error: &dyn std::fmt::Display| Failure::fault("write a frame", error);
    match format {
        Format::Csv => frame::csv(areas).map_err(|error| fault(&error)),
        Format::Json => {
            let communes = areas.iter().filter(|area| area.level == AreaLevel::Commune).count();
            let whole = json!({ "day": day, "communes": communes, "items": frame::rows(areas) });
            serde_json::to_vec(&whole).map_err(|error| fault(&error))
        }
        Format::GeoJson => {
            let ground = Ground::of_day(day, restructured_on());
            serde_json::to_vec(&frame::geojson(areas, day, ground)).map_err(|error| fault(&error))
        }
    }
}
