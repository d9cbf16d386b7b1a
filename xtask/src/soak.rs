//! The task `cargo xtask soak`: the same tests as every day, with many more seeds and mutations, for
//! a night or a weekend. What is simulated and fuzzed lives in `sync`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::command_line;

const HELP: &str = "\
cargo xtask soak [--minutes N] [--only simulation|fuzz]

Runs the slow sweeps, optimised:

    simulation   nodes under loss, reorder, duplication, cuts at any byte, power cuts between any
                 two writes and clock jumps: 100,000 seeds (SIM_SEEDS)
    fuzz         every parser of the wire on noise and on damaged messages:
                 200,000 rounds (FUZZ_ROUNDS)

    --minutes N  goes on with twice as many, and twice as many again, while N minutes last
    --only NAME  one sweep

A failure prints its seed or its bytes. Run that one again, mend it, and keep it as a test.
";

struct Sweep {
    name: &'static str,
    /// Part of the names of the tests that do it.
    tests: &'static str,
    /// How the tests are told how many.
    variable: &'static str,
    first: u64,
}

const SWEEPS: [Sweep; 2] = [
    Sweep { name: "simulation", tests: "simulation", variable: "SIM_SEEDS", first: 100_000 },
    Sweep { name: "fuzz", tests: "fuzz", variable: "FUZZ_ROUNDS", first: 200_000 },
];

/// The task.
///
/// # Errors
/// Unknown options, or a sweep that no test answers to.
pub fn run(words: &[String]) -> Result<ExitCode, String> {
    let given = command_line::read(words, &[], &["minutes", "only"])?;
    if given.has("help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let minutes: u64 = match given.value("minutes") {
        None => 0,
        Some(number) => {
            number.parse().map_err(|_| format!("--minutes {number}: a whole number"))?
        }
    };
    let only = given.value("only");
    if let Some(name) = only.filter(|name| SWEEPS.iter().all(|sweep| sweep.name != *name)) {
        return Err(format!("there is no sweep called {name}; see --help"));
    }
    let root = crate::repository::root()?;
    let sweeps: Vec<&Sweep> =
        SWEEPS.iter().filter(|sweep| only.is_none_or(|name| name == sweep.name)).collect();
    let budget = Duration::from_secs(minutes * 60);
    let started = Instant::now();
    for doublings in 0..u32::BITS {
        let round = Instant::now();
        for sweep in &sweeps {
            if !run_sweep(&root, sweep, sweep.first << doublings)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        if !another_round_fits(started.elapsed(), round.elapsed(), budget) {
            break;
        }
    }
    println!("soak: everything held for {} s", started.elapsed().as_secs());
    Ok(ExitCode::SUCCESS)
}

/// The next round is twice as long as the last one.
fn another_round_fits(elapsed: Duration, last: Duration, budget: Duration) -> bool {
    elapsed + last * 2 <= budget
}

/// Runs one sweep; gives whether it held.
fn run_sweep(root: &Path, sweep: &Sweep, number: u64) -> Result<bool, String> {
    println!("soak: {} with {}={number}", sweep.name, sweep.variable);
    let started = Instant::now();
    let mut child = Command::new("cargo")
        .current_dir(root)
        .args(["test", "--quiet", "--release", "--package", "sync", "--test", "main", "--"])
        .args([sweep.tests, "--nocapture"])
        .env(sweep.variable, number.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|fault| format!("cargo did not start: {fault}"))?;
    let mut ran = 0;
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let Ok(line) = line else { break };
        ran += tests_in(&line);
        println!("{line}");
    }
    let held = child.wait().map_err(|fault| format!("cargo went away: {fault}"))?.success();
    println!("soak: {} took {} s", sweep.name, started.elapsed().as_secs());
    if held && ran == 0 {
        return Err(format!(
            "no test of sync has {} in its name: this sweep looked at nothing",
            sweep.tests
        ));
    }
    Ok(held)
}

/// How many tests a program says it is about to run.
fn tests_in(line: &str) -> u32 {
    let number = line.strip_prefix("running ").and_then(|rest| rest.split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_begun_only_when_it_fits() {
        let s = Duration::from_secs;
        assert!(!another_round_fits(s(10), s(10), s(0)));
        assert!(another_round_fits(s(10), s(10), s(30)));
        assert!(!another_round_fits(s(30), s(20), s(60)));
    }

    #[test]
    fn a_sweep_that_runs_nothing_is_noticed() {
        assert_eq!(tests_in("running 0 tests"), 0);
        assert_eq!(tests_in("running 3 tests"), 3);
        assert_eq!(tests_in("test result: ok. 0 passed"), 0);
    }
}
