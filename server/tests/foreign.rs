//! What goes over the wire, read by a program that shares no line with ours: a Python script written from the
//! protocol's page, with the packages `cbor2 pycose cryptography blake3 zstandard`. Without a Python that has
//! them, named by `TEST_FOREIGN_CLIENTS`, the test says that it was skipped.

use std::sync::{Arc, Mutex};

use delivery::Probe;
use kernel::{app::NodeRole, chance::hex};
use testkit::{
    TestEngine,
    tokio::{
        self,
        io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    },
};

use crate::{
    bridge::{Bridge, PASSWORD, Plan, approve, write_for},
    machine::{Machine, fresh_folder},
};

const TITLE: &str = "Vay vốn cho hộ nghèo ở Nà Ít, Lục Bình";
const HEIR: &str = "01942.2025";

/// What went up and what came down over one connection.
type Wire = Arc<Mutex<(Vec<u8>, Vec<u8>)>>;

/// A cable that remembers everything, in front of a hub; gives its address and what it heard.
async fn tapped(hub: std::net::SocketAddr) -> (std::net::SocketAddr, Arc<Mutex<Vec<Wire>>>) {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    let heard: Arc<Mutex<Vec<Wire>>> = Arc::default();
    let all = heard.clone();
    tokio::spawn(async move {
        while let Ok((point, _)) = socket.accept().await {
            let wire = Wire::default();
            all.lock().expect("unbroken").push(wire.clone());
            let Ok(hub) = TcpStream::connect(hub).await else { return };
            let ((from_point, to_point), (from_hub, to_hub)) =
                (point.into_split(), hub.into_split());
            let down = wire.clone();
            tokio::spawn(pump(from_point, to_hub, move |bytes| {
                wire.lock().expect("unbroken").0.extend_from_slice(bytes);
            }));
            tokio::spawn(pump(from_hub, to_point, move |bytes| {
                down.lock().expect("unbroken").1.extend_from_slice(bytes);
            }));
        }
    });
    (address, heard)
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    note: impl Fn(&[u8]),
) {
    let mut some = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut some).await {
        note(&some[..read]);
        if to.write_all(&some[..read]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}

async fn read_by_others() {
    let Some(python) = std::env::var("TEST_FOREIGN_CLIENTS").ok().filter(|it| !it.is_empty())
    else {
        eprintln!("skipped: TEST_FOREIGN_CLIENTS names no Python with the packages");
        return;
    };
    let plan = Plan { engine: TestEngine::Sqlite, drift_ms: 0, by_itself: false };
    let bridge = Bridge::built(&plan).await;
    let clock = Some(bridge.wall.beside(0));
    let machine = Machine::new(NodeRole::Point, TestEngine::Sqlite, clock, false).await;
    let point = machine.start().await;
    let (address, heard) = tapped(bridge.hub_machine.address()).await;
    let code = nhipcau::keeping::enrolment_code(&bridge.hub.app, "01942").await.expect("a code");
    delivery::join(&point.app, &format!("http://{address}"), &code).await.expect("it joins");

    let (mut mai, mut binh) = (bridge.at_hub(), bridge.at_hub());
    mai.sign_in("mai", PASSWORD).await;
    binh.sign_in("binh", PASSWORD).await;
    // Several records of one frame, and one that comes alone.
    let titles = ["Lịch tiêm phòng tháng 12", TITLE, "HỌP THÔN: bàn về nước sạch 2026"];
    let mut road = Probe::start(&point.app).await.expect("a road");
    for title in titles {
        let item = write_for(&mut mai, title, HEIR).await;
        approve(&mut binh, &item).await;
        bridge.hub.settle().await;
        if title != TITLE {
            continue;
        }
        road.poll_all().await.expect("they come down");
    }
    road.poll_all().await.expect("the last comes down");

    let connections: Vec<(String, String)> = heard
        .lock()
        .expect("unbroken")
        .iter()
        .map(|wire| {
            let wire = wire.lock().expect("unbroken");
            (hex(&wire.0), hex(&wire.1))
        })
        .collect();
    let sync = format!("{}/../sync/dictionaries", env!("CARGO_MANIFEST_DIR"));
    let capture = serde_json::json!({
        "hub_keys": hex(&bridge.hub.app.keys.public().to_bytes()),
        "seed": hex(&point.app.seed),
        "dictionary": format!("{sync}/vi-1.zstd"),
        "words": format!("{sync}/vi-1.words"),
        "connections": connections,
    });
    let folder = fresh_folder();
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("capture.json");
    std::fs::write(&file, capture.to_string()).expect("written");
    let script = format!("{}/tests/foreign/read_wire.py", env!("CARGO_MANIFEST_DIR"));
    let output =
        std::process::Command::new(python).arg(script).arg(&file).output().expect("it runs");
    std::fs::remove_dir_all(&folder).expect("the capture goes");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for title in titles {
        assert!(told.lines().any(|line| line == title), "{title}: {told}");
    }
}

#[test]
fn a_program_of_others_reads_what_a_point_receives() {
    testkit::run(read_by_others());
}
