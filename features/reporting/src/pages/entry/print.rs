//! A report on paper, laid out as an administrative document (NĐ 30/2020/NĐ-CP, phụ lục I).

use areas::Area;
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
    actions::entry::{self, Sheet},
    model::{
        Tier, document,
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
    /// The office above, in capitals; none for a ministry.
    pub(super) above: String,
    /// The office, in capitals.
    pub(super) office: String,
    /// After the number: `/BC-UBND`.
    pub(super) symbol: String,
    pub(super) place: String,
    pub(super) date: String,
    /// To whom it is sent.
    pub(super) to: Vec<String>,
    pub(super) on_behalf: String,
    pub(super) post: String,
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
        explained: "",
        owners: &owners,
    };
    let sections = form.sections.iter().enumerate().map(|(at, section)| part(&ground, at, section));
    let sections = sections.collect();
    let paper = letterhead(&visit, dataset.tier, &sheet, above.as_ref());
    let said = paper::said(&visit.app, visit.lang(), sheet.submission.as_ref()).await?;
    let head = Head::read(&visit, &catalogue, &which, &sheet).await?;
    let subject = document::subject(&form.title);
    visit.page(&PRINT, &Paper { head, subject, said, sections, ..paper })
}

/// Whose document it is, and who signs it.
pub(super) fn letterhead(visit: &Visit, tier: Tier, sheet: &Sheet, above: Option<&Area>) -> Paper {
    let one = sheet.submission.as_ref();
    let draft = one.is_none_or(|one| one.certified.is_none());
    let signed = paper::signed_by_unit(one);
    let day = signed.map_or(visit.app.now(), |signed| signed.at).day();
    let committee = |area: &Area| format!("ủy ban nhân dân {}", area.full_name).to_uppercase();
    let (office, superior, symbol, behalf, post) = match tier {
        Tier::Ministry => (
            "bộ dân tộc và tôn giáo".to_uppercase(),
            String::new(),
            "/BC-BDTTG",
            String::new(),
            "bộ trưởng",
        ),
        Tier::Commune => (
            committee(&sheet.area),
            above.map_or_else(String::new, committee),
            "/BC-UBND",
            "TM. ỦY BAN NHÂN DÂN".to_owned(),
            "chủ tịch",
        ),
        Tier::Province => (
            committee(&sheet.area),
            String::new(),
            "/BC-UBND",
            "TM. ỦY BAN NHÂN DÂN".to_owned(),
            "chủ tịch",
        ),
    };
    let to = match (tier, above) {
        (Tier::Commune, Some(above)) => vec![format!("UBND {}", above.full_name)],
        (Tier::Ministry, _) => vec!["Chính phủ".to_owned()],
        _ => vec!["Bộ Dân tộc và Tôn giáo".to_owned()],
    };
    Paper {
        above: superior,
        office,
        symbol: symbol.to_owned(),
        place: match tier {
            Tier::Ministry => "Hà Nội".to_owned(),
            _ => sheet.area.name.clone(),
        },
        date: if signed.is_none() {
            format!("ngày … tháng … năm {}", day.iso().get(..4).unwrap_or_default())
        } else {
            document::dated(day)
        },
        to,
        on_behalf: behalf,
        post: post.to_uppercase(),
        signer: signed.map_or_else(String::new, |signed| signed.by.clone()),
        draft,
        ..Paper::default()
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
            Part { files: paper::files(ground.sheet, &section.code), ..it }
        }
    }
}
