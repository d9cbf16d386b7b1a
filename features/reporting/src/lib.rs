//! Reporting: what communes report, how it is checked, approved and counted, and what becomes of the
//! figures. Where a figure belongs is `areas`' business, who may do what `identity`'s.

pub mod actions;
mod api;
pub mod model;
mod pages;
mod records;
pub mod reference;
mod store;

use kernel::{locales, migrations, module::Module, templates, web::NavEntry};

pub use records::piece;

pub use actions::{
    analysis::computed::{Computed, Counted, begin as begin_counting},
    catalogue::Catalogues,
    entry::WrittenElsewhere,
    exchange::Exchange,
    homecoming::point_joined,
    map::changed as map_changed,
    obligations::{Home, begin},
    openrosa::Phones,
    outward::{
        Carried, Carry, Mail, MailFile, Mailer, Notification, Pusher, Reply, Subscription,
        begin as begin_outward,
        outlets::{Format, Names, Outlet, Outlets, Parcel},
        post_code, waiting_and_refused,
    },
    reminders::{Ladder, begin as begin_reminders},
    travelling::{Queue, Waiting, begin as begin_sending},
};
pub use api::file::{FileFormat, FileRefused, FileTaken, take_file};
pub use pages::{
    assets::script_href,
    rules_json::{rules_json, words_json},
};

static NAV: &[NavEntry] = &[
    NavEntry {
        href: "/bao-cao",
        key: "reporting-nav",
        permission: Some(&actions::SEE),
        role: None,
    },
    NavEntry {
        href: "/bao-cao/duyet",
        key: "reporting-nav-review",
        permission: Some(&actions::REVIEW),
        role: None,
    },
    NavEntry {
        href: "/bao-cao/han",
        key: "reporting-nav-due",
        permission: Some(&actions::SEE),
        role: None,
    },
    NavEntry {
        href: "/bao-cao/bieu",
        key: "reporting-nav-build",
        permission: Some(&actions::builder::BUILD),
        role: Some(kernel::app::NodeRole::Hub),
    },
    NavEntry {
        href: "/bao-cao/gui-di",
        key: "reporting-outbox",
        permission: Some(&actions::outward::OUTWARD),
        role: None,
    },
    NavEntry { href: "/so-lieu", key: "reporting-analysis", permission: None, role: None },
];

/// What this feature gives to the program.
pub fn module() -> Module {
    Module {
        routes: || pages::routes().merge(api::routes()),
        openapi,
        names_file: Some(|tx, hash| {
            Box::pin(async move { Ok(store::words::names_file(tx, hash).await?) })
        }),
        nav: NAV,
        migrations: migrations!("reporting": "0001_reporting.sql", "0002_review.sql", "0003_analysis.sql", "0004_builder.sql", "0005_time.sql", "0006_outward.sql", "0007_openrosa.sql", "0008_speed.sql", "0009_builder.sql", "0010_phone_keys.sql", "0011_file_parts.sql", "0012_saved.sql", "0013_past_words.sql", "0014_capacity.sql", "0015_explained.sql", "0016_approved_parts.sql", "0017_summary_signed.sql"),
        templates: templates!(
            "reporting/parts.html",
            "reporting/home.html",
            "reporting/report.html",
            "reporting/version.html",
            "reporting/hand_in.html",
            "reporting/cell.html",
            "reporting/detail.html",
            "reporting/row.html",
            "reporting/files.html",
            "reporting/print.html",
            "reporting/download.html",
            "reporting/import.html",
            "reporting/import_check.html",
            "reporting/review.html",
            "reporting/review_one.html",
            "reporting/review_done.html",
            "reporting/consolidation.html",
            "reporting/consolidation_closed.html",
            "reporting/works.html",
            "reporting/late.html",
            "reporting/phones.html",
            "reporting/phone_key.html",
            "reporting/xlsform.html",
            "reporting/xlsform_look.html",
            "reporting/analysis.html",
            "reporting/build_list.html",
            "reporting/build_one.html",
            "reporting/build_new.html",
            "reporting/build_draft.html",
            "reporting/build_head.html",
            "reporting/build_section.html",
            "reporting/build_elements.html",
            "reporting/build_dimensions.html",
            "reporting/build_rules.html",
            "reporting/build_campaign.html",
            "reporting/letter.html",
            "reporting/ways.html",
            "reporting/outbox.html",
            "reporting/schedules.html",
            "reporting/definitions.html",
            "reporting/definition.html",
            "reporting/definition_edit.html",
            "reporting/definition_import.html",
        ),
        samples: pages::samples,
        locales: locales!("reporting"),
        permissions: actions::PERMISSIONS,
        problems: actions::PROBLEMS,
        records: &[
            records::definitions::DEFINITIONS,
            records::VERDICTS,
            records::REPORTS,
            records::EXCUSES,
            records::FILES_ASKED,
            records::FILE_PARTS,
            records::held::HELD_REPORTS,
            records::notes::NOTES_DOWN,
            records::notes::NOTES_UP,
        ],
        jobs: &[
            actions::obligations::KEEP_OBLIGATIONS,
            actions::map::FOLLOW_MAP,
            actions::analysis::computed::KEEP_COMPUTED,
            actions::reminders::REMIND,
            actions::reminders::SEND_LETTERS,
            actions::travelling::SEND_FILES,
            actions::travelling::JOIN_FILE,
            actions::homecoming::BRING_HOME,
            pages::letters::DELIVER,
            pages::letters::SCHEDULES,
            api::outlet::OUTLETS,
        ],
        ..Module::new("reporting")
    }
}

/// What all `/api/` routes of this house are, in one piece of OpenAPI.
fn openapi() -> serde_json::Value {
    let mut whole = api::openapi::describe();
    // Programs of other systems sign in for everything.
    for path in whole["paths"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        for operation in path.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
            operation["x-sign-in-needed"] = true.into();
        }
    }
    join(&mut whole, api::sdmx::description::describe());
    join(&mut whole, pages::analysis::api::describe());
    whole
}

/// Adds one description to another: lists are joined, objects field by field.
fn join(whole: &mut serde_json::Value, more: serde_json::Value) {
    use serde_json::Value;
    match (whole, more) {
        (Value::Object(whole), Value::Object(more)) => {
            for (name, value) in more {
                join(whole.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(whole), Value::Array(more)) => whole.extend(more),
        (whole, more) => *whole = more,
    }
}
