//! The bodies of records on the wire: CBOR arrays whose first element is their version. Pure; who says
//! them is decided in `actions`, what an arriving one does in `records`.

use kernel::{
    clock::{Day, Timestamp},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Area, AreaEventId, AreaId, AreaType, PopulationId,
    succession::Heir,
    village::{Count, Village},
};

/// The kind of a village record.
pub const VILLAGE_KIND: u16 = 10;
/// The kind of a head count record.
pub const POPULATION_KIND: u16 = 11;
/// The kind of the word that a village belongs to a commune, as it was said before 19 said that too. Read for
/// ever, never said.
pub const OLD_PLACED_KIND: u16 = 16;
/// The kind of the word that a village belongs to a commune.
pub const PLACED_KIND: u16 = 19;
const VERSION: u8 = 1;
const PLACED_VERSION: u8 = 2;

/// Version, id, commune, code of the kind, bare name.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VillageBody(u8, AreaId, AreaId, String, String);

/// Version, id, unit, day, people, households, source, when it was recorded.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationBody(u8, PopulationId, AreaId, Day, i64, i64, String, Timestamp);

/// A village belongs to another commune from now on: one that was divided, or is no more, let it go. Version,
/// village, its commune's unit and path; code of its kind and bare name, for nodes that do not know it yet; and
/// where it waited for this, the event that divided its old commune, with that one's path until then.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedBody(
    u8,
    AreaId,
    AreaId,
    Option<ScopePath>,
    Option<(String, String)>,
    Option<(AreaEventId, ScopePath)>,
);

/// What kind 16 said: version, village, commune.
#[derive(Debug, Serialize, Deserialize)]
struct OldPlaced(u8, AreaId, AreaId);

/// What kind 19 said in version 1: version, event, village, its commune's path until then, the heir's unit and
/// path.
#[derive(Debug, Serialize, Deserialize)]
struct OldAssigned(u8, AreaEventId, AreaId, ScopePath, AreaId, ScopePath);

impl PlacedBody {
    /// A village that waited because of an event for one of these to be chosen.
    pub fn decided(village: &Area, heir: &Heir, event: &AreaEventId, from: &ScopePath) -> Self {
        Self(
            PLACED_VERSION,
            village.id.clone(),
            heir.unit.clone(),
            Some(heir.path.clone()),
            Some((village.area_type.code().to_owned(), village.name.clone())),
            Some((event.clone(), from.clone())),
        )
    }

    /// A village whose commune is no more, and nobody was asked.
    pub fn settled(village: &Area, commune: &Area) -> Self {
        Self(
            PLACED_VERSION,
            village.id.clone(),
            commune.id.clone(),
            Some(commune.path.clone()),
            Some((village.area_type.code().to_owned(), village.name.clone())),
            None,
        )
    }

    /// Reads a body of either kind, in any version that was ever written.
    pub fn read(kind: u16, bytes: &[u8]) -> Option<Self> {
        if kind == OLD_PLACED_KIND {
            let OldPlaced(_, village, commune) = decode(bytes)?;
            return Some(Self(PLACED_VERSION, village, commune, None, None, None));
        }
        if let Some(body) = decode::<Self>(bytes).filter(|body| body.0 == PLACED_VERSION) {
            return Some(body);
        }
        let OldAssigned(_, event, village, from, unit, path) = decode(bytes)?;
        Some(Self(PLACED_VERSION, village, unit, Some(path), None, Some((event, from))))
    }

    /// The village.
    pub fn village(&self) -> &AreaId {
        &self.1
    }

    /// The commune it belongs to.
    pub fn commune(&self) -> &AreaId {
        &self.2
    }

    /// The commune as an heir, when its path was told.
    pub fn heir(&self) -> Option<Heir> {
        Some(Heir { unit: self.2.clone(), path: self.3.clone()? })
    }

    /// The village as somebody would have entered it, for a node that does not know it.
    pub fn named(&self) -> Option<super::village::NewVillage> {
        let (kind, name) = self.4.clone()?;
        let kind = AreaType::from_code(&kind);
        is_minted(self.1.as_str()).then(|| super::village::NewVillage {
            commune: self.2.clone(),
            kind,
            name,
        })
    }

    /// The event because of which it waited, and the path of its commune until then.
    pub fn waited(&self) -> Option<&(AreaEventId, ScopePath)> {
        self.5.as_ref()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ScopePath {
        ScopePath::parse(text).expect("a path")
    }

    fn id(text: &str) -> AreaId {
        AreaId::parse(text).expect("an id")
    }

    #[test]
    fn every_spelling_of_where_a_village_went_that_was_ever_written_is_read() {
        let (village, unit) = (id(&"ab".repeat(16)), id("01942.20261101"));
        let old = encode(&OldPlaced(1, village.clone(), unit.clone()));
        let read = PlacedBody::read(OLD_PLACED_KIND, &old).expect("kind 16");
        assert_eq!((read.village(), read.commune(), read.waited()), (&village, &unit, None));

        let event = AreaEventId::parse("e1").expect("an id");
        let (from, to) = (path("/vn/19.2025/01969.2025/"), path("/vn/19.2025/01942.20261101/"));
        let old =
            OldAssigned(1, event.clone(), village.clone(), from.clone(), unit.clone(), to.clone());
        let read = PlacedBody::read(PLACED_KIND, &encode(&old)).expect("kind 19, version 1");
        assert_eq!(read.waited(), Some(&(event.clone(), from.clone())));
        assert_eq!(read.heir(), Some(Heir { unit: unit.clone(), path: to.clone() }));
        assert!(read.named().is_none(), "it did not say how the village is called");

        let name = Some(("thon".to_owned(), "Nà Hai".to_owned()));
        let new =
            PlacedBody(PLACED_VERSION, village.clone(), unit, Some(to), name, Some((event, from)));
        let back = PlacedBody::read(PLACED_KIND, &encode(&new)).expect("as it is written now");
        assert_eq!(back, new);
        assert_eq!(back.named().map(|named| named.name), Some("Nà Hai".to_owned()));
        assert!(PlacedBody::read(PLACED_KIND, b"nonsense").is_none());
    }
}
