//! Files that no row names: a crash between a file and its row leaves one, and nobody else would ever let it go.
//! Every feature that keeps files says which of them its rows name; what none has named for a week is removed.
//! Files whose rows go are the feature's own business.

use std::sync::Arc;

use crate::{
    app::App,
    db::{DbError, Tx},
    events::Doing,
    files::FileHash,
    jobs::JobKind,
    problem::Outcome,
    sql,
};

/// So long a file must have lain without a row, in seconds. An upload takes minutes; a week leaves a person time
/// to wonder.
const AGE_S: i64 = 7 * 24 * 3600;
/// The time between two looks, in seconds.
const EVERY_S: i64 = 24 * 3600;

/// Looks for files without a row, and asks for the next look.
pub const COLLECT: JobKind =
    JobKind { name: "kernel.collect_orphans", run: |app, _| look_and_go_on(app) };

/// Asks for the daily look, on every start. One that waits already makes room for this one.
///
/// # Errors
/// If the database cannot be written.
pub async fn begin(app: &App) -> Outcome<()> {
    app.db
        .change(async |tx| {
            tx.run(
                sql!("delete from kernel_jobs where kind = $1 and done_at is null"),
                &[COLLECT.name.into()],
            )
            .await?;
            tx.queue(&COLLECT, "", tx.now()).await?;
            Ok(())
        })
        .await
}

fn look_and_go_on(app: &Arc<App>) -> Doing<'_, ()> {
    Box::pin(async move {
        collect(app).await?;
        app.db
            .change(async |tx| {
                tx.queue(&COLLECT, "", tx.now().plus_seconds(EVERY_S)).await?;
                Ok(())
            })
            .await
    })
}

/// Notes files that no row names, removes those that none has named for a week; gives how many went.
///
/// # Errors
/// If the files or the database cannot be read.
pub async fn collect(app: &App) -> Outcome<usize> {
    let round = app.files.begin_round();
    let here = app.files.list().await?;
    for some in here.chunks(200) {
        note(app, some).await?;
    }
    let due = app.db.view(async |tx| Ok(due(tx).await?)).await?;
    let mut gone = 0;
    for hex in due {
        let named = app.db.view(async |tx| is_named(app, tx, &hex, "").await).await?;
        // What this process was given lately may be waiting for its row.
        let removed = match FileHash::parse(&hex) {
            Some(hash) if !named => app.files.remove_unless_new(hash, round).await?,
            _ => named,
        };
        if removed {
            app.db.change(async |tx| Ok(forget(tx, &hex).await?)).await?;
            gone += usize::from(!named);
        }
    }
    if gone > 0 {
        tracing::info!(files = gone, "files that nothing names were removed");
    }
    Ok(gone)
}

/// True when a row of some feature, other than the one left out, names the file.
///
/// # Errors
/// If the database cannot be read.
pub async fn is_named(app: &App, tx: &mut Tx, hex: &str, left_out: &str) -> Outcome<bool> {
    for module in app.modules.iter().filter(|module| module.name != left_out) {
        if let Some(names) = module.names_file
            && names(tx, hex).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn note(app: &App, hashes: &[FileHash]) -> Outcome<()> {
    let mut loose = Vec::new();
    let mut named = Vec::new();
    app.db
        .view(async |tx| {
            for hash in hashes {
                let hex = hash.hex();
                if is_named(app, tx, &hex, "").await? { &mut named } else { &mut loose }.push(hex);
            }
            Ok(())
        })
        .await?;
    app.db
        .change(async |tx| {
            for hex in &named {
                forget(tx, hex).await?;
            }
            for hex in &loose {
                // A sight that lies in the future was noted by a wrong clock.
                tx.run(
                    sql!(
                        "insert into kernel_loose_files (hash, seen_at) values ($1, $2) \
                          on conflict (hash) do update set seen_at = excluded.seen_at \
                          where kernel_loose_files.seen_at > excluded.seen_at"
                    ),
                    &[hex.into(), tx.now().into()],
                )
                .await?;
            }
            Ok(())
        })
        .await
}

async fn due(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    let before = tx.now().plus_seconds(-AGE_S);
    tx.all(
        sql!("select hash as value from kernel_loose_files where seen_at <= $1 order by hash limit 1000"),
        &[before.into()],
    )
    .await
}

async fn forget(tx: &mut Tx, hex: &str) -> Result<(), DbError> {
    tx.run(sql!("delete from kernel_loose_files where hash = $1"), &[hex.into()]).await?;
    Ok(())
}
