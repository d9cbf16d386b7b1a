//! The estimate of September beside the final report of the same period (ước thực hiện, chính thức): what it says, and
//! its rows taken over where the final report has none of its own yet.

use std::collections::HashMap;

use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{Failure, NOT_FOUND, OrMissing, Outcome, ProblemKind},
};

use super::{Which, for_writing, ground, note_saved, pen, saving::tidy_cells};
use crate::{
    actions::{
        TOO_MUCH,
        catalogue::{self, Catalogue},
        check, problem, totals,
    },
    model::{CellKey, CellState, Dataset, Life, moving},
    store::{
        submissions,
        words::{self, GrowingRow},
    },
};

/// The final report has rows of its own: the estimate's are not put among them.
pub static ROWS_THERE: ProblemKind = ProblemKind { code: "reporting-rows-there", status: 409 };
/// The estimate has no rows to take over, or there is no estimate.
pub static NO_ESTIMATED_ROWS: ProblemKind =
    ProblemKind { code: "reporting-no-estimated-rows", status: 409 };

/// What the estimate of a period says.
#[derive(Default)]
pub struct Estimate {
    /// Its figures.
    pub figures: HashMap<CellKey, CellState>,
    /// The rows of its growing tables.
    pub rows: Vec<GrowingRow>,
}

impl Estimate {
    /// That of the period of a final report; nothing beside an estimate, or where there are no estimates.
    pub(super) async fn beside(tx: &mut Tx, which: &Which, dataset: &Dataset) -> Outcome<Self> {
        let Some(estimate) = estimate_of(which, dataset) else { return Ok(Self::default()) };
        let figures =
            check::figures_at(tx, &estimate.area, &estimate.period, estimate.life).await?;
        Ok(Self { figures, rows: words::rows(tx, &estimate.id()).await? })
    }
}

/// The estimate of the same period, where the report is the final one of two.
fn estimate_of(which: &Which, dataset: &Dataset) -> Option<Which> {
    let is_final = which.life == Life::Final && dataset.estimated;
    is_final.then(|| Which { life: Life::Estimate, ..which.clone() })
}

/// Takes the estimate's rows of a section over into the final report, typed by this person now, and writes what they
/// add up to. Refused where the report has rows there already: nothing is put among what somebody typed. Gives how
/// many cells were left empty because their column means something else in the form of the final report.
pub async fn take_rows(app: &App, caller: &Caller, which: &Which, section: &str) -> Outcome<usize> {
    let catalogue = catalogue::current(app).await?;
    app.db.change(async |tx| take_in(tx, app, &catalogue, caller, which, section).await).await
}

async fn take_in(
    tx: &mut Tx,
    app: &App,
    catalogue: &Catalogue,
    caller: &Caller,
    which: &Which,
    section: &str,
) -> Outcome<usize> {
    let (submission, asked) = for_writing(tx, app, catalogue, caller, which).await?;
    let table = moving::table(asked.form, section).or_missing(&NOT_FOUND)?;
    // The place is held before anybody looks: whoever presses twice, or at the same moment, takes the rows once.
    let ground = ground(tx, which, &asked).await?;
    if of_section(words::rows(tx, &submission.id).await?, section).next().is_some() {
        return Err((&ROWS_THERE).into());
    }
    let estimate = estimate_of(which, asked.dataset).or_missing(&NO_ESTIMATED_ROWS)?;
    let known = submissions::find(tx, &estimate.id()).await?.or_missing(&NO_ESTIMATED_ROWS)?;
    // The final report may be of another version of the form, in which a column counts in another unit.
    let own = catalogue.forms.get(&(known.dataset.clone(), known.form_version));
    let before = own.and_then(|form| moving::table(form, section));
    let mut rows = Vec::new();
    let mut left_out = 0;
    for row in of_section(words::rows(tx, &estimate.id()).await?, section) {
        let (stays, goes) = moving::parted_cells(&row.cells(), before, Some(table));
        left_out += goes.values().filter(|text| !text.is_empty()).count();
        if stays.values().any(|text| !text.is_empty()) {
            rows.push((row, stays));
        }
    }
    match rows.len() {
        0 => return Err((&NO_ESTIMATED_ROWS).into()),
        count if count > table.max_rows as usize => {
            return Err(problem(&TOO_MUCH, "most", table.max_rows.to_string()));
        }
        _ => {}
    }
    let pen = pen(tx, caller, which).await?;
    let by_name = caller.who().map_or("", |person| person.name.as_str());
    for (row, cells) in rows {
        let body = serde_json::to_string(&tidy_cells(table, &cells));
        let one = GrowingRow {
            id: tx.new_id(),
            body: body.map_err(|error| Failure::fault("write a row", error))?,
            version: 1,
            by_name: by_name.to_owned(),
            at: tx.now(),
            ..row
        };
        words::add_row(tx, &submission.id, &one).await?;
    }
    totals::write(tx, catalogue, (&submission, asked.form), (&ground, pen)).await?;
    note_saved(tx, submission).await?;
    Ok(left_out)
}

fn of_section(rows: Vec<GrowingRow>, section: &str) -> impl Iterator<Item = GrowingRow> {
    rows.into_iter().filter(move |row| row.section == section)
}
