//! People pass between points through real decrees: back, when a merger is undone, with what was added meanwhile;
//! and in part, when a commune is divided. Nobody is lost, nobody is kept twice, cards go on working.

use std::collections::BTreeMap;

use areas::{DecreeId, actions::decree};
use delivery::Probe;
use identity::role;
use kernel::{
    app::{AppRef, NodeRole},
    caller::Caller,
    ids::Id,
    problem::Failure,
    scope::ScopePath,
};
use reach::{
    actions::{self, handover},
    model::person::{CONSENT_RECEIPTS, PersonDraft, PersonId},
};
use testkit::TestEngine;

use crate::{
    bridge::{Bridge, COMMUNE, Plan},
    handover::neighbour,
    machine::{Machine, Running},
    succession::decreed,
    town::{area, caller_at, number, text},
};

const A: &str = "01969.2025";
const B_PATH: &str = "/vn/19.2025/01942.2025/";
const MERGED: &str = "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới\n\
                      01969,nhập,01969,Phủ Thông,xã,19\n01942,nhập,01969,Phủ Thông,xã,19\n";
const DIVIDED: &str = "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Tỷ lệ,Căn cứ\n\
                       01969,,01969,,,,2/3,dân số\n01969,,01942,,,,1/3,dân số\n01942,,01942,,,,,\n";

fn path(text: &str) -> ScopePath {
    ScopePath::parse(text).expect("a path")
}

fn is(failure: &Failure, code: &str) -> bool {
    failure.problem().is_some_and(|problem| problem.kind.code == code)
}

/// Two points and their hub, in step.
struct Three {
    bridge: Bridge,
    _machine: Machine,
    new: Running,
    roads: [Probe; 2],
}

impl Three {
    async fn built(engine: TestEngine) -> Self {
        let bridge = Bridge::built(&Plan { engine, drift_ms: 0, by_itself: false }).await;
        let (machine, new) = neighbour(&bridge).await;
        let roads =
            [bridge.probe().await, Probe::start(&new.app).await.expect("the neighbour's road")];
        let mut three = Self { bridge, _machine: machine, new, roads };
        three.sync().await;
        three
    }

    fn hub(&self) -> &AppRef {
        &self.bridge.hub.app
    }

    fn old(&self) -> &AppRef {
        &self.bridge.point.app
    }

    fn newer(&self) -> &AppRef {
        &self.new.app
    }

    /// Everything goes up and down, and everybody draws their conclusions.
    async fn sync(&mut self) {
        for _ in 0..2 {
            for road in &mut self.roads {
                road.send_all().await.expect("it goes up");
            }
            self.bridge.hub.settle().await;
            for road in &mut self.roads {
                road.poll_all().await.expect("it comes down");
            }
            self.bridge.point.settle().await;
            self.new.settle().await;
        }
        self.bridge.wall.pass(60_000);
    }

    async fn undone(&mut self, id: &DecreeId) {
        let system = Caller::system(self.hub().now());
        decree::undo(&self.hub().db, NodeRole::Hub, &system, id).await.expect("undone");
        self.sync().await;
    }

    async fn applied_again(&mut self, id: &DecreeId) {
        let hub = self.hub();
        let system = Caller::system(hub.now());
        let kept = hub.db.view(async |tx| Ok(areas::decree(tx, id).await?)).await;
        let hash = kept.expect("it is read").expect("it is kept").content_hash;
        decree::apply(&hub.db, NodeRole::Hub, &system, id, &hash).await.expect("applied again");
        self.sync().await;
    }

    /// The hub says that the old point's people pass to the new one.
    async fn handed_over(&mut self) {
        let system = Caller::system(self.hub().now());
        let (from, to) = (self.old().node_id(), self.newer().node_id().to_string());
        delivery::actions::handover::hand_over(self.hub(), &system, from, &to)
            .await
            .expect("ordered");
        self.sync().await;
    }

    /// Who keeps whom, as the hub knows it: register and number → path, node.
    async fn kept(&self) -> BTreeMap<String, String> {
        let mut kept = BTreeMap::new();
        let mut last = String::new();
        // One row at a time, in the order of their names: the engines join rows in words of their own.
        loop {
            let next = text(
                self.hub(),
                &format!("select coalesce(min(commune || ':' || serial), '') as value from reach_roster where commune || ':' || serial > '{last}'"),
            )
            .await;
            if next.is_empty() {
                return kept;
            }
            let found = text(
                self.hub(),
                &format!("select path || ' ' || origin as value from reach_roster where commune || ':' || serial = '{next}'"),
            )
            .await;
            kept.insert(next.clone(), found);
            last = next;
        }
    }
}

fn officer(app: &AppRef, place: &str) -> Caller {
    caller_at(app, "officer", role::COMMUNE_OFFICER, place)
}

async fn person(app: &AppRef, commune: &str, place: &str, village: &str, name: &str) -> PersonId {
    let draft = PersonDraft {
        name: name.to_owned(),
        village: village.to_owned(),
        from: app.now().day().plus_days(-20).iso(),
        consents: vec![CONSENT_RECEIPTS.to_owned()],
        ..PersonDraft::default()
    };
    actions::add_person(&app.db, NodeRole::Point, &officer(app, place), &area(commune), &draft)
        .await
        .expect("they are added")
}

async fn ended(app: &AppRef, place: &str, id: &PersonId) -> Result<(), Failure> {
    let on = app.now().day().iso();
    let by = officer(app, place);
    actions::end_person(&app.db, NodeRole::Point, &by, id, &on, "chuyen_di").await
}

async fn id_of(app: &AppRef, name: &str) -> PersonId {
    let id =
        text(app, &format!("select id as value from reach_people where name = '{name}'")).await;
    PersonId::parse(&id).expect("an id")
}

/// Who holds a card, as the kiosk of a point knows it.
async fn holder(app: &AppRef, code: &str) -> Option<String> {
    let held = app.db.view(async |tx| reach::card_holder(tx, code).await).await;
    held.ok().flatten().map(|holder| format!("{} {}", holder.commune, holder.serial))
}

async fn give(app: &AppRef, place: &str) -> handover::Made {
    handover::give(app, &officer(app, place), &path(place), "").await.expect("a file")
}

async fn take(app: &AppRef, place: &str, file: &[u8]) -> Result<handover::Taken, Failure> {
    handover::take(app, &officer(app, place), &path(place), file).await
}

async fn village_of(app: &AppRef, name: &str) -> String {
    let asked = format!("select unit as value from areas_facts where name = '{name}' limit 1");
    text(app, &asked).await
}

// Long because it is one story.
async fn back_when_undone(engine: TestEngine) {
    let mut three = Three::built(engine).await;
    let old_card = three.bridge.card.clone();
    let pao = id_of(three.old(), "Lý Văn Páo").await;
    let decree = decreed(three.hub(), MERGED).await;
    three.sync().await;
    let made = format!("/vn/19.2025/01969.{}/", three.hub().now().day().iso().replace('-', ""));
    three.handed_over().await;
    let file = give(three.old(), &made).await;
    assert_eq!(file.people, 1);
    assert_eq!(take(three.newer(), &made, &file.bytes).await.expect("taken").fresh, 1);

    // Meanwhile the new point gives out another card and writes somebody new of the same village down.
    let new = three.newer();
    let card = actions::issue_card(&new.db, &officer(new, &made), &pao).await.expect("a card");
    let na_it = village_of(new, "Nà Ít").await;
    let commune = made.split('/').rfind(|part| !part.is_empty()).expect("a commune").to_owned();
    let mui = person(new, &commune, &made, &na_it, "Bàn Thị Mủi").await;
    three.sync().await;
    let at_new = three.newer().node_id().to_string();
    let kept = three.kept().await;
    assert!(kept.len() == 2 && kept.values().all(|one| one.ends_with(&at_new)), "{kept:?}");

    // Undone: the hub tells both; until the file has come the old point only reads.
    three.undone(&decree).await;
    let (old, new) = (three.old(), three.newer());
    let failure = ended(old, COMMUNE, &pao).await.expect_err("it has not come back yet");
    assert!(is(&failure, "reach-handed-over"), "{failure:?}");
    let late = take(new, B_PATH, &file.bytes).await.expect_err("that handover is over");
    assert!(is(&late, "reach-no-predecessor"), "{late:?}");
    let back = give(new, B_PATH).await;
    assert_eq!(back.people, 2, "with who was added meanwhile");
    let taken = take(old, COMMUNE, &back.bytes).await.expect("they come back");
    assert_eq!(taken, handover::Taken { fresh: 2, known: 0 });
    let again = take(old, COMMUNE, &back.bytes).await.expect("once more");
    assert_eq!(again, handover::Taken { fresh: 0, known: 2 });

    // The old point goes on with everybody, the new card and the new number included.
    assert_eq!(number(old, "select count(*) as value from reach_people").await, 2);
    assert_eq!(number(old, "select count(*) as value from reach_cards").await, 2);
    assert_eq!(holder(old, &old_card).await, None, "it was given out anew");
    assert_eq!(holder(old, &card.code.text()).await.as_deref(), Some("01969.2025 1"));
    let refused = ended(new, B_PATH, &mui).await.expect_err("she lives elsewhere");
    assert!(is(&refused, "forbidden"), "{refused:?}");
    ended(old, COMMUNE, &mui).await.expect("the old point keeps her");
    let bet = person(old, A, COMMUNE, &na_it, "Lý Thị Bét").await;
    three.sync().await;
    let at_old = three.old().node_id().to_string();
    let kept = three.kept().await;
    assert_eq!(kept.len(), 3, "{kept:?}");
    for (who, kept) in &kept {
        assert!(kept.starts_with(COMMUNE) && kept.ends_with(&at_old), "{who}: {kept}");
    }
    assert!(kept.contains_key("01969.2025:2"), "numbered where the old point always did: {kept:?}");

    // Applied again, handed over again: the file of the first time brings nothing old back.
    three.applied_again(&decree).await;
    three.handed_over().await;
    let stale = take(three.newer(), &made, &file.bytes).await.expect_err("it is of before");
    assert!(is(&stale, "reach-handover-old"), "{stale:?}");
    let second = give(three.old(), &made).await;
    let taken = take(three.newer(), &made, &second.bytes).await.expect("taken again");
    assert_eq!(taken, handover::Taken { fresh: 3, known: 0 });
    assert_eq!(number(three.newer(), "select count(*) as value from reach_people").await, 3);
    ended(three.newer(), &made, &bet).await.expect("the new point keeps them all");
    three.sync().await;
    let kept = three.kept().await;
    assert!(kept.len() == 3 && kept.values().all(|one| one.ends_with(&at_new)), "{kept:?}");
    assert_eq!(number(three.hub(), "select count(*) as value from reach_people").await, 0);
}

async fn never_fetched(engine: TestEngine) {
    let mut three = Three::built(engine).await;
    let pao = id_of(three.old(), "Lý Văn Páo").await;
    let decree = decreed(three.hub(), MERGED).await;
    three.sync().await;
    let made = format!("/vn/19.2025/01969.{}/", three.hub().now().day().iso().replace('-', ""));
    three.handed_over().await;
    let file = give(three.old(), &made).await;
    assert_eq!(file.people, 1);
    three.undone(&decree).await;
    let back = give(three.newer(), B_PATH).await;
    assert_eq!(back.people, 0, "it never had anybody");
    let taken = take(three.old(), COMMUNE, &back.bytes).await.expect("and says so");
    assert_eq!(taken, handover::Taken { fresh: 1, known: 0 });
    assert!(holder(three.old(), &three.bridge.card).await.is_some(), "the card goes on");
    person(three.old(), A, COMMUNE, &village_of(three.old(), "Nà Ít").await, "Lý Thị Bét").await;
    ended(three.old(), COMMUNE, &pao).await.expect("the roster is open again");
    three.sync().await;
    let at_old = three.old().node_id().to_string();
    let kept = three.kept().await;
    assert!(kept.len() == 2 && kept.values().all(|one| one.ends_with(&at_old)), "{kept:?}");
}

/// Somebody above both answers an open question of the hub.
async fn answered(hub: &AppRef, kind: &str, subject: &str, heir: &str) {
    let id = text(
        hub,
        &format!("select id as value from areas_questions where kind = '{kind}' and subject = '{subject}' and answered_at is null"),
    )
    .await;
    let lan = caller_at(hub, "lan", role::PROVINCE_OFFICER, "/vn/19.2025/");
    let decision = areas::Decision::To(area(heir));
    areas::actions::questions::answer(&hub.db, NodeRole::Hub, &lan, &Id::from_text(id), &decision)
        .await
        .expect("it is decided");
}

// Long because it is one story.
async fn divided(engine: TestEngine) {
    let mut three = Three::built(engine).await;
    let old = three.old();
    let village = areas::actions::NewVillage {
        commune: area(A),
        kind: Some(areas::AreaType::Thon),
        name: "Nà Hai".to_owned(),
    };
    let by = officer(old, COMMUNE);
    let na_hai = areas::actions::add_village(&old.db, NodeRole::Point, &by, village)
        .await
        .expect("a village")
        .to_string();
    let na_it = village_of(old, "Nà Ít").await;
    let (pao, mui) =
        (id_of(old, "Lý Văn Páo").await, person(old, A, COMMUNE, &na_hai, "Bàn Thị Mủi").await);
    let card = actions::issue_card(&old.db, &by, &mui).await.expect("a card").code.text();
    three.sync().await;
    let before = three.kept().await;

    let decree = decreed(three.hub(), DIVIDED).await;
    three.sync().await;
    let day = three.hub().now().day().iso().replace('-', "");
    let (stays, goes) = (format!("01969.{day}"), format!("01942.{day}"));
    let node = three.old().node_id().to_string();
    answered(three.hub(), "delivery.node", &node, &stays).await;
    answered(three.hub(), "areas.village", &na_it, &stays).await;
    answered(three.hub(), "areas.village", &na_hai, &goes).await;
    three.sync().await;
    let (stays, goes) = (format!("/vn/19.2025/{stays}/"), format!("/vn/19.2025/{goes}/"));

    // The hub's page offers the point of the other heir, and nothing before it was said.
    let by = officer(three.old(), &stays);
    let nothing = handover::give(three.old(), &by, &path(&stays), "").await;
    assert!(is(&nothing.expect_err("nothing was said"), "reach-no-heir"));
    let system = Caller::system(three.hub().now());
    let (from, to) = (three.old().node_id(), three.newer().node_id().to_string());
    let stranger = delivery::actions::passings::pass_part(three.hub(), &system, from, &node).await;
    assert!(stranger.is_err(), "not to itself");
    delivery::actions::passings::pass_part(three.hub(), &system, from, &to).await.expect("said");
    three.sync().await;

    let file = give(three.old(), &stays).await;
    assert_eq!(file.people, 1, "exactly who lives there");
    let taken = take(three.newer(), &goes, &file.bytes).await.expect("taken");
    assert_eq!(taken, handover::Taken { fresh: 1, known: 0 });
    assert_eq!(holder(three.newer(), &card).await.as_deref(), Some("01969.2025 2"));
    let roster = text(
        three.newer(),
        &format!("select distinct f.name as value from reach_roster r join areas_facts f on f.unit = r.village and f.path = r.path where r.path like '{goes}%'"),
    )
    .await;
    assert_eq!(roster, "Nà Hai", "the village was told of, too");
    let failure = ended(three.old(), &goes, &mui).await.expect_err("handed over");
    assert!(is(&failure, "reach-handed-over"), "{failure:?}");
    ended(three.newer(), &goes, &mui).await.expect("the other point keeps her");
    person(three.old(), &stays[12..stays.len() - 1], &stays, &na_it, "Lý Thị Bét").await;
    three.sync().await;
    let kept = three.kept().await;
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert_eq!(kept["01969.2025:2"], format!("{goes}{na_hai}/ {to}"));
    for mine in ["01969.2025:1", "01969.2025:3"] {
        assert_eq!(kept[mine], format!("{stays}{na_it}/ {node}"));
    }

    // Undone, everybody is with the old point again, as the other one left them.
    three.undone(&decree).await;
    let back = give(three.newer(), B_PATH).await;
    assert_eq!(back.people, 1);
    assert_eq!(take(three.old(), COMMUNE, &back.bytes).await.expect("back").fresh, 1);
    let on = three.old().now().day().iso();
    let asked = format!(
        "select count(*) as value from reach_roster where commune = '01969.2025' and serial = 2 and until_day = '{on}'"
    );
    assert_eq!(number(three.old(), &asked).await, 1, "her end is known");
    ended(three.old(), COMMUNE, &pao).await.expect("he never left");
    three.sync().await;
    let kept = three.kept().await;
    assert_eq!(kept.len(), 3);
    for (who, was) in &before {
        assert_eq!(kept.get(who), Some(was), "{who}");
    }
}

#[test]
fn a_roster_comes_back_when_the_merger_is_undone_on_sqlite() {
    testkit::run(async { back_when_undone(TestEngine::Sqlite).await });
}

#[test]
fn a_roster_comes_back_when_the_merger_is_undone_on_postgres() {
    testkit::run(async { back_when_undone(TestEngine::Postgres).await });
}

#[test]
fn a_file_that_nobody_fetched_comes_back_too_on_sqlite() {
    testkit::run(async { never_fetched(TestEngine::Sqlite).await });
}

#[test]
fn each_heir_of_a_divided_commune_gets_exactly_its_people_on_sqlite() {
    testkit::run(async { divided(TestEngine::Sqlite).await });
}

#[test]
fn each_heir_of_a_divided_commune_gets_exactly_its_people_on_postgres() {
    testkit::run(async { divided(TestEngine::Postgres).await });
}
