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
        DATASET_NOT_FOUND, TOO_MUCH,
        catalogue::{self, Catalogue},
        figures::{self, Became, Edit},
        problem,
    },
    AMOUNT_MOST, EDITS_MOST, REASON_MOST, Which, for_writing, ground, note_saved, pen,
};
use crate::{
    model::{
        CellKey, CellState, SubmissionId,
        dimension::BAD_COORDS,
        form::{ColumnKind, Form, SectionBody},
    },
    store::words::{self, GrowingRow, Narrative, RowId},
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
    /// Sections whose narrative somebody else changed meanwhile: nothing was overwritten.
    pub stale: Vec<String>,
    /// Rows that were written: given id and version.
    pub rows: Vec<(RowId, i64)>,
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
    let edits = checked(catalogue, asked.form, &changes.edits)?;
    let mut saved = Saved::default();
    let who = caller.who().map_or("", |person| person.name.as_str()).to_owned();
    if !edits.is_empty() {
        let ground = ground(tx, which, &asked).await?;
        let pen = pen(tx, caller, which).await?;
        let became = figures::apply(tx, &ground, pen, &edits).await?;
        saved.cells = edits.into_iter().map(|edit| edit.key).zip(became).collect();
    }
    for (section, text, base) in &changes.narratives {
        let most = narrative_most(asked.form, section)?;
        let words = kernel::text::tidy_lines(text);
        if words.chars().count() > most {
            return Err(problem(&TOO_MUCH, "most", most.to_string()));
        }
        let one = Narrative {
            section: section.clone(),
            words,
            version: base + 1,
            by_name: who.clone(),
            at: tx.now(),
        };
        if !words::put_narrative(tx, &submission.id, &one, *base).await? {
            saved.stale.push(section.clone());
        }
    }
    for edit in &changes.rows {
        if let Some(row) = save_row(tx, &submission.id, asked.form, edit, &who).await? {
            saved.rows.push(row);
        }
    }
    note_saved(tx, submission).await?;
    Ok(saved)
}

/// Edits that a form can carry: each cell once, the last one counts; bounded amounts and reasons.
pub(super) fn checked(catalogue: &Catalogue, form: &Form, edits: &[Edit]) -> Outcome<Vec<Edit>> {
    if edits.len() > EDITS_MOST {
        return Err(problem(&TOO_MUCH, "most", EDITS_MOST.to_string()));
    }
    let mut all: BTreeMap<CellKey, Edit> = BTreeMap::new();
    for edit in edits {
        let asked_for = form.section_of(&edit.key).is_some() && is_cell(catalogue, &edit.key);
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
    element.cell(key.coords.clone()).is_some()
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

/// Writes one row of a growing table; cells of columns that the form does not have are refused.
async fn save_row(
    tx: &mut Tx,
    submission: &SubmissionId,
    form: &Form,
    edit: &RowEdit,
    who: &str,
) -> Outcome<Option<(RowId, i64)>> {
    let section = form.sections.iter().find(|one| one.code == edit.section);
    let table = section.and_then(|one| match &one.body {
        SectionBody::Rows(table) => Some(table),
        _ => None,
    });
    let table = table.or_missing(&DATASET_NOT_FOUND)?;
    if edit.id.is_none() && edit.cells.is_some() {
        let rows = words::rows(tx, submission).await?;
        let there = rows.iter().filter(|row| row.section == edit.section).count();
        if there >= table.max_rows as usize {
            return Err(problem(&TOO_MUCH, "most", table.max_rows.to_string()));
        }
    }
    let Some(cells) = &edit.cells else {
        if let Some(id) = &edit.id {
            words::remove_row(tx, submission, &edit.section, id).await?;
        }
        return Ok(None);
    };
    let mut tidy = BTreeMap::new();
    for column in &table.columns {
        let text = kernel::text::tidy(cells.get(&column.code).map_or("", String::as_str));
        let most = if column.kind == ColumnKind::Text { 2_000 } else { 200 };
        tidy.insert(column.code.clone(), text.chars().take(most).collect::<String>());
    }
    if tidy.values().all(String::is_empty) && edit.id.is_none() {
        return Ok(None);
    }
    let body =
        serde_json::to_string(&tidy).map_err(|error| Failure::fault("write a row", error))?;
    let id = edit.id.clone().unwrap_or_else(|| tx.new_id());
    let one = GrowingRow {
        section: edit.section.clone(),
        id: id.clone(),
        position: edit.position,
        body,
        version: edit.base + 1,
        by_name: who.to_owned(),
        at: tx.now(),
    };
    if words::put_row(tx, submission, &one, edit.base).await? {
        return Ok(Some((id, one.version)));
    }
    // Somebody changed the row meanwhile: what was typed becomes a row of its own beside it.
    let beside = GrowingRow { id: tx.new_id(), version: 1, ..one };
    words::put_row(tx, submission, &beside, 0).await?;
    Ok(Some((beside.id, 1)))
}
