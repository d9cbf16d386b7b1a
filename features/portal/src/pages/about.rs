//! Pages about the site itself: the map, who runs it, how it can be used by everybody.

use kernel::web::{Answer, Template, Visit};
use serde::Serialize;

use super::{Link, Reference, with_query};

pub(crate) const MAP: Template<Map> = Template::new("portal/map.html");
pub(crate) const ABOUT: Template<Plain> = Template::new("portal/about.html");
pub(crate) const ACCESS: Template<Plain> = Template::new("portal/access.html");

#[derive(Serialize)]
pub(crate) struct Map {
    pub themes: Vec<Link>,
    pub kinds: Vec<Link>,
}

/// A page that needs nothing but its words.
#[derive(Serialize)]
pub(crate) struct Plain {}

/// `/so-do-trang`.
pub(super) async fn map(visit: Visit) -> Answer {
    let reference = visit.app.db.view(async |tx| Reference::load(tx).await).await?;
    let themes = reference.themes.iter();
    let kinds = reference.kinds.iter();
    let map = Map {
        themes: themes
            .map(|one| Link::new(with_query("/tin", &[("chu-de", &one.code)]), one.name.clone()))
            .collect(),
        kinds: kinds
            .map(|one| Link::new(with_query("/tin", &[("loai", &one.code)]), one.name.clone()))
            .collect(),
    };
    visit.public_page(&MAP, &map)
}

/// `/ve`.
pub(super) async fn about(visit: Visit) -> Answer {
    visit.public_page(&ABOUT, &Plain {})
}

/// `/tro-nang`.
pub(super) async fn access(visit: Visit) -> Answer {
    visit.public_page(&ACCESS, &Plain {})
}
