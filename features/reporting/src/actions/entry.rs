//! Entry: opening a report, typing figures, words and rows into it, settling what two people typed at once.

mod asked;
mod behalf;
mod estimate;
mod moving;
mod past;
mod saving;
mod settling;
mod writing;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{Area, AreaId};
use kernel::{
    app::App,
    caller::Caller,
    clock::Timestamp,
    db::{DbError, Tx},
    problem::Outcome,
    scope::ScopePath,
};

use super::{
    SEE,
    catalogue::{self, Catalogue},
    check,
    figures::{Ground, Pen},
    map,
    steps::Filled,
    travelling,
    usual::Usual,
};
use crate::{
    model::{
        CellKey, CellState, DatasetId, Life, Period, SubmissionId, outlier::Typical,
        submission::State,
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

pub(crate) use asked::asked_many;
pub use asked::{Asked, asked, tier_of};
pub(crate) use behalf::say as say_on_behalf;
pub use behalf::{BEHALF, on_behalf, paper_number};
pub use estimate::{Estimate, NO_ESTIMATED_ROWS, ROWS_THERE, take_rows};
pub use moving::{Crossing, MOVED, Moved, NOTHING_TO_MOVE_TO, crossing, offered, take_over};
pub use past::{history, past_words, seen};
pub use saving::{Changes, RowBecame, RowEdit, Saved, WordsBecame, is_cell, save};
pub(crate) use saving::{Opened, checked, save_in, save_into};
pub use settling::{Beheld, settle};
pub(crate) use writing::{Wanted, for_writing, fresh, may_write_many, note_saved, opened, saved};
pub use writing::{WrittenElsewhere, written_elsewhere};
use writing::{begun, closed};

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

/// The ground of a report.
pub(crate) async fn ground(tx: &mut Tx, which: &Which, asked: &Asked<'_>) -> Outcome<Ground> {
    let all = grounds(tx, &[(which, asked)]).await?;
    all.into_iter().next().ok_or_else(|| DbError::NoRow.into())
}

/// The grounds of reports, each of which is asked for once; in their order.
pub(crate) async fn grounds(tx: &mut Tx, wanted: &[(&Which, &Asked<'_>)]) -> Outcome<Vec<Ground>> {
    let areas: Vec<(AreaId, ScopePath)> =
        wanted.iter().map(|(which, asked)| (which.area.clone(), asked.authority.clone())).collect();
    let places = map::places(tx, &areas).await?;
    let mut spots = Vec::with_capacity(wanted.len());
    for (which, asked) in wanted {
        let place = places.get(&which.area).ok_or(DbError::NoRow)?.no;
        let period = numbers::period_no(tx, &asked.period).await?;
        spots.push((Spot { period, place, life: which.life }, asked.period.last_day()));
    }
    Ground::read_many(tx, &spots).await
}

/// The pen of whoever writes now.
pub(crate) async fn pen(tx: &mut Tx, caller: &Caller, which: &Which) -> Outcome<Pen> {
    let name = caller.who().map_or("", |person| person.name.as_str());
    let author = numbers::author_no(tx, caller.id(), name).await?;
    let owner = numbers::owner_no(tx, which.dataset.as_str()).await?;
    Ok(Pen { owner, author, at: tx.now() })
}
