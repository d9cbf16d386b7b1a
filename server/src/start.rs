//! Puts the program together: opens the database, brings the schema up to date, loads words, pages
//! and reference data. Starting twice is the same as starting once.

use std::sync::Arc;

use kernel::{
    app::{App, AppRef},
    chance::Chance,
    clock::SystemClock,
    db::{Db, Settings},
    files::Files,
    locale::{Locale, Words},
    module::Module,
    problem::{Failure, Outcome},
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
};

/// Opens the node in `config.data`; makes a new hub there when there is none.
pub async fn start(config: &Config) -> Outcome<AppRef> {
    std::fs::create_dir_all(&config.data)?;
    let node = if let Some(node) = NodeFile::read(&config.data)? {
        node
    } else {
        let node = NodeFile::new_hub();
        node.write(&config.data)?;
        node
    };
    let seed = node_seed(&config.data)?;
    let keys = Arc::new(NodeKeys::from_seed(&seed));
    let modules: &'static [Module] = Box::leak(modules().into_boxed_slice());
    let db = open_database(config).await?;
    let migrations: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    db.migrate(&migrations).await?;
    db.sign_with(Stamp(keys.clone()));
    areas::reference::load(&db).await?;
    reporting::actions::catalogue::plant_shipped(&db).await?;
    let (words, pages) = words_and_pages(modules)?;
    let files =
        Files::open(config.data.join("files"), config.files_quota, Chance::system()).await?;
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
        ports: bridges::ports(node.home.as_deref().and_then(ScopePath::parse)),
    });
    reporting::begin(&app).await?;
    reporting::begin_reminders(&app).await?;
    reporting::begin_counting(&app).await?;
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
    let address = config.database_url.as_deref().unwrap_or(&file);
    Ok(Db::open(address, settings).await?)
}

/// Every word and every page of the given features.
pub fn words_and_pages(modules: &[Module]) -> Outcome<(Words, Pages)> {
    let locales: Vec<Locale> = modules.iter().flat_map(|module| module.locales).copied().collect();
    let load = || {
        Words::load(&locales).map_err(|wrong| Failure::fault("read the locales", wrong.join("; ")))
    };
    let sources = modules.iter().flat_map(|module| module.templates).copied();
    let pages = Pages::load(sources, Arc::new(load()?))
        .map_err(|error| Failure::fault("compile the templates", error))?;
    Ok((load()?, pages))
}
