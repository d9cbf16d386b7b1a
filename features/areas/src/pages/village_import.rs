//! Bringing a whole table of villages: the form, what the table would do, and the word to record it.

use std::collections::HashMap;

use kernel::{
    axum::{extract::Path, http::header, response::IntoResponse},
    clock::Day,
    problem::{INVALID_FORM, OrMissing, Outcome},
    text::thousands,
    web::{Answer, Multipart, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    Crumb, Errors, crumbs, href, told,
    village_sheet::{self, Filled},
};
use crate::{
    NOT_FOUND,
    actions::{
        MANAGE_VILLAGES,
        village_import::{self, Checked, IMPORT_STALE, NewTable, place_of},
    },
    model::{Area, AreaId, AreaLevel, village_plan::Step},
    store::village_imports::below,
};

/// Bytes of the form with its file: the file's own limit is told in words before this one cuts it off.
pub const BODY_MAX: usize = 5 << 20;
/// Lines and problems that are shown; more are only counted.
const SHOWN_MAX: usize = 200;

/// The form.
pub const IMPORT: Template<Import> = Template::new("areas/village_import.html");
/// What the table would do.
pub const CHECK: Template<Check> = Template::new("areas/village_check.html");

/// What the form shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Import {
    /// The place's full name.
    pub title: String,
    /// The form's address.
    pub action: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// The day of the counts.
    pub on: String,
    /// Who counted.
    pub source: String,
    /// The instrument of the flags.
    pub instrument: String,
    /// What is wrong with it.
    pub errors: Errors,
}

/// What the look at a table shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Check {
    /// The place's full name.
    pub title: String,
    /// The form's address.
    pub action: String,
    /// Where another table is brought.
    pub again_href: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// The file's name.
    pub file_name: String,
    /// What goes back with the word.
    pub seal: String,
    /// True when there is something to record and nothing wrong.
    pub ready: bool,
    /// Villages that would be added.
    pub added: String,
    /// Head counts that would be recorded.
    pub recorded: String,
    /// Flags that would be stated.
    pub classed: String,
    /// Lines that change nothing.
    pub unchanged: String,
    /// What each line does, the first of them.
    pub rows: Vec<StepRow>,
    /// How many more there are.
    pub more_rows: Option<String>,
    /// What is wrong, the first of it.
    pub problems: Vec<ProblemRow>,
    /// How many more there are.
    pub more_problems: Option<String>,
    /// Headings that nobody understands.
    pub unused: String,
    /// True when flags were left out.
    pub flags_left_out: bool,
    /// True when the data changed since the last look.
    pub stale: bool,
}

/// What one line does.
#[derive(Clone, Debug, Serialize)]
pub struct StepRow {
    /// The line.
    pub line: u32,
    /// The village's full name.
    pub title: String,
    /// The commune's full name.
    pub commune: String,
    /// True when it is new.
    pub fresh: bool,
    /// People to record.
    pub people: Option<String>,
    /// Households to record.
    pub households: Option<String>,
    /// The day of the count.
    pub on: Option<Day>,
    /// Flags to state, as words.
    pub flags: String,
}

/// Something wrong.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemRow {
    /// The cell.
    pub address: String,
    /// The words.
    pub text: String,
}

/// `GET /dia-ban/{id}/thon/nhap`
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let page = form(&visit, &id).await?;
    visit.page(&IMPORT, &page)
}

/// `POST /dia-ban/{id}/thon/nhap`
pub async fn keep(visit: Visit, Path(id): Path<String>, posted: Multipart) -> Answer {
    let Multipart { fields, uploads } = posted;
    let upload = uploads.iter().find(|upload| upload.field == "file");
    let draft = NewTable {
        place: AreaId::parse(&id).or_missing(&NOT_FOUND)?,
        file_name: upload.map(|upload| upload.file_name.clone()).unwrap_or_default(),
        bytes: upload.map(|upload| &upload.bytes[..]),
        on: Day::parse(&fields.line("on")),
        source: fields.line("source"),
        instrument: fields.line("instrument"),
    };
    match village_import::keep_table(&visit.app, &visit.caller, draft).await {
        Ok(table) => Ok(kernel::web::see_other(&format!("/dia-ban/{id}/thon/nhap/{table}"))),
        Err(failure) if failure.is(&INVALID_FORM) => {
            let page = form(&visit, &id).await?;
            let (on, source) = (fields.line("on"), fields.line("source"));
            let instrument = fields.line("instrument");
            visit.form_again(failure, &IMPORT, |errors| Import {
                on,
                source,
                instrument,
                errors: told(errors),
                ..page
            })
        }
        Err(failure) => Err(failure),
    }
}

async fn form(visit: &Visit, id: &str) -> Outcome<Import> {
    visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(id).or_missing(&NOT_FOUND)?;
            let place = place_of(&visit.app, tx, &visit.caller, &id).await?;
            let mut way = crumbs(visit, tx, &place).await?;
            way.push(Crumb::here(visit.say("areas-import", &[])));
            Ok(Import {
                title: place.title(),
                action: format!("{}/thon/nhap", href(&place)),
                crumbs: way,
                ..Import::default()
            })
        })
        .await
}

/// `GET /dia-ban/{id}/thon/nhap/{table}`
pub async fn check(visit: Visit, Path((id, table)): Path<(String, String)>) -> Answer {
    let page = look(&visit, &id, &table).await?;
    visit.page(&CHECK, &page)
}

/// `POST /dia-ban/{id}/thon/nhap/{table}`
pub async fn record(
    visit: Visit,
    Path((id, table)): Path<(String, String)>,
    Posted { fields }: Posted,
) -> Answer {
    let place = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
    let (app, seal) = (&visit.app, fields.line("seal"));
    match village_import::record_table(app, &visit.caller, &place, &table, &seal).await {
        Ok(_) => {
            let caller = &visit.caller;
            let place = app.db.view(async |tx| place_of(app, tx, caller, &place).await).await?;
            let back = match place.level {
                AreaLevel::Commune if !caller.may(&MANAGE_VILLAGES, &place.path) => href(&place),
                AreaLevel::Commune => format!("/dia-ban/{id}/thon"),
                _ => format!("/dia-ban/{id}/dan-so"),
            };
            visit.done(&back, "areas-import-recorded")
        }
        Err(failure) if failure.is(&IMPORT_STALE) => {
            let page = Check { stale: true, ..look(&visit, &id, &table).await? };
            visit.page(&CHECK, &page)
        }
        Err(failure) => Err(failure),
    }
}

async fn look(visit: &Visit, id: &str, table: &str) -> Outcome<Check> {
    let place = AreaId::parse(id).or_missing(&NOT_FOUND)?;
    let app = &visit.app;
    let checked = village_import::check_table(app, &visit.caller, &place, table).await?;
    let mut way = app.db.view(async |tx| crumbs(visit, tx, &checked.place).await).await?;
    let again_href = format!("{}/thon/nhap", href(&checked.place));
    way.push(Crumb::link(visit.say("areas-import", &[]), again_href.clone()));
    way.push(Crumb::here(visit.say("areas-import-check", &[])));
    Ok(Check { crumbs: way, ..told_plan(visit, checked, table, again_href) })
}

fn told_plan(visit: &Visit, checked: Checked, table: &str, again_href: String) -> Check {
    let Checked { place, communes, file_name, plan, seal } = checked;
    let names: HashMap<&AreaId, String> =
        communes.iter().map(|area| (&area.id, area.full_name.clone())).collect();
    let count = |many: usize| thousands(i64::try_from(many).unwrap_or(i64::MAX));
    let more = |many: usize| many.checked_sub(SHOWN_MAX).filter(|rest| *rest > 0).map(count);
    let busy: Vec<&Step> = plan.steps.iter().filter(|step| !step.is_idle()).collect();
    let rows = busy.iter().take(SHOWN_MAX).map(|step| row(visit, step, &names)).collect();
    let problems = plan.problems.iter().take(SHOWN_MAX).map(|problem| ProblemRow {
        address: problem.address.clone(),
        text: visit.say(problem.key, &problem.args),
    });
    Check {
        title: place.title(),
        action: format!("{again_href}/{table}"),
        again_href,
        file_name,
        seal,
        ready: plan.is_ready(),
        added: count(plan.added()),
        recorded: count(plan.recorded()),
        classed: count(plan.classed()),
        unchanged: count(plan.unchanged()),
        rows,
        more_rows: more(busy.len()),
        problems: problems.collect(),
        more_problems: more(plan.problems.len()),
        unused: plan.unused.join("; "),
        flags_left_out: plan.flags_left_out,
        ..Check::default()
    }
}

fn row(visit: &Visit, step: &Step, names: &HashMap<&AreaId, String>) -> StepRow {
    let count = step.count.as_ref();
    let flags = step.flags.iter().map(|(mark, class)| match class {
        Some(_) => visit.say(&super::classes::class_key(*class), &[]),
        None => visit.say(&format!("{}-none", super::classes::mark_key(*mark)), &[]),
    });
    StepRow {
        line: step.line,
        title: crate::model::capitalised(&step.area_type().full_name(&step.name)),
        commune: names.get(&step.commune).cloned().unwrap_or_default(),
        fresh: step.village.is_none(),
        people: count.map(|count| thousands(count.people)),
        households: count.map(|count| thousands(count.households)),
        on: count.map(|count| count.on),
        flags: flags.collect::<Vec<_>>().join(", "),
    }
}

/// `GET /dia-ban/{id}/thon/mau.xlsx`
pub async fn xlsx(visit: Visit, Path(id): Path<String>) -> Answer {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    sheet(&visit, &id, kind, "thon-ban.xlsx", village_sheet::xlsx).await
}

/// `GET /dia-ban/{id}/thon/mau.csv`
pub async fn csv(visit: Visit, Path(id): Path<String>) -> Answer {
    sheet(&visit, &id, "text/csv; charset=utf-8", "thon-ban.csv", village_sheet::csv).await
}

async fn sheet(
    visit: &Visit,
    id: &str,
    kind: &'static str,
    name: &str,
    write: fn(&[Filled<'_>]) -> Outcome<Vec<u8>>,
) -> Answer {
    let (communes, villages) = visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(id).or_missing(&NOT_FOUND)?;
            let place = place_of(&visit.app, tx, &visit.caller, &id).await?;
            let today = tx.now().day();
            let communes = below(tx, &place.path, AreaLevel::Commune, today).await?;
            Ok((communes, below(tx, &place.path, AreaLevel::Village, today).await?))
        })
        .await?;
    let mut by_commune: HashMap<&AreaId, Vec<&Area>> = HashMap::new();
    for village in &villages {
        if let Some(commune) = &village.parent {
            by_commune.entry(commune).or_default().push(village);
        }
    }
    let lines = communes.iter().flat_map(|commune| {
        let villages = by_commune.remove(&commune.id).unwrap_or_default();
        let own: Vec<Option<&Area>> =
            if villages.is_empty() { vec![None] } else { villages.into_iter().map(Some).collect() };
        own.into_iter().map(move |village| Filled { commune, village })
    });
    let bytes = write(&lines.collect::<Vec<_>>())?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
