//! The running program: everything a handler, job or reaction may need, put together once at start.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use serde::Serialize;
use sync::keys::NodeKeys;

use crate::{
    caller::Caller,
    chance::Chance,
    clock::{Clock, Timestamp},
    db::Db,
    events::Doing,
    files::Files,
    locale::Words,
    module::Module,
    records::NodeId,
    web::{PageCache, Pages},
};

/// The shared program state.
pub type AppRef = Arc<App>;

/// What kind of node this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeRole {
    /// Publishes downward, gathers upward.
    Hub,
    /// Stands in a commune; lives through weeks without the hub.
    Point,
}

/// Whose pages these are; shown in the identifier bar and the masthead.
#[derive(Clone, Debug, Serialize)]
pub struct Site {
    /// Who runs it, e.g. `UBND xã Phủ Thông`.
    pub owner_name: String,
    /// Under whom, e.g. `tỉnh Thái Nguyên`; may be empty.
    pub owner_parent: String,
    /// The masthead, e.g. `Nhịp Cầu · xã Phủ Thông`.
    pub title: String,
    /// The line under it.
    pub tagline: String,
}

/// Finds the person behind a session token; identity provides it.
pub type ResolveCaller = for<'a> fn(&'a AppRef, &'a str) -> Doing<'a, Option<Caller>>;

/// The running program.
pub struct App {
    /// The database.
    pub db: Db,
    /// Content-addressed files.
    pub files: Files,
    /// Every feature, in floor order.
    pub modules: &'static [Module],
    /// All words; the pages hold the same ones.
    pub words: Arc<Words>,
    /// All page templates.
    pub pages: Pages,
    /// Rendered public pages.
    pub cache: PageCache,
    /// Which kind of node this is.
    pub role: NodeRole,
    /// Whose pages these are.
    pub site: Site,
    /// The node's keys.
    pub keys: Arc<NodeKeys>,
    /// What the node's other secrets are derived from.
    pub seed: [u8; 32],
    /// True when people reach this node by HTTPS only: cookies are then `__Host-` and Secure.
    pub https: bool,
    /// Finds the person behind a session.
    pub resolve_caller: ResolveCaller,
    /// What features offer each other by way of the server; see [`App::port`].
    pub ports: Ports,
}

impl App {
    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.db.clock().now()
    }

    /// Where time comes from.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.db.clock()
    }

    /// Where randomness comes from.
    pub fn chance(&self) -> &Chance {
        self.db.chance()
    }

    /// This node's id.
    pub fn node_id(&self) -> NodeId {
        self.keys.node_id()
    }

    /// Something another feature offers, by the type its asker declared.
    pub fn port<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.ports.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// A key for one purpose, derived from the node's secret.
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, &self.seed)
    }
}

/// Values by type: an asker on a middle floor declares a struct of functions, the server fills it in
/// from another feature. That is how features speak without importing each other.
#[derive(Default)]
pub struct Ports(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Ports {
    /// Adds a value.
    pub fn offer<T: Any + Send + Sync>(mut self, value: T) -> Self {
        self.0.insert(TypeId::of::<T>(), Box::new(value));
        self
    }
}
