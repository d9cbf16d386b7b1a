//! How a village changes: another name or kind from a day on, an end, and the bodies with which nodes tell
//! each other.

use std::collections::HashMap;

use kernel::{
    clock::{Day, Timestamp},
    problem::{FormProblems, Outcome},
    text,
};
use serde::{Deserialize, Serialize};

use super::{
    Area, AreaEventId, AreaId, AreaType, PopulationId,
    class::{Classing, ClassingId, INSTRUMENT_CHARS_MAX},
    ethnic::GroupCount,
    village::{Count, NewVillage, Village},
};

/// Another name or kind of a village as an officer enters it.
#[derive(Clone, Debug)]
pub struct NewVillageName {
    /// The village.
    pub village: AreaId,
    /// The kind from then on.
    pub kind: Option<AreaType>,
    /// The name from then on.
    pub name: String,
    /// First day; none when it could not be read.
    pub on: Option<Day>,
    /// The instrument, e.g. a resolution of the province's People's Council.
    pub instrument: String,
}

/// The end of a village as an officer enters it.
#[derive(Clone, Debug)]
pub struct VillageEnd {
    /// The village.
    pub village: AreaId,
    /// The village that took it over whole; none when it was abolished.
    pub into: Option<AreaId>,
    /// First day on which it is no more.
    pub on: Option<Day>,
    /// The instrument.
    pub instrument: String,
}

/// From when, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// First day of the new state.
    pub on: Day,
    /// The instrument as it is cited.
    pub instrument: String,
}

impl NewVillageName {
    /// Checks against the village's last fact and the other villages of its commune.
    pub fn check(&self, now: &Area, others: &[Area], today: Day) -> Outcome<(Village, Basis)> {
        let mut wrong = FormProblems::new();
        let basis = basis(&mut wrong, self.on, &self.instrument, today);
        if basis.on < now.from {
            wrong.add_with("on", "areas-change-early", vec![("day", now.from.short())]);
        }
        let draft = NewVillage {
            commune: now.parent.clone().unwrap_or_else(AreaId::country),
            kind: self.kind,
            name: self.name.clone(),
        };
        let others: Vec<Area> = others.iter().filter(|other| other.id != now.id).cloned().collect();
        let village = match draft.check(&others) {
            Ok(village) => village,
            Err(failure) => {
                for field in
                    failure.problem().map(|problem| problem.fields.clone()).unwrap_or_default()
                {
                    wrong.add_with(field.field, field.key, field.args);
                }
                return Err(wrong.check().err().unwrap_or(failure));
            }
        };
        let same = village.kind == now.area_type && village.name == now.name;
        wrong.require(!same, "name", "areas-change-nothing");
        wrong.check()?;
        Ok((village, basis))
    }
}

impl VillageEnd {
    /// Checks against the village's last fact and the one that takes it over.
    pub fn check(&self, now: &Area, into: Option<&Area>, today: Day) -> Outcome<Basis> {
        let mut wrong = FormProblems::new();
        let basis = basis(&mut wrong, self.on, &self.instrument, today);
        if basis.on <= now.from {
            let first = now.from.plus_days(1).short();
            wrong.add_with("on", "areas-end-early", vec![("day", first)]);
        }
        let fits = match (&self.into, into) {
            (None, _) => true,
            (Some(_), Some(heir)) => {
                heir.id != now.id && heir.holds_on(basis.on) && heir.parent == now.parent
            }
            (Some(_), None) => false,
        };
        wrong.require(fits, "into", "areas-end-into-wrong");
        wrong.check()?;
        Ok(basis)
    }
}

fn basis(wrong: &mut FormProblems, on: Option<Day>, instrument: &str, today: Day) -> Basis {
    match on {
        None => drop(wrong.add("on", "areas-change-day-missing")),
        Some(on) if on > today => drop(wrong.add("on", "areas-population-day-future")),
        Some(_) => {}
    }
    let instrument = text::tidy(instrument);
    wrong.require(!instrument.is_empty(), "instrument", "areas-instrument-missing");
    if instrument.chars().count() > INSTRUMENT_CHARS_MAX {
        wrong.add_with(
            "instrument",
            "areas-instrument-long",
            vec![("most", INSTRUMENT_CHARS_MAX.to_string())],
        );
    }
    Basis { on: on.unwrap_or(today), instrument }
}

/// The kind of a record with notes on the places of a commune.
pub const NOTES_KIND: u16 = 13;
/// The kind of a record with head counts by ethnic group. It only ever goes up, sealed to the hub.
pub const GROUPS_KIND: u16 = 14;
/// A record down may hold 16 KiB; a note with the longest name and source stays below 1 KiB.
pub const NOTES_BYTES_MAX: usize = 8 << 10;
const VERSION: u8 = 1;

/// Something said of a place of a commune. The names on the wire are for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// A village: id, code of its kind, bare name.
    #[serde(rename = "v")]
    Village(AreaId, String, String),
    /// A head count: id, unit, day, people, households, source, when it was recorded.
    #[serde(rename = "c")]
    Counted(PopulationId, AreaId, Day, i64, i64, String, Timestamp),
    /// Another name: event, village, code of its kind, bare name, basis.
    #[serde(rename = "n")]
    Renamed(AreaEventId, AreaId, String, String, Basis),
    /// An end: event, village, the one that took it over, basis.
    #[serde(rename = "e")]
    Ended(AreaEventId, AreaId, Option<AreaId>, Basis),
    /// A village entered by mistake and taken back.
    #[serde(rename = "r")]
    Removed(AreaId),
    /// A class: id, place, what was said, when it was recorded. Only ever goes down.
    #[serde(rename = "k")]
    Classed(ClassingId, AreaId, Classing, Timestamp),
}

impl Note {
    /// A head count.
    pub fn counted(id: &PopulationId, unit: &AreaId, count: &Count, at: Timestamp) -> Self {
        let Count { on, people, households, source } = count.clone();
        Self::Counted(id.clone(), unit.clone(), on, people, households, source, at)
    }
}

/// Notes on the places of one commune.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotesBody(pub u8, pub AreaId, pub Vec<Note>);

/// Head counts by ethnic group of one commune: of which count, of which unit, what.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupsBody(pub u8, pub AreaId, pub Vec<(PopulationId, AreaId, Vec<GroupCount>)>);

impl NotesBody {
    /// A body of this version.
    pub fn of(commune: &AreaId, notes: Vec<Note>) -> Self {
        Self(VERSION, commune.clone(), notes)
    }
}

impl GroupsBody {
    /// A body of this version.
    pub fn of(commune: &AreaId, counts: Vec<(PopulationId, AreaId, Vec<GroupCount>)>) -> Self {
        Self(VERSION, commune.clone(), counts)
    }
}

/// Cuts a list into runs whose encoded length stays below the limit; one item alone may exceed it.
pub fn runs<T: Serialize>(items: Vec<T>) -> Vec<Vec<T>> {
    let mut runs: Vec<Vec<T>> = Vec::new();
    let mut filled = NOTES_BYTES_MAX;
    for item in items {
        let bytes = super::wire::encode(&item).len();
        if filled + bytes > NOTES_BYTES_MAX {
            runs.push(Vec::new());
            filled = 0;
        }
        filled += bytes;
        if let Some(run) = runs.last_mut() {
            run.push(item);
        }
    }
    runs
}

/// Head counts of the villages of a place, added up, with how many villages they cover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rollup {
    /// People in the villages that were counted.
    pub people: i64,
    /// Households in them.
    pub households: i64,
    /// Villages that were counted.
    pub counted: i64,
    /// All villages.
    pub villages: i64,
}

impl Rollup {
    /// True when every village was counted, so that the sum is the whole.
    pub fn is_whole(&self) -> bool {
        self.villages > 0 && self.counted == self.villages
    }
}

/// The newest breakdowns of several villages, added up by group.
pub fn add_up(breakdowns: impl IntoIterator<Item = GroupCount>) -> Vec<GroupCount> {
    let mut sums: HashMap<String, GroupCount> = HashMap::new();
    for one in breakdowns {
        match sums.get_mut(&one.ethnic) {
            None => {
                sums.insert(one.ethnic.clone(), one);
            }
            Some(sum) => {
                sum.people += one.people;
                // A sum with an unknown part is unknown.
                sum.households = sum.households.zip(one.households).map(|(a, b)| a + b);
            }
        }
    }
    let mut sums: Vec<GroupCount> = sums.into_values().collect();
    sums.sort_by(|a, b| a.ethnic.cmp(&b.ethnic));
    sums
}
