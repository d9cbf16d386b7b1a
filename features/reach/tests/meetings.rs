//! Village meetings: what is accepted, what it counts for, what withdrawing takes away.

use areas::AreaId;
use kernel::app::NodeRole;
use reach::{
    actions,
    model::meeting::{MeetingDraft, MeetingId},
};
use testkit::Kit;

use crate::cast::{self, COMMUNE, OFFICER, on, person, publish, started, village};

pub fn held(village: &AreaId, heads: i64, items: Vec<String>, serials: Vec<u32>) -> MeetingDraft {
    MeetingDraft {
        village: village.as_str().to_owned(),
        held_on: "20/11/2026".to_owned(),
        language: "tyz".to_owned(),
        head_count: Some(heads),
        items,
        serials,
        others: Vec::new(),
        witness: "Nông Văn Tài".to_owned(),
        witness_standing: "Trưởng thôn".to_owned(),
        note: String::new(),
    }
}

async fn meet(
    kit: &Kit,
    village: &AreaId,
    heads: i64,
    items: &[&str],
    serials: &[u32],
) -> MeetingId {
    let items = items.iter().map(|key| format!("{key}:1")).collect();
    let draft = held(village, heads, items, serials.to_vec());
    actions::record_meeting(kit.db(), NodeRole::Hub, &cast::officer(), &draft)
        .await
        .expect("recorded")
}

testkit::on_both_engines! {
    async fn several_meetings_of_a_village_count_as_the_largest(builder: KitBuilder) {
        let kit = started(builder).await;
        let (one, two) = (village(&kit, "Nà Cù", Some(100)).await, village(&kit, "Khuổi Lặng", Some(80)).await);
        publish(&kit, "p1").await;
        meet(&kit, &one, 60, &["p1"], &[]).await;
        meet(&kit, &one, 45, &["p1"], &[]).await;
        assert_eq!(on(&kit, "p1", "people", "confirmed").await, 60);
        let largest = meet(&kit, &one, 90, &["p1"], &[]).await;
        meet(&kit, &two, 30, &["p1"], &[]).await;
        assert_eq!(on(&kit, "p1", "people", "confirmed").await, 120);
        actions::void_meeting(kit.db(), NodeRole::Hub, &cast::officer(), &largest, "Ghi nhầm ngày").await.expect("withdrawn");
        assert_eq!(on(&kit, "p1", "people", "confirmed").await, 90);
        assert_eq!(on(&kit, "p1", "people", "published").await, 180);
    }

    async fn a_tick_counts_for_the_person_and_goes_with_the_record(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village).await;
        person(&kit, "Bàn Thị Mủi", &village).await;
        publish(&kit, "p1").await;
        publish(&kit, "p2").await;
        let meeting = meet(&kit, &village, 60, &["p1", "p2"], &[1, 2]).await;
        assert_eq!(on(&kit, "p1", "prestigious_person", "confirmed").await, 2);
        assert_eq!(on(&kit, "p2", "prestigious_person", "confirmed").await, 2);
        let code = cast::card(&kit, &pao).await;
        cast::confirm(&kit, &code, "p1").await.expect("confirmed");
        assert_eq!(on(&kit, "p1", "prestigious_person", "confirmed").await, 2);
        actions::void_meeting(kit.db(), NodeRole::Hub, &cast::officer(), &meeting, "Ghi nhầm thôn").await.expect("withdrawn");
        // Páo's card still proves it; the other tick went with the record.
        assert_eq!(on(&kit, "p1", "prestigious_person", "confirmed").await, 1);
        assert_eq!(on(&kit, "p2", "prestigious_person", "confirmed").await, 0);
    }

    async fn the_form_takes_ticks_and_refuses_more_heads_than_people(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(61)).await;
        person(&kit, "Hoàng Văn Páo", &village).await;
        publish(&kit, "p1").await;
        let form = kit.get(OFFICER, "/hop-thon/moi").await;
        assert!(form.text.contains("Hoàng Văn Páo") && form.text.contains("Hỗ trợ nước sinh hoạt") && form.text.contains("61 người"), "{}", form.text);
        let fields = |heads: &'static str| vec![
            ("xa", COMMUNE), ("village", village.as_str()), ("held_on", "20/11/2026"), ("language", "tyz"),
            ("head_count", heads), ("items", "p1:1"), ("people", "1"), ("witness", "Nông Văn Tài"), ("note", "Khi nào có nước?"),
        ];
        let refused = kit.post(OFFICER, "/hop-thon/moi", &fields("62")).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("nhiều hơn số dân của thôn (61 người)") && refused.text.contains("Khi nào có nước?"), "{}", refused.text);
        let done = kit.post(OFFICER, "/hop-thon/moi", &fields("58")).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let minutes = kit.get(OFFICER, done.location()).await;
        for words in ["Biên bản họp thôn", "Tổng số người dự: 58", "Hoàng Văn Páo", "Nông Văn Tài", "Hỗ trợ nước sinh hoạt", "Khi nào có nước?"] {
            assert!(minutes.text.contains(words), "{words}: {}", minutes.text);
        }
        assert!(kit.get(OFFICER, "/hop-thon").await.text.contains("thôn Nà Cù"));
        let voided = kit.post(OFFICER, &format!("{}/huy", done.location()), &[("why", "")]).await;
        assert!(voided.status == 422 && voided.text.contains("lý do hủy"), "{}", voided.text);
        let voided = kit.post(OFFICER, &format!("{}/huy", done.location()), &[("why", "Ghi nhầm thôn")]).await;
        assert_eq!(voided.status, 303, "{}", voided.text);
        assert!(kit.get(OFFICER, done.location()).await.text.contains("Ghi nhầm thôn"));
    }

    async fn an_item_that_was_not_meant_for_the_village_is_refused(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", None).await;
        let mut elsewhere = cast::publication("p9", kit.app.now());
        elsewhere.areas = vec![cast::path("/vn/19.2025/01942.2025/")];
        kit.db().change(async |tx| actions::freeze(tx, elsewhere).await).await.expect("frozen");
        let draft = held(&village, 10, vec!["p9:1".to_owned()], Vec::new());
        let failure = actions::record_meeting(kit.db(), NodeRole::Hub, &cast::officer(), &draft).await.expect_err("refused");
        assert_eq!(failure.problem().expect("a problem").fields[0].key, "reach-error-items");
    }
}
