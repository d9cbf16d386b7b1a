//! Two trees side by side: what is in both, what was renamed, given another type or parent, what ended
//! and became what, what began and was made of what.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::clock::Day;
use serde::Serialize;

use crate::model::{Area, AreaEvent, AreaId, AreaLevel, Weight};

/// What happened to one unit between two days. One unit may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// In both, and nothing about it changed.
    Same,
    /// In both under another name.
    Renamed,
    /// In both with another type.
    Reclassified,
    /// In both below another unit.
    Reparented,
    /// In the first only.
    Ended,
    /// In the second only.
    Began,
}

impl Change {
    /// All of them, in the order they are told.
    pub const ALL: [Self; 6] =
        [Self::Same, Self::Renamed, Self::Reclassified, Self::Reparented, Self::Ended, Self::Began];

    /// As written in addresses and files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Renamed => "renamed",
            Self::Reclassified => "reclassified",
            Self::Reparented => "reparented",
            Self::Ended => "ended",
            Self::Began => "began",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.code() == code)
    }
}

/// One step of succession from an old unit on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onward {
    /// The unit that took it, or a part of it, over.
    pub to: AreaId,
    /// True when the old unit went there whole.
    pub whole: bool,
    /// The share; none while it is unknown.
    pub weight: Option<Weight>,
    /// The event.
    pub event: AreaEvent,
}

/// A unit at the other end of a succession between the two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The unit by its facts of the other day.
    pub area: Area,
    /// True when the old unit went whole, at every step.
    pub whole: bool,
    /// The exact share, where one step and a known weight say it.
    pub weight: Option<Weight>,
    /// The last event on the way.
    pub event: AreaEvent,
}

/// One unit in the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What happened to it, at least one.
    pub changes: Vec<Change>,
    /// Its facts of the first day.
    pub before: Option<Area>,
    /// Its facts of the second day.
    pub after: Option<Area>,
    /// What it became (when it ended), or was made of (when it began). Empty for an ended unit means
    /// that nothing is known; nothing may be concluded from it.
    pub parties: Vec<Party>,
}

impl Difference {
    /// The unit by its later facts.
    pub fn area(&self) -> Option<&Area> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// True when the unit, or something it became or was made of, lies in the place on one of the days.
    pub fn concerns(&self, place: &AreaId) -> bool {
        let own = self.before.iter().chain(&self.after);
        own.chain(self.parties.iter().map(|party| &party.area)).any(|area| lies_in(area, place))
    }
}

fn lies_in(area: &Area, place: &AreaId) -> bool {
    area.path.as_str().split('/').any(|step| step == place.as_str())
}

/// Everything that differs between two days, and what does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Every unit of either day, by level and code.
    pub differences: Vec<Difference>,
}

impl Compared {
    /// Compares two trees; `steps` are the successions between the two days by the old unit.
    pub fn of(
        before: Vec<Area>,
        after: Vec<Area>,
        steps: &HashMap<AreaId, Vec<Onward>>,
        until: Day,
    ) -> Self {
        let old: HashMap<AreaId, Area> =
            before.into_iter().map(|area| (area.id.clone(), area)).collect();
        let new: HashMap<AreaId, Area> =
            after.into_iter().map(|area| (area.id.clone(), area)).collect();
        let became = |id: &AreaId| follow(id, steps, &new, until);
        let mut made_of: HashMap<AreaId, Vec<Party>> = HashMap::new();
        let mut differences = Vec::new();
        for area in old.values() {
            if let Some(now) = new.get(&area.id) {
                differences.push(Difference {
                    changes: changes(area, now),
                    before: Some(area.clone()),
                    after: Some(now.clone()),
                    parties: Vec::new(),
                });
                continue;
            }
            let parties = became(&area.id);
            for party in &parties {
                let source = Party { area: area.clone(), ..party.clone() };
                made_of.entry(party.area.id.clone()).or_default().push(source);
            }
            differences.push(Difference {
                changes: vec![Change::Ended],
                before: Some(area.clone()),
                after: None,
                parties,
            });
        }
        for area in new.values().filter(|area| !old.contains_key(&area.id)) {
            let mut parties = made_of.remove(&area.id).unwrap_or_default();
            parties.sort_by(|one, other| order(&one.area).cmp(&order(&other.area)));
            differences.push(Difference {
                changes: vec![Change::Began],
                before: None,
                after: Some(area.clone()),
                parties,
            });
        }
        differences.sort_by(|one, other| one.area().map(order).cmp(&other.area().map(order)));
        Self { differences }
    }

    /// Keeps one level.
    pub fn only(mut self, level: AreaLevel) -> Self {
        self.differences.retain(|one| one.area().is_some_and(|area| area.level == level));
        self
    }

    /// How many units of each change.
    pub fn counts(&self) -> HashMap<Change, usize> {
        let mut counts = HashMap::new();
        for change in self.differences.iter().flat_map(|one| &one.changes) {
            *counts.entry(*change).or_insert(0) += 1;
        }
        counts
    }
}

fn order(area: &Area) -> (AreaLevel, String, &AreaId) {
    (area.level, area.code.clone().unwrap_or_default(), &area.id)
}

fn changes(before: &Area, after: &Area) -> Vec<Change> {
    let told = [
        (Change::Renamed, !kernel::text::same_name(&before.name, &after.name)),
        (Change::Reclassified, before.area_type != after.area_type),
        (Change::Reparented, before.parent != after.parent),
    ];
    let changes: Vec<Change> =
        told.into_iter().filter(|(_, is)| *is).map(|(change, _)| change).collect();
    if changes.is_empty() { vec![Change::Same] } else { changes }
}

/// Follows an ended unit, step by step, to the units of the second day. A step that leads nowhere known
/// gives nothing: what is not known is not made up.
fn follow(
    id: &AreaId,
    steps: &HashMap<AreaId, Vec<Onward>>,
    new: &HashMap<AreaId, Area>,
    until: Day,
) -> Vec<Party> {
    let mut reached: Vec<Party> = Vec::new();
    let mut seen: HashSet<AreaId> = HashSet::new();
    let mut ways: Vec<(AreaId, bool, bool)> = vec![(id.clone(), true, true)];
    while let Some((at, whole, first)) = ways.pop() {
        if !seen.insert(at.clone()) {
            continue;
        }
        for step in steps.get(&at).into_iter().flatten() {
            if step.event.effective_on > until {
                continue;
            }
            let whole = whole && step.whole;
            match new.get(&step.to) {
                Some(area) if reached.iter().all(|known| known.area.id != area.id) => {
                    reached.push(Party {
                        area: area.clone(),
                        whole,
                        weight: step.weight.filter(|_| first && !whole),
                        event: step.event.clone(),
                    });
                }
                Some(_) => {}
                None => ways.push((step.to.clone(), whole, false)),
            }
        }
    }
    reached.sort_by(|one, other| order(&one.area).cmp(&order(&other.area)));
    reached
}

/// The counts of one province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The province.
    pub province: AreaId,
    /// How many units of each change, in the order of [`Change::ALL`].
    pub counts: [usize; 6],
}

/// Counts by province of the second day. A unit that ended counts in every province that took of it; one that
/// nobody knows the way of counts in the province it lay in.
pub fn summaries(compared: &Compared) -> Vec<Summary> {
    let mut counts: HashMap<AreaId, [usize; 6]> = HashMap::new();
    for one in &compared.differences {
        let places: BTreeSet<AreaId> = match (&one.after, &one.before) {
            (Some(after), _) => province(after).into_iter().collect(),
            (None, _) if !one.parties.is_empty() => {
                one.parties.iter().filter_map(|party| province(&party.area)).collect()
            }
            (None, Some(before)) => province(before).into_iter().collect(),
            (None, None) => BTreeSet::new(),
        };
        for place in places {
            let row = counts.entry(place).or_default();
            for change in &one.changes {
                row[*change as usize] += 1;
            }
        }
    }
    counts.into_iter().map(|(province, counts)| Summary { province, counts }).collect()
}

/// The step of the path below the country.
fn province(area: &Area) -> Option<AreaId> {
    area.path.as_str().trim_matches('/').split('/').nth(1).and_then(AreaId::parse)
}
