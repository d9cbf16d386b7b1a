//! Campaigns among the figures: who was not asked owes nothing, and a campaign that was chosen has its own days.

use areas::{AreaId, AreaLevel};
use kernel::sql;
use reporting::{
    actions::analysis::ask::ask,
    model::{
        Period,
        analysis::{Dx, Gap, Question},
    },
};

use super::*;

const MINISTRY: &str = "An|programme_officer|/vn/";
const DAYS: &str = "campaign-20261122-20261204";

async fn page(kit: &Kit, address: &str) -> String {
    let page = kit.get(MINISTRY, address).await;
    assert_eq!(page.status, 200, "{address}: {}", page.text);
    page.text.replace("&#x2f;", "/").replace("&amp;", "&")
}

/// Where each commune of the province stands with a figure of the campaign.
async fn standing(kit: &Kit, dx: &str, period: &str) -> Vec<(String, Option<Gap>, i64)> {
    standing_in(kit, "19.2025", dx, period).await
}

/// The same of the communes in an area, or of a commune.
async fn standing_in(
    kit: &Kit,
    area: &str,
    dx: &str,
    period: &str,
) -> Vec<(String, Option<Gap>, i64)> {
    stands(kit, area, Life::Final, dx, period).await
}

/// The same in one life of the figures.
async fn stands(
    kit: &Kit,
    area: &str,
    life: Life,
    dx: &str,
    period: &str,
) -> Vec<(String, Option<Gap>, i64)> {
    let question = Question {
        dx: vec![Dx::parse(dx).expect("a figure")],
        periods: vec![Period::parse(period).expect("a period")],
        area: AreaId::parse(area).expect("an id"),
        by: AreaLevel::Commune,
        frame: None,
        life,
        approved_only: false,
    };
    let answer = ask(&kit.app, &author(), &question).await.expect("an answer");
    let of = |(at, place): (usize, &reporting::model::analysis::Placed)| {
        let shown = answer.at(0, 0, at).expect("a figure");
        (place.id.to_string(), shown.gap, shown.expected)
    };
    answer.places.iter().enumerate().map(of).collect()
}

testkit::on_both_engines! {
    async fn whoever_a_campaign_does_not_ask_owes_it_nothing_and_is_not_counted(builder: KitBuilder) {
        let kit = started(builder).await;
        let two = [crate::cast::PLACE, "/vn/19.2025/01942.2025/"].map(|path| ScopePath::parse(path).expect("a path"));
        let code = published(&kit, Campaign { areas: two.into(), ..campaign() }).await;
        typed(&kit, &officer(&kit), &answer(&code), vec![edit(&format!("{code}.1"), 0, 31)]).await;
        let figure = format!("{code}.1");
        for (place, gap, expected) in standing(&kit, &figure, DAYS).await {
            let told = match place.as_str() {
                COMMUNE => (None, 1),
                "01942.2025" => (Some(Gap::NotReported), 1),
                _ => (Some(Gap::NotOwed), 0),
            };
            assert_eq!((gap, expected), told, "{place}");
        }
        let rates = standing(&kit, &format!("~{code}~nop"), DAYS).await;
        assert_eq!(rates.iter().filter(|(_, gap, _)| *gap == Some(Gap::NotOwed)).count(), rates.len() - 2);
        // Nor where none of those on a page was asked.
        let other = rates.iter().find(|(_, gap, _)| *gap == Some(Gap::NotOwed)).expect("a commune").0.clone();
        for dx in [figure.clone(), format!("~{code}~nop")] {
            assert_eq!(standing_in(&kit, &other, &dx, DAYS).await, [(other.clone(), Some(Gap::NotOwed), 0)], "{dx}");
        }
        let behind = page(&kit, &format!("/so-lieu/nguon?o={other}&dx=~{code}~nop&ky={DAYS}")).await;
        assert!(behind.contains("Không phải báo cáo") && !behind.contains("Chưa báo cáo"), "{behind}");
        // What nobody here knows anything about nobody is excused from.
        let unknown = standing(&kit, "10.6", "nd09q-2025-4").await;
        assert!(unknown.iter().all(|(_, gap, _)| *gap == Some(Gap::NotReported)), "{unknown:?}");
        for (page_of, words) in [("bang", 1), ("xep-hang", 1)] {
            let told = page(&kit, &format!("/so-lieu/{page_of}?o=19.2025&dx={figure}&ky={DAYS}")).await;
            assert_eq!(told.matches("Chưa báo cáo").count(), words, "{told}");
            assert!(told.matches("Không phải báo cáo").count() > 80, "{told}");
        }
        let province = page(&kit, &format!("/so-lieu/bang?o=vn&dx={figure}&ky={DAYS}")).await;
        assert!(province.contains("1/2 đơn vị"), "{province}");
        // Excused units owe nothing either.
        builder::end_campaign(&kit.app, &second(), &code, "Đã có đủ số liệu từ sở").await.expect("ended");
        let ended = standing(&kit, &figure, DAYS).await;
        assert!(ended.iter().all(|(_, gap, _)| *gap != Some(Gap::NotReported)), "{ended:?}");
    }

    async fn what_one_campaign_asks_elsewhere_another_may_ask_here_and_what_is_known_to_be_owed_is_owed(builder: KitBuilder) {
        let kit = started(builder).await;
        let place = |text: &str| vec![ScopePath::parse(text).expect("a path")];
        let here = published(&kit, Campaign { areas: place(crate::cast::PLACE), ..campaign() }).await;
        let other = place("/vn/19.2025/01942.2025/");
        let again = Campaign { from: Some(here.clone()), questions: String::new(), areas: other, ..campaign() };
        let there = published(&kit, again).await;
        let figure = format!("{here}.1");
        let told = |gap, expected| vec![(COMMUNE.to_owned(), Some(gap), expected)];
        assert_eq!(standing_in(&kit, COMMUNE, &figure, DAYS).await, told(Gap::NotReported, 1));
        // Of the estimate nobody knows who owes it: that another campaign is asked elsewhere excuses nobody.
        let estimate = stands(&kit, COMMUNE, Life::Estimate, &figure, DAYS).await;
        assert_eq!(estimate, told(Gap::NotReported, 0));
        // What a unit is known to owe it owes, wherever the data set says that it is asked today.
        let moved = kit.db().change(async |tx: &mut Tx| {
            let statement = sql!("update reporting_obligations set dataset = $2 where dataset = $1");
            Ok(tx.run(statement, &[(&here).into(), (&there).into()]).await?)
        });
        assert!(moved.await.expect("written") > 0);
        assert_eq!(standing_in(&kit, COMMUNE, &figure, DAYS).await, told(Gap::NotReported, 1));
    }

    async fn a_campaign_that_is_chosen_is_shown_in_its_own_days(builder: KitBuilder) {
        let kit = started(builder).await;
        let code = published(&kit, campaign()).await;
        let shown = page(&kit, &format!("/so-lieu/day-du?o=19.2025&bo={code}&ky=nd09q-2026-3")).await;
        assert!(shown.contains("<h2>Thiệt hại do mưa lũ</h2>"), "{shown}");
        assert!(shown.contains(&format!("<option value=\"{DAYS}\" selected>")), "{shown}");
        assert!(!shown.contains("bo=diem-ho-tro"), "other forms are of other periods: {shown}");
        // A yearly form is asked about in the year of the quarter; what nobody chose follows the period.
        let yearly = page(&kit, "/so-lieu/day-du?o=19.2025&bo=bm-04&ky=nd09q-2026-4").await;
        assert!(yearly.contains("<option value=\"y-2026\" selected>"), "{yearly}");
        let all = page(&kit, "/so-lieu/day-du?o=19.2025&bo=&ky=nd09q-2026-4").await;
        assert!(all.contains("<option value=\"nd09q-2026-4\" selected>") && all.contains("Tất cả các biểu"), "{all}");
    }

    async fn whoever_drafts_forms_has_the_way_there_in_the_menu(builder: KitBuilder) {
        let kit = started(builder).await;
        let menu = async |who: &str| page_of(&kit, who).await.contains("href=\"/bao-cao/bieu\"");
        for who in ["Quý|administrator|/vn/", MINISTRY, "Bình|province_leader|/vn/19.2025/"] {
            assert!(menu(who).await, "{who}");
        }
        assert!(!menu("Mai|commune_officer|/vn/19.2025/01969.2025/").await);
    }
}

async fn page_of(kit: &Kit, who: &str) -> String {
    kit.get(who, "/bao-cao/han").await.text.replace("&#x2f;", "/")
}
