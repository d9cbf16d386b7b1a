//! Maps with integer keys, written deterministically (RFC 8949 §4.2) and read tolerantly.

use ciborium::Value;
use kernel::clock::Day;

/// Most words a list in a record may hold.
const WORDS_MAX: usize = 200;

/// A map that leaves out what is empty. Keys must come in rising order.
#[derive(Default)]
pub(super) struct Writer(Vec<(Value, Value)>);

impl Writer {
    pub(super) fn put(&mut self, key: u64, value: Value) {
        let empty = match &value {
            Value::Text(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
            Value::Bool(flag) => !flag,
            Value::Null => true,
            _ => false,
        };
        if !empty {
            self.0.push((key.into(), value));
        }
    }

    pub(super) fn text(&mut self, key: u64, text: &str) {
        self.put(key, Value::Text(text.to_owned()));
    }

    pub(super) fn texts(&mut self, key: u64, texts: &[String]) {
        self.put(key, Value::Array(texts.iter().map(|text| Value::Text(text.clone())).collect()));
    }

    pub(super) fn number(&mut self, key: u64, number: u64) {
        if number > 0 {
            self.put(key, number.into());
        }
    }

    pub(super) fn day(&mut self, key: u64, day: Option<Day>) {
        if let Some(day) = day {
            self.text(key, &day.iso());
        }
    }

    pub(super) fn done(self) -> Value {
        Value::Map(self.0)
    }
}

/// A value as bytes.
pub(super) fn bytes_of(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into a Vec cannot fail.
    let _ = ciborium::into_writer(value, &mut bytes);
    bytes
}

/// A value from bytes; none when they are no CBOR.
pub(super) fn open(bytes: &[u8]) -> Option<Value> {
    ciborium::from_reader(bytes).ok()
}

/// A map read by its integer keys; what is not there or of another type reads as empty.
pub(super) struct Reader<'a>(pub(super) &'a [(Value, Value)]);

impl<'a> Reader<'a> {
    pub(super) fn get(&self, key: u64) -> Option<&'a Value> {
        let wanted = Value::from(key);
        self.0.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }

    pub(super) fn text(&self, key: u64) -> String {
        self.get(key).and_then(Value::as_text).map(tidy).unwrap_or_default()
    }

    pub(super) fn texts(&self, key: u64) -> Vec<String> {
        let words = self.items(key).iter().filter_map(|item| item.as_text().map(tidy));
        words.take(WORDS_MAX).collect()
    }

    pub(super) fn items(&self, key: u64) -> &'a [Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub(super) fn inner(&self, key: u64) -> Option<Reader<'a>> {
        self.get(key)?.as_map().map(|map| Reader(map))
    }

    pub(super) fn integer(&self, key: u64) -> Option<i64> {
        self.get(key)?.as_integer()?.try_into().ok()
    }

    pub(super) fn number(&self, key: u64) -> u64 {
        let number = self.get(key).and_then(Value::as_integer);
        number.and_then(|number| number.try_into().ok()).unwrap_or(0)
    }

    pub(super) fn flag(&self, key: u64) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn hash(&self, key: u64) -> Option<[u8; 32]> {
        self.get(key)?.as_bytes()?.as_slice().try_into().ok()
    }
}

/// A number that fits, or the edge.
pub(super) fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// What another node said is text like any other: no control characters get into the database.
fn tidy(text: &str) -> String {
    kernel::text::tidy_lines(text)
}
