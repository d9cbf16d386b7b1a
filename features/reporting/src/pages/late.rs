//! The calendar: who owes what by when, what is late first; reminders; the same as a table to take away.

mod excuse;

use std::collections::HashMap;

use areas::AreaId;
use kernel::{
    app::{AppRef, NodeRole},
    axum::{Router, extract::Query, routing::get},
    clock::Day,
    db::Tx,
    problem::{Failure, Outcome},
    web::{Answer, FieldError, Made, PAGE_SIZE, Paging, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::review::{Choice, Tab, period_label, period_within};
use crate::{
    actions::{
        REVIEW, SEE,
        catalogue::{self, Catalogue},
        excuses,
        reminders::{self, Audience},
        review::place_of,
    },
    model::{
        Life, ObligationId, Period,
        table_text::{Dialect, harmless},
    },
    store::{
        excuses as store_excuses,
        obligations::Obligation,
        reminders::{self as store, Calendar, Notice, Shown},
    },
};

/// The addresses of this page.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/han", get(show).post(excuse::say))
        .route("/bao-cao/han.csv", get(table))
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    dia_ban: String,
    #[serde(default)]
    bo: String,
    #[serde(default)]
    loc: String,
    #[serde(default)]
    trang: Option<usize>,
}

/// One thing that is owed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) href: String,
    pub(crate) unit: String,
    pub(crate) dataset: String,
    pub(crate) period: String,
    pub(crate) part: Option<String>,
    pub(crate) certify_by: Option<String>,
    pub(crate) due: Option<String>,
    /// `late`, `soon`, `open`, `came-late`, `met`, `nil`.
    pub(crate) kind: &'static str,
    pub(crate) status: String,
    pub(crate) reason: String,
    pub(crate) reminded: i64,
    pub(crate) id: String,
    /// True when this person may excuse it.
    pub(crate) may_excuse: bool,
    /// Picked in the form that came back.
    pub(crate) picked: bool,
    /// The deadline that was set aside.
    pub(crate) was: Option<String>,
}

/// What was typed into the form that excuses.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Draft {
    pub(crate) kind: String,
    pub(crate) until: String,
    pub(crate) why: String,
    pub(crate) all: bool,
}

/// A reminder.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NoticeRow {
    pub(crate) text: String,
    pub(crate) late: bool,
    pub(crate) href: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Context {
    pub(crate) area: String,
    pub(crate) area_id: String,
    pub(crate) datasets: Vec<Choice>,
    pub(crate) dataset: String,
    pub(crate) filter: &'static str,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) rows: Vec<Row>,
    pub(crate) paging: Paging,
    pub(crate) notices: Vec<NoticeRow>,
    pub(crate) notice_count: i64,
    pub(crate) csv: String,
    pub(crate) as_of: i64,
    /// True when this person may excuse some row of the page.
    pub(crate) may_excuse: bool,
    /// Which page of the list.
    pub(crate) at: usize,
    pub(crate) kinds: Vec<Choice>,
    pub(crate) draft: Draft,
    pub(crate) errors: Vec<FieldError>,
}

pub(crate) const PAGE: Template<Context> = Template::new("reporting/late.html");
/// Reminders that the page shows at once.
const NOTICES_MOST: usize = 12;
/// Most lines of the table to take away.
const TABLE_MOST: usize = 50_000;

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let catalogue = catalogue::current(&visit.app).await?;
    let context =
        visit.app.db.view(async |tx| context(tx, &visit, &catalogue, &asked).await).await?;
    visit.page(&PAGE, &context)
}

async fn context(
    tx: &mut Tx,
    visit: &Visit,
    catalogue: &Catalogue,
    asked: &Asked,
) -> Outcome<Context> {
    let area = place_of(tx, &visit.caller, &SEE, &asked.dia_ban).await?;
    let today = tx.now().day();
    let dataset = catalogue.datasets.keys().find(|code| code.as_str() == asked.bo);
    let dataset = dataset.map_or("", |code| code.as_str());
    let shown = Shown::from_slug(&asked.loc);
    let base = format!("/bao-cao/han?dia_ban={}&bo={dataset}", area.id);
    let mut tabs = Vec::new();
    let mut total = 0;
    for one in Shown::ALL {
        let of = Calendar { scope: &area.path, dataset, shown: one, today };
        let count = store::count(tx, &of).await?;
        if one == shown {
            total = count;
        }
        tabs.push(Tab {
            href: format!("{base}&loc={}", one.slug()),
            label: visit.say(&format!("reporting-due-{}", one.slug()), &[]),
            count: Some(count),
            current: one == shown,
        });
    }
    let at = asked.trang.unwrap_or(1).max(1);
    let of = Calendar { scope: &area.path, dataset, shown, today };
    let found = store::calendar(tx, &of, PAGE_SIZE, Paging::offset(at)).await?;
    let rows = rows(tx, visit, catalogue, &found, today).await?;
    let kind = |code: &str| Choice {
        value: code.to_owned(),
        label: visit.say(&format!("reporting-excuse-{code}"), &[]),
    };
    let notices = reminders::for_caller(tx, &visit.caller, NOTICES_MOST).await?;
    Ok(Context {
        area: area.title(),
        area_id: area.id.to_string(),
        datasets: catalogue
            .datasets
            .values()
            .map(|one| Choice { value: one.code.to_string(), label: one.title.clone() })
            .collect(),
        dataset: dataset.to_owned(),
        filter: shown.slug(),
        tabs,
        may_excuse: rows.iter().any(|row| row.may_excuse),
        at,
        kinds: ["extend", "excuse", "revoke"].map(kind).to_vec(),
        draft: Draft { kind: "extend".to_owned(), ..Draft::default() },
        errors: Vec::new(),
        rows,
        paging: Paging::new(
            &format!("{base}&loc={}", shown.slug()),
            at,
            usize::try_from(total).unwrap_or(0),
        ),
        notices: notice_rows(tx, visit, catalogue, &notices, today).await?,
        notice_count: reminders::count_for(tx, &visit.caller).await?,
        csv: format!("/bao-cao/han.csv?dia_ban={}&bo={dataset}&loc={}", area.id, shown.slug()),
        as_of: tx.now().millis(),
    })
}

async fn names(
    tx: &mut Tx,
    ids: impl Iterator<Item = AreaId>,
) -> Outcome<HashMap<AreaId, areas::Area>> {
    let ids: Vec<AreaId> = ids.collect();
    Ok(areas::find_many(tx, &ids).await?)
}

async fn rows(
    tx: &mut Tx,
    visit: &Visit,
    catalogue: &Catalogue,
    found: &[Obligation],
    today: Day,
) -> Outcome<Vec<Row>> {
    let names = names(tx, found.iter().map(|one| one.area.clone())).await?;
    let ids: Vec<ObligationId> = found.iter().map(|one| one.id.clone()).collect();
    // What was said last of each stands.
    let said: HashMap<ObligationId, String> = store_excuses::of(tx, &ids)
        .await?
        .into_iter()
        .map(|one| (one.obligation, format!("{} ({})", one.why, one.by_name)))
        .collect();
    let is_hub = visit.app.role == NodeRole::Hub;
    let row = |one: &Obligation| {
        let dataset = catalogue.datasets.get(&one.dataset);
        let (kind, status) = status(visit, one, today);
        let period = Period::parse(&one.period);
        let part = period.and_then(|period| period.part(one.from_day, one.until_day));
        let life = Life::from_code(one.life);
        let may_review = visit.caller.may(&REVIEW, &one.path);
        Row {
            href: if may_review {
                format!("/bao-cao/duyet/{}", one.id)
            } else {
                format!("/bao-cao/{}/{}/{}/{}", one.dataset, one.period, one.area, life.slug())
            },
            unit: names.get(&one.area).map_or_else(|| one.area.to_string(), areas::Area::title),
            dataset: dataset
                .map_or_else(|| one.dataset.to_string(), |dataset| dataset.title.clone()),
            period: period_label(
                visit,
                &one.period,
                one.life,
                dataset.is_some_and(|d| d.estimated),
            ),
            part: part.filter(|part| !part.is_whole()).map(|part| part.window()),
            certify_by: one.certify_by.map(Day::short),
            due: one.due_on.map(Day::short),
            kind,
            status,
            reason: match said.get(&one.id).filter(|_| one.excused || one.due_was.is_some()) {
                Some(said) => said.clone(),
                None => one.late_reason.clone().unwrap_or_default(),
            },
            reminded: one.reminded,
            id: one.id.to_string(),
            may_excuse: is_hub
                && dataset.is_none_or(|dataset| dataset.ended.is_none())
                && excuses::is_above(&visit.caller, one),
            picked: false,
            was: one.due_was.map(Day::short),
        }
    };
    Ok(found.iter().map(row).collect())
}

/// What became of a deadline: its kind, and in words.
pub(crate) fn status(visit: &Visit, one: &Obligation, today: Day) -> (&'static str, String) {
    let say = |key: &str, days: i32| visit.say(key, &[("days", days.to_string())]);
    let sent = one.met_at.map(|at| at.day().short()).unwrap_or_default();
    match (one.met_at, one.due_on) {
        _ if !one.is_owed() => ("excused", visit.say("reporting-due-excused", &[])),
        (Some(_), _) if one.nil => ("nil", visit.say("reporting-due-was-nil", &[("when", sent)])),
        (Some(_), _) if one.on_time => {
            ("met", visit.say("reporting-due-was-met", &[("when", sent)]))
        }
        (Some(at), Some(due)) => {
            let days = at.day().days_since(due).to_string();
            ("came-late", visit.say("reporting-due-came-late", &[("when", sent), ("days", days)]))
        }
        (Some(_), None) => ("met", visit.say("reporting-due-was-met", &[("when", sent)])),
        (None, Some(due)) if due < today => {
            ("late", say("reporting-due-late", today.days_since(due)))
        }
        (None, Some(due)) if due == today => ("soon", say("reporting-due-is-today", 0)),
        (None, Some(due)) => {
            let days = due.days_since(today);
            (if days <= 7 { "soon" } else { "open" }, say("reporting-due-days-left", days))
        }
        (None, None) => ("open", visit.say("reporting-due-no-day", &[])),
    }
}

async fn notice_rows(
    tx: &mut Tx,
    visit: &Visit,
    catalogue: &Catalogue,
    notices: &[(Audience, Notice)],
    today: Day,
) -> Outcome<Vec<NoticeRow>> {
    let names = names(tx, notices.iter().map(|(_, one)| one.area.clone())).await?;
    let row = |(audience, one): &(Audience, Notice)| {
        let late = one.due_on.is_some_and(|due| due < today);
        let dataset = catalogue.datasets.get(&one.dataset);
        let life = Life::from_code(one.life);
        let key = match (audience, late) {
            (Audience::Unit, false) => "reporting-notice-soon",
            (Audience::Unit, true) => "reporting-notice-late",
            _ => "reporting-notice-below",
        };
        let unit = names.get(&one.area).map_or_else(|| one.area.to_string(), areas::Area::title);
        let due = one.due_on.map(Day::short).unwrap_or_default();
        let title =
            dataset.map_or_else(|| one.dataset.to_string(), |dataset| dataset.title.clone());
        let period =
            period_within(visit, &one.period, one.life, dataset.is_some_and(|d| d.estimated));
        NoticeRow {
            text: visit
                .say(key, &[("unit", unit), ("dataset", title), ("period", period), ("due", due)]),
            late,
            href: format!("/bao-cao/{}/{}/{}/{}", one.dataset, one.period, one.area, life.slug()),
        }
    };
    Ok(notices.iter().map(row).collect())
}

async fn table(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let catalogue = catalogue::current(&visit.app).await?;
    let (rows, today, name) = visit
        .app
        .db
        .view(async |tx| {
            let area = place_of(tx, &visit.caller, &SEE, &asked.dia_ban).await?;
            let today = tx.now().day();
            let dataset = catalogue.datasets.keys().find(|code| code.as_str() == asked.bo);
            let dataset = dataset.map_or("", |code| code.as_str());
            let shown = Shown::from_slug(&asked.loc);
            let of = Calendar { scope: &area.path, dataset, shown, today };
            let found = store::calendar(tx, &of, TABLE_MOST, 0).await?;
            let rows = rows(tx, &visit, &catalogue, &found, today).await?;
            Ok((rows, today, area.id.to_string()))
        })
        .await?;
    let unfit = |error: csv::Error| Failure::fault("write a table", error);
    let mut out = Dialect::People.writer();
    let heading =
        ["unit", "dataset", "period", "part", "certify", "due", "status", "reason", "reminded"];
    let heading = heading.map(|one| visit.say(&format!("reporting-due-col-{one}"), &[]));
    out.write_record(&heading).map_err(unfit)?;
    for row in rows {
        let reminded = row.reminded.to_string();
        let cells = [
            row.unit,
            row.dataset,
            row.period,
            row.part.unwrap_or_default(),
            row.certify_by.unwrap_or_default(),
            row.due.unwrap_or_default(),
            row.status,
            row.reason,
            reminded,
        ];
        out.write_record(cells.iter().map(|cell| harmless(cell).into_owned())).map_err(unfit)?;
    }
    let bytes = out.into_inner().map_err(|error| Failure::fault("write a table", error))?;
    visit.made(Made {
        kind: "text/csv; charset=utf-8; header=present",
        name: Some(format!("han-bao-cao-{}-{}.csv", name.replace('.', "-"), today.iso())),
        bytes,
    })
}
