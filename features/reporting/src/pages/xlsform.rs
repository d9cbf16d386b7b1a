//! Bringing a workbook of XLSForm: what would become of it, with what is left out, told by sheet, row and column;
//! then a draft for the builder.

use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::DefaultBodyLimit,
        routing::{get, post},
    },
    problem::{Failure, Outcome},
    web::{Answer, Multipart, Posted, Sample, Template, Visit, see_other},
};
use serde::Serialize;

use crate::{
    actions::{DEFINE, builder::must_be_hub, xlsform},
    model::{
        amount::unit,
        bundle::Bundle,
        form::{ColumnKind, Section, SectionBody},
        xlsform::Told,
    },
    pages::builder::section_kind,
};

const ASK: Template<Ask> = Template::new("reporting/xlsform.html");
const LOOK: Template<Look> = Template::new("reporting/xlsform_look.html");
/// Bytes of a posted form: the limits of a workbook are told in words before this one cuts it off.
const BODY_MAX: usize = 12 << 20;

/// The addresses.
pub(crate) fn routes() -> Router<AppRef> {
    let limit = DefaultBodyLimit::max(BODY_MAX);
    Router::new()
        .route("/bao-cao/bieu/xlsform", get(ask).post(look).layer(limit))
        .route("/bao-cao/bieu/xlsform/giu", post(keep).layer(limit))
}

/// The form to bring a file with.
#[derive(Clone, Debug, Default, Serialize)]
struct Ask {
    /// True when no file came.
    nothing: bool,
}

/// What would become of a file.
#[derive(Clone, Debug, Default, Serialize)]
struct Look {
    file_name: String,
    title: String,
    code: String,
    parts: Vec<Part>,
    /// New data elements: name and unit.
    elements: Vec<String>,
    rules: Vec<String>,
    /// What keeps it from becoming a form.
    troubles: Vec<Line>,
    /// What is left out or read otherwise.
    notes: Vec<Line>,
    /// The bundle, as it goes back with the word to keep it.
    bundle: String,
}

/// A section.
#[derive(Clone, Debug, Default, Serialize)]
struct Part {
    title: String,
    kind: String,
    lines: Vec<String>,
}

/// Something that is told.
#[derive(Clone, Debug, Default, Serialize)]
struct Line {
    place: String,
    words: String,
}

async fn ask(visit: Visit) -> Answer {
    must_be_hub(&visit.app)?;
    visit.caller.must_somewhere(&DEFINE)?;
    visit.page(&ASK, &Ask::default())
}

async fn look(visit: Visit, posted: Multipart) -> Answer {
    visit.caller.must_somewhere(&DEFINE)?;
    let Some(upload) = posted.uploads.into_iter().find(|one| one.field == "file") else {
        return visit.page(&ASK, &Ask { nothing: true });
    };
    let looked = xlsform::look(&visit.app, &visit.caller, upload.bytes.to_vec()).await?;
    let page = match &looked {
        Err(troubles) => Look { troubles: told(&visit, troubles), ..Look::default() },
        Ok((bundle, notes)) => Look { notes: told(&visit, notes), ..shown(&visit, bundle)? },
    };
    visit.page(&LOOK, &Look { file_name: upload.file_name, ..page })
}

fn told(visit: &Visit, all: &[Told]) -> Vec<Line> {
    let lines = all.iter().map(|one| {
        let args = [
            ("sheet", one.sheet.clone()),
            ("row", one.row.to_string()),
            ("column", one.column.clone()),
        ];
        let place = match (one.row, one.column.is_empty()) {
            (0, _) => String::new(),
            (_, true) => visit.say("reporting-xlsform-where", &args),
            (_, false) => visit.say("reporting-xlsform-where-column", &args),
        };
        Line { place, words: visit.say(one.what, &one.args) }
    });
    lines.collect()
}

fn shown(visit: &Visit, bundle: &Bundle) -> Outcome<Look> {
    let unit_name = |code: &str| unit(code).map_or_else(|| code.to_owned(), |one| one.name.clone());
    let json =
        serde_json::to_string(bundle).map_err(|error| Failure::fault("write a draft", error))?;
    let elements = bundle.elements.iter();
    Ok(Look {
        title: bundle.dataset.title.clone(),
        code: bundle.dataset.code.to_string(),
        parts: bundle.form.sections.iter().map(|section| part(visit, section)).collect(),
        elements: elements.map(|one| format!("{} ({})", one.name, unit_name(&one.unit))).collect(),
        rules: bundle
            .form
            .rules
            .iter()
            .map(|one| format!("{}: {}", one.message, one.check))
            .collect(),
        bundle: json,
        ..Look::default()
    })
}

fn part(visit: &Visit, section: &Section) -> Part {
    let lines = match &section.body {
        SectionBody::Table(table) => table.rows.iter().map(|row| row.label.clone()).collect(),
        SectionBody::Rows(table) => table
            .columns
            .iter()
            .map(|column| match &column.kind {
                ColumnKind::Choice(all) => {
                    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
                    format!("{}: {}", column.title, names.join(", "))
                }
                _ => column.title.clone(),
            })
            .collect(),
        SectionBody::Narrative { .. } | SectionBody::Attachments { .. } => Vec::new(),
    };
    Part { title: section.title.clone(), kind: section_kind(visit, &section.body), lines }
}

async fn keep(visit: Visit, Posted { fields }: Posted) -> Answer {
    let id = xlsform::keep(&visit.app, &visit.caller, fields.raw("bundle")).await?;
    Ok(see_other(&format!("/bao-cao/bieu/nhap/{id}")))
}

/// Both pages with what they must survive.
pub(super) fn samples() -> Vec<Sample> {
    let hostile = || "<script>alert(1)</script> & \"Số hộ\"".to_owned();
    let line = || Line { place: hostile(), words: hostile() };
    let look = Look {
        file_name: hostile(),
        title: hostile(),
        code: "lop-hoc".to_owned(),
        parts: vec![
            Part { title: hostile(), kind: hostile(), lines: vec![hostile(), hostile()] },
            Part::default(),
        ],
        elements: vec![hostile()],
        rules: vec![hostile()],
        notes: vec![line()],
        bundle: hostile(),
        ..Look::default()
    };
    vec![
        ASK.sample(&Ask::default()),
        ASK.sample(&Ask { nothing: true }),
        LOOK.sample(&look),
        LOOK.sample(&Look { file_name: hostile(), troubles: vec![line()], ..Look::default() }),
    ]
}
