//! The task `cargo xtask test`: prepares a machine that never saw the project, runs every test on
//! both database engines, and says in the end what happened. What is tested lives in the crates.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::command_line::{self, Given};
use crate::{packages, postgres};

const HELP: &str = "\
cargo xtask test [--only CRATE]... [--skip-browser] [--no-install] [-- WORDS...]

Everything a release must pass, on SQLite and on PostgreSQL, in one command, on a machine that
has only Rust and a C compiler:

  1. installs what is missing with apt-get (as root, or through sudo):
     the PostgreSQL server, Chromium with its driver, the Noto fonts;
  2. starts a private PostgreSQL cluster in a temporary folder, on a free loopback port;
     it is gone again afterwards, also after Ctrl-C;
  3. runs `cargo test --workspace --no-fail-fast`;
  4. prints how many tests passed and the names of those that failed.

    --only CRATE     only this crate; may be repeated (areas, kernel, server, ...)
    --skip-browser   no browser on this machine: leave those tests out, and say so
    --no-install     never install anything; say what is missing instead
    -- WORDS...      handed to the test programs: a part of a test's name, --nocapture, ...

A missing PostgreSQL is a failure, never a skip.

The tests see these variables:
    TEST_POSTGRES_URL    where the cluster is. Set it yourself to use a server of your own, as a
                         user who may create databases; then none is started.
    TEST_CHROMEDRIVER    the driver's program          TEST_BROWSER  the browser's program
    TEST_SKIP_BROWSER=1  with --skip-browser only
    TEST_FOREIGN_CLIENTS, TEST_FOREIGN_READERS
                         a Python with the foreign programs we are tried with (which ones, the
                         READMEs of reporting and sync say). They come from no system package:
                         without them these tests say that they were skipped, and pass.
    RUST_TEST_THREADS    one per core, unless you set it
";

/// The task.
///
/// # Errors
/// Something the tests need is missing and cannot be had, in words for the terminal.
pub fn run(words: &[String]) -> Result<ExitCode, String> {
    let given = command_line::read(words, &["skip-browser", "no-install"], &["only"])?;
    if given.has("help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(word) = given.words.first() {
        return Err(format!("what is {word}? A crate is named by --only {word}; see --help"));
    }
    let root = crate::repository::root()?;
    let outside = std::env::var("TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty());
    let with_browser = !given.has("skip-browser");
    if !given.has("no-install") {
        packages::install_missing(with_browser, outside.is_none())?;
    }
    let browser = if with_browser { Some(Browser::find()?) } else { None };
    let cluster = match &outside {
        Some(url) => postgres::check_reachable(url).map(|()| None)?,
        None => Some(start_cluster()?),
    };
    let url = cluster.as_ref().map_or_else(|| outside.unwrap_or_default(), |own| own.url.clone());
    let mut command = command(&given, &root, &url, browser);
    let started = Instant::now();
    let (tally, succeeded) = follow(&mut command)?;
    drop(cluster);
    println!("\n{}", tally.in_words(started.elapsed().as_secs(), with_browser, succeeded));
    Ok(if succeeded && tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn start_cluster() -> Result<postgres::Cluster, String> {
    let programs = postgres::server_programs().ok_or(
        "PostgreSQL's server programs are missing, and every test runs on both engines: install \
         the package postgresql, or set TEST_POSTGRES_URL",
    )?;
    let cluster = postgres::start(&programs)?;
    println!("xtask: a private PostgreSQL from {} is running", programs.display());
    Ok(cluster)
}

/// What the browser tests start.
struct Browser {
    program: PathBuf,
    driver: PathBuf,
}

impl Browser {
    fn find() -> Result<Browser, String> {
        match (packages::browser(), packages::chromedriver()) {
            (Some(program), Some(driver)) => Ok(Browser { program, driver }),
            _ => Err("the browser or chromedriver is missing: install the packages chromium and \
                      chromium-driver, or leave those tests out with --skip-browser"
                .to_owned()),
        }
    }
}

fn command(given: &Given, root: &Path, url: &str, browser: Option<Browser>) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args(["test", "--no-fail-fast"]);
    let only = given.all_values("only");
    if only.is_empty() {
        command.arg("--workspace");
    }
    for name in only {
        command.args(["--package", name]);
    }
    command.arg("--").args(&given.rest);
    if std::io::stdout().is_terminal() {
        // The output passes through our hands, so the test programs cannot see the terminal.
        command.args(["--color", "always"]);
    }
    command.env("TEST_POSTGRES_URL", url);
    match browser {
        Some(Browser { program, driver }) => {
            command.env("TEST_CHROMEDRIVER", driver).env("TEST_BROWSER", program);
            command.env_remove("TEST_SKIP_BROWSER");
        }
        None => {
            command.env("TEST_SKIP_BROWSER", "1").env_remove("TEST_CHROMEDRIVER");
        }
    }
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        command.env("RUST_TEST_THREADS", cores.to_string());
    }
    command
}

/// Runs the command, shows its output as it comes, and counts.
fn follow(command: &mut Command) -> Result<(Tally, bool), String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|fault| format!("cargo did not start: {fault}"))?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        let mut screen = std::io::stdout();
        for line in BufReader::new(output).split(b'\n') {
            let Ok(line) = line else { break };
            let _ = screen.write_all(&line).and_then(|()| screen.write_all(b"\n"));
            tally.hear(&String::from_utf8_lossy(&line));
        }
    }
    let status = child.wait().map_err(|fault| format!("cargo went away: {fault}"))?;
    Ok((tally, status.success()))
}

/// What the test programs said, added up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    programs: usize,
    passed: usize,
    failed: usize,
    ignored: usize,
    names: Vec<String>,
}

impl Tally {
    fn hear(&mut self, line: &str) {
        let line = without_colour(line);
        if let Some(name) = line.strip_prefix("test ").and_then(|it| it.strip_suffix(" ... FAILED"))
        {
            self.names.push(name.to_owned());
        }
        let Some(counts) = line.strip_prefix("test result: ") else { return };
        self.programs += 1;
        for part in counts.split(['.', ';']) {
            let Some((number, word)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    fn is_clean(&self) -> bool {
        self.failed == 0 && self.names.is_empty()
    }

    fn in_words(&self, seconds: u64, with_browser: bool, succeeded: bool) -> String {
        let mut text = format!(
            "xtask: {} passed, {} failed, {} ignored in {} test programs; {} min {:02} s",
            self.passed,
            self.failed,
            self.ignored,
            self.programs,
            seconds / 60,
            seconds % 60
        );
        for name in &self.names {
            text.push_str("\n  failed: ");
            text.push_str(name);
        }
        if !with_browser {
            text += "\n  left out: the tests that drive a browser (--skip-browser)";
        }
        if !succeeded && self.is_clean() {
            text += "\n  something did not build, or a test program died: see above";
        }
        text
    }
}

/// A line without terminal colours.
fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            for skipped in characters.by_ref() {
                if skipped == 'm' {
                    break;
                }
            }
        } else if character != '\r' && character != '\u{f}' {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_test_programs_say_is_added_up() {
        let mut tally = Tally::default();
        for line in [
            "test store::a_unit_is_found ... ok",
            "test pages::a_page_is_shown ... \u{1b}[31mFAILED\u{1b}(B\u{1b}[m",
            "test actions::b ... FAILED",
            "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s",
            "test result: \u{1b}[32mok\u{1b}[m. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        ] {
            tally.hear(line);
        }
        assert_eq!((tally.programs, tally.passed, tally.failed, tally.ignored), (2, 15, 2, 1));
        assert!(tally.names.contains(&"actions::b".to_owned()));
        assert!(!tally.is_clean());
    }

    #[test]
    fn the_summary_names_what_failed_and_what_was_left_out() {
        let tally =
            Tally { programs: 1, failed: 1, names: vec!["a::b".into()], ..Tally::default() };
        let words = tally.in_words(75, false, false);
        assert!(words.contains("1 failed") && words.contains("1 min 15 s"));
        assert!(words.contains("failed: a::b") && words.contains("--skip-browser"));
        let broken = Tally::default().in_words(1, true, false);
        assert!(broken.contains("did not build"));
    }
}
