//! A tree of a day as a file: CSV and JSON of every unit, GeoJSON of the provinces.

use std::collections::HashMap;

use kernel::clock::Day;
use serde::Serialize;
use serde_json::{Value, json};

use crate::model::{Area, AreaId, AreaLevel, AreaType, map::Ground};

/// How a tree is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table of every unit.
    Csv,
    /// The same as objects.
    Json,
    /// The provinces with their outlines.
    GeoJson,
}

impl Format {
    /// From the end of a file's name.
    pub fn from_end(end: &str) -> Option<Self> {
        match end {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "geojson" => Some(Self::GeoJson),
            _ => None,
        }
    }

    /// The media type (RFC 4180 and 7111, 8259, 7946).
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
        }
    }
}

/// One unit of the tree, flat. Codes may begin with 0 and are text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlatRow<'a> {
    /// The statistical code.
    pub code: &'a str,
    /// The bare name.
    pub name: &'a str,
    /// The name with its type.
    pub full_name: &'a str,
    /// The type's code.
    #[serde(rename = "type")]
    pub area_type: AreaType,
    /// The code of the unit above; empty for provinces.
    pub parent_code: &'a str,
    /// The territory.
    pub unit: &'a AreaId,
    /// The territory above.
    pub parent_unit: Option<&'a AreaId>,
    /// The first day of this validity.
    pub valid_from: Day,
    /// The first day no longer.
    pub valid_to: Day,
}

/// The tree without the country, in the order it is given.
pub fn rows(areas: &[Area]) -> Vec<FlatRow<'_>> {
    let codes: HashMap<&AreaId, &str> =
        areas.iter().filter_map(|area| Some((&area.id, area.code.as_deref()?))).collect();
    let below = areas.iter().filter(|area| area.level != AreaLevel::Country);
    below
        .map(|area| FlatRow {
            code: area.code.as_deref().unwrap_or_default(),
            name: &area.name,
            full_name: &area.full_name,
            area_type: area.area_type,
            parent_code: area
                .parent
                .as_ref()
                .and_then(|parent| codes.get(parent).copied())
                .unwrap_or_default(),
            unit: &area.id,
            parent_unit: area.parent.as_ref(),
            valid_from: area.from,
            valid_to: area.until,
        })
        .collect()
}

/// The table. Why it could not be written is told as text.
pub fn csv(areas: &[Area]) -> Result<Vec<u8>, String> {
    let mut out = csv::Writer::from_writer(Vec::new());
    for row in rows(areas) {
        out.serialize(row).map_err(|error| error.to_string())?;
    }
    out.into_inner().map_err(|error| error.to_string())
}

/// The provinces of a day with their shipped outlines (RFC 7946). One without an outline has a null geometry.
pub fn geojson(areas: &[Area], day: Day, ground: &Ground) -> Value {
    let whole: Value = serde_json::from_str(ground.geojson).unwrap_or_default();
    let outlines: HashMap<&str, &Value> = whole["features"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|feature| Some((feature["properties"]["code"].as_str()?, &feature["geometry"])))
        .collect();
    let provinces: Vec<&Area> =
        areas.iter().filter(|area| area.level == AreaLevel::Province).collect();
    let features = provinces.iter().map(|area| {
        let code = area.code.as_deref().unwrap_or_default();
        json!({
            "type": "Feature",
            "id": area.id,
            "geometry": outlines.get(code).map_or(Value::Null, |outline| (*outline).clone()),
            "properties": {
                "code": code,
                "name": area.name,
                "full_name": area.full_name,
                "type": area.area_type,
                "valid_from": area.from,
                "valid_to": area.until,
            },
        })
    });
    json!({
        "type": "FeatureCollection",
        "day": day,
        "accuracy": "Ranh giới giản lược, chỉ để tô màu bản đồ; không dùng để xác định địa giới. \
            Simplified outlines for colouring maps, never for locating a border.",
        "attribution": "Natural Earth; geoBoundaries.org (VNM ADM1)",
        "features": features.collect::<Vec<_>>(),
    })
}
