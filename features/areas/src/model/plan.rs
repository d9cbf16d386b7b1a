//! From the shipped tables to units, facts, events and transfers. Pure: the whole country is planned in
//! memory and then written at once. What a plan holds is here; how it is made is in `build`.
//!
//! What keeps its territory keeps its identity (unchanged, renamed, reclassified, given another parent);
//! what is merged, divided or converted ends, and a new unit begins. The codes of the tables only join
//! their rows: afterwards they are facts like a name.

mod build;
mod groups;
mod tables;
mod tree;

use kernel::{clock::Day, scope::ScopePath};

pub use tables::{SuccessionRow, Tables, UnitRow};

use super::{AreaEventId, AreaId, AreaLevel, AreaType, EventKind};

/// Everything the tables say, as the store writes it.
#[derive(Debug, Default)]
pub struct Plan {
    /// The frames.
    pub frames: Vec<Frame>,
    /// What changed the map.
    pub events: Vec<PlannedEvent>,
    /// Territories.
    pub units: Vec<PlannedUnit>,
    /// What is said about them when.
    pub facts: Vec<PlannedFact>,
    /// What went where.
    pub transfers: Vec<PlannedTransfer>,
}

/// A whole tree as of a day.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `2021`, `2024`, `2025-07`, `2026-09`.
    pub id: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// The day it shows.
    pub as_of: Day,
    /// Where it was taken from.
    pub source: &'static str,
    /// How many communes it has.
    pub communes: usize,
}

/// An event to be written.
#[derive(Clone, Debug)]
pub struct PlannedEvent {
    /// The same on every node.
    pub id: AreaEventId,
    /// What happened.
    pub kind: EventKind,
    /// As it is cited.
    pub instrument: &'static str,
    /// The day it was signed, where known.
    pub decided_on: Option<Day>,
    /// The day it takes effect.
    pub effective_on: Day,
    /// Checked against the instrument itself; shipped events are not, so far.
    pub confirmed: bool,
}

/// A unit to be written.
#[derive(Clone, Debug)]
pub struct PlannedUnit {
    /// The same on every node.
    pub id: AreaId,
    /// Its rung.
    pub level: AreaLevel,
    /// First day known.
    pub born_on: Day,
    /// First day it is no more.
    pub ended_on: Day,
    /// What made it.
    pub born_event: Option<AreaEventId>,
    /// What ended it.
    pub ended_event: Option<AreaEventId>,
}

/// A dated fact to be written.
#[derive(Clone, Debug)]
pub struct PlannedFact {
    /// About which territory.
    pub unit: AreaId,
    /// Its rung.
    pub level: AreaLevel,
    /// First day.
    pub from: Day,
    /// First day no longer.
    pub until: Day,
    /// Code of the time.
    pub code: Option<String>,
    /// Name of the time.
    pub name: String,
    /// Type of the time.
    pub area_type: AreaType,
    /// Parent of the time.
    pub parent: Option<AreaId>,
    /// Path of the time.
    pub path: ScopePath,
    /// Folded full names of all that lies above.
    pub context: String,
    /// What brought it.
    pub event: Option<AreaEventId>,
    /// The instrument, as cited; empty when none is known.
    pub instrument: &'static str,
}

/// A transfer to be written.
#[derive(Clone, Debug)]
pub struct PlannedTransfer {
    /// Part of which event.
    pub event: AreaEventId,
    /// The unit that ended.
    pub from: AreaId,
    /// The unit that took it, or a part of it, over.
    pub to: AreaId,
    /// True when all of it went there.
    pub whole: bool,
}

impl PlannedFact {
    /// The name with its type.
    pub fn full_name(&self) -> String {
        self.area_type.full_name(&self.name)
    }
}

/// The rows of the word index: a folded name from each of its words on, the whole name (true) first.
pub fn index_words(folded: &str) -> impl Iterator<Item = (&str, bool)> {
    let starts = std::iter::once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1));
    starts.map(|at| (&folded[at..], at == 0)).filter(|(word, _)| !word.is_empty())
}

/// The first frame whose units have known successors: 30 June 2024. What ended before (the units of the
/// frame of 2021) has none until somebody imports the decrees between.
pub fn succession_known_from() -> Day {
    day((2024, 6, 30))
}

/// The first day of the list of 2021: nothing is known of what was before.
pub fn known_from() -> Day {
    day((2021, 1, 1))
}

/// The day of the great reorganisation: 63 provinces, districts and 10,035 communes until the day before,
/// 34 provinces and 3,321 communes from this day on.
pub fn restructured_on() -> Day {
    day((2025, 7, 1))
}

fn day((year, month, day): (i16, i8, i8)) -> Day {
    Day::new(year, month, day).expect("the constants of this file are days of the calendar")
}
