//! A form as an XForm (ODK XForms 1.0, OpenRosa) and a filled-in instance of one as what it says. Pure: text in,
//! text out. Who may fetch and send them, and what becomes of what was sent, is not here.
//!
//! One question asks which report it is of (unit, period, life; the choices are a file of their own, because
//! they differ from person to person and from week to week), then one question per cell. An empty answer is a
//! cell that is not reported. A row that must be filled in asks, while its first cell is empty, what that
//! means: *không phát sinh*, *không có số liệu*, or later.

mod layout;
mod number;
mod read;
#[cfg(test)]
mod tests;
mod tree;
mod write;
mod xpath;

pub use layout::{Cell, FILES_FIELDS, Layout, Part, PartBody, REPORT, Row, Said};
pub use number::plain_number;
pub use read::{Filled, FilledFile, FilledRow, Misread, read};
pub use tree::{BadXml, Tree};
pub use write::{Asked, COMPONENTS_FILE, REPORTS_FILE, write};
