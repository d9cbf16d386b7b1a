//! The blank table of a decree, to be filled in with a spreadsheet: codes are text, so that no program takes
//! their zeros away.

use kernel::{
    axum::{
        http::header,
        response::{IntoResponse, Response},
    },
    problem::{Failure, Outcome},
    web::{Answer, Visit},
};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::{actions::decree::SEE_DECREES, model::decree::table::Field};

/// `GET /dia-ban/van-ban/mau.csv`
pub async fn csv(visit: Visit) -> Answer {
    visit.caller.must_somewhere(&SEE_DECREES)?;
    // The mark at the start tells Excel that this is UTF-8.
    let text = format!("\u{feff}{}\r\n", headings().join(","));
    Ok(download("text/csv; charset=utf-8", "mau-van-ban-sap-xep.csv", text.into_bytes()))
}

/// `GET /dia-ban/van-ban/mau.xlsx`
pub async fn xlsx(visit: Visit) -> Answer {
    visit.caller.must_somewhere(&SEE_DECREES)?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(download(kind, "mau-van-ban-sap-xep.xlsx", workbook(&visit)?))
}

fn headings() -> Vec<&'static str> {
    Field::ALL.iter().map(|field| field.headings()[0]).collect()
}

fn workbook(visit: &Visit) -> Outcome<Vec<u8>> {
    let guide: Vec<String> =
        (1..=7).map(|line| visit.say(&format!("areas-decree-guide-{line}"), &[])).collect();
    let name = visit.say("areas-decree-guide", &[]);
    build(&name, &guide).map_err(|error| Failure::fault("write a spreadsheet", error))
}

fn build(guide_name: &str, guide: &[String]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (text, bold) = (Format::new().set_num_format("@"), Format::new().set_bold());
    let sheet = book.add_worksheet();
    for (column, heading) in (0..).zip(headings()) {
        sheet.set_column_format(column, &text)?;
        sheet.set_column_width(column, 18)?;
        sheet.write_string_with_format(0, column, heading, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let sheet = book.add_worksheet();
    sheet.set_name(guide_name)?;
    sheet.set_column_width(0, 110)?;
    for (row, line) in (0..).zip(guide) {
        sheet.write_string(row, 0, line)?;
    }
    book.save_to_buffer()
}

fn download(kind: &'static str, name: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
