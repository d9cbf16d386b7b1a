//! All SQL of publishing, one file for each noun.

pub(crate) mod carried;
pub(crate) mod desk;
pub(crate) mod discards;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod issued;
pub(crate) mod reading;
pub(crate) mod received;
pub(crate) mod reference;
pub(crate) mod sounds;
pub(crate) mod texts;
pub(crate) mod versions;
