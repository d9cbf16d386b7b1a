//! Villages and head counts between nodes: down from a hub, up from a point, and what is not believed.

use areas::{
    AreaId, AreaType,
    actions::{self, NewPopulation, NewVillage},
    model::wire,
    reference,
};
use kernel::{
    app::NodeRole,
    clock::Day,
    records::{self, Incoming, Lane},
};
use proptest::prelude::*;
use testkit::{Kit, KitBuilder, caller};

const PLACE: &str = "/vn/19.2025/01969.2025/";

async fn started(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    kit
}

fn incoming(kind: u16, body: Vec<u8>, scope: &str) -> Incoming {
    testkit::said_by((7, scope), kind, body)
}

/// What a point says after an officer there added a village and counted it.
async fn said_by_a_point(kit: &Kit) -> (AreaId, Vec<records::UpRow>) {
    let mai = caller("Mai", "commune_officer", PLACE);
    let commune = AreaId::parse("01969.2025").expect("an id");
    let draft = NewVillage { commune, kind: Some(AreaType::Thon), name: "Nà Pài".to_owned() };
    let village =
        actions::add_village(kit.db(), NodeRole::Point, &mai, draft).await.expect("added");
    let count = NewPopulation {
        area: village.clone(),
        on: Day::new(2026, 10, 1),
        people: Some(312),
        households: Some(70),
        source: "Rà soát".to_owned(),
    };
    actions::record_population(kit.db(), NodeRole::Point, &mai, count).await.expect("counted");
    let rows = kit.db().view(async |tx| {
        let (epoch, _) = records::up_head(tx).await?.expect("something was said");
        Ok(records::up_after(tx, epoch, 0, 10).await?)
    });
    (village, rows.await.expect("the log can be read"))
}

testkit::on_both_engines! {
    async fn what_a_point_says_stands_at_the_hub_once_however_often_it_arrives(builder: KitBuilder) {
        let point = started(KitBuilder::on(testkit::TestEngine::Sqlite).point(2)).await;
        let hub = started(builder).await;
        let (village, said) = said_by_a_point(&point).await;
        assert_eq!(said.iter().map(|row| row.kind).collect::<Vec<_>>(), [10, 11]);
        println!("bytes on the wire: {:?}", said.iter().map(|row| row.body.len()).collect::<Vec<_>>());
        for _ in 0..3 {
            for row in &said {
                hub.hear(&incoming(row.kind, row.body.clone(), PLACE)).await.expect("applied");
            }
        }
        hub.db().view(async |tx| {
            let here = areas::find(tx, &village).await?.expect("the village is known");
            assert_eq!(here.full_name, "thôn Nà Pài");
            let counted = areas::population(tx, &village, Day::FOREVER).await?.expect("the count is known");
            assert_eq!((counted.people, counted.households), (312, 70));
            let rows: i64 = tx.one(kernel::sql!("select count(*) as value from areas_populations"), &[]).await?;
            assert_eq!(rows, 1);
            let told: i64 = tx.one(kernel::sql!("select count(*) as value from kernel_events"), &[]).await?;
            assert_eq!(told, 2);
            Ok(())
        }).await.expect("the hub can be read");
    }

    async fn a_hub_says_it_down_to_the_commune(builder: KitBuilder) {
        let hub = started(builder).await;
        let admin = caller("Quản", "administrator", "/");
        let commune = AreaId::parse("01969.2025").expect("an id");
        let draft = NewVillage { commune, kind: Some(AreaType::Ban), name: "Nà Phải".to_owned() };
        actions::add_village(hub.db(), NodeRole::Hub, &admin, draft).await.expect("added");
        let down = hub.db().view(async |tx| Ok(records::down_after(tx, Lane::Control, 0, 0, 10).await?)).await.expect("the log");
        assert_eq!(down.len(), 1);
        assert_eq!(down[0].targets, PLACE);
    }

    async fn a_node_is_not_believed_about_other_places_or_in_noise(builder: KitBuilder) {
        let point = started(KitBuilder::on(testkit::TestEngine::Sqlite).point(2)).await;
        let hub = started(builder).await;
        let (village, said) = said_by_a_point(&point).await;
        for row in &said {
            let foreign = incoming(row.kind, row.body.clone(), "/vn/19.2025/01942.2025/");
            let put_aside = hub.hear(&foreign).await;
            // The count of a village that is not known yet waits; it is not lost.
            assert_eq!(put_aside.is_ok(), row.kind == 10);
        }
        for (kind, body) in [(10, vec![]), (11, vec![0xff; 40]), (10, b"not cbor".to_vec()), (11, wire::encode(&(1, "x")))] {
            hub.hear(&incoming(kind, body, PLACE)).await.expect("noise is put aside");
        }
        let posing = wire::encode(&(1_u8, "01969.2025", "01969.2025", "thon", "Giả"));
        hub.hear(&incoming(10, posing, PLACE)).await.expect("a shipped id is put aside");
        let long = wire::encode(&(1_u8, "0".repeat(32), "01969.2025", "thon", "dài".repeat(100)));
        hub.hear(&incoming(10, long, PLACE)).await.expect("an endless name is put aside");
        hub.db().view(async |tx| {
            assert_eq!(areas::find(tx, &village).await?, None);
            assert_eq!(areas::villages_of(tx, &AreaId::parse("01969.2025").expect("an id")).await?, []);
            Ok(())
        }).await.expect("the hub can be read");
    }
}

proptest! {
    #[test]
    fn decoding_noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = wire::decode::<wire::VillageBody>(&bytes);
        let _ = wire::decode::<wire::PopulationBody>(&bytes);
    }
}
