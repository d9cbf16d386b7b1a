//! Publishing: from an editor's desk through a second person's approval to every reader it is meant
//! for. What a publication is and what readers are shown lives here; who received it is `reach`'s
//! business, how records cross the link is `delivery`'s, and whole pages for readers are `portal`'s.

pub mod actions;
mod jobs;
pub mod media;
mod model;
mod pages;
mod records;
mod store;

use kernel::{
    caller::Permission,
    clock::Timestamp,
    db::Tx,
    events::{Doing, Event},
    locales, migrations,
    module::Module,
    problem::{Outcome, ProblemKind},
    scope::ScopePath,
    templates,
};
use serde::{Deserialize, Serialize};

pub use actions::{
    APPROVE, EDIT, VIEW,
    arrivals::{file_arrived, wanted_files},
    seeing::view,
};
pub use model::{
    ConflictId, PublicationId, SOURCE_LANGUAGE, SoundId,
    draft::{Document, Draft, Source, Translation},
    reading::{Article, ArticleText, Headline, ListQuery, Modality, Rendition, Wanted},
    reference::{ALERT, Audience, Kind, LEGAL_DOCUMENT, Language, Theme, ThemeTarget},
    version::{
        BEING_CORRECTED, FILE_NOT_HERE, NOT_DRAFT, NOT_FOUND, NOT_PUBLIC, NOT_WAITING, ONLY_AT_HUB,
        OWN_WORK, State, TOO_MUCH,
    },
    view::{ArticleView, LanguageLink, PictureView, Player},
};
pub use records::{PUBLICATION_KIND, named_in};
pub use store::reading::{article, count, first_published, latest, related};

static PERMISSIONS: &[&Permission] = &[&EDIT, &APPROVE, &VIEW];

static PROBLEMS: &[&ProblemKind] = &[
    &BEING_CORRECTED,
    &FILE_NOT_HERE,
    &NOT_DRAFT,
    &NOT_FOUND,
    &NOT_PUBLIC,
    &NOT_WAITING,
    &ONLY_AT_HUB,
    &OWN_WORK,
    &TOO_MUCH,
];

/// What this feature gives to the program.
pub fn module() -> Module {
    Module {
        routes: pages::routes,
        names_file: Some(|tx, hash| {
            Box::pin(async move { Ok(store::files::names(tx, hash).await?) })
        }),
        migrations: migrations!(
            "publishing": "0001_publications.sql", "0002_reference.sql", "0003_languages.sql",
            "0004_carried.sql", "0005_desk.sql"
        ),
        templates: templates!(
            "publishing/conflict.html",
            "publishing/desk.html",
            "publishing/edit.html",
            "publishing/list.html",
            "publishing/new.html",
            "publishing/parts.html",
            "publishing/preview.html",
            "publishing/reading.html",
            "publishing/translation.html",
        ),
        samples: pages::samples::all,
        locales: locales!("publishing"),
        permissions: PERMISSIONS,
        problems: PROBLEMS,
        nav: pages::NAV,
        records: records::ALL,
        jobs: jobs::ALL,
        ..Module::new("publishing")
    }
}

/// A publication that came out: where it was made, about what, in which languages it can be read or heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The place of the desk it came from.
    pub home: ScopePath,
    /// Codes of its themes.
    pub themes: Vec<String>,
    /// Tags of its languages.
    pub languages: Vec<String>,
}

/// What this node issued on these days, each publication once, by its first version.
pub async fn issued(
    tx: &mut Tx,
    from: kernel::clock::Day,
    until: kernel::clock::Day,
) -> Outcome<Vec<Issued>> {
    let rows = store::issued::issued(tx, from, until).await?;
    let themes = store::issued::themes(tx, from, until).await?;
    let languages = store::issued::languages(tx, from, until).await?;
    let of = |all: &[store::issued::CodeRow], id: &PublicationId| -> Vec<String> {
        all.iter().filter(|one| one.publication == *id).map(|one| one.code.clone()).collect()
    };
    let issued = rows.iter().map(|row| Issued {
        home: row.home.clone(),
        themes: of(&themes, &row.publication),
        languages: of(&languages, &row.publication),
    });
    Ok(issued.collect())
}

/// Themes in force today, in their order.
pub async fn themes(tx: &mut Tx) -> Outcome<Vec<Theme>> {
    Ok(store::reference::themes(tx).await?)
}

/// Coverage targets of the themes in force today.
pub async fn theme_targets(tx: &mut Tx) -> Outcome<Vec<ThemeTarget>> {
    Ok(store::reference::theme_targets(tx).await?)
}

/// Audiences in force today, in their order.
pub async fn audiences(tx: &mut Tx) -> Outcome<Vec<Audience>> {
    Ok(store::reference::audiences(tx).await?)
}

/// Kinds of publications in force today, in their order.
pub async fn kinds(tx: &mut Tx) -> Outcome<Vec<Kind>> {
    Ok(store::reference::kinds(tx).await?)
}

/// Languages of content, those most spoken first.
pub async fn languages(tx: &mut Tx) -> Outcome<Vec<Language>> {
    Ok(store::reference::languages(tx).await?)
}

/// What others must know of a version that readers see from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The publication.
    pub publication: PublicationId,
    /// The version, from 1.
    pub version: u32,
    /// Vietnamese title.
    pub title: String,
    /// Theme codes.
    pub themes: Vec<String>,
    /// Audience codes.
    pub audiences: Vec<String>,
    /// Language tags it is meant for.
    pub languages: Vec<String>,
    /// Target areas; each stands for everything below it.
    pub areas: Vec<ScopePath>,
    /// When it was published at its origin.
    pub at: Timestamp,
}

/// A version was published at this hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published(pub Release);

impl Event for Published {
    const KIND: &'static str = "publishing.published";
}

/// A version published elsewhere has reached this point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived(pub Release);

impl Event for Arrived {
    const KIND: &'static str = "publishing.arrived";
}

/// A publication was taken back, here or at its origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The publication.
    pub publication: PublicationId,
    /// Its newest withdrawn version.
    pub version: u32,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

impl Event for Withdrawn {
    const KIND: &'static str = "publishing.withdrawn";
}

/// How many people of an audience live in the target areas, as far as anybody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Denominator {
    /// Audience code.
    pub audience: String,
    /// People; `None` when nothing is known.
    pub count: Option<i64>,
    /// Villages in the target areas.
    pub villages: i64,
    /// Those of them whose figure is not known.
    pub unknown_villages: i64,
}

/// Takes target areas and audience codes; gives one denominator for each audience.
pub type CountReached =
    for<'a> fn(&'a mut Tx, &'a [ScopePath], &'a [String]) -> Doing<'a, Vec<Denominator>>;

/// Counts whom a target reaches; another feature knows, the server brings it here.
#[derive(Clone, Copy)]
pub struct Census(pub CountReached);
