//! A saved dashboard that is sent again and again: to whom, how often, with which file.

use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::Path,
        routing::{get, post},
    },
    minijinja::{Value, value::Serde},
    problem::{FormProblems, OrMissing, Outcome},
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{letters, review::Choice};
use crate::{
    actions::{
        analysis::dashboards::{self, DASHBOARD_NOT_FOUND},
        catalogue::{self, Catalogue},
        outward::{
            Mailer,
            schedules::{self, Draft, SCHEDULE_NOT_FOUND, Shown},
        },
    },
    model::{DashboardId, ScheduleId, outward::Rhythm},
};

pub(crate) const PAGE: Template<Context> = Template::new("reporting/schedules.html");
const FILES: [&str; 3] = ["", "xlsx", "csv"];

/// The addresses of this page.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/so-lieu/bang-theo-doi/{id}/gui", get(show).post(set_up))
        .route("/so-lieu/bang-theo-doi/{id}/gui/{schedule}/bo", post(end))
}

/// One schedule.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) rhythm: String,
    pub(crate) readers: String,
    pub(crate) file: String,
    /// None while no deadline is known.
    pub(crate) next: Option<i64>,
    pub(crate) last: Option<i64>,
    pub(crate) end: String,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Context {
    pub(crate) title: String,
    pub(crate) here: String,
    pub(crate) board: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) rhythms: Vec<Choice>,
    pub(crate) hours: Vec<Choice>,
    pub(crate) files: Vec<Choice>,
    pub(crate) rhythm: String,
    pub(crate) hour: String,
    pub(crate) file: String,
    pub(crate) readers: String,
    /// True where letters are sent at all.
    pub(crate) has_mail: bool,
    pub(crate) errors: Value,
}

fn here(board: &DashboardId) -> String {
    format!("/so-lieu/bang-theo-doi/{board}/gui")
}

fn rhythm_words(visit: &Visit, catalogue: &Catalogue, rhythm: &Rhythm) -> String {
    match rhythm {
        Rhythm::Week(day) => visit.say(&format!("reporting-schedule-week-{day}"), &[]),
        Rhythm::Month(31) => visit.say("reporting-schedule-month-last", &[]),
        Rhythm::Month(day) => visit.say("reporting-schedule-month", &[("day", day.to_string())]),
        Rhythm::Due(dataset) => {
            let title =
                catalogue.datasets.get(dataset).map_or(dataset.as_str(), |one| one.title.as_str());
            visit.say("reporting-schedule-due", &[("dataset", title.to_owned())])
        }
    }
}

async fn context(visit: &Visit, board: &DashboardId) -> Outcome<Context> {
    let saved = dashboards::open(&visit.app, &visit.caller, board).await?;
    let all = schedules::list(&visit.app, &visit.caller, board).await?;
    let catalogue = catalogue::current(&visit.app).await?;
    let row = |one: &Shown| Row {
        rhythm: Rhythm::parse(&one.row.rhythm)
            .map_or_else(String::new, |rhythm| rhythm_words(visit, &catalogue, &rhythm)),
        readers: one.readers.join(", "),
        file: one.row.file.clone(),
        next: one.row.sends.then(|| one.row.next_at.millis()),
        last: one.row.last_at.map(kernel::clock::Timestamp::millis),
        end: format!("{}/{}/bo", here(board), one.row.id),
    };
    let mut rhythms: Vec<Rhythm> = (1..=7).map(Rhythm::Week).collect();
    rhythms.extend([1, 5, 10, 15, 20, 25, 31].map(Rhythm::Month));
    rhythms.extend(catalogue.datasets.keys().cloned().map(Rhythm::Due));
    let choice = |rhythm: &Rhythm| Choice {
        value: rhythm.text(),
        label: rhythm_words(visit, &catalogue, rhythm),
    };
    let hour = |hour: i8| Choice { value: hour.to_string(), label: format!("{hour}:00") };
    let file = |one: &str| Choice {
        value: one.to_owned(),
        label: visit.say(
            &format!("reporting-schedule-file-{}", if one.is_empty() { "none" } else { one }),
            &[],
        ),
    };
    Ok(Context {
        title: saved.row.title.clone(),
        here: here(board),
        board: format!("/so-lieu/bang-theo-doi/{board}"),
        rows: all.iter().map(row).collect(),
        rhythms: rhythms.iter().map(choice).collect(),
        hours: (6..=20).map(hour).collect(),
        files: FILES.map(file).to_vec(),
        rhythm: "week:1".to_owned(),
        hour: "7".to_owned(),
        file: "xlsx".to_owned(),
        readers: String::new(),
        has_mail: visit.app.port::<Mailer>().is_some(),
        errors: Value::UNDEFINED,
    })
}

fn read_board(id: &str) -> Outcome<DashboardId> {
    DashboardId::parse(id).or_missing(&DASHBOARD_NOT_FOUND)
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let context = context(&visit, &read_board(&id)?).await?;
    visit.page(&PAGE, &context)
}

fn read(fields: &Fields) -> Draft {
    let names = fields.lines("nguoi");
    let names = names.split([',', ';', '\n', ' ']).map(str::trim).filter(|name| !name.is_empty());
    let file = FILES.into_iter().find(|known| *known == fields.raw("tep")).unwrap_or_default();
    Draft {
        rhythm: Rhythm::parse(fields.raw("nhip")),
        hour: fields.number("gio").and_then(|hour| i8::try_from(hour).ok()).unwrap_or(-1),
        file: file.to_owned(),
        readers: names.map(str::to_owned).collect(),
    }
}

async fn set_up(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let board = read_board(&id)?;
    match try_set_up(&visit, &board, &read(&fields)).await {
        Ok(()) => visit.done(&here(&board), "reporting-schedule-kept"),
        Err(failure) => {
            let known = context(&visit, &board).await?;
            visit.form_again(failure, &PAGE, |errors| Context {
                rhythm: fields.line("nhip"),
                hour: fields.line("gio"),
                file: fields.line("tep"),
                readers: fields.lines("nguoi"),
                errors: Value::from(Serde(errors)),
                ..known
            })
        }
    }
}

/// Asks for each reader what the dashboard would show them: the same question as when it leaves.
async fn try_set_up(visit: &Visit, board: &DashboardId, draft: &Draft) -> Outcome<()> {
    let saved = dashboards::open(&visit.app, &visit.caller, board).await?;
    let readers = schedules::readers(&visit.app, &visit.caller, draft).await?;
    let mut wrong = FormProblems::new();
    for reader in &readers {
        if !letters::sees_all(&visit.app, reader, &saved).await? {
            let name = reader.who().map(|person| person.name.clone()).unwrap_or_default();
            wrong.add_with("nguoi", "reporting-schedule-unseen", vec![("name", name)]);
        }
    }
    wrong.require(!readers.is_empty(), "nguoi", "reporting-schedule-nobody");
    wrong.check()?;
    let catalogue = catalogue::current(&visit.app).await?;
    schedules::set_up(&visit.app, &visit.caller, board, draft, &readers, &catalogue).await.map(drop)
}

async fn end(visit: Visit, Path((id, schedule)): Path<(String, String)>, _: Posted) -> Answer {
    let board = read_board(&id)?;
    let schedule = ScheduleId::parse(&schedule).or_missing(&SCHEDULE_NOT_FOUND)?;
    schedules::end(&visit.app, &visit.caller, &board, &schedule).await?;
    visit.done(&here(&board), "reporting-schedule-ended")
}
