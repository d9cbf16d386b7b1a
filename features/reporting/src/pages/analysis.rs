//! The pages under `/so-lieu`: every one is a question asked by a plain form, answered with charts and with
//! the same figures as tables, in which each figure opens to its sources. What people without the right to
//! see unapproved figures get is `public`.

mod absent;
pub mod api;
pub(crate) mod boards;
mod cells;
mod completeness;
pub(crate) mod files;
mod lives;
mod map;
mod outliers;
mod overview;
mod pivot;
mod public;
mod ranking;
pub mod samples;
mod series;
mod source;
pub(crate) mod targets;
mod trend;
pub mod view;
mod wanted;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::Query as Params,
        routing::{get, post},
    },
    problem::{Failure, Outcome},
    web::{Answer, Visit, see_other},
};

use crate::actions::{SEE, analysis::dashboards};
use view::{Part, VIEW, View};
use wanted::Setting;

/// The pages that ask a question, in the order of the menu.
pub const PAGES: [&str; 10] = [
    "tong-quan",
    "bang",
    "dien-bien",
    "muc-tieu",
    "xep-hang",
    "ban-do",
    "day-du",
    "bat-thuong",
    "uoc-chinh-thuc",
    "chuoi",
];

/// Everything under `/so-lieu`, and the analytics for programs.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/so-lieu", get(overview_page))
        .route("/so-lieu/nguon", get(source::show))
        .route("/so-lieu/cong-khai", get(public::show))
        .route("/so-lieu/cong-khai.json", get(public::json))
        .route("/so-lieu/cong-khai.csv", get(public::csv))
        .route("/so-lieu/bang-theo-doi", get(boards::list).post(boards::keep))
        .route("/so-lieu/bang-theo-doi/{id}", get(boards::show))
        .route("/so-lieu/bang-theo-doi/{id}/bo", post(boards::remove))
        .route("/so-lieu/{page}", get(page))
        .route("/so-lieu/{page}/tai", get(files::sent))
        .route("/api/v1/reporting/analytics", get(api::show))
}

type Pairs = Params<Vec<(String, String)>>;

/// `GET /so-lieu`
async fn overview_page(visit: Visit, pairs: Pairs) -> Answer {
    show(visit, "tong-quan", pairs).await
}

/// `GET /so-lieu/{page}`
async fn page(
    visit: Visit,
    kernel::axum::extract::Path(page): kernel::axum::extract::Path<String>,
    pairs: Pairs,
) -> Answer {
    show(visit, known(&page)?, pairs).await
}

fn known(page: &str) -> Outcome<&'static str> {
    let known = PAGES.iter().find(|one| **one == page).copied();
    known.ok_or_else(|| Failure::from(&kernel::problem::NOT_FOUND))
}

async fn show(visit: Visit, page: &'static str, Params(pairs): Pairs) -> Answer {
    if !visit.caller.may_somewhere(&SEE) {
        return see_other_answer("/so-lieu/cong-khai");
    }
    let setting = Setting::read(&visit, &pairs).await?;
    let view = view_of(&visit, page, &setting).await?;
    visit.page(&VIEW, &view)
}

/// A page with the form by which it is kept in a dashboard.
async fn view_of(visit: &Visit, page: &'static str, setting: &Setting) -> Outcome<View> {
    let part = part(visit, page, setting).await?;
    let boards = dashboards::list(&visit.app, &visit.caller).await?;
    let own = boards.iter().filter(|one| one.is_own(&visit.caller)).map(|one| view::Choice {
        value: one.row.id.to_string(),
        label: one.row.title.clone(),
        selected: false,
    });
    let keeping = view::Keeping { part: part.title.clone(), ..view::Keeping::default() };
    Ok(View {
        slug: page,
        tabs: view::tabs(visit, page, setting),
        action: address(page, ""),
        save_query: setting.query(true),
        boards: own.collect(),
        keeping,
        area: setting.area.id.to_string(),
        files: files::links(visit, page, setting, &part),
        ..View::of(part)
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the answer of a page")]
fn see_other_answer(to: &str) -> Answer {
    Ok(see_other(to))
}

/// The address of a page with a question.
fn address(page: &str, query: &str) -> String {
    let path = if page == "tong-quan" { "/so-lieu".to_owned() } else { format!("/so-lieu/{page}") };
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// What a page shows; a dashboard shows several. Of an area that was not there on the day whose geography is wanted the
/// page says that, and what was.
async fn part(visit: &Visit, page: &str, setting: &Setting) -> Result<Part, Failure> {
    let mut part = figures(visit, page, setting).await?;
    let of_country = page == "ban-do";
    if !of_country && let Some(absent) = absent::block(visit, page, setting).await? {
        part.blocks = vec![absent];
        part.about.complete.clear();
    }
    if part.about.area.is_empty() {
        part.about.area = setting.area.title();
    }
    if part.about.periods.is_empty() {
        part.about.periods.push(setting.period.clone());
    }
    Ok(part)
}

async fn figures(visit: &Visit, page: &str, setting: &Setting) -> Result<Part, Failure> {
    match page {
        "bang" => pivot::part(visit, setting).await,
        "dien-bien" => trend::part(visit, setting).await,
        "muc-tieu" => targets::part(visit, setting).await,
        "xep-hang" => ranking::part(visit, setting).await,
        "ban-do" => map::part(visit, setting).await,
        "day-du" => completeness::part(visit, setting).await,
        "bat-thuong" => outliers::part(visit, setting).await,
        "uoc-chinh-thuc" => lives::part(visit, setting).await,
        "chuoi" => series::part(visit, setting).await,
        _ => overview::part(visit, setting).await,
    }
}
