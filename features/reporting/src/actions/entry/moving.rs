//! A begun report goes over to the version of its form that is in force. What has a cell there stays where it is;
//! what has none is told before, kept in an unchanging copy and in the history of its cells, and then no longer
//! stands in the report: nobody signs what nobody sees.
//!
//! What was handed in once keeps its version, also when it was given back or is corrected: its remarks, the sections
//! that were found in order and the copies that it is compared with speak of that version's cells.

use std::collections::BTreeMap;

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    clock::Timestamp,
    db::Tx,
    problem::{Failure, Outcome, ProblemKind},
};

use super::{Which, asked, for_writing, ground, note_saved, pen};
use crate::{
    actions::{
        ENTER, SEE,
        catalogue::{self, Catalogue},
        content::{self, Content},
        figures::{self, Edit},
        review::CHANGED_MEANWHILE,
        totals,
    },
    model::{
        Figure, SubmissionId,
        form::Form,
        moving::{Held, HeldFile, HeldRow, parted},
        submission::State,
    },
    store::{
        conflicts, numbers,
        submissions::{self, Snapshot, StepRow, Submission},
        values::Spot,
        words::{self, GrowingRow},
    },
};

/// The step that says that a report went over to another version of its form.
pub const MOVED: &str = "move";
/// The report is of the version in force, or has been handed in.
pub static NOTHING_TO_MOVE_TO: ProblemKind =
    ProblemKind { code: "reporting-no-newer-version", status: 409 };

/// A way to another version that is open to a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The version it is of.
    pub from: u32,
    /// The version in force.
    pub to: u32,
    /// What is carried over.
    pub kept: Held,
    /// What has no place there.
    pub left: Held,
    /// A name for exactly this: whoever goes over says what they have seen.
    pub seen: String,
}

/// A way that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The version it was of.
    pub from: u32,
    /// The version it went over to.
    pub to: u32,
    /// Who took it over.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What had no place there.
    pub left: Held,
}

/// The version of the form that a report may go over to, beside its own: while it is a draft that was never handed
/// in, and both versions are known here.
pub fn offered<'c>(catalogue: &'c Catalogue, one: &Submission) -> Option<(&'c Form, &'c Form)> {
    // The revision counts up when something is corrected or signed again.
    let is_fresh = one.state == State::Draft && one.revision == 1;
    let own = catalogue.forms.get(&(one.dataset.clone(), one.form_version))?;
    let now = catalogue.form(&one.dataset).ok()?;
    (is_fresh && now.version != own.version).then_some((own, now))
}

/// What a report would carry over, and what it carried over before.
pub async fn crossing(
    app: &App,
    caller: &Caller,
    which: &Which,
) -> Outcome<(Option<Crossing>, Vec<Moved>)> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .view(async |tx| {
            let known = submissions::find(tx, &which.id()).await?;
            let asked = asked(tx, &catalogue, which, known.as_ref()).await?;
            caller.must(&SEE, &asked.authority)?;
            let Some(known) = known else { return Ok((None, Vec::new())) };
            let crossing = match offered(&catalogue, &known) {
                Some(forms) => Some(ahead(tx, &known, forms).await?),
                None => None,
            };
            Ok((crossing, behind(tx, &catalogue, &known).await?))
        })
        .await
}

/// Takes a report over to the version in force, as it was seen.
pub async fn take_over(app: &App, caller: &Caller, which: &Which, seen: &str) -> Outcome<Moved> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| {
            let known = submissions::find(tx, &which.id()).await?;
            let place = asked(tx, &catalogue, which, known.as_ref()).await?;
            caller.must(&ENTER, &place.authority)?;
            let forms = known.as_ref().and_then(|one| offered(&catalogue, one));
            let forms = forms.ok_or_else(|| Failure::from(&NOTHING_TO_MOVE_TO))?;
            let (known, place) = for_writing(tx, app, &catalogue, caller, which).await?;
            // Holds the place: what was seen is what is carried over.
            let ground = ground(tx, which, &place).await?;
            let way = ahead(tx, &known, forms).await?;
            if way.seen != seen {
                return Err((&CHANGED_MEANWHILE).into());
            }
            let copy = occasion(tx, &known).await?;
            content::keep(tx, &known, &copy).await?;
            let pen = pen(tx, caller, which).await?;
            let empty = |one: &Figure| {
                let base = ground.held.get(&one.key).map_or(0, |held| held.version);
                Edit { key: one.key.clone(), base, state: None }
            };
            let edits: Vec<Edit> = way.left.figures.iter().map(empty).collect();
            figures::apply(tx, &ground, pen, &edits).await?;
            clear(tx, caller, &known, ground.spot, &way.left).await?;
            totals::write(tx, &catalogue, (&known, forms.1), (&ground, pen)).await?;
            let by = caller.who().map(|person| person.name.clone()).unwrap_or_default();
            let now = tx.now();
            let row = StepRow {
                no: 0,
                step: MOVED.to_owned(),
                revision: known.revision,
                by_account: caller.id().to_owned(),
                by_name: by.clone(),
                at: now,
                note: format!("{} → {}", way.from, way.to),
                doubts: None,
            };
            submissions::note_step(tx, &known.id, &row).await?;
            let after = Submission { form_version: way.to, ..known };
            audit(tx, caller, "reporting.version.moved", after.id.as_str(), &row.note).await?;
            note_saved(tx, after).await?;
            Ok(Moved { from: way.from, to: way.to, by, at: now, left: way.left })
        })
        .await
}

async fn ahead(tx: &mut Tx, known: &Submission, (from, to): (&Form, &Form)) -> Outcome<Crossing> {
    let held = held(tx, known, from).await?;
    let (kept, left) = parted(&held, from, to);
    let told = serde_json::to_vec(&(from.version, to.version, &left))
        .map_err(|error| Failure::fault("name what is left", error))?;
    let seen = blake3::hash(&told).to_hex().to_string();
    Ok(Crossing { from: from.version, to: to.version, kept, left, seen })
}

/// What a report holds now.
async fn held(tx: &mut Tx, known: &Submission, form: &Form) -> Outcome<Held> {
    let content = Content::of(tx, known).await?;
    let mut held = of_content(&content);
    if let Some(spot) = spot(tx, known).await? {
        // What waits on cells of other forms is settled there.
        let waiting = conflicts::of_spot(tx, spot).await?.into_iter();
        let waiting = waiting.filter(|one| form.section_of(&one.key).is_some());
        held.waiting = waiting.map(|one| (one.key, one.state)).collect();
    }
    Ok(held)
}

async fn spot(tx: &mut Tx, known: &Submission) -> Outcome<Option<Spot>> {
    let place = numbers::known_place(tx, &known.area).await?;
    let period = numbers::known_period(tx, &known.period).await?;
    let found = place.zip(period);
    Ok(found.map(|(place, period)| Spot { period, place: place.no, life: known.life }))
}

fn of_content(content: &Content) -> Held {
    let figure = |(key, state)| Figure { key, state };
    let row = |(section, id, _, body): &(String, String, i64, String)| HeldRow {
        section: section.clone(),
        id: id.clone(),
        cells: cells(body),
    };
    let file = |(section, file, _, caption, _): &(String, String, String, String, i64)| HeldFile {
        section: section.clone(),
        file: file.clone(),
        caption: caption.clone(),
    };
    let written = content.narratives.iter().filter(|(_, words)| !words.is_empty());
    Held {
        figures: content.cells().into_iter().map(figure).collect(),
        waiting: Vec::new(),
        narratives: written.cloned().collect(),
        rows: content.rows.iter().map(row).collect(),
        files: content.files.iter().map(file).collect(),
    }
}

/// The cells of a row that hold something.
fn cells(body: &str) -> BTreeMap<String, String> {
    let all: BTreeMap<String, String> = serde_json::from_str(body).unwrap_or_default();
    all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// A name for the copy that nobody took yet: `v1`, `v1-2`.
async fn occasion(tx: &mut Tx, known: &Submission) -> Outcome<String> {
    let copies = submissions::snapshots(tx, &known.id).await?;
    let taken = |name: &str| copies.iter().any(|copy| copy.occasion == name);
    let first = format!("v{}", known.form_version);
    let again = (2..1_000).map(|number: u32| format!("{first}-{number}"));
    let free = std::iter::once(first.clone()).chain(again).find(|name| !taken(name));
    Ok(free.unwrap_or(first))
}

/// Takes out what has no place, figures apart: all of it stands in the copy.
async fn clear(
    tx: &mut Tx,
    caller: &Caller,
    known: &Submission,
    spot: Spot,
    left: &Held,
) -> Outcome<()> {
    let id = &known.id;
    let by = caller.who().map_or("", |person| person.name.as_str());
    let keys = left.waiting.iter().map(|(key, _)| key.clone()).collect();
    for no in numbers::known_cells(tx, &keys).await?.into_values() {
        conflicts::settle(tx, spot, no, caller.id()).await?;
    }
    for (section, _) in &left.narratives {
        words::remove_narrative(tx, id, section, by).await?;
    }
    for one in &left.rows {
        without(tx, id, one, by).await?;
    }
    let sections: std::collections::BTreeSet<&String> =
        left.files.iter().map(|one| &one.section).collect();
    for section in sections {
        words::shelve(tx, id, section).await?;
    }
    Ok(())
}

/// Takes cells out of a row, and the row when nothing is left of it.
async fn without(tx: &mut Tx, id: &SubmissionId, gone: &HeldRow, by: &str) -> Outcome<()> {
    let all = words::rows(tx, id).await?;
    let here = |row: &&GrowingRow| row.section == gone.section && row.id.as_str() == gone.id;
    let Some(row) = all.iter().find(here) else { return Ok(()) };
    let mut stays = cells(&row.body);
    stays.retain(|column, _| !gone.cells.contains_key(column));
    if stays.is_empty() {
        words::remove_row(tx, id, row, by).await?;
        return Ok(());
    }
    let body =
        serde_json::to_string(&stays).map_err(|error| Failure::fault("write a row", error))?;
    let version = row.version + 1;
    let after = GrowingRow { body, version, by_name: by.to_owned(), at: tx.now(), ..row.clone() };
    words::write_row(tx, id, &after, row.version).await?;
    Ok(())
}

/// The ways that a report took, the latest first.
async fn behind(tx: &mut Tx, catalogue: &Catalogue, known: &Submission) -> Outcome<Vec<Moved>> {
    let steps = submissions::steps(tx, &known.id).await?;
    let steps: Vec<&StepRow> = steps.iter().filter(|row| row.step == MOVED).collect();
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let copies = submissions::snapshots(tx, &known.id).await?;
    let way = |row: &&StepRow| -> Option<Moved> {
        let (from, to) = row.note.split_once(" → ")?;
        let (from, to): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
        let of = |copy: &Snapshot| copy.occasion.strip_prefix('v')?.split('-').next()?.parse().ok();
        let taken = |copy: &&Snapshot| copy.at == row.at && of(copy) == Some(from);
        let content = Content::decode(&copies.iter().find(taken)?.body)?;
        let form = |version| catalogue.forms.get(&(known.dataset.clone(), version));
        let (_, left) = parted(&of_content(&content), form(from)?, form(to)?);
        Some(Moved { from, to, by: row.by_name.clone(), at: row.at, left })
    };
    Ok(steps.iter().rev().filter_map(way).collect())
}
