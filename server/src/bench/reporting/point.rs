//! A point as a process of its own, doing nothing: how much memory it holds.

use std::{net::SocketAddr, time::Duration};

use kernel::problem::Outcome;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    bench::{areas::Folder, process::Process},
    cli::NodeArgs,
    config::NodeFile,
    demo, keeping, serve,
    start::start,
};

/// Makes a hub, joins a point to it, starts the point alone and lets it rest.
pub async fn measure(quick: bool) -> Outcome<Value> {
    let folder = Folder::fresh("point")?;
    let config = NodeArgs::at(&folder.0.join("hub")).config();
    NodeFile::new_hub().write(&config.data)?;
    let hub = start(&config).await?;
    let (stop, stopped) = watch::channel(false);
    let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let (app, served) = (hub.clone(), config.clone());
    #[expect(
        clippy::disallowed_methods,
        reason = "the hub serves while the point joins and rests"
    )]
    tokio::spawn(async move { serve::serve(app, &served, listener, stopped).await });
    let point = folder.0.join("point");
    let code = keeping::enrolment_code(&hub, demo::COMMUNE).await?;
    keeping::join(&NodeArgs::at(&point).config(), &format!("http://{address}"), &code, None)
        .await?;
    let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let own = listener.local_addr()?;
    drop(listener);
    let process = Process::node(&point, own).await?;
    tokio::time::sleep(Duration::from_secs(if quick { 5 } else { 60 })).await;
    let idle = process.resident_bytes();
    for _ in 0..20 {
        crate::bench::load::get(own, "/").await?;
        crate::bench::load::get(own, "/so-lieu").await?;
        crate::bench::load::get(own, "/dia-ban").await?;
    }
    let busy = process.resident_bytes();
    let told = json!({
        "ready_after_ms": process.ready_after.as_millis(),
        "idle_resident_bytes": idle,
        "resident_bytes_after_sixty_pages": busy,
    });
    drop(process);
    let _ = stop.send(true);
    hub.db.close().await;
    Ok(told)
}
