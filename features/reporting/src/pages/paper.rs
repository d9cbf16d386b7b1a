//! What a report says of itself on paper besides its figures: that it corrects another, that nothing occurred, why it is
//! late, what belongs to it. The page to print and the files to sign say it in the same words.

use kernel::{app::App, locale::Lang, problem::Outcome};
use serde::Serialize;

use crate::{
    actions::{entry::Sheet, steps},
    model::form::{Form, SectionBody},
    store::submissions::{Signed, Submission},
};

/// What it says; empty where there is nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Said {
    /// That it was handed in before, and whether it corrects that.
    pub(crate) again: String,
    /// That nothing occurred in the whole period, and why.
    pub(crate) nil: String,
    /// Why it is late.
    pub(crate) late: String,
    /// From which paper of the unit it was typed in for it.
    pub(crate) behalf: String,
    /// What stands below a growing table without rows.
    pub(crate) no_rows: String,
}

/// What a report says of itself; one that nobody began says nothing.
pub(crate) async fn said(app: &App, lang: Lang, one: Option<&Submission>) -> Outcome<Said> {
    let say = |key: &str, name: &str, value: &str| {
        app.words.say(lang, key, &[(name, value.to_owned())]).into_owned()
    };
    let no_rows = say("reporting-print-nothing", "", "");
    let Some(one) = one else { return Ok(Said { no_rows, ..Said::default() }) };
    let corrects = steps::corrects(app, one).await?;
    let again = if corrects { "reporting-print-revision" } else { "reporting-print-again" };
    // It is said with the signature: what is open again says nothing of the kind yet.
    let is_nil = one.nil && !one.state.is_open();
    let some = |is_so: bool, key: &str, name: &str, value: &str| {
        if is_so { say(key, name, value) } else { String::new() }
    };
    Ok(Said {
        again: some(one.revision > 1, again, "number", &one.revision.to_string()),
        nil: some(is_nil, "reporting-print-nil", "why", &one.nil_reason),
        late: some(!one.late_reason.is_empty(), "reporting-print-late", "why", &one.late_reason),
        behalf: one
            .behalf
            .as_ref()
            .map_or_else(String::new, |(paper, _)| say("reporting-print-behalf", "paper", paper)),
        no_rows: if is_nil { say("reporting-print-nil-rows", "", "") } else { no_rows },
    })
}

/// Who signed a report as the unit's own leader, and when; none while it is not signed, and none where it was typed in
/// for the unit: then its leader signed the unit's paper, and whoever typed it in is not the leader.
pub(crate) fn signed_by_unit(one: Option<&Submission>) -> Option<&Signed> {
    one.filter(|one| one.behalf.is_none()).and_then(|one| one.certified.as_ref())
}

/// The files of a section, each with its caption.
pub(crate) fn files(sheet: &Sheet, section: &str) -> Vec<String> {
    let own = sheet.attachments.iter().filter(|one| one.section == section);
    own.map(|one| match one.caption.as_str() {
        "" => one.name.clone(),
        caption => format!("{caption} ({})", one.name),
    })
    .collect()
}

/// The files of a report, as its form asks for them. What was put aside belongs to it no longer.
pub(crate) fn enclosures(form: &Form, sheet: &Sheet) -> Vec<String> {
    let asked = form.sections.iter();
    let asked = asked.filter(|one| matches!(one.body, SectionBody::Attachments { .. }));
    asked.flat_map(|section| files(sheet, &section.code)).collect()
}
