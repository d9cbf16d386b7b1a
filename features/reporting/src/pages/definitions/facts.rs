//! The facts of a definition in the order in which they are read, and what is different between two versions.

use std::collections::BTreeMap;

use kernel::{
    problem::{Failure, Outcome},
    web::Visit,
};
use serde::de::DeserializeOwned;

use super::{Difference, Fact, Kind, list::years, mark_tag, period_name};
use crate::{
    actions::catalogue::Catalogue,
    model::{
        DataElement, Indicator, ProgrammeNodeId,
        amount::unit,
        element::{Mark, Sheet},
        programme::{NodeKind, ProgrammeNode},
        target::Target,
    },
    pages::{analysis::targets::goal, place::Names},
};

/// A definition that was read.
#[derive(Clone, Debug)]
pub(super) enum Defined {
    Programme(ProgrammeNode),
    Indicator(Indicator),
    Element(DataElement),
    Target(Target),
}

fn read<T: DeserializeOwned>(body: &str) -> Outcome<T> {
    serde_json::from_str(body).map_err(|error| Failure::fault("read a definition", error))
}

impl Defined {
    /// From a stored body.
    pub(super) fn read(kind: Kind, body: &str) -> Outcome<Self> {
        Ok(match kind {
            Kind::Programme => Self::Programme(read(body)?),
            Kind::Indicator => Self::Indicator(read(body)?),
            Kind::Element => Self::Element(read(body)?),
            Kind::Target => Self::Target(read(body)?),
        })
    }

    pub(super) fn mark(&self) -> Mark {
        match self {
            Self::Programme(one) => one.mark,
            Self::Indicator(one) => one.mark,
            Self::Element(one) => one.mark,
            Self::Target(one) => one.mark,
        }
    }

    pub(super) fn title(&self, catalogue: &Catalogue) -> String {
        match self {
            Self::Programme(one) => one.name.clone(),
            Self::Indicator(one) => one.name.clone(),
            Self::Element(one) => one.name.clone(),
            Self::Target(one) => {
                let name = catalogue.indicators.get(&one.indicator).map(|it| it.name.clone());
                name.unwrap_or_else(|| one.indicator.to_string())
            }
        }
    }
}

/// The facts of a definition, in the order they are read; what is not told is left out.
pub(super) fn facts(
    visit: &Visit,
    catalogue: &Catalogue,
    places: &Names,
    one: &Defined,
) -> Vec<Fact> {
    let told: Vec<(&str, String)> = match one {
        Defined::Programme(one) => node_facts(visit, catalogue, one),
        Defined::Indicator(one) => indicator_facts(visit, catalogue, one),
        Defined::Element(one) => element_facts(visit, catalogue, one),
        Defined::Target(one) => target_facts(visit, catalogue, places, one),
    };
    told.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| Fact { key: visit.say(key, &[]), value })
        .collect()
}

fn node_name(catalogue: &Catalogue, code: Option<&ProgrammeNodeId>) -> String {
    let Some(code) = code else { return String::new() };
    catalogue.programme.get(code).map_or_else(|| code.to_string(), |node| node.name.clone())
}

/// What a node is, in words.
pub(super) fn kind_name(visit: &Visit, kind: NodeKind) -> String {
    let code = match kind {
        NodeKind::Programme => "programme",
        NodeKind::Phase => "phase",
        NodeKind::Component => "component",
        NodeKind::SubComponent => "sub-component",
        NodeKind::Content => "content",
        NodeKind::Activity => "activity",
        NodeKind::Work => "work",
    };
    visit.say(&format!("reporting-node-{code}"), &[])
}

fn node_facts(
    visit: &Visit,
    catalogue: &Catalogue,
    one: &ProgrammeNode,
) -> Vec<(&'static str, String)> {
    vec![
        ("reporting-definition-name", one.name.clone()),
        ("reporting-definition-kind-of", kind_name(visit, one.kind)),
        ("reporting-definition-parent", node_name(catalogue, one.parent.as_ref())),
        ("reporting-definition-owner", one.owner.clone()),
        ("reporting-definition-years", years(one)),
        ("reporting-legal-basis", one.legal_basis.clone()),
        ("reporting-sheet-mark", mark_tag(visit, one.mark).text),
    ]
}

/// A unit with what it is worth: *triệu đồng (1 triệu đồng = 1.000.000 đồng)*.
fn unit_words(visit: &Visit, code: &str) -> String {
    let Some(own) = unit(code) else { return code.to_owned() };
    let base = crate::model::amount::units()
        .iter()
        .find(|one| one.kind == own.kind && (one.num, one.den) == (1, 1));
    match base {
        Some(base) if base.code != own.code && own.den == 1 && own.num > 1 => visit.say(
            "reporting-definition-unit-worth",
            &[
                ("unit", own.name.clone()),
                ("count", kernel::text::thousands(i64::try_from(own.num).unwrap_or(i64::MAX))),
                ("base", base.name.clone()),
            ],
        ),
        _ => own.name.clone(),
    }
}

fn sheet_facts(sheet: &Sheet) -> Vec<(&'static str, String)> {
    vec![
        ("reporting-sheet-concept", sheet.concept.clone()),
        ("reporting-sheet-method", sheet.method.clone()),
        ("reporting-definition-periodicity", sheet.periodicity.clone()),
        ("reporting-sheet-source", sheet.source.clone()),
        ("reporting-definition-owner", sheet.owner.clone()),
    ]
}

fn indicator_facts(
    visit: &Visit,
    catalogue: &Catalogue,
    one: &Indicator,
) -> Vec<(&'static str, String)> {
    let ratio = !one.denominator.trim().is_empty() || one.numerator.contains('/');
    let law =
        if ratio { "reporting-definition-law-ratio" } else { "reporting-definition-law-formula" };
    let better = if one.lower_is_better {
        "reporting-definition-lower"
    } else {
        "reporting-definition-higher"
    };
    let mut all = vec![("reporting-definition-name", one.name.clone())];
    all.extend(sheet_facts(&one.sheet));
    all.extend([
        ("reporting-definition-unit", unit_words(visit, &one.unit)),
        ("reporting-definition-decimals-kept", one.decimals.to_string()),
        ("reporting-definition-numerator", one.numerator.clone()),
        ("reporting-definition-denominator", one.denominator.clone()),
        ("reporting-definition-rollup", visit.say(law, &[])),
        ("reporting-definition-better", visit.say(better, &[])),
        ("reporting-definition-component", node_name(catalogue, one.component.as_ref())),
        ("reporting-sheet-mark", mark_tag(visit, one.mark).text),
    ]);
    all
}

fn element_facts(
    visit: &Visit,
    catalogue: &Catalogue,
    one: &DataElement,
) -> Vec<(&'static str, String)> {
    let law = format!("reporting-definition-law-{}", one.law.code().replace('_', "-"));
    let divisions: Vec<&str> = one
        .dimensions
        .iter()
        .map(|code| catalogue.dimensions.get(code).map_or(code.as_str(), |it| it.name.as_str()))
        .collect();
    let mut all = vec![("reporting-definition-name", one.name.clone())];
    all.extend(sheet_facts(&one.sheet));
    all.extend([
        ("reporting-definition-unit", unit_words(visit, &one.unit)),
        ("reporting-definition-decimals-kept", one.decimals.to_string()),
        ("reporting-definition-rollup", visit.say(&law, &[])),
        ("reporting-definition-divisions", divisions.join("; ")),
        ("reporting-definition-component", node_name(catalogue, one.component.as_ref())),
        ("reporting-sheet-mark", mark_tag(visit, one.mark).text),
    ]);
    all
}

fn target_facts(
    visit: &Visit,
    catalogue: &Catalogue,
    places: &Names,
    one: &Target,
) -> Vec<(&'static str, String)> {
    let unit = catalogue.indicators.get(&one.indicator).and_then(|it| unit(&it.unit));
    let unit = unit.map_or("", |unit| unit.name.as_str());
    let area = places.name(visit, &one.area);
    let baseline = one.baseline.as_ref().map(|base| {
        let number = crate::model::formula::Rational::decimal(base.value.trim_start_matches('-'));
        let sign = if base.value.starts_with('-') { "-" } else { "" };
        let value =
            number.map_or_else(|| base.value.clone(), |one| format!("{sign}{}", one.words(6)));
        let args = [("value", value), ("unit", unit.to_owned()), ("year", base.year.to_string())];
        visit.say("reporting-definition-baseline-words", &args)
    });
    let standing = format!("reporting-target-standing-{}", one.standing().code());
    vec![
        (
            "reporting-definition-indicator",
            format!("{} ({})", node_of(catalogue, one), one.indicator),
        ),
        ("reporting-definition-area", area),
        ("reporting-definition-year-of", one.year.to_string()),
        (
            "reporting-definition-period-of",
            one.period.as_deref().map_or_else(String::new, |id| period_name(visit, id)),
        ),
        ("reporting-target", format!("{} ({unit})", goal(visit, &one.goal))),
        ("reporting-definition-baseline", baseline.unwrap_or_default()),
        ("reporting-definition-standing", visit.say(&standing, &[])),
        (
            "reporting-definition-since",
            one.since.map_or_else(String::new, kernel::clock::Day::short),
        ),
        ("reporting-legal-basis", one.legal_basis.clone()),
        ("reporting-sheet-mark", mark_tag(visit, one.mark).text),
    ]
}

fn node_of(catalogue: &Catalogue, one: &Target) -> String {
    catalogue.indicators.get(&one.indicator).map_or_else(String::new, |it| it.name.clone())
}

/// What is different between two lists of facts.
pub(super) fn differences(before: &[Fact], after: &[Fact]) -> Vec<Difference> {
    let old: BTreeMap<&str, &str> =
        before.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
    let new: BTreeMap<&str, &str> =
        after.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
    let gone = before.iter().filter(|one| !new.contains_key(one.key.as_str()));
    let keys = after.iter().chain(gone).map(|one| one.key.as_str());
    keys.filter_map(|key| {
        let (before, after) =
            (old.get(key).copied().unwrap_or_default(), new.get(key).copied().unwrap_or_default());
        (before != after).then(|| Difference {
            key: key.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        })
    })
    .collect()
}
