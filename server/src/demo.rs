//! The demonstration: a hub and the point of xã Phủ Thông as two real processes on this machine,
//! each with its own data, joined by a cable that the visitor may cut. Prints what to open, how to
//! sign in, and what crosses the bridge. Killed nodes are started again, as a service manager would.

mod cast;
mod nodes;
mod reports;
mod seeds;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use kernel::problem::{Failure, Outcome};

use self::nodes::Node;
use crate::{
    cli::NodeArgs,
    config::{Config, NodeFile},
    keeping,
    link::{Link, Quality},
    serve::{listen, stop_signal},
    start::start,
};

/// The commune of the demonstration: xã Phủ Thông, where Lục Bình and Vi Hương are since 2025-07-01.
pub const COMMUNE: &str = "01969";

/// How the demonstration is run.
#[derive(Args)]
pub struct DemoArgs {
    /// The hub's port; the point listens on the next one, the cable between them on the one after.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the two nodes keep their data.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// Forget an earlier demonstration and begin anew.
    #[arg(long)]
    fresh: bool,
    /// Put the hub on PostgreSQL (`postgres://…`, an empty database).
    #[arg(long)]
    database_url: Option<String>,
    /// How good the cable is.
    #[arg(long, value_enum, default_value = "good")]
    link: LinkKind,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LinkKind {
    /// No limits.
    Good,
    /// 400 kbit/s, 300 ms.
    Weak3g,
    /// 32 kbit/s, 600 ms.
    Gprs,
}

impl LinkKind {
    fn quality(self) -> Quality {
        match self {
            Self::Good => Quality::PERFECT,
            Self::Weak3g => Quality::WEAK_3G,
            Self::Gprs => Quality::GPRS,
        }
    }
}

/// Writes an item and submits it, as an editor; for measurements.
pub(crate) use seeds::{approve, write_and_submit};

struct Ports {
    hub: SocketAddr,
    point: SocketAddr,
    cable: SocketAddr,
}

/// Runs it until Ctrl-C.
pub async fn run(args: DemoArgs) -> Outcome<()> {
    let at = |offset: u16| SocketAddr::from(([127, 0, 0, 1], args.port + offset));
    let ports = Ports { hub: at(0), point: at(1), cable: at(2) };
    if args.fresh && args.data.exists() {
        std::fs::remove_dir_all(&args.data)?;
    }
    for port in [ports.hub, ports.point] {
        drop(listen(port).await?);
    }
    let hub = node_args(&args, "hub", args.database_url.clone());
    let point = node_args(&args, "point", None);
    println!("Đang chuẩn bị dữ liệu…");
    open_hub(&hub, false).await?;
    let stop = stop_signal(false);
    let cable = Link::open(ports.cable, ports.hub, args.link.quality()).await?;
    let hub_node = Node::run("trung tâm", &hub, ports.hub, stop.clone());
    hub_node.wait_until_ready().await?;
    prepare_point(&point, &hub, ports.cable).await?;
    let point_node = Node::run("điểm     ", &point, ports.point, stop.clone());
    point_node.wait_until_ready().await?;
    // The people of the commune are known at the hub before anything is published for them, so that
    // the denominators that are frozen then are real ones.
    open_hub(&hub, true).await?;
    println!("{}", cast::welcome(ports.hub, ports.point));
    watch_keyboard(&cable, stop).await;
    println!("Đang dừng…");
    hub_node.ended().await;
    point_node.ended().await;
    println!("Đã dừng. Chạy lại lệnh này để đi tiếp từ chỗ vừa rồi.");
    Ok(())
}

fn node_args(args: &DemoArgs, name: &str, database_url: Option<String>) -> NodeArgs {
    NodeArgs { data: args.data.join(name), database_url, files_mb: 2_000 }
}

/// Makes the hub's accounts and first publications, once.
pub(crate) async fn prepare_hub(node: &NodeArgs) -> Outcome<()> {
    open_hub(node, false).await?;
    let app = start(&node.config()).await?;
    seeds::publish(&app).await?;
    app.db.close().await;
    Ok(())
}

/// Makes the hub's accounts; with `publishing`, waits for the commune's people and publishes the seeds.
async fn open_hub(node: &NodeArgs, publishing: bool) -> Outcome<()> {
    let config: Config = node.config();
    if NodeFile::read(&config.data)?.is_none() {
        let file = NodeFile {
            owner_name: "Sở Dân tộc và Tôn giáo".to_owned(),
            owner_parent: "tỉnh Thái Nguyên".to_owned(),
            home: Some(cast::PROVINCE.to_owned()),
            ..NodeFile::new_hub()
        };
        file.write(&config.data)?;
    }
    let app = start(&config).await?;
    cast::make_hub_accounts(&app).await?;
    reports::settle_hub(&app).await?;
    if publishing {
        seeds::wait_for_people(&app).await?;
        seeds::publish(&app).await?;
    }
    app.db.close().await;
    Ok(())
}

/// Joins the point to the hub over the cable and gives it its people, once.
pub(crate) async fn prepare_point(
    point: &NodeArgs,
    hub: &NodeArgs,
    cable: SocketAddr,
) -> Outcome<()> {
    let config = point.config();
    let joined = NodeFile::read(&config.data)?.is_some_and(|node| node.role == "point");
    if !joined {
        let app = start(&hub.config()).await?;
        let code = keeping::enrolment_code(&app, COMMUNE).await?;
        app.db.close().await;
        keeping::join(&config, &format!("http://{cable}"), &code, None).await?;
    }
    let app = start(&config).await?;
    cast::make_point_accounts(&app).await?;
    seeds::settle_point(&app).await?;
    reports::settle_point(&app).await?;
    app.db.close().await;
    Ok(())
}

/// Cuts and mends the cable at the visitor's word, until the demonstration ends.
async fn watch_keyboard(cable: &Link, mut stop: tokio::sync::watch::Receiver<bool>) {
    let mut lines = crate::serve::typed_lines();
    let mut typing = true;
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            line = lines.recv(), if typing => match line {
                Some(line) => obey(cable, line.trim()),
                None => typing = false,
            },
        }
    }
}

fn obey(cable: &Link, word: &str) {
    match word {
        "c" | "cat" | "cắt" => {
            cable.cut();
            println!("  ✂ đã cắt dây. Cứ làm việc ở cả hai đầu; gõ n rồi Enter để nối lại.");
        }
        "n" | "noi" | "nối" => {
            cable.mend();
            println!("  ∞ đã nối dây.");
        }
        "" => {}
        _ => println!("  c = cắt dây · n = nối dây · Ctrl-C = dừng"),
    }
}

/// How long a node may take to come up, even on a slow disk.
const READY_WITHIN: Duration = Duration::from_secs(60);

fn not_ready(name: &str) -> Failure {
    Failure::fault("start the demonstration", format!("{} did not come up", name.trim()))
}
