//! One item at the kiosk: the sound begins by itself, the text stands below it, and three large ways
//! on: again, heard, next. A recording of an older text is not played: the item is one to be read.

use kernel::{
    axum::extract::{Path, Query},
    problem::OrMissing,
    web::{Answer, Template, Visit},
};
use publishing::{Article, PublicationId, SOURCE_LANGUAGE};
use reach::Channel;
use serde::Serialize;

use super::{
    Asked, Ground, Stage, behind, ground, item_address,
    list::{ALL, ITEMS},
    tile_named,
    trouble::{HOME, led_back},
};
use crate::{
    NOT_FOUND,
    actions::{
        self,
        receipts::{self, Item, Witness},
    },
    model::{self, voice},
    pages::{Reference, article::Sound},
};

pub(crate) const ITEM: Template<ItemPage> = Template::new("portal/kiosk_item.html");

#[derive(Serialize)]
pub(crate) struct ItemPage {
    pub stage: Stage,
    pub back_href: String,
    pub title: String,
    pub lang: Option<String>,
    pub sound: Option<Sound>,
    pub other_voice: bool,
    /// The translation shown follows a Vietnamese text that was corrected since.
    pub text_is_old: bool,
    pub summary: String,
    pub html: String,
    pub has_text: bool,
    pub again_href: String,
    pub confirm_href: String,
    pub next_href: Option<String>,
    pub idle_seconds: u64,
    /// Spoken where whatever could be heard follows the text before a correction; empty otherwise.
    pub say_instead: String,
}

/// `/kiot/nghe/{id}`.
pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let answer = screen(&visit, &id, &asked).await;
    led_back(&visit, &asked, HOME, answer)
}

async fn screen(visit: &Visit, id: &str, asked: &Asked) -> Answer {
    let id = PublicationId::parse(id).or_missing(&NOT_FOUND)?;
    let ground = ground(visit, asked).await?;
    let list = asked
        .muc
        .clone()
        .filter(|name| tile_named(name).is_some())
        .unwrap_or_else(|| ALL.to_owned());
    let (page, item, proof) = visit
        .app
        .db
        .view(async |tx| {
            let article = actions::article(tx, Some(id.clone())).await?;
            let reference = Reference::load(tx).await?;
            let path = format!("/kiot/nghe/{id}");
            let stage = ground.stage(tx, visit, asked, &path).await?;
            let next = next(tx, &ground, asked, &list, &id).await?;
            let item = heard_item(&article, asked);
            let key = listening_key(visit);
            let proof =
                model::opening_proof(&key, &id, item.version, &item.language, visit.caller.now());
            Ok((arrange(&article, &reference, asked, &list, (stage, next, &proof)), item, proof))
        })
        .await?;
    if !ground.is_preview {
        let witness =
            Witness { channel: Channel::Tap, visitor: Some(proof), place: ground.path.clone() };
        receipts::opened(&visit.app, &visit.caller, &item, &witness).await;
    }
    // Not kept in the page cache: the moment of opening is in it.
    visit.page(&ITEM, &page)
}

/// What is heard or read when this is opened: the version, and the language of the recording (or of
/// the text, where there is none).
pub(super) fn heard_item(article: &Article, asked: &Asked) -> Item {
    let (language, files) = model::playable(article, &asked.language());
    let read =
        article.text(&asked.language()).map_or(SOURCE_LANGUAGE, |text| &text.language).to_owned();
    Item {
        publication: article.publication.clone(),
        version: article.version,
        language: if files.is_empty() { read } else { language },
    }
}

/// The key of the proofs of opening.
pub(super) fn listening_key(visit: &Visit) -> [u8; 32] {
    visit.app.secret("nhipcau 2026 kiosk opening")
}

/// The item after this one in the list it was chosen from: nobody needs to go back to go on.
async fn next(
    tx: &mut kernel::db::Tx,
    ground: &Ground,
    asked: &Asked,
    list: &str,
    id: &PublicationId,
) -> kernel::problem::Outcome<Option<String>> {
    let all = behind(ground.newest(tx, &asked.language(), ITEMS).await?, tile_named(list));
    let at = all.iter().position(|item| &item.publication == id);
    let after = at.and_then(|at| all.get(at + 1));
    Ok(after.map(|item| item_address(&item.publication, asked, list)))
}

fn arrange(
    article: &Article,
    reference: &Reference,
    asked: &Asked,
    list: &str,
    (stage, next_href, proof): (Stage, Option<String>, &str),
) -> ItemPage {
    let wanted = asked.language();
    let text = article.text(&wanted);
    let (spoken, files) = model::playable(article, &wanted);
    let sound = Sound::of(&files, &spoken, reference.language(&spoken));
    let (_, recorded) = model::recordings(article, &wanted);
    let sound_is_old = sound.is_none() && recorded.iter().any(|file| file.is_stale);
    let id = &article.publication;
    let language = text.map_or(SOURCE_LANGUAGE, |text| text.language.as_str());
    ItemPage {
        back_href: if list == ALL {
            stage.home_href.clone()
        } else {
            asked.to(&format!("/kiot/muc/{list}"), &[])
        },
        stage,
        title: text.map_or_else(String::new, |text| text.title.clone()),
        lang: (language != SOURCE_LANGUAGE).then(|| language.to_owned()),
        other_voice: sound.is_some() && spoken != wanted,
        text_is_old: text.is_some_and(|text| text.is_stale),
        // A silent minute after the end, then the screen is for the next person.
        idle_seconds: sound.as_ref().map_or(180, |sound| sound.seconds * 2 + 120),
        sound,
        summary: text.map_or_else(String::new, |text| text.summary.clone()),
        html: text.map_or_else(String::new, |text| text.html.clone()),
        has_text: text.is_some_and(|text| text.has_arrived),
        again_href: item_address(id, asked, list),
        confirm_href: asked.to(
            &format!("/kiot/xac-nhan/{id}"),
            &[("ban", &article.version.to_string()), ("mo", proof)],
        ),
        next_href,
        say_instead: voice::href(&wanted, if sound_is_old { "hoi-can-bo" } else { "" }),
    }
}
