//! Tables that grow: works, documents, inspections. Each row has a form of its own; what the table shows is read
//! from what is stored: numbers plainly (`1234.5`), days as `2026-12-16`, choices by code.

mod meanwhile;

use std::collections::BTreeMap;

use kernel::{
    axum::extract::Path,
    clock::Day,
    problem::{FormProblems, NOT_FOUND, OrMissing, Outcome},
    web::{Answer, FieldError, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    At, Head,
    earlier::{self, Earlier},
    grid::Ground,
    href, unit_name,
};
use crate::{
    actions::{
        ENTER,
        catalogue::Catalogue,
        entry::{self, Changes, RowBecame, RowEdit, Sheet, Which},
    },
    model::{
        amount::{plain_amount, read_amount, unit},
        form::{ColumnKind, Form, RowColumn, RowTable, Section, SectionBody},
    },
    store::words::{GrowingRow, RowId},
};

/// The form of one row.
pub(super) const ROW: Template<RowPage> = Template::new("reporting/row.html");

/// A table as the report shows it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Growing {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Line>,
    /// Sums of the columns with numbers; empty where there is none.
    pub(super) sums: Vec<String>,
    /// Where a row is added; empty when none can be.
    pub(super) add: String,
    /// Where the rows of the estimate are taken over, and how many they are; empty when there is none to take.
    pub(super) take: String,
    pub(super) estimated: usize,
}

/// A row of it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Line {
    pub(super) href: String,
    pub(super) cells: Vec<Shown>,
}

/// A cell of it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Shown {
    pub(super) text: String,
    pub(super) number: bool,
}

/// What the form of a row shows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct RowPage {
    pub(super) head: Head,
    pub(super) action: String,
    pub(super) section: String,
    pub(super) hint: String,
    pub(super) fresh: bool,
    pub(super) version: i64,
    pub(super) fields: Vec<Field>,
    pub(super) errors: Vec<FieldError>,
    /// What somebody else did with the row meanwhile, or why nothing was written; empty when it was.
    pub(super) problem: String,
    /// True when somebody else changed the row meanwhile, and a person chooses between that and what was typed.
    pub(super) choosing: bool,
    /// The columns in which the two differ.
    pub(super) theirs: Vec<Theirs>,
    /// What stood in the row before.
    pub(super) earlier: Vec<Earlier>,
}

/// A cell as somebody else left it, and as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Theirs {
    pub(super) label: String,
    pub(super) saved: String,
    pub(super) own: String,
}

/// A field of it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    /// `text`, `number`, `day` or `choice`.
    pub(super) kind: &'static str,
    pub(super) unit: String,
    pub(super) value: String,
    pub(super) required: bool,
    pub(super) options: Vec<super::detail::Choice>,
}

/// The cells of a stored row.
pub(super) fn cells(row: &GrowingRow) -> BTreeMap<String, String> {
    cells_of(&row.body)
}

pub(super) fn cells_of(body: &str) -> BTreeMap<String, String> {
    serde_json::from_str(body).unwrap_or_default()
}

/// A stored cell as people read it.
pub(super) fn shown(catalogue: &Catalogue, column: &RowColumn, stored: &str) -> String {
    let component = |code: &str| {
        let found = catalogue.programme.values().find(|one| one.code.as_str() == code);
        found.map(|one| one.name.as_str())
    };
    column.shown(stored, component)
}

/// A table with its rows.
pub(super) fn growing(ground: &Ground<'_>, section: &str, table: &RowTable) -> Growing {
    let base = format!("{}/dong/{section}", href(ground.which));
    let open = ground.sheet.closed.is_none();
    let own: Vec<&GrowingRow> =
        ground.sheet.rows.iter().filter(|row| row.section == section).collect();
    let mut rows = Vec::with_capacity(own.len());
    let stored: Vec<BTreeMap<String, String>> = own.iter().map(|row| cells(row)).collect();
    for (row, stored) in own.iter().zip(&stored) {
        let cell = |column: &RowColumn| {
            let text = stored.get(&column.code).map_or("", String::as_str);
            let number = matches!(column.kind, ColumnKind::Number { .. });
            Shown { text: shown(ground.catalogue, column, text), number }
        };
        rows.push(Line {
            href: if open { format!("{base}/{}", row.id) } else { String::new() },
            cells: table.columns.iter().map(cell).collect(),
        });
    }
    let full = own.len() >= table.max_rows as usize;
    let estimated = &ground.sheet.estimate.rows;
    let estimated = estimated.iter().filter(|row| row.section == section).count();
    let may_take = open && own.is_empty() && estimated > 0;
    Growing {
        take: if may_take {
            format!("{}/tu-uoc/{section}", href(ground.which))
        } else {
            String::new()
        },
        estimated,
        columns: table.columns.iter().map(RowColumn::heading).collect(),
        sums: table.sums(&stored),
        rows,
        add: if open && !full { base } else { String::new() },
    }
}

fn table_of<'f>(form: &'f Form, section: &str) -> Outcome<(&'f Section, &'f RowTable)> {
    let found = form.sections.iter().find(|one| one.code == section);
    let table = found.and_then(|one| match &one.body {
        SectionBody::Rows(table) => Some((one, table)),
        _ => None,
    });
    table.or_missing(&NOT_FOUND)
}

fn row_of<'s>(sheet: &'s Sheet, at: &At) -> Outcome<Option<&'s GrowingRow>> {
    if at.row.is_empty() {
        return Ok(None);
    }
    Ok(Some(standing(sheet, at).or_missing(&NOT_FOUND)?))
}

/// The row, when nobody has taken it out.
fn standing<'s>(sheet: &'s Sheet, at: &At) -> Option<&'s GrowingRow> {
    sheet.rows.iter().find(|one| one.section == at.section && one.id.as_str() == at.row)
}

pub(crate) async fn form(visit: Visit, Path(at): Path<At>) -> Answer {
    let page = view(&visit, &at, None).await?;
    visit.page(&ROW, &page)
}

async fn view(visit: &Visit, at: &At, typed: Option<&Fields>) -> Outcome<RowPage> {
    let which = at.which()?;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    visit.caller.must(&ENTER, &sheet.authority)?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let (section, table) = table_of(form, &at.section)?;
    let row = match typed {
        Some(_) => None,
        None => row_of(&sheet, at)?,
    };
    let stored = row.map(cells).unwrap_or_default();
    let fields = table.columns.iter().map(|column| {
        let name = format!("k.{}", column.code);
        let value = if let Some(fields) = typed {
            fields.line(&name)
        } else {
            let text = stored.get(&column.code).map_or("", String::as_str);
            let coded = matches!(column.kind, ColumnKind::Choice(_) | ColumnKind::Component);
            if coded { text.to_owned() } else { shown(&catalogue, column, text) }
        };
        field(&catalogue, column, name, value)
    });
    Ok(RowPage {
        action: format!(
            "{}/dong/{}{}",
            href(&which),
            at.section,
            if at.row.is_empty() { String::new() } else { format!("/{}", at.row) }
        ),
        section: section.title.clone(),
        hint: section.hint.clone(),
        fresh: at.row.is_empty(),
        version: typed.map_or_else(|| row.map_or(0, |row| row.version), base),
        fields: fields.collect(),
        earlier: earlier(visit, &catalogue, at, section).await?,
        head: Head::read(visit, &catalogue, &which, &sheet).await?,
        ..RowPage::default()
    })
}

/// What stood in a row before.
async fn earlier(
    visit: &Visit,
    catalogue: &Catalogue,
    at: &At,
    section: &Section,
) -> Outcome<Vec<Earlier>> {
    if at.row.is_empty() {
        return Ok(Vec::new());
    }
    let mut past = entry::past_words(&visit.app, &visit.caller, &at.which()?).await?;
    past.retain(|one| one.row_id == at.row);
    Ok(earlier::of_section(visit, catalogue, section, &past))
}

/// The version that was seen: `seen` is what stood beside what was typed when a person chose.
fn base(fields: &Fields) -> i64 {
    fields.number("seen").or_else(|| fields.number("version")).unwrap_or(0)
}

fn field(catalogue: &Catalogue, column: &RowColumn, name: String, value: String) -> Field {
    let choice = |value: &str, label: &str| super::detail::Choice {
        value: value.to_owned(),
        label: label.to_owned(),
    };
    let (kind, unit, options) = match &column.kind {
        ColumnKind::Text | ColumnKind::Work => ("text", String::new(), Vec::new()),
        ColumnKind::Number { unit, .. } => ("number", unit_name(unit), Vec::new()),
        ColumnKind::Day => ("day", String::new(), Vec::new()),
        ColumnKind::Choice(all) => {
            ("choice", String::new(), all.iter().map(|one| choice(&one.code, &one.name)).collect())
        }
        ColumnKind::Component => {
            let all = catalogue.programme.values();
            ("choice", String::new(), all.map(|one| choice(one.code.as_str(), &one.name)).collect())
        }
    };
    Field {
        name,
        label: column.title.clone(),
        kind,
        unit,
        value,
        required: column.required,
        options,
    }
}

pub(crate) async fn write(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let which = at.which()?;
    let fields = &posted.fields;
    match save(&visit, &which, &at, fields).await {
        Ok(RowBecame::Stale(theirs)) => meanwhile::changed(&visit, &at, fields, &theirs).await,
        Ok(RowBecame::Gone) => meanwhile::gone(&visit, &at, fields).await,
        Ok(_) => {
            let done = if fields.has("remove") {
                "reporting-done-removed"
            } else {
                "reporting-done-saved"
            };
            visit.done(&format!("{}#muc-{}", href(&which), at.section), done)
        }
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let page = view(&visit, &at, Some(fields)).await?;
            visit.form_again(failure, &ROW, |errors| RowPage { errors, ..page })
        }
        Err(failure) => meanwhile::refused(&visit, &at, fields, failure).await,
    }
}

/// Takes the rows of the estimate over.
pub(crate) async fn take(visit: Visit, Path(at): Path<At>, _posted: Posted) -> Answer {
    let which = at.which()?;
    let left_out = entry::take_rows(&visit.app, &visit.caller, &which, &at.section).await?;
    let done =
        if left_out == 0 { "reporting-done-rows-taken" } else { "reporting-done-rows-taken-part" };
    visit.done(&format!("{}#muc-{}", href(&which), at.section), done)
}

async fn save(visit: &Visit, which: &Which, at: &At, fields: &Fields) -> Outcome<RowBecame> {
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let (_, table) = table_of(form, &at.section)?;
    let id = match at.row.as_str() {
        "" => None,
        row => Some(RowId::parse(row).or_missing(&NOT_FOUND)?),
    };
    let last =
        sheet.rows.iter().filter(|one| one.section == at.section).map(|one| one.position).max();
    let cells = if fields.has("remove") { None } else { Some(read(&catalogue, table, fields)?) };
    let position = standing(&sheet, at).map(|row| row.position);
    let edit = RowEdit {
        section: at.section.clone(),
        id,
        position: position.unwrap_or_else(|| last.unwrap_or(0) + 1),
        cells,
        base: base(fields),
    };
    let changes = Changes { rows: vec![edit], ..Changes::default() };
    let saved = entry::save(&visit.app, &visit.caller, which, changes).await?;
    saved.rows.into_iter().next().or_missing(&NOT_FOUND)
}

/// The cells of a row as they are stored.
fn read(
    catalogue: &Catalogue,
    table: &RowTable,
    fields: &Fields,
) -> Outcome<BTreeMap<String, String>> {
    let mut wrong = FormProblems::new();
    let mut cells = BTreeMap::new();
    let mut misread = Vec::new();
    for column in &table.columns {
        let name = format!("k.{}", column.code);
        let text = fields.line(&name);
        if text.is_empty() {
            continue;
        }
        let stored = match &column.kind {
            ColumnKind::Number { unit: code, decimals, .. } => {
                let of = unit(code).or_missing(&NOT_FOUND)?;
                match read_amount(&text, of, *decimals) {
                    Ok(read) => plain_amount(read.amount, *decimals),
                    Err(problem) => {
                        wrong.add_with(&name, problem.key, problem.args);
                        misread.push(&column.code);
                        continue;
                    }
                }
            }
            ColumnKind::Day => match day(&text) {
                Ok(day) => day.iso(),
                Err(problem) => {
                    wrong.add_with(&name, problem, vec![("day", text)]);
                    misread.push(&column.code);
                    continue;
                }
            },
            ColumnKind::Choice(all) => {
                wrong.require(
                    all.iter().any(|one| one.code == text),
                    &name,
                    "reporting-row-choice",
                );
                text
            }
            ColumnKind::Component => {
                let known = catalogue.programme.values().any(|one| one.code.as_str() == text);
                wrong.require(known, &name, "reporting-row-choice");
                text
            }
            ColumnKind::Text | ColumnKind::Work => text,
        };
        cells.insert(column.code.clone(), stored);
    }
    // Days outside the period are told when the report is signed.
    for (column, amiss) in table.amiss(&cells, None) {
        if !misread.contains(&&column.code) {
            wrong.add_with(format!("k.{}", column.code), amiss.at_cell(), amiss.args());
        }
    }
    let first = table.columns.first().map_or_else(String::new, |one| format!("k.{}", one.code));
    if cells.is_empty() && wrong.is_empty() {
        wrong.add(first, "reporting-row-empty");
    }
    wrong.check()?;
    Ok(cells)
}

/// A day as people write it: `22/11/2026`, also `22-11-2026` and `2026-11-22`; else the key of what is wrong.
fn day(text: &str) -> Result<Day, &'static str> {
    const UNREAD: &str = "reporting-row-day";
    if let Some(day) = Day::parse(text) {
        return Ok(day);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let (day, month, year) = match parts[..] {
        [year, month, day] if year.len() == 4 => (day, month, year),
        [day, month, year] if year.len() == 4 => (day, month, year),
        _ => return Err(UNREAD),
    };
    match (year.parse(), month.parse(), day.parse()) {
        (Ok(year), Ok(month), Ok(day)) => {
            Day::new(year, month, day).ok_or("reporting-row-no-such-day")
        }
        _ => Err(UNREAD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them_and_never_guessed() {
        let new_year = Day::new(2027, 1, 1);
        for text in ["1/1/2027", "01/01/2027", "01-01-2027", "2027-01-01", "1.1.2027"] {
            assert_eq!(day(text).ok(), new_year, "{text}");
        }
        for text in ["1/1/27", "2026", "mai/1/2026", "1/1/2027/1", "45123"] {
            assert_eq!(day(text), Err("reporting-row-day"), "{text}");
        }
        for text in ["30/2/2026", "31/02/2026", "1/13/2026", "2026-02-31", "0/1/2026"] {
            assert_eq!(day(text), Err("reporting-row-no-such-day"), "{text}");
        }
    }
}
