//! A report as a workbook: giving it out, looking at one that came back, recording what it says. The look
//! writes nothing; what was looked at is what is recorded, each value on the version it was based on.

use std::{collections::HashMap, sync::Arc};

use areas::Area;
use kernel::{
    app::App,
    caller::Caller,
    clock::Day,
    ids::Id,
    problem::{BAD_REQUEST, Failure, Outcome},
};
use serde::{Deserialize, Serialize};

use super::{
    LOCKED, WRITTEN_AT_POINT,
    catalogue::Catalogue,
    entry::{self, Changes, Closed, RowBecame, RowEdit, Sheet, Which, WordsBecame, is_cell},
    figures::{Became, Edit},
    obligations,
};
use crate::{
    model::{
        CellKey, CellState, ElementId, Life,
        form::Form,
        workbook::{
            self, Ask, Head, Limits, Plan, Report, Stamp, Standing, StandingRow, Stands, Unreadable,
        },
    },
    store::{
        numbers,
        values::{self, Spot},
    },
};

/// A report opened for writing it down in another shape.
pub struct Opened {
    /// Everything that is defined.
    pub catalogue: Arc<Catalogue>,
    /// The report.
    pub sheet: Sheet,
    /// The unit and those above it, from below.
    pub above: Vec<Area>,
    /// Which report, as a workbook says it.
    pub stamp: Stamp,
    /// What is printed above.
    pub head: Head,
    /// As it stands.
    pub standing: Standing,
    components: Vec<(String, String)>,
}

impl Opened {
    /// The form it is filled in with.
    pub fn form(&self) -> Outcome<&Form> {
        let dataset = Id::from_text(self.stamp.dataset.clone());
        self.catalogue.form_of(&dataset, self.sheet.form_version)
    }

    /// As workbooks and documents want it.
    pub fn report(&self) -> Outcome<Report<'_>> {
        Ok(Report {
            form: self.form()?,
            elements: &self.catalogue.elements,
            dimensions: &self.catalogue.dimensions,
            components: &self.components,
            stamp: &self.stamp,
            head: &self.head,
            standing: &self.standing,
        })
    }
}

/// Opens a report for somebody who may see it.
pub async fn open(app: &App, caller: &Caller, which: &Which) -> Outcome<Opened> {
    let (catalogue, sheet) = entry::open(app, caller, which).await?;
    let dataset = catalogue.dataset(&which.dataset)?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let elements: Vec<ElementId> = form.elements().into_iter().cloned().collect();
    let (above, owed, emptied) = app
        .db
        .view(async |tx| {
            let above = areas::ancestors(tx, &sheet.area).await?;
            let mut emptied = HashMap::new();
            let place = numbers::known_place(tx, &which.area).await?;
            let period = numbers::known_period(tx, &which.period).await?;
            if let (Some(place), Some(period)) = (place, period) {
                let spot = Spot { period, place: place.no, life: which.life };
                let last = values::last_versions(tx, spot).await?;
                for cell in numbers::cells_of(tx, &elements).await? {
                    if let (Some(key), Some(version)) = (cell.key(), last.get(&cell.no)) {
                        emptied.insert(key, *version);
                    }
                }
            }
            let owed = obligations::of(tx, which).await?;
            Ok((above, owed, emptied))
        })
        .await?;
    let due = obligations::due_day(dataset, which.life, &sheet.period, owed.as_ref());
    let mut names = vec![sheet.area.title()];
    let higher = above.iter().rev().filter(|area| area.level != areas::AreaLevel::Country);
    names.extend(higher.map(|area| area.full_name.clone()));
    let head = Head {
        title: form.title.clone(),
        basis: form.basis.clone(),
        area: names.join(", "),
        period: sheet.period.label_vi(),
        due: due.map(Day::short).unwrap_or_default(),
        made_on: app.now().day().iso(),
    };
    let stamp = Stamp {
        dataset: which.dataset.to_string(),
        form_version: sheet.form_version,
        period: which.period.clone(),
        area: which.area.to_string(),
        life: which.life,
    };
    let components = catalogue
        .programme
        .values()
        .map(|node| (node.code.to_string(), node.name.clone()))
        .collect();
    let standing = standing(&sheet, emptied);
    Ok(Opened { catalogue: catalogue.clone(), above, stamp, head, standing, components, sheet })
}

fn standing(sheet: &Sheet, emptied: HashMap<CellKey, i64>) -> Standing {
    let cells = sheet.held.iter().map(|(key, held)| {
        let stands = Stands {
            state: held.state.clone(),
            version: held.version,
            foreign: held.owner != sheet.owner,
        };
        (key.clone(), stands)
    });
    let words = sheet.narratives.iter();
    let rows = sheet.rows.iter().map(|row| StandingRow {
        section: row.section.clone(),
        id: row.id.to_string(),
        position: row.position,
        cells: serde_json::from_str(&row.body).unwrap_or_default(),
        version: row.version,
    });
    Standing {
        cells: cells.collect(),
        emptied,
        before: sheet.before.clone(),
        words: words.map(|one| (one.section.clone(), (one.words.clone(), one.version))).collect(),
        rows: rows.collect(),
    }
}

/// The report as a workbook to be filled in, with what stands there.
pub async fn template(app: &App, caller: &Caller, which: &Which) -> Outcome<Vec<u8>> {
    let opened = open(app, caller, which).await?;
    beside(move || {
        let written = workbook::write(&opened.report()?);
        written.map_err(|error| Failure::fault("write a workbook", error))
    })
    .await?
}

/// What somebody brought.
pub enum Brought {
    /// A file.
    File(Vec<u8>),
    /// Lines of cells and values.
    Pasted(String),
}

/// Looks at a file: what would it change? Nothing is written.
pub async fn look(
    app: &App,
    caller: &Caller,
    which: &Which,
    brought: Brought,
) -> Outcome<(Opened, Plan)> {
    let opened = open(app, caller, which).await?;
    may_write(&opened.sheet)?;
    let dataset = which.dataset.clone();
    beside(move || {
        let plan = {
            let report = opened.report()?;
            let catalogue = &opened.catalogue;
            let knows_form = |version| catalogue.form_of(&dataset, version).is_ok();
            let cell = |key: &CellKey| is_cell(catalogue, key);
            let title = |code: &str| {
                let dataset = catalogue.dataset(&Id::from_text(code.to_owned())).ok()?;
                Some(dataset.title.clone())
            };
            let ask = Ask { knows_form: &knows_form, is_cell: &cell, title: &title };
            match &brought {
                Brought::Pasted(text) => workbook::compare_pairs(text.as_bytes(), &report, ask),
                Brought::File(bytes) if bytes.starts_with(b"PK") || is_binary(bytes) => {
                    match workbook::read(bytes, Limits::REPORT) {
                        Ok(book) => workbook::compare(&book, &report, ask),
                        Err(why) => Plan::refusal(unreadable(why)),
                    }
                }
                Brought::File(bytes) => workbook::compare_pairs(bytes, &report, ask),
            }
        };
        Ok((opened, plan))
    })
    .await
    // A reader that gives up on a hostile file has not read it.
    .unwrap_or_else(|_| Err((&BAD_REQUEST).into()))
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

fn unreadable(why: Unreadable) -> &'static str {
    match why {
        Unreadable::TooLarge => "reporting-import-too-large",
        Unreadable::NotAWorkbook => "reporting-import-not-a-workbook",
        Unreadable::OpenDocument => "reporting-import-open-document",
        Unreadable::OldOrEncrypted => "reporting-import-old-excel",
    }
}

/// Why a report takes no figures now, as a problem.
pub fn may_write(sheet: &Sheet) -> Outcome<()> {
    match sheet.closed {
        None => Ok(()),
        Some(Closed::Locked) => Err((&LOCKED).into()),
        Some(Closed::AtPoint) => Err((&WRITTEN_AT_POINT).into()),
        Some(Closed::NotYours) => Err((&kernel::problem::FORBIDDEN).into()),
        Some(Closed::OfUnit) => Err((&super::OF_UNIT).into()),
    }
}

/// What was looked at, as it goes to the page and comes back with the word to record it. It is no more
/// trusted than anything else that a browser sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    edits: Vec<(String, i64, Option<CellState>)>,
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    words: Vec<(String, String, i64)>,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    rows: Vec<PackedRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PackedRow {
    #[serde(rename = "s")]
    section: String,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "p")]
    position: i64,
    #[serde(rename = "b")]
    base: i64,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    cells: Option<std::collections::BTreeMap<String, String>>,
}

impl Packed {
    /// What a plan would change.
    pub fn of(plan: &Plan) -> Self {
        let edits = plan.edits.iter();
        let words = plan.words.iter();
        let rows = plan.rows.iter().map(|row| PackedRow {
            section: row.section.clone(),
            id: row.id.clone(),
            position: row.position,
            base: row.base,
            cells: row.new.clone(),
        });
        Self {
            edits: edits.map(|edit| (edit.key.text(), edit.base, edit.new.clone())).collect(),
            words: words.map(|one| (one.section.clone(), one.words.clone(), one.base)).collect(),
            rows: rows.collect(),
        }
    }

    /// In JSON.
    pub fn text(&self) -> Outcome<String> {
        serde_json::to_string(self).map_err(|error| Failure::fault("write a plan", error))
    }

    /// Reads [`Packed::text`].
    pub fn parse(text: &str) -> Outcome<Self> {
        serde_json::from_str(text).map_err(|_| (&BAD_REQUEST).into())
    }
}

/// What became of a recorded file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Figures that stand as the file says.
    pub figures: usize,
    /// Figures that wait for somebody to choose, and narratives and rows that were kept as they are, because
    /// somebody had changed them.
    pub waiting: usize,
    /// Rows that were written or taken out.
    pub rows: usize,
    /// Rows that stand as rows of their own, because somebody changed or took out what they were meanwhile.
    pub beside: usize,
}

/// Records what was looked at.
pub async fn record(
    app: &App,
    caller: &Caller,
    which: &Which,
    packed: Packed,
) -> Outcome<Recorded> {
    let mut edits = Vec::with_capacity(packed.edits.len());
    for (key, base, state) in packed.edits {
        let key = CellKey::parse(&key).ok_or_else(|| Failure::from(&BAD_REQUEST))?;
        edits.push(Edit { key, base, state });
    }
    let mut done = Recorded::default();
    let mut rows = Vec::with_capacity(packed.rows.len());
    let versions = row_versions(app, caller, which, &packed.rows).await?;
    for row in packed.rows {
        let key = (row.section.clone(), row.id.clone().unwrap_or_default());
        if row.cells.is_none() && versions.get(&key) != Some(&row.base) {
            // Somebody changed the row since: it is not taken out over their head.
            done.waiting += usize::from(versions.contains_key(&key));
            continue;
        }
        rows.push(RowEdit {
            section: row.section,
            id: row.id.map(Id::from_text),
            position: row.position,
            cells: row.cells,
            base: row.base,
        });
    }
    let changes = Changes { edits, narratives: packed.words, rows, unattended: true };
    let saved = entry::save(app, caller, which, changes).await?;
    for (_, became) in &saved.cells {
        match became {
            Became::Stands(_) => done.figures += 1,
            Became::Conflict | Became::Owned(_) => done.waiting += 1,
        }
    }
    let stale = |one: &&(String, WordsBecame)| matches!(one.1, WordsBecame::Stale(_));
    done.waiting += saved.words.iter().filter(stale).count();
    for became in &saved.rows {
        match became {
            RowBecame::Stands(..) | RowBecame::Out => done.rows += 1,
            RowBecame::Beside(..) => done.beside += 1,
            RowBecame::Stale(_) | RowBecame::Gone => done.waiting += 1,
        }
    }
    Ok(done)
}

async fn row_versions(
    app: &App,
    caller: &Caller,
    which: &Which,
    rows: &[PackedRow],
) -> Outcome<HashMap<(String, String), i64>> {
    if rows.iter().all(|row| row.cells.is_some()) {
        return Ok(HashMap::new());
    }
    let (_, sheet) = entry::open(app, caller, which).await?;
    let known = sheet.rows.into_iter();
    Ok(known.map(|row| ((row.section, row.id.to_string()), row.version)).collect())
}

/// The word for a life in the names of files.
pub fn file_name(which: &Which, ending: &str) -> String {
    let life = if which.life == Life::Estimate { "-uoc" } else { "" };
    let name = format!("{}-{}-{}{life}", which.dataset, which.period, which.area);
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{plain}.{ending}")
}

/// Heavy work beside the async workers, so that pages go on being served.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::fault("work on a workbook", error))
}
