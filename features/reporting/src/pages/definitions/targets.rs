//! Deciding about a target, and targets for many areas out of a table.

use kernel::{
    axum::extract::Path,
    problem::{NOT_FOUND, OrMissing, Outcome},
    web::{Answer, Multipart, Posted, Visit},
};

use super::{
    Fact, IMPORT, ImportView, Kind, Line, crumbs, edit::foot_again, period_name, target_table,
};
use crate::{
    actions::{
        DEFINE,
        define::{
            Said, must_be_hub,
            target::{self, Verdict},
            target_sheet::{self, Brought, Look},
        },
    },
    model::TargetId,
    pages::{analysis::targets::goal, review::as_values},
};

/// Lines of each kind that are shown; more are only counted.
const SHOWN_MOST: usize = 200;

/// `POST /so-lieu/danh-muc/muc-tieu/{code}/quyet`: `buoc` is `duyet`, `tu-choi` or `rut`.
pub(super) async fn decide(
    visit: Visit,
    Path((slug, code)): Path<(String, String)>,
    Posted { fields }: Posted,
) -> Answer {
    let kind = Kind::read(&slug)?;
    let id = TargetId::parse(&code).filter(|_| kind == Kind::Target).or_missing(&NOT_FOUND)?;
    let (verdict, told) = match fields.raw("buoc") {
        "duyet" => (Verdict::Approve, "reporting-target-done-duyet"),
        "tu-choi" => (Verdict::Refuse, "reporting-target-done-tu-choi"),
        _ => (Verdict::TakeBack, "reporting-target-done-rut"),
    };
    let seen = fields.number("phien-ban").and_then(|it| u32::try_from(it).ok()).unwrap_or(0);
    let said = Said { seen, reason: fields.lines("ly-do") };
    match target::decide(&visit.app, &visit.caller, &id, verdict, &said).await {
        Ok(()) => visit.done(&kind.href(&code), told),
        Err(failure) => foot_again(&visit, kind, &code, failure, "", &said.reason).await,
    }
}

async fn empty(visit: &Visit) -> Outcome<ImportView> {
    let template = target_table::form(visit).await?;
    Ok(ImportView { crumbs: crumbs(visit, Some(Kind::Target)), template, ..ImportView::default() })
}

/// `GET /so-lieu/danh-muc/nhap-muc-tieu`
pub(super) async fn bring(visit: Visit) -> Answer {
    visit.caller.must_somewhere(&DEFINE)?;
    must_be_hub(&visit.app)?;
    visit.page(&IMPORT, &empty(&visit).await?)
}

/// `POST /so-lieu/danh-muc/nhap-muc-tieu`: a look; nothing is written.
pub(super) async fn look(visit: Visit, posted: Multipart) -> Answer {
    visit.caller.must_somewhere(&DEFINE)?;
    let Multipart { fields, uploads } = posted;
    let reason = fields.lines("ly-do");
    let upload = uploads.into_iter().find(|upload| upload.field == "tep");
    let brought = upload.map(|upload| Brought::file(upload.bytes.to_vec())).unwrap_or_default();
    match target_sheet::look(&visit.app, &visit.caller, &brought).await {
        Ok(look) => {
            let view = looked(&visit, look, reason).await?;
            visit.page(&IMPORT, &view)
        }
        Err(failure) => {
            let view = empty(&visit).await?;
            visit.form_again(failure, &IMPORT, |errors| ImportView {
                errors: as_values(&errors),
                reason,
                ..view
            })
        }
    }
}

async fn looked(visit: &Visit, look: Look, reason: String) -> Outcome<ImportView> {
    let trouble = |one: &target_sheet::Trouble| Fact {
        key: one.at.clone(),
        value: visit.say(one.key, &one.args),
    };
    let line = |(row, area, target): &(u32, String, crate::model::target::Target)| Line {
        href: Kind::Indicator.href(target.indicator.as_str()),
        code: row.to_string(),
        name: target.indicator.to_string(),
        note: format!(
            "{} · {} · {}",
            if area.is_empty() { visit.say("reporting-country", &[]) } else { area.clone() },
            target
                .period
                .as_deref()
                .map_or_else(|| target.year.to_string(), |id| period_name(visit, id)),
            goal(visit, &target.goal)
        ),
        ..Line::default()
    };
    Ok(ImportView {
        looked: true,
        more_troubles: look.troubles.len().saturating_sub(SHOWN_MOST),
        troubles: look.troubles.iter().take(SHOWN_MOST).map(trouble).collect(),
        fresh_count: look.fresh.len(),
        more_fresh: look.fresh.len().saturating_sub(SHOWN_MOST),
        fresh: look.fresh.iter().take(SHOWN_MOST).map(line).collect(),
        same: look.same,
        empty: look.empty,
        text: look.text,
        reason,
        ..empty(visit).await?
    })
}

/// `POST /so-lieu/danh-muc/nhap-muc-tieu/ghi`: the word to propose what the look found.
pub(super) async fn propose_all(visit: Visit, Posted { fields }: Posted) -> Answer {
    let brought = Brought { bytes: fields.raw("bang").as_bytes().to_vec() };
    let reason = fields.lines("ly-do");
    match target_sheet::propose_all(&visit.app, &visit.caller, &brought, &reason).await {
        Ok(Ok(_)) => visit.done("/so-lieu/danh-muc?loai=muc-tieu", "reporting-target-sheet-done"),
        Ok(Err(look)) => {
            let view = looked(&visit, look, reason).await?;
            visit.page(&IMPORT, &view)
        }
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let found = target_sheet::look(&visit.app, &visit.caller, &brought).await;
            let view = match found {
                Ok(look) => looked(&visit, look, reason).await?,
                Err(_) => empty(&visit).await?,
            };
            visit.form_again(failure, &IMPORT, |errors| ImportView {
                errors: as_values(&errors),
                ..view
            })
        }
        Err(failure) => Err(failure),
    }
}
