//! DHIS2's data value sets in CSV: written as programs read it, read as programs and as Vietnamese spreadsheets write it.
//! Columns are found by their names; without a header row they are in DHIS2's order.

use kernel::problem::Outcome;

use super::{LINES_MOST, Message, unreadable};
use crate::{actions::exchange::import::Line, model::table_text::Dialect};

/// DHIS2's columns in its order, and ours for the data set at the end.
const COLUMNS: [&str; 11] = [
    "dataelement",
    "period",
    "orgunit",
    "categoryoptioncombo",
    "attributeoptioncombo",
    "value",
    "storedby",
    "lastupdated",
    "comment",
    "followup",
    "deleted",
];

/// Reads a message.
pub fn read(body: &[u8]) -> Outcome<Message> {
    let text = std::str::from_utf8(body).map_err(|_| unreadable("UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let dialect = Dialect::of(text);
    let mut rows = dialect.reader(text).into_records();
    let first = match rows.next() {
        None => return Ok(Message::default()),
        Some(row) => row.map_err(|error| unreadable(error.to_string()))?,
    };
    let names: Vec<String> = first.iter().map(normal).collect();
    let has_names = names.iter().any(|name| name == "dataelement");
    let names = if has_names { names } else { COLUMNS.map(str::to_owned).to_vec() };
    let own = (!has_names).then_some(Ok(first));
    let mut lines = Vec::new();
    for row in own.into_iter().chain(rows) {
        let row = row.map_err(|error| unreadable(error.to_string()))?;
        if lines.len() >= LINES_MOST {
            return Err(unreadable(format!("> {LINES_MOST}")));
        }
        let get = |wanted: &str| {
            let at = names.iter().position(|name| name == wanted);
            at.and_then(|at| row.get(at)).unwrap_or_default().trim().to_owned()
        };
        lines.push(Line {
            dataset: get("dataset"),
            element: get("dataelement"),
            period: get("period"),
            unit: get("orgunit"),
            combo: get("categoryoptioncombo"),
            attribute: get("attributeoptioncombo"),
            value: get("value"),
            comment: get("comment"),
            deleted: get("deleted") == "true",
        });
    }
    Ok(Message { lines, dialect, ..Message::default() })
}

/// `Data Element`, `data_element` and `dataElement` are one column.
fn normal(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// A message of these figures, without provenance.
#[cfg(test)]
pub fn write(lines: &[Line]) -> String {
    write_with(lines.iter().map(|line| (line.clone(), String::new(), String::new())))
}

/// Figures with who wrote them and when.
pub fn write_with(lines: impl Iterator<Item = (Line, String, String)>) -> String {
    let mut rows = Dialect::Programs.writer();
    let mut header: Vec<&str> = COLUMNS.to_vec();
    header.push("dataset");
    // Writing to memory does not fail, and every row has the header's width.
    let _ = rows.write_record(&header);
    for (line, author, at) in lines {
        let _ = rows.write_record([
            &line.element,
            &line.period,
            &line.unit,
            &line.combo,
            &line.attribute,
            &line.value,
            &author,
            &at,
            &line.comment,
            "false",
            "",
            &line.dataset,
        ]);
    }
    rows.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
