//! What the list of routes points at: accounts, a village, persons, publications in every state.

use std::collections::BTreeMap;

use areas::AreaType;
use identity::actions::{NewAccount, NewRole};
use kernel::{app::NodeRole, caller::Caller, clock::Day, db::Db, scope::ScopePath};
use publishing::{
    Draft, PublicationId,
    actions::{deciding, discarding, editing},
};
use reach::model::{
    inspection::InspectionDraft,
    meeting::MeetingDraft,
    person::{CONSENT_RECEIPTS, PersonDraft},
};
use testkit::Kit;

use crate::town::{self, area, caller_at};

/// The commune of the demonstration.
pub const COMMUNE: &str = "/vn/19.2025/01969.2025/";

/// Lays everything out; gives what the list calls it.
pub async fn lay(kit: &Kit) -> BTreeMap<&'static str, String> {
    let mut names = BTreeMap::new();
    names.insert("commune", "01969.2025".to_owned());
    names.insert("here", COMMUNE.to_owned());
    names.insert("province", "/vn/19.2025/".to_owned());
    names.insert("other", "/vn/22.2024/".to_owned());
    names.insert("today", kit.app.now().day().iso());
    names.insert("no", "0".repeat(64));
    accounts(kit, &mut names).await;
    let village = village(kit, &mut names).await;
    persons(kit, &village, &mut names).await;
    if kit.app.role == NodeRole::Hub {
        publications(kit, &mut names).await;
        point(kit, &mut names).await;
        decrees(kit, &mut names).await;
        report(kit, &mut names).await;
    }
    names
}

async fn accounts(kit: &Kit, names: &mut BTreeMap<&'static str, String>) {
    let db = kit.db();
    identity::actions::ensure_first_administrator(db, "quantri", "quantri", "mot mat khau dai")
        .await
        .expect("an administrator");
    names.insert("me", town::text(&kit.app, "select id as value from identity_accounts").await);
    let system = Caller::system(kit.app.now());
    let place = ScopePath::parse(COMMUNE).expect("a path");
    for (name, username) in [("account", "ba.cung"), ("account2", "ba.hai")] {
        let role = |role: &str| NewRole {
            role: role.to_owned(),
            scope: place.clone(),
            from: kit.app.now().day(),
            until: Day::FOREVER,
        };
        let new = NewAccount {
            username: username.to_owned(),
            name: "Ba Cùng".to_owned(),
            place: place.clone(),
            password: Some("mot mat khau khac".to_owned()),
            roles: vec![role(identity::role::KEEPER)],
        };
        let made = identity::actions::create_account(&system, db, new).await.expect("an account");
        names.insert(name, made.id.to_string());
    }
    let grant = "select g.id as value from identity_grants g join identity_accounts a on a.id = g.account \
        where a.username = 'ba.cung'";
    names.insert("grant", town::text(&kit.app, grant).await);
}

async fn village(kit: &Kit, names: &mut BTreeMap<&'static str, String>) -> String {
    let officer = caller_at(&kit.app, "commune_officer", identity::role::COMMUNE_OFFICER, COMMUNE);
    let new = areas::actions::NewVillage {
        commune: area("01969.2025"),
        kind: Some(AreaType::Thon),
        name: "Nà Ít".to_owned(),
    };
    let id = areas::actions::add_village(kit.db(), kit.app.role, &officer, new)
        .await
        .expect("a village");
    names.insert("village", id.to_string());
    id.to_string()
}

async fn persons(kit: &Kit, village: &str, names: &mut BTreeMap<&'static str, String>) {
    let officer = caller_at(&kit.app, "commune_officer", identity::role::COMMUNE_OFFICER, COMMUNE);
    for (name, person) in [("person", "Lý Văn Páo"), ("person2", "Bàn Thị Liên")] {
        let draft = PersonDraft {
            name: person.to_owned(),
            village: village.to_owned(),
            from: "2025-03-01".to_owned(),
            consents: vec![CONSENT_RECEIPTS.to_owned()],
            ..PersonDraft::default()
        };
        let commune = area("01969.2025");
        let id =
            reach::actions::add_person(kit.db(), kit.app.role, &officer, &commune, &draft).await;
        names.insert(name, id.expect("a person").to_string());
    }
}

async fn publications(kit: &Kit, names: &mut BTreeMap<&'static str, String>) {
    let draft = |name: &'static str| (name, 0);
    let waiting = |name: &'static str| (name, 1);
    let public = |name: &'static str| (name, 2);
    let wanted = [
        draft("draft"),
        draft("submitted"),
        draft("discarded"),
        draft("discarded2"),
        waiting("waiting"),
        waiting("returned"),
        public("public"),
        public("corrected"),
        public("withdrawn"),
    ];
    for (name, steps) in wanted {
        let id = publication(kit, name, steps).await;
        if name == "discarded2" {
            let editor = testkit::caller("Mai", identity::role::EDITOR, "/vn/");
            discarding::discard(kit.db(), &editor, &id).await.expect("discarded");
        }
        names.insert(name, id.to_string());
    }
    kit.settle().await;
    names.insert("revision", "1".to_owned());
    let revision = format!(
        "select cast(revision as text) as value from publishing_versions where publication = '{}'",
        names["waiting"]
    );
    names.insert("revision", town::text(&kit.app, &revision).await);
    meeting(kit, names).await;
    inspection(kit, names).await;
}

/// A publication; `steps`: 0 a draft, 1 waiting for approval, 2 published.
async fn publication(kit: &Kit, title: &str, steps: u8) -> PublicationId {
    let db: &Db = kit.db();
    let editor = caller_at(&kit.app, "editor", identity::role::EDITOR, "/vn/");
    let draft = Draft {
        title: format!("Tin {title}"),
        body: "Nội dung của tin.".to_owned(),
        areas: vec!["01969.2025".to_owned()],
        themes: vec!["cdcs".to_owned()],
        ..Draft::default()
    };
    let begin = editing::Begin { home: area("vn"), draft };
    let id = editing::begin(db, &editor, begin).await.expect("a draft");
    if steps > 0 {
        deciding::submit(db, &editor, &id).await.expect("it is complete");
    }
    if steps > 1 {
        let approver = caller_at(&kit.app, "approver", identity::role::APPROVER, "/vn/");
        let query = format!(
            "select cast(revision as text) as value from publishing_versions where publication = '{id}'"
        );
        let revision = town::text(&kit.app, &query).await.parse().expect("a number");
        let approval = deciding::Approval { publication: id.clone(), revision, publish_at: None };
        deciding::approve(db, &kit.app.files, &approver, &approval).await.expect("it is published");
    }
    id
}

async fn meeting(kit: &Kit, names: &mut BTreeMap<&'static str, String>) {
    let keeper = caller_at(&kit.app, "commune_officer", identity::role::COMMUNE_OFFICER, COMMUNE);
    let draft = MeetingDraft {
        village: names["village"].clone(),
        held_on: names["today"].clone(),
        language: "vi".to_owned(),
        head_count: Some(12),
        items: vec![format!("{}:1", names["public"])],
        witness: "Trưởng thôn".to_owned(),
        ..MeetingDraft::default()
    };
    let id = reach::actions::record_meeting(kit.db(), kit.app.role, &keeper, &draft)
        .await
        .expect("a meeting");
    names.insert("meeting", id.to_string());
}

async fn inspection(kit: &Kit, names: &mut BTreeMap<&'static str, String>) {
    let inspector = testkit::caller("Hà", identity::role::PROVINCE_OFFICER, "/vn/19.2025/");
    let draft = InspectionDraft {
        item: format!("{}:1", names["public"]),
        unit: names["village"].clone(),
        audience: "people".to_owned(),
        asked_on: names["today"].clone(),
        asked: Some(10),
        knew: Some(8),
        method: "by_list".to_owned(),
        team: "Thanh tra tỉnh".to_owned(),
        ..InspectionDraft::default()
    };
    let id = reach::actions::record_inspection(kit.db(), kit.app.role, &inspector, &draft)
        .await
        .expect("an inspection");
    names.insert("inspection", id.to_string());
}

/// A point that has joined.
async fn point(kit: &Kit, names: &mut BTreeMap<&'static str, String>) {
    let system = Caller::system(kit.app.now());
    let code = delivery::actions::make_enrolment_code(&kit.app, &system, &area("01969.2025"))
        .await
        .expect("a code");
    let code: sync::enrol::EnrolCode = code.parse().expect("a code");
    let keys = sync::keys::NodeKeys::from_seed(&[77; 32]);
    let joining = sync::enrol::Joining::begin(&code, &keys, &kit.app.chance().bytes());
    delivery::actions::admit(&kit.app, None, joining.request()).await.expect("it joins");
    names.insert("point", keys.node_id().to_string());
}

/// Two decrees that were checked and not applied: one to be applied and undone, one to be discarded.
async fn decrees(kit: &Kit, names: &mut BTreeMap<&'static str, String>) {
    let system = Caller::system(kit.app.now());
    for (name, code) in [("decree", "01942"), ("decree2", "01960")] {
        let new = areas::NewDecree {
            instrument: "Nghị quyết số 9/NQ-UBTVQH16".to_owned(),
            effective_on: "2027-01-01".to_owned(),
            ..areas::NewDecree::default()
        };
        let table = format!("Mã cũ,Hình thức,Tên mới\n{code},đổi tên,Tên mới\n");
        let proposal =
            areas::actions::decree::propose(kit.db(), kit.app.role, &system, new, table.as_bytes());
        let areas::actions::decree::Proposal::Kept(id) = proposal.await.expect("it is read") else {
            panic!("the table is good");
        };
        let kept = kit.db().view(async |tx| Ok(areas::decree(tx, &id).await?)).await;
        let kept = kept.expect("it is read").expect("the decree");
        names.entry("checked").or_insert(kept.content_hash);
        names.insert(name, id.to_string());
    }
}

/// A report that was handed in by the neighbour commune, so that the commune's own stays open.
async fn report(kit: &Kit, names: &mut BTreeMap<&'static str, String>) {
    use reporting::{
        actions::{
            entry::{Changes, Which, save},
            figures::Edit,
            steps::{Said, take},
        },
        model::{CellKey, CellState, DatasetId, Life, submission::Step},
    };
    let system = Caller::system(kit.app.now());
    let which = Which {
        dataset: DatasetId::parse("diem-ho-tro").expect("a code"),
        period: "nd09q-2026-4".to_owned(),
        life: Life::Final,
        area: area("01942.2025"),
    };
    let edit = |(cell, amount): (&str, i64)| Edit {
        key: CellKey::parse(cell).expect("a cell"),
        base: 0,
        state: Some(CellState::Value(amount)),
    };
    let figures = [("10.5a", 2), ("10.5b", 1), ("10.6", 90), ("10.3a", 4), ("10.6kp", 1_000)];
    let changes = Changes { edits: figures.map(edit).to_vec(), ..Changes::default() };
    save(&kit.app, &system, &which, changes).await.expect("it is saved");
    let said = Said { revision: 1, note: "Đã kiểm tra".to_owned(), ..Said::default() };
    for step in [Step::Certify, Step::Submit] {
        take(&kit.app, &system, &which.id(), step, &said).await.expect("a step");
    }
    names.insert("report", which.id().to_string());
    names.insert("provinceid", "19.2025".to_owned());
    names.insert("rows", "cuoc".to_owned());
    let dataset = DatasetId::parse("diem-ho-tro").expect("a code");
    let draft = reporting::actions::builder::copy(&kit.app, &system, &dataset, None);
    names.insert("form_draft", draft.await.expect("a draft").to_string());
}
