//! Targets: one officer proposes, another person who may approve decides. What was decided before holds until
//! then, and stays readable afterwards.

use areas::{Area, AreaId};
use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    locale::Lang,
    problem::{FormProblems, OrMissing, Outcome},
    scope::ScopePath,
    text::fold,
};

use super::{
    ALREADY_DECIDED, DEFINITION_NOT_FOUND, Said, check_reason, check_seen, country, must_be_hub,
    put, target_sheet::Wrong,
};
use crate::{
    actions::{
        APPROVE, DEFINE, OWN_WORK,
        catalogue::{self, Catalogue, kind},
    },
    model::{
        Indicator, Period, TargetId,
        definition::{check_target, indicator_formula},
        formula::Input,
        target::{Standing, Target},
    },
    store::definitions::{self, Written},
};

/// What becomes of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds from now on.
    Approve,
    /// It does not.
    Refuse,
    /// Who proposes no longer does.
    TakeBack,
}

/// A target's place: the country when it names no area; none for an area that does not exist.
pub(super) async fn place(tx: &mut Tx, area: &str) -> Outcome<Option<ScopePath>> {
    if area.is_empty() {
        return Ok(Some(country()));
    }
    let Some(id) = AreaId::parse(area) else { return Ok(None) };
    Ok(areas::find(tx, &id).await?.map(|area| area.path))
}

/// The area of a target, for its page; none for the country.
pub async fn area_of(tx: &mut Tx, target: &Target) -> Outcome<Option<Area>> {
    match AreaId::parse(&target.area) {
        Some(id) => Ok(areas::find(tx, &id).await?),
        None => Ok(None),
    }
}

/// True when the person may propose targets for a place.
pub fn may_propose(caller: &Caller, place: &ScopePath) -> bool {
    caller.may(&DEFINE, place)
}

/// True when the person may decide about this proposal: the right to approve there, and no hand in it.
pub fn may_decide(caller: &Caller, place: &ScopePath, versions: &[Written]) -> bool {
    caller.may(&APPROVE, place) && versions.iter().all(|one| one.author != caller.id())
}

/// The period that somebody wrote beside a year: the one in which the indicator's figures are reported, when
/// periods of several schemes have that name. None when nothing is written, or the year itself.
///
/// # Errors
/// The key of the words and what they name, when it is no period of the year or still several.
pub fn period_said(
    all: &Catalogue,
    indicator: &Indicator,
    year: Option<i16>,
    words: &str,
) -> Result<Option<String>, Wrong> {
    let words = words.trim();
    let whole = |year: i16| fold(words).trim_start_matches("nam ") == year.to_string();
    if words.is_empty() || year.is_some_and(whole) {
        return Ok(None);
    }
    let mut meant = Period::said(words);
    meant.retain(|one| year.is_none_or(|year| one.year() == i32::from(year)));
    let reported: Vec<Period> =
        meant.iter().filter(|one| is_reported(all, indicator, one)).cloned().collect();
    let meant = if reported.is_empty() { meant } else { reported };
    match &meant[..] {
        [one] => Ok(Some(one.id().to_owned())),
        [] => Err(("reporting-definition-period", Vec::new())),
        several => {
            let told: Vec<String> = several.iter().map(|one| one.told_apart(Lang::Vi)).collect();
            let args = vec![("text", words.chars().take(60).collect()), ("all", told.join("; "))];
            Err(("reporting-definition-period-which", args))
        }
    }
}

/// True when figures of the indicator's formula are reported for such periods.
fn is_reported(all: &Catalogue, indicator: &Indicator, period: &Period) -> bool {
    let owners = crate::actions::analysis::owners(all);
    let Some(formula) = indicator_formula(indicator) else { return false };
    let inputs = formula.inputs();
    let mut cells = inputs.into_iter().filter_map(Input::cell);
    cells.any(|key| owners.dataset(&key.element, period).is_some())
}

/// True for targets of the same thing: indicator, area, year and period.
pub fn same_thing(one: &Target, other: &Target) -> bool {
    (&one.indicator, &one.area, one.year, &one.period)
        == (&other.indicator, &other.area, other.year, &other.period)
}

/// The first free id for a target of a thing: `MT02.2028`, `MT02.2028.19.2025`, `MT02.2028-2`.
pub(super) fn free_id(target: &Target, taken: impl Fn(&str) -> bool) -> Option<TargetId> {
    let mut base = format!("{}.{}", target.indicator, target.year);
    if let Some(period) = &target.period {
        base = format!("{}.{period}", target.indicator);
    }
    if !target.area.is_empty() {
        base = format!("{base}.{}", target.area);
    }
    let all = std::iter::once(base.clone()).chain((2..1_000).map(|no| format!("{base}-{no}")));
    all.into_iter().find(|text| !taken(text)).and_then(|text| TargetId::parse(&text))
}

/// What stands in the place of a proposal until it is approved.
pub(super) fn replaced<'c>(all: &'c Catalogue, target: &Target) -> Option<&'c Target> {
    all.targets.iter().find(|one| one.approved && one.id != target.id && same_thing(one, target))
}

/// Proposes a target, or changes a proposal that waits. Gives its id.
pub async fn propose(
    app: &AppRef,
    caller: &Caller,
    mut target: Target,
    said: &Said,
) -> Outcome<TargetId> {
    caller.must_somewhere(&DEFINE)?;
    must_be_hub(app)?;
    app.db
        .change(async |tx| {
            let all = catalogue::read(tx).await?;
            let mut problems = check_target(&target, &all.defined());
            check_reason(&said.reason, &mut problems);
            let place = place(tx, &target.area).await?;
            match &place {
                Some(place) => caller.must(&DEFINE, place)?,
                None => {
                    problems.add("dia-ban", "reporting-definition-no-area");
                }
            }
            if said.seen == 0 {
                let known = definitions::all(tx).await?;
                let taken = |text: &str| {
                    known.iter().any(|one| one.kind == kind::TARGET && one.code == text)
                };
                // What cannot be part of a name is no area and no period either.
                problems.check()?;
                target.id = free_id(&target, taken).or_missing(&DEFINITION_NOT_FOUND)?;
                problems = FormProblems::new();
            } else {
                let known = definitions::written(tx, kind::TARGET, target.id.as_str()).await?;
                waiting(&known)?;
                check_seen(&known, said, &mut problems);
            }
            problems.check()?;
            target.approved = false;
            target.ended = false;
            target.replaces = replaced(&all, &target).map(|one| one.id.clone());
            let named = (kind::TARGET, target.id.as_str(), said.seen + 1);
            let place = place.or_missing(&areas::NOT_FOUND)?;
            put(tx, caller, &place, named, &target, &said.reason).await?;
            Ok(target.id.clone())
        })
        .await
}

/// The proposal in its newest version; refuses what was decided about.
fn waiting(versions: &[Written]) -> Outcome<Target> {
    let newest = versions.first().or_missing(&DEFINITION_NOT_FOUND)?;
    let target: Target = serde_json::from_str(&newest.body)
        .map_err(|error| kernel::problem::Failure::fault("read a target", error))?;
    match target.standing() {
        Standing::Proposed => Ok(target),
        Standing::Approved | Standing::Ended => Err((&ALREADY_DECIDED).into()),
    }
}

/// Decides about a proposal.
pub async fn decide(
    app: &AppRef,
    caller: &Caller,
    id: &TargetId,
    verdict: Verdict,
    said: &Said,
) -> Outcome<()> {
    let needed = if verdict == Verdict::TakeBack { &DEFINE } else { &APPROVE };
    caller.must_somewhere(needed)?;
    must_be_hub(app)?;
    app.db
        .change(async |tx| {
            let known = definitions::written(tx, kind::TARGET, id.as_str()).await?;
            let newest = known.first().or_missing(&DEFINITION_NOT_FOUND)?;
            let any: Target = serde_json::from_str(&newest.body)
                .map_err(|error| kernel::problem::Failure::fault("read a target", error))?;
            let place = place(tx, &any.area).await?.or_missing(&areas::NOT_FOUND)?;
            caller.must(needed, &place)?;
            let mut target = waiting(&known)?;
            if verdict != Verdict::TakeBack && !may_decide(caller, &place, &known) {
                return Err((&OWN_WORK).into());
            }
            let mut problems = FormProblems::new();
            check_reason(&said.reason, &mut problems);
            check_seen(&known, said, &mut problems);
            problems.check()?;
            let approved = verdict == Verdict::Approve;
            target.approved = approved;
            target.ended = !approved;
            if approved {
                target.since = target.since.or(Some(tx.now().day()));
                end_others(tx, caller, &place, &target, &said.reason).await?;
            }
            let named = (kind::TARGET, id.as_str(), said.seen + 1);
            put(tx, caller, &place, named, &target, &said.reason).await?;
            Ok(())
        })
        .await
}

/// What was approved for the same thing before holds no longer.
async fn end_others(
    tx: &mut Tx,
    caller: &Caller,
    place: &ScopePath,
    target: &Target,
    reason: &str,
) -> Outcome<()> {
    let all = catalogue::read(tx).await?;
    let same = |one: &&Target| one.approved && one.id != target.id && same_thing(one, target);
    for one in all.targets.iter().filter(same) {
        let known = definitions::written(tx, kind::TARGET, one.id.as_str()).await?;
        let version = known.first().map_or(0, |newest| newest.version) + 1;
        let over = Target { ended: true, ..one.clone() };
        put(tx, caller, place, (kind::TARGET, one.id.as_str(), version), &over, reason).await?;
    }
    Ok(())
}
