//! The bodies of records on the wire: CBOR arrays whose first element is their version. Pure; who says
//! them is decided in `actions`, what an arriving one does in `records`.

use kernel::clock::{Day, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    AreaId, AreaType, PopulationId,
    village::{Count, Village},
};

/// The kind of a village record.
pub const VILLAGE_KIND: u16 = 10;
/// The kind of a head count record.
pub const POPULATION_KIND: u16 = 11;
/// The kind of the word that a village belongs to a commune.
pub const ASSIGNMENT_KIND: u16 = 16;
const VERSION: u8 = 1;

/// Version, id, commune, code of the kind, bare name.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VillageBody(u8, AreaId, AreaId, String, String);

/// Version, id, unit, day, people, households, source, when it was recorded.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationBody(u8, PopulationId, AreaId, Day, i64, i64, String, Timestamp);

/// Version, village, commune.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentBody(u8, AreaId, AreaId);

impl AssignmentBody {
    /// A village of a commune.
    pub fn of(village: &AreaId, commune: &AreaId) -> Self {
        Self(VERSION, village.clone(), commune.clone())
    }

    /// The village.
    pub fn village(&self) -> &AreaId {
        &self.1
    }

    /// The commune it belongs to.
    pub fn commune(&self) -> &AreaId {
        &self.2
    }
}

impl VillageBody {
    /// A village of a commune.
    pub fn of(id: &AreaId, commune: &AreaId, village: &Village) -> Self {
        let kind = village.kind.code().to_owned();
        Self(VERSION, id.clone(), commune.clone(), kind, village.name.clone())
    }

    /// Its id; only ids that a node minted, so that no record can stand in for a shipped unit.
    pub fn id(&self) -> Option<&AreaId> {
        is_minted(self.1.as_str()).then_some(&self.1)
    }

    /// The commune it belongs to.
    pub fn commune(&self) -> &AreaId {
        &self.2
    }

    /// What an officer would have entered.
    pub fn village(&self) -> super::village::NewVillage {
        super::village::NewVillage {
            commune: self.2.clone(),
            kind: AreaType::from_code(&self.3),
            name: self.4.clone(),
        }
    }
}

impl PopulationBody {
    /// A head count of a unit.
    pub fn of(id: &PopulationId, area: &AreaId, count: &Count, at: Timestamp) -> Self {
        let Count { on, people, households, source } = count.clone();
        Self(VERSION, id.clone(), area.clone(), on, people, households, source, at)
    }

    /// Its id.
    pub fn id(&self) -> Option<&PopulationId> {
        is_minted(self.1.as_str()).then_some(&self.1)
    }

    /// The unit counted.
    pub fn area(&self) -> &AreaId {
        &self.2
    }

    /// When it was recorded.
    pub fn recorded_at(&self) -> Timestamp {
        self.7
    }

    /// What an officer would have entered.
    pub fn count(&self) -> super::village::NewPopulation {
        super::village::NewPopulation {
            area: self.2.clone(),
            on: Some(self.3),
            people: Some(self.4),
            households: Some(self.5),
            source: self.6.clone(),
        }
    }
}

pub(crate) fn is_minted(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// A body as bytes.
pub fn encode<B: Serialize>(body: &B) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(body, &mut bytes)
        .expect("numbers and text always fit CBOR, and memory takes all");
    bytes
}

/// A body back; `None` when the bytes are none of ours.
pub fn decode<B: DeserializeOwned>(bytes: &[u8]) -> Option<B> {
    ciborium::from_reader(bytes).ok()
}
