//! Many years in the geography of one day: what the map joins is told, what it does not join is undefined.

use areas::{
    AreaId, AreaLevel,
    actions::decree::{self, Proposal},
    view::Grade,
};
use kernel::{app::NodeRole, caller::Caller, db::Tx};
use reporting::{
    actions::{
        analysis::ask::{answer, area_of},
        catalogue,
    },
    model::analysis::{Answer, Gap, Question},
};

use super::{COMMUNE_OFFICER, PROVINCE_OFFICER, QUARTER, asked, put, question, told};
use crate::cast::{COMMUNE, edit, officer, started, typed, which};

/// The only figure of a year, as a decimal.
fn told_by(answer: &Answer, year: usize) -> Option<String> {
    told(answer, 0, year, 0)
}

testkit::on_both_engines! {
    async fn years_whose_units_the_lists_show_unchanged_are_read_in_todays_geography_once_somebody_says_so(builder: KitBuilder) {
        let kit = started(builder).await;
        let parts = kit.db().view(async |tx: &mut Tx| Ok(areas::predecessors(tx, &AreaId::parse(COMMUNE).expect("an id")).await?)).await.expect("areas are read");
        let of_2021 = |text: &str| text.replace(".2024", ".2021");
        let reported: Vec<(String, String)> = parts.iter().map(|part| (of_2021(part.area.id.as_str()), of_2021(part.area.path.as_str()))).collect();
        let mut rows: Vec<_> = reported.iter().map(|(id, path)| (id.as_str(), path.as_str(), "y-2021", "ds.ho", 40)).collect();
        // The other province that came into this one.
        rows.push(("05551.2021", "/vn/19.2021/167.2021/05551.2021/", "y-2021", "ds.ho", 7));
        put(&kit, &rows).await;
        let read = async || {
            let commune = asked(&kit, &question(&["ds.ho"], &["y-2021"], COMMUNE, AreaLevel::Commune)).await;
            let province = asked(&kit, &question(&["ds.ho"], &["y-2021"], "19.2025", AreaLevel::Province)).await;
            [commune, province].map(|answer| (told_by(&answer, 0), answer.at(0, 0, 0).map(|one| one.grade)))
        };
        let undefined = (None, Some(Grade::Undefined));
        assert_eq!(read().await, [undefined.clone(), undefined.clone()]);
        let system = Caller::system(kit.app.now());
        let Proposal::Kept(id) = decree::propose_unchanged(kit.db(), NodeRole::Hub, &system).await.expect("read") else { panic!("it fits") };
        let hash = kit.db().view(async |tx| Ok(areas::decree(tx, &id).await?)).await.expect("read").expect("kept").content_hash;
        assert_eq!(read().await, [undefined.clone(), undefined.clone()], "a draft says nothing yet");
        decree::apply(kit.db(), NodeRole::Hub, &system, &id, &hash).await.expect("applied");
        let exact = |amount: usize| (Some(amount.to_string()), Some(Grade::Exact));
        assert_eq!(read().await, [exact(40 * parts.len()), exact(40 * parts.len() + 7)]);
        decree::undo(kit.db(), NodeRole::Hub, &system, &id).await.expect("undone");
        assert_eq!(read().await, [undefined.clone(), undefined]);
    }

    async fn years_whose_units_nothing_joins_with_todays_are_undefined_and_never_not_reported(builder: KitBuilder) {
        let kit = started(builder).await;
        let then = |year: i16| kernel::clock::Day::new(year, 6, 30).expect("a day");
        let (before, parts) = kit.db().view(async |tx: &mut Tx| {
            let root = kernel::scope::ScopePath::root();
            let before = areas::units_between(tx, AreaLevel::Commune, &root, then(2021), then(2021).plus_days(1)).await?;
            Ok((before, areas::predecessors(tx, &AreaId::parse(COMMUNE).expect("an id")).await?))
        }).await.expect("areas are read");
        // The units of 2021 did report; those of 2024 that Phủ Thông is made of did so for 2024.
        let told: Vec<(String, String, &str, i64)> = before.iter().take(40).map(|one| (one.id.to_string(), one.path.as_str().to_owned(), "y-2021", 100))
            .chain(parts.iter().map(|part| (part.area.id.to_string(), part.area.path.as_str().to_owned(), "y-2024", 30)))
            .collect();
        assert!(before.len() > 40 && parts.len() == 4);
        let rows: Vec<_> = told.iter().map(|(id, path, year, amount)| (id.as_str(), path.as_str(), *year, "ds.ho", *amount)).collect();
        put(&kit, &rows).await;
        let years = ["y-2021", "y-2022", "y-2023", "y-2024", "y-2025", "y-2026"];
        let gaps = |answer: &Answer, dx: usize| -> Vec<Option<Gap>> { (0..years.len()).map(|year| answer.at(dx, year, 0).expect("a figure").gap).collect() };
        let (unknown, missing) = (Some(Gap::NoSource), Some(Gap::NotReported));
        let expected = [unknown, unknown, unknown, None, missing, missing];
        let commune = asked(&kit, &question(&["ds.ho", "ds.ho:ng=ngheo"], &years, COMMUNE, AreaLevel::Commune)).await;
        assert_eq!(gaps(&commune, 0), expected);
        assert_eq!(told_by(&commune, 3).as_deref(), Some("120"));
        assert_eq!(gaps(&commune, 1), [unknown, unknown, unknown, missing, missing, missing], "2024 is joined and was not reported");
        for year in 0..3 {
            assert_eq!(commune.at(0, year, 0).map(|one| one.grade), Some(Grade::Undefined));
        }
        let province = asked(&kit, &question(&["ds.ho"], &years[..2], "19.2025", AreaLevel::Province)).await;
        assert_eq!(province.at(0, 0, 0).and_then(|one| one.gap), unknown);
        // In their own geography they stand as they were reported.
        let own = Question { frame: Some(then(2021)), ..question(&["ds.ho"], &["y-2021"], before[0].id.as_str(), AreaLevel::Commune) };
        assert_eq!(told_by(&asked(&kit, &own).await, 0).as_deref(), Some("100"));
        // Who owed a report then cannot be told either.
        let rate = asked(&kit, &question(&["~diem-ho-tro~nop"], &["nd09q-2022-2"], COMMUNE, AreaLevel::Commune)).await;
        assert_eq!(rate.at(0, 0, 0).and_then(|one| one.gap), unknown);
        for page in ["chuoi", "dien-bien"] {
            let series = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/{page}?o={COMMUNE}&dx=ds.ho&ky=y-2026&so=6")).await;
            assert_eq!(series.status, 200, "{}", series.text);
            let cells = |words: &str| series.text.matches(&format!(">{words}</a>")).count();
            assert_eq!((cells("Chưa xác định được"), cells("120"), cells("Chưa báo cáo")), (3, 1, 2), "{page}: {}", series.text);
            assert!(series.text.contains(": chưa xác định được số liệu. Trong hệ thống") && series.text.contains("/dia-ban/van-ban"), "{}", series.text);
        }
        let series = kit.get(COMMUNE_OFFICER, &format!("/so-lieu/chuoi?o={COMMUNE}&dx=ds.ho")).await;
        assert!(series.text.contains("1 chính xác, 0 ước tính, 3 chưa xác định, 2 chưa có số liệu"), "{}", series.text);
        assert!(!series.text.contains("href=\"/dia-ban/van-ban\""), "who may not look at decrees is not sent there");
        let source = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/nguon?dx=ds.ho&ky=y-2022&o={COMMUNE}")).await;
        assert!(source.text.contains("Chưa xác định được") && !source.text.contains("Chưa báo cáo"), "{}", source.text);
        let json = kit.get(PROVINCE_OFFICER, &format!("/api/v1/reporting/analytics?dx=ds.ho&period=y-2022,y-2026&area={COMMUNE}&level=commune")).await;
        let json: serde_json::Value = serde_json::from_str(&json.text).expect("JSON");
        let told = |row: usize| (json["rows"][row]["gap"].clone(), json["rows"][row]["quality"].clone(), json["rows"][row]["value"].clone());
        assert_eq!(told(0), ("no_source".into(), "undefined".into(), serde_json::Value::Null));
        assert_eq!(told(1), ("not_reported".into(), "undefined".into(), serde_json::Value::Null));
    }
}

testkit::on_both_engines! {
    async fn many_periods_of_many_communes_take_as_few_statements_as_one(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198)]).await;
        let catalogue = catalogue::current(&kit.app).await.expect("definitions");
        let statements = async |periods: &[&str], by: AreaLevel| -> u64 {
            let question = question(&["10.6"], periods, "19.2025", by);
            let asked = kit.app.db.view(async |tx| {
                let area = area_of(tx, &question).await?;
                let before = tx.statements();
                answer(tx, &catalogue, &question, &area).await?;
                Ok(tx.statements() - before)
            });
            asked.await.expect("an answer")
        };
        let year = ["nd09q-2026-1", "nd09q-2026-2", "nd09q-2026-3", "nd09q-2026-4"];
        for by in [AreaLevel::Commune, AreaLevel::Province] {
            let one = statements(&[QUARTER], by).await;
            // One more where in one of the periods none of them owes anything: whether anybody does.
            for many in [&year[..], &["nd09y-2026"]] {
                let more = statements(many, by).await;
                assert!((one..=one + 1).contains(&more), "{by:?}: {more} instead of {one}");
            }
        }
    }
}
