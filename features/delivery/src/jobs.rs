//! What a point does all day: listens for what comes down, sends up what was written, fetches sound
//! and pictures. Two tasks with a connection each, so that an alert never waits behind a video.

mod bulk;
mod listen;
mod patience;
mod road;

use kernel::{
    app::{AppRef, NodeRole},
    problem::{Failure, Outcome},
};
use tokio::sync::watch;

use road::Walker;

/// Runs the road until `stop` says so. At a hub there is nothing to do.
pub async fn run(app: AppRef, mut stop: watch::Receiver<bool>) {
    if app.role == NodeRole::Hub {
        let _ = stop.wait_for(|stopped| *stopped).await;
        return;
    }
    let walker = match Walker::start(&app).await {
        Ok(Some(walker)) => walker,
        Ok(None) => {
            kernel::tracing::warn!("this point has not joined a hub: run `nhipcau join`");
            let _ = stop.wait_for(|stopped| *stopped).await;
            return;
        }
        Err(failure) => return kernel::tracing::error!("the road cannot be walked: {failure}"),
    };
    tokio::select! {
        () = listen::run(&walker) => {}
        () = bulk::run(&walker) => {}
        _ = stop.wait_for(|stopped| *stopped) => {}
    }
}

/// A point stepped by hand: one poll, one round of sending, one round of fetching, when asked. For
/// tests and measurements, which must not depend on when a background task wakes up.
pub struct Probe {
    walker: Walker,
    listening: crate::transport::Transport,
    carrying: crate::transport::Transport,
}

impl Probe {
    /// A point that has joined. Its connections open with the first step.
    pub async fn start(app: &AppRef) -> Outcome<Self> {
        let walker = Walker::start(app)
            .await?
            .ok_or_else(|| Failure::fault("walk the road", "not joined"))?;
        let connection = || walker.transport().map_err(failure);
        let (listening, carrying) = (connection()?, connection()?);
        Ok(Self { walker, listening, carrying })
    }

    /// One poll, held by the hub for at most `hold_s` seconds. Gives whether more is waiting.
    pub async fn poll(&mut self, hold_s: u32) -> Outcome<bool> {
        listen::step(&self.walker, &mut self.listening, hold_s, None).await.map_err(failure)
    }

    /// Polls until nothing more is waiting.
    pub async fn poll_all(&mut self) -> Outcome<()> {
        while self.poll(0).await? {}
        Ok(())
    }

    /// Sends everything that waits; gives how many batches it took.
    pub async fn send_all(&mut self) -> Outcome<usize> {
        let mut batches = 0;
        while bulk::send_batch(&self.walker, &mut self.carrying).await.map_err(failure)? {
            batches += 1;
        }
        Ok(batches)
    }

    /// Both roads for ever, as by day; but one that stumbled waits at least an hour, unless it is called.
    pub async fn walk(&mut self) {
        self.walker.alone_least_ms = 3_600_000;
        tokio::join!(listen::run(&self.walker), bulk::run(&self.walker));
    }

    /// Fetches every file that is wanted.
    pub async fn fetch_all(&mut self) -> Outcome<()> {
        bulk::fetch_wanted(&self.walker, &mut self.carrying).await.map_err(failure)
    }
}

fn failure(stumble: road::Stumble) -> Failure {
    match stumble {
        road::Stumble::Own(failure) => failure,
        other => Failure::fault("walk the road", format!("{other:?}")),
    }
}
