//! What tests of every feature share: a program in memory on either engine, a clock moved by hand,
//! people with roles, and a browser that never leaves the process. Not for production code.
//!
//! ```ignore
//! testkit::on_both_engines! {
//!     async fn officer_of_another_commune_cannot_close_feedback(kit: Kit) { … }
//! }
//! ```

mod browser;
pub mod html;
mod kit;
pub mod post;
mod records;
#[cfg(feature = "webdriver")]
pub mod webdriver;

pub use browser::{Page, form};
pub use kit::{Kit, KitBuilder, TestEngine, caller, grant};
pub use records::said_by;
pub use tokio;

/// Declares tests that run on SQLite and on PostgreSQL: each `async fn name(builder: KitBuilder)`
/// becomes `name::sqlite` and `name::postgres`.
///
/// PostgreSQL's address comes from `TEST_POSTGRES_URL`; without it the PostgreSQL half fails, so that
/// nobody believes it ran. `cargo test sqlite` runs the other half alone.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($builder:ident: KitBuilder) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing from its file")]
            use super::*;

            $(#[$meta])*
            async fn story($builder: $crate::KitBuilder) $body

            #[test]
            fn sqlite() {
                $crate::run(story($crate::KitBuilder::on($crate::TestEngine::Sqlite)));
            }

            #[test]
            fn postgres() {
                $crate::run(story($crate::KitBuilder::on($crate::TestEngine::Postgres)));
            }
        }
    )+};
}

/// Runs a test's future on a runtime of its own.
pub fn run<F: Future<Output = ()>>(story: F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(story);
}
