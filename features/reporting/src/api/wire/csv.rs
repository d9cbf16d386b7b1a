//! DHIS2's data value sets in CSV: written as programs read it, read as programs and as Vietnamese spreadsheets write it.
//! Columns are found by their names; without a header row they are in DHIS2's order.

use std::io::{self, BufRead, BufReader, Read};

use kernel::problem::Outcome;

use super::{LINES_MOST, Message, unreadable};
use crate::{actions::exchange::import::Line, model::table_text::Dialect};

/// What stands before everything else where spreadsheets say that they write UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

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
    let rows = Rows::open(body)?;
    let dialect = rows.dialect;
    let mut lines = Vec::new();
    rows.each(&mut |_, line| {
        if lines.len() >= LINES_MOST {
            return Err(unreadable(format!("> {LINES_MOST}")));
        }
        lines.push(line?);
        Ok(())
    })?;
    Ok(Message { lines, dialect, ..Message::default() })
}

/// A message of any length.
pub struct Rows<R> {
    /// How it is written.
    pub dialect: Dialect,
    from: R,
}

impl Rows<()> {
    /// Looks how a message is written.
    pub fn open<R: Read>(from: R) -> Outcome<Rows<impl BufRead>> {
        // A last line end, so that every row has one.
        let from = OneLineEnd { from, after_return: false }.chain(&b"\n"[..]);
        let mut from = BufReader::new(from);
        if from.fill_buf()?.starts_with(MARK) {
            from.consume(MARK.len());
        }
        let dialect = Dialect::of(&String::from_utf8_lossy(from.fill_buf()?));
        Ok(Rows { dialect, from })
    }
}

impl<R: BufRead> Rows<R> {
    /// Walks through its rows: each with the number of the line it begins in, counted from 1, or with why it cannot be
    /// read.
    pub fn each(self, see: &mut dyn FnMut(u64, Outcome<Line>) -> Outcome<()>) -> Outcome<()> {
        let mut rows = self.dialect.reader(self.from);
        let mut bytes = csv::ByteRecord::new();
        let mut names: Option<Vec<String>> = None;
        while rows.read_byte_record(&mut bytes).map_err(|error| unreadable(error.to_string()))? {
            let inside = bytes.as_slice().split(|byte| *byte == b'\n').skip(1).count() as u64;
            let at = rows.position().line().saturating_sub(1 + inside);
            let row = csv::StringRecord::from_byte_record(bytes.clone());
            let row = row.map_err(|_| unreadable("UTF-8"));
            if names.is_none() {
                let own: Vec<String> = row.iter().flat_map(|row| row.iter().map(normal)).collect();
                if own.iter().any(|name| name == "dataelement") {
                    names = Some(own);
                    continue;
                }
            }
            let names = names.get_or_insert_with(|| COLUMNS.map(str::to_owned).to_vec());
            see(at, row.map(|row| line(names, &row)))?;
        }
        Ok(())
    }
}

fn line(names: &[String], row: &csv::StringRecord) -> Line {
    let get = |wanted: &str| {
        let at = names.iter().position(|name| name == wanted);
        at.and_then(|at| row.get(at)).unwrap_or_default().trim().to_owned()
    };
    Line {
        dataset: get("dataset"),
        element: get("dataelement"),
        period: get("period"),
        unit: get("orgunit"),
        combo: get("categoryoptioncombo"),
        attribute: get("attributeoptioncombo"),
        value: get("value"),
        comment: get("comment"),
        deleted: get("deleted") == "true",
    }
}

/// The line ends of every system as one byte: lines are counted by it.
struct OneLineEnd<R> {
    from: R,
    after_return: bool,
}

impl<R: Read> Read for OneLineEnd<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let many = self.from.read(into)?;
            let mut kept = 0;
            for at in 0..many {
                let byte = into[at];
                let is_second = byte == b'\n' && self.after_return;
                self.after_return = byte == b'\r';
                if !is_second {
                    into[kept] = if self.after_return { b'\n' } else { byte };
                    kept += 1;
                }
            }
            // Nothing at all is the end.
            if kept > 0 || many == 0 {
                return Ok(kept);
            }
        }
    }
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
