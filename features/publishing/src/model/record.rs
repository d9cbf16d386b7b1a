//! A version as bytes: what records 20 (publication) and 21 (withdrawal) carry. Deterministic CBOR
//! (RFC 8949 §4.2): integer keys in order, nothing empty is written, unknown keys are passed over.
//! A golden file holds the bytes; numbers given once are never given again.

use ciborium::Value;
use kernel::{
    chance::{hex, unhex},
    clock::{Day, Timestamp},
};

mod cbor;

use cbor::{Reader, Writer, bytes_of, open, small};

use super::{
    PublicationId, SOURCE_LANGUAGE,
    draft::{Document, Source},
    reading::Modality,
};

/// Record kind of a published version.
pub(crate) const PUBLICATION: u16 = 20;
/// Record kind of a withdrawal.
pub(crate) const WITHDRAWAL: u16 = 21;
/// Texts travel in the record up to this many bytes together; longer ones become files.
pub(crate) const INLINE_BYTES_MAX: usize = 8 * 1024;
/// The format that is written here; later ones may add keys under the same number.
const FORMAT: u64 = 1;

mod key {
    pub const FORMAT: u64 = 1;
    pub const ID: u64 = 2;
    pub const VERSION: u64 = 3;
    pub const KIND: u64 = 4;
    pub const PUBLISHED_AT: u64 = 5;
    pub const PUBLISHER: u64 = 6;
    pub const TEXTS: u64 = 7;
    pub const THEMES: u64 = 8;
    pub const AUDIENCES: u64 = 9;
    pub const LANGUAGES: u64 = 10;
    pub const PRIORITY: u64 = 11;
    pub const NOT_BEFORE: u64 = 12;
    pub const EXPIRES: u64 = 13;
    pub const SOURCE: u64 = 14;
    pub const DOCUMENT: u64 = 15;
    pub const RENDITIONS: u64 = 16;
    pub const PICTURE_WORDS: u64 = 17;
    pub const REASON: u64 = 18;
}

/// A published version on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub id: PublicationId,
    pub version: u32,
    pub kind: String,
    pub published_at: Timestamp,
    pub publisher: String,
    pub texts: Vec<RecordText>,
    pub themes: Vec<String>,
    pub audiences: Vec<String>,
    pub languages: Vec<String>,
    pub is_urgent: bool,
    pub not_before: Option<Timestamp>,
    pub expires: Option<Day>,
    pub source: Source,
    pub document: Document,
    pub renditions: Vec<RecordFile>,
    pub picture_words: String,
}

/// A text, whole or by the address of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordText {
    pub language: String,
    pub title: String,
    pub body: TextBody,
    pub source_version: u32,
    pub is_stale: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextBody {
    /// In the record.
    Inline { summary: String, body: String },
    /// In a file of its own, written by [`text_file`].
    File { hash: [u8; 32], bytes: u64 },
}

/// A recording or a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordFile {
    pub modality: Modality,
    pub language: String,
    pub hash: [u8; 32],
    pub bytes: u64,
    pub duration_ms: u64,
    pub bitrate_bps: u32,
    pub width: u32,
    pub height: u32,
    pub rank: u32,
    pub voice: String,
    pub source_version: u32,
    pub is_stale: bool,
}

/// A withdrawal on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WithdrawalRecord {
    pub id: PublicationId,
    pub version: u32,
    pub at: Timestamp,
    pub reason: String,
}

/// Minted ids are 32 hex digits and travel as 16 bytes; any other id travels as it is.
fn id_value(id: &PublicationId) -> Value {
    let minted = id.as_str().len() == 32 && !id.as_str().bytes().any(|b| b.is_ascii_uppercase());
    match unhex(id.as_str()).filter(|_| minted) {
        Some(bytes) => Value::Bytes(bytes),
        None => Value::Text(id.as_str().to_owned()),
    }
}

fn read_id(map: &Reader<'_>) -> Option<PublicationId> {
    match map.get(key::ID)? {
        Value::Bytes(bytes) if bytes.len() == 16 => PublicationId::parse(&hex(bytes)),
        Value::Text(text) => PublicationId::parse(text),
        _ => None,
    }
}

impl Record {
    /// The bytes, always the same for the same version.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut map = Writer::default();
        map.number(key::FORMAT, FORMAT);
        map.put(key::ID, id_value(&self.id));
        map.number(key::VERSION, self.version.into());
        map.text(key::KIND, &self.kind);
        map.put(key::PUBLISHED_AT, self.published_at.millis().into());
        map.text(key::PUBLISHER, &self.publisher);
        map.put(key::TEXTS, Value::Array(self.texts.iter().map(RecordText::value).collect()));
        map.texts(key::THEMES, &self.themes);
        map.texts(key::AUDIENCES, &self.audiences);
        map.texts(key::LANGUAGES, &self.languages);
        map.number(key::PRIORITY, self.is_urgent.into());
        map.put(key::NOT_BEFORE, self.not_before.map_or(Value::Null, |at| at.millis().into()));
        map.day(key::EXPIRES, self.expires);
        map.put(key::SOURCE, source_value(&self.source));
        map.put(key::DOCUMENT, document_value(&self.document));
        let files = self.renditions.iter().map(RecordFile::value).collect();
        map.put(key::RENDITIONS, Value::Array(files));
        map.text(key::PICTURE_WORDS, &self.picture_words);
        bytes_of(&map.done())
    }

    /// Reads what another node said. None when it makes no sense; keys of later formats are
    /// passed over.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let value = open(bytes)?;
        let map = Reader(value.as_map()?);
        let texts: Option<Vec<_>> =
            map.items(key::TEXTS).iter().map(RecordText::from_value).collect();
        // Files of a modality that is not known yet are passed over; damaged ones are refused.
        let files: Option<Vec<_>> =
            map.items(key::RENDITIONS).iter().filter_map(RecordFile::from_value).collect();
        Some(Self {
            id: read_id(&map)?,
            version: u32::try_from(map.number(key::VERSION)).ok().filter(|number| *number > 0)?,
            kind: map.text(key::KIND),
            published_at: Timestamp::from_millis(map.integer(key::PUBLISHED_AT)?),
            publisher: map.text(key::PUBLISHER),
            texts: texts.filter(|texts| !texts.is_empty())?,
            themes: map.texts(key::THEMES),
            audiences: map.texts(key::AUDIENCES),
            languages: map.texts(key::LANGUAGES),
            is_urgent: map.number(key::PRIORITY) > 0,
            not_before: map.integer(key::NOT_BEFORE).map(Timestamp::from_millis),
            expires: Day::parse(&map.text(key::EXPIRES)),
            source: map.inner(key::SOURCE).map(|map| source(&map)).unwrap_or_default(),
            document: map.inner(key::DOCUMENT).map(|map| document(&map)).unwrap_or_default(),
            renditions: files?,
            picture_words: map.text(key::PICTURE_WORDS),
        })
    }
}

impl WithdrawalRecord {
    /// The bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut map = Writer::default();
        map.number(key::FORMAT, FORMAT);
        map.put(key::ID, id_value(&self.id));
        map.number(key::VERSION, self.version.into());
        map.put(key::PUBLISHED_AT, self.at.millis().into());
        map.text(key::REASON, &self.reason);
        bytes_of(&map.done())
    }

    /// Reads what another node said.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let value = open(bytes)?;
        let map = Reader(value.as_map()?);
        Some(Self {
            id: read_id(&map)?,
            version: u32::try_from(map.number(key::VERSION)).ok().filter(|number| *number > 0)?,
            at: Timestamp::from_millis(map.integer(key::PUBLISHED_AT)?),
            reason: map.text(key::REASON),
        })
    }
}

mod text_key {
    pub const LANGUAGE: u64 = 1;
    pub const TITLE: u64 = 2;
    pub const SUMMARY: u64 = 3;
    pub const BODY: u64 = 4;
    pub const SOURCE_VERSION: u64 = 5;
    pub const IS_STALE: u64 = 6;
    pub const FILE: u64 = 7;
    pub const FILE_BYTES: u64 = 8;
}

impl RecordText {
    fn value(&self) -> Value {
        let mut map = Writer::default();
        // Vietnamese is the usual case and goes without saying.
        let said = if self.language == SOURCE_LANGUAGE { "" } else { &self.language };
        map.text(text_key::LANGUAGE, said);
        map.text(text_key::TITLE, &self.title);
        if let TextBody::Inline { summary, body } = &self.body {
            map.text(text_key::SUMMARY, summary);
            map.text(text_key::BODY, body);
        }
        map.number(text_key::SOURCE_VERSION, self.source_version.into());
        map.put(text_key::IS_STALE, Value::Bool(self.is_stale));
        if let TextBody::File { hash, bytes } = &self.body {
            map.put(text_key::FILE, Value::Bytes(hash.to_vec()));
            map.number(text_key::FILE_BYTES, *bytes);
        }
        map.done()
    }

    fn from_value(value: &Value) -> Option<Self> {
        let map = Reader(value.as_map()?);
        let language = map.text(text_key::LANGUAGE);
        let body = match map.hash(text_key::FILE) {
            Some(hash) => TextBody::File { hash, bytes: map.number(text_key::FILE_BYTES) },
            None => TextBody::Inline {
                summary: map.text(text_key::SUMMARY),
                body: map.text(text_key::BODY),
            },
        };
        Some(Self {
            language: if language.is_empty() { SOURCE_LANGUAGE.to_owned() } else { language },
            title: map.text(text_key::TITLE),
            body,
            source_version: small(map.number(text_key::SOURCE_VERSION)),
            is_stale: map.flag(text_key::IS_STALE),
        })
    }
}

/// The file of a text that does not fit into the record.
pub(crate) fn text_file(summary: &str, body: &str) -> Vec<u8> {
    let mut map = Writer::default();
    map.text(text_key::SUMMARY, summary);
    map.text(text_key::BODY, body);
    bytes_of(&map.done())
}

/// Summary and body of such a file.
pub(crate) fn read_text_file(bytes: &[u8]) -> Option<(String, String)> {
    let value = open(bytes)?;
    let map = Reader(value.as_map()?);
    Some((map.text(text_key::SUMMARY), map.text(text_key::BODY)))
}

mod file_key {
    pub const MODALITY: u64 = 1;
    pub const LANGUAGE: u64 = 2;
    pub const HASH: u64 = 3;
    pub const BYTES: u64 = 4;
    pub const DURATION_MS: u64 = 5;
    pub const BITRATE_BPS: u64 = 6;
    pub const WIDTH: u64 = 7;
    pub const HEIGHT: u64 = 8;
    pub const RANK: u64 = 9;
    pub const VOICE: u64 = 10;
    pub const SOURCE_VERSION: u64 = 11;
    pub const IS_STALE: u64 = 12;
}

impl RecordFile {
    fn value(&self) -> Value {
        let mut map = Writer::default();
        let modality: u64 = if self.modality == Modality::Picture { 2 } else { 1 };
        map.number(file_key::MODALITY, modality);
        map.text(file_key::LANGUAGE, &self.language);
        map.put(file_key::HASH, Value::Bytes(self.hash.to_vec()));
        map.number(file_key::BYTES, self.bytes);
        map.number(file_key::DURATION_MS, self.duration_ms);
        map.number(file_key::BITRATE_BPS, self.bitrate_bps.into());
        map.number(file_key::WIDTH, self.width.into());
        map.number(file_key::HEIGHT, self.height.into());
        map.number(file_key::RANK, self.rank.into());
        map.text(file_key::VOICE, &self.voice);
        map.number(file_key::SOURCE_VERSION, self.source_version.into());
        map.put(file_key::IS_STALE, Value::Bool(self.is_stale));
        map.done()
    }

    /// `None` is passed over (a modality of later days), `Some(None)` is damaged.
    #[expect(clippy::option_option, reason = "passing over and refusing are two things")]
    fn from_value(value: &Value) -> Option<Option<Self>> {
        let Some(pairs) = value.as_map() else { return Some(None) };
        let map = Reader(pairs);
        let modality = match map.number(file_key::MODALITY) {
            1 => Modality::Audio,
            2 => Modality::Picture,
            _ => return None,
        };
        let Some(hash) = map.hash(file_key::HASH) else { return Some(None) };
        Some(Some(Self {
            modality,
            language: map.text(file_key::LANGUAGE),
            hash,
            bytes: map.number(file_key::BYTES),
            duration_ms: map.number(file_key::DURATION_MS),
            bitrate_bps: small(map.number(file_key::BITRATE_BPS)),
            width: small(map.number(file_key::WIDTH)),
            height: small(map.number(file_key::HEIGHT)),
            rank: small(map.number(file_key::RANK)),
            voice: map.text(file_key::VOICE),
            source_version: small(map.number(file_key::SOURCE_VERSION)),
            is_stale: map.flag(file_key::IS_STALE),
        }))
    }
}

fn source_value(source: &Source) -> Value {
    let mut map = Writer::default();
    map.text(1, &source.name);
    map.text(2, &source.url);
    map.day(3, source.date);
    map.done()
}

fn source(map: &Reader<'_>) -> Source {
    Source { name: map.text(1), url: map.text(2), date: Day::parse(&map.text(3)) }
}

fn document_value(document: &Document) -> Value {
    let mut map = Writer::default();
    map.text(1, &document.number);
    map.text(2, &document.authority);
    map.day(3, document.issued);
    map.day(4, document.effective);
    map.text(5, &document.subject);
    map.done()
}

fn document(map: &Reader<'_>) -> Document {
    Document {
        number: map.text(1),
        authority: map.text(2),
        issued: Day::parse(&map.text(3)),
        effective: Day::parse(&map.text(4)),
        subject: map.text(5),
    }
}

#[cfg(test)]
mod tests;
