//! The tasks of this repository, written in Rust so that a newcomer needs no other tool: the whole
//! test run, the tidy rules, a new feature's house, the long soak. Nothing of the product lives
//! here, and nothing here is shipped. Standard library only: `cargo xtask` must start in seconds.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's tool reads the clock and the environment; the product is handed both"
)]

pub mod command_line;
pub mod new_feature;
pub mod packages;
pub mod postgres;
pub mod repository;
pub mod soak;
pub mod test_run;
pub mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
The tasks of this repository.

    cargo xtask test          everything a release must pass, on both database engines
    cargo xtask tidy          the rules of the house: floors, rooms, table names, words, sizes
    cargo xtask new-feature   builds an empty house with all its rooms and a passing test
    cargo xtask soak          slow sweeps: many simulation seeds, mutated frames

Each takes --help. The daily loop needs none of them:
    cargo check -p areas --tests      after an edit (replace areas by your feature)
    cargo test -p areas sqlite        its tests on SQLite
";

/// Runs one task. `words` is the command line after the program's own name.
pub fn run(words: &[String]) -> ExitCode {
    let Some((task, rest)) = words.split_first() else {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    };
    let outcome = match task.as_str() {
        "test" => test_run::run(rest),
        "tidy" => tidy::run(rest),
        "new-feature" => new_feature::run(rest),
        "soak" => soak::run(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(format!("there is no task called {other}\n\n{HELP}")),
    };
    outcome.unwrap_or_else(|words| {
        eprintln!("xtask: {words}");
        ExitCode::FAILURE
    })
}
