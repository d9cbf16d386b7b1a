//! One request of a phone or a program: who it speaks for, and how it is answered.

use kernel::{
    app::AppRef,
    axum::{
        Json,
        extract::FromRequestParts,
        http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
        response::{IntoResponse, Response},
    },
    caller::Caller,
    problem::{BAD_REQUEST, Failure, NOT_FOUND, Outcome, Problem, SIGN_IN_NEEDED},
    web::Visit,
};
use serde_json::{Value, json};

use super::super::program::signed_in;
use crate::{
    actions::openrosa::{self, Left, keys},
    model::{
        collect::{PROJECT, address},
        xml::escape,
    },
};

/// Longest `Authorization` with a session that is looked at.
const BEARER_BYTES_MAX: usize = 1_000;

/// A request of a phone or a program.
pub(super) struct Client {
    pub visit: Visit,
    pub caller: Caller,
    /// What stands before `/projects`: `/v1`, or `/v1/key/{key}` for a phone with a key of its own, which must find
    /// the same before every address it is told.
    root: String,
    /// What stands after `?`, in order.
    pub query: Vec<(String, String)>,
}

impl FromRequestParts<AppRef> for Client {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppRef) -> Result<Self, Response> {
        let visit =
            Visit::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let (path, query) = visit.path.split_once('?').unwrap_or((&visit.path, ""));
        let query = serde_urlencoded::from_str(query).unwrap_or_default();
        let key = path.strip_prefix("/v1/key/").and_then(|rest| rest.split('/').next());
        let key = key.map(str::to_owned);
        let below = key.as_ref().map_or("/v1/projects/", |_| "/projects/");
        let other_project =
            path.split_once(below).is_some_and(|(_, rest)| rest.split('/').next() != Some(PROJECT));
        let root = key.as_ref().map_or_else(|| "/v1".to_owned(), |key| format!("/v1/key/{key}"));
        let mut it = Self { caller: Caller::nobody(app.now()), root, query, visit };
        if other_project {
            return Err(it.refuse(Problem::of(&NOT_FOUND).into()));
        }
        if let Some(key) = key {
            // The key alone says who it is: neither a cookie nor a password beside it counts.
            it.caller = match keys::holder(app, &key, &it.visit.address).await {
                Ok(caller) => caller,
                Err(failure) => return Err(it.refuse(failure)),
            };
            return Ok(it);
        }
        let reads = [Method::GET, Method::HEAD].contains(&parts.method);
        let sent = it.visit.header(header::AUTHORIZATION.as_str()).map(str::to_owned);
        it.caller = match sent {
            Some(sent) => match known(&it.visit, &sent).await {
                Ok(caller) => caller,
                Err(failure) => return Err(it.refuse(failure)),
            },
            // A cookie may come from another site's form: it opens nothing that writes.
            None if reads => it.visit.caller.clone(),
            None => it.caller,
        };
        if it.caller.who().is_none() {
            return Err(it.refuse(Problem::of(&SIGN_IN_NEEDED).into()));
        }
        Ok(it)
    }
}

async fn known(visit: &Visit, sent: &str) -> Outcome<Caller> {
    match sent.split_once(' ') {
        Some((kind, token))
            if kind.eq_ignore_ascii_case("bearer") && sent.len() <= BEARER_BYTES_MAX =>
        {
            let found = (visit.app.resolve_caller)(&visit.app, token.trim()).await?;
            found.ok_or_else(|| Problem::of(&SIGN_IN_NEEDED).into())
        }
        _ => signed_in(visit, sent).await,
    }
}

impl Client {
    /// The first value of a parameter.
    pub fn ask(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Refuses a body of another kind than the one that is read: forms of other sites cannot send these kinds.
    pub fn must_send(&self, kind: &str) -> Outcome<()> {
        let sent = self.visit.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let bare = sent.split(';').next().unwrap_or_default().trim();
        let same = bare.eq_ignore_ascii_case(kind)
            || (kind == "application/xml" && bare.eq_ignore_ascii_case("text/xml"));
        if same { Ok(()) } else { Err((&BAD_REQUEST).into()) }
    }

    /// An address of ours as others reach it.
    pub fn url(&self, path: &str) -> String {
        url(&self.visit, path)
    }

    /// The address of something of the one project, as the client that asks reaches it.
    pub fn project_url(&self, path: &str) -> String {
        self.url(&format!("{}/projects/{PROJECT}{path}", self.root))
    }

    /// A problem in one line of words.
    pub fn words_of(&self, problem: &Problem) -> String {
        let title = self.visit.say(&format!("problem-{}", problem.kind.code), &problem.args);
        let fields = problem.fields.iter().map(|field| self.visit.say(field.key, &field.args));
        std::iter::once(title).chain(fields).collect::<Vec<_>>().join(" ")
    }

    /// What of an instance was not taken, in words.
    pub fn words_of_left(&self, left: &[Left]) -> String {
        openrosa::left_words(|key, args| self.visit.say(key, args), left)
    }

    /// An answer, or a refusal in the shape that the address's clients read.
    pub fn answer(&self, done: Outcome<Response>) -> Response {
        open_rosa(done.unwrap_or_else(|failure| self.refuse(failure)))
    }

    /// A refusal.
    pub fn refuse(&self, failure: Failure) -> Response {
        let Failure::Problem(problem) = failure else { return failure.into_response() };
        let status = problem.kind.status;
        let words = self.words_of(&problem);
        let path = self.visit.path.split('?').next().unwrap_or_default();
        let by_phone =
            ["/formList", "/submission", "/manifest"].iter().any(|end| path.ends_with(end));
        let mut response = if by_phone {
            message(status, "error", &words)
        } else {
            told(status, &json!({ "code": code_of(status), "message": words }))
        };
        // A phone with a key has no name and password to give.
        if status == 401 && self.root == "/v1" {
            let ask = HeaderValue::from_static("Basic realm=\"Nhip Cau\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
        }
        open_rosa(response)
    }
}

/// An address of ours as others reach it.
pub(crate) fn url(visit: &Visit, path: &str) -> String {
    address(visit.header(header::HOST.as_str()), visit.app.https, path)
}

/// Central numbers its problems by status and kind.
fn code_of(status: u16) -> f64 {
    match status {
        401 => 401.2,
        403 => 403.1,
        404 => 404.1,
        409 => 409.1,
        413 => 413.1,
        _ => 400.1,
    }
}

/// What OpenRosa wants on every answer.
fn open_rosa(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-openrosa-version"), HeaderValue::from_static("1.0"));
    headers.insert(
        HeaderName::from_static("x-openrosa-accept-content-length"),
        HeaderValue::from(super::BODY_MAX),
    );
    response
}

/// A message in the envelope of OpenRosa.
pub(super) fn message(status: u16, nature: &str, words: &str) -> Response {
    let body = format!(
        "<OpenRosaResponse xmlns=\"http://openrosa.org/http/response\" items=\"0\">\
         <message nature=\"{}\">{}</message></OpenRosaResponse>",
        escape(nature),
        escape(words)
    );
    let mut response = xml(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// XML.
pub(super) fn xml(body: String) -> Response {
    text("text/xml; charset=utf-8", body)
}

/// Text of a kind.
pub(super) fn text(kind: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, body).into_response()
}

/// JSON with a status.
pub(super) fn told(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(body)).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
