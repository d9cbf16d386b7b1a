//! The home of an area: the node's own, or any province or commune under the same parent.

use areas::{Area, AreaId, AreaLevel};
use kernel::{
    axum::extract::Path,
    db::Tx,
    problem::Outcome,
    web::{Answer, Template, Visit, see_other},
};
use publishing::{ALERT, LEGAL_DOCUMENT, ListQuery};
use serde::Serialize;

use super::{Crumb, Link, News, Reference, crumbs_to, with_query};
use crate::{
    actions::{self, Here},
    model,
};

pub(crate) const HOME: Template<Home> = Template::new("portal/home.html");

/// Items on a home, the leading one included.
const NEWS: usize = 8;
/// Links in a side box.
const SHORT_LIST: usize = 5;
/// Former units named in the side box.
const OLD_NAMES: usize = 3;

#[derive(Serialize)]
pub(crate) struct Home {
    pub title: String,
    pub is_own: bool,
    pub crumbs: Vec<Crumb>,
    pub alert: Option<Alert>,
    pub lead: Option<News>,
    pub news: Vec<News>,
    pub more_href: String,
    pub themes: Vec<ThemeLink>,
    pub most_read: Vec<Link>,
    pub documents: Vec<Link>,
    pub area_name: String,
    pub old_names: String,
    pub below: Vec<Link>,
    pub below_label: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Alert {
    pub title: String,
    pub text: String,
    pub href: String,
    pub listen_href: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct ThemeLink {
    pub href: String,
    pub label: String,
    pub icon: String,
}

/// `/`: the home of this node's place.
pub(super) async fn own(visit: Visit) -> Answer {
    let here = actions::here(&visit.app, None).await?;
    let home = visit.app.db.view(async |tx| gather(tx, &visit, here, true).await).await?;
    visit.public_page(&HOME, &home)
}

/// `/khu-vuc/{id}`: the home of any area.
pub(super) async fn of_area(visit: Visit, Path(id): Path<String>) -> Answer {
    let here = actions::here(&visit.app, Some(&id)).await?;
    let today = visit.caller.now().day();
    if here.area.as_ref().is_some_and(|area| area.until <= today) {
        // What became of a former unit is told by its own page.
        return Ok(see_other(&format!("/dia-ban/{id}")));
    }
    let home = visit.app.db.view(async |tx| gather(tx, &visit, here, false).await).await?;
    visit.public_page(&HOME, &home)
}

async fn gather(tx: &mut Tx, visit: &Visit, here: Here, is_own: bool) -> Outcome<Home> {
    let reference = Reference::load(tx).await?;
    let place = &here.path;
    let query = |kind: Option<&str>, limit| ListQuery {
        place: place.clone(),
        kind: kind.map(str::to_owned),
        limit,
        ..ListQuery::default()
    };
    let alert = publishing::latest(tx, &query(Some(ALERT), 1)).await?.pop();
    let newest = publishing::latest(tx, &query(None, NEWS + 1)).await?;
    // The alert already stands above everything else.
    let mut news = newest
        .iter()
        .filter(|item| alert.as_ref().is_none_or(|alert| alert.publication != item.publication))
        .take(NEWS)
        .map(|item| News::of(item, &reference, None));
    let lead = news.next();
    let news = news.collect();
    let documents = publishing::latest(tx, &query(Some(LEGAL_DOCUMENT), SHORT_LIST)).await?;
    let most_read = actions::most_read(tx, place.as_ref(), SHORT_LIST).await?;
    let area_id = here.area.as_ref().map_or("", |area| area.id.as_str());
    let narrowed = if is_own { "" } else { area_id };
    let (below, below_label) = below(tx, here.area.as_ref()).await?;
    let mut crumbs =
        if is_own { Vec::new() } else { crumbs_to(tx, visit, here.area.as_ref()).await? };
    if let Some(last) = crumbs.last_mut() {
        last.href = None;
    }
    let default_title = visit.say("portal-country", &[]);
    Ok(Home {
        title: here.area.as_ref().map_or(default_title, Area::title),
        is_own,
        crumbs,
        alert: alert.map(|alert| Alert {
            href: model::headline_address(&alert),
            listen_href: alert
                .listen
                .as_ref()
                .map(|_| format!("{}#nghe", model::headline_address(&alert))),
            title: alert.title,
            text: alert.summary,
        }),
        lead,
        news,
        more_href: with_query("/tin", &[("dia-ban", narrowed)]),
        themes: reference
            .themes
            .iter()
            .map(|theme| ThemeLink {
                href: with_query("/tin", &[("chu-de", &theme.code), ("dia-ban", narrowed)]),
                label: theme.short_name.clone(),
                icon: theme.pictogram.clone(),
            })
            .collect(),
        most_read: most_read.iter().map(link).collect(),
        documents: documents.iter().map(document_link).collect(),
        area_name: here.area.as_ref().map_or_else(String::new, |area| area.full_name.clone()),
        old_names: old_names(tx, here.area.as_ref()).await?,
        below,
        below_label,
    })
}

fn link(headline: &publishing::Headline) -> Link {
    Link::new(model::headline_address(headline), headline.title.clone())
}

fn document_link(headline: &publishing::Headline) -> Link {
    let label = match headline.document_number.as_str() {
        "" => headline.title.clone(),
        number => format!("{number}: {}", headline.title),
    };
    Link::new(model::headline_address(headline), super::shortened(&label, 120))
}

/// The portals one level down, where they are areas that have portals of their own.
async fn below(tx: &mut Tx, area: Option<&Area>) -> Outcome<(Vec<Link>, &'static str)> {
    let Some(area) =
        area.filter(|area| matches!(area.level, AreaLevel::Country | AreaLevel::Province))
    else {
        return Ok((Vec::new(), ""));
    };
    let label = if area.id == AreaId::country() { "portal-provinces" } else { "portal-communes" };
    let today = tx.now().day();
    let children = areas::children(tx, &area.id, today).await?;
    let links =
        children.iter().map(|child| Link::new(format!("/khu-vuc/{}", child.id), child.title()));
    Ok((links.collect(), label))
}

/// `Lục Bình, Vi Hương, Tân Tú`: what a commune is made of; empty where nothing changed.
async fn old_names(tx: &mut Tx, area: Option<&Area>) -> Outcome<String> {
    let Some(area) = area.filter(|area| area.level == AreaLevel::Commune) else {
        return Ok(String::new());
    };
    let before = areas::predecessors(tx, &area.id).await?;
    let mut names: Vec<_> =
        before.into_iter().map(|link| link.area.name).filter(|name| *name != area.name).collect();
    names.dedup();
    names.truncate(OLD_NAMES);
    Ok(names.join(", "))
}
