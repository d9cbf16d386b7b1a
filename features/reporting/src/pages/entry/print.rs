//! A report on paper, laid out as an administrative document (NĐ 30/2020/NĐ-CP, phụ lục I).

use kernel::{
    axum::extract::Path,
    web::{Answer, Template, Visit},
};
use serde::Serialize;

use super::{
    At, Head,
    grid::{Ground, Kept},
    report, rows,
};
use crate::{
    actions::entry,
    model::{
        document::{self, Letter},
        form::{Section, SectionBody},
    },
    pages::paper::{self, Said},
};

/// The document.
pub(super) const PRINT: Template<Paper> = Template::new("reporting/print.html");

/// What it shows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Paper {
    pub(super) head: Head,
    /// The office, in capitals.
    pub(super) office: String,
    /// After the number: `/BC-UBND`.
    pub(super) symbol: String,
    pub(super) place: String,
    pub(super) date: String,
    /// To whom it is addressed; empty for nobody.
    pub(super) to: String,
    /// The lines above the signature.
    pub(super) signed_as: Vec<String>,
    pub(super) signer: String,
    pub(super) draft: bool,
    /// What it is about, below what kind of document it is.
    pub(super) subject: String,
    pub(super) said: Said,
    pub(super) sections: Vec<Part>,
}

/// A section.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Part {
    pub(super) number: String,
    pub(super) title: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<PaperRow>,
    pub(super) growing: Option<rows::Growing>,
    pub(super) words: String,
    pub(super) files: Vec<String>,
    /// True for a section of files, also when it has none.
    pub(super) is_files: bool,
}

/// A row of figures.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct PaperRow {
    pub(super) heading: bool,
    pub(super) number: String,
    pub(super) label: String,
    pub(super) indent: u8,
    pub(super) unit: String,
    pub(super) cells: Vec<String>,
    pub(super) note: String,
}

const ROMAN: [&str; 20] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV",
    "XVI", "XVII", "XVIII", "XIX", "XX",
];

pub(crate) async fn show(visit: Visit, Path(at): Path<At>) -> Answer {
    let which = at.which()?;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let dataset = catalogue.dataset(&which.dataset)?;
    let area = sheet.area.clone();
    let above = visit
        .app
        .db
        .view(async |tx| match &area.parent {
            Some(parent) => Ok(areas::find(tx, parent).await?),
            None => Ok(None),
        })
        .await?;
    let kept = Kept::new();
    let owners = report::owners(&visit, &catalogue, &sheet).await?;
    let none = std::collections::BTreeSet::new();
    let ground = Ground {
        visit: &visit,
        catalogue: &catalogue,
        which: &which,
        sheet: &sheet,
        kept: &kept,
        wrong: &none,
        doubtful: &none,
        explained: (&none, ""),
        owners: &owners,
    };
    let sections = form.sections.iter().enumerate().map(|(at, section)| part(&ground, at, section));
    let sections = sections.collect();
    let said = paper::said(&visit.app, visit.lang(), sheet.submission.as_ref()).await?;
    let paper = Paper::of(paper::letter(dataset.tier, &sheet, above.as_ref(), &said));
    let head = Head::read(&visit, &catalogue, &which, &sheet).await?;
    let subject = document::subject(&form.title);
    visit.page(&PRINT, &Paper { head, subject, said, sections, ..paper })
}

impl Paper {
    /// Whose document it is, and who signs it.
    pub(super) fn of(letter: Letter) -> Self {
        let blank = || "ngày … tháng … năm …".to_owned();
        Self {
            office: letter.office.to_uppercase(),
            symbol: format!("/BC-{}", letter.mark),
            place: letter.place,
            date: letter.on.map_or_else(blank, document::dated),
            to: letter.to,
            signed_as: letter.signed_as,
            signer: letter.signer,
            draft: letter.draft,
            ..Self::default()
        }
    }
}

pub(super) fn part(ground: &Ground<'_>, at: usize, section: &Section) -> Part {
    let it = Part {
        number: ROMAN.get(at).map_or_else(|| (at + 1).to_string(), |roman| (*roman).to_owned()),
        title: section.title.clone(),
        ..Part::default()
    };
    match &section.body {
        SectionBody::Table(table) => {
            let table = ground.table(&section.code, table);
            let rows = table.rows.into_iter().map(|row| PaperRow {
                heading: row.heading,
                number: row.number,
                label: row.label,
                indent: row.indent,
                unit: row.unit,
                note: row.choice.map_or_else(String::new, |choice| choice.told),
                cells: row
                    .cells
                    .into_iter()
                    .map(|cell| {
                        cell.map_or_else(
                            || "x".to_owned(),
                            |cell| {
                                if cell.text.is_empty() {
                                    cell.placeholder.to_owned()
                                } else {
                                    cell.text
                                }
                            },
                        )
                    })
                    .collect(),
            });
            Part { rows: rows.collect(), columns: table.columns, ..it }
        }
        SectionBody::Rows(table) => {
            Part { growing: Some(rows::growing(ground, &section.code, table)), ..it }
        }
        SectionBody::Narrative { .. } => {
            let held = ground.sheet.narratives.iter().find(|one| one.section == section.code);
            Part { words: held.map_or_else(String::new, |one| one.words.clone()), ..it }
        }
        SectionBody::Attachments { .. } => {
            Part { files: paper::files(ground.sheet, &section.code), is_files: true, ..it }
        }
    }
}
