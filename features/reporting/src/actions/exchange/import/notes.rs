//! What a message says beside numbers: kept as notes on their cells by the program that sends them, each once however
//! often the message comes.

use std::collections::{BTreeMap, HashSet};

use kernel::{app::App, caller::Caller, db::Tx, problem::Outcome, scope::ScopePath};

use super::{Conflict, Target, Why};
use crate::{
    actions::{
        entry::Which,
        remark::{self, About, REMARKS_MOST},
    },
    model::{CellKey, SubmissionId},
    store::{remarks, submissions::Submission},
};

/// The notes of one report that a message adds.
#[derive(Default)]
pub(super) struct Notes {
    /// What was said of cells already, by anybody; in one line, as formats have it.
    said: HashSet<(String, String)>,
    /// How many more the report holds.
    room: usize,
    fresh: BTreeMap<CellKey, String>,
}

/// A comment that finds no room.
pub(super) fn too_many(at: usize) -> Conflict {
    Conflict {
        code: "E7620",
        property: "comment",
        value: String::new(),
        why: Why::Key("reporting-too-many-notes"),
        indexes: vec![at],
    }
}

impl Notes {
    /// What was said already; nothing is asked of a message without comments.
    pub async fn read(tx: &mut Tx, id: &SubmissionId, targets: &[Target]) -> Outcome<Self> {
        if targets.iter().all(|one| one.comment.is_empty()) {
            return Ok(Self::default());
        }
        let all = remarks::of(tx, id).await?;
        let room = REMARKS_MOST.saturating_sub(all.len());
        let said = all.into_iter().map(|one| (one.cell, kernel::text::tidy(&one.words))).collect();
        Ok(Self { said, room, fresh: BTreeMap::new() })
    }

    /// Takes the comment beside a number; false when there is no room for it.
    pub fn take(&mut self, key: &CellKey, comment: &str) -> bool {
        if comment.is_empty() || self.said.contains(&(key.text(), comment.to_owned())) {
            return true;
        }
        if self.fresh.len() >= self.room {
            return false;
        }
        self.fresh.insert(key.clone(), comment.to_owned());
        true
    }

    /// True when it adds a note to a cell.
    pub fn holds(&self, key: &CellKey) -> bool {
        self.fresh.contains_key(key)
    }

    /// True when it adds none.
    pub fn is_empty(&self) -> bool {
        self.fresh.is_empty()
    }

    /// The number was not taken, nor is what stood beside it.
    pub fn leave(&mut self, key: &CellKey) {
        self.fresh.remove(key);
    }

    /// Writes them.
    pub async fn write(
        self,
        tx: &mut Tx,
        app: &App,
        caller: &Caller,
        (which, known, path): (&Which, &Submission, &ScopePath),
    ) -> Outcome<()> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let about = About::read(tx, app, which, Some(known), path).await?;
        for (key, words) in &self.fresh {
            remark::write(tx, caller, &about, &key.text(), words).await?;
        }
        Ok(())
    }
}
