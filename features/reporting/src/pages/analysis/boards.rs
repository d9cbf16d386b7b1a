//! Saved dashboards: the list, one with all its parts, and the two forms that change them.

use kernel::{
    axum::extract::Path,
    problem::{Failure, OrMissing, Outcome},
    scope::ScopePath,
    web::{Answer, Fields, Posted, Visit},
};

use super::{
    PAGES, address, part,
    view::{Block, Keeping, Link, Part, RowView, TableView, VIEW, View, words},
    wanted::Setting,
};
use crate::{
    actions::analysis::dashboards::{self, DASHBOARD_NOT_FOUND, Draft, Part as Kept},
    model::DashboardId,
};

const HERE: &str = "/so-lieu/bang-theo-doi";

/// `GET /so-lieu/bang-theo-doi`
pub async fn list(visit: Visit) -> Answer {
    let all = dashboards::list(&visit.app, &visit.caller).await?;
    let rows = all.iter().map(|one| {
        let shared =
            if one.row.path.is_empty() { "reporting-board-own" } else { "reporting-board-shared" };
        RowView {
            title: one.row.title.clone(),
            href: format!("{HERE}/{}", one.row.id),
            cells: vec![
                words(one.row.owner_name.clone()),
                words(visit.say(shared, &[])),
                words(one.parts.len().to_string()),
                words(one.row.changed_at.short()),
            ],
        }
    });
    let head =
        ["reporting-author", "reporting-board-who", "reporting-board-parts", "reporting-when"];
    let text =
        if all.is_empty() { vec![visit.say("reporting-boards-none", &[])] } else { Vec::new() };
    let table = TableView {
        caption: visit.say("reporting-boards", &[]),
        corner: visit.say("reporting-board-name", &[]),
        head: head.map(|key| visit.say(key, &[])).to_vec(),
        rows: rows.collect(),
    };
    let view = View {
        slug: "bang-theo-doi",
        title: visit.say("reporting-boards", &[]),
        lede: visit.say("reporting-boards-lede", &[]),
        blocks: vec![Block {
            text,
            tables: if all.is_empty() { Vec::new() } else { vec![table] },
            links: vec![Link {
                href: "/so-lieu".to_owned(),
                label: visit.say("reporting-analysis-tong-quan", &[]),
                current: false,
            }],
            ..Block::default()
        }],
        ..View::default()
    };
    visit.page(&VIEW, &view)
}

/// `POST /so-lieu/bang-theo-doi`: `trang`, `truy-van`, `bang` (an own one) or `ten` with `chung` (an area).
pub async fn keep(visit: Visit, Posted { fields }: Posted) -> Answer {
    let id = match fields.raw("bang") {
        "" => None,
        text => Some(DashboardId::parse(text).or_missing(&DASHBOARD_NOT_FOUND)?),
    };
    let page = PAGES.iter().find(|page| **page == fields.raw("trang"));
    let kept = page.map(|page| Kept {
        page: (*page).to_owned(),
        title: fields.line("tieu-de"),
        query: fields.line("truy-van"),
    });
    let shared = shared(&visit, fields.raw("chung")).await?;
    let title = title(&visit, &fields, kept.as_ref());
    let draft = Draft { id, title, shared, part: kept.clone() };
    match (dashboards::keep(&visit.app, &visit.caller, draft).await, kept) {
        (Ok(id), _) => visit.done(&format!("{HERE}/{id}"), "reporting-board-kept"),
        (Err(failure), Some(kept)) => again(&visit, failure, &kept, &fields).await,
        (Err(failure), None) => Err(failure),
    }
}

/// The page that was to be kept, with what was typed and what is wrong with it.
async fn again(visit: &Visit, failure: Failure, kept: &Kept, fields: &Fields) -> Answer {
    let page = PAGES.iter().find(|page| **page == kept.page);
    let is_wrong = failure.problem().is_some_and(|problem| !problem.fields.is_empty());
    let (Some(page), true) = (page, is_wrong) else { return Err(failure) };
    let Ok(setting) = asked(visit, &kept.query).await else { return Err(failure) };
    let mut view = super::view_of(visit, page, &setting).await?;
    for board in &mut view.boards {
        board.selected = board.value == fields.raw("bang");
    }
    let keeping = Keeping {
        part: kept.title.clone(),
        name: fields.line("ten"),
        is_shared: fields.has("chung"),
        errors: Vec::new(),
    };
    visit.form_again(failure, &VIEW, |errors| View {
        keeping: Keeping { errors, ..keeping },
        ..view
    })
}

/// The name of a new dashboard: as typed, else that of its first part, else that of the page.
fn title(visit: &Visit, fields: &Fields, part: Option<&Kept>) -> String {
    let typed = fields.line("ten");
    match part {
        Some(part) if typed.is_empty() && part.title.is_empty() => {
            visit.say(&format!("reporting-analysis-{}", part.page), &[])
        }
        Some(part) if typed.is_empty() => part.title.chars().take(dashboards::TITLE_MOST).collect(),
        _ => typed,
    }
}

/// The path of the area that a new dashboard is shared in.
async fn shared(visit: &Visit, area: &str) -> Outcome<Option<ScopePath>> {
    if area.is_empty() {
        return Ok(None);
    }
    let id = areas::AreaId::parse(area).or_missing(&areas::NOT_FOUND)?;
    let found = visit.app.db.view(async |tx| Ok(areas::find(tx, &id).await?)).await?;
    Ok(Some(found.or_missing(&areas::NOT_FOUND)?.path))
}

/// `GET /so-lieu/bang-theo-doi/{id}`
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let id = DashboardId::parse(&id).or_missing(&DASHBOARD_NOT_FOUND)?;
    let saved = dashboards::open(&visit.app, &visit.caller, &id).await?;
    let mut blocks = Vec::new();
    for (at, kept) in saved.parts.iter().enumerate() {
        let mut all = shown(&visit, kept).await;
        if let Some(first) = all.first_mut() {
            first.part = Some(at);
        }
        blocks.extend(all);
    }
    let view = View {
        slug: "bang-theo-doi",
        title: saved.row.title.clone(),
        lede: visit.say("reporting-board-live", &[]),
        crumbs: vec![Link {
            href: HERE.to_owned(),
            label: visit.say("reporting-boards", &[]),
            current: false,
        }],
        blocks,
        send: format!("{HERE}/{id}/gui"),
        remove: if saved.is_own(&visit.caller) { format!("{HERE}/{id}/bo") } else { String::new() },
        ..View::default()
    };
    visit.page(&VIEW, &view)
}

/// A question as it was kept.
async fn asked(visit: &Visit, query: &str) -> Outcome<Setting> {
    let bad = || Failure::from(&kernel::problem::BAD_REQUEST);
    let asked = format!("/?{query}").parse().map_err(|_| bad())?;
    let pairs = kernel::axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&asked)
        .map_err(|_| bad())?
        .0;
    Setting::read(visit, &pairs).await
}

/// One part as this reader may see it.
pub(crate) async fn told(visit: &Visit, kept: &Kept) -> Outcome<Part> {
    let setting = asked(visit, &kept.query).await?;
    let mut part = part(visit, &kept.page, &setting).await?;
    if let Some(first) = part.blocks.first_mut() {
        let own = kept.title.clone();
        first.title = if own.is_empty() { part.title.clone() } else { own };
        first.links.push(Link {
            href: address(&kept.page, &kept.query),
            label: visit.say("reporting-board-open", &[]),
            current: false,
        });
    }
    Ok(part)
}

/// One part on the page. What this reader may not see, or what no longer exists, is said instead of shown.
async fn shown(visit: &Visit, kept: &Kept) -> Vec<Block> {
    match told(visit, kept).await {
        Ok(part) => part.blocks,
        Err(_) => vec![Block {
            title: kept.title.clone(),
            text: vec![visit.say("reporting-board-unseen", &[])],
            ..Block::default()
        }],
    }
}

/// `POST /so-lieu/bang-theo-doi/{id}/bo`: a part by `phan`, or the whole dashboard.
pub async fn remove(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let id = DashboardId::parse(&id).or_missing(&DASHBOARD_NOT_FOUND)?;
    let part = fields.number("phan").and_then(|at| usize::try_from(at).ok());
    dashboards::remove(&visit.app, &visit.caller, &id, part).await?;
    let to = if part.is_some() { format!("{HERE}/{id}") } else { HERE.to_owned() };
    visit.done(&to, "reporting-board-changed")
}
