//! Exchange with other systems: what they name and how (`directory`, `names`), figures coming in (`import`)
//! and going out (`export`), handing in (`complete`). How a format writes all this is the `api`'s business.

pub mod approval;
pub mod complete;
pub mod cube;
pub mod directory;
pub mod export;
pub mod import;
pub mod names;

use std::sync::{Arc, Mutex};

use kernel::{
    app::App,
    clock::Timestamp,
    problem::{Outcome, ProblemKind},
};

use self::{directory::Directory, names::Names};
use super::catalogue::{self, Catalogue};

/// A question that asks for more than is answered at once.
pub static ASKS_TOO_MUCH: ProblemKind =
    ProblemKind { code: "reporting-asks-too-much", status: 409 };
/// A question that leaves out what it needs: what, when or where.
pub static ASKS_TOO_LITTLE: ProblemKind =
    ProblemKind { code: "reporting-asks-too-little", status: 409 };
/// Something named in a question is not known here.
pub static NOT_KNOWN: ProblemKind = ProblemKind { code: "reporting-not-known", status: 409 };
/// The body is not what its kind says.
pub static UNREADABLE: ProblemKind = ProblemKind { code: "reporting-unreadable", status: 400 };

/// Units are merged and divided by decree; no figure is rewritten for it.
pub static UNITS_CHANGE_BY_DECREE: ProblemKind =
    ProblemKind { code: "reporting-units-by-decree", status: 409 };

/// How long the list of areas is taken from memory: decrees are rare.
const DIRECTORY_MS: i64 = 120_000;

/// What exchange keeps in memory, shared by every request; offered by the server.
#[derive(Default)]
pub struct Exchange {
    directory: Mutex<Option<(Timestamp, Arc<Directory>)>>,
    names: Mutex<Option<(Arc<Catalogue>, Arc<Names>)>>,
    /// Programs that have signed in: which session belongs to a name and password, by their keyed hash.
    pub(crate) sessions: Mutex<std::collections::HashMap<[u8; 32], (Timestamp, String)>>,
}

/// Everything that other systems may name.
#[derive(Clone)]
pub struct World {
    /// What is defined.
    pub catalogue: Arc<Catalogue>,
    /// Areas.
    pub areas: Arc<Directory>,
    /// Names of what is defined.
    pub names: Arc<Names>,
}

impl World {
    /// As it is now.
    pub async fn of(app: &App) -> Outcome<Self> {
        let catalogue = catalogue::current(app).await?;
        let kept = app.port::<Exchange>();
        let names = names_of(kept, &catalogue);
        let now = app.now();
        let known = kept.and_then(|kept| kept.directory.lock().ok()?.clone());
        if let Some((at, areas)) = known
            && (0..DIRECTORY_MS).contains(&now.since(at))
        {
            return Ok(Self { catalogue, areas, names });
        }
        let areas = Arc::new(app.db.view(async |tx| Directory::read(tx).await).await?);
        if let Some(mut slot) = kept.and_then(|kept| kept.directory.lock().ok()) {
            *slot = Some((now, areas.clone()));
        }
        Ok(Self { catalogue, areas, names })
    }
}

fn names_of(kept: Option<&Exchange>, catalogue: &Arc<Catalogue>) -> Arc<Names> {
    let known = kept.and_then(|kept| kept.names.lock().ok()?.clone());
    if let Some((of, names)) = known
        && Arc::ptr_eq(&of, catalogue)
    {
        return names;
    }
    let names = Arc::new(Names::of(catalogue));
    if let Some(mut slot) = kept.and_then(|kept| kept.names.lock().ok()) {
        *slot = Some((catalogue.clone(), names.clone()));
    }
    names
}

/// By what a message names things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdScheme {
    /// DHIS2's id.
    #[default]
    Uid,
    /// Our code.
    Code,
    /// The name.
    Name,
}

impl IdScheme {
    /// As a parameter has it, in any case; `None` for schemes that are not known here.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "uid" | "id" | "" => Some(Self::Uid),
            "code" => Some(Self::Code),
            "name" => Some(Self::Name),
            _ => None,
        }
    }
}

/// By what each kind of thing is named in a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdSchemes {
    /// Data elements.
    pub elements: IdScheme,
    /// Areas.
    pub units: IdScheme,
    /// Data sets.
    pub datasets: IdScheme,
    /// Coordinates and lives.
    pub combos: IdScheme,
}

impl IdSchemes {
    /// Everything by one scheme.
    pub const fn all(scheme: IdScheme) -> Self {
        Self { elements: scheme, units: scheme, datasets: scheme, combos: scheme }
    }
}
