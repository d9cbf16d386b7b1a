//! How things travel: points join their hub, publications come down and reports go up over a road
//! that is often broken, and both ends can say what is waiting, since when, and why.
//!
//! The protocol itself is the crate `sync`, which does no I/O; this feature is its driver over HTTP.
//! What a record means is decided by the feature that declared its kind.

mod api;
mod columns;
mod jobs;
mod model;
mod pages;
mod store;
mod transport;

pub mod actions;

use std::collections::HashSet;

use kernel::{
    app::AppRef,
    caller::Permission,
    events::Event,
    module::Module,
    problem::{Outcome, ProblemKind},
    records::RecordKind,
    scope::ScopePath,
    web::NavEntry,
};
use serde::{Deserialize, Serialize};

pub use actions::join;
pub use jobs::{Probe, run};
pub use model::{Joined, NodeState, RoadStatus, Trouble};
pub use store::{heirs::HeirRow, passings::PassingRow};
pub use transport::Authorities;

use identity::role::{ADMINISTRATOR, COMMUNE_OFFICER, KEEPER, PROVINCE_OFFICER};

/// Making codes for points, quarantining and revoking them.
pub static MANAGE_POINTS: Permission =
    Permission { code: "delivery.manage-points", roles: &[ADMINISTRATOR] };
/// Naming the point that takes over the log of one whose unit has ended.
pub static HAND_OVER: Permission =
    Permission { code: "delivery.hand-over", roles: &[ADMINISTRATOR, COMMUNE_OFFICER] };
/// Seeing the points and how they are.
pub static SEE_POINTS: Permission = Permission {
    code: "delivery.see-points",
    roles: &[ADMINISTRATOR, PROVINCE_OFFICER, COMMUNE_OFFICER],
};
/// Seeing, at a point, what is waiting and why.
pub static SEE_ROAD: Permission =
    Permission { code: "delivery.see-road", roles: &[ADMINISTRATOR, COMMUNE_OFFICER, KEEPER] };

/// The code is not one we made.
pub static WRONG_CODE: ProblemKind = ProblemKind { code: "delivery-wrong-code", status: 422 };
/// Another device has joined with it.
pub static USED_CODE: ProblemKind = ProblemKind { code: "delivery-used-code", status: 409 };
/// Its time is over.
pub static EXPIRED_CODE: ProblemKind = ProblemKind { code: "delivery-expired-code", status: 410 };
/// It was mistyped.
pub static MISTYPED_CODE: ProblemKind = ProblemKind { code: "delivery-mistyped-code", status: 422 };
/// The hub cannot be reached, or what answers is not a hub.
pub static NO_HUB: ProblemKind = ProblemKind { code: "delivery-no-hub", status: 502 };
/// Whoever answers has a certificate that nobody we trust vouches for.
pub static UNTRUSTED_HUB: ProblemKind = ProblemKind { code: "delivery-untrusted-hub", status: 502 };
/// This machine already belongs to a hub.
pub static ALREADY_JOINED: ProblemKind =
    ProblemKind { code: "delivery-already-joined", status: 409 };
/// The asking point belongs to another hub; told before its code is touched.
pub static OTHER_HUB: ProblemKind = ProblemKind { code: "delivery-other-hub", status: 421 };
/// There is no such point.
pub static NO_POINT: ProblemKind = ProblemKind { code: "delivery-no-point", status: 404 };

static PERMISSIONS: &[&Permission] = &[&MANAGE_POINTS, &HAND_OVER, &SEE_POINTS, &SEE_ROAD];

static PROBLEMS: &[&ProblemKind] = &[
    &WRONG_CODE,
    &USED_CODE,
    &EXPIRED_CODE,
    &MISTYPED_CODE,
    &NO_HUB,
    &UNTRUSTED_HUB,
    &ALREADY_JOINED,
    &OTHER_HUB,
    &NO_POINT,
];

static NAV: &[NavEntry] = &[
    NavEntry {
        href: "/diem",
        key: "delivery-nav-points",
        permission: Some(&SEE_POINTS),
        role: Some(kernel::app::NodeRole::Hub),
    },
    NavEntry {
        href: "/dong-bo",
        key: "delivery-nav-road",
        permission: Some(&SEE_ROAD),
        role: Some(kernel::app::NodeRole::Point),
    },
];

static RECORDS: &[RecordKind] = &[
    RecordKind {
        kind: actions::succession::PLACED_KIND,
        name: "nơi đặt điểm",
        apply: |tx, incoming| Box::pin(actions::succession::hear_placed(tx, incoming)),
        packing: None,
    },
    RecordKind {
        kind: actions::handover::STRETCH_KIND,
        name: "nhật ký bàn giao",
        apply: |tx, incoming| Box::pin(actions::handover::hear_piece(tx, incoming)),
        packing: None,
    },
    RecordKind {
        kind: actions::handover::HEAD_KIND,
        name: "xác nhận nhật ký bàn giao",
        apply: |tx, incoming| Box::pin(actions::handover::hear_piece(tx, incoming)),
        packing: None,
    },
    RecordKind {
        kind: actions::heirs::HEIR_KIND,
        name: "điểm nhận bàn giao",
        apply: |tx, incoming| Box::pin(actions::heirs::hear(tx, incoming)),
        packing: None,
    },
    RecordKind {
        kind: actions::passings::PASSING_KIND,
        name: "bàn giao một phần danh sách",
        apply: |tx, incoming| Box::pin(actions::passings::hear(tx, incoming)),
        packing: None,
    },
];

static JOBS: &[kernel::jobs::JobKind] =
    &[actions::handover::HAND_DOWN, actions::handover::TAKE_OVER];

/// The feature, for the server.
pub fn module() -> Module {
    Module {
        routes: pages::routes,
        wire: api::routes,
        migrations: kernel::migrations!("delivery": "0001_delivery.sql", "0002_succession.sql", "0003_heirs.sql", "0004_passings.sql"),
        templates: kernel::templates!(
            "delivery/points.html",
            "delivery/point.html",
            "delivery/code.html",
            "delivery/occupied.html",
            "delivery/road.html"
        ),
        samples: pages::samples,
        locales: kernel::locales!("delivery"),
        permissions: PERMISSIONS,
        problems: PROBLEMS,
        nav: NAV,
        records: RECORDS,
        jobs: JOBS,
        ..Module::new("delivery")
    }
}

/// A point has joined: for the first time, as a new box in the place of a lost one, or again after a quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointJoined {
    /// Where its unit lies.
    pub path: ScopePath,
}

impl Event for PointJoined {
    const KIND: &'static str = "delivery.point-joined";
}

/// How the road is, in numbers: for the kiosk's footer and the keeper's page. None at a hub.
pub async fn road_status(app: &AppRef) -> Outcome<Option<RoadStatus>> {
    app.db.view(async |tx| store::road::status(tx).await).await
}

/// The scope of this point; none at a hub or before it joined.
pub async fn own_scope(app: &AppRef) -> Outcome<Option<ScopePath>> {
    let road = app.db.view(async |tx| Ok(store::road::find(tx).await?)).await?;
    Ok(road.map(|road| road.path))
}

/// After a restore from a backup: whatever sessions the points remember, they are heard again.
pub async fn after_restore(tx: &mut kernel::db::Tx) -> Outcome<()> {
    Ok(store::nodes::forget_contacts(tx).await?)
}

/// The scope of this point, within a transaction; none at a hub.
pub async fn scope_of(tx: &mut kernel::db::Tx) -> Outcome<Option<ScopePath>> {
    Ok(store::road::find(tx).await?.map(|road| road.path))
}

/// Those of these places in which a point stands that was not revoked. The points of a province's communes are not the
/// province's. At a hub.
pub async fn with_points(
    tx: &mut kernel::db::Tx,
    places: &[ScopePath],
) -> Outcome<HashSet<ScopePath>> {
    let nodes = store::nodes::of_places(tx, places).await?;
    let stand = nodes.into_iter().filter(|node| node.state() != NodeState::Revoked);
    Ok(stand.map(|node| node.path).collect())
}

/// True when a point that was not revoked stands in a commune. At a hub.
pub async fn has_point(tx: &mut kernel::db::Tx, commune: &ScopePath) -> Outcome<bool> {
    Ok(!with_points(tx, std::slice::from_ref(commune)).await?.is_empty())
}

/// A point as others count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointSeen {
    /// The area it speaks for.
    pub path: ScopePath,
    /// When it was last heard of.
    pub last_seen: Option<kernel::clock::Timestamp>,
}

/// Every point that may report, by place. At a hub.
pub async fn points(tx: &mut kernel::db::Tx) -> Outcome<Vec<PointSeen>> {
    let all = store::nodes::within(tx, &ScopePath::root()).await?;
    let active = all.into_iter().filter(|node| node.state() == NodeState::Active);
    Ok(active.map(|node| PointSeen { path: node.path, last_seen: node.last_seen_at }).collect())
}

/// What `doctor` says about the road: (well?, in Vietnamese words).
pub async fn examine(app: &AppRef) -> Outcome<Vec<(bool, String)>> {
    actions::examine(app).await
}
