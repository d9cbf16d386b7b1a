//! Sections that are approved without the others, across the bridge: the same figures count as approved where the report
//! was written, and at the box that comes in the place of a lost one.

use reporting::{
    actions::{counts, review},
    model::submission::{State, Step},
};
use testkit::{KitBuilder, TestEngine};

use super::{
    applied,
    deadlines::down,
    homecoming::{joins, sheet},
    travelling::log,
};
use crate::{
    cast::{province, province_leader, started, step},
    review::parts::{approved, handed_in, parts},
    totals::meetings,
};

const CELLS: [&str; 4] =
    ["bm08.nguoi", "bm08.cuoc", "bm08.cuoc:loaihop=taphuan", "bm08.nguoi:gt=nu"];
const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const REPORT: &str = "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc";

testkit::on_both_engines! {
    async fn the_same_sections_are_approved_where_the_report_was_written(builder: KitBuilder) {
        let hub = started(KitBuilder::on(TestEngine::Sqlite)).await;
        let point = started(builder.point(7)).await;
        let id = handed_in(&point).await;
        for (kind, body) in log(&point).await {
            applied(&hub, kind, body).await;
        }
        step(&hub, &province(&hub), &id, Step::Accept, 1).await;
        review::decide(&hub.app, &province_leader(&hub), &id, &parts(&["cuoc", "hinhthuc"], 1)).await.expect("two");
        let two = vec![Some(100), Some(2), Some(1), None];
        assert_eq!(approved(&hub, &CELLS).await, two);
        // What was said is told from its beginning, and more than once.
        for _ in 0..2 {
            for body in down(&hub, 51).await {
                applied(&point, 51, body).await;
            }
            assert_eq!(approved(&point, &CELLS).await, two);
        }
        let page = point.get(OFFICER, REPORT).await;
        assert!(page.text.replace("&#x2f;", "/").contains("Đã duyệt 2/4 phần, lần gần nhất: Bình,"), "{}", page.text);
        assert_eq!(page.text.matches("Phần này đã duyệt: Bình").count(), 2);
        assert!(counts::are_true(point.db()).await.expect("counted anew"));

        // A box that comes in the place of this one hears it too.
        let heir = started(KitBuilder::on(TestEngine::Sqlite).point(8)).await;
        joins(&hub).await;
        for body in down(&hub, 54).await {
            applied(&heir, 54, body).await;
        }
        assert_eq!(approved(&heir, &CELLS).await, two);
        let page = heir.get(OFFICER, REPORT).await;
        assert!(page.text.replace("&#x2f;", "/").contains("Đã duyệt 2/4 phần"), "{}", page.text);
        assert!(counts::are_true(heir.db()).await.expect("counted anew"));

        review::decide(&hub.app, &province_leader(&hub), &id, &parts(&["nguoi", "minhchung"], 1)).await.expect("the rest");
        for body in down(&hub, 51).await {
            applied(&point, 51, body).await;
        }
        assert_eq!(approved(&point, &CELLS).await, [Some(100), Some(2), Some(1), Some(40)]);
        let one = sheet(&point, &meetings()).await.submission.expect("a report");
        assert_eq!((one.state, one.approved.map(|signed| signed.by)), (State::Approved, Some("Bình".to_owned())));
    }
}
