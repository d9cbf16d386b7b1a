//! A report as a workbook: downloading it, bringing it back, seeing what it would change, and the word to
//! record that.

pub mod samples;

use std::collections::BTreeMap;

use areas::{Area, AreaLevel};
use kernel::{
    app::AppRef,
    axum::{Router, extract::DefaultBodyLimit, extract::Path, routing::get, routing::post},
    problem::{OrMissing, Outcome},
    text::thousands,
    web::{Answer, Multipart, Posted, Template, Visit},
};
use serde::Serialize;

use crate::{
    actions::{
        entry::{Closed, Which},
        exchange_xlsx::{self, Brought, Opened, Packed},
    },
    model::{
        DatasetId, Life,
        file_kind::FileKind,
        form::SectionBody,
        workbook::{At, Note, Plan, PlannedRow, Report, print_state},
    },
};

/// Bytes of a posted form: the limits of a workbook are told in words before this one cuts it off.
const BODY_MAX: usize = 16 << 20;
/// Lines of each kind that are shown; more are only counted.
const SHOWN_MAX: usize = 200;

/// The form to bring a file with.
pub const IMPORT: Template<Import> = Template::new("reporting/import.html");
/// What a file would change.
pub const CHECK: Template<Check> = Template::new("reporting/import_check.html");

pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/mau.xlsx", get(template))
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/nhap",
            get(show).post(look).layer(DefaultBodyLimit::max(BODY_MAX)),
        )
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/nhap/ghi",
            post(record).layer(DefaultBodyLimit::max(BODY_MAX)),
        )
}

/// What an address says: data set, period, area, life.
pub(super) type Named = (String, String, String, String);

pub(super) fn which((dataset, period, area, life): &Named) -> Outcome<Which> {
    Ok(Which {
        dataset: DatasetId::parse(dataset).or_missing(&crate::actions::DATASET_NOT_FOUND)?,
        period: period.clone(),
        life: Life::from_slug(life),
        area: areas::AreaId::parse(area).or_missing(&areas::NOT_FOUND)?,
    })
}

pub(super) fn href(which: &Which) -> String {
    let Which { dataset, period, area, life } = which;
    format!("/bao-cao/{dataset}/{period}/{area}/{}", life.slug())
}

/// A step of the way to a page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Crumb {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
}

/// What the form shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Import {
    /// The form's title.
    pub title: String,
    /// The unit.
    pub area: String,
    /// The period.
    pub period: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Where the file is sent.
    pub action: String,
    /// Where the template is.
    pub template_href: String,
    /// Why the report takes no figures now: a key of words.
    pub closed: Option<&'static str>,
    /// True when neither a file nor lines came.
    pub nothing: bool,
}

/// What the look at a file shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Check {
    /// The form's title.
    pub title: String,
    /// The unit.
    pub area: String,
    /// The period.
    pub period: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// The file's name.
    pub file_name: String,
    /// Where the word to record goes.
    pub action: String,
    /// Where another file is brought.
    pub again_href: String,
    /// Why nothing can be taken.
    pub refused: Option<String>,
    /// True when there is something to record.
    pub ready: bool,
    /// True when everything of the file was understood.
    pub whole: bool,
    /// What is sent back with the word.
    pub changes: String,
    /// How many figures, texts and rows would change.
    pub changed: String,
    /// How many stay as they are.
    pub unchanged: String,
    /// Figures, the first of them.
    pub edits: Vec<EditRow>,
    /// How many more there are.
    pub more_edits: Option<String>,
    /// Narratives.
    pub words: Vec<WordsRow>,
    /// Rows of growing tables, the first of them.
    pub rows: Vec<RowRow>,
    /// How many more there are.
    pub more_rows: Option<String>,
    /// What could not be read.
    pub problems: Vec<String>,
    /// How many more there are.
    pub more_problems: Option<String>,
    /// How things were read.
    pub notes: Vec<String>,
    /// How many more there are.
    pub more_notes: Option<String>,
    /// True when somebody changed something since the workbook was made.
    pub clashes: bool,
}

/// A figure that would change.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EditRow {
    /// Where in the file.
    pub place: String,
    /// What it is called.
    pub label: String,
    /// What stands; none when nothing does.
    pub old: Option<String>,
    /// What the file says; none to empty the cell.
    pub new: Option<String>,
    /// True when somebody changed it meanwhile.
    pub clash: bool,
}

/// A narrative that would change.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WordsRow {
    /// Where in the file.
    pub place: String,
    /// The section's title.
    pub title: String,
    /// What the file says.
    pub words: String,
    /// True when somebody changed it meanwhile.
    pub clash: bool,
}

/// A row that would change.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RowRow {
    /// Where in the file.
    pub place: String,
    /// `new`, `changed` or `gone`.
    pub what: &'static str,
    /// Its content, or what of it changes.
    pub words: String,
    /// True when somebody changed it meanwhile.
    pub clash: bool,
}

/// `GET /bao-cao/{dataset}/{period}/{area}/{life}/mau.xlsx`
pub async fn template(visit: Visit, Path(named): Path<Named>) -> Answer {
    let which = which(&named)?;
    let bytes = exchange_xlsx::template(&visit.app, &visit.caller, &which).await?;
    let name = Some(exchange_xlsx::file_name(&which, "xlsx"));
    super::private_file(&visit, FileKind::Xlsx.media_type(), name, bytes)
}

/// `GET …/nhap`
pub async fn show(visit: Visit, Path(named): Path<Named>) -> Answer {
    let which = which(&named)?;
    let opened = exchange_xlsx::open(&visit.app, &visit.caller, &which).await?;
    visit.page(&IMPORT, &form(&visit, &which, &opened))
}

/// `POST …/nhap`
pub async fn look(visit: Visit, Path(named): Path<Named>, posted: Multipart) -> Answer {
    let which = which(&named)?;
    let Multipart { fields, uploads } = posted;
    let upload = uploads.into_iter().find(|upload| upload.field == "file");
    let lines = fields.raw("table").to_owned();
    let (file_name, brought) = match upload {
        Some(upload) => (upload.file_name, Brought::File(upload.bytes.to_vec())),
        None if !lines.trim().is_empty() => (String::new(), Brought::Pasted(lines)),
        None => {
            let opened = exchange_xlsx::open(&visit.app, &visit.caller, &which).await?;
            let page = Import { nothing: true, ..form(&visit, &which, &opened) };
            return visit.page(&IMPORT, &page);
        }
    };
    let (opened, plan) = exchange_xlsx::look(&visit.app, &visit.caller, &which, brought).await?;
    visit.page(&CHECK, &check(&visit, &which, &opened, &plan, file_name)?)
}

/// `POST …/nhap/ghi`
pub async fn record(visit: Visit, Path(named): Path<Named>, Posted { fields }: Posted) -> Answer {
    let which = which(&named)?;
    let packed = Packed::parse(fields.raw("changes"))?;
    let done = exchange_xlsx::record(&visit.app, &visit.caller, &which, packed).await?;
    // Rows that stand twice are counted twice until somebody looks: that is told before all else.
    let told = if done.beside > 0 {
        "reporting-import-recorded-beside"
    } else if done.waiting > 0 {
        "reporting-import-recorded-waiting"
    } else {
        "reporting-import-recorded"
    };
    visit.done(&href(&which), told)
}

fn form(visit: &Visit, which: &Which, opened: &Opened) -> Import {
    let here = href(which);
    Import {
        title: opened.head.title.clone(),
        area: opened.head.area.clone(),
        period: opened.head.period.clone(),
        crumbs: crumbs(visit, which, opened, None),
        action: format!("{here}/nhap"),
        template_href: format!("{here}/mau.xlsx"),
        closed: opened.sheet.closed.map(|closed| match closed {
            Closed::Locked => "reporting-import-closed-locked",
            Closed::AtPoint => "reporting-import-closed-point",
            Closed::NotYours => "reporting-import-closed-other",
            Closed::OfUnit => "reporting-closed-of-unit",
        }),
        nothing: false,
    }
}

pub(super) fn crumbs(
    visit: &Visit,
    which: &Which,
    opened: &Opened,
    last: Option<&str>,
) -> Vec<Crumb> {
    let here = href(which);
    let say = |key: &str| visit.say(key, &[]);
    let link = |label: String, href: &str| Crumb { label, href: Some(href.to_owned()) };
    let area = |area: &Area| area.level != AreaLevel::Country;
    let title = if area(&opened.sheet.area) {
        format!("{} – {}", opened.head.title, opened.sheet.area.full_name)
    } else {
        opened.head.title.clone()
    };
    let mut way = vec![
        link(say("kernel-home"), "/"),
        link(say("reporting-nav"), "/bao-cao"),
        link(title, &here),
    ];
    match last {
        Some(last) => {
            way.push(link(say("reporting-import"), &format!("{here}/nhap")));
            way.push(Crumb { label: say(last), href: None });
        }
        None => way.push(Crumb { label: say("reporting-import"), href: None }),
    }
    way
}

fn check(
    visit: &Visit,
    which: &Which,
    opened: &Opened,
    plan: &Plan,
    file_name: String,
) -> Outcome<Check> {
    let here = href(which);
    let many = plan.edits.len() + plan.words.len() + plan.rows.len();
    let tell = |notes: &[Note]| -> Vec<String> {
        notes.iter().take(SHOWN_MAX).map(|note| told(visit, note)).collect()
    };
    let edits = plan.edits.iter().take(SHOWN_MAX).map(|edit| EditRow {
        place: place(visit, &edit.at),
        label: edit.label.clone(),
        old: edit.old.as_ref().map(|state| print_state(state, edit.decimals)),
        new: edit.new.as_ref().map(|state| print_state(state, edit.decimals)),
        clash: edit.clash,
    });
    let words = plan.words.iter().map(|one| WordsRow {
        place: place(visit, &one.at),
        title: one.title.clone(),
        words: one.words.clone(),
        clash: one.clash,
    });
    let report = opened.report()?;
    let rows = plan.rows.iter().take(SHOWN_MAX).map(|row| row_row(visit, &report, row));
    let clashes = plan.edits.iter().any(|one| one.clash)
        || plan.words.iter().any(|one| one.clash)
        || plan.rows.iter().any(|one| one.clash);
    Ok(Check {
        title: opened.head.title.clone(),
        area: opened.head.area.clone(),
        period: opened.head.period.clone(),
        crumbs: crumbs(visit, which, opened, Some("reporting-import-check")),
        file_name,
        action: format!("{here}/nhap/ghi"),
        again_href: format!("{here}/nhap"),
        refused: plan.refused.as_ref().map(|note| told(visit, note)),
        ready: plan.is_ready(),
        whole: plan.is_whole(),
        changes: Packed::of(plan).text()?,
        changed: count(many),
        unchanged: count(plan.unchanged),
        edits: edits.collect(),
        more_edits: more(plan.edits.len()),
        words: words.collect(),
        rows: rows.collect(),
        more_rows: more(plan.rows.len()),
        problems: tell(&plan.problems),
        more_problems: more(plan.problems.len()),
        notes: tell(&plan.notes),
        more_notes: more(plan.notes.len()),
        clashes,
    })
}

fn row_row(visit: &Visit, report: &Report<'_>, row: &PlannedRow) -> RowRow {
    let what = match (&row.id, &row.new) {
        (_, None) => "gone",
        (None, Some(_)) => "new",
        (Some(_), Some(_)) => "changed",
    };
    let section = report.form.sections.iter().find(|section| section.code == row.section);
    let columns = section.map_or(&[][..], |section| match &section.body {
        SectionBody::Rows(table) => &table.columns,
        _ => &[],
    });
    let mut parts = Vec::new();
    for column in columns {
        let text = |cells: &BTreeMap<String, String>| {
            cells.get(&column.code).map_or_else(String::new, |text| report.shown(column, text))
        };
        let (old, new) = (text(&row.old), row.new.as_ref().map(text));
        match (what, new) {
            ("changed", Some(new)) if new != old => {
                let shown = |text: String| if text.is_empty() { "–".to_owned() } else { text };
                parts.push(format!("{}: {} → {}", column.title, shown(old), shown(new)));
            }
            ("new", Some(new)) if !new.is_empty() => parts.push(new),
            ("gone", None) if !old.is_empty() => parts.push(old),
            _ => {}
        }
    }
    let words: String = parts.join("; ").chars().take(400).collect();
    RowRow { place: place(visit, &row.at), what, words, clash: row.clash }
}

/// `Trang tính “Số liệu” ô D7: …`
fn told(visit: &Visit, note: &Note) -> String {
    let words = visit.say(note.key, &note.args);
    let place = place(visit, &note.at);
    if place.is_empty() { words } else { format!("{place}: {words}") }
}

fn place(visit: &Visit, at: &At) -> String {
    let args = [("sheet", at.sheet.clone()), ("cell", at.address.clone())];
    match (at.sheet.is_empty(), at.address.is_empty()) {
        (true, true) => String::new(),
        (true, false) => visit.say("reporting-import-at-line", &args),
        (false, true) => visit.say("reporting-import-at-sheet", &args),
        (false, false) => visit.say("reporting-import-at-cell", &args),
    }
}

fn count(many: usize) -> String {
    thousands(i64::try_from(many).unwrap_or(i64::MAX))
}

fn more(many: usize) -> Option<String> {
    many.checked_sub(SHOWN_MAX).filter(|rest| *rest > 0).map(count)
}
