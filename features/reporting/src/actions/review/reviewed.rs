//! What a reviewer has before their eyes besides the sheet: what changed, sections in order, doubts, copies.

use std::collections::BTreeMap;

use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{OrMissing, Outcome},
};

use super::{
    differing::{Compared, difference, difference_besides},
    is_own, must_be_above,
};
use crate::{
    actions::{
        APPROVE, REVIEW, SEE, SUBMISSION_NOT_FOUND, answers, approving::Approved,
        catalogue::Catalogue, check, content::Content, entry::Which, map,
    },
    model::{
        CellKey, CellState, SubmissionId,
        form::{Form, SectionBody, Severity},
        rule::Verdict,
        submission::State,
    },
    store::{
        review::{self as store, SectionMark},
        submissions::{self, Snapshot, StepRow, Submission},
    },
};

/// The content of each section, as a BLAKE3 hash in hexadecimal. Who signed and when is no content.
pub fn section_hashes(form: &Form, content: &Content) -> BTreeMap<String, String> {
    let cells = content.cells();
    let hash = |section: &crate::model::form::Section| {
        let mine = |code: &str| code == section.code;
        let told = match &section.body {
            SectionBody::Table(table) => {
                let held: Vec<(String, &CellState)> = cells
                    .iter()
                    .filter(|(key, _)| table.holds(key))
                    .map(|(key, state)| (key.text(), state))
                    .collect();
                serde_json::to_string(&held)
            }
            SectionBody::Rows(_) => {
                let rows: Vec<_> = content.rows.iter().filter(|row| mine(&row.0)).collect();
                serde_json::to_string(&rows)
            }
            SectionBody::Narrative { .. } => {
                let words: Vec<_> = content.narratives.iter().filter(|one| mine(&one.0)).collect();
                serde_json::to_string(&words)
            }
            SectionBody::Attachments { .. } => {
                let files: Vec<_> = content.files.iter().filter(|one| mine(&one.0)).collect();
                serde_json::to_string(&files)
            }
        };
        blake3::hash(told.unwrap_or_default().as_bytes()).to_hex().to_string()
    };
    form.sections.iter().map(|section| (section.code.clone(), hash(section))).collect()
}

/// The content of the whole report, as one hash: what a reviewer has seen.
pub fn seen_hash(sections: &BTreeMap<String, String>, known: &Submission) -> String {
    let all = serde_json::to_string(&(sections, known.revision, known.nil)).unwrap_or_default();
    blake3::hash(all.as_bytes()).to_hex()[..32].to_owned()
}

/// Something that the checks find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// Where.
    pub cells: Vec<CellKey>,
    /// The key of its words; empty when there are none.
    pub words: &'static str,
    /// What the words take.
    pub args: Vec<(&'static str, String)>,
    /// True when the unit explained it as it signed.
    pub explained: bool,
    /// True when it came up after that: nobody explained it.
    pub is_since: bool,
}

impl Doubt {
    /// Of a report whose last signature was given with words, if it was.
    fn of(verdict: &Verdict, known: &Submission, signed: Option<&StepRow>) -> Self {
        let asks = verdict.severity == Severity::Warning && !known.state.is_open();
        let explained = signed.is_some_and(|row| answers::was_doubtful(row, verdict));
        Self {
            cells: verdict.cells.clone(),
            words: verdict.words,
            args: verdict.args.clone(),
            explained: asks && explained,
            is_since: asks && !explained && !known.nil,
        }
    }
}

/// What a reviewer has before their eyes besides the sheet itself.
pub struct Reviewed {
    /// The content's hash.
    pub seen: String,
    /// Sections whose present content somebody found in order.
    pub in_order: BTreeMap<String, SectionMark>,
    /// Sections that were in order once and have changed since.
    pub changed_since: BTreeMap<String, SectionMark>,
    /// Sections that were approved.
    pub approved: Approved,
    /// What differs from the copy it is compared with.
    pub compared: Option<Compared>,
    /// Unchanging copies, newest first.
    pub copies: Vec<Snapshot>,
    /// Steps, oldest first.
    pub steps: Vec<StepRow>,
    /// What the checks find.
    pub doubts: Vec<Doubt>,
    /// Reports of the units that this one succeeded, for the same period or the one they ended in.
    pub before_merger: Vec<Submission>,
    /// True when the caller may decide.
    pub may_review: bool,
    /// True when the caller may approve.
    pub may_approve: bool,
}

/// Reads what a reviewer needs beside the sheet.
pub async fn reviewed(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue,
    which: &Which,
) -> Outcome<Reviewed> {
    app.db
        .view(async |tx| {
            let authority = map::authority(tx, &which.area).await?;
            caller.must(&SEE, &authority.or_missing(&areas::NOT_FOUND)?)?;
            let before_merger = predecessors(tx, which).await?;
            let Some(known) = submissions::find(tx, &which.id()).await? else {
                return Ok(Reviewed {
                    seen: String::new(),
                    in_order: BTreeMap::new(),
                    changed_since: BTreeMap::new(),
                    approved: Approved::default(),
                    compared: None,
                    copies: Vec::new(),
                    steps: Vec::new(),
                    doubts: Vec::new(),
                    before_merger,
                    may_review: false,
                    may_approve: false,
                });
            };
            let content = Content::of(tx, &known).await?;
            let form = catalogue.form_of(&known.dataset, known.form_version)?;
            let hashes = section_hashes(form, &content);
            let marks = store::marks(tx, &known.id).await?;
            let (in_order, changed_since) = standing(&marks, &hashes);
            let copies = submissions::snapshots(tx, &known.id).await?;
            // A report that was just handed in for the first time is its own copy: nothing to compare.
            let compared = baseline(&copies, known.revision)
                .and_then(|copy| beside(copy, &content))
                .filter(|it| it.copy.revision != known.revision || !it.is_same());
            let own = is_own(tx, &known, caller).await? && !caller.is_system();
            let may = |permission| !own && must_be_above(caller, permission, &known).is_ok();
            let steps = submissions::steps(tx, &known.id).await?;
            let verdicts = check::of_submission(tx, catalogue, &known).await?;
            let signed = answers::given(&steps, &known);
            let doubts = verdicts.iter().map(|one| Doubt::of(one, &known, signed)).collect();
            Ok(Reviewed {
                seen: seen_hash(&hashes, &known),
                in_order,
                changed_since,
                approved: Approved::of(&marks, &hashes),
                compared,
                copies,
                steps,
                doubts,
                before_merger,
                may_review: may(&REVIEW),
                may_approve: may(&APPROVE),
            })
        })
        .await
}

type Marks = BTreeMap<String, SectionMark>;

fn standing(marks: &[SectionMark], hashes: &BTreeMap<String, String>) -> (Marks, Marks) {
    let (mut in_order, mut changed) = (Marks::new(), Marks::new());
    for (section, hash) in hashes {
        let mut mine = marks.iter().filter(|mark| mark.section == *section);
        if let Some(mark) = mine.clone().find(|mark| mark.hash == *hash) {
            in_order.insert(section.clone(), mark.clone());
        } else if let Some(mark) = mine.next() {
            changed.insert(section.clone(), mark.clone());
        }
    }
    (in_order, changed)
}

/// What a revision is compared with: what was approved before it; else what was handed in before it; else what was
/// handed in first.
fn baseline(copies: &[Snapshot], revision: i64) -> Option<&Snapshot> {
    let approved =
        copies.iter().find(|copy| copy.occasion == "approved" && copy.revision < revision);
    let sent = || copies.iter().filter(|copy| copy.occasion == "submitted");
    let before = || sent().find(|copy| copy.revision < revision);
    approved.or_else(before).or_else(|| sent().next())
}

/// What a content says, beside a copy.
fn beside(copy: &Snapshot, now: &Content) -> Option<Compared> {
    let then = Content::decode(&copy.body)?;
    Some(Compared {
        cells: difference(&then.cells(), &now.cells()),
        besides: difference_besides(&then, now),
        copy: copy.clone(),
    })
}

/// What a report that is with its unit says, beside what was approved or handed in before: what whoever signs it
/// puts in the place of that. None for a report that was never handed in, and for one that the tier above has.
pub async fn since_handed_in(
    app: &App,
    caller: &Caller,
    which: &Which,
) -> Outcome<Option<Compared>> {
    app.db
        .view(async |tx| {
            let authority = map::authority(tx, &which.area).await?;
            caller.must(&SEE, &authority.or_missing(&areas::NOT_FOUND)?)?;
            let known = submissions::find(tx, &which.id()).await?;
            let Some(known) = known.filter(|known| !known.state.is_reported()) else {
                return Ok(None);
            };
            let copies = submissions::snapshots(tx, &known.id).await?;
            // What was given back keeps the number of the copy that was handed in until it is signed again.
            let revision = known.revision + i64::from(known.state == State::Returned);
            let Some(copy) = baseline(&copies, revision) else { return Ok(None) };
            Ok(beside(copy, &Content::of(tx, &known).await?))
        })
        .await
}

/// The reports of the units that went into this one, for the same data set, life and period.
async fn predecessors(tx: &mut Tx, which: &Which) -> Outcome<Vec<Submission>> {
    let mut all = Vec::new();
    for from in areas::predecessors(tx, &which.area).await? {
        let theirs = Which { area: from.area.id.clone(), ..which.clone() };
        all.extend(submissions::find(tx, &theirs.id()).await?);
    }
    Ok(all)
}

/// An unchanging copy of a report.
pub async fn copy(
    app: &App,
    caller: &Caller,
    id: &SubmissionId,
    revision: i64,
    occasion: &str,
) -> Outcome<(Submission, Snapshot)> {
    app.db
        .view(async |tx| {
            let known = submissions::find(tx, id).await?.or_missing(&SUBMISSION_NOT_FOUND)?;
            caller.must(&SEE, &known.path)?;
            let copies = submissions::snapshots(tx, id).await?;
            let found = copies
                .into_iter()
                .find(|copy| copy.revision == revision && copy.occasion == occasion);
            Ok((known, found.or_missing(&SUBMISSION_NOT_FOUND)?))
        })
        .await
}
