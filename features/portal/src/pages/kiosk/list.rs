//! What stands behind a tile: a few large items, one below the other.

use kernel::{
    axum::extract::{Path, Query},
    problem::OrMissing,
    web::{Answer, Template, Visit},
};
use publishing::Headline;
use serde::Serialize;

use super::{
    Asked, Entry, Stage, behind, ground, note_shown, tile_named,
    trouble::{HOME, led_back},
};
use crate::{
    NOT_FOUND,
    model::voice,
    pages::{Reference, page_number},
};

pub(crate) const LIST: Template<TileList> = Template::new("portal/kiosk_list.html");

/// Items on one screen.
const ON_SCREEN: usize = 5;
/// Items looked through.
pub(super) const ITEMS: usize = 120;
/// The list of everything.
pub(super) const ALL: &str = "moi";

#[derive(Serialize)]
pub(crate) struct TileList {
    pub stage: Stage,
    pub key: &'static str,
    pub items: Vec<Entry>,
    pub next_href: Option<String>,
    pub empty_say: String,
}

/// `/kiot/muc/{tile}`.
pub(crate) async fn show(
    visit: Visit,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let answer = screen(&visit, &name, &asked).await;
    led_back(&visit, &asked, HOME, answer)
}

async fn screen(visit: &Visit, name: &str, asked: &Asked) -> Answer {
    let tile = tile_named(name);
    (name == ALL || tile.is_some()).then_some(()).or_missing(&NOT_FOUND)?;
    let ground = ground(visit, asked).await?;
    let language = asked.language();
    let at = page_number(asked.trang.as_deref());
    let path = format!("/kiot/muc/{name}");
    let (list, shown) = visit
        .app
        .db
        .view(async |tx| {
            let reference = Reference::load(tx).await?;
            let all = behind(ground.newest(tx, &language, ITEMS).await?, tile);
            let more = all.len() > at * ON_SCREEN;
            let shown: Vec<Headline> =
                all.into_iter().skip((at - 1) * ON_SCREEN).take(ON_SCREEN).collect();
            let list = TileList {
                stage: ground.stage(tx, visit, asked, &path).await?,
                key: tile.map_or("portal-tile-newest", |tile| tile.key),
                items: shown.iter().map(|item| Entry::of(item, &reference, asked, name)).collect(),
                next_href: more.then(|| asked.to(&path, &[("trang", &(at + 1).to_string())])),
                empty_say: voice::href(&language, "trong"),
            };
            Ok((list, shown))
        })
        .await?;
    note_shown(visit, &ground, &shown).await;
    visit.public_page(&LIST, &list)
}
