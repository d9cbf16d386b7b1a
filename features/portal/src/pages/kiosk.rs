//! The kiosk and the television of a point: pictograms, sound first, no typing. What all its screens
//! share is here: the language and place that travel in every address, the pills of languages, the
//! line about the road. At a hub it is a preview, which records nothing.

pub(crate) mod confirm;
pub(crate) mod item;
pub(crate) mod list;
pub(crate) mod start;
pub(crate) mod trouble;
pub(crate) mod tv;
pub(crate) mod voice;

use kernel::{
    app::NodeRole, clock::Timestamp, db::Tx, problem::Outcome, scope::ScopePath, web::Visit,
};
use publishing::{Headline, ListQuery, Rendition, SOURCE_LANGUAGE};
use serde::{Deserialize, Serialize};

use super::{LanguageLink, Reference, with_query};
use crate::{
    Road, RoadWords,
    actions::{self, receipts::Item},
    model::{self, Tile},
};

/// What travels in every kiosk address.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    tieng: Option<String>,
    #[serde(rename = "dia-ban")]
    area: Option<String>,
    trang: Option<String>,
    muc: Option<String>,
    cach: Option<String>,
}

impl Asked {
    /// The language wanted for listening.
    pub fn language(&self) -> String {
        let fits = |tag: &&str| (2..=16).contains(&tag.len()) && kernel::ids::is_well_formed(tag);
        self.tieng.as_deref().filter(fits).unwrap_or(SOURCE_LANGUAGE).to_owned()
    }

    /// A kiosk address that keeps language and place.
    pub fn to(&self, path: &str, more: &[(&str, &str)]) -> String {
        let language = self.language();
        let tag = if language == SOURCE_LANGUAGE { "" } else { &language };
        let mut parameters =
            vec![("tieng", tag), ("dia-ban", self.area.as_deref().unwrap_or_default())];
        parameters.extend_from_slice(more);
        with_query(path, &parameters)
    }

    fn in_language(&self, tag: &str, path: &str) -> String {
        Self { tieng: Some(tag.to_owned()), ..self.clone() }.to(path, &[])
    }
}

/// What every kiosk screen shows around its own matter.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Stage {
    pub place: String,
    pub is_preview: bool,
    pub languages: Vec<LanguageLink>,
    pub home_href: String,
    pub as_of: Option<Moment>,
    pub offline: Option<Offline>,
}

/// When what is shown was true.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Moment {
    pub time: String,
    pub day: String,
}

/// How long the road has been cut: a Fluent key and its number.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Offline {
    pub key: &'static str,
    pub count: i64,
}

/// A kiosk screen's place, before anything is read.
pub(crate) struct Ground {
    pub place_name: String,
    pub path: Option<ScopePath>,
    pub road: Option<RoadWords>,
    pub is_preview: bool,
}

/// Finds out where the kiosk stands and how the road is.
pub(crate) async fn ground(visit: &Visit, asked: &Asked) -> Outcome<Ground> {
    let area = asked.area.as_deref().filter(|id| !id.is_empty());
    let here = actions::here(&visit.app, area).await?;
    let road = match visit.app.port::<Road>() {
        Some(Road(ask)) => ask(&visit.app).await?,
        None => None,
    };
    let place_name = match &here.area {
        Some(area) if here.path.is_some() => {
            visit.say("portal-kiosk-place", &[("area", area.full_name.clone())])
        }
        _ => visit.app.site.owner_name.clone(),
    };
    let is_preview = area.is_some() || visit.app.role == NodeRole::Hub;
    Ok(Ground { place_name, path: here.path, road, is_preview })
}

/// How many of the newest items tell which languages are offered.
const LANGUAGE_ITEMS: usize = 100;
/// Most pills: as many as fit one line at arm's length.
const PILLS_MAX: usize = 6;

impl Ground {
    /// The newest items for the kiosk's place, with titles in the chosen language.
    pub async fn newest(
        &self,
        tx: &mut Tx,
        language: &str,
        limit: usize,
    ) -> Outcome<Vec<Headline>> {
        let query = ListQuery {
            place: self.path.clone(),
            language: Some(language.to_owned()),
            limit,
            ..ListQuery::default()
        };
        Ok(publishing::latest(tx, &query).await?)
    }

    /// The frame of a screen; `path` is where a language pill leads.
    pub async fn stage(
        &self,
        tx: &mut Tx,
        visit: &Visit,
        asked: &Asked,
        path: &str,
    ) -> Outcome<Stage> {
        let all = self.newest(tx, SOURCE_LANGUAGE, LANGUAGE_ITEMS).await?;
        let reference = Reference::load(tx).await?;
        let now = visit.caller.now();
        let road = self.road.unwrap_or_default();
        Ok(Stage {
            place: self.place_name.clone(),
            is_preview: self.is_preview,
            languages: pills(&all, &reference, asked, path),
            home_href: asked.to("/kiot", &[]),
            as_of: road.last_contact.map(moment),
            offline: road.offline_since.map(|since| {
                let (key, count) = model::offline_words(since, now);
                Offline { key, count }
            }),
        })
    }
}

fn moment(at: Timestamp) -> Moment {
    Moment { time: at.civil().strftime("%H:%M").to_string(), day: at.day().short() }
}

/// The languages in which something can be heard or read here, Vietnamese first, then those with
/// most items. One language alone needs no pill.
fn pills(
    items: &[Headline],
    reference: &Reference,
    asked: &Asked,
    path: &str,
) -> Vec<LanguageLink> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for item in items {
        let mut tags: Vec<_> = item.sounds.iter().chain(&item.texts).map(String::as_str).collect();
        tags.sort_unstable();
        tags.dedup();
        for tag in tags.into_iter().filter(|tag| *tag != SOURCE_LANGUAGE) {
            match counts.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, count)) => *count += 1,
                None => counts.push((tag, 1)),
            }
        }
    }
    counts.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let language = asked.language();
    let others = counts.into_iter().map(|(tag, _)| tag).take(PILLS_MAX - 1);
    let tags: Vec<_> = std::iter::once(SOURCE_LANGUAGE).chain(others).collect();
    if tags.len() == 1 && language == SOURCE_LANGUAGE {
        return Vec::new();
    }
    tags.into_iter()
        .map(|tag| LanguageLink {
            href: asked.in_language(tag, path),
            label: reference.language(tag).to_owned(),
            lang: tag.to_owned(),
            current: tag == language,
            note: String::new(),
        })
        .collect()
}

/// An item of a kiosk list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub href: String,
    pub icon: String,
    pub colour: String,
    pub title: String,
    pub lang: Option<String>,
    /// How long its sound plays; 0 where there is only text.
    pub seconds: u64,
    /// The language of the recording when it is not the chosen one; empty otherwise.
    pub spoken: String,
    pub date: String,
}

impl Entry {
    pub fn of(headline: &Headline, reference: &Reference, asked: &Asked, list: &str) -> Self {
        let is_alert = headline.kind == publishing::ALERT;
        let tile = model::tile_of(&headline.themes);
        let (icon, colour) = match (is_alert, tile) {
            (true, _) => ("warning", "madder"),
            (false, Some(tile)) => (tile.pictogram, tile.colour),
            (false, None) => ("megaphone", "indigo"),
        };
        let listen = playing(headline);
        let spoken = listen.filter(|sound| sound.language != asked.language());
        Self {
            href: item_address(&headline.publication, asked, list),
            icon: icon.to_owned(),
            colour: colour.to_owned(),
            title: headline.title.clone(),
            lang: (headline.language != SOURCE_LANGUAGE).then(|| headline.language.clone()),
            seconds: listen.map_or(0, Rendition::seconds),
            spoken: spoken
                .map_or_else(String::new, |sound| reference.language(&sound.language).to_owned()),
            date: headline.published_at.day().short(),
        }
    }
}

/// What would be heard of an item here.
fn playing(headline: &Headline) -> Option<&Rendition> {
    headline.listen.as_ref().filter(|sound| model::is_playable(sound))
}

/// Where an item is heard; `list` is the list it was chosen from, for the next one.
fn item_address(id: &publishing::PublicationId, asked: &Asked, list: &str) -> String {
    asked.to(&format!("/kiot/nghe/{id}"), &[("muc", list)])
}

/// What belongs behind a tile, newest first, alerts before everything; `moi` is everything.
fn behind(items: Vec<Headline>, tile: Option<&Tile>) -> Vec<Headline> {
    let fits = |item: &Headline| {
        tile.is_none_or(|tile| {
            item.themes.iter().any(|theme| tile.themes.contains(&theme.as_str()))
        })
    };
    let mut fitting: Vec<_> = items.into_iter().filter(fits).collect();
    // A stable sort keeps the newest first within each half.
    fitting.sort_by_key(|item| item.kind != publishing::ALERT);
    fitting
}

fn tile_named(name: &str) -> Option<&'static Tile> {
    model::TILES.iter().find(|tile| tile.name == name)
}

fn as_items(headlines: &[Headline]) -> Vec<Item> {
    let item = |headline: &Headline| Item {
        publication: headline.publication.clone(),
        version: headline.version,
        language: headline.language.clone(),
    };
    headlines.iter().map(item).collect()
}

/// Notes what stands on a real kiosk's screen.
async fn note_shown(visit: &Visit, ground: &Ground, headlines: &[Headline]) {
    if !ground.is_preview {
        let items = as_items(headlines);
        actions::receipts::shown(&visit.app, &visit.caller, &items, ground.path.as_ref()).await;
    }
}
