//! “I heard it and understood”, from a phone or a computer: a page of its own, since the article
//! itself is served from memory and may hold no form.

use kernel::{
    axum::extract::{Path, Query},
    problem::Outcome,
    web::{Answer, Posted, Template, Visit},
};
use publishing::{Article, SOURCE_LANGUAGE};
use reach::{Channel, Rung};
use serde::{Deserialize, Serialize};

use super::article::address_of;
use crate::{
    actions::{
        self,
        receipts::{self, Item, Witness},
    },
    model,
};

pub(crate) const CONFIRM: Template<Confirm> = Template::new("portal/confirm.html");

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    tieng: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Confirm {
    pub title: String,
    pub lang: Option<String>,
    pub href: String,
    pub action: String,
}

/// `GET /tin/{id}/xac-nhan`.
pub(super) async fn ask(
    visit: Visit,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let article = find(&visit, &key).await?;
    let language = spoken(&article, asked.tieng);
    let text = article.text(&language);
    let lang = text.map(|text| text.language.clone()).filter(|tag| tag != SOURCE_LANGUAGE);
    let tag = if language == SOURCE_LANGUAGE { "" } else { &language };
    let context = Confirm {
        title: text.map_or_else(String::new, |text| text.title.clone()),
        lang,
        href: address_of(&article, &language),
        action: super::with_query(
            &format!("/tin/{}/xac-nhan", article.publication),
            &[("tieng", tag)],
        ),
    };
    visit.page(&CONFIRM, &context)
}

/// `POST /tin/{id}/xac-nhan`: opened and confirmed, by a device that nobody knows.
pub(super) async fn send(
    visit: Visit,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Answer {
    let article = find(&visit, &key).await?;
    let language = spoken(&article, asked.tieng);
    let item = Item {
        publication: article.publication.clone(),
        version: article.version,
        language: language.clone(),
    };
    // The form token is a keyed hash of the visitor's own: the same device twice is one device, and
    // nothing in it leads back to the cookie.
    let witness = Witness {
        channel: Channel::Phone,
        visitor: Some(posted.fields.raw("csrf").to_owned()),
        place: actions::own_scope(&visit.app).await?,
    };
    receipts::record(&visit.app, &visit.caller, &item, &witness, &[Rung::Opened, Rung::Confirmed])
        .await?;
    visit.done(&address_of(&article, &language), "portal-confirmed")
}

async fn find(visit: &Visit, key: &str) -> Outcome<Article> {
    let id = model::id_in(key);
    visit.app.db.view(async |tx| actions::article(tx, id).await).await
}

/// The asked language where the article has it.
fn spoken(article: &Article, asked: Option<String>) -> String {
    let has = |tag: &String| {
        article.texts.iter().any(|text| &text.language == tag)
            || article.sounds(tag).next().is_some()
    };
    asked.filter(has).unwrap_or_else(|| SOURCE_LANGUAGE.to_owned())
}
