//! Figures and reports as files: a whole data set below an area as CSV, JSON or XLSX, and one report as an
//! administrative document (DOCX, PDF).

pub mod samples;

use std::sync::Arc;

use areas::{AreaId, AreaLevel};
use futures_util::stream;
use kernel::{
    app::AppRef,
    axum::{
        Router,
        body::{Body, Bytes},
        extract::{Path, Query},
        http::{HeaderValue, header},
        response::Response,
        routing::get,
    },
    problem::{Failure, OrMissing, Outcome},
    web::{Answer, Template, Visit},
};
use rust_xlsxwriter::{Workbook, XlsxError};
use serde::{Deserialize, Serialize};

use super::workbook::{Named, which};
use crate::{
    actions::{
        SEE, TOO_MUCH,
        catalogue::{self, Catalogue},
        download::{self, COLUMNS, Exported, Wanted},
        exchange_xlsx::{self, Opened},
        problem,
    },
    model::{
        DatasetId, Life, Period, Scheme, Tier,
        document::{self, Format, Letter},
        submission::State,
    },
};

/// Most figures in a workbook; more are given as CSV or JSON.
const WORKBOOK_MOST: usize = 200_000;
const PDF: &str = "application/pdf";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The form to choose what is downloaded.
pub const FORM: Template<Form> = Template::new("reporting/download.html");

pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/so-lieu/tai", get(data))
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/bao-cao.docx", get(letter))
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/bao-cao.pdf", get(printed))
}

/// What the form shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Form {
    /// Data sets.
    pub datasets: Vec<Choice>,
    /// The one that is chosen; empty before.
    pub dataset: String,
    /// Its last periods, once it is chosen.
    pub periods: Vec<Choice>,
    /// True when its figures have two lives.
    pub estimated: bool,
    /// The area's id.
    pub area: String,
}

/// Something to choose.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Choice {
    /// Sent.
    pub value: String,
    /// Shown.
    pub label: String,
}

/// What is asked for in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asking {
    #[serde(rename = "bieu")]
    dataset: String,
    #[serde(rename = "ky")]
    period: String,
    #[serde(rename = "loai")]
    life: String,
    #[serde(rename = "dia-ban")]
    area: String,
    #[serde(rename = "dang")]
    format: String,
}

/// `GET /so-lieu/tai?bieu=&ky=&loai=&dia-ban=&dang=csv|csv-chuan|json|xlsx`; without a period, the form.
pub async fn data(visit: Visit, Query(asking): Query<Asking>) -> Answer {
    visit.caller.must_somewhere(&SEE)?;
    let catalogue = catalogue::current(&visit.app).await?;
    if asking.period.is_empty() {
        return visit.page(&FORM, &form(&visit, &catalogue, &asking));
    }
    let dataset =
        DatasetId::parse(&asking.dataset).or_missing(&crate::actions::DATASET_NOT_FOUND)?;
    let area = AreaId::parse(&asking.area).or_missing(&areas::NOT_FOUND)?;
    let life = Life::from_slug(&asking.life);
    let wanted = download::wanted(
        &visit.app,
        &visit.caller,
        &catalogue,
        (&dataset, &asking.period, &area, life),
    )
    .await?;
    let name = format!("{dataset}-{}-{area}", wanted.period.id());
    match asking.format.as_str() {
        "xlsx" => {
            let bytes = workbook(&visit, &catalogue, &wanted).await?;
            super::private_file(&visit, XLSX, Some(file(&name, "xlsx")), bytes)
        }
        "json" => Ok(streamed(&visit, catalogue, wanted, Shape::Json, &file(&name, "json"))),
        "csv-chuan" => Ok(streamed(&visit, catalogue, wanted, Shape::Csv, &file(&name, "csv"))),
        _ => Ok(streamed(&visit, catalogue, wanted, Shape::Excel, &file(&name, "csv"))),
    }
}

fn form(visit: &Visit, catalogue: &Catalogue, asking: &Asking) -> Form {
    let chosen = DatasetId::parse(&asking.dataset).and_then(|code| catalogue.datasets.get(&code));
    let scope = visit.caller.scopes_for(&SEE).next();
    let area = scope.and_then(|scope| scope.last()).unwrap_or("vn").to_owned();
    let datasets = catalogue.datasets.values();
    let today = visit.app.now().day();
    let periods = chosen.and_then(|dataset| {
        let now = Scheme::parse(&dataset.scheme)?.containing(today)?;
        let mut last: Vec<Period> = now.last_n(8);
        last.reverse();
        Some(last)
    });
    let choice = |period: Period| Choice {
        value: period.id().to_owned(),
        label: period.label(visit.lang()),
    };
    Form {
        datasets: datasets
            .map(|one| Choice { value: one.code.to_string(), label: one.title.clone() })
            .collect(),
        dataset: chosen.map(|dataset| dataset.code.to_string()).unwrap_or_default(),
        periods: periods.unwrap_or_default().into_iter().map(choice).collect(),
        estimated: chosen.is_some_and(|dataset| dataset.estimated),
        area,
    }
}

fn file(name: &str, ending: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{plain}.{ending}")
}

/// How a stream is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// For Excel in Vietnam: marked as UTF-8, semicolons, a comma before decimals.
    Excel,
    /// RFC 4180: commas, a point before decimals.
    Csv,
    /// One object with the rows as objects.
    Json,
}

struct Streaming {
    app: AppRef,
    catalogue: Arc<Catalogue>,
    wanted: Wanted,
    shape: Shape,
    begun: bool,
    after: Option<(i64, i64)>,
}

fn streamed(
    visit: &Visit,
    catalogue: Arc<Catalogue>,
    wanted: Wanted,
    shape: Shape,
    name: &str,
) -> Response {
    let begin = Streaming {
        app: visit.app.clone(),
        catalogue,
        wanted,
        shape,
        begun: false,
        after: Some((0, 0)),
    };
    let body = stream::try_unfold(begin, async |mut at| {
        let Some(after) = at.after else { return Ok(None) };
        let (lines, next) = download::page(&at.app, &at.catalogue, &at.wanted, after)
            .await
            .map_err(|failure| std::io::Error::other(failure.to_string()))?;
        let text = at.text(&lines, next.is_none()).map_err(std::io::Error::other)?;
        at.begun = true;
        at.after = next;
        Ok::<_, std::io::Error>(Some((Bytes::from(text), at)))
    });
    let mut response = Response::new(Body::from_stream(body));
    let kind = if shape == Shape::Json { "application/json" } else { "text/csv; charset=utf-8" };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(told) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, told);
    }
    response
}

impl Streaming {
    fn text(&self, lines: &[Exported], last: bool) -> Result<Vec<u8>, String> {
        if self.shape == Shape::Json {
            return Ok(self.json(lines, last));
        }
        let excel = self.shape == Shape::Excel;
        let mut writer = csv::WriterBuilder::new()
            .delimiter(if excel { b';' } else { b',' })
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        let told = |error: csv::Error| error.to_string();
        if !self.begun {
            writer.write_record(COLUMNS).map_err(told)?;
        }
        for line in lines {
            let columns = line.columns(&self.wanted, excel);
            let safe = columns.iter().enumerate().map(|(at, text)| {
                // Excel would run a reason that begins like a formula.
                if excel && at == 10 && text.starts_with(['=', '+', '-', '@', '\t']) {
                    format!("'{text}")
                } else {
                    text.clone()
                }
            });
            writer.write_record(safe).map_err(told)?;
        }
        let body = writer.into_inner().map_err(|error| error.to_string())?;
        let mark: &[u8] = if excel && !self.begun { "\u{feff}".as_bytes() } else { b"" };
        Ok([mark, &body].concat())
    }

    fn json(&self, lines: &[Exported], last: bool) -> Vec<u8> {
        let mut text = String::new();
        if !self.begun {
            text.push_str("{\"rows\":[");
        }
        for (index, line) in lines.iter().enumerate() {
            if self.begun || index > 0 {
                text.push(',');
            }
            let columns = line.columns(&self.wanted, false);
            let fields: serde_json::Map<String, serde_json::Value> = COLUMNS
                .iter()
                .zip(columns)
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| ((*name).to_owned(), text.into()))
                .collect();
            text.push_str(&serde_json::Value::Object(fields).to_string());
        }
        if last {
            text.push_str("]}\n");
        }
        text.into_bytes()
    }
}

async fn workbook(visit: &Visit, catalogue: &Catalogue, wanted: &Wanted) -> Outcome<Vec<u8>> {
    let (mut all, mut after) = (Vec::new(), Some((0, 0)));
    while let Some(at) = after {
        let (lines, next) = download::page(&visit.app, catalogue, wanted, at).await?;
        all.extend(lines);
        after = next;
        if all.len() > WORKBOOK_MOST {
            return Err(problem(&TOO_MUCH, "most", WORKBOOK_MOST.to_string()));
        }
    }
    let wanted = wanted.clone();
    let written = tokio::task::spawn_blocking(move || table(&all, &wanted)).await;
    let written = written.map_err(|error| Failure::fault("write a workbook", error))?;
    written.map_err(|error| Failure::fault("write a workbook", error))
}

fn table(lines: &[Exported], wanted: &Wanted) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(COLUMNS) {
        sheet.write_string(0, column, name)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, line) in (1..).zip(lines) {
        for (column, text) in (0..).zip(line.columns(wanted, false)) {
            // The figure and what was approved of it are numbers; codes stay text.
            match text.parse::<f64>() {
                Ok(number) if column == 9 || column == 11 => {
                    sheet.write_number(row, column, number)?
                }
                _ if text.is_empty() => continue,
                _ => sheet.write_string(row, column, text)?,
            };
        }
    }
    book.save_to_buffer()
}

/// `GET /bao-cao/{dataset}/{period}/{area}/{life}/bao-cao.docx`
pub async fn letter(visit: Visit, Path(named): Path<Named>) -> Answer {
    document(&visit, &named, Format::Docx).await
}

/// `GET /bao-cao/{dataset}/{period}/{area}/{life}/bao-cao.pdf`
pub async fn printed(visit: Visit, Path(named): Path<Named>) -> Answer {
    document(&visit, &named, Format::Pdf).await
}

async fn document(visit: &Visit, named: &Named, format: Format) -> Answer {
    let which = which(named)?;
    let opened = exchange_xlsx::open(&visit.app, &visit.caller, &which).await?;
    let letter = letter_of(&opened)?;
    let written = tokio::task::spawn_blocking(move || {
        let bytes = document::write(&opened.report()?, &letter, format);
        bytes.map_err(|error| Failure::fault("write a document", error))
    });
    let bytes = written.await.map_err(|error| Failure::fault("write a document", error))??;
    let (kind, ending) = match format {
        Format::Docx => (DOCX, "docx"),
        Format::Pdf => (PDF, "pdf"),
    };
    super::private_file(visit, kind, Some(exchange_xlsx::file_name(&which, ending)), bytes)
}

/// What the document says of who reports to whom. Documents of the state are in Vietnamese.
fn letter_of(opened: &Opened) -> Outcome<Letter> {
    let dataset =
        DatasetId::parse(&opened.stamp.dataset).or_missing(&crate::actions::DATASET_NOT_FOUND)?;
    let tier = opened.catalogue.dataset(&dataset)?.tier;
    let area = &opened.sheet.area;
    let province = opened.above.iter().find(|one| one.level == AreaLevel::Province);
    let committee = |name: &str| format!("Ủy ban nhân dân {name}");
    let ministry = "Bộ Dân tộc và Tôn giáo".to_owned();
    let above = province.map(|one| committee(&one.full_name)).unwrap_or_default();
    let (above, office, recipients) = match tier {
        Tier::Commune => (above.clone(), committee(&area.full_name), vec![above]),
        Tier::Province => (String::new(), committee(&area.full_name), vec![ministry]),
        Tier::Ministry => (String::new(), ministry, vec!["Thủ tướng Chính phủ".to_owned()]),
    };
    let is_ministry = tier == Tier::Ministry;
    let submission = opened.sheet.submission.as_ref();
    let signed = submission.and_then(|one| one.certified.as_ref());
    let open = submission.is_none_or(|one| matches!(one.state, State::Draft | State::Returned));
    Ok(Letter {
        above,
        office,
        mark: if is_ministry { "BDTTG" } else { "UBND" }.to_owned(),
        place: if is_ministry { "Hà Nội".to_owned() } else { area.name.clone() },
        on: signed.filter(|_| !open).map(|signed| signed.at.day()),
        in_name_of: if is_ministry { String::new() } else { "TM. Ủy ban nhân dân".to_owned() },
        office_of_signer: if is_ministry { "Bộ trưởng" } else { "Chủ tịch" }.to_owned(),
        signer: signed.filter(|_| !open).map(|signed| signed.by.clone()).unwrap_or_default(),
        recipients: recipients.into_iter().filter(|one| !one.is_empty()).collect(),
        draft: open,
    })
}
