//! Reminders: a ladder of days around each deadline. The unit is told before, on and after it, then its
//! province, then the ministry. One rung is told once, whatever happens in between; when days were missed
//! (the power was out), only the highest rung that is due is told.
//!
//! What is told stands in the program at once, and leaves it by the ways that its readers chose
//! (`actions/outward`).

use std::collections::BTreeMap;

use areas::{Area, AreaId};
use kernel::{
    app::{App, AppRef},
    caller::Caller,
    clock::{Day, Timestamp},
    db::Tx,
    events::Doing,
    jobs::JobKind,
    problem::Outcome,
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::{CERTIFY, ENTER, REVIEW, catalogue, catalogue::Catalogue, outward};
use crate::{
    model::Period,
    store::{
        numbers,
        reminders::{self as store, Letter, Notice, Waiting},
    },
};

/// Tells what is due, once a day.
pub const REMIND: JobKind = JobKind { name: "reporting.remind", run: |app, _| every_day(app) };
/// Puts waiting letters into the outbox.
pub const SEND_LETTERS: JobKind = JobKind {
    name: "reporting.send_letters",
    run: |app, _| Box::pin(async move { send(app).await }),
};

/// Whom a rung tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The unit that owes.
    Unit,
    /// Its province.
    Province,
    /// The ministry.
    Ministry,
}

impl Audience {
    /// As stored, and in the names of words.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Province => "province",
            Self::Ministry => "ministry",
        }
    }

    /// The path whose people are told about a unit.
    fn scope(self, unit: &ScopePath) -> ScopePath {
        let above = unit.ancestors();
        let at = |depth: usize| above.get(depth).cloned().unwrap_or_else(|| unit.clone());
        match self {
            Self::Unit => unit.clone(),
            Self::Province => at(2),
            Self::Ministry => at(1),
        }
    }
}

/// A rung: so many days before (negative) or after the deadline, somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Days after the deadline.
    pub days: i32,
    /// Whom.
    pub to: Audience,
}

/// When reminders are given. Offered by the program from its settings; [`Ladder::default`] otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// The rungs, each of a day of its own, in the order of days.
    pub rungs: Vec<Rung>,
    /// The first hour of the day at which people are told.
    pub from_hour: i8,
    /// The hour from which they are left in peace again.
    pub until_hour: i8,
}

impl Default for Ladder {
    fn default() -> Self {
        let rung = |days, to| Rung { days, to };
        Self {
            rungs: vec![
                rung(-7, Audience::Unit),
                rung(-2, Audience::Unit),
                rung(0, Audience::Unit),
                rung(1, Audience::Unit),
                rung(3, Audience::Province),
                rung(10, Audience::Ministry),
            ],
            from_hour: 7,
            until_hour: 20,
        }
    }
}

/// How long after the last rung a missed reminder is still given: older debts are on the calendar, and a new
/// installation does not wake up with last year's.
const GRACE_DAYS: i32 = 14;
/// Obligations looked at in one transaction.
const STRETCH: usize = 500;

impl Ladder {
    /// The rung that is due for something not handed in, when a higher one was not told yet.
    pub fn due(&self, due_on: Day, told: Option<i64>, today: Day) -> Option<Rung> {
        let after = today.days_since(due_on);
        let highest =
            self.rungs.iter().filter(|rung| rung.days <= after).max_by_key(|rung| rung.days);
        highest.copied().filter(|rung| told.is_none_or(|told| i64::from(rung.days) > told))
    }

    /// True at hours at which people are told.
    pub fn is_awake(&self, now: Timestamp) -> bool {
        (self.from_hour..self.until_hour).contains(&now.civil().hour())
    }

    /// The next moment at which people may be told.
    pub fn wakes_at(&self, now: Timestamp) -> Timestamp {
        if self.is_awake(now) {
            return now;
        }
        let today = now.day();
        let day = if now.civil().hour() < self.from_hour { today } else { today.plus_days(1) };
        day.start().plus_seconds(i64::from(self.from_hour) * 3_600)
    }

    fn days(&self) -> (i32, i32) {
        let days = |pick: fn(i32, i32) -> i32| self.rungs.iter().map(|rung| rung.days).reduce(pick);
        (days(i32::min).unwrap_or(0), days(i32::max).unwrap_or(0))
    }
}

/// A letter to whoever holds a duty at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Whom it is for.
    pub audience: Audience,
    /// The people of this path.
    pub scope: String,
    /// Its subject.
    pub subject: String,
    /// What is owed: one line each, the most urgent first.
    pub lines: Vec<String>,
    /// How much is owed, when there is more than the lines say.
    pub count: usize,
    /// The earliest deadline among it.
    #[serde(default)]
    pub due: Option<Day>,
}

/// Lines of one letter; the rest is on the calendar.
const LINES_MOST: usize = 50;

fn ladder(app: &App) -> Ladder {
    app.port::<Ladder>().cloned().unwrap_or_default()
}

fn every_day(app: &AppRef) -> Doing<'_, ()> {
    Box::pin(async move {
        let (ladder, now) = (ladder(app), app.now());
        if !ladder.is_awake(now) {
            let at = ladder.wakes_at(now);
            return app
                .db
                .change(async |tx| Ok(tx.queue(&REMIND, "awake", at).await.map(drop)?))
                .await;
        }
        remind(app, &ladder).await?;
        send(app).await?;
        let tomorrow = now.day().plus_days(1);
        let at = tomorrow.start().plus_seconds(i64::from(ladder.from_hour) * 3_600);
        app.db
            .change(async |tx| {
                if numbers::note_day(tx, "reminders", tomorrow).await? {
                    tx.queue(&REMIND, &tomorrow.iso(), at).await?;
                }
                Ok(())
            })
            .await
    })
}

/// Tells everything that is due and was not told; gives how many reminders were new.
pub async fn remind(app: &App, ladder: &Ladder) -> Outcome<usize> {
    let catalogue = catalogue::current(app).await?;
    let today = app.now().day();
    let (first, last) = ladder.days();
    let between = (today.plus_days(-(last + GRACE_DAYS)), today.plus_days(-first));
    let mut after = String::new();
    let mut fresh = 0;
    loop {
        let (rows, new) = app
            .db
            .change(async |tx| {
                let rows = store::waiting(tx, between, &after, STRETCH).await?;
                let mut new = Vec::new();
                for one in &rows {
                    let Some(rung) = ladder.due(one.due_on, one.told, today) else { continue };
                    let scope = rung.to.scope(&one.path);
                    let days = i64::from(rung.days);
                    if store::note(tx, &one.id, days, rung.to.code(), &scope).await? {
                        store::climbed(tx, &one.id).await?;
                        new.push(((rung.to, scope), one.clone()));
                    }
                }
                // The letters of a stretch are written with its reminders: a power cut loses neither.
                let mut stretch: BTreeMap<(Audience, ScopePath), Vec<Waiting>> = BTreeMap::new();
                for (whom, one) in &new {
                    stretch.entry(whom.clone()).or_default().push(one.clone());
                }
                write_letters(tx, &catalogue, today, &stretch).await?;
                Ok((rows, new.len()))
            })
            .await?;
        fresh += new;
        match rows.last().filter(|_| rows.len() == STRETCH) {
            Some(row) => after = row.id.to_string(),
            None => return Ok(fresh),
        }
    }
}

/// One letter per recipient and day. The first stretch of a day writes it; what later stretches add to the
/// same recipient is on the calendar, to which every letter points.
async fn write_letters(
    tx: &mut Tx,
    catalogue: &Catalogue,
    today: Day,
    told: &BTreeMap<(Audience, ScopePath), Vec<Waiting>>,
) -> Outcome<()> {
    let units: Vec<AreaId> = told.values().flatten().map(|one| one.area.clone()).collect();
    let names = areas::find_many(tx, &units).await?;
    for ((audience, scope), waiting) in told {
        let mut waiting: Vec<&Waiting> = waiting.iter().collect();
        waiting.sort_by_key(|one| (one.due_on, one.id.to_string()));
        let line = |one: &&Waiting| {
            let dataset = catalogue.datasets.get(&one.dataset);
            let title = dataset.map_or(one.dataset.as_str(), |dataset| dataset.title.as_str());
            let period =
                Period::parse(&one.period).map_or_else(|| one.period.clone(), |p| p.within_vi());
            let unit = names.get(&one.area).map_or_else(|| one.area.to_string(), Area::title);
            format!("{unit}: {title}, {period}, hạn gửi {}", one.due_on.short())
        };
        let message = Message {
            audience: *audience,
            scope: scope.to_string(),
            subject: match audience {
                Audience::Unit => "Nhắc gửi báo cáo".to_owned(),
                Audience::Province | Audience::Ministry => {
                    "Báo cáo quá hạn của đơn vị trực thuộc".to_owned()
                }
            },
            lines: waiting.iter().take(LINES_MOST).map(line).collect(),
            count: waiting.len(),
            due: waiting.first().map(|one| one.due_on),
        };
        let body = serde_json::to_string(&message)
            .map_err(|error| kernel::problem::Failure::fault("write a letter", error))?;
        let letter = Letter {
            id: tx.new_id(),
            scope: scope.clone(),
            audience: audience.code().to_owned(),
            day: today,
            body,
            tries: 0,
        };
        store::post(tx, &letter).await?;
    }
    Ok(())
}

/// Puts letters of the last days into the outbox for each of their readers, while people are awake. When each
/// person's own rest is over, the outbox knows.
pub async fn send(app: &AppRef) -> Outcome<()> {
    if ladder(app).is_awake(app.now()) {
        outward::reminding::expand(app).await?;
    }
    Ok(())
}

/// The reminders for somebody: of their own unit's debts, and of those they supervise. The most urgent first.
pub async fn for_caller(
    tx: &mut Tx,
    caller: &Caller,
    most: usize,
) -> Outcome<Vec<(Audience, Notice)>> {
    let mut all = Vec::new();
    for (audience, scope) in addresses(caller) {
        let found = store::notices(tx, audience.code(), &scope, most).await?;
        all.extend(found.into_iter().map(|notice| (audience, notice)));
    }
    all.sort_by(|(_, a), (_, b)| {
        (a.due_on, &a.area, &a.dataset).cmp(&(b.due_on, &b.area, &b.dataset))
    });
    all.truncate(most);
    Ok(all)
}

/// How many there are.
pub async fn count_for(tx: &mut Tx, caller: &Caller) -> Outcome<i64> {
    let mut sum = 0;
    for (audience, scope) in addresses(caller) {
        sum += store::count_notices(tx, audience.code(), &scope).await?;
    }
    Ok(sum)
}

/// Where reminders for somebody are kept.
fn addresses(caller: &Caller) -> Vec<(Audience, ScopePath)> {
    let mut all: Vec<(Audience, ScopePath)> = Vec::new();
    let country = ScopePath::root().child("vn");
    let mut add = |audience: Audience, scope: &ScopePath| {
        let scope = if *scope == ScopePath::root() { country.clone() } else { scope.clone() };
        if !all.contains(&(audience, scope.clone())) {
            all.push((audience, scope));
        }
    };
    for scope in caller.scopes_for(&ENTER).chain(caller.scopes_for(&CERTIFY)) {
        add(Audience::Unit, scope);
    }
    for scope in caller.scopes_for(&REVIEW) {
        let above = scope.ancestors().len() <= 2;
        add(if above { Audience::Ministry } else { Audience::Province }, scope);
    }
    all
}

/// Asks for the daily work, on every start; the work itself knows what was told already.
pub async fn begin(app: &App) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let now = tx.now();
            tx.queue(&REMIND, "start", now).await?;
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn only_the_highest_rung_is_told_and_each_once() {
        let ladder = Ladder::default();
        let due = day("2026-12-16");
        let on = |today: &str, told| ladder.due(due, told, day(today)).map(|rung| rung.days);
        assert_eq!(on("2026-12-08", None), None);
        assert_eq!(on("2026-12-09", None), Some(-7));
        assert_eq!(on("2026-12-10", Some(-7)), None);
        assert_eq!(
            on("2026-12-16", Some(-7)),
            Some(0),
            "the second rung was missed and is left out"
        );
        assert_eq!(on("2026-12-16", Some(0)), None);
        assert_eq!(on("2027-01-30", Some(3)), Some(10));
        assert_eq!(on("2027-01-31", Some(10)), None);
    }

    #[test]
    fn nobody_is_told_at_night() {
        let ladder = Ladder::default();
        let at = |hour: i64| day("2026-12-16").start().plus_seconds(hour * 3_600);
        assert!(ladder.is_awake(at(7)) && ladder.is_awake(at(19)));
        assert!(!ladder.is_awake(at(6)) && !ladder.is_awake(at(20)));
        assert_eq!(ladder.wakes_at(at(3)), at(7));
        assert_eq!(ladder.wakes_at(at(21)), at(31));
        assert_eq!(ladder.wakes_at(at(12)), at(12));
    }
}
