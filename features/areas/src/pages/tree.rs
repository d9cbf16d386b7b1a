//! The whole country of any day as a tree to walk through: one branch open at a time, by ordinary links;
//! with script, by keyboard.

use kernel::{
    axum::extract::Query as Params,
    clock::Day,
    db::Tx,
    problem::{FormProblems, OrMissing, Outcome},
    web::{Answer, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{Errors, href, told};
use crate::{
    NOT_FOUND,
    model::{Area, AreaId, AreaLevel, frame::KnownFrame},
    store,
};

/// The tree's page.
pub const TREE: Template<Tree> = Template::new("areas/tree.html");

/// What the tree shows.
#[derive(Debug, Default, Serialize)]
pub struct Tree {
    /// The day, as it was asked for.
    pub day: String,
    /// Frames to jump to.
    pub frames: Vec<Jump>,
    /// The top of the tree.
    pub nodes: Vec<Node>,
    /// What is wrong with the question.
    pub errors: Errors,
}

/// A day to jump to.
#[derive(Debug, Serialize)]
pub struct Jump {
    /// Where it leads.
    pub href: String,
    /// What people call it.
    pub label: String,
    /// True for the day that is shown.
    pub current: bool,
}

/// One unit in the tree.
#[derive(Debug, Serialize)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its own page, on the tree's day.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Its code.
    pub code: Option<String>,
    /// How many units lie directly below it.
    pub below: i64,
    /// Opens or closes it; none when nothing lies below.
    pub turn_href: Option<String>,
    /// What lies below, when it is open.
    pub children: Option<Vec<Node>>,
}

/// Parameters as they came.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Wanted {
    ngay: Option<String>,
    mo: Option<String>,
}

/// The days of the frames, and today, as links.
pub(super) fn jumps(
    visit: &Visit,
    frames: &[KnownFrame],
    shown: Day,
    to: impl Fn(Day) -> String,
) -> Vec<Jump> {
    let today = visit.app.now().day();
    let known = frames.iter().map(|frame| (frame.label.clone(), frame.as_of));
    let days = known.chain([(visit.say("areas-frame-today", &[]), today)]);
    days.map(|(label, day)| Jump { href: to(day), label, current: day == shown }).collect()
}

/// `GET /dia-ban/cay?ngay=&mo=`
pub async fn show(visit: Visit, Params(wanted): Params<Wanted>) -> Answer {
    let today = visit.app.now().day();
    let typed = wanted.ngay.as_deref().map(str::trim).filter(|day| !day.is_empty());
    let day = typed.map_or(Some(today), Day::parse);
    let open = wanted.mo.as_deref().map(str::trim).filter(|open| !open.is_empty());
    let (frames, nodes) = visit
        .app
        .db
        .view(async |tx| {
            let frames = store::frames(tx).await?;
            let Some(day) = day else { return Ok((frames, Vec::new())) };
            let way = match open {
                Some(open) => way_to(tx, open, day).await?,
                None => Vec::new(),
            };
            Ok((frames, branch(tx, &AreaId::country(), day, &way).await?))
        })
        .await?;
    let shown = day.unwrap_or(today);
    let jumps = jumps(&visit, &frames, shown, |day| format!("/dia-ban/cay?ngay={day}"));
    let page = |errors| Tree {
        day: day.map_or_else(|| typed.unwrap_or_default().to_owned(), Day::short),
        frames: jumps,
        nodes,
        errors,
    };
    let mut wrong = FormProblems::new();
    let reached = frames.first().is_none_or(|first| shown >= first.as_of);
    wrong.require(day.is_some(), "ngay", "areas-query-at");
    wrong.require(day.is_none() || reached, "ngay", "areas-day-early");
    match wrong.check() {
        Ok(()) => visit.public_page(&TREE, &page(Errors::default())),
        Err(failure) => visit.form_again(failure, &TREE, |errors| page(told(errors))),
    }
}

/// The units from the top down to the one that is to be open.
async fn way_to(tx: &mut Tx, open: &str, day: Day) -> Outcome<Vec<AreaId>> {
    let id = AreaId::parse(open).or_missing(&NOT_FOUND)?;
    let area = store::find_at(tx, &id, day).await?.or_missing(&NOT_FOUND)?;
    Ok(area.path.as_str().trim_matches('/').split('/').skip(1).filter_map(AreaId::parse).collect())
}

async fn branch(tx: &mut Tx, above: &AreaId, day: Day, way: &[AreaId]) -> Outcome<Vec<Node>> {
    let areas = store::children(tx, above, day).await?;
    let counts = store::frames::counts_below(tx, above, day).await?;
    let mut nodes = Vec::with_capacity(areas.len());
    for area in areas {
        let below = counts.get(&area.id).copied().unwrap_or(0);
        let opened = way.first() == Some(&area.id) && below > 0;
        let children =
            if opened { Some(Box::pin(branch(tx, &area.id, day, &way[1..])).await?) } else { None };
        nodes.push(node(&area, day, below, children));
    }
    Ok(nodes)
}

fn node(area: &Area, day: Day, below: i64, children: Option<Vec<Node>>) -> Node {
    let id = area.id.as_str();
    // To close a branch is to open the one above it.
    let turn = match (&children, &area.parent) {
        (Some(_), Some(parent)) if area.level != AreaLevel::Province => {
            format!("&mo={parent}#{parent}")
        }
        (Some(_), _) => format!("#{id}"),
        (None, _) => format!("&mo={id}#{id}"),
    };
    Node {
        id: id.to_owned(),
        href: format!("{}?at={day}", href(area)),
        title: area.title(),
        code: area.code.clone(),
        below,
        turn_href: (below > 0).then(|| format!("/dia-ban/cay?ngay={day}{turn}")),
        children,
    }
}
