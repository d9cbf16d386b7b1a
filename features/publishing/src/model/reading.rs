//! What readers are shown: headlines, articles, and the sound, pictures and texts that go with them.

use kernel::{
    clock::{Day, Timestamp},
    files::FileHash,
    records::Lane,
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::{
    PublicationId, SOURCE_LANGUAGE,
    draft::{Document, Source},
};

/// Which publications are wanted. Empty fields ask for everything.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Those that concern this place: aimed at it, at something above it or at something below it.
    pub place: Option<ScopePath>,
    /// The language titles are wanted in; Vietnamese stands in where there is no text in it.
    pub language: Option<String>,
    /// Theme code.
    pub theme: Option<String>,
    /// Audience code.
    pub audience: Option<String>,
    /// Kind code.
    pub kind: Option<String>,
    /// Words that must all occur, with or without diacritics.
    pub text: Option<String>,
    /// Most rows given.
    pub limit: usize,
    /// Rows passed over.
    pub offset: usize,
}

/// A publication in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Headline {
    /// The publication.
    pub publication: PublicationId,
    /// Its current version.
    pub version: u32,
    /// Kind code.
    pub kind: String,
    /// True when it goes before ordinary texts.
    pub is_urgent: bool,
    /// Title in `language`.
    pub title: String,
    /// Summary in `language`.
    pub summary: String,
    /// The language of title and summary.
    pub language: String,
    /// Number of the legal document, or empty.
    pub document_number: String,
    /// When this version was published.
    pub published_at: Timestamp,
    /// Theme codes.
    pub themes: Vec<String>,
    /// Audience codes.
    pub audiences: Vec<String>,
    /// Languages it can be read in.
    pub texts: Vec<String>,
    /// Languages it can be heard in.
    pub sounds: Vec<String>,
    /// The smallest recording in the wanted language, or in Vietnamese.
    pub listen: Option<Rendition>,
    /// The small picture.
    pub picture: Option<String>,
}

/// A file that belongs to a version: a recording, a picture or a long text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// Language tag; empty for pictures.
    pub language: String,
    /// What it is for.
    pub modality: Modality,
    /// BLAKE3 of its bytes, 64 hex digits; served at `/tep/{hash}`.
    pub hash: String,
    /// Its size.
    pub bytes: u64,
    /// How long it plays; 0 for what does not play.
    pub duration_ms: u64,
    /// Bits per second; 0 for what does not play.
    pub bitrate_bps: u32,
    /// Pixels; 0 for what is not seen.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// 0 for the smallest of its kind.
    pub rank: u32,
    /// Who speaks, and from where; may be empty.
    pub voice: String,
    /// The version of the Vietnamese text it was made from.
    pub source_version: u32,
    /// True when the Vietnamese text has moved on since.
    pub is_stale: bool,
    /// True when the whole file is on this node.
    pub has_arrived: bool,
}

impl Rendition {
    /// How long it plays, as every page says it: whole seconds, the last one begun counted.
    pub fn seconds(&self) -> u64 {
        self.duration_ms.div_ceil(1000)
    }
}

/// How a rendition reaches a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Heard: Ogg/Opus.
    Audio,
    /// Seen: WebP.
    Picture,
    /// Read: a text too long to travel in the record.
    Text,
}

impl Modality {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Audio, Self::Picture, Self::Text];

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Picture => "picture",
            Self::Text => "text",
        }
    }

    /// From what was stored.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|modality| modality.code() == code)
    }

    /// What such a file is told to be. Never guessed from content.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Audio => "audio/ogg; codecs=opus",
            Self::Picture => "image/webp",
            Self::Text => "application/cbor",
        }
    }

    /// The lane in which such files are fetched.
    pub fn lane(self) -> Lane {
        match self {
            Self::Text => Lane::Text,
            Self::Audio => Lane::Audio,
            Self::Picture => Lane::Video,
        }
    }
}

/// A file that a public version names and that is not here yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its address.
    pub hash: FileHash,
    /// Its size as the publication states it.
    pub bytes: u64,
    /// How urgent.
    pub lane: Lane,
}

/// A text of an article in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArticleText {
    /// Language tag.
    pub language: String,
    /// Title.
    pub title: String,
    /// Summary (sapo), plain.
    pub summary: String,
    /// The body as safe HTML; headings begin at `<h2>`.
    pub html: String,
    /// The version of the Vietnamese text it was made from.
    pub source_version: u32,
    /// True when the Vietnamese text has moved on since.
    pub is_stale: bool,
    /// False while the body is still on its way as a file.
    pub has_arrived: bool,
}

/// The version that readers see, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Article {
    /// The publication.
    pub publication: PublicationId,
    /// The version.
    pub version: u32,
    /// Kind code.
    pub kind: String,
    /// True when it goes before ordinary texts.
    pub is_urgent: bool,
    /// In whose name it was published, e.g. `xã Phủ Thông`.
    pub publisher: String,
    /// When this version was published.
    pub published_at: Timestamp,
    /// First day on which it is no longer shown.
    pub expires: Option<Day>,
    /// Texts, the Vietnamese one first.
    pub texts: Vec<ArticleText>,
    /// Recordings, pictures and long texts.
    pub renditions: Vec<Rendition>,
    /// Words for the picture.
    pub picture_words: String,
    /// Theme codes.
    pub themes: Vec<String>,
    /// Audience codes.
    pub audiences: Vec<String>,
    /// Language tags it is meant for.
    pub languages: Vec<String>,
    /// Target areas' paths.
    pub areas: Vec<ScopePath>,
    /// Where it was taken from.
    pub source: Source,
    /// Of a legal document.
    pub document: Document,
}

impl Article {
    /// The text for a reader of this language: in it, else in its base language (`hmv` for
    /// `hmv-x-rpa`), else in Vietnamese, else whatever there is.
    pub fn text(&self, language: &str) -> Option<&ArticleText> {
        let find = |tag: &str| self.texts.iter().find(|text| text.language == tag);
        let base = language.split('-').next().unwrap_or_default();
        find(language)
            .or_else(|| find(base))
            .or_else(|| find(SOURCE_LANGUAGE))
            .or(self.texts.first())
    }

    /// The recordings in exactly this language, smallest first.
    pub fn sounds(&self, language: &str) -> impl Iterator<Item = &Rendition> {
        self.renditions.iter().filter(move |rendition| {
            rendition.modality == Modality::Audio && rendition.language == language
        })
    }

    /// The picture, small first.
    pub fn pictures(&self) -> impl Iterator<Item = &Rendition> {
        self.renditions.iter().filter(|rendition| rendition.modality == Modality::Picture)
    }
}
