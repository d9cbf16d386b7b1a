//! Entry: opening a report, typing figures, words and rows into it, settling what two people typed at once.

mod behalf;
mod estimate;
mod moving;
mod past;
mod saving;
mod settling;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{Area, AreaId};
use kernel::{
    app::{App, NodeRole},
    caller::Caller,
    clock::Timestamp,
    db::Tx,
    events::Doing,
    problem::{FORBIDDEN, OrMissing, Outcome},
    scope::ScopePath,
};

use super::{
    ENTER, LOCKED, NOT_THEN, OF_UNIT, PERIOD_NOT_FOUND, SEE, WRITTEN_AT_POINT,
    catalogue::{self, Catalogue},
    check,
    figures::{Ground, Pen},
    map, problem,
    steps::Filled,
    travelling,
    usual::Usual,
};
use crate::{
    model::{
        CellKey, CellState, Dataset, DatasetId, Life, Period, SubmissionId, Tier, form::Form,
        outlier::Typical, submission::State,
    },
    store::{
        conflicts::{self, Conflict},
        numbers,
        remarks::{self, Remark},
        submissions::{self, Submission},
        travelling::Sent,
        values::{self, Spot},
        words::{self, Attachment, GrowingRow, Narrative},
    },
};

pub(crate) use behalf::say as say_on_behalf;
pub use behalf::{BEHALF, on_behalf, paper_number};
pub use estimate::{Estimate, NO_ESTIMATED_ROWS, ROWS_THERE, take_rows};
pub use moving::{Crossing, MOVED, Moved, NOTHING_TO_MOVE_TO, crossing, offered, take_over};
pub use past::{history, past_words, seen};
pub use saving::{Changes, RowBecame, RowEdit, Saved, WordsBecame, is_cell, save};
pub(crate) use saving::{Opened, save_in, save_into};
pub use settling::{Beheld, settle};

/// Asks whether a commune's reports are written at its own point: then this hub only reads them. Answered by
/// the house that knows the points.
pub struct WrittenElsewhere(pub for<'a> fn(&'a mut Tx, &'a ScopePath) -> Doing<'a, bool>);

/// The largest amount a cell takes, in its element's smallest step. Ten thousand such amounts still fit a sum.
pub const AMOUNT_MOST: i64 = 100_000_000_000_000;
/// Most cells in one save: a block pasted from a spreadsheet.
pub const EDITS_MOST: usize = 20_000;
/// Most characters of a reason.
pub const REASON_MOST: usize = 300;

/// Which report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// The data set.
    pub dataset: DatasetId,
    /// The period's id.
    pub period: String,
    /// The life of the figures.
    pub life: Life,
    /// Whose.
    pub area: AreaId,
}

impl Which {
    /// The report's id, the same on every node: one area owes one report for a period.
    pub fn id(&self) -> SubmissionId {
        let life = if self.life == Life::Estimate { "e" } else { "f" };
        let text = format!("{}.{}.{}.{life}", self.dataset, self.period, self.area);
        kernel::ids::Id::from_text(text)
    }
}

impl From<&Submission> for Which {
    fn from(one: &Submission) -> Self {
        Self {
            dataset: one.dataset.clone(),
            period: one.period.clone(),
            life: one.life,
            area: one.area.clone(),
        }
    }
}

/// Everything about a report that was asked for and may be: what its form, its period and its unit are.
pub struct Asked<'c> {
    /// The data set.
    pub dataset: &'c Dataset,
    /// The form it is, or would be, filled in with.
    pub form: &'c Form,
    /// The period.
    pub period: Period,
    /// The unit as it was in the period.
    pub area: Area,
    /// The place that has authority over its papers today.
    pub authority: ScopePath,
}

/// Finds what is asked for, or 404; a unit that did not exist in the period is told apart.
pub async fn asked<'c>(
    tx: &mut Tx,
    catalogue: &'c Catalogue,
    which: &Which,
    known: Option<&Submission>,
) -> Outcome<Asked<'c>> {
    let dataset = catalogue.dataset(&which.dataset)?;
    let period = catalogue.period(dataset, &which.period)?;
    if !dataset.lives().contains(&which.life) {
        return Err((&PERIOD_NOT_FOUND).into());
    }
    let form = match known {
        Some(known) => catalogue.form_of(&which.dataset, known.form_version)?,
        None => catalogue.form(&which.dataset)?,
    };
    let last = period.until.plus_days(-1);
    let life = areas::life(tx, &which.area).await?.or_missing(&areas::NOT_FOUND)?;
    if life.ended_on <= period.from || life.born_on >= period.until {
        return Err(problem(&NOT_THEN, "period", period.within_vi()));
    }
    // The day of the period on which the unit is best looked at: its last one in it.
    let day = last.min(life.ended_on.plus_days(-1)).max(life.born_on);
    let area = areas::find_at(tx, &which.area, day).await?.or_missing(&areas::NOT_FOUND)?;
    if dataset.tier != tier_of(&area) {
        return Err((&areas::NOT_FOUND).into());
    }
    let authority = map::authority(tx, &which.area).await?.unwrap_or_else(|| area.path.clone());
    Ok(Asked { dataset, form, period, area, authority })
}

/// The tier whose unit an area is.
pub fn tier_of(area: &Area) -> Tier {
    match area.level {
        areas::AreaLevel::Country => Tier::Ministry,
        areas::AreaLevel::Province => Tier::Province,
        _ => Tier::Commune,
    }
}

/// Why figures may not be typed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Signed, or with the tier above.
    Locked,
    /// Written at the commune's own point.
    AtPoint,
    /// The person may only read.
    NotYours,
    /// The person stands above the unit, and has not said from which paper they type in for it.
    OfUnit,
}

/// A report as it is shown.
pub struct Sheet {
    /// The report; none before anything was typed.
    pub submission: Option<Submission>,
    /// The form's version.
    pub form_version: u32,
    /// The unit.
    pub area: Area,
    /// The place that has authority over it today.
    pub authority: ScopePath,
    /// The period.
    pub period: Period,
    /// What stands in the cells.
    pub held: HashMap<CellKey, values::Held>,
    /// What stood in them one period before, and one year before that period's end.
    pub before: HashMap<CellKey, CellState>,
    /// The versions of cells that were changed before, also of those that are empty now.
    pub past: HashMap<CellKey, i64>,
    /// What the cells usually hold.
    pub usual: BTreeMap<CellKey, Typical>,
    /// What the estimate of the same period says, beside a final report; nothing beside any other.
    pub estimate: Estimate,
    /// What waits for somebody to choose.
    pub conflicts: Vec<Conflict>,
    /// Remarks.
    pub remarks: Vec<Remark>,
    /// Narratives by section.
    pub narratives: Vec<Narrative>,
    /// Rows of growing tables.
    pub rows: Vec<GrowingRow>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Hashes of those that never came whole, however often they were asked for.
    pub lost_files: BTreeSet<String>,
    /// Why figures may not be typed; none when they may.
    pub closed: Option<Closed>,
    /// The data set's number as an owner; 0 before it owns anything.
    pub owner: i64,
}

impl Sheet {
    /// The version that somebody who types into a cell now has seen.
    pub fn version(&self, key: &CellKey) -> i64 {
        let past = self.past.get(key).copied().unwrap_or(0);
        self.held.get(key).map_or(past, |held| held.version)
    }

    /// When something was last saved into it; none when nothing was.
    pub fn saved_at(&self) -> Option<Timestamp> {
        self.submission.as_ref().and_then(|one| one.saved_at)
    }

    /// Remarks on its cells that nobody answered.
    pub fn unanswered(&self) -> impl Iterator<Item = &Remark> {
        self.remarks.iter().filter(|one| one.waits_at_a_cell())
    }

    /// What stands in it that cannot stand in a report that says that nothing occurred.
    pub fn filled(&self) -> Filled {
        let own = self.held.values().filter(|held| held.owner == self.owner);
        Filled::count(own.map(|held| &held.state), self.conflicts.len(), self.rows.len())
    }

    /// The states of its cells.
    pub fn states(&self) -> HashMap<CellKey, CellState> {
        self.held.iter().map(|(key, held)| (key.clone(), held.state.clone())).collect()
    }

    /// The form's version and where it stands; a report that nobody began is a draft.
    pub fn state(&self) -> State {
        self.submission.as_ref().map_or(State::Draft, |one| one.state)
    }
}

/// Reads a report for showing.
pub async fn open(
    app: &App,
    caller: &Caller,
    which: &Which,
) -> Outcome<(std::sync::Arc<Catalogue>, Sheet)> {
    let catalogue = catalogue::current(app).await?;
    let sheet = app
        .db
        .view(async |tx| {
            let submission = submissions::find(tx, &which.id()).await?;
            let asked = asked(tx, &catalogue, which, submission.as_ref()).await?;
            caller.must(&SEE, &asked.authority)?;
            let closed = closed(tx, app, caller, &asked.authority, submission.as_ref()).await?;
            let owner = numbers::owner_no_known(tx, which.dataset.as_str()).await?.unwrap_or(0);
            let (mut held, mut before) = (HashMap::new(), HashMap::new());
            let mut waiting = Vec::new();
            let (mut past, mut usual) = (HashMap::new(), BTreeMap::new());
            if let Some(place) = numbers::known_place(tx, &which.area).await? {
                if let Some(no) = numbers::known_period(tx, &which.period).await? {
                    let spot = Spot { period: no, place: place.no, life: which.life };
                    held = values::of_spot(tx, spot).await?;
                    let all = conflicts::of_spot(tx, spot).await?;
                    waiting = check::of_form(all, asked.form, &held, owner);
                    past = values::past_versions(tx, spot).await?;
                }
                let of_form = Usual::of(tx, asked.form, &asked.period, which.life).await?;
                usual = of_form.typical_at(tx, place.no).await?;
                if let Some(previous) = asked.period.previous() {
                    before = figures_of(tx, place.no, &previous, which.life).await?;
                }
            }
            let id = which.id();
            let attachments = words::attachments(tx, &id).await?;
            let estimate = Estimate::beside(tx, which, asked.dataset).await?;
            Ok(Sheet {
                form_version: asked.form.version,
                area: asked.area,
                authority: asked.authority,
                period: asked.period,
                held,
                before,
                past,
                usual,
                estimate,
                conflicts: waiting,
                remarks: remarks::of(tx, &id).await?,
                narratives: words::narratives(tx, &id).await?,
                rows: words::rows(tx, &id).await?,
                lost_files: lost(tx, submission.as_ref(), &attachments).await?,
                attachments,
                closed,
                owner,
                submission,
            })
        })
        .await?;
    Ok((catalogue, sheet))
}

/// The files that were asked for again and again in vain.
async fn lost(
    tx: &mut Tx,
    submission: Option<&Submission>,
    attachments: &[Attachment],
) -> Outcome<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    let Some(Submission { origin, .. }) = submission else { return Ok(all) };
    for one in attachments.iter().filter(|one| one.media_type.is_empty()) {
        if travelling::is_lost(tx, Sent { file: &one.file, origin }).await? {
            all.insert(one.file.clone());
        }
    }
    Ok(all)
}

/// The figures of a place in another period.
async fn figures_of(
    tx: &mut Tx,
    place: i64,
    period: &Period,
    life: Life,
) -> Outcome<HashMap<CellKey, CellState>> {
    let Some(no) = numbers::known_period(tx, period.id()).await? else {
        return Ok(HashMap::new());
    };
    let held = values::of_spot(tx, Spot { period: no, place, life }).await?;
    Ok(held.into_iter().map(|(key, held)| (key, held.state)).collect())
}

/// Why this person may not type into this report now.
async fn closed(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    path: &ScopePath,
    submission: Option<&Submission>,
) -> Outcome<Option<Closed>> {
    if !caller.may(&ENTER, path) {
        return Ok(Some(Closed::NotYours));
    }
    if written_elsewhere(tx, app, path, submission).await? {
        return Ok(Some(Closed::AtPoint));
    }
    let state = submission.map_or(State::Draft, |one| one.state);
    if !state.is_open() {
        return Ok(Some(Closed::Locked));
    }
    let said = submission.is_some_and(|one| one.behalf.is_some());
    Ok((!said && !behalf::is_of_unit(app, caller, path)).then_some(Closed::OfUnit))
}

/// True when a commune's reports are written at its own point and this node only reads them.
pub async fn written_elsewhere(
    tx: &mut Tx,
    app: &App,
    path: &ScopePath,
    submission: Option<&Submission>,
) -> Outcome<bool> {
    if submission.is_some_and(|one| !one.origin.is_empty()) {
        return Ok(true);
    }
    match app.port::<WrittenElsewhere>() {
        Some(WrittenElsewhere(ask)) if app.role == NodeRole::Hub => ask(tx, path).await,
        _ => Ok(false),
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
    if known.is_none() && asked.period.from > tx.now().day() {
        return Err((&PERIOD_NOT_FOUND).into());
    }
    match closed(tx, app, caller, &asked.authority, known.as_ref()).await? {
        Some(Closed::Locked) => return Err((&LOCKED).into()),
        Some(Closed::AtPoint) => return Err((&WRITTEN_AT_POINT).into()),
        Some(Closed::NotYours) => return Err((&FORBIDDEN).into()),
        Some(Closed::OfUnit) => return Err((&OF_UNIT).into()),
        None => {}
    }
    match known {
        Some(known) => Ok(known),
        None => begun(tx, which, asked).await,
    }
}

/// A report that nobody has typed into yet.
async fn begun(tx: &mut Tx, which: &Which, asked: &Asked<'_>) -> Outcome<Submission> {
    let now = tx.now();
    let one = Submission {
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
    };
    submissions::put(tx, &one).await?;
    Ok(one)
}

/// Notes that something was saved into a report.
pub(crate) async fn note_saved(tx: &mut Tx, one: Submission) -> Outcome<()> {
    let now = tx.now();
    let after = Submission { changed_at: now, saved_at: Some(now), ..one };
    Ok(submissions::put(tx, &after).await?)
}

/// The ground of a report.
pub(crate) async fn ground(tx: &mut Tx, which: &Which, asked: &Asked<'_>) -> Outcome<Ground> {
    let place = map::place(tx, &which.area, &asked.authority).await?;
    let period = numbers::period_no(tx, &asked.period).await?;
    let spot = Spot { period, place: place.no, life: which.life };
    Ground::read(tx, spot, asked.period.last_day()).await
}

/// The pen of whoever writes now.
pub(crate) async fn pen(tx: &mut Tx, caller: &Caller, which: &Which) -> Outcome<Pen> {
    let name = caller.who().map_or("", |person| person.name.as_str());
    let author = numbers::author_no(tx, caller.id(), name).await?;
    let owner = numbers::owner_no(tx, which.dataset.as_str()).await?;
    Ok(Pen { owner, author, at: tx.now() })
}
