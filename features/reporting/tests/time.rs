//! Reports and a map that changes: where figures count, who sees old reports, what is owed, what is excused, what
//! follows a report up.

mod authority;
mod behalf;
mod deadlines;
mod homecoming;
mod lost_boxes;
mod notes;
mod parts;
mod provinces;
mod travelling;

use areas::{
    DecreeId, NewDecree,
    actions::decree::{self, Proposal},
};
use kernel::{app::NodeRole, caller::Caller};
use reporting::actions::map;
use testkit::{Kit, KitBuilder, caller};

use crate::cast::{POINT, said_by, taken};

const HEAD: &str = "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Tỷ lệ,Căn cứ\n";
/// The other province.
pub const CAO_BANG: &str = "/vn/04.2024/";

fn administrator() -> Caller {
    caller("An", "administrator", "/vn/")
}

/// A hub with two provinces.
pub async fn two_provinces(builder: KitBuilder) -> Kit {
    let modules = [areas::module(), identity::module(), reporting::module()];
    let kit = builder
        .with(modules)
        .offering(reporting::Catalogues::default())
        .offering(reporting::Phones::default())
        .offering(reporting::Exchange::default())
        .start()
        .await;
    areas::reference::load_only(kit.db(), &["19", "04"]).await.expect("the provinces load");
    reporting::actions::catalogue::plant_shipped(kit.db()).await.expect("definitions are planted");
    kit
}

/// Puts a decree in force; the reports are not told yet.
pub async fn decreed(kit: &Kit, day: &str, rows: &str) -> DecreeId {
    let new = NewDecree {
        instrument: format!("Nghị quyết ngày {day}"),
        decided_on: String::new(),
        effective_on: day.to_owned(),
        file_name: "bang.csv".to_owned(),
    };
    let csv = format!("{HEAD}{rows}");
    let kept =
        decree::propose(kit.db(), NodeRole::Hub, &administrator(), new, csv.as_bytes()).await;
    let id = match kept.expect("it is read") {
        Proposal::Kept(id) => id,
        Proposal::Wrong(problems) => panic!("{problems:#?}"),
    };
    let hash = kit.db().view(async |tx| Ok(areas::decree(tx, &id).await?)).await.expect("read");
    let hash = hash.expect("the decree").content_hash;
    decree::apply(kit.db(), NodeRole::Hub, &administrator(), &id, &hash).await.expect("applied");
    id
}

pub async fn undone(kit: &Kit, id: &DecreeId) {
    decree::undo(kit.db(), NodeRole::Hub, &administrator(), id).await.expect("undone");
}

pub async fn settled(kit: &Kit) -> map::Settled {
    map::settle(kit.db(), None).await.expect("it is put in order")
}

/// Applies a record as it comes from the commune's point, or from its hub.
pub async fn applied(kit: &Kit, kind: u16, body: Vec<u8>) {
    applied_from(kit, POINT, kind, body).await;
}

/// The same from some node that speaks for a place.
pub async fn applied_from(kit: &Kit, node: (u8, &str), kind: u16, body: Vec<u8>) {
    taken(kit, &said_by(node, kind, body)).await;
}
