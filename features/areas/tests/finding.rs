//! Reading and finding areas on both engines, over the whole country.

use std::time::{Duration, UNIX_EPOCH};

use areas::{Area, AreaId, AreaLevel, Hit, Query, reference};
use kernel::{
    clock::Day,
    db::{Engine, STATEMENTS, Value},
    scope::ScopePath,
};
use testkit::{Kit, KitBuilder};

async fn thai_nguyen(builder: KitBuilder) -> Kit {
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

async fn find(kit: &Kit, query: Query) -> Vec<Hit> {
    kit.db()
        .view(async |tx| Ok(areas::search(tx, &query).await?))
        .await
        .expect("the search answers")
}

async fn first(kit: &Kit, text: &str) -> String {
    find(kit, Query::new(text)).await.first().map_or_else(|| format!("nothing for {text:?}"), told)
}

fn told(hit: &Hit) -> String {
    let mut line = format!("{} ({})", hit.area.full_name, hit.within);
    for heir in &hit.became {
        let share = if heir.whole { "→" } else { "⇢" };
        line += &[" ", share, " ", &heir.area.full_name, ", ", &heir.within].concat();
    }
    line
}

/// Only for figures that are printed; nothing here depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "a test prints how long the load and the search took"
)]
fn stopwatch() -> Duration {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn since(before: Duration) -> Duration {
    stopwatch().saturating_sub(before)
}

/// With the commonest word in every place: then an engine that judges by what is asked for, as SQLite does, is
/// most tempted to read everything instead.
async fn no_search_reads_a_whole_table(kit: &Kit) {
    if kit.db().engine() != Engine::Sqlite {
        return;
    }
    let searching = STATEMENTS.iter().filter(|one| one.file.ends_with("store/search.rs"));
    let mut seen = 0;
    for statement in searching {
        let count = (1..100)
            .take_while(|at| {
                let mark = format!("${at}");
                let mut after =
                    statement.text.match_indices(&mark).map(|(start, _)| start + mark.len());
                after.any(|end| !statement.text[end..].starts_with(|c: char| c.is_ascii_digit()))
            })
            .count();
        let first = ["", "9999-12-31", "2024-06-30", "binh", "binh\u{10ffff}"];
        let words = first.into_iter().chain(std::iter::repeat("binh"));
        let values: Vec<Value> = words.take(count).map(Value::from).collect();
        let plan = kit.db().plan(statement, &values).await.expect("the engine tells its plan");
        // What was typed is read through; nothing that is stored may be.
        let whole = |step: &&String| step.starts_with("SCAN") && !step.ends_with("VALUES CLAUSE");
        assert!(!plan.is_empty() && !plan.iter().any(|step| whole(&step)), "{plan:?}");
        seen += 1;
    }
    assert!(seen >= 4, "only {seen} statements of the search were linked in");
}

testkit::on_both_engines! {
    async fn the_whole_country_loads_once_and_finds_old_and_new_names(builder: KitBuilder) {
        let kit = builder.with([areas::module()]).start().await;
        let before = stopwatch();
        let plan = areas::model::plan::Plan::of(&areas::model::plan::Tables::shipped().expect("the tables"));
        println!("planning {} facts: {:?}", plan.facts.len(), since(before));
        let before = stopwatch();
        let loaded = reference::load(kit.db()).await.expect("the country loads");
        let engine = kit.db().engine();
        println!("{engine:?}: {loaded:?} in {:?}", since(before));
        let before = stopwatch();
        let again = reference::load(kit.db()).await.expect("a second start works");
        println!("{engine:?}: second start in {:?}", since(before));
        assert!(loaded.fresh && !again.fresh);
        no_search_reads_a_whole_table(&kit).await;

        let old = "xã Lục Bình (huyện Bạch Thông, tỉnh Bắc Kạn) → xã Phủ Thông, tỉnh Thái Nguyên";
        for spelling in [
            "luc binh bach thong bac kan",
            "Lục Bình, Bạch Thông, Bắc Kạn",
            "xã Lục Bình, huyện Bạch Thông, tỉnh Bắc Kạn",
            "Xã Lục Bình H. Bạch Thông T. Bắc Kạn",
            "LUC BINH bac kan",
            "thôn Nà Pài, xã Lục Bình, huyện Bạch Thông, tỉnh Bắc Kạn",
            "luc binh bach th",
        ] {
            assert_eq!(first(&kit, spelling).await, old, "{spelling}");
        }
        assert_eq!(first(&kit, "phu thong").await, "xã Phủ Thông (tỉnh Thái Nguyên)");
        assert_eq!(first(&kit, "phu tho").await.split(' ').next(), Some("tỉnh"), "Phú Thọ is a province");
        assert_eq!(first(&kit, "01969").await, "xã Phủ Thông (tỉnh Thái Nguyên)");
        assert_eq!(first(&kit, "thái nguyên").await, "tỉnh Thái Nguyên ()");
        assert_eq!(first(&kit, "tinh bac kan").await, "tỉnh Bắc Kạn () → tỉnh Thái Nguyên, ");
        assert_eq!(first(&kit, "ha n").await, "thành phố Hà Nội ()");
        assert_eq!(first(&kit, "tp ha").await, "thành phố Hà Nội ()");
        assert_eq!(first(&kit, "dak lak").await, "tỉnh Đắk Lắk ()");
        assert_eq!(first(&kit, "quận 12").await, "quận 12 (thành phố Hồ Chí Minh)");
        assert!(first(&kit, "huyện Bạch Thông").await.starts_with("huyện Bạch Thông (tỉnh Bắc Kạn)"));

        homonyms_are_told_apart(&kit).await;
        spelling_does_not_matter(&kit).await;
        days_and_levels_narrow(&kit).await;
        measure(&kit).await;
    }

    async fn what_became_of_a_unit_and_what_it_was_made_of_agree(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        kit.db().view(async |tx| {
            let made_of = areas::predecessors(tx, &id("01969.2025")).await?;
            let names: Vec<_> = made_of.iter().map(|step| step.area.full_name.as_str()).collect();
            assert_eq!(names, ["xã Lục Bình", "thị trấn Phủ Thông", "xã Tân Tú", "xã Vi Hương"]);
            assert!(made_of.iter().all(|step| step.whole && !step.event.confirmed));
            for step in &made_of {
                let became = areas::successors(tx, &step.area.id).await?;
                assert_eq!(became.len(), 1);
                assert_eq!(became[0].area.path.as_str(), "/vn/19.2025/01969.2025/");
                assert_eq!(became[0].event, step.event);
            }
            assert_eq!(areas::successors(tx, &id("01969.2025")).await?, []);
            assert_eq!(areas::predecessors(tx, &id("01990.2024")).await?, []);
            let divided = areas::successors(tx, &id("05710.2024")).await?;
            assert!(divided.iter().all(|step| step.whole == (divided.len() == 1)));
            Ok(())
        }).await.expect("the successions can be read");
    }

    async fn a_unit_is_read_by_its_facts_of_the_day(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        kit.db().view(async |tx| {
            let commune = areas::find(tx, &id("01969.2025")).await?.expect("Phủ Thông");
            assert_eq!(commune.full_name, "xã Phủ Thông");
            assert_eq!(commune.title(), "Xã Phủ Thông");
            assert_eq!(commune.parent, Some(id("19.2025")));
            assert_eq!(commune.until, Day::FOREVER);
            let ended = areas::find(tx, &id("01990.2024")).await?.expect("Lục Bình");
            assert_eq!((ended.full_name.as_str(), ended.until), ("xã Lục Bình", day("2025-07-01")));
            assert_eq!(areas::find_at(tx, &id("01990.2024"), day("2025-07-01")).await?, None);
            assert!(areas::find_at(tx, &id("01990.2024"), day("2025-06-30")).await?.is_some());
            let then = areas::by_code(tx, "01969", day("2025-06-30")).await?.expect("the town");
            let now = areas::by_code(tx, "01969", day("2025-07-01")).await?.expect("the commune");
            assert_eq!((then.full_name.as_str(), now.full_name.as_str()), ("thị trấn Phủ Thông", "xã Phủ Thông"));
            assert_ne!(then.id, now.id);
            let path = ScopePath::parse("/vn/19.2025/01969.2025/").expect("a path");
            assert_eq!(areas::by_path(tx, &path).await?.map(|area| area.id), Some(now.id.clone()));
            let above: Vec<_> = areas::ancestors(tx, &ended).await?.into_iter().map(|area| area.full_name).collect();
            assert_eq!(above, ["Việt Nam", "tỉnh Bắc Kạn", "huyện Bạch Thông"]);
            let below = areas::children(tx, &id("19.2025"), day("2025-07-01")).await?;
            assert!(below.iter().any(|area| area.id == now.id) && below.iter().all(|area| area.level == AreaLevel::Commune));
            let names: Vec<_> = below.iter().map(|area| kernel::text::sort_key(&area.name)).collect();
            assert!(names.is_sorted());
            assert_eq!(areas::find(tx, &id("99999.2025")).await?, None);
            Ok(())
        }).await.expect("the areas can be read");
    }

    async fn a_start_that_lost_a_race_loads_nothing(builder: KitBuilder) {
        let kit = builder.with([areas::module()]).start().await;
        let db = kit.db();
        let load = || Box::pin(reference::load_only(db, &["04"]));
        let (one, other) = testkit::tokio::join!(load(), load());
        let fresh = [one.expect("one loads"), other.expect("the other waits")].iter().filter(|done| done.fresh).count();
        assert_eq!(fresh, 1);
        let query = Query { level: Some(AreaLevel::Province), ..Query::new("cao bang") };
        assert_eq!(find(&kit, query).await.len(), 1);
    }
}

async fn homonyms_are_told_apart(kit: &Kit) {
    let hits = find(kit, Query { limit: 50, ..Query::new("xã Tân Lập") }).await;
    let same: Vec<&Hit> = hits.iter().filter(|hit| hit.area.full_name == "xã Tân Lập").collect();
    assert!(same.len() > 10, "{}", same.len());
    let places: std::collections::HashSet<_> =
        same.iter().map(|hit| (&hit.within, &hit.area.id)).collect();
    assert_eq!(places.len(), same.len());
    assert!(same.iter().all(|hit| !hit.within.is_empty()));
}

async fn spelling_does_not_matter(kit: &Kit) {
    use std::collections::HashSet;
    let ids = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.area.id).collect::<HashSet<_>>();
    let expected = ids(find(kit, Query::new("Hòa Bình")).await);
    assert!(!expected.is_empty());
    // "Hòa Bình" taken apart into letters and marks.
    let nfd = "Ho\u{300}a Bi\u{300}nh";
    for spelling in ["Hoà Bình", nfd, "HÒA BÌNH", "  hòa\u{a0}bình "] {
        assert_eq!(ids(find(kit, Query::new(spelling)).await), expected, "{spelling:?}");
    }
    // Marks that were typed are meant: Hồng before Hổng, Hóa before Hòa.
    let hits = find(kit, Query { level: Some(AreaLevel::Commune), ..Query::new("Hòa An") }).await;
    assert!(kernel::text::same_name(&hits[0].area.name, "Hòa An"), "{}", told(&hits[0]));
    let hits = find(kit, Query { level: Some(AreaLevel::Commune), ..Query::new("Hóa An") }).await;
    assert!(kernel::text::same_name(&hits[0].area.name, "Hóa An"), "{}", told(&hits[0]));
}

async fn days_and_levels_narrow(kit: &Kit) {
    let at = |text: &str, date: &str| Query { at: Some(day(date)), ..Query::new(text) };
    let then = find(kit, at("phu thong", "2025-06-30")).await;
    assert_eq!(
        told(&then[0]),
        "thị trấn Phủ Thông (huyện Bạch Thông, tỉnh Bắc Kạn) → xã Phủ Thông, tỉnh Thái Nguyên"
    );
    assert!(then.iter().all(|hit| hit.area.holds_on(day("2025-06-30"))));
    let early = find(kit, at("luc binh", "2021-06-01")).await;
    assert_eq!(early[0].area.id, id("01990.2021"));
    assert_eq!(early[0].became, []);
    // The frame of 2021 does not disturb a search without a day.
    let plain = find(kit, Query::new("luc binh")).await;
    assert!(plain.iter().all(|hit| !hit.area.id.as_str().ends_with(".2021")), "{plain:?}");
    let provinces = find(kit, Query { level: Some(AreaLevel::Province), ..Query::new("ha") }).await;
    assert!(
        provinces.len() > 3 && provinces.iter().all(|hit| hit.area.level == AreaLevel::Province)
    );
    assert_eq!(find(kit, at("luc binh", "1999-01-01")).await, []);
}

/// How long every name of the country takes, in full and half typed.
async fn measure(kit: &Kit) {
    let communes: Vec<Area> = kit
        .db()
        .view(async |tx| {
            let mut all = Vec::new();
            for province in areas::children(tx, &AreaId::country(), day("2025-06-30")).await? {
                for district in areas::children(tx, &province.id, day("2025-06-30")).await? {
                    all.extend(areas::children(tx, &district.id, day("2025-06-30")).await?);
                }
            }
            Ok(all)
        })
        .await
        .expect("the tree can be walked");
    assert_eq!(communes.len(), 10_035);
    let (mut whole, mut half) = (Vec::new(), Vec::new());
    for area in communes.iter().step_by(20) {
        let folded = kernel::text::fold(&area.name);
        let query = Query { limit: 20, ..Query::new(folded.as_str()) };
        let before = stopwatch();
        let hits = find(kit, query).await;
        whole.push(since(before));
        assert!(!hits.is_empty(), "{} is not found", area.name);
        let typed: String = folded.chars().take(folded.len().div_ceil(2)).collect();
        let before = stopwatch();
        find(kit, Query { limit: 20, ..Query::new(typed) }).await;
        half.push(since(before));
    }
    for (name, mut times) in [("whole names", whole), ("half-typed names", half)] {
        times.sort_unstable();
        let at = |share: usize| times[times.len() * share / 100];
        println!(
            "{:?} search, {name}: p50 {:?} p95 {:?} p99 {:?}",
            kit.db().engine(),
            at(50),
            at(95),
            at(99)
        );
    }
}
