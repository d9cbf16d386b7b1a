//! What readers see: the home of an area, lists, articles, legal documents, search, feeds, and the
//! kiosk of a commune's point. Hub and point show these pages from the same tables.
//!
//! Nothing is written here about who read what. Receipts belong to `reach`, texts and recordings to
//! `publishing`, the map to `areas`.

mod actions;
mod model;
mod pages;
mod store;

use kernel::{
    app::AppRef, clock::Timestamp, events::Doing, module::Module, problem::ProblemKind,
    scope::ScopePath, web::NavEntry,
};

pub use actions::Counters;

/// Where this node stands: the commune of a point, nothing at a hub. The server offers it.
#[derive(Clone, Copy)]
pub struct Place(
    /// Gives the node's own scope.
    pub for<'a> fn(&'a AppRef) -> Doing<'a, Option<ScopePath>>,
);

/// How the road to the hub is. The server offers it.
#[derive(Clone, Copy)]
pub struct Road(
    /// Gives what a reader should know of the road; nothing at a hub.
    pub for<'a> fn(&'a AppRef) -> Doing<'a, Option<RoadWords>>,
);

/// What a reader should know of the road to the hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoadWords {
    /// When the hub was last heard: what is shown is as of then.
    pub last_contact: Option<Timestamp>,
    /// Since when the hub has not answered; nothing while it does.
    pub offline_since: Option<Timestamp>,
}

/// No such item, or it was withdrawn, or its time is over.
pub static NOT_FOUND: ProblemKind = ProblemKind { code: "portal-not-found", status: 404 };

static PROBLEMS: &[&ProblemKind] = &[&NOT_FOUND];

static NAV: &[NavEntry] = &[
    NavEntry { href: "/", key: "portal-nav-home", permission: None, role: None },
    NavEntry { href: "/tin", key: "portal-nav-news", permission: None, role: None },
    NavEntry { href: "/van-ban", key: "portal-nav-documents", permission: None, role: None },
];

/// What this feature gives to the program.
pub fn module() -> Module {
    Module {
        routes: pages::routes,
        migrations: kernel::migrations!("portal": "0001_reads.sql"),
        templates: kernel::templates!(
            "portal/base.html",
            "portal/home.html",
            "portal/list.html",
            "portal/article.html",
            "portal/confirm.html",
            "portal/documents.html",
            "portal/search.html",
            "portal/map.html",
            "portal/about.html",
            "portal/access.html",
            "portal/kiosk.html",
            "portal/kiosk_list.html",
            "portal/kiosk_item.html",
            "portal/kiosk_confirm.html",
            "portal/kiosk_thanks.html",
            "portal/kiosk_trouble.html",
            "portal/tv.html",
        ),
        samples: pages::samples::all,
        locales: kernel::locales!("portal"),
        problems: PROBLEMS,
        nav: NAV,
        ..Module::new("portal")
    }
}
