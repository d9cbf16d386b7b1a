//! A figure counts in the province in which its place lay on the period's last day; in the geography of another
//! day it is where the place lay that day. Nothing is missed, nothing is counted twice, a recount says the same.

use std::collections::BTreeMap;

use areas::{AreaId, AreaLevel, view::Grade};
use kernel::{caller::Caller, clock::Day, db::Tx, scope::ScopePath, sql};
use proptest::prelude::*;
use reporting::{
    actions::{
        analysis::ask::ask,
        counts,
        entry::{Changes, Which, save},
        import::Importer,
        map::Settled,
        obligations,
    },
    model::{
        CellKey, CellState, DatasetId, Life, Period,
        analysis::{Dx, Question},
    },
};
use testkit::{Kit, KitBuilder, TestEngine};

use super::{decreed, settled, two_provinces, undone};
use crate::cast::{edit, holds, which};

/// Communes of Thái Nguyên that decrees of the tests may move to Cao Bằng.
const MOVERS: [&str; 3] = ["01969", "01942", "01840"];
/// The quarters that figures are told for; the second and third are cut by days of the stories.
const QUARTERS: [&str; 4] = ["nd09q-2026-1", "nd09q-2026-2", "nd09q-2026-3", "nd09q-2026-4"];

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn question(quarter: &str, frame: Day) -> Question {
    Question {
        dx: vec![Dx::parse("10.6").expect("a cell")],
        periods: vec![Period::parse(quarter).expect("a quarter")],
        area: AreaId::country(),
        by: AreaLevel::Province,
        frame: Some(frame),
        life: Life::Final,
        approved_only: false,
    }
}

async fn write(kit: &Kit, area: &str, quarter: &str, amount: i64) {
    let which = Which { period: quarter.to_owned(), ..which(area) };
    let changes = Changes { edits: vec![edit("10.6", 0, amount)], ..Changes::default() };
    let system = Caller::system(kit.app.now());
    save(&kit.app, &system, &which, changes).await.expect("saved");
}

/// What an answer says of each province that has a figure.
async fn provinces(kit: &Kit, quarter: &str, frame: Day) -> BTreeMap<String, i64> {
    let system = Caller::system(kit.app.now());
    let answer = ask(&kit.app, &system, &question(quarter, frame)).await.expect("answered");
    let mut all = BTreeMap::new();
    for (at, place) in answer.places.iter().enumerate() {
        let shown = answer.at(0, 0, at).expect("a figure");
        if let Some(number) = shown.number {
            assert_eq!(shown.grade, Grade::Exact, "{quarter} {frame:?} {place:?}");
            let number = number.as_decimal().and_then(|text| text.parse().ok()).expect("whole");
            all.insert(place.id.to_string(), number);
        }
    }
    all
}

/// The same with a pencil: each commune in the province in which it lay on the day.
async fn by_hand(
    kit: &Kit,
    figures: &BTreeMap<(String, String), i64>,
    quarter: &str,
    on: Day,
) -> BTreeMap<String, i64> {
    let mut all: BTreeMap<String, i64> = BTreeMap::new();
    for ((area, of), amount) in figures.iter().filter(|((_, of), _)| of == quarter) {
        let id = AreaId::parse(area).expect("an id");
        let area = kit.db().view(async |tx: &mut Tx| Ok(areas::find_at(tx, &id, on).await?)).await;
        let path = area.expect("read").unwrap_or_else(|| panic!("{id} {of} {on:?}")).path;
        let province = path.as_str().split('/').nth(2).expect("a province").to_owned();
        *all.entry(province).or_default() += amount;
    }
    all
}

#[derive(Clone, Debug)]
struct Story {
    /// The decree's first day.
    effective: Day,
    /// Which communes move.
    movers: Vec<usize>,
    /// Which quarters are told before the decree is recorded, which after.
    early: Vec<(usize, usize, i64)>,
    late: Vec<(usize, usize, i64)>,
    undone: bool,
}

fn stories() -> impl Strategy<Value = Story> {
    let days = prop::sample::select(vec![
        "2026-01-15",
        "2026-03-01",
        "2026-06-14",
        "2026-06-15",
        "2026-07-01",
        "2026-11-01",
    ]);
    let told = || prop::collection::vec((0..6_usize, 0..4_usize, 1..900_i64), 1..9);
    (days, prop::sample::subsequence(vec![0, 1, 2], 1..=3), told(), told(), any::<bool>()).prop_map(
        |(effective, movers, early, late, undone)| Story {
            effective: day(effective),
            movers,
            early,
            late,
            undone,
        },
    )
}

/// Six communes: three that may move, one that stays, two of the other province.
async fn communes(kit: &Kit) -> Vec<String> {
    let other = AreaId::parse("04.2024").expect("an id");
    let today = kit.app.now().day();
    let there =
        kit.db().view(async |tx: &mut Tx| Ok(areas::children(tx, &other, today).await?)).await;
    let mut all: Vec<String> = MOVERS.iter().map(|code| format!("{code}.2025")).collect();
    all.push("01864.2025".to_owned());
    all.extend(there.expect("read").into_iter().take(2).map(|area| area.id.to_string()));
    all
}

async fn plays_out(builder: KitBuilder, story: Story) {
    let kit = two_provinces(builder).await;
    let communes = communes(&kit).await;
    let mut figures: BTreeMap<(String, String), i64> = BTreeMap::new();
    let tell = async |kit: &Kit, told: &[(usize, usize, i64)], figures: &mut BTreeMap<_, _>| {
        for (commune, quarter, amount) in told {
            let key = (communes[*commune].clone(), QUARTERS[*quarter].to_owned());
            if let std::collections::btree_map::Entry::Vacant(first) = figures.entry(key) {
                write(kit, &first.key().0, &first.key().1, *amount).await;
                first.insert(*amount);
            }
        }
    };
    tell(&kit, &story.early, &mut figures).await;
    let rows: Vec<String> =
        story.movers.iter().map(|at| format!("{},đổi cấp trên,,,,04,,", MOVERS[*at])).collect();
    let decree = decreed(&kit, &story.effective.iso(), &rows.join("\n")).await;
    assert_ne!(settled(&kit).await, Settled::default(), "{story:?}");
    assert_eq!(settled(&kit).await, Settled::default(), "once is enough: {story:?}");
    tell(&kit, &story.late, &mut figures).await;
    check(&kit, &story, &figures).await;
    if story.undone {
        assert_eq!(settled(&kit).await, Settled::default(), "late figures: {story:?}");
        undone(&kit, &decree).await;
        assert_ne!(settled(&kit).await, Settled::default(), "{story:?}");
        check(&kit, &story, &figures).await;
    }
    assert_eq!(settled(&kit).await, Settled::default(), "once is enough: {story:?}");
}

async fn check(kit: &Kit, story: &Story, figures: &BTreeMap<(String, String), i64>) {
    assert!(counts::are_true(kit.db()).await.expect("counted anew"), "{story:?}");
    assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"), "{story:?}");
    for quarter in QUARTERS {
        let period = Period::parse(quarter).expect("a quarter");
        let live = live(kit, quarter).await;
        assert_eq!(
            live,
            by_hand(kit, figures, quarter, period.last_day()).await,
            "{quarter} {story:?}"
        );
        for frame in [story.effective.plus_days(-1), kit.app.now().day()] {
            let shown = provinces(kit, quarter, frame).await;
            assert_eq!(
                shown,
                by_hand(kit, figures, quarter, frame).await,
                "{quarter} {frame:?} {story:?}"
            );
        }
    }
}

/// The live counts of a quarter, by province.
async fn live(kit: &Kit, quarter: &str) -> BTreeMap<String, i64> {
    let key = reporting::model::CellKey::parse("10.6").expect("a cell");
    let sums = kit
        .db()
        .view(async |tx: &mut Tx| counts::sums(tx, &key, &[quarter.to_owned()], Life::Final).await)
        .await
        .expect("read");
    let sums = sums.into_iter().filter(|one| one.count > 0);
    sums.map(|one| (one.province.to_string(), one.sum)).collect()
}

#[test]
fn communes_that_change_their_province_are_counted_once_in_every_geography() {
    holds(&stories(), 10, |story| plays_out(KitBuilder::on(TestEngine::Sqlite), story));
}

/// A commune that Bắc Kạn had until it went into Thái Nguyên on 1 July 2025.
async fn former(kit: &Kit) -> (AreaId, ScopePath) {
    let day = day("2025-06-30");
    let found = kit
        .db()
        .view(async |tx: &mut Tx| {
            let bac_kan = areas::by_code(tx, "06", day).await?.expect("the former province");
            let next = day.plus_days(1);
            Ok(areas::units_between(tx, AreaLevel::Commune, &bac_kan.path, day, next).await?)
        })
        .await
        .expect("read");
    let one = found.into_iter().next().expect("a former commune");
    (one.id, one.path)
}

testkit::on_both_engines! {
    async fn a_commune_that_moves_leaves_its_past_behind_and_takes_it_along(builder: KitBuilder) {
        let story = Story {
            effective: day("2026-07-01"),
            movers: vec![0, 1],
            early: vec![(0, 0, 100), (0, 2, 7), (1, 3, 20), (3, 0, 5), (4, 0, 1)],
            late: vec![(0, 1, 30), (0, 3, 40), (2, 2, 9), (5, 3, 2)],
            undone: true,
        };
        plays_out(builder, story).await;
    }

    async fn counts_that_were_kept_under_one_province_for_ever_are_put_right(builder: KitBuilder) {
        let kit = two_provinces(builder).await;
        decreed(&kit, "2026-07-01", "01969,đổi cấp trên,,,,04,,\n").await;
        write(&kit, "01969.2025", QUARTERS[0], 100).await;
        write(&kit, "01969.2025", QUARTERS[3], 40).await;
        // As an older program left it: one seat for all time, under the province of today.
        kit.db()
            .change(async |tx: &mut Tx| {
                tx.run(
                    sql!("delete from reporting_seats where path like '/vn/19.2025/01969%'"),
                    &[],
                )
                .await?;
                tx.run(
                    sql!("update reporting_seats set from_day = '0001-01-01' where path like '/vn/04.2024/01969%'"),
                    &[],
                )
                .await?;
                Ok(())
            })
            .await
            .expect("written");
        counts::rebuild(kit.db()).await.expect("rebuilt");
        let wrong = BTreeMap::from([("04.2024".to_owned(), 100)]);
        assert_eq!(live(&kit, QUARTERS[0]).await, wrong);
        assert!(settled(&kit).await.places >= 1);
        assert_eq!(live(&kit, QUARTERS[0]).await, BTreeMap::from([("19.2025".to_owned(), 100)]));
        assert_eq!(live(&kit, QUARTERS[3]).await, BTreeMap::from([("04.2024".to_owned(), 40)]));
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
        assert_eq!(settled(&kit).await.places, 0);
    }

    async fn a_unit_that_ended_is_right_from_its_first_figure_on(builder: KitBuilder) {
        let kit = two_provinces(builder).await;
        let (commune, path) = former(&kit).await;
        let province = path.as_str().split('/').nth(2).expect("a province").to_owned();
        let period = Period::parse("y-2024").expect("a year");
        let figures = BTreeMap::from([(CellKey::parse("10.6").expect("a cell"), CellState::Value(7))]);
        let places = [(commune.clone(), path)];
        kit.db()
            .change(async |tx: &mut Tx| {
                let mut importer = Importer::begin(tx, "diem-ho-tro", ("nhap", "Nhập"), &places).await?;
                importer.write(tx, &commune, &period, Life::Final, &figures).await
            })
            .await
            .expect("imported");
        assert_eq!(live(&kit, "y-2024").await, BTreeMap::from([(province.clone(), 7)]));
        let first = settled(&kit).await;
        assert_eq!((first.places, first.papers), (0, 0), "its seat, its papers and its province's");
        // What it owes is owed in its former province, and lies with who took it over.
        let third = Period::parse("nd09q-2025-3").expect("a quarter");
        let owed = kit
            .db()
            .change(async |tx: &mut Tx| {
                let all = reporting::actions::catalogue::read(tx).await?;
                let dataset = all.dataset(&DatasetId::parse("bm-03").expect("a code"))?.clone();
                obligations::make(tx, &all, &dataset, &third, &ScopePath::root()).await?;
                counts::rates(tx, "bm-03", Life::Final, &[third.id().to_owned()]).await
            })
            .await
            .expect("made");
        let here = owed.iter().find(|(area, _)| area.as_str() == province).map(|(_, rate)| rate.expected);
        assert!(here.is_some_and(|expected| expected > 50), "{owed:?}");
        assert_eq!(settled(&kit).await, Settled::default(), "what was made needs no putting right");
        assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"));
    }

    async fn a_decree_that_was_recorded_beforehand_takes_effect_on_its_day(builder: KitBuilder) {
        let kit = two_provinces(builder).await;
        write(&kit, "01969.2025", QUARTERS[3], 40).await;
        reporting::begin(&kit.app).await.expect("asked for");
        decreed(&kit, "2026-12-01", "01969,đổi cấp trên,,,,04,,\n").await;
        settled(&kit).await;
        kit.settle().await;
        let lies = async |at: &str| {
            let count = kit.db().view(async |tx: &mut Tx| {
                let count: i64 = tx
                    .one(
                        sql!("select count(*) as value from reporting_submissions where area = '01969.2025' and path = $1"),
                        &[at.into()],
                    )
                    .await?;
                Ok(count)
            });
            count.await.expect("read") == 1
        };
        assert!(lies("/vn/19.2025/01969.2025/").await, "not yet");
        for _ in 0..10 {
            kit.clock.advance(86_400_000);
            kit.settle().await;
        }
        assert!(lies("/vn/04.2024/01969.2025/").await, "the day has come, and nobody started the program anew");
        assert_eq!(settled(&kit).await, Settled::default());
    }
}
