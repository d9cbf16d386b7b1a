//! A file of figures on this machine's own disk, as long as it may be: read as messages are, a batch at a time, and
//! taken in by the same action. Nothing is handed in by it, whatever the file says of being complete.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    problem::{Failure, Outcome, Problem},
};
use tokio::sync::mpsc;

use super::wire::{Message, adx, csv, json};
use crate::{
    actions::exchange::{
        IdScheme, IdSchemes,
        import::{Conflict, Line, Options, Summary, Why, take_in},
    },
    model::table_text::Dialect,
};

/// Figures of one batch. A trial holds the database for as long as one takes.
const BATCH: usize = 10_000;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// DHIS2's CSV, or a Vietnamese spreadsheet's.
    Csv,
    /// DHIS2's JSON.
    Json,
    /// ADX.
    Adx,
}

impl FileFormat {
    /// By the ending of a file's name.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "adx" | "xml" => Some(Self::Adx),
            _ => None,
        }
    }

    /// True where a figure is told by the line of the file that it stands in, not by which one it is.
    pub fn has_lines(self) -> bool {
        self == Self::Csv
    }
}

/// What became of a file, as far as it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileTaken {
    /// Figures that the file has.
    pub read: u64,
    /// Figures that were not there before.
    pub imported: u64,
    /// Figures that were there and are different now.
    pub updated: u64,
    /// Figures that were taken away.
    pub deleted: u64,
    /// Figures that stayed as they were: the same already, or told twice.
    pub unchanged: u64,
    /// Figures that were refused.
    pub refused: u64,
}

/// Why some figures were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRefused {
    /// Their lines, or which figures of the file they are; both counted from 1.
    pub at: Vec<u64>,
    /// Why.
    pub conflict: Conflict,
}

/// Figures that were read together.
#[derive(Default)]
struct Batch {
    lines: Vec<Line>,
    /// Where each of them stands.
    at: Vec<u64>,
    /// What could not be read at all.
    unread: Vec<FileRefused>,
    dialect: Dialect,
    /// By what the file says that it names things: data elements, areas, everything.
    schemes: [String; 3],
}

/// Takes a file in. `names` is by what it names things; none: what it says itself, else what its format usually
/// does. After every batch `tell` is told how far it is and what was refused. A file that its format forbids is refused
/// before anything of it is written; the same file again changes nothing.
pub async fn take_file(
    app: &App,
    caller: &Caller,
    (path, format): (&Path, FileFormat),
    names: Option<IdScheme>,
    options: &Options,
    mut tell: impl FnMut(&FileTaken, &[FileRefused]),
) -> Outcome<FileTaken> {
    let (send, mut batches) = mpsc::channel::<Batch>(1);
    let from = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || read(&from, format, &send));
    let mut taken = FileTaken::default();
    while let Some(batch) = batches.recv().await {
        let options = Options {
            schemes: schemes(names, format, &batch.schemes),
            dialect: batch.dialect,
            ..options.clone()
        };
        let summary = take_in(app, caller, &batch.lines, &options).await?;
        let refused = taken.add(batch, summary);
        tell(&taken, &refused);
    }
    let hash = reading.await.map_err(|error| Failure::fault("read a file of figures", error))??;
    if !options.dry_run && taken.imported + taken.updated + taken.deleted > 0 {
        note(app, caller, path, &hash, &taken).await?;
    }
    Ok(taken)
}

impl FileTaken {
    fn add(&mut self, batch: Batch, summary: Summary) -> Vec<FileRefused> {
        let told = summary.conflicts.into_iter().map(|conflict| {
            let mut at: Vec<u64> =
                conflict.indexes.iter().filter_map(|no| batch.at.get(*no).copied()).collect();
            at.sort_unstable();
            FileRefused { at, conflict }
        });
        let total = (batch.lines.len() + batch.unread.len()) as u64;
        let mut refused: Vec<FileRefused> = batch.unread.into_iter().chain(told).collect();
        refused.sort_by_key(|one| one.at.first().copied());
        let many: u64 = refused.iter().map(|one| one.at.len() as u64).sum();
        let written = summary.imported + summary.updated + summary.deleted;
        self.read += total;
        self.imported += summary.imported;
        self.updated += summary.updated;
        self.deleted += summary.deleted;
        self.refused += many;
        self.unchanged += total.saturating_sub(written + many);
        refused
    }
}

/// By what a file names things.
fn schemes(asked: Option<IdScheme>, format: FileFormat, said: &[String; 3]) -> IdSchemes {
    if let Some(asked) = asked {
        return IdSchemes::all(asked);
    }
    let usual = if format == FileFormat::Adx { IdScheme::Code } else { IdScheme::Uid };
    let read = |said: &str| IdScheme::parse(said).filter(|_| !said.is_empty());
    let [elements, units, all] = said;
    let all = read(all).unwrap_or(usual);
    IdSchemes {
        elements: read(elements).unwrap_or(all),
        units: read(units).unwrap_or(all),
        ..IdSchemes::all(all)
    }
}

/// Reads a file to its end; gives its hash. Formats that are right or wrong as a whole are read twice.
fn read(path: &Path, format: FileFormat, send: &mpsc::Sender<Batch>) -> Outcome<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    let file = || Ok::<_, Failure>(BufReader::new(File::open(path)?));
    match format {
        FileFormat::Csv => {
            let rows = csv::Rows::open(file()?)?;
            let dialect = rows.dialect;
            let mut hand = Hand::new(
                send,
                Box::new(move |lines| Message { lines, dialect, ..Message::default() }),
            );
            rows.each(&mut |at, line| hand.take(at, line))?;
            hand.pass()?;
        }
        FileFormat::Json => {
            let whole = json::walk(file()?, &mut |_| Ok(()))?;
            let mut hand = Hand::new(send, Box::new(move |lines| whole.with(lines)));
            json::walk(file()?, &mut |line| hand.take_next(line))?;
            hand.pass()?;
        }
        FileFormat::Adx => {
            let mut text = String::new();
            file()?.read_to_string(&mut text)?;
            adx::each(&text, &mut |_| Ok(()))?;
            let mut hand =
                Hand::new(send, Box::new(|lines| Message { lines, ..Message::default() }));
            adx::each(&text, &mut |line| hand.take_next(line))?;
            hand.pass()?;
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Gathers figures and passes them on when there are enough.
struct Hand<'s> {
    send: &'s mpsc::Sender<Batch>,
    /// Figures as a message of the file.
    message: Box<dyn Fn(Vec<Line>) -> Message>,
    batch: Batch,
    last: u64,
}

impl<'s> Hand<'s> {
    fn new(send: &'s mpsc::Sender<Batch>, message: Box<dyn Fn(Vec<Line>) -> Message>) -> Self {
        Self { send, message, batch: Batch::default(), last: 0 }
    }

    /// A figure of a format without lines.
    fn take_next(&mut self, line: Line) -> Outcome<()> {
        self.take(self.last + 1, Ok(line))
    }

    fn take(&mut self, at: u64, line: Outcome<Line>) -> Outcome<()> {
        self.last = at;
        match line {
            Ok(line) => {
                self.batch.lines.push(line);
                self.batch.at.push(at);
            }
            Err(Failure::Problem(problem)) => {
                self.batch.unread.push(FileRefused { at: vec![at], conflict: unread(problem) });
            }
            Err(fault) => return Err(fault),
        }
        if self.batch.lines.len() + self.batch.unread.len() >= BATCH { self.pass() } else { Ok(()) }
    }

    fn pass(&mut self) -> Outcome<()> {
        let mut batch = std::mem::take(&mut self.batch);
        if batch.lines.len() + batch.unread.len() == 0 {
            return Ok(());
        }
        let message = (self.message)(std::mem::take(&mut batch.lines));
        let batch = Batch {
            lines: message.lines,
            dialect: message.dialect,
            schemes: message.schemes,
            ..batch
        };
        // Whoever takes them in has met a fault, and says so.
        self.send.blocking_send(batch).map_err(|closed| Failure::fault("pass figures on", closed))
    }
}

/// A row that is no text.
fn unread(problem: Box<Problem>) -> Conflict {
    Conflict {
        code: "E7619",
        property: "value",
        value: String::new(),
        why: Why::Problem(problem),
        indexes: Vec::new(),
    }
}

async fn note(
    app: &App,
    caller: &Caller,
    path: &Path,
    hash: &str,
    taken: &FileTaken,
) -> Outcome<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let FileTaken { imported, updated, deleted, unchanged, refused, .. } = taken;
    let detail = format!("+{imported} ~{updated} -{deleted} ={unchanged} !{refused} blake3:{hash}");
    app.db
        .change(async |tx| audit(tx, caller, "reporting.exchange.file", &name, &detail).await)
        .await
}
