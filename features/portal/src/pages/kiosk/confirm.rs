//! “Heard and understood”: a card held to the reader, or one of two large buttons. Then thanks, and
//! the screen is ready for the next person.

use kernel::{
    axum::{
        extract::{Path, Query},
        http::StatusCode,
        response::Response,
    },
    problem::{Failure, OrMissing, Outcome},
    web::{Answer, Posted, Template, Visit, see_other},
};
use publishing::{Article, PublicationId, SOURCE_LANGUAGE};
use reach::{Channel, Rung};
use serde::{Deserialize, Serialize};

use super::{
    Asked, Ground, Stage, ground,
    item::{heard_item, listening_key},
    trouble::{HOME, led_back},
};
use crate::{
    NOT_FOUND,
    actions::{
        self,
        receipts::{self, Item, Witness},
    },
    model::{self, voice},
};

pub(crate) const CONFIRM: Template<ConfirmPage> = Template::new("portal/kiosk_confirm.html");
pub(crate) const THANKS: Template<Thanks> = Template::new("portal/kiosk_thanks.html");

/// What is said when something else than the card was the reason.
const AGAIN: &str = "portal-kiosk-again";

/// What the item's screen passes on: the version it showed, and the proof of opening.
#[derive(Default, Deserialize)]
pub(crate) struct Opened {
    ban: Option<String>,
    mo: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct ConfirmPage {
    pub stage: Stage,
    pub title: String,
    pub lang: Option<String>,
    pub action: String,
    pub again_href: String,
    /// False when there was only text: then it is read again, not heard again.
    pub has_sound: bool,
    pub version: u32,
    pub opened: String,
    /// A Fluent key when the last try did not succeed.
    pub trouble: Option<&'static str>,
    pub say: String,
}

#[derive(Serialize)]
pub(crate) struct Thanks {
    pub stage: Stage,
    pub wants_to_ask: bool,
    pub say: String,
}

/// `GET /kiot/xac-nhan/{id}?mo=`.
pub(crate) async fn ask(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(opened): Query<Opened>,
) -> Answer {
    let answer = question(&visit, &id, &asked, opened).await;
    led_back(&visit, &asked, HOME, answer)
}

async fn question(visit: &Visit, id: &str, asked: &Asked, opened: Opened) -> Answer {
    let (article, ground) = find(visit, id, asked).await?;
    if is_another_version(&article, opened.ban.as_deref().unwrap_or_default()) {
        return Ok(heard_anew(&article, asked));
    }
    let proof = opened.mo.unwrap_or_default();
    let page = page(visit, &ground, &article, asked, &proof, None).await?;
    visit.page(&CONFIRM, &page)
}

/// True when the item was corrected while somebody listened: what they say they understood is not what
/// stands there now.
fn is_another_version(article: &Article, shown: &str) -> bool {
    shown.parse::<u32>().is_ok_and(|version| version != article.version)
}

fn heard_anew(article: &Article, asked: &Asked) -> Response {
    see_other(&asked.to(&format!("/kiot/nghe/{}", article.publication), &[]))
}

/// `POST /kiot/xac-nhan/{id}`: `cach` says how — `the` (card), `hieu`, `hoi-lai`.
pub(crate) async fn send(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    posted: Result<Posted, Failure>,
) -> Answer {
    let answer = take(&visit, &id, &asked, posted).await;
    led_back(&visit, &asked, HOME, answer)
}

async fn take(visit: &Visit, id: &str, asked: &Asked, posted: Outcome<Posted>) -> Answer {
    let posted = posted?;
    let (article, ground) = find(visit, id, asked).await?;
    let item = heard_item(&article, asked);
    let proof = posted.fields.line("mo");
    let way = posted.fields.line("cach");
    if ground.is_preview {
        // The page of a preview holds no form; whoever sends one anyway is shown that page.
        return Ok(see_other(&asked.to(&format!("/kiot/xac-nhan/{id}"), &[])));
    }
    if is_another_version(&article, &posted.fields.line("ban")) {
        return Ok(heard_anew(&article, asked));
    }
    let done = if way == "the" {
        receipts::confirm_by_card(&visit.app, &item, posted.fields.raw("card")).await
    } else {
        tapped(visit, &ground, &article, &item, &proof, way == "hieu").await
    };
    match done {
        Ok(()) => Ok(see_other(
            &asked.to("/kiot/cam-on", &[("cach", if way == "hoi-lai" { &way } else { "" })]),
        )),
        Err(Failure::Problem(problem)) => {
            let trouble = trouble(problem.kind.code);
            let page = page(visit, &ground, &article, asked, &proof, Some(trouble)).await?;
            let mut response = visit.page(&CONFIRM, &page)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(fault) => Err(fault),
    }
}

/// `/kiot/cam-on`.
pub(crate) async fn thanks(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let answer = thanked(&visit, &asked).await;
    led_back(&visit, &asked, HOME, answer)
}

async fn thanked(visit: &Visit, asked: &Asked) -> Answer {
    let ground = ground(visit, asked).await?;
    let stage = visit.app.db.view(async |tx| ground.stage(tx, visit, asked, "/kiot").await).await?;
    let wants_to_ask = asked.cach.as_deref() == Some("hoi-lai");
    let label = if wants_to_ask { "hoi-can-bo" } else { "cam-on" };
    visit.public_page(
        &THANKS,
        &Thanks { stage, wants_to_ask, say: voice::href(&asked.language(), label) },
    )
}

async fn find(visit: &Visit, id: &str, asked: &Asked) -> Outcome<(Article, Ground)> {
    let id = PublicationId::parse(id).or_missing(&NOT_FOUND)?;
    let article =
        visit.app.db.view(async |tx| actions::article(tx, Some(id.clone())).await).await?;
    Ok((article, ground(visit, asked).await?))
}

/// A finger without a card: heard to the end when there was time for it, understood when they say so.
async fn tapped(
    visit: &Visit,
    ground: &Ground,
    article: &Article,
    item: &Item,
    proof: &str,
    understood: bool,
) -> Outcome<()> {
    let now = visit.caller.now();
    let key = listening_key(visit);
    let opened =
        model::read_proof(&key, &item.publication, item.version, &item.language, proof, now);
    let (_, files) = model::playable(article, &item.language);
    let duration = files.first().map_or(0, |sound| sound.duration_ms);
    let heard = opened.is_some_and(|opened| model::had_time_to_hear(opened, now, duration));
    let mut rungs = Vec::new();
    rungs.extend(heard.then_some(Rung::Completed));
    rungs.extend(understood.then_some(Rung::Confirmed));
    let visitor = opened.map(|_| proof.to_owned());
    let witness = Witness { channel: Channel::Tap, visitor, place: ground.path.clone() };
    receipts::record(&visit.app, &visit.caller, item, &witness, &rungs).await
}

/// What to tell somebody whose confirmation was not taken.
fn trouble(code: &str) -> &'static str {
    let card = [reach::actions::CARD_UNKNOWN.code, reach::actions::CARD_REVOKED.code];
    if card.contains(&code) {
        "portal-card-unknown"
    } else if code == reach::actions::NO_CONSENT.code {
        "portal-card-no-consent"
    } else {
        AGAIN
    }
}

async fn page(
    visit: &Visit,
    ground: &Ground,
    article: &Article,
    asked: &Asked,
    proof: &str,
    trouble: Option<&'static str>,
) -> Outcome<ConfirmPage> {
    let id = &article.publication;
    let path = format!("/kiot/xac-nhan/{id}");
    let stage = visit.app.db.view(async |tx| ground.stage(tx, visit, asked, "/kiot").await).await?;
    let text = article.text(&asked.language());
    let label = match trouble {
        None => "the",
        Some(AGAIN) => "",
        Some(_) => "the-sai",
    };
    Ok(ConfirmPage {
        // A language pill here would lose what was heard.
        stage: Stage { languages: Vec::new(), ..stage },
        title: text.map_or_else(String::new, |text| text.title.clone()),
        lang: text.map(|text| text.language.clone()).filter(|tag| tag != SOURCE_LANGUAGE),
        action: asked.to(&path, &[]),
        again_href: asked.to(&format!("/kiot/nghe/{id}"), &[]),
        has_sound: !model::playable(article, &asked.language()).1.is_empty(),
        version: article.version,
        opened: proof.chars().take(80).collect(),
        trouble,
        say: voice::href(&asked.language(), label),
    })
}
