//! One report: where it stands, what was remarked, what is wrong or doubtful, and every section of its form.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    axum::{extract::Path, http::StatusCode},
    problem::Outcome,
    web::{Answer, FieldError, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    At, Head, clock, coords_words,
    earlier::{self, Earlier},
    explained::{Doubts, Explained, Standing},
    files, grid,
    grid::Ground,
    rows, standing,
    unsaved::Unsaved,
    verdict_words, version,
};
use crate::{
    actions::{
        catalogue::Catalogue,
        check,
        entry::{self, Closed, Sheet, Which},
        travelling,
    },
    model::{
        CellKey, Coords,
        form::{Form, Section, SectionBody, Severity},
        rule::{self, Verdict},
        submission::State,
    },
    pages::{
        assets::script_href,
        rules_json::{rules_json, words_json},
    },
    store::{numbers, remarks::Remark},
};

/// The page.
pub(super) const REPORT: Template<Report> = Template::new("reporting/report.html");

/// What it shows.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub(super) struct Report {
    pub(super) head: Head,
    /// Who did what last, in sentences.
    pub(super) steps: Vec<String>,
    /// True when it was handed in at this point and has not gone up yet.
    pub(super) waits_here: bool,
    /// Why nothing can be typed; empty when it can.
    pub(super) closed: String,
    /// That the form has another version by now, or that this node does not know the report's own.
    pub(super) version_note: String,
    /// What changed about the form, while the report may go over to its version in force.
    pub(super) version_changes: Vec<String>,
    /// True when it may, or when it did: there is a page about it.
    pub(super) has_versions: bool,
    /// That the campaign was ended early; empty when it was not.
    pub(super) ended: String,
    /// The draft of which this is a look; empty for a report.
    pub(super) preview: String,
    pub(super) revision: i64,
    pub(super) open: bool,
    pub(super) nil: String,
    pub(super) remarks: Vec<RemarkLine>,
    pub(super) conflicts: Vec<Told>,
    pub(super) errors: Vec<Told>,
    pub(super) warnings: Vec<Told>,
    /// The key of the heading over them.
    pub(super) warnings_heading: &'static str,
    /// What was said about them when the report was signed last.
    pub(super) explained: Option<Explained>,
    /// What was typed and not saved.
    pub(super) problems: Vec<Told>,
    pub(super) sections: Vec<SectionView>,
    pub(super) may_reopen: bool,
    pub(super) may_correct: bool,
    /// True when there is a next step for this person on the page of handing in.
    pub(super) may_go_on: bool,
    pub(super) saved_at: String,
    /// True when this person may type it in for the unit, once they say from which paper.
    pub(super) may_type_for: bool,
    pub(super) field_errors: Vec<FieldError>,
    pub(super) paper: String,
    /// What the script needs; none when nothing can be typed.
    pub(super) script: Option<Script>,
}

/// What the page brings along for its script.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Script {
    /// Where the script lies.
    pub(super) href: String,
    /// An opaque name of the person: what waits in the browser belongs to them.
    pub(super) person: String,
    /// Checks as programs, in JSON that cannot end its element.
    pub(super) rules: String,
    /// Every sentence that the script may say.
    pub(super) words: String,
}

/// Words with the field they lead to.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Told {
    pub(super) field: String,
    pub(super) text: String,
}

/// A remark.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct RemarkLine {
    pub(super) place: String,
    pub(super) href: String,
    pub(super) words: String,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) answer: String,
    /// True while an answer is waited for.
    pub(super) waits: bool,
    /// True for a note, which was no reason to give the report back.
    pub(super) note: bool,
}

/// A section.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct SectionView {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) hint: String,
    pub(super) table: Option<grid::Table>,
    pub(super) growing: Option<rows::Growing>,
    pub(super) narrative: Option<Words>,
    pub(super) files: Option<files::Files>,
    /// What stood in its narrative or its rows before.
    pub(super) earlier: Vec<Earlier>,
    /// That it is approved as it stands, without the whole report.
    pub(super) approved: Option<String>,
    /// That it was, and says something else by now.
    pub(super) approved_before: Option<String>,
}

/// A narrative.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) version: i64,
    /// Who wrote what stands.
    pub(super) by: String,
    pub(super) most: u32,
    pub(super) required: bool,
    /// What this person typed and what could not be saved, with why; none when nothing is left over.
    pub(super) own: Option<String>,
    pub(super) problem: String,
    /// True when somebody else changed it meanwhile: both stand on the page.
    pub(super) stale: bool,
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>) -> Answer {
    let which = at.which()?;
    let report = view(&visit, &which, &Unsaved::default()).await?;
    visit.page(&REPORT, &report)
}

/// The page again, with what could not be saved.
pub(super) async fn again(
    visit: &Visit,
    which: &Which,
    unsaved: &Unsaved,
    status: StatusCode,
) -> Answer {
    let report = view(visit, which, unsaved).await?;
    let mut response = visit.page(&REPORT, &report)?;
    *response.status_mut() = status;
    Ok(response)
}

/// Titles of the data sets that own figures of a sheet beside its own.
pub(super) async fn owners(
    visit: &Visit,
    catalogue: &Catalogue,
    sheet: &Sheet,
) -> Outcome<BTreeMap<i64, String>> {
    let foreign: BTreeSet<i64> =
        sheet.held.values().map(|held| held.owner).filter(|owner| *owner != sheet.owner).collect();
    if foreign.is_empty() {
        return Ok(BTreeMap::new());
    }
    visit
        .app
        .db
        .view(async |tx| {
            let mut all = BTreeMap::new();
            for no in &foreign {
                let code = numbers::owner_name(tx, *no).await?.unwrap_or_default();
                let known = catalogue.datasets.values().find(|one| one.code.as_str() == code);
                all.insert(*no, known.map_or(code, |known| known.title.clone()));
            }
            Ok(all)
        })
        .await
}

/// Everything wrong or doubtful with a sheet.
pub(super) fn verdicts(catalogue: &Catalogue, form: &Form, sheet: &Sheet) -> Vec<Verdict> {
    let mut all = check::of_figures(catalogue, form, &sheet.states(), &sheet.before, &sheet.usual);
    all.extend(check::two_figures(catalogue, sheet.conflicts.iter().map(|one| &one.key)));
    let written = sheet.narratives.iter().filter(|one| !one.words.is_empty());
    all.extend(check::missing_words(form, &written.map(|one| one.section.as_str()).collect()));
    all.extend(check::rows(form, &sheet.rows, &sheet.period));
    all.extend(check::untold_totals(catalogue, form, &sheet.rows));
    all
}

/// What is wrong, in words that lead to its cells.
pub(super) fn errors(visit: &Visit, verdicts: &[Verdict]) -> Vec<Told> {
    told(visit, verdicts, Severity::Error, verdict_words)
}

/// What is doubtful; what was explained is not asked for again, and of what came up since the signature that is said.
pub(super) fn doubts(visit: &Visit, verdicts: &[Verdict], doubts: &Doubts) -> Vec<Told> {
    told(visit, verdicts, Severity::Warning, |visit, one| match doubts.standing(one) {
        Standing::Asked => visit.say(one.words, &one.args),
        Standing::Explained => visit.say(rule::explained(one.words), &one.args),
        Standing::Since => match rule::arisen(one.words) {
            Some(words) => visit.say(words, &one.args),
            None => {
                format!(
                    "{} {}",
                    visit.say(one.words, &one.args),
                    visit.say("reporting-doubt-since", &[])
                )
            }
        },
    })
}

fn told(
    visit: &Visit,
    verdicts: &[Verdict],
    severity: Severity,
    words: impl Fn(&Visit, &Verdict) -> String,
) -> Vec<Told> {
    let of = verdicts.iter().filter(|one| one.severity == severity);
    let line = |one: &Verdict| Told {
        field: one.cells.first().map_or_else(
            || {
                let words = one.rule.strip_prefix("words-").map(|code| format!("t.{code}"));
                let rows = || one.rule.strip_prefix("row-").map(|code| format!("muc-{code}"));
                words.or_else(rows).unwrap_or_default()
            },
            grid::anchor,
        ),
        text: words(visit, one),
    };
    of.map(line).collect()
}

fn cells_of(verdicts: &[Verdict], severity: Severity) -> BTreeSet<CellKey> {
    let of = verdicts.iter().filter(|one| one.severity == severity && one.rule != "required");
    of.flat_map(|one| one.cells.iter().cloned()).collect()
}

fn script(visit: &Visit, catalogue: &Catalogue, form: &Form, sheet: &Sheet) -> Script {
    let say = |key: &str, args: &[(&str, String)]| visit.say(key, args);
    let checks = check::checks(catalogue, form, sheet.held.keys(), &sheet.usual);
    let states = sheet.states();
    Script {
        href: script_href(),
        person: visit.caller.id().to_owned(),
        rules: rules_json(&checks, &catalogue.elements, &states, &sheet.before, &say),
        words: words_json(&say),
    }
}

async fn view(visit: &Visit, which: &Which, unsaved: &Unsaved) -> Outcome<Report> {
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let verdicts = verdicts(&catalogue, form, &sheet);
    let owners = owners(visit, &catalogue, &sheet).await?;
    let doubtful = Doubts::of(visit, &sheet, &verdicts).await?;
    let ground = Ground {
        visit,
        catalogue: &catalogue,
        which,
        sheet: &sheet,
        kept: &unsaved.cells,
        wrong: &cells_of(&verdicts, Severity::Error),
        doubtful: &cells_of(&verdicts, Severity::Warning),
        explained: (&doubtful.cells, &doubtful.beside()),
        owners: &owners,
    };
    let past = entry::past_words(&visit.app, &visit.caller, which).await?;
    let approved = standing::Approval::read(visit, form, &sheet).await?;
    let sections = form.sections.iter().map(|section| SectionView {
        approved: approved.of(visit, &section.code),
        approved_before: approved.before(visit, &section.code),
        earlier: earlier::of_section(visit, &catalogue, section, &past),
        ..view_section(&ground, section, unsaved)
    });
    let sections = sections.collect();
    let script = sheet.closed.is_none().then(|| script(visit, &catalogue, form, &sheet));
    let path = &sheet.authority;
    let begun = sheet.submission.is_some();
    let elsewhere = sheet.closed == Some(Closed::AtPoint);
    let tier = catalogue.dataset(&which.dataset)?.tier;
    let (sign, send) = super::signs(tier, &sheet);
    let may_sign = visit.caller.may(sign, path) && !elsewhere;
    let state = sheet.state();
    let version_changes = match sheet.closed {
        None => version::changes(visit, &catalogue, which, &sheet),
        Some(_) => Vec::new(),
    };
    let has_moved = version::has_moved(visit, &sheet).await?;
    let waits_here = waits_here(visit, &sheet).await?;
    let ended = catalogue.dataset(&which.dataset)?.ended.as_ref().filter(|_| !state.is_reported());
    // What is missing is told when somebody hands in; while typing it would only be in the way.
    let now: Vec<Verdict> = verdicts
        .into_iter()
        .filter(|one| {
            begun && !["required", "conflict"].contains(&one.rule.as_str()) && !one.cells.is_empty()
        })
        .collect();
    Ok(Report {
        head: Head::read(visit, &catalogue, which, &sheet).await?,
        steps: standing::steps(visit, &sheet).await?.into_iter().chain(approved.told).collect(),
        waits_here,
        closed: standing::closed(visit, &sheet, tier, may_sign),
        version_note: version::note(visit, &catalogue, which, &sheet),
        has_versions: !version_changes.is_empty() || has_moved,
        version_changes,
        ended: ended.map_or_else(String::new, |it| crate::pages::builder::ended_words(visit, it)),
        preview: String::new(),
        revision: sheet.submission.as_ref().map_or(1, |one| one.revision),
        open: sheet.closed.is_none(),
        nil: sheet
            .submission
            .as_ref()
            .filter(|one| one.nil && !state.is_open())
            .map_or_else(String::new, |one| one.nil_reason.clone()),
        remarks: remark_lines(&catalogue, which, &sheet),
        conflicts: sheet
            .conflicts
            .iter()
            .map(|one| Told {
                field: format!("{}/o/{}", super::href(which), one.key.text()),
                text: visit.say(
                    "reporting-conflict-line",
                    &[
                        ("cell", super::cell_words(&catalogue, &one.key)),
                        ("by", one.author.clone()),
                    ],
                ),
            })
            .collect(),
        errors: errors(visit, &now),
        warnings: doubts(visit, &now, &doubtful),
        warnings_heading: doubtful.heading(&now, "reporting-warnings-title"),
        explained: doubtful.explained,
        problems: unsaved.lines(visit, &catalogue),
        sections,
        script,
        may_type_for: sheet.closed == Some(Closed::OfUnit),
        field_errors: Vec::new(),
        paper: String::new(),
        may_reopen: may_sign && state == State::Certified,
        may_correct: may_sign && state.is_reported(),
        may_go_on: sheet.closed.is_none()
            || (state == State::Certified && visit.caller.may(send, path) && !elsewhere),
        saved_at: saved_words(visit, &sheet),
    })
}

/// When something was last saved into it: the hour today, the day before today.
fn saved_words(visit: &Visit, sheet: &Sheet) -> String {
    match sheet.saved_at() {
        Some(at) if at.day() == visit.app.now().day() => clock(at),
        Some(at) => at.short(),
        None => String::new(),
    }
}

/// True for a report that was handed in at this point and has not gone up yet.
async fn waits_here(visit: &Visit, sheet: &Sheet) -> Outcome<bool> {
    let sent = sheet.submission.as_ref().filter(|one| one.state == State::Submitted);
    let Some(sent) = sent else { return Ok(false) };
    Ok(travelling::waits(sent, travelling::waiting_since(&visit.app).await?))
}

pub(super) fn view_section(
    ground: &Ground<'_>,
    section: &Section,
    unsaved: &Unsaved,
) -> SectionView {
    let it = SectionView {
        code: section.code.clone(),
        title: section.title.clone(),
        hint: section.hint.clone(),
        ..SectionView::default()
    };
    match &section.body {
        SectionBody::Table(table) => {
            SectionView { table: Some(ground.table(&section.code, table)), ..it }
        }
        SectionBody::Rows(table) => {
            SectionView { growing: Some(rows::growing(ground, &section.code, table)), ..it }
        }
        SectionBody::Narrative { max_chars, required } => {
            let held = ground.sheet.narratives.iter().find(|one| one.section == section.code);
            let own = unsaved.words.get(&section.code);
            let words = Words {
                text: held.map_or_else(String::new, |one| one.words.clone()),
                version: held.map_or(0, |one| one.version),
                by: held.map_or_else(String::new, |one| one.by_name.clone()),
                most: *max_chars,
                required: *required,
                own: own.map(|one| one.text.clone()),
                problem: own.map_or_else(String::new, |one| one.problem.clone()),
                stale: own.is_some_and(|one| one.stale),
            };
            SectionView { narrative: Some(words), ..it }
        }
        SectionBody::Attachments { max_files } => {
            SectionView { files: Some(files::view(ground, &section.code, *max_files)), ..it }
        }
    }
}

/// Says that the report is typed in for its unit, from which paper; then it can be.
pub(crate) async fn on_behalf(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let which = at.which()?;
    let paper = posted.fields.line("paper");
    match entry::on_behalf(&visit.app, &visit.caller, &which, &paper).await {
        Ok(()) => visit.done(&super::href(&which), "reporting-done-behalf"),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let page = view(&visit, &which, &Unsaved::default()).await?;
            visit.form_again(failure, &REPORT, |field_errors| Report {
                field_errors,
                paper,
                ..page
            })
        }
        Err(other) => Err(other),
    }
}

fn remark_lines(catalogue: &Catalogue, which: &Which, sheet: &Sheet) -> Vec<RemarkLine> {
    let mut all: Vec<_> = sheet.remarks.iter().collect();
    all.sort_by_key(|one| (!one.waits(), std::cmp::Reverse(one.at)));
    all.into_iter().take(100).map(|one| remark_line(catalogue, which, one)).collect()
}

/// A remark, with the page on which it is answered.
pub(super) fn remark_line(catalogue: &Catalogue, which: &Which, one: &Remark) -> RemarkLine {
    let key = CellKey::parse(&one.cell).filter(|_| !one.cell.is_empty());
    RemarkLine {
        place: key.as_ref().map_or_else(String::new, |key| {
            let name = catalogue.elements.get(&key.element).map_or("", |one| &one.name);
            let of = coords_words(catalogue, key, &Coords::total());
            if of.is_empty() { name.to_owned() } else { format!("{name} – {of}") }
        }),
        // A remark on the whole report is answered at `~`, which is no cell's name.
        href: format!(
            "{}/o/{}",
            super::href(which),
            key.map_or_else(|| "~".to_owned(), |key| key.text())
        ),
        words: one.words.clone(),
        by: one.by_name.clone(),
        at: one.at.short(),
        answer: one.answer.clone().unwrap_or_default(),
        waits: one.waits(),
        note: !one.is_return,
    }
}
