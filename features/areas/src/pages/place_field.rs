//! One way to ask for a place, for every page that needs one: people type a name or an address, old or new,
//! and where that does not settle it they choose. The macro is `areas/place_field.html`; without script
//! the form simply comes back with the choices.

use std::collections::HashMap;

use kernel::{
    db::Tx,
    problem::{Failure, FieldProblem, FormProblems, INVALID_FORM, Outcome, Problem},
    scope::ScopePath,
    web::{Fields, Visit},
};
use serde::Serialize;

use crate::{
    model::{
        Area, AreaId, AreaLevel,
        search::{Hit, Query},
    },
    store,
};

/// One place offered for choosing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The area's path.
    pub value: String,
    /// Its full name.
    pub label: String,
    /// Where it lies, and what it was when an old name was typed.
    pub hint: String,
}

/// What may be given as an answer.
pub struct Wanted<'w> {
    /// Only this level; any when not given.
    pub level: Option<AreaLevel>,
    /// Only these: what the caller may not touch is not found.
    pub fits: &'w (dyn Fn(&Area) -> bool + Sync),
}

/// What was typed or chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// This one.
    One(Box<Area>),
    /// The person must choose, also where an old name leads to a single new unit.
    Several(Vec<Choice>),
}

/// A unit of today that may be meant.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The unit.
    pub area: Area,
    /// Where it lies.
    pub within: String,
    /// The old unit whose name was typed, with where it lay; none when the unit's own name was.
    pub was: Option<String>,
}

const OFFERS_MAX: usize = 10;

/// Units of today for what was typed, best first. Old names give what became of them.
pub async fn offers(tx: &mut Tx, typed: &str, wanted: &Wanted<'_>) -> Outcome<Vec<Offer>> {
    let narrow = Query { level: wanted.level, limit: 20, ..Query::new(typed) };
    let mut hits = store::search(tx, &narrow).await?;
    let mut surely = true;
    if hits.is_empty() {
        // An island district became a commune: its old name stands on another level.
        let found = store::search_or_mend(tx, &Query { level: None, ..narrow }).await?;
        (hits, surely) = (found.hits, !found.mended);
    }
    let today = tx.now().day();
    let mut offers: Vec<Offer> = Vec::new();
    let mut place_of: HashMap<AreaId, usize> = HashMap::new();
    for Hit { area, within, became } in hits {
        let named = format!("{}, {within}", area.full_name);
        let now = if area.holds_on(today) && surely {
            vec![Offer { area, within, was: None }]
        } else if area.holds_on(today) {
            vec![Offer { was: Some(named), area, within }]
        } else {
            let heirs = became.into_iter();
            heirs
                .map(|heir| Offer {
                    area: heir.area,
                    within: heir.within,
                    was: Some(named.clone()),
                })
                .collect()
        };
        for offer in now {
            let level = wanted.level.is_none_or(|level| offer.area.level == level);
            if !level || !(wanted.fits)(&offer.area) {
                continue;
            }
            match place_of.get(&offer.area.id) {
                // The unit's own name says more than an old one.
                Some(at) if offer.was.is_none() => offers[*at] = offer,
                Some(_) => {}
                None => {
                    place_of.insert(offer.area.id.clone(), offers.len());
                    offers.push(offer);
                }
            }
        }
    }
    offers.truncate(OFFERS_MAX);
    Ok(offers)
}

/// Finds the place of a form's field: `<name>` holds what was typed, `<name>_choice` the path that was
/// chosen, `<name>_before` what was typed when the choices were given.
pub async fn find(
    tx: &mut Tx,
    visit: &Visit,
    fields: &Fields,
    name: &'static str,
    wanted: &Wanted<'_>,
) -> Outcome<Place> {
    let typed = fields.line(name);
    let chosen = fields.line(&format!("{name}_choice"));
    // Somebody who typed something else after choosing means what they typed.
    let is_chosen = !chosen.is_empty() && fields.line(&format!("{name}_before")) == typed;
    let path = ScopePath::parse(if is_chosen { &chosen } else { &typed });
    if let Some(path) = path
        && let Some(area) = store::by_path(tx, &path).await?
        && wanted.level.is_none_or(|level| area.level == level)
        && (wanted.fits)(&area)
    {
        return Ok(Place::One(Box::new(area)));
    }
    let found = offers(tx, &typed, wanted).await?;
    if let [Offer { area, was: None, .. }] = &found[..] {
        return Ok(Place::One(Box::new(area.clone())));
    }
    if found.is_empty() {
        let mut problems = FormProblems::new();
        let is_missing = typed.is_empty();
        problems.require(is_missing, name, "areas-place-unknown");
        problems.require(!is_missing, name, "areas-place-missing");
        problems.check()?;
    }
    Ok(Place::Several(found.into_iter().map(|offer| choice(visit, offer)).collect()))
}

/// An offer as a line to choose.
pub fn choice(visit: &Visit, Offer { area, within, was }: Offer) -> Choice {
    let hint = match was {
        Some(was) => visit.say("areas-place-was", &[("within", within), ("was", was)]),
        None => within,
    };
    Choice { value: area.path.to_string(), label: area.title(), hint }
}

/// "Choose one of these", as the problem of a form.
pub fn undecided(name: &str) -> Failure {
    let field = FieldProblem {
        field: format!("{name}_choice"),
        key: "areas-place-which",
        args: Vec::new(),
    };
    Problem { kind: &INVALID_FORM, args: Vec::new(), fields: vec![field] }.into()
}
