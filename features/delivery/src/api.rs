//! The routes between machines, with nothing around them: every byte is paid for by somebody on 2G.
//!
//! `POST /v1/enrol`, `/v1/hello`, `/v1/sync`; `PUT /v1/up/{session}`; `GET /v1/b/{hash}` with Range.
//! Refusals are bare status codes: the point's own pages find the words.

mod answer;
mod blob;

use http::{StatusCode, header};
use kernel::{
    app::AppRef,
    axum::{
        Router,
        body::{Body, Bytes},
        extract::{DefaultBodyLimit, Path, Query, State},
        response::Response,
        routing::{get, post, put},
    },
    problem::{FORBIDDEN, Failure, Outcome},
};
use sync::{
    frame::{Frame, Goodbye},
    poll::POLL_MOST,
    upstream::BATCH_MOST,
};

use crate::{actions, model::read_session};

pub fn routes() -> Router<AppRef> {
    Router::new()
        .route("/v1/enrol", post(enrol))
        .route("/v1/hello", post(hello))
        .route("/v1/sync", post(poll).layer(DefaultBodyLimit::max(POLL_MOST)))
        .route("/v1/up/{session}", put(up).layer(DefaultBodyLimit::max(BATCH_MOST + 1024)))
        .route("/v1/b/{hash}", get(blob::serve))
}

/// A whole answer of bytes; hyper adds its length.
fn whole(bytes: Vec<u8>) -> Response {
    Response::new(Body::from(bytes))
}

fn bare(outcome: Outcome<Response>) -> Response {
    outcome.unwrap_or_else(|failure| {
        let status = match &failure {
            Failure::Problem(problem) => {
                StatusCode::from_u16(problem.kind.status).unwrap_or(StatusCode::BAD_REQUEST)
            }
            Failure::Fault(fault) => {
                kernel::tracing::error!("failed to {fault}");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_LENGTH, http::HeaderValue::from_static("0"));
        response
    })
}

#[derive(serde::Deserialize)]
struct Belonging {
    /// The hub that the asking point belongs to already.
    hub: Option<String>,
}

async fn enrol(
    State(app): State<AppRef>,
    Query(belonging): Query<Belonging>,
    body: Bytes,
) -> Response {
    bare(actions::admit(&app, belonging.hub.as_deref(), &body).await.map(whole))
}

async fn hello(State(app): State<AppRef>, body: Bytes) -> Response {
    bare(actions::hear(&app, &body).await.map(|greeting| whole(greeting.answer)))
}

async fn poll(State(app): State<AppRef>, body: Bytes) -> Response {
    bare(answer::answer(app, &body).await)
}

/// Takes a batch; the acknowledgement is proven by the session's key.
async fn up(State(app): State<AppRef>, Path(session): Path<String>, batch: Bytes) -> Response {
    bare(take(&app, &session, &batch).await)
}

async fn take(app: &AppRef, session: &str, batch: &[u8]) -> Outcome<Response> {
    let id = read_session(session).ok_or_else(|| Failure::from(&FORBIDDEN))?;
    let (session, _, _) = app.db.view(async |tx| actions::session_of(tx, id).await).await?;
    let taken = actions::take_batch(app, batch).await?;
    let time_ms = u64::try_from(app.now().millis()).unwrap_or(0);
    let goodbye = Frame::Goodbye(Goodbye { more: false, time_ms, ack: Some(taken.ack) });
    let bytes = goodbye.encode(&session.frame_key());
    bytes
        .map(whole)
        .ok_or_else(|| Failure::fault("acknowledge a batch", "the answer does not fit a frame"))
}
