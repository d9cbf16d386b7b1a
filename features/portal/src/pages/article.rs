//! One article or legal document, in one language, to be read and heard. The page holds no form, so
//! that it is rendered once and then served from memory; confirming has a page of its own.

use kernel::{
    axum::extract::{Path, Query},
    clock::Timestamp,
    web::{Answer, Template, Visit, see_other},
};
use publishing::{ALERT, Article, LEGAL_DOCUMENT, Rendition, SOURCE_LANGUAGE};
use serde::{Deserialize, Serialize};

use super::{Crumb, LanguageLink, Link, News, Reference, with_query};
use crate::{actions, model};

pub(crate) const ARTICLE: Template<ArticlePage> = Template::new("portal/article.html");

/// Related items below an article.
const RELATED: usize = 4;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    tieng: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct ArticlePage {
    pub title: String,
    pub lang: Option<String>,
    pub canonical: String,
    pub crumbs: Vec<Crumb>,
    pub flag: Option<String>,
    pub summary: String,
    pub html: String,
    pub has_text: bool,
    pub is_stale: bool,
    pub date: String,
    /// When it first appeared, where that is another day or hour and known; for a correction.
    pub first_date: Option<String>,
    pub is_corrected: bool,
    pub publisher: String,
    pub themes: Vec<Link>,
    pub languages: Vec<LanguageLink>,
    pub sound: Option<Sound>,
    pub picture: Option<Picture>,
    pub source: Option<SourceLine>,
    pub facts: Vec<Fact>,
    pub confirm_href: String,
    pub related: Vec<News>,
}

/// A recording, the smallest first.
#[derive(Clone, Serialize)]
pub(crate) struct Sound {
    pub src: String,
    pub seconds: u64,
    pub bytes: u64,
    pub language: String,
    pub lang: String,
    pub voice: String,
    pub has_arrived: bool,
    pub is_stale: bool,
    pub better_src: Option<String>,
    pub better_bytes: u64,
}

impl Sound {
    /// The recordings of one language, smallest first, as a player shows them.
    pub fn of(files: &[&Rendition], language: &str, name: &str) -> Option<Self> {
        // What is here comes before what is smaller but still on its way.
        let small = files.iter().find(|file| file.has_arrived).or(files.first())?;
        let better = files.iter().find(|file| file.has_arrived && file.bytes > small.bytes);
        Some(Self {
            src: file_address(small),
            seconds: small.seconds(),
            bytes: small.bytes,
            language: name.to_owned(),
            lang: language.to_owned(),
            voice: small.voice.clone(),
            has_arrived: small.has_arrived,
            is_stale: small.is_stale,
            better_src: better.map(|file| file_address(file)),
            better_bytes: better.map_or(0, |file| file.bytes),
        })
    }
}

#[derive(Serialize)]
pub(crate) struct Picture {
    pub src: String,
    pub width: u32,
    pub height: u32,
    pub words: String,
}

#[derive(Serialize)]
pub(crate) struct SourceLine {
    pub name: String,
    pub url: String,
    pub date: String,
}

/// One line about a legal document: the last part of a Fluent key, and a value.
#[derive(Serialize)]
pub(crate) struct Fact {
    pub key: &'static str,
    pub value: String,
}

impl ArticlePage {
    /// Says that a correction is one, and when the first text came out: who read that must know. A node
    /// that joined later never had the first text.
    fn told_corrected(self, article: &Article, first: Option<Timestamp>) -> Self {
        if article.version < 2 {
            return self;
        }
        let now = article.published_at;
        let first = first.filter(|first| *first < now);
        // Two texts of one day are told apart by the hour.
        let same_day = first.is_some_and(|first| first.day() == now.day());
        let say = |at: Timestamp| if same_day { at.short() } else { at.day().short() };
        Self { is_corrected: true, first_date: first.map(say), date: say(now), ..self }
    }
}

fn file_address(file: &Rendition) -> String {
    format!("/tep/{}", file.hash)
}

/// `/tin/{words}-{id}` and `/van-ban/{words}-{id}`, with `?tieng=` for another language.
pub(super) async fn show(
    visit: Visit,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let id = model::id_in(&key);
    let language = asked
        .tieng
        .as_deref()
        .filter(|tag| kernel::ids::is_well_formed(tag))
        .unwrap_or(SOURCE_LANGUAGE)
        .to_owned();
    let page = visit
        .app
        .db
        .view(async |tx| {
            let article = actions::article(tx, id).await?;
            let reference = Reference::load(tx).await?;
            let related = publishing::related(tx, &article, RELATED).await?;
            let related = related.iter().map(|item| News::of(item, &reference, None)).collect();
            let first = publishing::first_published(tx, &article.publication).await?;
            let page = arrange(&visit, &article, &reference, &language, related);
            Ok((article.publication.clone(), page.told_corrected(&article, first)))
        })
        .await?;
    let (id, page) = page;
    let asked_path = visit.path.split('?').next().unwrap_or_default();
    let own_path = page.canonical.split('?').next().unwrap_or_default();
    if asked_path.split('/').nth(1) != own_path.split('/').nth(1) {
        // A legal document asked for among the news, or the other way round.
        return Ok(see_other(&page.canonical));
    }
    actions::count_reading(&visit.app, &id).await;
    visit.public_page(&ARTICLE, &page)
}

fn arrange(
    visit: &Visit,
    article: &Article,
    reference: &Reference,
    asked: &str,
    related: Vec<News>,
) -> ArticlePage {
    let text = article.text(asked);
    let title = text.map_or_else(String::new, |text| text.title.clone());
    let own_title = article.text(SOURCE_LANGUAGE).map_or(&title, |text| &text.title);
    let address = model::address(&article.kind, own_title, &article.publication);
    let (sound_language, files) = model::recordings(article, asked);
    let language = text.map_or(SOURCE_LANGUAGE, |text| text.language.as_str());
    let shown =
        if language == SOURCE_LANGUAGE && sound_language == asked { asked } else { language };
    let canonical_tag = if shown == SOURCE_LANGUAGE { "" } else { shown };
    ArticlePage {
        lang: (language != SOURCE_LANGUAGE).then(|| language.to_owned()),
        canonical: with_query(&address, &[("tieng", canonical_tag)]),
        crumbs: crumbs(visit, article, &title),
        flag: (article.kind == ALERT)
            .then(|| reference.kind(ALERT).map_or("", |kind| &kind.name).to_owned()),
        summary: text.map_or_else(String::new, |text| text.summary.clone()),
        html: text.map_or_else(String::new, |text| text.html.clone()),
        has_text: text.is_some_and(|text| text.has_arrived),
        is_stale: text.is_some_and(|text| text.is_stale),
        date: article.published_at.short(),
        first_date: None,
        is_corrected: false,
        publisher: article.publisher.clone(),
        themes: themes(article, reference),
        languages: languages(article, reference, &address, shown),
        sound: Sound::of(&files, &sound_language, reference.language(&sound_language)),
        picture: picture(article),
        source: source(article),
        facts: facts(article),
        confirm_href: with_query(
            &format!("/tin/{}/xac-nhan", article.publication),
            &[("tieng", canonical_tag)],
        ),
        related,
        title,
    }
}

fn crumbs(visit: &Visit, article: &Article, title: &str) -> Vec<Crumb> {
    let (href, key) = if article.kind == LEGAL_DOCUMENT {
        ("/van-ban", "portal-nav-documents")
    } else {
        ("/tin", "portal-nav-news")
    };
    vec![
        Crumb::link("/", visit.say("portal-nav-home", &[])),
        Crumb::link(href, visit.say(key, &[])),
        Crumb::here(super::shortened(title, 60)),
    ]
}

fn themes(article: &Article, reference: &Reference) -> Vec<Link> {
    let known = reference.themes.iter().filter(|theme| article.themes.contains(&theme.code));
    known
        .map(|theme| {
            Link::new(with_query("/tin", &[("chu-de", &theme.code)]), theme.short_name.clone())
        })
        .collect()
}

/// Every language it can be read or heard in; nothing when there is only one.
fn languages(
    article: &Article,
    reference: &Reference,
    address: &str,
    shown: &str,
) -> Vec<LanguageLink> {
    let mut tags: Vec<&str> = article.texts.iter().map(|text| text.language.as_str()).collect();
    for file in
        article.renditions.iter().filter(|file| file.modality == publishing::Modality::Audio)
    {
        if !tags.contains(&file.language.as_str()) {
            tags.push(&file.language);
        }
    }
    if tags.len() < 2 {
        return Vec::new();
    }
    tags.into_iter()
        .map(|tag| LanguageLink {
            href: with_query(address, &[("tieng", if tag == SOURCE_LANGUAGE { "" } else { tag })]),
            label: reference.language(tag).to_owned(),
            lang: tag.to_owned(),
            current: tag == shown,
            note: String::new(),
        })
        .collect()
}

fn picture(article: &Article) -> Option<Picture> {
    let file = article.pictures().find(|file| file.has_arrived)?;
    Some(Picture {
        src: file_address(file),
        width: file.width,
        height: file.height,
        words: article.picture_words.clone(),
    })
}

fn source(article: &Article) -> Option<SourceLine> {
    let source = &article.source;
    (!source.name.is_empty() || !source.url.is_empty()).then(|| SourceLine {
        name: if source.name.is_empty() { source.url.clone() } else { source.name.clone() },
        // Only addresses that lead somewhere; anything else is shown as its name alone.
        url: if source.url.starts_with("https://") || source.url.starts_with("http://") {
            source.url.clone()
        } else {
            String::new()
        },
        date: source.date.map_or_else(String::new, kernel::clock::Day::short),
    })
}

/// What NĐ 42/2022/NĐ-CP wants told of a legal document.
fn facts(article: &Article) -> Vec<Fact> {
    if article.kind != LEGAL_DOCUMENT {
        return Vec::new();
    }
    let document = &article.document;
    let day =
        |day: Option<kernel::clock::Day>| day.map_or_else(String::new, kernel::clock::Day::short);
    let facts = [
        ("number", document.number.clone()),
        ("subject", document.subject.clone()),
        ("authority", document.authority.clone()),
        ("issued", day(document.issued)),
        ("effective", day(document.effective)),
    ];
    let told = facts.into_iter().filter(|(_, value)| !value.is_empty());
    told.map(|(key, value)| Fact { key, value }).collect()
}

/// The address people are sent to after they confirmed on a phone.
pub(super) fn address_of(article: &Article, language: &str) -> String {
    let title = article.text(SOURCE_LANGUAGE).map_or("", |text| &text.title);
    let tag = if language == SOURCE_LANGUAGE { "" } else { language };
    with_query(&model::address(&article.kind, title, &article.publication), &[("tieng", tag)])
}
