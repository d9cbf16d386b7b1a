//! Fields that ask for one place: by its name, old or new, with or without marks (`areas::place_field`), by *cả nước*,
//! or by the id that addresses carry; and the names of places that definitions name by their ids.

use std::collections::HashMap;

use areas::{
    Area, AreaId,
    place_field::{self, Choice, Place, Wanted},
};
use kernel::{
    caller::Permission,
    db::Tx,
    problem::{OrMissing, Outcome},
    web::{Fields, Visit},
};
use serde::Serialize;

/// What a field shows.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Asked {
    /// The name, as it was typed.
    pub(crate) typed: String,
    /// The path of the place that this name stands for; empty while that is not settled.
    pub(crate) chosen: String,
    /// Places to choose from, where the name may mean several.
    pub(crate) choices: Vec<Choice>,
}

impl Asked {
    /// A place that is proposed.
    pub(crate) fn of(area: &Area) -> Self {
        Self { typed: area.title(), chosen: area.path.to_string(), choices: Vec::new() }
    }
}

/// Reads a field; what it shows when the form comes back, and the place or what keeps it from being one. Names are
/// looked for where the person has the permission; an id may be of any place, the action judges it.
pub(crate) async fn find(
    visit: &Visit,
    fields: &Fields,
    name: &'static str,
    needed: &'static Permission,
) -> (Asked, Outcome<Area>) {
    let typed = fields.line(name);
    let fits = |area: &Area| visit.caller.may(needed, &area.path);
    let wanted = Wanted { level: None, fits: &fits };
    let found = visit.app.db.view(async |tx| {
        if let Some(area) = by_id(tx, &typed).await? {
            return Ok(Place::One(Box::new(area)));
        }
        place_field::find(tx, visit, fields, name, &wanted).await
    });
    let shown = Asked { typed: typed.clone(), ..Asked::default() };
    match found.await {
        Ok(Place::One(area)) => {
            let typed = if typed == area.id.as_str() { area.title() } else { typed.clone() };
            (Asked { typed, ..Asked::of(&area) }, Ok(*area))
        }
        Ok(Place::Several(choices)) => {
            (Asked { choices, ..shown }, Err(place_field::undecided(name)))
        }
        Err(failure) => (shown, Err(failure)),
    }
}

async fn by_id(tx: &mut Tx, typed: &str) -> Outcome<Option<Area>> {
    let country = areas::names_the_country(typed).then(AreaId::country);
    let id = country.or_else(|| AreaId::parse(typed));
    Ok(match id {
        Some(id) => areas::find(tx, &id).await?,
        None => None,
    })
}

/// The widest place where the person has the permission, to begin with.
pub(crate) async fn own(visit: &Visit, needed: &Permission) -> Outcome<Asked> {
    let widest = visit.caller.scopes_for(needed).min_by_key(|scope| scope.as_str().len());
    let id = widest.and_then(|scope| scope.last()).and_then(AreaId::parse);
    let id = id.unwrap_or_else(AreaId::country);
    let area = visit.app.db.view(async |tx| Ok(areas::find(tx, &id).await?)).await?;
    Ok(Asked::of(&area.or_missing(&areas::NOT_FOUND)?))
}

/// Names of places by their ids: *Xã Phủ Thông, tỉnh Thái Nguyên*.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(HashMap<String, String>);

impl Names {
    /// The names of these; what is empty is the country and needs none.
    pub(crate) async fn of<'a>(
        visit: &Visit,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Outcome<Self> {
        let mut ids: Vec<AreaId> = ids.into_iter().filter_map(AreaId::parse).collect();
        ids.sort();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        visit
            .app
            .db
            .view(async |tx| {
                let found: Vec<Area> = areas::find_many(tx, &ids).await?.into_values().collect();
                let all: Vec<&Area> = found.iter().collect();
                let within = areas::within(tx, &all).await?;
                let named = found.iter().zip(within).map(|(area, within)| {
                    let told = [area.title(), within];
                    let told: Vec<String> = told.into_iter().filter(|it| !it.is_empty()).collect();
                    (area.id.to_string(), told.join(", "))
                });
                Ok(Self(named.collect()))
            })
            .await
    }

    /// The name of a place; *cả nước* when none is named. An id that is unknown here stays.
    pub(crate) fn name(&self, visit: &Visit, id: &str) -> String {
        match self.0.get(id) {
            Some(name) => name.clone(),
            None if id.is_empty() => visit.say("reporting-country", &[]),
            None => id.to_owned(),
        }
    }
}
