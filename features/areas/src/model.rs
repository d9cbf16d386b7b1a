//! The nouns of areas: units, their dated facts, the events that changed the map, and what went where.
//! Pure. How the shipped data becomes units is in `plan`, how names are looked for in `search`, what
//! communes add themselves in `village`.

pub mod class;
pub mod decree;
pub mod ethnic;
pub mod frame;
pub mod kinds;
pub mod map;
pub mod plan;
pub mod question;
pub mod search;
pub mod succession;
pub mod view;
pub mod village;
pub mod village_change;
pub mod village_plan;
pub mod village_table;
pub mod wire;

use kernel::{
    clock::{Day, Timestamp},
    db::{Column, DbError, FromRow, Row},
    events::Event,
    row_struct,
    scope::ScopePath,
    typed_ids,
};
use serde::{Deserialize, Serialize};

pub use kinds::{AreaLevel, AreaType, EventKind};

typed_ids! {
    /// A territory. Shipped units are `<code>.<year of the frame they first appear in>`
    /// (`01969.2025`), the same on every node; the country is `vn`; villages are minted.
    AreaId,
    /// Something that changed the map.
    AreaEventId,
    /// One recorded head count.
    PopulationId,
}

/// True for how people name the country where a place is asked for: *Cả nước*, *toàn quốc*, *VN*.
pub fn names_the_country(said: &str) -> bool {
    ["vn", "ca nuoc", "toan quoc", "viet nam"].contains(&kernel::text::fold(said).as_str())
}

impl AreaId {
    /// The country.
    pub fn country() -> Self {
        kernel::ids::Id::from_text("vn".to_owned())
    }
}

/// A unit as it is (or was) during one validity: the territory together with one dated fact about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Area {
    /// The territory.
    pub id: AreaId,
    /// Its rung.
    pub level: AreaLevel,
    /// The statistical code (Decision 19/2025/QĐ-TTg and its predecessors); an attribute, never an identity.
    pub code: Option<String>,
    /// The bare name: `Phủ Thông`.
    pub name: String,
    /// The name with its type, as written within a sentence: `xã Phủ Thông`.
    pub full_name: String,
    /// What kind of unit it is in this validity.
    #[serde(rename = "type")]
    pub area_type: AreaType,
    /// The unit above it in this validity.
    pub parent: Option<AreaId>,
    /// Where it hangs in this validity: `/vn/19.2025/01969.2025/`.
    pub path: ScopePath,
    /// First day on which all of this holds.
    pub from: Day,
    /// First day on which it no longer does; [`Day::FOREVER`] when no end is known.
    pub until: Day,
}

impl Area {
    /// True when the fact is in force on the day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.from <= day && day < self.until
    }

    /// The day on which this fact is best looked at: today while it holds, else its last (or first) day.
    pub fn seen_on(&self, today: Day) -> Day {
        if self.until <= today { self.until.plus_days(-1) } else { self.from.max(today) }
    }

    /// The full name at the start of a line: `Xã Phủ Thông`.
    pub fn title(&self) -> String {
        capitalised(&self.full_name)
    }
}

/// The same text with a capital at its start.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl FromRow for Area {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("unit")?,
            level: row.get("level")?,
            code: row.get("code")?,
            name: row.get("name")?,
            full_name: row.get("full_name")?,
            area_type: row.get("area_type")?,
            parent: row.get("parent")?,
            path: row.get("path")?,
            from: row.get("valid_from")?,
            until: row.get("valid_to")?,
        })
    }
}

/// One validity in an area's life, with the instrument that brought it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The area in this validity.
    #[serde(flatten)]
    pub area: Area,
    /// The instrument as it is cited; empty when none is known.
    pub instrument: String,
    /// The event that brought it, when one did.
    pub event: Option<AreaEventId>,
}

impl FromRow for Fact {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            area: Area::from_row(row)?,
            instrument: row.get("instrument")?,
            event: row.get("event")?,
        })
    }
}

row_struct! {
    /// When a territory began and ended, as far as it is known.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Life {
        /// First day we know of it.
        pub born_on: Day,
        /// First day it is no more; [`Day::FOREVER`] while it lives.
        pub ended_on: Day,
        /// What made it; unknown for the units of the first frames.
        pub born_event: Option<AreaEventId>,
        /// What ended it. An ended unit without one has no known successor: the view is *undefined*.
        pub ended_event: Option<AreaEventId>,
    }
}

/// Something that changed the map, or names, types and parents on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AreaEvent {
    /// Which.
    pub id: AreaEventId,
    /// What happened.
    pub kind: EventKind,
    /// The instrument of law as it is cited.
    pub instrument: String,
    /// The day it was signed, when known.
    pub decided_on: Option<Day>,
    /// The day it takes effect.
    pub effective_on: Day,
    /// True once somebody has checked it against the instrument itself.
    pub confirmed: bool,
}

/// An exact share of a divided unit that went one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Weight {
    /// Numerator.
    pub num: i64,
    /// Denominator, above zero.
    pub den: i64,
}

/// One step of succession, seen from one of its ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Succession {
    /// The unit at the other end: its facts of today, or its last ones.
    pub area: Area,
    /// True when the old unit went whole: its figures carry over exactly.
    pub whole: bool,
    /// The share that went this way; none while it is unknown.
    pub weight: Option<Weight>,
    /// What the share is a share of (population, households, area, village list); none while unknown.
    pub basis: Option<String>,
    /// Where this link was taken from.
    pub source: String,
    /// The event it belongs to.
    pub event: AreaEvent,
}

/// A head count as of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Population {
    /// People.
    pub people: i64,
    /// Households.
    pub households: i64,
    /// The day they were counted.
    pub on: Day,
    /// Who counted, or which document says so.
    pub source: String,
}

impl FromRow for Population {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            people: row.get("people")?,
            households: row.get("households")?,
            on: row.get("on_day")?,
            source: row.get("source")?,
        })
    }
}

/// A commune added a village.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VillageAdded {
    /// The new village.
    pub village: AreaId,
    /// Where it lies.
    pub path: ScopePath,
    /// When it was recorded.
    pub at: Timestamp,
}

impl Event for VillageAdded {
    const KIND: &'static str = "areas.village_added";
}

/// A village got another name or kind, or ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VillageChanged {
    /// The village.
    pub village: AreaId,
    /// Where it lies.
    pub path: ScopePath,
    /// Rename, reclassify, merge (taken over whole by another) or abolish.
    pub kind: EventKind,
    /// First day of the new state.
    pub on: Day,
}

impl Event for VillageChanged {
    const KIND: &'static str = "areas.village_changed";
}

/// A head count was recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PopulationRecorded {
    /// The unit counted.
    pub area: AreaId,
    /// The day of the count.
    pub on: Day,
    /// People.
    pub people: i64,
    /// Households.
    pub households: i64,
}

impl Event for PopulationRecorded {
    const KIND: &'static str = "areas.population_recorded";
}

impl Column for EventKind {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        let code: String = row.get(name)?;
        Self::from_code(&code).ok_or_else(|| DbError::unreadable(name, "not a kind of event"))
    }
}
