//! Pages about the road: the hub's points and codes, and what is waiting at a point, since when, why.

mod samples;

use areas::place_field::{self, Choice, Place, Wanted};
use kernel::{
    app::AppRef,
    app::NodeRole,
    axum::{
        Router,
        extract::Path,
        routing::{get, post},
    },
    clock::Timestamp,
    problem::{Failure, NOT_FOUND, OrMissing, Outcome},
    records::NodeId,
    scope::ScopePath,
    serde::Serialize,
    web::{Answer, Fields, Posted, Template, Visit},
};

use crate::{
    NO_POINT, SEE_POINTS, SEE_ROAD,
    actions::{self, Living},
    model::{NodeState, RoadStatus},
    store::{self, nodes::NodeRow},
};

const POINTS: Template<PointsContext> = Template::new("delivery/points.html");
const POINT: Template<PointContext> = Template::new("delivery/point.html");
const CODE: Template<CodeContext> = Template::new("delivery/code.html");
const OCCUPIED: Template<OccupiedContext> = Template::new("delivery/occupied.html");
const ROAD: Template<RoadContext> = Template::new("delivery/road.html");

pub use samples::samples;

pub fn routes() -> Router<AppRef> {
    Router::new()
        .route("/diem", get(list))
        .route("/diem/ma", post(make_code))
        .route("/diem/{id}", get(show))
        .route("/diem/{id}/thu-hoi", post(revoke))
        .route("/diem/{id}/ban-giao", post(hand_over))
        .route("/dong-bo", get(road))
        .route("/dong-bo/thu-lai", post(try_now))
}

#[derive(Serialize)]
#[serde(crate = "kernel::serde")]
struct PointsContext {
    points: Vec<PointView>,
    codes: Vec<CodeView>,
    may_manage: bool,
    commune: String,
    choices: Vec<Choice>,
    errors: Vec<kernel::web::FieldError>,
}

#[derive(Clone, Serialize)]
#[serde(crate = "kernel::serde")]
struct PointView {
    id: String,
    commune: String,
    state: NodeState,
    status: &'static str,
    last_seen_at: Option<Timestamp>,
    enrolled_at: Timestamp,
    clock_wrong: bool,
    clock_ahead_days: i64,
    trouble: Option<String>,
    /// How many living points its place has, with this one; 0 when it is the only one.
    crowd: usize,
    /// Its log goes to another point before it is revoked.
    owes_log: bool,
}

#[derive(Serialize)]
#[serde(crate = "kernel::serde")]
struct CodeView {
    commune: String,
    expires_at: Timestamp,
}

#[derive(Serialize)]
#[serde(crate = "kernel::serde")]
struct PointContext {
    point: PointView,
    held: i64,
    may_manage: bool,
    /// The points that may take its log over; empty where there is nothing to hand over.
    successors: Vec<Successor>,
    /// The point that takes it over; empty when none was named.
    successor: String,
    /// The points in other heirs, to which those pass who live there.
    takers: Vec<Successor>,
    /// The communes of those to which a part was passed already.
    passed: Vec<String>,
    errors: Vec<kernel::web::FieldError>,
}

/// A point that may take a log over.
#[derive(Clone, Serialize)]
#[serde(crate = "kernel::serde")]
struct Successor {
    value: String,
    label: String,
}

#[derive(Serialize)]
#[serde(crate = "kernel::serde")]
struct CodeContext {
    commune: String,
    code: String,
    expires_at: Timestamp,
    url: String,
    /// Other points of the place go on writing.
    beside: bool,
}

/// Before a code is made for a place that has a point.
#[derive(Serialize)]
#[serde(crate = "kernel::serde")]
struct OccupiedContext {
    commune: String,
    /// The path of the place, for the form that comes next.
    place: String,
    points: Vec<PointView>,
}

#[derive(Serialize)]
#[serde(crate = "kernel::serde")]
struct RoadContext {
    joined: bool,
    status: Option<RoadStatus>,
    trouble_words: Option<String>,
    trouble_advice: Option<String>,
    files_waiting: usize,
    files_bytes: u64,
    room_used: u64,
    room: u64,
}

/// A point that was not heard from for so long is shown as silent.
const SILENT_AFTER_MS: i64 = 15 * 60 * 1000;

fn view(row: &NodeRow, now: Timestamp) -> PointView {
    let state = row.state();
    let heard = row.last_seen_at.is_some_and(|seen| now.since(seen) < SILENT_AFTER_MS);
    let status = match (state, heard, row.last_seen_at) {
        (NodeState::Active, true, _) => "online",
        (NodeState::Active, false, Some(_)) => "offline",
        (NodeState::Active, false, None) => "waiting",
        _ => "failed",
    };
    let ahead = row.clock_ahead_ms.unwrap_or(0);
    PointView {
        id: row.id.clone(),
        commune: row.commune.clone(),
        state,
        status,
        last_seen_at: row.last_seen_at,
        enrolled_at: row.enrolled_at,
        clock_wrong: ahead.abs() > 3_600_000,
        clock_ahead_days: ahead / 86_400_000,
        trouble: row.trouble.clone(),
        crowd: 0,
        owes_log: false,
    }
}

fn view_living(one: &Living, now: Timestamp) -> PointView {
    PointView { owes_log: one.owes_log, ..view(&one.row, now) }
}

/// Marks every living point that shares its place with another. `living` are the points of that place.
fn mark(points: &mut [PointView], living: &[Living]) {
    if living.len() < 2 {
        return;
    }
    for point in points {
        if let Some(one) = living.iter().find(|one| one.row.id == point.id) {
            (point.crowd, point.owes_log) = (living.len(), one.owes_log);
        }
    }
}

fn only_at(visit: &Visit, role: NodeRole) -> Result<(), Failure> {
    if visit.app.role == role { Ok(()) } else { Err((&NOT_FOUND).into()) }
}

async fn list(visit: Visit) -> Answer {
    let context = points_context(&visit, String::new(), Vec::new(), Vec::new()).await?;
    visit.page(&POINTS, &context)
}

async fn points_context(
    visit: &Visit,
    commune: String,
    choices: Vec<Choice>,
    errors: Vec<kernel::web::FieldError>,
) -> Result<PointsContext, Failure> {
    only_at(visit, NodeRole::Hub)?;
    visit.caller.must_somewhere(&SEE_POINTS)?;
    let scopes: Vec<ScopePath> = if visit.caller.is_system() {
        vec![ScopePath::root()]
    } else {
        visit.caller.scopes_for(&SEE_POINTS).cloned().collect()
    };
    let (rows, crowds, codes) = visit
        .app
        .db
        .view(async |tx| {
            let mut rows = Vec::new();
            for scope in &scopes {
                rows.extend(store::nodes::within(tx, scope).await?);
            }
            // Points of one place stand together, whoever joined first before the others.
            rows.sort_by(|a, b| {
                (&a.path, a.enrolled_at, &a.id).cmp(&(&b.path, b.enrolled_at, &b.id))
            });
            rows.dedup_by(|a, b| a.id == b.id);
            let mut crowds = Vec::new();
            for of_a_place in rows.chunk_by(|a, b| a.path == b.path).filter(|of| of.len() > 1) {
                crowds.push(actions::living(tx, &of_a_place[0].path).await?);
            }
            let mut codes = Vec::new();
            for code in store::codes::waiting(tx).await? {
                if let Some(area) = areas::find(tx, &code.area).await?
                    && scopes.iter().any(|scope| scope.contains(&area.path))
                {
                    codes.push(CodeView { commune: area.full_name, expires_at: code.expires_at });
                }
            }
            Ok((rows, crowds, codes))
        })
        .await?;
    let now = visit.app.now();
    let mut points: Vec<PointView> = rows.iter().map(|row| view(row, now)).collect();
    for living in &crowds {
        mark(&mut points, living);
    }
    Ok(PointsContext {
        points,
        codes,
        may_manage: visit.caller.may_somewhere(&crate::MANAGE_POINTS),
        commune,
        choices,
        errors,
    })
}

/// Makes a code for the commune whose code, name or old address was typed. Where a point is already, the page says
/// so first; `then` is what the person has decided.
async fn make_code(visit: Visit, Posted { fields }: Posted) -> Answer {
    only_at(&visit, NodeRole::Hub)?;
    let typed = fields.line("commune");
    let mut choices = Vec::new();
    let made = async {
        visit.caller.must_somewhere(&crate::MANAGE_POINTS)?;
        let area = match find_commune(&visit, &fields).await? {
            Place::One(area) => area,
            Place::Several(found) => {
                choices = found;
                return Err(place_field::undecided("commune"));
            }
        };
        let (app, caller) = (&visit.app, &visit.caller);
        let living = actions::before_a_code(app, caller, &area.id).await?;
        let code = match fields.line("then").as_str() {
            "replace" => {
                let old: NodeId = fields.line("old").parse().ok().or_missing(&NO_POINT)?;
                Some(actions::replace_point(app, caller, &area.id, old).await?)
            }
            "" if !living.is_empty() => None,
            _ => Some(actions::make_enrolment_code(app, caller, &area.id).await?),
        };
        Ok::<_, Failure>((area, living, code))
    };
    match made.await {
        Ok((area, living, None)) => {
            let now = visit.app.now();
            let context = OccupiedContext {
                commune: area.full_name,
                place: area.path.to_string(),
                points: living.iter().map(|one| view_living(one, now)).collect(),
            };
            visit.page(&OCCUPIED, &context)
        }
        Ok((area, living, Some(code))) => {
            let old = fields.line("old");
            let host = visit.header("host").unwrap_or_default();
            let scheme = if visit.app.https { "https" } else { "http" };
            let context = CodeContext {
                commune: area.full_name,
                code,
                expires_at: visit.app.now().plus_seconds(3 * 24 * 3600),
                url: format!("{scheme}://{host}"),
                beside: living.iter().any(|one| one.row.id != old),
            };
            visit.page(&CODE, &context)
        }
        Err(failure) => {
            let context = points_context(&visit, typed, choices, Vec::new()).await?;
            visit.form_again(failure, &POINTS, |errors| PointsContext { errors, ..context })
        }
    }
}

async fn find_commune(visit: &Visit, fields: &Fields) -> Outcome<Place> {
    let wanted = Wanted { level: Some(areas::AreaLevel::Commune), fits: &|_| true };
    visit
        .app
        .db
        .view(async |tx| place_field::find(tx, visit, fields, "commune", &wanted).await)
        .await
}

async fn find_node(visit: &Visit, id: &str) -> Result<(NodeId, NodeRow), Failure> {
    only_at(visit, NodeRole::Hub)?;
    let node: NodeId = id.parse().ok().or_missing(&NO_POINT)?;
    let row = visit.app.db.view(async |tx| Ok(store::nodes::find(tx, node).await?)).await?;
    Ok((node, row.or_missing(&NO_POINT)?))
}

async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.caller.must_somewhere(&SEE_POINTS)?;
    let context = point_context(&visit, &id).await?;
    visit.page(&POINT, &context)
}

async fn point_context(visit: &Visit, id: &str) -> Result<PointContext, Failure> {
    let (node, row) = find_node(visit, id).await?;
    visit.caller.must(&SEE_POINTS, &row.path)?;
    let may_give = visit.caller.may(&crate::HAND_OVER, &row.path);
    let may_hand = !row.former.is_empty() && may_give;
    let (held, order, fits, takers, passed, living) = visit
        .app
        .db
        .view(async |tx| {
            let held = store::inbox::count(tx, &row.id).await?;
            let order = store::handover::find_order(tx, node).await?;
            let fits = actions::handover::candidates(tx, &row).await?;
            let takers = actions::passings::takers(tx, &row).await?;
            let passed = store::passings::from(tx, &row.id).await?;
            let living = actions::living(tx, &row.path).await?;
            Ok((held, order, fits, takers, passed, living))
        })
        .await?;
    let mut point = view(&row, visit.app.now());
    mark(std::slice::from_mut(&mut point), &living);
    let successor = |row: &NodeRow| Successor {
        value: row.id.clone(),
        label: format!("{} · {}", row.commune, &row.id[..8.min(row.id.len())]),
    };
    Ok(PointContext {
        point,
        held,
        may_manage: visit.caller.may(&crate::MANAGE_POINTS, &row.path),
        successors: if may_hand { fits.iter().map(successor).collect() } else { Vec::new() },
        successor: order.map_or_else(String::new, |order| order.successor),
        takers: takers
            .iter()
            .filter(|(other, _)| may_give && visit.caller.may(&crate::HAND_OVER, &other.path))
            .map(|(other, _)| successor(other))
            .collect(),
        passed: passed.into_iter().map(|row| row.taker_commune).collect(),
        errors: Vec::new(),
    })
}

/// Names the point that takes over the log of this one, or one to which a part of its people passes.
async fn hand_over(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    visit.caller.must_somewhere(&crate::HAND_OVER)?;
    let (node, _) = find_node(&visit, &id).await?;
    let done = if fields.line("then") == "part" {
        let taker = fields.line("taker");
        actions::passings::pass_part(&visit.app, &visit.caller, node, &taker)
            .await
            .map(|()| "delivery-part-passed")
    } else {
        let successor = fields.line("successor");
        actions::handover::hand_over(&visit.app, &visit.caller, node, &successor)
            .await
            .map(|()| "delivery-handed-over")
    };
    match done {
        Ok(word) => visit.done(&format!("/diem/{id}"), word),
        Err(failure) if failure.is(&kernel::problem::INVALID_FORM) => {
            let context = point_context(&visit, &id).await?;
            visit.form_again(failure, &POINT, |errors| PointContext { errors, ..context })
        }
        Err(failure) => Err(failure),
    }
}

async fn revoke(visit: Visit, Path(id): Path<String>, Posted { .. }: Posted) -> Answer {
    visit.caller.must_somewhere(&crate::MANAGE_POINTS)?;
    let (node, _) = find_node(&visit, &id).await?;
    actions::revoke(&visit.app, &visit.caller, node).await?;
    visit.done("/diem", "delivery-revoked")
}

async fn road(visit: Visit) -> Answer {
    only_at(&visit, NodeRole::Point)?;
    visit.caller.must_somewhere(&SEE_ROAD)?;
    let status = crate::road_status(&visit.app).await?;
    let wanted = visit.app.db.view(async |tx| publishing::wanted_files(tx).await).await?;
    let (room_used, room) = visit.app.files.usage();
    let words = |end: &str| {
        let trouble = status.as_ref()?.trouble?;
        Some(visit.say(&format!("delivery-trouble-{}{end}", trouble.code()), &[]))
    };
    let context = RoadContext {
        joined: status.is_some(),
        trouble_words: words(""),
        trouble_advice: words(".next"),
        status: status.clone(),
        files_waiting: wanted.len(),
        files_bytes: wanted.iter().map(|file| file.bytes).sum(),
        room_used,
        room,
    };
    visit.page(&ROAD, &context)
}

/// Tries the road now instead of waiting.
async fn try_now(visit: Visit, Posted { .. }: Posted) -> Answer {
    only_at(&visit, NodeRole::Point)?;
    visit.caller.must_somewhere(&SEE_ROAD)?;
    visit.app.db.wake().records();
    visit.done("/dong-bo", "delivery-trying")
}
