//! Other systems that are told what was approved: each approved revision of a report once, in the transaction
//! that approves it. What a system is called, which reports it wants and by which codes, the operator says.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{app::App, clock::Day, db::Tx, problem::Outcome, scope::ScopePath};

use super::{Carry, OUTLETS, Wanted, put_quietly, wake};
use crate::{
    model::{
        SubmissionId,
        outward::{Content, Way},
    },
    store::{outbox, submissions::Submission},
};

/// In which form a system is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Ours: all of a report's figures with their states, its signatures and its hash.
    Own,
    /// A data value set of DHIS2 in JSON.
    Dxf,
    /// ADX (IHE QRPH).
    Adx,
}

/// Another system.
#[derive(Clone, Debug)]
pub struct Outlet {
    /// What it is called here; stays, since what it was told is known by it.
    pub name: String,
    /// The data sets it wants; all when empty.
    pub datasets: Vec<String>,
    /// Reports of units below this path.
    pub scope: ScopePath,
    /// Reports that were approved on this day or later.
    pub since: Day,
    /// In which form.
    pub format: Format,
    /// True to make everything ready and send nothing.
    pub dry_run: bool,
    /// Its names for our data sets, units, data elements and coordinates; ours where it says nothing.
    pub names: Names,
}

/// What another system calls things, by our names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Data sets.
    pub datasets: BTreeMap<String, String>,
    /// Units.
    pub units: BTreeMap<String, String>,
    /// Data elements.
    pub elements: BTreeMap<String, String>,
    /// Coordinates: `gt=nu`.
    pub combos: BTreeMap<String, String>,
}

/// What is brought to another system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which system.
    pub outlet: String,
    /// The same for each try.
    pub key: String,
    /// Its media type.
    pub kind: &'static str,
    /// Its content.
    pub body: Vec<u8>,
}

/// The systems that are told; offered where the operator named some.
pub struct Outlets {
    /// All of them.
    pub all: Vec<Outlet>,
    /// The way to them.
    pub by: Arc<dyn Carry<Parcel>>,
}

impl Outlet {
    fn wants(&self, dataset: &str, path: &ScopePath, on: Day) -> bool {
        (self.datasets.is_empty() || self.datasets.iter().any(|one| one == dataset))
            && self.scope.contains(path)
            && on >= self.since
    }
}

/// A report was approved: each system that wants it is told.
pub async fn approved(tx: &mut Tx, app: &App, one: &Submission) -> Outcome<()> {
    let Some(outlets) = app.port::<Outlets>() else { return Ok(()) };
    let today = tx.now().day();
    for outlet in &outlets.all {
        if outlet.wants(one.dataset.as_str(), &one.path, today) {
            tell(tx, outlet, &one.id, one.revision).await?;
        }
    }
    let now = tx.now();
    wake(tx, OUTLETS, now).await
}

async fn tell(tx: &mut Tx, outlet: &Outlet, id: &SubmissionId, revision: i64) -> Outcome<bool> {
    let wanted = Wanted {
        once: format!("outlet:{}:{id}:{revision}", outlet.name),
        way: Way::Outlet,
        recipient: outlet.name.clone(),
        subject: format!("{}: {id} · {revision}", outlet.name),
        content: Content::Report { submission: id.clone(), revision },
    };
    put_quietly(tx, wanted).await
}

/// What was approved while a system was not named yet, from its first day on. What it was told stays told.
pub async fn catch_up(app: &App) -> Outcome<usize> {
    let Some(outlets) = app.port::<Outlets>() else { return Ok(0) };
    let mut new = 0;
    for outlet in &outlets.all {
        let mut after = (String::new(), 0);
        loop {
            let found = app
                .db
                .change(async |tx| {
                    let found = outbox::approved_since(tx, outlet.since, &after, STRETCH).await?;
                    let mut told = 0;
                    for one in &found {
                        if outlet.wants(&one.dataset, &one.path, one.at.day()) {
                            told += usize::from(tell(tx, outlet, &one.id, one.revision).await?);
                        }
                    }
                    if told > 0 {
                        let now = tx.now();
                        wake(tx, OUTLETS, now).await?;
                    }
                    Ok((found, told))
                })
                .await?;
            let (found, told) = found;
            new += told;
            match found.last().filter(|_| found.len() == STRETCH) {
                Some(last) => after = (last.id.to_string(), last.revision),
                None => break,
            }
        }
    }
    Ok(new)
}

/// Approved copies looked at in one transaction.
const STRETCH: usize = 500;
