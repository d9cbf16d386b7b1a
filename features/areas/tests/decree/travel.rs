//! A decree goes down to every point in parts, is applied once, and is taken back there, too.

use areas::{DecreeId, actions::decree, model::decree::shipped, model::plan::Tables};
use kernel::{
    app::NodeRole,
    records::{self, Incoming, Lane},
    scope::ScopePath,
};
use sync::keys::NodeKeys;
use testkit::{Kit, KitBuilder, TestEngine};

use super::{
    administrator, apply, before_2025, kept, kept_table, mending::village, path_on, state, today,
    undo,
};

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
                handed_over: false,
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

    async fn where_villages_of_a_divided_commune_go_is_one_record_and_the_old_one_is_read(builder: KitBuilder) {
        let hub = today(builder).await;
        let point = today(KitBuilder::on(TestEngine::Sqlite)).await;
        let (one, two) = (village(&hub, "01942.2025", "Nà Một").await, village(&hub, "01942.2025", "Nà Hai").await);
        // The point knows the one village and has never heard of the other.
        let known = said(&hub).await.into_iter().find(|record| record.kind == 10).expect("the village was told");
        hear(&point, &known).await;
        let rows = "01942,,01942,,,,2/3,dân số\n01942,,01969,,,,1/3,dân số\n01969,,01969,,,,,\n";
        let id = kept(&hub, "2026-11-01", &format!("{HEAD}{rows}")).await;
        apply(&hub, &id).await;
        let mine = testkit::caller("Mai", "commune_officer", "/vn/19.2025/01969.20261101/");
        let to = areas::AreaId::parse("01969.20261101").expect("an id");
        areas::actions::assign_village(hub.db(), NodeRole::Hub, &mine, &one, &to).await.expect("assigned");
        let records = said(&hub).await;
        let placed: Vec<u16> = records.iter().map(|record| record.kind).filter(|kind| [16, 19].contains(kind)).collect();
        assert_eq!(placed, [19], "one record says it, whoever was asked");
        for record in records.iter().filter(|record| record.kind != 10) {
            hear(&point, record).await;
        }
        // A hub that was not updated yet still says it in the old words.
        areas::actions::assign_village(hub.db(), NodeRole::Hub, &mine, &two, &to).await.expect("assigned");
        let all = said(&hub).await;
        let told = all.iter().rfind(|record| record.kind == 10).expect("the second village");
        hear(&point, told).await;
        let old = Incoming { kind: 16, body: areas::model::wire::encode(&(1_u8, &two, &to)), ..told.clone() };
        hear(&point, &old).await;
        assert_eq!(state(&point).await, state(&hub).await);
        undo(&hub, &id).await;
        for record in said(&hub).await {
            hear(&point, &record).await;
        }
        assert_eq!(state(&point).await, state(&hub).await);
    }

    async fn a_village_that_is_told_after_the_merger_goes_back_with_its_commune(builder: KitBuilder) {
        let hub = today(builder).await;
        let point = today(KitBuilder::on(TestEngine::Sqlite)).await;
        let late = village(&hub, "01942.2025", "Nà Muộn").await;
        let before = state(&hub).await;
        let id = kept(&hub, "2026-11-01", &format!("{HEAD}{MERGE}")).await;
        apply(&hub, &id).await;
        let mut records = said(&hub).await;
        // The neighbour's point hears of the decree, and of the village only with the log that it takes over.
        records.sort_by_key(|record| record.kind == 10);
        for record in &records {
            hear(&point, record).await;
        }
        let there = path_on(&point, &late, "2026-11-20").await;
        assert_eq!(there, Some(format!("/vn/19.2025/01969.20261101/{late}/")));
        // It lies where the hub has it on every day; by which step it came there differs, as it was told late.
        for day in ["2026-10-31", "2026-11-01", "2026-11-20"] {
            assert_eq!(path_on(&point, &late, day).await, path_on(&hub, &late, day).await, "{day}");
        }
        undo(&hub, &id).await;
        for record in said(&hub).await {
            hear(&point, &record).await;
        }
        assert_eq!(state(&point).await, before);
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
