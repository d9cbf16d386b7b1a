//! A reader without a screen: real HTTP over loopback, cookies, form tokens. For nodes in this
//! process and for real processes alike.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, body::Bytes, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use testkit::html;

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Where a redirect leads; empty when it is none.
    pub location: String,
    /// The body.
    pub text: String,
}

/// Somebody at one node.
#[derive(Clone)]
pub struct Guest {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
    csrf: String,
}

/// How long a node may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

impl Guest {
    /// Somebody nobody knows yet.
    pub fn at(address: SocketAddr) -> Self {
        Self { address, cookies: BTreeMap::new(), csrf: String::new() }
    }

    /// Signs in through the form.
    pub async fn sign_in(&mut self, username: &str, password: &str) {
        self.get("/dang-nhap").await;
        let fields = [("username", username), ("password", password)];
        let reply = self.post("/dang-nhap", &fields).await;
        assert_eq!(reply.status, 303, "{username} could not sign in: {}", reply.text);
    }

    /// GET; remembers the page's form token.
    pub async fn get(&mut self, path: &str) -> Reply {
        self.try_send(Method::GET, path, None)
            .await
            .unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// GET that must succeed.
    pub async fn page(&mut self, path: &str) -> String {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "GET {path} → {}\n{}", reply.location, reply.text);
        reply.text
    }

    /// POST of a form with the token of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut all = vec![("csrf", self.csrf.clone())];
        all.extend(fields.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let body = testkit::form(
            &all.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>(),
        );
        self.try_send(Method::POST, path, Some(body))
            .await
            .unwrap_or_else(|error| panic!("POST {path}: {error}"))
    }

    /// A request that may fail on the way, as when the node is being killed.
    pub async fn try_send(
        &mut self,
        method: Method,
        path: &str,
        form: Option<String>,
    ) -> Result<Reply, String> {
        let sent = self.send(method, path, form);
        tokio::time::timeout(ANSWER_WITHIN, sent)
            .await
            .map_err(|_| "no answer in time".to_owned())?
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        form: Option<String>,
    ) -> Result<Reply, String> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.address.to_string())
            .header(header::CONNECTION, "close");
        for (name, value) in &self.cookies {
            request = request.header(header::COOKIE, format!("{name}={value}"));
        }
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Full::new(Bytes::from(form.unwrap_or_default()));
        let request = request.body(body).map_err(|error| error.to_string())?;
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            self.keep_cookie(line.to_str().unwrap_or_default());
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(csrf) = html::field(&text, "csrf") {
            self.csrf = csrf;
        }
        let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
        Ok(Reply {
            status: parts.status.as_u16(),
            location: location.unwrap_or_default().to_owned(),
            text,
        })
    }

    fn keep_cookie(&mut self, line: &str) {
        let pair = line.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
