//! Joining: a person carries a one-time code from the hub's screen to the point's.

use identity::audit;
use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    problem::{Failure, OrMissing, Outcome, ProblemKind},
    records::NodeId,
    scope::ScopePath,
};
use sync::enrol::{self, CodeSecret, EnrolCode, JoinRefused, Joining};

use crate::{
    ALREADY_JOINED, EXPIRED_CODE, MANAGE_POINTS, MISTYPED_CODE, NO_HUB, NO_POINT, OTHER_HUB,
    PointJoined, UNTRUSTED_HUB, USED_CODE, WRONG_CODE,
    model::{Admission, Joined},
    store,
    transport::{RoadFault, Transport, Trust},
};

/// A code is good for three days: long enough for the way to a far commune.
const CODE_LASTS_S: i64 = 3 * 24 * 3600;

/// Makes a one-time code with which the point of a commune may join.
pub async fn make_enrolment_code(
    app: &AppRef,
    caller: &Caller,
    commune: &areas::AreaId,
) -> Outcome<String> {
    let code = EnrolCode::from_entropy(&app.chance().bytes());
    app.db.change(async |tx| keep_code(tx, caller, commune, &code).await).await?;
    Ok(code.to_string())
}

/// Revokes the old point of a commune and makes the code for the one that takes its place: both or neither.
pub async fn replace_point(
    app: &AppRef,
    caller: &Caller,
    commune: &areas::AreaId,
    old: NodeId,
) -> Outcome<String> {
    let code = EnrolCode::from_entropy(&app.chance().bytes());
    app.db
        .change(async |tx| {
            let area = areas::find(tx, commune).await?.or_missing(&areas::NOT_FOUND)?;
            let row = store::nodes::find(tx, old).await?.or_missing(&NO_POINT)?;
            caller.must(&MANAGE_POINTS, &row.path)?;
            // A page that stood open through a merger: its point lies elsewhere now, and is nobody's old box here.
            if row.path != area.path {
                return Err((&NO_POINT).into());
            }
            super::hub::take_rights(tx, caller, &row, old).await?;
            keep_code(tx, caller, commune, &code).await
        })
        .await?;
    Ok(code.to_string())
}

async fn keep_code(
    tx: &mut Tx,
    caller: &Caller,
    commune: &areas::AreaId,
    code: &EnrolCode,
) -> Outcome<()> {
    let area = areas::find(tx, commune).await?.or_missing(&areas::NOT_FOUND)?;
    caller.must(&MANAGE_POINTS, &area.path)?;
    let expires_at = tx.now().plus_seconds(CODE_LASTS_S);
    store::codes::insert(tx, &CodeSecret::of(code), &area, caller.id(), expires_at).await?;
    audit(tx, caller, "delivery.code", area.id.as_str(), &area.full_name).await
}

/// Admits a point that proves that it knows a code; gives the reply to send. Asking again with the
/// same code is fine for the same point: its first reply may have been lost.
///
/// `mine` names the hub that the point belongs to, if it does already: another hub than this would be refused
/// by the point after all, and its code would be used up for nothing.
pub async fn admit(app: &AppRef, mine: Option<&str>, request: &[u8]) -> Outcome<Vec<u8>> {
    if mine.is_some_and(|hub| hub != app.node_id().to_string()) {
        return Err((&OTHER_HUB).into());
    }
    let secret_id = enrol::code_of(request).map_err(refusal)?;
    app.db
        .change(async |tx| {
            let code = store::codes::find(tx, secret_id).await?.or_missing(&WRONG_CODE)?;
            let stored =
                code.stored().ok_or_else(|| Failure::fault("read a code", "it is damaged"))?;
            let area = areas::find(tx, &code.area).await?.or_missing(&areas::NOT_FOUND)?;
            let above = areas::ancestors(tx, &area).await?;
            let province = above.iter().find(|area| area.level == areas::AreaLevel::Province);
            let admission = Admission {
                area: area.id.to_string(),
                path: area.path.to_string(),
                commune: area.full_name.clone(),
                province: province.map_or_else(String::new, |province| province.full_name.clone()),
                at: tx.now().millis(),
            };
            let extra = kernel_json(&admission)?;
            let now_ms = u64::try_from(tx.now().millis()).unwrap_or(0);
            let admitted =
                enrol::admit(&stored, request, &app.keys, &extra, now_ms).map_err(refusal)?;
            let node = admitted.node.to_string();
            // Two points that race with one code: the second finds it used.
            if store::codes::mark_used(tx, &code.id, &node).await? == 0 {
                return Err((&USED_CODE).into());
            }
            store::nodes::upsert(tx, admitted.node, &admitted.keys, &area).await?;
            store::nodes::close_sessions(tx, admitted.node).await?;
            tx.announce(&PointJoined { path: area.path.clone() }).await?;
            let caller = Caller::system(tx.now());
            audit(tx, &caller, "delivery.joined", &node, &area.full_name).await?;
            kernel::tracing::info!(target: "crossing", "⇄ điểm {} đã nối vào", area.full_name);
            Ok(admitted.reply)
        })
        .await
}

fn kernel_json(admission: &Admission) -> Outcome<Vec<u8>> {
    serde_json::to_vec(admission).map_err(|error| Failure::fault("write an admission", error))
}

fn refusal(refused: JoinRefused) -> Failure {
    let kind: &'static ProblemKind = match refused {
        JoinRefused::Malformed => &kernel::problem::BAD_REQUEST,
        JoinRefused::WrongCode => &WRONG_CODE,
        JoinRefused::Used => &USED_CODE,
        JoinRefused::Expired => &EXPIRED_CODE,
    };
    kind.into()
}

/// Makes this machine the point of a commune, with a code from its hub; again, after a quarantine.
pub async fn join(app: &AppRef, url: &str, code: &str) -> Outcome<Joined> {
    let code: EnrolCode = code.parse().map_err(|_| Failure::from(&MISTYPED_CODE))?;
    let before = app.db.view(async |tx| Ok(store::road::find(tx).await?)).await?;
    let trust = Trust {
        authorities: app.port(),
        clock: app.clock().clone(),
        floor_ms: before.as_ref().map_or(0, |road| road.time_floor),
    };
    let mut transport = Transport::new(url, &trust).ok_or_else(|| Failure::from(&NO_HUB))?;
    let joining = Joining::begin(&code, &app.keys, &app.chance().bytes());
    let pinned = before.as_ref().and_then(store::road::Road::hub);
    let path = match &pinned {
        Some(hub) => format!("/v1/enrol?hub={}", hub.node_id()),
        None => "/v1/enrol".to_owned(),
    };
    let answer = transport
        .post(&path, joining.request().to_vec(), std::time::Duration::from_secs(60))
        .await
        .map_err(|fault| {
            kernel::tracing::warn!("the hub could not be reached: {fault}");
            match fault {
                RoadFault::Untrusted(_) => Failure::from(&UNTRUSTED_HUB),
                _ => Failure::from(&NO_HUB),
            }
        })?;
    match answer.status {
        200 => {}
        421 => return Err((&ALREADY_JOINED).into()),
        410 => return Err((&EXPIRED_CODE).into()),
        409 => return Err((&USED_CODE).into()),
        422 => return Err((&WRONG_CODE).into()),
        _ => return Err((&NO_HUB).into()),
    }
    let (hub, extra) = joining.finish(&answer.body).map_err(refusal)?;
    // A point that was quarantined, or whose hub has moved, joins its own hub again with a new code.
    // Another hub would be another life: its records must not mix with what is here.
    if before.is_some() && pinned != Some(hub) {
        return Err((&ALREADY_JOINED).into());
    }
    let admission: Admission =
        serde_json::from_slice(&extra).map_err(|_| Failure::from(&NO_HUB))?;
    if ScopePath::parse(&admission.path).is_none() {
        return Err((&NO_HUB).into());
    }
    let own_clock = app.clock().uncorrected();
    app.db
        .change(async |tx| Ok(store::road::open(tx, url, &hub, &admission, own_clock).await?))
        .await?;
    Ok(Joined { commune: admission.commune, province: admission.province })
}
