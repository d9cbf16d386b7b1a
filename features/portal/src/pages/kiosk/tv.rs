//! The television: one headline at a time, in a loop, with nothing to press.

use kernel::{
    axum::extract::Query,
    web::{Answer, Template, Visit},
};
use publishing::Headline;
use serde::Serialize;

use super::{Asked, Entry, Stage, behind, ground, note_shown, trouble::led_back};
use crate::pages::{Reference, page_number, shortened};

pub(crate) const TV: Template<Tv> = Template::new("portal/tv.html");

/// Headlines in the loop.
const LOOP: usize = 8;
/// Headlines that follow, below the one that is told.
const AFTER: usize = 2;
/// Letters of a summary that can be read at three metres.
const SUMMARY_LETTERS: usize = 260;

#[derive(Serialize)]
pub(crate) struct Tv {
    pub stage: Stage,
    pub item: Option<Entry>,
    pub summary: String,
    pub after: Vec<Entry>,
    pub at: usize,
    pub total: usize,
    pub next_href: String,
}

/// `/tv?trang=`: each screen leads to the next by itself.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let answer = screen(&visit, &asked).await;
    led_back(&visit, &asked, "/tv", answer)
}

async fn screen(visit: &Visit, asked: &Asked) -> Answer {
    let ground = ground(visit, asked).await?;
    let language = asked.language();
    let (tv, shown) = visit
        .app
        .db
        .view(async |tx| {
            let reference = Reference::load(tx).await?;
            let items = behind(ground.newest(tx, &language, LOOP).await?, None);
            let stage = ground.stage(tx, visit, asked, "/tv").await?;
            let total = items.len();
            let at = if total == 0 { 0 } else { (page_number(asked.trang.as_deref()) - 1) % total };
            let on_screen: Vec<_> =
                items.iter().cycle().skip(at).take(total.min(1 + AFTER)).cloned().collect();
            let shown = on_screen.first();
            let entry = |item: &Headline| Entry::of(item, &reference, asked, "moi");
            let tv = Tv {
                stage: Stage { languages: Vec::new(), ..stage },
                item: shown.map(entry),
                summary: shown
                    .map_or_else(String::new, |item| shortened(&item.summary, SUMMARY_LETTERS)),
                after: on_screen.iter().skip(1).map(entry).collect(),
                at: at + 1,
                total,
                next_href: asked.to("/tv", &[("trang", &(at + 2).to_string())]),
            };
            Ok((tv, on_screen))
        })
        .await?;
    note_shown(visit, &ground, &shown).await;
    visit.public_page(&TV, &tv)
}
