//! The whole reorganisation of 2025 as one decree, on the map as it was known before it.

use std::collections::BTreeMap;

use areas::{
    Succeeded,
    model::{decree::shipped, plan::Tables},
};
use kernel::{events::Event, row_struct, sql};
use testkit::Kit;

use super::{apply, before_2025, day, id, kept_table, state, undo};

row_struct! {
    struct Line { code: String, name: String, area_type: String, parent: String }
    struct Figures { units: i64, transfers: i64, merges: i64, divided: i64, unknown: i64 }
}

/// Code → name, type and parent's code, of the tree of a day.
async fn tree(kit: &Kit, on: &str) -> BTreeMap<String, (String, String, String)> {
    let on = day(on);
    let lines: Vec<Line> = kit.db().view(async |tx| Ok(tx.all(
        sql!("select f.code, f.name, f.area_type, coalesce(p.code, '') as parent from areas_facts f \
              join areas_facts p on p.unit = f.parent and p.superseded_at is null and p.valid_from <= $1 and p.valid_to > $1 \
              where f.superseded_at is null and f.valid_from <= $1 and f.valid_to > $1 \
              and f.path = p.path || f.unit || '/'"),
        &[on.into()]).await?)).await.expect("the tree");
    let count = lines.len();
    let tree: BTreeMap<_, _> = lines
        .into_iter()
        .map(|line| (line.code, (line.name, line.area_type, line.parent)))
        .collect();
    assert_eq!(tree.len(), count, "a code is borne twice");
    tree
}

fn frame(rows: &[areas::model::plan::UnitRow]) -> BTreeMap<String, (String, String, String)> {
    let row = |row: &areas::model::plan::UnitRow| {
        let words = (row.name.clone(), row.area_type.code().to_owned(), row.parent_code.clone());
        (row.code.clone(), words)
    };
    rows.iter().map(row).collect()
}

testkit::on_both_engines! {
    async fn the_reorganisation_of_2025_gives_the_shipped_frame_and_undoing_it_the_old_one(builder: KitBuilder) {
        let kit = before_2025(builder, &[]).await;
        let tables = Tables::shipped().expect("the tables can be read");
        let table = shipped::reorganisation(&tables);
        assert!(table.rows.len() > 11_000);
        let before = state(&kit).await;
        let old = tree(&kit, "2025-07-01").await;
        assert_eq!(old.len(), tables.y2024.len());

        let id = kept_table(&kit, shipped::EFFECTIVE_ON, &table).await;
        apply(&kit, &id).await;
        let after = state(&kit).await;
        assert_ne!(before, after);
        let (new, expected) = (tree(&kit, "2025-07-01").await, frame(&tables.y2025));
        assert_eq!(new.len(), expected.len());
        for (code, words) in &expected {
            assert_eq!(new.get(code), Some(words), "{code}");
        }
        // 2021 is read as it was, and 30 June 2025 is still the old order.
        assert_eq!(tree(&kit, "2025-06-30").await, old);
        let figures: Figures = kit.db().view(async |tx| Ok(tx.one(
            sql!("select (select count(*) from areas_units where ended_on = '2025-07-01') as units, \
                  (select count(*) from areas_transfers) as transfers, \
                  (select count(*) from areas_events where kind = 'merge' and decree is not null) as merges, \
                  (select count(distinct from_unit) from areas_transfers where not whole) as divided, \
                  (select count(*) from areas_transfers where not whole and weight_num is null) as unknown"), &[]).await?)).await.expect("figures");
        assert_eq!(figures.divided, 441);
        assert_eq!(figures.unknown, 973);
        assert_eq!(figures.transfers, 9_462 + 973 + 5 + 52);
        assert!(figures.merges > 1_000 && figures.units > 10_000);
        let told: i64 = kit.db().view(async |tx| Ok(tx.one(
            sql!("select count(*) as value from kernel_events where kind = $1"), &[Succeeded::KIND.into()]).await?)).await.expect("events");
        assert!(told > figures.merges, "{told} told");

        undo(&kit, &id).await;
        assert_eq!(state(&kit).await, before);
        apply(&kit, &id).await;
        assert_eq!(state(&kit).await, after);
    }

    async fn what_both_lists_have_joins_2021_with_today_and_leaves_the_rest_open(builder: KitBuilder) {
        let kit = builder.with([areas::module()]).start().await;
        areas::reference::load(kit.db()).await.expect("the country loads");
        let tables = Tables::shipped().expect("the tables can be read");
        let table = shipped::unchanged(&tables);
        assert_eq!(table.rows.len(), 63 + 476 + 6_241);
        let before = state(&kit).await;
        let decree = kept_table(&kit, shipped::JOINED_ON, &table).await;
        apply(&kit, &decree).await;
        let heirs = async |unit: &str| {
            let found = kit.db().view(async |tx| Ok(areas::successors(tx, &id(unit)).await?)).await.expect("read");
            found.iter().map(|heir| (heir.area.id.to_string(), heir.whole)).collect::<Vec<_>>()
        };
        assert_eq!(heirs("06.2021").await, [("06.2024".to_owned(), true)]);
        // Thừa Thiên Huế became a city on the same territory.
        assert_eq!(heirs("46.2021").await, [("46.2024".to_owned(), true)]);
        assert_eq!(heirs("01969.2021").await, [("01969.2024".to_owned(), true)]);
        // Hà Nội's quận Hai Bà Trưng has other communes in 2024: what became of each of them is not in any list.
        assert_eq!(heirs("00256.2021").await, []);
        undo(&kit, &decree).await;
        assert_eq!(state(&kit).await, before);
    }
}
