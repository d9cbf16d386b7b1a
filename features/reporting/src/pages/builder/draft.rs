//! One draft: its sections in order, what is wrong with it, what publishing it would change.

use kernel::{
    axum::extract::{Path, Query},
    db::Tx,
    problem::{BAD_REQUEST, Outcome},
    text::slug,
    web::{Answer, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{At, Head, Line, href, keep, open, seen, short, words};
use crate::{
    actions::{
        builder::{self, Draft, PUBLISH},
        catalogue,
    },
    model::{
        DraftId,
        bundle::Bundle,
        form::{FixedTable, RowTable, Section, SectionBody},
    },
};

pub(super) const DRAFT: Template<DraftPage> = Template::new("reporting/build_draft.html");

/// The page.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DraftPage {
    pub(super) head: Head,
    pub(super) facts: Vec<String>,
    pub(super) sections: Vec<SectionLine>,
    pub(super) rules: usize,
    pub(super) elements: usize,
    pub(super) dimensions: usize,
    /// What it brings along or changes that others may use too.
    pub(super) brought: Vec<String>,
    pub(super) flaws: Vec<Line>,
    pub(super) changes: Vec<String>,
    /// Cells that other data sets ask for too.
    pub(super) shared: Vec<String>,
    /// The version in force; none for a new data set.
    pub(super) before: Option<u32>,
    pub(super) may_publish: bool,
    /// Whoever wrote it does not publish it.
    pub(super) own: bool,
    /// The draft that somebody else changed meanwhile: this one was made so that nothing was lost.
    pub(super) beside: Option<Line>,
}

/// A section.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct SectionLine {
    pub(super) index: usize,
    pub(super) href: String,
    pub(super) title: String,
    pub(super) kind: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    canh: String,
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>, Query(asked): Query<Asked>) -> Answer {
    let page = page(&visit, &at, &asked.canh).await?;
    visit.page(&DRAFT, &page)
}

async fn page(visit: &Visit, at: &At, beside: &str) -> Outcome<DraftPage> {
    let (over, draft) = open(visit, at).await?;
    let known = catalogue::current(&visit.app).await?;
    let beside = DraftId::parse(beside);
    let (look, beside) = visit
        .app
        .db
        .view(async |tx: &mut Tx| {
            let look = builder::look(tx, &known, &draft.bundle).await?;
            let beside = match &beside {
                Some(id) => builder::open(tx, &visit.caller, id).await.ok(),
                None => None,
            };
            Ok((look, beside))
        })
        .await?;
    let head = Head::of(visit, &draft);
    let flaw = |one| words::flaw(visit, &draft.bundle, &head.base, one);
    Ok(DraftPage {
        facts: facts(visit, &draft),
        sections: sections(visit, &head, &draft),
        rules: draft.bundle.form.rules.len(),
        elements: draft.bundle.elements.len(),
        dimensions: draft.bundle.dimensions.len(),
        brought: words::brought(visit, &known, &draft.bundle),
        flaws: look.flaws.iter().map(flaw).collect(),
        changes: words::changes(visit, &over, &look.changes),
        shared: look
            .shared
            .iter()
            .map(|(code, count)| {
                let title =
                    known.datasets.get(code).map_or_else(String::new, |one| one.title.clone());
                let args = [("name", title), ("count", count.to_string())];
                visit.say("reporting-build-shared", &args)
            })
            .collect(),
        before: look.before,
        may_publish: builder::places(&draft.bundle.dataset)
            .iter()
            .all(|place| visit.caller.may(&PUBLISH, place)),
        own: draft.is_by(&visit.caller),
        beside: beside.map(|other| Line {
            href: href(&other.id),
            text: visit.say(
                "reporting-build-beside",
                &[("name", other.changed_by), ("at", other.at.short())],
            ),
        }),
        head,
    })
}

fn facts(visit: &Visit, draft: &Draft) -> Vec<String> {
    let one = &draft.bundle.dataset;
    let mut all = vec![
        format!(
            "{} · {}",
            words::scheme_name(visit, &one.scheme),
            words::tier_name(visit, one.tier)
        ),
        visit.say("reporting-build-from-day", &[("day", one.from.short())]),
    ];
    if one.until < kernel::clock::Day::FOREVER {
        all.push(
            visit.say("reporting-build-until-day", &[("day", one.until.plus_days(-1).short())]),
        );
    }
    all.push(match one.areas.len() {
        0 => visit.say("reporting-build-country", &[]),
        count => visit.say("reporting-build-area-count", &[("count", count.to_string())]),
    });
    all.extend(one.deadlines.iter().map(|due| words::deadline(visit, due)));
    all
}

fn sections(visit: &Visit, head: &Head, draft: &Draft) -> Vec<SectionLine> {
    let line = |(index, section): (usize, &Section)| SectionLine {
        index,
        href: format!("{}/muc/{}", head.base, section.code),
        title: section.title.clone(),
        kind: section_kind(visit, &section.body),
    };
    draft.bundle.form.sections.iter().enumerate().map(line).collect()
}

/// What kind of section it is, and how large.
pub(crate) fn section_kind(visit: &Visit, body: &SectionBody) -> String {
    let count = |name, count: usize| (name, count.to_string());
    let (key, args) = match body {
        SectionBody::Table(FixedTable { rows, columns, .. }) => {
            let is_empty = rows.is_empty() && columns.is_empty();
            let key = if is_empty { "table-empty" } else { "table" };
            (key, vec![count("rows", rows.len()), count("columns", columns.len())])
        }
        SectionBody::Rows(RowTable { columns, .. }) => {
            let key = if columns.is_empty() { "rows-empty" } else { "rows" };
            (key, vec![count("columns", columns.len())])
        }
        SectionBody::Narrative { .. } => ("narrative", Vec::new()),
        SectionBody::Attachments { .. } => ("attachments", Vec::new()),
    };
    visit.say(&format!("reporting-build-kind-{key}"), &args)
}

/// What the buttons of the page do: move a section, take one out, add one, throw the draft away.
pub(crate) async fn act(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let fields = &posted.fields;
    let act = fields.line("do");
    let (verb, index) = act.split_once('.').unwrap_or((&act, ""));
    let index: usize = index.parse().unwrap_or(usize::MAX);
    match verb {
        "discard" => {
            let id = at.id()?;
            builder::discard(&visit.app, &visit.caller, (&id, seen(fields))).await?;
            visit.done("/bao-cao/bieu", "reporting-build-discarded")
        }
        "add" => {
            let title = short(&fields.line("title"), 500);
            let title = if title.is_empty() {
                visit.say("reporting-build-section-new", &[])
            } else {
                title
            };
            let kind = fields.line("kind");
            let edit = move |bundle: &mut Bundle| {
                let code = free_code(bundle, &title);
                bundle.form.sections.push(Section {
                    code,
                    title,
                    hint: String::new(),
                    body: blank(&kind),
                });
                Ok(())
            };
            keep(&visit, &at, fields, "", edit).await
        }
        "up" | "down" | "remove" => {
            let verb = verb.to_owned();
            let edit = move |bundle: &mut Bundle| {
                moved(&mut bundle.form.sections, &verb, index);
                Ok(())
            };
            keep(&visit, &at, fields, "", edit).await
        }
        _ => Err((&BAD_REQUEST).into()),
    }
}

/// Moves a part of a list, or takes it out; what is not there stays away.
pub(super) fn moved<T>(all: &mut Vec<T>, verb: &str, index: usize) {
    match verb {
        "up" if index > 0 && index < all.len() => all.swap(index - 1, index),
        "down" if index + 1 < all.len() => all.swap(index, index + 1),
        "remove" if index < all.len() => {
            all.remove(index);
        }
        _ => {}
    }
}

/// A section's code from its title: letters and digits, once in the form.
fn free_code(bundle: &Bundle, title: &str) -> String {
    let stem: String = slug(title, 18).chars().filter(|c| *c != '-').take(18).collect();
    let taken = |code: &str| bundle.form.sections.iter().any(|section| section.code == code);
    if !taken(&stem) {
        return stem;
    }
    (2..10_000)
        .map(|number: u32| format!("{stem}{number}"))
        .find(|code| !taken(code))
        .unwrap_or(stem)
}

fn blank(kind: &str) -> SectionBody {
    match kind {
        "rows" => SectionBody::Rows(RowTable { columns: Vec::new(), max_rows: 200 }),
        "narrative" => SectionBody::Narrative { max_chars: 4_000, required: false },
        "attachments" => SectionBody::Attachments { max_files: 10 },
        _ => SectionBody::Table(FixedTable::default()),
    }
}

/// Publishes what was looked at.
pub(crate) async fn publish(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let id = at.id()?;
    let (_, draft) = open(&visit, &at).await?;
    let done =
        builder::publish_seen(&visit.app, &visit.caller, &id, Some(seen(&posted.fields))).await;
    match done {
        Ok(_) => {
            let to = format!("/bao-cao/bieu/{}", draft.bundle.dataset.code);
            visit.done(&to, "reporting-build-published")
        }
        // The page itself tells every flaw where it is.
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let page = page(&visit, &at, "").await?;
            visit.form_again(failure, &DRAFT, |_| page)
        }
        Err(failure) => Err(failure),
    }
}
