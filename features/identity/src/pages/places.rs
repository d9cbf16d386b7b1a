//! Places on the pages of accounts: their names, and finding the one that was typed.

use areas::place_field;
pub(super) use areas::place_field::Choice;
use kernel::{
    db::Tx,
    problem::{Failure, Outcome},
    scope::ScopePath,
    text::fold,
    web::{Fields, Visit},
};

use crate::actions::MANAGE_ACCOUNTS;

/// How a place is shown.
#[derive(Clone, Debug)]
pub(super) enum PlaceName {
    /// The root: every area.
    Everything,
    /// A name to show.
    Named(String),
}

impl PlaceName {
    pub(super) fn or_words(self, visit: &Visit) -> String {
        match self {
            Self::Everything => visit.say("identity-everywhere", &[]),
            Self::Named(name) => name,
        }
    }
}

/// The names of places, in their order. A place this node has no area for is shown by its path.
pub(super) async fn names(tx: &mut Tx, scopes: &[ScopePath]) -> Outcome<Vec<PlaceName>> {
    let mut names = Vec::new();
    for scope in scopes {
        names.push(if *scope == ScopePath::root() {
            PlaceName::Everything
        } else {
            let area = areas::by_path(tx, scope).await?;
            PlaceName::Named(area.map_or_else(|| scope.to_string(), |area| area.title()))
        });
    }
    Ok(names)
}

/// What was typed or chosen as a place.
pub(super) enum Place {
    /// This one.
    One(ScopePath),
    /// Several places may be meant: the person chooses.
    Several(Vec<Choice>),
}

/// "Choose one of these places", as a form's problem.
pub(super) fn ambiguous() -> Failure {
    place_field::undecided("place")
}

/// Finds the place of a form (`areas::place_field`). Only places where the caller may manage accounts are
/// found; the others are "not found" here.
pub(super) async fn find(tx: &mut Tx, visit: &Visit, fields: &Fields) -> Outcome<Place> {
    let typed = fields.line("place");
    let everything = ScopePath::root();
    let is_everything = fold(&typed) == fold(&visit.say("identity-everywhere", &[]))
        || typed == everything.as_str();
    if is_everything && visit.caller.may(&MANAGE_ACCOUNTS, &everything) {
        return Ok(Place::One(everything));
    }
    let fits = |area: &areas::Area| visit.caller.may(&MANAGE_ACCOUNTS, &area.path);
    let wanted = place_field::Wanted { level: None, fits: &fits };
    Ok(match place_field::find(tx, visit, fields, "place", &wanted).await? {
        place_field::Place::One(area) => Place::One(area.path),
        place_field::Place::Several(choices) => Place::Several(choices),
    })
}
