//! Definitions that officials make and change: programmes, data elements, indicators, targets. Every change is
//! a new version with its author, time and reason; the old ones stay. Only at hubs, so that one code never means
//! two things at its points.

pub mod target;
mod target_places;
pub mod target_sheet;
pub mod target_template;

use areas::AreaId;
use identity::audit;
use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, OrMissing, Outcome, ProblemKind},
    scope::ScopePath,
};
use serde::Serialize;

pub use super::builder::{DEFINED_ABOVE, must_be_hub};
use super::{
    DEFINE, SEE,
    analysis::ask,
    catalogue::{self, Catalogue, kind},
};
use crate::{
    model::{
        CellKey, DataElement, ElementId, Indicator, Life, Period, ProgrammeNodeId,
        analysis::{Dx, Question, Shown},
        definition::{
            Change, Changed, REASON_MAX, Use, check_element, check_indicator, check_node,
            descendants,
        },
        element::Mark,
        programme::ProgrammeNode,
    },
    store::{
        definitions::{self, Written},
        numbers,
    },
};

/// No such definition.
pub static DEFINITION_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-definition-not-found", status: 404 };
/// What the platform counts itself is described by the program, not by people.
pub static COMPUTED_HERE: ProblemKind =
    ProblemKind { code: "reporting-computed-definition", status: 409 };
/// A proposal that somebody decided about already.
pub static ALREADY_DECIDED: ProblemKind =
    ProblemKind { code: "reporting-target-decided", status: 409 };

/// The beginning of codes that the platform keeps for what it counts itself.
const OWN_PREFIX: &str = "td.";

/// What a form says beside the definition.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The version that was changed; 0 for something new.
    pub seen: u32,
    /// Why.
    pub reason: String,
}

/// The whole country as a place.
pub fn country() -> ScopePath {
    ScopePath::root().child(AreaId::country().as_str())
}

/// Refuses whoever may not define for the whole country, and everybody at points.
fn must_define(app: &AppRef, caller: &Caller) -> Outcome<()> {
    caller.must(&DEFINE, &country())?;
    must_be_hub(app)
}

/// True when the person may change what is defined for the whole country.
pub fn may_define(caller: &Caller) -> bool {
    caller.may(&DEFINE, &country())
}

/// Every version of a definition, the newest first, or 404.
pub async fn versions(app: &AppRef, kind: &str, code: &str) -> Outcome<Vec<Written>> {
    let all = app.db.view(async |tx| Ok(definitions::written(tx, kind, code).await?)).await?;
    Some(all).filter(|all| !all.is_empty()).or_missing(&DEFINITION_NOT_FOUND)
}

fn check_reason(reason: &str, problems: &mut FormProblems) {
    let told = !reason.trim().is_empty() && reason.chars().count() <= REASON_MAX;
    problems.require(told, "ly-do", "reporting-definition-no-reason");
}

/// Refuses a change of a version that is not the newest; says who was faster.
fn check_seen(versions: &[Written], said: &Said, problems: &mut FormProblems) {
    let newest = versions.first();
    match (newest, said.seen) {
        (None, 0) => {}
        (Some(_), 0) => {
            problems.add("ma", "reporting-definition-taken");
        }
        (Some(one), seen) if one.version == seen => {}
        (Some(one), _) => {
            let by = crate::model::definition::change_of(&one.body).by;
            let args = vec![("version", one.version.to_string()), ("by", by)];
            problems.add_with("phien-ban", "reporting-definition-stale", args);
        }
        (None, _) => {
            problems.add("ma", "reporting-definition-gone");
        }
    }
}

/// Writes a version, says it to every node that touches the place, and notes it in the audit log.
async fn put(
    tx: &mut Tx,
    caller: &Caller,
    place: &ScopePath,
    (kind, code, version): (&'static str, &str, u32),
    body: &impl Serialize,
    reason: &str,
) -> Outcome<u32> {
    let by = caller.who().map_or_else(String::new, |person| person.name.clone());
    let change = Change { by, reason: reason.to_owned() };
    let body = Changed { what: body, change: &change };
    let one = catalogue::definition(kind, code, version, &body, "here", caller.id())?;
    catalogue::define(tx, &[one], std::slice::from_ref(place)).await?;
    audit(tx, caller, DEFINE.code, &format!("{kind}:{code}"), reason).await?;
    Ok(version)
}

/// Keeps an indicator, new or changed. Gives its version.
pub async fn keep_indicator(
    app: &AppRef,
    caller: &Caller,
    indicator: &Indicator,
    said: &Said,
) -> Outcome<u32> {
    must_define(app, caller)?;
    app.db
        .change(async |tx| {
            let all = catalogue::read(tx).await?;
            let computed = |one: &Indicator| one.mark == Mark::Computed;
            if all.indicators.get(&indicator.code).is_some_and(computed) {
                return Err((&COMPUTED_HERE).into());
            }
            let problems = check_indicator(indicator, &all.defined());
            keep(tx, caller, (kind::INDICATOR, indicator.code.as_str()), indicator, problems, said)
                .await
        })
        .await
}

/// Writes a version of what was judged, unless it was changed meanwhile or nobody says why. Gives its version.
async fn keep(
    tx: &mut Tx,
    caller: &Caller,
    (kind, code): (&'static str, &str),
    what: &impl Serialize,
    mut problems: FormProblems,
    said: &Said,
) -> Outcome<u32> {
    let known = definitions::written(tx, kind, code).await?;
    check_reason(&said.reason, &mut problems);
    check_seen(&known, said, &mut problems);
    problems.check()?;
    put(tx, caller, &country(), (kind, code, said.seen + 1), what, &said.reason).await
}

/// What an element is used for already.
pub async fn use_of(tx: &mut Tx, catalogue: &Catalogue, element: &ElementId) -> Outcome<Use> {
    let rows = numbers::cells_of(tx, std::slice::from_ref(element)).await?;
    let mut it =
        Use { figures: rows.iter().filter_map(numbers::CellRow::key).collect(), ..Use::default() };
    for dataset in catalogue.datasets.keys() {
        let Ok(form) = catalogue.form(dataset) else { continue };
        for (_, table) in form.tables() {
            for key in table.cells().into_iter().map(|placed| placed.key) {
                if key.element != *element {
                    continue;
                }
                for dimension in &table.details {
                    let known = catalogue.dimensions.get(dimension);
                    let divided = catalogue
                        .elements
                        .get(element)
                        .is_some_and(|one| one.dimensions.contains(dimension));
                    if let Some(option) =
                        known.and_then(|one| one.options.first()).filter(|_| divided)
                    {
                        let coords = key.coords.clone().with(dimension, &option.code);
                        it.asked.insert(CellKey { element: element.clone(), coords });
                    }
                }
                it.asked.insert(key);
            }
        }
    }
    Ok(it)
}

/// Keeps a data element, new or changed. Gives its version.
pub async fn keep_element(
    app: &AppRef,
    caller: &Caller,
    element: &DataElement,
    said: &Said,
) -> Outcome<u32> {
    must_define(app, caller)?;
    app.db
        .change(async |tx| {
            let all = catalogue::read(tx).await?;
            let before = all.elements.get(&element.code);
            let code = element.code.as_str();
            if before.is_some_and(|one| one.mark == Mark::Computed) || code.starts_with(OWN_PREFIX)
            {
                return Err((&COMPUTED_HERE).into());
            }
            let used = use_of(tx, &all, &element.code).await?;
            let problems = check_element(element, before, &used, &all.defined());
            keep(tx, caller, (kind::ELEMENT, code), element, problems, said).await
        })
        .await
}

/// Keeps a node of a programme, new or changed. Gives its version.
pub async fn keep_node(
    app: &AppRef,
    caller: &Caller,
    node: &ProgrammeNode,
    said: &Said,
) -> Outcome<u32> {
    must_define(app, caller)?;
    app.db
        .change(async |tx| {
            let all = catalogue::read(tx).await?;
            let problems = check_node(node, &all.defined());
            keep(tx, caller, (kind::PROGRAMME, node.code.as_str()), node, problems, said).await
        })
        .await
}

/// Ends a node with the given year, and everything below it that would run longer. Gives how many ended.
pub async fn end_node(
    app: &AppRef,
    caller: &Caller,
    code: &ProgrammeNodeId,
    year: i16,
    said: &Said,
) -> Outcome<usize> {
    must_define(app, caller)?;
    app.db
        .change(async |tx| {
            let all = catalogue::read(tx).await?;
            let node = all.programme.get(code).or_missing(&DEFINITION_NOT_FOUND)?;
            let known = definitions::written(tx, kind::PROGRAMME, code.as_str()).await?;
            let mut problems = FormProblems::new();
            let after_start = node.from_year.is_none_or(|from| from <= year);
            let shorter = node.until_year.is_none_or(|until| year < until);
            problems.require(after_start && shorter, "nam", "reporting-definition-end-year");
            check_reason(&said.reason, &mut problems);
            check_seen(&known, said, &mut problems);
            let below = descendants(code, &all.programme);
            let below: Vec<&ProgrammeNode> =
                below.iter().filter_map(|code| all.programme.get(code)).collect();
            let later = below.iter().find(|one| one.from_year.is_some_and(|from| from > year));
            if let Some(later) = later {
                let named = vec![("name", later.name.clone())];
                problems.add_with("nam", "reporting-definition-end-below", named);
            }
            problems.check()?;
            let longer =
                below.into_iter().filter(|one| one.until_year.is_none_or(|until| until > year));
            let mut ended = 0;
            for one in std::iter::once(node).chain(longer) {
                let code = one.code.as_str();
                let known = definitions::written(tx, kind::PROGRAMME, code).await?;
                let version = known.first().map_or(0, |newest| newest.version) + 1;
                let over = ProgrammeNode { until_year: Some(year), ..one.clone() };
                put(tx, caller, &country(), (kind::PROGRAMME, code, version), &over, &said.reason)
                    .await?;
                ended += 1;
            }
            Ok(ended)
        })
        .await
}

/// An indicator with the formulas that stand and with new ones, on the figures as they are.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The area's full name.
    pub area: String,
    /// The period.
    pub period: Period,
    /// With what stands; none for a new indicator.
    pub before: Option<Shown>,
    /// With what was typed.
    pub after: Shown,
}

/// Tries an indicator without keeping it. Whoever tries it sees figures, so they need the right to.
pub async fn try_indicator(
    app: &AppRef,
    caller: &Caller,
    indicator: &Indicator,
    area: &AreaId,
    period: &Period,
) -> Outcome<Trial> {
    let stands = catalogue::current(app).await?;
    let mut tried = Catalogue::clone(&stands);
    check_indicator(indicator, &stands.defined()).check()?;
    tried.indicators.insert(indicator.code.clone(), indicator.clone());
    app.db
        .view(async |tx| {
            let area = areas::find(tx, area).await?.or_missing(&areas::NOT_FOUND)?;
            caller.must(&SEE, &area.path)?;
            let question = Question {
                dx: vec![Dx::Indicator(indicator.code.clone())],
                periods: vec![period.clone()],
                area: area.id.clone(),
                by: area.level,
                frame: None,
                life: Life::Final,
                approved_only: false,
            };
            let mut told = Vec::new();
            for catalogue in [&*stands, &tried] {
                if !catalogue.indicators.contains_key(&indicator.code) {
                    told.push(None);
                    continue;
                }
                let answer = ask::answer(tx, catalogue, &question, &area).await?;
                told.push(answer.figures.into_iter().next());
            }
            let after = told.pop().flatten();
            let before = told.pop().flatten();
            let none = || Shown::gap(crate::model::analysis::Gap::NoFormula);
            Ok(Trial {
                area: area.title(),
                period: period.clone(),
                before,
                after: after.unwrap_or_else(none),
            })
        })
        .await
}
