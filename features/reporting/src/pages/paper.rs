//! A report, or a summary, as an administrative document (NĐ 30/2020/NĐ-CP, phụ lục I): whose it is, who signs it, and what it says of
//! itself besides its figures. The page to print and the files to sign say the same in the same words.

use areas::Area;
use kernel::{app::App, locale::Lang, problem::Outcome};
use serde::Serialize;

use crate::{
    actions::{entry::Sheet, steps},
    model::{
        Capacity, Tier,
        document::Letter,
        form::{Form, SectionBody},
    },
    store::submissions::{Signed, Submission},
};

/// What a report says of itself; empty where there is nothing to say.
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
    /// What stands where no words and no rows were filled in: nobody has declared anything before it is signed.
    pub(crate) empty: String,
    /// What stands where no file was added.
    pub(crate) no_files: String,
}

/// What a report says of itself that nobody began.
pub(crate) fn unfilled(app: &App, lang: Lang) -> Said {
    let empty = app.words.say(lang, "reporting-print-not-entered", &[]).into_owned();
    Said { no_files: empty.clone(), empty, ..Said::default() }
}

/// What a report says of itself.
pub(crate) async fn said(app: &App, lang: Lang, one: Option<&Submission>) -> Outcome<Said> {
    let unfilled = unfilled(app, lang);
    let Some(one) = one else { return Ok(unfilled) };
    let say = |key: &str, name: &str, value: &str| {
        app.words.say(lang, key, &[(name, value.to_owned())]).into_owned()
    };
    let corrects = steps::corrects(app, one).await?;
    let again = if corrects { "reporting-print-revision" } else { "reporting-print-again" };
    let some = |is_so: bool, key: &str, name: &str, value: &str| {
        if is_so { say(key, name, value) } else { String::new() }
    };
    let said = Said {
        again: some(one.revision > 1, again, "number", &one.revision.to_string()),
        late: some(!one.late_reason.is_empty(), "reporting-print-late", "why", &one.late_reason),
        behalf: one
            .behalf
            .as_ref()
            .map_or_else(String::new, |(paper, _)| say("reporting-print-behalf", "paper", paper)),
        ..unfilled
    };
    // What nobody filled in, and that nothing occurred, is said with the signature: what is open says nothing of the kind.
    if one.state.is_open() {
        return Ok(said);
    }
    let nothing = say("reporting-print-nothing", "", "");
    Ok(Said {
        nil: some(one.nil, "reporting-print-nil", "why", &one.nil_reason),
        empty: if one.nil { say("reporting-print-nil-rows", "", "") } else { nothing.clone() },
        no_files: nothing,
        ..said
    })
}

/// Who signed a report as the unit's own leader, and when; none while it is not signed, and none where it was typed in
/// for the unit: then its leader signed the unit's paper, and whoever typed it in is not the leader.
pub(crate) fn signed_by_unit(one: Option<&Submission>) -> Option<&Signed> {
    one.filter(|one| one.behalf.is_none()).and_then(|one| one.certified.as_ref())
}

/// The document of a report, without the files that belong to it.
pub(crate) fn letter(tier: Tier, sheet: &Sheet, province: Option<&Area>, said: &Said) -> Letter {
    let one = sheet.submission.as_ref();
    Letter {
        draft: one.is_none_or(|one| one.certified.is_none()),
        again: said.again.clone(),
        nil: said.nil.clone(),
        late: said.late.clone(),
        behalf: said.behalf.clone(),
        empty: said.empty.clone(),
        ..issued(tier, &sheet.area, province, signed_by_unit(one))
    }
}

/// Whose document it is, to whom it goes, who signed it; a draft while nobody did.
pub(crate) fn issued(
    tier: Tier,
    area: &Area,
    province: Option<&Area>,
    signed: Option<&Signed>,
) -> Letter {
    let capacity = signed.map_or(&Capacity::Head, |signed| &signed.capacity);
    let is_ministry = tier == Tier::Ministry;
    let committee = |area: &Area| format!("Ủy ban nhân dân {}", area.full_name);
    let ministry = "Bộ Dân tộc và Tôn giáo".to_owned();
    Letter {
        office: if is_ministry { ministry.clone() } else { committee(area) },
        mark: if is_ministry { "BDTTG" } else { "UBND" }.to_owned(),
        place: if is_ministry { "Hà Nội".to_owned() } else { place(area) },
        on: signed.map(|signed| signed.at.day()),
        signed_as: capacity.lines(tier),
        signer: signed.map(|signed| signed.by.clone()).unwrap_or_default(),
        to: match tier {
            Tier::Commune => province.map(committee).unwrap_or_default(),
            Tier::Province => ministry,
            Tier::Ministry => "Thủ tướng Chính phủ".to_owned(),
        },
        draft: signed.is_none(),
        ..Letter::default()
    }
}

/// Where a unit writes. One that is called by a number, or after a person, is told with its type (Phụ lục I mục II.4).
fn place(area: &Area) -> String {
    let needs_type =
        area.name.starts_with(|c: char| c.is_ascii_digit()) || area.name == "Hồ Chí Minh";
    if needs_type { area.title() } else { area.name.clone() }
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
