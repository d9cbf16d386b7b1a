//! Handing in: what the report says in short, what is wrong or doubtful, and the signature. The steps themselves
//! are taken by one address.

use kernel::{
    app::NodeRole,
    axum::extract::Path,
    problem::{BAD_REQUEST, OrMissing, Outcome},
    web::{Answer, FieldError, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    At, Differences, Head, differences,
    explained::{Doubts, Explained},
    href,
    report::{self, RemarkLine, Told},
    standing,
};
use crate::{
    actions::{
        NOT_READY,
        entry::{self, Changes, Closed, Which},
        obligations, review as reviewing,
        steps::{self, Said},
    },
    model::{
        Capacity,
        form::SectionBody,
        submission::{State, Step, WRONG_STATE},
    },
    store::submissions,
};

/// The page before signing.
pub(super) const REVIEW: Template<Review> = Template::new("reporting/hand_in.html");

/// What it shows.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub(super) struct Review {
    pub(super) head: Head,
    pub(super) steps: Vec<String>,
    pub(super) revision: i64,
    pub(super) summary: Vec<Line>,
    /// What differs from what was approved or handed in before; none when nothing was, and while it is above.
    pub(super) differences: Option<Differences>,
    pub(super) wrong: Vec<Told>,
    pub(super) doubtful: Vec<Told>,
    /// The key of the heading over what is doubtful.
    pub(super) doubtful_heading: &'static str,
    /// What was said about them when the report was signed last.
    pub(super) explained: Option<Explained>,
    /// Remarks on cells that nobody answered, while the report is with the unit.
    pub(super) unanswered: Vec<RemarkLine>,
    pub(super) may_certify: bool,
    /// True when something stands in it, so that nobody can sign that nothing occurred.
    pub(super) is_filled: bool,
    pub(super) may_submit: bool,
    pub(super) may_reopen: bool,
    /// Who has to sign, when it is not this person.
    pub(super) waits: bool,
    pub(super) late: bool,
    /// True when whoever signs says in which capacity: not where it was signed on the unit's own paper.
    pub(super) has_capacity: bool,
    pub(super) draft: Draft,
    pub(super) errors: Vec<FieldError>,
}

/// What was typed into its fields.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Draft {
    pub(super) note: String,
    pub(super) nil: bool,
    pub(super) late_reason: String,
    /// True when they go on although remarks stand unanswered.
    pub(super) despite_remarks: bool,
    /// In which capacity they sign, and their post.
    pub(super) capacity: String,
    pub(super) post: String,
}

/// A section in short.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Line {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) href: String,
}

pub(crate) async fn review(visit: Visit, Path(at): Path<At>) -> Answer {
    let page = view(&visit, &at.which()?, Draft::default(), Vec::new()).await?;
    visit.page(&REVIEW, &page)
}

async fn view(
    visit: &Visit,
    which: &Which,
    draft: Draft,
    errors: Vec<FieldError>,
) -> Outcome<Review> {
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let dataset = catalogue.dataset(&which.dataset)?;
    // Where nothing occurred there is nothing to judge.
    let is_nil = sheet.submission.as_ref().is_some_and(|one| one.nil && !one.state.is_open());
    let verdicts = if is_nil { Vec::new() } else { report::verdicts(&catalogue, form, &sheet) };
    let path = &sheet.authority;
    let (sign, send) = super::signs(dataset.tier, &sheet);
    let here = sheet.closed != Some(Closed::AtPoint);
    let state = sheet.state();
    let may_sign = here && visit.caller.may(sign, path);
    let late = match &sheet.submission {
        Some(one) => visit.app.db.view(async |tx| obligations::is_late(tx, one).await).await?,
        None => false,
    };
    let since = reviewing::since_handed_in(&visit.app, &visit.caller, which).await?;
    let doubtful = Doubts::of(visit, &sheet, &verdicts).await?;
    let approved = standing::Approval::read(visit, form, &sheet).await?;
    Ok(Review {
        differences: since.as_ref().map(|since| differences(visit, &catalogue, form, since)),
        head: Head::read(visit, &catalogue, which, &sheet).await?,
        steps: standing::steps(visit, &sheet).await?.into_iter().chain(approved.told).collect(),
        revision: sheet.submission.as_ref().map_or(1, |one| one.revision),
        summary: form
            .sections
            .iter()
            .map(|section| summary(visit, which, &sheet, section))
            .collect(),
        wrong: report::errors(visit, &verdicts),
        doubtful: report::doubts(visit, &verdicts, &doubtful),
        doubtful_heading: doubtful.heading(&verdicts, "reporting-hand-in-doubtful"),
        explained: doubtful.explained,
        unanswered: sheet
            .unanswered()
            .filter(|_| !state.is_reported())
            .map(|one| report::remark_line(&catalogue, which, one))
            .collect(),
        may_certify: may_sign && state.is_open(),
        is_filled: sheet.filled().denies_nil(),
        may_submit: here && state == State::Certified && visit.caller.may(send, path),
        may_reopen: may_sign && state == State::Certified,
        waits: here && state.is_open() && !may_sign,
        late,
        has_capacity: sheet.submission.as_ref().is_none_or(|one| one.behalf.is_none()),
        draft,
        errors,
    })
}

/// How much of a section is filled in.
fn summary(
    visit: &Visit,
    which: &Which,
    sheet: &entry::Sheet,
    section: &crate::model::form::Section,
) -> Line {
    let value = match &section.body {
        SectionBody::Table(table) => {
            let cells = table.cells();
            let filled = cells.iter().filter(|one| sheet.held.contains_key(&one.key)).count();
            let args = [("filled", filled.to_string()), ("all", cells.len().to_string())];
            visit.say("reporting-hand-in-cells", &args)
        }
        SectionBody::Rows(_) => {
            let count = sheet.rows.iter().filter(|one| one.section == section.code).count();
            visit.say("reporting-hand-in-rows", &[("count", count.to_string())])
        }
        SectionBody::Narrative { .. } => {
            let held = sheet.narratives.iter().find(|one| one.section == section.code);
            match held.map(|one| one.words.as_str()).filter(|words| !words.is_empty()) {
                Some(words) => words.chars().take(300).collect(),
                None => visit.say("reporting-cell-empty", &[]),
            }
        }
        SectionBody::Attachments { .. } => {
            let count = sheet.attachments.iter().filter(|one| one.section == section.code).count();
            visit.say("reporting-hand-in-files", &[("count", count.to_string())])
        }
    };
    // Its link offers to change the section: not where nothing can be typed.
    let href = match sheet.closed {
        None => format!("{}#muc-{}", href(which), section.code),
        Some(_) => String::new(),
    };
    Line { key: section.title.clone(), value, href }
}

fn said(fields: &Fields) -> Outcome<Said> {
    let remark = |(name, words): (&str, &str)| {
        let cell = name.strip_prefix("m.").filter(|_| !words.trim().is_empty())?;
        Some((cell.to_owned(), words.to_owned()))
    };
    let capacity = Capacity::of(&fields.line("capacity"), &fields.line("post"));
    Ok(Said {
        note: fields.lines("note"),
        remarks: fields.iter().filter_map(remark).collect(),
        nil: fields.has("nil"),
        late_reason: fields.line("late_reason"),
        despite_remarks: fields.has("despite_remarks"),
        capacity: capacity.or_missing(&BAD_REQUEST)?,
        revision: fields.number("revision").unwrap_or(0),
        sections: Vec::new(),
    })
}

/// Takes a step: signing, handing in, opening again and correcting by the unit; what the tier above decides is
/// sent here too. `ve` names the page to go back to.
pub(crate) async fn take(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let which = at.which()?;
    let fields = &posted.fields;
    let Some(step) = Step::from_code(&fields.line("step")) else {
        return Err((&WRONG_STATE).into());
    };
    let said = said(fields)?;
    if step == Step::Certify && said.nil {
        begin(&visit, &which).await?;
    }
    match steps::take(&visit.app, &visit.caller, &which.id(), step, &said).await {
        Ok(_) => {
            let back = fields.line("ve");
            let to = if back.starts_with("/bao-cao/") { back } else { after(&which, step) };
            visit.done(&to, done_words(&visit, step))
        }
        Err(failure) if step.is_own() && (failure.is(&NOT_READY) || has_fields(&failure)) => {
            let draft = Draft {
                note: said.note,
                nil: said.nil,
                late_reason: said.late_reason,
                despite_remarks: said.despite_remarks,
                capacity: said.capacity.code().to_owned(),
                post: said.capacity.post().unwrap_or_default().to_owned(),
            };
            let page = view(&visit, &which, draft, Vec::new()).await?;
            if failure.is(&NOT_READY) {
                let mut response = visit.page(&REVIEW, &page)?;
                *response.status_mut() = kernel::axum::http::StatusCode::UNPROCESSABLE_ENTITY;
                return Ok(response);
            }
            visit.form_again(failure, &REVIEW, |errors| Review { errors, ..page })
        }
        Err(other) => Err(other),
    }
}

fn has_fields(failure: &kernel::problem::Failure) -> bool {
    failure.problem().is_some_and(|problem| !problem.fields.is_empty())
}

/// A report in which nothing occurred may be signed without anything having been typed.
async fn begin(visit: &Visit, which: &Which) -> Outcome<()> {
    let id = which.id();
    let known = visit.app.db.view(async |tx| Ok(submissions::find(tx, &id).await?)).await?;
    if known.is_none() {
        entry::save(&visit.app, &visit.caller, which, Changes::default()).await?;
    }
    Ok(())
}

/// Where one goes on: after signing to handing in, else back to the report.
fn after(which: &Which, step: Step) -> String {
    match step {
        Step::Certify => format!("{}/gui", href(which)),
        Step::Submit => "/bao-cao".to_owned(),
        _ => href(which),
    }
}

fn done_words(visit: &Visit, step: Step) -> &'static str {
    match step {
        // Whether a point is connected or not, it goes up by itself.
        Step::Submit if visit.app.role == NodeRole::Point => "reporting-done-submit-here",
        Step::Certify => "reporting-done-certify",
        Step::Reopen => "reporting-done-reopen",
        Step::Submit => "reporting-done-submit",
        Step::Return => "reporting-done-return",
        Step::Accept => "reporting-done-accept",
        Step::Approve => "reporting-done-approve",
        Step::ApprovePart => "reporting-done-sections-approved",
        Step::Correct => "reporting-done-correct",
    }
}
