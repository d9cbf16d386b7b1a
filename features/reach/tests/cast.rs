//! The places and people that the tests share.

use areas::{
    AreaId, AreaType,
    actions::{NewPopulation, NewVillage, add_village, record_population},
};
use kernel::{
    app::NodeRole,
    caller::Caller,
    clock::{Day, Timestamp},
    scope::ScopePath,
};
use reach::{
    NewPublication, actions,
    model::person::{CONSENT_RECEIPTS, PersonDraft, PersonId},
};
use testkit::{Kit, KitBuilder, caller};

pub const COMMUNE: &str = "01969.2025";
pub const PLACE: &str = "/vn/19.2025/01969.2025/";
pub const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
pub const NEIGHBOUR: &str = "Lan|commune_officer|/vn/19.2025/01942.2025/";
pub const PROVINCE: &str = "Hà|province_officer|/vn/19.2025/";

pub async fn started(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module(), identity::module(), reach::module()]).start().await;
    areas::reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    kit
}

pub fn officer() -> Caller {
    caller("Mai", "commune_officer", PLACE)
}

pub fn id(text: &str) -> AreaId {
    AreaId::parse(text).expect("an id")
}

pub fn path(text: &str) -> ScopePath {
    ScopePath::parse(text).expect("a path")
}

/// A village of the commune, with its people counted unless told otherwise.
pub async fn village(kit: &Kit, name: &str, people: Option<i64>) -> AreaId {
    let draft =
        NewVillage { commune: id(COMMUNE), kind: Some(AreaType::Thon), name: name.to_owned() };
    let village =
        add_village(kit.db(), kit.app.role, &officer(), draft).await.expect("the village is added");
    if let Some(people) = people {
        count_people(kit, &village, Day::new(2026, 1, 1), people).await;
    }
    village
}

/// The people of a place are counted on a day.
pub async fn count_people(kit: &Kit, area: &AreaId, on: Option<Day>, people: i64) {
    let count = NewPopulation {
        area: area.clone(),
        on,
        people: Some(people),
        households: Some(people / 4),
        source: "Rà soát của xã".to_owned(),
    };
    record_population(kit.db(), kit.app.role, &officer(), count)
        .await
        .expect("the people are counted");
}

pub fn draft(name: &str, village: &AreaId) -> PersonDraft {
    PersonDraft {
        name: name.to_owned(),
        village: village.as_str().to_owned(),
        from: "01/03/2025".to_owned(),
        languages: vec!["tyz".to_owned()],
        consents: vec![CONSENT_RECEIPTS.to_owned()],
        ..PersonDraft::default()
    }
}

pub async fn person(kit: &Kit, name: &str, village: &AreaId) -> PersonId {
    actions::add_person(kit.db(), kit.app.role, &officer(), &id(COMMUNE), &draft(name, village))
        .await
        .expect("the person is added")
}

pub fn publication(key: &str, at: Timestamp) -> NewPublication {
    NewPublication {
        id: key.to_owned(),
        version: 1,
        title: "Hỗ trợ nước sinh hoạt".to_owned(),
        themes: vec!["cdcs".to_owned()],
        audiences: vec!["prestigious_person".to_owned(), "people".to_owned()],
        languages: vec!["vi".to_owned()],
        areas: vec![path("/vn/19.2025/")],
        at,
    }
}

pub async fn publish(kit: &Kit, key: &str) {
    let new = publication(key, kit.app.now());
    kit.db().change(async |tx| actions::freeze(tx, new).await).await.expect("it is frozen");
}

pub async fn card(kit: &Kit, person: &PersonId) -> String {
    actions::issue_card(kit.db(), &officer(), person)
        .await
        .expect("a card is given out")
        .code
        .text()
}

pub async fn confirm(
    kit: &Kit,
    code: &str,
    key: &str,
) -> kernel::problem::Outcome<reach::Confirmed> {
    actions::confirm_by_card(kit.db(), kit.app.role, code, key, 1, "tyz").await
}

/// Whether the live count equals a count made anew, and what it is: (audience, rung, channel, people)
/// of the commune.
pub async fn counted(kit: &Kit, key: &str) -> Vec<(String, String, String, i64)> {
    let live = actions::snapshot(kit.db(), key, 1, &path(PLACE)).await.expect("it can be counted");
    kit.db()
        .change(async |tx| actions::rebuild(tx, key, 1).await)
        .await
        .expect("it can be rebuilt");
    let anew = actions::snapshot(kit.db(), key, 1, &path(PLACE)).await.expect("it can be counted");
    assert_eq!(live, anew, "the live count equals the rebuilt one");
    live
}

pub async fn on(kit: &Kit, key: &str, audience: &str, rung: &str) -> i64 {
    let all = counted(kit, key).await;
    all.iter()
        .filter(|(a, r, _, _)| a == audience && r == rung)
        .map(|(_, _, _, people)| people)
        .sum()
}

pub const HUB: NodeRole = NodeRole::Hub;
