//! The web shell that every page stands in: who is visiting, forms, templates, problems as pages,
//! headers, compression, caching. No domain noun lives here.

mod cache;
mod escape;
mod form;
mod layers;
mod made;
mod openapi;
mod pages;
mod paging;
mod respond;
mod routes;
mod script;
mod visit;

pub use cache::PageCache;
pub use form::{Fields, Multipart, Posted, Sent, Upload};
pub use layers::{Connected, with_layers};
pub use made::Made;
pub use openapi::assemble as openapi_document;
pub use pages::{NavCount, NavEntry, Pages, Sample, Template, TemplateSource};
pub use paging::{PAGE_SIZE, Paging};
pub use respond::{Answer, Kept, json, problem_json, see_other};
pub use routes::{asset_href, routes};
pub use script::bare_script;
pub use visit::{FieldError, Preferences, Visit};
