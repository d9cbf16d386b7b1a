//! The pages of reach. What they share stands here: choices of forms, names of areas and languages,
//! which area a page is about, and what somebody above the commune is shown.

pub(crate) mod board;
pub(crate) mod cards;
mod figures;
pub(crate) mod handover;
pub(crate) mod import;
pub(crate) mod inspections;
pub(crate) mod ladder;
pub(crate) mod meetings;
pub(crate) mod person_form;
pub(crate) mod roster;
pub(crate) mod samples;

use std::collections::HashMap;

use areas::{
    Area, AreaId, AreaLevel,
    place_field::{self, Place as Asked, Wanted},
};
use kernel::{
    caller::Permission,
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    scope::ScopePath,
    web::{FieldError, Fields, Visit},
};
use serde::{Deserialize, Serialize};

use crate::{actions::SEE_BOARD, model::Place};

/// One choice of a list, with a hint below it when there is one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Choice {
    value: String,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None }
    }

    pub(crate) fn hinting(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

/// A link with its words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Link {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) href: Option<String>,
    pub(crate) label: String,
    pub(crate) current: bool,
}

/// An area as pages name it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Named {
    pub(crate) fn of(area: &Area) -> Self {
        Self { id: area.id.as_str().to_owned(), name: area.full_name.clone() }
    }
}

/// Languages that forms offer, those of the northern highlands first.
pub(crate) const LANGUAGES: [&str; 16] = [
    "vi", "tyz", "nut", "ium", "hmv", "blt", "mtq", "cts", "khb", "km", "cjm", "rad", "jra", "bdq",
    "hre", "bru",
];

/// The name of a language; its tag when nobody gave it a name here.
pub(crate) fn language_name(visit: &Visit, tag: &str) -> String {
    let key = format!("reach-language-{tag}");
    if visit.app.words.knows(visit.lang(), &key) { visit.say(&key, &[]) } else { tag.to_owned() }
}

pub(crate) fn language_choices(visit: &Visit) -> Vec<Choice> {
    LANGUAGES.iter().map(|tag| Choice::new(*tag, language_name(visit, tag))).collect()
}

/// The words of a code, such as a theme; the code itself when there are none.
pub(crate) fn word(visit: &Visit, family: &str, code: &str) -> String {
    let key = format!("reach-{family}-{}", code.replace('_', "-"));
    if visit.app.words.knows(visit.lang(), &key) { visit.say(&key, &[]) } else { code.to_owned() }
}

/// The commune that a page is about: the one asked for, or the caller's own when they have just one.
pub(crate) async fn commune_of(
    tx: &mut Tx,
    visit: &Visit,
    permission: &Permission,
    asked: &str,
) -> Outcome<Option<Area>> {
    let id = if asked.is_empty() {
        let mine = visit
            .caller
            .scopes_for(permission)
            .map(|scope| Place::of(scope).commune)
            .find(|id| !id.is_empty());
        match mine {
            Some(id) => id,
            None => return Ok(None),
        }
    } else {
        asked.to_owned()
    };
    let id = AreaId::parse(&id).or_missing(&areas::NOT_FOUND)?;
    let area = if let Some(area) = areas::find(tx, &id).await? {
        area
    } else {
        // Officers know the five digits of the code, not our id.
        let today = tx.now().day();
        areas::by_code(tx, id.as_str(), today).await?.or_missing(&areas::NOT_FOUND)?
    };
    visit.caller.must(permission, &area.path)?;
    Ok(Some(area))
}

/// A commune that somebody responsible for several asks for: by its name or address, old or new.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Search {
    /// What was typed, or an id from a link.
    #[serde(default)]
    xa: String,
    /// The path that was chosen.
    #[serde(default)]
    xa_choice: String,
    /// What was typed when the choices were given.
    #[serde(default)]
    xa_before: String,
}

/// The form that asks for a commune, as it stands.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Finder {
    typed: String,
    choices: Vec<areas::place_field::Choice>,
    errors: Vec<FieldError>,
}

/// What a search came to.
pub(crate) enum Found {
    /// This commune.
    One(Box<Area>),
    /// The form must be shown (again).
    Ask(Finder),
}

/// The commune that was asked for; else the caller's own; else the form, with what it offers.
pub(crate) async fn find_commune(
    tx: &mut Tx,
    visit: &Visit,
    permission: &Permission,
    search: &Search,
) -> Outcome<Found> {
    let typed = search.xa.trim();
    let is_plain =
        typed.is_empty() || typed.contains('.') || typed.bytes().all(|b| b.is_ascii_digit());
    if is_plain && search.xa_choice.is_empty() {
        // An id of a link, a code, or nothing: an unknown one is told, a foreign one refused.
        return Ok(match commune_of(tx, visit, permission, typed).await? {
            Some(area) => Found::One(Box::new(area)),
            None => Found::Ask(Finder::default()),
        });
    }
    let fields = Fields::from_pairs([
        ("xa", search.xa.as_str()),
        ("xa_choice", search.xa_choice.as_str()),
        ("xa_before", search.xa_before.as_str()),
    ]);
    let fits = |area: &Area| visit.caller.may(permission, &area.path);
    let wanted = Wanted { level: Some(AreaLevel::Commune), fits: &fits };
    let again = |choices, errors| Finder { typed: typed.to_owned(), choices, errors };
    Ok(match place_field::find(tx, visit, &fields, "xa", &wanted).await {
        Ok(Asked::One(area)) => Found::One(area),
        Ok(Asked::Several(choices)) => Found::Ask(again(choices, Vec::new())),
        Err(failure) => match failure.problem() {
            Some(problem) if !problem.fields.is_empty() => {
                Found::Ask(again(Vec::new(), visit.errors(&problem.fields)))
            }
            _ => return Err(failure),
        },
    })
}

/// The area of the board: the one asked for (by its id), or the caller's own.
pub(crate) async fn board_area(tx: &mut Tx, visit: &Visit, asked: &str) -> Outcome<Area> {
    visit.caller.must_somewhere(&SEE_BOARD)?;
    let area = if asked.is_empty() {
        let own = visit
            .caller
            .scopes_for(&SEE_BOARD)
            .next()
            .cloned()
            .unwrap_or_else(|| ScopePath::root().child("vn"));
        let path = if own == ScopePath::root() { own.child("vn") } else { own };
        areas::by_path(tx, &path).await?
    } else {
        let id = AreaId::parse(asked).or_missing(&NOT_FOUND)?;
        areas::find(tx, &id).await?
    };
    let area = area.or_missing(&areas::NOT_FOUND)?;
    visit.caller.must(&SEE_BOARD, &area.path)?;
    Ok(area)
}

/// How deep a path is: 1 the country, 2 a province, 3 a commune, 4 a village.
pub(crate) fn depth(path: &ScopePath) -> usize {
    path.as_str().split('/').filter(|step| !step.is_empty()).count()
}

/// True for somebody who works inside the commune and so may see its small numbers.
pub(crate) fn works_inside(visit: &Visit, path: &ScopePath) -> bool {
    visit.caller.scopes_for(&SEE_BOARD).any(|scope| depth(scope) >= 3 && scope.contains(path))
}

/// The areas above (as far as the caller may see them) as breadcrumbs, ending with the area itself.
pub(crate) async fn trail(
    tx: &mut Tx,
    visit: &Visit,
    area: &Area,
    base: &str,
) -> Outcome<Vec<Link>> {
    let mut links = Vec::new();
    for above in areas::ancestors(tx, area).await? {
        if visit.caller.may(&SEE_BOARD, &above.path) {
            let href = Some(format!("{base}dia_ban={}", above.id));
            links.push(Link { href, label: above.title(), current: false });
        }
    }
    links.push(Link { href: None, label: area.title(), current: true });
    Ok(links)
}

/// Names of units by id.
pub(crate) async fn names(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = String>,
) -> Outcome<HashMap<String, String>> {
    let ids: Vec<AreaId> = ids.into_iter().filter_map(|id| AreaId::parse(&id)).collect();
    let found = areas::find_many(tx, &ids).await?;
    Ok(found.into_values().map(|area| (area.id.as_str().to_owned(), area.full_name)).collect())
}

/// The errors as templates read them.
pub(crate) fn told<E: Serialize>(errors: &[E]) -> Vec<kernel::minijinja::Value> {
    errors
        .iter()
        .map(|error| kernel::minijinja::Value::from(kernel::minijinja::value::Serde(error)))
        .collect()
}
