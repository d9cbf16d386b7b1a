//! The columns of a table that grows.

use kernel::web::{Fields, Visit};
use serde::Serialize;

use super::super::{Choice, choice, short};
use crate::{
    model::{
        ElementId,
        bundle::most,
        form::{Bounds, Choice as Option_, ColumnKind, RowColumn, RowTable},
    },
    pages::{builder::words::unit_code, entry::unit_name},
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
    /// The column of which it is a part, by its code; empty for none.
    pub(crate) part_of: String,
    /// Of which columns it may be a part.
    pub(crate) wholes: Vec<Choice>,
    /// The largest number; empty where none is said.
    pub(crate) most: String,
    pub(crate) in_period: bool,
}

pub(super) fn form(visit: &Visit, table: &RowTable) -> GrowingForm {
    let none = visit.say("reporting-build-column-part-none", &[]);
    let wholes = |own: &str, named: &str| wholes(table, own, named, &none);
    let mut columns: Vec<Column> = Vec::with_capacity(table.columns.len() + 2);
    for one in &table.columns {
        let it = column(one);
        columns.push(Column { wholes: wholes(&one.code, &it.part_of), ..it });
    }
    let spare = Column { kind: "text", wholes: wholes("", ""), ..Column::default() };
    columns.resize(columns.len() + 2, spare);
    let kind =
        |code: &&str| choice(*code, visit.say(&format!("reporting-column-kind-{code}"), &[]));
    GrowingForm { max_rows: table.max_rows, columns, kinds: KINDS.iter().map(kind).collect() }
}

/// The other columns of numbers, and the one that is named although there is none such any more.
fn wholes(table: &RowTable, own: &str, named: &str, none: &str) -> Vec<Choice> {
    let others = table.columns.iter().filter(|one| one.measure().is_some() && one.code != own);
    let mut all = vec![choice("", none)];
    all.extend(others.map(|one| choice(one.code.as_str(), one.title.as_str())));
    if !all.iter().any(|one| one.value == named) {
        all.push(choice(named, named));
    }
    all
}

fn column(one: &RowColumn) -> Column {
    let Bounds { part_of, most, in_period } = &one.bounds;
    let it = Column {
        there: true,
        code: one.code.clone(),
        title: one.title.clone(),
        required: one.required,
        part_of: part_of.clone().unwrap_or_default(),
        most: most.map_or_else(String::new, |most| most.to_string()),
        in_period: *in_period,
        ..Column::default()
    };
    match &one.kind {
        ColumnKind::Text => Column { kind: "text", ..it },
        ColumnKind::Day => Column { kind: "day", ..it },
        ColumnKind::Work => Column { kind: "work", ..it },
        ColumnKind::Component => Column { kind: "component", ..it },
        ColumnKind::Number { unit, decimals, element } => Column {
            kind: "number",
            unit: unit_name(unit),
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
                unit: unit_code(&field("unit")),
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
        let bounds = Bounds {
            part_of: Some(field("part_of")).filter(|code| !code.is_empty()),
            // Read as amounts are when it arrived, see `named`.
            most: field("most").parse().ok(),
            in_period: fields.has(&format!("c.{index}.in_period")),
        };
        columns.push(RowColumn { code, title, kind, required, bounds });
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
