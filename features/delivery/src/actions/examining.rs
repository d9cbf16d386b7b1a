//! What `doctor` says about the road, in words for the person at the machine.

use kernel::{
    app::{AppRef, NodeRole},
    problem::Outcome,
};
use sync::clock::{TimeFloor, Trust};

use crate::{model::Trouble, store};

/// Finding by finding: (well?, in Vietnamese words).
pub async fn examine(app: &AppRef) -> Outcome<Vec<(bool, String)>> {
    if app.role == NodeRole::Hub {
        let nodes = app
            .db
            .view(async |tx| Ok(store::nodes::within(tx, &kernel::scope::ScopePath::root()).await?))
            .await?;
        let sick = nodes.iter().filter(|node| node.trouble.is_some()).count();
        return Ok(vec![
            (true, format!("{} điểm đã nối", nodes.len())),
            (sick == 0, format!("{sick} điểm đang bị cách ly hoặc thu hồi")),
        ]);
    }
    let Some(road) = app.db.view(async |tx| Ok(store::road::find(tx).await?)).await? else {
        return Ok(vec![(
            false,
            "máy này chưa nối với trung tâm nào: chạy `nhipcau join`".to_owned(),
        )]);
    };
    let mut findings =
        vec![(true, format!("là điểm của {}, trung tâm {}", road.commune, road.url))];
    let wall = u64::try_from(app.clock().uncorrected().millis()).unwrap_or(0);
    findings.push(match TimeFloor::new(road.time_floor).judge(wall) {
        Trust::Plausible => (true, "đồng hồ máy khớp với trung tâm".to_owned()),
        Trust::Unproven => (true, "chưa từng nhận giờ từ trung tâm".to_owned()),
        Trust::Behind(ms) => (false, format!("đồng hồ máy chậm ít nhất {} ngày", ms / 86_400_000)),
        Trust::FarAhead(ms) => (false, format!("đồng hồ máy chạy trước {} ngày", ms / 86_400_000)),
    });
    if let Some(status) = crate::road_status(app).await? {
        findings.push((true, format!("{} bản ghi chờ gửi lên", status.waiting_up)));
        findings.push(match (status.trouble, status.trouble_since) {
            (Some(trouble), Some(since)) => {
                let key = format!("delivery-trouble-{}", trouble.code());
                let words = app.words.say(kernel::locale::Lang::Vi, &key, &[]).into_owned();
                (trouble == Trouble::Unreachable, format!("từ {}: {words}", since.short()))
            }
            _ => (true, "đường lên trung tâm thông".to_owned()),
        });
    }
    Ok(findings)
}
