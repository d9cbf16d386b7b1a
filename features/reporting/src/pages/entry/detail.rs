//! Dividing a row further than its columns do: one option of each dimension is chosen, and one cell is added. Of
//! a million possible cells only those that somebody reports are kept.

use kernel::{
    axum::extract::Path,
    locale::Lang,
    problem::{FormProblems, NOT_FOUND, OrMissing, Outcome},
    web::{Answer, FieldError, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    At, Head, grid, href,
    typed::{self, Meant, Typed},
};
use crate::{
    actions::{
        catalogue::Catalogue,
        entry::{self, Changes, Closed, Sheet, Which},
        figures::Edit,
    },
    model::{
        CellKey, DataElement,
        form::{FixedTable, TableRow},
    },
};

/// The page.
pub(super) const DETAIL: Template<Detail> = Template::new("reporting/detail.html");

/// What it shows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Detail {
    pub(super) head: Head,
    pub(super) action: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) dimensions: Vec<Axis>,
    pub(super) text: String,
    pub(super) errors: Vec<FieldError>,
}

/// A dimension to choose an option of.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Axis {
    pub(super) field: String,
    pub(super) label: String,
    pub(super) options: Vec<Choice>,
    pub(super) value: String,
}

/// An option.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
}

/// The row of an address: its place in the form's tables, counted through the table that has it.
struct Found<'a> {
    table: &'a FixedTable,
    row: &'a TableRow,
    element: &'a DataElement,
}

fn found<'a>(
    catalogue: &'a Catalogue,
    which: &Which,
    sheet: &Sheet,
    at: &At,
) -> Outcome<Found<'a>> {
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let (section, row) = at.row.split_once('.').or_missing(&NOT_FOUND)?;
    let (_, table) = form.tables().find(|(one, _)| one.code == section).or_missing(&NOT_FOUND)?;
    let row = row.parse::<usize>().ok().and_then(|at| table.rows.get(at)).or_missing(&NOT_FOUND)?;
    let element = row.element.as_ref().and_then(|code| catalogue.elements.get(code));
    let element = element.or_missing(&NOT_FOUND)?;
    if !grid::can_be_added_to(table, row, element) {
        return Err((&NOT_FOUND).into());
    }
    Ok(Found { table, row, element })
}

/// The dimensions along which a row may be divided: those of its columns and those that are added freely.
fn axes(catalogue: &Catalogue, of: &Found<'_>, fields: &Fields, lang: Lang) -> Vec<Axis> {
    let columns: Vec<&str> =
        of.table.columns.iter().flat_map(|one| one.coords.iter().map(|(code, _)| code)).collect();
    let codes = of.element.dimensions.iter().filter(|code| {
        let allowed = of.table.details.contains(*code) || columns.contains(&code.as_str());
        allowed && of.row.coords.option(code).is_none()
    });
    codes
        .filter_map(|code| catalogue.dimensions.get(code))
        .map(|dimension| Axis {
            field: format!("d.{}", dimension.code),
            label: dimension.title(lang).to_owned(),
            options: dimension
                .offered()
                .map(|one| Choice { value: one.code.clone(), label: one.title(lang).to_owned() })
                .collect(),
            value: fields.line(&format!("d.{}", dimension.code)),
        })
        .collect()
}

pub(crate) async fn form(visit: Visit, Path(at): Path<At>) -> Answer {
    let page = view(&visit, &at, &Fields::default()).await?;
    visit.page(&DETAIL, &page)
}

async fn view(visit: &Visit, at: &At, fields: &Fields) -> Outcome<Detail> {
    let which = at.which()?;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let of = found(&catalogue, &which, &sheet, at)?;
    if sheet.closed == Some(Closed::NotYours) {
        visit.caller.must(&crate::actions::ENTER, &sheet.authority)?;
    }
    Ok(Detail {
        head: Head::read(visit, &catalogue, &which, &sheet).await?,
        action: format!("{}/phan-to/{}", href(&which), at.row),
        name: if of.row.label.is_empty() { of.element.name.clone() } else { of.row.label.clone() },
        unit: super::unit_name(&of.element.unit),
        dimensions: axes(&catalogue, &of, fields, visit.lang()),
        text: fields.line("text"),
        errors: Vec::new(),
    })
}

pub(crate) async fn add(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let which = at.which()?;
    let fields = &posted.fields;
    match write(&visit, &which, &at, fields).await {
        Ok(()) => visit.done(&href(&which), "reporting-done-saved"),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let page = view(&visit, &at, fields).await?;
            visit.form_again(failure, &DETAIL, |errors| Detail { errors, ..page })
        }
        Err(other) => Err(other),
    }
}

async fn write(visit: &Visit, which: &Which, at: &At, fields: &Fields) -> Outcome<()> {
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let of = found(&catalogue, which, &sheet, at)?;
    let mut coords = of.row.coords.clone();
    let mut divided = false;
    for axis in
        axes(&catalogue, &of, fields, visit.lang()).iter().filter(|axis| !axis.value.is_empty())
    {
        let code = axis.field.trim_start_matches("d.");
        coords = coords.with(code, &axis.value);
        divided |= of.table.details.iter().any(|one| one == code);
    }
    let first = of.table.details.iter().find(|code| of.element.dimensions.contains(code));
    let field = first.map_or_else(|| "text".to_owned(), |code| format!("d.{code}"));
    let mut wrong = FormProblems::new();
    wrong.require(divided, &field, "reporting-detail-needs-option");
    let key = CellKey { element: of.element.code.clone(), coords };
    let known = super::save::known_cell(&catalogue, form, &key.text()).is_some();
    wrong.require(!divided || known, &field, "reporting-entry-strange-cell");
    let typed = Typed { text: fields.line("text"), ..Typed::default() };
    let state = match typed::read(&typed, None, of.element) {
        Meant::Edit(Some(state)) => Some(state),
        Meant::Wrong(problem) => {
            wrong.add_with("text", problem.key, problem.args);
            None
        }
        Meant::Same | Meant::Edit(None) => {
            wrong.add("text", "reporting-amount-empty");
            None
        }
    };
    wrong.require(!sheet.held.contains_key(&key), &field, "reporting-detail-is-there");
    wrong.check()?;
    let edits = vec![Edit { base: sheet.version(&key), key, state }];
    entry::save(&visit.app, &visit.caller, which, Changes { edits, ..Changes::default() }).await?;
    Ok(())
}
