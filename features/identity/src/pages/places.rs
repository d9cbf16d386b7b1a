//! Places on the pages of accounts: their names, and finding the one that was typed.

use areas::Query;
use kernel::{
    db::Tx,
    problem::{Failure, FieldProblem, FormProblems, INVALID_FORM, Outcome, Problem},
    scope::ScopePath,
    text::fold,
    web::{Fields, Visit},
};
use serde::Serialize;

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

/// One place offered for choosing.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
}

/// What was typed or chosen as a place.
pub(super) enum Place {
    /// This one.
    One(ScopePath),
    /// Several places have the name: the person chooses.
    Several(Vec<Choice>),
}

/// "Several places have this name: choose one", as a form's problem.
pub(super) fn ambiguous() -> Failure {
    let field = FieldProblem {
        field: "place_choice".to_owned(),
        key: "identity-place-which",
        args: Vec::new(),
    };
    Problem { kind: &INVALID_FORM, args: Vec::new(), fields: vec![field] }.into()
}

const CHOICES_MAX: usize = 10;

/// Finds the place of a form: `place_choice` holds a path that was chosen, `place` what was typed. Only
/// places where the caller may manage accounts are found; the others are "not found" here.
pub(super) async fn find(tx: &mut Tx, visit: &Visit, fields: &Fields) -> Outcome<Place> {
    let typed = fields.line("place");
    let chosen = fields.line("place_choice");
    // Somebody who typed something else after choosing means what they typed.
    let is_chosen = !chosen.is_empty() && fields.line("place_before") == typed;
    if let Some(path) = exact(tx, visit, if is_chosen { &chosen } else { &typed }).await? {
        return Ok(Place::One(path));
    }
    let query =
        Query { at: Some(visit.caller.now().day()), limit: CHOICES_MAX, ..Query::new(&typed) };
    let mut hits = areas::search(tx, &query).await?;
    hits.retain(|hit| visit.caller.may(&MANAGE_ACCOUNTS, &hit.area.path));
    if let [hit] = &hits[..] {
        return Ok(Place::One(hit.area.path.clone()));
    }
    let choices = hits.into_iter().map(|hit| Choice {
        value: hit.area.path.to_string(),
        label: hit.area.title(),
        hint: hit.within,
    });
    let choices: Vec<Choice> = choices.collect();
    if choices.is_empty() {
        let mut problems = FormProblems::new();
        let is_missing = typed.is_empty();
        problems.require(is_missing, "place", "identity-place-unknown");
        problems.require(!is_missing, "place", "identity-place-missing");
        problems.check()?;
    }
    Ok(Place::Several(choices))
}

/// A path, or the words for everything.
async fn exact(tx: &mut Tx, visit: &Visit, text: &str) -> Outcome<Option<ScopePath>> {
    let everything = fold(&visit.say("identity-everywhere", &[]));
    let path =
        if fold(text) == everything { Some(ScopePath::root()) } else { ScopePath::parse(text) };
    let Some(path) = path else { return Ok(None) };
    let exists = path == ScopePath::root() || areas::by_path(tx, &path).await?.is_some();
    Ok((exists && visit.caller.may(&MANAGE_ACCOUNTS, &path)).then_some(path))
}
