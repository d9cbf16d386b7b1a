//! Lists of things, with DHIS2's fields, filters, order and pages; and one thing by its id.

use kernel::{
    axum::{extract::RawPathParams, response::Response},
    problem::{NOT_FOUND, OrMissing, Outcome, Problem},
    web::json as as_json,
};
use serde_json::{Map, Value, json};

use super::{
    super::program::Program,
    fields::Fields,
    filter::Filter,
    not_known,
    things::{Class, Teller, Thing},
};
use crate::actions::{
    SEE,
    exchange::{ASKS_TOO_MUCH, World},
};

/// Rows on a page when nothing is said.
const PAGE: usize = 50;

fn too_much() -> kernel::problem::Failure {
    Problem::of(&ASKS_TOO_MUCH).with("most", "150000").into()
}

/// The words of an address after `/api/` and a version.
fn words(path: &str) -> Vec<&str> {
    let bare = path.split('?').next().unwrap_or_default();
    let all: Vec<&str> = bare.trim_matches('/').split('/').skip(1).collect();
    match all.first() {
        Some(first) if first.bytes().all(|byte| byte.is_ascii_digit()) => all[1..].to_vec(),
        _ => all,
    }
}

fn class_of(program: &Program) -> Outcome<Class> {
    let words = words(&program.visit.path);
    let word = words.first().and_then(|word| word.split('.').next()).unwrap_or_default();
    Class::by_plural(word).or_missing(&NOT_FOUND)
}

/// `GET /api/organisationUnits`, `dataElements` and so on.
pub async fn list(program: Program) -> Response {
    let done = listed(&program).await;
    program.answer(done)
}

async fn listed(program: &Program) -> Outcome<Response> {
    program.caller.must_somewhere(&SEE)?;
    let class = class_of(program)?;
    let world = World::of(&program.visit.app).await?;
    let fields = fields(program, &["id", "displayName"])?;
    let found = wanted(program, &world, class)?;
    let (rows, pager) = page(program, &found);
    let mut teller = Teller::new(&world);
    let mut items = Vec::with_capacity(rows.len());
    for thing in rows {
        items.push(teller.tell(*thing, &fields).ok_or_else(too_much)?);
    }
    let mut body = Map::new();
    if let Some(pager) = pager {
        body.insert("pager".to_owned(), pager);
    }
    body.insert(class.plural().to_owned(), Value::Array(items));
    as_json(&body)
}

fn fields(program: &Program, usual: &[&str]) -> Outcome<Fields> {
    let asked: Vec<&str> = program
        .query
        .iter()
        .filter(|(name, _)| name == "fields")
        .map(|(_, value)| value.as_str())
        .collect();
    if asked.is_empty() {
        return Ok(Fields::of(usual));
    }
    Fields::parse(&asked.join(",")).ok_or_else(|| not_known("fields", &asked.join(",")))
}

/// Those that are asked for, in order.
fn wanted<'w>(program: &Program, world: &'w World, class: Class) -> Outcome<Vec<Thing<'w>>> {
    let mut filters = Vec::new();
    for (_, text) in program.query.iter().filter(|(name, _)| name == "filter") {
        filters.push(Filter::parse(text).ok_or_else(|| not_known("filter", text))?);
    }
    let any = program.ask("rootJunction").is_some_and(|word| word.eq_ignore_ascii_case("or"));
    let mut found = class.all(world);
    if class == Class::Units {
        found = units(program, world, found)?;
    }
    if let Some(query) = program.ask("query").filter(|query| !query.is_empty()) {
        let words = Filter::parse(&format!("name:token:{query}"))
            .ok_or_else(|| not_known("query", query))?;
        found.retain(|thing| {
            words.fits(&thing.texts(world, "name"))
                || thing.texts(world, "id") == [query]
                || thing.texts(world, "code") == [query]
        });
    }
    found.retain(|thing| {
        let mut fits =
            filters.iter().map(|filter| filter.fits(&thing.texts(world, &filter.property)));
        filters.is_empty() || if any { fits.any(|fits| fits) } else { fits.all(|fits| fits) }
    });
    for order in program.all(&["order"]).iter().rev() {
        let (property, way) = order.split_once(':').unwrap_or((order, "asc"));
        let key = |thing: &Thing<'w>| {
            let text = thing.texts(world, property).into_iter().next().unwrap_or_default();
            (text.parse::<i64>().unwrap_or(0), kernel::text::sort_key(&text))
        };
        found.sort_by_cached_key(key);
        if way.ends_with("desc") {
            found.reverse();
        }
    }
    Ok(found)
}

/// What is asked of units besides filters: rungs, and below which one.
fn units<'w>(program: &Program, world: &'w World, all: Vec<Thing<'w>>) -> Outcome<Vec<Thing<'w>>> {
    let areas = &world.areas;
    let levels: Vec<u8> =
        program.all(&["level"]).iter().filter_map(|level| level.parse().ok()).collect();
    let deepest: Option<u8> = program.ask("maxLevel").and_then(|level| level.parse().ok());
    let mut below = Vec::new();
    for parent in program.all(&["parent"]) {
        let no = areas.find(&parent, crate::actions::exchange::IdScheme::Uid);
        below.push(no.ok_or_else(|| not_known("parent", &parent))?);
    }
    let own = ["withinUserHierarchy", "userOnly", "userDataViewOnly"]
        .iter()
        .any(|name| program.is(name) == Some(true));
    let fits = |thing: &Thing<'w>| {
        let Thing::Unit(no) = thing else { return false };
        let unit = &areas.units[*no];
        (levels.is_empty() || levels.contains(&unit.level))
            && deepest.is_none_or(|deepest| unit.level <= deepest)
            && (below.is_empty()
                || below.iter().any(|above| areas.units[*above].path.contains(&unit.path)))
            && (!own || program.caller.may(&SEE, &unit.path))
    };
    Ok(all.into_iter().filter(fits).collect())
}

type Paged<'p, 'w> = (&'p [Thing<'w>], Option<Value>);

fn page<'p, 'w>(program: &Program, found: &'p [Thing<'w>]) -> Paged<'p, 'w> {
    if program.is("paging") == Some(false) || program.is("skipPaging") == Some(true) {
        return (found, None);
    }
    let number = |name: &str| program.ask(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("pageSize").unwrap_or(PAGE).clamp(1, 20_000);
    let at = number("page").unwrap_or(1).max(1);
    let count = found.len().div_ceil(size).max(1);
    let from = (at - 1).saturating_mul(size).min(found.len());
    let rows = &found[from..(from + size).min(found.len())];
    let pager = json!({ "page": at, "pageCount": count, "total": found.len(), "pageSize": size });
    (rows, Some(pager))
}

/// `GET /api/organisationUnits/{uid}` and so on.
pub async fn one(parameters: RawPathParams, program: Program) -> Response {
    let uid = parameters.iter().find(|(name, _)| *name == "uid").map(|(_, uid)| uid.to_owned());
    let done = shown(&program, uid.as_deref().unwrap_or_default()).await;
    program.answer(done)
}

async fn shown(program: &Program, uid: &str) -> Outcome<Response> {
    program.caller.must_somewhere(&SEE)?;
    let class = class_of(program)?;
    let world = World::of(&program.visit.app).await?;
    // Codes have dots in them too: only DHIS2's endings are taken off.
    let bare = ["json", "xml", "geojson"]
        .iter()
        .find_map(|ending| uid.strip_suffix(&format!(".{ending}")));
    let thing = class.find(&world, bare.unwrap_or(uid)).or_missing(&NOT_FOUND)?;
    if let (Thing::Unit(no), true) = (thing, uid.ends_with(".geojson")) {
        return as_json(&feature(&world, no));
    }
    if let Thing::Unit(no) = thing
        && (program.is("includeChildren") == Some(true)
            || program.is("includeDescendants") == Some(true))
    {
        let fields = fields(program, &["id", "displayName"])?;
        let deep = program.is("includeDescendants") == Some(true);
        let mut all: Vec<usize> = std::iter::once(no).chain(world.areas.children(no)).collect();
        if deep {
            let below: Vec<usize> =
                all[1..].iter().flat_map(|no| world.areas.children(*no)).collect();
            all.extend(below);
        }
        let mut teller = Teller::new(&world);
        let told: Option<Vec<Value>> =
            all.into_iter().map(|no| teller.tell(Thing::Unit(no), &fields)).collect();
        return as_json(&json!({ "organisationUnits": told.ok_or_else(too_much)? }));
    }
    let fields = match program.ask("fields") {
        Some(_) => fields(program, &[])?,
        None => Fields { all: true, ..Fields::default() },
    };
    as_json(&Teller::new(&world).tell(thing, &fields).ok_or_else(too_much)?)
}

/// A unit without its border: this program holds none.
fn feature(world: &World, no: usize) -> Value {
    let unit = &world.areas.units[no];
    json!({
        "type": "Feature", "id": unit.uid, "geometry": Value::Null,
        "properties": { "code": unit.code, "name": unit.name, "level": unit.level.to_string() },
    })
}

/// `GET /api/organisationUnits.geojson`: DHIS2 gives the units that have a border, and here none has one.
pub async fn geojson(program: Program) -> Response {
    let allowed = program.caller.must_somewhere(&SEE);
    program.answer(
        allowed.and_then(|()| as_json(&json!({ "type": "FeatureCollection", "features": [] }))),
    )
}

/// A kind of things of which there are none here.
pub async fn none(program: Program) -> Response {
    let done = program.caller.must_somewhere(&SEE).and_then(|()| {
        let words = words(&program.visit.path);
        let word = words.first().and_then(|word| word.split('.').next()).unwrap_or_default();
        let mut body = Map::new();
        if program.is("paging") != Some(false) {
            let pager = json!({ "page": 1, "pageCount": 1, "total": 0, "pageSize": PAGE });
            body.insert("pager".to_owned(), pager);
        }
        body.insert(word.to_owned(), json!([]));
        as_json(&body)
    });
    program.answer(done)
}
