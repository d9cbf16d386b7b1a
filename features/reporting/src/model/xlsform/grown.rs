//! A repeat as a growing table.

use std::collections::BTreeSet;

use super::{
    build::{Builder, is_yes, label, plain_code},
    kinds::Kind,
    survey::Item,
};
use crate::model::{
    Coords,
    form::{Bounds, ColumnKind, RowColumn, RowTable, Section, SectionBody},
};

/// Rows of a repeat whose number nobody said.
const ROWS: u32 = 300;
/// Most rows of a growing table.
const ROWS_MOST: u32 = 5_000;

/// The section of a repeat; none when nothing of it can be held.
pub(super) fn section(builder: &mut Builder<'_, '_>, repeat: &Item) -> Option<Section> {
    let line = &repeat.line;
    let mut table = RowTable { columns: Vec::new(), max_rows: ROWS };
    match line.get("repeat_count") {
        "" => {}
        text => {
            if let Some(count) =
                text.parse::<u32>().ok().filter(|count| (1..=ROWS_MOST).contains(count))
            {
                table.max_rows = count;
            } else {
                let told = line.told("repeat_count", "reporting-xlsform-cell-unused");
                builder.telling.note(told.with("text", text));
            }
        }
    }
    let mut codes = BTreeSet::new();
    let mut hints = vec![line.get("hint").to_owned()];
    columns(builder, &repeat.items, &mut table, &mut codes, &mut hints);
    if table.columns.is_empty() {
        builder.telling.trouble(line.told_whole("reporting-xlsform-repeat-empty"));
        return None;
    }
    hints.retain(|hint| !hint.is_empty());
    Some(Section {
        code: builder.section_code(line.get("name")),
        title: label(line),
        hint: hints.join(" "),
        body: SectionBody::Rows(table),
    })
}

fn columns(
    builder: &mut Builder<'_, '_>,
    items: &[Item],
    table: &mut RowTable,
    codes: &mut BTreeSet<String>,
    hints: &mut Vec<String>,
) {
    for item in items {
        let line = &item.line;
        let kind = match &item.kind {
            Kind::Text => Some(ColumnKind::Text),
            Kind::Day => Some(ColumnKind::Day),
            Kind::Integer | Kind::Decimal => number(builder, item),
            Kind::One(list) => choice(builder, item, list),
            Kind::Note => {
                hints.push(line.get("label").to_owned());
                None
            }
            // A group within rows only says what stands together.
            Kind::BeginGroup => {
                columns(builder, &item.items, table, codes, hints);
                None
            }
            Kind::BeginRepeat => {
                builder.telling.note(line.told_whole("reporting-xlsform-repeat-within"));
                left_out(builder, &item.items);
                None
            }
            Kind::Automatic => {
                builder.telling.note(line.told_whole("reporting-xlsform-automatic"));
                None
            }
            _ => {
                let told = line.told_whole("reporting-xlsform-foreign");
                builder.telling.note(told.with("type", line.get("type")));
                None
            }
        };
        let Some(kind) = kind else { continue };
        builder.told_unused(line, &["constraint", "relevant", "default", "calculation"]);
        table.columns.push(RowColumn {
            code: plain_code(line.get("name"), codes, "cot"),
            title: label(line),
            kind,
            required: is_yes(line.get("required")),
            bounds: Bounds::default(),
        });
    }
}

/// Everything in something that is left out is named.
fn left_out(builder: &mut Builder<'_, '_>, items: &[Item]) {
    for item in items {
        let told = item.line.told_whole("reporting-xlsform-foreign");
        builder.telling.note(told.with("type", item.line.get("type")));
        left_out(builder, &item.items);
    }
}

fn number(builder: &mut Builder<'_, '_>, item: &Item) -> Option<ColumnKind> {
    let line = &item.line;
    let (of, decimals) = builder.unit(line, item.kind == Kind::Integer)?;
    if line.get("nhipcau::element").is_empty() {
        return Some(ColumnKind::Number {
            unit: of.unwrap_or("so").to_owned(),
            decimals,
            element: None,
        });
    }
    let id = builder.element(line, item.kind == Kind::Integer, &Coords::total())?;
    let known = builder.known(&id)?;
    Some(ColumnKind::Number {
        unit: known.unit.clone(),
        decimals: known.decimals,
        element: Some(id),
    })
}

fn choice(builder: &mut Builder<'_, '_>, item: &Item, list: &str) -> Option<ColumnKind> {
    builder.told_unused(&item.line, &["choice_filter"]);
    let lists = &builder.sheets.choices;
    let found = lists.iter().find(|(name, _)| name.eq_ignore_ascii_case(list));
    match found {
        Some((_, choices)) if !choices.is_empty() => Some(ColumnKind::Choice(choices.clone())),
        _ => {
            let told = item.line.told("type", "reporting-xlsform-no-list");
            builder.telling.trouble(told.with("list", list));
            None
        }
    }
}
