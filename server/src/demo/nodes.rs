//! One node of the demonstration as a process of its own: started, relayed, started again when it
//! dies, ended with us.

use std::{net::SocketAddr, process::Stdio, sync::Arc, time::Duration};

use kernel::problem::{Failure, Outcome};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
};

use super::{READY_WITHIN, not_ready};
use crate::cli::NodeArgs;

/// A supervised node.
pub struct Node {
    name: &'static str,
    address: SocketAddr,
    supervisor: JoinHandle<()>,
}

impl Node {
    /// Starts it and keeps it running until `stop` says so.
    pub fn run(
        name: &'static str,
        node: &NodeArgs,
        address: SocketAddr,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let node = node.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "the supervisor lives as long as the demonstration"
        )]
        let supervisor = tokio::spawn(supervise(name, node, address, stop));
        Self { name, address, supervisor }
    }

    /// Waits until it answers.
    pub async fn wait_until_ready(&self) -> Outcome<()> {
        let answering = async {
            loop {
                if tokio::net::TcpStream::connect(self.address).await.is_ok() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(READY_WITHIN, answering).await.map_err(|_| not_ready(self.name))
    }

    /// Waits until it has ended.
    pub async fn ended(self) {
        let _ = self.supervisor.await;
    }
}

async fn supervise(
    name: &'static str,
    node: NodeArgs,
    address: SocketAddr,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let mut child = match begin(&node, address) {
            Ok(child) => child,
            Err(failure) => {
                eprintln!("[{name}] {failure}");
                return;
            }
        };
        let relays = relay(name, &mut child);
        // Held until it is time to stop: the node ends when its standard input closes.
        let lifeline = child.stdin.take();
        tokio::select! {
            status = child.wait() => {
                if *stop.borrow() {
                    return;
                }
                let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                println!("[{name}] ✗ tiến trình đã chết ({how}). Không mất gì; đang khởi động lại…");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            _ = stop.changed() => {
                // Closing its standard input asks it to stop; it may finish what it is doing.
                drop(lifeline);
                if tokio::time::timeout(Duration::from_secs(12), child.wait()).await.is_err() {
                    let _ = child.kill().await;
                }
                for relay in relays {
                    relay.abort();
                }
                return;
            }
        }
    }
}

fn begin(node: &NodeArgs, address: SocketAddr) -> Outcome<Child> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command
        .arg("serve")
        .arg("--with-parent")
        .arg("--data")
        .arg(&node.data)
        .arg("--listen")
        .arg(address.to_string())
        .arg("--files-mb")
        .arg(node.files_mb.to_string());
    if let Some(url) = &node.database_url {
        command.arg("--database-url").arg(url);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.spawn().map_err(|error| Failure::fault("start a node", error))
}

/// Passes on what the node says, line by line, under its name.
fn relay(name: &'static str, child: &mut Child) -> Vec<JoinHandle<()>> {
    let mut relays = Vec::new();
    if let Some(out) = child.stdout.take() {
        relays.push(pass_on(name, out));
    }
    if let Some(err) = child.stderr.take() {
        relays.push(pass_on(name, err));
    }
    relays
}

fn pass_on(name: &'static str, from: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<()> {
    let name: Arc<str> = name.into();
    #[expect(clippy::disallowed_methods, reason = "ends when the node closes its output")]
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            println!("[{name}] {line}");
        }
    })
}
