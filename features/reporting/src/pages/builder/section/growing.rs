//! The columns of a table that grows.

use kernel::web::{Fields, Visit};
use serde::Serialize;

use super::super::{Choice, choice, short};
use crate::model::{
    ElementId,
    bundle::most,
    form::{Choice as Option_, ColumnKind, RowColumn, RowTable},
};

/// Kinds of columns, as the form names them.
const KINDS: [&str; 6] = ["text", "number", "day", "choice", "work", "component"];

/// The table.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct GrowingForm {
    pub(crate) max_rows: u32,
    pub(crate) columns: Vec<Column>,
    pub(crate) kinds: Vec<Choice>,
}

/// A column.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Column {
    pub(crate) there: bool,
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) kind: &'static str,
    pub(crate) unit: String,
    pub(crate) decimals: u32,
    pub(crate) element: String,
    /// One choice a line: `xong: Đã xong`.
    pub(crate) choices: String,
    pub(crate) required: bool,
}

pub(super) fn form(visit: &Visit, table: &RowTable) -> GrowingForm {
    let mut columns: Vec<Column> = table.columns.iter().map(column).collect();
    let spare = Column { kind: "text", ..Column::default() };
    columns.resize(columns.len() + 2, spare);
    let kind =
        |code: &&str| choice(*code, visit.say(&format!("reporting-column-kind-{code}"), &[]));
    GrowingForm { max_rows: table.max_rows, columns, kinds: KINDS.iter().map(kind).collect() }
}

fn column(one: &RowColumn) -> Column {
    let it = Column {
        there: true,
        code: one.code.clone(),
        title: one.title.clone(),
        required: one.required,
        ..Column::default()
    };
    match &one.kind {
        ColumnKind::Text => Column { kind: "text", ..it },
        ColumnKind::Day => Column { kind: "day", ..it },
        ColumnKind::Work => Column { kind: "work", ..it },
        ColumnKind::Component => Column { kind: "component", ..it },
        ColumnKind::Number { unit, decimals, element } => Column {
            kind: "number",
            unit: unit.clone(),
            decimals: *decimals,
            element: element.as_ref().map_or_else(String::new, ToString::to_string),
            ..it
        },
        ColumnKind::Choice(all) => {
            let lines: Vec<String> =
                all.iter().map(|one| format!("{}: {}", one.code, one.name)).collect();
            Column { kind: "choice", choices: lines.join("\n"), ..it }
        }
    }
}

pub(super) fn write(table: &mut RowTable, fields: &Fields) {
    table.max_rows = super::count(fields, "max_rows");
    let mut columns = Vec::new();
    for index in 0..=most::COLUMNS {
        let field = |name: &str| fields.line(&format!("c.{index}.{name}"));
        let title = short(&field("title"), most::TITLE + 1);
        if title.is_empty() && !fields.has(&format!("c.{index}.there")) {
            continue;
        }
        let kind = match field("kind").as_str() {
            "number" => ColumnKind::Number {
                unit: field("unit"),
                decimals: field("decimals").parse().unwrap_or(0),
                element: ElementId::parse(&field("element")),
            },
            "day" => ColumnKind::Day,
            "choice" => ColumnKind::Choice(choices(&fields.lines(&format!("c.{index}.choices")))),
            "work" => ColumnKind::Work,
            "component" => ColumnKind::Component,
            _ => ColumnKind::Text,
        };
        let code = match field("code") {
            code if code.is_empty() => plain(&title),
            code => code,
        };
        let required = fields.has(&format!("c.{index}.required"));
        columns.push(RowColumn { code, title, kind, required });
    }
    table.columns = columns;
}

/// `xong: Đã xong`; a line without a code gets one from its words.
fn choices(text: &str) -> Vec<Option_> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let one = |line: &str| match line.split_once(':') {
        Some((code, name)) => {
            Option_ { code: code.trim().to_owned(), name: name.trim().to_owned() }
        }
        None => Option_ { code: plain(line), name: line.to_owned() },
    };
    lines.map(one).take(most::OPTIONS + 1).collect()
}

/// Letters and digits of some words.
fn plain(words: &str) -> String {
    kernel::text::slug(words, 24).chars().filter(|c| *c != '-').collect()
}
