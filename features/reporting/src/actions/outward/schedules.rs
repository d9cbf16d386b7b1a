//! Dashboards that are sent again and again: to oneself, or to people who may see every figure in them. Who may
//! is asked when it is set up, and again for each reader each time it leaves.

use std::collections::BTreeSet;

use kernel::{
    app::App,
    caller::Caller,
    clock::{Day, Timestamp},
    db::Tx,
    problem::{FormProblems, OrMissing, Outcome, ProblemKind, SIGN_IN_NEEDED},
};

use super::{SCHEDULES, Wanted, put, wake};
use crate::{
    actions::{SEE, analysis::dashboards, catalogue::Catalogue},
    model::{
        DashboardId, ScheduleId,
        outward::{Content, Rhythm, Way},
    },
    store::{
        analysis,
        outward::{self, Schedule},
    },
};

/// No such schedule.
pub static SCHEDULE_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-schedule-not-found", status: 404 };

/// Schedules of one dashboard.
pub const SCHEDULES_MOST: usize = 10;
/// Readers of one schedule.
pub const READERS_MOST: usize = 20;
/// Schedules moved on in one transaction.
const STRETCH: usize = 50;

/// What somebody wants to be sent.
#[derive(Clone, Debug)]
pub struct Draft {
    /// How often.
    pub rhythm: Option<Rhythm>,
    /// At which hour.
    pub hour: i8,
    /// Which file comes along: `xlsx`, `csv` or none.
    pub file: String,
    /// User names of readers; oneself when empty.
    pub readers: Vec<String>,
}

/// A schedule with the names of its readers.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The row.
    pub row: Schedule,
    /// How colleagues call its readers.
    pub readers: Vec<String>,
}

/// The accounts a schedule is for.
pub fn readers_of(one: &Schedule) -> Vec<String> {
    serde_json::from_str(&one.addressees).unwrap_or_default()
}

/// The schedules of a dashboard: all of them for its owner, for others those they made.
pub async fn list(app: &App, caller: &Caller, board: &DashboardId) -> Outcome<Vec<Shown>> {
    let saved = dashboards::open(app, caller, board).await?;
    let own = saved.is_own(caller);
    app.db
        .view(async |tx| {
            let mut all = Vec::new();
            for row in outward::schedules_of(tx, board).await? {
                if !own && row.owner != caller.id() {
                    continue;
                }
                let mut readers = Vec::new();
                for account in readers_of(&row) {
                    readers.extend(identity::name_of(tx, &account).await?);
                }
                all.push(Shown { row, readers });
            }
            Ok(all)
        })
        .await
}

/// The readers of a draft as accounts; what is wrong with it otherwise. `sees` says whether a person may see every
/// figure of the dashboard.
pub async fn readers(app: &App, caller: &Caller, draft: &Draft) -> Outcome<Vec<Caller>> {
    let own = caller.who().or_missing(&SIGN_IN_NEEDED)?.id.clone();
    let mut accounts = BTreeSet::new();
    let mut wrong = FormProblems::new();
    wrong.require(draft.rhythm.is_some(), "nhip", "reporting-schedule-rhythm");
    wrong.require((0..24).contains(&draft.hour), "gio", "reporting-ways-hour");
    wrong.require(draft.readers.len() <= READERS_MOST, "nguoi", "reporting-schedule-too-many");
    wrong.check()?;
    app.db
        .view(async |tx| {
            let mut found = Vec::new();
            let mut wrong = FormProblems::new();
            if draft.readers.is_empty() {
                accounts.insert(own.clone());
            }
            for name in &draft.readers {
                match identity::account_named(tx, name).await? {
                    Some(account) => drop(accounts.insert(account)),
                    None => drop(wrong.add_with(
                        "nguoi",
                        "reporting-schedule-reader",
                        vec![("name", name.clone())],
                    )),
                }
            }
            wrong.check()?;
            for account in &accounts {
                found.extend(identity::caller_of(tx, account).await?);
            }
            Ok(found)
        })
        .await
}

/// Sets a schedule up, for readers who were found to see every figure of it.
pub async fn set_up(
    app: &App,
    caller: &Caller,
    board: &DashboardId,
    draft: &Draft,
    readers: &[Caller],
    catalogue: &Catalogue,
) -> Outcome<ScheduleId> {
    let person = caller.who().or_missing(&SIGN_IN_NEEDED)?.clone();
    dashboards::open(app, caller, board).await?;
    let rhythm = draft.rhythm.clone().or_missing(&SCHEDULE_NOT_FOUND)?;
    let known = match &rhythm {
        Rhythm::Due(dataset) => catalogue.datasets.contains_key(dataset),
        Rhythm::Week(_) | Rhythm::Month(_) => true,
    };
    let accounts: Vec<&str> = readers.iter().map(Caller::id).collect();
    let addressees = serde_json::to_string(&accounts)
        .map_err(|error| kernel::problem::Failure::fault("write a schedule", error))?;
    app.db
        .change(async |tx| {
            let there = outward::schedules_of(tx, board).await?.len();
            let mut wrong = FormProblems::new();
            wrong.require(there < SCHEDULES_MOST, "nhip", "reporting-schedule-enough");
            wrong.require(known, "nhip", "reporting-schedule-rhythm");
            wrong.check()?;
            let next = next(tx, &rhythm, draft.hour).await?;
            let one = Schedule {
                id: tx.new_id(),
                dashboard: board.clone(),
                owner: person.id.clone(),
                addressees: addressees.clone(),
                rhythm: rhythm.text(),
                hour: draft.hour.into(),
                file: draft.file.clone(),
                next_at: next.0,
                sends: next.1,
                last_at: None,
                made_at: tx.now(),
            };
            outward::put_schedule(tx, &one).await?;
            wake(tx, SCHEDULES, next.0).await?;
            Ok(one.id)
        })
        .await
}

/// Ends a schedule: whoever made it may, and the owner of the dashboard, and each of its readers for all.
pub async fn end(app: &App, caller: &Caller, board: &DashboardId, id: &ScheduleId) -> Outcome<()> {
    caller.must_somewhere(&SEE)?;
    app.db
        .change(async |tx| {
            let found = outward::schedule(tx, id).await?;
            let one = found.filter(|one| one.dashboard == *board);
            let one = one.or_missing(&SCHEDULE_NOT_FOUND)?;
            let owner = analysis::dashboard(tx, board).await?.map(|found| found.owner);
            let may = one.owner == caller.id() || owner.as_deref() == Some(caller.id());
            may.then_some(()).or_missing(&SCHEDULE_NOT_FOUND)?;
            Ok(outward::drop_schedule(tx, id).await?)
        })
        .await
}

/// The next time of a rhythm, and whether something is sent then: without a known deadline it looks again
/// tomorrow.
async fn next(tx: &mut Tx, rhythm: &Rhythm, hour: i8) -> Outcome<(Timestamp, bool)> {
    let now = tx.now();
    let known = match rhythm {
        Rhythm::Due(dataset) => {
            outward::deadlines(tx, dataset.as_str(), now.day().plus_days(-1)).await?
        }
        Rhythm::Week(_) | Rhythm::Month(_) => Vec::new(),
    };
    let deadline = |from: Day| known.iter().copied().find(|day| *day >= from);
    Ok(match rhythm.after(now, hour, deadline) {
        Some(at) => (at, true),
        None => (now.day().plus_days(1).start(), false),
    })
}

/// Puts what is due into the outbox, once for each reader and time. A time that was missed is made up for once,
/// however many were missed. Gives when to look again.
pub async fn tick(app: &App) -> Outcome<()> {
    loop {
        let moved = app
            .db
            .change(async |tx| {
                let now = tx.now();
                let due = outward::schedules_due(tx, now, STRETCH).await?;
                for one in &due {
                    move_on(tx, one).await?;
                }
                if due.len() < STRETCH
                    && let Some(at) = outward::schedules_next(tx).await?
                {
                    wake(tx, SCHEDULES, at).await?;
                }
                Ok(due.len())
            })
            .await?;
        if moved < STRETCH {
            return Ok(());
        }
    }
}

async fn move_on(tx: &mut Tx, one: &Schedule) -> Outcome<()> {
    let now = tx.now();
    let hour = i8::try_from(one.hour).unwrap_or(7);
    let Some(rhythm) = Rhythm::parse(&one.rhythm) else {
        return Ok(outward::drop_schedule(tx, &one.id).await?);
    };
    let next = next(tx, &rhythm, hour).await?;
    let sent = one.sends.then_some(now);
    if !outward::move_on(tx, one, next, sent).await? || !one.sends {
        return Ok(());
    }
    let Some(board) = analysis::dashboard(tx, &one.dashboard).await? else {
        return Ok(outward::drop_schedule(tx, &one.id).await?);
    };
    for account in readers_of(one) {
        let wanted = Wanted {
            once: format!("board:{}:{}:{account}", one.id, one.next_at.millis()),
            way: Way::Mail,
            recipient: account,
            subject: board.title.clone(),
            content: Content::Board { schedule: one.id.clone() },
        };
        put(tx, wanted).await?;
    }
    Ok(())
}
