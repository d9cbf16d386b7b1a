//! A hub that serves on the loopback and a point beside it, both in this process.

use std::net::SocketAddr;

use areas::AreaId;
use delivery::Probe;
use kernel::{
    caller::Caller,
    module::Module,
    problem::Outcome,
    records::{Lane, Outgoing},
    scope::ScopePath,
};
use testkit::{Kit, KitBuilder, TestEngine};

pub const COMMUNE: &str = "/vn/19.2025/01969.2025/";

pub fn modules() -> Vec<Module> {
    vec![
        areas::module(),
        identity::module(),
        publishing::module(),
        reach::module(),
        delivery::module(),
    ]
}

pub struct Hub {
    pub kit: Kit,
    pub address: SocketAddr,
}

/// A hub on either engine that answers on the loopback.
pub async fn hub(builder: KitBuilder) -> Hub {
    let kit = builder.with(modules()).start().await;
    areas::reference::load_only(kit.db(), &["01", "19"]).await.expect("the country loads");
    let listener = testkit::tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let site = kit.site();
    #[expect(clippy::disallowed_methods, reason = "the hub answers while the point asks")]
    testkit::tokio::spawn(async move { kernel::axum::serve(listener, site).await });
    Hub { kit, address }
}

/// A point that has not joined.
pub async fn point(seed: u8) -> Kit {
    let kit = KitBuilder::on(TestEngine::Sqlite).point(seed).with(modules()).start().await;
    areas::reference::load_only(kit.db(), &["01", "19"]).await.expect("the country loads");
    kit
}

impl Hub {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub async fn code(&self) -> String {
        let caller = Caller::system(self.kit.app.now());
        let commune = AreaId::parse("01969.2025").expect("an id");
        delivery::actions::make_enrolment_code(&self.kit.app, &caller, &commune)
            .await
            .expect("a code")
    }

    /// A point that has joined this hub.
    pub async fn joined(&self, seed: u8) -> (Kit, Probe) {
        let kit = point(seed).await;
        let joined =
            delivery::join(&kit.app, &self.url(), &self.code().await).await.expect("joins");
        assert_eq!(
            (joined.commune.as_str(), joined.province.as_str()),
            ("xã Phủ Thông", "tỉnh Thái Nguyên")
        );
        let probe = Probe::start(&kit.app).await.expect("a road");
        (kit, probe)
    }

    /// Says something to a subtree.
    pub async fn say(&self, target: &str, words: &str) {
        let outgoing = Outgoing {
            lane: Lane::Text,
            kind: 9_999,
            targets: vec![ScopePath::parse(target).expect("a path")],
            body: words.as_bytes().to_vec(),
        };
        let said: Outcome<u64> =
            self.kit.db().change(async |tx| tx.emit_down(outgoing).await).await;
        said.expect("is said");
    }
}

pub async fn received(kit: &Kit) -> u64 {
    delivery::road_status(&kit.app).await.expect("a status").map_or(0, |status| status.received)
}

pub async fn waiting_up(kit: &Kit) -> u64 {
    delivery::road_status(&kit.app).await.expect("a status").map_or(0, |status| status.waiting_up)
}
