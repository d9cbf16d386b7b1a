//! Areas through time: what every unit of the country is, was and became.
//!
//! A unit's identity is its territory; names, types, codes and parents are dated facts about it; events
//! with transfers join the units of one date to those of another. What is published, reported or counted
//! *for* an area belongs to other features.

pub mod actions;
mod api;
pub mod model;
mod pages;
mod records;
pub mod reference;
mod store;

use kernel::{
    app::NodeRole,
    axum::{
        Router,
        extract::DefaultBodyLimit,
        routing::{get, post},
    },
    caller::Permission,
    locales, migrations,
    module::Module,
    problem::ProblemKind,
    templates,
    web::NavEntry,
};

pub use model::{
    Area, AreaEvent, AreaEventId, AreaId, AreaLevel, AreaType, EventKind, Fact, Life, Population,
    PopulationId, PopulationRecorded, Succession, VillageAdded, Weight,
    decree::{Decree, DecreeId, DecreeStatus, LineProblem, NewDecree},
    search::{Became, Hit, Query},
    succession::{Heir, Step, Succeeded, Unsucceeded},
};
pub use store::decree::{find as decree, find_as_known, state_hash};
pub use store::{
    ancestors, by_code, by_path, children, find, find_at, find_many, history, life, population,
    predecessors, search, successors, villages_of, within,
};

pub use actions::{
    MANAGE_VILLAGES, NOT_A_COMMUNE, NOT_IN_FORCE,
    decree::{
        DECREE_AT_HUB, DECREE_BUILT_ON, DECREE_NOT_FOUND, DECREE_STALE, DECREE_UNFIT,
        MANAGE_DECREES, SEE_DECREES, VILLAGE_SETTLED,
    },
};

/// No such area.
pub static NOT_FOUND: ProblemKind = ProblemKind { code: "areas-not-found", status: 404 };

static PERMISSIONS: &[&Permission] = &[&MANAGE_VILLAGES, &MANAGE_DECREES, &SEE_DECREES];
static PROBLEMS: &[&ProblemKind] = &[
    &NOT_FOUND,
    &NOT_A_COMMUNE,
    &NOT_IN_FORCE,
    &DECREE_NOT_FOUND,
    &DECREE_AT_HUB,
    &DECREE_STALE,
    &DECREE_UNFIT,
    &DECREE_BUILT_ON,
    &VILLAGE_SETTLED,
];

static NAV: &[NavEntry] = &[
    NavEntry { href: "/dia-ban", key: "areas-nav", permission: None, role: None },
    NavEntry {
        href: "/dia-ban/van-ban",
        key: "areas-decrees",
        permission: Some(&SEE_DECREES),
        role: Some(NodeRole::Hub),
    },
];

/// What this feature gives to the program.
pub fn module() -> Module {
    Module {
        routes: || {
            Router::new()
                .route("/dia-ban", get(pages::finder::show))
                .route("/dia-ban/{id}", get(pages::area::show))
                .route("/dia-ban/{id}/thon", get(pages::villages::show).post(pages::villages::add))
                .route(
                    "/dia-ban/{id}/dan-so",
                    get(pages::population::show).post(pages::population::record),
                )
                .route("/dia-ban/van-ban", get(pages::decree::list))
                .route(
                    "/dia-ban/van-ban/moi",
                    get(pages::decree::form)
                        .post(pages::decree::propose)
                        .layer(DefaultBodyLimit::max(pages::decree::BODY_MAX)),
                )
                .route("/dia-ban/van-ban/mau.csv", get(pages::decree::blank::csv))
                .route("/dia-ban/van-ban/mau.xlsx", get(pages::decree::blank::xlsx))
                .route("/dia-ban/van-ban/{id}", get(pages::decree::show))
                .route("/dia-ban/van-ban/{id}/ghi-nhan", post(pages::decree::apply))
                .route("/dia-ban/van-ban/{id}/hoan-tac", post(pages::decree::undo))
                .route("/dia-ban/van-ban/{id}/xac-nhan", post(pages::decree::confirm))
                .route("/dia-ban/van-ban/{id}/bo", post(pages::decree::discard))
                .route("/api/v1/areas", get(api::list))
                .route("/api/v1/areas/{id}", get(api::show))
                .route("/api/v1/areas/{id}/successors", get(api::successors))
                .route("/api/v1/areas/{id}/predecessors", get(api::predecessors))
        },
        migrations: migrations!("areas": "0001_areas.sql", "0002_decrees.sql"),
        templates: templates!(
            "areas/finder.html",
            "areas/show.html",
            "areas/villages.html",
            "areas/population.html",
            "areas/decrees.html",
            "areas/decree_new.html",
            "areas/decree.html",
        ),
        samples: pages::samples::all,
        locales: locales!("areas"),
        permissions: PERMISSIONS,
        problems: PROBLEMS,
        nav: NAV,
        records: &[
            records::VILLAGE,
            records::POPULATION,
            records::DECREE,
            records::STANDING,
            records::ASSIGNMENT,
        ],
        jobs: &[actions::decree::TAKE_EFFECT],
        ..Module::new("areas")
    }
}
