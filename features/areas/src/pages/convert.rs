//! *Quy đổi số liệu*: a table of figures in, the same figures in the units of another day out, each with its
//! quality and its sources. Nothing is stored; files are made in `files`, words in `wording`.

mod files;
pub mod samples;
mod wording;

use kernel::{
    axum::response::Response,
    clock::Day,
    db::Tx,
    problem::{BAD_REQUEST, Failure, FormProblems, INVALID_FORM, Outcome},
    sheet::{Limits, Sheet, SheetProblem},
    web::{Answer, Multipart, Template, Visit},
};
use serde::Serialize;

use super::{Crumb, Errors, finder::levels, told};
use crate::{
    actions::view::{TODAY, WantedSpan, conversion},
    model::{
        AreaLevel,
        view::{CellProblem, Conversion, Law, Table, View},
    },
    store::flows,
};

use wording::Wording;

/// The page of the tool.
pub const CONVERT: Template<Convert> = Template::new("areas/convert.html");

/// The largest form that is read: a table of [`Limits::TABLE`] and what stands around it.
pub const BODY_MAX: usize = (8 << 20) + (64 << 10);

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Convert {
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// The frames to choose from.
    pub frames: Vec<Choice>,
    /// The rungs to choose from.
    pub levels: Vec<&'static str>,
    /// The laws to choose from.
    pub laws: Vec<&'static str>,
    /// What was typed.
    pub form: ConvertForm,
    /// What is wrong with it.
    pub errors: Errors,
    /// What is wrong with the table, cell by cell.
    pub cells: Vec<CellLine>,
    /// How many more such cells there are.
    pub more_cells: usize,
    /// The result, once there is one.
    pub result: Option<Converted>,
}

/// Something to choose.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Choice {
    /// As sent.
    pub value: String,
    /// As read.
    pub label: String,
}

/// What was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConvertForm {
    /// A frame or `today`.
    pub from: String,
    /// Another day instead.
    pub from_day: String,
    /// A frame or `today`.
    pub to: String,
    /// Another day instead.
    pub to_day: String,
    /// The rung of the figures.
    pub of: String,
    /// The rung of the result.
    pub level: String,
    /// The law's code.
    pub law: String,
    /// The table as text.
    pub table: String,
}

/// What is wrong with one cell.
#[derive(Clone, Debug, Serialize)]
pub struct CellLine {
    /// `C12`.
    pub address: String,
    /// In words.
    pub text: String,
}

/// A result as the page shows it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Converted {
    /// The day of the figures.
    pub from: Option<Day>,
    /// The day of the result.
    pub to: Option<Day>,
    /// How many results are exact, estimated, undefined.
    pub exact: String,
    /// The second of them.
    pub estimated: String,
    /// The third.
    pub undefined: String,
    /// How many of these only wait for the shares of divided units; empty when none does.
    pub unshared: String,
    /// What all sources reported; none where nothing is added.
    pub before: Option<String>,
    /// What single units were given.
    pub after: Option<String>,
    /// What only groups have, when there is any.
    pub rest: Option<String>,
    /// The results.
    pub rows: Vec<Row>,
    /// How many there are, when not all are shown.
    pub all: Option<String>,
    /// What cannot be told apart.
    pub groups: Vec<Group>,
    /// How many more groups there are.
    pub more_groups: usize,
}

/// One result.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// The unit's page.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Its code.
    pub code: String,
    /// The figure; empty when undefined.
    pub figure: String,
    /// `exact`, `estimated`, `undefined`.
    pub grade: &'static str,
    /// The quality in words.
    pub quality: String,
    /// Set when a source has not reported: `7/9 nguồn có số liệu`.
    pub reported: String,
    /// `120 + 80 từ xã A, xã B`.
    pub made_of: String,
    /// The sources.
    pub parts: Vec<Part>,
    /// How many more there are.
    pub more_parts: usize,
}

/// One source of a result.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Part {
    /// The unit's page.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Its code.
    pub code: String,
    /// What it reported, or that it did not.
    pub figure: String,
    /// How it came here.
    pub how: String,
    /// By which instruments.
    pub by: String,
}

/// A figure that several units have between them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// The units' names; empty for what is not known to lie anywhere.
    pub names: String,
    /// What they have.
    pub figure: String,
    /// How sure that is.
    pub note: String,
}

/// Cells that are told at once.
const CELLS_MAX: usize = 50;

/// `GET /dia-ban/quy-doi`
pub async fn show(visit: Visit) -> Answer {
    let form = ConvertForm {
        from: "2024".to_owned(),
        to: TODAY.to_owned(),
        of: AreaLevel::Commune.code().to_owned(),
        level: AreaLevel::Commune.code().to_owned(),
        law: Law::Additive.code().to_owned(),
        ..ConvertForm::default()
    };
    let page = visit.app.db.view(async |tx| blank(&visit, tx, form).await).await?;
    visit.page(&CONVERT, &page)
}

async fn blank(visit: &Visit, tx: &mut Tx, form: ConvertForm) -> Outcome<Convert> {
    let mut frames: Vec<Choice> = flows::frame_choices(tx)
        .await?
        .into_iter()
        .map(|frame| Choice { value: frame.id, label: frame.label })
        .collect();
    frames.push(Choice { value: TODAY.to_owned(), label: visit.say("areas-convert-today", &[]) });
    Ok(Convert {
        crumbs: vec![
            Crumb::link(visit.say("kernel-home", &[]), "/"),
            Crumb::link(visit.say("areas-nav", &[]), "/dia-ban"),
            Crumb::here(visit.say("areas-convert-title", &[])),
        ],
        frames,
        levels: levels(),
        laws: Law::ALL.iter().map(|law| law.code()).collect(),
        form,
        ..Convert::default()
    })
}

/// Where the result goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Page,
    Csv,
    Xlsx,
}

/// `POST /dia-ban/quy-doi`
pub async fn convert(visit: Visit, posted: Multipart) -> Answer {
    let fields = &posted.fields;
    let mut form = ConvertForm {
        from: fields.line("from"),
        from_day: fields.line("from_day"),
        to: fields.line("to"),
        to_day: fields.line("to_day"),
        of: fields.line("of"),
        level: fields.line("level"),
        law: fields.line("law"),
        table: fields.raw("table").to_owned(),
    };
    let then = match fields.raw("then") {
        "csv" => Then::Csv,
        "xlsx" => Then::Xlsx,
        _ => Then::Page,
    };
    let file = posted.uploads.iter().find(|upload| upload.field == "file");
    let bytes = file.map_or_else(|| form.table.clone().into_bytes(), |it| it.bytes.to_vec());
    if file.is_some() {
        form.table.clear();
    }
    let mut page = visit.app.db.view(async |tx| blank(&visit, tx, form.clone()).await).await?;
    match worked_out(&visit, &form, &bytes).await {
        Ok(work) => {
            let view = work.made.apply(work.law, &work.figures);
            let view = view.map_err(|error| Failure::fault("convert figures", error))?;
            let words = Wording { visit: &visit, scale: work.scale };
            match then {
                Then::Csv => files::csv(&words, &work.made, &view),
                Then::Xlsx => files::xlsx(&words, &work.made, &view),
                Then::Page => {
                    page.form.table = work.text;
                    page.result = Some(words.converted(&work.made, &view));
                    visit.page(&CONVERT, &page)
                }
            }
        }
        Err(Stop::Cells(cells)) => {
            page.more_cells = cells.len().saturating_sub(CELLS_MAX);
            page.cells = cells
                .into_iter()
                .take(CELLS_MAX)
                .map(|CellProblem { address, key, cell }| CellLine {
                    address,
                    text: visit.say(key, &[("cell", cell)]),
                })
                .collect();
            let mut problems = FormProblems::new();
            problems.add("table", "areas-convert-cells");
            again(&visit, page, problems.check())
        }
        Err(Stop::Failure(failure)) if failure.is(&INVALID_FORM) => {
            again(&visit, page, Err(failure))
        }
        Err(Stop::Failure(failure)) => Err(failure),
    }
}

fn again(visit: &Visit, page: Convert, failed: Outcome<()>) -> Result<Response, Failure> {
    let failure = failed.err().unwrap_or_else(|| Failure::from(&BAD_REQUEST));
    visit.form_again(failure, &CONVERT, |errors| Convert { errors: told(errors), ..page })
}

/// A conversion with the figures to be carried over.
struct Work {
    made: Conversion,
    law: Law,
    scale: u32,
    figures: std::collections::HashMap<crate::AreaId, crate::view::Figure>,
    text: String,
}

/// Why there is no result.
enum Stop {
    Cells(Vec<CellProblem>),
    Failure(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

async fn worked_out(visit: &Visit, form: &ConvertForm, bytes: &[u8]) -> Result<Work, Stop> {
    let wanted = WantedSpan {
        from: if form.from_day.is_empty() { form.from.clone() } else { form.from_day.clone() },
        to: if form.to_day.is_empty() { form.to.clone() } else { form.to_day.clone() },
        level: form.level.clone(),
        of: form.of.clone(),
    };
    let made = visit.app.db.view(async |tx| conversion(tx, &wanted).await).await?;
    let law = Law::from_code(&form.law);
    let mut problems = FormProblems::new();
    problems.require(law.is_some(), "law", "areas-convert-law");
    let blank = bytes.iter().all(u8::is_ascii_whitespace);
    problems.require(!blank, "table", "areas-convert-no-table");
    problems.check()?;
    let law = law.ok_or_else(|| Failure::from(&BAD_REQUEST))?;
    let sheet = Sheet::read(bytes, Limits::TABLE).map_err(|problem| {
        let key = match problem {
            SheetProblem::TooLarge => "areas-convert-too-large",
            SheetProblem::NotATable => "areas-convert-not-a-table",
            SheetProblem::NotUnicode => "areas-convert-not-unicode",
            SheetProblem::Empty => "areas-convert-no-table",
        };
        let mut problems = FormProblems::new();
        problems.add("table", key);
        problems.check().err().unwrap_or_else(|| Failure::from(&BAD_REQUEST))
    })?;
    let workbook = bytes.starts_with(b"PK");
    let table = Table::read(&sheet, law, workbook).map_err(Stop::Cells)?;
    let figures = table.figures(&made).map_err(Stop::Cells)?;
    Ok(Work { made, law, scale: table.scale, figures, text: table.as_text(law) })
}

/// Results that have at least one figure behind them: what was not asked about is not shown.
fn told_results<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v crate::view::Seen> {
    view.results.iter().filter(|seen| seen.reported > 0)
}
