//! The signed CBOR map of a record: writing it in its one proper spelling, reading it from anybody.

use super::{Extension, Header, Lane, Record, Rejected};
use crate::cbor;
use ciborium::Value;

mod key {
    pub const EPOCH: u64 = 1;
    pub const SEQ: u64 = 2;
    pub const LANE: u64 = 3;
    pub const KIND: u64 = 4;
    pub const TARGETS: u64 = 5;
    pub const CRIT: u64 = 6;
    pub const BODY: u64 = 7;
}

/// The first key that a later version may use.
pub(super) const FIRST_FREE: u64 = 8;

/// Deterministic CBOR (RFC 8949 §4.2.1): shortest integers, definite lengths, ascending keys.
pub(super) fn write(record: &Record, extensions: &[Extension], crit: &[u64]) -> Vec<u8> {
    let mut fields = vec![
        (key::EPOCH, Value::from(record.epoch)),
        (key::SEQ, Value::from(record.seq)),
        (key::LANE, Value::from(record.lane.number())),
        (key::KIND, Value::from(record.kind)),
    ];
    if !record.targets.is_empty() {
        let targets = record.targets.iter().map(|target| Value::from(target.as_str()));
        fields.push((key::TARGETS, Value::Array(targets.collect())));
    }
    if !crit.is_empty() {
        fields.push((key::CRIT, Value::Array(crit.iter().map(|&k| Value::from(k)).collect())));
    }
    fields.push((key::BODY, Value::Bytes(record.body.clone())));
    fields.extend(extensions.iter().cloned());
    let map = fields.into_iter().map(|(key, value)| (Value::from(key), value)).collect();
    let mut payload = Vec::with_capacity(record.body.len() + 64);
    ciborium::into_writer(&Value::Map(map), &mut payload).expect("writing to memory cannot fail");
    payload
}

/// The header and the body, unproven.
pub(super) fn read(payload: &[u8]) -> Result<(Header, Vec<u8>), Rejected> {
    // Measured first, so that a bomb of brackets never becomes a tree.
    if cbor::item_len(payload)? != payload.len() {
        return Err(Rejected::Malformed);
    }
    let value: Value = ciborium::from_reader(payload).map_err(|_| Rejected::Malformed)?;
    let Value::Map(fields) = value else { return Err(Rejected::Malformed) };
    let mut header = Header {
        epoch: 0,
        seq: 0,
        lane: Lane::Text,
        kind: 0,
        targets: Vec::new(),
        crit: Vec::new(),
    };
    let mut body = None;
    let mut seen = Vec::with_capacity(fields.len());
    for (key, value) in fields {
        let key = uint(&key)?;
        // Ascending keys also exclude a key given twice with two meanings.
        if seen.last().is_some_and(|&last| last >= key) {
            return Err(Rejected::Malformed);
        }
        seen.push(key);
        match key {
            key::EPOCH => header.epoch = small(&value)?,
            key::SEQ => header.seq = uint(&value)?,
            key::LANE => {
                header.lane = Lane::from_number(small(&value)?).ok_or(Rejected::Malformed)?;
            }
            key::KIND => header.kind = small(&value)?,
            key::TARGETS => header.targets = each(value, |target| target.into_text().ok())?,
            key::CRIT => header.crit = each(value, |key| uint(&key).ok())?,
            key::BODY => body = Some(value.into_bytes().map_err(|_| Rejected::Malformed)?),
            _ => {}
        }
    }
    let required = [key::EPOCH, key::SEQ, key::LANE, key::KIND];
    let complete = required.iter().all(|key| seen.contains(key));
    let answered = header.crit.iter().all(|key| seen.contains(key));
    match body {
        Some(body) if complete && answered && header.seq > 0 => Ok((header, body)),
        _ => Err(Rejected::Malformed),
    }
}

fn uint(value: &Value) -> Result<u64, Rejected> {
    value.as_integer().and_then(|n| u64::try_from(n).ok()).ok_or(Rejected::Malformed)
}

fn small<T: TryFrom<u64>>(value: &Value) -> Result<T, Rejected> {
    T::try_from(uint(value)?).map_err(|_| Rejected::Malformed)
}

fn each<T>(list: Value, read: impl Fn(Value) -> Option<T>) -> Result<Vec<T>, Rejected> {
    let Value::Array(items) = list else { return Err(Rejected::Malformed) };
    items.into_iter().map(|item| read(item).ok_or(Rejected::Malformed)).collect()
}
