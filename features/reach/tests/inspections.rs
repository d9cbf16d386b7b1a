//! Independent inspections: who may write one, what it counts for, what withdrawing takes away, how it travels.

use kernel::{
    app::NodeRole,
    caller::{Caller, Person},
    clock::Timestamp,
};
use reach::{
    actions,
    model::inspection::{InspectionDraft, InspectionId},
};
use testkit::{Kit, KitBuilder};

use crate::cast::{self, COMMUNE, OFFICER, PLACE, PROVINCE, on, publish, started, village};

fn inspector() -> Caller {
    testkit::caller("Hà", "province_officer", "/vn/19.2025/")
}

pub fn found(unit: &str, asked: i64, knew: i64) -> InspectionDraft {
    InspectionDraft {
        item: "p1:1".to_owned(),
        unit: unit.to_owned(),
        audience: "people".to_owned(),
        asked_on: "22/11/2026".to_owned(),
        asked: Some(asked),
        knew: Some(knew),
        method: "by_household".to_owned(),
        team: "Đoàn kiểm tra của Sở Dân tộc và Tôn giáo".to_owned(),
        note: "Hai hộ đi vắng.".to_owned(),
    }
}

async fn inspect(kit: &Kit, unit: &str, asked: i64, knew: i64) -> InspectionId {
    actions::record_inspection(kit.db(), kit.app.role, &inspector(), &found(unit, asked, knew))
        .await
        .expect("recorded")
}

async fn sample(kit: &Kit) -> (i64, i64) {
    (on(kit, "p1", "people", "verified").await, on(kit, "p1", "people", "called_back").await)
}

testkit::on_both_engines! {
    async fn samples_are_added_and_go_with_their_record(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        publish(&kit, "p1").await;
        let first = inspect(&kit, village.as_str(), 30, 24).await;
        inspect(&kit, village.as_str(), 20, 0).await;
        inspect(&kit, COMMUNE, 50, 35).await;
        assert_eq!(sample(&kit).await, (59, 100));
        // A sample proves nothing about those who were not asked.
        assert_eq!(on(&kit, "p1", "people", "confirmed").await, 0);
        actions::void_inspection(kit.db(), NodeRole::Hub, &inspector(), &first, "Ghi nhầm thôn").await.expect("withdrawn");
        actions::void_inspection(kit.db(), NodeRole::Hub, &inspector(), &first, "Lần nữa").await.expect("once is enough");
        assert_eq!(sample(&kit).await, (35, 70));
    }

    async fn the_ladder_shows_the_rung_with_its_sample_and_who_looked(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        publish(&kit, "p1").await;
        let page = format!("/do-phu/p1?dia_ban={COMMUNE}&doi_tuong=people");
        let before = kit.get(OFFICER, &page).await;
        assert!(before.text.contains("chưa hỏi mẫu") && !before.text.contains("Kiểm chứng độc lập: "), "{}", before.text);
        assert!(!before.text.contains("/kiem-chung/moi"), "an officer does not verify their own commune");
        inspect(&kit, village.as_str(), 30, 24).await;
        let after = kit.get(OFFICER, &page).await;
        for words in ["80 %", "mẫu 30 người", "1 phiếu", "ngày 22/11/2026", "Đoàn kiểm tra của Sở"] {
            assert!(after.text.contains(words), "{words}: {}", after.text);
        }
        assert!(kit.get(PROVINCE, &page).await.text.contains("kiem-chung"), "a province officer is offered the form");
    }

    async fn only_somebody_independent_may_inspect(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        publish(&kit, "p1").await;
        let refused = async |who: &Caller| {
            actions::record_inspection(kit.db(), NodeRole::Hub, who, &found(village.as_str(), 30, 24)).await.expect_err("refused")
        };
        assert!(refused(&cast::officer()).await.is(&kernel::problem::FORBIDDEN));
        assert!(refused(&testkit::caller("Lê", "province_officer", "/vn/01.2025/")).await.is(&kernel::problem::FORBIDDEN));
        let grants = [("province_officer", "/vn/19.2025/"), ("commune_officer", PLACE)];
        assert!(refused(&holding(&grants)).await.is(&actions::NOT_INDEPENDENT));
        let elsewhere = [("province_officer", "/vn/19.2025/"), ("keeper", "/vn/19.2025/01942.2025/")];
        let draft = found(village.as_str(), 30, 24);
        actions::record_inspection(kit.db(), NodeRole::Hub, &holding(&elsewhere), &draft).await.expect("independent here");
    }

    async fn what_cannot_be_is_refused(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(20)).await;
        publish(&kit, "p1").await;
        let fields = async |draft: InspectionDraft| {
            let refused = actions::record_inspection(kit.db(), NodeRole::Hub, &inspector(), &draft).await.expect_err("refused");
            refused.problem().expect("a problem").fields.iter().map(|at| at.key).collect::<Vec<_>>()
        };
        assert_eq!(fields(found(village.as_str(), 21, 3)).await, ["reach-error-asked-people"]);
        assert_eq!(fields(found("nowhere", 10, 3)).await, ["reach-error-inspected-unit"]);
        assert_eq!(fields(found("19.2025", 10, 3)).await, ["reach-error-inspected-unit"], "a sample of a whole province");
        let other = InspectionDraft { item: "p9:1".to_owned(), ..found(village.as_str(), 10, 3) };
        assert_eq!(fields(other).await, ["reach-error-inspected-item"]);
        assert_eq!(sample(&kit).await, (0, 0));
    }

    async fn the_form_keeps_what_was_typed_and_the_record_can_be_withdrawn(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(61)).await;
        publish(&kit, "p1").await;
        let form = kit.get(PROVINCE, &format!("/kiem-chung/moi?xa={COMMUNE}&tin=p1:1")).await;
        assert!(form.text.contains("Toàn xã Phủ Thông") && form.text.contains("thôn Nà Cù") && form.text.contains("Hỗ trợ nước sinh hoạt"), "{}", form.text);
        let fields = |knew: &'static str| vec![
            ("xa", COMMUNE), ("item", "p1:1"), ("unit", village.as_str()), ("audience", "people"), ("asked_on", "22/11/2026"),
            ("asked", "30"), ("knew", knew), ("method", "by_list"), ("team", "Thanh tra tỉnh"), ("note", "Hỏi sau giờ làm nương"),
        ];
        let refused = kit.post(PROVINCE, "/kiem-chung/moi", &fields("31")).await;
        assert!(refused.status == 422 && refused.text.contains("nhiều hơn số người đã hỏi") && refused.text.contains("Hỏi sau giờ làm nương"), "{}", refused.text);
        let done = kit.post(PROVINCE, "/kiem-chung/moi", &fields("24")).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let record = kit.get(PROVINCE, done.location()).await;
        for words in ["24 trong 30 người", "Chọn ngẫu nhiên trong danh sách", "Thanh tra tỉnh", "Hà", "Hỏi sau giờ làm nương"] {
            assert!(record.text.contains(words), "{words}: {}", record.text);
        }
        assert!(kit.get(PROVINCE, "/kiem-chung").await.text.contains("Thanh tra tỉnh"));
        let empty = kit.post(PROVINCE, &format!("{}/huy", done.location()), &[("why", "")]).await;
        assert!(empty.status == 422 && empty.text.contains("lý do hủy"), "{}", empty.text);
        let voided = kit.post(PROVINCE, &format!("{}/huy", done.location()), &[("why", "Nhầm xã")]).await;
        assert_eq!(voided.status, 303, "{}", voided.text);
        assert!(kit.get(PROVINCE, done.location()).await.text.contains("Nhầm xã"));
        assert_eq!(sample(&kit).await, (0, 0));
    }

    async fn the_form_takes_an_old_address_and_offers_the_new_commune(builder: KitBuilder) {
        let kit = started(builder).await;
        publish(&kit, "p1").await;
        let asked = kit.get(PROVINCE, "/kiem-chung/moi?xa=L%E1%BB%A5c+B%C3%ACnh&tin=p1:1").await;
        assert!(asked.text.contains("Xã Phủ Thông") && asked.text.contains("xa_choice"), "the new commune is offered: {}", asked.text);
        assert!(asked.text.contains(r#"name="tin" value="p1:1""#), "the item is not forgotten: {}", asked.text);
        let chosen = kit.get(PROVINCE, &format!("/kiem-chung/moi?xa=L%E1%BB%A5c+B%C3%ACnh&xa_before=L%E1%BB%A5c+B%C3%ACnh&xa_choice={PLACE}&tin=p1:1")).await;
        assert!(chosen.text.contains("Toàn xã Phủ Thông"), "{}", chosen.text);
        let unknown = kit.get(PROVINCE, "/kiem-chung/moi?xa=Xyzzy+kh%C3%B4ng+c%C3%B3").await;
        assert!(unknown.status == 200 && unknown.text.contains("Xyzzy"), "what was typed stays: {}", unknown.text);
    }

    async fn an_inspection_at_a_point_counts_at_the_hub_without_the_inspectors_name(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(testkit::TestEngine::Sqlite).point(7)).await;
        let village = village(&point, "Nà Cù", Some(100)).await;
        publish(&point, "p1").await;
        let record = inspect(&point, village.as_str(), 30, 24).await;
        // The evidence comes before the publication, twice.
        let said = crate::records::said(&point).await;
        for _ in 0..2 {
            crate::records::to_hub(&hub, &said).await;
        }
        publish(&hub, "p1").await;
        assert_eq!(sample(&hub).await, (24, 30));
        let page = hub.get(PROVINCE, &format!("/kiem-chung/{record}")).await;
        assert!(page.text.contains("chỉ lưu trên máy đã ghi phiếu") && !page.text.contains("Hai hộ đi vắng"), "{}", page.text);
        actions::void_inspection(point.db(), point.app.role, &inspector(), &record, "Ghi nhầm").await.expect("withdrawn");
        crate::records::to_hub(&hub, &crate::records::said(&point).await).await;
        assert_eq!(sample(&hub).await, (0, 0));
        let kept = actions::void_inspection(hub.db(), hub.app.role, &inspector(), &record, "Ghi nhầm").await.expect_err("written elsewhere");
        assert!(kept.is(&actions::KEPT_ELSEWHERE), "{kept}");
    }
}

/// Somebody with several roles.
fn holding(grants: &[(&str, &str)]) -> Caller {
    let person = Person { id: "test-ha".to_owned(), name: "Hà".to_owned() };
    let grants = grants.iter().map(|(role, scope)| testkit::grant(role, scope)).collect();
    Caller::person(person, grants, Timestamp::from_millis(1_795_330_800_000))
}
