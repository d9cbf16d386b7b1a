//! Reach: who should hear of something, what proves that they did, and the ladder between the two.
//!
//! Publications are known here only by a projection ([`actions::freeze`]); what they say, and how bytes
//! travel, belongs to other features.

pub mod actions;
pub mod model;
pub mod pages;
pub mod records;
mod store;

use kernel::{
    axum::{
        Router,
        extract::DefaultBodyLimit,
        routing::{get, post},
    },
    caller::Permission,
    locales, migrations,
    module::Module,
    templates,
    web::NavEntry,
};

pub use actions::coverage::{Covered, Held, coverage, meetings_held};
pub use actions::handover::{Giver, Passing, Succession, Taker};
pub use actions::{
    AudienceCount, Confirmed, Holder, NewPublication, NewReceipt, card_holder, census,
    note_contact, on_node,
};
pub use model::{Channel, Rung};
pub use store::people::holds_village;

static PERMISSIONS: &[&Permission] = &[
    &actions::KEEP_ROSTER,
    &actions::SEE_SENSITIVE,
    &actions::RECORD_MEETING,
    &actions::VERIFY,
    &actions::SEE_BOARD,
];

static NAV: &[NavEntry] = &[
    NavEntry {
        href: "/do-phu",
        key: "reach-nav-board",
        permission: Some(&actions::SEE_BOARD),
        role: None,
    },
    NavEntry {
        href: "/hop-thon",
        key: "reach-nav-meetings",
        permission: Some(&actions::RECORD_MEETING),
        role: None,
    },
    NavEntry {
        href: "/kiem-chung",
        key: "reach-nav-inspections",
        permission: Some(&actions::VERIFY),
        role: None,
    },
    NavEntry {
        href: "/nguoi-co-uy-tin",
        key: "reach-nav-roster",
        permission: Some(&actions::KEEP_ROSTER),
        role: None,
    },
];

/// What this feature gives to the program.
pub fn module() -> Module {
    Module {
        routes: || {
            Router::new()
                .route("/nguoi-co-uy-tin", get(pages::roster::list))
                .route(
                    "/nguoi-co-uy-tin/them",
                    get(pages::person_form::new).post(pages::person_form::add),
                )
                .route(
                    "/nguoi-co-uy-tin/nhap-danh-sach",
                    get(pages::import::form).post(pages::import::take),
                )
                .route(
                    "/nguoi-co-uy-tin/ban-giao",
                    get(pages::handover::show).post(pages::handover::give),
                )
                .route(
                    "/nguoi-co-uy-tin/nhan-ban-giao",
                    post(pages::handover::take)
                        .layer(DefaultBodyLimit::max(pages::handover::BODY_MAX)),
                )
                .route("/nguoi-co-uy-tin/{id}", get(pages::roster::show))
                .route(
                    "/nguoi-co-uy-tin/{id}/sua",
                    get(pages::person_form::edit).post(pages::person_form::change),
                )
                .route(
                    "/nguoi-co-uy-tin/{id}/dua-ra",
                    get(pages::person_form::end_form).post(pages::person_form::end),
                )
                .route(
                    "/nguoi-co-uy-tin/{id}/the",
                    get(pages::cards::show).post(pages::cards::issue),
                )
                .route("/nguoi-co-uy-tin/{id}/the/thu-hoi", post(pages::cards::revoke))
                .route("/hop-thon", get(pages::meetings::list))
                .route("/hop-thon/moi", get(pages::meetings::new).post(pages::meetings::record))
                .route("/hop-thon/{id}", get(pages::meetings::show))
                .route("/hop-thon/{id}/huy", post(pages::meetings::void))
                .route("/kiem-chung", get(pages::inspections::list))
                .route(
                    "/kiem-chung/moi",
                    get(pages::inspections::new).post(pages::inspections::record),
                )
                .route("/kiem-chung/{id}", get(pages::inspections::show))
                .route("/kiem-chung/{id}/huy", post(pages::inspections::void))
                .route("/do-phu", get(pages::board::show))
                .route("/do-phu/{publication}", get(pages::ladder::show))
        },
        migrations: migrations!("reach": "0001_reach.sql", "0002_succession.sql", "0003_withdrawals.sql", "0004_inspections.sql", "0005_handover.sql", "0006_passed.sql", "0007_beside.sql"),
        templates: templates!(
            "reach/roster.html",
            "reach/person.html",
            "reach/person_form.html",
            "reach/end.html",
            "reach/import.html",
            "reach/handover.html",
            "reach/card.html",
            "reach/card_print.html",
            "reach/meetings.html",
            "reach/meeting_form.html",
            "reach/meeting.html",
            "reach/inspections.html",
            "reach/inspection_form.html",
            "reach/inspection.html",
            "reach/board.html",
            "reach/ladder.html",
        ),
        samples: pages::samples::all,
        locales: locales!("reach"),
        permissions: PERMISSIONS,
        problems: actions::PROBLEMS,
        nav: NAV,
        records: &[
            records::RECEIPTS,
            records::ROSTER_ENTRIES,
            records::MEETINGS,
            records::INSPECTIONS,
        ],
        ..Module::new("reach")
    }
}
