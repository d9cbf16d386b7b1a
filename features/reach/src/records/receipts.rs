//! One receipt as bytes, as it waits in the node's log. How a thousand of them travel is `packing`.

use kernel::{clock::Timestamp, records::Incoming, scope::ScopePath};

use super::{
    packing::{put_number, put_text, take_number, take_text},
    register_of,
};
use crate::{
    actions::evidence::{person_actor, plausible},
    model::{Channel, Place, Rung},
    store::evidence::ReceiptRow,
};

const MINUTE_MS: i64 = 60_000;

/// A receipt without the parts that the receiver knows anyway (its commune, its device).
///
/// The time is told by the minute: enough to order an evening, too little to follow a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt {
    /// The publication's id.
    pub publication: String,
    /// Its version.
    pub version: u64,
    /// The code of the rung.
    pub rung: u64,
    /// The code of the channel.
    pub channel: u64,
    /// The person's serial in their commune; 0 for a device.
    pub serial: u64,
    /// Where the finger or the number belongs, as far as the sender does not say it already: for a device its
    /// village; for a person the register, when it is one that the sender has taken from another node.
    pub unit: String,
    /// The language.
    pub language: String,
    /// Minutes since 1970.
    pub minute: u64,
}

impl Receipt {
    /// What is told of a stored receipt; `taken` when its register is one that this node has taken.
    pub fn of(row: &ReceiptRow, taken: bool) -> Self {
        let place = Place::of(&row.place);
        let anonymous = row.serial.is_none() && place.unit != place.commune && place.unit != "vn";
        let unit = match row.serial {
            Some(_) if taken => row.commune.clone(),
            None if anonymous => place.unit,
            _ => String::new(),
        };
        Self {
            publication: row.publication.clone(),
            version: row.version.into(),
            rung: row.rung.code().into(),
            channel: row.channel.code().into(),
            serial: row.serial.unwrap_or(0).into(),
            unit,
            language: row.language.clone(),
            minute: u64::try_from(row.at.millis().div_euclid(MINUTE_MS)).unwrap_or(0),
        }
    }

    /// The bytes, always the same for the same receipt.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        put_text(&mut out, &self.publication);
        for number in [self.version, self.rung, self.channel, self.serial, self.minute] {
            put_number(&mut out, number);
        }
        put_text(&mut out, &self.unit);
        put_text(&mut out, &self.language);
        out
    }

    /// Reads the bytes; `None` unless [`Receipt::encode`] would give exactly these.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let publication = take_text(&mut rest)?;
        let mut number = || take_number(&mut rest);
        let (version, rung, channel, serial, minute) =
            (number()?, number()?, number()?, number()?, number()?);
        let (unit, language) = (take_text(&mut rest)?, take_text(&mut rest)?);
        let receipt = Self { publication, version, rung, channel, serial, unit, language, minute };
        (rest.is_empty() && receipt.encode() == bytes).then_some(receipt)
    }

    /// What the receiver stores; `None` when it makes no sense.
    pub fn row(&self, record: &Incoming, now: Timestamp) -> Option<ReceiptRow> {
        let known = |text: &str| kernel::ids::is_well_formed(text);
        let serial = u32::try_from(self.serial).ok()?;
        let named = serial > 0;
        let has_unit = known(&self.unit);
        let place =
            if has_unit && !named { record.scope.child(&self.unit) } else { record.scope.clone() };
        let commune = register_of(record, (has_unit && named).then_some(self.unit.as_str()))?;
        let (rung, channel) = (
            Rung::from_code(u8::try_from(self.rung).ok()?)?,
            Channel::from_code(u8::try_from(self.channel).ok()?)?,
        );
        // The denominator and a node's own word are not a point's to claim; a meeting has its own record.
        let told = !matches!(rung, Rung::Published | Rung::OnNode)
            && !matches!(channel, Channel::Node | Channel::Meeting);
        if !told
            || !known(&self.publication)
            || !known(&self.language)
            || (named && commune.is_empty())
        {
            return None;
        }
        let minute = i64::try_from(self.minute).ok()?;
        let at = plausible(Timestamp::from_millis(minute.checked_mul(MINUTE_MS)?), now);
        let actor = if named {
            person_actor(&commune, serial)
        } else {
            // Every anonymous receipt arrives once, under its number in its node's log.
            format!("n:{}:{}:{}", record.origin, record.epoch, record.seq)
        };
        Some(ReceiptRow {
            publication: self.publication.clone(),
            version: u32::try_from(self.version).ok()?,
            actor,
            rung,
            source: String::new(),
            channel,
            commune,
            serial: named.then_some(serial),
            place: ScopePath::parse(place.as_str())?,
            language: self.language.clone(),
            at,
        })
    }
}
