//! What the platform counts about itself: the same figures on the pages of reports as on the board of reach,
//! and nothing about few persons.

use areas::{
    AreaId, AreaType,
    actions::{NewPopulation, NewVillage, add_village, record_population},
};
use identity::role::COMMUNE_OFFICER;
use kernel::{
    app::NodeRole,
    clock::{Day, Timestamp},
    scope::ScopePath,
};
use reach::{NewPublication, actions as reaching, model::meeting::MeetingDraft};
use reporting::actions::analysis::{ask::ask, computed};
use reporting::model::{
    Life, Period,
    analysis::{Dx, Question},
};
use testkit::Kit;

use crate::town::{self, area, caller_at};

const COMMUNE: &str = "/vn/19.2025/01969.2025/";
const PROVINCE: &str = "ha|province_officer|/vn/19.2025/";
const QUARTER: &str = "nd09q-2026-4";

async fn village(kit: &Kit, name: &str, people: i64) -> AreaId {
    let officer = caller_at(&kit.app, "mai", COMMUNE_OFFICER, COMMUNE);
    let new = NewVillage {
        commune: area("01969.2025"),
        kind: Some(AreaType::Thon),
        name: name.to_owned(),
    };
    let village = add_village(kit.db(), NodeRole::Hub, &officer, new).await.expect("a village");
    let count = NewPopulation {
        area: village.clone(),
        on: Day::new(2026, 1, 1),
        people: Some(people),
        households: Some(people / 4),
        source: "Rà soát của xã".to_owned(),
    };
    record_population(kit.db(), NodeRole::Hub, &officer, count).await.expect("counted");
    village
}

async fn publish(kit: &Kit, key: &str, theme: &str, at: Timestamp) {
    let new = NewPublication {
        id: key.to_owned(),
        version: 1,
        title: "Hỗ trợ nước sinh hoạt".to_owned(),
        themes: vec![theme.to_owned()],
        audiences: vec!["prestigious_person".to_owned(), "people".to_owned()],
        languages: vec!["vi".to_owned()],
        areas: vec![ScopePath::parse("/vn/19.2025/").expect("a path")],
        at,
    };
    kit.db().change(async |tx| reaching::freeze(tx, new).await).await.expect("frozen");
}

async fn meet(kit: &Kit, village: &AreaId, heads: i64, items: &[&str]) {
    let officer = caller_at(&kit.app, "mai", COMMUNE_OFFICER, COMMUNE);
    let draft = MeetingDraft {
        village: village.as_str().to_owned(),
        held_on: "22/11/2026".to_owned(),
        language: "tyz".to_owned(),
        head_count: Some(heads),
        items: items.iter().map(|key| format!("{key}:1")).collect(),
        serials: Vec::new(),
        others: Vec::new(),
        witness: "Nông Văn Tài".to_owned(),
        witness_standing: "Trưởng thôn".to_owned(),
        note: String::new(),
        again: false,
    };
    reaching::record_meeting(kit.db(), NodeRole::Hub, &officer, &draft).await.expect("recorded");
}

/// A figure of the province in the quarter, as the analysis pages have it.
pub async fn figure(kit: &Kit, dx: &str) -> Option<String> {
    figure_of(kit, dx, "19.2025", areas::AreaLevel::Province).await
}

/// The same for another area.
pub async fn figure_of(kit: &Kit, dx: &str, of: &str, level: areas::AreaLevel) -> Option<String> {
    let caller = caller_at(&kit.app, "ha", "programme_officer", "/vn/");
    let question = Question {
        dx: vec![Dx::parse(dx).unwrap_or_else(|| panic!("{dx}"))],
        periods: vec![Period::parse(QUARTER).expect("a quarter")],
        area: area(of),
        by: level,
        frame: None,
        life: Life::Final,
        approved_only: false,
    };
    let answer = ask(&kit.app, &caller, &question).await.unwrap_or_else(|wrong| panic!("{wrong}"));
    answer.at(0, 0, 0)?.number.map(|number| number.words(2))
}

async fn board(kit: &Kit, theme: &str) -> String {
    let query = format!("dia_ban=19.2025&doi_tuong=people&nac=confirmed&chu_de={theme}&ky=nam");
    let page = kit.get(PROVINCE, &format!("/do-phu?{query}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text.replace("&#x2f;", "/")
}

testkit::on_both_engines! {
    async fn figures_of_reach_equal_what_the_board_shows(builder: KitBuilder) {
        let kit = town::whole(builder.offering(nhipcau::bridges::counting())).await;
        let (one, two) = (village(&kit, "Nà Cù", 100).await, village(&kit, "Khuổi Lặng", 80).await);
        publish(&kit, "p1", "cdcs", kit.app.now()).await;
        publish(&kit, "p2", "cdcs", kit.app.now()).await;
        publish(&kit, "p3", "yte", kit.app.now()).await;
        meet(&kit, &one, 60, &["p1"]).await;
        meet(&kit, &two, 30, &["p1", "p2"]).await;
        // Three of a hundred and eighty: the board hides them from the province.
        meet(&kit, &two, 3, &["p3"]).await;
        computed::keep(&kit.app).await.expect("it counts");
        let shown = board(&kit, "cdcs").await;
        // 60 + 30 of the first item, 30 of the second; 180 people for each.
        assert!(shown.contains("120 / 360 · 33 %"), "{shown}");
        let cell = |element: &str| format!("{element}:chude=cdcs,doituong=dongbao");
        assert_eq!(figure(&kit, &cell("td.phu.mauso")).await.as_deref(), Some("360"));
        assert_eq!(figure(&kit, &format!("{},nac=xacnhan", cell("td.phu.nac"))).await.as_deref(), Some("120"));
        assert_eq!(figure(&kit, "*TD-xacnhan-cdcs-dongbao").await.as_deref(), Some("33,33"));
        // Who confirmed it was shown it: the targets of the decision on information meet a figure.
        assert_eq!(figure(&kit, "*C-cdcs-dongbao").await.as_deref(), Some("33,33"));
        assert_eq!(figure(&kit, "*A-09").await.as_deref(), Some("33,33"));
        let veiled = board(&kit, "yte").await;
        assert!(!veiled.contains("3 / 180"), "{veiled}");
        for hidden in ["td.phu.nac:chude=yte,doituong=dongbao,nac=xacnhan", "td.phu.mauso:chude=yte,doituong=dongbao"] {
            assert_eq!(figure(&kit, hidden).await, None, "{hidden}");
        }
        assert_eq!(figure(&kit, "td.hopthon").await.as_deref(), Some("3"));
        assert_eq!(figure(&kit, "td.hopthon.nguoi").await.as_deref(), Some("93"));
        // Nobody types these.
        let sheet = kit.get("", "/so-lieu/danh-muc/so-lieu/td.phu.nac").await;
        assert!(sheet.text.contains("Hệ thống tự tính"), "{}", sheet.text);
        let own = kit.get("vu|programme_officer|/vn/", "/so-lieu/danh-muc/so-lieu/td.phu.nac").await;
        assert!(!own.text.contains("/so-lieu/danh-muc/so-lieu/td.phu.nac/sua"), "no way to change it");
    }

    async fn what_may_no_longer_be_told_is_taken_out_of_the_next_count(builder: KitBuilder) {
        let kit = town::whole(builder.offering(nhipcau::bridges::counting())).await;
        let one = village(&kit, "Nà Cù", 100).await;
        publish(&kit, "p1", "cdcs", kit.app.now()).await;
        meet(&kit, &one, 60, &["p1"]).await;
        computed::keep(&kit.app).await.expect("it counts");
        assert_eq!(figure(&kit, "td.hopthon.nguoi").await.as_deref(), Some("60"));
        let id = town::text(&kit.app, "select id as value from reach_meetings").await;
        let officer = caller_at(&kit.app, "mai", COMMUNE_OFFICER, COMMUNE);
        let id = reach::model::meeting::MeetingId::parse(&id).expect("an id");
        reaching::void_meeting(kit.db(), NodeRole::Hub, &officer, &id, "Ghi nhầm ngày").await.expect("withdrawn");
        computed::keep(&kit.app).await.expect("it counts");
        assert_eq!(figure(&kit, "td.hopthon").await, None, "there is no meeting any more");
        assert_eq!(figure(&kit, "td.hopthon.nguoi").await, None);
        assert_eq!(figure(&kit, "td.phu.nac:chude=cdcs,doituong=dongbao,nac=xacnhan").await.as_deref(), Some("0"));
    }
}
