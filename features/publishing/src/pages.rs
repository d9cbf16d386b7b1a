//! Pages of the editors' room, and the files readers fetch. Reading pages are the portal's.

mod conflict;
mod decide;
mod desk;
mod dossier;
mod edit;
mod files;
mod form;
mod list;
mod names;
pub(crate) mod samples;
mod translation;
mod upload;

use kernel::{
    app::{AppRef, NodeRole},
    axum::{
        Router,
        extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request},
        http::request::Parts,
        routing::{get, post},
    },
    problem::{Failure, OrMissing, Outcome},
    web::{Fields, NavEntry, Posted, Visit},
};
use serde::Serialize;

use crate::{
    actions::{EDIT, VIEW, uploads::SOUND_BYTES_MAX},
    model::{
        PublicationId,
        version::{NOT_FOUND, ONLY_AT_HUB},
    },
};

/// The staff menu.
pub(crate) static NAV: &[NavEntry] = &[NavEntry {
    href: "/bien-tap",
    key: "publishing-nav",
    permission: Some(&VIEW),
    role: Some(NodeRole::Hub),
}];

/// Beside the file itself a form holds a few short fields.
const SOUND_BODY_MAX: usize = SOUND_BYTES_MAX + 64 * 1024;
const PICTURE_BODY_MAX: usize = crate::media::picture::MAX_UPLOAD_BYTES + 64 * 1024;
/// A long text in a form, percent-encoded: three bytes for each of its own.
const TEXT_BODY_MAX: usize = 4 << 20;

/// Addresses of publishing.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bien-tap", get(list::show))
        .route("/bien-tap/moi", get(edit::new).post(edit::begin))
        .route("/bien-tap/{id}", get(edit::show).post(edit::save))
        .route("/bien-tap/{id}/xem", get(desk::preview))
        .route("/bien-tap/{id}/xung-dot/{conflict}", get(conflict::show))
        .route("/bien-tap/{id}/xung-dot/{conflict}/bo", post(conflict::drop_kept))
        .route("/bien-tap/{id}/ban-dich/{language}", get(translation::show).post(translation::save))
        .route("/bien-tap/{id}/ban-dich", get(translation::choose))
        .route("/bien-tap/{id}/ban-dich/{language}/xoa", post(translation::remove))
        .route("/bien-tap/{id}/gui", post(decide::submit))
        .route("/bien-tap/{id}/duyet", post(decide::approve))
        .route("/bien-tap/{id}/tra-lai", post(decide::send_back))
        .route("/bien-tap/{id}/bo-nhap", post(decide::discard))
        .route("/bien-tap/{id}/khoi-phuc", post(decide::restore))
        .route("/bien-tap/{id}/dinh-chinh", post(decide::correct))
        .route("/bien-tap/{id}/go", post(decide::withdraw))
        .layer(DefaultBodyLimit::max(TEXT_BODY_MAX))
        .route(
            "/bien-tap/{id}/am-thanh",
            post(upload::sound).layer(DefaultBodyLimit::max(SOUND_BODY_MAX)),
        )
        .route("/bien-tap/{id}/am-thanh/{sound}/xoa", post(upload::remove_sound))
        .route(
            "/bien-tap/{id}/anh",
            post(upload::picture).layer(DefaultBodyLimit::max(PICTURE_BODY_MAX)),
        )
        .route("/bien-tap/{id}/anh/xoa", post(upload::remove_picture))
        .route("/tep/{hash}", get(files::serve))
}

/// A visit to the editors' room: at a hub, by somebody who works there. Checked before a body is
/// read, so that a stranger's sixty megabytes are not.
pub(crate) struct Staff(Visit);

impl FromRequestParts<AppRef> for Staff {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &AppRef) -> Result<Self, Failure> {
        let visit = Visit::from_request_parts(parts, app).await?;
        (app.role == NodeRole::Hub).then_some(()).or_missing(&ONLY_AT_HUB)?;
        visit.caller.must_somewhere(&VIEW)?;
        Ok(Self(visit))
    }
}

/// The same for those who write there.
pub(crate) struct Editor(Visit);

impl FromRequestParts<AppRef> for Editor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &AppRef) -> Result<Self, Failure> {
        let Staff(visit) = Staff::from_request_parts(parts, app).await?;
        visit.caller.must_somewhere(&EDIT)?;
        Ok(Self(visit))
    }
}

/// A form sent by somebody who works in the editors' room. It is read before its sender is refused: whose session
/// has ended while they were writing signs in and sends it again. Files are not: see [`Staff`].
pub(crate) struct StaffForm(Visit, Fields);

impl FromRequest<AppRef> for StaffForm {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &AppRef) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let staff = Staff::from_request_parts(&mut parts, app).await;
        let posted = Posted::from_request(Request::from_parts(parts, body), app).await;
        // A cookie that ran out takes the form's token with it: to sign in is what helps then.
        let Staff(visit) = staff?;
        Ok(Self(visit, posted?.fields))
    }
}

/// The same for those who write there.
pub(crate) struct EditorForm(Visit, Fields);

impl FromRequest<AppRef> for EditorForm {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &AppRef) -> Result<Self, Failure> {
        let StaffForm(visit, fields) = StaffForm::from_request(request, app).await?;
        visit.caller.must_somewhere(&EDIT)?;
        Ok(Self(visit, fields))
    }
}

/// An id from the address.
fn id_of(text: &str) -> Outcome<PublicationId> {
    PublicationId::parse(text).or_missing(&NOT_FOUND)
}

/// A choice in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
}

impl Choice {
    fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }
}
