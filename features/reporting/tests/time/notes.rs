//! Notes travel: what is said of a draft goes up with it, what is said later at once, and what the tier above notes
//! comes down; a new box has all of it.

use kernel::records::Incoming;
use reporting::{
    actions::{remark, steps::Said},
    model::submission::{State, Step},
};
use testkit::{Kit, KitBuilder, TestEngine};

use super::{
    applied, applied_from,
    deadlines::down,
    homecoming::{joins, sheet, signed_and_sent},
    travelling::log,
};
use crate::cast::{
    COMMUNE, PLACE, POINT, edit, officer, province, said_by, started, taken, typed, which,
};

async fn noted(kit: &Kit, who: &kernel::caller::Caller, cell: &str, words: &str) {
    let said = [(cell.to_owned(), words.to_owned())];
    remark::add(&kit.app, who, &which(COMMUNE), &said, "body").await.expect("noted");
}

/// What was said of the report: cell, words, by whom, whether it is what the report was given back with.
async fn told(kit: &Kit) -> Vec<(String, String, String, bool)> {
    let all = sheet(kit, &which(COMMUNE)).await.remarks.into_iter();
    let mut all: Vec<_> =
        all.map(|one| (one.cell, one.words, one.by_name, one.is_return)).collect();
    all.sort();
    all
}

fn note(cell: &str, words: &str, by: &str) -> (String, String, String, bool) {
    (cell.to_owned(), words.to_owned(), by.to_owned(), false)
}

async fn kinds(point: &Kit) -> Vec<u16> {
    log(point).await.iter().map(|row| row.0).collect()
}

/// Everything in a point's log reaches the hub, twice.
async fn sent(point: &Kit, hub: &Kit) {
    for _ in 0..2 {
        for (kind, body) in log(point).await {
            applied(hub, kind, body).await;
        }
    }
}

async fn typed_in(point: &Kit) {
    let edits = [("10.5b", 2), ("10.6", 198), ("10.3a", 6), ("10.6kp", 1)];
    let edits = edits.map(|(key, amount)| edit(key, 0, amount)).to_vec();
    typed(point, &officer(point), &which(COMMUNE), edits).await;
}

testkit::on_both_engines! {
    async fn notes_go_up_with_the_report_and_come_down_without_a_verdict(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        typed_in(&point).await;
        noted(&point, &officer(&point), "10.6", "Chưa gồm điểm Nà Phặc").await;
        assert_eq!(kinds(&point).await, [0_u16; 0], "a draft is nobody else's");
        signed_and_sent(&point, &which(COMMUNE), 1).await;
        assert_eq!(kinds(&point).await, [60, 62], "the report first");
        point.clock.advance(1_000);
        noted(&point, &officer(&point), "", "Trạm mất điện mười ngày").await;
        assert_eq!(kinds(&point).await, [60, 62, 62], "at once");
        sent(&point, &hub).await;
        let own = [note("", "Trạm mất điện mười ngày", "Mai"), note("10.6", "Chưa gồm điểm Nà Phặc", "Mai")];
        assert_eq!(told(&hub).await, own);
        noted(&hub, &province(&hub), "10.6", "Đã gọi hỏi xã, số đúng").await;
        noted(&hub, &province(&hub), "", "Gửi sớm hơn quý trước").await;
        for _ in 0..2 {
            for body in down(&hub, 55).await {
                applied(&point, 55, body).await;
            }
        }
        let all = told(&point).await;
        assert_eq!(all, told(&hub).await);
        assert!(all.len() == 4 && all.contains(&note("10.6", "Đã gọi hỏi xã, số đúng", "Lan")), "{all:?}");
        for kit in [&hub, &point] {
            assert_eq!(sheet(kit, &which(COMMUNE)).await.submission.expect("a report").state, State::Submitted);
        }
        let page = point.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc/o/10.6").await;
        assert!(page.text.contains("Đã gọi hỏi xã, số đúng"), "{}", page.text);
        let page = hub.get("Lan|province_officer|/vn/19.2025/", &format!("/bao-cao/duyet/{}", which(COMMUNE).id())).await;
        assert!(page.text.contains("Chưa gồm điểm Nà Phặc") && page.text.contains("Trạm mất điện"), "{}", page.text);
        // A new revision keeps them, and sends none of them again.
        let said = Said { revision: 1, note: "Đề nghị kiểm tra lại".to_owned(), ..Said::default() };
        reporting::actions::steps::take(&hub.app, &province(&hub), &which(COMMUNE).id(), Step::Return, &said).await.expect("given back");
        for body in down(&hub, 51).await {
            applied(&point, 51, body).await;
        }
        noted(&point, &officer(&point), "10.3a", "Có biên bản kèm theo").await;
        signed_and_sent(&point, &which(COMMUNE), 1).await;
        assert_eq!(kinds(&point).await, [60, 62, 62, 62, 60]);
        sent(&point, &hub).await;
        assert_eq!(told(&hub).await, told(&point).await);
        assert_eq!(told(&hub).await.len(), 6);
    }

    async fn a_note_with_which_a_report_is_given_back_later_becomes_that_at_the_point(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        typed_in(&point).await;
        signed_and_sent(&point, &which(COMMUNE), 1).await;
        sent(&point, &hub).await;
        noted(&hub, &province(&hub), "", "Đề nghị kiểm tra lại").await;
        for body in down(&hub, 55).await {
            applied(&point, 55, body).await;
        }
        hub.clock.advance(1_000);
        let said = Said { revision: 1, note: "Đề nghị kiểm tra lại".to_owned(), ..Said::default() };
        reporting::actions::steps::take(&hub.app, &province(&hub), &which(COMMUNE).id(), Step::Return, &said).await.expect("given back");
        for kind in [51, 55] {
            for body in down(&hub, kind).await {
                applied(&point, kind, body).await;
            }
        }
        let all = sheet(&point, &which(COMMUNE)).await.remarks;
        assert_eq!(all.len(), 1);
        assert!(all[0].is_return && all[0].waits(), "{all:?}");
    }

    async fn notes_come_home_to_a_new_box_and_what_it_noted_meanwhile_goes_up(builder: KitBuilder) {
        let hub = started(builder).await;
        let lost = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        typed_in(&lost).await;
        noted(&lost, &officer(&lost), "10.6", "Chưa gồm điểm Nà Phặc").await;
        signed_and_sent(&lost, &which(COMMUNE), 1).await;
        sent(&lost, &hub).await;
        noted(&hub, &province(&hub), "10.6", "Đã gọi hỏi xã, số đúng").await;
        let bought = started(KitBuilder::on(TestEngine::Sqlite).point(8)).await;
        noted(&bought, &officer(&bought), "10.3a", "Viết ở máy mới").await;
        joins(&hub).await;
        for _ in 0..2 {
            for kind in [55, 54] {
                for body in down(&hub, kind).await {
                    applied(&bought, kind, body).await;
                }
            }
        }
        assert_eq!(kinds(&bought).await, [62], "the tier above has the report");
        for (kind, body) in log(&bought).await {
            applied_from(&hub, (8, PLACE), kind, body).await;
        }
        assert_eq!(told(&bought).await.len(), 3);
        assert_eq!(told(&bought).await, told(&hub).await);
    }

    async fn nobody_notes_on_a_report_of_somebody_else_nor_for_the_tier_above(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        typed_in(&point).await;
        signed_and_sent(&point, &which(COMMUNE), 1).await;
        noted(&point, &officer(&point), "10.6", "Chưa gồm điểm Nà Phặc").await;
        let rows = log(&point).await;
        applied(&hub, 62, rows[1].1.clone()).await;
        applied(&hub, 60, rows[0].1.clone()).await;
        assert!(told(&hub).await.is_empty(), "a note on no report");
        applied_from(&hub, (9, "/vn/19.2025/01942.2025/"), 62, rows[1].1.clone()).await;
        assert!(told(&hub).await.is_empty(), "a stranger");
        for body in [rows[1].1[..20].to_vec(), b"x".to_vec()] {
            applied(&hub, 62, body).await;
        }
        let below = Incoming { targets: Vec::new(), ..said_by(POINT, 55, rows[1].1.clone()) };
        taken(&hub, &below).await;
        assert!(told(&hub).await.is_empty(), "nobody below speaks for the tier above");
        applied(&hub, 62, rows[1].1.clone()).await;
        assert_eq!(told(&hub).await.len(), 1);
    }
}
