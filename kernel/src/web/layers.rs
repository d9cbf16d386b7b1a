//! What happens around every page, outermost first: measure, look in the page cache, run the handler,
//! give problems words, add the security headers, compress.

use std::net::IpAddr;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use cookie::Cookie;
use tower_http::catch_panic::CatchPanicLayer;

use super::{
    cache::{Cacheable, CachedPage, gzip},
    respond::{Kept, Told, next_key, problem_json, see_other},
    visit::{Preferences, Visit, set_cookie},
};
use crate::{
    app::AppRef,
    problem::{self, Failure, INTERNAL, Outcome, Problem, ProblemKind},
};

/// The other end of the connection, put into every request by the server.
#[derive(Clone, Copy, Debug)]
pub struct Connected {
    /// The peer's address.
    pub peer: IpAddr,
    /// True when the peer is the operator's own proxy, whose word about the client is taken.
    pub trusted_proxy: bool,
}

impl Connected {
    /// The client's address: the peer's, or the last one that our own proxy added.
    pub(super) fn address(&self, headers: &HeaderMap) -> String {
        let told = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
        let last = told.and_then(|list| list.rsplit(',').next()).map(str::trim);
        match last {
            Some(address) if self.trusted_proxy && address.parse::<IpAddr>().is_ok() => {
                address.to_owned()
            }
            _ => self.peer.to_string(),
        }
    }
}

/// Puts the web shell around the routes of the features.
pub fn with_layers(routes: Router<AppRef>, app: &AppRef) -> Router<AppRef> {
    routes
        .fallback(async || Failure::from(&problem::NOT_FOUND))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Failure::fault("answer a request", "the handler panicked").into_response()
        }))
        .layer(middleware::from_fn_with_state(app.clone(), around))
}

/// The largest body anything accepts, in MiB; routes that take files set their own, smaller limit.
const BODY_MAX_MIB: u64 = 256;

async fn around(State(app): State<AppRef>, mut request: Request, next: Next) -> Response {
    let preferences = Preferences::read(request.headers());
    let gzip_ok = accepts_gzip(request.headers());
    let cache_key = cache_key(&app, &request);
    if let Some(path) = &cache_key
        && let Some(page) = app.cache.find(path, preferences, app.db.wake().generation(), app.now())
    {
        let matches = request.headers().get(header::IF_NONE_MATCH) == Some(&page.etag);
        return with_headers(cached_response(page, gzip_ok, matches), &app);
    }
    let kept = Kept::default();
    request.extensions_mut().insert(kept);
    let (parts, body) = request.into_parts();
    let seen = parts.clone();
    let generation = app.db.wake().generation();
    let response = if declared_length(&parts.headers) > BODY_MAX_MIB << 20 {
        let limit = BODY_MAX_MIB.to_string();
        Failure::from(Problem::of(&problem::BODY_TOO_LARGE).with("max", limit)).into_response()
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    count(&seen.method, response.status());
    let response = match cache_key {
        Some(path) if response.extensions().get::<Cacheable>().is_some() => {
            let matches = seen.headers.get(header::IF_NONE_MATCH).cloned();
            match to_bytes(response.into_body(), usize::MAX).await {
                Ok(plain) => {
                    let page = app.cache.keep(&path, preferences, generation, app.now(), plain);
                    let matches = matches.as_ref() == Some(&page.etag);
                    cached_response(page, gzip_ok, matches)
                }
                Err(_) => Failure::fault("render a page", "its body broke off").into_response(),
            }
        }
        _ => compress(told(response, seen, &app).await, gzip_ok).await,
    };
    with_headers(response, &app)
}

/// The cache key of a request that may be answered from the cache: a GET by somebody without a session.
fn cache_key(app: &AppRef, request: &Request) -> Option<String> {
    let session = if app.https { "__Host-phien=" } else { "phien=" };
    let cookies = request.headers().get_all(header::COOKIE);
    let personal = cookies.iter().any(|line| {
        line.to_str().is_ok_and(|line| line.contains(session) || line.contains("bao="))
    });
    (request.method() == Method::GET && !personal)
        .then(|| request.uri().path_and_query().map(|path| path.as_str().to_owned()))
        .flatten()
}

fn cached_response(page: CachedPage, gzip_ok: bool, matches: bool) -> Response {
    let mut response = if matches {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(if gzip_ok { page.gzip } else { page.plain }))
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, cookie"));
    headers.insert(header::ETAG, page.etag);
    if gzip_ok && !matches {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn declared_length(headers: &HeaderMap) -> u64 {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    told.and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|list| {
        list.split(',').any(|coding| coding.trim().split(';').next() == Some("gzip"))
    })
}

/// Gives a problem its words: a page for people, `application/problem+json` for programs.
async fn told(response: Response, mut seen: Parts, app: &AppRef) -> Response {
    let Some(problem) = problem_of(&response) else { return clear_flash(response, &seen) };
    let is_api = app_path(&seen).starts_with("/api/");
    let Ok(visit) = Visit::of(&mut seen, app).await else { return plain_failure() };
    let status =
        StatusCode::from_u16(problem.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if is_api || visit.header("accept").is_some_and(|accept| accept.starts_with("application/json"))
    {
        return problem_json(&problem, &app.words, visit.lang());
    }
    if problem.kind == &problem::SIGN_IN_NEEDED && seen.method == Method::GET {
        return see_other(&format!("/dang-nhap?tiep={}", escape(&visit.path)));
    }
    let page = problem_page(&visit, &problem);
    page.map_or_else(
        |_| plain_failure(),
        |mut page| {
            *page.status_mut() = status;
            page
        },
    )
}

fn problem_page(visit: &Visit, problem: &Problem) -> Outcome<Response> {
    let key = format!("problem-{}", problem.kind.code);
    let fields: Vec<_> = visit.errors(&problem.fields);
    let kept = visit.kept().0.lock().ok().and_then(|mut slot| slot.take());
    let next = next_key(problem.kind, &visit.app.words, visit.lang(), kept.is_some());
    let link = way_on(visit, problem)
        .map(|(href, label)| minijinja::context! { href, label => visit.say(label, &[]) });
    let context = minijinja::context! {
        problem => minijinja::context! {
            code => problem.kind.code,
            status => problem.kind.status,
            title => visit.say(&key, &problem.args),
            next => visit.say(&next, &problem.args),
            fields => super::pages::as_value(&fields),
            link,
        },
        kept => kept.map(|(path, fields)| minijinja::context! {
            path,
            words => fields.iter().filter(|(name, value)| is_written(name, value))
                .map(|(_, value)| value.to_owned()).collect::<Vec<String>>(),
            fields => fields.iter().filter(|(name, _)| *name != "csrf")
                .map(|(name, value)| minijinja::context! { name, value }).collect::<Vec<_>>(),
        }),
    };
    visit.page(&super::pages::Template::<minijinja::Value>::new("kernel/problem.html"), &context)
}

/// True for what a person wrote, to be shown so that they can take it along: words, not codes of choices, versions and
/// the like, which travel all the same.
fn is_written(name: &str, value: &str) -> bool {
    let is_secret = name.contains("mat_khau") || name.contains("password");
    !is_secret && value.trim().contains(char::is_whitespace)
}

/// Where a problem's button leads, and its label: to the page that the refused form stood on.
fn way_on(visit: &Visit, problem: &Problem) -> Option<(String, &'static str)> {
    let before = page_before(visit);
    if problem.kind == &problem::SIGN_IN_NEEDED {
        let to = before.map(|path| format!("?tiep={}", escape(path))).unwrap_or_default();
        return Some((format!("/dang-nhap{to}"), "kernel-sign-in"));
    }
    let before = before.filter(|_| problem.kind.status == problem::TOO_LARGE.status)?;
    Some((before.to_owned(), "kernel-back-to-form"))
}

/// The page of ours that a form was sent from, as far as the browser tells.
fn page_before(visit: &Visit) -> Option<&str> {
    let host = visit.header(header::HOST.as_str())?;
    let (_, rest) = visit.header(header::REFERER.as_str())?.split_once("://")?;
    rest.strip_prefix(host).filter(|path| path.starts_with('/'))
}

/// What went wrong, also where axum itself refused (a bad path, a method, a body).
fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(Told(problem)) = response.extensions().get::<Told>() {
        return Some(problem.clone());
    }
    let is_ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    let kind: &'static ProblemKind = match response.status().as_u16() {
        _ if is_ours => return None,
        400 | 415 | 422 => &problem::BAD_REQUEST,
        404 => &problem::NOT_FOUND,
        405 => &problem::METHOD_NOT_ALLOWED,
        413 => &problem::TOO_LARGE,
        500.. => &INTERNAL,
        _ => return None,
    };
    Some(Problem::of(kind))
}

fn app_path(parts: &Parts) -> &str {
    parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |uri| uri.path())
}

/// The last resort, when even the problem page cannot be made.
fn plain_failure() -> Response {
    let text = "Hệ thống đang gặp sự cố. Xin vui lòng thử lại sau ít phút.";
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}

/// A line that was shown is not shown twice.
fn clear_flash(mut response: Response, seen: &Parts) -> Response {
    let had = super::visit::cookies(&seen.headers).any(|cookie| cookie.name() == "bao");
    let sets = response.headers().contains_key(header::LOCATION);
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if had && html && !sets {
        let cookie =
            Cookie::build(("bao", "")).path("/").max_age(cookie::time::Duration::ZERO).build();
        set_cookie(response.headers_mut(), &cookie);
    }
    response
}

async fn compress(response: Response, gzip_ok: bool) -> Response {
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let is_text =
        ["text/", "application/json", "application/problem", "application/geo", "image/svg"]
            .iter()
            .any(|start| kind.starts_with(start));
    let whole = response.headers().contains_key(header::CONTENT_ENCODING)
        || response.headers().contains_key(header::CONTENT_RANGE);
    // Streams (server-sent events) must not be held back.
    if !gzip_ok || !is_text || whole || kind.starts_with("text/event-stream") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, usize::MAX).await else { return plain_failure() };
    if plain.len() < 600 {
        return Response::from_parts(parts, Body::from(plain));
    }
    let packed: Bytes = gzip(&plain);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, cookie"));
    Response::from_parts(parts, Body::from(packed))
}

/// The content policy: nothing inline, nothing from elsewhere, nobody frames us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    media-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

fn with_headers(mut response: Response, app: &AppRef) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    if app.https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

fn count(method: &Method, status: StatusCode) {
    let labels = [("method", method.as_str().to_owned()), ("status", status.as_u16().to_string())];
    metrics::counter!("nhipcau_requests_total", &labels).increment(1);
}

/// Escapes a path for a query parameter.
fn escape(path: &str) -> String {
    serde_urlencoded::to_string([("", path)])
        .map_or_else(|_| String::new(), |pair| pair[1..].to_owned())
}
