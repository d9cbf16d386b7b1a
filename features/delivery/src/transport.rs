//! One warm HTTP/1.1 connection to the hub, with nothing in a request that is not needed there.

mod trust;

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{Error as TlsError, pki_types::ServerName},
};

pub use trust::{Authorities, Trust};

/// How long a connection may take to open; a satellite with TLS needs several seconds.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// How long a body may stand still before we call the line broken.
pub const STILL_AT_MOST: Duration = Duration::from_secs(90);
/// No whole answer that we read into memory is longer.
const ANSWER_MOST: usize = 4 * 1024 * 1024;

/// Why a request did not get through.
#[derive(Debug, thiserror::Error)]
pub enum RoadFault {
    /// No connection.
    #[error("cannot reach {0}")]
    Unreachable(String),
    /// Somebody answers there whose certificate nobody we trust vouches for.
    #[error("the certificate of {0} is not to be trusted")]
    Untrusted(String),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// Nothing came for too long.
    #[error("no answer in time")]
    Silent,
}

/// A whole answer.
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// The way to one hub.
pub struct Transport {
    host: String,
    port: u16,
    /// The host with its port when that is not the scheme's own (RFC 9110 §7.2).
    authority: String,
    tls: Option<TlsConnector>,
    base: String,
    warm: Option<SendRequest<Full<Bytes>>>,
}

impl Transport {
    /// For `http://host[:port][/path]` or `https://…`; none when it is not such an address.
    pub fn new(url: &str, trust: &Trust<'_>) -> Option<Self> {
        let uri: Uri = url.trim().parse().ok()?;
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let usual = if secure { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(usual);
        let host = uri.host()?.to_owned();
        Some(Self {
            authority: if port == usual { host.clone() } else { format!("{host}:{port}") },
            host,
            port,
            tls: if secure { trust.connector() } else { None },
            base: uri.path().trim_end_matches('/').to_owned(),
            warm: None,
        })
        .filter(|transport| transport.tls.is_some() == secure)
    }

    /// Sends a POST and reads the whole answer.
    pub async fn post(
        &mut self,
        path: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Answered, RoadFault> {
        self.whole(Method::POST, path, None, body, patience).await
    }

    /// Sends a request and reads the whole answer.
    pub async fn whole(
        &mut self,
        method: Method,
        path: &str,
        range: Option<(u64, u64)>,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Answered, RoadFault> {
        let mut response = self.send(method, path, range, body, patience).await?;
        let status = response.status().as_u16();
        let mut whole = Vec::new();
        while let Some(bytes) = next_bytes(&mut response).await? {
            whole.extend_from_slice(&bytes);
            if whole.len() > ANSWER_MOST {
                return Err(RoadFault::Broken("the answer is too long".to_owned()));
            }
        }
        Ok(Answered { status, body: whole })
    }

    /// Sends a request; the caller reads the body as it comes. A warm connection that turns out to
    /// be dead is replaced once: every request of the protocol may be repeated.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        range: Option<(u64, u64)>,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Response<Incoming>, RoadFault> {
        let body = Bytes::from(body);
        let was_warm = self.warm.is_some();
        let first = self.try_send(&method, path, range, body.clone(), patience).await;
        match first {
            Err(RoadFault::Broken(_)) if was_warm => {
                self.warm = None;
                self.try_send(&method, path, range, body, patience).await
            }
            other => other,
        }
    }

    async fn try_send(
        &mut self,
        method: &Method,
        path: &str,
        range: Option<(u64, u64)>,
        body: Bytes,
        patience: Duration,
    ) -> Result<Response<Incoming>, RoadFault> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(format!("{}{path}", self.base))
            .header(header::HOST, self.authority.as_str());
        if let Some((from, to)) = range {
            request = request.header(header::RANGE, format!("bytes={from}-{to}"));
        }
        let request =
            request.body(Full::new(body)).map_err(|error| RoadFault::Broken(error.to_string()))?;
        let sender = self.connection().await?;
        let answer = tokio::time::timeout(patience, async {
            sender.ready().await?;
            sender.send_request(request).await
        });
        let answered = match answer.await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(RoadFault::Broken(error.to_string())),
            Err(_) => Err(RoadFault::Silent),
        };
        if answered.is_err() {
            self.warm = None;
        }
        answered
    }

    async fn connection(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, RoadFault> {
        if self.warm.as_ref().is_none_or(SendRequest::is_closed) {
            let opened = tokio::time::timeout(CONNECT_WITHIN, self.open()).await;
            self.warm = Some(opened.map_err(|_| RoadFault::Unreachable(self.host.clone()))??);
        }
        self.warm.as_mut().ok_or(RoadFault::Silent)
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, RoadFault> {
        let unreachable = |error: std::io::Error| {
            let said = format!("{} ({error})", self.host);
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
            match inner {
                Some(TlsError::InvalidCertificate(_)) => RoadFault::Untrusted(said),
                _ => RoadFault::Unreachable(said),
            }
        };
        let host = self.host.trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, self.port)).await.map_err(unreachable)?;
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => shake_hands(stream).await,
            Some(connector) => {
                let name = ServerName::try_from(host.to_owned())
                    .map_err(|_| RoadFault::Unreachable(self.host.clone()))?;
                shake_hands(connector.connect(name, stream).await.map_err(unreachable)?).await
            }
        }
    }
}

async fn shake_hands(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
) -> Result<SendRequest<Full<Bytes>>, RoadFault> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| RoadFault::Broken(error.to_string()))?;
    #[expect(
        clippy::disallowed_methods,
        reason = "drives the connection; ends when the sender is dropped"
    )]
    tokio::spawn(async move {
        // How it ended is seen by whoever waits for an answer.
        let _ = connection.await;
    });
    Ok(sender)
}

/// The next bytes of a body; none at its end.
pub async fn next_bytes(response: &mut Response<Incoming>) -> Result<Option<Bytes>, RoadFault> {
    loop {
        let frame = tokio::time::timeout(STILL_AT_MOST, response.frame())
            .await
            .map_err(|_| RoadFault::Silent)?;
        match frame {
            None => return Ok(None),
            Some(Err(error)) => return Err(RoadFault::Broken(error.to_string())),
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
