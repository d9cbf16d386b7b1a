//! A roster entry as bytes: number, village, days. Deterministic CBOR, an array: `[1, serial, village,
//! from, until]`. The register is the one of the sender; where it goes on with a register that it has taken
//! from another node, that one is named: `[2, serial, village, from, until, register]`. Where the keeping has
//! passed on more than once, that is counted: `[3, serial, village, from, until, register, hand]`, the register
//! empty when it is the sender's own.

use kernel::{
    clock::Day,
    problem::{Failure, Outcome},
    records::Incoming,
    scope::ScopePath,
};

use super::register_of;
use crate::store::people::Entry;

const FORMAT: u8 = 1;
const FORMAT_OF_REGISTER: u8 = 2;
const FORMAT_OF_HAND: u8 = 3;

/// What is told of a roster entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    serial: u32,
    village: String,
    from: String,
    until: String,
    register: Option<String>,
    hand: u32,
}

/// The fields of format 1 in their order on the wire.
type Own = (u8, u32, String, String, String);
/// The same of format 2.
type Taken = (u8, u32, String, String, String, String);
/// The same of format 3.
type Passed = (u8, u32, String, String, String, String, u32);

impl Listed {
    /// What is told of an entry.
    pub fn of(entry: &Entry) -> Self {
        Self {
            serial: entry.serial,
            village: entry.village.clone(),
            from: entry.from_day.iso(),
            until: entry.until_day.iso(),
            register: None,
            hand: entry.hand,
        }
    }

    /// The same, in a register that the sender has taken from another node.
    pub fn in_register(self, register: &str) -> Self {
        Self { register: Some(register.to_owned()), ..self }
    }

    /// The village it names.
    pub fn village(&self) -> &str {
        &self.village
    }

    /// The bytes.
    pub fn encode(&self) -> Outcome<Vec<u8>> {
        let mut out = Vec::new();
        let (serial, village, from, until) = (self.serial, &self.village, &self.from, &self.until);
        let written = match (&self.register, self.hand) {
            (None, 0) => ciborium::into_writer(&(FORMAT, serial, village, from, until), &mut out),
            (Some(register), 0 | 1) => ciborium::into_writer(
                &(FORMAT_OF_REGISTER, serial, village, from, until, register),
                &mut out,
            ),
            (register, hand) => {
                let register = register.as_deref().unwrap_or_default();
                ciborium::into_writer(
                    &(FORMAT_OF_HAND, serial, village, from, until, register, hand),
                    &mut out,
                )
            }
        };
        written.map_err(|error| Failure::fault("write a roster entry", error))?;
        Ok(out)
    }

    /// Reads the bytes; `None` when they make no sense.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > 400 {
            return None;
        }
        let own = ciborium::from_reader::<Own, _>(bytes).ok().filter(|own| own.0 == FORMAT);
        let taken = ciborium::from_reader::<Taken, _>(bytes).ok();
        let taken = taken.filter(|taken| taken.0 == FORMAT_OF_REGISTER);
        let (serial, village, from, until, register, hand) = match (own, taken) {
            (Some((_, serial, village, from, until)), _) => {
                (serial, village, from, until, String::new(), 0)
            }
            (_, Some((_, serial, village, from, until, register))) => {
                (!register.is_empty()).then_some(())?;
                (serial, village, from, until, register, 1)
            }
            _ => {
                let passed: Passed = ciborium::from_reader(bytes).ok()?;
                let (format, serial, village, from, until, register, hand) = passed;
                (format == FORMAT_OF_HAND && hand > 0).then_some(())?;
                (serial, village, from, until, register, hand)
            }
        };
        let named = register.is_empty() || kernel::ids::is_well_formed(&register);
        let fits = serial > 0 && named && kernel::ids::is_well_formed(&village);
        let days = Day::parse(&from).is_some() && Day::parse(&until).is_some();
        let register = (!register.is_empty()).then_some(register);
        (fits && days).then_some(Self { serial, village, from, until, register, hand })
    }

    /// True when the sender has taken its keeping over from another node.
    pub fn is_passed_on(&self) -> bool {
        self.hand > 0
    }

    /// The entry as the receiver stores it: numbered in the sender's register, in the village at `path`. None
    /// when the register is not the sender's to write in.
    pub fn entry(&self, record: &Incoming, path: ScopePath) -> Option<Entry> {
        let register = register_of(record, self.register.as_deref())?;
        let day = |text: &str| Day::parse(text).unwrap_or(Day::FOREVER);
        Some(Entry {
            commune: register,
            serial: self.serial,
            village: self.village.clone(),
            path,
            from_day: day(&self.from),
            until_day: day(&self.until),
            origin: record.origin.to_string(),
            hand: self.hand,
        })
    }
}
