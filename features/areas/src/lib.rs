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
    axum::{Router, routing::get},
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
    search::{Became, Hit, Query},
    succession::{Heir, Step, Succeeded, Unsucceeded},
};
pub use store::{
    ancestors, by_code, by_path, children, find, find_at, find_many, history, life, population,
    predecessors, search, successors, villages_of, within,
};

pub use actions::{MANAGE_VILLAGES, NOT_A_COMMUNE, NOT_IN_FORCE};

pub use actions::questions::{
    DECIDE_SUCCESSION, Decision, ask, forget_steps, may_decide, note_steps, open_question,
    open_questions, steps, today, village_step,
};
pub use model::question::{
    Asked, Question, QuestionAnswered, QuestionId, Steps, Today, VILLAGE_QUESTION, common,
};

/// No such area.
pub static NOT_FOUND: ProblemKind = ProblemKind { code: "areas-not-found", status: 404 };

static PERMISSIONS: &[&Permission] = &[&MANAGE_VILLAGES, &DECIDE_SUCCESSION];
static PROBLEMS: &[&ProblemKind] = &[
    &NOT_FOUND,
    &NOT_A_COMMUNE,
    &NOT_IN_FORCE,
    &actions::questions::QUESTION_NOT_FOUND,
    &actions::questions::ALREADY_ANSWERED,
];

static NAV: &[NavEntry] = &[
    NavEntry { href: "/dia-ban", key: "areas-nav", permission: None, role: None },
    NavEntry {
        href: "/viec-sap-xep",
        key: "areas-nav-questions",
        permission: Some(&DECIDE_SUCCESSION),
        role: None,
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
                .route("/viec-sap-xep", get(pages::questions::show))
                .route(
                    "/viec-sap-xep/{id}",
                    get(pages::questions::ask).post(pages::questions::answer),
                )
                .route("/api/v1/areas", get(api::list))
                .route("/api/v1/areas/{id}", get(api::show))
                .route("/api/v1/areas/{id}/successors", get(api::successors))
                .route("/api/v1/areas/{id}/predecessors", get(api::predecessors))
        },
        migrations: migrations!("areas": "0001_areas.sql", "0004_questions.sql"),
        templates: templates!(
            "areas/finder.html",
            "areas/show.html",
            "areas/villages.html",
            "areas/population.html",
            "areas/questions.html",
            "areas/question.html",
        ),
        samples: pages::samples::all,
        locales: locales!("areas"),
        permissions: PERMISSIONS,
        problems: PROBLEMS,
        nav: NAV,
        records: &[records::VILLAGE, records::POPULATION, records::ASSIGNED],
        ..Module::new("areas")
    }
}
