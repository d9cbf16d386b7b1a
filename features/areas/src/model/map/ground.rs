//! The outlines of the provinces, read once from the shipped boundaries and laid on a grid of whole map
//! units. Good for colouring a province, never for saying where a border runs (data/README.md).

use std::sync::LazyLock;

use kernel::clock::Day;
use serde_json::Value;

use super::SeaName;

/// Map units a degree of latitude; one unit is about two kilometres.
const SCALE: f64 = 50.0;
/// The north-western corner of the map.
const WEST: f64 = 101.75;
const NORTH: f64 = 23.7;
/// A degree of longitude at 16° north, the middle of the country, beside one of latitude.
const NARROWING: f64 = 0.961;
/// Width of the map.
pub(super) const WIDTH: i32 = 640;
/// Height of the map.
pub(super) const HEIGHT: i32 = 820;

/// One province.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its code in this frame.
    pub code: String,
    /// Its bare name.
    pub name: String,
    /// Its rings, in map units.
    pub rings: Vec<Vec<(i32, i32)>>,
    /// The same as the data of an SVG path.
    pub outline: String,
    /// A place inside its largest part.
    pub label: (i32, i32),
}

/// The outlines of one frame.
#[derive(Debug)]
pub struct Ground {
    /// Every province, in order of code.
    pub shapes: Vec<Shape>,
    /// The boundaries as they are shipped: GeoJSON.
    pub geojson: &'static str,
    /// Size of letters that fit into the small provinces.
    pub letter: i32,
}

static OF_34: LazyLock<Ground> =
    LazyLock::new(|| Ground::read(include_str!("../../../data/provinces_34.geojson"), 20));
static OF_63: LazyLock<Ground> =
    LazyLock::new(|| Ground::read(include_str!("../../../data/provinces_63.geojson"), 13));
static ARCHIPELAGOS: &str = include_str!("../../../data/archipelagos.geojson");

impl Ground {
    /// The 34 provinces since 2025-07-01.
    pub fn of_34() -> &'static Self {
        &OF_34
    }

    /// The 63 provinces until 2025-06-30.
    pub fn of_63() -> &'static Self {
        &OF_63
    }

    /// The outlines of a day; `restructured` is the first day of the 34.
    pub fn of_day(day: Day, restructured: Day) -> &'static Self {
        if day < restructured { Self::of_63() } else { Self::of_34() }
    }

    /// Boundaries are part of the program; one that cannot be read draws nothing, and a test says so.
    fn read(geojson: &'static str, letter: i32) -> Self {
        let whole: Value = serde_json::from_str(geojson).unwrap_or_default();
        let mut shapes: Vec<Shape> =
            whole["features"].as_array().into_iter().flatten().filter_map(shape).collect();
        shapes.sort_by(|one, other| one.code.cmp(&other.code));
        Self { shapes, geojson, letter }
    }
}

fn shape(feature: &Value) -> Option<Shape> {
    let told = &feature["properties"];
    let polygons = feature["geometry"]["coordinates"].as_array()?;
    let rings = polygons.iter().filter_map(Value::as_array).flatten().filter_map(ring);
    let rings: Vec<Vec<(i32, i32)>> = rings.collect();
    Some(Shape {
        code: told["code"].as_str()?.to_owned(),
        name: told["name"].as_str()?.to_owned(),
        outline: rings.iter().map(|ring| outline(ring)).collect(),
        rings,
        label: place(&told["label"])?,
    })
}

/// A point on the grid.
#[expect(clippy::cast_possible_truncation, reason = "the map is a few hundred units wide")]
fn place(point: &Value) -> Option<(i32, i32)> {
    let (lon, lat) = (point.get(0)?.as_f64()?, point.get(1)?.as_f64()?);
    let x = (lon - WEST) * SCALE * NARROWING;
    let y = (NORTH - lat) * SCALE;
    Some((x.round() as i32, y.round() as i32))
}

/// A ring on the grid. The same point of two neighbours falls on the same place, so no gap opens between them.
fn ring(points: &Value) -> Option<Vec<(i32, i32)>> {
    let mut ring: Vec<(i32, i32)> = points.as_array()?.iter().filter_map(place).collect();
    ring.dedup();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    if ring.len() == DIAMOND {
        enlarge(&mut ring);
    }
    (ring.len() >= 3).then_some(ring)
}

/// Small islands are shipped as diamonds, symbols at their true places.
const DIAMOND: usize = 4;

/// Draws a symbol half as large again around its middle, so that it can be seen on a telephone.
fn enlarge(ring: &mut [(i32, i32)]) {
    let middle = |values: Vec<i32>| {
        let (least, most) = (values.iter().min(), values.iter().max());
        least.zip(most).map_or(0, |(least, most)| i32::midpoint(*least, *most))
    };
    let x = middle(ring.iter().map(|point| point.0).collect());
    let y = middle(ring.iter().map(|point| point.1).collect());
    for point in ring {
        *point = (x + (point.0 - x) * 8 / 5, y + (point.1 - y) * 8 / 5);
    }
}

/// `M10 20l3-4 5 6z`: relative steps are short, and `-` needs no space before it.
fn outline(ring: &[(i32, i32)]) -> String {
    let mut out = String::new();
    let mut at = (0, 0);
    for (index, point) in ring.iter().enumerate() {
        let step = (point.0 - at.0, point.1 - at.1);
        match index {
            0 => out.push('M'),
            1 => out.push('l'),
            _ if step.0 >= 0 => out.push(' '),
            _ => {}
        }
        out.push_str(&step.0.to_string());
        if step.1 >= 0 {
            out.push(' ');
        }
        out.push_str(&step.1.to_string());
        at = *point;
    }
    out.push('z');
    out
}

/// Hoàng Sa and Trường Sa with the provinces they belong to.
pub(super) fn sea_names() -> Vec<SeaName> {
    let whole: Value = serde_json::from_str(ARCHIPELAGOS).unwrap_or_default();
    let islands = whole["features"].as_array().cloned().unwrap_or_default();
    let names = [("Quần đảo Hoàng Sa", "Đà Nẵng"), ("Quần đảo Trường Sa", "Khánh Hòa")];
    let name = |(name, province): (&str, &str)| {
        let own = islands.iter().filter(|island| island["properties"]["archipelago"] == name);
        let places = own.filter_map(|island| place(&island["geometry"]["coordinates"]));
        let places: Vec<(i32, i32)> = places.collect();
        let west = places.iter().map(|at| at.0).min()?;
        let east = places.iter().map(|at| at.0).max()?;
        let north = places.iter().map(|at| at.1).min()?;
        let x = i32::midpoint(west, east).min(WIDTH - 104);
        Some(SeaName { name: name.to_owned(), province: province.to_owned(), x, y: north - 38 })
    };
    names.into_iter().filter_map(name).collect()
}
