//! Consolidation: the sums over the reports that were taken or approved under an area, closed as an
//! unchanging copy, approved by another person, and compared with how things stand now.
//!
//! Sums are never written back as figures of the area: live counts add every figure below a province, and
//! would count them twice. What only the province knows, its own report says.

use std::collections::{BTreeMap, BTreeSet};

use areas::{Area, AreaId, view::Law};
use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    clock::Timestamp,
    db::Tx,
    problem::{CONFLICT, Failure, FormProblems, OrMissing, Outcome, ProblemKind},
};
use serde::{Deserialize, Serialize};

use super::{
    APPROVE, OWN_WORK, REVIEW, SEE, SUBMISSION_NOT_FOUND,
    catalogue::{self, Catalogue},
    content::Content,
    map,
};
use crate::{
    model::{
        Capacity, CellKey, ConsolidationId, Coords, DatasetId, Life, Period,
        submission::{State, WRONG_STATE},
    },
    store::{
        consolidations::{self as store, Consolidation},
        numbers, obligations,
        submissions::{self, Signed, Submission},
    },
};

/// Nothing was taken or approved yet that could be summed up.
pub static NOTHING_TO_SUM: ProblemKind =
    ProblemKind { code: "reporting-nothing-to-sum", status: 422 };

/// The sum of one cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// The cell as text.
    #[serde(rename = "c")]
    pub cell: String,
    /// The sum; none for what cannot be added.
    #[serde(rename = "s")]
    pub sum: Option<i64>,
    /// Reports with an amount in it.
    #[serde(rename = "n")]
    pub count: i64,
    /// Reports that say they have no data.
    #[serde(rename = "d")]
    pub no_data: i64,
}

/// A report that is in the sums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Included {
    /// Whose.
    #[serde(rename = "a")]
    pub area: String,
    /// Its name at the moment.
    #[serde(rename = "n")]
    pub name: String,
    /// Its revision.
    #[serde(rename = "r")]
    pub revision: i64,
    /// True when that revision was approved, false when it was taken.
    #[serde(rename = "p")]
    pub approved: bool,
    /// When it was handed in, in milliseconds since 1970.
    #[serde(rename = "t")]
    pub at: i64,
}

/// Sums over reports as they stood at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The data set's code.
    #[serde(rename = "d")]
    pub dataset: String,
    /// The period's id.
    #[serde(rename = "p")]
    pub period: String,
    /// The life of the figures.
    #[serde(rename = "l")]
    pub life: Life,
    /// The area's id.
    #[serde(rename = "a")]
    pub area: String,
    /// The moment, in milliseconds since 1970.
    #[serde(rename = "m")]
    pub as_of: i64,
    /// The sums, in the order of cells.
    #[serde(rename = "s")]
    pub sums: Vec<Sum>,
    /// The reports in them, by the ids of areas: copies that say the same are the same, whatever places are called.
    #[serde(rename = "i")]
    pub included: Vec<Included>,
    /// Units whose report is owed and not among them: id, name.
    #[serde(rename = "x")]
    pub missing: Vec<(String, String)>,
}

impl Summary {
    /// How many reports are owed.
    pub fn expected(&self) -> usize {
        self.included.len() + self.missing.len()
    }

    /// True when both say the same, whenever they were made.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.sums == other.sums && self.included == other.included && self.missing == other.missing
    }

    /// Reads a closed copy; `None` for what this program could not have written.
    pub fn decode(body: &[u8]) -> Option<Self> {
        ciborium::from_reader(body).ok()
    }

    fn encode(&self) -> Outcome<Vec<u8>> {
        let mut body = Vec::new();
        ciborium::into_writer(self, &mut body)
            .map_err(|error| Failure::fault("write a consolidation", error))?;
        Ok(body)
    }
}

impl Sum {
    /// The sum to be shown, or the key of the words why there is none. Nothing added up is no zero.
    pub fn shown(&self) -> Result<i64, &'static str> {
        match self.sum {
            None => Err("reporting-not-added"),
            Some(_) if self.count == 0 => Err("reporting-no-sum"),
            Some(sum) => Ok(sum),
        }
    }
}

/// What changed between two summaries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Cells whose sum differs: cell, then, now.
    pub cells: Vec<(String, Option<i64>, Option<i64>)>,
    /// Reports that came, went or were corrected.
    pub reports: Vec<Corrected>,
}

/// A report of which a copy and a later summary hold different revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// Whose, as an id.
    pub area: String,
    /// Its name.
    pub name: String,
    /// The revision in the copy; none when it was not in it.
    pub then: Option<i64>,
    /// The revision now; none when it is not in it any more.
    pub now: Option<i64>,
}

/// Compares a closed copy with a later summary.
pub fn differences(then: &Summary, now: &Summary) -> Differences {
    let sums = |of: &Summary| -> BTreeMap<String, Option<i64>> {
        of.sums.iter().map(|sum| (sum.cell.clone(), sum.sum)).collect()
    };
    let reports = |of: &Summary| -> BTreeMap<String, (String, i64)> {
        let read = |one: &Included| (one.area.clone(), (one.name.clone(), one.revision));
        of.included.iter().map(read).collect()
    };
    let (before, after) = (sums(then), sums(now));
    let cells: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let cells = cells
        .into_iter()
        .filter(|cell| before.get(*cell) != after.get(*cell))
        .map(|cell| {
            let of = |all: &BTreeMap<String, Option<i64>>| all.get(cell).copied().flatten();
            (cell.clone(), of(&before), of(&after))
        })
        .collect();
    let (before, after) = (reports(then), reports(now));
    let units: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let reports = units
        .into_iter()
        .filter(|unit| before.get(*unit).map(|one| one.1) != after.get(*unit).map(|one| one.1))
        .map(|unit| {
            let (then, now) = (before.get(unit), after.get(unit));
            Corrected {
                area: unit.clone(),
                name: now.or(then).map(|one| one.0.clone()).unwrap_or_default(),
                then: then.map(|one| one.1),
                now: now.map(|one| one.1),
            }
        })
        .collect();
    Differences { cells, reports }
}

/// Which consolidation.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The data set.
    pub dataset: DatasetId,
    /// The period.
    pub period: Period,
    /// The life of the figures.
    pub life: Life,
}

impl Wanted {
    fn key(&self) -> (&str, &str, Life) {
        (self.dataset.as_str(), self.period.id(), self.life)
    }
}

/// Sums up the reports under an area as they stand. A report that is being corrected counts as it was
/// approved last.
pub async fn sum_up(
    tx: &mut Tx,
    catalogue: &Catalogue,
    wanted: &Wanted,
    area: &Area,
) -> Outcome<Summary> {
    let (dataset, period, life) = wanted.key();
    let known = submissions::under(tx, &area.path, dataset, period, life).await?;
    let owed = obligations::under(tx, &area.path, dataset, period, life).await?;
    // The area's own report, where its tier is the one that reports, is among what lies under it.
    let units: BTreeSet<AreaId> = owed
        .iter()
        .map(|one| one.area.clone())
        .chain(known.iter().map(|one| one.area.clone()))
        .collect();
    let names = areas::find_many(tx, &units).await?;
    let name = |id: &AreaId| names.get(id).map_or_else(|| id.to_string(), Area::title);
    let mut adder = Adder::default();
    let mut included = Vec::new();
    let mut standing: Vec<&Submission> = Vec::new();
    for one in &known {
        let approved_before = || one.approved.is_some() && one.state != State::Approved;
        if matches!(one.state, State::Accepted | State::Approved) {
            standing.push(one);
            included.push(of(one, name(&one.area), one.revision, one.state == State::Approved));
        } else if approved_before() {
            let copies = submissions::snapshots(tx, &one.id).await?;
            let Some(copy) = copies.into_iter().find(|copy| copy.occasion == "approved") else {
                continue;
            };
            let Some(content) = Content::decode(&copy.body) else { continue };
            for (key, state) in content.cells() {
                adder.add(key, state.code(), state.amount());
            }
            included.push(of(one, name(&one.area), copy.revision, true));
        }
    }
    add_standing(tx, wanted, &standing, &mut adder).await?;
    included.sort_by(|a, b| a.area.cmp(&b.area));
    let there: BTreeSet<&str> = included.iter().map(|one| one.area.as_str()).collect();
    let missing = owed
        .iter()
        .filter(|one| one.is_owed() && !there.contains(one.area.as_str()))
        .map(|one| (one.area.to_string(), name(&one.area)))
        .collect();
    Ok(Summary {
        dataset: dataset.to_owned(),
        period: period.to_owned(),
        life,
        area: area.id.to_string(),
        as_of: tx.now().millis(),
        sums: adder.sums(catalogue),
        missing,
        included,
    })
}

fn of(one: &Submission, name: String, revision: i64, approved: bool) -> Included {
    let at = one.submitted.as_ref().map_or(one.changed_at, |signed| signed.at).millis();
    // A correction that is under way must not look like news about what was approved.
    let at =
        if approved { one.approved.as_ref().map_or(at, |signed| signed.at.millis()) } else { at };
    Included { area: one.area.to_string(), name, revision, approved, at }
}

async fn add_standing(
    tx: &mut Tx,
    wanted: &Wanted,
    standing: &[&Submission],
    adder: &mut Adder,
) -> Outcome<()> {
    let period = numbers::known_period(tx, wanted.period.id()).await?;
    let owner = numbers::owner_no_known(tx, wanted.dataset.as_str()).await?;
    let (Some(period), Some(owner)) = (period, owner) else { return Ok(()) };
    let wanted_areas: BTreeSet<&AreaId> = standing.iter().map(|one| &one.area).collect();
    let mut places: Vec<i64> = numbers::places(tx)
        .await?
        .into_values()
        .filter(|place| wanted_areas.contains(&place.area))
        .map(|place| place.no)
        .collect();
    places.sort_unstable();
    for row in store::figures(tx, period, wanted.life, owner, &places).await? {
        let Some(coords) = Coords::parse(&row.coords) else { continue };
        let key = CellKey { element: row.element, coords };
        let amount = if row.state == 1 { Some(0) } else { row.amount.filter(|_| row.state == 0) };
        adder.add(key, row.state, amount);
    }
    Ok(())
}

#[derive(Default)]
struct Adder(BTreeMap<CellKey, (i64, i64, i64)>);

impl Adder {
    fn add(&mut self, key: CellKey, state: i64, amount: Option<i64>) {
        let (sum, count, no_data) = self.0.entry(key).or_default();
        *sum = sum.saturating_add(amount.unwrap_or(0));
        *count += i64::from(amount.is_some());
        *no_data += i64::from(state == 2);
    }

    fn sums(self, catalogue: &Catalogue) -> Vec<Sum> {
        let adds = |key: &CellKey| {
            let element = catalogue.elements.get(&key.element);
            element.is_some_and(|element| matches!(element.law, Law::Additive | Law::Stock))
        };
        let sum = |(key, (sum, count, no_data)): (CellKey, (i64, i64, i64))| Sum {
            sum: adds(&key).then_some(sum),
            cell: key.text(),
            count,
            no_data,
        };
        self.0.into_iter().map(sum).collect()
    }
}

/// Closes a consolidation: keeps what stands now. What says the same as the newest one is that one.
pub async fn close(
    app: &App,
    caller: &Caller,
    wanted: &Wanted,
    area: &AreaId,
) -> Outcome<Consolidation> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| {
            let area = areas::find(tx, area).await?.or_missing(&areas::NOT_FOUND)?;
            map::must(tx, caller, &REVIEW, &area).await?;
            catalogue.dataset(&wanted.dataset)?;
            let summary = sum_up(tx, &catalogue, wanted, &area).await?;
            if summary.included.is_empty() {
                return Err((&NOTHING_TO_SUM).into());
            }
            let known = store::of_area(tx, wanted.key(), &area.id).await?;
            if let Some(newest) = known.first()
                && Summary::decode(&newest.body).is_some_and(|then| then.says_the_same(&summary))
            {
                return Ok(newest.clone());
            }
            let body = summary.encode()?;
            let one = Consolidation {
                id: tx.new_id(),
                dataset: wanted.dataset.clone(),
                period: wanted.period.id().to_owned(),
                life: wanted.life.code(),
                area: area.id.clone(),
                path: area.path.clone(),
                number: known.first().map_or(1, |newest| newest.number + 1),
                hash: blake3::hash(&body).as_bytes().to_vec(),
                body,
                included: i64::try_from(summary.included.len()).unwrap_or(i64::MAX),
                expected: i64::try_from(summary.expected()).unwrap_or(i64::MAX),
                by_account: caller.id().to_owned(),
                by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
                at: Timestamp::from_millis(summary.as_of),
                approved_account: None,
                approved_by: None,
                approved_at: None,
                approved_as: None,
            };
            if !store::add(tx, &one).await? {
                return Err((&CONFLICT).into());
            }
            audit(tx, caller, "reporting.consolidation-closed", one.id.as_str(), &one.period)
                .await?;
            Ok(one)
        })
        .await
}

/// Approves the newest consolidation of an area; whoever closed it does not. Its paper bears the approver's name, in
/// the capacity in which they approve.
pub async fn approve(
    app: &App,
    caller: &Caller,
    id: &ConsolidationId,
    capacity: &Capacity,
) -> Outcome<Consolidation> {
    app.db
        .change(async |tx| {
            let one = store::find(tx, id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
            caller.must(&APPROVE, &one.path)?;
            if one.by_account == caller.id() && !caller.is_system() {
                return Err((&OWN_WORK).into());
            }
            let mut wrong = FormProblems::new();
            wrong.require(capacity.is_whole(), "post", "reporting-capacity-needs-post");
            wrong.check()?;
            let key = (one.dataset.as_str(), one.period.as_str(), Life::from_code(one.life));
            let newest = store::of_area(tx, key, &one.area).await?.into_iter().next();
            if newest.is_none_or(|newest| newest.id != one.id) {
                return Err((&WRONG_STATE).into());
            }
            let name = caller.who().map(|person| person.name.clone()).unwrap_or_default();
            let signed = Signed::new(name, tx.now()).acting(capacity.clone());
            if store::approve(tx, id, caller.id(), &signed).await? != 1 {
                return Err((&WRONG_STATE).into());
            }
            audit(tx, caller, "reporting.consolidation-approved", id.as_str(), &one.period).await?;
            store::find(tx, id).await?.or_missing(&SUBMISSION_NOT_FOUND)
        })
        .await
}

/// One closed consolidation.
pub async fn read(tx: &mut Tx, caller: &Caller, id: &ConsolidationId) -> Outcome<Consolidation> {
    let one = store::find(tx, id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
    caller.must(&SEE, &one.path)?;
    Ok(one)
}
