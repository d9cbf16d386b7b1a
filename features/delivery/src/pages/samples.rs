//! What the pages about points and the road must survive.

use areas::place_field::Choice;
use kernel::{clock::Timestamp, web::Sample};

use super::{
    CODE, CodeContext, CodeView, OCCUPIED, OccupiedContext, POINT, POINTS, PointContext, PointView,
    PointsContext, ROAD, RoadContext, Successor,
};
use crate::model::{NodeState, RoadStatus, Trouble};

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_330_800_000)
}

fn point(commune: &str, state: NodeState, status: &'static str) -> PointView {
    PointView {
        id: "00112233445566778899aabbccddeeff".to_owned(),
        commune: commune.to_owned(),
        state,
        status,
        last_seen_at: (status != "waiting").then_some(now()),
        enrolled_at: now(),
        clock_wrong: status == "offline",
        clock_ahead_days: -3_652,
        trouble: (state == NodeState::Quarantined)
            .then(|| "row 4 exists with another content".to_owned()),
        crowd: 0,
        owes_log: false,
    }
}

/// Every page with content it must survive.
pub fn samples() -> Vec<Sample> {
    let now = now();
    let hostile = "xã <script>alert(1)</script> \"Ƀuôn'\" ".repeat(6);
    let beside = |status, crowd, owes_log| PointView {
        crowd,
        owes_log,
        ..point("xã Phủ Thông", NodeState::Active, status)
    };
    let points = [
        point("xã Phủ Thông", NodeState::Active, "online"),
        point("xã Bạch Thông", NodeState::Active, "offline"),
        point("xã Cẩm Giàng", NodeState::Active, "waiting"),
        point(&hostile, NodeState::Quarantined, "failed"),
    ];
    let code = || CodeView { commune: "xã Phủ Thông".to_owned(), expires_at: now };
    let status = RoadStatus {
        last_contact_at: Some(now),
        trouble: Some(Trouble::Unreachable),
        trouble_since: Some(now),
        next_try_at: Some(now),
        waiting_up: 12,
        oldest_up: Some(now),
        received: 240,
        newest_at: Some(now),
    };
    let well = RoadStatus {
        trouble: None,
        trouble_since: None,
        next_try_at: None,
        waiting_up: 0,
        oldest_up: None,
        ..status.clone()
    };
    let road = |joined: bool, status: Option<RoadStatus>, words: Option<&str>| RoadContext {
        joined,
        trouble_words: words.map(str::to_owned),
        trouble_advice: words.map(str::to_owned),
        status,
        files_waiting: 2,
        files_bytes: 812_000,
        room_used: 1_200_000,
        room: 20_000_000_000,
    };
    vec![
        POINTS.sample(&PointsContext {
            points: Vec::new(),
            codes: Vec::new(),
            may_manage: false,
            commune: String::new(),
            choices: Vec::new(),
            errors: Vec::new(),
        }),
        POINTS.sample(&PointsContext {
            points: [&points[..], &[beside("offline", 2, true), beside("online", 3, false)]]
                .concat(),
            codes: vec![code()],
            may_manage: true,
            commune: hostile.clone(),
            choices: vec![Choice {
                value: "/vn/19.2025/01969.2025/".to_owned(),
                label: "Xã Phủ Thông".to_owned(),
                hint: hostile.clone(),
            }],
            errors: Vec::new(),
        }),
        POINT.sample(&PointContext {
            point: PointView { crowd: 2, owes_log: true, ..points[3].clone() },
            held: 1_234,
            may_manage: true,
            successors: vec![Successor { value: "a".to_owned(), label: hostile.clone() }],
            successor: String::new(),
            takers: vec![Successor { value: "b".to_owned(), label: hostile.clone() }],
            passed: vec![hostile.clone()],
            errors: Vec::new(),
        }),
        POINT.sample(&PointContext {
            point: points[0].clone(),
            held: 0,
            may_manage: false,
            successors: Vec::new(),
            successor: "00112233445566778899aabbccddeeff".to_owned(),
            takers: Vec::new(),
            passed: Vec::new(),
            errors: Vec::new(),
        }),
        CODE.sample(&CodeContext {
            commune: "xã Phủ Thông".to_owned(),
            code: "ABCDE-FGHJK-MNPQR".to_owned(),
            expires_at: now,
            url: "https://hub.example".to_owned(),
            beside: true,
        }),
        OCCUPIED.sample(&OccupiedContext {
            commune: "xã Phủ Thông".to_owned(),
            place: "/vn/19.2025/01969.2025/".to_owned(),
            points: vec![beside("waiting", 0, false)],
        }),
        OCCUPIED.sample(&OccupiedContext {
            commune: hostile,
            place: "/vn/19.2025/01969.2025/".to_owned(),
            points: vec![points[3].clone(), beside("offline", 0, true)],
        }),
        ROAD.sample(&road(false, None, None)),
        ROAD.sample(&road(true, Some(well), None)),
        ROAD.sample(&road(true, Some(status), Some("Không gọi được trung tâm"))),
    ]
}
