//! An article made ready for a page in one language: names instead of codes, players instead of
//! files. The same view serves the approver's preview and the reader's page.

use serde::Serialize;

use super::{
    draft::{Document, Source},
    reading::{Article, ArticleText, Modality, Rendition},
    reference::{Kind, Language, Theme},
};

/// What the macros of `publishing/reading.html` are given.
#[derive(Clone, Debug, Serialize)]
pub struct ArticleView {
    /// The publication's id.
    pub publication: String,
    /// Its version; from 2 on it is a correction.
    pub version: u32,
    /// Name of the kind.
    pub kind: String,
    /// Names of the themes.
    pub themes: Vec<String>,
    /// In whose name.
    pub publisher: String,
    /// Ms since 1970.
    pub published_at: i64,
    /// The text shown; none only when nothing has arrived.
    pub text: Option<ArticleText>,
    /// Every language it can be read in.
    pub languages: Vec<LanguageLink>,
    /// Recordings: those in the language asked for first.
    pub players: Vec<Player>,
    /// The picture.
    pub picture: Option<PictureView>,
    /// Of a legal document.
    pub document: Option<Document>,
    /// Where it was taken from, when it was.
    pub source: Option<Source>,
}

/// A language an article can be read in.
#[derive(Clone, Debug, Serialize)]
pub struct LanguageLink {
    /// BCP 47 tag.
    pub tag: String,
    /// In Vietnamese, without the word “tiếng”.
    pub name: String,
    /// True for the one shown.
    pub is_current: bool,
}

/// A recording with its smaller form.
#[derive(Clone, Debug, Serialize)]
pub struct Player {
    /// BCP 47 tag.
    pub tag: String,
    /// Name of the language.
    pub language: String,
    /// Who speaks.
    pub voice: String,
    /// Address of the best file that is here.
    pub src: String,
    /// Its size.
    pub bytes: u64,
    /// Address of the smallest file when it is another one and here.
    pub small_src: String,
    /// Its size.
    pub small_bytes: u64,
    /// Length in whole seconds.
    pub seconds: u64,
    /// False while no file of it has come.
    pub has_arrived: bool,
    /// True when the Vietnamese text has moved on since.
    pub is_stale: bool,
}

/// The picture in two sizes.
#[derive(Clone, Debug, Serialize)]
pub struct PictureView {
    /// Address of the best file that is here.
    pub src: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Address of the small one.
    pub small_src: String,
    /// Words for those who do not see it.
    pub words: String,
}

/// The reference data a view takes its names from.
pub(crate) struct Names<'a> {
    pub kinds: &'a [Kind],
    pub themes: &'a [Theme],
    pub languages: &'a [Language],
}

impl Names<'_> {
    fn language(&self, tag: &str) -> String {
        let found = self.languages.iter().find(|language| language.tag == tag);
        found.map_or_else(|| tag.to_owned(), |language| language.name.clone())
    }
}

impl ArticleView {
    /// The article for a reader of this language.
    pub(crate) fn of(article: &Article, language: &str, names: &Names<'_>) -> Self {
        let text = article.text(language).cloned();
        let shown = text.as_ref().map_or("", |text| text.language.as_str());
        let links = article.texts.iter().map(|text| LanguageLink {
            tag: text.language.clone(),
            name: names.language(&text.language),
            is_current: text.language == shown,
        });
        let kind = names.kinds.iter().find(|kind| kind.code == article.kind);
        let has_document = kind.is_some_and(|kind| kind.has_document);
        let theme_name = |code: &String| {
            let theme = names.themes.iter().find(|theme| theme.code == *code);
            theme.map_or_else(|| code.clone(), |theme| theme.short_name.clone())
        };
        Self {
            publication: article.publication.to_string(),
            version: article.version,
            kind: kind.map_or_else(|| article.kind.clone(), |kind| kind.name.clone()),
            themes: article.themes.iter().map(theme_name).collect(),
            publisher: article.publisher.clone(),
            published_at: article.published_at.millis(),
            languages: links.collect(),
            players: players(article, language, names),
            picture: picture(article),
            document: has_document.then(|| article.document.clone()),
            source: (!article.source.name.is_empty()).then(|| article.source.clone()),
            text,
        }
    }
}

fn players(article: &Article, language: &str, names: &Names<'_>) -> Vec<Player> {
    let mut tags: Vec<&str> = article
        .renditions
        .iter()
        .filter(|file| file.modality == Modality::Audio)
        .map(|file| file.language.as_str())
        .collect();
    tags.dedup();
    // Stable: the rest keeps its order, Vietnamese first.
    tags.sort_by_key(|tag| *tag != language);
    tags.iter().filter_map(|tag| player(article, tag, names)).collect()
}

fn player(article: &Article, tag: &str, names: &Names<'_>) -> Option<Player> {
    let files: Vec<&Rendition> = article.sounds(tag).collect();
    let smallest = files.first()?;
    let here: Vec<&&Rendition> = files.iter().filter(|file| file.has_arrived).collect();
    let best = here.last().copied().unwrap_or(smallest);
    let small = here.first().filter(|file| file.hash != best.hash);
    let played = here.first().map_or(*smallest, |file| **file);
    Some(Player {
        tag: tag.to_owned(),
        language: names.language(tag),
        voice: smallest.voice.clone(),
        src: href(&best.hash),
        bytes: best.bytes,
        small_src: small.map(|file| href(&file.hash)).unwrap_or_default(),
        small_bytes: small.map_or(0, |file| file.bytes),
        seconds: played.seconds(),
        has_arrived: !here.is_empty(),
        is_stale: smallest.is_stale,
    })
}

fn picture(article: &Article) -> Option<PictureView> {
    let here: Vec<&Rendition> = article.pictures().filter(|file| file.has_arrived).collect();
    let (best, small) = (here.last()?, here.first()?);
    Some(PictureView {
        src: href(&best.hash),
        width: best.width,
        height: best.height,
        small_src: href(&small.hash),
        words: article.picture_words.clone(),
    })
}

fn href(hash: &str) -> String {
    format!("/tep/{hash}")
}

#[cfg(test)]
mod tests {
    use kernel::clock::Timestamp;

    use super::*;
    use crate::model::PublicationId;

    fn recording(rank: u32, duration_ms: u64, has_arrived: bool) -> Rendition {
        Rendition {
            language: "tyz".to_owned(),
            modality: Modality::Audio,
            hash: format!("{rank:064}"),
            bytes: 1_000 * u64::from(rank + 1),
            duration_ms,
            bitrate_bps: 16_000,
            width: 0,
            height: 0,
            rank,
            voice: String::new(),
            source_version: 1,
            is_stale: false,
            has_arrived,
        }
    }

    #[test]
    fn a_recording_is_as_long_at_the_desk_as_at_the_kiosk() {
        let length = |renditions: Vec<Rendition>| {
            let article = Article {
                publication: PublicationId::parse("a1").expect("an id"),
                version: 1,
                kind: String::new(),
                is_urgent: false,
                publisher: String::new(),
                published_at: Timestamp::from_millis(0),
                expires: None,
                texts: Vec::new(),
                renditions,
                picture_words: String::new(),
                themes: Vec::new(),
                audiences: Vec::new(),
                languages: Vec::new(),
                areas: Vec::new(),
                source: Source::default(),
                document: Document::default(),
            };
            let names = Names { kinds: &[], themes: &[], languages: &[] };
            ArticleView::of(&article, "tyz", &names).players[0].seconds
        };
        // The smallest file that is here, and the second that has begun counts.
        assert_eq!(length(vec![recording(0, 27_300, true), recording(1, 26_900, true)]), 28);
        assert_eq!(length(vec![recording(0, 27_300, false), recording(1, 26_900, true)]), 27);
        assert_eq!(length(vec![recording(0, 27_300, false)]), 28);
    }
}
