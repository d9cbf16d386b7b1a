//! A node as a process of its own, so that its memory and processor time are its own.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use kernel::problem::{Failure, Outcome};

/// A running process that is killed when dropped.
pub struct Process {
    child: Child,
    /// From the start of the process to its first answer.
    pub ready_after: Duration,
}

impl Process {
    /// Starts a node and waits for its first answer.
    pub async fn node(data: &Path, address: SocketAddr) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--data"]).arg(data).args(["--listen", &address.to_string()]);
        Self::start(command, address).await
    }

    /// Starts any server and waits for its first answer.
    #[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
    pub async fn start(mut command: Command, address: SocketAddr) -> Outcome<Self> {
        let begun = Instant::now();
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.map_err(|error| Failure::fault("start a process", error))?;
        let mut process = Self { child, ready_after: Duration::ZERO };
        while begun.elapsed() < Duration::from_secs(120) {
            if super::load::get(address, "/healthz").await.is_ok() {
                process.ready_after = begun.elapsed();
                return Ok(process);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err(Failure::fault("start a process", "it did not answer"))
    }

    /// Seconds of processor time so far, with those of its children.
    pub fn cpu_s(&self) -> f64 {
        cpu_of_tree(self.child.id())
    }

    /// Resident bytes.
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        for _ in 0..200 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ticks are hundredths of a second on every Linux we run on.
const TICKS_PER_S: f64 = 100.0;

fn cpu_of_tree(root: u32) -> f64 {
    let mut total = 0.0;
    let Ok(processes) = std::fs::read_dir("/proc") else { return 0.0 };
    for process in processes.flatten() {
        let Ok(stat) = std::fs::read_to_string(process.path().join("stat")) else { continue };
        // The name may hold anything; the fields begin after its closing bracket.
        let Some((head, rest)) = stat.rsplit_once(") ") else { continue };
        let fields: Vec<&str> = rest.split(' ').collect();
        let number =
            |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok()).unwrap_or(0);
        let own = head.split(' ').next().and_then(|id| id.parse::<u32>().ok());
        if own == Some(root) || number(1) == root {
            total += f64::from(number(11) + number(12)) / TICKS_PER_S;
        }
    }
    total
}
