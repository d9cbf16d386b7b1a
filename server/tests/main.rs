//! The whole site, as it is put together for people: every statement, every page, every route, both
//! engines, two nodes with a link between them, real processes, a real browser. What one feature
//! promises by itself is tested in that feature.

#![allow(
    clippy::disallowed_methods,
    reason = "these tests run the real program: its tasks, its clock, what the machine is told"
)]

mod agencies;
mod audit_words;
mod bridge;
mod browser;
mod budgets;
mod computed;
mod definitions;
mod foreign;
mod guest;
mod handover;
mod hostile;
mod keeping;
mod machine;
mod officer;
mod openapi;
mod orphans;
mod outward;
mod passing;
mod processes;
mod refusals;
mod reports;
mod samples;
mod schema;
mod statements;
mod succession;
mod town;
mod walkthrough;
