//! One search over everything public, with or without diacritics: publications, document numbers and
//! areas by their old and new names.

use kernel::{
    axum::extract::Query,
    web::{Answer, PAGE_SIZE, Paging, Template, Visit},
};
use publishing::{LEGAL_DOCUMENT, ListQuery};
use serde::{Deserialize, Serialize};

use super::{Link, News, Reference, page_number, paging, typed, with_query};
use crate::{actions, model};

pub(crate) const SEARCH: Template<Search> = Template::new("portal/search.html");

/// Areas shown beside the publications.
const AREAS: usize = 5;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    trang: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Search {
    pub q: String,
    pub total: usize,
    pub news: Vec<News>,
    pub paging: Option<Paging>,
    pub areas: Vec<AreaHit>,
    pub areas_href: String,
    pub documents_href: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct AreaHit {
    pub href: String,
    pub label: String,
    pub within: String,
    pub became: Vec<Link>,
}

/// `/tim-kiem?q=`.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let q = typed(asked.q.as_deref());
    // A search of marks alone would find everything.
    let words = kernel::text::fold(&q);
    let at = page_number(asked.trang.as_deref());
    let query = ListQuery {
        place: actions::own_scope(&visit.app).await?,
        text: Some(q.clone()),
        limit: PAGE_SIZE,
        offset: Paging::offset(at),
        ..ListQuery::default()
    };
    let mut search = Search {
        areas_href: with_query("/dia-ban", &[("q", &q)]),
        documents_href: None,
        q: q.clone(),
        total: 0,
        news: Vec::new(),
        paging: None,
        areas: Vec::new(),
    };
    if !words.is_empty() {
        visit
            .app
            .db
            .view(async |tx| {
                let reference = Reference::load(tx).await?;
                let found = publishing::latest(tx, &query).await?;
                search.news = found.iter().map(|item| News::of(item, &reference, None)).collect();
                search.total = publishing::count(tx, &query).await?;
                if at == 1 && !model::is_document_number(&q) {
                    let hits =
                        areas::search(tx, &areas::Query { limit: AREAS, ..areas::Query::new(&q) })
                            .await?;
                    search.areas = hits.iter().map(AreaHit::of).collect();
                }
                let has_document = found.iter().any(|item| item.kind == LEGAL_DOCUMENT);
                search.documents_href = has_document.then(|| with_query("/van-ban", &[("q", &q)]));
                Ok(())
            })
            .await?;
        search.paging = paging(&with_query("/tim-kiem", &[("q", &q)]), at, search.total);
    }
    visit.public_page(&SEARCH, &search)
}

impl AreaHit {
    fn of(hit: &areas::Hit) -> Self {
        let became = hit
            .became
            .iter()
            .map(|now| Link::new(format!("/dia-ban/{}", now.area.id), now.area.full_name.clone()));
        Self {
            href: format!("/dia-ban/{}", hit.area.id),
            label: hit.area.title(),
            within: hit.within.clone(),
            became: became.collect(),
        }
    }
}
