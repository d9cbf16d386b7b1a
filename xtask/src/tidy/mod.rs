//! The rules of the house that a machine can count, each with what to do instead. One file per
//! subject; every rule is a plain function over a `Tree`, so its own tests build tiny trees.
//! Rules of taste do not live here: a rule that cannot fail is not a rule.

#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "every ending in this repository is lower case; `.RS` is another file"
)]

mod documents;
mod floors;
mod functions;
mod glossary;
mod headers;
mod locales;
mod manifests;
mod migrations;
mod notes;
mod report;
mod rooms;
mod rust_source;
mod sizes;
mod sql_text;
mod tables;
mod templates;
mod tree;

pub use floors::{FLOORS_FILE, MODULES_FILE};
pub use report::{Finding, Report};
pub use tree::Tree;

use std::path::Path;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask tidy [--quiet]

Reads every file of the checkout and checks what a machine can count. It is also a test
(cargo test -p xtask), so it cannot be forgotten. Each finding says what to do instead.

    floors       who may import whom (xtask/floors.txt and each Cargo.toml)
    manifests    versions stand in the root; tests link once
    rooms        model <- store <- actions, records <- pages, api, jobs; the model stays pure
    tables       SQL stands in store rooms and names only tables of its own feature
    migrations   numbered without gaps; common column types only
    headers      every Rust file opens with //!
    names        no utils, helpers, common, misc, manager
    sizes        files up to 300 lines (500 at most), functions up to 70 (120 at most)
    glossary     every noun that a front door shows is listed in GLOSSARY.md
    documents    paths and links in the documents exist
    templates    no inline style, script or event handler; nothing from other hosts
    locales      vi.ftl and en.ftl hold the same keys, each beginning with its feature's name
    notes        a to-do note has a name and a date; no path of one person's machine

    --quiet      print failures only, no warnings
";

type Rule = fn(&Tree, &mut Report);

const RULES: [(&str, Rule); 14] = [
    ("floors", floors::check),
    ("manifests", manifests::check),
    ("rooms", rooms::check),
    ("tables", tables::check),
    ("migrations", migrations::check),
    ("headers", headers::check_headers),
    ("names", headers::check_names),
    ("file sizes", sizes::check),
    ("function sizes", functions::check),
    ("glossary", glossary::check),
    ("documents", documents::check),
    ("templates", templates::check),
    ("locales", locales::check),
    ("notes", notes::check),
];

/// The task `cargo xtask tidy`.
///
/// # Errors
/// Unknown options, or a checkout that cannot be read.
pub fn run(words: &[String]) -> Result<ExitCode, String> {
    let given = crate::command_line::read(words, &["quiet"], &[])?;
    if given.has("help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let report = check_repository(&crate::repository::root()?)?;
    print!("{}", report.in_words(!given.has("quiet")));
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the checkout at `root` and tries every rule on it.
///
/// # Errors
/// The checkout cannot be read.
pub fn check_repository(root: &Path) -> Result<Report, String> {
    Ok(check(&Tree::read(root)?))
}

/// Tries every rule on a tree.
pub fn check(tree: &Tree) -> Report {
    let mut report = Report::default();
    for (name, rule) in RULES {
        report.begin(name);
        rule(tree, &mut report);
    }
    report
}
