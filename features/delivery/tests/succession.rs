//! Points of merged communes: where they stand, what they hear, and whose log goes to whom.

use areas::{AreaId, Heir, Step};
use delivery::{Probe, actions::succession};
use kernel::{app::NodeRole, caller::Caller, ids::Id, records::NodeId, scope::ScopePath};
use reach::model::person::PersonDraft;
use testkit::{Kit, KitBuilder, TestEngine, caller};

use super::bridge::{COMMUNE, Hub, hub, point, received};

const HEIR: &str = "/vn/19.2025/01942.2025/";

fn path(text: &str) -> ScopePath {
    ScopePath::parse(text).expect("a path")
}

fn area(text: &str) -> AreaId {
    AreaId::parse(text).expect("an id")
}

fn merged() -> Vec<Step> {
    let heir = Heir { unit: area("01942.2025"), path: path(HEIR) };
    vec![Step { from: area("01969.2025"), from_path: path(COMMUNE), heirs: vec![heir] }]
}

async fn follow(kit: &Kit) {
    let event = Id::from_text("merger".to_owned());
    kit.db()
        .change(async |tx| succession::follow_steps(tx, &event, &merged()).await)
        .await
        .expect("they follow");
}

/// A village and one person on the roster of the commune.
async fn listed(kit: &Kit) {
    let officer = caller("Mai", "commune_officer", COMMUNE);
    let village = areas::actions::NewVillage {
        commune: area("01969.2025"),
        kind: Some(areas::AreaType::Thon),
        name: "Nà Ít".to_owned(),
    };
    let village = areas::actions::add_village(kit.db(), NodeRole::Point, &officer, village)
        .await
        .expect("a village");
    let draft = PersonDraft {
        name: "Lý Văn Páo".to_owned(),
        village: village.to_string(),
        from: "01/03/2025".to_owned(),
        languages: vec!["tyz".to_owned()],
        ..PersonDraft::default()
    };
    let commune = area("01969.2025");
    reach::actions::add_person(kit.db(), NodeRole::Point, &officer, &commune, &draft)
        .await
        .expect("a person");
}

async fn census(kit: &Kit) -> Option<i64> {
    let audiences = ["prestigious_person".to_owned()];
    let counted = kit
        .db()
        .view(async |tx| reach::census(tx, &[path(COMMUNE)], &audiences).await)
        .await
        .expect("a census");
    counted[0].count
}

/// A second point, of the neighbouring commune.
async fn neighbour(hub: &Hub) -> (Kit, Probe) {
    let system = Caller::system(hub.kit.app.now());
    let code = delivery::actions::make_enrolment_code(&hub.kit.app, &system, &area("01942.2025"))
        .await
        .expect("a code");
    let kit = point(8).await;
    delivery::join(&kit.app, &hub.url(), &code).await.expect("joins");
    let probe = Probe::start(&kit.app).await.expect("a road");
    (kit, probe)
}

testkit::on_both_engines! {
    async fn a_point_hears_what_is_said_to_its_old_and_to_its_new_commune(builder: KitBuilder) {
        let hub = hub(builder).await;
        hub.say(COMMUNE, "trước khi sáp nhập").await;
        let (kit, mut probe) = hub.joined(5).await;
        follow(&hub.kit).await;
        hub.say(HEIR, "nói với xã mới").await;
        hub.say(COMMUNE, "nói với xã cũ").await;
        hub.say("/vn/01.2025/", "cho tỉnh khác").await;
        probe.poll_all().await.expect("it comes down");
        assert_eq!(received(&kit).await, 3, "everything but the other province's");
        follow(&kit).await;
        let stands = delivery::own_scope(&kit.app).await.expect("a scope");
        assert_eq!(stands, Some(path(HEIR)));
        let event = Id::from_text("merger".to_owned());
        kit.db().change(async |tx| succession::unfollow(tx, &event).await).await.expect("undone");
        let stands = delivery::own_scope(&kit.app).await.expect("a scope");
        assert_eq!(stands, Some(path(COMMUNE)));
    }

    async fn the_successor_holds_the_union_of_both_logs(builder: KitBuilder) {
        let hub = hub(builder).await;
        let (old, mut road) = hub.joined(5).await;
        let (new, mut other) = neighbour(&hub).await;
        listed(&old).await;
        road.send_all().await.expect("the roster goes up");
        // Its next hello signs how far its log goes: nothing else proves it to others.
        let mut road = Probe::start(&old.app).await.expect("a road");
        road.poll(0).await.expect("it says hello again");
        follow(&hub.kit).await;
        let officer = caller("Lan", "commune_officer", HEIR);
        let (from, to) = (old.app.node_id(), new.app.node_id());
        let stranger = caller("Hà", "commune_officer", "/vn/01.2025/");
        let hand = async |who: &Caller, to: NodeId| {
            delivery::actions::handover::hand_over(&hub.kit.app, who, from, &to.to_string()).await
        };
        hand(&stranger, to).await.expect_err("it is not theirs");
        hand(&officer, from).await.expect_err("nobody succeeds themselves");
        hand(&officer, to).await.expect("the log is handed over");
        hub.kit.settle().await;
        assert_eq!(census(&new).await, None, "nothing has come yet");
        other.poll_all().await.expect("the log comes down");
        new.settle().await;
        assert_eq!(census(&new).await, Some(1), "the person is on the roster, by number");
        // Once more changes nothing.
        hand(&officer, to).await.expect("it is handed over already");
        hub.kit.settle().await;
        other.poll_all().await.expect("nothing more comes");
        new.settle().await;
        assert_eq!(census(&new).await, Some(1));
        // What is sealed to the successor says nothing to the old point.
        road.poll_all().await.expect("it reads on");
        old.settle().await;
        assert_eq!(census(&old).await, Some(1));
    }
}

#[test]
fn a_point_without_a_merger_has_nothing_to_hand_over() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(TestEngine::Sqlite)).await;
        let (old, _) = hub.joined(5).await;
        let admin = "Quản trị|administrator|/";
        let at = format!("/diem/{}", old.app.node_id());
        assert!(!hub.kit.get(admin, &at).await.text.contains("ban-giao"));
        let posted = hub.kit.post(admin, &format!("{at}/ban-giao"), &[("successor", "x")]).await;
        assert_eq!(posted.status, 422);
    });
}

#[test]
fn a_point_that_came_with_a_merger_hands_its_log_over_before_it_is_revoked() {
    testkit::run(async {
        let hub = hub(KitBuilder::on(TestEngine::Sqlite)).await;
        let (old, _) = hub.joined(5).await;
        let (new, _) = neighbour(&hub).await;
        follow(&hub.kit).await;
        let admin = "Quản trị|administrator|/";
        let owes = "hai máy đang ghi; bàn giao nhật ký của máy này rồi hãy thu hồi";
        let spare = "hai máy đang ghi; thu hồi máy không dùng nữa";
        let marks = async || {
            let list = hub.kit.get(admin, "/diem").await.text;
            (list.matches(owes).count(), list.matches(spare).count())
        };
        let ask = async || hub.kit.post(admin, "/diem/ma", &[("commune", "01942")]).await.text;
        assert_eq!(marks().await, (1, 1));
        let shown = hub.kit.get(admin, &format!("/diem/{}", old.app.node_id())).await.text;
        assert!(shown.contains(owes), "{shown}");
        let told = ask().await;
        assert!(told.contains("Máy này giữ nhật ký từ trước sáp nhập"), "{told}");
        assert_eq!(told.matches("Thu hồi máy cũ và tạo mã").count(), 1, "the other may go");

        let system = Caller::system(hub.kit.app.now());
        let to = new.app.node_id().to_string();
        delivery::actions::handover::hand_over(&hub.kit.app, &system, old.app.node_id(), &to)
            .await
            .expect("ordered");
        assert_eq!(marks().await, (0, 2), "now either may go");
        let told = ask().await;
        assert!(!told.contains("Máy này giữ nhật ký"), "{told}");
        assert_eq!(told.matches("Thu hồi máy cũ và tạo mã").count(), 2);
    });
}
