//! A decree goes down to every point in parts, is applied once, and is taken back there, too.

use areas::{DecreeId, actions::decree, model::decree::shipped, model::plan::Tables};
use kernel::{
    app::NodeRole,
    records::{self, Incoming, Lane},
    scope::ScopePath,
};
use sync::keys::NodeKeys;
use testkit::{Kit, KitBuilder, TestEngine};

use super::{administrator, apply, before_2025, kept, kept_table, state, today, undo};

/// Enough communes that their table fills more than one record.
const PROVINCES: &[&str] = &["08", "19", "24", "25", "37", "38", "40"];
const HEAD: &str = "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Tỷ lệ,Căn cứ\n";
const MERGE: &str = "01969,,01969,,,,,\n01942,,01969,,,,,\n";

/// Everything the hub has said downward about decrees.
async fn said(kit: &Kit) -> Vec<Incoming> {
    let rows = kit
        .db()
        .view(async |tx| Ok(records::down_after(tx, Lane::Control, 0, 0, 1_000).await?))
        .await
        .expect("rows");
    rows.iter()
        .map(|row| {
            let signed =
                sync::record::SignedRecord::from_bytes(row.signed.clone()).expect("a record");
            let record =
                signed.verify(kit.app.node_id(), kit.app.keys.public()).expect("its content");
            assert!(record.body.len() <= sync::record::BODY_MOST);
            Incoming {
                former: Vec::new(),
                inherited: Vec::new(),
                origin: NodeKeys::from_seed(&[7; 32]).node_id(),
                scope: ScopePath::root(),
                epoch: 1,
                seq: row.seq,
                kind: record.kind,
                targets: Vec::new(),
                body: record.body.clone(),
            }
        })
        .collect()
}

async fn hear(kit: &Kit, record: &Incoming) {
    let module = areas::module();
    let kind = module.records.iter().find(|kind| kind.kind == record.kind).expect("a known kind");
    kit.db()
        .change(async |tx| (kind.apply)(tx, record).await)
        .await
        .expect("it never blocks the stream");
}

testkit::on_both_engines! {
    async fn a_point_follows_the_hub_there_and_back(builder: KitBuilder) {
        let hub = today(builder).await;
        let point = today(KitBuilder::on(TestEngine::Sqlite)).await;
        let before = state(&point).await;
        assert_eq!(state(&hub).await, before);
        let id = kept(&hub, "2026-11-01", &format!("{HEAD}{MERGE}")).await;
        apply(&hub, &id).await;
        for record in said(&hub).await {
            hear(&point, &record).await;
        }
        let after = state(&hub).await;
        assert_ne!(after, before);
        assert_eq!(state(&point).await, after);
        // Twice changes nothing.
        for record in said(&hub).await {
            hear(&point, &record).await;
        }
        assert_eq!(state(&point).await, after);
        undo(&hub, &id).await;
        for record in said(&hub).await {
            hear(&point, &record).await;
        }
        assert_eq!(state(&point).await, before);
        apply(&hub, &id).await;
        decree::confirm(hub.db(), NodeRole::Hub, &administrator(), &id).await.expect("confirmed");
        for record in said(&hub).await {
            hear(&point, &record).await;
        }
        assert_eq!(state(&point).await, state(&hub).await);
        let there = point.db().view(async |tx| Ok(areas::decree(tx, &id).await?)).await.expect("read").expect("the decree");
        assert!(there.confirmed && there.round == 2);
    }

    async fn what_does_not_fit_or_is_no_decree_is_put_aside(builder: KitBuilder) {
        let hub = today(KitBuilder::on(TestEngine::Sqlite)).await;
        let point = before_2025(builder, &["19"]).await;
        let before = state(&point).await;
        let id = kept(&hub, "2026-11-01", &format!("{HEAD}{MERGE}")).await;
        apply(&hub, &id).await;
        undo(&hub, &id).await;
        let mut records = said(&hub).await;
        let mut broken = records[0].clone();
        broken.body.truncate(20);
        let mut foreign = records[0].clone();
        foreign.scope = ScopePath::parse("/vn/19.2025/").expect("a path");
        let unknown = Incoming { body: areas::model::decree::wire::standing(&DecreeId::parse("khong-co").expect("an id"), 1, areas::model::decree::wire::Done::Undone), kind: 13, ..records[0].clone() };
        records.extend([broken, foreign, unknown]);
        for record in &records {
            hear(&point, record).await;
        }
        assert_eq!(state(&point).await, before);
    }
}

#[test]
fn a_large_decree_comes_in_parts_and_in_any_order() {
    testkit::run(async {
        let hub = before_2025(KitBuilder::on(TestEngine::Sqlite), PROVINCES).await;
        let point = before_2025(KitBuilder::on(TestEngine::Sqlite), PROVINCES).await;
        let tables = Tables::shipped().expect("the tables").only(PROVINCES);
        let id = kept_table(&hub, shipped::EFFECTIVE_ON, &shipped::reorganisation(&tables)).await;
        apply(&hub, &id).await;
        let mut records = said(&hub).await;
        let whole = records.len();
        records.reverse();
        for record in &records {
            hear(&point, record).await;
        }
        assert!(whole > 1, "{whole} records");
        assert_eq!(state(&point).await, state(&hub).await);
    });
}
