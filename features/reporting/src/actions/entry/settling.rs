//! A figure that two people typed: a person chooses what stands.

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    problem::{FormProblems, OrMissing, Outcome},
};

use super::{
    super::{
        SUBMISSION_NOT_FOUND, catalogue,
        figures::{self, Edit},
    },
    Which, for_writing, ground, note_saved, pen,
    saving::checked,
};
use crate::{
    model::{CellKey, CellState},
    store::{conflicts, numbers},
};

/// What somebody had before their eyes who chose between figures of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beheld {
    /// The version that stood.
    pub version: i64,
    /// How many other figures waited.
    pub waiting: usize,
}

/// Settles what two people typed: the figure a person chose stands, over whatever stands and waits. A field error when
/// something else stands or waits there than they saw.
pub async fn settle(
    app: &App,
    caller: &Caller,
    which: &Which,
    (key, seen): (&CellKey, Beheld),
    chosen: Option<CellState>,
) -> Outcome<()> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| {
            let (submission, asked) = for_writing(tx, app, &catalogue, caller, which).await?;
            let ground = ground(tx, which, &asked).await?;
            let pen = pen(tx, caller, which).await?;
            let cells = numbers::known_cells(tx, &[key.clone()].into()).await?;
            let cell = *cells.get(key).or_missing(&SUBMISSION_NOT_FOUND)?;
            let others = conflicts::of_spot(tx, ground.spot).await?;
            let waiting = others.iter().filter(|one| one.cell == cell).count();
            let mut wrong = FormProblems::new();
            let now = Beheld { version: ground.version(cell, key), waiting };
            wrong.require(seen == now, "text", "reporting-conflict-moved");
            wrong.check()?;
            let edit = Edit { key: key.clone(), base: seen.version, state: chosen };
            let edits = checked(&catalogue, asked.form, &[edit])?;
            figures::apply(tx, &ground, pen, &edits).await?;
            conflicts::settle(tx, ground.spot, cell, caller.id()).await?;
            note_saved(tx, submission).await?;
            audit(tx, caller, "reporting.conflict.settled", which.id().as_str(), &key.text()).await
        })
        .await
}
