//! A roster entry as bytes: number, village, days. Deterministic CBOR, an array: `[1, serial, village,
//! from, until]`. The commune is the sender's.

use kernel::{
    clock::Day,
    problem::{Failure, Outcome},
    records::Incoming,
    scope::ScopePath,
};

use crate::{model::Place, store::people::Entry};

const FORMAT: u8 = 1;

/// What is told of a roster entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    serial: u32,
    village: String,
    from: String,
    until: String,
}

impl Listed {
    /// What is told of an entry.
    pub fn of(entry: &Entry) -> Self {
        Self {
            serial: entry.serial,
            village: entry.village.clone(),
            from: entry.from_day.iso(),
            until: entry.until_day.iso(),
        }
    }

    /// The village it names.
    pub fn village(&self) -> &str {
        &self.village
    }

    /// The bytes.
    pub fn encode(&self) -> Outcome<Vec<u8>> {
        let mut out = Vec::new();
        let fields = (FORMAT, self.serial, &self.village, &self.from, &self.until);
        ciborium::into_writer(&fields, &mut out)
            .map_err(|error| Failure::fault("write a roster entry", error))?;
        Ok(out)
    }

    /// Reads the bytes; `None` when they make no sense.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > 400 {
            return None;
        }
        let (format, serial, village, from, until): (u8, u32, String, String, String) =
            ciborium::from_reader(bytes).ok()?;
        let fits = format == FORMAT && serial > 0 && kernel::ids::is_well_formed(&village);
        let days = Day::parse(&from).is_some() && Day::parse(&until).is_some();
        (fits && days).then_some(Self { serial, village, from, until })
    }

    /// The entry as the receiver stores it: numbered in the sender's register, in the village at `path`.
    pub fn entry(&self, record: &Incoming, path: ScopePath) -> Entry {
        let day = |text: &str| Day::parse(text).unwrap_or(Day::FOREVER);
        Entry {
            commune: Place::of(record.joined_as()).commune,
            serial: self.serial,
            village: self.village.clone(),
            path,
            from_day: day(&self.from),
            until_day: day(&self.until),
            origin: record.origin.to_string(),
        }
    }
}
