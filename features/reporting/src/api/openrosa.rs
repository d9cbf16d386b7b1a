//! OpenRosa for phones (ODK Collect and its kin) and a part of the ODK Central API for programs (`pyodk`). What
//! they expect beyond the documents is said where it is done.
//!
//! Everything belongs to one project, `1`. Clients sign in with a name and a password in every request (Basic),
//! or with a session that `POST /v1/sessions` began (Bearer); the cookie of our own pages is enough for reading.
//! A phone may have a key of its own, which stands in the address (`/v1/key/{key}/projects/1/…`, as Central's app
//! users do) and opens only what a phone needs.

mod central;
pub(crate) mod client;
mod collect;
mod odata;
mod review;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::DefaultBodyLimit,
        routing::{delete, get, post},
    },
};

/// Largest submission with its files that is taken at once; clients send the rest apart.
const BODY_MAX: usize = 24 << 20;
/// Largest instance.
const XML_MAX: usize = 4 << 20;
/// Largest JSON of a program.
const JSON_MAX: usize = 64 << 10;

/// Every route.
pub(super) fn routes() -> Router<AppRef> {
    let big = DefaultBodyLimit::max(BODY_MAX);
    let xml = DefaultBodyLimit::max(XML_MAX);
    let json = DefaultBodyLimit::max(JSON_MAX);
    Router::new()
        .route("/formList", get(collect::form_list))
        .route("/submission", get(collect::ready).post(collect::submit).layer(big))
        .route("/v1/sessions", post(central::sign_in).layer(json))
        .route("/v1/sessions/{token}", delete(central::sign_out))
        .route("/v1/users/current", get(central::me))
        .route("/v1/projects", get(central::projects))
        .route("/v1/projects/{project}", get(central::project))
        .route("/v1/projects/{project}/formList", get(collect::form_list))
        .route(
            "/v1/projects/{project}/submission",
            get(collect::ready).post(collect::submit).layer(big),
        )
        .route("/v1/key/{key}/projects/{project}/formList", get(collect::form_list))
        .route(
            "/v1/key/{key}/projects/{project}/submission",
            get(collect::ready).post(collect::submit).layer(big),
        )
        .route("/v1/key/{key}/projects/{project}/forms/{form}", get(collect::form))
        .route("/v1/key/{key}/projects/{project}/forms/{form}/manifest", get(collect::manifest))
        .route(
            "/v1/key/{key}/projects/{project}/forms/{form}/attachments/{file}",
            get(collect::file),
        )
        .route("/v1/projects/{project}/forms", get(central::forms))
        .route("/v1/projects/{project}/forms/{form}", get(central::form))
        .route("/v1/projects/{project}/forms/{form}/manifest", get(collect::manifest))
        .route("/v1/projects/{project}/forms/{form}/attachments/{file}", get(collect::file))
        .route("/v1/projects/{project}/forms/{form}/{table}", get(odata::table))
        .route(
            "/v1/projects/{project}/forms/{form}/submissions",
            get(central::submissions).post(central::create).layer(xml),
        )
        .route(
            "/v1/projects/{project}/forms/{form}/submissions/{instance}",
            get(central::submission).put(central::edit).patch(review::decide).layer(xml),
        )
        .route(
            "/v1/projects/{project}/forms/{form}/submissions/{instance}/comments",
            get(review::comments).post(review::comment).layer(json),
        )
        .route(
            "/v1/projects/{project}/forms/{form}/submissions/{instance}/attachments",
            get(central::attachments),
        )
        .route(
            "/v1/projects/{project}/forms/{form}/submissions/{instance}/attachments/{file}",
            post(central::attach).layer(big),
        )
}
