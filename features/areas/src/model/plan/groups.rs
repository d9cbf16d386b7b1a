//! Which units had to change together: the events of a reorganisation.

use std::collections::{BTreeSet, HashMap};

use kernel::clock::Day;

use super::SuccessionRow;
use crate::model::{AreaEventId, EventKind};

pub(super) fn group_kind(group: &[&SuccessionRow]) -> EventKind {
    let ends: BTreeSet<&str> = group.iter().map(|row| row.new_code.as_str()).collect();
    let starts: BTreeSet<&str> = group.iter().map(|row| row.old_code.as_str()).collect();
    match group[0].event_kind() {
        EventKind::Abolish => EventKind::Abolish,
        EventKind::Promote => EventKind::Promote,
        _ if ends.len() == 1 => EventKind::Merge,
        _ if starts.len() == 1 => EventKind::Split,
        _ => EventKind::Redistribute,
    }
}

pub(super) fn group_id(group: &[&SuccessionRow], on: Day) -> AreaEventId {
    let first = group.iter().map(|row| row.new_code.as_str()).min().unwrap_or_default();
    event_id(on, if first.is_empty() { "districts" } else { first })
}

/// Units that end or begin, in the smallest groups that had to change together: nothing of a group's
/// old territory went to another group. All abolished districts are one group.
pub(super) fn groups<'t>(steps: &[&'t SuccessionRow]) -> Vec<Vec<&'t SuccessionRow>> {
    let steps: Vec<&SuccessionRow> =
        steps.iter().copied().filter(|row| !row.keeps_identity()).collect();
    let mut by_end: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, row) in steps.iter().enumerate() {
        by_end.entry(format!("-{}", row.old_code)).or_default().push(index);
        by_end.entry(format!("+{}", row.new_code)).or_default().push(index);
    }
    let mut taken = vec![false; steps.len()];
    let mut groups = Vec::new();
    for start in 0..steps.len() {
        let (mut group, mut open) = (Vec::new(), vec![start]);
        while let Some(index) = open.pop() {
            if std::mem::replace(&mut taken[index], true) {
                continue;
            }
            let row = steps[index];
            group.push(row);
            open.extend(&by_end[&format!("-{}", row.old_code)]);
            open.extend(&by_end[&format!("+{}", row.new_code)]);
        }
        if !group.is_empty() {
            groups.push(group);
        }
    }
    groups
}

/// The id of an event: its day and what it is about, the same on every node.
pub(super) fn event_id(on: Day, what: &str) -> AreaEventId {
    kernel::ids::Id::from_text(format!("{on}.{what}"))
}
