//! Lives across decrees: 2021 joined to 2024, villages that go along or wait, what was believed when.

use areas::{
    AreaType, Succeeded, Unsucceeded,
    actions::{self, NewVillage},
};
use kernel::{app::NodeRole, caller::Caller, clock::Timestamp, events::Event, sql};
use testkit::Kit;

use super::{apply, before_2025, day, id, kept, path_on, state, today, undo};

const HEAD: &str = "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Tỷ lệ,Căn cứ\n";

async fn announced(kit: &Kit, kind: &str) -> i64 {
    let kind = kind.to_owned();
    kit.db()
        .view(async |tx| {
            Ok(tx
                .one(
                    sql!("select count(*) as value from kernel_events where kind = $1"),
                    &[kind.as_str().into()],
                )
                .await?)
        })
        .await
        .expect("counted")
}

pub async fn village(kit: &Kit, commune: &str, name: &str) -> areas::AreaId {
    let draft =
        NewVillage { commune: id(commune), kind: Some(AreaType::Thon), name: name.to_owned() };
    actions::add_village(kit.db(), NodeRole::Hub, &Caller::system(kit.app.now()), draft)
        .await
        .expect("added")
}

testkit::on_both_engines! {
    async fn a_decree_between_the_frames_mends_what_was_undefined(builder: KitBuilder) {
        let kit = before_2025(builder, &["19"]).await;
        let (old, other, new) = (id("05536.2021"), id("05569.2021"), id("05569.2024"));
        let heirs = async |unit: &areas::AreaId| kit.db().view(async |tx| Ok(areas::successors(tx, unit).await?)).await.expect("heirs");
        assert!(heirs(&old).await.is_empty(), "undefined so far");
        let before = state(&kit).await;
        let decree = kept(&kit, "2023-02-01", &format!("{HEAD}05536,nhập,05569,,,,,\n05569,nhập,05569,,,,,\n")).await;
        apply(&kit, &decree).await;
        for unit in [&old, &other] {
            let heirs = heirs(unit).await;
            assert_eq!(heirs.len(), 1);
            assert!(heirs[0].whole && heirs[0].area.id == new);
        }
        // The old district is the parent until its own frame ends, the new one afterwards.
        assert_eq!(path_on(&kit, &new, "2023-02-01").await.as_deref(), Some("/vn/19.2021/167.2021/05569.2024/"));
        assert_eq!(path_on(&kit, &new, "2024-06-30").await.as_deref(), Some("/vn/19.2024/167.2024/05569.2024/"));
        assert_eq!(path_on(&kit, &new, "2023-01-31").await, None);
        assert_eq!(path_on(&kit, &old, "2023-01-31").await.as_deref(), Some("/vn/19.2021/167.2021/05536.2021/"));
        assert_eq!(path_on(&kit, &old, "2023-02-01").await, None);
        undo(&kit, &decree).await;
        assert_eq!(state(&kit).await, before);
        assert!(heirs(&old).await.is_empty(), "undefined again");
    }

    async fn the_same_territory_is_joined_to_the_next_frame(builder: KitBuilder) {
        let kit = before_2025(builder, &["19"]).await;
        let rows = "19,giữ nguyên,19,,,,,\n167,giữ nguyên,167,,,,,\n05551,giữ nguyên,05551,,,,,\n";
        let decree = kept(&kit, "2024-06-30", &format!("{HEAD}{rows}")).await;
        let before = state(&kit).await;
        apply(&kit, &decree).await;
        let heirs = kit.db().view(async |tx| Ok(areas::successors(tx, &id("05551.2021")).await?)).await.expect("heirs");
        assert!(heirs.len() == 1 && heirs[0].whole && heirs[0].area.id == id("05551.2024"));
        assert_eq!(heirs[0].event.kind, areas::EventKind::Equivalent);
        undo(&kit, &decree).await;
        assert_eq!(state(&kit).await, before);
    }

    async fn villages_go_along_with_a_whole_commune_and_come_back(builder: KitBuilder) {
        let kit = today(builder).await;
        let na_pai = village(&kit, "01942.2025", "Nà Pài").await;
        let before = state(&kit).await;
        let decree = kept(&kit, "2026-11-01", &format!("{HEAD}01969,,01969,,,,,\n01942,,01969,,,,,\n")).await;
        apply(&kit, &decree).await;
        assert_eq!(path_on(&kit, &na_pai, "2026-11-01").await, Some(format!("/vn/19.2025/01969.20261101/{na_pai}/")));
        assert_eq!(path_on(&kit, &na_pai, "2026-10-31").await, Some(format!("/vn/19.2025/01942.2025/{na_pai}/")));
        let query = areas::Query { text: "na pai".into(), level: None, at: None, limit: 5 };
        let hits = kit.db().view(async |tx| Ok(areas::search(tx, &query).await?)).await.expect("hits");
        assert!(hits.iter().any(|hit| hit.area.id == na_pai && hit.within.contains("Phủ Thông")), "{hits:?}");
        undo(&kit, &decree).await;
        assert_eq!(state(&kit).await, before);
    }

    async fn villages_of_a_divided_commune_wait_until_somebody_decides(builder: KitBuilder) {
        let kit = today(builder).await;
        let (one, two) = (village(&kit, "01942.2025", "Nà Một").await, village(&kit, "01942.2025", "Nà Hai").await);
        let before = state(&kit).await;
        let rows = "01942,,01942,,,,2/3,dân số\n01942,,01969,,,,1/3,dân số\n01969,,01969,,,,,\n";
        let decree = kept(&kit, "2026-11-01", &format!("{HEAD}{rows}")).await;
        apply(&kit, &decree).await;
        let after = state(&kit).await;
        assert_eq!(path_on(&kit, &one, "2026-11-20").await, Some(format!("/vn/19.2025/01942.2025/{one}/")));
        let mine = testkit::caller("Mai", "commune_officer", "/vn/19.2025/01969.20261101/");
        let assign = async |village: &areas::AreaId, commune: &str| actions::assign_village(kit.db(), NodeRole::Hub, &mine, village, &id(commune)).await;
        assert!(assign(&one, "01942.20261101").await.expect_err("another commune").is(&kernel::problem::FORBIDDEN));
        assign(&one, "01969.20261101").await.expect("assigned");
        assert!(assign(&one, "01969.20261101").await.expect_err("settled").is(&areas::VILLAGE_SETTLED));
        assert_eq!(path_on(&kit, &one, "2026-11-01").await, Some(format!("/vn/19.2025/01969.20261101/{one}/")));
        assert_eq!(path_on(&kit, &one, "2026-10-31").await, Some(format!("/vn/19.2025/01942.2025/{one}/")));
        assert_eq!(path_on(&kit, &two, "2026-11-20").await, Some(format!("/vn/19.2025/01942.2025/{two}/")));
        undo(&kit, &decree).await;
        assert_eq!(state(&kit).await, before);
        apply(&kit, &decree).await;
        assert_eq!(state(&kit).await, after);
        let parts: Vec<(i64, i64)> = kit.db().view(async |tx| Ok(areas::successors(tx, &id("01942.2025")).await?)).await.expect("heirs")
            .iter().filter_map(|heir| heir.weight.map(|weight| (weight.num, weight.den))).collect();
        assert_eq!(parts.len(), 2);
        assert!(parts.contains(&(2, 3)) && parts.contains(&(1, 3)));
    }

    async fn a_decree_recorded_late_changes_the_view_and_not_what_was_believed(builder: KitBuilder) {
        let kit = today(builder).await;
        let commune = id("01942.2025");
        let then = kit.app.now();
        kit.clock.advance(86_400_000);
        let decree = kept(&kit, "2026-10-01", &format!("{HEAD}01969,,01969,,,,,\n01942,,01969,,,,,\n")).await;
        apply(&kit, &decree).await;
        let known = async |at: Timestamp| kit.db().view(async |tx| Ok(areas::find_as_known(tx, &commune, day("2026-11-01"), at).await?)).await.expect("it is read");
        assert!(known(then).await.is_some_and(|area| area.name == "Bạch Thông" || !area.name.is_empty()));
        assert_eq!(known(kit.app.now()).await, None);
        let applied = kit.app.now();
        kit.clock.advance(1);
        undo(&kit, &decree).await;
        assert!(known(kit.app.now()).await.is_some());
        assert_eq!(known(applied).await, None);
        // All within one millisecond: the rows do not collide, and the last word holds.
        for _ in 0..3 {
            apply(&kit, &decree).await;
            undo(&kit, &decree).await;
        }
        assert!(known(kit.app.now()).await.is_some());
    }

    async fn others_are_told_on_the_day_and_when_it_is_taken_back(builder: KitBuilder) {
        let kit = today(builder).await;
        let decree = kept(&kit, "2026-12-01", &format!("{HEAD}01969,,01969,,,,,\n01942,,01969,,,,,\n")).await;
        apply(&kit, &decree).await;
        kit.settle().await;
        assert_eq!(announced(&kit, Succeeded::KIND).await, 0, "its day is still to come");
        undo(&kit, &decree).await;
        kit.clock.advance(30 * 86_400_000);
        kit.settle().await;
        assert_eq!(announced(&kit, Succeeded::KIND).await, 0, "it was undone before");
        assert_eq!(announced(&kit, Unsucceeded::KIND).await, 0);
        apply(&kit, &decree).await;
        assert_eq!(announced(&kit, Succeeded::KIND).await, 1);
        undo(&kit, &decree).await;
        assert_eq!(announced(&kit, Unsucceeded::KIND).await, 1);
        let payload: String = kit.db().view(async |tx| Ok(tx.one(sql!("select payload as value from kernel_events where kind = 'areas.succeeded'"), &[]).await?)).await.expect("told");
        let told: Succeeded = serde_json::from_str(&payload).expect("an event");
        let mut from: Vec<_> = told.steps.iter().map(|step| step.from.to_string()).collect();
        from.sort();
        assert_eq!(from, ["01942.2025", "01969.2025"]);
        assert!(told.steps.iter().all(|step| step.whole().is_some_and(|heir| heir.path.as_str() == "/vn/19.2025/01969.20261201/")));
    }

    async fn a_village_added_while_the_end_is_known_goes_along(builder: KitBuilder) {
        let kit = today(builder).await;
        let decree = kept(&kit, "2026-12-01", &format!("{HEAD}01969,,01969,,,,,\n01942,,01969,,,,,\n")).await;
        apply(&kit, &decree).await;
        let late = village(&kit, "01942.2025", "Nà Muộn").await;
        assert_eq!(path_on(&kit, &late, "2026-11-30").await, Some(format!("/vn/19.2025/01942.2025/{late}/")));
        assert_eq!(path_on(&kit, &late, "2026-12-01").await, Some(format!("/vn/19.2025/01969.20261201/{late}/")));
        undo(&kit, &decree).await;
        assert_eq!(path_on(&kit, &late, "2026-12-01").await, Some(format!("/vn/19.2025/01942.2025/{late}/")));
    }

    async fn what_was_added_meanwhile_goes_back_with_its_commune(builder: KitBuilder) {
        let kit = before_2025(builder, &["19"]).await;
        let decree = kept(&kit, "2025-01-01", &format!("{HEAD}05551,đổi cấp trên,,,,168,,\n")).await;
        apply(&kit, &decree).await;
        let new = village(&kit, "05551.2024", "Nà Mới").await;
        assert_eq!(path_on(&kit, &new, "2025-02-01").await, Some(format!("/vn/19.2024/168.2024/05551.2024/{new}/")));
        undo(&kit, &decree).await;
        assert_eq!(path_on(&kit, &new, "2025-02-01").await, Some(format!("/vn/19.2024/167.2024/05551.2024/{new}/")));
        apply(&kit, &decree).await;
        assert_eq!(path_on(&kit, &new, "2025-02-01").await, Some(format!("/vn/19.2024/168.2024/05551.2024/{new}/")));
    }

    async fn several_decrees_between_the_frames_follow_each_other(builder: KitBuilder) {
        let kit = before_2025(builder, &["19"]).await;
        let before = state(&kit).await;
        let first = kept(&kit, "2022-01-01", &format!("{HEAD}05536,,05569.20220101,Bảo Cường,xã,,,\n05569,,05569.20220101,,,,,\n")).await;
        apply(&kit, &first).await;
        let second = kept(&kit, "2023-02-01", &format!("{HEAD}05569,,05569,,,,,\n05551,,05569,,,,,\n")).await;
        apply(&kit, &second).await;
        let living = async |on: &str| {
            let on = day(on);
            let found = kit.db().view(async |tx| Ok(areas::by_code(tx, "05569", on).await?)).await;
            found.expect("it is read").map(|area| area.id.to_string())
        };
        assert_eq!(living("2021-12-31").await.as_deref(), Some("05569.2021"));
        assert_eq!(living("2022-01-01").await.as_deref(), Some("05569.20220101"));
        assert_eq!(living("2023-02-01").await.as_deref(), Some("05569.2024"));
        undo(&kit, &second).await;
        undo(&kit, &first).await;
        assert_eq!(state(&kit).await, before);
    }
}
