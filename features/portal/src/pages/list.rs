//! The list of what was published, narrowed by theme, kind, language and words.

use kernel::{
    axum::extract::Query,
    problem::Outcome,
    web::{Answer, PAGE_SIZE, Paging, Template, Visit},
};
use publishing::{Headline, ListQuery, SOURCE_LANGUAGE};
use serde::{Deserialize, Serialize};

use super::{Choice, Crumb, News, Reference, crumbs_to, page_number, paging, typed, with_query};
use crate::actions;

pub(crate) const LIST: Template<List> = Template::new("portal/list.html");

/// How far back a list in one language looks.
const LANGUAGE_ROWS: usize = 200;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    #[serde(rename = "chu-de")]
    theme: Option<String>,
    loai: Option<String>,
    tieng: Option<String>,
    #[serde(rename = "dia-ban")]
    area: Option<String>,
    trang: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct List {
    pub title: String,
    pub area: String,
    pub crumbs: Vec<Crumb>,
    pub themes: Vec<Choice>,
    pub theme: String,
    pub kinds: Vec<Choice>,
    pub kind: String,
    pub languages: Vec<Choice>,
    pub language: String,
    pub q: String,
    pub is_narrowed: bool,
    pub total: usize,
    pub news: Vec<News>,
    pub paging: Option<Paging>,
}

/// `/tin?chu-de=&loai=&tieng=&q=&dia-ban=&trang=`.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let [q, theme, kind, language, area_id] =
        [&asked.q, &asked.theme, &asked.loai, &asked.tieng, &asked.area]
            .map(|field| typed(field.as_deref()));
    let here = actions::here(&visit.app, (!area_id.is_empty()).then_some(area_id.as_str())).await?;
    let at = page_number(asked.trang.as_deref());
    let wanted = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let query = ListQuery {
        place: here.path.clone(),
        theme: wanted(&theme),
        kind: wanted(&kind),
        language: wanted(&language),
        text: wanted(&q),
        limit: PAGE_SIZE,
        offset: Paging::offset(at),
        ..ListQuery::default()
    };
    let (reference, found, total, mut crumbs) = visit
        .app
        .db
        .view(async |tx| {
            let (found, total) = find(tx, query).await?;
            let narrowed = here.area.as_ref().filter(|_| !area_id.is_empty());
            Ok((Reference::load(tx).await?, found, total, crumbs_to(tx, &visit, narrowed).await?))
        })
        .await?;
    let base = with_query(
        "/tin",
        &[
            ("q", &q),
            ("chu-de", &theme),
            ("loai", &kind),
            ("tieng", &language),
            ("dia-ban", &area_id),
        ],
    );
    let theme_name =
        reference.themes.iter().find(|known| known.code == theme).map(|known| known.name.clone());
    let title = theme_name.unwrap_or_else(|| visit.say("portal-news", &[]));
    crumbs.push(Crumb::here(title.clone()));
    let list = List {
        title,
        area: area_id.clone(),
        crumbs,
        themes: reference
            .themes
            .iter()
            .map(|theme| choice(&theme.code, &theme.short_name))
            .collect(),
        kinds: reference.kinds.iter().map(|kind| choice(&kind.code, &kind.name)).collect(),
        languages: reference
            .languages
            .iter()
            .filter(|known| known.is_common || known.tag == language)
            .map(|known| choice(&known.tag, &known.name))
            .collect(),
        is_narrowed: [&q, &theme, &kind, &language].iter().any(|field| !field.is_empty()),
        total,
        news: found
            .iter()
            .map(|item| News::of(item, &reference, wanted(&language).as_deref()))
            .collect(),
        paging: paging(&base, at, total),
        theme,
        kind,
        language,
        q,
    };
    visit.public_page(&LIST, &list)
}

fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned() }
}

/// What is on this page and how many there are. Which languages an item has is known only once it is
/// read, so a list in one language looks through the newest rows; everything is in Vietnamese.
async fn find(tx: &mut kernel::db::Tx, query: ListQuery) -> Outcome<(Vec<Headline>, usize)> {
    let Some(language) = query.language.clone().filter(|tag| tag != SOURCE_LANGUAGE) else {
        return Ok((publishing::latest(tx, &query).await?, publishing::count(tx, &query).await?));
    };
    let (offset, limit) = (query.offset, query.limit);
    let all =
        publishing::latest(tx, &ListQuery { limit: LANGUAGE_ROWS, offset: 0, ..query }).await?;
    let has = |item: &Headline| item.texts.contains(&language) || item.sounds.contains(&language);
    let fitting: Vec<_> = all.into_iter().filter(has).collect();
    let total = fitting.len();
    Ok((fitting.into_iter().skip(offset).take(limit).collect(), total))
}
