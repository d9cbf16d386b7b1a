//! Figures of a data set on their way out: CSV, JSON and Parquet are sent while they are read, page by page or
//! group by group; spreadsheets are held whole and have a limit.

use std::sync::Arc;

use futures_util::stream;
use kernel::{
    app::AppRef,
    axum::{
        body::{Body, Bytes},
        http::{HeaderValue, header},
        response::Response,
    },
    problem::{Failure, Outcome},
    web::{Answer, Visit},
};
use rust_xlsxwriter::{Workbook, XlsxError};

use crate::{
    actions::{
        TOO_MUCH,
        catalogue::Catalogue,
        download::{self, Wanted},
        problem,
    },
    model::{
        export::{About, COLUMNS, Exported, NUMBERS, ods, parquet},
        file_kind::FileKind,
        table_text::{Dialect, harmless},
    },
    pages::{parameters, private_file},
};

/// Most figures in a spreadsheet; more are given as CSV, JSON or Parquet.
const SHEET_MOST: usize = 200_000;
const PARQUET: &str = "application/vnd.apache.parquet";

/// The figures in the format that is asked for; CSV for Excel when none is.
pub(super) async fn sent(
    visit: &Visit,
    catalogue: Arc<Catalogue>,
    wanted: Wanted,
    format: &str,
    name: &str,
) -> Answer {
    match format {
        "xlsx" => {
            let bytes = sheet(visit, &catalogue, &wanted, table).await?;
            private_file(visit, FileKind::Xlsx.media_type(), Some(file(name, "xlsx")), bytes)
        }
        "ods" => {
            let bytes =
                sheet(visit, &catalogue, &wanted, |rows, about| ods::write(about, rows)).await?;
            private_file(visit, ods::MIME, Some(file(name, "ods")), bytes)
        }
        "parquet" => columns(visit, catalogue, wanted, &file(name, "parquet")),
        "json" => Ok(streamed(visit, catalogue, wanted, Shape::Json, &file(name, "json"))),
        "csv-chuan" => Ok(streamed(visit, catalogue, wanted, Shape::Csv, &file(name, "csv"))),
        "" | "csv" => Ok(streamed(visit, catalogue, wanted, Shape::Excel, &file(name, "csv"))),
        other => Err(parameters::wrong("dang", other)),
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
    /// For people's spreadsheets.
    Excel,
    /// For programs.
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
    let kind = if shape == Shape::Json { "application/json" } else { "text/csv; charset=utf-8" };
    attachment(Body::from_stream(body), kind, name)
}

/// A file that nobody keeps, sent while it is made.
fn attachment(body: Body, kind: &'static str, name: &str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(told) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, told);
    }
    response
}

/// A Parquet file on its way: a group of rows at a time.
struct Grouped {
    app: AppRef,
    catalogue: Arc<Catalogue>,
    wanted: Wanted,
    /// None once the file is finished.
    file: Option<parquet::File>,
    after: Option<(i64, i64)>,
}

fn columns(visit: &Visit, catalogue: Arc<Catalogue>, wanted: Wanted, name: &str) -> Answer {
    let file = parquet::File::begin(wanted.about.clone());
    let file = file.map_err(|error| Failure::fault("begin a file of columns", error))?;
    let app = visit.app.clone();
    let begin = Grouped { app, catalogue, wanted, file: Some(file), after: Some((0, 0)) };
    let body = stream::try_unfold(begin, async |mut at| {
        let Some(file) = at.file.take() else { return Ok(None) };
        let mut rows = Vec::new();
        while let Some(after) = at.after.filter(|_| rows.len() < parquet::GROUP) {
            let (more, next) = download::page(&at.app, &at.catalogue, &at.wanted, after)
                .await
                .map_err(|failure| std::io::Error::other(failure.to_string()))?;
            rows.extend(more);
            at.after = next;
        }
        let last = at.after.is_none();
        let written = tokio::task::spawn_blocking(move || group(file, &rows, last)).await;
        let (bytes, file) =
            written.map_err(std::io::Error::other)?.map_err(std::io::Error::other)?;
        at.file = file;
        Ok::<_, std::io::Error>(Some((Bytes::from(bytes), at)))
    });
    Ok(attachment(Body::from_stream(body), PARQUET, name))
}

fn group(
    mut file: parquet::File,
    rows: &[Exported],
    last: bool,
) -> Result<(Vec<u8>, Option<parquet::File>), parquet::Unwritten> {
    file.rows(rows)?;
    if last { Ok((file.finish()?, None)) } else { Ok((file.written(), Some(file))) }
}

impl Streaming {
    fn text(&self, lines: &[Exported], last: bool) -> Result<Vec<u8>, String> {
        if self.shape == Shape::Json {
            return Ok(self.json(lines, last));
        }
        let excel = self.shape == Shape::Excel;
        let dialect = if excel { Dialect::People } else { Dialect::Programs };
        let mut writer = if self.begun { dialect.going_on(Vec::new()) } else { dialect.writer() };
        let told = |error: csv::Error| error.to_string();
        if !self.begun {
            writer.write_record(COLUMNS).map_err(told)?;
        }
        for line in lines {
            let columns = line.columns(&self.wanted.about, excel);
            // Programs get reasons as they were typed.
            let safe =
                |text: &String| if excel { harmless(text).into_owned() } else { text.clone() };
            writer.write_record(columns.iter().map(safe)).map_err(told)?;
        }
        writer.into_inner().map_err(|error| error.to_string())
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
            let columns = line.columns(&self.wanted.about, false);
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

/// A file that holds every figure at once.
async fn sheet<E: std::fmt::Display + Send + 'static>(
    visit: &Visit,
    catalogue: &Catalogue,
    wanted: &Wanted,
    write: impl FnOnce(&[Exported], &About) -> Result<Vec<u8>, E> + Send + 'static,
) -> Outcome<Vec<u8>> {
    let (mut all, mut after) = (Vec::new(), Some((0, 0)));
    while let Some(at) = after {
        let (lines, next) = download::page(&visit.app, catalogue, wanted, at).await?;
        all.extend(lines);
        after = next;
        if all.len() > SHEET_MOST {
            return Err(problem(&TOO_MUCH, "most", SHEET_MOST.to_string()));
        }
    }
    let about = wanted.about.clone();
    let written = tokio::task::spawn_blocking(move || write(&all, &about)).await;
    let written = written.map_err(|error| Failure::fault("write a spreadsheet", error))?;
    written.map_err(|error| Failure::fault("write a spreadsheet", error))
}

fn table(lines: &[Exported], about: &About) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(COLUMNS) {
        sheet.write_string(0, column, name)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, line) in (1..).zip(lines) {
        for (column, text) in (0..).zip(line.columns(about, false)) {
            // The figure and what was approved of it are numbers; codes stay text.
            match text.parse::<f64>() {
                Ok(number) if NUMBERS.contains(&usize::from(column)) => {
                    sheet.write_number(row, column, number)?
                }
                _ if text.is_empty() => continue,
                _ => sheet.write_string(row, column, text)?,
            };
        }
    }
    book.save_to_buffer()
}
