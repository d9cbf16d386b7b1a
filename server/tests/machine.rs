//! One node of the walk-through: a data folder, keys, a clock that may be wrong, and a runtime of its
//! own, so that it can be killed like a process: everything it was doing stops, nothing is put away.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use kernel::{
    app::{App, AppRef, NodeRole},
    chance::{Chance, hex},
    clock::{Clock, SystemClock, Timestamp},
    db::{Db, Settings},
    files::Files,
    module::Module,
    records::Stamp,
    wake::Wake,
    web::PageCache,
};
use nhipcau::{
    bridges,
    config::{Config, NodeFile, node_seed},
    modules::modules,
    reactions::reactions,
    start::words_and_pages,
};
use sync::keys::NodeKeys;
use testkit::TestEngine;
use tokio::{net::TcpListener, runtime::Runtime, sync::watch};

use crate::town;

/// The true time, shared by all nodes of a story, and one machine's error.
#[derive(Clone)]
pub struct Wall {
    truth: Arc<AtomicI64>,
    drift_ms: i64,
    learnt_ms: Arc<AtomicI64>,
}

impl Wall {
    /// A clock that is right.
    pub fn right() -> Self {
        let truth = Arc::new(AtomicI64::new(1_795_330_800_000));
        Self { truth, drift_ms: 0, learnt_ms: Arc::default() }
    }

    /// Another machine's clock in the same world, wrong by so much.
    pub fn beside(&self, drift_ms: i64) -> Self {
        Self { truth: self.truth.clone(), drift_ms, learnt_ms: Arc::default() }
    }

    /// Time passes for everybody.
    pub fn pass(&self, ms: i64) {
        self.truth.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        self.uncorrected().plus_millis(self.learnt_ms.load(Ordering::SeqCst))
    }

    fn correct(&self, offset_ms: i64) {
        self.learnt_ms.store(offset_ms, Ordering::SeqCst);
    }

    fn uncorrected(&self) -> Timestamp {
        Timestamp::from_millis(self.truth.load(Ordering::SeqCst)).plus_millis(self.drift_ms)
    }
}

/// A node's hardware: what stays when it is switched off.
pub struct Machine {
    folder: PathBuf,
    role: NodeRole,
    database: String,
    clock: Option<Wall>,
    address: SocketAddr,
    /// True when it works by itself, as a real one does; false when the test does each step.
    by_itself: bool,
}

impl Machine {
    /// A new one. Without a `clock` it uses the real one.
    pub async fn new(
        role: NodeRole,
        engine: TestEngine,
        clock: Option<Wall>,
        by_itself: bool,
    ) -> Self {
        let folder = fresh_folder();
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let database = match engine {
            TestEngine::Sqlite => folder.join("nhipcau.db").display().to_string(),
            TestEngine::Postgres => fresh_schema().await,
        };
        let address = free_port();
        Self { folder, role, database, clock, address, by_itself }
    }

    /// Its address, the same after every start.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Switches it on.
    pub async fn start(&self) -> Running {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        let app = runtime.spawn(self.build()).await.expect("the node starts");
        let (say, stop) = watch::channel(false);
        let config = Config {
            data: self.folder.clone(),
            database_url: None,
            listen: self.address,
            https: false,
            trusted_proxy: None,
            files_quota: 100_000_000,
        };
        let address = self.address;
        let served = app.clone();
        let stopped = stop.clone();
        let listener = runtime.spawn(TcpListener::bind(address)).await.expect("the node lives");
        let listener = listener.unwrap_or_else(|error| panic!("{address}: {error}"));
        runtime
            .spawn(async move { nhipcau::serve::serve(served, &config, listener, stopped).await });
        if self.by_itself {
            runtime.spawn(nhipcau::worker::run(app.clone(), stop.clone()));
            runtime.spawn(delivery::run(app.clone(), stop));
        }
        Running { app, runtime: Some(runtime), _say: say }
    }

    fn build(&self) -> impl Future<Output = AppRef> + Send + 'static {
        let (folder, role, database) = (self.folder.clone(), self.role, self.database.clone());
        let clock: Arc<dyn Clock> = match &self.clock {
            Some(wall) => Arc::new(wall.clone()),
            None => Arc::new(SystemClock::default()),
        };
        async move {
            let settings =
                Settings { clock, chance: Chance::system(), wake: Wake::default(), connections: 4 };
            let db = Db::open(&database, settings).await.expect("the database opens");
            let modules: &'static [Module] = Box::leak(modules().into_boxed_slice());
            let migrations: Vec<_> =
                modules.iter().flat_map(|module| module.migrations).copied().collect();
            db.migrate(&migrations).await.expect("the schema is brought up to date");
            let seed = node_seed(&folder).expect("a key");
            let keys = Arc::new(NodeKeys::from_seed(&seed));
            db.sign_with(Stamp(keys.clone()));
            areas::reference::load_only(&db, &["19"]).await.expect("the province loads");
            reporting::actions::catalogue::plant_shipped(&db)
                .await
                .expect("definitions are planted");
            let (words, pages) = words_and_pages(modules).expect("words and pages");
            let files = Files::open(folder.join("files"), 100_000_000, Chance::system()).await;
            let node = if role == NodeRole::Hub {
                NodeFile::new_hub()
            } else {
                NodeFile::new_point("xã Phủ Thông", "tỉnh Thái Nguyên")
            };
            Arc::new(App {
                db,
                files: files.expect("the files folder opens"),
                modules,
                words,
                pages,
                cache: PageCache::default(),
                role,
                site: node.site(),
                keys,
                seed,
                https: false,
                resolve_caller: identity::resolve_caller,
                ports: bridges::ports(None),
            })
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A node that is on.
pub struct Running {
    /// The program.
    pub app: AppRef,
    runtime: Option<Runtime>,
    _say: watch::Sender<bool>,
}

impl Running {
    /// Pulls the plug: every task and connection is gone at once.
    pub fn kill(mut self) {
        self.pull_the_plug();
    }

    fn pull_the_plug(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Runs reactions and jobs until none is due.
    pub async fn settle(&self) {
        let reactions = reactions();
        loop {
            let handled = kernel::events::handle_due(&self.app.db, &reactions)
                .await
                .expect("events are handled");
            let ran = kernel::jobs::run_next(&self.app).await.expect("jobs run");
            if handled == 0 && !ran {
                return;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.pull_the_plug();
    }
}

/// A folder of this test run's own.
pub fn fresh_folder() -> PathBuf {
    let name =
        format!("nhipcau-site-{}-{}", std::process::id(), hex(&Chance::system().bytes::<4>()));
    std::env::temp_dir().join(name)
}

/// An address that nobody uses at the moment.
pub fn free_port() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address")
}

/// A schema of its own at the server that `TEST_POSTGRES_URL` names.
pub async fn fresh_schema() -> String {
    let url = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is not set: run `cargo xtask test`");
    let schema = format!("site_{}_{}", std::process::id(), hex(&Chance::system().bytes::<4>()));
    let clock = Arc::new(SystemClock::default());
    let settings =
        Settings { clock, chance: Chance::system(), wake: Wake::default(), connections: 2 };
    let db = Db::open(&url, settings).await.expect("PostgreSQL answers");
    let create = town::statement(format!("create schema {schema}"));
    db.change(async |tx| Ok(tx.run(create, &[]).await?)).await.expect("a schema can be made");
    db.close().await;
    let joiner = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joiner}options=-csearch_path%3D{schema}")
}
