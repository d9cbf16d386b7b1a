//! Saving a report: the whole form with one button, or cell by cell as JSON. What cannot be understood stays in
//! its field with the reason beside it; everything else is saved.

use std::collections::{BTreeMap, HashMap};

use kernel::{
    axum::{extract::Path, http::StatusCode},
    problem::{Failure, Outcome},
    web::{Answer, Fields, Sent, Visit},
};

use super::{
    At,
    grid::{self, Kept, LeftCell},
    href, report,
    script::{self, Wanted},
    typed::{self, Choice, Meant, Typed},
    unsaved::{LeftWords, Unsaved},
};
use crate::{
    actions::{
        LOCKED, TOO_MUCH, WRITTEN_AT_POINT,
        catalogue::Catalogue,
        entry::{self, Changes, EDITS_MOST, Sheet, Which, WordsBecame},
        figures::{Became, Edit},
        problem,
    },
    model::{
        CellKey, CellState,
        form::{Form, SectionBody},
    },
    store::{past_words::PastWords, words::Narrative},
};

pub(crate) async fn save(visit: Visit, Path(at): Path<At>, sent: Sent<Wanted>) -> Answer {
    let which = at.which()?;
    match sent {
        Sent::Json(wanted) => script::save(&visit, &which, &wanted).await,
        Sent::Form(fields) => form(&visit, &which, &fields).await,
    }
}

/// What was sent for each cell, in the order of the cells.
pub(super) struct SentCells {
    pub(super) cells: BTreeMap<CellKey, (Typed, i64)>,
    /// How many were sent that no form can have.
    pub(super) strange: usize,
}

fn cells_of(fields: &Fields, form: &Form, catalogue: &Catalogue) -> Outcome<SentCells> {
    let mut sent = SentCells { cells: BTreeMap::new(), strange: 0 };
    let mut count = 0;
    for (name, _) in fields.iter() {
        let text = name.strip_prefix("c.").or_else(|| name.strip_prefix("s."));
        let Some(text) = text else { continue };
        count += 1;
        if count > EDITS_MOST {
            return Err(problem(&TOO_MUCH, "most", EDITS_MOST.to_string()));
        }
        let Some(key) = known_cell(catalogue, form, text) else {
            sent.strange += 1;
            continue;
        };
        let base = fields.number(&format!("v.{text}")).unwrap_or(0);
        let typed = Typed {
            text: fields.line(&format!("c.{text}")),
            choice: Choice::from_code(&fields.line(&format!("s.{text}"))),
            reason: fields.line(&format!("r.{text}")),
        };
        sent.cells.insert(key, (typed, base));
    }
    Ok(sent)
}

/// A cell that the form asks for, or whose row may be divided so.
pub(super) fn known_cell(catalogue: &Catalogue, form: &Form, text: &str) -> Option<CellKey> {
    let key = CellKey::parse(text)?;
    (entry::is_cell(catalogue, &key) && form.section_of(&key).is_some()).then_some(key)
}

/// Edits out of what was sent, and what could not be understood.
pub(super) fn edits_of(
    visit: &Visit,
    catalogue: &Catalogue,
    sheet: &Sheet,
    past: &HashMap<(CellKey, i64), CellState>,
    sent: &SentCells,
) -> (Vec<Edit>, Kept) {
    let (mut edits, mut wrong) = (Vec::new(), Kept::new());
    for (key, (typed, base)) in &sent.cells {
        let Some(element) = catalogue.elements.get(&key.element) else { continue };
        let seen = if *base == sheet.version(key) {
            sheet.held.get(key).map(|held| &held.state)
        } else {
            past.get(&(key.clone(), *base))
        };
        match typed::read(typed, seen, element) {
            Meant::Same => {}
            Meant::Edit(state) => edits.push(Edit { key: key.clone(), base: *base, state }),
            Meant::Wrong(problem) => {
                let problem = visit.say(problem.key, &problem.args);
                wrong.insert(key.clone(), LeftCell { typed: typed.clone(), base: *base, problem });
            }
        }
    }
    (edits, wrong)
}

/// What stood there before, when somebody sent a version that no longer stands.
pub(super) async fn past_of(
    visit: &Visit,
    which: &Which,
    sheet: &Sheet,
    sent: &SentCells,
) -> Outcome<HashMap<(CellKey, i64), CellState>> {
    let stale = sent.cells.iter().any(|(key, (_, base))| *base != sheet.version(key));
    if stale { entry::seen(&visit.app, &visit.caller, which).await } else { Ok(HashMap::new()) }
}

async fn form(visit: &Visit, which: &Which, fields: &Fields) -> Answer {
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let sent = cells_of(fields, form, &catalogue)?;
    let past = past_of(visit, which, &sheet, &sent).await?;
    let (mut edits, wrong) = edits_of(visit, &catalogue, &sheet, &past, &sent);
    grid::spread(form, &sheet, &mut edits);
    let mut unsaved = Unsaved { cells: wrong, strange: sent.strange, ..Unsaved::default() };
    let past = past_words_of(visit, which, fields, &sheet).await?;
    let narratives = narratives_of(visit, fields, form, (&sheet, &past), &mut unsaved);
    let words: BTreeMap<String, String> =
        narratives.iter().map(|(section, text, _)| (section.clone(), text.clone())).collect();
    let keys: Vec<CellKey> = edits.iter().map(|edit| edit.key.clone()).collect();
    if !edits.is_empty() || !narratives.is_empty() {
        let changes = Changes { edits, narratives, ..Changes::default() };
        match entry::save(&visit.app, &visit.caller, which, changes).await {
            Err(failure) => {
                return refused(visit, which, failure, unsaved, (keys, &sent, words)).await;
            }
            Ok(saved) => {
                for (key, became) in saved.cells {
                    if matches!(became, Became::Owned(_)) {
                        unsaved.leave(&sent, key, &visit.say("reporting-entry-owned", &[]));
                    }
                }
                for (section, became) in saved.words {
                    if let WordsBecame::Stale(theirs) = became {
                        let text = words.get(&section).cloned().unwrap_or_default();
                        let problem = stale_words(visit, &theirs);
                        unsaved.words.insert(section, LeftWords { text, problem, stale: true });
                    }
                }
            }
        }
    }
    if unsaved.is_empty() {
        let to = href(which);
        return visit.done(&to, "reporting-done-saved");
    }
    report::again(visit, which, &unsaved, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Nothing was saved, because the report was closed meanwhile: the page comes again with what was typed.
async fn refused(
    visit: &Visit,
    which: &Which,
    failure: Failure,
    mut unsaved: Unsaved,
    (keys, sent, words): (Vec<CellKey>, &SentCells, BTreeMap<String, String>),
) -> Answer {
    if !failure.is(&LOCKED) && !failure.is(&WRITTEN_AT_POINT) {
        return Err(failure);
    }
    let told = visit.say("reporting-entry-closed-meanwhile", &[]);
    for key in keys {
        unsaved.leave(sent, key, &told);
    }
    for (section, text) in words {
        let left = LeftWords { text, problem: told.clone(), stale: false };
        unsaved.words.insert(section, left);
    }
    report::again(visit, which, &unsaved, StatusCode::CONFLICT).await
}

/// That somebody else wrote meanwhile, and who.
pub(super) fn stale_words(visit: &Visit, theirs: &Narrative) -> String {
    let args = [("by", theirs.by_name.clone()), ("at", theirs.at.short())];
    visit.say("reporting-entry-stale-words", &args)
}

/// Earlier narratives, when somebody sent the version of one that no longer stands.
async fn past_words_of(
    visit: &Visit,
    which: &Which,
    fields: &Fields,
    sheet: &Sheet,
) -> Outcome<Vec<PastWords>> {
    let base = |one: &Narrative| fields.number(&format!("tv.{}", one.section));
    let stale = sheet.narratives.iter().any(|one| base(one).is_some_and(|it| it != one.version));
    if !stale {
        return Ok(Vec::new());
    }
    entry::past_words(&visit.app, &visit.caller, which).await
}

/// Narratives that were changed; those that are too long are kept in their field. What was sent as it was shown then is
/// no change, whoever wrote since.
fn narratives_of(
    visit: &Visit,
    fields: &Fields,
    form: &Form,
    (sheet, past): (&Sheet, &[PastWords]),
    unsaved: &mut Unsaved,
) -> Vec<(String, String, i64)> {
    let mut all = Vec::new();
    for section in &form.sections {
        let SectionBody::Narrative { max_chars, .. } = section.body else { continue };
        let name = format!("t.{}", section.code);
        if !fields.iter().any(|(field, _)| field == name) {
            continue;
        }
        let text = fields.lines(&name);
        let base = fields.number(&format!("tv.{}", section.code)).unwrap_or(0);
        let held = sheet.narratives.iter().find(|one| one.section == section.code);
        let same = held.map_or("", |one| &one.words) == text;
        let stale = held.filter(|one| one.version != base);
        let shown = |one: &PastWords| {
            one.section == section.code && one.version == base && one.body == text
        };
        if same || (stale.is_some() && past.iter().any(shown)) {
            continue;
        }
        if text.chars().count() > max_chars as usize {
            let most = [("most", max_chars.to_string()), ("section", section.title.clone())];
            let mut problem = visit.say("reporting-entry-long-words", &most);
            if let Some(theirs) = stale {
                problem = format!("{problem} {}", stale_words(visit, theirs));
            }
            let left = LeftWords { text, problem, stale: stale.is_some() };
            unsaved.words.insert(section.code.clone(), left);
        } else {
            all.push((section.code.clone(), text, base));
        }
    }
    all
}
