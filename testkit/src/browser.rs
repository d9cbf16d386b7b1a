//! A browser without a network: follows our cookies and form tokens, reads pages as text.

use http_body_util::BodyExt;
use kernel::axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, header},
};
use tower::ServiceExt;

use crate::kit::Kit;

/// An answer, read whole.
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body's bytes.
    pub bytes: Vec<u8>,
}

impl Page {
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// Pairs as a form body.
pub fn form(fields: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(fields).expect("pairs can be encoded")
}

impl Kit {
    /// GET as somebody: `session` is `"Mai|editor|/vn/"`, or empty for nobody.
    pub async fn get(&self, session: &str, path: &str) -> Page {
        self.send(session, Method::GET, path, None, Body::empty()).await
    }

    /// POST a form as somebody, with a token as our own page would carry it.
    pub async fn post(&self, session: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf(session);
        let mut with_token = vec![("csrf", csrf.as_str())];
        with_token.extend_from_slice(fields);
        let kind = Some("application/x-www-form-urlencoded");
        self.send(session, Method::POST, path, kind, Body::from(form(&with_token))).await
    }

    /// Goes on to where an answer points, with the cookies it has set: as a browser does.
    pub async fn follow(&self, session: &str, answer: &Page) -> Page {
        let set = answer.headers.get_all(header::SET_COOKIE).iter();
        let pair = |cookie: &HeaderValue| {
            let text = cookie.to_str().unwrap_or_default();
            text.split(';').next().unwrap_or_default().to_owned()
        };
        let cookies: Vec<String> = set.map(pair).collect();
        let cookies = cookies.join("; ");
        self.request(session, &cookies, Method::GET, answer.location(), None, Body::empty()).await
    }

    /// Any request. The body is sent as given, without a token.
    pub async fn send(
        &self,
        session: &str,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Body,
    ) -> Page {
        self.request(session, "", method, path, kind, body).await
    }

    async fn request(
        &self,
        session: &str,
        cookies: &str,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Body,
    ) -> Page {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "test");
        request = request.header(header::COOKIE, format!("khach={VISITOR}"));
        if !session.is_empty() {
            request = request.header(header::COOKIE, format!("phien={}", encode(session)));
        }
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(body).expect("a request");
        let response = self.site().oneshot(request).await.expect("the site answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the body arrives").to_bytes().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Page { status: parts.status.as_u16(), headers: parts.headers, text, bytes }
    }

    /// The form token that our pages would carry for this session.
    pub fn csrf(&self, session: &str) -> String {
        let base = if session.is_empty() { VISITOR } else { session };
        let key = self.app.secret("nhipcau 2026 form tokens");
        kernel::blake3_keyed_hex(&key, base.as_bytes())
    }
}

const VISITOR: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn encode(session: &str) -> String {
    let pair = serde_urlencoded::to_string([("", session)]).expect("text can be encoded");
    // A cookie knows no plus sign for a space.
    pair[1..].replace('+', "%20")
}
