//! A publication for everybody: what freezing it costs.

use std::time::UNIX_EPOCH;

use reach::actions;
use testkit::Kit;

use crate::cast::{self, person, village};

/// Freezes a publication for an area; gives how many statements that took.
async fn freeze(kit: &Kit, key: &str, area: &str) -> u64 {
    let mut new = cast::publication(key, kit.app.now());
    new.areas = vec![cast::path(area)];
    let counted = kit
        .db()
        .change(async |tx| {
            actions::freeze(tx, new).await?;
            Ok(tx.statements())
        })
        .await;
    counted.expect("it is frozen")
}

/// Only for a figure that is printed; nothing here depends on it.
#[expect(clippy::disallowed_methods, reason = "a test prints how long the freezing took")]
fn stopwatch() -> std::time::Duration {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

testkit::on_both_engines! {
    async fn freezing_for_the_country_asks_no_more_often_than_for_a_commune(builder: KitBuilder) {
        let kit = builder.with([areas::module(), identity::module(), reach::module()]).start().await;
        areas::reference::load(kit.db()).await.expect("the country loads");
        let one = village(&kit, "Nà Cù", Some(100)).await;
        village(&kit, "Khuổi Lặng", None).await;
        person(&kit, "Hoàng Văn Páo", &one).await;
        let commune = freeze(&kit, "p1", cast::PLACE).await;
        let before = stopwatch();
        let country = freeze(&kit, "p2", "/vn/").await;
        println!("{:?}: {country} statements, {:?}", kit.db().engine(), stopwatch().saturating_sub(before));
        // What is left to grow is writing thousands of rows, hundreds at a time.
        assert!(country <= commune + 60, "{country} statements for the country, {commune} for a commune");
        let here = cast::path(cast::PLACE);
        let alone = actions::snapshot(kit.db(), "p1", 1, &here).await.expect("counted");
        assert_eq!(actions::snapshot(kit.db(), "p2", 1, &here).await.expect("counted"), alone);
        let whole = actions::snapshot(kit.db(), "p2", 1, &cast::path("/vn/")).await.expect("counted");
        let uncounted: i64 = whole.iter().filter(|row| row.0 == "people" && row.1 == "uncounted").map(|row| row.3).sum();
        assert!(uncounted > 3_300, "every other commune is there, as unknown: {uncounted}");
    }
}
