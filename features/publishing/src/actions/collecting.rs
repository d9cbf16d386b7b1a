//! Files that nothing names any more: recordings that were replaced, pictures of versions that a correction took
//! the place of. They go some days later, at hubs and points alike.

use std::sync::Arc;

use kernel::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx},
    files::FileHash,
    jobs::JobKind,
    orphans,
    problem::Outcome,
};

use crate::store::files;

/// A version that was replaced keeps its files this long: a point may be fetching them, a page that a reader
/// has open may name them.
const GRACE_S: i64 = 7 * 24 * 3600;

/// Removes what nothing names.
pub(crate) const COLLECT: JobKind =
    JobKind { name: "publishing.collect_files", run: |app, _| Box::pin(collect(app)) };

/// Queues the removal for when the grace of what was just replaced is over.
pub(crate) async fn later(tx: &mut Tx) -> Result<(), DbError> {
    let at = tx.now().plus_seconds(GRACE_S + 60);
    tx.queue(&COLLECT, "", at).await?;
    Ok(())
}

/// In three steps, each safe to repeat: the row says that the file is not here, the file goes, the row goes. A
/// power cut in between leaves a row that the next run finds again; a publication that names the file anew
/// in between finds it wanted, and a point fetches it again.
async fn collect(app: &Arc<App>) -> Outcome<()> {
    let before: Timestamp = app.now().plus_seconds(-GRACE_S);
    let loose = app.db.view(async |tx| Ok(files::loose(tx, before).await?)).await?;
    for hex in &loose {
        let marked = app.db.change(async |tx| Ok(files::mark_gone(tx, hex, before).await?)).await?;
        if let (true, Some(hash)) = (marked, FileHash::parse(hex)) {
            // The same bytes may be somebody else's, too: an attachment, say.
            let shared =
                app.db.view(async |tx| orphans::is_named(app, tx, hex, "publishing").await);
            if !shared.await? {
                app.files.remove(hash).await?;
            }
            app.db.change(async |tx| Ok(files::forget(tx, hex, before).await?)).await?;
        }
    }
    Ok(())
}
