//! The program in memory: modules, a fresh database on either engine, a clock that stands still.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use kernel::{
    app::{App, AppRef, NodeRole, Ports, Site},
    caller::{Caller, Grant, Person},
    chance::Chance,
    clock::{Day, ManualClock, Timestamp},
    db::{Db, Settings},
    events::{self, Doing, Reaction},
    files::Files,
    jobs,
    locale::Words,
    module::Module,
    records::Stamp,
    scope::ScopePath,
    wake::Wake,
    web::{PageCache, Pages, with_layers},
};
use sync::keys::NodeKeys;

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestEngine {
    /// A file in a temporary folder.
    Sqlite,
    /// A private schema of the server at `TEST_POSTGRES_URL`.
    Postgres,
}

/// Puts a [`Kit`] together.
pub struct KitBuilder {
    engine: TestEngine,
    modules: Vec<Module>,
    reactions: Vec<Reaction>,
    role: NodeRole,
    ports: Ports,
    seed: u8,
    resolve_caller: Option<kernel::app::ResolveCaller>,
}

impl KitBuilder {
    /// A hub with the kernel alone.
    pub fn on(engine: TestEngine) -> Self {
        Self {
            engine,
            modules: vec![kernel::module()],
            reactions: Vec::new(),
            role: NodeRole::Hub,
            ports: Ports::default(),
            seed: 1,
            resolve_caller: None,
        }
    }

    /// Adds features, in floor order.
    pub fn with(mut self, modules: impl IntoIterator<Item = Module>) -> Self {
        self.modules.extend(modules);
        self
    }

    /// Adds reactions to events.
    pub fn reacting(mut self, reactions: &[Reaction]) -> Self {
        self.reactions.extend_from_slice(reactions);
        self
    }

    /// Makes it a commune's point, with keys of its own.
    pub fn point(mut self, seed: u8) -> Self {
        self.role = NodeRole::Point;
        self.seed = seed;
        self
    }

    /// Gives it keys of its own, so that two hubs are two.
    pub fn keyed(mut self, seed: u8) -> Self {
        self.seed = seed;
        self
    }

    /// Offers a port.
    pub fn offering<T: std::any::Any + Send + Sync>(mut self, port: T) -> Self {
        self.ports = self.ports.offer(port);
        self
    }

    /// Signs people in through a real session store instead of the test's own.
    pub fn resolving(mut self, resolve: kernel::app::ResolveCaller) -> Self {
        self.resolve_caller = Some(resolve);
        self
    }

    /// Opens the database, migrates, loads words and pages.
    pub async fn start(self) -> Kit {
        let folder = fresh_folder();
        let clock = ManualClock::at(Timestamp::from_millis(1_795_330_800_000));
        let settings = Settings {
            clock: Arc::new(clock.clone()),
            chance: Chance::seeded(u64::from(self.seed)),
            wake: Wake::default(),
            connections: 4,
        };
        let address = match self.engine {
            TestEngine::Sqlite => folder.join("test.db").display().to_string(),
            TestEngine::Postgres => private_schema().await,
        };
        let db = Db::open(&address, settings).await.expect("the database opens");
        let modules: &'static [Module] = Box::leak(self.modules.into_boxed_slice());
        let migrations: Vec<_> =
            modules.iter().flat_map(|module| module.migrations).copied().collect();
        db.migrate(&migrations).await.expect("the migrations apply");
        let seed = [self.seed; 32];
        let keys = Arc::new(NodeKeys::from_seed(&seed));
        db.sign_with(Stamp(keys.clone()));
        let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
        let words = Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
        let words = Arc::new(words);
        let sources = modules.iter().flat_map(|module| module.templates).copied();
        let pages = Pages::load(sources, words.clone()).unwrap_or_else(|error| panic!("{error}"));
        let files = Files::open(folder.join("files"), 50_000_000, Chance::seeded(9)).await;
        let app = Arc::new(App {
            files: files.expect("the files folder opens"),
            modules,
            words,
            pages,
            cache: PageCache::default(),
            role: self.role,
            site: Site {
                owner_name: "UBND xã Phủ Thông".to_owned(),
                owner_parent: "tỉnh Thái Nguyên".to_owned(),
                title: "Nhịp Cầu".to_owned(),
                tagline: "Thông tin đến tận bản làng".to_owned(),
            },
            keys,
            seed,
            https: false,
            resolve_caller: self.resolve_caller.unwrap_or(resolve_test_caller),
            ports: self.ports,
            db,
        });
        Kit { app, clock, folder, reactions: self.reactions }
    }
}

/// The program, running in the test's process.
pub struct Kit {
    /// The program.
    pub app: AppRef,
    /// Its clock; move it by hand.
    pub clock: ManualClock,
    /// Its data folder, removed at the end.
    pub folder: std::path::PathBuf,
    reactions: Vec<Reaction>,
}

impl Kit {
    /// The database.
    pub fn db(&self) -> &Db {
        &self.app.db
    }

    /// Runs reactions and jobs until none is due.
    pub async fn settle(&self) {
        loop {
            let handled = events::handle_due(&self.app.db, &self.reactions)
                .await
                .expect("events are handled");
            let ran = jobs::run_next(&self.app).await.expect("jobs run");
            if handled == 0 && !ran {
                return;
            }
        }
    }

    /// The whole site, as the server would serve it.
    pub fn site(&self) -> kernel::axum::Router {
        let mut pages = kernel::axum::Router::new();
        let mut wire = kernel::axum::Router::new();
        for module in self.app.modules {
            pages = pages.merge((module.routes)());
            wire = wire.merge((module.wire)());
        }
        with_layers(pages, &self.app).merge(wire).with_state(self.app.clone())
    }
}

impl Drop for Kit {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A caller with one role over one subtree, for action tests.
pub fn caller(name: &str, role: &str, scope: &str) -> Caller {
    let now = Timestamp::from_millis(1_795_330_800_000);
    let person =
        Person { id: format!("test-{}", kernel::text::slug(name, 30)), name: name.to_owned() };
    Caller::person(person, vec![grant(role, scope)], now)
}

/// A grant without end.
pub fn grant(role: &str, scope: &str) -> Grant {
    Grant {
        role: role.to_owned(),
        scope: ScopePath::parse(scope).expect("a scope path"),
        from: Day::new(2020, 1, 1).expect("a day"),
        until: Day::FOREVER,
    }
}

/// Test sessions say who they are: `Mai|editor|/vn/`.
fn resolve_test_caller<'a>(_: &'a AppRef, token: &'a str) -> Doing<'a, Option<Caller>> {
    Box::pin(async move {
        let parts: Vec<_> = token.split('|').collect();
        Ok(match parts[..] {
            [name, role, scope] => Some(caller(name, role, scope)),
            _ => None,
        })
    })
}

static SERIAL: AtomicU32 = AtomicU32::new(0);

fn unique() -> String {
    let serial = SERIAL.fetch_add(1, Ordering::SeqCst);
    format!(
        "{}_{serial}_{}",
        std::process::id(),
        kernel::chance::hex(&Chance::system().bytes::<4>())
    )
}

fn fresh_folder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("nhipcau-test-{}", unique()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    folder
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where PostgreSQL is"
)]
async fn private_schema() -> String {
    let url = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is not set: run `cargo xtask test`, or only the SQLite half with `cargo test sqlite`");
    let schema = format!("t_{}", unique());
    let mut connection =
        <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.expect("PostgreSQL answers");
    let create = sqlx::AssertSqlSafe(format!("create schema {schema}"));
    sqlx::raw_sql(create).execute(&mut connection).await.expect("a schema can be made");
    let joiner = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joiner}options=-csearch_path%3D{schema}")
}
