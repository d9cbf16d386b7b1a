//! A meeting's record as bytes: deterministic CBOR, an array. The names of the witness and of the
//! officer stay behind: whoever must see them opens the record in the commune.

use kernel::{
    clock::{Day, Timestamp},
    problem::{Failure, Outcome},
    records::Incoming,
    scope::ScopePath,
};

use super::register_of;
use crate::{
    actions::evidence::plausible,
    model::{
        Numbered, Place, join_attendants,
        meeting::{ITEMS_MAX, MeetingId},
        split_numbered,
    },
    store::meetings::MeetingRow,
};

const FORMAT: u8 = 1;
const FORMAT_WITH_OTHERS: u8 = 2;
const BYTES_MAX: usize = 8_000;

/// What is told of a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub id: MeetingId,
    /// The village.
    pub village: String,
    /// When it was held.
    pub held_on: Day,
    /// In which language.
    pub language: String,
    /// How many came.
    pub head_count: i64,
    /// What was told.
    pub items: Vec<(String, u32)>,
    /// Which prestigious persons came.
    pub serials: Vec<u32>,
    /// Those of registers that the sender has taken from another node: register and numbers.
    pub others: Vec<(String, Vec<u32>)>,
    /// When it was written down.
    pub recorded_at: i64,
    /// True when the record was withdrawn.
    pub voided: bool,
}

/// The fields in their order on the wire.
type Fields = (u8, String, String, String, String, i64, Vec<(String, u32)>, Vec<u32>, i64, bool);

/// The same with persons of other registers after them.
type WithOthers = (
    u8,
    String,
    String,
    String,
    String,
    i64,
    Vec<(String, u32)>,
    Vec<u32>,
    i64,
    bool,
    Vec<(String, Vec<u32>)>,
);

impl Told {
    /// What is told of a meeting.
    pub fn of(row: &MeetingRow, items: &[(String, u32)]) -> Self {
        let mut serials = Vec::new();
        let mut others: Vec<(String, Vec<u32>)> = Vec::new();
        for one in split_numbered(&row.serials, &row.commune) {
            if one.register == row.commune {
                serials.push(one.serial);
            } else {
                match others.last_mut().filter(|(register, _)| *register == one.register) {
                    Some((_, numbers)) => numbers.push(one.serial),
                    None => others.push((one.register, vec![one.serial])),
                }
            }
        }
        Self {
            id: row.id.clone(),
            village: row.village.clone(),
            held_on: row.held_on,
            language: row.language.clone(),
            head_count: row.head_count,
            items: items.to_vec(),
            serials,
            others,
            recorded_at: row.recorded_at.millis(),
            voided: row.voided_at.is_some(),
        }
    }

    /// The bytes.
    pub fn encode(&self) -> Outcome<Vec<u8>> {
        let mut out = Vec::new();
        let (id, held_on) = (self.id.as_str().to_owned(), self.held_on.iso());
        let (village, language) = (self.village.clone(), self.language.clone());
        let (items, serials) = (self.items.clone(), self.serials.clone());
        let (heads, at, voided) = (self.head_count, self.recorded_at, self.voided);
        let written = if self.others.is_empty() {
            let fields: Fields =
                (FORMAT, id, village, held_on, language, heads, items, serials, at, voided);
            ciborium::into_writer(&fields, &mut out)
        } else {
            let others = self.others.clone();
            let format = FORMAT_WITH_OTHERS;
            let fields: WithOthers =
                (format, id, village, held_on, language, heads, items, serials, at, voided, others);
            ciborium::into_writer(&fields, &mut out)
        };
        written.map_err(|error| Failure::fault("write a meeting", error))?;
        Ok(out)
    }

    /// Reads the bytes; `None` when they make no sense.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > BYTES_MAX {
            return None;
        }
        let (fields, others) = if let Ok(fields) = ciborium::from_reader::<Fields, _>(bytes) {
            (fields, Vec::new())
        } else {
            let read: WithOthers = ciborium::from_reader(bytes).ok()?;
            (read.0 == FORMAT_WITH_OTHERS).then_some(())?;
            let own =
                (FORMAT, read.1, read.2, read.3, read.4, read.5, read.6, read.7, read.8, read.9);
            (own, read.10)
        };
        let (
            format,
            id,
            village,
            held_on,
            language,
            head_count,
            items,
            serials,
            recorded_at,
            voided,
        ) = fields;
        let named = |text: &String| kernel::ids::is_well_formed(text);
        let fits = format == FORMAT
            && named(&village)
            && named(&language)
            && (1..=20_000).contains(&head_count)
            && items.len() <= ITEMS_MAX
            && items.iter().all(|(publication, _)| named(publication))
            && serials.len() <= 500
            && !serials.contains(&0)
            && others.len() <= 20
            && others.iter().all(|(register, numbers)| {
                named(register) && numbers.len() <= 500 && !numbers.contains(&0)
            });
        fits.then_some(())?;
        let (id, held_on) = (MeetingId::parse(&id)?, Day::parse(&held_on)?);
        Some(Self {
            id,
            village,
            held_on,
            language,
            head_count,
            items,
            serials,
            others,
            recorded_at,
            voided,
        })
    }

    /// The record as the receiver stores it: numbered in the sender's register, in the village at `path`.
    /// Persons of a register that is not the sender's to write in are left out.
    pub fn row(&self, record: &Incoming, path: ScopePath, now: Timestamp) -> MeetingRow {
        let own = Place::of(record.joined_as()).commune;
        let mut others = Vec::new();
        for (named, numbers) in &self.others {
            if let Some(register) = register_of(record, Some(named)) {
                let one = |serial: &u32| Numbered { register: register.clone(), serial: *serial };
                others.extend(numbers.iter().map(one));
            }
        }
        MeetingRow {
            id: self.id.clone(),
            village: self.village.clone(),
            commune: own.clone(),
            path,
            held_on: self.held_on,
            language: self.language.clone(),
            head_count: self.head_count,
            serials: join_attendants(&own, &self.serials, &others),
            witness: None,
            witness_standing: None,
            officer: None,
            note: None,
            origin: record.origin.to_string(),
            recorded_at: plausible(Timestamp::from_millis(self.recorded_at), now),
            voided_at: None,
            void_why: None,
        }
    }
}
