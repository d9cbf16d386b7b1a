//! Saved dashboards: a list of questions as the pages ask them. Each is somebody's own, or shared with
//! everybody who may see the figures of an area. A saved question without a period is always the latest.

use kernel::{
    app::App,
    caller::Caller,
    problem::{FORBIDDEN, Failure, FormProblems, OrMissing, Outcome, ProblemKind},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use crate::{
    actions::SEE,
    model::DashboardId,
    store::{
        analysis::{self, Dashboard},
        outward,
    },
};

/// No such dashboard, or none that is shown to this person.
pub static DASHBOARD_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-dashboard-not-found", status: 404 };

/// Most parts of one dashboard: each is a question of its own.
pub const PARTS_MOST: usize = 12;
/// Most characters of a title.
pub const TITLE_MOST: usize = 120;
/// Most characters of a saved question.
const QUERY_MOST: usize = 2_000;

/// One part: which page, asked what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The page's name in its address.
    pub page: String,
    /// Its title.
    pub title: String,
    /// The question, as the address has it.
    pub query: String,
}

/// A dashboard with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The row.
    pub row: Dashboard,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

impl Saved {
    /// From its row; parts that cannot be read are left out.
    pub fn of(row: Dashboard) -> Self {
        let parts = serde_json::from_str(&row.body).unwrap_or_default();
        Self { row, parts }
    }

    /// True when this person may change it.
    pub fn is_own(&self, caller: &Caller) -> bool {
        caller.who().is_some_and(|person| person.id == self.row.owner)
    }
}

fn sees(caller: &Caller, one: &Dashboard) -> bool {
    caller.who().is_some_and(|person| person.id == one.owner)
        || ScopePath::parse(&one.path).is_some_and(|path| caller.may(&SEE, &path))
}

/// Those that a person sees: their own first, then those shared where they may see figures.
pub async fn list(app: &App, caller: &Caller) -> Outcome<Vec<Saved>> {
    caller.must_somewhere(&SEE)?;
    let owner = caller.id().to_owned();
    app.db
        .view(async |tx| {
            let mut all = analysis::dashboards_of(tx, &owner).await?;
            let shared = analysis::dashboards_shared(tx).await?;
            all.extend(shared.into_iter().filter(|one| one.owner != owner && sees(caller, one)));
            Ok(all.into_iter().map(Saved::of).collect())
        })
        .await
}

/// One of them; 404 for what this person does not see.
pub async fn open(app: &App, caller: &Caller, id: &DashboardId) -> Outcome<Saved> {
    caller.must_somewhere(&SEE)?;
    app.db
        .view(async |tx| {
            let found = analysis::dashboard(tx, id).await?;
            let found = found.filter(|one| sees(caller, one));
            Ok(Saved::of(found.or_missing(&DASHBOARD_NOT_FOUND)?))
        })
        .await
}

/// What somebody wants to keep.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The dashboard it is added to; a new one when none.
    pub id: Option<DashboardId>,
    /// The title of a new one.
    pub title: String,
    /// The area a new one is shared in; one's own when none.
    pub shared: Option<ScopePath>,
    /// The part that is added.
    pub part: Option<Part>,
}

/// Keeps a part in a new dashboard or in one's own.
pub async fn keep(app: &App, caller: &Caller, draft: Draft) -> Outcome<DashboardId> {
    caller.must_somewhere(&SEE)?;
    if let Some(path) = &draft.shared {
        caller.must(&SEE, path)?;
    }
    let person = caller.who().or_missing(&FORBIDDEN)?.clone();
    app.db
        .change(async |tx| {
            let mut saved = match &draft.id {
                Some(id) => {
                    let found = analysis::dashboard(tx, id).await?.filter(|one| sees(caller, one));
                    let saved = Saved::of(found.or_missing(&DASHBOARD_NOT_FOUND)?);
                    if !saved.is_own(caller) {
                        return Err((&FORBIDDEN).into());
                    }
                    saved
                }
                None => Saved::of(Dashboard {
                    id: tx.new_id(),
                    owner: person.id.clone(),
                    owner_name: person.name.clone(),
                    path: draft
                        .shared
                        .as_ref()
                        .map_or_else(String::new, |path| path.as_str().to_owned()),
                    title: draft.title.clone(),
                    body: "[]".to_owned(),
                    changed_at: tx.now(),
                }),
            };
            let mut wrong = FormProblems::new();
            let long = saved.row.title.chars().count() > TITLE_MOST;
            wrong.require(!saved.row.title.is_empty() && !long, "ten", "reporting-board-title");
            let fits = draft.part.as_ref().is_none_or(|part| part.query.len() <= QUERY_MOST);
            let room = saved.parts.len() < PARTS_MOST;
            wrong.require(fits && room, "bang", "reporting-board-full");
            wrong.check()?;
            saved.parts.extend(draft.part.clone());
            write(tx, saved).await
        })
        .await
}

async fn write(tx: &mut kernel::db::Tx, mut saved: Saved) -> Outcome<DashboardId> {
    let body = serde_json::to_string(&saved.parts);
    saved.row.body = body.map_err(|error| Failure::fault("write a dashboard", error))?;
    saved.row.changed_at = tx.now();
    analysis::keep_dashboard(tx, &saved.row).await?;
    Ok(saved.row.id)
}

/// Takes a part out, or the whole dashboard when none is named.
pub async fn remove(
    app: &App,
    caller: &Caller,
    id: &DashboardId,
    part: Option<usize>,
) -> Outcome<()> {
    caller.must_somewhere(&SEE)?;
    app.db
        .change(async |tx| {
            let found = analysis::dashboard(tx, id).await?.filter(|one| sees(caller, one));
            let mut saved = Saved::of(found.or_missing(&DASHBOARD_NOT_FOUND)?);
            if !saved.is_own(caller) {
                return Err((&FORBIDDEN).into());
            }
            match part {
                None => {
                    analysis::drop_dashboard(tx, id).await?;
                    // Nobody is sent what is no longer there.
                    outward::drop_schedules(tx, id).await?;
                }
                Some(at) if at < saved.parts.len() => {
                    saved.parts.remove(at);
                    write(tx, saved).await?;
                }
                Some(_) => {}
            }
            Ok(())
        })
        .await
}
