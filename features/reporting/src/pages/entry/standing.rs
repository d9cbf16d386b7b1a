//! Where one report stands, in sentences: what was done with it, which sections are approved without the others, and why
//! nothing can be typed.

use kernel::{clock::Timestamp, db::Tx, problem::Outcome, web::Visit};

use crate::{
    actions::{
        approving::{self, Approved},
        entry::{Closed, Sheet},
    },
    model::{
        Capacity, Tier,
        form::Form,
        submission::{State, Step},
    },
    pages::review,
    store::submissions::{self, Signed, StepRow, Submission},
};

/// What was done with the report, oldest first. Of a correction it is told which revision it is, and last that an
/// earlier one stands approved: until the correction is approved, approved counts are that one's (R8).
pub(super) async fn steps(visit: &Visit, sheet: &Sheet) -> Outcome<Vec<String>> {
    let Some(one) = &sheet.submission else { return Ok(Vec::new()) };
    let say = |key: &str, signed: &Signed| {
        visit.say(key, &[("by", signer(visit, signed)), ("at", signed.at.short())])
    };
    let revision = [("revision", one.revision.to_string())];
    let number = (one.revision > 1).then(|| visit.say("reporting-this-revision", &revision));
    let behalf = one.behalf.as_ref().map(|(paper, by)| {
        visit.say("reporting-did-behalf", &[("paper", paper.clone()), ("by", by.clone())])
    });
    let done = [
        ("reporting-did-certify", &one.certified),
        ("reporting-did-submit", &one.submitted),
        ("reporting-did-accept", &one.accepted),
    ];
    let done = done.into_iter().filter_map(|(key, signed)| Some(say(key, signed.as_ref()?)));
    let approved = match &one.approved {
        Some(signed) if one.state == State::Approved => Some(say("reporting-did-approve", signed)),
        Some(signed) => Some(approved_before(visit, one, signed).await?),
        None => None,
    };
    Ok(number.into_iter().chain(behalf).chain(done).chain(approved).collect())
}

/// Who did it and, when it was not as the head of the unit, in which capacity.
pub(crate) fn signer(visit: &Visit, signed: &Signed) -> String {
    let by = signed.by.clone();
    let key = match &signed.capacity {
        Capacity::Head => return by,
        Capacity::Acting => "reporting-signed-q",
        Capacity::Deputy => "reporting-signed-kt",
        Capacity::OnOrder(_) => "reporting-signed-tl",
        Capacity::Authorised(_) => "reporting-signed-tuq",
    };
    let post = signed.capacity.post().unwrap_or_default().to_owned();
    visit.say(key, &[("by", by), ("post", post)])
}

/// That a revision before this one stands approved.
async fn approved_before(visit: &Visit, one: &Submission, signed: &Signed) -> Outcome<String> {
    let steps = async |tx: &mut Tx| Ok(submissions::steps(tx, &one.id).await?);
    let steps = visit.app.db.view(steps).await?;
    let is_approval = |row: &&StepRow| row.step == Step::Approve.code();
    let before = steps.iter().filter(is_approval).map(|row| row.revision).max();
    let before = before.unwrap_or(one.revision - 1);
    Ok(visit.say(
        "reporting-did-approve-before",
        &[("revision", before.to_string()), ("by", signed.by.clone()), ("at", signed.at.short())],
    ))
}

/// What is approved of a report that is not approved as a whole.
#[derive(Default)]
pub(super) struct Approval {
    /// How many of its sections, and who approved last; none when nothing is.
    pub(super) told: Option<String>,
    sections: Approved,
}

impl Approval {
    /// Reads it.
    pub(super) async fn read(visit: &Visit, form: &Form, sheet: &Sheet) -> Outcome<Self> {
        let Some(known) = &sheet.submission else { return Ok(Self::default()) };
        let sections = approving::approved(&visit.app, &visit.caller, known).await?;
        let Some(last) = sections.last_alone(known) else { return Ok(Self::default()) };
        let by = last.approved_by.clone().unwrap_or_default();
        let at = last.approved_at.map(Timestamp::short).unwrap_or_default();
        let told = review::parts(visit, known, form, &sections).map(|parts| {
            let args = [("parts", parts), ("by", by), ("at", at)];
            visit.say("reporting-did-approve-sections", &args)
        });
        Ok(Self { told, sections })
    }

    /// That a section is approved as it stands.
    pub(super) fn of(&self, visit: &Visit, section: &str) -> Option<String> {
        review::approved(visit, &self.sections, section)
    }

    /// That it was, and says something else by now.
    pub(super) fn before(&self, visit: &Visit, section: &str) -> Option<String> {
        review::approved_before(visit, &self.sections, section)
    }
}

/// Why nothing can be typed, and what to do next: who may not correct it is told whom to ask.
pub(super) fn closed(visit: &Visit, sheet: &Sheet, tier: Tier, may_correct: bool) -> String {
    match sheet.closed {
        None => String::new(),
        Some(Closed::Locked) if sheet.state() == State::Certified => {
            visit.say("reporting-closed-locked", &[])
        }
        Some(Closed::Locked) => {
            let why = visit.say(&format!("reporting-closed-{}", sheet.state().code()), &[]);
            let next = match tier {
                _ if may_correct => "reporting-closed-correct",
                Tier::Commune => "reporting-closed-ask-commune",
                Tier::Province | Tier::Ministry => "reporting-closed-ask-unit",
            };
            format!("{why} {}", visit.say(next, &[]))
        }
        Some(Closed::AtPoint) => visit.say("reporting-closed-point", &[]),
        Some(Closed::NotYours) => visit.say("reporting-closed-not-yours", &[]),
        Some(Closed::OfUnit) => visit.say("reporting-closed-of-unit", &[]),
    }
}
