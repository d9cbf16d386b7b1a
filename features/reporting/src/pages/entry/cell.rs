//! One cell: what stands there and who wrote it, what stood there before, remarks with their answers, notes, and two
//! figures that wait for somebody to choose.

use kernel::{
    axum::extract::Path,
    problem::{FormProblems, NOT_FOUND, OrMissing, Outcome},
    web::{Answer, FieldError, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    At, Head, cell_words, href, shown, spelled, told,
    typed::{self, Choice, Meant, Typed},
};
use crate::{
    actions::{
        REMARK, answers,
        catalogue::Catalogue,
        entry::{self, Beheld, Changes, Sheet, Which},
        figures::{Became, Edit},
        remark,
    },
    model::CellKey,
};

/// The page.
pub(super) const CELL: Template<CellPage> = Template::new("reporting/cell.html");

/// The address of what is said of the whole report instead of a cell.
const WHOLE: &str = "~";

/// What it shows.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub(super) struct CellPage {
    pub(super) head: Head,
    /// Its address.
    pub(super) action: String,
    /// What is counted; empty for remarks on the whole report.
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) value: String,
    /// The version that stands: whoever chooses or types here has seen it.
    pub(super) version: i64,
    pub(super) words: String,
    pub(super) by: String,
    pub(super) at: String,
    /// True when it came with a report of another node: that tells who signed.
    pub(super) came_signed: bool,
    pub(super) approved: String,
    pub(super) others: Vec<Other>,
    pub(super) past: Vec<Other>,
    pub(super) remarks: Vec<super::report::RemarkLine>,
    pub(super) unanswered: bool,
    pub(super) open: bool,
    pub(super) owned: bool,
    pub(super) may_note: bool,
    pub(super) draft: Draft,
    pub(super) errors: Vec<FieldError>,
}

/// A figure with who wrote it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Other {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) by: String,
    pub(super) at: String,
}

/// What stands in its fields.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) choice: String,
    pub(super) reason: String,
    pub(super) answer: String,
    pub(super) body: String,
}

/// The cell of an address; none for the whole report.
fn key_of(
    at: &At,
    catalogue: &Catalogue,
    which: &Which,
    sheet: &Sheet,
) -> Outcome<Option<CellKey>> {
    if at.cell == WHOLE {
        return Ok(None);
    }
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let key = super::save::known_cell(catalogue, form, &at.cell);
    Ok(Some(key.or_missing(&NOT_FOUND)?))
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>) -> Answer {
    let page = view(&visit, &at, None, Vec::new()).await?;
    visit.page(&CELL, &page)
}

async fn view(
    visit: &Visit,
    at: &At,
    draft: Option<Draft>,
    errors: Vec<FieldError>,
) -> Outcome<CellPage> {
    let which = at.which()?;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let head = Head::read(visit, &catalogue, &which, &sheet).await?;
    let key = key_of(at, &catalogue, &which, &sheet)?;
    let cell = key.as_ref().map_or_else(String::new, CellKey::text);
    let mine = sheet.remarks.iter().filter(|one| one.cell == cell);
    let remarks: Vec<_> =
        mine.map(|one| super::report::remark_line(&catalogue, &which, one)).collect();
    let unanswered = remarks.iter().any(|one| one.waits);
    let page = CellPage {
        action: format!("{}/o/{}", href(&which), if cell.is_empty() { WHOLE } else { &cell }),
        head,
        remarks,
        unanswered,
        open: sheet.closed.is_none(),
        may_note: visit.caller.may(&REMARK, &sheet.authority),
        errors,
        ..CellPage::default()
    };
    let Some(key) = key else {
        return Ok(CellPage { draft: draft.unwrap_or_default(), ..page });
    };
    let element = catalogue.elements.get(&key.element).or_missing(&NOT_FOUND)?;
    let stands = sheet.held.get(&key);
    let state = stands.map(|held| &held.state);
    let past = entry::history(&visit.app, &visit.caller, &which, &key).await?;
    let waiting = sheet.conflicts.iter().filter(|one| one.key == key);
    Ok(CellPage {
        name: cell_words(&catalogue, &key),
        unit: super::unit_name(&element.unit),
        value: told(visit, state, Some(element)),
        words: spelled(state, element),
        by: stands.map_or_else(String::new, |held| held.author.clone()),
        at: stands.map_or_else(String::new, |held| held.at.short()),
        came_signed: stands.is_some_and(|held| held.came_signed),
        approved: stands
            .and_then(|held| held.approved)
            .map_or_else(String::new, |amount| typed::back(amount, element)),
        others: waiting
            .map(|one| Other {
                id: one.id.to_string(),
                value: told(visit, one.state.as_ref(), Some(element)),
                by: one.author.clone(),
                at: one.at.short(),
            })
            .collect(),
        past: past
            .into_iter()
            .map(|(state, by, at)| Other {
                id: String::new(),
                value: told(visit, state.as_ref(), Some(element)),
                by,
                at: at.short(),
            })
            .collect(),
        owned: stands.is_some_and(|held| held.owner != sheet.owner),
        draft: draft.unwrap_or_else(|| Draft {
            text: shown(state, element),
            choice: Choice::of(state).code().to_owned(),
            reason: state.map_or("", crate::model::CellState::reason).to_owned(),
            ..Draft::default()
        }),
        version: sheet.version(&key),
        ..page
    })
}

fn beheld(fields: &Fields) -> Beheld {
    let waiting = fields.number("waiting").and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
    Beheld { version: fields.number("base").unwrap_or(0), waiting }
}

fn draft(fields: &Fields) -> Draft {
    Draft {
        text: fields.line("text"),
        choice: fields.line("choice"),
        reason: fields.line("reason"),
        answer: fields.lines("answer"),
        body: String::new(),
    }
}

/// Settles two figures, writes one, answers what was remarked, or adds a note.
pub(crate) async fn change(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let which = at.which()?;
    let fields = &posted.fields;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let key = key_of(&at, &catalogue, &which, &sheet)?;
    let back = format!(
        "{}/o/{}",
        href(&which),
        key.as_ref().map_or_else(|| WHOLE.to_owned(), CellKey::text)
    );
    let doing = fields.line("do");
    let noting = doing == "note";
    let answered = !fields.lines("answer").is_empty();
    let outcome = match (doing.as_str(), &key) {
        ("answer", _) => {
            let cell = key.as_ref().map_or_else(String::new, CellKey::text);
            answers::answer(&visit.app, &visit.caller, &which, &cell, &fields.lines("answer")).await
        }
        ("note", _) => {
            let cell = key.as_ref().map_or_else(String::new, CellKey::text);
            let said = [(cell, fields.lines("body"))];
            remark::add(&visit.app, &visit.caller, &which, &said, "body").await.map(drop)
        }
        ("keep", Some(key)) => {
            let state = sheet.held.get(key).map(|held| held.state.clone());
            entry::settle(&visit.app, &visit.caller, &which, (key, beheld(fields)), state).await
        }
        ("take", Some(key)) => {
            let id = fields.line("conflict");
            let found = sheet.conflicts.iter().find(|one| one.key == *key && one.id.as_str() == id);
            let state = found.or_missing(&NOT_FOUND)?.state.clone();
            entry::settle(&visit.app, &visit.caller, &which, (key, beheld(fields)), state).await
        }
        ("write", Some(key)) => {
            let typed = draft(fields);
            write(&visit, &catalogue, &which, &sheet, (key, beheld(fields)), &typed).await
        }
        _ => Err((&NOT_FOUND).into()),
    };
    match outcome {
        Ok(()) if noting => visit.done(&back, "reporting-done-note"),
        Ok(()) if answered => visit.done(&back, "reporting-done-answer"),
        Ok(()) => visit.done(&back, "reporting-done-saved"),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let typed = matches!(doing.as_str(), "write" | "answer").then(|| draft(fields));
            let mut page = view(&visit, &at, typed, Vec::new()).await?;
            if noting {
                page.draft.body = fields.lines("body");
            }
            visit.form_again(failure, &CELL, |errors| CellPage { errors, ..page })
        }
        Err(other) => Err(other),
    }
}

async fn write(
    visit: &Visit,
    catalogue: &Catalogue,
    which: &Which,
    sheet: &Sheet,
    (key, beheld): (&CellKey, Beheld),
    draft: &Draft,
) -> Outcome<()> {
    let element = catalogue.elements.get(&key.element).or_missing(&NOT_FOUND)?;
    let typed = Typed {
        text: draft.text.clone(),
        choice: Choice::from_code(&draft.choice),
        reason: draft.reason.clone(),
    };
    let seen = if beheld.version == sheet.version(key) {
        sheet.held.get(key).map(|held| held.state.clone())
    } else {
        let past = entry::seen(&visit.app, &visit.caller, which).await?;
        past.get(&(key.clone(), beheld.version)).cloned()
    };
    let settling = sheet.conflicts.iter().any(|one| one.key == *key);
    let edit = match typed::read(&typed, seen.as_ref(), element) {
        Meant::Same => settling.then_some(seen),
        Meant::Edit(state) => Some(state),
        Meant::Wrong(problem) => {
            let field =
                if problem.key == "reporting-entry-needs-reason" { "reason" } else { "text" };
            let mut wrong = FormProblems::new();
            wrong.add_with(field, problem.key, problem.args);
            return wrong.check();
        }
    };
    let (app, caller) = (&visit.app, &visit.caller);
    let mut edits = Vec::new();
    match edit {
        Some(state) if settling => {
            entry::settle(app, caller, which, (key, beheld), state).await?;
        }
        Some(state) => edits.push(Edit { key: key.clone(), base: beheld.version, state }),
        None => {}
    }
    let changes = Changes { edits, ..Changes::default() };
    let saved = if draft.answer.trim().is_empty() {
        entry::save(app, caller, which, changes).await?
    } else {
        let said = (key.text(), draft.answer.as_str());
        answers::answer_and_save(app, caller, which, (&said.0, said.1), changes).await?
    };
    let mut wrong = FormProblems::new();
    let owned = saved.cells.iter().any(|(_, became)| matches!(became, Became::Owned(_)));
    wrong.require(!owned, "text", "reporting-entry-owned");
    wrong.check()
}
