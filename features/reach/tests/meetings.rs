//! Village meetings: what is accepted, what it counts for, what withdrawing takes away.

use areas::AreaId;
use kernel::{app::NodeRole, clock::Day, db::Statement};
use reach::{
    actions,
    model::meeting::{MeetingDraft, MeetingId},
};
use testkit::Kit;

use crate::cast::{self, COMMUNE, OFFICER, PROVINCE, on, person, publish, started, village};

pub fn held(village: &AreaId, heads: i64, items: Vec<String>, serials: Vec<u32>) -> MeetingDraft {
    MeetingDraft {
        village: village.as_str().to_owned(),
        held_on: "22/11/2026".to_owned(),
        language: "tyz".to_owned(),
        head_count: Some(heads),
        items,
        serials,
        others: Vec::new(),
        witness: "Nông Văn Tài".to_owned(),
        witness_standing: "Trưởng thôn".to_owned(),
        note: String::new(),
        again: true,
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
            ("xa", COMMUNE), ("village", village.as_str()), ("held_on", "22/11/2026"), ("language", "tyz"),
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

    async fn heads_of_a_village_nobody_counted_are_told_beside_the_figure(builder: KitBuilder) {
        let kit = started(builder).await;
        let (one, two) = (village(&kit, "Nà Cù", Some(800)).await, village(&kit, "Khuổi Lặng", None).await);
        publish(&kit, "p1").await;
        kit.db().change(async |tx| reach::note_contact(tx, &cast::path(cast::PLACE), tx.now()).await).await.expect("noted");
        meet(&kit, &one, 400, &["p1"], &[]).await;
        let large = meet(&kit, &two, 1_900, &["p1"], &[]).await;
        assert_eq!(on(&kit, "p1", "people", "confirmed").await, 400, "never in the numerator");
        assert_eq!(on(&kit, "p1", "unmeasured", "confirmed").await, 1_900);
        let both = "400 / 800 · 50 % và 1.900 người ở nơi chưa biết mẫu số";
        let of = |page: testkit::Page| page.text.replace("&#x2f;", "/");
        let board = of(kit.get(PROVINCE, "/do-phu?doi_tuong=people").await);
        assert!(board.matches(both).count() == 2, "the theme's row and the commune's: {board}");
        let ladder = of(kit.get(OFFICER, "/do-phu/p1?doi_tuong=people").await);
        assert!(ladder.contains("và 1.900 người ở nơi chưa biết mẫu số") && ladder.contains("1.900 người, chưa biết mẫu số"), "{ladder}");
        actions::void_meeting(kit.db(), NodeRole::Hub, &cast::officer(), &large, "Ghi nhầm số").await.expect("withdrawn");
        assert_eq!(on(&kit, "p1", "unmeasured", "confirmed").await, 0);
        assert_eq!(on(&kit, "p1", "people", "confirmed").await, 400);
    }

    async fn heads_above_the_frozen_number_are_said_and_not_cut_in_silence(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        publish(&kit, "p1").await;
        cast::count_people(&kit, &village, Day::new(2026, 11, 20), 150).await;
        meet(&kit, &village, 120, &["p1"], &[]).await;
        assert_eq!(on(&kit, "p1", "people", "confirmed").await, 100);
        assert_eq!(on(&kit, "p1", "surplus", "confirmed").await, 20);
        let ladder = kit.get(OFFICER, "/do-phu/p1?doi_tuong=people").await.text;
        assert!(ladder.contains("và 20 người dự họp ngoài số dân chốt lúc đăng"), "{ladder}");
    }

    async fn what_was_counted_before_is_put_beside_the_figure_by_the_migration(builder: KitBuilder) {
        let kit = started(builder).await;
        let (one, two) = (village(&kit, "Nà Cù", Some(100)).await, village(&kit, "Khuổi Lặng", None).await);
        publish(&kit, "p1").await;
        cast::count_people(&kit, &one, Day::new(2026, 11, 20), 150).await;
        meet(&kit, &one, 120, &["p1"], &[]).await;
        meet(&kit, &two, 60, &["p1"], &[]).await;
        let right = cast::counted(&kit, "p1").await;
        // As it stood until now: the heads of the uncounted village in every rung, the surplus nowhere.
        let columns = "publication, version, level, unit, audience, rung, channel, province, commune, path, people";
        let rung = |rung: u8| format!(
            "insert into reach_counts ({columns}) select publication, version, level, unit, 'people', {rung}, channel, \
             province, commune, path, people from reach_counts where audience = 'unmeasured' and level = 4; \
             update reach_counts set people = people + 60 where audience = 'people' and level = 3 and rung = {rung}"
        );
        let mut before: Vec<String> = (2..6).map(rung).collect();
        before.push("delete from reach_counts where audience in ('unmeasured', 'surplus')".to_owned());
        let migration = include_str!("../migrations/0007_beside.sql");
        let (_, moving) = migration.split_once(");").expect("a table first");
        for text in before.join(";").split(';').chain(moving.split(';')) {
            let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
            let text = lines.join("\n").trim().to_owned();
            if !text.is_empty() {
                run(&kit, text).await;
            }
        }
        let live = actions::snapshot(kit.db(), "p1", 1, &cast::path(cast::PLACE)).await.expect("counted");
        assert_eq!(live, right);
    }

    async fn a_meeting_before_the_item_was_published_proves_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        publish(&kit, "p1").await;
        let fields = |day: &'static str| vec![
            ("xa", COMMUNE), ("village", village.as_str()), ("held_on", day), ("language", "tyz"),
            ("head_count", "20"), ("items", "p1:1"), ("witness", "Nông Văn Tài"),
        ];
        let early = kit.post(OFFICER, "/hop-thon/moi", &fields("21/11/2026")).await;
        assert_eq!(early.status, 422, "{}", early.text);
        let text = testkit::html::unescape(&early.text);
        assert!(text.contains("Tin “Hỗ trợ nước sinh hoạt” đăng ngày 22/11/2026, sau ngày họp"), "{text}");
        assert_eq!(kit.post(OFFICER, "/hop-thon/moi", &fields("22/11/2026")).await.status, 303, "the very day is right");
    }

    async fn the_very_same_record_is_asked_about_before_it_is_written_twice(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        publish(&kit, "p1").await;
        let mut fields = vec![
            ("xa", COMMUNE), ("village", village.as_str()), ("held_on", "22/11/2026"), ("language", "tyz"),
            ("head_count", "20"), ("items", "p1:1"), ("witness", "Nông Văn Tài"),
        ];
        let first = kit.post(OFFICER, "/hop-thon/moi", &fields).await;
        assert_eq!(first.status, 303, "{}", first.text);
        let minutes = kit.follow(OFFICER, &first).await.text;
        assert!(minutes.contains("data-flash=\"done\"") && minutes.contains("Đã lưu biên bản"), "the draft may go: {minutes}");
        let again = kit.post(OFFICER, "/hop-thon/moi", &fields).await;
        assert!(again.status == 422 && again.text.contains("Đã có biên bản giống hệt"), "{}", again.text);
        assert!(again.text.contains("name=\"again\""), "{}", again.text);
        fields.push(("again", "1"));
        assert_eq!(kit.post(OFFICER, "/hop-thon/moi", &fields).await.status, 303);
        assert_eq!(on(&kit, "p1", "people", "confirmed").await, 20);
    }

    async fn whoever_may_not_be_ticked_is_named(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(100)).await;
        let silent = reach::model::person::PersonDraft { consents: Vec::new(), ..cast::draft("Lý A Sùng", &village) };
        actions::add_person(kit.db(), cast::HUB, &cast::officer(), &cast::id(COMMUNE), &silent).await.expect("added");
        publish(&kit, "p1").await;
        let refused = kit.post(OFFICER, "/hop-thon/moi", &[
            ("xa", COMMUNE), ("village", village.as_str()), ("held_on", "22/11/2026"), ("language", "tyz"),
            ("head_count", "20"), ("items", "p1:1"), ("people", "1"), ("witness", "Nông Văn Tài"),
        ]).await;
        assert!(refused.status == 422 && refused.text.contains("chưa đồng ý cho ghi nhận: Lý A Sùng"), "{}", refused.text);
    }
}

/// One statement that is not the program's own.
async fn run(kit: &Kit, text: String) {
    let text: &'static str = Box::leak(text.into_boxed_str());
    let statement = Box::leak(Box::new(Statement { text, file: file!(), line: line!() }));
    kit.db().change(async |tx| Ok(tx.run(statement, &[]).await?)).await.expect("it runs");
}
