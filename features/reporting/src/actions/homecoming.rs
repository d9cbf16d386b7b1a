//! Reports come home: a point that joins is told what the tier above holds of its unit. It may have lost what it wrote
//! with its disk, or the tier above may have typed reports in for it before there was a point.

use kernel::{
    app::AppRef,
    db::Tx,
    jobs::JobKind,
    problem::{Failure, Outcome},
    scope::ScopePath,
};

use crate::{records::held, store::submissions};

/// Sends down what is held of the units under a path.
pub const BRING_HOME: JobKind =
    JobKind { name: "reporting.bring_home", run: |app, path| Box::pin(bring_home(app, path)) };

/// A point has joined under a path.
pub async fn point_joined(tx: &mut Tx, path: &ScopePath) -> Outcome<()> {
    let now = tx.now();
    tx.queue(&BRING_HOME, path.as_str(), now).await?;
    Ok(())
}

/// A report a transaction, so that nobody waits behind years of them. Begun again after a power cut it tells some twice,
/// which changes nothing.
async fn bring_home(app: &AppRef, path: &str) -> Outcome<()> {
    let path = ScopePath::parse(path)
        .ok_or_else(|| Failure::fault("bring reports home", "the path is none"))?;
    let all = app.db.view(async |tx| Ok(submissions::handed_in_under(tx, &path).await?)).await?;
    for id in all {
        app.db
            .change(async |tx| match submissions::find(tx, &id).await? {
                Some(one) => held::send(tx, &one).await,
                None => Ok(()),
            })
            .await?;
    }
    Ok(())
}
