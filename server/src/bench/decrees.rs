//! The whole reorganisation of 2025 as one decree, on the map as it was known before: how long checking its
//! table takes, applying it, taking it back and applying it again, and what it weighs on its way down.

use std::{sync::Arc, time::Instant};

use areas::{
    NewDecree,
    actions::decree::{self, Proposal},
    model::{
        decree::{shipped, wire},
        plan::Tables,
    },
    reference,
};
use kernel::{
    app::NodeRole,
    caller::Caller,
    db::{Db, Migration},
    problem::{Failure, Outcome},
    records::Stamp,
};
use serde_json::{Value, json};
use sync::keys::NodeKeys;

use super::areas::Folder;
use crate::{cli::NodeArgs, config::Config, modules::modules, start::open_database};

/// Figures of one engine. On PostgreSQL everything happens in a schema of its own, dropped afterwards.
pub async fn measure(url: Option<&str>) -> Outcome<Value> {
    let Some(url) = url else { return on(None).await };
    let unique = kernel::chance::hex(&kernel::chance::Chance::system().bytes::<6>());
    let schema = format!("bench_decrees_{unique}");
    outside(url, &schema, format!("create schema {schema}")).await?;
    let joiner = if url.contains('?') { '&' } else { '?' };
    let figures = on(Some(format!("{url}{joiner}options=-csearch_path%3D{schema}"))).await;
    outside(url, &format!("{schema}_drop"), format!("drop schema {schema} cascade")).await?;
    figures
}

/// Runs one statement beside the measured schema.
async fn outside(url: &str, name: &str, text: String) -> Outcome<()> {
    let folder = Folder::fresh("decrees")?;
    let config = Config { database_url: Some(url.to_owned()), ..NodeArgs::at(&folder.0).config() };
    let db = open_database(&config).await?;
    // Names and texts of migrations live as long as the program; a measurement makes two of them.
    let step = Migration { feature: "bench", name: name.to_owned().leak(), text: text.leak() };
    db.migrate(&[step]).await?;
    db.close().await;
    Ok(())
}

async fn on(url: Option<String>) -> Outcome<Value> {
    let folder = Folder::fresh("decrees")?;
    let config = Config { database_url: url, ..NodeArgs::at(&folder.0).config() };
    let db = open_database(&config).await?;
    let migrations: Vec<_> =
        modules().iter().flat_map(|module| module.migrations).copied().collect();
    db.migrate(&migrations).await?;
    // A decree is signed for the points; who signs makes no difference to the figures.
    db.sign_with(Stamp(Arc::new(NodeKeys::from_seed(&[7; 32]))));
    let figures = timed(&db).await;
    db.close().await;
    figures
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn timed(db: &Db) -> Outcome<Value> {
    let unreadable = |error| Failure::fault("read the shipped areas", error);
    let tables = Tables::shipped().map_err(unreadable)?;
    let table = shipped::reorganisation(&tables);
    let packed = wire::pack(&table).map_or(0, |packed| packed.len());
    reference::load_as(db, shipped::before(tables)).await?;
    let system = Caller::system(db.clock().now());
    let before = fingerprint(db).await?;
    let new = NewDecree {
        instrument: "Sắp xếp đơn vị hành chính 2025 (đo thử)".to_owned(),
        effective_on: shipped::EFFECTIVE_ON.to_owned(),
        ..NewDecree::default()
    };
    let mut clock = Instant::now();
    let mut lap = || {
        let millis = clock.elapsed().as_millis();
        clock = Instant::now();
        millis
    };
    let proposal = decree::propose_table(db, NodeRole::Hub, &system, new, &table).await?;
    let Proposal::Kept(id) = proposal else {
        return Err(Failure::fault("measure decrees", "the reorganisation of 2025 does not fit"));
    };
    let check_ms = lap();
    let kept = db.view(async |tx| Ok(areas::decree(tx, &id).await?)).await?;
    let hash = kept.map(|kept| kept.content_hash).unwrap_or_default();
    lap();
    decree::apply(db, NodeRole::Hub, &system, &id, &hash).await?;
    let apply_ms = lap();
    let after = fingerprint(db).await?;
    lap();
    decree::undo(db, NodeRole::Hub, &system, &id).await?;
    let undo_ms = lap();
    let restored = fingerprint(db).await? == before;
    lap();
    decree::apply(db, NodeRole::Hub, &system, &id, &hash).await?;
    let again_ms = lap();
    let same_again = fingerprint(db).await? == after;
    Ok(json!({
        "rows": table.rows.len(),
        "packed_bytes": packed,
        "check_ms": check_ms,
        "apply_ms": apply_ms,
        "undo_ms": undo_ms,
        "apply_again_ms": again_ms,
        "undo_restores": restored,
        "again_is_the_same": same_again,
    }))
}

async fn fingerprint(db: &Db) -> Outcome<String> {
    db.view(async |tx| Ok(areas::state_hash(tx).await?)).await
}
