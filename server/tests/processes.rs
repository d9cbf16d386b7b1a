//! The demonstration as a newcomer runs it: real processes, killed with -9 in the middle, stopped
//! with Ctrl-C, started again.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use hyper::Method;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
};

use testkit::html;

use crate::{
    bridge::{approve, confirm, proven, write},
    guest::Guest,
    machine::fresh_folder,
};

/// A first start loads the whole country twice and turns sound into Opus, without optimisation.
const READY_WITHIN: Duration = Duration::from_secs(240);
/// A killed node comes back, or something crosses the bridge.
const SOON: Duration = Duration::from_secs(60);

/// A running demonstration.
struct Demo {
    child: Child,
    port: u16,
    data: PathBuf,
    said: Arc<Mutex<String>>,
}

impl Demo {
    async fn start(port: u16, data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nhipcau"))
            .args(["demo", "--port", &port.to_string(), "--data"])
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().expect("its output"), said.clone());
        listen(child.stderr.take().expect("its complaints"), said.clone());
        let demo = Self { child, port, data: data.to_owned(), said };
        demo.until("the welcome", READY_WITHIN, async || demo.has_said("Mật khẩu của mọi người"))
            .await;
        demo
    }

    fn has_said(&self, words: &str) -> bool {
        self.said.lock().expect("nobody panicked").contains(words)
    }

    /// Asks again until it is so; says what the program said when it never is.
    async fn until(&self, what: &str, within: Duration, mut so: impl AsyncFnMut() -> bool) {
        let started = Instant::now();
        while !so().await {
            let said = self.said.lock().expect("nobody panicked").clone();
            let gave_up = said.lines().any(|line| line.starts_with("nhipcau: "));
            assert!(
                !gave_up && started.elapsed() < within,
                "{what} did not come within {within:?}; it said:\n{said}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Everybody's password, as the visitor is told.
    fn password(&self) -> String {
        let said = self.said.lock().expect("nobody panicked");
        let line = said.lines().find_map(|line| line.split_once("Mật khẩu của mọi người:"));
        line.expect("the visitor is told how to sign in").1.trim().to_owned()
    }

    fn address(&self, offset: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port + offset))
    }

    fn hub(&self) -> Guest {
        Guest::at(self.address(0))
    }

    fn point(&self) -> Guest {
        Guest::at(self.address(1))
    }

    /// The process of a node.
    fn node(&self, name: &str) -> Option<u32> {
        processes_with(&self.data.join(name).display().to_string())
            .into_iter()
            .find(|(_, command)| command.contains("serve"))
            .map(|(id, _)| id)
    }

    /// Kills a node with -9; waits until another one answers in its place.
    async fn kill(&self, name: &str, offset: u16) {
        let before = self.node(name).unwrap_or_else(|| panic!("{name} runs"));
        signal("KILL", before);
        self.until("a new process", SOON, async || self.node(name).is_some_and(|id| id != before))
            .await;
        self.until("its answer", SOON, async || {
            let healthy =
                Guest::at(self.address(offset)).try_send(Method::GET, "/healthz", None).await;
            healthy.is_ok_and(|reply| reply.status == 200)
        })
        .await;
    }

    /// Ctrl-C; nothing may be left running.
    async fn stop(mut self) {
        signal("INT", self.child.id().expect("it runs"));
        let ended = tokio::time::timeout(Duration::from_secs(40), self.child.wait()).await;
        let status = ended.expect("it ends within forty seconds").expect("it can be waited for");
        assert!(status.success(), "{status}: {}", self.said.lock().expect("nobody panicked"));
        let left = processes_with(&self.data.display().to_string());
        assert!(left.is_empty(), "still running: {left:?}");
    }
}

fn listen(from: impl AsyncRead + Unpin + Send + 'static, into: Arc<Mutex<String>>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut said = into.lock().expect("nobody panicked");
            said.push_str(&line);
            said.push('\n');
        }
    });
}

/// Processes whose command line names this folder. Its name is this test's own.
fn processes_with(folder: &str) -> Vec<(u32, String)> {
    let entries = std::fs::read_dir("/proc").expect("these tests run on Linux");
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).ok()?;
        let command = String::from_utf8_lossy(&line).replace('\0', " ");
        command.contains(folder).then_some((id, command))
    })
    .collect()
}

fn signal(name: &str, process: u32) {
    let status = std::process::Command::new("sh")
        .args(["-c", &format!("kill -{name} {process}")])
        .status()
        .expect("sh can be run");
    assert!(status.success(), "kill -{name} {process}: {status}");
}

/// The first of three neighbouring ports that nobody uses.
fn three_ports() -> u16 {
    for _ in 0..200 {
        let first = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = first.local_addr().expect("it has an address").port();
        let others = [1, 2]
            .map(|offset| std::net::TcpListener::bind(("127.0.0.1", port.saturating_add(offset))));
        if port < u16::MAX - 2 && others.iter().all(Result::is_ok) {
            return port;
        }
    }
    panic!("no three neighbouring ports are free");
}

/// How many items the feed of a node names.
async fn items(guest: &mut Guest) -> usize {
    let feed = guest.try_send(Method::GET, "/rss.xml", None).await;
    feed.map_or(0, |feed| feed.text.matches("<item>").count())
}

/// The card of the first person on the point's roster.
async fn card(hoa: &mut Guest) -> String {
    let roster = hoa.page("/nguoi-co-uy-tin?xa=01969.2025").await;
    let is_person = |link: &String| {
        let rest = link.strip_prefix("/nguoi-co-uy-tin/").unwrap_or_default();
        rest.len() >= 20 && !rest.contains(['/', '?'])
    };
    let person =
        html::links(&roster).into_iter().find(is_person).expect("somebody is on the roster");
    hoa.page(&format!("{person}/the")).await;
    let printed = hoa.post(&format!("{person}/the"), &[]).await;
    assert_eq!(printed.status, 200, "{}", printed.text);
    let code = printed.text.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next());
    let digits: String =
        code.expect("the card tells its digits").chars().filter(char::is_ascii_digit).collect();
    format!("NC1:{digits}")
}

#[test]
fn the_demonstration_survives_kill_9_and_goes_on_after_ctrl_c() {
    testkit::run(async {
        let data = fresh_folder();
        let port = three_ports();
        let demo = Demo::start(port, &data).await;
        let seeds = items(&mut demo.hub()).await;
        assert!(seeds >= 5, "the hub shows {seeds} seeds");
        demo.until("the seeds at the point", SOON, async || {
            items(&mut demo.point()).await == seeds
        })
        .await;

        let (mut mai, mut binh, mut hien) = (demo.hub(), demo.hub(), demo.hub());
        for (guest, name) in [(&mut mai, "mai"), (&mut binh, "binh"), (&mut hien, "hien")] {
            guest.sign_in(name, &demo.password()).await;
        }
        let mut hoa = demo.point();
        hoa.sign_in("hoa", &demo.password()).await;
        let card = card(&mut hoa).await;

        for mut anybody in [demo.hub(), demo.point()] {
            assert_eq!(anybody.page("/healthz").await, "ok");
            let metrics = anybody.page("/metrics").await;
            assert!(metrics.contains("nhipcau_requests_total"), "{metrics}");
            assert!(!metrics.contains("Mai") && !metrics.contains("/bien-tap"), "{metrics}");
        }

        // The hub dies the moment it has said that the item is published.
        let id = write(&mut mai, "Tin lúc mất điện").await;
        approve(&mut binh, &id).await;
        demo.kill("hub", 0).await;
        assert!(demo.has_said("tiến trình đã chết"), "the visitor is told");
        demo.until("the item at the point", SOON, async || {
            items(&mut demo.point()).await == seeds + 1
        })
        .await;

        // The point dies the moment somebody was thanked.
        let mut village = demo.point();
        confirm(&mut village, &id, &card).await;
        demo.kill("point", 1).await;
        demo.until("the receipt at the hub", SOON, async || confirmed_at_hub(&data).await == 1)
            .await;
        let proof = async |hien: &mut Guest| proven(&hien.page(&format!("/do-phu/{id}")).await);
        demo.until("the rung at the hub", SOON, async || !proof(&mut hien).await.starts_with("0 "))
            .await;
        let rung = proof(&mut hien).await;
        assert!(
            rung.starts_with("1 ") && rung.contains('%'),
            "one of the commune's persons: {rung}"
        );
        assert_eq!(items(&mut demo.hub()).await, seeds + 1);
        assert_eq!(items(&mut demo.point()).await, seeds + 1);
        demo.stop().await;

        // A second start goes on where the first was.
        let demo = Demo::start(port, &data).await;
        assert_eq!(
            items(&mut demo.hub()).await,
            seeds + 1,
            "a second start publishes nothing again"
        );
        assert_eq!(items(&mut demo.point()).await, seeds + 1);
        assert_eq!(confirmed_at_hub(&data).await, 1);
        let mut village = demo.point();
        assert!(village.page("/kiot/muc/moi").await.contains("Tin lúc mất điện"));
        demo.stop().await;

        // Whoever makes a code for a commune that has a machine is told, and gets it all the same.
        let made = Command::new(env!("CARGO_BIN_EXE_nhipcau"))
            .args(["admin", "--data"])
            .arg(data.join("hub"))
            .args(["enrolment-code", "01969"])
            .output()
            .await
            .expect("it runs");
        let warned = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success() && made.stdout.len() > 15, "{warned}");
        assert!(warned.contains("đã có 1 máy chưa thu hồi"), "{warned}");
        let _ = std::fs::remove_dir_all(&data);
    });
}

/// Card confirmations in the hub's own file, read beside the running hub.
async fn confirmed_at_hub(data: &Path) -> i64 {
    let settings = kernel::db::Settings {
        clock: Arc::new(kernel::clock::SystemClock::default()),
        chance: kernel::chance::Chance::system(),
        wake: kernel::wake::Wake::default(),
        connections: 1,
    };
    let file = data.join("hub").join("nhipcau.db").display().to_string();
    let db = kernel::db::Db::open(&file, settings).await.expect("the hub's file opens");
    let rung = reach::Rung::Confirmed.code();
    let channel = reach::Channel::Card.code();
    let asked = crate::town::statement(format!(
        "select count(*) as value from reach_receipts where rung = {rung} and channel = {channel}"
    ));
    let count =
        db.view(async |tx| Ok(tx.one(asked, &[]).await?)).await.expect("the hub's file answers");
    db.close().await;
    count
}

#[test]
fn a_port_in_use_is_said_clearly() {
    testkit::run(async {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = taken.local_addr().expect("it has an address").port();
        let data = fresh_folder();
        let said = Command::new(env!("CARGO_BIN_EXE_nhipcau"))
            .args(["demo", "--port", &port.to_string(), "--data"])
            .arg(&data)
            .output();
        let said = tokio::time::timeout(Duration::from_secs(30), said)
            .await
            .expect("it ends")
            .expect("it runs");
        let words = String::from_utf8_lossy(&said.stderr);
        assert!(!said.status.success() && words.contains(&port.to_string()), "{words}");
        assert!(words.contains("--port"), "it says what to do: {words}");
        let _ = std::fs::remove_dir_all(&data);
    });
}

#[test]
fn every_command_teaches_with_help() {
    for command in ["demo", "serve", "join", "admin", "backup", "restore", "doctor", "bench"] {
        let told = std::process::Command::new(env!("CARGO_BIN_EXE_nhipcau"))
            .args([command, "--help"])
            .output()
            .expect("the program runs");
        let words = String::from_utf8_lossy(&told.stdout);
        assert!(told.status.success() && words.contains("Usage"), "{command}: {words}");
        assert!(words.lines().count() > 5, "{command} says too little:\n{words}");
    }
}
