//! One section of a draft: rows and columns of figures, columns of a growing table, words, files. Every button
//! saves everything that was typed first, so that nothing is lost by moving a row.

pub(super) mod growing;
mod named;

use kernel::{
    axum::extract::Path,
    locale::Lang,
    problem::OrMissing,
    web::{Answer, FieldError, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{At, Choice, Head, choice, draft::moved, keep, open, seen, short};
use crate::{
    actions::{
        builder::{DRAFT_NOT_FOUND, Draft},
        catalogue::Catalogue,
    },
    model::{
        Coords, ElementId,
        bundle::{Bundle, most},
        form::{FixedTable, INDENT_MOST, Section, SectionBody, TableColumn, TableRow},
    },
};
use growing::GrowingForm;
use named::{Named, Unknown, What};

pub(super) const SECTION: Template<SectionPage> = Template::new("reporting/build_section.html");

/// Empty lines below what is there.
const SPARE: usize = 3;
/// What makes a row of the page one of the table.
const FILLS_A_ROW: [&str; 4] = ["number", "label", "element", "coords"];

/// The form.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct SectionPage {
    pub(super) head: Head,
    pub(super) code: String,
    pub(super) title: String,
    pub(super) hint: String,
    pub(super) table: Option<TableForm>,
    pub(super) growing: Option<GrowingForm>,
    pub(super) narrative: Option<NarrativeForm>,
    pub(super) max_files: Option<u32>,
    /// What may be named: elements, units, places in the disaggregation.
    pub(super) elements: Vec<Choice>,
    pub(super) units: Vec<Choice>,
    pub(super) options: Vec<Choice>,
    pub(super) errors: Vec<FieldError>,
}

/// Words.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct NarrativeForm {
    pub(super) max_chars: u32,
    pub(super) required: bool,
}

/// A table with fixed rows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct TableForm {
    pub(super) columns: Vec<ColumnLine>,
    pub(super) rows: Vec<RowLine>,
    pub(super) details: Vec<Choice>,
    pub(super) chosen: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ColumnLine {
    pub(super) title: String,
    /// What it fixes, one choice each.
    pub(super) at: Vec<String>,
}

/// A row.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct RowLine {
    pub(super) there: bool,
    pub(super) number: String,
    pub(super) label: String,
    pub(super) element: String,
    /// The element's own name, where the row has no label.
    pub(super) name: String,
    pub(super) coords: String,
    pub(super) indent: String,
    pub(super) without: String,
    pub(super) required: bool,
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>) -> Answer {
    let (known, draft) = open(&visit, &at).await?;
    let all = &draft.bundle.form.sections;
    let section = all.iter().find(|one| one.code == at.section).or_missing(&DRAFT_NOT_FOUND)?;
    let page = page(&visit, &known, Head::of(&visit, &draft), section);
    visit.page(&SECTION, &page)
}

fn page(visit: &Visit, known: &Catalogue, head: Head, section: &Section) -> SectionPage {
    let page = SectionPage {
        code: section.code.clone(),
        title: section.title.clone(),
        hint: section.hint.clone(),
        elements: elements(known),
        head,
        ..SectionPage::default()
    };
    match &section.body {
        SectionBody::Table(table) => SectionPage {
            table: Some(table_form(known, table, visit.lang())),
            options: options(known, table, visit.lang()),
            ..page
        },
        SectionBody::Rows(table) => SectionPage {
            growing: Some(growing::form(visit, table)),
            units: super::words::unit_choices(),
            ..page
        },
        SectionBody::Narrative { max_chars, required } => SectionPage {
            narrative: Some(NarrativeForm { max_chars: *max_chars, required: *required }),
            ..page
        },
        SectionBody::Attachments { max_files } => {
            SectionPage { max_files: Some(*max_files), ..page }
        }
    }
}

fn elements(known: &Catalogue) -> Vec<Choice> {
    let all = known.elements.values();
    all.map(|one| choice(one.code.as_str(), one.name.clone())).collect()
}

/// Every option on offer of the dimensions that the table's elements have, of all dimensions while it has none; and
/// those of the table that are offered no longer, so that they are told by their names.
fn options(known: &Catalogue, table: &FixedTable, lang: Lang) -> Vec<Choice> {
    let codes: std::collections::BTreeSet<&String> = table
        .rows
        .iter()
        .filter_map(|row| known.elements.get(row.element.as_ref()?))
        .flat_map(|element| &element.dimensions)
        .collect();
    let fits = |code: &String| codes.is_empty() || codes.contains(code);
    let dimensions = known.dimensions.values().filter(|one| fits(&one.code));
    let columns = table.columns.iter().map(|column| &column.coords);
    let fixed: Vec<&Coords> = columns
        .chain(table.rows.iter().map(|row| &row.coords))
        .filter(|at| !at.is_total())
        .collect();
    let mut all = Vec::new();
    for one in dimensions {
        let used = |code: &str| fixed.iter().any(|at| at.option(&one.code) == Some(code));
        let shown = one.options.iter().filter(|option| !option.ended || used(&option.code));
        all.extend(shown.map(|option| {
            let value = format!("{}={}", one.code, option.code);
            choice(value, format!("{}: {}", one.title(lang), option.title(lang)))
        }));
    }
    all
}

fn table_form(known: &Catalogue, table: &FixedTable, lang: Lang) -> TableForm {
    let column = |one: &TableColumn| {
        let mut at: Vec<String> =
            one.coords.iter().map(|(dimension, option)| format!("{dimension}={option}")).collect();
        at.resize(at.len().max(2), String::new());
        ColumnLine { title: one.title.clone(), at }
    };
    let row = |one: &TableRow| RowLine {
        there: true,
        number: one.number.clone(),
        label: one.label.clone(),
        element: one.element.as_ref().map_or_else(String::new, ToString::to_string),
        name: one
            .element
            .as_ref()
            .and_then(|code| known.elements.get(code))
            .map_or_else(String::new, |element| element.name.clone()),
        coords: one.coords.text(),
        indent: one.indent.to_string(),
        without: one.without.iter().map(|at| (at + 1).to_string()).collect::<Vec<_>>().join(", "),
        required: one.required,
    };
    let mut columns: Vec<ColumnLine> = table.columns.iter().map(column).collect();
    let mut rows: Vec<RowLine> = table.rows.iter().map(row).collect();
    let spare = ColumnLine { at: vec![String::new(); 2], ..ColumnLine::default() };
    columns.resize(columns.len() + 2, spare);
    rows.resize(rows.len() + SPARE, RowLine::default());
    let details = known.dimensions.values();
    let details = details.map(|one| choice(one.code.clone(), one.title(lang)));
    TableForm { columns, rows, details: details.collect(), chosen: table.details.clone() }
}

pub(crate) async fn save(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let fields = &posted.fields;
    let act = fields.line("do");
    let to = if act.is_empty() { String::new() } else { format!("/muc/{}", at.section) };
    let (known, draft) = open(&visit, &at).await?;
    let named = named::read(&known, fields);
    if !named.unknown.is_empty() {
        return again(&visit, &known, &draft, &at, &named);
    }
    let code = at.section.clone();
    let typed = named.fields;
    let edit = move |bundle: &mut Bundle| {
        let section = bundle.form.sections.iter_mut().find(|one| one.code == code);
        write(section.or_missing(&DRAFT_NOT_FOUND)?, &typed, &act);
        Ok(())
    };
    keep(&visit, &at, fields, &to, edit).await
}

/// The page with what was typed, and what cannot be read where it was typed. No button did anything.
fn again(visit: &Visit, known: &Catalogue, draft: &Draft, at: &At, named: &Named) -> Answer {
    let all = &draft.bundle.form.sections;
    let section = all.iter().find(|one| one.code == at.section).or_missing(&DRAFT_NOT_FOUND)?;
    let mut section = section.clone();
    // Lines that hold nothing are not shown again; one with something that cannot be read holds something.
    let mut marked: Vec<(String, String)> =
        named.fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let list = if matches!(section.body, SectionBody::Rows(_)) { "c" } else { "r" };
    let there = |number: &usize| (format!("{list}.{number}.there"), "1".to_owned());
    marked.extend(named.unknown.iter().map(|one| there(&one.number)));
    let fields = Fields::from_pairs(marked);
    write(&mut section, &fields, "");
    let holds = |number: &usize| {
        let filled = |name: &str| fields.has(&format!("{list}.{number}.{name}"));
        let fills: &[&str] = if list == "c" { &["title"] } else { &FILLS_A_ROW };
        filled("there") || fills.iter().any(|name| filled(name))
    };
    let place = |number: usize| (0..number).filter(holds).count();
    // Saved once more, it is over what was seen when it was typed.
    let head = Head { version: seen(&fields), ..Head::of(visit, draft) };
    let mut page = page(visit, known, head, &section);
    for Unknown { number, what, text } in &named.unknown {
        let at = place(*number);
        if let Some(row) = page.table.as_mut().and_then(|table| table.rows.get_mut(at)) {
            let place = match what {
                What::Coords => &mut row.coords,
                What::Indent => &mut row.indent,
                What::Without => &mut row.without,
                What::Element | What::Most => &mut row.element,
            };
            place.clone_from(text);
        }
        if let Some(column) = page.growing.as_mut().and_then(|table| table.columns.get_mut(at)) {
            let place = if *what == What::Most { &mut column.most } else { &mut column.element };
            place.clone_from(text);
        }
    }
    let Err(failure) = named.problems(list, place).check() else {
        return visit.page(&SECTION, &page);
    };
    visit.form_again(failure, &SECTION, |errors| SectionPage { errors, ..page })
}

/// Writes what was typed; then the button's word, `row-up.3`.
fn write(section: &mut Section, fields: &Fields, act: &str) {
    section.title = short(&fields.line("title"), most::TITLE + 1);
    section.hint = short(&fields.lines("hint"), most::WORDS + 1);
    let (what, index) = act.split_once('.').unwrap_or((act, ""));
    let (list, verb) = what.split_once('-').unwrap_or((what, ""));
    let index: usize = index.parse().unwrap_or(usize::MAX);
    match &mut section.body {
        SectionBody::Table(table) => {
            table.columns = columns(fields);
            table.rows = rows(fields, &table.columns);
            table.details = fields.many("details");
            table.details.truncate(most::DIMENSIONS);
            match list {
                "row" if verb == "insert" && index <= table.rows.len() => {
                    table.rows.insert(index, blank_row());
                }
                "row" => moved(&mut table.rows, verb, index),
                "column" => {
                    move_column(table, verb, index);
                }
                _ => {}
            }
        }
        SectionBody::Rows(table) => {
            growing::write(table, fields);
            if list == "column" {
                moved(&mut table.columns, verb, index);
            }
        }
        SectionBody::Narrative { max_chars, required } => {
            *max_chars = count(fields, "max_chars");
            *required = fields.has("required");
        }
        SectionBody::Attachments { max_files } => *max_files = count(fields, "max_files"),
    }
}

/// A whole number; 0, which the checks refuse in words, for anything else.
fn count(fields: &Fields, name: &str) -> u32 {
    fields.number(name).and_then(|number| number.try_into().ok()).unwrap_or(0)
}

fn blank_row() -> TableRow {
    TableRow {
        number: String::new(),
        label: String::new(),
        element: None,
        coords: Coords::total(),
        indent: 0,
        without: Vec::new(),
        required: false,
    }
}

/// Rows name the columns they do not have by their place, so these places move along.
fn move_column(table: &mut FixedTable, verb: &str, index: usize) {
    let mut order: Vec<usize> = (0..table.columns.len()).collect();
    moved(&mut order, verb, index);
    moved(&mut table.columns, verb, index);
    for row in &mut table.rows {
        let place = |old: &usize| order.iter().position(|one| one == old);
        row.without = row.without.iter().filter_map(place).collect();
        row.without.sort_unstable();
    }
}

fn columns(fields: &Fields) -> Vec<TableColumn> {
    let mut all = Vec::new();
    for index in 0..=most::COLUMNS {
        let title = short(&fields.line(&format!("c.{index}.title")), most::TITLE + 1);
        let at = fields.many(&format!("c.{index}.at"));
        // Chosen from a list: an empty choice is none, of two of one dimension the later holds.
        let chosen = at.iter().filter_map(|one| Coords::parse(one));
        let coords = chosen.fold(Coords::total(), |all, one| {
            one.iter().fold(all, |all, (dimension, option)| all.with(dimension, option))
        });
        if title.is_empty() && coords.is_total() {
            continue;
        }
        all.push(TableColumn { title, coords });
    }
    all
}

fn rows(fields: &Fields, columns: &[TableColumn]) -> Vec<TableRow> {
    let mut all = Vec::new();
    for index in 0..=most::ROWS {
        let field = |name: &str| fields.line(&format!("r.{index}.{name}"));
        let there = fields.has(&format!("r.{index}.there"));
        let (label, element) = (field("label"), field("element"));
        if !there && FILLS_A_ROW.iter().all(|name| field(name).is_empty()) {
            continue;
        }
        let without = field("without");
        let without = without.split([',', ' ', ';']).filter_map(|at| at.parse::<usize>().ok());
        let without = without.filter_map(|at| at.checked_sub(1)).filter(|at| *at < columns.len());
        all.push(TableRow {
            number: short(&field("number"), most::NUMBER + 1),
            label: short(&label, most::TITLE + 1),
            element: ElementId::parse(&element),
            coords: Coords::parse(&field("coords")).unwrap_or_default(),
            indent: field("indent").parse().unwrap_or(0).min(INDENT_MOST),
            without: without.collect(),
            required: fields.has(&format!("r.{index}.required")),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields::from_pairs(pairs.iter().copied())
    }

    fn table() -> Section {
        Section {
            code: "solieu".into(),
            title: "Số liệu".into(),
            hint: String::new(),
            body: SectionBody::Table(FixedTable::default()),
        }
    }

    #[test]
    fn what_is_typed_into_a_grid_becomes_a_table_and_moves() {
        let mut section = table();
        let typed = [
            ("title", "Hộ nghèo"),
            ("c.0.title", "Tổng số"),
            ("c.1.title", "Nữ"),
            ("c.1.at", "gt=nu"),
            ("r.0.there", "1"),
            ("r.0.number", "1"),
            ("r.0.element", "3.4"),
            ("r.0.without", "2, 9"),
            ("r.1.label", "Trong đó"),
            ("r.2.indent", "0"),
            ("r.3.element", "3.5"),
            ("r.3.coords", "dt=tay,gt=nu"),
            ("r.3.required", "1"),
        ];
        write(&mut section, &fields(&typed), "");
        let SectionBody::Table(it) = &section.body else { panic!("a table") };
        assert_eq!((it.columns.len(), it.rows.len()), (2, 3), "{it:?}");
        assert_eq!(it.rows[0].without, [1]);
        assert_eq!(it.rows[2].coords.text(), "dt=tay,gt=nu");
        assert!(it.rows[1].element.is_none() && it.rows[2].required);
        write(&mut section, &fields(&typed), "row-up.2");
        write_again(&mut section, "column-up.1");
        let SectionBody::Table(it) = &section.body else { panic!("a table") };
        assert_eq!(it.columns[0].title, "Nữ");
        assert!(it.rows.iter().any(|row| row.without == [0]), "the gap moved with its column");
    }

    /// Sends the form as the page shows it, with one button.
    fn write_again(section: &mut Section, act: &str) {
        let SectionBody::Table(table) = &section.body else { panic!("a table") };
        let shown = table_form(&Catalogue::default(), table, Lang::Vi);
        let mut pairs = vec![("title".to_owned(), section.title.clone())];
        for (index, one) in shown.columns.iter().enumerate() {
            pairs.push((format!("c.{index}.title"), one.title.clone()));
            pairs.extend(one.at.iter().map(|at| (format!("c.{index}.at"), at.clone())));
        }
        for (index, one) in shown.rows.iter().enumerate() {
            for (name, value) in [
                ("label", &one.label),
                ("element", &one.element),
                ("coords", &one.coords),
                ("without", &one.without),
            ] {
                pairs.push((format!("r.{index}.{name}"), value.clone()));
            }
            if one.there {
                pairs.push((format!("r.{index}.there"), "1".to_owned()));
            }
        }
        write(section, &Fields::from_pairs(pairs), act);
    }

    #[test]
    fn a_row_can_be_put_in_and_taken_out_and_strange_buttons_do_nothing() {
        let mut section = table();
        write(
            &mut section,
            &fields(&[("r.0.element", "3.4"), ("r.1.element", "3.5")]),
            "row-insert.1",
        );
        let rows = |section: &Section| match &section.body {
            SectionBody::Table(table) => table
                .rows
                .iter()
                .map(|row| row.element.as_ref().map(ToString::to_string))
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        assert_eq!(rows(&section), [Some("3.4".into()), None, Some("3.5".into())]);
        for act in
            ["row-remove.1", "row-remove.77", "row-up.0", "column-down.5", "x", "row-insert.99"]
        {
            write_again(&mut section, act);
        }
        assert_eq!(rows(&section), [Some("3.4".into()), Some("3.5".into())]);
    }
}
