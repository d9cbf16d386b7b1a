//! Decrees: brought as tables, applied, undone, applied again; on real places and on made-up ones.

mod country;
mod flows;
mod mending;
mod pages;
mod problems;
mod random;
mod travel;

use areas::{
    AreaId, DecreeId, LineProblem, NewDecree,
    actions::decree::{self, Proposal},
    model::{
        decree::{shipped, table::Table},
        plan::Tables,
    },
    reference,
};
use kernel::{app::NodeRole, caller::Caller, clock::Day, problem::Outcome};
use testkit::{Kit, KitBuilder, caller};

pub fn administrator() -> Caller {
    caller("An", "administrator", "/vn/")
}

pub fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

pub fn id(text: &str) -> AreaId {
    AreaId::parse(text).expect("an id")
}

pub fn heading(effective: &str) -> NewDecree {
    NewDecree {
        instrument: "Nghị quyết số 1/NQ-UBTVQH15".to_owned(),
        decided_on: String::new(),
        effective_on: effective.to_owned(),
        file_name: "bang.csv".to_owned(),
    }
}

/// A hub with Thái Nguyên and Bắc Kạn as they are known today.
pub async fn today(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    kit
}

/// The same before anybody knew of the reorganisation of 2025.
pub async fn before_2025(builder: KitBuilder, provinces: &[&str]) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    let tables = Tables::shipped().expect("the tables can be read");
    let tables = if provinces.is_empty() { tables } else { tables.only(provinces) };
    reference::load_as(kit.db(), shipped::before(tables)).await.expect("the provinces load");
    kit
}

pub async fn propose(kit: &Kit, effective: &str, csv: &str) -> Outcome<Proposal> {
    let new = heading(effective);
    decree::propose(kit.db(), NodeRole::Hub, &administrator(), new, csv.as_bytes()).await
}

pub async fn kept(kit: &Kit, effective: &str, csv: &str) -> DecreeId {
    match propose(kit, effective, csv).await.expect("it is read") {
        Proposal::Kept(id) => id,
        Proposal::Wrong(problems) => panic!("{problems:#?}"),
    }
}

pub async fn kept_table(kit: &Kit, effective: &str, table: &Table) -> DecreeId {
    let new = heading(effective);
    let proposal =
        decree::propose_table(kit.db(), NodeRole::Hub, &administrator(), new, table).await;
    match proposal.expect("it is read") {
        Proposal::Kept(id) => id,
        Proposal::Wrong(problems) => {
            panic!("{} problems: {:#?}", problems.len(), &problems[..problems.len().min(12)])
        }
    }
}

pub async fn wrong(kit: &Kit, effective: &str, csv: &str) -> Vec<LineProblem> {
    match propose(kit, effective, csv).await.expect("it is read") {
        Proposal::Kept(_) => panic!("nothing was wrong"),
        Proposal::Wrong(problems) => problems,
    }
}

pub async fn apply(kit: &Kit, id: &DecreeId) {
    let hash = hash_of(kit, id).await;
    decree::apply(kit.db(), NodeRole::Hub, &administrator(), id, &hash).await.expect("applied");
}

pub async fn hash_of(kit: &Kit, id: &DecreeId) -> String {
    let found = kit.db().view(async |tx| Ok(areas::decree(tx, id).await?)).await;
    found.expect("it is read").expect("the decree").content_hash
}

pub async fn undo(kit: &Kit, id: &DecreeId) {
    decree::undo(kit.db(), NodeRole::Hub, &administrator(), id).await.expect("undone");
}

pub async fn state(kit: &Kit) -> String {
    kit.db().view(async |tx| Ok(areas::state_hash(tx).await?)).await.expect("a fingerprint")
}

/// The path of a unit on a day.
pub async fn path_on(kit: &Kit, unit: &AreaId, on: &str) -> Option<String> {
    let found = kit.db().view(async |tx| Ok(areas::find_at(tx, unit, day(on)).await?)).await;
    found.expect("it is read").map(|area| area.path.as_str().to_owned())
}
