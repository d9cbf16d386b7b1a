//! What runs beside the requests: reactions to events, and jobs.

use std::{sync::Arc, time::Duration};

use kernel::{app::AppRef, events, jobs};
use tokio::sync::watch;

use crate::reactions::reactions;

/// Runs reactions and jobs until `stop` says so. Wakes at once after a commit that announced
/// something; looks every few seconds anyway, since another process may have announced it.
pub async fn run(app: AppRef, mut stop: watch::Receiver<bool>) {
    let mut wake = app.db.wake().on_events();
    let reactions = reactions();
    while !*stop.borrow() {
        let busy = work_once(&app, &reactions).await;
        if busy {
            continue;
        }
        tokio::select! {
            _ = stop.changed() => {}
            _ = wake.changed() => {}
            () = tokio::time::sleep(Duration::from_secs(3)) => {}
        }
    }
}

async fn work_once(app: &Arc<kernel::app::App>, reactions: &[events::Reaction]) -> bool {
    let handled = events::handle_due(&app.db, reactions).await.unwrap_or_else(|failure| {
        tracing::error!("the outbox could not be read: {failure}");
        0
    });
    let ran = jobs::run_next(app).await.unwrap_or_else(|failure| {
        tracing::error!("the job table could not be read: {failure}");
        false
    });
    handled > 0 || ran
}
