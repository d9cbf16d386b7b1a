//! Nodes of programmes: under a node of a higher kind, never under themselves, inside the years above them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::problem::FormProblems;

use super::{Defined, TEXT_MAX};
use crate::model::{
    ProgrammeNodeId,
    programme::{NodeKind, ProgrammeNode},
};

/// Kinds from the top down. Works are told by reports, not defined.
const KINDS: [NodeKind; 6] = [
    NodeKind::Programme,
    NodeKind::Phase,
    NodeKind::Component,
    NodeKind::SubComponent,
    NodeKind::Content,
    NodeKind::Activity,
];
/// Years that are believed.
const YEARS: std::ops::RangeInclusive<i16> = 1976..=2100;

/// The kinds that may stand below one; the programme alone when there is none.
pub fn kinds_below(parent: Option<NodeKind>) -> &'static [NodeKind] {
    match parent {
        None => &KINDS[..1],
        Some(kind) => {
            let at = KINDS.iter().position(|one| *one == kind).unwrap_or(KINDS.len() - 1);
            &KINDS[at + 1..]
        }
    }
}

/// Everything below a node.
pub fn descendants(
    code: &ProgrammeNodeId,
    programme: &BTreeMap<ProgrammeNodeId, ProgrammeNode>,
) -> BTreeSet<ProgrammeNodeId> {
    let mut found = BTreeSet::new();
    let mut left = vec![code.clone()];
    while let Some(above) = left.pop() {
        for node in programme.values().filter(|node| node.parent.as_ref() == Some(&above)) {
            if found.insert(node.code.clone()) {
                left.push(node.code.clone());
            }
        }
    }
    found
}

/// What is wrong with a node.
pub fn check(node: &ProgrammeNode, defined: &Defined<'_>) -> FormProblems {
    let mut problems = FormProblems::new();
    super::name(&node.name, &mut problems);
    super::mark(node.mark, &mut problems);
    for (field, text) in [("co-quan", &node.owner), ("van-ban", &node.legal_basis)] {
        problems.require(text.chars().count() <= TEXT_MAX, field, "reporting-definition-long");
    }
    let years = [("tu-nam", node.from_year), ("den-nam", node.until_year)];
    for (field, year) in years {
        let believed = year.is_none_or(|year| YEARS.contains(&year));
        problems.require(believed, field, "reporting-definition-year");
    }
    let ordered = node.from_year.zip(node.until_year).is_none_or(|(from, until)| from <= until);
    problems.require(ordered, "den-nam", "reporting-definition-years-order");
    place(node, defined, &mut problems);
    if problems.is_empty() {
        inside(node, defined, &mut problems);
    }
    problems
}

fn place(node: &ProgrammeNode, defined: &Defined<'_>, problems: &mut FormProblems) {
    let parent = node.parent.as_ref().map(|code| (code, defined.programme.get(code)));
    let kind = match parent {
        None => None,
        Some((_, Some(parent))) => Some(parent.kind),
        Some((_, None)) => {
            problems.add("cap-tren", "reporting-definition-no-node");
            return;
        }
    };
    if let Some((code, _)) = parent
        && (*code == node.code || descendants(&node.code, defined.programme).contains(code))
    {
        problems.add("cap-tren", "reporting-definition-under-itself");
        return;
    }
    problems.require(kinds_below(kind).contains(&node.kind), "loai", "reporting-definition-kind");
    let children = defined.programme.values().filter(|it| it.parent.as_ref() == Some(&node.code));
    let fit = children.clone().all(|child| kinds_below(Some(node.kind)).contains(&child.kind));
    problems.require(fit, "loai", "reporting-definition-kind-below");
}

/// Years inside those above, and around those below.
fn inside(node: &ProgrammeNode, defined: &Defined<'_>, problems: &mut FormProblems) {
    let (mut from, mut until) = (None, None);
    let mut above = node.parent.clone();
    // The node is under no circle, and programmes are few steps deep; the bound is for what others stored.
    for _ in 0..KINDS.len() * 2 {
        let Some(one) = above.as_ref().and_then(|code| defined.programme.get(code)) else { break };
        (from, until) = (from.or(one.from_year), until.or(one.until_year));
        above = one.parent.clone();
    }
    let before = node.from_year.zip(from).is_some_and(|(own, above)| own < above);
    let after = node.until_year.zip(until).is_some_and(|(own, above)| own > above);
    let told = |year: Option<i16>| year.map_or_else(|| "…".to_owned(), |year| year.to_string());
    let span = vec![("from", told(from)), ("until", told(until))];
    if before {
        problems.add_with("tu-nam", "reporting-definition-years-outside", span.clone());
    }
    if after {
        problems.add_with("den-nam", "reporting-definition-years-outside", span);
    }
    for code in descendants(&node.code, defined.programme) {
        let Some(child) = defined.programme.get(&code) else { continue };
        let early = child.from_year.zip(node.from_year).is_some_and(|(it, own)| it < own);
        let late = child.until_year.zip(node.until_year).is_some_and(|(it, own)| it > own);
        if early || late {
            let field = if early { "tu-nam" } else { "den-nam" };
            let args = vec![
                ("name", child.name.clone()),
                ("from", told(child.from_year)),
                ("until", told(child.until_year)),
            ];
            problems.add_with(field, "reporting-definition-years-below", args);
            return;
        }
    }
}
