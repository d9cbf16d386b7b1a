//! A hub and the point of xã Phủ Thông with a real link between them, and the people at both ends:
//! what the walk-through and the browser tests stand on.

use std::net::SocketAddr;

use delivery::Probe;
use identity::{
    actions::{NewAccount, NewRole},
    role,
};
use kernel::{
    app::{AppRef, NodeRole},
    caller::Caller,
    clock::Day,
    scope::ScopePath,
};
use nhipcau::link::{Link, Quality};
use reach::model::person::{CONSENT_RECEIPTS, PersonDraft};
use testkit::{TestEngine, html};

use crate::{
    guest::Guest,
    machine::{Machine, Running, Wall},
    town::{area, caller_at},
};

/// Everybody's password here.
pub const PASSWORD: &str = "qua cau sang ban";
/// The point's commune.
pub const COMMUNE: &str = "/vn/19.2025/01969.2025/";

/// Both nodes and the link.
pub struct Bridge {
    /// The hub's hardware.
    pub hub_machine: Machine,
    /// The hub.
    pub hub: Running,
    /// The point's hardware.
    pub point_machine: Machine,
    /// The point.
    pub point: Running,
    /// The cable.
    pub link: Link,
    /// What the card reader types.
    pub card: String,
    /// The true time, when the nodes do not use the real one.
    pub wall: Wall,
}

/// How a bridge is built.
pub struct Plan {
    /// The hub's engine.
    pub engine: TestEngine,
    /// How wrong the point's clock is.
    pub drift_ms: i64,
    /// True when the nodes work by themselves and by the real clock.
    pub by_itself: bool,
}

impl Bridge {
    /// Starts both nodes, joins them, and gives them their people.
    pub async fn built(plan: &Plan) -> Self {
        let wall = Wall::right();
        let clock = |drift| (!plan.by_itself).then(|| wall.beside(drift));
        let hub_machine = Machine::new(NodeRole::Hub, plan.engine, clock(0), plan.by_itself).await;
        let sqlite = TestEngine::Sqlite;
        let point_machine =
            Machine::new(NodeRole::Point, sqlite, clock(plan.drift_ms), plan.by_itself).await;
        let hub = hub_machine.start().await;
        let cable = SocketAddr::from(([127, 0, 0, 1], 0));
        let link =
            Link::open(cable, hub_machine.address(), Quality::PERFECT).await.expect("a link");
        let point = point_machine.start().await;
        let code = nhipcau::keeping::enrolment_code(&hub.app, "01969").await.expect("a code");
        let joined = delivery::join(&point.app, &format!("http://{}", link.address), &code).await;
        assert_eq!(joined.expect("the point joins").commune, "xã Phủ Thông");
        account(&hub.app, "mai", role::EDITOR, "/vn/").await;
        account(&hub.app, "binh", role::APPROVER, "/vn/").await;
        account(&hub.app, "lan", role::PROVINCE_OFFICER, "/vn/19.2025/").await;
        account(&hub.app, "xuan", role::COMMUNE_OFFICER, COMMUNE).await;
        // A point that joined begins to walk when it starts again; the first contact puts its clock
        // right, before anybody dates anything by it.
        point.kill();
        let point = point_machine.start().await;
        if !plan.by_itself {
            let mut probe = Probe::start(&point.app).await.expect("the point has joined");
            probe.poll(0).await.expect("the first contact");
        }
        account(&point.app, "hoa", role::COMMUNE_OFFICER, COMMUNE).await;
        account(&point.app, "tuan", role::KEEPER, COMMUNE).await;
        let card = people(&point.app).await;
        Self { hub_machine, hub, point_machine, point, link, card, wall }
    }

    /// Somebody at the hub.
    pub fn at_hub(&self) -> Guest {
        Guest::at(self.hub_machine.address())
    }

    /// Somebody at the point.
    pub fn at_point(&self) -> Guest {
        Guest::at(self.point_machine.address())
    }

    /// The point's road, stepped by hand.
    pub async fn probe(&self) -> Probe {
        Probe::start(&self.point.app).await.expect("the point has joined")
    }

    /// The hub dies and comes back.
    pub async fn hub_dies(self) -> Self {
        self.hub.kill();
        let hub = self.hub_machine.start().await;
        Self { hub, ..self }
    }

    /// The point dies and comes back.
    pub async fn point_dies(self) -> Self {
        self.point.kill();
        let point = self.point_machine.start().await;
        Self { point, ..self }
    }
}

/// Opens an account.
pub async fn account(app: &AppRef, username: &str, role: &str, scope: &str) {
    let place = ScopePath::parse(scope).expect("a path");
    let new = NewAccount {
        username: username.to_owned(),
        name: format!("Người {username}"),
        place: place.clone(),
        password: Some(PASSWORD.to_owned()),
        roles: vec![NewRole {
            role: role.to_owned(),
            scope: place,
            from: app.now().day(),
            until: Day::FOREVER,
        }],
    };
    let system = Caller::system(app.now());
    identity::actions::create_account(&system, &app.db, new).await.expect("an account");
}

/// A village, and one person in it with a card; gives what is on the card.
async fn people(app: &AppRef) -> String {
    let officer = caller_at(app, "officer", role::COMMUNE_OFFICER, COMMUNE);
    let village = areas::actions::NewVillage {
        commune: area("01969.2025"),
        kind: Some(areas::AreaType::Thon),
        name: "Nà Ít".to_owned(),
    };
    let village = areas::actions::add_village(&app.db, NodeRole::Point, &officer, village)
        .await
        .expect("a village");
    let count = areas::actions::NewPopulation {
        area: village.clone(),
        people: Some(243),
        households: Some(60),
        on: Some(app.now().day()),
        source: "Trưởng thôn".to_owned(),
    };
    areas::actions::record_population(&app.db, NodeRole::Point, &officer, count)
        .await
        .expect("a count");
    let draft = PersonDraft {
        name: "Lý Văn Páo".to_owned(),
        village: village.to_string(),
        // The day is checked against the node's own, which may be ten years away.
        from: app.now().day().plus_days(-200).iso(),
        reads_vietnamese: true,
        languages: vec!["vi".to_owned()],
        consents: vec![CONSENT_RECEIPTS.to_owned()],
        ..PersonDraft::default()
    };
    let commune = area("01969.2025");
    let id = reach::actions::add_person(&app.db, NodeRole::Point, &officer, &commune, &draft)
        .await
        .expect("a person");
    reach::actions::issue_card(&app.db, &officer, &id).await.expect("a card").code.text()
}

/// The editor writes an item for the point's commune and hands it in; gives its id.
pub async fn write(hub: &mut Guest, title: &str) -> String {
    write_for(hub, title, "01969.2025").await
}

/// The same for another place.
pub async fn write_for(hub: &mut Guest, title: &str, place: &str) -> String {
    hub.page("/bien-tap/moi").await;
    let begun =
        hub.post("/bien-tap/moi", &[("title", title), ("kind", "news"), ("home", "vn")]).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let desk = begun.location;
    let page = hub.page(&desk).await;
    let revision = html::field(&page, "revision").expect("the form knows its revision");
    let fields = [
        ("revision", revision.as_str()),
        ("title", title),
        ("summary", "Từ ngày 1 tháng 12, hộ nghèo được vay vốn."),
        ("body", "Bà con mang **giấy tờ** đến trụ sở xã.\n\n- sổ hộ khẩu\n- giấy xác nhận"),
        ("kind", "news"),
        ("areas", place),
        ("themes", "cdcs"),
        ("audiences", "prestigious_person"),
        ("audiences", "people"),
        ("languages", "vi"),
        ("then", "submit"),
    ];
    let submitted = hub.post(&desk, &fields).await;
    assert_eq!(submitted.status, 303, "{}", submitted.text);
    desk.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The second person approves it.
pub async fn approve(hub: &mut Guest, id: &str) {
    let page = hub.page(&format!("/bien-tap/{id}")).await;
    let revision = html::field(&page, "revision").expect("the form knows its revision");
    let approved = hub.post(&format!("/bien-tap/{id}/duyet"), &[("revision", &revision)]).await;
    assert_eq!(approved.status, 303, "{}", approved.text);
}

/// Somebody at the kiosk opens the item and holds their card to the reader.
pub async fn confirm(point: &mut Guest, id: &str, card: &str) {
    let item = point.page(&format!("/kiot/nghe/{id}")).await;
    let confirm = html::links(&item).into_iter().find(|link| link.starts_with("/kiot/xac-nhan/"));
    let confirm = confirm.expect("the item leads to its confirmation");
    let page = point.page(&confirm).await;
    let proof = html::field(&page, "mo").unwrap_or_default();
    let action = confirm.split('?').next().unwrap_or_default();
    let done = point.post(action, &[("cach", "the"), ("mo", &proof), ("card", card)]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert!(done.location.starts_with("/kiot/cam-on"), "{}", done.location);
}

/// What the ladder of an item says about persons who confirmed: the text of the proven rung.
pub fn proven(ladder: &str) -> String {
    let rung = ladder.split("rung rung--proven").nth(1).expect("the ladder has its proven rung");
    let value = rung.split("rung__value\">").nth(1).and_then(|value| value.split("</li>").next());
    let value = value.expect("the rung has a value");
    let words = value
        .split('<')
        .filter_map(|part| part.split_once('>').map_or(Some(part), |(_, text)| Some(text)));
    words.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}
