//! Figures from a file on this machine, for whoever looks after it: `nhipcau figures import`. How a file is read and
//! what becomes of a figure is `reporting`'s business; here is who asks, and how it is told on a terminal.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use kernel::{
    app::AppRef,
    caller::Caller,
    locale::{Lang, Words},
    problem::{Outcome, Problem},
};
use reporting::{
    FileFormat, FileRefused, FileTaken,
    actions::exchange::{IdScheme, import::Options},
    take_file,
};

use crate::{config::Config, keeping, trouble};

/// After so many figures it is said how far it is.
const TELL_EVERY: u64 = 100_000;

/// What to take in, and how.
#[derive(Args)]
pub struct Wanted {
    /// The file.
    file: PathBuf,
    /// How it is written; by the ending of its name when not given.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// By what it names data elements, areas and data sets: ids of DHIS2, codes, or names. Without it as the API
    /// takes it: ids in CSV and JSON, codes in ADX; our own codes of data elements and ids of areas always.
    #[arg(long, value_enum)]
    ids: Option<Ids>,
    /// The account in whose name figures are written, with what it may do; the system, which may everything, when
    /// not given.
    #[arg(long)]
    by: Option<String>,
    /// Number of the paper that the figures are taken from, when that account stands above the units.
    #[arg(long, requires = "by")]
    paper: Option<String>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
}

/// How a file is written.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// DHIS2's data value sets, or as a Vietnamese spreadsheet saves them.
    Csv,
    /// DHIS2's data value sets.
    Json,
    /// ADX (XML).
    Adx,
}

/// By what things are named.
#[derive(Clone, Copy, ValueEnum)]
enum Ids {
    /// DHIS2's eleven letters.
    Uid,
    /// Codes: a commune's five digits.
    Code,
    /// Names.
    Name,
}

/// Takes a file of figures in; the exit code says whether all of them were accepted.
pub async fn import(config: &Config, wanted: &Wanted) -> Outcome<ExitCode> {
    let shown = wanted.file.display().to_string();
    if let Err(error) = std::fs::File::open(&wanted.file).and_then(|file| readable(&file)) {
        let problem = Problem::of(&trouble::FIGURES_SHUT);
        return Err(problem.with("file", shown).with("why", error.to_string()).into());
    }
    let Some(format) = wanted.format.map(format_of).or_else(|| FileFormat::of(&wanted.file)) else {
        return Err(Problem::of(&trouble::FIGURES_FORMAT).with("file", shown).into());
    };
    let app = keeping::open(config).await?;
    let done = take_in(&app, wanted, format).await;
    app.db.close().await;
    let taken = done?;
    Ok(if taken.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A folder opens like a file on some systems.
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    if file.metadata()?.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    Ok(())
}

async fn take_in(app: &AppRef, wanted: &Wanted, format: FileFormat) -> Outcome<FileTaken> {
    let caller = match &wanted.by {
        Some(name) => account(app, name).await?,
        None => Caller::system(app.now()),
    };
    let options =
        Options { dry_run: wanted.dry_run, paper: wanted.paper.clone(), ..Options::default() };
    let names = wanted.ids.map(|ids| match ids {
        Ids::Uid => IdScheme::Uid,
        Ids::Code => IdScheme::Code,
        Ids::Name => IdScheme::Name,
    });
    let words = &app.words;
    let mut told = 0;
    let file = (wanted.file.as_path(), format);
    let taken = take_file(app, &caller, file, names, &options, |taken, refused| {
        for one in refused {
            complain(&refusal(words, format, one));
        }
        if taken.read / TELL_EVERY > told {
            told = taken.read / TELL_EVERY;
            complain(&words.say(
                Lang::Vi,
                "server-figures-so-far",
                &[("read", number(taken.read))],
            ));
        }
    })
    .await?;
    let key = if wanted.dry_run { "server-figures-trial" } else { "server-figures-done" };
    let counts = [
        ("read", taken.read),
        ("imported", taken.imported),
        ("updated", taken.updated),
        ("unchanged", taken.unchanged),
        ("deleted", taken.deleted),
        ("refused", taken.refused),
    ];
    println!("{}", words.say(Lang::Vi, key, &counts.map(|(name, count)| (name, number(count)))));
    Ok(taken)
}

async fn account(app: &AppRef, name: &str) -> Outcome<Caller> {
    let found = app
        .db
        .view(async |tx| match identity::account_named(tx, name).await? {
            Some(id) => identity::caller_of(tx, &id).await,
            None => Ok(None),
        })
        .await?;
    found.ok_or_else(|| Problem::of(&trouble::NO_ACCOUNT).with("name", name).into())
}

/// Whoever reads only the first lines (`| head`) has read enough.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn refusal(words: &Words, format: FileFormat, one: &FileRefused) -> String {
    let key =
        if format.has_lines() { "server-figures-at-line" } else { "server-figures-at-figure" };
    let why = one.conflict.in_words(words, Lang::Vi);
    words.say(Lang::Vi, key, &[("at", ranges(&one.at)), ("why", why)]).into_owned()
}

/// `3, 7–9`: numbers in ascending order.
fn ranges(numbers: &[u64]) -> String {
    let mut all: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match all.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => all.push((number, number)),
        }
    }
    let one = |(first, last): (u64, u64)| {
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    };
    all.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

fn number(count: u64) -> String {
    kernel::text::thousands(i64::try_from(count).unwrap_or(i64::MAX))
}

fn format_of(format: Format) -> FileFormat {
    match format {
        Format::Csv => FileFormat::Csv,
        Format::Json => FileFormat::Json,
        Format::Adx => FileFormat::Adx,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_short() {
        assert_eq!(ranges(&[3, 7, 8, 9, 11]), "3, 7–9, 11");
        assert_eq!(ranges(&[]), "");
        assert_eq!(number(1_095_600), "1.095.600");
    }
}
