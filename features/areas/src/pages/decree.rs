//! Decrees: the list, the form that brings one, what its table would do before it is applied, and the way
//! back.

pub mod blank;
pub mod samples;

use kernel::{
    axum::extract::Path,
    clock::{Day, Timestamp},
    db::Tx,
    problem::{INVALID_FORM, OrMissing, Outcome},
    text::thousands,
    web::{Answer, Multipart, Posted, Template, Visit},
};
use serde::Serialize;

use super::{Crumb, Errors, href, told};
use crate::{
    actions::decree::{self as actions, DECREE_NOT_FOUND, MANAGE_DECREES, Proposal, SEE_DECREES},
    model::decree::{Decree, DecreeId, DecreeStatus, LineProblem, NewDecree, plan::Summary},
    store::{self, decree as decrees},
};

/// The list of decrees.
pub const LIST: Template<List> = Template::new("areas/decrees.html");
/// The form that brings one.
pub const NEW: Template<New> = Template::new("areas/decree_new.html");
/// One decree.
pub const SHOW: Template<Show> = Template::new("areas/decree.html");

/// The most bytes of an upload: the file's limit, and the form around it.
pub const BODY_MAX: usize = 9 << 20;
/// Transfers shown on the page of a decree.
const TRANSFERS_SHOWN: usize = 200;
/// Divided units named in a summary.
const NAMES_SHOWN: usize = 12;

/// What the list shows.
#[derive(Debug, Default, Serialize)]
pub struct List {
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Decrees.
    pub rows: Vec<Row>,
    /// True for those who may bring one.
    pub may_manage: bool,
}

/// A decree in the list.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its citation.
    pub instrument: String,
    /// The first day of the new order.
    pub effective_on: Day,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Its status's code.
    pub status: &'static str,
    /// Checked against the instrument.
    pub confirmed: bool,
}

impl Row {
    fn of(decree: &Decree) -> Self {
        Self {
            href: format!("/dia-ban/van-ban/{}", decree.id),
            instrument: decree.instrument.clone(),
            effective_on: decree.effective_on,
            recorded_at: decree.recorded_at,
            status: decree.status.code(),
            confirmed: decree.confirmed,
        }
    }
}

/// What the form shows.
#[derive(Debug, Default, Serialize)]
pub struct New {
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// What was typed.
    pub form: NewForm,
    /// What is wrong with it.
    pub errors: Errors,
    /// What is wrong with the table, line by line.
    pub problems: Vec<Mistake>,
}

/// The form's fields.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewForm {
    /// The citation.
    pub instrument: String,
    /// The day it was signed.
    pub decided_on: String,
    /// The first day of the new order.
    pub effective_on: String,
}

/// One problem of a table.
#[derive(Clone, Debug, Serialize)]
pub struct Mistake {
    /// The line; 0 for the table as a whole.
    pub line: u32,
    /// The cell.
    pub cell: String,
    /// In words.
    pub text: String,
}

/// What the page of a decree shows.
#[derive(Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for words of its own on the page")]
pub struct Show {
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Its address.
    pub action: String,
    /// Its citation.
    pub instrument: String,
    /// The day it was signed.
    pub decided_on: Option<Day>,
    /// The first day of the new order.
    pub effective_on: Option<Day>,
    /// When it was recorded.
    pub recorded_at: Option<Timestamp>,
    /// The file.
    pub file_name: String,
    /// Rows in it.
    pub row_count: String,
    /// Its status's code.
    pub status: &'static str,
    /// Checked against the instrument.
    pub confirmed: bool,
    /// True when its day is still to come.
    pub future: bool,
    /// The hash of what was checked.
    pub hash: String,
    /// True for those who may apply and undo it.
    pub may_manage: bool,
    /// What it would do or does, in words.
    pub summary: Vec<String>,
    /// Why it cannot be applied now.
    pub problems: Vec<Mistake>,
    /// What went where.
    pub transfers: Vec<Move>,
    /// Events in force.
    pub event_count: usize,
    /// True when there are more transfers than are shown.
    pub more: bool,
    /// What was done with it, newest first.
    pub acts: Vec<Done>,
}

/// One transfer in words.
#[derive(Clone, Debug, Serialize)]
pub struct Move {
    /// The old unit's page.
    pub from_href: String,
    /// Its full name.
    pub from: String,
    /// The new unit's page.
    pub to_href: String,
    /// Its full name.
    pub to: String,
    /// All of it.
    pub whole: bool,
}

/// Something done with a decree.
#[derive(Clone, Debug, Serialize)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// What, as a code.
    pub what: String,
    /// By whom.
    pub by: String,
}

/// `GET /dia-ban/van-ban`
pub async fn list(visit: Visit) -> Answer {
    visit.caller.must_somewhere(&SEE_DECREES)?;
    let decrees = visit.app.db.view(async |tx| Ok(decrees::list(tx, 200).await?)).await?;
    let page = List {
        crumbs: way(&visit, None),
        rows: decrees.iter().map(Row::of).collect(),
        may_manage: may_manage(&visit),
    };
    visit.page(&LIST, &page)
}

fn may_manage(visit: &Visit) -> bool {
    visit.app.role == kernel::app::NodeRole::Hub
        && visit.caller.may(&MANAGE_DECREES, &actions::country())
}

fn way(visit: &Visit, here: Option<String>) -> Vec<Crumb> {
    let mut way = vec![
        Crumb::link(visit.say("kernel-home", &[]), "/"),
        Crumb::link(visit.say("areas-nav", &[]), "/dia-ban"),
    ];
    let list = visit.say("areas-decrees", &[]);
    match here {
        Some(here) => {
            way.push(Crumb::link(list, "/dia-ban/van-ban"));
            way.push(Crumb::here(here));
        }
        None => way.push(Crumb::here(list)),
    }
    way
}

fn form_page(visit: &Visit) -> New {
    New { crumbs: way(visit, Some(visit.say("areas-decree-new", &[]))), ..New::default() }
}

/// `GET /dia-ban/van-ban/moi`
pub async fn form(visit: Visit) -> Answer {
    actions::may_manage(visit.app.role, &visit.caller)?;
    visit.page(&NEW, &form_page(&visit))
}

/// `POST /dia-ban/van-ban/moi`
pub async fn propose(Manager(visit): Manager, posted: Multipart) -> Answer {
    let file = posted.uploads.into_iter().find(|upload| upload.field == "file");
    let fields = posted.fields;
    let form = NewForm {
        instrument: fields.line("instrument"),
        decided_on: fields.line("decided_on"),
        effective_on: fields.line("effective_on"),
    };
    let new = NewDecree {
        instrument: form.instrument.clone(),
        decided_on: form.decided_on.clone(),
        effective_on: form.effective_on.clone(),
        file_name: file.as_ref().map(|file| file.file_name.clone()).unwrap_or_default(),
    };
    let bytes = file.map(|file| file.bytes).unwrap_or_default();
    let done = actions::propose(&visit.app.db, visit.app.role, &visit.caller, new, &bytes).await;
    match done {
        Ok(proposal) => proposed(&visit, proposal, form),
        Err(failure) if failure.is(&INVALID_FORM) => visit.form_again(failure, &NEW, |errors| {
            New { form, errors: told(errors), ..form_page(&visit) }
        }),
        Err(failure) => Err(failure),
    }
}

/// `POST /dia-ban/van-ban/giu-nguyen`: a draft of what the lists of 2021 and 2024 show to have stayed what it was.
pub async fn propose_unchanged(visit: Visit, _: Posted) -> Answer {
    let proposal = actions::propose_unchanged(&visit.app.db, visit.app.role, &visit.caller).await?;
    proposed(&visit, proposal, NewForm::default())
}

/// The draft that was kept, or the form with what is wrong with the table.
fn proposed(visit: &Visit, proposal: Proposal, form: NewForm) -> Answer {
    match proposal {
        Proposal::Kept(id) => visit.done(&format!("/dia-ban/van-ban/{id}"), "areas-decree-checked"),
        Proposal::Wrong(problems) => {
            let problems = lines(visit, &problems);
            let page = New { form, problems, ..form_page(visit) };
            let mut answer = visit.page(&NEW, &page)?;
            *answer.status_mut() = kernel::axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok(answer)
        }
    }
}

/// A visit by somebody who may bring decrees; asked before the body is read.
pub struct Manager(Visit);

impl kernel::axum::extract::FromRequestParts<kernel::app::AppRef> for Manager {
    type Rejection = kernel::problem::Failure;

    async fn from_request_parts(
        parts: &mut kernel::axum::http::request::Parts,
        app: &kernel::app::AppRef,
    ) -> Result<Self, Self::Rejection> {
        let visit = Visit::from_request_parts(parts, app).await?;
        actions::may_manage(app.role, &visit.caller)?;
        Ok(Self(visit))
    }
}

/// Problems in words, in the order of the lines.
fn lines(visit: &Visit, problems: &[LineProblem]) -> Vec<Mistake> {
    let line = |problem: &LineProblem| Mistake {
        line: problem.line,
        cell: problem.cell.clone().unwrap_or_default(),
        text: visit.say(problem.key, &problem.args),
    };
    problems.iter().map(line).collect()
}

/// `GET /dia-ban/van-ban/{id}`
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.caller.must_somewhere(&SEE_DECREES)?;
    let id = DecreeId::parse(&id).or_missing(&DECREE_NOT_FOUND)?;
    let page = visit.app.db.view(async |tx| gather(&visit, tx, &id).await).await?;
    visit.page(&SHOW, &page)
}

async fn gather(visit: &Visit, tx: &mut Tx, id: &DecreeId) -> Outcome<Show> {
    let decree = decrees::find(tx, id).await?.or_missing(&DECREE_NOT_FOUND)?;
    let mut page = Show {
        crumbs: way(visit, Some(decree.instrument.clone())),
        action: format!("/dia-ban/van-ban/{id}"),
        instrument: decree.instrument.clone(),
        decided_on: decree.decided_on,
        effective_on: Some(decree.effective_on),
        recorded_at: Some(decree.recorded_at),
        file_name: decree.file_name.clone(),
        row_count: thousands(decree.row_count),
        status: decree.status.code(),
        confirmed: decree.confirmed,
        future: decree.effective_on > tx.now().day(),
        hash: decree.content_hash.clone(),
        may_manage: may_manage(visit),
        ..Show::default()
    };
    let acts = decrees::acts(tx, id).await?;
    page.acts =
        acts.into_iter().map(|act| Done { at: act.at, what: act.what, by: act.by_whom }).collect();
    if decree.status == DecreeStatus::Applied {
        add_effect(tx, &decree, &mut page).await?;
    } else {
        match actions::dry_run(tx, &decree).await? {
            Ok(summary) => page.summary = words(visit, &summary),
            Err(problems) => page.problems = lines(visit, &problems),
        }
    }
    Ok(page)
}

async fn add_effect(tx: &mut Tx, decree: &Decree, page: &mut Show) -> Outcome<()> {
    page.event_count = decrees::events(tx, &decree.id).await?.len();
    let mut moves = decrees::transfers(tx, &decree.id, TRANSFERS_SHOWN + 1).await?;
    page.more = moves.len() > TRANSFERS_SHOWN;
    moves.truncate(TRANSFERS_SHOWN);
    let ids = moves.iter().flat_map(|line| [&line.from_unit, &line.to_unit]);
    let areas = store::find_many(tx, ids).await?;
    page.transfers = moves
        .iter()
        .filter_map(|line| {
            let (from, to) = (areas.get(&line.from_unit)?, areas.get(&line.to_unit)?);
            Some(Move {
                from_href: href(from),
                from: from.title(),
                to_href: href(to),
                to: to.title(),
                whole: line.whole,
            })
        })
        .collect();
    Ok(())
}

/// What a decree does, in sentences.
fn words(visit: &Visit, summary: &Summary) -> Vec<String> {
    let count = |number: usize| thousands(i64::try_from(number).unwrap_or(i64::MAX));
    let figures = [
        ("areas-decree-sum-ended", summary.ended),
        ("areas-decree-sum-begun", summary.begun),
        ("areas-decree-sum-mended", summary.mended),
        ("areas-decree-sum-renamed", summary.renamed),
        ("areas-decree-sum-retyped", summary.retyped),
        ("areas-decree-sum-moved", summary.moved),
        ("areas-decree-sum-waiting", summary.waiting_villages),
    ];
    let mut words: Vec<String> = figures
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(key, number)| visit.say(key, &[("count", count(number))]))
        .collect();
    let divided = &summary.unknown_shares;
    if !divided.is_empty() {
        let mut names = divided[..divided.len().min(NAMES_SHOWN)].join(", ");
        if divided.len() > NAMES_SHOWN {
            names.push_str(", …");
        }
        let args = [("count", count(divided.len())), ("names", names)];
        words.push(visit.say("areas-decree-sum-unknown", &args));
    }
    words
}

/// `POST /dia-ban/van-ban/{id}/ghi-nhan`
pub async fn apply(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let id = DecreeId::parse(&id).or_missing(&DECREE_NOT_FOUND)?;
    let hash = fields.line("hash");
    actions::apply(&visit.app.db, visit.app.role, &visit.caller, &id, &hash).await?;
    visit.done(&format!("/dia-ban/van-ban/{id}"), "areas-decree-done-applied")
}

/// `POST /dia-ban/van-ban/{id}/hoan-tac`
pub async fn undo(visit: Visit, Path(id): Path<String>, _: Posted) -> Answer {
    let id = DecreeId::parse(&id).or_missing(&DECREE_NOT_FOUND)?;
    actions::undo(&visit.app.db, visit.app.role, &visit.caller, &id).await?;
    visit.done(&format!("/dia-ban/van-ban/{id}"), "areas-decree-done-undone")
}

/// `POST /dia-ban/van-ban/{id}/xac-nhan`
pub async fn confirm(visit: Visit, Path(id): Path<String>, _: Posted) -> Answer {
    let id = DecreeId::parse(&id).or_missing(&DECREE_NOT_FOUND)?;
    actions::confirm(&visit.app.db, visit.app.role, &visit.caller, &id).await?;
    visit.done(&format!("/dia-ban/van-ban/{id}"), "areas-decree-done-confirmed")
}

/// `POST /dia-ban/van-ban/{id}/bo`
pub async fn discard(visit: Visit, Path(id): Path<String>, _: Posted) -> Answer {
    let id = DecreeId::parse(&id).or_missing(&DECREE_NOT_FOUND)?;
    actions::discard(&visit.app.db, visit.app.role, &visit.caller, &id).await?;
    visit.done("/dia-ban/van-ban", "areas-decree-done-discarded")
}
