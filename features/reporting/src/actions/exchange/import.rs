//! Figures that another system hands in. Each is judged by itself: what cannot be written becomes a conflict
//! with its reason, and the others are written, or nothing at all when the sender asked for all or nothing.
//!
//! A message says what stands now, not what it was based on: every figure is written over the version that
//! stands when it arrives, and what stood there goes to the history. The same figure again is ignored.

mod notes;
mod reader;

use std::collections::{BTreeMap, HashMap};

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    locale::{Lang, Words},
    problem::{Failure, Outcome, Problem, ProblemKind},
    scope::ScopePath,
};

use self::{
    notes::Notes,
    reader::{Found, Reader},
};
use super::{IdSchemes, World};
use crate::{
    actions::{
        ENTER,
        catalogue::Catalogue,
        entry::{self, Which},
        figures::{self, Became, Edit},
    },
    model::{CellKey, CellState, DatasetId, form::Places, table_text::Dialect},
    store::numbers,
};

/// A figure as a message has it: names are not looked up yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The data set; empty when the message names none.
    pub dataset: String,
    /// The data element.
    pub element: String,
    /// The period.
    pub period: String,
    /// The area.
    pub unit: String,
    /// The coordinates.
    pub combo: String,
    /// The life.
    pub attribute: String,
    /// The number.
    pub value: String,
    /// The remark.
    pub comment: String,
    /// True when the figure is to be taken away.
    pub deleted: bool,
}

/// What may happen to figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// New ones are added, others changed.
    #[default]
    CreateAndUpdate,
    /// Only new ones are added.
    Create,
    /// Only known ones are changed.
    Update,
    /// All of them are taken away.
    Delete,
}

impl Strategy {
    /// As DHIS2 writes it, in its older words too.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "" | "CREATE_AND_UPDATE" | "NEW_AND_UPDATES" => Some(Self::CreateAndUpdate),
            "CREATE" | "NEW" => Some(Self::Create),
            "UPDATE" | "UPDATES" => Some(Self::Update),
            "DELETE" | "DELETES" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// How a message is to be taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// By what it names things.
    pub schemes: IdSchemes,
    /// What may happen.
    pub strategy: Strategy,
    /// Only say what would happen.
    pub dry_run: bool,
    /// All or nothing.
    pub atomic: bool,
    /// The paper that the figures of other units are taken from: whoever stands above a unit writes its report only
    /// so.
    pub paper: Option<String>,
    /// How its numbers are written.
    pub dialect: Dialect,
}

/// What a figure could not be written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// DHIS2's code of it.
    pub code: &'static str,
    /// Which property of the figure is at fault.
    pub property: &'static str,
    /// What stands there.
    pub value: String,
    /// Why.
    pub why: Why,
    /// The figures of the message that it concerns, counted from 0.
    pub indexes: Vec<usize>,
}

/// Why, for words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A key of the locales; its `$value` is the conflict's.
    Key(&'static str),
    /// A problem that a person would be told, too.
    Problem(Box<Problem>),
}

impl Conflict {
    /// Why, in one line of words.
    pub fn in_words(&self, words: &Words, lang: Lang) -> String {
        match &self.why {
            Why::Key(key) => words.say(lang, key, &[("value", self.value.clone())]).into_owned(),
            Why::Problem(problem) => problem_in_words(problem, words, lang),
        }
    }
}

/// A problem in one line of words.
pub fn problem_in_words(problem: &Problem, words: &Words, lang: Lang) -> String {
    let title = words.say(lang, &format!("problem-{}", problem.kind.code), &problem.args);
    let fields = problem.fields.iter().map(|field| words.say(lang, field.key, &field.args));
    std::iter::once(title).chain(fields).collect::<Vec<_>>().join(" ")
}

/// What became of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Figures that were not there before.
    pub imported: u64,
    /// Figures that were there and are different now.
    pub updated: u64,
    /// Figures that stayed as they were: the same already, not to be touched, or in conflict.
    pub ignored: u64,
    /// Figures that were taken away.
    pub deleted: u64,
    /// Conflicts, in the order of the figures.
    pub conflicts: Vec<Conflict>,
}

impl Summary {
    /// The figures that are in conflict, in order.
    pub fn rejected(&self) -> Vec<usize> {
        let mut all: Vec<usize> =
            self.conflicts.iter().flat_map(|one| one.indexes.iter().copied()).collect();
        all.sort_unstable();
        all
    }

    fn add(&mut self, other: Self) {
        self.imported += other.imported;
        self.updated += other.updated;
        self.ignored += other.ignored;
        self.deleted += other.deleted;
        for conflict in other.conflicts {
            self.conflict(conflict);
        }
    }

    /// The same reason for many figures is told once.
    fn conflict(&mut self, one: Conflict) {
        let same = self.conflicts.iter_mut().find(|known| {
            (known.code, &known.value, &known.why) == (one.code, &one.value, &one.why)
        });
        match same {
            Some(known) => known.indexes.extend(one.indexes),
            None => self.conflicts.push(one),
        }
    }
}

/// What a dry run ends with, so that nothing of it stays; nobody is told.
static NOT_MEANT: ProblemKind = ProblemKind { code: "reporting-not-meant", status: 409 };

/// A figure whose names were found.
struct Target {
    at: usize,
    key: CellKey,
    /// None: to be taken away.
    state: Option<CellState>,
    /// What the sender says beside a number.
    comment: String,
}

/// Where a report is: messages are written by place, so that those of a province stand together.
type Place = (ScopePath, DatasetId, String, i64);

/// Takes a message in.
pub async fn take_in(
    app: &App,
    caller: &Caller,
    lines: &[Line],
    options: &Options,
) -> Outcome<Summary> {
    caller.must_somewhere(&ENTER)?;
    let paper = options.paper.as_deref().map(entry::paper_number).transpose()?;
    let options = &Options { paper, ..options.clone() };
    let world = World::of(app).await?;
    let mut summary = Summary::default();
    let mut reports: BTreeMap<Place, (Which, Vec<Target>)> = BTreeMap::new();
    let reader = Reader { world: &world, options, today: app.now().day() };
    let mut known: HashMap<&str, Option<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let unit = *known
            .entry(&line.unit)
            .or_insert_with(|| world.areas.find(&line.unit, options.schemes.units));
        match reader.read(line, unit) {
            Ok(Found { which, path, key, state, comment }) => {
                let place = (path, which.dataset.clone(), which.period.clone(), which.life.code());
                reports.entry(place).or_insert_with(|| (which, Vec::new())).1.push(Target {
                    at,
                    key,
                    state,
                    comment,
                });
            }
            Err(conflict) => {
                summary.ignored += 1;
                summary.conflict(Conflict { indexes: vec![at], ..conflict });
            }
        }
    }
    let reports: Vec<(Which, Vec<Target>)> = reports.into_values().collect();
    if options.dry_run || options.atomic {
        all_or_nothing(app, caller, &world.catalogue, &reports, options, &mut summary).await?;
    } else {
        for (which, targets) in &reports {
            let mut part = Summary::default();
            let work = app.db.change(async |tx| {
                part = write_report(tx, app, caller, &world.catalogue, which, targets, options)
                    .await?;
                // A report that nobody typed into is not begun.
                if part.imported + part.updated + part.deleted == 0 {
                    Err((&NOT_MEANT).into())
                } else {
                    Ok(())
                }
            });
            match work.await {
                Err(failure) if !failure.is(&NOT_MEANT) => {
                    part = refused(which, targets, failure)?;
                }
                _ => {}
            }
            summary.add(part);
        }
    }
    summary.conflicts.sort_by_key(|one| one.indexes.first().copied());
    if !options.dry_run && summary.imported + summary.updated + summary.deleted > 0 {
        note(app, caller, &reports, &summary).await?;
    }
    Ok(summary)
}

/// Everything in one transaction, which ends without a trace for a dry run, or when anything is in conflict.
async fn all_or_nothing(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue,
    reports: &[(Which, Vec<Target>)],
    options: &Options,
    summary: &mut Summary,
) -> Outcome<()> {
    let before = summary.clone();
    let done = app
        .db
        .change(async |tx| {
            for (which, targets) in reports {
                let part = write_report(tx, app, caller, catalogue, which, targets, options).await;
                summary.add(part.or_else(|failure| refused(which, targets, failure))?);
            }
            let rejected = options.atomic && !summary.conflicts.is_empty();
            if options.dry_run || rejected { Err((&NOT_MEANT).into()) } else { Ok(()) }
        })
        .await;
    match done {
        Err(failure) if !failure.is(&NOT_MEANT) => {
            *summary = before;
            return Err(failure);
        }
        _ => {}
    }
    if options.atomic && !summary.conflicts.is_empty() {
        summary.ignored += summary.imported + summary.updated + summary.deleted;
        (summary.imported, summary.updated, summary.deleted) = (0, 0, 0);
    }
    Ok(())
}

/// A whole report that may not be written: its problem is told for each of its figures.
fn refused(which: &Which, targets: &[Target], failure: Failure) -> Outcome<Summary> {
    let Failure::Problem(problem) = failure else { return Err(failure) };
    let code = match problem.kind.status {
        403 => "E7617",
        404 | 422 => "E7612",
        _ => "E8030",
    };
    let conflict = Conflict {
        code,
        property: if code == "E8030" { "dataSet" } else { "orgUnit" },
        value: if code == "E8030" { which.dataset.to_string() } else { which.area.to_string() },
        why: Why::Problem(problem),
        indexes: targets.iter().map(|target| target.at).collect(),
    };
    Ok(Summary { ignored: targets.len() as u64, conflicts: vec![conflict], ..Summary::default() })
}

/// Writes the figures of one report.
async fn write_report(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue,
    which: &Which,
    targets: &[Target],
    options: &Options,
) -> Outcome<Summary> {
    let strategy = options.strategy;
    if let Some(paper) = &options.paper {
        // What else keeps the report closed is told by the attempt to write it.
        entry::say_on_behalf(tx, app, caller, catalogue, which, paper).await?;
    }
    let (submission, asked) = entry::for_writing(tx, app, catalogue, caller, which).await?;
    let ground = entry::ground(tx, which, &asked).await?;
    let mut notes = Notes::read(tx, &submission.id, targets).await?;
    let mut summary = Summary::default();
    // Each cell once: the last figure of a message counts.
    let mut last: BTreeMap<&CellKey, &Target> = BTreeMap::new();
    let places = Places::of(asked.form);
    for target in targets {
        if places.section_of(&target.key).is_none() {
            summary.ignored += 1;
            summary.conflict(Conflict {
                code: "E7613",
                property: "categoryOptionCombo",
                value: target.key.text(),
                why: Why::Key("reporting-conflict-not-asked"),
                indexes: vec![target.at],
            });
        } else if last.insert(&target.key, target).is_some() {
            summary.ignored += 1;
        }
    }
    let keys = last.keys().map(|key| (*key).clone()).collect();
    let cells = numbers::cell_nos(tx, &keys).await?;
    let mut edits = Vec::new();
    let mut wanted = Vec::new();
    for (key, target) in last {
        let held = ground.held.get(key);
        let state = target.state.clone().filter(|_| strategy != Strategy::Delete);
        let untouched = match strategy {
            Strategy::Create => held.is_some(),
            Strategy::Update => held.is_none(),
            _ => false,
        };
        if !untouched && state.is_some() && !notes.take(key, &target.comment) {
            summary.ignored += 1;
            summary.conflict(notes::too_many(target.at));
            continue;
        }
        if untouched || held.map(|held| &held.state) == state.as_ref() {
            // A comment that is new is a change, beside the same number too.
            if notes.holds(key) {
                summary.updated += 1;
            } else {
                summary.ignored += 1;
            }
            continue;
        }
        let base = ground.version(cells.get(key).copied().unwrap_or(0), key);
        edits.push(Edit { key: key.clone(), base, state });
        wanted.push((target.at, held.is_some()));
    }
    if edits.is_empty() && notes.is_empty() {
        return Ok(summary);
    }
    let pen = entry::pen(tx, caller, which).await?;
    let became = figures::apply(tx, &ground, pen, &edits).await?;
    for ((became, edit), (at, was_there)) in became.iter().zip(&edits).zip(wanted) {
        match became {
            Became::Stands(_) if edit.state.is_none() => summary.deleted += 1,
            Became::Stands(_) if was_there => summary.updated += 1,
            Became::Stands(_) => summary.imported += 1,
            Became::Owned(_) | Became::Conflict => {
                notes.leave(&edit.key);
                summary.ignored += 1;
                summary.conflict(Conflict {
                    code: "E8030",
                    property: "dataElement",
                    value: edit.key.text(),
                    why: Why::Key("reporting-conflict-owned"),
                    indexes: vec![at],
                });
            }
        }
    }
    notes.write(tx, app, caller, (which, &submission, &asked.authority)).await?;
    entry::note_saved(tx, submission).await?;
    Ok(summary)
}

async fn note(
    app: &App,
    caller: &Caller,
    reports: &[(Which, Vec<Target>)],
    summary: &Summary,
) -> Outcome<()> {
    let mut subjects: Vec<String> =
        reports.iter().map(|(which, _)| format!("{}.{}", which.dataset, which.period)).collect();
    subjects.dedup();
    let Summary { imported, updated, deleted, ignored, .. } = summary;
    let detail = format!("+{imported} ~{updated} -{deleted} ={ignored}");
    app.db
        .change(async |tx| {
            audit(tx, caller, "reporting.exchange.imported", &subjects.join(" "), &detail).await
        })
        .await
}
