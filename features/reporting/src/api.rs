//! Reports for programs of others: a part of the DHIS2 Web API (`/api/…`, `/api/{number}/…`), ADX in and out,
//! SDMX out (`/sdmx/…`), OpenRosa (`/formList`, `/submission`, `/v1/…`). Programs sign in with a name and a password in every request (Basic), or come from
//! our own pages with their session. Who may see and write what is decided where people are, too.

mod dhis2;
pub(crate) mod file;
pub(crate) mod openapi;
pub(crate) mod openrosa;
pub(crate) mod outlet;
mod program;
pub(crate) mod sdmx;
mod wire;

use kernel::{app::AppRef, axum::Router};

/// Every route of exchange.
pub(crate) fn routes() -> Router<AppRef> {
    dhis2::routes().merge(sdmx::routes()).merge(openrosa::routes())
}
