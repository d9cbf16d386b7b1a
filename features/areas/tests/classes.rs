//! Classes and flags: who may say so, what counts on a day, what travels.

use areas::{
    AreaId, AreaType, CLASSIFY, Class, ClassFact, Mark, NOT_A_COMMUNE, ONLY_AT_THE_HUB,
    actions::{self, NewVillage, classes::NewClassing},
    model::{
        class::{Classing, spans},
        village_change::{Note, NotesBody},
        wire,
    },
    reference,
};
use kernel::{
    app::NodeRole,
    caller::Caller,
    clock::{Day, Timestamp},
    ids::Id,
    problem::{FORBIDDEN, INVALID_FORM, SIGN_IN_NEEDED},
    records::{self, Lane},
    scope::ScopePath,
};
use proptest::prelude::*;
use testkit::{Kit, KitBuilder, TestEngine, caller};

use crate::html;

const PLACE: &str = "/vn/19.2025/01969.2025/";

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

fn draft(area: &AreaId, mark: Mark, class: Option<Class>, from: &str) -> NewClassing {
    NewClassing {
        area: area.clone(),
        mark: Some(mark),
        class,
        from: Day::parse(from),
        last: None,
        instrument: "Quyết định số 60/QĐ-BDTTG".to_owned(),
        confirmed: true,
    }
}

async fn classes(kit: &Kit, area: &AreaId, on: &str) -> Vec<Class> {
    let facts = kit.db().view(async |tx| Ok(areas::classes_on(tx, area, day(on)).await?)).await;
    facts.expect("read").into_iter().filter_map(|fact| fact.said.class).collect()
}

testkit::on_both_engines! {
    async fn the_province_decides_at_the_hub_and_nobody_else(builder: KitBuilder) {
        let kit = started(builder).await;
        let commune = id("01969.2025");
        let said = || draft(&commune, Mark::Region, Some(Class::RegionIII), "2026-01-01");
        let refused = [
            (Caller::nobody(kit.app.now()), NodeRole::Hub, &SIGN_IN_NEEDED),
            (caller("Mai", "commune_officer", PLACE), NodeRole::Hub, &FORBIDDEN),
            (caller("Hà", "province_officer", "/vn/22.2024/"), NodeRole::Hub, &FORBIDDEN),
            (caller("E", "editor", "/"), NodeRole::Hub, &FORBIDDEN),
            (caller("Hà", "province_officer", "/vn/19.2025/"), NodeRole::Point, &ONLY_AT_THE_HUB),
        ];
        for (who, role, kind) in refused {
            let failure = actions::classes::classify(kit.db(), role, &who, said()).await.expect_err("refused");
            assert!(failure.is(kind), "{}: {failure}", who.id());
        }
        let hai = caller("Hà", "province_officer", "/vn/19.2025/");
        assert!(hai.may_somewhere(&CLASSIFY));
        let classify = async |said| actions::classes::classify(kit.db(), NodeRole::Hub, &hai, said).await;
        classify(said()).await.expect("classed");
        let wrong = [
            draft(&commune, Mark::Hardship, Some(Class::Hardship), "2026-01-01"),
            draft(&commune, Mark::Region, Some(Class::Border), "2026-01-01"),
            draft(&commune, Mark::Region, None, "31/02/2026"),
            NewClassing { last: Some(day("2025-12-31")), ..said() },
            NewClassing { instrument: " ".to_owned(), ..said() },
            NewClassing { mark: None, ..said() },
            draft(&id("01990.2024"), Mark::Region, Some(Class::RegionI), "2026-01-01"),
        ];
        for one in wrong {
            let words = format!("{one:?}");
            let admin = caller("Q", "administrator", "/");
            let failure = actions::classes::classify(kit.db(), NodeRole::Hub, &admin, one).await.expect_err(&words);
            assert!(failure.is(&INVALID_FORM), "{words}: {failure}");
        }
        assert!(classify(draft(&id("19.2025"), Mark::Border, None, "2026-01-01")).await.expect_err("a province").is(&NOT_A_COMMUNE));
    }

    async fn a_later_statement_counts_and_the_marks_are_independent(builder: KitBuilder) {
        let kit = started(builder).await;
        let hai = caller("Hà", "province_officer", "/vn/19.2025/");
        let commune = id("01969.2025");
        let mai = caller("Mai", "commune_officer", PLACE);
        let kind = Some(AreaType::Thon);
        let village = actions::add_village(kit.db(), NodeRole::Hub, &mai, NewVillage { commune: commune.clone(), kind, name: "Nà Pài".to_owned() }).await.expect("added");
        let classify = async |said| {
            kit.clock.advance(1000);
            actions::classes::classify(kit.db(), NodeRole::Hub, &hai, said).await.expect("classed")
        };
        classify(draft(&commune, Mark::Region, Some(Class::RegionIII), "2026-01-01")).await;
        classify(draft(&commune, Mark::Region, Some(Class::RegionII), "2026-09-01")).await;
        classify(draft(&commune, Mark::Border, Some(Class::Border), "2026-01-01")).await;
        classify(draft(&commune, Mark::Region, None, "2026-11-01")).await;
        classify(draft(&village, Mark::Hardship, Some(Class::Hardship), "2026-01-01")).await;
        assert_eq!(classes(&kit, &commune, "2025-12-31").await, []);
        assert_eq!(classes(&kit, &commune, "2026-08-31").await, [Class::RegionIII, Class::Border]);
        assert_eq!(classes(&kit, &commune, "2026-09-01").await, [Class::RegionII, Class::Border]);
        assert_eq!(classes(&kit, &commune, "2026-11-22").await, [Class::Border]);
        assert_eq!(classes(&kit, &village, "2026-11-22").await, [Class::Hardship], "though its commune is in no region");
        classify(NewClassing { last: Some(day("2026-09-30")), ..draft(&commune, Mark::Region, Some(Class::RegionI), "2026-09-15") }).await;
        assert_eq!(classes(&kit, &commune, "2026-09-20").await, [Class::RegionI, Class::Border]);
        assert_eq!(classes(&kit, &commune, "2026-10-01").await, [Class::RegionII, Class::Border]);
        kit.db().view(async |tx| {
            let country = ScopePath::parse("/vn/").expect("a path");
            let other = ScopePath::parse("/vn/22.2024/").expect("a path");
            let there = areas::communes_in_class(tx, Class::RegionII, day("2026-10-05"), &country).await?;
            assert!(there.len() == 1 && there[0].id == commune, "{there:?}");
            assert_eq!(areas::communes_in_class(tx, Class::RegionIII, day("2026-10-05"), &country).await?, []);
            assert_eq!(areas::communes_in_class(tx, Class::RegionII, day("2026-10-05"), &other).await?, []);
            assert_eq!(areas::villages_in_class(tx, Class::Hardship, day("2026-10-05"), &country).await?.len(), 1);
            Ok(())
        }).await.expect("read");
    }

    async fn classes_travel_down_and_are_not_taken_from_below(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(2)).await;
        let hai = caller("Hà", "province_officer", "/vn/19.2025/");
        let commune = id("01969.2025");
        actions::classes::classify(hub.db(), NodeRole::Hub, &hai, draft(&commune, Mark::Region, Some(Class::RegionIII), "2026-01-01")).await.expect("classed");
        let down = hub.db().view(async |tx| Ok(records::down_after(tx, Lane::Control, 0, 0, 10).await?)).await.expect("the log");
        assert_eq!((down.len(), down[0].targets.as_str()), (1, PLACE));
        let said = hub.db().view(async |tx| Ok(areas::classes_on(tx, &commune, day("2026-02-01")).await?)).await.expect("read").remove(0);
        let note = Note::Classed(said.id, commune.clone(), said.said, said.recorded_at);
        let body = wire::encode(&NotesBody::of(&commune, vec![note]));
        let mut incoming = testkit::said_by((7, "/vn/"), 13, body);
        point.hear(&incoming).await.expect("put aside");
        assert_eq!(classes(&point, &commune, "2026-02-01").await, []);
        incoming.targets = vec![ScopePath::parse(PLACE).expect("a path")];
        for _ in 0..2 {
            point.hear(&incoming).await.expect("applied");
        }
        assert_eq!(classes(&point, &commune, "2026-02-01").await, [Class::RegionIII]);
    }

    async fn the_form_records_and_pages_and_programs_show(builder: KitBuilder) {
        let kit = started(builder).await;
        let (hai, path) = ("Hà|province_officer|/vn/19.2025/", "/dia-ban/01969.2025/phan-loai");
        let wrong = kit.post(hai, path, &[("mark", "region:border"), ("from", "1/13/2026"), ("last", "mai"), ("instrument", "<b>")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("&lt;b&gt;"), "{}", wrong.text);
        let done = kit.post(hai, path, &[("mark", "region:region_3"), ("from", "01/01/2026"), ("last", ""), ("instrument", "QĐ 60"), ("confirmed", "1")]).await;
        assert_eq!((done.status, done.location()), (303, path));
        assert!(html(&kit.get(hai, path).await).contains("Xã khu vực III"));
        assert!(html(&kit.get(hai, "/dia-ban/19.2025/phan-loai").await).contains("Xã khu vực III"));
        let officer = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", path).await;
        assert!(officer.status == 200 && !officer.text.contains("name=\"mark\""), "the commune reads only");
        assert!(kit.get("", "/dia-ban/01969.2025").await.text.contains("Xã khu vực III"));
        let json: serde_json::Value = serde_json::from_str(&kit.get("", "/api/v1/areas/01969.2025").await.text).expect("JSON");
        assert_eq!(json["classes"][0]["class"], "region_3");
        assert_eq!(kit.get("", path).await.status, 303);
        assert_eq!(kit.get("E|editor|/vn/", path).await.status, 403);
        assert_eq!(kit.get(hai, "/dia-ban/vn/phan-loai").await.status, 403);
    }
}

fn statement(at: i64, from: i32, length: i32, class: u8) -> ClassFact {
    let from = day("2026-01-01").plus_days(from);
    let classes = [None, Some(Class::RegionI), Some(Class::RegionII), Some(Class::RegionIII)];
    ClassFact {
        id: Id::from_text(format!("{at:032x}")),
        unit: id("01969.2025"),
        said: Classing {
            mark: Mark::Region,
            class: classes[usize::from(class % 4)],
            from,
            until: from.plus_days(length),
            instrument: "QĐ".to_owned(),
            confirmed: false,
        },
        recorded_at: Timestamp::from_millis(at),
    }
}

proptest! {
    /// The spans say for every day what the statement recorded last says, in whatever order they arrive.
    #[test]
    fn spans_agree_with_the_statements_day_by_day(
        said in proptest::collection::vec((0_i32..60, 1_i32..40, any::<u8>()), 0..12), turn in any::<usize>(),
    ) {
        let mut facts: Vec<ClassFact> = said.iter().zip(0..).map(|((from, length, class), at)| statement(at, *from, *length, *class)).collect();
        let one = spans(&facts, Mark::Region);
        for offset in -1..101 {
            let on = day("2026-01-01").plus_days(offset);
            let covers = |fact: &&ClassFact| fact.said.from <= on && on < fact.said.until;
            let told = facts.iter().filter(covers).max_by_key(|fact| fact.recorded_at).map(|fact| fact.said.class);
            let shown: Vec<_> = one.iter().filter(covers).map(|fact| fact.said.class).collect();
            prop_assert_eq!(shown, told.into_iter().collect::<Vec<_>>());
        }
        let length = facts.len().max(1);
        facts.rotate_left(turn % length);
        prop_assert_eq!(one, spans(&facts, Mark::Region));
    }
}
