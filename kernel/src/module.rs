//! What a feature gives to the program: one value, listed once in the server.

use axum::Router;

use crate::{
    app::AppRef,
    caller::Permission,
    db::{Migration, Tx},
    events::Doing,
    jobs::JobKind,
    locale::Locale,
    problem::ProblemKind,
    records::RecordKind,
    web::{NavCount, NavEntry, Sample, TemplateSource},
};

/// A feature, as the server sees it.
pub struct Module {
    /// Its name: the folder, the crate, the prefix of its tables and words.
    pub name: &'static str,
    /// Pages and JSON routes, behind the web shell.
    pub routes: fn() -> Router<AppRef>,
    /// Routes between machines, with nothing around them: no cookies, no compression, no headers.
    pub wire: fn() -> Router<AppRef>,
    /// Its schema.
    pub migrations: &'static [Migration],
    /// Its pages.
    pub templates: &'static [TemplateSource],
    /// Every page with every kind of content it must survive; rendered in every language by a test.
    pub samples: fn() -> Vec<Sample>,
    /// Its words.
    pub locales: &'static [Locale],
    /// What people may do in it.
    pub permissions: &'static [&'static Permission],
    /// What can go wrong in it.
    pub problems: &'static [&'static ProblemKind],
    /// Entries of the staff menu.
    pub nav: &'static [NavEntry],
    /// How many things wait behind some of these entries.
    pub nav_counts: &'static [NavCount],
    /// Records it understands.
    pub records: &'static [RecordKind],
    /// Work it does later.
    pub jobs: &'static [JobKind],
    /// True when a row of this feature names the file with this hash (64 hex digits). A feature that keeps files
    /// and does not say so loses them.
    pub names_file: Option<for<'a> fn(&'a mut Tx, &'a str) -> Doing<'a, bool>>,
    /// What its `/api/` routes are, as a piece of OpenAPI 3.1: `{"tags", "paths", "components"}`.
    pub openapi: fn() -> serde_json::Value,
}

impl Module {
    /// A module with nothing in it; features fill in what they have with `..Module::new("name")`.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            routes: Router::new,
            wire: Router::new,
            migrations: &[],
            templates: &[],
            samples: Vec::new,
            locales: &[],
            permissions: &[],
            problems: &[],
            nav: &[],
            nav_counts: &[],
            records: &[],
            jobs: &[],
            names_file: None,
            openapi: || serde_json::Value::Null,
        }
    }
}
