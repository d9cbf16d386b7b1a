//! A repeat as a growing table.

use std::collections::BTreeSet;

use super::{
    build::{Builder, is_yes, label, plain_code},
    kinds::Kind,
    sheets::Line,
    survey::Item,
};
use crate::model::{
    Coords,
    amount::unit,
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
    let mut seen = Vec::new();
    columns(builder, &repeat.items, &mut table, &mut codes, &mut hints, &mut seen);
    bounds(builder, &mut table, &seen);
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
    seen: &mut Vec<(Line, String)>,
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
                columns(builder, &item.items, table, codes, hints, seen);
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
        builder.told_unused(line, &["relevant", "default", "calculation"]);
        let code = plain_code(line.get("name"), codes, "cot");
        seen.push((line.clone(), code.clone()));
        table.columns.push(RowColumn {
            code,
            title: label(line),
            kind,
            required: is_yes(line.get("required")),
            bounds: Bounds::default(),
        });
    }
}

/// What constraints say of a column, once all columns have their codes: the most it holds, what it is a part of. That
/// numbers are not negative holds anyway. A constraint that says anything else is told, and nothing of it is taken.
fn bounds(builder: &mut Builder<'_, '_>, table: &mut RowTable, seen: &[(Line, String)]) {
    for (line, code) in seen {
        let code_of = |name: &str| {
            let named = seen.iter().find(|(line, _)| line.get("name") == name);
            named.map(|(_, code)| code.clone()).filter(|other| other != code)
        };
        let said = bounds_said(line.get("constraint"), &code_of);
        let said = said.filter(|bounds| can_hold(table, code, bounds));
        let column = table.columns.iter_mut().find(|column| column.code == *code);
        match (said, column) {
            (Some(bounds), Some(column)) => column.bounds = bounds,
            _ => builder.told_unused(line, &["constraint"]),
        }
    }
}

/// True for bounds of a number; what it is a part of is a number that measures the same.
fn can_hold(table: &RowTable, code: &str, bounds: &Bounds) -> bool {
    let kind = |code: &str| {
        let column = table.columns.iter().find(|column| column.code == code)?;
        Some(&unit(column.measure()?.0)?.kind)
    };
    let own = kind(code);
    own.is_some() && bounds.part_of.as_deref().is_none_or(|whole| kind(whole) == own)
}

/// `. >= 0 and . <= 40 and . <= ${tong}`, in any order and as often as it is said.
fn bounds_said(text: &str, code_of: &impl Fn(&str) -> Option<String>) -> Option<Bounds> {
    let mut bounds = Bounds::default();
    for part in text.split(" and ").map(str::trim).filter(|part| !part.is_empty()) {
        let plain: String = part.chars().filter(|c| !c.is_whitespace()).collect();
        let plain = plain.trim_start_matches('(').trim_end_matches(')');
        let most = plain.strip_prefix(".<=");
        let name = most.and_then(|of| of.strip_prefix("${")?.strip_suffix('}'));
        match (plain, name, most) {
            (".>=0", ..) => {}
            (_, Some(name), _) if bounds.part_of.is_none() => {
                bounds.part_of = Some(code_of(name)?);
            }
            (_, None, Some(number)) => {
                let number = number.parse::<u32>().ok()?;
                bounds.most = Some(bounds.most.map_or(number, |before| before.min(number)));
            }
            _ => return None,
        }
    }
    Some(bounds)
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
