//! The nouns of publishing and their rules: what a publication is, who may do what to it and when,
//! what readers are shown, how Markdown becomes safe HTML and a version becomes bytes. Pure.

pub(crate) mod draft;
pub(crate) mod markdown;
pub(crate) mod reading;
pub(crate) mod record;
pub(crate) mod reference;
pub(crate) mod version;
pub(crate) mod view;

use kernel::typed_ids;

typed_ids! {
    /// One publication, through all its versions and on every node.
    PublicationId,
    /// One recording that somebody brought in.
    SoundId,
    /// A text that was kept because somebody else had saved first.
    ConflictId,
    /// One line of a publication's history.
    DeedId,
}

/// The language every publication is written in first; all other texts are made from it.
pub const SOURCE_LANGUAGE: &str = "vi";
