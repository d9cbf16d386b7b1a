//! Legal documents: number, subject, authority, day; found by number with or without diacritics.

use kernel::{
    axum::extract::Query,
    clock::Day,
    web::{Answer, PAGE_SIZE, Paging, Template, Visit},
};
use publishing::{LEGAL_DOCUMENT, ListQuery};
use serde::{Deserialize, Serialize};

use super::{Crumb, page_number, paging, typed, with_query};
use crate::{actions, model};

pub(crate) const DOCUMENTS: Template<Documents> = Template::new("portal/documents.html");

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    trang: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Documents {
    pub crumbs: Vec<Crumb>,
    pub q: String,
    pub total: usize,
    pub rows: Vec<Row>,
    pub paging: Option<Paging>,
}

#[derive(Serialize)]
pub(crate) struct Row {
    pub href: String,
    pub number: String,
    pub subject: String,
    pub authority: String,
    pub issued: String,
}

/// `/van-ban?q=330/QD-UBDT&trang=`.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let q = typed(asked.q.as_deref());
    let at = page_number(asked.trang.as_deref());
    let query = ListQuery {
        place: actions::own_scope(&visit.app).await?,
        kind: Some(LEGAL_DOCUMENT.to_owned()),
        text: (!q.is_empty()).then(|| q.clone()),
        limit: PAGE_SIZE,
        offset: Paging::offset(at),
        ..ListQuery::default()
    };
    let (rows, total) = visit
        .app
        .db
        .view(async |tx| {
            let mut rows = Vec::new();
            for headline in publishing::latest(tx, &query).await? {
                // Authority and day stand in the version itself, not in the list.
                let Some(article) = publishing::article(tx, &headline.publication).await? else {
                    continue;
                };
                let document = article.document;
                rows.push(Row {
                    href: model::headline_address(&headline),
                    number: document.number,
                    subject: if document.subject.is_empty() {
                        headline.title
                    } else {
                        document.subject
                    },
                    authority: document.authority,
                    issued: document.issued.map_or_else(String::new, Day::short),
                });
            }
            Ok((rows, publishing::count(tx, &query).await?))
        })
        .await?;
    let crumbs = vec![
        Crumb::link("/", visit.say("portal-nav-home", &[])),
        Crumb::here(visit.say("portal-documents", &[])),
    ];
    let paging = paging(&with_query("/van-ban", &[("q", &q)]), at, total);
    visit.public_page(&DOCUMENTS, &Documents { crumbs, q, total, rows, paging })
}
