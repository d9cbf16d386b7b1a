//! What was sent from phones, for those who may see its reports: the instances of a form, and what of them
//! waits for a person, who records it after all or sets it aside.

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    files::FileHash,
    problem::{OrMissing, Outcome},
};

use super::{
    super::{
        ENTER, SEE, catalogue,
        entry::{self, Which},
    },
    INSTANCE_NOT_FOUND, Left, Wrote,
    files::attach_one,
    receive::{filled_in, told, understood},
    to_json,
};
use crate::{
    model::{Life, SubmissionId, submission::State},
    store::{
        openrosa::{self, Instance},
        submissions,
    },
};

/// Most instances in a list.
const LIST_MOST: usize = 500;

/// An instance that waits for a person.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The instance.
    pub instance: Instance,
    /// The report it is of.
    pub which: Which,
    /// What was not taken and why.
    pub left: Vec<Left>,
    /// True when nothing of it was taken.
    pub whole: bool,
}

fn which_of(one: &Instance) -> Which {
    Which {
        dataset: one.dataset.clone(),
        period: one.period.clone(),
        life: Life::from_code(one.life),
        area: one.area.clone(),
    }
}

/// What waits, wherever the caller may enter figures.
pub async fn waiting(app: &App, caller: &Caller) -> Outcome<Vec<Waiting>> {
    caller.must_somewhere(&ENTER)?;
    let found = app
        .db
        .view(async |tx| {
            let mut all: Vec<Instance> = Vec::new();
            for scope in caller.scopes_for(&ENTER) {
                for one in openrosa::waiting(tx, scope, LIST_MOST).await? {
                    if !all.iter().any(|known| known.instance == one.instance) {
                        all.push(one);
                    }
                }
            }
            Ok(all)
        })
        .await?;
    let all = found.into_iter().map(|instance| Waiting {
        which: which_of(&instance),
        left: serde_json::from_str(&instance.left_over).unwrap_or_default(),
        whole: instance.state == "waits",
        instance,
    });
    Ok(all.collect())
}

/// How many wait.
pub async fn count_waiting(tx: &mut Tx, caller: &Caller) -> Outcome<u64> {
    let mut all = 0;
    for scope in caller.scopes_for(&ENTER) {
        all += openrosa::count_waiting(tx, scope).await?;
    }
    Ok(u64::try_from(all).unwrap_or(0))
}

/// The instances of a form that the caller may see, the newest version of each, with where their reports stand.
pub async fn instances(
    app: &App,
    caller: &Caller,
    dataset: &str,
) -> Outcome<Vec<(Instance, Option<State>)>> {
    caller.must_somewhere(&SEE)?;
    app.db
        .view(async |tx| {
            let mut all: Vec<(Instance, Option<State>)> = Vec::new();
            for scope in caller.scopes_for(&SEE) {
                for one in openrosa::list(tx, scope, dataset, LIST_MOST).await? {
                    if all.iter().any(|(known, _)| known.instance == one.instance) {
                        continue;
                    }
                    let state = state_of(tx, &one).await?;
                    all.push((one, state));
                }
            }
            Ok(all)
        })
        .await
}

async fn state_of(tx: &mut Tx, one: &Instance) -> Outcome<Option<State>> {
    let id: SubmissionId = which_of(one).id();
    Ok(submissions::find(tx, &id).await?.map(|report| report.state))
}

/// The newest version of an instance, by the id of any of its versions, with its report.
pub async fn one(
    app: &App,
    caller: &Caller,
    instance: &str,
) -> Outcome<(Instance, Which, Option<State>)> {
    app.db
        .view(async |tx| {
            let known = openrosa::find(tx, instance).await?.or_missing(&INSTANCE_NOT_FOUND)?;
            let newest =
                openrosa::newest(tx, &known.root).await?.or_missing(&INSTANCE_NOT_FOUND)?;
            caller.must(&SEE, &newest.path)?;
            let state = state_of(tx, &newest).await?;
            let which = which_of(&newest);
            Ok((newest, which, state))
        })
        .await
}

/// Records an instance that waits, now that its report takes figures again. What still cannot be taken is told
/// again; a report that is still closed is a problem.
pub async fn apply_again(app: &App, caller: &Caller, instance: &str) -> Outcome<Which> {
    let catalogue = catalogue::current(app).await?;
    let (which, files) = app
        .db
        .change(async |tx| {
            let mut known = openrosa::find(tx, instance).await?.or_missing(&INSTANCE_NOT_FOUND)?;
            caller.must(&ENTER, &known.path)?;
            if known.state != "waits" {
                return Err((&INSTANCE_NOT_FOUND).into());
            }
            let read = understood(&catalogue, &known.xml)?;
            let before: Wrote = serde_json::from_str(&known.wrote).unwrap_or_default();
            let report = submissions::find(tx, &read.which.id()).await?;
            let asked = entry::asked(tx, &catalogue, &read.which, report.as_ref()).await?;
            let read_for = (&read, report, &asked);
            let (wrote, left) =
                filled_in(tx, app, &catalogue, caller, read_for, Some(&before)).await?;
            if left.is_empty() { "applied" } else { "partly" }.clone_into(&mut known.state);
            known.wrote = to_json(&wrote)?;
            known.left_over = to_json(&left)?;
            openrosa::update(tx, &known).await?;
            audit(tx, caller, "reporting.openrosa.applied", read.which.id().as_str(), instance)
                .await?;
            let files: Vec<_> = read
                .filled
                .files
                .into_iter()
                .filter_map(|one| {
                    let hash = FileHash::parse(wrote.files.get(&one.name)?)?;
                    Some((one, hash))
                })
                .collect();
            Ok((read.which, files))
        })
        .await?;
    let mut left = Vec::new();
    for (one, hash) in files {
        match app.files.get(hash).await? {
            Some(bytes) => left.extend(attach_one(app, caller, &which, &one, &bytes).await?),
            None => left.push(told(one.name, "reporting-openrosa-file-gone")),
        }
    }
    if !left.is_empty() {
        app.db.change(async |tx| note_left(tx, instance, &left).await).await?;
    }
    Ok(which)
}

/// Notes what else of an instance was not taken.
async fn note_left(tx: &mut Tx, instance: &str, more: &[Left]) -> Outcome<()> {
    let mut known = openrosa::find(tx, instance).await?.or_missing(&INSTANCE_NOT_FOUND)?;
    let mut left: Vec<Left> = serde_json::from_str(&known.left_over).unwrap_or_default();
    left.extend_from_slice(more);
    "partly".clone_into(&mut known.state);
    known.left_over = to_json(&left)?;
    openrosa::update(tx, &known).await?;
    Ok(())
}

/// Sets an instance aside: somebody has seen to what waited. Its content stays.
pub async fn set_aside(app: &App, caller: &Caller, instance: &str) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let mut known = openrosa::find(tx, instance).await?.or_missing(&INSTANCE_NOT_FOUND)?;
            caller.must(&ENTER, &known.path)?;
            "settled".clone_into(&mut known.state);
            openrosa::update(tx, &known).await?;
            let report = which_of(&known).id();
            audit(tx, caller, "reporting.openrosa.settled", report.as_str(), instance).await
        })
        .await
}
