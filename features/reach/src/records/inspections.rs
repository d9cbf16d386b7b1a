//! An inspection's record as bytes: deterministic CBOR, an array. The inspector's name and remarks stay behind.

use kernel::{
    clock::{Day, Timestamp},
    problem::{Failure, Outcome},
    records::Incoming,
    scope::ScopePath,
};

use crate::{
    actions::evidence::plausible,
    model::{
        COUNTED,
        inspection::{ASKED_MAX, InspectionId, METHODS, TEAM_MAX},
    },
    store::inspections::InspectionRow,
};

const FORMAT: u8 = 1;
const BYTES_MAX: usize = 2_000;

/// What is told of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub id: InspectionId,
    /// The village or commune.
    pub unit: String,
    /// Which audience was asked.
    pub audience: String,
    /// About which publication.
    pub publication: String,
    /// And version.
    pub version: u32,
    /// On which day.
    pub asked_on: Day,
    /// How many were asked.
    pub asked: i64,
    /// How many knew of it.
    pub knew: i64,
    /// How they were chosen.
    pub method: String,
    /// Which team asked.
    pub team: String,
    /// When it was written down.
    pub recorded_at: i64,
    /// True when the record was withdrawn.
    pub voided: bool,
}

/// The fields in their order on the wire.
type Fields =
    (u8, String, String, String, String, u32, String, i64, i64, String, String, i64, bool);

impl Told {
    /// What is told of an inspection.
    pub fn of(row: &InspectionRow) -> Self {
        Self {
            id: row.id.clone(),
            unit: row.unit.clone(),
            audience: row.audience.clone(),
            publication: row.publication.clone(),
            version: row.version,
            asked_on: row.asked_on,
            asked: row.asked,
            knew: row.knew,
            method: row.method.clone(),
            team: row.team.clone(),
            recorded_at: row.recorded_at.millis(),
            voided: row.voided_at.is_some(),
        }
    }

    /// The bytes.
    pub fn encode(&self) -> Outcome<Vec<u8>> {
        let mut out = Vec::new();
        let fields: Fields = (
            FORMAT,
            self.id.as_str().to_owned(),
            self.unit.clone(),
            self.audience.clone(),
            self.publication.clone(),
            self.version,
            self.asked_on.iso(),
            self.asked,
            self.knew,
            self.method.clone(),
            self.team.clone(),
            self.recorded_at,
            self.voided,
        );
        ciborium::into_writer(&fields, &mut out)
            .map_err(|error| Failure::fault("write an inspection", error))?;
        Ok(out)
    }

    /// Reads the bytes; `None` when they make no sense.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > BYTES_MAX {
            return None;
        }
        let fields: Fields = ciborium::from_reader(bytes).ok()?;
        let (format, id, unit, audience, publication, version, asked_on, asked, knew, ..) = &fields;
        let (.., method, team, recorded_at, voided) = &fields;
        let fits = *format == FORMAT
            && kernel::ids::is_well_formed(unit)
            && kernel::ids::is_well_formed(publication)
            && COUNTED.contains(&audience.as_str())
            && METHODS.contains(&method.as_str())
            && (1..=ASKED_MAX).contains(asked)
            && (0..=*asked).contains(knew)
            && team.chars().count() <= TEAM_MAX;
        fits.then_some(())?;
        Some(Self {
            id: InspectionId::parse(id)?,
            unit: unit.clone(),
            audience: audience.clone(),
            publication: publication.clone(),
            version: *version,
            asked_on: Day::parse(asked_on)?,
            asked: *asked,
            knew: *knew,
            method: method.clone(),
            team: team.clone(),
            recorded_at: *recorded_at,
            voided: *voided,
        })
    }

    /// The record as the receiver stores it, in the place at `path`.
    pub fn row(&self, record: &Incoming, path: ScopePath, now: Timestamp) -> InspectionRow {
        InspectionRow {
            id: self.id.clone(),
            publication: self.publication.clone(),
            version: self.version,
            audience: self.audience.clone(),
            unit: self.unit.clone(),
            path,
            asked_on: self.asked_on,
            asked: self.asked,
            knew: self.knew,
            method: self.method.clone(),
            team: self.team.clone(),
            inspector: None,
            note: None,
            origin: record.origin.to_string(),
            recorded_at: plausible(Timestamp::from_millis(self.recorded_at), now),
            voided_at: None,
            void_why: None,
        }
    }
}
