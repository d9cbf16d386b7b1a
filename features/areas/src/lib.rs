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
    app::{AppRef, NodeRole},
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
    web::{NavCount, NavEntry},
};

pub use model::{
    Area, AreaEvent, AreaEventId, AreaId, AreaLevel, AreaType, EventKind, Fact, Life, Population,
    PopulationId, PopulationRecorded, Succession, VillageAdded, Weight,
    decree::{Decree, DecreeId, DecreeStatus, LineProblem, NewDecree},
    names_the_country,
    search::{Became, Hit, Query},
    succession::{Heir, Step, Succeeded, Unsucceeded},
    view,
};
pub use store::decree::{find as decree, find_as_known, state_hash};
pub use store::{
    ancestors, below, by_code, by_path, children, find, find_at, find_many, find_many_at, history,
    life, population, populations_under, predecessors, search, successors, successors_of_many,
    villages_of, within,
};

pub use store::flows::{breaks, conversion, conversion_between};
pub use store::kept::flow;
pub use store::units::{Existing, Stretch, lives, stretches, units_between};

pub use actions::{
    MANAGE_VILLAGES, NOT_A_COMMUNE, NOT_IN_FORCE,
    classes::{CLASSIFY, ONLY_AT_THE_HUB},
    decree::{
        DECREE_AT_HUB, DECREE_BUILT_ON, DECREE_NOT_FOUND, DECREE_STALE, DECREE_UNFIT,
        MANAGE_DECREES, SEE_DECREES, UNCHANGED_JOINED, VILLAGE_SETTLED,
    },
    village_import::{BRING_VILLAGES, CommunePoint, IMPORT_GONE, IMPORT_STALE, VILLAGES_AT_POINT},
    villages::{EthnicViews, NOT_A_VILLAGE, SEE_ETHNIC_GROUPS, VILLAGE_IN_USE, VillageUse},
};
pub use model::{
    VillageChanged,
    class::{Class, ClassFact, Mark},
    village_change::Rollup,
};
pub use pages::place_field;
pub use store::{
    classes::{classes_on, communes_in_class, villages_in_class},
    villages::{rollup, rollups},
};

pub use actions::questions::{
    DECIDE_SUCCESSION, Decision, ask, forget_steps, may_decide, note_steps, open_question,
    open_questions, steps, today, village_step,
};
pub use model::question::{
    Asked, Question, QuestionAnswered, QuestionId, Steps, Today, VILLAGE_QUESTION, common,
};

/// No such area.
pub static NOT_FOUND: ProblemKind = ProblemKind { code: "areas-not-found", status: 404 };

/// No such frame, or a day that the data does not reach.
pub static NO_FRAME: ProblemKind = ProblemKind { code: "areas-no-frame", status: 404 };

static PERMISSIONS: &[&Permission] = &[
    &MANAGE_VILLAGES,
    &BRING_VILLAGES,
    &CLASSIFY,
    &SEE_ETHNIC_GROUPS,
    &MANAGE_DECREES,
    &SEE_DECREES,
    &DECIDE_SUCCESSION,
];
static PROBLEMS: &[&ProblemKind] = &[
    &NOT_FOUND,
    &NO_FRAME,
    &NOT_A_COMMUNE,
    &NOT_IN_FORCE,
    // Villages and classes.
    &NOT_A_VILLAGE,
    &VILLAGE_IN_USE,
    &ONLY_AT_THE_HUB,
    &IMPORT_STALE,
    &IMPORT_GONE,
    &VILLAGES_AT_POINT,
    // Decrees.
    &DECREE_NOT_FOUND,
    &DECREE_AT_HUB,
    &DECREE_STALE,
    &UNCHANGED_JOINED,
    &DECREE_UNFIT,
    &DECREE_BUILT_ON,
    &VILLAGE_SETTLED,
    // The worklist.
    &actions::questions::QUESTION_NOT_FOUND,
    &actions::questions::ALREADY_ANSWERED,
];

static NAV: &[NavEntry] = &[
    NavEntry { href: "/dia-ban", key: "areas-nav", permission: None, role: None },
    NavEntry {
        href: "/dia-ban/van-ban",
        key: "areas-decrees",
        permission: Some(&SEE_DECREES),
        role: Some(NodeRole::Hub),
    },
    NavEntry {
        href: "/viec-sap-xep",
        key: "areas-nav-questions",
        permission: Some(&DECIDE_SUCCESSION),
        role: None,
    },
];

static NAV_COUNTS: &[NavCount] = &[NavCount {
    href: "/viec-sap-xep",
    count: |tx, caller| Box::pin(actions::questions::waiting(tx, caller)),
}];

/// The pages on which villages are changed, classed and brought as a table.
fn village_routes() -> Router<AppRef> {
    use pages::{classes, village_edit, village_import};
    Router::new()
        .route("/dia-ban/{id}/sua", get(village_edit::show).post(village_edit::rename))
        .route("/dia-ban/{id}/ket-thuc", post(village_edit::end))
        .route("/dia-ban/{id}/nhap-nham", post(village_edit::remove))
        .route("/dia-ban/{id}/phan-loai", get(classes::show).post(classes::classify))
        .route(
            "/dia-ban/{id}/thon/nhap",
            get(village_import::show)
                .post(village_import::keep)
                .layer(DefaultBodyLimit::max(village_import::BODY_MAX)),
        )
        .route(
            "/dia-ban/{id}/thon/nhap/{table}",
            get(village_import::check).post(village_import::record),
        )
        .route("/dia-ban/{id}/thon/mau.xlsx", get(village_import::xlsx))
        .route("/dia-ban/{id}/thon/mau.csv", get(village_import::csv))
}

/// What this feature gives to the program.
pub fn module() -> Module {
    Module {
        routes: || {
            Router::new()
                .route("/dia-ban", get(pages::finder::show))
                .route("/dia-ban/cay", get(pages::tree::show))
                .route("/dia-ban/so-sanh", get(pages::compare::show))
                .route("/dia-ban/so-sanh.csv", get(pages::compare::download))
                .route("/dia-ban/ban-do", get(pages::map::show))
                .route("/dia-ban/ban-do.png", get(pages::map::picture))
                .route("/dia-ban/{id}", get(pages::area::show))
                .route("/dia-ban/{id}/thon", get(pages::villages::show).post(pages::villages::add))
                .route(
                    "/dia-ban/{id}/dan-so",
                    get(pages::population::show).post(pages::population::record),
                )
                .merge(village_routes())
                .route(
                    "/dia-ban/quy-doi",
                    get(pages::convert::show)
                        .post(pages::convert::convert)
                        .layer(DefaultBodyLimit::max(pages::convert::BODY_MAX)),
                )
                .route("/api/v1/areas/flows", get(api::convert::flows))
                .route(
                    "/api/v1/areas/convert",
                    post(api::convert::convert)
                        .layer(DefaultBodyLimit::max(pages::convert::BODY_MAX)),
                )
                .route("/dia-ban/van-ban", get(pages::decree::list))
                .route(
                    "/dia-ban/van-ban/moi",
                    get(pages::decree::form)
                        .post(pages::decree::propose)
                        .layer(DefaultBodyLimit::max(pages::decree::BODY_MAX)),
                )
                .route("/dia-ban/van-ban/giu-nguyen", post(pages::decree::propose_unchanged))
                .route("/dia-ban/van-ban/mau.csv", get(pages::decree::blank::csv))
                .route("/dia-ban/van-ban/mau.xlsx", get(pages::decree::blank::xlsx))
                .route("/dia-ban/van-ban/{id}", get(pages::decree::show))
                .route("/dia-ban/van-ban/{id}/ghi-nhan", post(pages::decree::apply))
                .route("/dia-ban/van-ban/{id}/hoan-tac", post(pages::decree::undo))
                .route("/dia-ban/van-ban/{id}/xac-nhan", post(pages::decree::confirm))
                .route("/dia-ban/van-ban/{id}/bo", post(pages::decree::discard))
                .route("/viec-sap-xep", get(pages::questions::show))
                .route(
                    "/viec-sap-xep/{id}",
                    get(pages::questions::ask).post(pages::questions::answer),
                )
                .route("/api/v1/areas", get(api::list))
                .route("/api/v1/areas/{id}", get(api::show))
                .route("/api/v1/areas/{id}/successors", get(api::successors))
                .route("/api/v1/areas/{id}/predecessors", get(api::predecessors))
                .route("/api/v1/frames", get(api::frames::list))
                .route("/api/v1/frames/{file}", get(api::frames::file))
        },
        migrations: migrations!(
            "areas": "0001_areas.sql",
            "0002_decrees.sql",
            "0003_places.sql",
            "0004_questions.sql",
            "0005_steps_version.sql",
            "0006_map_changes.sql",
        ),
        templates: templates!(
            "areas/finder.html",
            "areas/show.html",
            "areas/villages.html",
            "areas/population.html",
            "areas/village.html",
            "areas/village_import.html",
            "areas/village_check.html",
            "areas/classes.html",
            "areas/convert.html",
            "areas/tree.html",
            "areas/compare.html",
            "areas/map.html",
            "areas/choropleth.html",
            "areas/place_field.html",
            "areas/decrees.html",
            "areas/decree_new.html",
            "areas/decree.html",
            "areas/questions.html",
            "areas/question.html",
        ),
        samples: pages::samples::all,
        locales: locales!("areas"),
        permissions: PERMISSIONS,
        problems: PROBLEMS,
        openapi: api::openapi::describe,
        nav: NAV,
        nav_counts: NAV_COUNTS,
        records: &[
            records::VILLAGE,
            records::POPULATION,
            records::NOTES,
            records::GROUPS,
            records::DECREE,
            records::STANDING,
            records::PLACED,
            records::OLD_PLACED,
        ],
        jobs: &[actions::decree::TAKE_EFFECT],
        ..Module::new("areas")
    }
}
