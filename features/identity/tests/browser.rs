//! A browser with cookies, an address and a memory of the last page's hidden fields.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
};

use http_body_util::BodyExt;
use kernel::{
    axum::{
        body::Body,
        http::{HeaderMap, Method, Request, header},
    },
    web::Connected,
};
use testkit::{Kit, form, html};
use tower::ServiceExt;

use crate::PASSWORD;

/// An answer, read whole.
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Seen {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("")
    }

    /// Hidden fields of the page, in order.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let inputs = html::tags(&self.text).into_iter().filter(|tag| tag.name == "input");
        let hidden = inputs.filter(|tag| tag.get("type") == Some("hidden"));
        let read = |tag: html::Tag| {
            Some((tag.get("name")?.to_owned(), tag.get("value").unwrap_or_default().to_owned()))
        };
        hidden.filter_map(read).collect()
    }
}

/// A browser.
#[derive(Clone)]
pub struct Browser<'kit> {
    kit: &'kit Kit,
    pub cookies: BTreeMap<String, String>,
    pub address: IpAddr,
    csrf: String,
}

impl<'kit> Browser<'kit> {
    pub fn new(kit: &'kit Kit) -> Self {
        let address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7));
        Self { kit, cookies: BTreeMap::new(), address, csrf: String::new() }
    }

    pub fn at(mut self, last: u8) -> Self {
        self.address = IpAddr::V4(Ipv4Addr::new(203, 0, 113, last));
        self
    }

    /// The session cookie, when there is one.
    pub fn session(&self) -> Option<String> {
        self.cookies.get("phien").cloned()
    }

    pub async fn get(&mut self, path: &str) -> Seen {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Posts a form with the token of the last page that had one.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let csrf = self.csrf.clone();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.send(Method::POST, path, &[], Body::from(form(&all))).await
    }

    /// Any request, with more headers; nothing is added to the body.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Seen {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "test");
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in &self.cookies {
            request = request.header(header::COOKIE, format!("{name}={value}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).expect("a request");
        request.extensions_mut().insert(Connected { peer: self.address, trusted_proxy: false });
        let answer = self.kit.site().oneshot(request).await.expect("the site answers");
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.expect("the body arrives").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("the page is text");
        let seen = Seen { status: parts.status.as_u16(), headers: parts.headers, text };
        self.remember(&seen);
        seen
    }

    fn remember(&mut self, seen: &Seen) {
        for set in seen.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().expect("a cookie is text");
            let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if value.is_empty() || attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some((_, csrf)) = seen.hidden().into_iter().find(|(name, _)| name == "csrf") {
            self.csrf = csrf;
        }
    }

    pub async fn sign_in_with(&mut self, username: &str, password: &str) -> Seen {
        self.get("/dang-nhap").await;
        self.post("/dang-nhap", &[("username", username), ("password", password)]).await
    }

    /// Signs in with the cast's password; panics when that fails.
    pub async fn sign_in(&mut self, username: &str) {
        let seen = self.sign_in_with(username, PASSWORD).await;
        assert_eq!(seen.status, 303, "{username}: {}", seen.text);
        // The next form carries the token of the new session.
        self.get("/tai-khoan").await;
    }
}
