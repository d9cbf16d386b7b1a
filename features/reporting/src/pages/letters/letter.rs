//! A letter: the same content as HTML, made by a template, and as plain text, made here.

use std::fmt::Write;

use kernel::{
    problem::Outcome,
    web::{Template, Visit},
};
use serde::Serialize;

use crate::{
    actions::outward::{Mail, MailFile},
    pages::analysis::view::{Block, CellView},
};

/// The one template of letters.
pub(crate) const LETTER: Template<Letter> = Template::new("reporting/letter.html");

/// What a letter says.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Letter {
    /// The address of this site, before every link.
    pub(crate) site: String,
    /// Its subject.
    pub(crate) title: String,
    /// Its lines.
    pub(crate) lines: Vec<String>,
    /// How many more there are than lines.
    pub(crate) more: usize,
    /// Tables and figures of a dashboard.
    pub(crate) blocks: Vec<Block>,
    /// Under which conditions the figures hold, one line each.
    pub(crate) basis: Vec<String>,
    /// When the figures were read, in milliseconds; 0 for a letter without figures.
    pub(crate) as_of: i64,
    /// Where it leads, as a path.
    pub(crate) link: String,
    /// Where its reader says that no more shall come, as a path.
    pub(crate) settings: String,
    /// Who sends it: the unit that runs this site.
    pub(crate) from: String,
}

/// Whom a letter is for, and what comes along.
pub(crate) struct Envelope {
    /// The same for each try.
    pub(crate) key: String,
    /// Where to.
    pub(crate) to: String,
    /// Files.
    pub(crate) files: Vec<MailFile>,
}

/// The letter, ready to leave.
pub(crate) fn written(visit: &Visit, letter: &Letter, envelope: Envelope) -> Outcome<Mail> {
    Ok(Mail {
        key: envelope.key,
        to: envelope.to,
        subject: letter.title.clone(),
        text: plain(visit, letter),
        html: visit.written(&LETTER, letter)?,
        files: envelope.files,
        settings: format!("{}{}", letter.site, letter.settings),
    })
}

/// The letter as plain text. Writing into text cannot fail.
fn plain(visit: &Visit, letter: &Letter) -> String {
    let mut out = format!("{}\n\n", letter.title);
    for line in &letter.lines {
        let _ = writeln!(out, "- {line}");
    }
    if letter.more > 0 {
        let more = visit.say("reporting-letter-more", &[("count", letter.more.to_string())]);
        let _ = writeln!(out, "- {more}");
    }
    for block in &letter.blocks {
        plain_block(&mut out, block);
    }
    for line in &letter.basis {
        let _ = writeln!(out, "\n{line}");
    }
    if letter.as_of > 0 {
        let when = kernel::clock::Timestamp::from_millis(letter.as_of).short();
        let _ = writeln!(out, "\n{}", visit.say("reporting-letter-as-of", &[("when", when)]));
    }
    let open = visit.say("reporting-letter-open", &[]);
    let _ = writeln!(out, "\n{open}: {}{}", letter.site, letter.link);
    let settings = visit.say("reporting-letter-settings", &[]);
    let _ = writeln!(out, "\n-- \n{}\n{settings}: {}{}", letter.from, letter.site, letter.settings);
    out
}

fn plain_block(out: &mut String, block: &Block) {
    if !block.title.is_empty() {
        let _ = writeln!(out, "\n{}", block.title.to_uppercase());
    }
    for line in &block.text {
        let _ = writeln!(out, "{line}");
    }
    for stat in &block.stats {
        let _ = write!(out, "{}: {}", stat.label, stat.value);
        let _ = writeln!(out, "{}", in_brackets(&stat.note));
    }
    for table in &block.tables {
        let _ = writeln!(out, "\n{}", table.caption);
        for row in &table.rows {
            let _ = writeln!(out, "* {}", row.title);
            for (head, cell) in table.head.iter().zip(&row.cells).filter(|(_, cell)| said(cell)) {
                let _ = writeln!(out, "    {head}: {}{}", cell.text, in_brackets(&cell.note));
            }
        }
    }
}

/// True for a cell that says something in words: pictures do not travel.
fn said(cell: &CellView) -> bool {
    !cell.text.is_empty() || !cell.note.is_empty()
}

fn in_brackets(note: &str) -> String {
    if note.is_empty() { String::new() } else { format!(" ({note})") }
}
