//! The first screen: the newest item in one's language, and five ways to the others.

use kernel::{
    axum::extract::Query,
    clock::Day,
    web::{Answer, Template, Visit},
};
use publishing::{ALERT, Headline, SOURCE_LANGUAGE};
use serde::Serialize;

use super::{
    Asked, Stage, ground, item_address, note_shown, playing,
    trouble::{HOME, led_back},
};
use crate::{
    model::{TILES, voice},
    pages::shortened,
};

pub(crate) const START: Template<Start> = Template::new("portal/kiosk.html");

/// Items looked through for the tiles.
const ITEMS: usize = 60;
/// How long the newest item stands in front of those that can be heard.
const JUST_OUT_DAYS: i32 = 2;
/// Letters of a title that fit a tile.
const TITLE_LETTERS: usize = 60;
/// An item is new for so many days.
const NEW_DAYS: i32 = 7;

#[derive(Serialize)]
pub(crate) struct Start {
    pub stage: Stage,
    pub first: First,
    pub tiles: Vec<TileView>,
}

/// The first tile: the newest item, or an alert in its place. After an alert the newest item is one
/// press of “next” away; a seventh tile would push the others off the screen.
#[derive(Serialize)]
pub(crate) struct First {
    pub href: String,
    pub is_alert: bool,
    pub title: String,
    pub fresh: usize,
    pub say: String,
}

#[derive(Serialize)]
pub(crate) struct TileView {
    pub href: String,
    pub icon: &'static str,
    pub colour: &'static str,
    pub key: &'static str,
    pub say: String,
    pub count: usize,
}

/// `/kiot`.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let answer = screen(&visit, &asked).await;
    led_back(&visit, &asked, HOME, answer)
}

async fn screen(visit: &Visit, asked: &Asked) -> Answer {
    let ground = ground(visit, asked).await?;
    let language = asked.language();
    let (start, shown) = visit
        .app
        .db
        .view(async |tx| {
            let items = ground.newest(tx, &language, ITEMS).await?;
            let stage = ground.stage(tx, visit, asked, "/kiot").await?;
            let alert = items.iter().find(|item| item.kind == ALERT);
            let today = tx.now().day();
            let item = alert.or_else(|| newest(&items, &language, today));
            let fresh = items
                .iter()
                .filter(|item| today.days_since(item.published_at.day()) < NEW_DAYS)
                .count();
            let first = First {
                href: item.map_or_else(
                    || asked.to("/kiot/muc/moi", &[]),
                    |item| item_address(&item.publication, asked, "moi"),
                ),
                is_alert: alert.is_some(),
                title: item.map_or_else(String::new, |item| shortened(&item.title, TITLE_LETTERS)),
                fresh,
                say: voice::href(&language, if alert.is_some() { "canh-bao" } else { "moi" }),
            };
            let shown: Vec<Headline> = item.into_iter().cloned().collect();
            Ok((Start { stage, first, tiles: tiles(&items, asked, &language) }, shown))
        })
        .await?;
    note_shown(visit, &ground, &shown).await;
    visit.public_page(&START, &start)
}

/// In Vietnamese what came today or yesterday, read aloud or not: people are told of it now. Else the
/// newest item that can be heard in the language; else heard at all; else the newest.
fn newest<'a>(items: &'a [Headline], language: &str, today: Day) -> Option<&'a Headline> {
    let plain = || items.iter().filter(|item| item.kind != ALERT);
    let heard_in = |item: &&Headline| playing(item).is_some_and(|sound| sound.language == language);
    let heard = |item: &&Headline| playing(item).is_some();
    let just_out = |item: &&Headline| {
        language == SOURCE_LANGUAGE && today.days_since(item.published_at.day()) < JUST_OUT_DAYS
    };
    plain()
        .next()
        .filter(just_out)
        .or_else(|| plain().find(heard_in))
        .or_else(|| plain().find(heard))
        .or_else(|| plain().next())
}

fn tiles(items: &[Headline], asked: &Asked, language: &str) -> Vec<TileView> {
    let count = |themes: &[&str]| {
        items
            .iter()
            .filter(|item| item.themes.iter().any(|theme| themes.contains(&theme.as_str())))
            .count()
    };
    TILES
        .iter()
        .map(|tile| TileView {
            href: asked.to(&format!("/kiot/muc/{}", tile.name), &[]),
            icon: tile.pictogram,
            colour: tile.colour,
            key: tile.key,
            say: voice::href(language, tile.name),
            count: count(tile.themes),
        })
        .collect()
}
