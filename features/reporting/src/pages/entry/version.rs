//! Another version of the form: what changed, what of this report has no place in it, and going over.

use kernel::{
    axum::extract::Path,
    db::Tx,
    problem::Outcome,
    web::{Answer, Posted, Template, Visit},
};
use serde::Serialize;

use super::{At, Head, cell_words, differences::section_of, earlier::row_words, href, told};
use crate::{
    actions::{
        catalogue::Catalogue,
        entry::{self, Crossing, Moved, Sheet, Which},
        review::CHANGED_MEANWHILE,
    },
    model::{
        CellKey, CellState, Dataset,
        bundle::{Bundle, Change, difference},
        form::Form,
        moving::Held,
    },
    store::{
        submissions,
        words::{self, Attachment},
    },
};

/// The page.
pub(super) const VERSION: Template<VersionPage> = Template::new("reporting/version.html");

/// What it shows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct VersionPage {
    pub(super) head: Head,
    /// The version the report is of.
    pub(super) own: u32,
    /// The way that is open; none when there is none.
    pub(super) ahead: Option<Ahead>,
    /// True when this person may take it.
    pub(super) may_move: bool,
    /// True when something changed after the page was opened.
    pub(super) stale: bool,
    /// The ways that were taken.
    pub(super) behind: Vec<Behind>,
}

/// A way to another version.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Ahead {
    pub(super) to: u32,
    pub(super) seen: String,
    pub(super) changes: Vec<String>,
    /// How much is carried over, in words.
    pub(super) kept: String,
    pub(super) left: Vec<LeftLine>,
}

/// A way that was taken.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Behind {
    pub(super) words: String,
    pub(super) left: Vec<LeftLine>,
}

/// Something that has no place.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct LeftLine {
    pub(super) what: String,
    pub(super) value: String,
    /// Where a file can be fetched.
    pub(super) href: String,
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>) -> Answer {
    let page = page(&visit, &at.which()?).await?;
    visit.page(&VERSION, &page)
}

async fn page(visit: &Visit, which: &Which) -> Outcome<VersionPage> {
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, which).await?;
    let (crossing, moved) = entry::crossing(&visit.app, &visit.caller, which).await?;
    let aside = visit.app.db.view(async |tx| Ok(words::shelved(tx, &which.id()).await?)).await?;
    let ground = Ground { visit, catalogue: &catalogue, which, aside };
    let ahead = match &crossing {
        Some(crossing) => Some(ground.ahead(crossing)?),
        None => None,
    };
    Ok(VersionPage {
        head: Head::read(visit, &catalogue, which, &sheet).await?,
        own: sheet.submission.as_ref().map_or(sheet.form_version, |one| one.form_version),
        may_move: ahead.is_some() && sheet.closed.is_none(),
        ahead,
        stale: false,
        behind: moved.iter().map(|one| ground.behind(one)).collect(),
    })
}

struct Ground<'a> {
    visit: &'a Visit,
    catalogue: &'a Catalogue,
    which: &'a Which,
    /// Files that were put aside before.
    aside: Vec<Attachment>,
}

impl Ground<'_> {
    fn form(&self, version: u32) -> Option<&Form> {
        self.catalogue.forms.get(&(self.which.dataset.clone(), version))
    }

    fn ahead(&self, one: &Crossing) -> Outcome<Ahead> {
        let dataset = self.catalogue.dataset(&self.which.dataset)?;
        let (from, to) = (self.form(one.from), self.form(one.to));
        let changes = match from.zip(to) {
            Some((from, to)) => between(dataset, from, to),
            None => Vec::new(),
        };
        Ok(Ahead {
            to: one.to,
            seen: one.seen.clone(),
            changes: crate::pages::builder::changes(self.visit, self.catalogue, &changes),
            kept: self.kept(&one.kept),
            left: self.left(from, &one.left),
        })
    }

    /// How much is carried over, in words.
    fn kept(&self, kept: &Held) -> String {
        let all = [
            ("reporting-move-figures", kept.figures.len()),
            ("reporting-move-words", kept.narratives.len()),
            ("reporting-move-rows", kept.rows.len()),
            ("reporting-move-files", kept.files.len()),
        ];
        let parts = crate::pages::builder::parts(self.visit, &all);
        if parts.is_empty() {
            return self.visit.say("reporting-move-kept-nothing", &[]);
        }
        self.visit.say("reporting-move-kept", &[("parts", parts)])
    }

    fn behind(&self, one: &Moved) -> Behind {
        let args = [
            ("from", one.from.to_string()),
            ("to", one.to.to_string()),
            ("by", one.by.clone()),
            ("at", one.at.short()),
        ];
        Behind {
            words: self.visit.say("reporting-move-done", &args),
            left: self.left(self.form(one.from), &one.left),
        }
    }

    /// What has no place, line by line; files that were put aside can be fetched.
    fn left(&self, form: Option<&Form>, left: &Held) -> Vec<LeftLine> {
        let known = |code| form.map_or((code, None), |form| section_of(form, code));
        let section = |code| known(code).0.to_owned();
        let mut all = Vec::new();
        for one in &left.figures {
            all.push(self.figure(&one.key, Some(&one.state)));
        }
        for (key, state) in &left.waiting {
            let line = self.figure(key, state.as_ref());
            let value = self.visit.say("reporting-move-waiting", &[("value", line.value)]);
            all.push(LeftLine { value, ..line });
        }
        for (code, words) in &left.narratives {
            let (what, value) = (section(code), words.clone());
            all.push(LeftLine { what, value, ..LeftLine::default() });
        }
        for row in &left.rows {
            let (what, table) = known(row.section.as_str());
            let value = row_words(self.catalogue, table, &row.cells);
            all.push(LeftLine { what: what.to_owned(), value, ..LeftLine::default() });
        }
        for file in &left.files {
            let aside = self.aside.iter().find(|one| one.file == file.file);
            let fetched =
                aside.map(|one| format!("{}/tep/{}/{}", href(self.which), one.section, one.id));
            all.push(LeftLine {
                what: section(&file.section),
                value: file.caption.clone(),
                href: fetched.unwrap_or_default(),
            });
        }
        all
    }

    fn figure(&self, key: &CellKey, state: Option<&CellState>) -> LeftLine {
        let element = self.catalogue.elements.get(&key.element);
        let unit = element.map_or_else(String::new, |one| super::unit_name(&one.unit));
        let value = told(self.visit, state, element);
        let value = match state {
            Some(CellState::Value(_)) => format!("{value} {unit}"),
            _ => value,
        };
        LeftLine { what: cell_words(self.catalogue, key), value, href: String::new() }
    }
}

/// What changed between two versions of a form.
fn between(dataset: &Dataset, from: &Form, to: &Form) -> Vec<Change> {
    let after = Bundle {
        dataset: dataset.clone(),
        form: to.clone(),
        elements: Vec::new(),
        dimensions: Vec::new(),
    };
    difference(Some((dataset, from)), &after)
}

/// What changed about the form of a report that may go over, in words; nothing when it may not.
pub(super) fn changes(
    visit: &Visit,
    catalogue: &Catalogue,
    which: &Which,
    sheet: &Sheet,
) -> Vec<String> {
    let forms = sheet.submission.as_ref().and_then(|one| entry::offered(catalogue, one));
    let (Some((from, to)), Ok(dataset)) = (forms, catalogue.dataset(&which.dataset)) else {
        return Vec::new();
    };
    crate::pages::builder::changes(visit, catalogue, &between(dataset, from, to))
}

/// True for a report that went over to another version of its form.
pub(super) async fn has_moved(visit: &Visit, sheet: &Sheet) -> Outcome<bool> {
    // Nothing goes over to the first version.
    let Some(one) = sheet.submission.as_ref().filter(|one| one.form_version > 1) else {
        return Ok(false);
    };
    let steps = async |tx: &mut Tx| Ok(submissions::steps(tx, &one.id).await?);
    Ok(visit.app.db.view(steps).await?.iter().any(|row| row.step == entry::MOVED))
}

/// A report goes on in the version in which it was begun; that there is a newer one is told.
pub(super) fn note(visit: &Visit, catalogue: &Catalogue, which: &Which, sheet: &Sheet) -> String {
    let Some(own) = sheet.submission.as_ref().map(|one| one.form_version) else {
        return String::new();
    };
    let newest = catalogue.form(&which.dataset).map_or(own, |form| form.version);
    let args = [("own", own.to_string()), ("newest", newest.to_string())];
    if sheet.form_version != own {
        visit.say("reporting-version-unknown", &args)
    } else if own != newest && sheet.state().is_open() {
        let may_move =
            sheet.submission.as_ref().is_some_and(|one| entry::offered(catalogue, one).is_some());
        let key = if may_move { "reporting-version-newer" } else { "reporting-version-kept" };
        visit.say(key, &args)
    } else {
        String::new()
    }
}

pub(crate) async fn take_over(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let which = at.which()?;
    let seen = posted.fields.line("seen");
    match entry::take_over(&visit.app, &visit.caller, &which, &seen).await {
        Ok(_) => visit.done(&href(&which), "reporting-done-moved"),
        Err(failure) if failure.is(&CHANGED_MEANWHILE) => {
            let page = page(&visit, &which).await?;
            let mut response = visit.page(&VERSION, &VersionPage { stale: true, ..page })?;
            *response.status_mut() = kernel::axum::http::StatusCode::CONFLICT;
            Ok(response)
        }
        Err(failure) => Err(failure),
    }
}
