//! The worklist: what an officer must decide because a unit was divided.

use std::collections::BTreeMap;

use kernel::{
    axum::extract::{Path, Query},
    db::Tx,
    problem::{OrMissing, Outcome},
    web::{Answer, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{Errors, told};
use crate::{
    actions::questions::{self, Decision, QUESTION_NOT_FOUND},
    model::{
        AreaId,
        question::{Asked, QuestionId, VILLAGE_QUESTION},
    },
    store,
};

/// The page of one question.
pub const QUESTION: Template<Decide> = Template::new("areas/question.html");
/// The list.
pub const QUESTIONS: Template<Questions> = Template::new("areas/questions.html");

/// What is to be shown.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    /// A kind of question; empty for all.
    #[serde(default)]
    loai: String,
    /// `da-xong` for what was decided.
    #[serde(default)]
    muc: String,
}

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Questions {
    /// Open or decided.
    pub tabs: Vec<Tab>,
    /// True for the list of what was decided.
    pub decided: bool,
    /// The kinds there are, to filter by.
    pub kinds: Vec<Choice>,
    /// The kind chosen.
    pub kind: String,
    /// The questions.
    pub rows: Vec<Line>,
}

/// One question and the form that answers it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Decide {
    /// The question.
    pub row: Line,
    /// What is wrong with the answer.
    pub errors: Errors,
}

/// A tab with its count.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tab {
    /// Where it leads.
    pub href: &'static str,
    /// Its words.
    pub label: String,
    /// How many are there.
    pub count: usize,
    /// The one that is open.
    pub current: bool,
}

/// A choice of a list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// One question.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// What it is about, in words.
    pub kind: String,
    /// What to think of when deciding.
    pub hint: String,
    /// The thing.
    pub label: String,
    /// More about it.
    pub detail: String,
    /// The unit that ended.
    pub from: String,
    /// Its page.
    pub from_href: String,
    /// The heirs to choose from.
    pub heirs: Vec<Choice>,
    /// Only to be seen.
    pub is_note: bool,
    /// It may also go nowhere.
    pub may_stay: bool,
    /// Somebody has decided.
    pub is_decided: bool,
    /// The heir that was chosen.
    pub answer: String,
    /// Who decided.
    pub by: String,
    /// When, in milliseconds.
    pub at: i64,
}

/// `GET /viec-sap-xep`
pub async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let page = visit.app.db.view(async |tx| gather(tx, &visit, &wanted).await).await?;
    visit.page(&QUESTIONS, &page)
}

/// `GET /viec-sap-xep/{id}`
pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let page = decide(&visit, &id).await?;
    visit.page(&QUESTION, &page)
}

/// `POST /viec-sap-xep/{id}`
pub async fn answer(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let question = QuestionId::parse(&id).or_missing(&QUESTION_NOT_FOUND)?;
    let chosen = fields.line("heir");
    let decision = match AreaId::parse(&chosen) {
        Some(_) if chosen == NOWHERE => Decision::Nowhere,
        Some(unit) => Decision::To(unit),
        // Nothing was chosen: an heir that does not exist, and told as such.
        None => Decision::To(kernel::ids::Id::from_text(String::new())),
    };
    let app = &visit.app;
    match questions::answer(&app.db, app.role, &visit.caller, &question, &decision).await {
        Ok(_) => visit.done("/viec-sap-xep", "areas-question-done"),
        Err(failure) if failure.is(&kernel::problem::INVALID_FORM) => {
            let page = decide(&visit, &id).await?;
            visit.form_again(failure, &QUESTION, |errors| Decide { errors: told(errors), ..page })
        }
        Err(failure) => Err(failure),
    }
}

async fn decide(visit: &Visit, id: &str) -> Outcome<Decide> {
    let id = QuestionId::parse(id).or_missing(&QUESTION_NOT_FOUND)?;
    let db = &visit.app.db;
    db.view(async |tx| {
        let asked = questions::read(tx, &visit.caller, &id).await?;
        Ok(Decide { row: line(tx, visit, &asked).await?, errors: Errors::default() })
    })
    .await
}

/// What the form sends for "it goes nowhere".
pub(super) const NOWHERE: &str = "khong-chuyen";

async fn gather(tx: &mut Tx, visit: &Visit, wanted: &Wanted) -> Outcome<Questions> {
    let (open, answered) = questions::worklist(tx, &visit.caller).await?;
    let decided = wanted.muc == "da-xong";
    let counts = (open.len(), answered.len());
    let all = if decided { answered } else { open };
    let mut kinds: BTreeMap<String, String> = BTreeMap::new();
    for asked in &all {
        kinds.entry(asked.kind.clone()).or_insert_with(|| words(visit, &asked.kind, ""));
    }
    let mut rows = Vec::new();
    for asked in all.iter().filter(|asked| wanted.loai.is_empty() || asked.kind == wanted.loai) {
        rows.push(line(tx, visit, asked).await?);
    }
    let tab = |href, key, count, current| Tab { href, label: visit.say(key, &[]), count, current };
    Ok(Questions {
        tabs: vec![
            tab("/viec-sap-xep", "areas-questions-open", counts.0, !decided),
            tab("/viec-sap-xep?muc=da-xong", "areas-questions-decided", counts.1, decided),
        ],
        decided,
        kinds: kinds.into_iter().map(|(value, label)| Choice { value, label }).collect(),
        kind: wanted.loai.clone(),
        rows,
    })
}

async fn line(tx: &mut Tx, visit: &Visit, asked: &Asked) -> Outcome<Line> {
    let mut heirs = Vec::new();
    for heir in &asked.heirs {
        let area = store::find(tx, &heir.unit).await?;
        let label = area.map_or_else(|| heir.unit.to_string(), |area| area.title());
        heirs.push(Choice { value: heir.unit.to_string(), label });
    }
    let chosen = heirs.iter().find(|heir| heir.value == asked.answer);
    let answer = match (asked.is_note, chosen) {
        (true, _) => visit.say("areas-question-seen", &[]),
        (false, Some(heir)) => heir.label.clone(),
        (false, None) => visit.say("areas-question-nowhere", &[]),
    };
    let from = store::find(tx, &asked.from).await?;
    Ok(Line {
        id: asked.id.to_string(),
        kind: words(visit, &asked.kind, ""),
        hint: words(visit, &asked.kind, ".hint"),
        label: asked.label.clone(),
        detail: said(visit, &asked.detail),
        from: from.map_or_else(|| asked.from.to_string(), |area| area.title()),
        from_href: format!("/dia-ban/{}", asked.from),
        heirs,
        is_note: asked.is_note,
        may_stay: asked.kind != VILLAGE_QUESTION,
        is_decided: asked.answered_at.is_some(),
        answer,
        by: asked.answered_name.clone().unwrap_or_default(),
        at: asked.answered_at.unwrap_or(asked.asked_at).millis(),
    })
}

/// The words of a kind of question; the kind itself when there are none.
fn words(visit: &Visit, kind: &str, attribute: &str) -> String {
    let key = format!("areas-question-{}", kind.replace(['.', '_'], "-"));
    if visit.app.words.knows(visit.lang(), &key) {
        visit.say(&format!("{key}{attribute}"), &[])
    } else {
        kind.to_owned()
    }
}

/// A word by its key; nothing when there is none.
fn said(visit: &Visit, key: &str) -> String {
    if visit.app.words.knows(visit.lang(), key) { visit.say(key, &[]) } else { String::new() }
}
