//! Page weights, requests per second beside nginx serving the same bytes in the same run, processor
//! time per request, memory, cold start, size of the binary.

use std::{net::SocketAddr, path::Path, process::Command, time::Duration};

use kernel::problem::{Failure, Outcome};
use serde_json::{Value, json};

use super::{
    areas::Folder,
    load::{Load, get, load},
    process::Process,
    spread,
};
use crate::{cli::NodeArgs, demo};

const CONNECTIONS: usize = 32;

pub async fn measure(quick: bool) -> Outcome<Value> {
    let folder = Folder::fresh("pages")?;
    let hub = folder.0.join("hub");
    demo::prepare_hub(&NodeArgs::at(&hub)).await?;
    let address = free_address().await?;
    let cold = Process::node(&hub, address).await?;
    let cold_start_ms = cold.ready_after.as_millis();
    tokio::time::sleep(Duration::from_secs(if quick { 1 } else { 10 })).await;
    let idle = cold.resident_bytes();
    let article = article_path(address).await?;
    let weights = weights(address, &article).await?;
    let lasting = Duration::from_secs(if quick { 2 } else { 10 });
    let ours = under_load(&cold, address, &article, lasting).await?;
    let busy = cold.resident_bytes();
    let nginx = beside_nginx(&folder.0, address, &article, lasting).await?;
    let binary = std::fs::metadata(std::env::current_exe()?)?.len();
    Ok(json!({
        "cold_start_ms": cold_start_ms,
        "idle_resident_bytes": idle,
        "resident_bytes_after_load": busy,
        "binary_bytes": binary,
        "weights": weights,
        "article": ours,
        "nginx_same_bytes": nginx,
    }))
}

async fn free_address() -> Outcome<SocketAddr> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    Ok(listener.local_addr()?)
}

/// The first article that the front page links to.
async fn article_path(address: SocketAddr) -> Outcome<String> {
    let list = get(address, "/tin").await?;
    let html = unpacked(&list.body).replace("&#x2f;", "/");
    let start = html.find("href=\"/tin/").map(|at| at + 6);
    let path = start.and_then(|start| html[start..].split('"').next());
    let path =
        path.ok_or_else(|| Failure::fault("measure pages", "the front page has no article"))?;
    Ok(path.to_owned())
}

fn unpacked(body: &[u8]) -> String {
    use std::io::Read;
    let mut html = String::new();
    if flate2::read::GzDecoder::new(body).read_to_string(&mut html).is_err() {
        html = String::from_utf8_lossy(body).into_owned();
    }
    html
}

async fn weights(address: SocketAddr, article: &str) -> Outcome<Value> {
    let css = get(address, &kernel::web::asset_href("nhipcau.css")).await?.body.len();
    let js = get(address, &kernel::web::asset_href("nhipcau.js")).await?.body.len();
    let mut pages = serde_json::Map::new();
    for (name, path) in [
        ("front", "/"),
        ("list", "/tin"),
        ("article", article),
        ("legal", "/van-ban"),
        ("areas", "/dia-ban"),
    ] {
        pages
            .insert(format!("{name}_html_gzip_bytes"), json!(get(address, path).await?.body.len()));
    }
    Ok(json!({ "css_gzip_bytes": css, "js_gzip_bytes": js, "pages": pages }))
}

async fn under_load(
    process: &Process,
    address: SocketAddr,
    path: &str,
    lasting: Duration,
) -> Outcome<Value> {
    // Warm first: the page is rendered once, connections open.
    load(address, path, CONNECTIONS, Duration::from_millis(500)).await?;
    let before = process.cpu_s();
    let run = load(address, path, CONNECTIONS, lasting).await?;
    Ok(told(&run, process.cpu_s() - before))
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests")]
fn told(run: &Load, cpu_s: f64) -> Value {
    let answered = run.answered as f64;
    json!({
        "requests_per_s": (answered / run.elapsed.as_secs_f64()).round(),
        "cpu_ms_per_request": (cpu_s * 1e6 / answered.max(1.0)).round() / 1000.0,
        "connections": CONNECTIONS,
        "latency": spread(run.millis.clone()),
    })
}

/// nginx with the same compressed bytes as a file, when it is installed.
async fn beside_nginx(
    folder: &Path,
    ours: SocketAddr,
    article: &str,
    lasting: Duration,
) -> Outcome<Value> {
    let page = get(ours, article).await?;
    let root = folder.join("www");
    std::fs::create_dir_all(&root)?;
    std::fs::write(root.join("page.html"), unpacked(&page.body))?;
    std::fs::write(root.join("page.html.gz"), &page.body)?;
    std::fs::write(root.join("healthz"), "ok")?;
    let address = free_address().await?;
    let config = format!(
        "daemon off; worker_processes 2; pid {dir}/nginx.pid; error_log {dir}/error.log;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; gzip_static on; keepalive_requests 10000000; default_type text/html;\n\
         client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir}; uwsgi_temp_path {dir}; scgi_temp_path {dir};\n\
         server {{ listen {address}; root {dir}/www; }} }}\n",
        dir = folder.display(),
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config)?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).arg("-c").arg(&file);
    // nginx drops its privileges to somebody who must be able to read the folder.
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let Ok(nginx) = Process::start(command, address).await else {
        return Ok(json!("nginx is not installed here"));
    };
    under_load(&nginx, address, "/page.html", lasting).await
}
