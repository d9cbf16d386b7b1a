//! Building data sets: drafts that officials work on, publishing them, campaigns. Nothing of a draft is seen by
//! those who report; what is published is a new version that keeps the meaning of every cell.

mod campaign;
mod dimension;
mod ending;
mod publishing;

use areas::AreaId;
use identity::{
    audit,
    role::{ADMINISTRATOR, PROGRAMME_OFFICER, PROVINCE_LEADER},
};
use kernel::{
    app::{App, NodeRole},
    caller::{Caller, Permission},
    clock::Timestamp,
    db::Tx,
    problem::{FORBIDDEN, Failure, OrMissing, Outcome, ProblemKind},
    scope::ScopePath,
};

use super::{
    DEFINE,
    catalogue::{self, kind},
};
use crate::{
    model::{Dataset, DatasetId, DraftId, bundle::Bundle},
    store::{
        definitions,
        drafts::{self, DraftRow},
    },
};

pub(crate) use campaign::deadline_field;
pub use campaign::{Campaign, begin_campaign, sources};
pub use dimension::{TypedDimension, dividable, own_dimensions, put_dimension, take_out};
pub use ending::{NOT_RUNNING, end_campaign, may_end};
pub use publishing::{Look, look, publish, publish_seen};

/// Publishing what somebody else drafted: forms and campaigns bind thousands of people, so two look at them.
pub static PUBLISH: Permission =
    Permission { code: "reporting.publish", roles: &[PROVINCE_LEADER, PROGRAMME_OFFICER] };
/// Finding the way to where data sets and forms are made: whoever may define or publish them has it in the menu.
pub static BUILD: Permission = Permission {
    code: "reporting.build",
    roles: &[PROVINCE_LEADER, PROGRAMME_OFFICER, ADMINISTRATOR],
};

/// No such draft.
pub static DRAFT_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-draft-not-found", status: 404 };
/// Somebody changed the draft meanwhile.
pub static DRAFT_CHANGED: ProblemKind =
    ProblemKind { code: "reporting-draft-changed", status: 409 };
/// Definitions are made at the hub; here they arrive.
pub static DEFINED_ABOVE: ProblemKind =
    ProblemKind { code: "reporting-defined-above", status: 409 };

/// Most bytes of a draft.
const BODY_MOST: usize = 2 << 20;

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// What it says.
    pub bundle: Bundle,
    /// Counted from 1.
    pub version: i64,
    /// The area whose officials work on it.
    pub scope: ScopePath,
    /// Who began it.
    pub author_name: String,
    /// Accounts of everybody who changed it.
    pub hands: Vec<String>,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub at: Timestamp,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in the draft.
    Here,
    /// Somebody else had changed the draft: the change stands in a draft of its own, over theirs.
    Aside(DraftId),
}

impl Draft {
    fn of(row: DraftRow) -> Outcome<Self> {
        let bundle = serde_json::from_str(&row.body)
            .map_err(|error| Failure::fault("read a draft", error))?;
        Ok(Self {
            id: row.id,
            bundle,
            version: row.version,
            scope: row.scope,
            author_name: row.author_name,
            hands: row.hands.lines().map(ToOwned::to_owned).collect(),
            changed_by: row.changed_by,
            at: row.at,
        })
    }

    /// True when this person has written any of it.
    pub fn is_by(&self, caller: &Caller) -> bool {
        self.hands.iter().any(|hand| hand == caller.id())
    }
}

/// Refuses at points: a commune's program takes definitions, it does not make them.
pub fn must_be_hub(app: &App) -> Outcome<()> {
    if app.role == NodeRole::Hub { Ok(()) } else { Err((&DEFINED_ABOVE).into()) }
}

/// The smallest area that holds every unit which reports a data set.
pub fn scope_of(dataset: &Dataset) -> ScopePath {
    let country = ScopePath::root().child("vn");
    let mut all = dataset.areas.iter().filter_map(|path| ScopePath::parse(path));
    let Some(first) = all.next() else { return country };
    let shared = all.fold(first.ancestors(), |shared, path| {
        shared.into_iter().filter(|one| one.contains(&path)).collect()
    });
    shared.into_iter().next_back().filter(|path| country.contains(path)).unwrap_or(country)
}

/// Refuses whoever may not define for every unit of the data set, now and in the version in force.
async fn must_define(tx: &mut Tx, caller: &Caller, bundle: &Bundle) -> Outcome<()> {
    for place in places(&bundle.dataset) {
        caller.must(&DEFINE, &place)?;
    }
    let before = definitions::newest(tx, kind::DATASET, bundle.dataset.code.as_str()).await?;
    let before = before.and_then(|one| serde_json::from_str::<Dataset>(&one.body).ok());
    for place in before.iter().flat_map(places) {
        caller.must(&DEFINE, &place)?;
    }
    Ok(())
}

/// The areas of a data set; the country when it names none.
pub(crate) fn places(dataset: &Dataset) -> Vec<ScopePath> {
    if dataset.areas.is_empty() {
        return vec![ScopePath::root().child("vn")];
    }
    dataset.areas.iter().filter_map(|path| ScopePath::parse(path)).collect()
}

/// True for somebody who may write a draft: whoever began it, and whoever defines for its area.
pub fn may_write(caller: &Caller, row: &DraftRow) -> bool {
    let is_author = row.author == caller.id() && caller.may_somewhere(&DEFINE);
    is_author || caller.may(&DEFINE, &row.scope)
}

/// True when this person may write the draft.
pub fn writes(caller: &Caller, draft: &Draft) -> bool {
    let began = draft.hands.first().is_some_and(|hand| hand == caller.id());
    (began && caller.may_somewhere(&DEFINE)) || caller.may(&DEFINE, &draft.scope)
}

fn must_write(caller: &Caller, row: &DraftRow) -> Outcome<()> {
    if may_write(caller, row) { Ok(()) } else { caller.must(&DEFINE, &row.scope) }
}

/// True for somebody who may look at it.
fn sees(caller: &Caller, row: &DraftRow) -> bool {
    may_write(caller, row) || caller.may(&PUBLISH, &row.scope)
}

/// Every draft that a person may look at.
pub async fn list(tx: &mut Tx, caller: &Caller) -> Outcome<Vec<DraftRow>> {
    let all = drafts::all(tx).await?;
    Ok(all.into_iter().filter(|row| sees(caller, row)).collect())
}

/// One draft, or 404, or 403.
pub async fn open(tx: &mut Tx, caller: &Caller, id: &DraftId) -> Outcome<Draft> {
    let row = drafts::find(tx, id).await?.or_missing(&DRAFT_NOT_FOUND)?;
    if !sees(caller, &row) {
        caller.must(&DEFINE, &row.scope)?;
    }
    Draft::of(row)
}

/// Keeps a bundle as a draft: a new one, or over the one named, whatever version that has. Whoever defines only
/// for a part of the country defines for that part.
pub async fn keep_draft(
    tx: &mut Tx,
    caller: &Caller,
    id: Option<&DraftId>,
    mut bundle: Bundle,
) -> Outcome<DraftId> {
    narrow(caller, &mut bundle.dataset);
    must_define(tx, caller, &bundle).await?;
    let person = caller.who().or_missing(&FORBIDDEN)?.clone();
    let body = written(&bundle)?;
    let now = tx.now();
    let fresh = DraftRow {
        id: tx.new_id(),
        dataset: bundle.dataset.code.clone(),
        title: bundle.dataset.title.clone(),
        body,
        version: 1,
        scope: scope_of(&bundle.dataset),
        author: person.id.clone(),
        author_name: person.name.clone(),
        hands: person.id.clone(),
        changed_by: person.name.clone(),
        at: now,
    };
    let known = match id {
        Some(id) => Some(drafts::find(tx, id).await?.or_missing(&DRAFT_NOT_FOUND)?),
        None => None,
    };
    let id = match known {
        None => {
            drafts::add(tx, &fresh).await?;
            fresh.id
        }
        Some(known) => {
            must_write(caller, &known)?;
            let hands = with_hand(&known.hands, &person.id);
            let seen = known.version;
            let after = DraftRow { hands, ..over(known, fresh) };
            drafts::put(tx, &after, seen).await?;
            after.id
        }
    };
    audit(tx, caller, "reporting.draft.kept", id.as_str(), bundle.dataset.code.as_str()).await?;
    Ok(id)
}

/// A row that says what another says and stays who it is.
fn over(known: DraftRow, fresh: DraftRow) -> DraftRow {
    DraftRow {
        dataset: fresh.dataset,
        title: fresh.title,
        body: fresh.body,
        scope: fresh.scope,
        changed_by: fresh.changed_by,
        at: fresh.at,
        ..known
    }
}

fn with_hand(hands: &str, person: &str) -> String {
    if hands.lines().any(|hand| hand == person) {
        hands.to_owned()
    } else {
        format!("{hands}\n{person}")
    }
}

fn written(bundle: &Bundle) -> Outcome<String> {
    let body =
        serde_json::to_string(bundle).map_err(|error| Failure::fault("write a draft", error))?;
    if body.len() > BODY_MOST {
        return Err(super::problem(&super::TOO_MUCH, "most", (BODY_MOST >> 20).to_string()));
    }
    Ok(body)
}

/// Somebody who holds only parts of the country defines for these.
fn narrow(caller: &Caller, dataset: &mut Dataset) {
    let country = ScopePath::root().child("vn");
    if dataset.areas.is_empty() && !caller.may(&DEFINE, &country) {
        dataset.areas = caller.scopes_for(&DEFINE).map(|scope| scope.as_str().to_owned()).collect();
    }
}

/// Changes a draft as it was seen. When somebody else changed it meanwhile, nothing of theirs is touched and
/// nothing of ours is lost: our change over their words becomes a draft of its own.
pub async fn change(
    app: &App,
    caller: &Caller,
    (id, seen): (&DraftId, i64),
    edit: impl FnOnce(&mut Bundle) -> Outcome<()> + Send,
) -> Outcome<Kept> {
    must_be_hub(app)?;
    app.db
        .change(async |tx| {
            let row = drafts::find(tx, id).await?.or_missing(&DRAFT_NOT_FOUND)?;
            must_write(caller, &row)?;
            let draft = Draft::of(row)?;
            let mut bundle = draft.bundle;
            edit(&mut bundle)?;
            if draft.version == seen {
                keep_draft(tx, caller, Some(id), bundle).await?;
                return Ok(Kept::Here);
            }
            Ok(Kept::Aside(keep_draft(tx, caller, None, bundle).await?))
        })
        .await
}

/// Throws a draft away, as it was seen.
pub async fn discard(app: &App, caller: &Caller, (id, seen): (&DraftId, i64)) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let row = drafts::find(tx, id).await?.or_missing(&DRAFT_NOT_FOUND)?;
            must_write(caller, &row)?;
            if !drafts::remove(tx, id, seen).await? {
                return Err((&DRAFT_CHANGED).into());
            }
            audit(tx, caller, "reporting.draft.discarded", id.as_str(), row.dataset.as_str()).await
        })
        .await
}

/// A draft of the next version of a data set, or of a new one that begins as a copy.
pub async fn copy(
    app: &App,
    caller: &Caller,
    from: &DatasetId,
    as_new: Option<(DatasetId, String)>,
) -> Outcome<DraftId> {
    must_be_hub(app)?;
    caller.must_somewhere(&DEFINE)?;
    app.db
        .change(async |tx| {
            let known = catalogue::read(tx).await?;
            let mut dataset = known.dataset(from)?.clone();
            let mut form = known.form(from)?.clone();
            if let Some((code, title)) = &as_new {
                dataset.code = code.clone();
                dataset.title.clone_from(title);
                dataset.ended = None;
                form.title.clone_from(title);
                form.dataset = code.clone();
            }
            let bundle = Bundle { dataset, form, elements: Vec::new(), dimensions: Vec::new() };
            keep_draft(tx, caller, None, bundle).await
        })
        .await
}

/// The areas of a data set that are none today.
async fn strange_areas(tx: &mut Tx, dataset: &Dataset) -> Outcome<Vec<String>> {
    let mut strange = Vec::new();
    for path in &dataset.areas {
        let known = match ScopePath::parse(path) {
            Some(path) => match path.last().and_then(AreaId::parse) {
                Some(id) => areas::find(tx, &id).await?.is_some_and(|area| area.path == path),
                None => false,
            },
            None => false,
        };
        if !known {
            strange.push(path.clone());
        }
    }
    Ok(strange)
}
