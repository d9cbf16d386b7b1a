//! What every feature of Nhịp Cầu shares and no feature owns.
//!
//! Ids, time and chance that are passed in, the caller and what they may do, problems with words,
//! Vietnamese text, one SQL text on two engines, the outbox, jobs, files, the node's signed log, and
//! the web shell. No domain noun lives here: anything that would not make sense in another country's
//! platform belongs to a feature.

// Macros that features use name the kernel as `kernel`; inside it, it answers to that name too.
extern crate self as kernel;

pub mod app;
pub mod caller;
pub mod chance;
pub mod clock;
pub mod db;
pub mod events;
pub mod files;
pub mod gather;
pub mod ids;
pub mod jobs;
pub mod locale;
pub mod module;
pub mod orphans;
pub mod problem;
pub mod records;
pub mod scope;
pub mod sheet;
pub mod text;
pub mod wake;
pub mod web;

pub use axum;
#[doc(hidden)]
pub use linkme;
pub use minijinja;
pub use serde;
pub use tracing;

use module::Module;

/// The first 32 hex digits of a keyed BLAKE3 hash: form tokens and the like.
pub fn blake3_keyed_hex(key: &[u8; 32], text: &[u8]) -> String {
    blake3::keyed_hash(key, text).to_hex()[..32].to_owned()
}

/// The kernel's own tables, words and pages, in the same form as a feature's.
pub fn module() -> Module {
    Module {
        routes: web::routes,
        migrations: migrations!("kernel": "0001_kernel.sql", "0002_loose_files.sql"),
        templates: templates!(
            "kernel/layout.html",
            "kernel/kiosk_layout.html",
            "kernel/document_layout.html",
            "kernel/form.html",
            "kernel/patterns.html",
            "kernel/icons.html",
            "kernel/problem.html",
            "kernel/resume.html",
        ),
        locales: locales!("kernel"),
        problems: problem::KERNEL_PROBLEMS,
        jobs: &[orphans::COLLECT],
        ..Module::new("kernel")
    }
}
