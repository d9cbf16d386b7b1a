//! Typing in for another unit (nhập thay): the tier above may, where no point writes, when it says first from which
//! paper. Otherwise only who holds the permission at the unit itself types its figures.

use identity::audit;
use kernel::{
    app::{App, NodeRole},
    caller::Caller,
    db::Tx,
    problem::{FORBIDDEN, FormProblems, Outcome},
    scope::ScopePath,
};

use super::{
    super::{
        ENTER, LOCKED, WRITTEN_AT_POINT,
        catalogue::{self, Catalogue},
    },
    Closed, Which, asked, begun, closed,
};
use crate::store::submissions::{self, StepRow, Submission};

/// Most characters of a paper's number.
const PAPER_MOST: usize = 100;
/// The step that says that a report is typed in for its unit.
pub const BEHALF: &str = "behalf";

/// True when the person holds the permission at the unit itself, or works where the unit's own people work.
pub(super) fn is_of_unit(app: &App, caller: &Caller, path: &ScopePath) -> bool {
    app.role == NodeRole::Point
        || caller.is_system()
        || caller.scopes_for(&ENTER).any(|scope| scope == path)
}

/// A paper's number as it is kept; refused when it cannot be one.
pub fn paper_number(typed: &str) -> Outcome<String> {
    let paper: String = kernel::text::tidy(typed);
    let mut wrong = FormProblems::new();
    let long = paper.chars().count();
    wrong.require((3..=PAPER_MOST).contains(&long), "paper", "reporting-behalf-needs-paper");
    wrong.check()?;
    Ok(paper)
}

/// Says that a report is typed in for its unit, and from which paper: before anything is typed.
pub async fn on_behalf(app: &App, caller: &Caller, which: &Which, paper: &str) -> Outcome<()> {
    caller.must_somewhere(&ENTER)?;
    let paper = paper_number(paper)?;
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| match say(tx, app, caller, &catalogue, which, &paper).await? {
            None => Ok(()),
            Some(Closed::Locked) => Err((&LOCKED).into()),
            Some(Closed::AtPoint) => Err((&WRITTEN_AT_POINT).into()),
            Some(_) => Err((&FORBIDDEN).into()),
        })
        .await
}

/// Says it of a report that stands open but for that; gives back what else keeps it closed, or that nothing did.
pub(crate) async fn say(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue,
    which: &Which,
    paper: &str,
) -> Outcome<Option<Closed>> {
    let known = submissions::find(tx, &which.id()).await?;
    let asked = asked(tx, catalogue, which, known.as_ref()).await?;
    caller.must(&ENTER, &asked.authority)?;
    match closed(tx, app, caller, &asked.authority, known.as_ref()).await? {
        Some(Closed::OfUnit) => {}
        Some(other) => return Ok(Some(other)),
        None => return Ok(Some(Closed::NotYours)),
    }
    let one = match known {
        Some(known) => known,
        None => begun(tx, which, &asked).await?,
    };
    let by = caller.who().map(|person| person.name.clone()).unwrap_or_default();
    let row = StepRow {
        no: 0,
        step: BEHALF.to_owned(),
        revision: one.revision,
        by_account: caller.id().to_owned(),
        by_name: by.clone(),
        at: tx.now(),
        note: paper.to_owned(),
        doubts: None,
    };
    submissions::note_step(tx, &one.id, &row).await?;
    let after = Submission { behalf: Some((paper.to_owned(), by)), changed_at: tx.now(), ..one };
    submissions::put(tx, &after).await?;
    audit(tx, caller, "reporting.on-behalf", after.id.as_str(), paper).await?;
    Ok(None)
}
