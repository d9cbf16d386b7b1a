//! One report before a reviewer: what it says and what changed, its log and copies, and the decision.

use kernel::{
    axum::extract::Path,
    minijinja::Value,
    problem::{FormProblems, NOT_FOUND, OrMissing, Outcome},
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    as_values, period_label, period_value,
    sections::{RemarkRow, SectionRow, row_doubts, sections},
};
use crate::{
    actions::{
        REVIEW, SUBMISSION_NOT_FOUND,
        approving::Approved,
        entry::{self, Sheet, Which},
        obligations, remark,
        review::{self as actions, Decision},
        steps::Said,
    },
    model::{
        Dataset, SubmissionId,
        form::Form,
        submission::{State, Step},
    },
    pages::{
        entry::{Differences, Explained, differences, href, signer},
        late,
    },
    store::submissions::{Signed, StepRow, Submission},
};

/// A kept copy.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CopyRow {
    pub(crate) href: String,
    pub(crate) revision: i64,
    pub(crate) occasion: String,
    pub(crate) at: String,
    pub(crate) hash: String,
}

/// A line of the log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StepLine {
    pub(crate) when: String,
    pub(crate) who: String,
    pub(crate) text: String,
    pub(crate) kind: &'static str,
}

/// A report of a unit that went into this one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BeforeRow {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) approved: Option<String>,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub(crate) struct ShowContext {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) area: String,
    pub(crate) period: String,
    pub(crate) part: Option<String>,
    pub(crate) back: String,
    /// The report's own page; its print stands below it.
    pub(crate) href: String,
    /// By when it is due, and when it came.
    pub(crate) due: String,
    /// True when it is late or came late.
    pub(crate) late: bool,
    /// That the campaign was ended early; empty when it was not.
    pub(crate) ended: String,
    pub(crate) state: &'static str,
    pub(crate) state_label: String,
    pub(crate) revision: i64,
    pub(crate) seen: String,
    pub(crate) nil: Option<String>,
    pub(crate) late_reason: String,
    pub(crate) sections: Vec<SectionRow>,
    /// What differs from which copy; none when there is none to compare it with.
    pub(crate) compared: Option<Differences>,
    pub(crate) doubts: usize,
    /// Those of them that stand in no cell: they are about rows.
    pub(crate) row_doubts: Vec<String>,
    /// What the unit said about them when it signed.
    pub(crate) explained: Option<Explained>,
    pub(crate) general: Vec<RemarkRow>,
    pub(crate) steps: Vec<StepLine>,
    pub(crate) copies: Vec<CopyRow>,
    pub(crate) before_merger: Vec<BeforeRow>,
    pub(crate) may_return: bool,
    pub(crate) may_accept: bool,
    pub(crate) may_approve: bool,
    /// How many sections are approved, while the report is not.
    pub(crate) parts: Option<String>,
    pub(crate) note: String,
    pub(crate) errors: Vec<Value>,
}

/// What the button is called that keeps words as notes.
const NOTE: &str = "ghi-chu";

pub(crate) const SHOW: Template<ShowContext> = Template::new("reporting/review_one.html");

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let id = SubmissionId::parse(&id).or_missing(&SUBMISSION_NOT_FOUND)?;
    let context = show_context(&visit, &id, &Fields::default()).await?;
    visit.page(&SHOW, &context)
}

async fn show_context(visit: &Visit, id: &SubmissionId, typed: &Fields) -> Outcome<ShowContext> {
    visit.caller.must_somewhere(&REVIEW)?;
    let which = actions::which_of(id).or_missing(&SUBMISSION_NOT_FOUND)?;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let seen = actions::reviewed(&visit.app, &visit.caller, &catalogue, &which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let known = sheet.submission.as_ref();
    let state = known.map_or(State::Draft, |known| known.state);
    let dataset = catalogue.dataset(&which.dataset)?;
    let areas: Vec<areas::AreaId> = seen.before_merger.iter().map(|one| one.area.clone()).collect();
    let names = visit.app.db.view(async |tx| Ok(areas::find_many(tx, &areas).await?)).await?;
    let before = |one: &Submission| BeforeRow {
        href: format!("/bao-cao/duyet/{}", one.id),
        name: names.get(&one.area).map_or_else(|| one.area.to_string(), areas::Area::title),
        state: visit.say(&format!("reporting-review-state-{}", one.state.code()), &[]),
        approved: one
            .approved
            .as_ref()
            .map(|signed| format!("{} – {}", signed.by, signed.at.short())),
    };
    let compared = seen.compared.as_ref();
    let (due, late) = due_words(visit, &which, dataset, &sheet).await?;
    let explained = match known.filter(|_| seen.doubts.iter().any(|one| one.explained)) {
        Some(known) => Explained::of_report(visit, known).await?,
        None => None,
    };
    let part = sheet.period.part(sheet.area.from, sheet.area.until).filter(|part| !part.is_whole());
    Ok(ShowContext {
        id: id.to_string(),
        title: dataset.title.clone(),
        area: sheet.area.title(),
        period: period_label(visit, &which.period, which.life.code(), dataset.estimated),
        part: part.map(|part| part.label(visit.lang())),
        back: format!(
            "/bao-cao/duyet?bo={}&ky={}",
            which.dataset,
            period_value(&which.period, which.life)
        ),
        href: href(&which),
        due,
        late,
        ended: crate::pages::builder::ended(visit, dataset),
        state: state.code(),
        state_label: visit.say(&format!("reporting-review-state-{}", state.code()), &[]),
        revision: known.map_or(1, |known| known.revision),
        seen: seen.seen.clone(),
        nil: known.filter(|known| known.nil).map(|known| known.nil_reason.clone()),
        late_reason: known.map(|known| known.late_reason.clone()).unwrap_or_default(),
        sections: sections(visit, (&catalogue, &which, &sheet), form, &seen, typed),
        compared: compared.map(|compared| differences(visit, &catalogue, form, compared)),
        doubts: seen.doubts.len(),
        row_doubts: row_doubts(visit, &seen.doubts),
        explained,
        general: sheet
            .remarks
            .iter()
            .filter(|one| one.cell.is_empty())
            .map(RemarkRow::of)
            .collect(),
        steps: seen.steps.iter().rev().map(|row| step_line(visit, row, known)).collect(),
        copies: seen
            .copies
            .iter()
            .map(|copy| CopyRow {
                href: format!(
                    "/bao-cao/duyet/{id}/ban-luu/{}.{}.json",
                    copy.revision, copy.occasion
                ),
                revision: copy.revision,
                occasion: occasion_words(visit, &copy.occasion),
                at: copy.at.short(),
                hash: kernel::chance::hex(&copy.hash),
            })
            .collect(),
        before_merger: seen.before_merger.iter().map(before).collect(),
        may_return: seen.may_review && state.after(Step::Return).is_some(),
        may_accept: seen.may_review && state.after(Step::Accept).is_some(),
        may_approve: seen.may_approve && state.after(Step::Approve).is_some(),
        parts: known.and_then(|known| parts(visit, known, form, &seen.approved)),
        note: typed.lines("note"),
        errors: Vec::new(),
    })
}

/// How many sections are approved, while the report is not.
pub(crate) fn parts(
    visit: &Visit,
    known: &Submission,
    form: &Form,
    approved: &Approved,
) -> Option<String> {
    approved.last_alone(known)?;
    let (count, all) = (approved.standing.len().to_string(), form.sections.len().to_string());
    Some(visit.say("reporting-sections-approved", &[("count", count), ("all", all)]))
}

/// By when a report is due and when it came first; true when it is late or came late.
async fn due_words(
    visit: &Visit,
    which: &Which,
    dataset: &Dataset,
    sheet: &Sheet,
) -> Outcome<(String, bool)> {
    let owed = visit.app.db.view(async |tx| obligations::of(tx, which).await).await?;
    let day = obligations::due_day(dataset, which.life, &sheet.period, owed.as_ref());
    let due = match day {
        Some(day) => visit.say("reporting-due-by", &[("day", day.short())]),
        None => visit.say("reporting-due-unset", &[]),
    };
    let Some(owed) = owed else { return Ok((due, false)) };
    let (kind, status) = late::status(visit, &owed, visit.app.now().day());
    Ok((format!("{due} · {status}"), matches!(kind, "late" | "came-late")))
}

/// On which occasion a copy was kept; `v1` is the version of the form that the report left.
fn occasion_words(visit: &Visit, occasion: &str) -> String {
    let version = occasion.strip_prefix('v').and_then(|rest| rest.split('-').next());
    match version.filter(|number| number.parse::<u32>().is_ok()) {
        Some(number) => visit.say("reporting-occasion-version", &[("number", number.to_owned())]),
        None => visit.say(&format!("reporting-occasion-{occasion}"), &[]),
    }
}

/// A step; the signature that stands says in which capacity it was given.
fn step_line(visit: &Visit, row: &StepRow, known: Option<&Submission>) -> StepLine {
    let signed = known.and_then(|known| known.certified.as_ref());
    let stands = |signed: &&Signed| row.step == Step::Certify.code() && row.at == signed.at;
    let words = visit.say(
        &format!("reporting-review-step-{}", row.step),
        &[("revision", row.revision.to_string())],
    );
    StepLine {
        when: row.at.short(),
        who: signed.filter(stands).map_or_else(|| row.by_name.clone(), |it| signer(visit, it)),
        text: if row.note.is_empty() { words } else { format!("{words}: {}", row.note) },
        kind: match row.step.as_str() {
            "return" => "danger",
            "approve" | "approve-part" => "done",
            _ => "",
        },
    }
}

pub(super) async fn decide(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let id = SubmissionId::parse(&id).or_missing(&SUBMISSION_NOT_FOUND)?;
    let fields = &posted.fields;
    let step = match fields.raw("buoc") {
        "return" | "return-part" => Some(Step::Return),
        "accept" => Some(Step::Accept),
        "approve" => Some(Step::Approve),
        "approve-part" => Some(Step::ApprovePart),
        "dat" | NOTE => None,
        _ => return Err((&NOT_FOUND).into()),
    };
    let remark = |(name, words): (&str, &str)| {
        let key = name.strip_prefix("n.").filter(|_| !words.trim().is_empty())?;
        Some((key.to_owned(), words.to_owned()))
    };
    let decision = Decision {
        step,
        said: Said {
            note: fields.lines("note"),
            remarks: fields.iter().filter_map(remark).collect(),
            revision: fields.number("lan").unwrap_or(0),
            ..Said::default()
        },
        seen: fields.raw("da_xem").to_owned(),
        in_order: fields.many("dat"),
        approves_them: fields.raw("buoc") == "return-part",
    };
    if fields.raw("buoc") == NOTE {
        return note(&visit, &id, fields, &decision).await;
    }
    // Remarks belong to a return; words typed beside cells are not lost by pressing another button.
    // Noting which parts are in order takes no words at all.
    let has_words = step.is_none() && !decision.said.note.trim().is_empty();
    let left_over = has_words || (step != Some(Step::Return) && !decision.said.remarks.is_empty());
    let outcome = if left_over {
        let mut wrong = FormProblems::new();
        wrong.add("note", "reporting-remarks-need-return");
        wrong.check().map(|()| None)
    } else {
        actions::decide(&visit.app, &visit.caller, &id, &decision).await.map(Some)
    };
    let is_whole = outcome
        .as_ref()
        .is_ok_and(|after| after.as_ref().is_some_and(|it| it.state == State::Approved));
    let done = match step {
        Some(Step::ApprovePart) if !is_whole => "reporting-done-sections-approved",
        Some(Step::Return) if decision.approves_them => "reporting-done-sections-returned",
        Some(Step::Return) => "reporting-done-returned",
        Some(Step::Accept) => "reporting-done-accepted",
        Some(_) => "reporting-done-approved",
        None => "reporting-done-sections",
    };
    answered(&visit, &id, fields, outcome.map(drop), done).await
}

/// Keeps what was typed as notes, beside the cells and on the whole report; it decides nothing. Which parts are in
/// order is noted with it, so that no tick is lost.
async fn note(visit: &Visit, id: &SubmissionId, fields: &Fields, decision: &Decision) -> Answer {
    let which = actions::which_of(id).or_missing(&SUBMISSION_NOT_FOUND)?;
    let Said { note, remarks, .. } = &decision.said;
    let whole = (!note.trim().is_empty()).then(|| (String::new(), note.clone()));
    let said: Vec<(String, String)> = remarks.iter().cloned().chain(whole).collect();
    let (app, caller) = (&visit.app, &visit.caller);
    let kept = async {
        let mut wrong = FormProblems::new();
        wrong.require(!said.is_empty(), "note", "reporting-note-needs-words");
        wrong.check()?;
        if !decision.in_order.is_empty() {
            let silent = Said { note: String::new(), remarks: Vec::new(), ..decision.said.clone() };
            actions::decide(app, caller, id, &Decision { said: silent, ..decision.clone() })
                .await?;
        }
        remark::add(app, caller, &which, &said, "note").await.map(drop)
    };
    let kept = kept.await;
    answered(visit, id, fields, kept, "reporting-done-note").await
}

/// On with a line that the page shows, or the same form with what was wrong.
async fn answered(
    visit: &Visit,
    id: &SubmissionId,
    fields: &Fields,
    outcome: Outcome<()>,
    done: &'static str,
) -> Answer {
    match outcome {
        Ok(()) => visit.done(&format!("/bao-cao/duyet/{id}"), done),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let context = show_context(visit, id, fields).await?;
            visit.form_again(failure, &SHOW, |errors| ShowContext {
                errors: as_values(&errors),
                ..context
            })
        }
        Err(other) => Err(other),
    }
}
