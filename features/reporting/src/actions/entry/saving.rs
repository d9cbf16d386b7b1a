//! Saving what was typed: figures, narratives, rows; each checked against the form before it is written.

use std::collections::BTreeMap;

use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{Failure, OrMissing, Outcome},
};

use super::{
    super::{
        DATASET_NOT_FOUND, SUBMISSION_NOT_FOUND, TOO_MUCH,
        catalogue::{self, Catalogue},
        figures::{self, Became, Edit, Ground},
        problem, totals,
    },
    AMOUNT_MOST, Asked, EDITS_MOST, REASON_MOST, Which, for_writing, ground, note_saved, pen,
};
use crate::{
    model::{
        CellKey, CellState, SubmissionId,
        dimension::BAD_COORDS,
        form::{ColumnKind, Form, Places, RowColumn, RowTable, SectionBody},
    },
    store::{
        submissions::Submission,
        words::{self, GrowingRow, Narrative, RowId},
    },
};

/// What somebody typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Figures.
    pub edits: Vec<Edit>,
    /// Narratives: section, words, the version they saw.
    pub narratives: Vec<(String, String, i64)>,
    /// Rows of growing tables.
    pub rows: Vec<RowEdit>,
    /// True when nobody is in front who could choose (a phone, a workbook): what was typed into a row that somebody
    /// changed or took out meanwhile becomes a row of its own, and is told as such.
    pub unattended: bool,
}

/// A row that somebody typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowEdit {
    /// Its section.
    pub section: String,
    /// Its id; none for a new one.
    pub id: Option<RowId>,
    /// Where it stands.
    pub position: i64,
    /// Its cells by column code; none to take it out.
    pub cells: Option<BTreeMap<String, String>>,
    /// The version they saw.
    pub base: i64,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// Each edit in order.
    pub cells: Vec<(CellKey, Became)>,
    /// Each narrative in order, by its section.
    pub words: Vec<(String, WordsBecame)>,
    /// Each row in order.
    pub rows: Vec<RowBecame>,
}

/// What became of a narrative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordsBecame {
    /// It stands in this version.
    Stands(i64),
    /// Somebody else wrote meanwhile, and this is what stands; nothing was overwritten.
    Stale(Narrative),
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowBecame {
    /// It stands in this version.
    Stands(RowId, i64),
    /// Somebody else changed or took it out meanwhile: what was typed stands as a row of its own. Only where nobody is
    /// in front who could choose.
    Beside(RowId, i64),
    /// Somebody else changed it meanwhile, and this is what stands; nothing was overwritten or taken out.
    Stale(GrowingRow),
    /// Somebody else took it out meanwhile; nothing was written.
    Gone,
    /// It is taken out, or there was nothing to put in.
    Out,
}

/// Saves what was typed. Nothing is overwritten that the person did not see.
pub async fn save(app: &App, caller: &Caller, which: &Which, changes: Changes) -> Outcome<Saved> {
    let catalogue = catalogue::current(app).await?;
    app.db.change(async |tx| save_in(tx, app, &catalogue, caller, which, &changes).await).await
}

/// The same within a transaction that writes more.
pub(crate) async fn save_in(
    tx: &mut Tx,
    app: &App,
    catalogue: &Catalogue,
    caller: &Caller,
    which: &Which,
    changes: &Changes,
) -> Outcome<Saved> {
    let (submission, asked) = for_writing(tx, app, catalogue, caller, which).await?;
    let opened = Opened { which, submission, asked: &asked, ground: None };
    save_into(tx, catalogue, caller, opened, changes).await
}

/// A report that may be written.
pub(crate) struct Opened<'a> {
    pub which: &'a Which,
    pub submission: Submission,
    pub asked: &'a Asked<'a>,
    /// What stands in it, where that was read and nothing was written since.
    pub ground: Option<Ground>,
}

/// Saves what was typed into a report that may be written.
pub(crate) async fn save_into(
    tx: &mut Tx,
    catalogue: &Catalogue,
    caller: &Caller,
    opened: Opened<'_>,
    changes: &Changes,
) -> Outcome<Saved> {
    let Opened { which, submission, asked, ground: known } = opened;
    let edits = checked(catalogue, asked.form, &changes.edits)?;
    let mut saved = Saved::default();
    let who = caller.who().map_or("", |person| person.name.as_str()).to_owned();
    if !edits.is_empty() {
        let ground = match known {
            Some(known) => known,
            None => ground(tx, which, asked).await?,
        };
        let pen = pen(tx, caller, which).await?;
        let became = figures::apply(tx, &ground, pen, &edits).await?;
        saved.cells = edits.into_iter().map(|edit| edit.key).zip(became).collect();
    }
    for (section, text, base) in &changes.narratives {
        let typed = Narrative {
            section: section.clone(),
            words: narrative_words(asked.form, section, text)?,
            version: base + 1,
            by_name: who.clone(),
            at: tx.now(),
        };
        saved.words.push((section.clone(), save_words(tx, &submission.id, &typed, *base).await?));
    }
    for edit in &changes.rows {
        let hand = Hand { who: &who, unattended: changes.unattended };
        saved.rows.push(save_row(tx, &submission.id, asked.form, edit, hand).await?);
    }
    if !changes.rows.is_empty() {
        let ground = (ground(tx, which, asked).await?, pen(tx, caller, which).await?);
        totals::write(tx, catalogue, (&submission, asked.form), (&ground.0, ground.1)).await?;
    }
    note_saved(tx, submission).await?;
    Ok(saved)
}

/// Edits that a form can carry: each cell once, the last one counts; bounded amounts and reasons.
pub(crate) fn checked(catalogue: &Catalogue, form: &Form, edits: &[Edit]) -> Outcome<Vec<Edit>> {
    if edits.len() > EDITS_MOST {
        return Err(problem(&TOO_MUCH, "most", EDITS_MOST.to_string()));
    }
    let mut all: BTreeMap<CellKey, Edit> = BTreeMap::new();
    let places = Places::of(form);
    for edit in edits {
        let asked_for = places.section_of(&edit.key).is_some() && is_cell(catalogue, &edit.key);
        if !asked_for {
            return Err(problem(&BAD_COORDS, "cell", edit.key.text()));
        }
        let state = edit.state.clone().map(tidy_state).transpose()?;
        all.insert(edit.key.clone(), Edit { state, ..edit.clone() });
    }
    Ok(all.into_values().collect())
}

/// True when the element is defined and may be divided so, by options that exist.
pub fn is_cell(catalogue: &Catalogue, key: &CellKey) -> bool {
    let Some(element) = catalogue.elements.get(&key.element) else { return false };
    element.is_divided_by(&key.coords)
        && key.coords.iter().all(|(dimension, option)| {
            catalogue.dimensions.get(dimension).is_some_and(|d| d.option(option).is_some())
        })
}

fn tidy_state(state: CellState) -> Outcome<CellState> {
    let reason =
        |why: String| -> String { kernel::text::tidy(&why).chars().take(REASON_MOST).collect() };
    Ok(match state {
        CellState::Value(amount) if amount.unsigned_abs() > AMOUNT_MOST.unsigned_abs() => {
            return Err(problem(&TOO_MUCH, "most", AMOUNT_MOST.to_string()));
        }
        CellState::Value(amount) => CellState::Value(amount),
        CellState::Nil(why) => CellState::Nil(reason(why)),
        CellState::NoData(why) => CellState::NoData(reason(why)),
    })
}

/// A narrative's words as they are stored.
fn narrative_words(form: &Form, section: &str, text: &str) -> Outcome<String> {
    let most = narrative_most(form, section)?;
    let words = kernel::text::tidy_lines(text);
    if words.chars().count() > most {
        return Err(problem(&TOO_MUCH, "most", most.to_string()));
    }
    Ok(words)
}

fn narrative_most(form: &Form, section: &str) -> Outcome<usize> {
    form.sections
        .iter()
        .find(|one| one.code == section)
        .and_then(|one| match &one.body {
            SectionBody::Narrative { max_chars, .. } => Some(*max_chars as usize),
            _ => None,
        })
        .or_missing(&DATASET_NOT_FOUND)
}

/// Writes a narrative over the version that was seen. The same words again are nobody's change.
async fn save_words(
    tx: &mut Tx,
    submission: &SubmissionId,
    typed: &Narrative,
    base: i64,
) -> Outcome<WordsBecame> {
    let stands = words::narrative(tx, submission, &typed.section).await?;
    if let Some(same) = stands.filter(|stands| stands.words == typed.words) {
        return Ok(WordsBecame::Stands(same.version));
    }
    if words::put_narrative(tx, submission, typed, base).await? {
        return Ok(WordsBecame::Stands(typed.version));
    }
    let stands = words::narrative(tx, submission, &typed.section).await?;
    Ok(WordsBecame::Stale(stands.or_missing(&SUBMISSION_NOT_FOUND)?))
}

/// Who writes rows.
#[derive(Clone, Copy)]
struct Hand<'a> {
    who: &'a str,
    unattended: bool,
}

/// Writes one row of a growing table, or takes it out; cells of columns that the form does not have are left out.
async fn save_row(
    tx: &mut Tx,
    submission: &SubmissionId,
    form: &Form,
    edit: &RowEdit,
    hand: Hand<'_>,
) -> Outcome<RowBecame> {
    let section = form.sections.iter().find(|one| one.code == edit.section);
    let table = section.and_then(|one| match &one.body {
        SectionBody::Rows(table) => Some(table),
        _ => None,
    });
    let table = table.or_missing(&DATASET_NOT_FOUND)?;
    let stands = match &edit.id {
        Some(id) => words::row(tx, submission, &edit.section, id).await?,
        None => None,
    };
    let Some(cells) = &edit.cells else {
        return take_out(tx, submission, stands, edit.base, hand.who).await;
    };
    if edit.id.is_none() {
        let rows = words::rows(tx, submission).await?;
        let there = rows.iter().filter(|row| row.section == edit.section).count();
        if there >= table.max_rows as usize {
            return Err(problem(&TOO_MUCH, "most", table.max_rows.to_string()));
        }
    }
    let typed = tidy_cells(table, cells);
    if typed.values().all(String::is_empty) && edit.id.is_none() {
        return Ok(RowBecame::Out);
    }
    let body =
        serde_json::to_string(&typed).map_err(|error| Failure::fault("write a row", error))?;
    let one = GrowingRow {
        section: edit.section.clone(),
        id: edit.id.clone().unwrap_or_else(|| tx.new_id()),
        position: edit.position,
        body,
        version: edit.base + 1,
        by_name: hand.who.to_owned(),
        at: tx.now(),
    };
    match stands {
        None if edit.id.is_none() => add_row(tx, submission, one, RowBecame::Stands).await,
        None if hand.unattended => add_row(tx, submission, one, RowBecame::Beside).await,
        None => Ok(RowBecame::Gone),
        Some(stands) if stands.version != edit.base && stands.body == one.body => {
            Ok(RowBecame::Stands(stands.id, stands.version))
        }
        Some(_) if words::write_row(tx, submission, &one, edit.base).await? => {
            Ok(RowBecame::Stands(one.id, one.version))
        }
        Some(_) if hand.unattended => {
            let beside = GrowingRow { id: tx.new_id(), version: 1, ..one };
            add_row(tx, submission, beside, RowBecame::Beside).await
        }
        Some(_) => now(tx, submission, &one.section, &one.id).await,
    }
}

async fn add_row(
    tx: &mut Tx,
    submission: &SubmissionId,
    one: GrowingRow,
    became: fn(RowId, i64) -> RowBecame,
) -> Outcome<RowBecame> {
    words::add_row(tx, submission, &one).await?;
    Ok(became(one.id, one.version))
}

/// Takes a row out as it was seen.
async fn take_out(
    tx: &mut Tx,
    submission: &SubmissionId,
    stands: Option<GrowingRow>,
    base: i64,
    who: &str,
) -> Outcome<RowBecame> {
    let Some(stands) = stands else { return Ok(RowBecame::Out) };
    if stands.version == base && words::remove_row(tx, submission, &stands, who).await? {
        return Ok(RowBecame::Out);
    }
    match now(tx, submission, &stands.section, &stands.id).await? {
        RowBecame::Gone => Ok(RowBecame::Out),
        other => Ok(other),
    }
}

/// The row as somebody else left it.
async fn now(
    tx: &mut Tx,
    submission: &SubmissionId,
    section: &str,
    id: &RowId,
) -> Outcome<RowBecame> {
    let stands = words::row(tx, submission, section, id).await?;
    Ok(stands.map_or(RowBecame::Gone, RowBecame::Stale))
}

/// Cells as they are stored: those of the table's columns, bounded.
pub(super) fn tidy_cells(
    table: &RowTable,
    cells: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let tidy = |column: &RowColumn| {
        let text = kernel::text::tidy(cells.get(&column.code).map_or("", String::as_str));
        let most = if column.kind == ColumnKind::Text { 2_000 } else { 200 };
        (column.code.clone(), text.chars().take(most).collect::<String>())
    };
    table.columns.iter().map(tidy).collect()
}
