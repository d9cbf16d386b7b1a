//! A meeting's record as bytes: deterministic CBOR, an array. The names of the witness and of the
//! officer stay behind: whoever must see them opens the record in the commune.

use kernel::{
    clock::{Day, Timestamp},
    problem::{Failure, Outcome},
    records::Incoming,
    scope::ScopePath,
};

use crate::{
    actions::evidence::plausible,
    model::{
        Place, join_serials,
        meeting::{ITEMS_MAX, MeetingId},
        split_serials,
    },
    store::meetings::MeetingRow,
};

const FORMAT: u8 = 1;
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
    /// When it was written down.
    pub recorded_at: i64,
    /// True when the record was withdrawn.
    pub voided: bool,
}

/// The fields in their order on the wire.
type Fields = (u8, String, String, String, String, i64, Vec<(String, u32)>, Vec<u32>, i64, bool);

impl Told {
    /// What is told of a meeting.
    pub fn of(row: &MeetingRow, items: &[(String, u32)]) -> Self {
        Self {
            id: row.id.clone(),
            village: row.village.clone(),
            held_on: row.held_on,
            language: row.language.clone(),
            head_count: row.head_count,
            items: items.to_vec(),
            serials: split_serials(&row.serials),
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
            self.village.clone(),
            self.held_on.iso(),
            self.language.clone(),
            self.head_count,
            self.items.clone(),
            self.serials.clone(),
            self.recorded_at,
            self.voided,
        );
        ciborium::into_writer(&fields, &mut out)
            .map_err(|error| Failure::fault("write a meeting", error))?;
        Ok(out)
    }

    /// Reads the bytes; `None` when they make no sense.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > BYTES_MAX {
            return None;
        }
        let fields: Fields = ciborium::from_reader(bytes).ok()?;
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
            && !serials.contains(&0);
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
            recorded_at,
            voided,
        })
    }

    /// The record as the receiver stores it: numbered in the sender's register, in the village at `path`.
    pub fn row(&self, record: &Incoming, path: ScopePath, now: Timestamp) -> MeetingRow {
        MeetingRow {
            id: self.id.clone(),
            village: self.village.clone(),
            commune: Place::of(record.joined_as()).commune,
            path,
            held_on: self.held_on,
            language: self.language.clone(),
            head_count: self.head_count,
            serials: join_serials(&self.serials),
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
