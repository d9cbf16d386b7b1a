//! Puts the program together: opens the database, brings the schema up to date, loads words, pages
//! and reference data. Starting twice is the same as starting once.

use std::{path::Path, sync::Arc};

use kernel::{
    app::{App, AppRef},
    chance::Chance,
    clock::SystemClock,
    db::{Db, DbError, Settings},
    files::Files,
    locale::{Locale, Words},
    module::Module,
    problem::{Failure, Outcome, Problem},
    records::Stamp,
    scope::ScopePath,
    wake::Wake,
    web::{PageCache, Pages},
};
use sync::keys::NodeKeys;

use crate::{
    bridges,
    config::{Config, NodeFile, node_seed},
    modules::modules,
    outward,
    trouble::{self, damaged},
};

/// Opens the node in `config.data`; makes a new hub there when there is none.
pub async fn start(config: &Config) -> Outcome<AppRef> {
    let mut node = NodeFile::read(&config.data)?.unwrap_or_else(NodeFile::new_hub);
    node.must_be_on(config)?;
    let seed = node_seed(&config.data)?;
    let keys = Arc::new(NodeKeys::from_seed(&seed));
    let modules: &'static [Module] = Box::leak(modules().into_boxed_slice());
    let db = open_database(config).await?;
    node.settle_engine(config)?;
    let migrations: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    db.migrate(&migrations).await?;
    db.sign_with(Stamp(keys.clone()));
    areas::reference::load(&db).await?;
    reporting::actions::catalogue::plant_shipped(&db).await?;
    let (words, pages) = words_and_pages(modules)?;
    let files =
        Files::open(config.data.join("files"), config.files_quota, Chance::system()).await?;
    let ports = bridges::ports(node.home.as_deref().and_then(ScopePath::parse));
    let ports = outward::offer(ports, node.outward.as_ref(), &config.data, db.clock());
    let app = Arc::new(App {
        db,
        files,
        modules,
        words,
        pages,
        cache: PageCache::default(),
        role: node.role(),
        site: node.site(),
        keys,
        seed,
        https: config.https,
        resolve_caller: identity::resolve_caller,
        ports: match authorities(&config.data)? {
            Some(own) => ports.offer(own),
            None => ports,
        },
    });
    reporting::begin(&app).await?;
    kernel::orphans::begin(&app).await?;
    reporting::begin_reminders(&app).await?;
    reporting::begin_counting(&app).await?;
    reporting::begin_sending(&app).await?;
    reporting::begin_outward(&app).await?;
    Ok(app)
}

/// Opens the database alone: for commands that need no pages.
pub async fn open_database(config: &Config) -> Outcome<Db> {
    let settings = Settings {
        clock: Arc::new(SystemClock::default()),
        chance: Chance::system(),
        wake: Wake::default(),
        connections: if config.database_url.is_some() { 24 } else { 4 },
    };
    let file = config.data.join("nhipcau.db").display().to_string();
    if let Some(url) = &config.database_url
        && !["postgres://", "postgresql://"].iter().any(|start| url.starts_with(start))
    {
        let why = "postgres://…";
        return Err(Problem::of(&trouble::DATABASE_ADDRESS).with("why", why).into());
    }
    // Not the address itself: it may hold a password.
    let name = if config.database_url.is_some() { "PostgreSQL" } else { &file };
    Db::open(config.database_url.as_deref().unwrap_or(&file), settings).await.map_err(|error| {
        match error {
            DbError::Engine(why) => {
                Problem::of(&trouble::DATABASE_SHUT).with("database", name).with("why", why).into()
            }
            other => other.into(),
        }
    })
}

/// Where a point keeps the authorities that vouch for its hub's certificate, when no public one does.
pub const AUTHORITIES_FILE: &str = "hub-ca.pem";

/// The operator's own authorities; none when there is no such file.
pub fn authorities(data: &Path) -> Outcome<Option<delivery::Authorities>> {
    let path = data.join(AUTHORITIES_FILE);
    match std::fs::read(&path) {
        Ok(text) => read_authorities(&path, &text).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(damaged(&path, error)),
    }
}

/// Reads a file of authorities, or says why it is of no use.
pub fn read_authorities(path: &Path, text: &[u8]) -> Outcome<delivery::Authorities> {
    delivery::Authorities::from_pem(text).map_err(|why| {
        let told = Problem::of(&trouble::AUTHORITIES).with("file", path.display().to_string());
        told.with("why", why).into()
    })
}

/// Every word of the given features.
pub fn words(modules: &[Module]) -> Outcome<Arc<Words>> {
    let locales: Vec<Locale> = modules.iter().flat_map(|module| module.locales).copied().collect();
    let words = Words::load(&locales);
    words.map(Arc::new).map_err(|wrong| Failure::fault("read the locales", wrong.join("; ")))
}

/// Every word and every page of the given features.
pub fn words_and_pages(modules: &[Module]) -> Outcome<(Arc<Words>, Pages)> {
    let words = words(modules)?;
    let sources = modules.iter().flat_map(|module| module.templates).copied();
    let pages = Pages::load(sources, words.clone())
        .map_err(|error| Failure::fault("read the templates", error))?;
    Ok((words, pages))
}
