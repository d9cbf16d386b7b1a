//! Who may write a report now, and a report that is begun.

use std::collections::HashSet;

use kernel::{
    app::{App, NodeRole},
    caller::Caller,
    clock::{Day, Timestamp},
    db::Tx,
    events::Doing,
    problem::{FORBIDDEN, Outcome},
    scope::ScopePath,
};

use super::{
    super::{ENTER, LOCKED, OF_UNIT, PERIOD_NOT_FOUND, WRITTEN_AT_POINT, catalogue::Catalogue},
    Asked, Closed, Which, asked, behalf,
};
use crate::{
    model::{Tier, submission::State},
    store::submissions::{self, Submission},
};

/// Asks which of some places write their reports at a point of their own: this hub only reads those. Answered by the
/// house that knows the points.
pub struct WrittenElsewhere(
    pub for<'a> fn(&'a mut Tx, &'a [ScopePath]) -> Doing<'a, HashSet<ScopePath>>,
);

/// Why this person may not type into this report now.
pub(super) async fn closed(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    path: &ScopePath,
    submission: Option<&Submission>,
) -> Outcome<Option<Closed>> {
    let may = caller.may(&ENTER, path);
    let elsewhere = may && written_elsewhere(tx, app, path, submission).await?;
    Ok(closed_where(app, caller, path, submission, elsewhere))
}

/// The same once it is known whether the report is written elsewhere.
fn closed_where(
    app: &App,
    caller: &Caller,
    path: &ScopePath,
    submission: Option<&Submission>,
    elsewhere: bool,
) -> Option<Closed> {
    if !caller.may(&ENTER, path) {
        return Some(Closed::NotYours);
    }
    if elsewhere {
        return Some(Closed::AtPoint);
    }
    let state = submission.map_or(State::Draft, |one| one.state);
    if !state.is_open() {
        return Some(Closed::Locked);
    }
    let said = submission.is_some_and(|one| one.behalf.is_some());
    (!said && !behalf::is_of_unit(app, caller, path)).then_some(Closed::OfUnit)
}

/// True when a commune's reports are written at its own point and this node only reads them.
pub async fn written_elsewhere(
    tx: &mut Tx,
    app: &App,
    path: &ScopePath,
    submission: Option<&Submission>,
) -> Outcome<bool> {
    if came_from_elsewhere(submission) {
        return Ok(true);
    }
    let places = std::slice::from_ref(path);
    Ok(!with_points(tx, app, places).await?.is_empty())
}

fn came_from_elsewhere(submission: Option<&Submission>) -> bool {
    submission.is_some_and(|one| !one.origin.is_empty())
}

/// Those of these places whose reports are written at a point of their own and that this node only reads.
async fn with_points(tx: &mut Tx, app: &App, places: &[ScopePath]) -> Outcome<HashSet<ScopePath>> {
    match app.port::<WrittenElsewhere>() {
        Some(WrittenElsewhere(ask)) if app.role == NodeRole::Hub => ask(tx, places).await,
        _ => Ok(HashSet::new()),
    }
}

/// Finds a report for writing: begun when it is not there, open again when it was given back.
pub(crate) async fn for_writing<'c>(
    tx: &mut Tx,
    app: &App,
    catalogue: &'c Catalogue,
    caller: &Caller,
    which: &Which,
) -> Outcome<(Submission, Asked<'c>)> {
    let known = submissions::find(tx, &which.id()).await?;
    let asked = asked(tx, catalogue, which, known.as_ref()).await?;
    let submission = opened(tx, app, caller, which, (known, &asked)).await?;
    Ok((submission, asked))
}

/// The same with the report, if it was begun, and what is asked for at hand.
pub(crate) async fn opened(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    which: &Which,
    (known, asked): (Option<Submission>, &Asked<'_>),
) -> Outcome<Submission> {
    caller.must(&ENTER, &asked.authority)?;
    let elsewhere = written_elsewhere(tx, app, &asked.authority, known.as_ref()).await?;
    may_write(app, caller, (known.as_ref(), asked), elsewhere, tx.now().day())?;
    match known {
        Some(known) => Ok(known),
        None => begun(tx, which, asked).await,
    }
}

/// A report that may be written by whoever asks, or that nobody began and they may begin; one of many.
pub(crate) type Wanted<'a> = (&'a Caller, Option<&'a Submission>, &'a Asked<'a>);

/// Whether each of these may be written by whoever asks, in their order.
pub(crate) async fn may_write_many(
    tx: &mut Tx,
    app: &App,
    wanted: &[Wanted<'_>],
) -> Outcome<Vec<bool>> {
    let places: Vec<ScopePath> =
        wanted.iter().map(|(_, _, asked)| asked.authority.clone()).collect();
    let with_points = with_points(tx, app, &places).await?;
    let today = tx.now().day();
    let may = |(caller, known, asked): &Wanted<'_>| {
        let elsewhere = came_from_elsewhere(*known) || with_points.contains(&asked.authority);
        may_write(app, caller, (*known, asked), elsewhere, today).is_ok()
    };
    Ok(wanted.iter().map(may).collect())
}

/// Refuses whoever may not write a report, or begin it.
fn may_write(
    app: &App,
    caller: &Caller,
    (known, asked): (Option<&Submission>, &Asked<'_>),
    elsewhere: bool,
    today: Day,
) -> Outcome<()> {
    caller.must(&ENTER, &asked.authority)?;
    if known.is_none() && asked.period.from > today {
        return Err((&PERIOD_NOT_FOUND).into());
    }
    match closed_where(app, caller, &asked.authority, known, elsewhere) {
        Some(Closed::Locked) => Err((&LOCKED).into()),
        Some(Closed::AtPoint) => Err((&WRITTEN_AT_POINT).into()),
        Some(Closed::NotYours) => Err((&FORBIDDEN).into()),
        Some(Closed::OfUnit) => Err((&OF_UNIT).into()),
        None => Ok(()),
    }
}

/// Begins a report.
pub(super) async fn begun(tx: &mut Tx, which: &Which, asked: &Asked<'_>) -> Outcome<Submission> {
    let one = fresh(tx.now(), which, asked);
    submissions::put(tx, &one).await?;
    Ok(one)
}

/// A report that nobody has typed into yet.
pub(crate) fn fresh(now: Timestamp, which: &Which, asked: &Asked<'_>) -> Submission {
    Submission {
        id: which.id(),
        dataset: which.dataset.clone(),
        form_version: asked.form.version,
        area: which.area.clone(),
        path: asked.authority.clone(),
        period: which.period.clone(),
        life: which.life,
        tier: match asked.dataset.tier {
            Tier::Commune => "commune",
            Tier::Province => "province",
            Tier::Ministry => "ministry",
        }
        .to_owned(),
        state: State::Draft,
        revision: 1,
        nil: false,
        nil_reason: String::new(),
        late_reason: String::new(),
        origin: String::new(),
        certified: None,
        submitted: None,
        accepted: None,
        approved: None,
        created_at: now,
        changed_at: now,
        saved_at: None,
        behalf: None,
    }
}

/// Notes that something was saved into a report.
pub(crate) async fn note_saved(tx: &mut Tx, one: Submission) -> Outcome<()> {
    let after = saved(tx.now(), one);
    Ok(submissions::put(tx, &after).await?)
}

/// A report into which something was saved.
pub(crate) fn saved(now: Timestamp, one: Submission) -> Submission {
    Submission { changed_at: now, saved_at: Some(now), ..one }
}
