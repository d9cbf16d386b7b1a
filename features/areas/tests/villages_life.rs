//! What happens to villages: other names, ends, mistakes, sums, people by ethnic group, and how nodes tell
//! each other.

use areas::{
    AreaId, AreaType, EventKind, NOT_IN_FORCE, VILLAGE_IN_USE, VillageUse,
    actions::{
        self, NewPopulation, NewVillage,
        villages::{self, NewVillageName, VillageEnd},
    },
    model::{
        ethnic::{GroupCount, shown},
        village_change::{GroupsBody, Note, NotesBody, runs},
        wire,
    },
    reference,
};
use kernel::{
    app::NodeRole,
    clock::Day,
    problem::{FORBIDDEN, INVALID_FORM, Outcome},
    records::{self, Incoming, Lane},
    scope::ScopePath,
};
use proptest::prelude::*;
use testkit::{Kit, KitBuilder, TestEngine, caller};

use crate::html;

pub const PLACE: &str = "/vn/19.2025/01969.2025/";
const MAI: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";

async fn started(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    kit
}

fn id(text: &str) -> AreaId {
    AreaId::parse(text).expect("an id")
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

async fn village(kit: &Kit, role: NodeRole, name: &str) -> AreaId {
    let mai = caller("Mai", "commune_officer", PLACE);
    let (commune, kind) = (id("01969.2025"), Some(AreaType::Thon));
    let draft = NewVillage { commune, kind, name: name.to_owned() };
    actions::add_village(kit.db(), role, &mai, draft).await.expect("added")
}

fn renamed(village: &AreaId, kind: AreaType, name: &str, on: &str) -> NewVillageName {
    NewVillageName {
        village: village.clone(),
        kind: Some(kind),
        name: name.to_owned(),
        on: Day::parse(on),
        instrument: "Nghị quyết số 12/NQ-HĐND".to_owned(),
    }
}

fn ended(village: &AreaId, into: Option<&AreaId>, on: &str) -> VillageEnd {
    VillageEnd {
        village: village.clone(),
        into: into.cloned(),
        on: Day::parse(on),
        instrument: "Nghị quyết số 12/NQ-HĐND".to_owned(),
    }
}

fn count(area: &AreaId, on: &str, people: i64, households: i64) -> NewPopulation {
    NewPopulation {
        area: area.clone(),
        on: Day::parse(on),
        people: Some(people),
        households: Some(households),
        source: "Rà soát".to_owned(),
    }
}

fn group(code: &str, people: i64, households: Option<i64>) -> GroupCount {
    GroupCount { ethnic: code.to_owned(), people, households }
}

async fn said(kit: &Kit) -> Vec<records::UpRow> {
    let rows = kit.db().view(async |tx| {
        let (epoch, _) = records::up_head(tx).await?.expect("something was said");
        Ok(records::up_after(tx, epoch, 0, 100).await?)
    });
    rows.await.expect("the log")
}

async fn apply(kit: &Kit, kind: u16, body: Vec<u8>, targets: &[&str]) -> Outcome<()> {
    let targets = targets.iter().filter_map(|path| ScopePath::parse(path)).collect();
    kit.hear(&Incoming { targets, ..testkit::said_by((7, PLACE), kind, body) }).await
}

testkit::on_both_engines! {
    async fn a_new_name_holds_from_its_day_and_the_old_one_stays_in_the_history(builder: KitBuilder) {
        let kit = started(builder).await;
        let mai = caller("Mai", "commune_officer", PLACE);
        let at = village(&kit, NodeRole::Hub, "Nà Pài").await;
        let rename = async |draft| villages::rename_village(kit.db(), NodeRole::Hub, &mai, draft).await;
        rename(renamed(&at, AreaType::Ban, "Nà Pái Mới", "2026-07-01")).await.expect("renamed");
        kit.db().view(async |tx| {
            let then = areas::find_at(tx, &at, day("2026-06-30")).await?.expect("the village then");
            let now = areas::find(tx, &at).await?.expect("the village now");
            assert_eq!((then.full_name.as_str(), now.full_name.as_str()), ("thôn Nà Pài", "bản Nà Pái Mới"));
            assert_eq!((then.until, now.from, then.path), (day("2026-07-01"), day("2026-07-01"), now.path));
            for (word, found) in [("nà pài", 1), ("nà pái mới", 1)] {
                let query = areas::Query { level: Some(areas::AreaLevel::Village), ..areas::Query::new(word) };
                assert_eq!(areas::search(tx, &query).await?.len(), found, "{word}");
            }
            Ok(())
        }).await.expect("read");
        // The same day again corrects; an earlier day cannot.
        rename(renamed(&at, AreaType::Ban, "Nà Pái", "2026-07-01")).await.expect("corrected");
        let wrong = [
            renamed(&at, AreaType::Ban, "Nà Bẩy", "2026-06-30"), renamed(&at, AreaType::Ban, "Nà Pái", "2026-08-01"),
            renamed(&at, AreaType::Ban, "Nà Bẩy", "2099-01-01"), renamed(&at, AreaType::Ban, "", "2026-08-01"),
            NewVillageName { instrument: String::new(), ..renamed(&at, AreaType::Ban, "Nà Bẩy", "2026-08-01") },
            NewVillageName { on: None, ..renamed(&at, AreaType::Ban, "Nà Bẩy", "2026-08-01") },
            renamed(&at, AreaType::RuralCommune, "Nà Bẩy", "2026-08-01"),
        ];
        for draft in wrong {
            let words = format!("{draft:?}");
            assert!(rename(draft).await.expect_err(&words).is(&INVALID_FORM), "{words}");
        }
        let lan = caller("Lan", "commune_officer", "/vn/19.2025/01942.2025/");
        let foreign = villages::rename_village(kit.db(), NodeRole::Hub, &lan, renamed(&at, AreaType::Ban, "A", "2026-08-01")).await;
        assert!(foreign.expect_err("refused").is(&FORBIDDEN));
        kit.db().view(async |tx| {
            let names: Vec<String> = areas::history(tx, &at).await?.into_iter().map(|fact| fact.area.full_name).collect();
            assert_eq!(names, ["thôn Nà Pài", "bản Nà Pái"]);
            let all: i64 = tx.one(kernel::sql!("select count(*) as value from areas_facts where unit = $1"), &[(&at).into()]).await?;
            assert_eq!(all, 4, "what was superseded stays in the book");
            Ok(())
        }).await.expect("read");
    }

    async fn an_ended_village_says_where_it_went_and_takes_nothing_more(builder: KitBuilder) {
        let kit = started(builder).await;
        let mai = caller("Mai", "commune_officer", PLACE);
        let (a, b) = (village(&kit, NodeRole::Hub, "Nà Pài").await, village(&kit, NodeRole::Hub, "Nà Phải").await);
        let end = async |draft| villages::end_village(kit.db(), NodeRole::Hub, &mai, draft).await;
        for wrong in [ended(&a, Some(&a), "2026-07-01"), ended(&a, Some(&id("01942.2025")), "2026-07-01"), ended(&a, None, "2025-07-01"), ended(&a, None, "2099-07-01")] {
            assert!(end(wrong).await.expect_err("wrong").is(&INVALID_FORM));
        }
        end(ended(&a, Some(&b), "2026-07-01")).await.expect("ended");
        assert!(end(ended(&a, None, "2026-08-01")).await.expect_err("twice").is(&NOT_IN_FORCE));
        let late = actions::record_population(kit.db(), NodeRole::Hub, &mai, count(&a, "2026-10-01", 5, 1)).await;
        assert!(late.expect_err("too late").is(&NOT_IN_FORCE));
        kit.db().view(async |tx| {
            let steps = areas::successors(tx, &a).await?;
            assert_eq!((steps.len(), steps[0].area.id.clone(), steps[0].whole, steps[0].event.kind), (1, b.clone(), true, EventKind::Merge));
            assert_eq!(areas::villages_of(tx, &id("01969.2025")).await?.len(), 1);
            assert!(areas::find_at(tx, &a, day("2026-06-30")).await?.is_some());
            Ok(())
        }).await.expect("read");
        assert!(html(&kit.get("", &format!("/dia-ban/{a}")).await).contains("toàn bộ thuộc"));
    }

    async fn only_an_unused_village_of_this_node_is_taken_back(builder: KitBuilder) {
        let kit = started(builder).await;
        let mai = caller("Mai", "commune_officer", PLACE);
        let (a, b) = (village(&kit, NodeRole::Hub, "Nhầm").await, village(&kit, NodeRole::Hub, "Nà Phải").await);
        actions::record_population(kit.db(), NodeRole::Hub, &mai, count(&b, "2026-10-01", 5, 1)).await.expect("counted");
        let remove = async |village: &AreaId, elsewhere| villages::remove_village(kit.db(), NodeRole::Hub, &mai, elsewhere, village).await;
        assert!(remove(&b, None).await.expect_err("it was counted").is(&VILLAGE_IN_USE));
        let used = VillageUse(|_, _| Box::pin(async { Ok(true) }));
        assert!(remove(&a, Some(used)).await.expect_err("another house holds it").is(&VILLAGE_IN_USE));
        remove(&a, None).await.expect("taken back");
        kit.db().view(async |tx| {
            assert_eq!(areas::find(tx, &a).await?, None);
            assert_eq!(areas::villages_of(tx, &id("01969.2025")).await?.len(), 1);
            Ok(())
        }).await.expect("read");
        village(&kit, NodeRole::Hub, "Nhầm").await;
    }

    async fn sums_say_how_many_villages_they_cover(builder: KitBuilder) {
        let kit = started(builder).await;
        let mai = caller("Mai", "commune_officer", PLACE);
        let (a, b) = (village(&kit, NodeRole::Hub, "Một").await, village(&kit, NodeRole::Hub, "Hai").await);
        village(&kit, NodeRole::Hub, "Ba").await;
        for (at, people) in [(&a, 100), (&a, 120), (&b, 0)] {
            kit.clock.advance(10);
            let households = people / 4;
            actions::record_population(kit.db(), NodeRole::Hub, &mai, count(at, "2026-10-01", people, households)).await.expect("counted");
        }
        kit.db().view(async |tx| {
            let place = ScopePath::parse("/vn/19.2025/").expect("a path");
            let sum = areas::rollup(tx, &place, day("2026-11-01")).await?;
            assert_eq!((sum.people, sum.households, sum.counted, sum.villages), (120, 30, 2, 3));
            assert!(!sum.is_whole());
            Ok(())
        }).await.expect("read");
        for path in ["/dia-ban/01969.2025", "/dia-ban/19.2025"] {
            assert!(html(&kit.get("", path).await).contains("2/3 thôn có số liệu"), "{path}");
        }
        let province = kit.get("Hà|province_officer|/vn/19.2025/", "/dia-ban/19.2025/dan-so").await;
        assert!(html(&province).contains("2/3 thôn có số liệu"), "{}", province.text);
    }

    async fn ethnic_groups_are_seen_in_the_commune_and_without_small_cells_above_it(builder: KitBuilder) {
        let kit = started(builder).await;
        let at = village(&kit, NodeRole::Hub, "Nà Pài").await;
        let path = format!("/dia-ban/{at}/dan-so");
        let form = [("on", "01/10/2026"), ("people", "300"), ("households", "70"), ("source", "Xã"), ("people_02", "204"), ("people_08", "3"), ("people_09", "87")];
        assert_eq!(kit.post(MAI, &path, &form).await.status, 303);
        let too_many = kit.post(MAI, &path, &[("on", "01/10/2026"), ("people", "300"), ("households", "70"), ("source", "Xã"), ("people_02", "299"), ("people_08", "2")]).await;
        assert_eq!(too_many.status, 422);
        assert!(too_many.text.contains("nhiều hơn tổng 300"), "{}", too_many.text);
        let officer = kit.get(MAI, &path).await;
        assert!(officer.text.contains(">204<") && officer.text.contains(">3<"), "{}", officer.text);
        let hai = "Hà|province_officer|/vn/19.2025/";
        let above = kit.get(hai, &path).await;
        assert!(above.status == 200 && !above.text.contains("204") && !above.text.contains("Theo dân tộc, ngày"), "{}", above.text);
        let commune = kit.get(hai, "/dia-ban/01969.2025/dan-so").await;
        assert!(commune.text.contains(">204<") && !commune.text.contains(">3<") && !commune.text.contains(">87<"), "{}", commune.text);
        for session in ["", "E|editor|/vn/", "Lan|commune_officer|/vn/19.2025/01942.2025/"] {
            assert_ne!(kit.get(session, "/dia-ban/01969.2025/dan-so").await.status, 200, "{session}");
        }
        for public in [format!("/dia-ban/{at}"), "/dia-ban/01969.2025".to_owned(), format!("/api/v1/areas/{at}")] {
            let page = kit.get("", &public).await;
            assert!(page.status == 200 && !page.text.contains("204") && !page.text.contains("Theo dân tộc"), "{public}");
        }
    }

    async fn what_a_point_changes_stands_at_the_hub_once(builder: KitBuilder) {
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(2)).await;
        let hub = started(builder).await;
        let mai = caller("Mai", "commune_officer", PLACE);
        let role = NodeRole::Point;
        let (a, b) = (village(&point, role, "Một").await, village(&point, role, "Hai").await);
        let mistake = village(&point, role, "Nhầm").await;
        let groups = vec![group("02", 90, Some(20)), group("08", 10, None)];
        villages::record_population_by_group(point.db(), role, &mai, count(&a, "2026-10-01", 120, 30), groups.clone()).await.expect("counted");
        villages::rename_village(point.db(), role, &mai, renamed(&b, AreaType::Ban, "Hai Mới", "2026-07-01")).await.expect("renamed");
        villages::end_village(point.db(), role, &mai, ended(&b, Some(&a), "2026-09-01")).await.expect("ended");
        villages::remove_village(point.db(), role, &mai, None, &mistake).await.expect("taken back");
        let rows = said(&point).await;
        assert_eq!(rows.iter().map(|row| row.kind).collect::<Vec<_>>(), [10, 10, 10, 11, 14, 13, 13, 13]);
        for _ in 0..2 {
            for row in &rows {
                apply(&hub, row.kind, row.body.clone(), &[]).await.expect("applied");
            }
        }
        for kit in [&point, &hub] {
            kit.db().view(async |tx| {
                assert_eq!(areas::find(tx, &b).await?.expect("the village").full_name, "bản Hai Mới");
                assert_eq!(areas::successors(tx, &b).await?.len(), 1);
                assert_eq!(areas::find(tx, &mistake).await?, None);
                let known: i64 = tx.one(kernel::sql!("select cast(coalesce(sum(people), 0) as bigint) as value from areas_group_counts"), &[]).await?;
                assert_eq!(known, 100);
                Ok(())
            }).await.expect("read");
        }
    }

    async fn ethnic_groups_never_travel_down_and_are_not_taken_from_above(builder: KitBuilder) {
        let hub = started(builder).await;
        let mai = caller("Mai", "commune_officer", PLACE);
        let at = village(&hub, NodeRole::Hub, "Một").await;
        let id = villages::record_population_by_group(hub.db(), NodeRole::Hub, &mai, count(&at, "2026-10-01", 120, 30), vec![group("02", 90, None)]).await.expect("counted");
        let down = hub.db().view(async |tx| Ok(records::down_after(tx, Lane::Control, 0, 0, 10).await?)).await.expect("the log");
        assert_eq!(down.len(), 2, "the village and the count, nothing more");
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(2)).await;
        apply(&point, 13, wire::encode(&NotesBody::of(&crate::villages_life::id("01969.2025"), vec![Note::Village(at.clone(), "thon".into(), "Một".into()), Note::Counted(id.clone(), at.clone(), day("2026-10-01"), 120, 30, "Xã".into(), kernel::clock::Timestamp::from_millis(1))])), &[PLACE]).await.expect("applied");
        apply(&point, 14, wire::encode(&GroupsBody::of(&crate::villages_life::id("01969.2025"), vec![(id, at, vec![group("02", 90, None)])])), &[PLACE]).await.expect("put aside");
        point.db().view(async |tx| {
            let rows: i64 = tx.one(kernel::sql!("select count(*) as value from areas_group_counts"), &[]).await?;
            assert_eq!(rows, 0);
            Ok(())
        }).await.expect("read");
    }

    async fn the_page_of_a_village_renames_ends_and_takes_back(builder: KitBuilder) {
        let kit = started(builder).await;
        let (a, b) = (village(&kit, NodeRole::Hub, "Một").await, village(&kit, NodeRole::Hub, "Hai").await);
        let page = kit.get(MAI, &format!("/dia-ban/{a}/sua")).await;
        assert!(page.status == 200 && html(&page).contains("Xóa vì nhập nhầm"), "{}", page.text);
        let again = kit.post(MAI, &format!("/dia-ban/{a}/sua"), &[("kind", "thon"), ("name", "<b>"), ("on", "32/13/2026"), ("instrument", "")]).await;
        assert!(again.status == 422 && again.text.contains("Nhập văn bản") && again.text.contains("32/13/2026"), "{}", again.text);
        let list = "/dia-ban/01969.2025/thon";
        let done = kit.post(MAI, &format!("/dia-ban/{a}/sua"), &[("kind", "ban"), ("name", "Một"), ("on", "01/07/2026"), ("instrument", "NQ 1")]).await;
        assert_eq!((done.status, done.location()), (303, list));
        let done = kit.post(MAI, &format!("/dia-ban/{a}/ket-thuc"), &[("end_into", b.as_str()), ("end_on", "01/08/2026"), ("end_instrument", "NQ 1")]).await;
        assert_eq!((done.status, done.location()), (303, list));
        assert!(kit.get(MAI, &format!("/dia-ban/{a}/sua")).await.text.contains("đã kết thúc"));
        assert_eq!(kit.post(MAI, &format!("/dia-ban/{b}/nhap-nham"), &[]).await.status, 409);
        assert_eq!(kit.get(MAI, "/dia-ban/01969.2025/sua").await.status, 422);
        assert_eq!(kit.get("", &format!("/dia-ban/{b}/sua")).await.status, 303);
        assert_eq!(kit.get("E|editor|/vn/", &format!("/dia-ban/{b}/sua")).await.status, 403);
    }
}

fn any_counts() -> impl Strategy<Value = Vec<GroupCount>> {
    let one = (0_i64..40, proptest::option::of(0_i64..8));
    proptest::collection::vec(one, 1..8).prop_map(|cells| {
        let groups = cells.into_iter().enumerate();
        groups
            .map(|(at, (people, households))| GroupCount {
                ethnic: format!("{:02}", at + 1),
                people,
                households: households.map(|many| many.min(people)),
            })
            .collect()
    })
}

proptest! {
    /// Whoever knows the total and what is shown cannot work out a small cell.
    #[test]
    fn hidden_cells_have_more_than_one_answer(counts in any_counts()) {
        let total: i64 = counts.iter().map(|one| one.people).sum();
        let cells = shown(total, &counts, false);
        for (cell, count) in cells.iter().zip(&counts) {
            prop_assert!(cell.hidden || !(1..5).contains(&count.people));
            prop_assert!(cell.hidden || cell.people == Some(count.people));
        }
        let hidden: Vec<i64> = cells.iter().zip(&counts).filter(|(cell, _)| cell.hidden).map(|(_, one)| one.people).collect();
        let rest: i64 = hidden.iter().sum();
        let small = hidden.iter().any(|people| (1..5).contains(people));
        let everything = hidden.len() == counts.len();
        if small && !everything {
            prop_assert!(hidden.len() > 1);
            let many = i64::try_from(hidden.len()).unwrap();
            prop_assert!(rest != many, "all ones");
        }
        let whole = shown(total, &counts, true);
        prop_assert!(whole.iter().all(|cell| !cell.hidden));
    }

    #[test]
    fn runs_keep_every_note_in_order(lengths in proptest::collection::vec(0_usize..400, 0..200)) {
        let notes: Vec<String> = lengths.iter().map(|length| "ơ".repeat(*length)).collect();
        let cut = runs(notes.clone());
        prop_assert_eq!(cut.concat(), notes);
        prop_assert!(cut.iter().all(|run| !run.is_empty() && wire::encode(run).len() < 12 << 10));
    }

    #[test]
    fn notes_from_noise_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = wire::decode::<NotesBody>(&bytes);
        let _ = wire::decode::<GroupsBody>(&bytes);
    }
}
