//! A version on its way to readers, and the rules of that way. `README.md` numbers them.

use kernel::{
    clock::{Day, Timestamp},
    problem::{Outcome, Problem, ProblemKind},
    scope::ScopePath,
};
use serde::Serialize;

use super::{PublicationId, draft::Draft};

/// There is no such publication, or it is not for this person's eyes.
pub static NOT_FOUND: ProblemKind = ProblemKind { code: "publishing-not-found", status: 404 };
/// The version has left the editor's desk.
pub static NOT_DRAFT: ProblemKind = ProblemKind { code: "publishing-not-draft", status: 409 };
/// The version does not wait for anybody's approval.
pub static NOT_WAITING: ProblemKind = ProblemKind { code: "publishing-not-waiting", status: 409 };
/// Whoever wrote or changed a text may not approve it.
pub static OWN_WORK: ProblemKind = ProblemKind { code: "publishing-own-work", status: 403 };
/// Only what readers see can be corrected or withdrawn.
pub static NOT_PUBLIC: ProblemKind = ProblemKind { code: "publishing-not-public", status: 409 };
/// A correction is already being written.
pub static BEING_CORRECTED: ProblemKind =
    ProblemKind { code: "publishing-being-corrected", status: 409 };
/// Titles, targets and files together do not fit into one record.
pub static TOO_MUCH: ProblemKind = ProblemKind { code: "publishing-too-much", status: 422 };
/// The file belongs to a publication but has not reached this node yet.
pub static FILE_NOT_HERE: ProblemKind =
    ProblemKind { code: "publishing-file-not-here", status: 404 };
/// Editing is done at a hub.
pub static ONLY_AT_HUB: ProblemKind = ProblemKind { code: "publishing-only-at-hub", status: 404 };

/// Where a version stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum State {
    /// On the editor's desk.
    Draft,
    /// Waits for a second person.
    Submitted {
        /// Who asked.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Approved; will be published at a set time.
    Approved {
        /// Who approved.
        by: String,
        /// When it will be published.
        publish_at: Timestamp,
    },
    /// Readers see it.
    Published {
        /// Since when.
        at: Timestamp,
    },
    /// A later version took its place.
    Corrected {
        /// Which.
        by_version: u32,
    },
    /// Taken back.
    Withdrawn {
        /// Why, for readers who ask.
        reason: String,
    },
    /// Its last day has passed.
    Expired {
        /// The first day on which it was not shown.
        since: Day,
    },
}

impl State {
    /// The stable word of the state: part of Fluent keys.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted { .. } => "submitted",
            Self::Approved { .. } => "approved",
            Self::Published { .. } => "published",
            Self::Corrected { .. } => "corrected",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Expired { .. } => "expired",
        }
    }
}

/// The publication as such: where it belongs and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Its id.
    pub id: PublicationId,
    /// The area in whose name it is published.
    pub home: ScopePath,
    /// That area's name, for readers.
    pub publisher: String,
    /// The version readers see; 0 before the first.
    pub public_version: u32,
    /// The newest withdrawn version; 0 when none was.
    pub withdrawn_version: u32,
    /// Why it was withdrawn.
    pub withdrawn_reason: String,
}

impl Publication {
    /// True when readers see some version of it (expiry apart).
    pub fn is_public(&self) -> bool {
        self.public_version > self.withdrawn_version
    }
}

/// One version, with what its editors decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its publication.
    pub publication: Publication,
    /// Its number, from 1.
    pub number: u32,
    /// How far it has come, as far as the version itself knows.
    pub phase: Phase,
    /// Grows with every change: two editors notice each other by it.
    pub revision: u32,
    /// The content with the Vietnamese text.
    pub draft: Draft,
    /// The target areas' paths, in the order of the areas.
    pub targets: Vec<TargetArea>,
    /// Words for the picture.
    pub picture_words: String,
    /// Everybody who touched it.
    pub hands: Vec<String>,
    /// Who saved last, as colleagues know them.
    pub edited_by_name: String,
    /// When.
    pub edited_at: Timestamp,
}

/// A target area with everything below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetArea {
    /// Area id.
    pub area: String,
    /// Its path when it was chosen.
    pub path: ScopePath,
    /// Its name when it was chosen.
    pub name: String,
}

/// How far a version has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// On the editor's desk.
    Draft,
    /// Waits for a second person.
    Submitted {
        /// Who asked.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Waits for its time.
    Approved {
        /// Who approved.
        by: String,
        /// When it will be published.
        publish_at: Timestamp,
    },
    /// Was published, whatever became of it later.
    Published {
        /// When.
        at: Timestamp,
    },
}

impl Version {
    /// Where it stands on a day, seen together with its publication.
    pub fn state(&self, today: Day) -> State {
        let publication = &self.publication;
        match &self.phase {
            Phase::Draft => State::Draft,
            Phase::Submitted { by, at } => State::Submitted { by: by.clone(), at: *at },
            Phase::Approved { by, publish_at } => {
                State::Approved { by: by.clone(), publish_at: *publish_at }
            }
            Phase::Published { .. } if self.number < publication.public_version => {
                State::Corrected { by_version: publication.public_version }
            }
            Phase::Published { .. } if self.number <= publication.withdrawn_version => {
                State::Withdrawn { reason: publication.withdrawn_reason.clone() }
            }
            Phase::Published { at } => match self.draft.expires {
                Some(day) if day <= today => State::Expired { since: day },
                _ => State::Published { at: *at },
            },
        }
    }

    /// Only a draft is changed (rule 1).
    pub fn must_be_draft(&self) -> Outcome<()> {
        holds(self.phase == Phase::Draft, &NOT_DRAFT)
    }

    /// Who touched a version does not approve it (rule 2).
    pub fn must_be_approvable_by(&self, account: &str) -> Outcome<()> {
        holds(matches!(self.phase, Phase::Submitted { .. }), &NOT_WAITING)?;
        holds(!self.hands.iter().any(|hand| hand == account), &OWN_WORK)
    }

    /// What waits for approval or for its time can go back to the desk.
    pub fn must_be_returnable(&self) -> Outcome<()> {
        let waits = matches!(self.phase, Phase::Submitted { .. } | Phase::Approved { .. });
        holds(waits, &NOT_WAITING)
    }

    /// Only the version that readers see is corrected or withdrawn (rule 8).
    pub fn must_be_public(&self) -> Outcome<()> {
        let current = self.number == self.publication.public_version;
        holds(current && self.publication.is_public(), &NOT_PUBLIC)
    }
}

fn holds(claim: bool, otherwise: &'static ProblemKind) -> Outcome<()> {
    if claim { Ok(()) } else { Err(Problem::of(otherwise).into()) }
}
